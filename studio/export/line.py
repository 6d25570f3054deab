"""A garment's flat as vectors on a sheet, and where on it a component lies."""

from __future__ import annotations

import math

import numpy as np
import skia
from numpy.typing import NDArray

from studio.export.paper import paint
from studio.garment.flats import Flat, draw_lines
from studio.garment.paths import Point, Rect
from studio.garment.spec import Component

_WIDTHS = {
    "seam": 0.6, "stitch": 0.45, "rib": 0.35, "pleat": 0.6, "gather": 0.45, "opening": 0.6,
    "outline": 1.0,
}  # fmt: skip
"""Widths of lines in points: a construction drawing is finer than what the model reads."""

INK = 0xFF111111


class Placing:
    """A flat laid into a frame, as large as fits.

    Args:
        frame: left, top, right, bottom on the page, in points.
    """

    def __init__(self, flat: Flat, frame: Rect, scale: float | None = None) -> None:
        self.flat = flat
        self.scale = self.fitting(flat, frame) if scale is None else scale
        left, top, right, bottom = flat.drawing.bounds()
        self.x = (frame[0] + frame[2]) / 2 - (left + right) / 2 * self.scale
        self.y = (frame[1] + frame[3]) / 2 - (top + bottom) / 2 * self.scale

    @staticmethod
    def fitting(flat: Flat, frame: Rect) -> float:
        """Points per body unit at which a flat fills a frame."""
        left, top, right, bottom = flat.drawing.bounds()
        return min((frame[2] - frame[0]) / (right - left), (frame[3] - frame[1]) / (bottom - top))

    @property
    def bounds(self) -> Rect:
        """The drawing's extent on the page."""
        left, top, right, bottom = self.flat.drawing.bounds()
        return (
            left * self.scale + self.x,
            top * self.scale + self.y,
            right * self.scale + self.x,
            bottom * self.scale + self.y,
        )

    def point(self, u: float, v: float) -> Point:
        """A place in the flat's unit square as a place on the page."""
        x = (u - self.flat.shift[0]) / self.flat.scale
        y = (v - self.flat.shift[1]) / self.flat.scale
        return x * self.scale + self.x, y * self.scale + self.y

    def seen(self, width: float, height: float) -> NDArray[np.int16]:
        """Which part of the drawing is on top at each point of a page of this size.

        Returns:
            (height, width) int16: a part's place in the drawing counted from 1, 0 on bare paper.
        """
        surface = skia.Surface(math.ceil(width), math.ceil(height))
        canvas = surface.getCanvas()
        canvas.clear(skia.ColorBLACK)
        canvas.translate(self.x, self.y)
        canvas.scale(self.scale, self.scale)
        for number, part in enumerate(self.flat.drawing.parts, 1):
            if part.role not in ("cord", "pleat"):
                canvas.drawPath(part.path.skia(), skia.Paint(Color=0xFF000000 | number))
        pixels = surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType)
        return pixels[..., 1].astype(np.int16) * 256 + pixels[..., 2]

    def parts_of(self, component: Component) -> frozenset[int]:
        """What `seen` calls the parts of a component; empty where it is not told apart."""
        if component.box is None:
            return frozenset()
        left, top = self.point(*component.box[:2])
        right, bottom = self.point(*component.box[2:])
        found: set[int] = set()
        for number, part in enumerate(self.flat.drawing.parts, 1):
            x0, y0, x1, y1 = part.path.bounds()
            x, y = (x0 + x1) / 2 * self.scale + self.x, (y0 + y1) / 2 * self.scale + self.y
            here = left - 1 < x < right + 1 and top - 1 < y < bottom + 1
            if part.component == (component.kind, component.place) and here:
                found.add(number)
        return frozenset(found)

    def draw(self, canvas: skia.Canvas) -> None:
        """Draw the flat: white cloth, dark lines, every part hiding what lies beneath it."""
        canvas.save()
        canvas.translate(self.x, self.y)
        canvas.scale(self.scale, self.scale)
        draw_lines(canvas, self.flat.drawing, self._pen, paint(0xFFFFFFFF))
        canvas.restore()

    def _pen(self, style: str) -> skia.Paint:
        made = paint(INK, _WIDTHS[style] / self.scale)
        made.setStrokeCap(skia.Paint.kRound_Cap)
        made.setStrokeJoin(skia.Paint.kRound_Join)
        if style == "stitch":
            dash = [2.2 / self.scale, 1.6 / self.scale]
            made.setPathEffect(skia.DashPathEffect.Make(dash, 0))
        return made
