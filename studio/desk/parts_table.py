"""The table of components: the document's groups as rows, and what may be done with each."""

from typing import Any

from studio.desk import views
from studio.desk.compose import Form
from studio.garment.document import ROWS, Document, Group, partner
from studio.garment.following import agree
from studio.garment.parse import Reading, parse_prompt
from studio.garment.requests import most, places_for
from studio.garment.vocabulary import COMPONENTS, GARMENTS


def table(document: Document, form: Form) -> dict[str, Any]:
    """The rows of the table, what can be added, and whether the words say the same."""
    reading = parse_prompt(form.prompt)
    return {
        "groups": [_row(document, group, reading) for group in document.groups],
        "add": _addable(document, reading),
        "words": ", ".join(views.reading(reading)["found"]),
        "agrees": agree(document, reading),
    }


def kinds() -> dict[str, dict[str, Any]]:
    """What the page has to know of each kind of component to space, draw and name it."""
    return {
        kind.name: {"plural": kind.plural, "row": kind.name in ROWS, "point": kind.point}
        for kind in COMPONENTS.values()
    }


def _row(document: Document, group: Group, reading: Reading) -> dict[str, Any]:
    kind = COMPONENTS[group.kind]
    return {
        "id": group.id,
        "kind": group.kind,
        "noun": kind.name if group.count == 1 else kind.plural,
        "point": kind.point,
        "even": group.kind not in ROWS or group.ends is not None or len(group.boxes) < 3,
        "place": group.place,
        "where": _both(group.place) if len(group.places) == 2 else group.place,
        "places": open_places(document, reading, group.kind, group),
        "count": group.count,
        "most": most_of(document, group, reading),
        "step": 2 if group.mirror and group.kind in ROWS else 1,
        "mirror": group.mirror,
        "canMirror": can_mirror(document, group),
        "locked": group.locked,
    }


def _places(reading: Reading, kind: str) -> tuple[str, ...]:
    """Where the prompt's garment has a kind; anywhere the vocabulary knows without a garment."""
    if "garment" not in reading.stated:
        return COMPONENTS[kind].places
    garment = GARMENTS[reading.garment.garment]
    if kind == "collar" and garment.necklines != ("none",):
        return COMPONENTS[kind].places
    return places_for(garment, kind)


def open_places(
    document: Document, reading: Reading, kind: str, mine: Group | None = None
) -> list[str]:
    """The places that a kind can still be put at; that of `mine`, which it leaves, among them."""
    taken = document.taken() - {(kind, place) for place in (mine.places if mine else ())}
    free = [place for place in _places(reading, kind) if (kind, place) not in taken]
    if mine and mine.place not in free:
        free.insert(0, mine.place)
    return free


def can_mirror(document: Document, group: Group) -> bool:
    """Whether a group has, or can have, its mirror image on the other side."""
    other = partner(group.place)
    if group.mirror:
        return True
    if other is None or not group.boxes or other == group.place:
        return False
    return (group.kind, other) not in document.taken()


def most_of(document: Document, group: Group, reading: Reading) -> int:
    """How many a group can hold."""
    if group.kind in ROWS:
        limit = COMPONENTS[group.kind].maximum
        if "garment" in reading.stated:
            limit = most(GARMENTS[reading.garment.garment], group.kind, group.place) or limit
        return max(limit, group.count)
    empty = not group.boxes and partner(group.place) is not None
    return 2 if group.mirror or empty or can_mirror(document, group) else 1


def _addable(document: Document, reading: Reading) -> list[dict[str, Any]]:
    out = []
    for kind in COMPONENTS.values():
        free = open_places(document, reading, kind.name)
        offered = []
        for place in free:
            other = partner(place)
            if place.startswith("left") and other in free:
                offered.append({"place": place, "mirror": True, "label": _both(place)})
        offered += [{"place": place, "mirror": False, "label": place} for place in free]
        if offered:
            out.append({"kind": kind.name, "places": offered})
    return out


def _both(place: str) -> str:
    """“both hips” of “left hip”; “both sides of the chest”."""
    area = place.split()[-1]
    return "both sides of the chest" if area == "chest" else f"both {area}s"
