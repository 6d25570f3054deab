"""The synthetic wardrobe: garments drawn at random, rendered as product photographs.

A seed decides everything: the garment, the scene, the cut, the cloth and the light. Seeds from
`HELD_OUT` upwards are never trained on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from studio.garment.drawing import Drawing
from studio.garment.figure import fit_wearer, wearer_extent
from studio.garment.flats import draw_ink
from studio.garment.landmarks import POSE_ANGLES, Angles, Landmarks, flat_landmarks, pose_landmarks
from studio.garment.paths import Point, Rect
from studio.garment.pattern import component_box, draw, fit_to_picture
from studio.garment.spec import Box, Component, GarmentSpec, Person, PictureSpec, Scene
from studio.garment.vocabulary import COLOURS, GARMENTS, GROUNDS, PATTERNS, PERSON_FIELDS
from trainer.data.cloth import dye
from trainer.data.figure import FACE, FigurePainter, dress_wearer
from trainer.data.grounds import paint_ground
from trainer.data.render import (
    OVERSAMPLE,
    GarmentPainter,
    cast_on_ground,
    paint_mask,
    weave_in,
)

HELD_OUT = 1_000_000_000
WORN_SHARE = 0.3
_SPEC_STREAM, _RENDER_STREAM, _GARMENT_STREAM, _RARE_STREAM = 1, 2, 3, 4
RARE_KINDS = ("bow", "patch", "belt", "pleat")
"""Component kinds that few garments have."""


@dataclass(frozen=True)
class WardrobeSample:
    """One rendered garment and all that is known about it.

    Attributes:
        spec: the picture's specification; every component has its box.
        picture: (size, size, 3) uint8.
        garment_mask: (size, size) uint8, 255 on the garment.
        keypoints: (17, 3) COCO joints in 0..1 of the picture, or None for a flat lay.
        face_box: in 0..1, None where no face is seen.
    """

    seed: int
    spec: PictureSpec
    picture: NDArray[np.uint8]
    garment_mask: NDArray[np.uint8]
    keypoints: NDArray[np.float32] | None
    face_box: Box | None
    drawing: Drawing
    scale: float
    shift: Point

    @property
    def size(self) -> int:
        """Side of the picture in pixels."""
        return self.picture.shape[0]

    @cached_property
    def flat_ink(self) -> NDArray[np.uint8]:
        """The clean line drawing of this very garment, (size, size) uint8, 255 on the lines."""
        return draw_ink(self.drawing, self.scale, self.shift, self.size)

    @cached_property
    def component_masks(self) -> tuple[NDArray[np.uint8], ...]:
        """One (size, size) mask for each of `spec.garment.components`, in order."""
        return tuple(
            paint_mask(self.drawing, self.scale, self.shift, self.size, list(placed.parts))
            for placed in self.drawing.placed
        )


def _pick(rng: np.random.Generator, options: tuple[str, ...] | list[str]) -> str:
    return options[int(rng.integers(len(options)))]


def sample_garment(rng: np.random.Generator) -> GarmentSpec:
    """Draw a garment that a shop could sell."""
    kind = GARMENTS[_pick(rng, list(GARMENTS))]
    neckline = _pick(rng, kind.necklines)
    sleeves = _pick(rng, kind.sleeves)
    fabric = _pick(rng, kind.fabrics)
    pattern = _pick(rng, list(PATTERNS)) if rng.random() < 0.68 else "plain"
    if fabric in ("leather", "corduroy"):
        pattern = "plain"
    length = _pick(rng, ["short", "regular", "regular", "long"])
    fit = _pick(rng, ["slim", "regular", "regular", "loose"])
    spec = GarmentSpec(
        kind.name, _pick(rng, list(COLOURS)), pattern, fabric, neckline, sleeves, length, fit
    )
    return spec.with_components(_sample_components(spec, rng))


_BUTTONED = {
    "shirt": 0.92,
    "cardigan": 0.95,
    "blazer": 0.97,
    "coat": 0.75,
    "waistcoat": 0.97,
    "polo shirt": 0.97,
    "jacket": 0.6,
    "blouse": 0.6,
}


def _sample_components(spec: GarmentSpec, rng: np.random.Generator) -> list[Component]:
    kind = spec.type
    out: list[Component] = []

    def chance(p: float) -> bool:
        return bool(rng.random() < p)

    if kind.buttons and chance(_BUTTONED.get(kind.name, 0.4)):
        if kind.double_breasted and spec.neckline != "hood" and chance(0.22):
            out += [Component("button", "double-breasted")] * (2 * int(rng.integers(2, 4)))
        else:
            out += [Component("button", "centre front")] * int(rng.integers(1, kind.buttons + 1))
    elif "zipper" in kind.components and chance(0.6):
        out.append(Component("zipper", "centre front"))
    if kind.pocket_places:
        style = rng.random()
        places = list(kind.pocket_places)
        if style < 0.38:
            pairs = [p for p in ("chest", "hip") if {f"left {p}", f"right {p}"} <= set(places)]
            if pairs:
                side = _pick(rng, pairs)
                out += [Component("pocket", f"{s} {side}") for s in ("left", "right")]
            else:
                out.append(Component("pocket", places[0]))
        elif style < 0.62:
            out.append(Component("pocket", _pick(rng, places)))
        elif style < 0.72:
            count = int(rng.integers(2, len(places) + 1)) if len(places) > 1 else 1
            chosen = sorted(int(i) for i in rng.choice(len(places), count, replace=False))
            out += [Component("pocket", places[i]) for i in chosen]
    taken = {c.place for c in out if c.kind == "pocket"}
    if "patch" in kind.components and chance(0.16):
        options = ["left chest", "right chest"] if kind.region != "lower" else []
        if kind.name in ("trousers", "jumpsuit"):
            options += ["left knee", "right knee"]
        options = [p for p in options if p not in taken]
        if options:
            out.append(Component("patch", _pick(rng, options)))
    if "belt" in kind.components and chance(0.28):
        out.append(Component("belt", "waist"))
    if "bow" in kind.components and chance(0.2):
        busy = any(c.kind in ("button", "zipper", "belt") for c in out)
        high = kind.name in ("blouse", "dress", "tank top")
        place = "neck" if high and (kind.name != "dress" or chance(0.5)) else "waist"
        blocked = place == "waist" and busy
        if not blocked and spec.neckline not in ("turtleneck", "v-neck", "scoop neck"):
            out.append(Component("bow", place))
    if "pleat" in kind.components:
        if kind.name in ("skirt", "dress") and chance(0.3):
            out += [Component("pleat", "hem")] * int(rng.integers(3, 11))
        elif kind.name in ("trousers", "shorts") and chance(0.2):
            out += [Component("pleat", "hem")] * 2
    if "cuff" in kind.components and spec.sleeves == "long":
        always = kind.name in ("sweater", "hoodie", "shirt", "jacket", "cardigan")
        if chance(0.95 if always else 0.6):
            out += [Component("cuff", p) for p in ("right wrist", "left wrist")]
    return out


def sample_picture_spec(rng: np.random.Generator) -> PictureSpec:
    """Draw a garment and a scene."""
    garment = sample_garment(rng)
    if rng.random() >= WORN_SHARE:
        return PictureSpec(garment, sample_flat_scene(rng))
    return PictureSpec(garment, sample_worn_scene(rng))


def sample_flat_scene(rng: np.random.Generator) -> Scene:
    """Draw the ground that a garment lies on."""
    return Scene("flat", _pick(rng, ["white", "white", "grey"]))


def sample_worn_scene(rng: np.random.Generator) -> Scene:
    """Draw a wearer and a place."""
    person = Person(*(_pick(rng, words) for words in PERSON_FIELDS.values()))
    if person.person == "man" and person.hair_style == "bun":
        person = replace(person, hair_style="short")
    return Scene("worn", _pick(rng, list(GROUNDS)), person)


def _jitter(pose: Angles, rng: np.random.Generator) -> Angles:
    def shake(pair: tuple[float, float], amount: float) -> tuple[float, float]:
        return pair[0] + float(rng.uniform(-amount, amount)), pair[1] + float(
            rng.uniform(-amount, amount)
        )

    mirrored = rng.random() < 0.5

    def side(pair: tuple[float, float]) -> tuple[float, float]:
        return (pair[1], pair[0]) if mirrored else pair

    return Angles(
        float(rng.uniform(-2.5, 2.5)),
        shake(side(pose.upper_arm), 5),
        shake(side(pose.forearm), 6),
        shake(side(pose.thigh), 2),
        shake(side(pose.shin), 2),
    )


def _frame_wearer(
    spec: GarmentSpec, marks: Landmarks, bounds: Rect, rng: np.random.Generator
) -> tuple[float, Point]:
    """The part of the figure that the picture shows, a little larger or smaller, or aside."""
    extent = wearer_extent(spec.type.region, marks, bounds)
    scale, shift = fit_wearer(extent, float(rng.uniform(0.95, 1.0)))
    return scale, (shift[0] + float(rng.uniform(-0.02, 0.02)), shift[1])


def _frame_flat(bounds: Rect, rng: np.random.Generator) -> tuple[float, Point]:
    scale, shift = fit_to_picture(bounds, 0.07, 1.4 / 256)
    factor = float(rng.uniform(0.88, 1.0))
    shift = (
        0.5 + (shift[0] - 0.5) * factor + float(rng.uniform(-0.022, 0.022)),
        0.5 + (shift[1] - 0.5) * factor + float(rng.uniform(-0.022, 0.022)),
    )
    return scale * factor, shift


def render(
    picture: PictureSpec, seed: int, size: int = 256, garment_seed: int | None = None
) -> WardrobeSample:
    """Render a specification; the seed decides what the words leave open.

    Args:
        size: side of the picture in pixels.
        garment_seed: decides the cut and the cloth in the seed's place, so that one and the same
            garment can be shown in several pictures.
    """

    rng = np.random.default_rng((_RENDER_STREAM, seed))
    sewing = rng
    if garment_seed is not None:
        sewing = np.random.default_rng((_GARMENT_STREAM, garment_seed))
    spec, scene = picture.garment, picture.scene
    worn = scene.person is not None
    if scene.person is not None:
        marks = pose_landmarks(_jitter(POSE_ANGLES[scene.person.pose], rng))
    else:
        spread = rng.uniform(17, 30) if spec.sleeves == "long" else rng.uniform(26, 42)
        marks = flat_landmarks(float(spread))
    drawing = draw(spec, marks, sewing)
    bounds = drawing.bounds()
    scale, shift = _frame_wearer(spec, marks, bounds, rng) if worn else _frame_flat(bounds, rng)
    fine = size * OVERSAMPLE
    ground = paint_ground(scene.ground, worn, size, rng)
    enlarged = cv2.resize(ground, (fine, fine), interpolation=cv2.INTER_LINEAR)
    surface = skia.Surface(fine, fine)
    canvas = surface.getCanvas()
    rgba = cv2.cvtColor(np.asarray(enlarged, np.uint8), cv2.COLOR_RGB2RGBA)
    canvas.drawImage(skia.Image.fromarray(rgba, skia.kRGBA_8888_ColorType), 0, 0)
    canvas.translate(shift[0] * fine, shift[1] * fine)
    canvas.scale(scale * fine, scale * fine)
    if garment_seed is not None:
        # The cut took as many numbers as the pose asked for: the cloth starts from its own place.
        sewing = np.random.default_rng((_GARMENT_STREAM, garment_seed, 1))
    cloth = dye(spec, sewing)
    painter = GarmentPainter(canvas, cloth, sewing)
    if scene.person is not None:
        figure = FigurePainter(canvas, marks, scene.person, dress_wearer(scene.person, rng))
        painter.paint([part for part in drawing.parts if part.back])
        figure.back_hair()
        figure.body(spec.type.region, spec.sleeves)
        figure.head()
        painter.paint([part for part in drawing.parts if not part.back])
    else:
        cast_on_ground(canvas, drawing.parts, 4.0, 100)
        painter.paint(drawing.parts)
    image = surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType)[..., :3]
    small = cv2.resize(np.ascontiguousarray(image), (size, size), interpolation=cv2.INTER_AREA)
    mask = paint_mask(drawing, scale, shift, size)
    image = weave_in(np.asarray(small, np.uint8), mask, cloth, rng)
    components = [
        Component(p.kind, p.place, component_box(p.bounds, scale, shift)) for p in drawing.placed
    ]
    keypoints, face = None, None
    if worn:
        keypoints = marks.keypoints()
        keypoints[:, :2] = keypoints[:, :2] * scale + np.asarray(shift, np.float32)
        if spec.type.region != "lower":
            corners = [marks.torso(FACE[0], FACE[1]), marks.torso(FACE[2], FACE[3])]
            face = component_box((*corners[0], *corners[1]), scale, shift)
    return WardrobeSample(
        seed,
        replace(picture, garment=spec.with_components(components)),
        image,
        mask,
        keypoints,
        face,
        drawing,
        scale,
        shift,
    )


def sample_spec(seed: int) -> PictureSpec:
    """The specification that a seed stands for, without boxes."""
    return sample_picture_spec(np.random.default_rng((_SPEC_STREAM, seed)))


def sample(seed: int, size: int = 256) -> WardrobeSample:
    """The picture that a seed stands for."""
    return render(sample_spec(seed), seed, size)


def sample_rare(seed: int, size: int = 256) -> WardrobeSample:
    """A picture of a garment with a component of a kind that few have, each kind as often.

    For training alone: a network that sees a bow in one picture of sixty hardly learns it.
    """
    rng = np.random.default_rng((_RARE_STREAM, seed))
    kind = RARE_KINDS[seed % len(RARE_KINDS)]
    while not (picture := sample_picture_spec(rng)).garment.count(kind):
        pass
    return render(picture, seed, size)
