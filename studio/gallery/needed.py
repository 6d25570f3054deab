"""Which of the files that a request needs is of what kind, by its role."""

STYLE_FILE = "safetensors"

_STYLE = "style "


def extension_of(role: str) -> str:
    """How the names of a role's files end."""
    return STYLE_FILE if role.startswith(_STYLE) else "png"
