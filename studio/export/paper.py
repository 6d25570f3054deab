"""Pages drawn once and written as PDF, SVG or PNG, with what made them inside."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import skia
from PIL import PngImagePlugin

from studio.errors import BadInput
from studio.export.letters import LINE
from studio.pngmeta import CHUNK, png_bytes

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in points."""

POINTS_PER_MM = 72 / 25.4

PX_PER_POINT = 2.5
"""Pixels of a PNG per point of paper: 180 to the inch."""

_MEDIA = {"pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png"}


@dataclass(frozen=True)
class Page:
    """One page: its size in points (1/72 inch), and what draws on it."""

    width: float
    height: float
    draw: Callable[[skia.Canvas], None]


@dataclass(frozen=True)
class Document:
    """A finished file."""

    data: bytes
    media: str
    extension: str


@dataclass(frozen=True)
class About:
    """What a file says of itself.

    Attributes:
        title: shown by readers. request: JSON of the request behind the picture, or "".
    """

    title: str
    request: str = ""


A4 = (595.28, 841.89)
A3 = (841.89, 1190.55)
"""Width and height upright, in points."""


def make(pages: Sequence[Page], kind: str, about: About) -> Document:
    """The pages as one file; several pages of a picture format come in a ZIP file.

    Raises:
        BadInput: a format that is none of “pdf”, “svg” and “png”.
    """
    if kind not in _MEDIA:
        raise BadInput("Sheets are written as PDF, SVG or PNG: choose one of them.")
    if kind == "pdf":
        return Document(_pdf(pages, about), _MEDIA[kind], kind)
    one = _svg if kind == "svg" else _png
    if len(pages) == 1:
        return Document(one(pages[0], about), _MEDIA[kind], kind)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, page in enumerate(pages, 1):
            archive.writestr(f"page-{number:02}.{kind}", one(page, about))
    return Document(packed.getvalue(), "application/zip", "zip")


def _pdf(pages: Sequence[Page], about: About) -> bytes:
    stream = skia.DynamicMemoryWStream()
    metadata = skia.PDF.Metadata()
    metadata.fTitle = about.title
    metadata.fCreator = "Toile"
    metadata.fProducer = "Toile"
    metadata.fSubject = "Garment design"
    metadata.fKeywords = about.request
    document = skia.PDF.MakeDocument(stream, metadata)
    for page in pages:
        page.draw(document.beginPage(page.width, page.height))
        document.endPage()
    document.close()
    return bytes(stream.detachAsData())


def _svg(page: Page, about: About) -> bytes:
    stream = skia.DynamicMemoryWStream()
    canvas = skia.SVGCanvas.Make(
        skia.Rect.MakeWH(page.width, page.height),
        stream,
        skia.SVGCanvas.kConvertTextToPaths_Flag | skia.SVGCanvas.kNoPrettyXML_Flag,
    )
    page.draw(canvas)
    del canvas  # only now is the text complete
    text = bytes(stream.detachAsData()).decode()
    head, body = text.split("<svg", 1)
    tag, inside = body.split(">", 1)
    if "viewBox" not in tag:
        tag += f' viewBox="0 0 {page.width:g} {page.height:g}"'
    # Without a unit programs take the numbers for 1/96 inch.
    for name, points in (("width", page.width), ("height", page.height)):
        tag = re.sub(rf'\b{name}="[^"]*"', f'{name}="{points / POINTS_PER_MM:.2f}mm"', tag, count=1)
    said = f"<title>{escape(_xml(about.title))}</title>"
    if about.request:
        said += f'<metadata id="{CHUNK}">{escape(_xml(about.request))}</metadata>'
    return f"{head}<svg{tag}>{said}{inside}".encode()


def _xml(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(c for c in text if (c >= " " and c not in "\ufffe\uffff") or c in "\t\n")


def _png(page: Page, about: About) -> bytes:
    surface = skia.Surface(round(page.width * PX_PER_POINT), round(page.height * PX_PER_POINT))
    canvas = surface.getCanvas()
    canvas.clear(skia.ColorWHITE)
    canvas.scale(PX_PER_POINT, PX_PER_POINT)
    page.draw(canvas)
    pixels = surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType)
    info = PngImagePlugin.PngInfo()
    info.add_itxt("Title", about.title)
    info.add_itxt("Software", "Toile")
    if about.request:
        info.add_itxt(CHUNK, about.request, zip=False)
    return png_bytes(pixels[..., :3], pnginfo=info, dpi=(72 * PX_PER_POINT,) * 2)


# Marks that every sheet uses


def paint(colour: int, stroke: float = 0.0) -> skia.Paint:
    """A filled colour, or a line of `stroke` points."""
    made = skia.Paint(Color=colour, AntiAlias=True)
    if stroke:
        made.setStyle(skia.Paint.kStroke_Style)
        made.setStrokeWidth(stroke)
    return made


def hairline(canvas: skia.Canvas, x0: float, y0: float, x1: float, y1: float, colour: int) -> None:
    """A line of half a point."""
    canvas.drawLine(x0, y0, x1, y1, paint(colour, 0.5))


def swatch(canvas: skia.Canvas, hex: str, x: float, y: float, side: float) -> None:
    """A framed square of a colour ("#1b2a4a"), x and y its upper left corner."""
    square = skia.Rect.MakeXYWH(x, y, side, side)
    canvas.drawRect(square, paint(0xFF000000 | int(hex[1:], 16)))
    canvas.drawRect(square, paint(LINE, 0.5))


def day(seconds: float | None = None) -> str:
    """A moment in seconds since 1970, or now, as “30 November 2026”."""
    return time.strftime("%-d %B %Y", time.localtime(seconds))


def picture(canvas: skia.Canvas, data: bytes, box: Box) -> None:
    """Draw a picture as large as it fits into a box, centred.

    Raises:
        BadInput: the bytes are no picture.
    """
    image = skia.Image.MakeFromEncoded(skia.Data.MakeWithCopy(data))
    if image is None:
        raise BadInput("A picture of this project cannot be read: move it to the trash.")
    fit(canvas, image, box)


def fit(canvas: skia.Canvas, image: skia.Image, box: Box) -> None:
    """Draw an image as large as it fits into a box, centred."""
    left, top, right, bottom = box
    scale = min((right - left) / image.width(), (bottom - top) / image.height())
    w, h = image.width() * scale, image.height() * scale
    x, y = (left + right - w) / 2, (top + bottom - h) / 2
    sampling = skia.SamplingOptions(skia.CubicResampler.Mitchell())
    canvas.drawImageRect(image, skia.Rect.MakeXYWH(x, y, w, h), sampling)
