"""Numbered leader lines beside a drawing.

A leader ends on its component, runs level to the drawing's side, and from there on a slope to its
number in the margin. For every number the member and the side are chosen whose level run is
shortest and meets no other component. On each side the numbers keep the order of the heights, so
that no two leaders cross.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.garment.paths import Point, Rect

APART = 22.0
"""Least distance of two numbers on one side, in points."""

_LEVELS_APART = 4.0
"""Least distance of two level runs on one side, in points."""

_FORBIDDEN = 10_000.0


@dataclass(frozen=True)
class Leader:
    """A number's line: its end on the component, its bend at the drawing's side, its number."""

    number: int
    at: Point
    bend: Point
    end: Point
    right: bool


def leaders(
    members: Mapping[int, Sequence[Rect]],
    sides: tuple[float, float],
    ends: tuple[float, float],
    span: tuple[float, float],
) -> tuple[Leader, ...]:
    """Lay out the leaders of one drawing.

    Args:
        members: number -> boxes of the components that it stands for, in page points.
        sides: x of the drawing's left and right side with some air.
        ends: x of the left and right numbers.
        span: y between which the numbers stay.
    """
    chosen: dict[bool, list[tuple[int, Point]]] = {False: [], True: []}
    # Those with the fewest ways to go choose first.
    for number in sorted(members, key=lambda n: (len(members[n]), n)):
        others = [box for n, boxes in members.items() if n != number for box in boxes]
        options = [
            (_cost(at, right, sides, others, chosen), right, at)
            for box in members[number]
            for right in (False, True)
            for at in _ends_on(box, right)
        ]
        _, right, at = min(options)
        chosen[right].append((number, at))
    made: list[Leader] = []
    for right, group in chosen.items():
        group.sort(key=lambda one: one[1][1])
        heights = _apart([at[1] for _, at in group], span)
        for (number, at), height in zip(group, heights, strict=True):
            bend = (sides[right], at[1])
            made.append(Leader(number, at, bend, (ends[right], height), right))
    return tuple(sorted(made, key=lambda one: one.number))


def _ends_on(box: Rect, right: bool) -> list[Point]:
    """Where a leader may end on a component: near the edge that it comes from."""
    left, top, far, bottom = box
    inset = min((far - left) * 0.25, 6.0)
    x = far - inset if right else left + inset
    return [(x, top + (bottom - top) * part) for part in (0.5, 0.3, 0.7, 0.15, 0.85)]


def _cost(
    at: Point,
    right: bool,
    sides: tuple[float, float],
    others: Sequence[Rect],
    chosen: Mapping[bool, Sequence[tuple[int, Point]]],
) -> float:
    length = sides[1] - at[0] if right else at[0] - sides[0]
    cost = length + 12.0 * len(chosen[right])
    if any(abs(at[1] - other[1]) < _LEVELS_APART for _, other in chosen[right]):
        cost += _FORBIDDEN
    for left, top, far, bottom in others:
        inside = left < at[0] < far and top < at[1] < bottom
        ahead = far > at[0] if right else left < at[0]
        if ahead and top - 1 < at[1] < bottom + 1:
            cost += length if inside else 2 * length  # one that holds it must be crossed
    return cost


def _apart(heights: Sequence[float], span: tuple[float, float]) -> list[float]:
    """Sorted heights moved as little as needed to be `APART`, in the same order, within `span`."""
    if not heights:
        return []
    gap = min(APART, (span[1] - span[0]) / max(len(heights) - 1, 1))
    runs: list[tuple[float, int]] = []  # sum of the wanted starts, members
    for i, height in enumerate(heights):
        runs.append((height - i * gap, 1))
        while len(runs) > 1 and runs[-2][0] / runs[-2][1] >= runs[-1][0] / runs[-1][1]:
            total, count = runs.pop()
            runs[-1] = (runs[-1][0] + total, runs[-1][1] + count)
    starts = [total / count for total, count in runs for _ in range(count)]
    low, high = span[0], span[1] - (len(heights) - 1) * gap
    return [min(max(start, low), high) + i * gap for i, start in enumerate(starts)]
