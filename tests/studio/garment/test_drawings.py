"""Every garment in every cut is drawn as it was when these numbers were written down."""

import hashlib
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest

from studio.garment.cut import BUILDS
from studio.garment.drawing import Drawing
from studio.garment.flats import layout
from studio.garment.landmarks import POSE_ANGLES, pose_landmarks
from studio.garment.pattern import draw
from studio.garment.requests import ComponentRequest, apply_requests, most, places_for
from studio.garment.spec import GarmentSpec
from studio.garment.vocabulary import FITS, GARMENTS, LENGTHS

FLAT = {
    "t-shirt": "3ba10681d526", "shirt": "8d07d70b28b2", "blouse": "3c39ca68f0f1",
    "polo shirt": "b92f4816e0b1", "tank top": "e1049cf5e852", "sweater": "946adbd0212a",
    "cardigan": "b01be161d036", "hoodie": "a29c5f52faff", "jacket": "5d0be1c8503b",
    "blazer": "9fbc5321f518", "coat": "b6831a6550b6", "waistcoat": "26b957e09ad5",
    "dress": "b6417ce5df7f", "skirt": "18f4a6a79403", "trousers": "78727cbf3f4e",
    "shorts": "5d3dd357b55b", "jumpsuit": "0a97e2e5d30b",
}  # fmt: skip
"""Front and back of the flat."""

WORN = {
    "t-shirt": "f496feda7c97", "shirt": "1aaec04717a4", "blouse": "966cea2beb6d",
    "polo shirt": "545ee7098f53", "tank top": "9fcb0b565721", "sweater": "5aa5781663ad",
    "cardigan": "fdaeecd8e17b", "hoodie": "4c23d0222019", "jacket": "5b56f1140948",
    "blazer": "dae1cc5dc738", "coat": "18efa32e6ee5", "waistcoat": "3b2c6502612e",
    "dress": "d3628611a50a", "skirt": "a9479e297f81", "trousers": "2c99f432e683",
    "shorts": "af9c8e992a2c", "jumpsuit": "d6405a5a5eaa",
}  # fmt: skip
"""On somebody in every pose, with chances: creases, and measures that vary."""


def requests(name: str, few: bool) -> Iterator[ComponentRequest]:
    """All that a garment can carry; or of each kind one, and double-breasted where it can be."""
    garment = GARMENTS[name]
    for kind in garment.components:
        places = places_for(garment, kind)
        if kind in ("button", "pleat"):
            place = places[-1 if few else 0]
            yield ComponentRequest(kind, min(most(garment, kind, place), 3 if few else 6), place)
        elif kind != "collar":
            for place in places[:1] if few else places:
                yield ComponentRequest(kind, 1, place)


def cuts(name: str) -> Iterator[GarmentSpec]:
    """Every neckline, sleeve, length and fit; without components, with all, with a few."""
    garment = GARMENTS[name]
    for neckline, sleeves, length, fit in product(
        garment.necklines, garment.sleeves, LENGTHS, FITS
    ):
        spec = GarmentSpec(name, neckline=neckline, sleeves=sleeves, length=length, fit=fit)
        yield spec
        if length == fit == "regular":
            for few in (False, True):
                yield apply_requests(spec, tuple(requests(name, few)))


def written(drawing: Drawing) -> str:
    """Every line of a drawing, to a hundredth of a body unit."""
    told = []
    for part in drawing.parts:
        lines = [(line.style, line.path.svg()) for line in part.lines]
        folds = [(c.path.svg(), f"{c.width:.2f} {c.depth:.2f}") for c in part.creases]
        told.append(
            (part.role, part.path.svg(), part.component, part.back, part.raised, lines, folds)
        )
    placed = [(p.kind, p.place, p.parts) for p in drawing.placed]
    return repr((told, placed))


def digest(texts: Iterator[str]) -> str:
    whole = hashlib.sha256()
    for text in texts:
        whole.update(text.encode())
    return whole.hexdigest()[:12]


def flats(name: str) -> str:
    return digest(layout(spec, view).svg() for spec in cuts(name) for view in ("front", "back"))


def worn(name: str) -> str:
    return digest(
        written(draw(spec, pose_landmarks(angles), np.random.default_rng(seed)))
        for spec in cuts(name)
        for seed, angles in enumerate(POSE_ANGLES.values())
    )


@pytest.mark.first(4)
@pytest.mark.parametrize("name", GARMENTS)
def test_a_flat_is_drawn_as_it_was(name: str):
    assert flats(name) == FLAT[name]


@pytest.mark.first(4)
@pytest.mark.parametrize("name", GARMENTS)
def test_a_worn_garment_is_drawn_as_it_was(name: str):
    assert worn(name) == WORN[name]


def test_every_garment_is_made_somehow():
    assert list(BUILDS) == list(GARMENTS)
    assert all(build.bodice or build.below for build in BUILDS.values())


def test_every_cut_is_another_drawing():
    for name in GARMENTS:
        drawings = {spec: layout(spec).svg() for spec in cuts(name)}
        assert len(set(drawings.values())) == len(drawings), name
