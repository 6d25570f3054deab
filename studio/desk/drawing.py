"""The board's drawing, painted as ink.

`studio/gallery/layers.py` says what a drawing is; `assets/ui/ink.js` paints the same geometry in
the browser.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.desk.wish import Files
from studio.errors import BadInput
from studio.gallery.layers import SIDE, Stroke, read_strokes
from studio.pngmeta import opened, png_bytes

INK_SIZE = 256
"""Side of the ink picture in pixels, that of the bundled model's pictures."""

PHOTO_SIZE = 2 * INK_SIZE
"""Side of the ink that is read from a dropped picture."""

LEAST = 96
"""Ink fainter than this, of 255, counts as none."""

LIGHTEST = 0.3
"""Part of the pen's width that is left at no pressure at all."""


def paint(
    strokes: tuple[Stroke, ...], photo: NDArray[np.uint8] | None = None, size: int = INK_SIZE
) -> NDArray[np.uint8]:
    """Paint a drawing as ink.

    Args:
        strokes: in the order they were drawn; erasers take away what lies before them.
        photo: ink that lies under the strokes, (size, size), 255 = ink.
        size: side of the result in pixels.

    Returns:
        (size, size) uint8, 255 = ink.
    """
    import skia

    surface = skia.Surface(size, size)
    canvas = surface.getCanvas()
    canvas.clear(skia.ColorBLACK)
    if photo is not None:
        rgba = np.dstack([photo, photo, photo, np.full_like(photo, 255)])
        canvas.drawImage(skia.Image.fromarray(np.ascontiguousarray(rgba)), 0, 0)
    canvas.scale(size / SIDE, size / SIDE)
    for stroke in strokes:
        colour = skia.ColorBLACK if stroke.eraser else skia.ColorWHITE
        _paint_stroke(canvas, stroke, colour)
        if stroke.mirrored:
            canvas.save()
            canvas.translate(SIDE, 0)
            canvas.scale(-1, 1)
            _paint_stroke(canvas, stroke, colour)
            canvas.restore()
    pixels = surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType)
    return np.ascontiguousarray(pixels[..., 0])


def _paint_stroke(canvas: Any, stroke: Stroke, colour: int) -> None:
    """Quadratic curves through the midpoints, each as wide as the pressure at its point."""
    import skia

    paint = skia.Paint(
        Color=colour,
        AntiAlias=True,
        Style=skia.Paint.kStroke_Style,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )
    points = stroke.points
    for i, (x, y, force) in enumerate(points):
        before, after = points[max(i - 1, 0)], points[min(i + 1, len(points) - 1)]
        path = skia.Path()
        path.moveTo(*_middle(before, points[i]))
        path.quadTo(x, y, *_middle(points[i], after))
        if i == 0:
            path.moveTo(x, y)
            path.lineTo(*_middle(points[i], after))
        if i == len(points) - 1:
            path.lineTo(x, y)
        paint.setStrokeWidth(stroke.width * (LIGHTEST + (1 - LIGHTEST) * force))
        canvas.drawPath(path, paint)


def _middle(a: tuple[float, float, float], b: tuple[float, float, float]) -> tuple[float, float]:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def ink_of(strokes: str, photo_png: bytes | None) -> NDArray[np.uint8] | None:
    """The ink of a drawing, (INK_SIZE, INK_SIZE), 255 = ink; None without any.

    Args:
        strokes: the page's drawing. photo_png: ink that lies under it.

    Raises:
        BadInput: no drawing.
    """
    drawn = read_strokes(strokes) if strokes else ()
    if not drawn and photo_png is None:
        return None
    under = None
    if photo_png is not None:
        photo = opened(photo_png, ("PNG",)).convert("L")
        under = np.asarray(photo.resize((INK_SIZE, INK_SIZE), Image.Resampling.BOX))
    ink = paint(drawn, under)
    return ink if (ink > LEAST).any() else None


def read_drawn(data: bytes) -> bytes:
    """The ink of a photo or a scan of a drawing, PHOTO_SIZE large, as a PNG file."""
    from studio.vision.sketch import read_sketch

    return png_bytes(read_sketch(data, PHOTO_SIZE))


def take(data: bytes, files: Files) -> str:
    """Keep a drawing as the board does that it is dropped on; the SHA-256 of its ink.

    Raises:
        BadInput: no picture, or one without lines.
    """
    ink = ink_of("", read_drawn(data))
    if ink is None:
        raise BadInput("No lines were found in the drawing: give one with darker lines.")
    return files.keep_picture(png_bytes(ink))
