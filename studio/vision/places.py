"""Where on the garment a component sits, in the trade's words.

A place follows from the component's centre relative to the garment's mask: u from -1 (the
picture's left edge of the body) to 1, v from 0 (the garment's top) to 1 (its hem). Left and
right are the wearer's, so the wearer's left has positive u.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.garment.vocabulary import COMPONENTS, GARMENTS

# Heights of the places on each region of the body, and on what differs from its region, in parts
# of the garment's height: the medians over the synthetic wardrobe.
_HEIGHTS: dict[str, dict[str, float]] = {
    "upper": {"neck": 0.12, "chest": 0.57, "waist": 0.71, "hip": 0.79},
    "full": {"neck": 0.08, "chest": 0.39, "waist": 0.41, "hip": 0.6},
    "lower": {"waist": 0.07, "hip": 0.3, "knee": 0.64},
    "jumpsuit": {"neck": 0.08, "chest": 0.25, "waist": 0.35, "hip": 0.4, "knee": 0.7},
}
_MIDDLE = 0.12
_TWO_ROWS = 0.16


@dataclass(frozen=True)
class Frame:
    """The garment's extent: axis and half width of the body, top and bottom, all in 0..1."""

    axis: float
    half_width: float
    top: float
    bottom: float

    @classmethod
    def of(cls, mask: NDArray[np.uint8]) -> "Frame":
        """The frame of a (H, W) mask; the whole picture where the mask is empty.

        The axis is the median column of the mask's pixels and the half width comes from the
        quartiles, because one raised arm moves the outer edges but hardly these.
        """
        rows, columns = np.nonzero(mask > 127)
        if len(rows) == 0:
            return cls(0.5, 0.5, 0.0, 1.0)
        height, width = mask.shape
        low, axis, high = np.percentile(columns + 0.5, (25, 50, 75)) / width
        return cls(
            float(axis),
            max(float(high - low), 1 / width),
            float(rows.min() / height),
            float((rows.max() + 1) / height),
        )

    def across(self, x: float) -> float:
        """u of a column in 0..1."""
        return (x - self.axis) / self.half_width

    def down(self, y: float) -> float:
        """v of a row in 0..1."""
        return (y - self.top) / max(self.bottom - self.top, 1e-6)


def _side(u: float) -> str:
    return "left" if u >= 0 else "right"


def _heights(garment: str) -> dict[str, float]:
    return _HEIGHTS.get(garment) or _HEIGHTS[GARMENTS[garment].region]


def _allowed(kind: str, garment: str) -> tuple[str, ...]:
    """The places that a kind can have on a garment: a shirt has no knees, a skirt no chest."""
    places = COMPONENTS[kind].places
    if kind == "pocket" and GARMENTS[garment].pocket_places:
        places = GARMENTS[garment].pocket_places
    heights = _heights(garment)
    return tuple(p for p in places if p.split()[-1] in heights) or places


def _place(kind: str, garment: str, u: float, v: float) -> str:
    """The allowed place that is nearest in height, on the right side."""
    allowed = _allowed(kind, garment)
    side = _side(u)
    sided = [p for p in allowed if p.startswith(side)]
    central = [p for p in allowed if not p.startswith(("left", "right"))]
    candidates = central + sided or list(allowed)
    if sided and central:
        candidates = central if abs(u) < _MIDDLE else sided
    heights = _heights(garment)
    return min(candidates, key=lambda p: abs(heights.get(p.split()[-1], v) - v))


def name_places(
    kinds: Sequence[str],
    centres: Sequence[tuple[float, float]],
    garment: str,
    mask: NDArray[np.uint8],
) -> list[str]:
    """The place of each component.

    Args:
        kinds: each component's kind.
        centres: each component's centre (x, y) in 0..1.
        garment: the garment's name; it decides which places are possible.
        mask: (H, W), above 127 where the garment is.
    """
    frame = Frame.of(mask)
    points = [(frame.across(x), frame.down(y)) for x, y in centres]
    columns = [u for kind, (u, _) in zip(kinds, points, strict=True) if kind == "button"]
    places: list[str] = []
    for kind, (u, v) in zip(kinds, points, strict=True):
        if kind == "button":
            places.append("double-breasted" if _two_rows(columns) else "centre front")
        else:
            places.append(_place(kind, garment, u, v))
    return places


def _two_rows(columns: Sequence[float]) -> bool:
    """Whether buttons stand in two rows: two clear groups of about the same number."""
    if len(columns) < 2:
        return False
    ordered = np.sort(np.array(columns))
    gaps = np.diff(ordered)
    cut = int(gaps.argmax()) + 1
    return bool(gaps[cut - 1] > _TWO_ROWS and abs(2 * cut - len(ordered)) <= 1)
