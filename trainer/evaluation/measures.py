"""The yardsticks: shares with intervals, places matched one to one, overlaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from studio.garment.spec import Component

RESAMPLES = 1000
_FAR = 10.0


@dataclass(frozen=True)
class Estimate:
    """A mean over `n` items, with its bootstrap 95% interval."""

    mean: float
    low: float
    high: float
    n: int

    def shown(self, digits: int = 3) -> str:
        """The mean with its interval, for a table."""
        return f"{self.mean:.{digits}f} ({self.low:.{digits}f}–{self.high:.{digits}f})"


def estimate(values: Sequence[float], seed: int = 0) -> Estimate:
    """Mean and percentile bootstrap interval (1000 resamples). Raises ValueError if empty."""
    data = np.asarray(values, float)
    if data.size == 0:
        raise ValueError("nothing was measured")
    rng = np.random.default_rng(seed)
    means = [data[rng.integers(0, data.size, data.size)].mean() for _ in range(RESAMPLES)]
    low, high = np.percentile(means, (2.5, 97.5))
    return Estimate(float(data.mean()), float(low), float(high), data.size)


class Scores:
    """Measured values by name, one for each item that the name applies to."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = defaultdict(list)

    def add(self, name: str, value: float) -> None:
        """Add one item's value."""
        self.values[name].append(float(value))

    def estimates(self, seed: int = 0) -> dict[str, Estimate]:
        """The estimate of every name, in the order in which the names appeared."""
        return {name: estimate(values, seed) for name, values in self.values.items()}


def flat_metrics(estimates: Mapping[str, Estimate]) -> dict[str, float]:
    """For JSON: `name`, `name_low`, `name_high` and `name_n` of each estimate."""
    result: dict[str, float] = {}
    for name, value in estimates.items():
        result[name] = round(value.mean, 5)
        result[f"{name}_low"] = round(value.low, 5)
        result[f"{name}_high"] = round(value.high, 5)
        result[f"{name}_n"] = value.n
    return result


def matched_distances(asked: Sequence[Component], seen: Sequence[Component]) -> list[float]:
    """For each asked component the distance to the seen one that it is matched with.

    Matched one to one within each kind, so that the sum of distances is least (Hungarian method,
    Kuhn 1955). Distances are between centres, in parts of the picture's side; what has no
    partner is infinitely far.
    """
    distances: dict[int, float] = {i: float("inf") for i in range(len(asked))}
    for kind in {c.kind for c in asked}:
        wanted = [(i, c.centre) for i, c in enumerate(asked) if c.kind == kind and c.centre]
        found = [c.centre for c in seen if c.kind == kind and c.centre]
        if not wanted or not found:
            continue
        a = np.array([centre for _, centre in wanted])
        b = np.array(found)
        cost = np.minimum(np.linalg.norm(a[:, None] - b[None], axis=2), _FAR)
        for row, column in zip(*linear_sum_assignment(cost), strict=True):
            distances[wanted[row][0]] = float(cost[row, column])
    return [distances[i] for i in range(len(asked))]


def overlap(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Intersection over union of two masks that are set above 127; 1 if both are empty."""
    a, b = one > 127, other > 127
    union = np.logical_or(a, b).sum()
    return 1.0 if union == 0 else float(np.logical_and(a, b).sum() / union)
