"""What a prompt asks for: the garment, what is stated of it, its components, and what is unclear.

    reading = parse_prompt("a navy wool coat with five buttons and a pocket on each hip")
    reading.garment.colour      # "navy"
    reading.requests            # five buttons at the centre front, a pocket at each hip

The signs of other programs are taken out by `studio.garment.markup`, and a prompt in another
language becomes English (`studio.garment.languages`). The text goes through
`studio.garment.tokens` into things in their order; `studio.garment.reader` attaches adjectives to
nouns and counts to components; here they become a specification.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from studio.garment.aliases import WEAK_NECKLINES
from studio.garment.coarser import says_the_same
from studio.garment.languages import Translated, in_english
from studio.garment.markup import plain
from studio.garment.phrases import length_words
from studio.garment.prose import Ask, Fact, Prose, Told
from studio.garment.reader import read
from studio.garment.requests import (
    ComponentRequest,
    apply_requests,
    contradiction,
    cut_problem,
    most,
    objection,
    parse_component,
    places_for,
)
from studio.garment.spec import GarmentSpec
from studio.garment.tokens import READ, too_long
from studio.garment.vocabulary import COMPONENTS, GARMENTS, GarmentType
from studio.garment.wearer import another_pose, named_pose, names_a_wearer

__all__ = [
    "ComponentRequest", "Reading", "apply_requests", "named_pose", "names_a_wearer",
    "parse_component", "parse_prompt",
]  # fmt: skip

LISTED = 20
"""At most so many unplaced phrases and problems are told."""

_PLEATS = {"trousers": 2, "shorts": 2}
_MANY_PLEATS = 8
"""“Pleated” says no number: two pleats at the waist, or so many all around."""


@dataclass(frozen=True)
class Reading:
    """What a prompt asks for.

    Attributes:
        garment: the garment; what the prompt leaves open has the vocabulary's first choice, and
            the components are those of `requests`, without boxes.
        stated: names of the fields of `GarmentSpec` that the prompt really states; "components"
            where it asks for any (or for none).
        requests: components that the garment can take; `apply_requests` never objects to them.
        unplaced: words about clothes that found no place, as they stand in the prompt.
        refused: words that say what is not wished (“no lace”): understood, and left out.
        problems: sentences for the user, each saying what cannot be and what to ask instead.
        pose: how the wearer stands, one of `POSES`, where the words speak of one, else None.
        ground: where the picture is taken, one of `GROUNDS`, where the words say it, else None.
        said: by the names of fields, the prompt's words where the vocabulary has only a coarser
            one: {"colour": "mint"} for green.
        open: kinds of components that are asked for without a number that the picture must have.
        notes: sentences about the words as a whole: signs that are not used, no garment.
        english: the words in English, which is what the rest was read from; None where nothing
            was.
        posed: the pose is one that the words name or leave open; False where they name one that no
            wearer can take, such as sitting.
        idle: stretches of these words, as `studio.garment.tokens.normalise` gives them, that
            nothing of the garment came from.
    """

    garment: GarmentSpec
    stated: frozenset[str]
    requests: tuple[ComponentRequest, ...]
    unplaced: tuple[str, ...]
    problems: tuple[str, ...]
    pose: str | None = None
    ground: str | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    open: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    english: Translated | None = None
    posed: bool = True
    refused: tuple[str, ...] = ()
    idle: tuple[tuple[int, int], ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """What became of the words that nothing in the picture comes from, a sentence each."""
        left = f"Left out, as the words ask: {', '.join(self.refused)}."
        strange = f"Not recognised: {', '.join(self.unplaced)}."
        return (*((left,) if self.refused else ()), *((strange,) if self.unplaced else ()))

    @property
    def sentences(self) -> tuple[str, ...]:
        """Everything that is to be told, one sentence each: on the page and on the command line."""
        return (*self.problems, *self.notes, *self.told)


def parse_prompt(text: str, shown: str | None = None) -> Reading:
    """Read a prompt. Any text is readable: this never raises.

    Args:
        shown: the garment that is meant where the words name none, as a photo shows it.
    """
    reading = _reading(text[:READ], shown)
    if len(text) <= READ:
        return reading
    return replace(reading, problems=(too_long("prompt", text), *reading.problems)[:LISTED])


@lru_cache(maxsize=256)
def _reading(text: str, shown: str | None) -> Reading:
    """The page and the engine ask for the same few prompts again and again."""
    written = plain(text)
    english = in_english(written.text)
    prose = _whole(read(english.text))
    problems = [english.problem] if english.problem else []
    unplaced = list(prose.unplaced)
    garment = GARMENTS[shown if shown and not prose.garment else _garment(prose)]
    said: dict[str, list[str]] = {}
    idle: list[tuple[int, int]] = []
    values, stated = _fields(garment, prose, unplaced, problems, said, idle)
    notes = list(written.notes)
    if prose.garment:
        stated.add("garment")
        if not says_the_same("garment", garment.name, prose.noun):
            said["garment"] = [prose.noun]
    elif not (shown or prose.points or problems) and any(c.isalpha() for c in written.text):
        notes.append(NO_GARMENT)
    worn = names_a_wearer(english.text)
    if not worn:
        unplaced += prose.people  # “for women”, “a men grey sweater”: nobody is shown
    spec = replace(GarmentSpec(), garment=garment.name, **values)
    requests = _requests(garment, prose.asks, prose.rows, unplaced, problems)
    cuffs = any(r.kind == "cuff" and r.count for r in requests)
    if cuffs and spec.sleeves != "long" and "sleeves" in stated:
        problems.append("Cuffs need long sleeves here; ask for long sleeves or leave them out.")
        requests = tuple(r for r in requests if r.kind != "cuff")
    if requests:
        stated.add("components")
        spec = apply_requests(spec, requests)
    strange = [t.text for t in unplaced if not t.refused]
    refused = [t.text for t in unplaced if t.refused]
    return Reading(
        spec,
        frozenset(stated),
        requests,
        tuple(dict.fromkeys((*english.told(strange), *english.unknown)))[:LISTED],
        tuple(dict.fromkeys(problems))[:LISTED],
        named_pose(english.text) if worn else None,
        prose.ground,
        {name: ", ".join(map(english.own, words)) for name, words in said.items()},
        tuple(dict.fromkeys(a.kind for a in prose.asks if _is_open(a, garment))),
        tuple(notes),
        english,
        not another_pose(english.text),
        refused=tuple(dict.fromkeys(english.told(refused)))[:LISTED],
        idle=tuple(sorted({*idle, *((t.start, t.end) for t in unplaced if t.start < t.end)})),
    )


def _is_open(ask: Ask, garment: GarmentType) -> bool:
    """“Gold buttons”: that there are some is said, how many is not."""
    here = ask.kind == "button" and ask.number is None and places_for(garment, ask.kind)
    return bool(here) and _places(garment, ask, 1, None) is not None


def _whole(prose: Prose) -> Prose:
    """A turtleneck alone is a sweater that has one, and a maxi a long dress."""
    if prose.garment is None:
        for fact in prose.facts:
            if name := ALONE.get(fact.value if fact.field == "neckline" else fact.text):
                return replace(prose, garment=name, noun=name)
    return prose


ALONE = {"turtleneck": "sweater", "maxi": "dress", "midi": "dress", "mini": "dress"}
"""Words that name a garment where nothing else does."""
NEAREST = {"turtleneck": ("stand collar",), "scoop neck": ("crew neck",)}
"""Neckline -> the next where a garment lacks it, for words that only come near it."""
NO_GARMENT = (
    "No garment was recognised in the words: name one, such as “a navy coat” or “a red dress”."
)


def _garment(prose: Prose) -> str:
    """The garment that is named; else, or where its word is loose, one that can have the rest."""
    necklines = {f.value for f in prose.facts if f.field == "neckline" and not f.weak}
    sleeves = {f.value for f in prose.facts if f.field == "sleeves"}
    kinds = {a.kind for a in prose.asks if a.number is None or a.number.value > 0}
    if prose.garment in GARMENTS and not prose.weak:
        return prose.garment
    first = {"": "t-shirt", "upper": "t-shirt", "lower": "trousers"}.get(
        prose.garment or "", prose.garment or "t-shirt"
    )
    # A loose word such as “top” still says where the garment is worn.
    region = GARMENTS[first].region if prose.garment else ""
    for name in (first, *GARMENTS):
        garment = GARMENTS[name]
        if (
            region in ("", garment.region)
            and necklines <= set(garment.necklines)
            and sleeves <= set(garment.sleeves)
            and kinds <= set(garment.components)
            and (prose.rows != "double-breasted" or garment.double_breasted)
        ):
            return garment.name
    return first


def _fields(
    garment: GarmentType,
    prose: Prose,
    unplaced: list[Told],
    problems: list[str],
    said: dict[str, list[str]],
    idle: list[tuple[int, int]],
) -> tuple[dict[str, str], set[str]]:
    """The specification's fields: the first statement of each counts, a weak one only alone."""
    values = garment.usual
    stated: set[str] = set()
    for fact in sorted(prose.facts, key=lambda f: f.weak):
        if fact.field in stated:
            same = values[fact.field] == fact.value
            both_cloth = fact.field == "fabric" and "knit" in (fact.value, values["fabric"])
            if not same and not both_cloth and not (fact.weak and fact.field == "neckline"):
                unplaced.append(Told(fact.text, fact.start, fact.end))
            elif same and not says_the_same(fact.field, fact.value, fact.text):
                listed = said.setdefault(fact.field, [])
                if all(fact.text not in words and words not in fact.text for words in listed):
                    listed.append(fact.text)  # “a smock dress, tiered”
            continue
        value = fact.value
        if fact.field == "length":
            value = _length(garment, fact)
        if fact.field == "sleeves" and fact.weak and garment.region == "lower":
            unplaced.append(Told(fact.text, fact.start, fact.end))  # “a strapless skirt”
            continue
        if fact.field in ("neckline", "sleeves"):
            allowed = garment.necklines if fact.field == "neckline" else garment.sleeves
            if value not in allowed and not says_the_same(fact.field, value, fact.text):
                value = next((x for x in NEAREST.get(value, ()) if x in allowed), value)
            if value not in allowed and fact.weak:
                if fact.text not in WEAK_NECKLINES:
                    unplaced.append(Told(fact.text, fact.start, fact.end))
                    continue
                collars = ("stand collar", "notched lapel")
                value = next((x for x in collars if x in allowed), value)
            if value not in allowed:
                problems.append(cut_problem(garment, fact.field, value, allowed))
                idle.append((fact.start, fact.end))
                continue
        values[fact.field] = value
        stated.add(fact.field)
        if fact.text != prose.noun and not says_the_same(fact.field, value, fact.text):
            said[fact.field] = [fact.text]
    return values, stated


