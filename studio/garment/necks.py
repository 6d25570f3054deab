"""Necklines: bands, collars, lapels and hoods, and the inside that shows behind them."""

from __future__ import annotations

from studio.garment.cut import Cut
from studio.garment.drawing import Drawing, Line, Part
from studio.garment.landmarks import Landmarks
from studio.garment.paths import Path, polyline, rectangle
from studio.garment.spec import GarmentSpec
from studio.garment.upper import BAND, OPEN_FRONTS, front_neckline


def draw_inside(drawing: Drawing, spec: GarmentSpec, cut: Cut, marks: Landmarks) -> None:
    """Paint what lies behind: the hood's back, the back neck's inside with its label."""
    n, d = cut.neck, cut.neck_depth
    if spec.neckline == "hood":
        height, wide = 40.0, n + 16
        hood = Path().move(-n - 9, 12).cubic(-wide - 4, -height * 0.7, -n - 2, -height, 0, -height)
        hood.cubic(n + 2, -height, wide + 4, -height * 0.7, n + 9, 12)
        hood.quad(0, 34, -n - 9, 12).close()
        seam = Line(polyline((0, -height), (0, -height + 12)), "seam")
        inside = (
            Path()
            .move(-n - 1, 12)
            .cubic(-n - 7, -height * 0.55, -n + 6, -height + 8, 0, -height + 8)
        )
        inside.cubic(n - 6, -height + 8, n + 7, -height * 0.55, n + 1, 12)
        inside.quad(0, 30, -n - 1, 12).close()
        parts = [
            Part("cloth", hood, 0.97, lines=(seam,), back=True, raised=2.0).mapped(marks.torso),
            Part("lining", inside, back=True).mapped(marks.torso),
        ]
        drawing.add_component("hood", "neck", parts)
        return
    if spec.neckline == "turtleneck" or spec.neckline == "none":
        return
    path = Path().move(-n, 0).quad(0, -4.5, n, 0)
    front_neckline(spec, cut, path).close()
    if marks.flat:
        drawing.add(Part("lining", path, back=True).mapped(marks.torso))
        if d > 9:
            drawing.add(
                Part("label", rectangle(-4.5, 3.2, 4.5, 8.2), back=True).mapped(marks.torso)
            )
    elif spec.garment in OPEN_FRONTS and d > 30:
        drawing.add(Part("underlayer", path).mapped(marks.torso))


def draw_neck(drawing: Drawing, spec: GarmentSpec, cut: Cut, marks: Landmarks) -> None:
    """Paint the neckline's finish on top of the body piece."""
    kind = spec.neckline
    if kind in ("crew neck", "v-neck", "scoop neck"):
        _band(drawing, spec, cut, marks)
    elif kind == "turtleneck":
        _turtleneck(drawing, cut, marks)
    elif kind == "shirt collar":
        _leaves(drawing, cut, marks, wide=spec.garment in ("coat", "jacket"))
    elif kind == "stand collar":
        _stand(drawing, cut, marks)
    elif kind == "notched lapel":
        _lapels(drawing, spec, cut, marks)
    elif kind == "hood":
        _hood_edge(drawing, cut, marks)


def _band(drawing: Drawing, spec: GarmentSpec, cut: Cut, marks: Landmarks) -> None:
    width = 2.2 if spec.garment in ("dress", "blouse", "tank top", "waistcoat") else BAND
    if spec.garment == "cardigan":
        width = 7.0
    path = Path().move(cut.neck, 0)
    front_neckline(spec, cut, path)
    n, d = cut.neck + width * 0.95, cut.neck_depth + width * 1.15
    path.line(-n, 1.5)
    if spec.neckline == "v-neck":
        path.quad(-n * 0.72, d * 0.5, 0, d + width * 0.25).quad(n * 0.72, d * 0.5, n, 1.5)
    else:
        path.cubic(-n * 0.92, d * 1.26, n * 0.92, d * 1.26, n, 1.5)
    drawing.add(Part("trim", path.close(), 0.9, raised=0.4).mapped(marks.torso))


