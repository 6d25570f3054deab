"""Bodice and sleeves: everything that hangs from the shoulders."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from studio.garment.drawing import Crease, Line, Making, Part, crease
from studio.garment.landmarks import WAIST
from studio.garment.paths import Path, Point, arc, lerp, polygon, polyline, tube, unit

_SIDES = (-1, 1)


def front_neckline(m: Making, path: Path) -> Path:
    """Go on from the right neck point to the left one along the front neckline."""
    n, d = m.cut.neck, m.cut.neck_depth
    if m.spec.neckline in ("v-neck", "notched lapel", "shirt collar"):
        bend = 0.35 if m.spec.neckline == "v-neck" else 0.2
        path.quad(n * (0.55 + bend * 0.5), d * 0.5, 0, d)
        return path.quad(-n * (0.55 + bend * 0.5), d * 0.5, -n, 0)
    return path.cubic(n * 0.92, d * 1.28, -n * 0.92, d * 1.28, -n, 0)


def _body_outline(m: Making, hem: float, hem_width: float, curve: float) -> Path:
    """The front piece in the torso's frame, from shoulders to `hem`."""
    cut, sleeveless = m.cut, m.spec.sleeves == "none"
    tip = cut.shoulder - (11 if sleeveless else 0)
    if m.build.narrow:
        tip = max(cut.neck + 6, tip - m.build.narrow)
    path = Path().move(-cut.neck, 0).line(-tip, 8 if sleeveless else 10)
    if sleeveless:
        path.cubic(-tip + 5, 28, -cut.chest + 5, cut.armhole - 10, -cut.chest, cut.armhole)
    else:
        path.quad(-tip + 3, 34, -cut.chest, cut.armhole)
    steps = [v for v in (WAIST - 14, WAIST, 104, 118) if v < hem - 8]
    path.smooth([(-cut.side(v), v) for v in steps] + [(-hem_width, hem)], 0.8)
    if m.build.pointed:
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
    return front_neckline(m, path).close()


def _body_lines(m: Making, hem: float, width: float, curve: float) -> Iterator[Line]:
    cut, build = m.cut, m.build
    if not cut.ribbed and not build.below:
        edge, dip = hem - 4.5, hem + 2 * curve - 4.5
        yield Line(arc((-width - 4, edge), (0, dip), (width + 4, edge)), "stitch")
    if build.yoke and not cut.ribbed:
        for side in _SIDES:
            tip, neck = (side * cut.shoulder, build.yoke), (side * cut.neck * 0.6, build.yoke)
            yield Line(polyline(tip, neck), "seam")
    if build.darts:
        for side in _SIDES:
            u = side * cut.chest * 0.55
            bottom = min(hem - 6, 122)
            yield Line(arc((u, cut.armhole + 14), (u * 0.82, WAIST), (u, bottom)), "seam")
    if build.bishop:
        w = cut.waist + 2
        yield Line(arc((-cut.waist - 2, WAIST + 3), (0, WAIST + 7), (w, WAIST + 3)), "seam")
        for i in range(-6, 7):
            u = i * cut.waist / 7
            yield Line(polyline((u, WAIST + 4), (u * 1.16, WAIST + 17)), "gather")
    if m.spec.sleeves == "none":
        for side in _SIDES:
            edge, pit = side * (cut.chest - 9), side * (cut.chest - 3)
            arm = Path().move(side * (cut.shoulder - 14.5), 7).cubic(
                side * (cut.shoulder - 10), 28, edge, cut.armhole - 10, pit, cut.armhole + 2
            )  # fmt: skip
            yield Line(arm, "stitch")


