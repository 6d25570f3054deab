"""Buttons, pockets, zippers, belts, bows and patches: what is set on the finished garment.

Positions are in the torso's frame (u across, v down, body units). A component that the spec
already places by a box is drawn in that box; the others go to their usual places.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from studio.garment.cut import Cut
from studio.garment.drawing import Line, Part
from studio.garment.landmarks import WAIST, Landmarks
from studio.garment.lower import WAISTBAND
from studio.garment.paths import Path, Point, Rect, ellipse, polygon, polyline, rectangle
from studio.garment.spec import Component, GarmentSpec

BUTTON_RADIUS = 3.7
Vary = Callable[[float], float]
LOWER = ("skirt", "trousers", "shorts")


def front_span(spec: GarmentSpec, cut: Cut) -> tuple[float, float]:
    """Where a front fastening begins and ends, down the centre front."""
    if spec.garment in LOWER:
        if spec.garment == "skirt":
            return WAIST + 5, cut.hem - 12
        return WAIST + 5, min(cut.hem - 14, 136.0)
    top = cut.neck_depth + {"turtleneck": 12.0, "notched lapel": 3.0, "stand collar": 4.0}.get(
        spec.neckline, 9.0
    )
    if spec.neckline == "hood":
        top = cut.neck_depth + 12
    if spec.garment == "polo shirt":
        return top, top + 34
    if spec.garment == "dress":
        return top, min(cut.hem - 16, WAIST + 78)
    if spec.garment == "jumpsuit":
        return top, 132.0
    if spec.garment == "sweater":
        return top - 6, 58.0
    return top, cut.hem - (16 if cut.ribbed else 12)


def button_places(spec: GarmentSpec, cut: Cut, vary: Vary) -> list[tuple[str, Point]]:
    """Place and centre of every button that has no box of its own."""
    top, bottom = front_span(spec, cut)
    out: list[tuple[str, Point]] = []
    for place, columns in (("centre front", (0.0,)), ("double-breasted", (-11.5, 11.5))):
        free = [c for c in spec.of("button", place) if c.box is None]
        if not free:
            continue
        rows = -(-len(free) // len(columns))
        widest = {"blazer": 19.0, "polo shirt": 13.0, "waistcoat": 13.0, "coat": 27.0}.get(
            spec.garment, 24.0
        )
        start = top + vary(3)
        gap = min((bottom - start) / max(rows - 1, 1), widest + vary(4))
        if rows == 1:
            start += abs(vary(8))
        spread = 1 + vary(0.12)
        for row in range(rows):
            for column in columns:
                if len(out) < len(spec.of("button")) and sum(p == place for p, _ in out) < len(
                    free
                ):
                    out.append((place, (column * spread, start + row * gap)))
    return out


def pocket_rect(spec: GarmentSpec, cut: Cut, place: str, vary: Vary) -> Rect:
    """Where a pocket of this garment sits."""
    shift_u, shift_v = vary(3.0), vary(4.0)
    if place == "centre hip":
        top = cut.hem - 44 + shift_v
        return -27 + vary(2), top, 27 + vary(2), top + 29
    side = 1.0 if place.startswith("left") else -1.0
    style = pocket_style(spec, place)
    if place.endswith("chest"):
        w, h = {"welt": (19.0, 5.5), "flap": (20.0, 9.0)}.get(style, (20.0, 22.0))
        u, v = side * (cut.chest * 0.5), cut.armhole + (6 if style == "patch" else 12)
    else:
        w, h = {"welt": (22.0, 6.0), "flap": (24.0, 11.0)}.get(style, (24.0, 26.0))
        if spec.garment in LOWER or spec.garment in ("dress", "jumpsuit"):
            u = side * (cut.hip * 0.56)
            v = WAIST + WAISTBAND + (10 if spec.garment != "dress" else 18)
        elif spec.garment == "coat":
            u, v = side * (cut.hip * 0.58), 118.0
        else:
            u, v = side * (cut.hip * 0.56), min(cut.hem - h - 12, 106.0)
    w, h = w + vary(2), h + vary(1.5)
    u, v = u + shift_u, v + shift_v
    return u - w / 2, v, u + w / 2, v + h


def pocket_style(spec: GarmentSpec, place: str) -> str:
    """patch, flap or welt, as the trade makes them."""
    if spec.garment in ("blazer", "waistcoat"):
        return "welt" if place.endswith("chest") or spec.garment == "waistcoat" else "flap"
    if spec.garment == "coat":
        return "welt" if place.endswith("chest") else "flap"
    return "patch"


def pocket_parts(rect: Rect, style: str, kangaroo: bool) -> list[Part]:
    """A pocket drawn into its rectangle."""
    left, top, right, bottom = rect
    w, h = right - left, bottom - top
    if kangaroo:
        k = w * 0.17
        outline = polygon(
            (left + k, top),
            (right - k, top),
            (right, top + h * 0.72),
            (right, bottom),
            (left, bottom),
            (left, top + h * 0.72),
        )
        lines = (
            Line(polyline((left + k + 2.4, top), (left + 2.4, top + h * 0.72)), "stitch"),
            Line(polyline((right - k - 2.4, top), (right - 2.4, top + h * 0.72)), "stitch"),
            Line(polyline((left, top + 2.4), (right, top + 2.4)), "stitch"),
        )
        return [Part("cloth", outline, 0.97, lines=lines, raised=1.6)]
    if style == "welt":
        line = Line(polyline((left, bottom - 1.4), (right, bottom - 1.4)), "stitch")
        return [Part("cloth", rectangle(left, top, right, bottom), 0.9, 90.0, (line,), raised=1.4)]
    if style == "flap":
        outline = Path().move(left, top).line(right, top).line(right, bottom - h * 0.25)
        outline.quad(right, bottom, right - h * 0.3, bottom).line(left + h * 0.3, bottom)
        outline.quad(left, bottom, left, bottom - h * 0.25).close()
        line = Line(polyline((left, bottom - 1.8), (right, bottom - 1.8)), "stitch")
        return [Part("cloth", outline, 0.95, 0.0, (line,), raised=2.0)]
    point = min(h * 0.16, 4.0)
    outline = polygon(
        (left, top),
        (right, top),
        (right, bottom - point),
        ((left + right) / 2, bottom),
        (left, bottom - point),
    )
    hem = min(h * 0.22, 5.0)
    lines = (
        Line(polyline((left, top + hem), (right, top + hem)), "stitch"),
        Line(
            polyline(
                (left + 1.8, top + hem),
                (left + 1.8, bottom - point - 1.2),
                ((left + right) / 2, bottom - 2.0),
                (right - 1.8, bottom - point - 1.2),
                (right - 1.8, top + hem),
            ),
            "stitch",
        ),
    )
    return [Part("cloth", outline, 0.98, 0.0, lines, raised=1.7)]


def placket(spec: GarmentSpec, cut: Cut, places: list[tuple[str, Point]]) -> list[Part]:
    """The strip of cloth that centre-front buttons close."""
    centres = [p for place, p in places if place == "centre front"]
    if not centres:
        return []
    top, _ = front_span(spec, cut)
    half = 6.2
    full = spec.garment in ("shirt", "cardigan", "jacket", "skirt", "blouse")
    end = max(p[1] for p in centres) + 9
    if full and spec.garment != "blouse":
        end = cut.hem + cut.hem_curve
    start = top - 9 if spec.garment not in LOWER else WAIST
    if spec.garment in ("blazer", "coat", "waistcoat"):
        end = cut.hem + (-2 if spec.garment == "waistcoat" else cut.hem_curve) - 0.5
        edge = polyline((half * 0.7, start), (half * 0.7, end))
        return [Part("pleat", rectangle(0, start, half + 6, end), lines=(Line(edge, "opening"),))]
    lines = (
        Line(polyline((-half + 1.6, start), (-half + 1.6, end)), "stitch"),
        Line(polyline((half - 1.6, start), (half - 1.6, end)), "stitch"),
    )
    tone = 0.94 if spec.garment == "cardigan" else 0.985
    role = "trim" if spec.garment == "cardigan" else "cloth"
    return [Part(role, rectangle(-half, start, half, end), tone, 0.0, lines, raised=0.9)]


def button_parts(x: float, y: float, radius: float = BUTTON_RADIUS) -> list[Part]:
    """One button."""
    return [Part("button", ellipse(x, y, radius, radius), raised=1.2)]


def zipper_parts(rect: Rect) -> list[Part]:
    """A zipper with its tape, teeth and slider."""
    left, top, right, bottom = rect
    x = (left + right) / 2
    teeth = Line(polyline((x, top), (x, bottom)), "opening")
    slider = rectangle(x - 2.4, top + 2.5, x + 2.4, top + 12.5, 1.8)
    return [
        Part("zipper", rectangle(left, top, right, bottom), lines=(teeth,), raised=0.5),
        Part("buckle", slider, raised=0.8),
    ]


def belt_parts(spec: GarmentSpec, rect: Rect) -> list[Part]:
    """A belt: with a buckle on trousers and coats' lighter kin, tied on dresses and coats."""
    left, top, right, bottom = rect
    sag = 2.0
    band = Path().move(left, top).quad(0, top + sag, right, top).line(right, bottom)
    band.quad(0, bottom + sag, left, bottom).close()
    parts = [Part("trim", band, 0.7, raised=1.8)]
    middle = (top + bottom) / 2 + sag * 0.5
    if spec.garment in ("coat", "cardigan"):
        for side, tail in ((-1, 25.0), (1, 30.0)):
            end = polygon(
                (side * 0.5, middle),
                (side * 5, middle + 1),
                (side * 9.5, middle + tail),
                (side * 3.2, middle + tail + 1),
            )
            parts.append(Part("trim", end, 0.68, raised=1.6))
        parts.append(
            Part("trim", rectangle(-4.6, middle - 5.6, 4.6, middle + 5.6, 2.4), 0.74, raised=1.6)
        )
    else:
        half = (bottom - top) / 2 + 1.6
        frame = rectangle(-6.0, middle - half, 6.0, middle + half, 1.5)
        parts.append(Part("buckle", frame, raised=1.2))
    return parts


