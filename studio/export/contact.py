"""The contact sheet: pictures in a grid with their seeds, words and checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import skia

from studio.errors import BadInput
from studio.export import paper
from studio.export.letters import (
    ACCENT,
    BAD,
    GOOD,
    HEAD,
    INK,
    LINE,
    MUTED,
    NOTE,
    TITLE,
    Type,
    clean,
    short,
    width,
    wrap,
    write,
)
from studio.export.paper import About, Page, hairline, paint
from studio.gallery import Project, Variant

MARGIN = 40.0
GUTTER = 16.0
MOST = 240
"""Pictures on the sheets of one file."""

_SEED = Type(8, "strong")
_WORDS = Type(7, colour=MUTED, lead=1.35)
_TOP, _BOTTOM, _CAPTION = 92.0, 44.0, 48.0


def contact_sheet(
    project: Project,
    variants: Sequence[Variant],
    picture: Callable[[str], bytes],
    landscape: bool = False,
    now: float | None = None,
) -> tuple[list[Page], About]:
    """A4 pages of pictures, as many as needed.

    Args:
        variants: in the order of the sheet. picture: PNG bytes by SHA-256.

    Raises:
        BadInput: nothing to show, or more than `MOST` pictures.
    """
    if not variants:
        raise BadInput("There is no picture for a contact sheet: star or tick some, or choose all.")
    if len(variants) > MOST:
        raise BadInput(
            f"{len(variants)} pictures are too many for one contact sheet: star or tick at most "
            f"{MOST}."
        )
    wide, tall = paper.A4[::-1] if landscape else paper.A4
    columns, rows, side = _grid(len(variants), wide, tall, landscape)
    each = columns * rows
    pages: list[Page] = []
    total = -(-len(variants) // each)
    date = paper.day(now)

    def page(number: int) -> Callable[[skia.Canvas], None]:
        shown = variants[number * each : (number + 1) * each]

        def draw(canvas: skia.Canvas) -> None:
            _frame(canvas, project, len(variants), date, number + 1, total, wide, tall)
            for i, variant in enumerate(shown):
                x = MARGIN + (i % columns) * (side + GUTTER)
                y = _TOP + (i // columns) * (side + _CAPTION)
                _cell(canvas, variant, picture(variant.picture_sha), x, y, side)

        return draw

    for number in range(total):
        pages.append(Page(wide, tall, page(number)))
    return pages, About(f"{project.name}: contact sheet")


def _grid(count: int, wide: float, tall: float, landscape: bool) -> tuple[int, int, float]:
    """Columns, rows and the side of a picture: larger ones where there are few."""
    inner = wide - 2 * MARGIN
    few, many = ((4, 7), (3, 4))[not landscape]
    if count <= 2:
        columns = 2
    elif count <= few * 2 or (not landscape and count <= 9):
        columns = few
    else:
        columns = many
    while True:
        side = (inner - (columns - 1) * GUTTER) / columns
        rows = int((tall - _TOP - _BOTTOM) / (side + _CAPTION))
        if rows >= 1:
            return columns, rows, side
        columns += 1


def _frame(
    canvas: skia.Canvas,
    project: Project,
    count: int,
    date: str,
    number: int,
    total: int,
    wide: float,
    tall: float,
) -> None:
    title = Type(26, "display", lead=TITLE.lead)
    write(canvas, short(clean(project.name), title, wide - 260), MARGIN, 58, title)
    said = "1 picture" if count == 1 else f"{count} pictures"
    write(canvas, "Contact sheet", wide - MARGIN, 47, HEAD, "right")
    write(canvas, f"{said}, {date}", wide - MARGIN, 59, Type(9, colour=MUTED), "right")
    hairline(canvas, MARGIN, 72, wide - MARGIN, 72, INK)
    write(canvas, "Toile", MARGIN, tall - 24, NOTE)
    write(canvas, f"{number} / {total}", wide - MARGIN, tall - 24, NOTE, "right")


def _cell(
    canvas: skia.Canvas, variant: Variant, data: bytes, x: float, y: float, side: float
) -> None:
    paper.picture(canvas, data, (x, y, x + side, y + side))
    canvas.drawRect(skia.Rect.MakeXYWH(x, y, side, side), paint(LINE, 0.5))
    base = y + side + 12
    length = write(canvas, str(variant.seed), x, base, _SEED)
    if variant.starred:
        _star(canvas, x + length + 8, base - 2.8)
    if variant.passed is not None:
        kept = sum(bool(c.get("passed")) for c in variant.checks)
        said = f"{kept}/{len(variant.checks)}" if variant.checks else ""
        mark = Type(7.5, "strong", GOOD if variant.passed else BAD)
        if width(said, mark) + length + 24 < side:
            write(canvas, said, x + side, base, mark, "right")
    words = variant.prompt or "Drawn, without words"
    for i, line in enumerate(wrap(words, _WORDS, side, 2)):
        write(canvas, line, x, base + 11 + i * _WORDS.line, _WORDS)


def _star(canvas: skia.Canvas, x: float, y: float) -> None:
    """A small filled star around a point."""
    import math

    star = skia.PathBuilder()
    for i in range(10):
        radius = 4.0 if i % 2 == 0 else 1.7
        angle = math.pi * (i / 5 - 0.5)
        point = (x + radius * math.cos(angle), y + radius * math.sin(angle))
        (star.lineTo if i else star.moveTo)(*point)
    star.close()
    canvas.drawPath(star.detach(), paint(ACCENT))
