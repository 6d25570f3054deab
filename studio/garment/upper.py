"""Bodice and sleeves: everything that hangs from the shoulders."""

from __future__ import annotations

import numpy as np

from studio.garment.cut import Cut
from studio.garment.drawing import Crease, Drawing, Line, Part
from studio.garment.landmarks import WAIST, Landmarks
from studio.garment.paths import Path, Point, lerp, polygon, polyline, tube, unit
from studio.garment.spec import GarmentSpec

BAND = 5.0
OPEN_FRONTS = ("cardigan", "blazer", "coat", "waistcoat")


def front_neckline(spec: GarmentSpec, cut: Cut, path: Path, inset: float = 0.0) -> Path:
    """Go on from the right neck point to the left one along the front neckline."""
    n, d = cut.neck - inset, cut.neck_depth - inset
    if spec.neckline in ("v-neck", "notched lapel", "shirt collar"):
        bend = 0.35 if spec.neckline == "v-neck" else 0.2
        path.quad(n * (0.55 + bend * 0.5), d * 0.5, 0, d)
        return path.quad(-n * (0.55 + bend * 0.5), d * 0.5, -n, 0)
    return path.cubic(n * 0.92, d * 1.28, -n * 0.92, d * 1.28, -n, 0)


def body_outline(spec: GarmentSpec, cut: Cut, hem: float, hem_width: float, curve: float) -> Path:
    """The front piece in the torso's frame, from shoulders to `hem`."""
    sleeveless = spec.sleeves == "none"
    tip = cut.shoulder - (11 if sleeveless else 0)
    if spec.garment == "tank top":
        tip = max(cut.neck + 6, tip - 4)
    path = Path().move(-cut.neck, 0).line(-tip, 8 if sleeveless else 10)
    if sleeveless:
        path.cubic(-tip + 5, 28, -cut.chest + 5, cut.armhole - 10, -cut.chest, cut.armhole)
    else:
        path.quad(-tip + 3, 34, -cut.chest, cut.armhole)
    steps = [v for v in (WAIST - 14, WAIST, 104, 118) if v < hem - 8]
    points = [(-cut.side(v), v) for v in steps] + [(-hem_width, hem)]
    path.smooth(points, 0.8)
    if spec.garment == "waistcoat":
        path.line(-hem_width * 0.42, hem + 9).line(0, hem - 2)
        path.line(hem_width * 0.42, hem + 9).line(hem_width, hem)
    else:
        path.quad(0, hem + curve * 2, hem_width, hem)
    path.smooth([(cut.side(v), v) for v in reversed(steps)] + [(cut.chest, cut.armhole)], 0.8)
    if sleeveless:
        path.cubic(cut.chest - 5, cut.armhole - 10, tip - 5, 28, tip, 8)
    else:
        path.quad(tip - 3, 34, tip, 10)
    path.line(cut.neck, 0)
    return front_neckline(spec, cut, path).close()


def _body_lines(spec: GarmentSpec, cut: Cut, hem: float, hem_width: float, curve: float):
    lines: list[Line] = []
    if not cut.ribbed and spec.garment not in ("dress", "jumpsuit"):
        lines.append(
            Line(
                Path()
                .move(-hem_width - 4, hem - 4.5)
                .quad(0, hem + 2 * curve - 4.5, hem_width + 4, hem - 4.5),
                "stitch",
            )
        )
    if spec.garment in ("shirt", "jacket") and not cut.ribbed:
        yoke = 27.0 if spec.garment == "jacket" else 20.0
        for side in (-1, 1):
            lines.append(
                Line(polyline((side * cut.shoulder, yoke), (side * cut.neck * 0.6, yoke)), "seam")
            )
    if spec.garment in ("blazer", "coat", "dress", "jumpsuit", "waistcoat", "blouse"):
        for side in (-1, 1):
            u = side * cut.chest * 0.55
            bottom = min(hem - 6, 122)
            lines.append(
                Line(Path().move(u, cut.armhole + 14).quad(u * 0.82, WAIST, u, bottom), "seam")
            )
    if spec.garment == "blouse":
        waist = Path().move(-cut.waist - 2, WAIST + 3).quad(0, WAIST + 7, cut.waist + 2, WAIST + 3)
        lines.append(Line(waist, "seam"))
        for i in range(-6, 7):
            u = i * cut.waist / 7
            lines.append(Line(polyline((u, WAIST + 4), (u * 1.16, WAIST + 17)), "gather"))
    if spec.sleeves == "none":
        for side in (-1, 1):
            arm = Path().move(side * (cut.shoulder - 14.5), 7)
            arm.cubic(
                side * (cut.shoulder - 10),
                28,
                side * (cut.chest - 9),
                cut.armhole - 10,
                side * (cut.chest - 3),
                cut.armhole + 2,
            )
            lines.append(Line(arm, "stitch"))
    return lines


