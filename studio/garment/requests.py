"""Requests for components: how many of a kind and where, and what a garment can take of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from studio.errors import BadInput
from studio.garment.phrases import WORDS
from studio.garment.spec import Component, GarmentSpec
from studio.garment.vocabulary import COMPONENTS, GARMENTS, PLACES, GarmentType
from studio.garment.writer import article, either


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
        chest, knees = places[:2], places[2:]
        legs = garment.name in ("trousers", "jumpsuit")
        return (*(chest if garment.region != "lower" else ()), *(knees if legs else ()))
    if kind == "bow" and garment.region == "lower":
        return ("waist",)
    return places


def most(garment: GarmentType, kind: str, place: str | None) -> int:
    """How many of a kind fit at a place, or in all where the place is left open."""
    places = places_for(garment, kind)
    if not places or (place and place not in places):
        return 0
    if kind == "button":
        maximum = COMPONENTS["button"].maximum
        return min(maximum, 2 * garment.buttons if place == "double-breasted" else garment.buttons)
    if kind == "pleat" or place:
        return COMPONENTS[kind].maximum
    return 1 if kind == "bow" else len(places) * COMPONENTS[kind].maximum


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


def counted(count: int, kind: str) -> str:
    """“one button”, “5 buttons”."""
    noun = COMPONENTS[kind].name if count == 1 else COMPONENTS[kind].plural
    return f"{count or 'no'} {noun}"


def a_garment(garment: GarmentType) -> str:
    """“A t-shirt”, “A pair of trousers”, at the start of a sentence."""
    return f"A pair of {garment.name}" if garment.plural else article(garment.name).capitalize()


def objection(
    garment: GarmentType, request: ComponentRequest, said: str | None = None
) -> str | None:
    """The sentence that says why a garment cannot have this, or None where it can.

    `said` is the count as the user wrote it, for the sentence.
    """
    kind, place, a = COMPONENTS[request.kind], request.place, a_garment(garment)
    if request.count == 0:
        return None
    if request.count < 0:
        return f"A count of {request.count} {kind.plural} cannot be drawn; give 0 or more."
    places = places_for(garment, kind.name)
    if kind.name == "collar" and garment.necklines != ("none",):
        return None
    if not places:
        others = [g.name for g in GARMENTS.values() if kind.name in g.components][:3]
        instead = "leave them out" if kind.name == "collar" else f"a {either(others)} can have them"
        return f"{a} has no {kind.plural} here; {instead}."
    if place == "double-breasted" and place not in places:
        others = either([g.name for g in GARMENTS.values() if g.double_breasted])
        return f"{a} is never double-breasted here; leave that out, or choose a {others}."
    if place and place not in places:
        choices = either(places)
        return f"{a} has no {place} {kind.plural} here; choose {choices}, or another garment."
    limit = most(garment, kind.name, place)
    if request.count <= limit:
        return None
    where = f" at the {place}" if place in PLACES[2:] else ""
    if garment.double_breasted and place == "centre front":
        where = " in one row"
    if place == "double-breasted":
        where = " when double-breasted"
    asked = f"{said or request.count} {'was' if request.count == 1 else 'were'} asked for"
    return f"{a} holds at most {counted(limit, kind.name)}{where}; {asked}."


def cut_problem(garment: GarmentType, name: str, value: str, allowed: tuple[str, ...]) -> str:
    """The sentence for a neckline or for sleeves that a garment has not."""
    a = a_garment(garment)
    if name == "sleeves":
        if allowed == ("none",):
            return f"{a} has no sleeves here; leave “{value} sleeves” out."
        choice = either([f"{x} sleeves" if x != "none" else "no sleeves" for x in allowed])
        return f"{a} has {choice} here; ask for that, or for another garment."
    if allowed == ("none",):
        return f"{a} has no neckline here; leave “{value}” out."
    others = either([g.name for g in GARMENTS.values() if value in g.necklines][:3])
    return f"{a} has no {value} here; choose {either(allowed)}, or a {others}."


def apply_requests(spec: GarmentSpec, requests: Iterable[ComponentRequest]) -> GarmentSpec:
    """The garment with what was asked for, as components without boxes.

    A request with a place sets the count there; one without a place sets what its kind has at
    all the places that no other request names. Applying the same requests again changes nothing.
    What a part needs comes with it: cuffs make sleeves long, a hood makes the neckline a hood.

    Raises:
        BadInput: a request that this garment cannot take; the sentence says what it can.
    """
    requests = tuple(requests)
    for request in requests:
        if problem := objection(spec.type, request):
            raise BadInput(problem)
        what = request.kind, request.place
        different = {r.count for r in requests if (r.kind, r.place) == what}
        if len(different) > 1:
            raise BadInput(contradiction(request.kind, *sorted(different)))
    for request in (r for r in requests if r.place):
        spec = _put(spec, request.kind, (request.place,) * request.count, {request.place})
    for request in (r for r in requests if r.place is None):
        named = {r.place for r in requests if r.kind == request.kind and r.place}
        places = [p for p in spread(spec.type, request.kind, 99) if p not in named]
        if request.kind in ("button", "pleat"):
            places = list(places_for(spec.type, request.kind)[:1]) * request.count
        elif request.count <= len(places) and not named:
            places = list(spread(spec.type, request.kind, request.count))
        if request.count > len(places):
            limit = counted(len(named) + len(places), request.kind)
            raise BadInput(
                f"{a_garment(spec.type)} holds at most {limit}; "
                f"{request.count + len(named)} were asked for."
            )
        free = {c.place for c in spec.components if c.kind == request.kind} - named
        spec = _put(spec, request.kind, tuple(places[: request.count]), free)
    rows = {c.place for c in spec.of("button")}
    if len(rows) > 1:
        asked_rows = [r.place for r in requests if r.kind == "button" and r.count and r.place]
        if len(set(asked_rows)) > 1:
            raise BadInput("Buttons sit in one row or double-breasted, not both; choose one.")
        spec = _put(spec, "button", (), rows - set(asked_rows))
    return spec


def contradiction(kind: str, *counts: int) -> str:
    """The sentence for two counts of one thing."""
    listed = " and ".join(counted(n, kind) for n in counts)
    listed = listed[0].upper() + listed[1:]
    return f"{listed} are both asked for; say one number."


def _put(spec: GarmentSpec, kind: str, places: tuple[str | None, ...], cleared: set) -> GarmentSpec:
    """Clear a kind's components at some places and add new ones, keeping those that are right."""
    there = Counter(c.place for c in spec.of(kind) if c.place in cleared)
    wanted = Counter(place for place in places if place)
    if kind == "hood" and wanted and "hood" in spec.type.necklines:
        spec = replace(spec, neckline="hood")
    if kind == "cuff" and wanted and "long" in spec.type.sleeves:
        spec = replace(spec, sleeves="long")
    if there == wanted:
        return spec
    kept = [c for c in spec.components if c.kind != kind or c.place not in cleared]
    added = [Component(kind, place) for place in places if place]
    return spec.with_components((*kept, *added))


