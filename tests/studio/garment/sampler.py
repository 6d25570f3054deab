"""Random pictures from the vocabulary's limits, for the tests of the words."""

import numpy as np

from studio.garment.requests import places_for
from studio.garment.spec import Component, GarmentSpec, Person, PictureSpec, Scene
from studio.garment.vocabulary import (
    COLOURS,
    COMPONENTS,
    FITS,
    GARMENTS,
    GROUNDS,
    HAIR_COLOURS,
    HAIR_STYLES,
    LENGTHS,
    PATTERNS,
    PEOPLE,
    POSES,
    SKIN_TONES,
)


def random_picture(rng: np.random.Generator) -> PictureSpec:
    """Any garment with any components that it can have."""

    def pick(choices):
        choices = tuple(choices)
        return choices[int(rng.integers(len(choices)))]

    kind = GARMENTS[pick(GARMENTS)]
    neckline, sleeves = pick(kind.necklines), pick(kind.sleeves)
    components: list[Component] = []
    for name in kind.components:
        places = places_for(kind, name)
        if name == "cuff":
            if sleeves == "long" and rng.random() < 0.6:
                components += [Component("cuff", place) for place in places]
        elif name == "hood":
            if neckline == "hood":
                components.append(Component("hood", "neck"))
        elif rng.random() < 0.5:
            continue
        elif name == "button":
            place = pick(places)
            most = kind.buttons if place == "centre front" else min(10, 2 * kind.buttons)
            count = int(rng.integers(1, most + 1))
            if place == "double-breasted":
                count = max(2, count // 2 * 2)
            components += [Component("button", place)] * count
        elif name == "pleat":
            most = COMPONENTS["pleat"].maximum
            components += [Component("pleat", "hem")] * int(rng.integers(1, most + 1))
        elif name in ("pocket", "patch"):
            chosen = [place for place in places if rng.random() < 0.6]
            components += [Component(name, place) for place in chosen]
        else:
            components.append(Component(name, pick(places)))
    spec = GarmentSpec(
        garment=kind.name,
        colour=pick(COLOURS),
        pattern=pick(PATTERNS),
        fabric=pick(kind.fabrics),
        neckline=neckline,
        sleeves=sleeves,
        length=pick(LENGTHS),
        fit=pick(FITS),
        components=tuple(components),
    )
    if rng.random() < 0.5:
        return PictureSpec(spec, Scene("flat", pick(("white", "grey"))))
    person = Person(
        pick(PEOPLE), pick(SKIN_TONES), pick(HAIR_COLOURS), pick(HAIR_STYLES), pick(POSES)
    )
    return PictureSpec(spec, Scene("worn", pick(GROUNDS), person))