def bow_parts(x: float, y: float, w: float, h: float) -> list[Part]:
    """A tied bow with two loops and two tails, in a box of w x h around (x, y)."""
    parts = []
    rx, ry = w / 2, h * 0.36
    for side in (-1, 1):
        tail = polygon(
            (x + side * 0.5, y),
            (x + side * rx * 0.35, y + 1),
            (x + side * rx * 0.62, y + h * 0.62),
            (x + side * rx * 0.22, y + h * 0.64),
        )
        parts.append(Part("trim", tail, 0.86, raised=1.4))
    for side in (-1, 1):
        loop = (
            Path()
            .move(x, y)
            .cubic(
                x + side * rx * 0.4,
                y - ry * 1.3,
                x + side * rx * 1.05,
                y - ry * 1.15,
                x + side * rx,
                y,
            )
        )
        loop.cubic(x + side * rx * 1.05, y + ry * 1.0, x + side * rx * 0.4, y + ry * 1.1, x, y)
        fold = Line(polyline((x + side * 2, y), (x + side * rx * 0.6, y - 1)), "gather")
        parts.append(Part("trim", loop.close(), 0.92, 0.0, (fold,), raised=1.8))
    parts.append(Part("trim", rectangle(x - 2.6, y - 3.2, x + 2.6, y + 3.2, 1.4), 0.8, raised=1.2))
    return parts


