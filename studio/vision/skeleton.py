"""The joints of a body, by name, and the stick figure that stands for them.

Two orders are in use. COCO's 17 (Lin et al. 2014, arXiv 1405.0312) are what the wardrobe records
and the perception network answers; OpenPose's 18 (Cao et al. 2019, arXiv 1812.08008) add a neck
and are what the published pose control was trained with. Left and right are the wearer's.
"""

from __future__ import annotations

import colorsys
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.errors import BadInput
from studio.garment.figure import fit_wearer, wearer_extent
from studio.garment.landmarks import COCO_JOINTS, POSE_ANGLES, pose_landmarks
from studio.garment.vocabulary import Region
from studio.request import JOINTS

LIMBS: tuple[tuple[str, str], ...] = (
    ("neck", "right shoulder"), ("neck", "left shoulder"), ("right shoulder", "right elbow"),
    ("right elbow", "right wrist"), ("left shoulder", "left elbow"), ("left elbow", "left wrist"),
    ("neck", "right hip"), ("right hip", "right knee"), ("right knee", "right ankle"),
    ("neck", "left hip"), ("left hip", "left knee"), ("left knee", "left ankle"),
    ("neck", "nose"), ("nose", "right eye"), ("right eye", "right ear"), ("nose", "left eye"),
    ("left eye", "left ear"),
)  # fmt: skip
"""The bones, in the order of their colours."""

COLOURS: tuple[tuple[int, int, int], ...] = tuple(
    (round(r * 255), round(g * 255), round(b * 255))
    for r, g, b in (colorsys.hsv_to_rgb(i / 18, 1, 1) for i in range(18))
)
"""Once around the colour wheel: joint i has colour i, bone i the same colour darkened."""

BONE_LIGHT = 0.6
SEEN = 0.1
"""The least score of a joint that is drawn."""

_WIDTH_AT_512 = 4
_FAR = 3.0


def check_joints(joints: Any) -> NDArray[np.float32]:
    """Joints as (18, 3) float32: x and y in 0..1 of the picture, score in 0..1, 0 for missing.

    Raises:
        BadInput: not 18 of them, a number that is not finite or far outside of the picture, or
            no joint at all.
    """
    try:
        array = np.array(joints, np.float32)
    except (TypeError, ValueError) as error:
        raise BadInput("The pose is not a table of numbers: give x, y and score of each joint.") \
            from error  # fmt: skip
    if array.shape == (len(JOINTS), 2):
        array = np.concatenate([array, np.ones((len(JOINTS), 1), np.float32)], 1)
    if array.shape != (len(JOINTS), 3):
        raise BadInput(
            f"A pose has {len(JOINTS)} joints with x, y and score, and this one is a table of "
            f"{' × '.join(map(str, array.shape)) or 'one number'}: give it in OpenPose's order."
        )
    broken = np.flatnonzero(~np.isfinite(array).all(1))
    if len(broken):
        raise BadInput(
            f"The {JOINTS[broken[0]]} of the pose has no number for a place: set its score to 0 "
            "if it is not seen."
        )
    present = array[:, 2] >= SEEN
    if not present.any():
        raise BadInput("The pose has no joints: choose a preset, or another picture of a person.")
    far = present & (np.abs(array[:, :2] - 0.5) > _FAR).any(1)
    if far.any():
        raise BadInput(
            f"The {JOINTS[int(far.argmax())]} of the pose lies far outside of the picture: give "
            "places in parts of the picture, from 0 to 1."
        )
    return array


def from_coco(joints: NDArray[Any]) -> NDArray[np.float32]:
    """(18, 3) from COCO's (17, 3); the neck is the middle of the shoulders."""
    coco = np.asarray(joints, np.float32)
    if coco.shape != (len(COCO_JOINTS), 3):
        raise BadInput(f"COCO's poses have {len(COCO_JOINTS)} joints with x, y and score.")
    result = np.zeros((len(JOINTS), 3), np.float32)
    for i, name in enumerate(JOINTS):
        if name in COCO_JOINTS:
            result[i] = coco[COCO_JOINTS.index(name)]
    left, right = (result[JOINTS.index(f"{side} shoulder")] for side in ("left", "right"))
    result[JOINTS.index("neck")] = (*(left[:2] + right[:2]) / 2, min(left[2], right[2]))
    return result


def draw_skeleton(joints: Any, width: int, height: int) -> NDArray[np.uint8]:
    """The stick figure, (height, width, 3) uint8 RGB on black, as the published control knows it.

    Bones are ellipses of 60% of their colour's light, joints full discs on top; both are 4 pixels
    thick to each side in a picture of 512.

    Raises:
        BadInput: the joints are not a pose, see `check_joints`.
    """
    table = check_joints(joints)
    canvas = np.zeros((height, width, 3), np.uint8)
    thick = max(1, round(_WIDTH_AT_512 * min(width, height) / 512))
    places = table[:, :2] * (width, height)
    present = table[:, 2] >= SEEN
    for (first, second), colour in zip(LIMBS, COLOURS, strict=False):
        a, b = JOINTS.index(first), JOINTS.index(second)
        if not (present[a] and present[b]):
            continue
        middle, along = (places[a] + places[b]) / 2, places[b] - places[a]
        bone = cv2.ellipse2Poly(
            (int(middle[0]), int(middle[1])), (int(np.hypot(*along) / 2), thick),
            int(np.degrees(np.arctan2(along[1], along[0]))), 0, 360, 1,
        )  # fmt: skip
        cv2.fillConvexPoly(canvas, np.array(bone), tuple(int(c * BONE_LIGHT) for c in colour))
    for place, there, colour in zip(places, present, COLOURS, strict=True):
        if there:
            cv2.circle(canvas, (int(place[0]), int(place[1])), thick, colour, -1)
    return canvas


def preset(pose: str, region: Region) -> NDArray[np.float32]:
    """One of the wardrobe's poses, framed as the wardrobe frames wearers.

    Args:
        pose: one of POSES.
        region: the garment's: "upper" and "full" show the head, "lower" starts at the waist.

    Returns:
        (18, 3); joints outside of the picture have the score 0.

    Raises:
        BadInput: no such pose.
    """
    if pose not in POSE_ANGLES:
        raise BadInput(f"There is no pose “{pose}”: choose one of {', '.join(POSE_ANGLES)}.")
    marks = pose_landmarks(POSE_ANGLES[pose])
    extent = wearer_extent(region, marks, (0, 0, 0, 0))
    left, _, right, bottom = extent
    scale, _ = fit_wearer(extent)
    joints = from_coco(marks.keypoints())
    joints[:, 0] = 0.5 + scale * (joints[:, 0] - (left + right) / 2)
    joints[:, 1] = 0.985 + scale * (joints[:, 1] - bottom)
    inside = ((joints[:, :2] >= 0) & (joints[:, :2] <= 1)).all(1)
    joints[~inside] = 0
    return joints
