"""From a garment's specification and a body's landmarks to the drawing of the garment."""

from __future__ import annotations

from dataclasses import replace

from studio.garment import trimmings
from studio.garment.cut import BUILDS, Chance, Cut
from studio.garment.drawing import Drawing, Making, Part
from studio.garment.landmarks import WAIST, Landmarks, flat_landmarks
from studio.garment.lower import draw_skirt, draw_trousers, draw_waistband
from studio.garment.necks import draw_inside, draw_neck
from studio.garment.paths import Point, Rect, arc
from studio.garment.spec import GarmentSpec
from studio.garment.upper import draw_bodice, draw_sleeves


def draw(
    spec: GarmentSpec, marks: Landmarks | None = None, rng: Chance = None, back: bool = False
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
    m = Making(spec, Cut.of(spec, rng, worn=not marks.flat), marks, rng)
    if m.build.bodice:
        draw_inside(m)
        draw_sleeves(m)
    elif marks.flat:
        w = m.cut.waist
        inside = arc((-w, WAIST), (0, WAIST - 5), (w, WAIST)).quad(0, WAIST + 5, -w, WAIST)
        m.drawing.add(Part("lining", inside.close()))
    if m.build.below:
        (draw_skirt if m.build.below == "skirt" else draw_trousers)(m)
    (draw_bodice if m.build.bodice else draw_waistband)(m)
    trimmings.draw_trimmings(m)
    if m.build.bodice:
        draw_neck(m)
        trimmings.draw_neck_bow(m)
    return m.drawing


def back_spec(spec: GarmentSpec) -> GarmentSpec:
    """The garment from behind, as far as a flat shows it: fastenings and pockets are in front."""
    kept = {"belt", "cuff", "pleat", "hood"}
    if BUILDS[spec.garment].below == "legs" and not BUILDS[spec.garment].bodice:
        kept.add("pocket")
    neckline = spec.neckline
    if neckline not in ("hood", "turtleneck", "none"):
        neckline = "crew neck"
    components = tuple(c for c in spec.components if c.kind in kept)
    return replace(spec, neckline=neckline, components=components)


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
    left, top, right, bottom = (
        min(max(value * scale + shift[axis % 2], 0.0), 1.0) for axis, value in enumerate(bounds)
    )
    return left, top, right, bottom
