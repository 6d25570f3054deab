"""Necklines: bands, collars, lapels and hoods, and the inside that shows behind them."""

from __future__ import annotations

from collections.abc import Callable

from studio.garment.drawing import Line, Making, Part
from studio.garment.paths import Path, arc, polyline, rectangle
from studio.garment.upper import front_neckline

_SIDES = (-1, 1)


def draw_inside(m: Making) -> None:
    """Paint what lies behind: the hood's back, the back neck's inside with its label."""
    n, d = m.cut.neck, m.cut.neck_depth
    if m.spec.neckline == "hood":
        height, wide = 40.0, n + 16
        hood = Path().move(-n - 9, 12).cubic(-wide - 4, -height * 0.7, -n - 2, -height, 0, -height)
        hood.cubic(n + 2, -height, wide + 4, -height * 0.7, n + 9, 12)
        hood.quad(0, 34, -n - 9, 12).close()
        seam = Line(polyline((0, -height), (0, -height + 12)), "seam")
        top, bend = -height + 8, -height * 0.55
        inside = Path().move(-n - 1, 12).cubic(-n - 7, bend, -n + 6, top, 0, top)
        inside.cubic(n - 6, top, n + 7, bend, n + 1, 12).quad(0, 30, -n - 1, 12).close()
        back = Part("cloth", hood, 0.97, lines=(seam,), back=True, raised=2.0)
        m.hang_component("hood", "neck", [back, Part("lining", inside, back=True)])
    if m.spec.neckline in ("hood", "turtleneck", "none"):
        return
    path = front_neckline(m, arc((-n, 0), (0, -4.5), (n, 0))).close()
    if m.marks.flat:
        m.hang(Part("lining", path, back=True))
        if d > 9:
            m.hang(Part("label", rectangle(-4.5, 3.2, 4.5, 8.2), back=True))
    elif m.build.open_front and d > 30:
        m.hang(Part("underlayer", path))


def draw_neck(m: Making) -> None:
    """Paint the neckline's finish on top of the body piece."""
    if finish := _FINISHES.get(m.spec.neckline):
        finish(m)


def _band(m: Making) -> None:
    width = m.build.band
    path = front_neckline(m, Path().move(m.cut.neck, 0))
    n, d = m.cut.neck + width * 0.95, m.cut.neck_depth + width * 1.15
    path.line(-n, 1.5)
    if m.spec.neckline == "v-neck":
        path.quad(-n * 0.72, d * 0.5, 0, d + width * 0.25).quad(n * 0.72, d * 0.5, n, 1.5)
    else:
        path.cubic(-n * 0.92, d * 1.26, n * 0.92, d * 1.26, n, 1.5)
    m.hang(Part("trim", path.close(), 0.9, raised=0.4))


def _turtleneck(m: Making) -> None:
    n, high = m.cut.neck + 1, 21.0
    path = arc((-n - 2, 3), (-n + 1.5, -high * 0.5), (-n + 1, -high))
    path.quad(0, -high - 3, n - 1, -high).quad(n - 1.5, -high * 0.5, n + 2, 3)
    path.quad(0, 13, -n - 2, 3).close()
    across = [(-n + 2 * n * (k + 0.5) / 11) for k in range(11)]
    lines = [Line(polyline((u, -high - 3), (u * 1.06, 10)), "rib") for u in across]
    lines.append(Line(arc((-n, -high * 0.3), (0, -high * 0.3 + 5), (n, -high * 0.3)), "seam"))
    collar = Part("trim", path, 0.96, lines=tuple(lines), raised=1.2)
    m.hang_component("collar", "neck", [collar])


def _leaves(m: Making) -> None:
    n, d = m.cut.neck, m.cut.neck_depth
    reach, drop = (23.0, 17.0) if m.build.wide_collar else (17.0, 13.0)
    parts = []
    for side in _SIDES:
        leaf = arc((side * (n + 1.5), -3.5), (side * n * 0.62, d * 0.42), (side * 0.6, d))
        leaf.line(side * reach * 0.62, d + drop * 0.62).line(side * (n + 6), 8.5).close()
        corner = side * reach * 0.6, d + drop * 0.45
        edge = polyline((side * 1.2, d + 1.4), corner, (side * (n + 4), 7.5))
        lines = (Line(edge, "stitch"),)
        parts.append(Part("cloth", leaf, 0.97, 28.0 * side, lines, raised=2.2))
    m.hang_component("collar", "neck", parts)


def _stand(m: Making) -> None:
    n, d = m.cut.neck, m.cut.neck_depth
    parts = []
    for side in _SIDES:
        band = arc((side * (n + 1), 1.0), (side * n * 0.9, d * 0.95), (side * 1.2, d + 1))
        band.line(side * 2.2, d - 8).quad(side * n * 0.8, d - 9.5, side * (n - 0.5), -8)
        parts.append(Part("cloth", band.close(), 0.95, 60.0 * side, raised=1.2))
    m.hang_component("collar", "neck", parts)


def _lapels(m: Making) -> None:
    n, d, width, notch = m.cut.neck, m.cut.neck_depth, m.build.lapel, 23.0
    parts = []
    for side in _SIDES:
        inner = side * n * 0.80, notch - 8
        lapel = arc(inner, (side * n * 0.55, d * 0.55), (0, d + 1))
        lapel.quad(side * width * 0.75, d * 0.72, side * (width + 2), notch + 4)
        lapel.line(side * (width - 4), notch - 3).close()
        lines = (Line(polyline((side * width * 0.95, notch + 1), (side * 3, d - 4)), "stitch"),)
        parts.append(Part("cloth", lapel, 0.95, 14.0 * side, lines, raised=2.4))
        collar = arc((side * (n - 1), -4), (side * n * 0.95, notch * 0.35), inner)
        collar.line(side * (width - 5), notch - 3.5).line(side * (width - 1), notch - 11)
        collar.quad(side * (n + 9), 4, side * (n + 4), -1).close()
        parts.append(Part("cloth", collar, 0.92, 40.0 * side, raised=2.0))
    m.hang_component("collar", "neck", parts)


def _hood_edge(m: Making) -> None:
    n, d = m.cut.neck, m.cut.neck_depth
    edge = Path().move(n + 5, 4).cubic(n * 0.9, d * 1.5, -n * 0.9, d * 1.5, -n - 5, 4)
    edge.line(-n - 1, 0).cubic(-n * 0.82, d * 1.2, n * 0.82, d * 1.2, n + 1, 0).close()
    m.hang(Part("cloth", edge, 0.93, raised=1.4))
    for side in _SIDES:
        m.hang(Part("cord", arc((side * 8, d + 3), (side * 10, d + 16), (side * 8.6, d + 30))))


_FINISHES: dict[str, Callable[[Making], None]] = {
    **dict.fromkeys(("crew neck", "v-neck", "scoop neck"), _band),
    "turtleneck": _turtleneck,
    "shirt collar": _leaves,
    "stand collar": _stand,
    "notched lapel": _lapels,
    "hood": _hood_edge,
}
