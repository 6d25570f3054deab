"""Buttons, pockets, zippers, belts, bows and patches: what is set on the finished garment.

Positions are in the torso's frame (u across, v down, body units). A component that the spec
already places by a box is drawn in that box; the others go to their usual places.
"""

from __future__ import annotations

from studio.garment.cut import BUILDS, Pocket
from studio.garment.drawing import Line, Making, Part
from studio.garment.landmarks import WAIST
from studio.garment.lower import WAISTBAND
from studio.garment.paths import Path, Point, Rect, arc, ellipse, polygon, polyline, rectangle

BUTTON_RADIUS = 3.7
_COLUMNS = {"centre front": (0.0,), "double-breasted": (-11.5, 11.5)}
_FIRST = {"turtleneck": 12.0, "notched lapel": 3.0, "stand collar": 4.0, "hood": 12.0}
"""How far below the edge of the neck a fastening begins, where it is not 9."""


def _front_span(m: Making) -> tuple[float, float]:
    """Where a front fastening begins and ends, down the centre front."""
    cut, build, name = m.cut, m.build, m.spec.garment
    if not build.bodice:
        return WAIST + 5, cut.hem - 12 if build.below == "skirt" else min(cut.hem - 14, 136.0)
    top = cut.neck_depth + _FIRST.get(m.spec.neckline, 9.0)
    if name == "polo shirt":
        return top, top + 34
    if name == "sweater":
        return top - 6, 58.0
    if build.below:
        return top, min(cut.hem - 16, WAIST + 78) if build.below == "skirt" else 132.0
    return top, cut.hem - (16 if cut.ribbed else 12)