def _body_creases(cut: Cut, hem: float, rng: np.random.Generator | None) -> list[Crease]:
    if rng is None:
        return []
    creases = []
    for side in (-1, 1):
        reach = rng.uniform(16, 34)
        creases.append(
            Crease(
                Path()
                .move(side * (cut.chest - 1), cut.armhole + 2)
                .quad(
                    side * (cut.chest - 12),
                    cut.armhole + rng.uniform(4, 16),
                    side * (cut.chest - reach),
                    cut.armhole + rng.uniform(14, 44),
                ),
                rng.uniform(2.2, 4.2),
                rng.uniform(0.35, 0.75),
            )
        )
        for _ in range(int(rng.integers(1, 4))):
            v = rng.uniform(WAIST - 12, max(hem - 16, WAIST))
            w = cut.side(v)
            creases.append(
                Crease(
                    Path()
                    .move(side * (w + 1), v)
                    .quad(
                        side * (w - 12),
                        v + rng.uniform(-7, 7),
                        side * (w - rng.uniform(16, 36)),
                        v + rng.uniform(-10, 16),
                    ),
                    rng.uniform(1.8, 3.6),
                    rng.uniform(0.25, 0.6),
                )
            )
    if hem > 112:
        for _ in range(int(rng.integers(1, 3))):
            u = rng.uniform(-0.7, 0.7) * cut.waist
            creases.append(
                Crease(
                    Path()
                    .move(u, WAIST + rng.uniform(-6, 20))
                    .quad(u + rng.uniform(-5, 5), (WAIST + hem) / 2, u * 1.1, hem - 4),
                    rng.uniform(2.5, 5),
                    rng.uniform(0.15, 0.45),
                )
            )
    return creases


def rib_band(top: tuple[Point, Point], bottom: tuple[Point, Point], sag: float, count: int) -> Part:
    """A ribbed band between two lines (left and right ends of each)."""
    (tl, tr), (bl, br) = top, bottom
    path = Path().move(*tl).quad((tl[0] + tr[0]) / 2, (tl[1] + tr[1]) / 2 + sag, *tr)
    path.line(*br).quad((bl[0] + br[0]) / 2, (bl[1] + br[1]) / 2 + sag, *bl).close()
    lines = []
    for i in range(1, count):
        t = i / count
        dip = sag * 2 * t * (1 - t)
        a, b = lerp(tl, tr, t), lerp(bl, br, t)
        lines.append(Line(polyline((a[0], a[1] + dip), (b[0], b[1] + dip)), "rib"))
    return Part("trim", path, 0.94, lines=tuple(lines))


def draw_bodice(
    drawing: Drawing,
    spec: GarmentSpec,
    cut: Cut,
    marks: Landmarks,
    rng: np.random.Generator | None,
) -> None:
    """Paint the front piece with its seams and, where it is ribbed, its hem."""
    joined = spec.garment in ("dress", "jumpsuit")
    hem = WAIST + 2 if joined else cut.hem
    hem_width = cut.waist if joined else cut.hem_width
    curve = 1.5 if joined else cut.hem_curve
    turn = _torso_turn(marks)
    if cut.ribbed:
        hem -= 9
    body = Part(
        "cloth",
        body_outline(spec, cut, hem, hem_width, curve),
        lines=tuple(_body_lines(spec, cut, hem, hem_width, curve)),
        creases=tuple(_body_creases(cut, hem, rng)),
        raised=2.0,
    )
    drawing.add(body.mapped(marks.torso, turn))
    if cut.ribbed:
        band = rib_band(
            ((-hem_width, hem - 0.5), (hem_width, hem - 0.5)),
            ((-hem_width + 1.5, hem + 9), (hem_width - 1.5, hem + 9)),
            curve,
            26,
        )
        drawing.add(band.mapped(marks.torso, turn))


def _torso_turn(marks: Landmarks) -> float:
    dx, dy = unit(marks.neck, marks.pelvis)
    return float(np.degrees(np.arctan2(-dx, dy)))


def _limb_turn(a: Point, b: Point) -> float:
    dx, dy = unit(a, b)
    return float(np.degrees(np.arctan2(-dx, dy)))


