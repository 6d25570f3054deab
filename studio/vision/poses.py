"""Poses of a request: the wardrobe's presets, and what was read from a photo that is framed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.garment.vocabulary import Region
from studio.request import Joint, Pose
from studio.vision.skeleton import SEEN, preset


def preset_pose(name: str, region: Region = "full") -> Pose:
    """One of the vocabulary's poses.

    Args:
        region: the garment's; "upper" and "lower" show that part of the body large, as the
            wardrobe shows shirts and trousers. Joints outside of the picture are hidden.

    Raises:
        BadInput: there is no pose of this name.
    """
    return Pose(
        joints=tuple(
            (round(float(x), 4), round(float(y), 4)) if score >= SEEN else None
            for x, y, score in preset(name, region)
        )
    )


def squared_pose(pose: Pose, width: int, height: int) -> Pose:
    """A pose in 0..1 of a picture, in 0..1 of the same one squared; see `framing.squared`."""
    side = max(width, height)
    left, top = (side - width) // 2, (side - height) // 2

    def moved(joint: Joint | None) -> Joint | None:
        if joint is None:
            return None
        x, y = (joint[0] * width + left) / side, (joint[1] * height + top) / side
        return round(x, 4), round(y, 4)

    return Pose(joints=tuple(moved(joint) for joint in pose.joints))


def joint_table(pose: Pose) -> NDArray[np.float32]:
    """(18, 3): x, y and 1 for each joint, all 0 for a hidden one."""
    return np.asarray([(0, 0, 0) if j is None else (*j, 1) for j in pose.joints], np.float32)


def pose_of(table: NDArray[np.float32]) -> Pose:
    """The inverse of `joint_table`; joints with a score of 0 are hidden."""
    return Pose(joints=tuple((float(x), float(y)) if s > 0 else None for x, y, s in table))