def _length(garment: GarmentType, fact: Fact) -> str:
    """“Knee-length” is long for shorts and regular for a skirt."""
    word = fact.text.replace(" length", "-length")
    if word == "ankle-length" and garment.name == "trousers":
        return "regular"
    for length in ("short", "long"):
        if word in length_words(garment.name, length):
            return length
    return fact.value


def _requests(
    garment: GarmentType,
    asks: Iterable[Ask],
    rows: str | None,
    unplaced: list[Told],
    problems: list[str],
) -> tuple[ComponentRequest, ...]:
    """Requests that the garment can take; the others end among the problems or unplaced."""
    found: dict[tuple[str, str | None], int] = {}
    parts: dict[str, int] = {}
    for ask in asks:
        if ask.number is None and _places(garment, ask, 1, rows) is None:
            unplaced.append(Told(ask.text, ask.start, ask.end))
            continue
        count = _count(ask, garment, rows, problems)
        if count is None:
            continue
        places = _places(garment, ask, count, rows)
        if places is None:
            unplaced.append(Told(ask.text, ask.start, ask.end))
            continue
        for place, number in _shares(ask.kind, places, count, ask):
            request = ComponentRequest(ask.kind, number, place)
            said = ask.number.text if ask.number and ask.number.value > 999 else None
            if problem := objection(garment, request, said):
                if ask.kind == "pocket" and ask.style and count > 4:
                    # “5-pocket jeans” are of a kind, nobody counts
                    unplaced.append(Told(ask.text, ask.start, ask.end))
                else:
                    problems.append(problem)
                break
            known = found.setdefault((ask.kind, place), number)
            if known != number:
                problems.append(contradiction(ask.kind, known, number))
                break
            if ask.part:
                parts[ask.kind] = parts.get(ask.kind, 0) + number
    if rows == "double-breasted" and not any(kind == "button" for kind, _ in found):
        row = ComponentRequest("button", 2 * min(3, garment.buttons), rows)
        if problem := objection(garment, row):
            problems.append(problem)
        else:
            found["button", rows] = row.count
    return _settle(garment, found, parts, problems)