def _button_places(m: Making) -> list[tuple[str, Point]]:
    """Place and centre of every button that has no box of its own."""
    top, bottom = _front_span(m)
    out: list[tuple[str, Point]] = []
    for place, columns in _COLUMNS.items():
        free = sum(c.place == place for c in m.unplaced("button"))
        if not free:
            continue
        rows = -(-free // len(columns))
        start = top + m.vary(3)
        gap = min((bottom - start) / max(rows - 1, 1), m.build.button_gap + m.vary(4))
        if rows == 1:
            start += abs(m.vary(8))
        spread = 1 + m.vary(0.12)
        there = [(u * spread, start + row * gap) for row in range(rows) for u in columns]
        out += [(place, at) for at in there[:free]]
    return out


def _pocket_rect(m: Making, place: str) -> Rect:
    """Where a pocket of this garment sits."""
    cut, vary = m.cut, m.vary
    shift_u, shift_v = vary(3.0), vary(4.0)
    if place == "centre hip":
        top = cut.hem - 44 + shift_v
        return -27 + vary(2), top, 27 + vary(2), top + 29
    side = 1.0 if place.startswith("left") else -1.0
    style = pocket_style(m.spec.garment, place)
    if place.endswith("chest"):
        w, h = {"welt": (19.0, 5.5), "flap": (20.0, 9.0)}.get(style, (20.0, 22.0))
        u, v = side * (cut.chest * 0.5), cut.armhole + (6 if style == "patch" else 12)
    else:
        w, h = {"welt": (22.0, 6.0), "flap": (24.0, 11.0)}.get(style, (24.0, 26.0))
        u, v = side * (cut.hip * 0.56), min(cut.hem - h - 12, 106.0)
        if m.build.below:
            v = WAIST + WAISTBAND + (18 if m.spec.garment == "dress" else 10)
        elif m.spec.garment == "coat":
            u, v = side * (cut.hip * 0.58), 118.0
    w, h = w + vary(2), h + vary(1.5)
    u, v = u + shift_u, v + shift_v
    return u - w / 2, v, u + w / 2, v + h


def pocket_style(garment: str, place: str) -> Pocket:
    """patch, flap or welt, as the trade makes them."""
    return BUILDS[garment].pockets[0 if place.endswith("chest") else 1]


def pocket_parts(rect: Rect, style: Pocket, kangaroo: bool) -> list[Part]:
    """A pocket drawn into its rectangle."""
    left, top, right, bottom = rect
    w, h, middle = right - left, bottom - top, (left + right) / 2
    if kangaroo:
        k, bend = w * 0.17, top + h * 0.72
        upper, lower = ((left + k, top), (right - k, top), (right, bend)), (right, bottom)
        outline = polygon(*upper, lower, (left, bottom), (left, bend))
        edges = (
            polyline((left + k + 2.4, top), (left + 2.4, bend)),
            polyline((right - k - 2.4, top), (right - 2.4, bend)),
            polyline((left, top + 2.4), (right, top + 2.4)),
        )
        tone, grain, raised = 0.97, 0.0, 1.6
    elif style == "welt":
        outline = rectangle(left, top, right, bottom)
        edges = (polyline((left, bottom - 1.4), (right, bottom - 1.4)),)
        tone, grain, raised = 0.9, 90.0, 1.4
    elif style == "flap":
        outline = polyline((left, top), (right, top), (right, bottom - h * 0.25))
        outline.quad(right, bottom, right - h * 0.3, bottom).line(left + h * 0.3, bottom)
        outline.quad(left, bottom, left, bottom - h * 0.25).close()
        edges = (polyline((left, bottom - 1.8), (right, bottom - 1.8)),)
        tone, grain, raised = 0.95, 0.0, 2.0
    else:
        low, hem = bottom - min(h * 0.16, 4.0), top + min(h * 0.22, 5.0)
        corners = (left, top), (right, top), (right, low)
        outline = polygon(*corners, (middle, bottom), (left, low))
        start, end, side = (left + 1.8, hem), (right - 1.8, hem), low - 1.2
        seam = (start, (left + 1.8, side), (middle, bottom - 2.0), (right - 1.8, side), end)
        edges = (polyline((left, hem), (right, hem)), polyline(*seam))
        tone, grain, raised = 0.98, 0.0, 1.7
    lines = tuple(Line(edge, "stitch") for edge in edges)
    return [Part("cloth", outline, tone, grain, lines, raised=raised)]


def _hang_placket(m: Making, places: list[tuple[str, Point]]) -> None:
    """The strip of cloth that centre-front buttons close."""
    rows = [v for place, (_, v) in places if place == "centre front"]
    if not rows:
        return
    cut, build, half = m.cut, m.build, 6.2
    start = _front_span(m)[0] - 9 if build.bodice else WAIST
    if build.placket == "edge":
        end = cut.hem + (-2 if build.pointed else cut.hem_curve) - 0.5
        edge = polyline((half * 0.7, start), (half * 0.7, end))
        lines = (Line(edge, "opening"),)
        m.hang(Part("pleat", rectangle(0, start, half + 6, end), lines=lines))
        return
    end = cut.hem + cut.hem_curve if build.placket == "hem" else max(rows) + 9
    seams = (polyline((u, start), (u, end)) for u in (-half + 1.6, half - 1.6))
    lines = tuple(Line(seam, "stitch") for seam in seams)
    role, tone = ("trim", 0.94) if build.knitted else ("cloth", 0.985)
    m.hang(Part(role, rectangle(-half, start, half, end), tone, 0.0, lines, raised=0.9))


def button_parts(x: float, y: float, radius: float = BUTTON_RADIUS) -> list[Part]:
    """One button."""
    return [Part("button", ellipse(x, y, radius, radius), raised=1.2)]


def zipper_parts(rect: Rect) -> list[Part]:
    """A zipper with its tape, teeth and slider."""
    left, top, right, bottom = rect
    x = (left + right) / 2
    teeth = Line(polyline((x, top), (x, bottom)), "opening")
    slider = rectangle(x - 2.4, top + 2.5, x + 2.4, top + 12.5, 1.8)
    tape = Part("zipper", rectangle(left, top, right, bottom), lines=(teeth,), raised=0.5)
    return [tape, Part("buckle", slider, raised=0.8)]


def belt_parts(garment: str, rect: Rect) -> list[Part]:
    """A belt: with a buckle on trousers and coats' lighter kin, tied on dresses and coats."""
    left, top, right, bottom = rect
    sag = 2.0
    band = arc((left, top), (0, top + sag), (right, top)).line(right, bottom)
    band.quad(0, bottom + sag, left, bottom).close()
    parts = [Part("trim", band, 0.7, raised=1.8)]
    y = (top + bottom) / 2 + sag * 0.5
    if BUILDS[garment].tied:
        for side, tail in ((-1, 25.0), (1, 30.0)):
            corners = (side * 0.5, y), (side * 5, y + 1), (side * 9.5, y + tail)
            end = polygon(*corners, (side * 3.2, y + tail + 1))
            parts.append(Part("trim", end, 0.68, raised=1.6))
        knot = rectangle(-4.6, y - 5.6, 4.6, y + 5.6, 2.4)
        return [*parts, Part("trim", knot, 0.74, raised=1.6)]
    half = (bottom - top) / 2 + 1.6
    return [*parts, Part("buckle", rectangle(-6.0, y - half, 6.0, y + half, 1.5), raised=1.2)]


def bow_parts(x: float, y: float, w: float, h: float) -> list[Part]:
    """A tied bow with two loops and two tails, in a box of w x h around (x, y)."""
    parts = []
    rx, ry = w / 2, h * 0.36
    for side in (-1, 1):
        near, far = (x + side * 0.5, y), (x + side * rx * 0.62, y + h * 0.62)
        tail = polygon(
            near, (x + side * rx * 0.35, y + 1), far, (x + side * rx * 0.22, y + h * 0.64)
        )
        parts.append(Part("trim", tail, 0.86, raised=1.4))
    for side in (-1, 1):
        near, far, end = x + side * rx * 0.4, x + side * rx * 1.05, x + side * rx
        loop = Path().move(x, y).cubic(near, y - ry * 1.3, far, y - ry * 1.15, end, y)
        loop.cubic(far, y + ry * 1.0, near, y + ry * 1.1, x, y)
        fold = Line(polyline((x + side * 2, y), (x + side * rx * 0.6, y - 1)), "gather")
        parts.append(Part("trim", loop.close(), 0.92, 0.0, (fold,), raised=1.8))
    knot = rectangle(x - 2.6, y - 3.2, x + 2.6, y + 3.2, 1.4)
    return [*parts, Part("trim", knot, 0.8, raised=1.2)]


def patch_parts(rect: Rect, place: str) -> list[Part]:
    """A sewn-on patch: a roundel on the chest, a square on the knee."""
    left, top, right, bottom = rect
    if place.endswith("knee"):
        inner = rectangle(left + 1.8, top + 1.8, right - 1.8, bottom - 1.8, 2)
        outline = rectangle(left, top, right, bottom, 2.5)
    else:
        x, y = (left + right) / 2, (top + bottom) / 2
        rx, ry = (right - left) / 2, (bottom - top) / 2
        outline, inner = ellipse(x, y, rx, ry), ellipse(x, y, rx - 1.8, ry - 1.8)
    return [Part("patch", outline, lines=(Line(inner, "stitch"),), raised=1.0)]


def _patch_rect(m: Making, place: str) -> Rect:
    """Where a patch sits, in the drawing's own units (knees follow the legs)."""
    left, vary = place.startswith("left"), m.vary
    if place.endswith("knee"):
        x, y = m.marks.knees[1 if left else 0]
        x, y, half, tall = x + vary(2), y + vary(4), 9.5, 11.0
    else:
        side = 1.0 if left else -1.0
        u, v = side * m.cut.chest * 0.5 + vary(3), m.cut.armhole + 12 + vary(4)
        x, y = m.marks.torso(u, v)
        half = tall = 8.5 + vary(0.8)
    return x - half, y - tall, x + half, y + tall


def _zipper_rect(m: Making) -> Rect:
    top, bottom = _front_span(m)
    if not m.build.bodice:
        top, bottom = top - 2, min(bottom, WAIST + 60)
    else:
        top -= 8
        if m.build.full_zip:
            bottom = m.cut.hem + (0 if m.cut.ribbed else m.cut.hem_curve)
    return -3.8, top + m.vary(2), 3.8, bottom + m.vary(2)


def _belt_rect(m: Making) -> Rect:
    if not m.build.bodice:
        w = m.cut.waist + 1.2
        return -w, WAIST + 0.5, w, WAIST + WAISTBAND - 1.0
    top = WAIST - 3 + m.vary(2)
    w = m.cut.side(top + 4) + 0.8
    return -w, top, w, top + 8.5 + m.vary(1)


def draw_trimmings(m: Making) -> None:
    """Paint pockets, patches, fastenings, belt and waist bow, in this order."""
    vary, name = m.vary, m.spec.garment
    for pocket in m.unplaced("pocket"):
        rect, style = _pocket_rect(m, pocket.place), pocket_style(name, pocket.place)
        parts = pocket_parts(rect, style, pocket.place == "centre hip")
        m.hang_component("pocket", pocket.place, parts)
    for patch in m.unplaced("patch"):
        parts = patch_parts(_patch_rect(m, patch.place), patch.place)
        m.drawing.add_component("patch", patch.place, parts)
    places = _button_places(m)
    _hang_placket(m, places)
    for zipper in m.unplaced("zipper"):
        m.hang_component("zipper", zipper.place, zipper_parts(_zipper_rect(m)))
    if m.unplaced("belt"):
        m.hang_component("belt", "waist", belt_parts(name, _belt_rect(m)))
    radius = BUTTON_RADIUS + vary(0.35)
    for place, (u, v) in places:
        m.hang_component("button", place, button_parts(u, v, radius))
    for bow in m.unplaced("bow"):
        if bow.place == "waist":
            parts = bow_parts(vary(4), WAIST + 3 + vary(2), 36 + vary(4), 26 + vary(3))
            m.hang_component("bow", "waist", parts)


def draw_neck_bow(m: Making) -> None:
    """Paint a bow at the neck, which lies on top of the neckline's finish."""
    for bow in m.unplaced("bow"):
        if bow.place == "neck":
            v = min(m.cut.neck_depth, 24) + 2
            parts = bow_parts(m.vary(1.5), v, 34 + m.vary(4), 30 + m.vary(3))
            m.hang_component("bow", "neck", parts)
