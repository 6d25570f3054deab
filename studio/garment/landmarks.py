"""Where the body is: a skeleton in body units, and the frame that a garment hangs in.

Body units: the base of the neck of a standing or laid-out figure is (0, 0), the hip line of a
straight one is y = 112; x runs to the right of the picture, which is the wearer's left. The same
garment drawing serves a flat lay and a worn garment: only the landmarks differ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.garment.paths import Point, unit

SHOULDER, SHOULDER_DROP = 40.0, 10.0
TORSO = 112.0
WAIST = 84.0
UPPER_ARM, FOREARM = 58.0, 54.0
HIP_JOINT = 20.0
THIGH, SHIN = 90.0, 86.0
HEAD = 52.0
"""From the base of the neck to the crown."""

Pair = tuple[Point, Point]
"""A joint of both sides: picture left, picture right."""

COCO_JOINTS: tuple[str, ...] = (
    "nose", "left eye", "right eye", "left ear", "right ear", "left shoulder", "right shoulder",
    "left elbow", "right elbow", "left wrist", "right wrist", "left hip", "right hip",
    "left knee", "right knee", "left ankle", "right ankle",
)  # fmt: skip
"""COCO's 17 joints in their order."""

_SMALLEST = 1e-4
"""The least scale of a body that is drawn."""

_NARROW = 0.8
"""People's shoulders can be that much broader for their trunk than those of the drawn body."""


@dataclass(frozen=True)
class Angles:
    """Directions of the bones, in degrees from straight down; positive is outwards.

    Pairs are (picture left, picture right): the wearer's right side comes first.
    """

    tilt: float = 0.0
    upper_arm: tuple[float, float] = (14.0, 14.0)
    forearm: tuple[float, float] = (8.0, 8.0)
    thigh: tuple[float, float] = (5.0, 5.0)
    shin: tuple[float, float] = (1.0, 1.0)


POSE_ANGLES: dict[str, Angles] = {
    "standing": Angles(),
    "hands on hips": Angles(upper_arm=(42, 42), forearm=(-52, -52)),
    "one arm raised": Angles(upper_arm=(14, 152), forearm=(8, 168)),
    "walking": Angles(upper_arm=(24, 20), forearm=(6, -14), thigh=(13, 13), shin=(8, 2)),
    "arms open": Angles(upper_arm=(58, 58), forearm=(66, 66)),
}


@dataclass(frozen=True)
class Landmarks:
    """Joints in body units; pairs are (picture left, picture right)."""

    neck: Point
    pelvis: Point
    shoulders: Pair
    elbows: Pair
    wrists: Pair
    hips: Pair
    knees: Pair
    ankles: Pair
    flat: bool

    def torso(self, u: float, v: float) -> Point:
        """A point of the torso's own frame: u across, v down from the base of the neck."""
        dx, dy = unit(self.neck, self.pelvis)
        return self.neck[0] + u * dy + v * dx, self.neck[1] - u * dx + v * dy

    def keypoints(self) -> NDArray[np.float32]:
        """The 17 COCO joints, (17, 3) of x, y, visibility 1, in body units.

        COCO names sides by the wearer: left is at the right of the picture.
        """
        nose, left_eye, left_ear = (0.0, -26.0), (6.0, -31.0), (12.0, -28.0)
        right_eye, right_ear = (-6.0, -31.0), (-12.0, -28.0)
        head = [self.torso(*at) for at in (nose, left_eye, right_eye, left_ear, right_ear)]
        pairs = (self.shoulders, self.elbows, self.wrists, self.hips, self.knees, self.ankles)
        limbs = [point for pair in pairs for point in (pair[1], pair[0])]
        return np.array([(x, y, 1.0) for x, y in head + limbs], np.float32)


def _step(origin: Point, angle: float, length: float, side: int) -> Point:
    radians = math.radians(angle)
    return origin[0] + side * length * math.sin(radians), origin[1] + length * math.cos(radians)


def _hung(pair: Pair, length: float, angles: tuple[float, float]) -> Pair:
    """The other ends of two bones that begin at a pair of joints."""
    return _step(pair[0], angles[0], length, -1), _step(pair[1], angles[1], length, 1)