def draw_sleeves(
    drawing: Drawing,
    spec: GarmentSpec,
    cut: Cut,
    marks: Landmarks,
    rng: np.random.Generator | None,
) -> None:
    """Paint both sleeves, beneath the bodice, with cuffs where the spec has them."""
    if spec.sleeves == "none":
        return
    for i, side in enumerate((-1, 1)):
        elbow, wrist = marks.elbows[i], marks.wrists[i]
        tip = marks.torso(side * (cut.shoulder - 2), 9.5)
        pit = marks.torso(side * (cut.chest - 3), cut.armhole + 1)
        root = marks.torso(side * (cut.shoulder - 3), 16)
        bishop = spec.garment == "blouse"
        girth = cut.sleeve * (1.0 if marks.flat else 0.84)
        if spec.sleeves == "short":
            spine = [lerp(root, elbow, 0.42), lerp(root, elbow, 0.80 if marks.flat else 0.84)]
            widths = [girth + 3, girth + (4 if bishop else 2)]
        else:
            end = lerp(elbow, wrist, 0.97)
            spine = [lerp(root, elbow, 0.45), elbow, lerp(elbow, wrist, 0.55), end]
            ends = cut.wrist + (4 if spec.garment in ("coat", "blazer") else 0)
            widths = [girth + 1, girth - 3, girth - 8, min(ends, girth - 8)]
            if bishop:
                widths = [girth + 1, girth + 5, girth + 8, girth - 2]
        outline, (outer, inner) = tube(spine, widths, pit, tip)
        sleeve = Part(
            "cloth",
            outline,
            tone=0.98,
            grain=_limb_turn(lerp(tip, pit, 0.5), spine[-1]),
            lines=tuple(_sleeve_lines(spec, spine, outer, inner)),
            creases=tuple(_sleeve_creases(spine, widths, pit, tip, rng)),
            raised=2.0,
        )
        drawing.add(sleeve)
        if spec.count("cuff"):
            _draw_cuff(drawing, spec, spine, outer, inner, cut, side)


def _sleeve_lines(spec: GarmentSpec, spine: list[Point], outer: Point, inner: Point) -> list[Line]:
    if spec.count("cuff"):
        return []
    tx, ty = unit(spine[-2], spine[-1])
    back = 4.0
    a = (outer[0] - tx * back, outer[1] - ty * back)
    b = (inner[0] - tx * back, inner[1] - ty * back)
    return [Line(polyline(a, b), "stitch")]


def _draw_cuff(
    drawing: Drawing,
    spec: GarmentSpec,
    spine: list[Point],
    outer: Point,
    inner: Point,
    cut: Cut,
    side: int,
) -> None:
    tx, ty = unit(spine[-2], spine[-1])
    depth = 10.0 if spec.sleeves == "long" else 5.0
    middle = lerp(outer, inner, 0.5)
    half = (cut.wrist - 1) / 2 if spec.sleeves == "long" else None
    if half is not None:
        nx, ny = unit(inner, outer)
        outer = (middle[0] + nx * half, middle[1] + ny * half)
        inner = (middle[0] - nx * half, middle[1] - ny * half)
    start = -depth * 0.55
    o0 = (outer[0] + tx * start, outer[1] + ty * start)
    i0 = (inner[0] + tx * start, inner[1] + ty * start)
    o1 = (o0[0] + tx * depth, o0[1] + ty * depth)
    i1 = (i0[0] + tx * depth, i0[1] + ty * depth)
    place = "right wrist" if side < 0 else "left wrist"
    if cut.ribbed or spec.garment == "polo shirt":
        lines = tuple(
            Line(polyline(lerp(o0, i0, k / 8), lerp(o1, i1, k / 8)), "rib") for k in range(1, 8)
        )
        cuff = Part("trim", polygon(o0, i0, i1, o1), 0.92, lines=lines, raised=1.0)
    else:
        edge = 1.6
        stitch = polyline(
            (o1[0] - tx * edge, o1[1] - ty * edge), (i1[0] - tx * edge, i1[1] - ty * edge)
        )
        cuff = Part(
            "cloth",
            polygon(o0, i0, i1, o1),
            0.95,
            _limb_turn(spine[-2], spine[-1]) + 90,
            lines=(Line(stitch, "stitch"),),
            raised=1.4,
        )
    drawing.add_component("cuff", place, [cuff])


def _sleeve_creases(
    spine: list[Point],
    widths: list[float],
    pit: Point,
    tip: Point,
    rng: np.random.Generator | None,
) -> list[Crease]:
    if rng is None:
        return []
    creases = [
        Crease(
            Path().move(*pit).quad(*lerp(pit, tip, 0.4), *lerp(tip, spine[0], 0.35)),
            rng.uniform(2.5, 4),
            rng.uniform(0.4, 0.7),
        )
    ]
    chain = [lerp(pit, tip, 0.5), *spine]
    for _ in range(2 + 2 * (len(spine) - 2)):
        k = int(rng.integers(0, len(chain) - 1))
        at = lerp(chain[k], chain[k + 1], float(rng.uniform(0.1, 0.95)))
        tx, ty = unit(chain[k], chain[k + 1])
        nx, ny = -ty, tx
        half = widths[min(k, len(widths) - 1)] / 2
        sign = rng.choice((-1.0, 1.0))
        drift = rng.uniform(-9, 9)
        creases.append(
            Crease(
                Path()
                .move(at[0] + nx * half * sign, at[1] + ny * half * sign)
                .quad(
                    at[0] + nx * half * 0.3 * sign + tx * drift * 0.3,
                    at[1] + ny * half * 0.3 * sign + ty * drift * 0.3,
                    at[0] - nx * half * 0.5 * sign + tx * drift,
                    at[1] - ny * half * 0.5 * sign + ty * drift,
                ),
                rng.uniform(1.8, 3.4),
                rng.uniform(0.3, 0.65),
            )
        )
    return creases
