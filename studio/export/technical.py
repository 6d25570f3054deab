"""The technical sheet: front and back as a flat, what is on them numbered and measured.

The drawing follows the words of the picture's request and the components that were placed, never
the picture itself: what a maker counts on the sheet is what the designer asked for.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import skia

from studio.controls.components import placed_in
from studio.errors import BadInput
from studio.export import paper
from studio.export.callouts import Leader, Target, leaders
from studio.export.letters import (
    ACCENT,
    BODY,
    HEAD,
    INK,
    LINE,
    MUTED,
    NOTE,
    TITLE,
    Type,
    clean,
    paragraph,
    short,
    width,
    wrap,
    write,
)
from studio.export.line import Placing
from studio.export.paper import About, Page, hairline, paint
from studio.gallery import Project, Variant
from studio.garment.document import Group
from studio.garment.flats import View, layout, place
from studio.garment.following import grouped
from studio.garment.parse import parse_prompt
from studio.garment.spec import Component, GarmentSpec
from studio.garment.vocabulary import COLOURS, COMPONENTS
from studio.request import GenerationRequest, Recorded

MARGIN = 40.0
_SAME_PLACE = 0.03
"""Heights in parts of the picture that count as the same."""
_FIGURES = Type(9)


@dataclass(frozen=True)
class Row:
    """One line of the component table.

    Attributes:
        size: width and height of one, in parts of the garment's height; None where not drawn.
        views: on which drawings it is seen.
    """

    number: int
    kind: str
    count: int
    place: str
    size: tuple[float, float] | None
    note: str
    members: dict[View, tuple[Component, ...]]


def garment_of(request: GenerationRequest) -> GarmentSpec:
    """The garment that a request asks for, with its placed components.

    The words say what the garment is; placed components replace those of their kind.
    """
    spec = request.words.garment or parse_prompt(request.words.prompt).garment
    placed = [_as_cut(spec, c) for c in placed_in(request) if c.box is not None]
    kinds = {c.kind for c in placed}
    if spec.type.necklines == ("none",):
        kinds.discard("collar")
    kept = [c for c in spec.components if c.kind not in kinds]
    return spec.with_components([*kept, *placed])


def _as_cut(spec: GarmentSpec, component: Component) -> Component:
    """A belt in its usual place is left to the cut, which draws band and ends apart; a box holds
    both and would be drawn as one broad band."""
    if component.kind != "belt" or component.centre is None:
        return component
    plain = Component(component.kind, component.place)
    usual = place(spec.with_components([plain])).components[0].centre
    near = usual is not None and abs(usual[1] - component.centre[1]) < _SAME_PLACE
    return plain if near else component


def rows_of(spec: GarmentSpec) -> tuple[Row, ...]:
    """The table: every kind at every place once, numbered from the top of the garment down."""
    drawn: dict[View, tuple[Component, ...]] = {
        "front": _once(layout(spec, "front").components),
        "back": _once(layout(spec, "back").components),
    }
    _, top, _, bottom = _extent(spec, "front")
    height = max(bottom - top, 1e-6)
    found: list[tuple[float, Group, dict[View, tuple[Component, ...]]]] = []
    known: set[tuple[str, str]] = set()
    for view in ("front", "back"):
        fresh = [c for c in drawn[view] if (c.kind, c.place) not in known]
        for group in grouped(c for c in fresh if c.box is not None):
            members: dict[View, tuple[Component, ...]] = {
                v: tuple(c for c in drawn[v] if c.kind == group.kind and c.place in group.places)
                for v in drawn
            }
            first = min(c.box[1] for cs in members.values() for c in cs if c.box)
            found.append((first, group, members))
            known |= {(group.kind, place) for place in group.places}
    rows: list[Row] = []
    for number, (_, group, members) in enumerate(sorted(found, key=lambda one: one[0]), 1):
        seen = members["front"] or members["back"]
        box = seen[0].box
        size = ((box[2] - box[0]) / height, (box[3] - box[1]) / height) if box else None
        rows.append(
            Row(number, group.kind, len(seen), _place(group), size, _note(group, seen, height),
                members)
        )  # fmt: skip
    return tuple(rows)


def _once(components: Sequence[Component]) -> tuple[Component, ...]:
    """Without those that the cut draws where they were placed as well, such as cuffs."""
    known: dict[tuple[object, ...], Component] = {}
    for c in components:
        box = tuple(round(edge, 2) for edge in c.box) if c.box else None
        known.setdefault((c.kind, c.place, box), c)
    return tuple(known.values())


def _extent(spec: GarmentSpec, view: View) -> paper.Box:
    """The flat's bounds in its unit square."""
    flat = layout(spec, view)
    left, top, right, bottom = flat.drawing.bounds()
    return *flat.point(left, top), *flat.point(right, bottom)


