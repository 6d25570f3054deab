"""The sketch: its ink on the board's first channel."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.conditions.board import BOARD_CHANNELS
from studio.conditions.control import BoardPart
from studio.request import Control


def fit_ink(ink: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Ink of any shape on a page of (height, width): whole, undistorted, centred."""
    if ink.shape == (height, width):
        return ink
    scale = min(width / ink.shape[1], height / ink.shape[0])
    w, h = max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    page = np.zeros((height, width), np.uint8)
    y, x = (height - h) // 2, (width - w) // 2
    page[y : y + h, x : x + w] = cv2.resize(ink, (w, h), interpolation=how)
    return page


def sketch_part(
    ink: NDArray[np.uint8], width: int, height: int, control: Control | None = None
) -> BoardPart:
    """The board with the sketch alone.

    Args:
        ink: (h, w) of any size, 255 where there is ink.
        width, height: of the picture, in pixels.
        control: when and how strongly it is heard.
    """
    channels = np.zeros((len(BOARD_CHANNELS), height, width), np.float32)
    channels[0] = fit_ink(ink, width, height).astype(np.float32) / 255.0
    return BoardPart("sketch", channels, control or Control())
