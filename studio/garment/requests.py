"""A request for components: how many of a kind, and where."""

from dataclasses import dataclass

from studio.garment.vocabulary import COMPONENTS, GarmentType


@dataclass(frozen=True)
class ComponentRequest:
    """“Five buttons at the centre front”: `place` is None where the place was left open.

    `count` is how many there shall be, not how many to add; 0 asks for none.
    """

    kind: str
    count: int
    place: str | None = None


def places_for(garment: GarmentType, kind: str) -> tuple[str, ...]:
    """Where a garment can carry a kind of component, the usual place first."""
    if kind not in garment.components:
        return ()
    if kind == "pocket":
        return garment.pocket_places
    places = COMPONENTS[kind].places
    if kind == "button" and not garment.double_breasted:
        return ("centre front",)
    if kind == "patch":
        return places[2:] if garment.region == "lower" else places[:2]
    if kind == "bow" and garment.region == "lower":
        return ("waist",)
    return places


def spread(garment: GarmentType, kind: str, count: int) -> tuple[str, ...]:
    """Places for `count` instances whose place was left open: mirrored pairs first.

    One pocket goes to the garment's first place; two on a shirt go to both sides of the chest.
    Fewer than `count` places come back where the garment has no more.
    """
    places = places_for(garment, kind)
    if count == 1 or kind in ("button", "pleat"):
        return places[:1] * count
    areas = dict.fromkeys(place.removeprefix("left ").removeprefix("right ") for place in places)
    groups = [[x for x in places if x.endswith(area)] for area in areas]
    pairs = [x for group in groups if len(group) == 2 and count > 1 for x in group]
    singles = [x for group in groups if len(group) != 2 for x in group]
    if count % 2 and singles:
        return (*pairs[: count - 1], *singles, *pairs[count - 1 :])[:count]
    return (*pairs, *singles)[:count]