def _count(ask: Ask, garment: GarmentType, rows: str | None, problems: list[str]) -> int | None:
    """The whole number that is asked for, or None where there is none to be had."""
    kind = COMPONENTS[ask.kind]
    if ask.number is None:
        # “pockets” are a pair; “buttons” alone leave their number open.
        if ask.kind in ("button", "pleat"):
            if not places_for(garment, ask.kind):
                problems.append(objection(garment, ComponentRequest(ask.kind, 1)) or "")
                return None
            if ask.kind == "pleat":
                return _PLEATS.get(garment.name, _MANY_PLEATS)
            return None
        if ask.side in ("left", "right"):
            return 1
        return 2 if ask.plural and ask.kind in ("pocket", "patch", "cuff") else 1
    value = ask.number.value
    if value < 0:
        problems.append(f"“{ask.number.text} {kind.plural}” is below zero; give 0 or more.")
        return None
    if value != int(min(value, 1e9)) and value < 1e9:
        problems.append(
            f"“{ask.number.text} {kind.name}” is not a whole number; say how many {kind.plural} "
            "in whole numbers."
        )
        return None
    return int(min(value, 1e9))


def _places(
    garment: GarmentType, ask: Ask, count: int, rows: str | None
) -> tuple[str | None, ...] | None:
    """The places that an ask means; (None,) leaves them open, None is nowhere on a garment."""
    kind, area, side = COMPONENTS[ask.kind], ask.area, ask.side
    here = places_for(garment, ask.kind)
    sided = any(place.startswith("left") for place in kind.places)
    if area == "nowhere" or (side in ("left", "right") and count and not sided):
        return None  # “buttons down the left side”
    if ask.kind in ("button", "zipper"):
        if kind.name == "zipper" and side == "both":
            return None
        near_neck = area == "neck" and garment.name in ("polo shirt", "blouse")
        if area not in (None, "front", "centre") and not near_neck:
            return None
        if count == 0:
            return (None,)
        return (rows or "centre front",) if ask.kind == "button" else ("centre front",)
    if ask.kind in ("belt", "pleat"):
        good = ("waist", "hip") if ask.kind == "belt" else ("hem", "front", "side", "waist")
        if area and area not in good:
            return None
        return (None,) if count == 0 else kind.places
    if area == "side" or (area is None and side):
        areas = [a for a in ("hip", "chest", "knee", "wrist") if f"left {a}" in here]
        if area is None and side != "both":
            areas = [a for a in ("chest", "hip", "knee", "wrist") if f"left {a}" in here]
        area = areas[0] if areas else None
    if ask.kind == "pocket" and area == "waist":
        area = "hip"
    if area == "centre":
        area, side = ("hip", "centre") if "centre hip" in here else (None, None)
    if ask.kind == "cuff" and area is None:
        area = "wrist"
    if area in (None, "front") or (count == 0 and side is None and area is None):
        return (None,) if ask.kind != "bow" or count == 0 else (here or kind.places)[:1]
    if area == "neck" and garment.region != "upper" and "neck" not in here:
        return ("neck",)
    wanted = [p for p in kind.places if p.split()[-1] == area]
    if not wanted:
        return None
    if side in ("left", "right", "centre"):
        return tuple(p for p in wanted if p.startswith(side)) or None
    if len(wanted) > 1:
        wanted = [p for p in wanted if not p.startswith("centre")]
    wanted = [p for p in wanted if p in here] or wanted
    return tuple(wanted if side == "both" or count != 1 else wanted[:1])


