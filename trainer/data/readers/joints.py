"""Body joints of the public data sets, as the wardrobe keeps them: 17 COCO joints in 0..1.

VITON-HD has OpenPose's own JSON (BODY_25, pixels of the picture). Dress Code has a list of 18
OpenPose joints on a grid of 384 x 512 whatever the picture's size, and a joint that lies outside
the picture is moved onto its border, so that one on the border says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import BadInput
from studio.garment.spec import Box
from trainer.data.readers.files import read_json

DRESSCODE_GRID = (384, 512)
"""Width and height."""
SEEN = 0.1
"""The least score of a joint that counts, as in OpenPose's own drawings (0.05) and a little more:
a wrong limb is worse than none."""

# COCO: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles; the wearer's left first.
_FROM_18 = (0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10)
_FROM_25 = (0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11)


@dataclass(frozen=True)
class Joints:
    """Where a body is.

    Attributes:
        points: (17, 3) COCO joints: x, y in 0..1 of the picture, and 1 where seen, else 0.
        face: box in 0..1, None where eyes and nose are not all seen.
    """

    points: NDArray[np.float32]
    face: Box | None


def read_joints(path: Path, width: int, height: int) -> Joints | None:
    """Read a file of either kind; None where it holds nobody.

    Args:
        width, height: of the picture that the joints belong to, in pixels.

    Raises:
        BadInput: the file is missing or of an unknown kind.
    """
    if not path.is_file():
        raise BadInput(f"{path.name} is missing.")
    data = read_json(path)
    try:
        if isinstance(data, dict) and "people" in data:
            body, face = _openpose(data["people"])
            grid = (width, height)
        elif isinstance(data, dict) and "keypoints" in data:
            body, face = np.asarray(data["keypoints"], np.float32)[:, :3], None
            grid = DRESSCODE_GRID
        else:
            raise BadInput(f"{path.name} has no joints: give OpenPose's or Dress Code's JSON.")
        if body is None:
            return None
        order = {18: _FROM_18, 25: _FROM_25}[len(body)]
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise BadInput(f"{path.name} has no list of 18 or 25 OpenPose joints.") from error
    points = _normalised(body[list(order)], grid)
    if not points[:, 2].any():
        return None
    outline = None if face is None else _normalised(face, grid)
    return Joints(points, _face_box(points, outline, width / height))


def _openpose(people: Any) -> tuple[NDArray[np.float32] | None, NDArray[np.float32] | None]:
    """Body and face points of the person that is seen best."""
    bodies = [np.asarray(p["pose_keypoints_2d"], np.float32).reshape(-1, 3) for p in people]
    if not bodies:
        return None, None
    best = int(np.argmax([body[:, 2].sum() for body in bodies]))
    face = np.asarray(people[best].get("face_keypoints_2d") or (), np.float32).reshape(-1, 3)
    return bodies[best], face if len(face) else None


def _normalised(points: NDArray[np.float32], grid: tuple[int, int]) -> NDArray[np.float32]:
    x, y = points[:, 0] / grid[0], points[:, 1] / grid[1]
    seen = (points[:, 2] >= SEEN) & (x > 0) & (y > 0) & (x < 1) & (y < 1)
    return np.stack([x * seen, y * seen, seen], axis=1).astype(np.float32)


def _face_box(
    points: NDArray[np.float32], outline: NDArray[np.float32] | None, aspect: float
) -> Box | None:
    """Forehead to chin: from the face's own points where there are some, else from the eyes."""
    nose, left, right = points[:3]
    if not (nose[2] and left[2] and right[2]):
        return None
    if outline is not None and (seen := outline[outline[:, 2] > 0]).shape[0] >= 20:
        low, high = seen[:, :2].min(axis=0), seen[:, :2].max(axis=0)
        # The points begin at the eyebrows; a forehead is about a third of a face.
        box = (low[0], low[1] - 0.35 * (high[1] - low[1]), high[0], high[1])
    else:
        middle = (left[:2] + right[:2]) / 2
        across = abs(left[0] - right[0])
        box = (middle[0] - 1.1 * across, middle[1] - 1.2 * across * aspect,
               middle[0] + 1.1 * across, middle[1] + 1.9 * across * aspect)  # fmt: skip
    left_x, top, right_x, bottom = (min(max(float(v), 0.0), 1.0) for v in box)
    return (left_x, top, right_x, bottom) if right_x > left_x and bottom > top else None
