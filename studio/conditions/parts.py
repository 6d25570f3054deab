"""The parts of the board: a sketch, components and a pose, each on its own channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.conditions.board import BOARD_CHANNELS, DRAWN_CHANNELS, draw_board
from studio.conditions.control import BoardPart
from studio.garment.spec import Component
from studio.request import Control, Pose
from studio.vision.poses import joint_table
from studio.vision.skeleton import draw_skeleton


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


def component_part(
    components: Sequence[Component], width: int, height: int, control: Control | None = None
) -> BoardPart:
    """The board with the components alone; those without a box are left out.

    Boards are square. For another shape the picture is taken as the middle of the square around
    it, so that a button stays a disc of its size.

    Args:
        components: with boxes in parts of the picture's width and height.
        width, height: of the picture, in pixels.
        control: when and how strongly they are heard.
    """
    side = max(width, height)
    x, y = (side - width) // 2, (side - height) // 2
    placed = []
    for component in components:
        if component.box is None:
            continue
        left, top, right, bottom = component.box
        box = (
            (left * width + x) / side,
            (top * height + y) / side,
            (right * width + x) / side,
            (bottom * height + y) / side,
        )
        placed.append(replace(component, box=box))
    board = draw_board(None, placed, side)
    return BoardPart("components", board[:, y : y + height, x : x + width], control or Control())


def pose_part(pose: Pose, width: int, height: int, control: Control | None = None) -> BoardPart:
    """The board with the pose alone.

    Args:
        pose: joints in parts of the picture's width and height.
        width, height: of the picture, in pixels.
        control: when and how strongly it is heard.
    """
    channels = np.zeros((len(BOARD_CHANNELS), height, width), np.float32)
    figure = draw_skeleton(joint_table(pose), width, height)
    channels[len(DRAWN_CHANNELS) :] = figure.transpose(2, 0, 1).astype(np.float32) / 255.0
    return BoardPart("pose", channels, control or Control())


def picture_part(name: str, shown: NDArray[np.float32], control: Control) -> BoardPart:
    """A picture where a control network of three channels has its map.

    Args:
        shown: (3, height, width) in 0..1.
    """
    channels = np.zeros((len(BOARD_CHANNELS), *shown.shape[1:]), np.float32)
    channels[-len(shown) :] = shown
    return BoardPart(name, channels, control)
