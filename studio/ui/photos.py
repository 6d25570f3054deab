"""Pictures that people give as references, and their masks, made safe to keep."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from studio.errors import BadInput

SIDE = 1024
"""Longest side of a kept photo, in pixels."""

_LEAST, _MOST = 0.002, 0.995
"""A mask that covers less or more of its picture than this is none."""

_CLEAR = (0.03, 0.97)
"""A picture so much of which is transparent is cut out: what is left of it is the garment."""


def read_photo(data: bytes) -> Image.Image:
    """Any picture as upright RGB on white, `SIDE` pixels at most. Raises BadInput where it is
    none."""
    from studio.vision.pictures import load_picture

    picture = load_picture(data)
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return picture


def cut_out(data: bytes, size: tuple[int, int]) -> NDArray[np.uint8] | None:
    """What is not transparent in a picture that was cut out, (height, width), 255 there; None
    for any other picture. `read_photo` must have accepted the data."""
    with Image.open(io.BytesIO(data)) as picture:
        if not picture.has_transparency_data:
            return None
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
    alpha = upright.getchannel("A").resize(size, Image.Resampling.BOX)
    mask = np.where(np.asarray(alpha) > 127, 255, 0).astype(np.uint8)
    share = float((mask > 0).mean())
    return mask if 1 - _CLEAR[1] <= share <= 1 - _CLEAR[0] else None


def read_mask(data: bytes, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A given mask at a picture's size, (height, width), 255 where it is white.

    Raises:
        BadInput: no picture, one of other proportions, or one that marks nothing or everything.
    """
    from studio.vision.garment_mask import user_mask

    picture = read_photo(data)
    alpha = cut_out(data, size)
    return checked(user_mask(picture, size) if alpha is None else alpha)


def checked(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A mask of 0 and 255. Raises BadInput where it marks nothing or everything."""
    on = np.asarray(mask) > (127 if np.max(mask, initial=0) > 1 else 0)
    share = float(on.mean()) if on.size else 0.0
    if share < _LEAST:
        raise BadInput("The mask is empty: paint what it shall cover white.")
    if share > _MOST:
        raise BadInput("The mask covers the whole picture: erase what does not belong to it.")
    return np.where(on, 255, 0).astype(np.uint8)