def _place(group: Group) -> str:
    if len(group.places) == 2:
        return "both sides, " + group.place.split(" ", 1)[-1]
    return group.place


def _note(group: Group, members: Sequence[Component], height: float) -> str:
    """What a maker wants to know beside the size."""
    boxes = [c.box for c in members if c.box]
    if group.kind == "button" and len(boxes) > 1:
        ys = sorted({round((b[1] + b[3]) / 2, 3) for b in boxes})
        steps = [b - a for a, b in itertools.pairwise(ys)]
        if steps and max(steps) - min(steps) < 0.012:
            return f"evenly spaced, {sum(steps) / len(steps) / height:.1%} apart"
        return "spaced as drawn" if steps else ""
    if len(group.places) == 2:
        return "mirrored about the centre front"
    return ""


def technical_sheet(
    project: Project, variant: Variant, picture: bytes, now: float | None = None
) -> tuple[Page, About]:
    """One A3 landscape page about one picture.

    Args:
        picture: its PNG. now: the date on the sheet, seconds since 1970.

    Raises:
        BadInput: the picture's words name no garment and nothing was placed.
    """
    request = Recorded.from_json(variant.request).request
    words = request.words
    if not words.prompt.strip() and not words.garment and not placed_in(request):
        raise BadInput(
            "A technical sheet needs a garment: describe it in words, generate, then export that "
            "picture."
        )
    spec = garment_of(request)
    rows = rows_of(spec)
    tall, wide = paper.A3
    date = paper.day(now)

    def draw(canvas: skia.Canvas) -> None:
        _head(canvas, project, spec, date, wide)
        _flats(canvas, spec, rows, (MARGIN, 116, wide - 356, tall - 72))
        _side(canvas, spec, rows, variant, picture, (wide - 332, 116, wide - MARGIN, tall - 84))
        _foot(canvas, variant, request, wide, tall)

    return Page(wide, tall, draw), About(f"{project.name}: technical sheet", variant.request)


def _head(canvas: skia.Canvas, project: Project, spec: GarmentSpec, date: str, wide: float) -> None:
    write(canvas, short(clean(project.name), TITLE, wide - 420), MARGIN, 66, TITLE)
    write(canvas, "Technical sheet", wide - MARGIN, 56, HEAD, "right")
    write(canvas, date, wide - MARGIN, 69, Type(9, colour=MUTED), "right")
    hairline(canvas, MARGIN, 84, wide - MARGIN, 84, INK)


def _flats(canvas: skia.Canvas, spec: GarmentSpec, rows: Sequence[Row], frame: paper.Box) -> None:
    """Front and back side by side, at one scale."""
    left, top, right, bottom = frame
    half = (right - left) / 2
    air = 42.0  # for the numbers on both sides of each drawing
    frames: dict[View, paper.Box] = {
        "front": (left + air, top + 28, left + half - air, bottom - 8),
        "back": (left + half + air, top + 28, right - air, bottom - 8),
    }
    scale = min(Placing.fitting(layout(spec, view), box) for view, box in frames.items())
    for view, box in frames.items():
        placing = Placing(layout(spec, view), box, scale)
        placing.draw(canvas)
        write(canvas, view.capitalize(), box[0] - air, top + 8, HEAD)
        x0, _, x1, _ = placing.bounds
        members: dict[int, list[Target]] = {}
        for row in rows:
            for component in row.members[view]:
                if component.box is None or (view == "back" and row.members["front"]):
                    continue
                a, b = placing.point(*component.box[:2]), placing.point(*component.box[2:])
                target = Target((*a, *b), placing.parts_of(component))
                members.setdefault(row.number, []).append(target)
        ends = (max(box[0] - air + 9, x0 - 36), min(box[2] + air - 9, x1 + 36))
        seen = placing.seen(right, bottom)
        for leader in leaders(members, seen, ends, (top + 34, bottom - 12)):
            _leader(canvas, leader)


