"""Numbered leader lines beside a drawing.

A leader ends on its component, leaves the garment on a slope or level, and runs level to its number
in the margin: one bend at most. Of all such ways the one is taken that crosses the fewest lines of
the drawing, covers the least of it and meets no other component; no two leaders cross.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.garment.paths import Point, Rect

APART = 22.0
"""Least distance of two numbers on one side, in points."""

CLEAR = 4.0
"""Least distance of two leaders, in points."""

_SLOPES = (45.0, 30.0, 60.0)
"""Degrees in which a leader may leave the garment; the first is the usual one."""

_RISES = tuple(s * d for d in (10, 20, 32, 46, 62, 80, 100, 124, 150, 180) for s in (-1.0, 1.0))
"""Points by which a number may be lower or higher than its component."""

_SHELF = 16.0
"""Least length of the level run at the number, in points, its circle included."""

_STEPS = 72
"""Places looked at along each of a leader's two runs."""

_SMALL = 16.0
"""Points below which a component, such as a button, has few places where a leader may end."""

_FEW, _ACROSS, _DOWN = (
    (0.5, 0.2, 0.8),
    (0.5, 0.2, 0.8, 0.35, 0.65),
    (0.5, 0.3, 0.7, 0.15, 0.85, 0.95),
)
"""Where these are, in parts of its width or height."""

# What a leader costs, in points of length over the paper.
_CLOTH = 1.5  # a point of length over the garment, beside the length
_LINE = 16.0  # a line of the drawing that is crossed
_AGAIN = 140.0  # coming upon the garment again, such as a sleeve beside the body
_MET, _OVER = 60.0, 4.0  # another component that is met, and a point of length over it
_BENT, _UNUSUAL, _RISE = 14.0, 6.0, 0.25  # a bend; one of another slope; a point of height
_AWRY = 12.0  # ending at the edge of a component instead of at its middle
_FORBIDDEN = 10_000.0


@dataclass(frozen=True)
class Target:
    """A component on the page.

    Attributes:
        box: left, top, right, bottom in points.
        parts: what the drawing's map calls its parts; empty where it has none of its own.
    """

    box: Rect
    parts: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Leader:
    """A number's line: its end on the component, its bend, its number.

    The run from `bend` to `end` is level; a straight leader has its bend at its component.
    """

    number: int
    at: Point
    bend: Point
    end: Point
    right: bool


@dataclass(frozen=True)
class _Ways:
    """Ways in which one number may be reached, each with what it costs by itself.

    Attributes:
        runs: (n, 3, 2): component, bend and number of each, in points.
        cost: (n,).
    """

    runs: NDArray[np.float64]
    cost: NDArray[np.float64]


def leaders(
    members: Mapping[int, Sequence[Target]],
    seen: NDArray[np.int16],
    ends: tuple[float, float],
    span: tuple[float, float],
) -> tuple[Leader, ...]:
    """Lay out the leaders of one drawing.

    Args:
        members: number -> the components that it stands for; one of them gets the leader.
        seen: (height, width): the part of the drawing that is seen at each point of the page, 0
            where there is none.
        ends: x of the left and right numbers.
        span: y between which the numbers stay.
    """
    boxes = [(number, target.box) for number, some in members.items() for target in some]
    ways = {
        number: _ways(targets, [box for _, box in boxes], seen, ends, span)
        for number, targets in members.items()
    }
    # Those with the fewest good ways to go choose first; then each looks again at what is left.
    order = sorted(ways, key=lambda n: (len(members[n]), -float(ways[n].cost.min()), n))
    chosen: dict[int, NDArray[np.float64]] = {}
    for _ in range(6):
        before = dict(chosen)
        for number in order:
            others = [run for n, run in chosen.items() if n != number]
            chosen[number] = _best(ways[number], others)
        if all(n in before and np.array_equal(before[n], chosen[n]) for n in order):
            break
    return tuple(_leader(number, chosen[number]) for number in sorted(chosen))


def _leader(number: int, run: NDArray[np.float64]) -> Leader:
    at, bend, end = ((float(x), float(y)) for x, y in run)
    return Leader(number, at, bend, end, end[0] > at[0])


def _ways(
    targets: Sequence[Target],
    boxes: Sequence[Rect],
    seen: NDArray[np.int16],
    ends: tuple[float, float],
    span: tuple[float, float],
) -> _Ways:
    """The ways to one number: to each side and height the cheapest of them."""
    runs: list[NDArray[np.float64]] = []
    costs: list[NDArray[np.float64]] = []
    visible = [t for t in targets if _places(t, seen)[1]] or list(targets)
    for target in visible:
        made = list(_runs(_places(target, seen)[0], ends, span))
        if not made:
            continue
        some = np.array([run for run, _ in made])
        shape = np.array([cost for _, cost in made])
        others = [box for box in boxes if box != target.box]
        runs.append(some)
        costs.append(shape + _crossed(some, others, seen))
    run, cost = np.concatenate(runs), np.concatenate(costs)
    best: dict[tuple[bool, int], int] = {}
    for i in np.argsort(cost, kind="stable"):
        best.setdefault((bool(run[i, 2, 0] > run[i, 0, 0]), round(run[i, 2, 1] / 4)), int(i))
    kept = list(best.values())
    return _Ways(run[kept], cost[kept])


