"""Whether what was read again and again stays where it is: a line through its later part."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from scipy.stats import theilslopes

LATER = 1 / 3
"""Share of the time that counts as settling in: caches fill, modules load."""

FEWEST = 4
"""Readings that a line can be drawn through."""

Verdict = Literal["flat", "grows", "unclear"]
Point = tuple[float, float]


@dataclass(frozen=True)
class Trend:
    """A line through readings.

    Attributes:
        level: their median.
        an_hour: by how much they grow in an hour.
        surely: the least growth an hour that they are still likely with, 95 % on both sides.
    """

    level: float
    an_hour: float
    surely: float

    def verdict(self, share: float, least: float) -> Verdict:
        """Flat where an hour adds no more than is allowed; else it grows, or cannot be told from
        chance.

        Args:
            share: of the level, that an hour may add. least: what it may add in any case.
        """
        if self.an_hour <= max(share * abs(self.level), least):
            return "flat"
        return "grows" if self.surely > 0 else "unclear"


def trend(points: Sequence[Point], after: float = 0.0) -> Trend | None:
    """The line through the later two thirds of readings; None where those are too few.

    It is that of Theil and Sen, the median of the slopes between any two readings: one high reading
    in the middle of a picture does not turn it.

    Args:
        points: (seconds, value) in the order of time.
        after: the second from which they count, where settling in takes more than a third.
    """
    if not points:
        return None
    first, last = points[0][0], points[-1][0]
    settled = max(first + (last - first) * LATER, after)
    later = [(t, v) for t, v in points if t >= settled]
    if len(later) < FEWEST or later[0][0] == last:
        return None
    hours = [t / 3600 for t, _ in later]
    values = [v for _, v in later]
    found: Any = theilslopes(values, hours)
    slope, low = float(found.slope), float(found.low_slope)
    return Trend(median(values), slope, slope if math.isnan(low) else low)