def parse_component(text: str) -> ComponentRequest:
    """Read the command line's “KIND:COUNT@PLACE”: “button:5@centre front”, “pocket:2”, “belt”.

    Raises:
        BadInput: an unknown kind or place, or a count that is not a whole number from 0 to 99.
    """
    form = "write KIND:COUNT@PLACE, such as “button:5@centre front”"
    match = re.fullmatch(r"\s*([^:@]+?)\s*(?::\s*([^@]*?)\s*)?(?:@\s*(.*?)\s*)?", text, re.DOTALL)
    if not match:
        raise BadInput(f"Unclear component “{text[:60]}”: {form}.")
    word, count, place = match.group(1).lower(), match.group(2), match.group(3)
    kind = next(
        (k.name for k in COMPONENTS.values() if word in (k.name, k.plural, *k.aliases)), None
    )
    if kind is None:
        raise BadInput(f"Unknown component “{word[:40]}”: choose one of {', '.join(COMPONENTS)}.")
    number = 1
    if count is not None:
        spelled = WORDS.get(count.lower())
        if spelled is None and not re.fullmatch(r"[0-9]{1,2}", count):
            raise BadInput(
                f"The count “{count[:20]}” of {COMPONENTS[kind].plural} must be a whole number "
                f"from 0 to 99: {form}."
            )
        number = int(count) if spelled is None else spelled
    if place is None:
        return ComponentRequest(kind, number)
    named = " ".join(place.lower().replace("-", " ").replace("center", "centre").split())
    for known in COMPONENTS[kind].places:
        if named == known.replace("-", " "):
            return ComponentRequest(kind, number, known)
    places = either(COMPONENTS[kind].places)
    raise BadInput(f"{article(kind).capitalize()} cannot sit at “{place[:40]}”: choose {places}.")
