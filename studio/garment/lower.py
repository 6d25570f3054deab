"""Skirts and trousers: everything that hangs from the waist."""

from __future__ import annotations

import numpy as np

from studio.garment.cut import Cut
from studio.garment.drawing import Crease, Drawing, Line, Part
from studio.garment.landmarks import WAIST, Landmarks
from studio.garment.paths import Path, Point, lerp, polyline, unit
from studio.garment.spec import GarmentSpec

WAISTBAND = 9.0
CROTCH = 141.0


def draw_skirt(
    drawing: Drawing,
    spec: GarmentSpec,
    cut: Cut,
    marks: Landmarks,
    rng: np.random.Generator | None,
) -> None:
    """Paint a skirt from the waist to the hem, with its pleats."""
    top, hem, w = WAIST, cut.hem, cut.hem_width
    hip = max(cut.hip, cut.waist + 3)
    swing = 0.0
    if not marks.flat:
        swing = (marks.knees[0][0] + marks.knees[1][0]) / 2 * 0.3
    path = Path().move(-cut.waist, top).quad(0, top + 3, cut.waist, top)
    path.cubic(cut.waist + 4, top + 14, hip, top + 26, hip + (w - hip) * 0.35, top + 52)
    path.line(w + swing, hem).quad(swing, hem + cut.hem_curve * 2.4, -w + swing, hem)
    path.line(-hip - (w - hip) * 0.35, top + 52)
    path.cubic(-hip, top + 26, -cut.waist - 4, top + 14, -cut.waist, top).close()
    pleats = spec.count("pleat")
    creases = _skirt_creases(cut, w, hem, rng) if not pleats else []
    lines = [
        Line(
            Path()
            .move(-w - 6 + swing, hem - 5)
            .quad(swing, hem + 2.4 * cut.hem_curve - 5, w + 6 + swing, hem - 5),
            "stitch",
        )
    ]
    skirt = Part("cloth", path, lines=tuple(lines), creases=tuple(creases), raised=2.0)
    drawing.add(skirt.mapped(marks.torso))
    for i in range(pleats):
        t = (i + 1) / (pleats + 1) * 2 - 1
        u0, u1 = t * cut.waist * 0.96, t * w * 0.97 + swing
        start = top + (WAISTBAND if spec.garment == "skirt" else 2)
        dip = (1 - t * t) * cut.hem_curve * 1.2
        line = Line(polyline((u0, start), (u1, hem + dip)), "pleat")
        strip = Path().move(u0 - 2.0, start).line(u0 + 2.0, start)
        strip.line(u1 + 4.0, hem + dip).line(u1 - 4.0, hem + dip).close()
        pleat = Part("pleat", strip, lines=(line,))
        drawing.add_component("pleat", "hem", [pleat.mapped(marks.torso)])


def _skirt_creases(cut: Cut, w: float, hem: float, rng: np.random.Generator | None) -> list[Crease]:
    if rng is None:
        return []
    count = int(rng.integers(4, 9))
    out = []
    for i in range(count):
        t = (i + 0.5) / count * 2 - 1 + rng.uniform(-0.06, 0.06)
        start = WAIST + rng.uniform(8, 46)
        out.append(
            Crease(
                Path()
                .move(t * cut.waist, start)
                .quad(t * (cut.waist + w) / 2, (start + hem) / 2, t * w * 0.97, hem + 6),
                rng.uniform(2.4, 5.0),
                rng.uniform(0.3, 0.7),
            )
        )
    return out


def draw_waistband(drawing: Drawing, spec: GarmentSpec, cut: Cut, marks: Landmarks) -> None:
    """Paint the waistband of skirt, trousers or shorts, with belt loops on the latter two."""
    w, top = cut.waist, WAIST
    path = Path().move(-w, top - 1).quad(0, top + 2, w, top - 1)
    path.line(w + 1.5, top + WAISTBAND).quad(0, top + WAISTBAND + 3, -w - 1.5, top + WAISTBAND)
    band = Part("cloth", path.close(), 0.93, 90.0, raised=0.8)
    drawing.add(band.mapped(marks.torso))
    if spec.garment in ("trousers", "shorts"):
        for t in (-0.74, -0.3, 0.3, 0.74):
            u = t * w
            dip = 1.6 * (1 - t * t)
            loop = Path().move(u - 1.7, top - 1.5 + dip).line(u + 1.7, top - 1.5 + dip)
            loop.line(u + 1.7, top + WAISTBAND + 1.5 + dip)
            loop.line(u - 1.7, top + WAISTBAND + 1.5 + dip).close()
            drawing.add(Part("trim", loop, 0.86, raised=0.5).mapped(marks.torso))


