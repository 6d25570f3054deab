"""Which files a request needs, by their role: its pictures and its styles."""

from studio.request import GenerationRequest

STYLE_FILE = "safetensors"

_STYLE = "style "


def files_of(request: GenerationRequest) -> dict[str, str]:
    """Role -> SHA-256: "sketch", "garment_image", ..., and "style 1" for the first style."""
    pictures = {role: ref.sha256 for role, ref in request.images().items()}
    styles = {f"{_STYLE}{n}": style.sha256 for n, style in enumerate(request.styles, 1)}
    return pictures | styles


def extension_of(role: str) -> str:
    """How the names of a role's files end."""
    return STYLE_FILE if role.startswith(_STYLE) else "png"
