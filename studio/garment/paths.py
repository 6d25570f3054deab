"""Outlines in the plane: built point by point, mapped, measured, written as SVG or for skia.

Coordinates are body units (see `studio.garment.landmarks`) or picture units; a path does not
know which. y runs downwards.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Point = tuple[float, float]
Rect = tuple[float, float, float, float]

_PIECES = 8
"""Points of a curve."""


def around(boxes: Iterable[Rect]) -> Rect:
    """The bounds of all boxes together."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def lerp(a: Point, b: Point, t: float) -> Point:
    """The point at part `t` of the way from a to b."""
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t


def distance(a: Point, b: Point) -> float:
    """Euclidean distance."""
    return math.hypot(b[0] - a[0], b[1] - a[1])


def unit(a: Point, b: Point) -> Point:
    """Unit vector from a to b; (0, 1) where they coincide."""
    length = distance(a, b)
    return ((b[0] - a[0]) / length, (b[1] - a[1]) / length) if length > 1e-9 else (0.0, 1.0)


class Path:
    """An outline of moves, lines, quadratic and cubic curves."""

    def __init__(self) -> None:
        self.verbs: list[tuple[str, tuple[float, ...]]] = []

    def move(self, x: float, y: float) -> Path:
        """Start a contour."""
        self.verbs.append(("M", (x, y)))
        return self

    def line(self, x: float, y: float) -> Path:
        """Straight to (x, y)."""
        self.verbs.append(("L", (x, y)))
        return self

    def quad(self, cx: float, cy: float, x: float, y: float) -> Path:
        """Quadratic curve through control (cx, cy)."""
        self.verbs.append(("Q", (cx, cy, x, y)))
        return self

    def cubic(self, ax: float, ay: float, bx: float, by: float, x: float, y: float) -> Path:
        """Cubic curve with controls a and b."""
        self.verbs.append(("C", (ax, ay, bx, by, x, y)))
        return self

    def smooth(self, points: Sequence[Point], tension: float = 0.5) -> Path:
        """Go on through the points on a Catmull-Rom spline from the current point."""
        chain = [self.end, *points]
        for i in range(len(chain) - 1):
            before = chain[max(i - 1, 0)]
            start, end = chain[i], chain[i + 1]
            after = chain[min(i + 2, len(chain) - 1)]
            k = tension / 3
            self.cubic(
                start[0] + (end[0] - before[0]) * k,
                start[1] + (end[1] - before[1]) * k,
                end[0] - (after[0] - start[0]) * k,
                end[1] - (after[1] - start[1]) * k,
                *end,
            )
        return self

    def close(self) -> Path:
        """Close the contour."""
        self.verbs.append(("Z", ()))
        return self

    @property
    def end(self) -> Point:
        """The current point."""
        for _, values in reversed(self.verbs):
            if values:
                return values[-2], values[-1]
        raise ValueError("an empty path has no end")

    def mapped(self, f: Callable[[float, float], Point]) -> Path:
        """The path with every point (controls too) sent through f: exact for affine maps."""
        out = Path()
        for verb, values in self.verbs:
            points: list[float] = []
            for i in range(0, len(values), 2):
                points.extend(f(values[i], values[i + 1]))
            out.verbs.append((verb, tuple(points)))
        return out

    def flatten(self) -> list[Point]:
        """Points along the outline, several to a curve."""
        out: list[Point] = []
        here: Point = (0.0, 0.0)
        for verb, v in self.verbs:
            if verb in "ML":
                out.append((v[0], v[1]))
            elif verb in "QC":
                for i in range(1, _PIECES + 1):
                    t = i / _PIECES
                    s = 1 - t
                    if verb == "Q":
                        weights = s * s, 2 * s * t, t * t
                    else:
                        weights = s**3, 3 * s * s * t, 3 * s * t * t, t**3
                    points = (*here, *v)
                    out.append((_weighted(weights, points[::2]), _weighted(weights, points[1::2])))
            if v:
                here = (v[-2], v[-1])
        return out

    def bounds(self) -> Rect:
        """left, top, right, bottom of the flattened outline."""
        points = self.flatten()
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        return min(xs), min(ys), max(xs), max(ys)

    def svg(self) -> str:
        """The `d` attribute of an SVG path."""
        return " ".join(
            verb + " ".join(f"{value:.2f}".rstrip("0").rstrip(".") for value in values)
            for verb, values in self.verbs
        )

    def skia(self) -> Any:
        """The same outline as a `skia.Path`."""
        import skia

        builder = skia.PathBuilder()
        calls = {"M": builder.moveTo, "L": builder.lineTo, "Q": builder.quadTo}
        calls |= {"C": builder.cubicTo, "Z": builder.close}
        for verb, values in self.verbs:
            calls[verb](*values)
        return builder.detach()


