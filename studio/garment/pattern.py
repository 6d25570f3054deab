"""From a garment's specification and a body's landmarks to the drawing of the garment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.garment import trimmings
from studio.garment.cut import Cut
from studio.garment.drawing import Drawing, Part
from studio.garment.landmarks import WAIST, Landmarks, flat_landmarks
from studio.garment.lower import WAISTBAND, draw_skirt, draw_trousers, draw_waistband
from studio.garment.necks import draw_inside, draw_neck
from studio.garment.paths import Path, Point, Rect
from studio.garment.spec import GarmentSpec
from studio.garment.upper import draw_bodice, draw_sleeves

SKIRTED = ("skirt", "dress")
LEGGED = ("trousers", "shorts", "jumpsuit")
LOWER = trimmings.LOWER


def draw(
    spec: GarmentSpec,
    marks: Landmarks | None = None,
    rng: np.random.Generator | None = None,
    back: bool = False,
) -> Drawing:
    """Draw a garment, its components without a box in their usual places.

    Args:
        marks: the body; a flat lay where None.
        rng: varies the cut, the places and the creases; None gives the plain template.
        back: the back view: no neckline opening, no front fastenings.
    """
    if back:
        spec = back_spec(spec)
    marks = marks or flat_landmarks(24.0 if spec.sleeves == "long" else 34.0)
    cut = Cut.of(spec, rng, worn=not marks.flat)
    drawing = Drawing()
    upper = spec.garment not in LOWER
    if upper:
        draw_inside(drawing, spec, cut, marks)
        draw_sleeves(drawing, spec, cut, marks, rng)
    elif marks.flat:
        inside = Path().move(-cut.waist, WAIST).quad(0, WAIST - 5, cut.waist, WAIST)
        inside.quad(0, WAIST + 5, -cut.waist, WAIST)
        drawing.add(Part("lining", inside.close()))
    if spec.garment in SKIRTED:
        draw_skirt(drawing, spec, cut, marks, rng)
    if spec.garment in LEGGED:
        draw_trousers(drawing, spec, cut, marks, rng)
    if upper:
        draw_bodice(drawing, spec, cut, marks, rng)
    else:
        draw_waistband(drawing, spec, cut, marks)
    _set_components(drawing, spec, cut, marks, trimmings.variation(rng))
    if upper:
        draw_neck(drawing, spec, cut, marks)
        _set_neck_bow(drawing, spec, cut, marks, trimmings.variation(rng))
    return drawing


def back_spec(spec: GarmentSpec) -> GarmentSpec:
    """The garment from behind, as far as a flat shows it: fastenings and pockets are in front."""
    keep = [c for c in spec.components if c.kind in ("belt", "cuff", "pleat", "hood")]
    if spec.garment in ("trousers", "shorts"):
        keep += [c for c in spec.components if c.kind == "pocket"]
    neckline = spec.neckline
    if neckline not in ("hood", "turtleneck", "none"):
        neckline = "crew neck"
    return replace(spec, neckline=neckline, components=tuple(keep))


def _set_components(
    drawing: Drawing, spec: GarmentSpec, cut: Cut, marks: Landmarks, vary: trimmings.Vary
) -> None:
    """Paint pockets, patches, fastenings, belt and waist bow, in this order."""

    def hang(parts: list[Part]) -> list[Part]:
        return [part.mapped(marks.torso) for part in parts]

    for pocket in trimmings.free(spec.of("pocket")):
        rect = trimmings.pocket_rect(spec, cut, pocket.place, vary)
        style = trimmings.pocket_style(spec, pocket.place)
        parts = trimmings.pocket_parts(rect, style, pocket.place == "centre hip")
        drawing.add_component("pocket", pocket.place, hang(parts))
    for patch in trimmings.free(spec.of("patch")):
        rect = trimmings.patch_rect(spec, cut, marks, patch.place, vary)
        drawing.add_component("patch", patch.place, trimmings.patch_parts(rect, patch.place))
    places = trimmings.button_places(spec, cut, vary)
    for part in hang(trimmings.placket(spec, cut, places)):
        drawing.add(part)
    for zipper in trimmings.free(spec.of("zipper")):
        top, bottom = trimmings.front_span(spec, cut)
        if spec.garment in LOWER:
            top, bottom = top - 2, min(bottom, WAIST + 60)
        else:
            top = top - 8
            if spec.garment not in ("sweater", "dress", "jumpsuit"):
                bottom = cut.hem + (0 if cut.ribbed else cut.hem_curve)
        rect = (-3.8, top + vary(2), 3.8, bottom + vary(2))
        drawing.add_component("zipper", zipper.place, hang(trimmings.zipper_parts(rect)))
    belted = trimmings.free(spec.of("belt"))
    if belted:
        rect = _belt_rect(spec, cut, vary)
        drawing.add_component("belt", "waist", hang(trimmings.belt_parts(spec, rect)))
    radius = trimmings.BUTTON_RADIUS + vary(0.35)
    for place, (u, v) in places:
        drawing.add_component("button", place, hang(trimmings.button_parts(u, v, radius)))
    for bow in trimmings.free(spec.of("bow")):
        if bow.place == "waist":
            parts = trimmings.bow_parts(vary(4), WAIST + 3 + vary(2), 36 + vary(4), 26 + vary(3))
            drawing.add_component("bow", "waist", hang(parts))


def _set_neck_bow(
    drawing: Drawing, spec: GarmentSpec, cut: Cut, marks: Landmarks, vary: trimmings.Vary
) -> None:
    for bow in trimmings.free(spec.of("bow")):
        if bow.place == "neck":
            v = min(cut.neck_depth, 24) + 2
            parts = trimmings.bow_parts(vary(1.5), v, 34 + vary(4), 30 + vary(3))
            drawing.add_component("bow", "neck", [p.mapped(marks.torso) for p in parts])


def _belt_rect(spec: GarmentSpec, cut: Cut, vary: trimmings.Vary) -> Rect:
    if spec.garment in LOWER:
        w = cut.waist + 1.2
        return -w, WAIST + 0.5, w, WAIST + WAISTBAND - 1.0
    top = WAIST - 3 + vary(2)
    w = cut.side(top + 4) + 0.8
    return -w, top, w, top + 8.5 + vary(1)


def fit_to_picture(
    bounds: Rect, margin: float = 0.09, largest: float = 1.32 / 256
) -> tuple[float, Point]:
    """Scale and shift (body units to 0..1) that centre `bounds` in the picture."""
    left, top, right, bottom = bounds
    room = 1 - 2 * margin
    scale = min(room / (right - left), room / (bottom - top), largest)
    return scale, (0.5 - scale * (left + right) / 2, 0.5 - scale * (top + bottom) / 2)


def component_box(bounds: Rect, scale: float, shift: Point) -> Rect:
    """Bounds in body units as a box in 0..1, cut at the picture's edge."""
    left, top, right, bottom = bounds
    return (
        min(max(left * scale + shift[0], 0.0), 1.0),
        min(max(top * scale + shift[1], 0.0), 1.0),
        min(max(right * scale + shift[0], 0.0), 1.0),
        min(max(bottom * scale + shift[1], 0.0), 1.0),
    )
