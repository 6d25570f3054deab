"""Garments cut out of pictures, so that grounds and wearers do not take part in a comparison."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.errors import BadInput

Pixels = NDArray[np.uint8]


def check_pair(picture: Pixels, mask: Pixels) -> None:
    """Raises BadInput unless these are an RGB picture and its mask."""
    if picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise BadInput("A picture to compare has no colour pixels; give three channels.")
    if mask.shape != picture.shape[:2]:
        raise BadInput(
            f"A mask of {mask.shape[1]}x{mask.shape[0]} does not fit its picture of "
            f"{picture.shape[1]}x{picture.shape[0]}: give one of the same size."
        )


def resized(picture: Pixels, width: int, height: int) -> Pixels:
    """A picture at a size, stretched."""
    if picture.shape[:2] == (height, width):
        return picture
    shrinks = picture.shape[0] > height or picture.shape[1] > width
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8)


def resized_mask(mask: Pixels, width: int, height: int) -> NDArray[np.bool_]:
    """A mask at a size: True where the garment is."""
    if mask.shape == (height, width):
        return mask > 127
    return np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST)) > 127


def on_black(picture: Pixels, mask: NDArray[np.bool_]) -> Pixels:
    """The picture where the mask is, black elsewhere."""
    return picture * mask[..., None].astype(np.uint8)


def cropped(picture: Pixels, mask: Pixels) -> tuple[Pixels, NDArray[np.bool_]] | None:
    """The garment on black in its own bounding box, with its mask; None for an empty mask."""
    rows, columns = (np.flatnonzero((mask > 127).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    inside = mask[box] > 127
    return on_black(picture[box], inside), inside