def _leader(canvas: skia.Canvas, leader: Leader) -> None:
    """A line with a dot on the component and a circled number in the margin."""
    radius = 8.5
    at, end = leader.at, leader.end
    line = skia.PathBuilder()
    line.moveTo(*at)
    line.lineTo(*leader.bend)
    line.lineTo(end[0] - radius if leader.right else end[0] + radius, end[1])
    path = line.detach()
    canvas.drawPath(path, paint(0xFFFFFFFF, 2.4))
    canvas.drawPath(path, paint(ACCENT, 0.6))
    canvas.drawCircle(*at, 1.9, paint(0xFFFFFFFF))
    canvas.drawCircle(*at, 1.5, paint(ACCENT))
    canvas.drawCircle(*end, radius, paint(0xFFFFFFFF))
    canvas.drawCircle(*end, radius, paint(ACCENT, 0.6))
    style = Type(8, "strong", ACCENT)
    write(canvas, str(leader.number), end[0], end[1] + 2.9, style, "centre")


def _side(
    canvas: skia.Canvas,
    spec: GarmentSpec,
    rows: Sequence[Row],
    variant: Variant,
    picture: bytes,
    frame: paper.Box,
) -> None:
    """The column of facts: garment, picture, components."""
    left, top, right, bottom = frame
    side = 134.0
    paper.picture(canvas, picture, (right - side, top, right, top + side))
    y = top + 8
    write(canvas, "Garment", left, y, HEAD)
    y += 18
    colour = COLOURS[spec.colour]
    facts = [
        ("Type", spec.garment),
        ("Colour", f"{spec.colour} {colour.hex}"),
        ("Pattern", spec.pattern),
        ("Fabric", spec.fabric),
        ("Neckline", spec.neckline),
        ("Sleeves", "none" if spec.sleeves == "none" else spec.sleeves),
        ("Length", spec.length),
        ("Fit", spec.fit),
    ]
    for name, value in facts:
        if value == "none" and name in ("Neckline", "Sleeves") and spec.type.region == "lower":
            continue
        write(canvas, name, left, y, Type(9, colour=MUTED))
        x = left + 58
        if name == "Colour":
            paper.swatch(canvas, colour.hex, x, y - 8, 10)
            x += 15
        write(canvas, value, x, y, BODY)
        y += 16
    y = max(y + 8, top + side + 30)
    y = _table(canvas, rows, left, right, y, bottom - 60)
    if variant.note:
        write(canvas, "Note", left, y, HEAD)
        paragraph(canvas, variant.note, left, y + 15, BODY, right - left,
                  max(int((bottom - y - 15) / BODY.line), 1))  # fmt: skip


def _table(
    canvas: skia.Canvas, rows: Sequence[Row], left: float, right: float, y: float, bottom: float
) -> float:
    """The component table; returns where what follows may begin."""
    write(canvas, "Components", left, y, HEAD)
    count = sum(row.count for row in rows)
    write(canvas, f"{count} in all", right, y, Type(9, colour=MUTED), "right")
    if not rows:
        write(canvas, "None.", left, y + 18, BODY)
        return y + 44
    columns = (left, left + 22, left + 80, left + 112, left + 212, right)
    y += 18
    for x, name in zip(
        columns, ("No", "Kind", "Count", "Place", "Size, % of height"), strict=False
    ):
        write(canvas, name, x, y, NOTE)
    y += 6
    hairline(canvas, left, y, right, y, INK)
    step = min(27.0, max((bottom - y) / len(rows), 12.0))
    for row in rows:
        base = y + min(12.5, step - 3)
        write(canvas, str(row.number), columns[0], base, Type(9, "strong", ACCENT))
        write(canvas, COMPONENTS[row.kind].name, columns[1], base, BODY)
        write(canvas, str(row.count), columns[2], base, _FIGURES)
        write(canvas, short(row.place, BODY, 96), columns[3], base, BODY)
        if row.size is not None:
            size = f"{row.size[0] * 100:.1f} × {row.size[1] * 100:.1f}"
            write(canvas, size, columns[4], base, _FIGURES)
        if row.note and step > 22:
            write(canvas, short(row.note, NOTE, right - columns[1]), columns[1], base + 10, NOTE)
        y += step
        hairline(canvas, left, y, right, y, LINE)
    return y + 26


def _foot(
    canvas: skia.Canvas, variant: Variant, request: GenerationRequest, wide: float, tall: float
) -> None:
    y = tall - 56
    hairline(canvas, MARGIN, y, wide - MARGIN, y, LINE)
    style = Type(8, colour=MUTED)
    said = f"Seed {variant.seed}   ·   {request.model.name}   ·   {variant.id[:8]}   ·   Toile"
    room = wide - 2 * MARGIN - width(said, style) - 40
    words = wrap(
        f"“{variant.prompt}”" if variant.prompt else "Drawn, without words.", style, room, 2
    )
    for i, line in enumerate(words):
        write(canvas, line, MARGIN, y + 16 + i * style.line, style)
    write(canvas, said, wide - MARGIN, y + 16, style, "right")