def _shares(
    kind: str, places: tuple[str | None, ...], count: int, ask: Ask
) -> Iterable[tuple[str | None, int]]:
    """How many go to each place: “two chest pockets” are one left and one right."""
    if len(places) == 1 or count == 0:
        return [(place, count) for place in places]
    if ask.side == "both" and count == 1:
        return [(place, 1) for place in places]
    each, over = divmod(count, len(places))
    return [(p, each + (i < over)) for i, p in enumerate(places) if each + (i < over)]


def _settle(
    garment: GarmentType,
    found: dict[tuple[str, str | None], int],
    parts: dict[str, int],
    problems: list[str],
) -> tuple[ComponentRequest, ...]:
    """Bring what is asked with and without a place together, within what the garment holds."""
    for kind in {kind for kind, _ in found}:
        placed = {place: n for (k, place), n in found.items() if k == kind and place}
        total = sum(placed.values())
        open_count = found.get((kind, None))
        if kind == "button" and len([n for n in placed.values() if n]) > 1:
            problems.append("Buttons sit in one row or double-breasted, not both; choose one.")
            del found[kind, list(placed)[-1]]
        if open_count is None or not placed:
            continue
        free = most(garment, kind, None) - len(placed)
        if open_count == 0:
            if total:
                problems.append(contradiction(kind, 0, total))
                del found[kind, None]
        elif kind in parts and parts[kind] <= open_count:
            # “four pockets, two on the chest”: the parts are of the four.
            found[kind, None] = min(open_count - parts[kind], free)
        elif open_count == total:
            if open_count > free:
                found[kind, None] = 0
        elif open_count > free:
            problems.append(contradiction(kind, open_count, total))
            found[kind, None] = 0
        if found.get((kind, None)) == 0 and (open_count or total):
            del found[kind, None]
    return tuple(ComponentRequest(kind, n, place) for (kind, place), n in found.items())