def _body_creases(m: Making, hem: float) -> Iterator[Crease]:
    rng, cut = m.rng, m.cut
    if rng is None:
        return
    for side in _SIDES:
        reach = rng.uniform(16, 34)
        start, turn = (side * (cut.chest - 1), cut.armhole + 2), side * (cut.chest - 12)
        bend = turn, cut.armhole + rng.uniform(4, 16)
        end = side * (cut.chest - reach), cut.armhole + rng.uniform(14, 44)
        yield crease(rng, arc(start, bend, end), (2.2, 4.2), (0.35, 0.75))
        for _ in range(int(rng.integers(1, 4))):
            v = rng.uniform(WAIST - 12, max(hem - 16, WAIST))
            w = cut.side(v)
            bend = side * (w - 12), v + rng.uniform(-7, 7)
            end = side * (w - rng.uniform(16, 36)), v + rng.uniform(-10, 16)
            yield crease(rng, arc((side * (w + 1), v), bend, end), (1.8, 3.6), (0.25, 0.6))
    if hem > 112:
        for _ in range(int(rng.integers(1, 3))):
            u = rng.uniform(-0.7, 0.7) * cut.waist
            start = u, WAIST + rng.uniform(-6, 20)
            bend = u + rng.uniform(-5, 5), (WAIST + hem) / 2
            yield crease(rng, arc(start, bend, (u * 1.1, hem - 4)), (2.5, 5), (0.15, 0.45))


def _rib_band(top: tuple[Point, Point], bottom: tuple[Point, Point], sag: float) -> Part:
    """A ribbed band between two lines (left and right ends of each)."""
    (tl, tr), (bl, br) = top, bottom
    path = arc(tl, ((tl[0] + tr[0]) / 2, (tl[1] + tr[1]) / 2 + sag), tr)
    path.line(*br).quad((bl[0] + br[0]) / 2, (bl[1] + br[1]) / 2 + sag, *bl).close()
    lines = []
    for i in range(1, 26):
        t = i / 26
        dip = sag * 2 * t * (1 - t)
        a, b = lerp(tl, tr, t), lerp(bl, br, t)
        lines.append(Line(polyline((a[0], a[1] + dip), (b[0], b[1] + dip)), "rib"))
    return Part("trim", path, 0.94, lines=tuple(lines))


def draw_bodice(m: Making) -> None:
    """Paint the front piece with its seams and, where it is ribbed, its hem."""
    cut, marks = m.cut, m.marks
    hem, width, curve = cut.hem, cut.hem_width, cut.hem_curve
    if m.build.below:
        hem, width, curve = WAIST + 2, cut.waist, 1.5
    turn = _turn(marks.neck, marks.pelvis)
    if cut.ribbed:
        hem -= 9
    outline, lines = _body_outline(m, hem, width, curve), tuple(_body_lines(m, hem, width, curve))
    creases = tuple(_body_creases(m, hem))
    m.hang(Part("cloth", outline, lines=lines, creases=creases, raised=2.0), turn)
    if cut.ribbed:
        top = (-width, hem - 0.5), (width, hem - 0.5)
        bottom = (-width + 1.5, hem + 9), (width - 1.5, hem + 9)
        m.hang(_rib_band(top, bottom, curve), turn)


def _turn(a: Point, b: Point) -> float:
    """How far the direction from a to b is turned from straight down, in degrees."""
    dx, dy = unit(a, b)
    return float(np.degrees(np.arctan2(-dx, dy)))


