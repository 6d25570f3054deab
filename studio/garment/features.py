"""A garment's components in words: “five buttons down the front”, “a pocket on each hip”."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from studio.garment.requests import ComponentRequest as Ask
from studio.garment.requests import spread
from studio.garment.spec import GarmentSpec
from studio.garment.vocabulary import COMPONENTS
from studio.garment.writer import Writer, article


@dataclass(frozen=True)
class Feature:
    """One thing a garment has.

    Attributes:
        full: as it stands after “with” or “has”: “a belt”.
        tag: as it stands in a list of tags: “belt”.
        requests: what a reader makes of it.
        adjective: where the garment's name can take it instead: “belted”.
        lead: what then also stands before the garment's name: “double-breasted”.
    """

    full: str
    tag: str
    requests: tuple[Ask, ...] = ()
    adjective: str = ""
    lead: str = ""

    @classmethod
    def same(cls, words: str, *requests: Ask, adjective: str = "") -> Feature:
        """A phrase that is the same in a list of tags."""
        return cls(words, words, requests, adjective)

    @classmethod
    def one(cls, words: str, *requests: Ask, adjective: str = "") -> Feature:
        """A singular noun: with its article, and without it in a list of tags."""
        return cls(article(words), words, requests, adjective)


def describe(spec: GarmentSpec, w: Writer) -> Iterator[Feature]:
    """What of the garment's components the caption tells, one feature after the other."""
    count = Counter((c.kind, c.place) for c in spec.components)
    for place in ("centre front", "double-breasted"):
        if n := count["button", place]:
            yield _buttons(n, place, w)
    yield from _pockets(spec, w)
    if count["zipper", "centre front"]:
        ask = Ask("zipper", 1, "centre front")
        words = w.pick(("zipper", "zip", "front zip", "zipper down the front", "zip at the front"))
        top = spec.garment in ("jacket", "hoodie", "sweater", "coat")
        yield Feature.one(words, ask, adjective="zip-up" if top else "")
    if count["belt", "waist"]:
        words = w.pick(("belt", "belt", "belt at the waist", "waist belt", "tied belt"))
        yield Feature.one(words, Ask("belt", 1, "waist"), adjective="belted")
    for place in ("neck", "waist"):
        if count["bow", place]:
            words = w.pick((f"bow at the {place}", f"{place} bow", f"bow on the {place}"))
            yield Feature.one(words, Ask("bow", 1, place))
    if n := count["pleat", "hem"]:
        yield _pleats(n, w)
    places = tuple(place for kind, place in count if kind == "patch")
    yield from _placed("patch", places, w, w.pick(("patch", "patch", "patch", "badge")))
    wrists = ("left wrist", "right wrist")
    if all(count["cuff", place] for place in wrists) and w.chance(0.6, thrifty=0.2):
        words = w.pick(("cuffs", "cuffs at the wrists", "cuffed sleeves", "wrist cuffs"))
        yield Feature.same(words, *(Ask("cuff", 1, place) for place in wrists))
    yield from _absent(spec, w)


def _buttons(n: int, place: str, w: Writer) -> Feature:
    ask = Ask("button", n, place)
    count, noun = w.number(n), "button" if n == 1 else "buttons"
    if place == "double-breasted":
        rows = f"{count} {noun}"
        if w.chance(0.5, canonical=True):
            return Feature(rows, rows, (ask,), lead="double-breasted")
        words = w.pick((
            f"a double-breasted front with {rows}", f"a double-breasted closure with {rows}",
            f"{rows} in two rows", f"{count} double-breasted {noun}",
        ))  # fmt: skip
        tag = w.pick((words.removeprefix("a "), f"double-breasted with {rows}"))
        return Feature(words, tag, (ask,))
    if n == 1:
        words = w.pick(("one button", "a single button", "1 button", "one button at the front"))
        return Feature(words, words.removeprefix("a "), (ask,), "one-button")
    if not w.chance(0.45):
        return Feature.same(f"{count} {noun}", ask, adjective=f"{count}-button")
    words = w.pick((
        f"{count} {noun} down the front", f"{count} {noun} at the front",
        f"{count} front {noun}", f"{count} {noun} in a row", f"a row of {count} {noun}",
    ))  # fmt: skip
    return Feature(words, words.removeprefix("a "), (ask,), f"{count}-button")


def _pleats(n: int, w: Writer) -> Feature:
    ask = Ask("pleat", n, "hem")
    noun = "pleat" if n == 1 else "pleats"
    words = w.pick((f"{w.number(n)} {noun}", f"{w.number(n)} {noun} at the hem"))
    return Feature.same(words, ask)


def _pockets(spec: GarmentSpec, w: Writer) -> Iterator[Feature]:
    pockets = tuple(c.place for c in spec.of("pocket"))
    if not pockets:
        return
    n = len(pockets)
    usual = set(spread(spec.type, "pocket", n)) == set(pockets)
    if w.chance(0.3 if usual else 0.08):
        words = "a pocket" if n == 1 else f"{w.number(n)} pockets"
        yield Feature(words, words.removeprefix("a "), (Ask("pocket", n),), "")
        return
    if "centre hip" in pockets:
        ask = Ask("pocket", 1, "centre hip")
        words = w.pick(("kangaroo pocket", "front pouch pocket", "centre pocket"))
        yield Feature.one(words, ask)
    yield from _placed("pocket", tuple(x for x in pockets if x != "centre hip"), w, "pocket")


def _placed(kind: str, places: tuple[str, ...], w: Writer, noun: str) -> Iterator[Feature]:
    """Instances that sit left, right or on both sides of chest, hips or knees."""
    plural = COMPONENTS[kind].plural if noun == kind else f"{noun}s"
    for area in ("chest", "hip", "knee"):
        sides = [side for side in ("left", "right") if f"{side} {area}" in places]
        asks = tuple(Ask(kind, 1, f"{side} {area}") for side in sides)
        if len(sides) == 2:
            words = w.pick((
                f"{w.number(2)} {area} {plural}",
                f"a {noun} on each {area}" if area != "chest" else f"two {plural} on the chest",
                f"{plural} on both {area}s" if area != "chest" else f"a pair of chest {plural}",
                f"{w.number(2)} {plural} on the {area}" + ("" if area == "chest" else "s"),
                f"{area} {plural} on both sides",
            ))  # fmt: skip
            yield Feature(words, words.removeprefix("a "), asks, "")
        elif sides:
            side = sides[0]
            words = w.pick((
                f"{noun} on the {side} {area}", f"{noun} on the {side} {area}",
                f"{side} {area} {noun}", f"{area} {noun} on the {side}",
                f"{noun} at the {side} {area}",
            ))  # fmt: skip
            full = f"one {words}" if w.chance(0.3) else article(words)
            yield Feature(full, words, asks, "")


def _absent(spec: GarmentSpec, w: Writer) -> Iterator[Feature]:
    """“no pockets”, sometimes, where the garment could have them."""
    for kind in ("button", "pocket", "belt", "zipper"):
        if kind in spec.type.components and not spec.count(kind) and w.chance(0.06, thrifty=0.0):
            one = kind in ("belt", "zipper")
            words = f"no {kind if one else COMPONENTS[kind].plural}"
            tag = words if w.chance(0.5) else words.replace("no ", "without ", 1)
            yield Feature(words, tag, (Ask(kind, 0),), "")