def _turtleneck(drawing: Drawing, cut: Cut, marks: Landmarks) -> None:
    n, high = cut.neck + 1, 21.0
    path = Path().move(-n - 2, 3).quad(-n + 1.5, -high * 0.5, -n + 1, -high)
    path.quad(0, -high - 3, n - 1, -high).quad(n - 1.5, -high * 0.5, n + 2, 3)
    path.quad(0, 13, -n - 2, 3).close()
    lines = [
        Line(polyline((u, -high - 3), (u * 1.06, 10)), "rib")
        for u in [(-n + 2 * n * (k + 0.5) / 11) for k in range(11)]
    ]
    fold = Path().move(-n, -high * 0.3).quad(0, -high * 0.3 + 5, n, -high * 0.3)
    lines.append(Line(fold, "seam"))
    part = Part("trim", path, 0.96, lines=tuple(lines), raised=1.2)
    drawing.add_component("collar", "neck", [part.mapped(marks.torso)])


def _leaves(drawing: Drawing, cut: Cut, marks: Landmarks, wide: bool) -> None:
    n, d = cut.neck, cut.neck_depth
    reach, drop = (23.0, 17.0) if wide else (17.0, 13.0)
    parts = []
    for side in (-1, 1):
        leaf = Path().move(side * (n + 1.5), -3.5).quad(side * n * 0.62, d * 0.42, side * 0.6, d)
        leaf.line(side * reach * 0.62, d + drop * 0.62).line(side * (n + 6), 8.5)
        leaf.close()
        edge = Path().move(side * 1.2, d + 1.4).line(side * reach * 0.6, d + drop * 0.45)
        edge.line(side * (n + 4), 7.5)
        part = Part("cloth", leaf, 0.97, 28.0 * side, lines=(Line(edge, "stitch"),), raised=2.2)
        parts.append(part.mapped(marks.torso))
    drawing.add_component("collar", "neck", parts)


def _stand(drawing: Drawing, cut: Cut, marks: Landmarks) -> None:
    n, d = cut.neck, cut.neck_depth
    parts = []
    for side in (-1, 1):
        band = Path().move(side * (n + 1), 1.0).quad(side * n * 0.9, d * 0.95, side * 1.2, d + 1)
        band.line(side * 2.2, d - 8).quad(side * n * 0.8, d - 9.5, side * (n - 0.5), -8)
        parts.append(Part("cloth", band.close(), 0.95, 60.0 * side, raised=1.2).mapped(marks.torso))
    drawing.add_component("collar", "neck", parts)


def _lapels(drawing: Drawing, spec: GarmentSpec, cut: Cut, marks: Landmarks) -> None:
    n, d = cut.neck, cut.neck_depth
    parts = []
    width = 25.0 if spec.garment == "coat" else 21.0
    notch = 23.0
    for side in (-1, 1):
        lapel = Path().move(side * n * 0.80, notch - 8).quad(side * n * 0.55, d * 0.55, 0, d + 1)
        lapel.quad(side * width * 0.75, d * 0.72, side * (width + 2), notch + 4)
        lapel.line(side * (width - 4), notch - 3).close()
        lines = (Line(polyline((side * width * 0.95, notch + 1), (side * 3, d - 4)), "stitch"),)
        parts.append(
            Part("cloth", lapel, 0.95, 14.0 * side, lines=lines, raised=2.4).mapped(marks.torso)
        )
        collar = (
            Path()
            .move(side * (n - 1), -4)
            .quad(side * n * 0.95, notch * 0.35, side * n * 0.80, notch - 8)
        )
        collar.line(side * (width - 5), notch - 3.5).line(side * (width - 1), notch - 11)
        collar.quad(side * (n + 9), 4, side * (n + 4), -1).close()
        parts.append(Part("cloth", collar, 0.92, 40.0 * side, raised=2.0).mapped(marks.torso))
    drawing.add_component("collar", "neck", parts)


def _hood_edge(drawing: Drawing, cut: Cut, marks: Landmarks) -> None:
    n, d = cut.neck, cut.neck_depth
    edge = Path().move(n + 5, 4).cubic(n * 0.9, d * 1.5, -n * 0.9, d * 1.5, -n - 5, 4)
    edge.line(-n - 1, 0).cubic(-n * 0.82, d * 1.2, n * 0.82, d * 1.2, n + 1, 0).close()
    drawing.add(Part("cloth", edge, 0.93, raised=1.4).mapped(marks.torso))
    for side in (-1, 1):
        cord = Path().move(side * 8, d + 3).quad(side * 10, d + 16, side * 8.6, d + 30)
        drawing.add(Part("cord", cord).mapped(marks.torso))
