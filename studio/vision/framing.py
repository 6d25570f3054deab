"""Pictures as networks want them: in colour, and whole in a square frame, so that nobody loses
feet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.errors import BadInput
from studio.garment.spec import Box
from studio.vision.pictures import on_white

_Number = TypeVar("_Number", bound=np.generic)
Picture = Image.Image | NDArray[np.uint8]
Pictures = Sequence[Picture] | NDArray[np.uint8]
"""Pictures of any size, or (N, H, W, 3)."""

_ONE_COLOUR = 1
"""The most that a bar's pixels differ, in levels of 256."""

_BLUR = 2
"""Columns in which a seam can be blurred, where the picture was made smaller."""


def rgb_pixels(picture: Picture) -> NDArray[np.uint8]:
    """RGB pixels (H, W, 3); what is transparent lies on white. Raises BadInput without pixels."""
    if isinstance(picture, Image.Image):
        picture = np.asarray(on_white(picture))
    if picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise BadInput("The picture has no colour pixels; give a picture with three channels.")
    return picture


def cut(picture: NDArray[_Number], box: Box) -> NDArray[_Number]:
    """What of a picture (H, W, …) lies in a box, a pixel at least."""
    height, width = picture.shape[:2]
    left, top, right, bottom = box
    rows = slice(int(top * height), max(int(bottom * height), int(top * height) + 1))
    columns = slice(int(left * width), max(int(right * width), int(left * width) + 1))
    return picture[rows, columns]


def on_square(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """The whole picture in the middle of a (size, size) square of its own edge colours."""
    height, width = pixels.shape[:2]
    side = max(height, width)
    if height != width:
        left, top = (side - width) // 2, (side - height) // 2
        pixels = cv2.copyMakeBorder(
            pixels, top, side - height - top, left, side - width - left, cv2.BORDER_REPLICATE
        ).astype(np.uint8)
    if side != size:
        how = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
        pixels = cv2.resize(pixels, (size, size), interpolation=how).astype(np.uint8)
    return pixels


def from_square(box: Box, height: int, width: int) -> Box:
    """A box on `on_square`'s square as one on the picture (height, width), kept inside it."""
    side = max(height, width)
    left, top = (side - width) // 2, (side - height) // 2
    edges = [
        ((box[0] * side - left) / width, (box[2] * side - left) / width),
        ((box[1] * side - top) / height, (box[3] * side - top) / height),
    ]
    (x0, x1), (y0, y1) = ((min(max(v, 0.0), 1.0) for v in pair) for pair in edges)
    return x0, y0, x1, y1


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


def on_photo(x: float, y: float, aspect: float, size: tuple[int, int]) -> tuple[float, float]:
    """A place on a picture of `size`, the middle of a photo's square frame, in 0..1 of the photo
    itself; see `studio.engine.latents.put_back`."""
    wide, tall = (1.0, 1 / aspect) if aspect > 1 else (aspect, 1.0)
    longer = max(size)
    return (
        0.5 + (x - 0.5) * size[0] / longer / wide,
        0.5 + (y - 0.5) * size[1] / longer / tall,
    )


def without_bars(picture: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what lies between the bars that `squared` put beside it.

    Bars are of one colour, on both sides as wide, and end at a seam; where no seam is seen the
    whole picture is meant, because a plain ground goes on in them.
    """
    height, width = picture.shape[:2]
    for across in (False, True):
        turned = picture.transpose(1, 0, 2) if across else picture
        bar = _bar(turned)
        if bar:
            return (0, bar, width, height - bar) if across else (bar, 0, width - bar, height)
    return 0, 0, width, height


def _bar(picture: NDArray[np.uint8]) -> int:
    """Width of the bars left and right, 0 for none."""
    columns = picture.astype(np.int16)
    one = np.abs(columns - columns[:1, :1]).max((0, 2)) <= _ONE_COLOUR
    if one.all():
        return 0
    bar = int(min(np.argmin(one), np.argmin(one[::-1])))
    if bar == 0 or 2 * (bar + _BLUR) >= columns.shape[1]:
        return 0
    inner = np.median(columns[:, [bar + _BLUR, -bar - 1 - _BLUR]], 0)
    return bar if (np.abs(inner - columns[0, 0]).max(1) > _ONE_COLOUR).any() else 0


def to_board(x: float, y: float, width: int, height: int) -> tuple[float, float]:
    """The inverse of `from_board`; what lies beside the board is outside of 0..1."""
    side = min(width, height)
    return (x * width - (width - side) / 2) / side, (y * height - (height - side) / 2) / side


def from_board(x: float, y: float, width: int, height: int) -> tuple[float, float]:
    """A place on the square board in a picture of any shape, each in 0..1 of its own; the board
    lies whole in the picture's middle, as its ink does."""
    side = min(width, height)
    return (x * side + (width - side) / 2) / width, (y * side + (height - side) / 2) / height
