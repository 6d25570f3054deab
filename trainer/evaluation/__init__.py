"""How good it is: measured on pictures that nobody trained on, and shown on contact sheets."""

SUITES: tuple[str, ...] = ("vae", "perception", "base", "garment", "sheets")
PARTS: tuple[str, ...] = ("words", "page", "board", "sketch_clean", "sketch_shaky")
"""What the suite `base` can measure; each part makes its own pictures."""

METHODS: tuple[str, ...] = (
    "text_only", "image_prompt", "controlnet_garment", "magic_clothing", "imagdressing",
    "combined", "page",
)  # fmt: skip
"""What the suite `garment` compares."""

GARMENT_SHEETS: tuple[str, ...] = ("garments", "scales", "real_garments")
SHEETS: tuple[str, ...] = (
    "prompts", "sketches", "real", "guidance", "components", *GARMENT_SHEETS,
)  # fmt: skip