def _places(target: Target, seen: NDArray[np.int16]) -> tuple[list[tuple[Point, float]], bool]:
    """Where a leader may end on a component, each with its cost; and whether it is seen there."""
    left, top, right, bottom = target.box
    found: list[tuple[Point, float]] = []
    anywhere: list[tuple[Point, float]] = []
    small = max(right - left, bottom - top) < _SMALL
    across, down = (_FEW, _FEW) if small else (_ACROSS, _DOWN)
    for fx, fy in itertools.product(across, down):
        at = (left + (right - left) * fx, top + (bottom - top) * fy)
        one = (at, _AWRY * 2 * abs(fy - 0.5))
        anywhere.append(one)
        if int(_looked(seen, np.array(at))) in target.parts:
            found.append(one)
    return (found or anywhere, bool(found))


def _runs(
    places: Sequence[tuple[Point, float]], ends: tuple[float, float], span: tuple[float, float]
) -> Iterator[tuple[tuple[Point, Point, Point], float]]:
    """Every way out of some places, with the cost of its shape."""
    for (x, y), awry in places:
        level = min(max(y, span[0]), span[1])
        for end, way in zip(ends, (-1.0, 1.0), strict=True):
            room = (end - x) * way - _SHELF
            if room < 0:
                continue
            if level == y:
                yield ((x, y), (x, y), (end, y)), awry
            for rise, slope in itertools.product(_RISES, _SLOPES):
                aside = abs(rise) / math.tan(math.radians(slope))
                if aside > room or not span[0] <= y + rise <= span[1]:
                    continue
                cost = awry + _BENT + _RISE * abs(rise) + _UNUSUAL * (slope != _SLOPES[0])
                yield ((x, y), (x + way * aside, y + rise), (end, y + rise)), cost


def _crossed(
    runs: NDArray[np.float64], others: Sequence[Rect], seen: NDArray[np.int16]
) -> NDArray[np.float64]:
    """What the length of runs costs, and all that they cross.

    Args:
        runs: (n, 3, 2). others: boxes that had better not be met.

    Returns:
        (n,).
    """
    points, lengths = _sampled(runs)
    parts = _looked(seen, points)
    cost = lengths.sum(1) + _CLOTH * np.where(parts > 0, lengths, 0).sum(1)
    before, after = parts[:, :-1], parts[:, 1:]
    cost += _LINE * (before != after).sum(1) + _AGAIN * ((before == 0) & (after > 0)).sum(1)
    for left, top, right, bottom in others:
        x, y = points[..., 0], points[..., 1]
        within = (x > left - 2) & (x < right + 2) & (y > top - 2) & (y < bottom + 2)
        cost += _MET * within.any(1) + _OVER * np.where(within, lengths, 0).sum(1)
    return cost


def _sampled(runs: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places along runs, (n, m, 2), and the length that each stands for, (n, m)."""
    steps = (np.arange(_STEPS) + 0.5) / _STEPS
    starts, vectors = runs[:, :2], np.diff(runs, axis=1)
    points = starts[:, :, None] + vectors[:, :, None] * steps[None, None, :, None]
    lengths = np.repeat(np.linalg.norm(vectors, axis=2)[..., None] / _STEPS, _STEPS, axis=2)
    return points.reshape(len(runs), -1, 2), lengths.reshape(len(runs), -1)


def _looked(seen: NDArray[np.int16], points: NDArray[np.float64]) -> NDArray[np.int16]:
    """What is seen at places on the page; nothing beyond it."""
    column = np.floor(points[..., 0]).astype(int)
    row = np.floor(points[..., 1]).astype(int)
    inside = (row >= 0) & (row < seen.shape[0]) & (column >= 0) & (column < seen.shape[1])
    found = seen[np.where(inside, row, 0), np.where(inside, column, 0)]
    return np.where(inside, found, 0).astype(np.int16)


def _best(ways: _Ways, others: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The cheapest way beside those that others have taken."""
    cost = ways.cost.copy()
    points, _ = _sampled(ways.runs)
    right = ways.runs[:, 2, 0] > ways.runs[:, 0, 0]
    for run in others:
        beside = right == (run[2, 0] > run[0, 0])
        cost += _FORBIDDEN * (beside & (np.abs(ways.runs[:, 2, 1] - run[2, 1]) < APART - 1e-6))
        near = np.minimum(_distance(points, run[0], run[1]), _distance(points, run[1], run[2]))
        cost += _FORBIDDEN * (near.min(1) < CLEAR)
    return ways.runs[int(np.argmin(cost))]


def _distance(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far points, (..., 2), are from the line between two others."""
    along = end - start
    length = float(along @ along)
    part = np.clip(((points - start) @ along) / length, 0, 1) if length else np.zeros(1)
    return np.linalg.norm(points - (start + part[..., None] * along), axis=-1)