def _weighted(weights: Sequence[float], values: Sequence[float]) -> float:
    total = 0.0
    for weight, value in zip(weights, values, strict=True):
        total += weight * value
    return total


def polyline(*points: Point) -> Path:
    """An open line through the points."""
    path = Path().move(*points[0])
    for point in points[1:]:
        path.line(*point)
    return path


def polygon(*points: Point) -> Path:
    """A closed polygon."""
    return polyline(*points).close()


def arc(start: Point, control: Point, end: Point) -> Path:
    """One quadratic curve."""
    return Path().move(*start).quad(*control, *end)


def rectangle(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> Path:
    """A rectangle, its corners rounded where a radius is given."""
    r = min(radius, (right - left) / 2, (bottom - top) / 2)
    if r <= 0:
        return polygon((left, top), (right, top), (right, bottom), (left, bottom))
    path = Path().move(left + r, top).line(right - r, top).quad(right, top, right, top + r)
    path.line(right, bottom - r).quad(right, bottom, right - r, bottom)
    path.line(left + r, bottom).quad(left, bottom, left, bottom - r)
    return path.line(left, top + r).quad(left, top, left + r, top).close()


def ellipse(x: float, y: float, rx: float, ry: float) -> Path:
    """An ellipse of four cubic arcs."""
    k = 0.5523
    path = Path().move(x + rx, y).cubic(x + rx, y + k * ry, x + k * rx, y + ry, x, y + ry)
    path.cubic(x - k * rx, y + ry, x - rx, y + k * ry, x - rx, y)
    path.cubic(x - rx, y - k * ry, x - k * rx, y - ry, x, y - ry)
    return path.cubic(x + k * rx, y - ry, x + rx, y - k * ry, x + rx, y).close()


def tube(
    spine: Sequence[Point], widths: Sequence[float], inner_start: Point, outer_start: Point
) -> tuple[Path, tuple[Point, Point]]:
    """A sleeve or leg around a bone line.

    Args:
        spine: the bone line's points after its start, first to last.
        widths: full width of the tube at each spine point.
        inner_start, outer_start: where the two sides begin (underarm and shoulder tip).

    Returns:
        the closed outline (outer side down, hem across, inner side up) and the hem's ends
        (outer, inner).
    """
    start = lerp(inner_start, outer_start, 0.5)
    chain = [start, *spine]
    side = 1.0 if _cross(chain[0], chain[1], outer_start) > 0 else -1.0
    outer: list[Point] = []
    inner: list[Point] = []
    for i in range(1, len(chain)):
        ahead = unit(chain[i], chain[i + 1]) if i + 1 < len(chain) else None
        behind = unit(chain[i - 1], chain[i])
        tx, ty = behind
        if ahead is not None:
            tx, ty = unit((0, 0), (behind[0] + ahead[0], behind[1] + ahead[1]))
        nx, ny = -ty * side, tx * side
        half = widths[i - 1] / 2
        outer.append((chain[i][0] + nx * half, chain[i][1] + ny * half))
        inner.append((chain[i][0] - nx * half, chain[i][1] - ny * half))
    path = Path().move(*outer_start).smooth(outer, 0.9)
    path.line(*inner[-1])
    path.smooth([*reversed(inner[:-1]), inner_start], 0.9).close()
    return path, (outer[-1], inner[-1])


def _cross(a: Point, b: Point, p: Point) -> float:
    """Positive where p lies to the left-hand normal (-ty, tx) of the direction a to b."""
    tx, ty = unit(a, b)
    return (p[0] - a[0]) * -ty + (p[1] - a[1]) * tx