def pose_landmarks(angles: Angles, flat: bool = False) -> Landmarks:
    """The skeleton whose bones have these directions."""
    tilt = math.radians(angles.tilt)

    def place(u: float, v: float) -> Point:
        return u * math.cos(tilt) + v * math.sin(tilt), -u * math.sin(tilt) + v * math.cos(tilt)

    pelvis = (math.sin(tilt) * TORSO, math.cos(tilt) * TORSO)
    shoulders = place(-SHOULDER, SHOULDER_DROP), place(SHOULDER, SHOULDER_DROP)
    elbows = _hung(shoulders, UPPER_ARM, angles.upper_arm)
    wrists = _hung(elbows, FOREARM, angles.forearm)
    hips = place(-HIP_JOINT, TORSO), place(HIP_JOINT, TORSO)
    knees = _hung(hips, THIGH, angles.thigh)
    ankles = _hung(knees, SHIN, angles.shin)
    return Landmarks((0.0, 0.0), pelvis, shoulders, elbows, wrists, hips, knees, ankles, flat)


def flat_landmarks(spread: float = 16.0) -> Landmarks:
    """A garment laid out: arms `spread` degrees from the sides, legs a little apart."""
    return pose_landmarks(
        Angles(upper_arm=(spread, spread), forearm=(spread - 5, spread - 5), thigh=(4, 4)),
        flat=True,
    )


def landmarks_at(places: Mapping[str, Point]) -> tuple[Landmarks, float, Point] | None:
    """The body whose joints are at given places.

    Joints that are not given are where a standing body of that size has them.

    Args:
        places: by COCO's names, such as “left shoulder” (the wearer's left), in any unit.

    Returns:
        The landmarks in body units, and scale and shift from those to the places' unit; None
        without both shoulders, or both hips and knees, to tell the body's size by.
    """
    sides = _sides(places)

    def given(name: str) -> Pair | None:
        first, second = (places.get(f"{side} {name}") for side in sides)
        return None if first is None or second is None else (first, second)

    shoulders, hips, knees = given("shoulder"), given("hip"), given("knee")
    if shoulders is not None:
        top = _middle(shoulders)
        scale = math.dist(*shoulders) / (2 * SHOULDER)
        if hips is not None:
            # A body turned aside has narrow shoulders, one that bends forwards a short trunk.
            low = _middle(hips)
            scale = max(math.dist(top, low) / (TORSO - SHOULDER_DROP), _NARROW * scale)
        else:
            low = top[0], top[1] + scale * (TORSO - SHOULDER_DROP)
    elif hips is not None and knees is not None:
        low = _middle(hips)
        scale = max(map(math.dist, hips, knees)) / THIGH
        top = low[0], low[1] - scale * (TORSO - SHOULDER_DROP)
    else:
        return None
    if scale < _SMALLEST:
        return None
    along = unit(low, top)
    x, y = (t + a * SHOULDER_DROP * scale for t, a in zip(top, along, strict=True))
    neck = x, y

    def pair(name: str, there: Pair) -> Pair:
        first, second = (
            own if at is None else ((at[0] - neck[0]) / scale, (at[1] - neck[1]) / scale)
            for at, own in zip((places.get(f"{s} {name}") for s in sides), there, strict=True)
        )
        return first, second

    usual = Angles()
    pelvis = (low[0] - neck[0]) / scale, (low[1] - neck[1]) / scale
    at_top = pair("shoulder", ((-SHOULDER, SHOULDER_DROP), (SHOULDER, SHOULDER_DROP)))
    elbows = pair("elbow", _hung(at_top, UPPER_ARM, usual.upper_arm))
    at_hips = pair("hip", ((pelvis[0] - HIP_JOINT, pelvis[1]), (pelvis[0] + HIP_JOINT, pelvis[1])))
    at_knees = pair("knee", _hung(at_hips, THIGH, usual.thigh))
    marks = Landmarks(
        (0.0, 0.0), pelvis, at_top, elbows, pair("wrist", _hung(elbows, FOREARM, usual.forearm)),
        at_hips, at_knees, pair("ankle", _hung(at_knees, SHIN, usual.shin)), flat=False,
    )  # fmt: skip
    return marks, scale, neck


def _middle(pair: Pair) -> Point:
    return (pair[0][0] + pair[1][0]) / 2, (pair[0][1] + pair[1][1]) / 2


def _sides(places: Mapping[str, Point]) -> tuple[str, str]:
    """The wearer's sides from the picture's left to its right: reversed for a back."""
    for name in ("shoulder", "hip"):
        right, left = places.get(f"right {name}"), places.get(f"left {name}")
        if right and left:
            return ("right", "left") if right[0] <= left[0] else ("left", "right")
    return "right", "left"
