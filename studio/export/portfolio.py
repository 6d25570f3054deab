"""The portfolio page: drawing, variants, the chosen one, and how it came about; A3 across."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import skia

from studio.controls.sketch import SketchControl
from studio.errors import BadInput
from studio.export import paper
from studio.export.letters import (
    BODY,
    HEAD,
    LINE,
    MUTED,
    Type,
    clean,
    paragraph,
    short,
    wrap,
    write,
)
from studio.export.line import Placing
from studio.export.paper import About, Page, paint
from studio.export.technical import garment_of
from studio.gallery import Project, Variant
from studio.garment.flats import layout
from studio.garment.vocabulary import COLOURS
from studio.request import GenerationRequest, Recorded

MARGIN = 48.0
SHOWN = 6
"""Variants on the way to the chosen one."""

_TITLE = Type(52, "display", lead=1.0)
_LABEL = Type(8.5, "strong")
_QUIET = Type(8.5, colour=MUTED)
_TEXT = Type(10, lead=1.5)


@dataclass(frozen=True)
class Story:
    """What the page tells.

    Attributes:
        chosen: the picture that was decided for.
        others: pictures on the way to it, oldest first.
        notes: the designer's own words.
    """

    project: Project
    chosen: Variant
    others: tuple[Variant, ...]
    notes: str = ""


def portfolio_page(
    story: Story, picture: Callable[[str], bytes], now: float | None = None
) -> tuple[Page, About]:
    """One A3 landscape page.

    Args:
        picture: PNG bytes by SHA-256.
    """
    tall, wide = paper.A3
    recorded = Recorded.from_json(story.chosen.request)
    request = recorded.request
    left_end = MARGIN + 268
    right_start = wide - MARGIN - 470
    others = spread_over(story.others, SHOWN)

    def draw(canvas: skia.Canvas) -> None:
        title = wrap(clean(story.project.name), _TITLE, right_start - MARGIN - 24, 2)
        y = 96.0
        for line in title:
            write(canvas, line, MARGIN, y, _TITLE)
            y += _TITLE.line
        dates = _dates(story, now)
        write(canvas, dates, wide - MARGIN, 58, _QUIET, "right")
        chosen = picture(story.chosen.picture_sha)
        paper.picture(canvas, chosen, (right_start, 76, wide - MARGIN, 76 + 470))
        _words(canvas, story, request, (right_start, 76 + 470 + 22, wide - MARGIN, tall - 60))
        top = 196.0
        _sketch(canvas, recorded, picture, (MARGIN, top, left_end, top + 314))
        _swatches(canvas, request, (MARGIN, top + 362, left_end, tall - 60))
        _variants(canvas, others, story, picture, (left_end + 40, top, right_start - 40, tall - 60))
        write(canvas, "Toile", MARGIN, tall - 28, Type(8, colour=MUTED))
        said = f"Seed {story.chosen.seed}, {request.model.name}"
        write(canvas, said, wide - MARGIN, tall - 28, Type(8, colour=MUTED), "right")

    return Page(wide, tall, draw), About(f"{story.project.name}: portfolio", story.chosen.request)


def spread_over(pictures: Sequence[Variant], most: int) -> tuple[Variant, ...]:
    """At most `most` of them, evenly over the time in which they were made."""
    if len(pictures) <= most:
        return tuple(pictures)
    last = len(pictures) - 1
    return tuple(pictures[round(i * last / (most - 1))] for i in range(most))


def _dates(story: Story, now: float | None) -> str:
    made = [v.created for v in (*story.others, story.chosen)]
    days = [paper.day(min(made)), paper.day(max(made))]
    return days[0] if days[0] == days[1] else f"{days[0]} to {days[1]}"


def _words(canvas: skia.Canvas, story: Story, request: GenerationRequest, frame: paper.Box) -> None:
    """What the picture was asked for, and the designer's notes."""
    left, top, right, bottom = frame
    half = (right - left - 24) / 2
    notes = story.notes.strip()
    write(canvas, "The words", left, top, _LABEL)
    words = story.chosen.prompt or "Drawn, without words."
    most = int((bottom - top - 16) / _TEXT.line)
    paragraph(canvas, words, left, top + 17, _TEXT, half if notes else right - left, most)
    if notes:
        x = left + half + 24
        write(canvas, "Process", x, top, _LABEL)
        paragraph(canvas, notes, x, top + 17, _TEXT, half, most)


