"""Painting a garment drawing as cloth: colour, pattern, folds, seams, shadows."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from studio.garment.drawing import Drawing, Line, Part
from studio.garment.flats import on_black
from studio.garment.paths import Point, ellipse, rectangle
from trainer.data.cloth import (
    FABRIC,
    RGB,
    Cloth,
    blend,
    filled,
    luma,
    pattern_shader,
    shade,
    skia_colour,
    stroked,
    texture,
)

OVERSAMPLE = 2


class GarmentPainter:
    """Paints parts on a skia canvas that is already scaled to body units."""

    def __init__(self, canvas: Any, cloth: Cloth, rng: np.random.Generator) -> None:
        self.canvas, self.cloth = canvas, cloth
        light = luma(cloth.base)
        self.dark = light < 72
        self.edge: RGB = shade(cloth.base, 0.42) if not self.dark else (10, 10, 13)
        self.seam: RGB = (
            shade(cloth.base, 0.55) if not self.dark else blend(cloth.base, (255, 255, 255), 0.2)
        )
        self.thread: RGB = (
            shade(cloth.base, 0.68) if light > 105 else blend(cloth.base, (255, 255, 255), 0.36)
        )
        if cloth.fabric == "denim":
            self.thread = (206, 148, 74)
        self.depth = FABRIC[cloth.fabric].crease
        choices: list[RGB] = (
            [(58, 42, 36), (26, 26, 32), (244, 240, 230), (98, 66, 44)]
            if light > 125
            else [(244, 240, 228), (226, 190, 110), (214, 216, 222)]
        )
        usable = [c for c in choices if abs(luma(c) - light) > 62]
        self.button = usable[int(rng.integers(len(usable)))]
        metals: list[RGB] = [(192, 194, 200), (206, 172, 92), (96, 98, 106)]
        self.metal = metals[int(rng.integers(3))]
        patches: list[RGB] = [
            (214, 66, 58),
            (240, 196, 72),
            (60, 116, 178),
            (246, 244, 236),
            (52, 130, 90),
        ]
        far = [
            c for c in patches if sum(abs(a - b) for a, b in zip(c, cloth.base, strict=True)) > 150
        ]
        self.patch = far[int(rng.integers(len(far)))]
        self.origin = (float(rng.uniform(0, 20)), float(rng.uniform(0, 20)))

    def paint(self, parts: list[Part]) -> None:
        """Paint the parts in order."""
        for part in parts:
            self._paint(part)

    def _stroke(
        self,
        path: Any,
        c: RGB,
        width: float,
        alpha: float = 255,
        blur: float = 0,
        dash: tuple[float, float] | None = None,
    ) -> None:
        """A line along a path."""
        paint = stroked(c, width, alpha, blur, StrokeJoin=skia.Paint.kRound_Join)
        if dash:
            paint.setPathEffect(skia.DashPathEffect.Make(list(dash), 0))
        self.canvas.drawPath(path, paint)

    def _paint(self, part: Part) -> None:
        outline = part.path.skia()
        if part.role == "pleat":
            for line in part.lines:
                self._line(line)
            return
        if part.role == "cord":
            tone: RGB = (240, 238, 232) if luma(self.cloth.base) < 190 else (88, 88, 96)
            self._stroke(outline, (0, 0, 0), 2.4, 60, 1.0)
            self._stroke(outline, tone, 1.8)
            return
        if part.raised > 0:
            self._cast(outline, part.raised)
        if part.role == "button":
            self._button(part)
        elif part.role == "zipper":
            self._zipper(part, outline)
        elif part.role == "buckle":
            self._metal(part, outline)
        elif part.role == "lining":
            self._plain(part, outline, shade(self.cloth.base, 0.56 if not self.dark else 0.6), 90)
        elif part.role == "underlayer":
            self._plain(part, outline, (236, 234, 230), 70)
        elif part.role == "label":
            c: RGB = (238, 236, 230) if luma(self.cloth.base) < 200 else (96, 98, 106)
            self._plain(part, outline, c, 20)
        elif part.role == "patch":
            self._plain(part, outline, self.patch, 60)
            for line in part.lines:
                self._stroke(line.path.skia(), shade(self.patch, 0.62), 0.8, 230, 0, (2.0, 1.4))
        else:
            self._cloth(part, outline)

    def _cast(self, outline: Any, raised: float) -> None:

        shadow = skia.Paint(
            Color=skia_colour((8, 8, 16), 84 if not self.dark else 120),
            AntiAlias=True,
            MaskFilter=skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, raised * 0.8),
        )
        self.canvas.save()
        self.canvas.translate(raised * 0.35, raised * 0.6)
        self.canvas.drawPath(outline, shadow)
        self.canvas.restore()

    def _plain(self, part: Part, outline: Any, c: RGB, rim: float) -> None:
        self.canvas.save()
        self.canvas.clipPath(outline, True)
        self.canvas.drawColor(skia_colour(shade(c, part.tone)))
        self._stroke(outline, (0, 0, 0), 5, rim, 2.4)
        self.canvas.restore()
        self._stroke(outline, shade(c, 0.5), 0.6, 160)

    def _cloth(self, part: Part, outline: Any) -> None:

        canvas, cloth = self.canvas, self.cloth
        canvas.save()
        canvas.clipPath(outline, True)
        shader = None
        if part.role == "cloth":
            shader = pattern_shader(cloth, part.tone, part.grain, self.origin)
        if shader is not None:
            canvas.drawPaint(skia.Paint(Shader=shader))
        else:
            tone = part.tone
            if self.dark and tone < 1:
                tone = 1 + (1 - tone) * 0.9
            canvas.drawColor(skia_colour(shade(cloth.base, tone)))
        small = part.path.bounds()
        extent = min(small[2] - small[0], small[3] - small[1])
        wide = min(12.0, extent * 0.30)
        rim = 62 if not self.dark else 105
        self._stroke(outline, (0, 0, 6), wide, rim, wide * 0.42)
        # Light falls from the upper left: the rim towards it is lit, the far one is darker.
        shift = wide * 0.30
        canvas.translate(-shift, -shift)
        self._stroke(outline, (0, 0, 6), wide * 0.5, rim * 0.75, wide * 0.28)
        canvas.translate(2 * shift, 2 * shift)
        glow = (34 if not self.dark else 26) * (1 + 1.2 * cloth.sheen)
        self._stroke(outline, (255, 255, 255), wide * 0.45, glow, wide * 0.25)
        canvas.translate(-shift, -shift)
        for crease in part.creases:
            self._crease(crease.path.skia(), crease.width, crease.depth)
        for line in part.lines:
            self._line(line)
        canvas.restore()
        self._stroke(outline, self.edge, 0.8, 190)

    def _crease(self, path: Any, width: float, depth: float) -> None:
        strength = depth * self.depth
        shadow = min(150, 92 * strength * (1.5 if self.dark else 1))
        self._stroke(path, (0, 0, 8), width, shadow, width * 0.55)
        self.canvas.save()
        self.canvas.translate(-width * 0.75, -width * 0.35)
        glow = (52 if not self.dark else 34) * strength * (1 + 1.1 * self.cloth.sheen)
        self._stroke(path, (255, 255, 255), width * 0.8, min(130, glow), width * 0.5)
        self.canvas.restore()

    def _line(self, line: Line) -> None:
        path = line.path.skia()
        if line.style == "seam":
            self._stroke(path, (0, 0, 0), 2.4, 34, 1.0)
            self._stroke(path, self.seam, 0.9, 205)
        elif line.style == "stitch":
            self._stroke(path, self.thread, 0.8, 205, 0, (2.3, 1.5))
        elif line.style == "rib":
            self._stroke(path, (0, 0, 0) if not self.dark else (120, 120, 126), 0.8, 62)
        elif line.style == "gather":
            self._stroke(path, (0, 0, 0), 1.6, 74, 0.7)
        elif line.style == "pleat":
            self._stroke(path, (0, 0, 8), 4.2, 105, 1.6)
            self._stroke(path, self.edge, 1.1, 220)
            self.canvas.save()
            self.canvas.translate(-2.4, 0)
            self._stroke(path, (255, 255, 255), 2.2, 56, 1.0)
            self.canvas.restore()
        else:
            self._stroke(path, (0, 0, 0), 3.0, 70, 1.3)
            self._stroke(path, self.edge, 1.1, 235)

    def _button(self, part: Part) -> None:
        left, top, right, bottom = part.path.bounds()
        x, y, r = (left + right) / 2, (top + bottom) / 2, (right - left) / 2
        c = self.button
        self.canvas.drawPath(part.path.skia(), filled(c))
        self._stroke(ellipse(x, y, r - 0.4, r - 0.4).skia(), shade(c, 0.62), 0.9, 235)
        inner = blend(c, (255, 255, 255), 0.16) if luma(c) < 150 else shade(c, 0.94)
        self.canvas.drawPath(ellipse(x, y, r * 0.6, r * 0.6).skia(), filled(inner))
        hole: RGB = shade(c, 0.42) if luma(c) > 90 else (150, 144, 136)
        for dx in (-1, 1):
            for dy in (-1, 1):
                dot = ellipse(x + dx * r * 0.24, y + dy * r * 0.24, 0.5, 0.5)
                self.canvas.drawPath(dot.skia(), filled(hole))

    def _zipper(self, part: Part, outline: Any) -> None:
        tape = shade(self.cloth.base, 0.62)
        if self.dark:
            tape = blend(self.cloth.base, (255, 255, 255), 0.13)
        self._plain(part, outline, tape, 40)
        for line in part.lines:
            path = line.path.skia()
            self._stroke(path, self.metal, 3.0)
            self._stroke(path, shade(self.metal, 0.5), 2.6, 235, 0, (0.1, 3.6))

    def _metal(self, part: Part, outline: Any) -> None:
        self.canvas.drawPath(outline, filled(self.metal))
        self._stroke(outline, shade(self.metal, 0.45), 0.9)
        left, top, right, bottom = part.path.bounds()
        if right - left > 8:
            inner = (left + 2.2, top + 2.2, right - 2.2, bottom - 2.2)
            belt = shade(self.cloth.base, 0.66)
            self.canvas.drawPath(rectangle(*inner, 0.8).skia(), filled(belt))
            middle = (top + bottom) / 2
            pin = rectangle(left + 1, middle - 0.7, right - 2, middle + 0.7)
            self.canvas.drawPath(pin.skia(), filled(shade(self.metal, 0.9)))


def cast_on_ground(canvas: Any, parts: list[Part], depth: float, alpha: float) -> None:
    """The soft shadow of a garment that lies on its ground."""

    for blur, dy, share in ((depth * 2.2, depth * 1.2, 0.5), (depth * 0.6, depth * 0.4, 0.6)):
        paint = skia.Paint(
            Color=skia_colour((38, 38, 48), alpha * share),
            AntiAlias=True,
            MaskFilter=skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur),
        )
        canvas.save()
        canvas.translate(depth * 0.45, dy)
        for part in parts:
            if (part.role == "cloth" and not part.component) or part.component == ("hood", "neck"):
                canvas.drawPath(part.path.skia(), paint)
        canvas.restore()


def paint_mask(
    drawing: Drawing, scale: float, shift: Point, size: int, indices: list[int] | None = None
) -> NDArray[np.uint8]:
    """The silhouette of parts (all but linings where None): (size, size) uint8, 0..255."""

    white = skia.Paint(Color=skia.ColorWHITE, AntiAlias=True)

    def draw(canvas: skia.Canvas) -> None:
        for i, part in enumerate(drawing.parts):
            if i in indices if indices is not None else part.role not in ("cord", "underlayer"):
                canvas.drawPath(part.path.skia(), white)

    return on_black(draw, scale, shift, size)


def weave_in(
    picture: NDArray[np.uint8], mask: NDArray[np.uint8], cloth: Cloth, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Lay the cloth's weave and uneven light over the garment."""
    gain = texture(cloth, rng)
    if gain.shape != mask.shape:
        gain = cv2.resize(gain, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
    gain = 1 + (gain - 1) * (mask.astype(np.float32) / 255)
    return np.asarray(cv2.multiply(picture, cv2.merge([gain] * 3), dtype=cv2.CV_8U), np.uint8)