def draw_sleeves(m: Making) -> None:
    """Paint both sleeves, beneath the bodice, with cuffs where the spec has them."""
    cut, marks, bishop = m.cut, m.marks, m.build.bishop
    if m.spec.sleeves == "none":
        return
    for i, side in enumerate(_SIDES):
        elbow, wrist = marks.elbows[i], marks.wrists[i]
        tip = marks.torso(side * (cut.shoulder - 2), 9.5)
        pit = marks.torso(side * (cut.chest - 3), cut.armhole + 1)
        root = marks.torso(side * (cut.shoulder - 3), 16)
        girth = cut.sleeve * (1.0 if marks.flat else 0.84)
        if m.spec.sleeves == "short":
            spine = [lerp(root, elbow, 0.42), lerp(root, elbow, 0.80 if marks.flat else 0.84)]
            widths = [girth + 3, girth + (4 if bishop else 2)]
        else:
            end = lerp(elbow, wrist, 0.97)
            spine = [lerp(root, elbow, 0.45), elbow, lerp(elbow, wrist, 0.55), end]
            ends = min(cut.wrist + m.build.wrist, girth - 8)
            widths = [girth + 1, girth - 3, girth - 8, ends]
            if bishop:
                widths = [girth + 1, girth + 5, girth + 8, girth - 2]
        outline, hem = tube(spine, widths, pit, tip)
        cuffed = m.spec.count("cuff") > 0
        sleeve = Part(
            "cloth",
            outline,
            tone=0.98,
            grain=_turn(lerp(tip, pit, 0.5), spine[-1]),
            lines=() if cuffed else (_across(spine, *hem, -4.0),),
            creases=tuple(_sleeve_creases(m, spine, widths, pit, tip)),
            raised=2.0,
        )
        m.drawing.add(sleeve)
        if cuffed:
            _draw_cuff(m, spine, *hem, side)


def _across(spine: list[Point], outer: Point, inner: Point, by: float) -> Line:
    """A line of stitches across the end of a sleeve, moved along it."""
    tx, ty = unit(spine[-2], spine[-1])
    ends = ((p[0] + tx * by, p[1] + ty * by) for p in (outer, inner))
    return Line(polyline(*ends), "stitch")


def _draw_cuff(m: Making, spine: list[Point], outer: Point, inner: Point, side: int) -> None:
    long = m.spec.sleeves == "long"
    tx, ty = unit(spine[-2], spine[-1])
    depth = 10.0 if long else 5.0
    if long:
        middle, half = lerp(outer, inner, 0.5), (m.cut.wrist - 1) / 2
        nx, ny = unit(inner, outer)
        outer = (middle[0] + nx * half, middle[1] + ny * half)
        inner = (middle[0] - nx * half, middle[1] - ny * half)
    start = -depth * 0.55
    o0, i0 = ((p[0] + tx * start, p[1] + ty * start) for p in (outer, inner))
    o1, i1 = ((p[0] + tx * depth, p[1] + ty * depth) for p in (o0, i0))
    outline = polygon(o0, i0, i1, o1)
    if m.cut.ribbed or m.build.ribbed_cuffs:
        ribs = (polyline(lerp(o0, i0, k / 8), lerp(o1, i1, k / 8)) for k in range(1, 8))
        lines = tuple(Line(rib, "rib") for rib in ribs)
        cuff = Part("trim", outline, 0.92, lines=lines, raised=1.0)
    else:
        lines = (_across(spine, o1, i1, -1.6),)
        cuff = Part("cloth", outline, 0.95, _turn(*spine[-2:]) + 90, lines, raised=1.4)
    m.drawing.add_component("cuff", "right wrist" if side < 0 else "left wrist", [cuff])


def _sleeve_creases(
    m: Making, spine: list[Point], widths: list[float], pit: Point, tip: Point
) -> Iterator[Crease]:
    rng = m.rng
    if rng is None:
        return
    path = arc(pit, lerp(pit, tip, 0.4), lerp(tip, spine[0], 0.35))
    yield crease(rng, path, (2.5, 4), (0.4, 0.7))
    chain = [lerp(pit, tip, 0.5), *spine]
    for _ in range(2 + 2 * (len(spine) - 2)):
        k = int(rng.integers(0, len(chain) - 1))
        at = lerp(chain[k], chain[k + 1], float(rng.uniform(0.1, 0.95)))
        tx, ty = unit(chain[k], chain[k + 1])
        half = widths[min(k, len(widths) - 1)] / 2
        sign = rng.choice((-1.0, 1.0))
        drift = rng.uniform(-9, 9)
        across = [
            (
                at[0] - ty * half * u * sign + tx * drift * v,
                at[1] + tx * half * u * sign + ty * drift * v,
            )
            for u, v in ((1, 0), (0.3, 0.3), (-0.5, 1))
        ]
        yield crease(rng, arc(*across), (1.8, 3.4), (0.3, 0.65))
