"""Where in a picture the words ask for more than its size says, as boxes in 0..1.

A denoising loss is a mean over places. Necklines and heads are few of them, and
most words of a caption are about these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.garment.spec import Box

_LEFT_SHOULDER, _RIGHT_SHOULDER = 5, 6


def head_box(face: Sequence[float]) -> Box:
    """Head and hair around a face's box."""
    left, top, right, bottom = face
    width, height = right - left, bottom - top
    return left - 0.45 * width, top - 0.55 * height, right + 0.45 * width, bottom + 0.4 * height


def neckline_box(record: Mapping[str, Any], mask: NDArray[np.uint8]) -> Box | None:
    """The neckline of a picture of the wardrobe; None where the garment has none.

    Args:
        record: as `trainer.data.shards` keeps it.
        mask: the garment's, (H, W), 255 on it.
    """
    if record["garment"]["neckline"] == "none":
        return None
    joints = record["keypoints"]
    if joints is not None:
        one, other = np.asarray(joints[_LEFT_SHOULDER]), np.asarray(joints[_RIGHT_SHOULDER])
        x, y = (one[:2] + other[:2]) / 2
        half = abs(one[0] - other[0]) / 2
        return x - 0.8 * half, y - 0.9 * half, x + 0.8 * half, y + 1.3 * half
    rows, columns = np.nonzero(mask > 127)
    if not rows.size:
        return None
    height, width = mask.shape
    x = (columns.min() + columns.max() + 1) / 2 / width
    near = np.abs(columns / width - x) < 0.14
    if not near.any():
        return None
    top = rows[near].min() / height
    return x - 0.14, top - 0.02, x + 0.14, top + 0.19


def grid_of(box: Box | None, side: int) -> NDArray[np.bool_]:
    """The cells of a (side, side) grid that a box touches; none without a box."""
    grid = np.zeros((side, side), bool)
    if box is not None:
        left, top, right, bottom = (float(np.clip(v, 0, 1)) * side for v in box)
        grid[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))] = True
    return grid
