"""Pictures as networks want them: in colour, and whole in a square frame, so that nobody loses
feet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.errors import BadInput

Picture = Image.Image | NDArray[np.uint8]


def rgb_pixels(picture: Picture) -> NDArray[np.uint8]:
    """RGB pixels (H, W, 3); what is transparent lies on white. Raises BadInput without pixels."""
    if isinstance(picture, Image.Image):
        if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
            rgba = picture.convert("RGBA")
            picture = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
        picture = np.asarray(picture.convert("RGB"))
    if picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise BadInput("The picture has no colour pixels; give a picture with three channels.")
    return picture


def squared(picture: Image.Image, ground: int | None = None) -> Image.Image:
    """The whole picture in the middle of a square.

    Args:
        picture: RGB, or L for a mask.
        ground: what lies beside it, 0 to 255; None for the colour of the picture's edges.
    """
    if picture.width == picture.height:
        return picture
    pixels = np.asarray(picture).reshape(picture.height, picture.width, -1)
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    beside = np.median(edges, axis=0) if ground is None else np.full(edges.shape[1], ground)
    colour = [int(value) for value in beside]
    side = max(picture.size)
    sheet = Image.new(picture.mode, (side, side), tuple(colour) if len(colour) > 1 else colour[0])
    sheet.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return sheet


def unsquared(picture: Image.Image, aspect: float) -> Image.Image:
    """The picture that `squared` framed, by its width in parts of its height."""
    side = picture.width
    width, height = (side, round(side / aspect)) if aspect > 1 else (round(side * aspect), side)
    left, top = (side - width) // 2, (side - height) // 2
    return picture.crop((left, top, left + width, top + height))


def from_board(x: float, y: float, width: int, height: int) -> tuple[float, float]:
    """A place on the square board in a picture of any shape, each in 0..1 of its own; the board
    lies whole in the picture's middle, as its ink does."""
    side = min(width, height)
    return (x * side + (width - side) / 2) / width, (y * side + (height - side) / 2) / height