def patch_parts(rect: Rect, place: str) -> list[Part]:
    """A sewn-on patch: a roundel on the chest, a square on the knee."""
    left, top, right, bottom = rect
    if place.endswith("knee"):
        inner = rectangle(left + 1.8, top + 1.8, right - 1.8, bottom - 1.8, 2)
        outline = rectangle(left, top, right, bottom, 2.5)
    else:
        cx, cy = (left + right) / 2, (top + bottom) / 2
        outline = ellipse(cx, cy, (right - left) / 2, (bottom - top) / 2)
        inner = ellipse(cx, cy, (right - left) / 2 - 1.8, (bottom - top) / 2 - 1.8)
    return [Part("patch", outline, lines=(Line(inner, "stitch"),), raised=1.0)]


def patch_rect(spec: GarmentSpec, cut: Cut, marks: Landmarks, place: str, vary: Vary) -> Rect:
    """Where a patch sits, in the drawing's own units (knees follow the legs)."""
    if place.endswith("knee"):
        i = 1 if place.startswith("left") else 0
        x, y = marks.knees[i]
        x, y, half, tall = x + vary(2), y + vary(4), 9.5, 11.0
    else:
        side = 1.0 if place.startswith("left") else -1.0
        u, v = side * cut.chest * 0.5 + vary(3), cut.armhole + 12 + vary(4)
        x, y = marks.torso(u, v)
        half = tall = 8.5 + vary(0.8)
    return x - half, y - tall, x + half, y + tall


def free(components: tuple[Component, ...]) -> list[Component]:
    """Those without a box."""
    return [c for c in components if c.box is None]


def variation(rng: np.random.Generator | None) -> Vary:
    """A function that gives a number within plus or minus its argument; 0 without rng."""

    def vary(amount: float) -> float:
        return float(rng.uniform(-amount, amount)) if rng is not None else 0.0

    return vary
