"""Technical flats: the line drawing of a garment, as SVG, as ink, and with its components.

The same drawing gives the templates on the canvas, the flat for export and, with other
landmarks and cloth, the training pictures of the wardrobe.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from studio.garment import trimmings
from studio.garment.drawing import Drawing, Part
from studio.garment.paths import Path, Point
from studio.garment.pattern import component_box, draw, fit_to_picture
from studio.garment.spec import Component, GarmentSpec

if TYPE_CHECKING:
    import skia

View = Literal["front", "back"]

_WIDTHS = {
    "seam": 0.0042, "stitch": 0.0030, "rib": 0.0026, "pleat": 0.0050, "gather": 0.0034,
    "opening": 0.0046, "outline": 0.0068,
}  # fmt: skip
"""Widths of lines in parts of the picture's side."""


@dataclass(frozen=True)
class Flat:
    """A line drawing in the unit square.

    Attributes:
        drawing: the parts, in body units.
        scale, shift: body units to 0..1.
        components: all components with their boxes, those of the cut (collar, cuffs) too.
    """

    spec: GarmentSpec
    drawing: Drawing
    scale: float
    shift: Point
    components: tuple[Component, ...]

    def point(self, x: float, y: float) -> Point:
        """A point in body units as a place in the unit square."""
        return x * self.scale + self.shift[0], y * self.scale + self.shift[1]

    def svg(self, size: int = 512) -> str:
        """A standalone SVG drawing of `size` x `size`."""

        def pixel(x: float, y: float) -> Point:
            u, v = self.point(x, y)
            return u * size, v * size

        def drawn(path: Path, fill: str, width: float, more: str) -> str:
            d = path.mapped(pixel).svg()
            return f'<path d="{d}" fill="{fill}" stroke="#111" stroke-width="{width:.2f}"{more}/>'

        body = []
        joined = ' stroke-linejoin="round"'
        dash = f' stroke-dasharray="{size / 90:.1f} {size / 140:.1f}"'
        for part in self.drawing.parts:
            if part.role != "pleat":
                fill = "none" if part.role == "cord" else "#fff"
                body.append(drawn(part.path, fill, _WIDTHS["outline"] * size, joined))
            for line in part.lines:
                more = dash if line.style == "stitch" else ""
                body.append(drawn(line.path, "none", _WIDTHS[line.style] * size, more))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
            f'width="{size}" height="{size}">' + "".join(body) + "</svg>"
        )

    def ink(self, size: int) -> NDArray[np.uint8]:
        """The drawing as ink: (size, size) uint8, 255 on the lines."""
        return draw_ink(self.drawing, self.scale, self.shift, size)


def draw_ink(drawing: Drawing, scale: float, shift: Point, size: int) -> NDArray[np.uint8]:
    """Paint a drawing's lines, each part hiding what lies beneath it.

    Returns:
        (size, size) uint8, 255 on the lines.
    """
    import skia

    unit = 1 / scale
    hide = skia.Paint(Color=skia.ColorBLACK, AntiAlias=True)

    def pen(style: str) -> skia.Paint:
        paint = skia.Paint(
            Color=skia.ColorWHITE,
            AntiAlias=True,
            Style=skia.Paint.kStroke_Style,
            StrokeWidth=_WIDTHS[style] * unit,
            StrokeCap=skia.Paint.kRound_Cap,
            StrokeJoin=skia.Paint.kRound_Join,
        )
        if style == "stitch":
            paint.setPathEffect(skia.DashPathEffect.Make([0.011 * unit, 0.008 * unit], 0))
        return paint

    return on_black(lambda canvas: draw_lines(canvas, drawing, pen, hide), scale, shift, size)


def on_black(
    draw: Callable[[skia.Canvas], None], scale: float, shift: Point, size: int
) -> NDArray[np.uint8]:
    """What is drawn in white on black, in body units: (size, size) uint8, 255 for white."""
    import skia

    surface = skia.Surface(size, size)
    canvas = surface.getCanvas()
    canvas.clear(skia.ColorBLACK)
    canvas.translate(shift[0] * size, shift[1] * size)
    canvas.scale(scale * size, scale * size)
    draw(canvas)
    image = surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType)
    return np.ascontiguousarray(image[..., 0])


def draw_lines(
    canvas: skia.Canvas, drawing: Drawing, pen: Callable[[str], skia.Paint], cloth: skia.Paint
) -> None:
    """Draw a drawing's lines, each part hiding what lies beneath it.

    Args:
        canvas: scaled to body units.
        pen: what a line of a style is drawn with, and the “outline” of a part.
        cloth: what hides.
    """
    outline = pen("outline")
    for part in drawing.parts:
        path = part.path.skia()
        if part.role == "cord":
            canvas.drawPath(path, outline)
            continue
        if part.role != "pleat":
            canvas.drawPath(path, cloth)
        if part.lines:
            canvas.save()
            if part.role != "pleat":
                canvas.clipPath(path, True)
            for line in part.lines:
                canvas.drawPath(line.path.skia(), pen(line.style))
            canvas.restore()
        if part.role != "pleat":
            canvas.drawPath(path, outline)


@lru_cache(maxsize=256)
def layout(spec: GarmentSpec, view: View = "front") -> Flat:
    """The flat of a garment; components with a box of their own are drawn there."""
    drawing = draw(spec, back=view == "back")
    scale, shift = fit_to_picture(drawing.bounds())
    components = [
        Component(p.kind, p.place, component_box(p.bounds, scale, shift)) for p in drawing.placed
    ]
    if view == "front":
        for component in spec.components:
            if component.box is not None:
                _draw_boxed(drawing, spec, component, scale, shift)
                components.append(component)
    return Flat(spec, drawing, scale, shift, tuple(components))


def _draw_boxed(
    drawing: Drawing, spec: GarmentSpec, component: Component, scale: float, shift: Point
) -> None:
    """Draw a component into the box that the user gave it."""
    assert component.box is not None
    left, top, right, bottom = (
        (value - shift[axis % 2]) / scale for axis, value in enumerate(component.box)
    )
    rect = left, top, right, bottom
    x, y = (left + right) / 2, (top + bottom) / 2
    w, h = right - left, bottom - top
    parts: list[Part] = []
    if component.kind == "button":
        parts = trimmings.button_parts(x, y)
    elif component.kind == "pocket":
        style = trimmings.pocket_style(spec.garment, component.place)
        parts = trimmings.pocket_parts(rect, style, component.place == "centre hip")
    elif component.kind == "zipper":
        parts = trimmings.zipper_parts(rect)
    elif component.kind == "patch":
        parts = trimmings.patch_parts(rect, component.place)
    elif component.kind == "bow":
        parts = trimmings.bow_parts(x, top + h * 0.36, w, h)
    elif component.kind == "belt":
        parts = trimmings.belt_parts(spec.garment, rect)
    if parts:
        drawing.add_component(component.kind, component.place, parts)


def place(spec: GarmentSpec) -> GarmentSpec:
    """Give every component of the spec a box: the usual place of those that have none.

    Components that the cut cannot show (cuffs on a sleeveless top) stay without a box.
    """
    usual: dict[tuple[str, str], list[Component]] = {}
    bare = spec.with_components(c for c in spec.components if c.box is None)
    for component in layout(bare).components:
        usual.setdefault((component.kind, component.place), []).append(component)

    def placed(c: Component) -> Component:
        options = usual.get((c.kind, c.place)) if c.box is None else None
        return options.pop(0) if options else c

    return spec.with_components(map(placed, spec.components))
