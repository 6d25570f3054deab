"""The board as an SVG file: strokes as paths, components as groups with their names."""

import base64
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from studio.desk.drawing import LIGHTEST
from studio.desk.views import file_stem
from studio.errors import BadInput
from studio.gallery import Store
from studio.gallery.layers import SIDE, Stroke, read_strokes
from studio.garment.document import Document, Group, read_document
from studio.garment.spec import Box
from studio.garment.vocabulary import COMPONENTS

_INK = "#16161a"
_MARK = "#2f46b8"


def board_svg(
    strokes: tuple[Stroke, ...],
    document: Document,
    photo_png: bytes | None = None,
    title: str = "",
) -> str:
    """A standalone drawing of SIDE x SIDE units.

    An eraser is a mask over all that lies before it, so that the strokes themselves stay whole.

    Args:
        photo_png: ink that lies under the strokes, white = ink.
    """
    masks: list[str] = []
    drawn = _photo(photo_png, masks) if photo_png else ""
    for index, stroke in enumerate(strokes):
        if not stroke.eraser:
            drawn += _both_sides(stroke, _INK)
            continue
        name = f"eraser-{index}"
        masks.append(
            f'<mask id="{name}" maskUnits="userSpaceOnUse" x="0" y="0" width="{SIDE}" '
            f'height="{SIDE}"><rect width="{SIDE}" height="{SIDE}" fill="#fff"/>'
            f"{_both_sides(stroke, '#000')}</mask>"
        )
        drawn = f'<g mask="url(#{name})">{drawn}</g>' if drawn else ""
    parts = "".join(_group(group) for group in document.groups if group.boxes)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" '
        f'width="{SIDE}" height="{SIDE}"><title>{_text(title)}</title>'
        f"<defs>{''.join(masks)}</defs>"
        f'<g id="drawing" fill="none" stroke-linecap="round" stroke-linejoin="round">{drawn}</g>'
        f'<g id="components" fill="none" stroke="{_MARK}" stroke-width="3">{parts}</g></svg>\n'
    )


def kept_svg(store: Store, project_id: str) -> tuple[str, str]:
    """File name and text of a project's kept drawing. Raises BadInput where it has none."""
    project = store.project(project_id)
    sketch, kept = store.latest_sketch(project_id), store.latest_components(project_id)
    document = read_document(kept.document) if kept else Document()
    if sketch is None and not document.groups:
        raise BadInput("There is nothing on the board yet: draw something first.")
    photo = store.picture(sketch.photo_sha) if sketch and sketch.photo_sha else None
    strokes = read_strokes(sketch.strokes) if sketch and sketch.strokes else ()
    name = f"{file_stem(project.name, 6, 'drawing')}.svg"
    return name, board_svg(strokes, document, photo, project.name)


def _text(text: str) -> str:
    """Text that XML can hold: control characters and lone surrogates have no place in it."""
    kept = "".join(
        c for c in text if c in "\t\n" or (c.isprintable() and not "\ud800" <= c <= "\udfff")
    )
    return escape(kept)


def _both_sides(stroke: Stroke, colour: str) -> str:
    drawn = _stroke(stroke, colour)
    if stroke.mirrored:
        drawn += f'<g transform="matrix(-1 0 0 1 {SIDE} 0)">{drawn}</g>'
    return drawn


def _stroke(stroke: Stroke, colour: str) -> str:
    """One path where the pen's pressure did not change, else a path for each width."""
    points = stroke.points
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairwise(points)]
    pieces: list[tuple[float, str]] = []
    at = points[0][:2]
    for i, (x, y, force) in enumerate(points):
        width = round(stroke.width * (LIGHTEST + (1 - LIGHTEST) * force), 1)
        end = middles[i] if i < len(middles) else (x, y)
        line = f"Q{_n(x)} {_n(y)} {_n(end[0])} {_n(end[1])}"
        if i == 0:
            line = f"L{_n(end[0])} {_n(end[1])}"
        if pieces and pieces[-1][0] == width:
            pieces[-1] = (width, pieces[-1][1] + line)
        else:
            pieces.append((width, f"M{_n(at[0])} {_n(at[1])}{line}"))
        at = end
    return "".join(
        f'<path d="{d}" stroke="{colour}" stroke-width="{_n(width)}"/>' for width, d in pieces
    )


def _photo(png: bytes, masks: list[str]) -> str:
    """Ink that was read from a picture: its brightness is where the ink shows."""
    data = base64.b64encode(png).decode()
    masks.append(
        f'<mask id="photo" maskUnits="userSpaceOnUse" x="0" y="0" width="{SIDE}" height="{SIDE}">'
        f'<image width="{SIDE}" height="{SIDE}" href="data:image/png;base64,{data}"/></mask>'
    )
    return f'<rect width="{SIDE}" height="{SIDE}" fill="{_INK}" mask="url(#photo)"/>'


def _group(group: Group) -> str:
    marks = "".join(
        _mark(group.kind, component.box) for component in group.components() if component.box
    )
    words = group.words()
    return (
        f'<g id={quoteattr(group.id)} role="img" aria-label={quoteattr(words)}>'
        f"<title>{escape(words)}</title>{marks}</g>"
    )


def _mark(kind: str, box: Box) -> str:
    left, top, right, bottom = (v * SIDE for v in box)
    if COMPONENTS[kind].point:
        radius = (right - left + bottom - top) / 4
        x, y = (left + right) / 2, (top + bottom) / 2
        return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"/>'
    return (
        f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(right - left)}" '
        f'height="{_n(bottom - top)}"/>'
    )


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
