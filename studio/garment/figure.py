"""The usual wearer: a garment drawn on a body in one of the vocabulary's poses.

What a flat template is for a garment laid out, this is for one that somebody wears: its lines and
the wearer's joints, framed as the wardrobe frames them, to start from where nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from studio.garment.drawing import Drawing
from studio.garment.flats import draw_ink
from studio.garment.landmarks import (
    COCO_JOINTS,
    POSE_ANGLES,
    Landmarks,
    landmarks_at,
    pose_landmarks,
)
from studio.garment.paths import Point, Rect
from studio.garment.pattern import component_box, draw
from studio.garment.spec import Component, GarmentSpec
from studio.garment.vocabulary import Region

_SCALE = 0.975
"""The middle of the sizes that the wardrobe draws."""


def wearer_extent(region: Region, marks: Landmarks, bounds: Rect) -> Rect:
    """The part of the figure that a picture shows: what the garment covers, and the head.

    Args:
        region: the garment's. bounds: of its drawing.

    Returns:
        left, top, right, bottom in body units.
    """
    if region == "upper":
        top, bottom = -66.0, max(138.0, bounds[3] + 8)
    elif region == "lower":
        return min(bounds[0], -60.0), 52.0, max(bounds[2], 60.0), 306.0
    else:
        top, bottom = -66.0, 306.0
    across = [p[0] for p in (*marks.wrists, *marks.elbows)]
    top = min(top, min(p[1] for p in marks.wrists) - 16)
    return min(across) - 14, top, max(across) + 14, bottom


def fit_wearer(extent: Rect, factor: float = _SCALE) -> tuple[float, Point]:
    """Scale and shift from body units to a square picture of side 1, the feet at its foot."""
    left, top, right, bottom = extent
    scale = min(0.97 / (bottom - top), 0.97 / (right - left)) * factor
    return scale, (0.5 - scale * (left + right) / 2, 0.985 - scale * bottom)


Wearer = str | Mapping[str, Point]
"""Who wears it: a pose of the vocabulary, or joints by COCO's names in 0..1 of the picture."""

_SHOULDERS = {"left shoulder", "right shoulder"}
_LEGS = {f"{side} {joint}" for side in ("left", "right") for joint in ("hip", "knee")}


@dataclass(frozen=True)
class Worn:
    """A garment on a body.

    Attributes:
        spec: the garment. drawing: in body units. scale, shift: to a square picture of side 1.
        keypoints: (17, 3) COCO joints in 0..1 of the picture, with 1 for those in it, else 0.
    """

    spec: GarmentSpec
    drawing: Drawing
    scale: float
    shift: Point
    keypoints: NDArray[np.float32]

    @property
    def components(self) -> tuple[Component, ...]:
        """The garment's components, with boxes in 0..1 of the picture."""
        return tuple(
            Component(p.kind, p.place, component_box(p.bounds, self.scale, self.shift))
            for p in self.drawing.placed
        )

    def ink(self, size: int) -> NDArray[np.uint8]:
        """(size, size), 255 on the garment's lines."""
        return draw_ink(self.drawing, self.scale, self.shift, size)


@lru_cache(maxsize=64)
def worn_layout(spec: GarmentSpec, pose: str = "standing") -> Worn:
    """The plain template of a garment on somebody in a pose."""
    marks = pose_landmarks(POSE_ANGLES[pose])
    drawing = draw(spec, marks)
    scale, shift = fit_wearer(wearer_extent(spec.type.region, marks, drawing.bounds()))
    joints = marks.keypoints()
    joints[:, :2] = joints[:, :2] * scale + np.asarray(shift, np.float32)
    joints[:, 2] = ((joints[:, :2] >= 0) & (joints[:, :2] <= 1)).all(1)
    return Worn(spec, drawing, scale, shift, joints.astype(np.float32))


def worn_on(spec: GarmentSpec, places: Mapping[str, Point]) -> Worn | None:
    """A garment on somebody whose joints are given.

    Args:
        places: by COCO's names in 0..1 of the square picture; see `landmarks_at`.

    Returns:
        None where the joints do not tell where the garment's part of the body is.
    """
    if spec.type.region == "lower" and not set(places) >= _LEGS:
        return None
    if spec.type.region != "lower" and not set(places) >= _SHOULDERS:
        return None
    body = landmarks_at(places)
    if body is None:
        return None
    marks, scale, shift = body
    joints = np.array([(*places.get(name, (0.0, 0.0)), name in places) for name in COCO_JOINTS])
    return Worn(spec, draw(spec, marks), scale, shift, joints.astype(np.float32))


def worn_by(spec: GarmentSpec, wearer: Wearer) -> Worn | None:
    """A garment on a wearer; None only where given joints do not tell enough."""
    return worn_layout(spec, wearer) if isinstance(wearer, str) else worn_on(spec, wearer)
