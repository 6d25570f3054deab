"""Random garments, pictures and component documents for hypothesis, within what can be."""

from hypothesis import strategies as st

from studio.garment.document import MAX_BOXES, Document, Group, partner
from studio.garment.requests import most, places_for
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


@st.composite
def garments(draw: st.DrawFn) -> GarmentSpec:
    """Any garment with any components that it can have."""
    kind = GARMENTS[draw(st.sampled_from(sorted(GARMENTS)))]
    neckline = draw(st.sampled_from(kind.necklines))
    sleeves = draw(st.sampled_from(kind.sleeves))
    components: list[Component] = []
    for name in sorted(set(kind.components) - {"hood"}):
        if name == "cuff" and sleeves != "long":
            continue
        places = places_for(kind, name)
        if name in ("button", "pleat", "bow"):
            place = draw(st.sampled_from(places))
            count = draw(st.integers(0, most(kind, name, place)))
            components += [Component(name, place)] * count
        elif name == "cuff":
            components += [Component(name, place) for place in places] * draw(st.integers(0, 1))
        else:
            chosen = draw(st.sets(st.sampled_from(places)))
            components += [Component(name, place) for place in places if place in chosen]
    return GarmentSpec(
        kind.name,
        draw(st.sampled_from(sorted(COLOURS))),
        draw(st.sampled_from(sorted(PATTERNS))),
        draw(st.sampled_from(kind.fabrics)),
        neckline,
        sleeves,
        draw(st.sampled_from(LENGTHS)),
        draw(st.sampled_from(FITS)),
        tuple(components),
    )


@st.composite
def pictures(draw: st.DrawFn) -> PictureSpec:
    """A garment laid flat or worn by somebody somewhere."""
    garment = draw(garments())
    if draw(st.booleans()):
        return PictureSpec(garment, Scene("flat", draw(st.sampled_from(("white", "grey")))))
    traits = (PEOPLE, SKIN_TONES, HAIR_COLOURS, HAIR_STYLES, POSES)
    person = Person(*(draw(st.sampled_from(words)) for words in traits))
    return PictureSpec(garment, Scene("worn", draw(st.sampled_from(sorted(GROUNDS))), person))


_SPOT = st.floats(0, 0.9).map(lambda value: round(value, 5))
_SIZE = st.floats(0.002, 0.1).map(lambda value: round(value, 5))


@st.composite
def _groups(draw: st.DrawFn, kind: str, place: str) -> Group:
    known, other = COMPONENTS[kind], partner(place)
    mirror = other is not None and draw(st.booleans())
    most_here = known.maximum // (2 if mirror and place == "double-breasted" else 1)
    boxes = []
    for _ in range(draw(st.integers(0, most_here))):
        x, y, w, h = draw(_SPOT), draw(_SPOT), draw(_SIZE), draw(_SIZE)
        boxes.append((x, y, x + w, y + h))
    ends = None
    if kind in ("button", "pleat") and boxes and draw(st.booleans()):
        ends = (draw(_SPOT), draw(_SPOT)), (draw(_SPOT), draw(_SPOT))
    source = draw(st.sampled_from(("prompt", "user")))
    return Group(kind, place, source, draw(st.booleans()), mirror, ends, tuple(boxes))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Any document that the page could have written."""
    spots = [(kind, place) for kind in sorted(COMPONENTS) for place in COMPONENTS[kind].places]
    taken: set[tuple[str, str]] = set()
    groups: list[Group] = []
    for kind, place in draw(st.lists(st.sampled_from(spots), unique=True, max_size=8)):
        group = draw(_groups(kind, place))
        spots_of = {(kind, p) for p in group.places}
        if not taken & spots_of and sum(g.count for g in groups) + group.count <= MAX_BOXES:
            taken |= spots_of
            groups.append(group)
    return Document(tuple(groups))
