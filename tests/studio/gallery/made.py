"""Pictures for the gallery's tests."""

import io
from typing import Any

from PIL import Image

from studio.gallery import NewVariant


def png(*colour: int) -> bytes:
    """A small picture of one colour as a PNG file."""
    out = io.BytesIO()
    Image.new("RGB", (32, 32), colour or (200, 30, 40)).save(out, "PNG")
    return out.getvalue()


def new(seed: int = 1, prompt: str = "a navy coat", **more: Any) -> NewVariant:
    """A finished picture, ready to be stored; each seed has its own colour."""
    values: dict[str, Any] = {
        "request": '{"prompt": "a navy coat"}',
        "png": png(seed % 256, 0, 90),
        "prompt": prompt,
        "seed": seed,
        "seconds": 2.5,
        "weights": "w" * 64,
        "width": 32,
        "height": 32,
    }
    values |= more
    return NewVariant(**values)