def _sketch(
    canvas: skia.Canvas,
    recorded: Recorded,
    picture: Callable[[str], bytes],
    box: paper.Box,
) -> None:
    """The lines that it began with: the ink as it was, or the flat that the words describe."""
    left, top, right, bottom = box
    sketch = recorded.request.get(SketchControl)
    drawn = "Usual shape" if "sketch" in recorded.found else "Sketch"
    write(canvas, drawn if sketch else "Flat", left, top, _LABEL)
    frame = (left, top + 14, right, bottom)
    canvas.drawRect(skia.Rect.MakeLTRB(*frame), paint(LINE, 0.5))
    inner = (left + 12, top + 26, right - 12, bottom - 12)
    if sketch is not None:
        _ink(canvas, picture(sketch.picture), inner)
        return
    Placing(layout(garment_of(recorded.request), "front"), inner).draw(canvas)


def _ink(canvas: skia.Canvas, data: bytes, box: paper.Box) -> None:
    """White ink on black, drawn as dark ink on the paper."""
    image = skia.Image.MakeFromEncoded(skia.Data.MakeWithCopy(data))
    if image is None:
        raise BadInput("The drawing of this picture cannot be read: choose another picture.")
    pixels = image.toarray(colorType=skia.kRGBA_8888_ColorType).copy()
    pixels[..., 3] = pixels[..., 0]  # what was light is covering
    pixels[..., :3] = (27, 27, 29)
    # Unpremultiplied colours with the ink as their coverage.
    inked = skia.Image.fromarray(pixels, skia.kRGBA_8888_ColorType, skia.kUnpremul_AlphaType)
    paper.fit(canvas, inked, box)


def _swatches(canvas: skia.Canvas, request: GenerationRequest, frame: paper.Box) -> None:
    """Cloth and colour, large enough to judge."""
    left, top, *_ = frame
    spec = garment_of(request)
    colour = COLOURS[spec.colour]
    write(canvas, "Colour and cloth", left, top, _LABEL)
    side = 72.0
    y = top + 14
    paper.swatch(canvas, colour.hex, left, y, side)
    x = left + side + 16
    lines = [
        (spec.colour.capitalize(), HEAD), (colour.hex, _QUIET),
        (" ".join(w for w in (spec.pattern if spec.pattern != "plain" else "", spec.fabric) if w)
         .capitalize(), BODY),
        (f"{spec.fit} fit, {spec.length} length".capitalize(), BODY),
    ]  # fmt: skip
    for i, (text, style) in enumerate(lines):
        write(canvas, text, x, y + 10 + i * 16, style)


def _variants(
    canvas: skia.Canvas,
    others: Sequence[Variant],
    story: Story,
    picture: Callable[[str], bytes],
    frame: paper.Box,
) -> None:
    """The way there: two columns of pictures, oldest first."""
    left, top, right, bottom = frame
    write(canvas, "Variants", left, top, _LABEL)
    if not others:
        write(canvas, "The first picture was the chosen one.", left, top + 18, _QUIET)
        return
    columns = 2 if len(others) > 1 else 1
    rows = -(-len(others) // columns)
    gap = 14.0
    side = min((right - left - (columns - 1) * gap) / columns, (bottom - top - 14) / rows - 26)
    for i, variant in enumerate(others):
        x = left + (i % columns) * (side + gap)
        y = top + 14 + (i // columns) * (side + 26)
        paper.picture(canvas, picture(variant.picture_sha), (x, y, x + side, y + side))
        write(canvas, f"{i + 1}", x, y + side + 12, _LABEL)
        style = Type(8, colour=MUTED)
        said = short(clean(variant.note) or f"seed {variant.seed}", style, side - 14)
        write(canvas, said, x + 14, y + side + 12, style)
