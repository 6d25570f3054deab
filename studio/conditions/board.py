"""The board: ink, components and pose drawn as the channels that the board control reads.

One channel holds the ink, one each component kind, three the coloured stick figure of a pose.
Kind-coded channels are learned far faster than kind-coded grey levels, and each channel can be
left empty, so that ink alone, components alone, a pose alone or any mixture are all valid boards.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.garment.spec import Component
from studio.garment.vocabulary import COMPONENTS

DRAWN_CHANNELS: tuple[str, ...] = ("ink", *COMPONENTS)
"""What is drawn of a garment; the board of the first bundled control network held no more."""

POSE_CHANNELS: tuple[str, ...] = ("pose red", "pose green", "pose blue")
"""OpenPose's coloured stick figure."""

BOARD_CHANNELS: tuple[str, ...] = (*DRAWN_CHANNELS, *POSE_CHANNELS)
"""The names of the control map's channels, in order."""

POINT_RADIUS = 5 / 256
"""A button's disc on the board, in parts of the picture's side: larger than most buttons, so
that it survives the control network's first strided convolution."""

_SUBPIXEL_BITS = 4


def draw_board(
    ink: NDArray[np.uint8] | None,
    components: Sequence[Component],
    size: int,
    figure: NDArray[np.uint8] | None = None,
) -> NDArray[np.float32]:
    """Draw the control map.

    Args:
        ink: (size, size), 255 where there is ink, or None for no ink.
        components: those without a box are left out: the board shows only known places.
        size: side of the square map in pixels.
        figure: (size, size, 3), a stick figure on black (`studio.vision.skeleton`), or None.

    Returns:
        (len(BOARD_CHANNELS), size, size) in 0..1. Points are discs; extents are half-bright
        boxes with a bright rim, so that neighbours that touch stay two.
    """
    channels = np.zeros((len(BOARD_CHANNELS), size, size), np.uint8)
    if ink is not None:
        if ink.shape != (size, size):
            raise ValueError(f"ink has shape {ink.shape}, the board is {size} x {size}")
        channels[0] = ink
    if figure is not None:
        channels[len(DRAWN_CHANNELS) :] = figure.transpose(2, 0, 1)
    scale = size * (1 << _SUBPIXEL_BITS)
    for component in components:
        if component.box is None or component.centre is None:
            continue
        channel = channels[BOARD_CHANNELS.index(component.kind)]
        if COMPONENTS[component.kind].point:
            x, y = (round((v - 0.5 / size) * scale) for v in component.centre)
            radius = round(POINT_RADIUS * scale)
            cv2.circle(channel, (x, y), radius, 255, -1, cv2.LINE_AA, _SUBPIXEL_BITS)
        else:
            left, top, right, bottom = (round(v * size) for v in component.box)
            corner = (max(right - 1, left), max(bottom - 1, top))
            inside = channel[top : corner[1] + 1, left : corner[0] + 1]
            np.maximum(inside, 128, out=inside)
            cv2.rectangle(channel, (left, top), corner, 255, max(1, round(size / 128)))
    return channels.astype(np.float32) / 255.0


def component_places(components: Sequence[Component], size: int) -> NDArray[np.bool_]:
    """Where on a (size, size) grid the board shows any component; bool."""
    drawn = draw_board(None, components, size)[: len(DRAWN_CHANNELS)]
    return drawn.max(0) > 0
