"""The wearer's pose: an OpenPose stick figure on the board's last channels."""

from __future__ import annotations

import numpy as np

from studio.conditions.board import BOARD_CHANNELS, DRAWN_CHANNELS
from studio.conditions.control import BoardPart
from studio.request import Control, Pose
from studio.vision.poses import joint_table
from studio.vision.skeleton import draw_skeleton


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
