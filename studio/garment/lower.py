"""Skirts and trousers: everything that hangs from the waist."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from studio.garment.cut import Cut
from studio.garment.drawing import Crease, Line, Making, Part, crease
from studio.garment.landmarks import WAIST
from studio.garment.paths import Path, Point, arc, lerp, polygon, polyline, unit

WAISTBAND = 9.0
CROTCH = 141.0
_SIDES = (-1, 1)


def draw_skirt(m: Making) -> None:
    """Paint a skirt from the waist to the hem, with its pleats."""
    cut, marks, top = m.cut, m.marks, WAIST
    hem, w, hip = cut.hem, cut.hem_width, max(cut.hip, cut.waist + 3)
    swing = 0.0
    if not marks.flat:
        swing = (marks.knees[0][0] + marks.knees[1][0]) / 2 * 0.3
    path = arc((-cut.waist, top), (0, top + 3), (cut.waist, top))
    path.cubic(cut.waist + 4, top + 14, hip, top + 26, hip + (w - hip) * 0.35, top + 52)
    path.line(w + swing, hem).quad(swing, hem + cut.hem_curve * 2.4, -w + swing, hem)
    path.line(-hip - (w - hip) * 0.35, top + 52)
    path.cubic(-hip, top + 26, -cut.waist - 4, top + 14, -cut.waist, top).close()
    pleats = m.spec.count("pleat")
    creases = () if pleats else tuple(_skirt_creases(m))
    dip = hem + 2.4 * cut.hem_curve - 5
    edge = arc((-w - 6 + swing, hem - 5), (swing, dip), (w + 6 + swing, hem - 5))
    m.hang(Part("cloth", path, lines=(Line(edge, "stitch"),), creases=creases, raised=2.0))
    for i in range(pleats):
        t = (i + 1) / (pleats + 1) * 2 - 1
        u0, u1 = t * cut.waist * 0.96, t * w * 0.97 + swing
        start = top + (2 if m.build.bodice else WAISTBAND)
        end = hem + (1 - t * t) * cut.hem_curve * 1.2
        strip = polygon((u0 - 2.0, start), (u0 + 2.0, start), (u1 + 4.0, end), (u1 - 4.0, end))
        _hang_pleat(m, strip, polyline((u0, start), (u1, end)))


def _hang_pleat(m: Making, strip: Path, fold: Path) -> None:
    m.hang_component("pleat", "hem", [Part("pleat", strip, lines=(Line(fold, "pleat"),))])


def _skirt_creases(m: Making) -> Iterator[Crease]:
    rng, waist, w, hem = m.rng, m.cut.waist, m.cut.hem_width, m.cut.hem
    if rng is None:
        return
    count = int(rng.integers(4, 9))
    for i in range(count):
        t = (i + 0.5) / count * 2 - 1 + rng.uniform(-0.06, 0.06)
        start = WAIST + rng.uniform(8, 46)
        bend = t * (waist + w) / 2, (start + hem) / 2
        path = arc((t * waist, start), bend, (t * w * 0.97, hem + 6))
        yield crease(rng, path, (2.4, 5.0), (0.3, 0.7))


def draw_waistband(m: Making) -> None:
    """Paint the waistband of skirt, trousers or shorts, with belt loops on the latter two."""
    w, top, bottom = m.cut.waist, WAIST, WAIST + WAISTBAND
    path = arc((-w, top - 1), (0, top + 2), (w, top - 1))
    path.line(w + 1.5, bottom).quad(0, bottom + 3, -w - 1.5, bottom)
    m.hang(Part("cloth", path.close(), 0.93, 90.0, raised=0.8))
    if m.build.below == "legs":
        for t in (-0.74, -0.3, 0.3, 0.74):
            u, dip = t * w, 1.6 * (1 - t * t)
            high, low = top - 1.5 + dip, bottom + 1.5 + dip
            loop = polygon((u - 1.7, high), (u + 1.7, high), (u + 1.7, low), (u - 1.7, low))
            m.hang(Part("trim", loop, 0.86, raised=0.5))


def draw_trousers(m: Making) -> None:
    """Paint trousers or shorts along the leg bones."""
    cut, marks, torso = m.cut, m.marks, m.marks.torso
    hem_part = _leg_end(cut)
    crotch = torso(0, CROTCH)
    sides: list[tuple[list[Point], list[Point], list[Point]]] = []
    for i, side in enumerate(_SIDES):
        hip, knee, ankle = marks.hips[i], marks.knees[i], marks.ankles[i]
        if hem_part <= 1:
            spine = [lerp(hip, knee, hem_part)]
            widths = [cut.leg_knee + 9]
        else:
            end = lerp(knee, ankle, hem_part - 1)
            spine = [lerp(hip, knee, 0.55), knee, lerp(knee, ankle, 0.5), end]
            middle = (cut.leg_knee + cut.leg_hem) / 2
            widths = [cut.leg_knee + 8, cut.leg_knee, middle, cut.leg_hem]
        outer, inner = [], []
        for before, at, width in zip([hip, *spine], spine, widths, strict=False):
            tx, ty = unit(before, at)
            nx, ny = (ty, -tx) if side > 0 else (-ty, tx)
            half = width / 2
            outer.append((at[0] + nx * half, at[1] + ny * half))
            inner.append((at[0] - nx * half, at[1] - ny * half))
        sides.append((outer, inner, spine))
    (lo, li, _), (ro, ri, _) = sides
    hip_w = cut.hip + 1
    left, right = torso(-cut.waist, WAIST), torso(cut.waist, WAIST)
    path = arc(left, torso(0, WAIST + 3), right)
    path.smooth([torso(hip_w, 116), *ro], 0.85).line(*ri[-1])
    path.smooth([*reversed(ri[:-1]), crotch], 0.85)
    path.smooth(li, 0.85).line(*lo[-1])
    path.smooth([*reversed(lo[:-1]), torso(-hip_w, 116), left], 0.85).close()
    lines = [Line(polyline(torso(0, WAIST), crotch), "seam")]
    creases: list[Crease] = []
    for i, (outer, inner, spine) in enumerate(sides):
        tx, ty = unit(marks.hips[i] if len(spine) == 1 else spine[-2], spine[-1])
        ends = ((p[0] - tx * 5.0, p[1] - ty * 5.0) for p in (outer[-1], inner[-1]))
        lines.append(Line(polyline(*ends), "stitch"))
        if m.rng is not None:
            creases.extend(_leg_creases(m.rng, crotch, marks.hips[i], outer, inner, spine))
    if m.spec.count("pleat"):
        for s, (_, _, spine) in zip(_SIDES, sides, strict=True):
            lines.append(Line(polyline(torso(s * 17, WAIST + 36), spine[-1]), "rib"))
    m.drawing.add(Part("cloth", path, lines=tuple(lines), creases=tuple(creases), raised=2.0))
    for i in range(m.spec.count("pleat")):
        s = _SIDES[i % 2]
        u, top = s * (17 + 7 * (i // 2)), WAIST + WAISTBAND
        end = u + s
        strip = polygon(
            (u - 2.2, top), (u + 2.2, top), (end + 2.2, WAIST + 38), (end - 2.2, WAIST + 38)
        )  # fmt: skip
        _hang_pleat(m, strip, polyline((u, top), (end, WAIST + 36)))


def _leg_end(cut: Cut) -> float:
    """How far down the leg the hem is: 0..1 along the thigh, 1..2 along the shin."""
    drop = cut.hem - 112.0
    return drop / 90.0 if drop <= 88 else 1 + min((drop - 90.0) / 86.0, 1.04)


def _leg_creases(
    rng: np.random.Generator, crotch: Point, hip: Point, outer: list[Point], inner: list[Point],
    spine: list[Point],
) -> Iterator[Crease]:  # fmt: skip
    for _ in range(2):
        end = lerp(hip, outer[0], float(rng.uniform(0.1, 0.6)))
        path = arc(crotch, lerp(crotch, end, 0.5), (end[0], end[1] + float(rng.uniform(-8, 14))))
        yield crease(rng, path, (2, 3.6), (0.3, 0.6))
    for k in range(len(spine) - 1):
        for _ in range(2):
            t = float(rng.uniform(0, 1))
            a, b = lerp(outer[k], outer[k + 1], t), lerp(inner[k], inner[k + 1], t)
            if rng.random() < 0.5:
                a, b = b, a
            c = lerp(a, b, float(rng.uniform(0.4, 0.8)))
            path = arc(a, lerp(a, c, 0.5), (c[0], c[1] + float(rng.uniform(-9, 9))))
            yield crease(rng, path, (1.8, 3.2), (0.25, 0.55))
    if len(spine) > 2:
        yield crease(rng, arc(spine[0], spine[1], spine[-1]), (2.5, 4.5), (0.15, 0.4))