def draw_trousers(
    drawing: Drawing,
    spec: GarmentSpec,
    cut: Cut,
    marks: Landmarks,
    rng: np.random.Generator | None,
) -> None:
    """Paint trousers or shorts along the leg bones."""
    hem_part = _leg_end(cut)
    crotch = marks.torso(0, CROTCH)
    sides: list[tuple[list[Point], list[Point], list[Point], list[float]]] = []
    for i, side in enumerate((-1, 1)):
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
        chain = [hip, *spine]
        for k in range(1, len(chain)):
            tx, ty = unit(chain[k - 1], chain[k])
            nx, ny = (ty, -tx) if side > 0 else (-ty, tx)
            half = widths[k - 1] / 2
            outer.append((chain[k][0] + nx * half, chain[k][1] + ny * half))
            inner.append((chain[k][0] - nx * half, chain[k][1] - ny * half))
        sides.append((outer, inner, spine, widths))
    (lo, li, _, _), (ro, ri, _, _) = sides
    hip_w = cut.hip + 1
    path = Path().move(*marks.torso(-cut.waist, WAIST))
    path.quad(*marks.torso(0, WAIST + 3), *marks.torso(cut.waist, WAIST))
    path.smooth([marks.torso(hip_w, 116), *ro], 0.85).line(*ri[-1])
    path.smooth([*reversed(ri[:-1]), crotch], 0.85)
    path.smooth(li, 0.85).line(*lo[-1])
    path.smooth(
        [*reversed(lo[:-1]), marks.torso(-hip_w, 116), marks.torso(-cut.waist, WAIST)], 0.85
    ).close()
    lines = [Line(polyline(marks.torso(0, WAIST), crotch), "seam")]
    creases: list[Crease] = []
    for i, (outer, inner, spine, _) in enumerate(sides):
        tx, ty = unit(marks.hips[i] if len(spine) == 1 else spine[-2], spine[-1])
        back = 5.0
        a = (outer[-1][0] - tx * back, outer[-1][1] - ty * back)
        b = (inner[-1][0] - tx * back, inner[-1][1] - ty * back)
        lines.append(Line(polyline(a, b), "stitch"))
        if rng is not None:
            creases.extend(_leg_creases(crotch, marks.hips[i], outer, inner, spine, rng))
    if spec.count("pleat"):
        sharp = [
            lerp(marks.torso(s * 17, WAIST + 36), end[2][-1], 1.0)
            for s, end in zip((-1, 1), sides, strict=True)
        ]
        for s, end in zip((-1, 1), sharp, strict=True):
            lines.append(Line(polyline(marks.torso(s * 17, WAIST + 36), end), "rib"))
    drawing.add(Part("cloth", path, lines=tuple(lines), creases=tuple(creases), raised=2.0))
    for i in range(spec.count("pleat")):
        s = (-1, 1)[i % 2]
        u = s * (17 + 7 * (i // 2))
        strip = Path().move(u - 2.2, WAIST + WAISTBAND).line(u + 2.2, WAIST + WAISTBAND)
        strip.line(u + s + 2.2, WAIST + 38).line(u + s - 2.2, WAIST + 38).close()
        line = Line(polyline((u, WAIST + WAISTBAND), (u + s, WAIST + 36)), "pleat")
        pleat = Part("pleat", strip, lines=(line,))
        drawing.add_component("pleat", "hem", [pleat.mapped(marks.torso)])


def _leg_end(cut: Cut) -> float:
    """How far down the leg the hem is: 0..1 along the thigh, 1..2 along the shin."""
    drop = cut.hem - 112.0
    return drop / 90.0 if drop <= 88 else 1 + min((drop - 90.0) / 86.0, 1.04)


def _leg_creases(
    crotch: Point,
    hip: Point,
    outer: list[Point],
    inner: list[Point],
    spine: list[Point],
    rng: np.random.Generator,
) -> list[Crease]:
    out = []
    for _ in range(2):
        end = lerp(hip, outer[0], float(rng.uniform(0.1, 0.6)))
        out.append(
            Crease(
                Path()
                .move(*crotch)
                .quad(*lerp(crotch, end, 0.5), end[0], end[1] + float(rng.uniform(-8, 14))),
                rng.uniform(2, 3.6),
                rng.uniform(0.3, 0.6),
            )
        )
    for k in range(len(spine) - 1):
        for _ in range(2):
            t = float(rng.uniform(0, 1))
            a, b = lerp(outer[k], outer[k + 1], t), lerp(inner[k], inner[k + 1], t)
            if rng.random() < 0.5:
                a, b = b, a
            c = lerp(a, b, float(rng.uniform(0.4, 0.8)))
            out.append(
                Crease(
                    Path().move(*a).quad(*lerp(a, c, 0.5), c[0], c[1] + float(rng.uniform(-9, 9))),
                    rng.uniform(1.8, 3.2),
                    rng.uniform(0.25, 0.55),
                )
            )
    if len(spine) > 2:
        out.append(
            Crease(
                Path().move(*spine[0]).quad(*spine[1], *spine[-1]),
                rng.uniform(2.5, 4.5),
                rng.uniform(0.15, 0.4),
            )
        )
    return out
