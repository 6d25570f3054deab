"""How good it is: measured on pictures that nobody trained on, and shown on contact sheets."""

SUITES: tuple[str, ...] = ("vae", "perception", "base", "sheets")
PARTS: tuple[str, ...] = ("words", "page", "board", "sketch_clean", "sketch_shaky")
"""What the suite `base` can measure; each part makes its own pictures."""

SHEETS: tuple[str, ...] = ("prompts", "sketches", "real", "guidance", "components")
