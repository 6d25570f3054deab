"""Words that are not the garment's own: what is not wished, and the colours of its patterns.

“Not too shiny”, “instead of a skirt”: what they name is told, and is nothing of the garment. In
“a red dress with white dots”, “a white polka dot red dress” and “white on red dots” the dress is
red; the pictures have no second colour, so the dots' is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from studio.garment.lexicon import KINDS_OF_FIELDS, LEXICON, Entry, Kind
from studio.garment.lookahead import reaches_garment
from studio.garment.tokens import NO, Item

_SAID_OF: Final[tuple[Kind, ...]] = (
    *KINDS_OF_FIELDS, "shade", "print", "cloth", "other", "filler", "told", "refused",
)  # fmt: skip
"""What stands between a colour and the noun that has it."""
_REFUSED: Final[tuple[Kind, ...]] = (
    *KINDS_OF_FIELDS, "shade", "print", "cloth", "other", "detail", "thing",
)  # fmt: skip
_OF_ONE_WORD: Final[tuple[Kind, ...]] = (
    "colour", "fabric", "fit", "length", "shade", "cloth", "other", "detail", "thing", "filler",
)  # fmt: skip
"""What “no-” and “non-” refuse and nothing after it; a part or pattern is none at all."""
_NOUNS: Final[tuple[Kind, ...]] = ("garment", "detail", "thing", "person")
_PARTED: Final[tuple[Kind, ...]] = (
    "component", "detail", "thing", "other", "cloth", "print", "pattern", "neckline", "sleeves",
)  # fmt: skip
"""What has a colour of its own where another colour stands before the garment: “red-trimmed”."""
_PATTERN_NOUNS: Final = (
    "stripe", "check", "dot", "spot", "flower", "print", "pattern", "motif", "blossom", "daisy",
    "daisies", "design", "rose", "tulip", "sunflower", "poppies", "wildflower",
    "peonies", "rosebud", "leaves", "pinstripe",
)  # fmt: skip
_WITH: Final = frozenset(("with", "has", "have", "having", "featuring", "showing", "including"))
_JOINTS: Final = frozenset(("and", "&", "/", "or"))
_HEADS: Final = frozenset(("background", "ground", "base", "backdrop"))
_GROUNDS: Final = frozenset(("ground", "base"))
"""Of a pattern, as a rule; a background is the picture's."""
_LININGS: Final = frozenset(
    ("lining", "piping", "stitching", "topstitching", "embroidery", "edging", "binding", "seams")
)  # fmt: skip
"""Sewn on in a colour of their own, as a rule."""
_DETAILS: Final = frozenset(("detail", "details", "detailing"))
_AGREE: Final = frozenset(("to", "be", "look", "looking", "being", "want", "it", "any"))


class _Text:
    """The things of a text, and what they look like there; `grounds` is where colours start
    that a pattern lies on."""

    def __init__(self, text: str, listed: Sequence[Item]) -> None:
        self.text, self.listed = text, list(listed)
        self.grounds: set[int] = set()

    def said(self, at: int) -> str:
        """The word at a place; "" beyond the ends."""
        if not 0 <= at < len(self.listed):
            return ""
        return self.text[self.listed[at].start : self.listed[at].end]

    def kind(self, at: int) -> Kind | None:
        """The part that it plays; None beyond the ends."""
        return self.listed[at].kind if 0 <= at < len(self.listed) else None

    def is_colour(self, at: int) -> bool:
        return self.kind(at) == "colour"

    def is_pattern(self, at: int) -> bool:
        return self.kind(at) == "pattern" and self.listed[at].value != "plain"

    def glued(self, at: int) -> bool:
        """Whether a hyphen stands before it, as in “no-fuss”."""
        inside = 0 < at < len(self.listed)
        return inside and self.text[self.listed[at - 1].end : self.listed[at].start] in (
            "-",
            "‐",
            "‑",
        )

    def joins(self, at: int) -> bool:
        """An “and” between two colours."""
        return self.said(at) in _JOINTS and self.is_colour(at - 1) and self.is_colour(at + 1)

    def told(self, first: int, last: int, of: int | None = None) -> Item:
        """Things as words that are told."""
        start, end = self.listed[first].start, self.listed[last].end
        words = " ".join(self.text[start:end].split())
        return Item("told", f"{words} ({self.said(of)})" if of is not None else words, start, end)

    def refused(self, first: int, last: int) -> Item:
        """Things as words that say what is not wished."""
        return replace(self.told(first, last), kind="refused")

    def replace(self, first: int, last: int, *items: Item) -> None:
        self.listed[first : last + 1] = items


def settled(text: str, listed: Sequence[Item]) -> list[Item]:
    """The things of a text, with those that are not the garment's as things that are told."""
    things = _Text(text, listed)
    for step in (
        _refuse, _sleeve, _reach, _place_patterns, _lay_grounds, _part_patterns, _part_colours,
        _part_details, _part_sewn_on,
    ):  # fmt: skip
        at = len(things.listed) - 1
        while at >= 0:
            step(things, at)
            at = min(at, len(things.listed)) - 1
    return things.listed


# -- what is not wished --------------------------------------------------------------------------


def _refuse(things: _Text, at: int) -> None:
    """“not too shiny”, “not striped or checked”, “instead of a long skirt”, “not with buttons”."""
    if things.said(at) in NO and things.glued(at + 1) and things.kind(at + 1) in _OF_ONE_WORD:
        last = _past(things, at + 2, things.glued) - 1
        things.replace(at, last, things.refused(at, last))  # “a non-denim jacket”
        return
    if things.kind(at) != "not":
        return
    first = _past(things, at + 1, lambda i: things.kind(i) == "filler" or things.said(i) in _AGREE)
    noun = first
    if things.kind(noun) == "break" and things.said(noun) in _WITH:
        noun += 1
    if things.kind(noun) == "determiner":
        noun += 1
    head = _past(things, noun, lambda i: things.kind(i) in (*_REFUSED, "filler"))
    bare = head == noun
    if things.kind(at - 1) == things.kind(head) == "component":
        # “patch rather than flap pockets”
        bare = things.listed[at - 1].value != things.listed[head].value
    if bare and things.kind(head) == "component" and not reaches_garment(things.listed, head + 1):
        no = Item("negation", "no", things.listed[at].start, things.listed[at].end)
        things.replace(at, noun - 1, no)
    elif noun > first or things.kind(first) in _NOUNS or things.kind(head) == "component":
        if things.kind(head) in (*_NOUNS, "component"):
            things.replace(at, head, things.refused(at, head))
        elif head > noun:
            things.replace(at, head - 1, things.refused(at, head - 1))
    elif things.kind(first) in _REFUSED:
        last = first
        while things.kind(last) == "shade" and things.kind(last + 1) in _REFUSED:
            last += 1
        while things.kind(last + 1) in ("or", "break") and things.said(last + 1) in (
            "or", "nor", "and",
        ):  # fmt: skip
            more = _past(things, last + 2, lambda i: things.kind(i) in ("filler", "not"))
            if things.kind(more) not in _REFUSED:
                break
            if things.said(last + 1) != "nor" and reaches_garment(things.listed, more + 1):
                break
            last = more
        things.replace(at, last, things.refused(at, last))


def _past(things: _Text, at: int, passes: Callable[[int], bool]) -> int:
    while at < len(things.listed) and passes(at):
        at += 1
    return at


# -- parts that have words of their own ----------------------------------------------------------


def _sleeve(things: _Text, at: int) -> None:
    """“long ruched sleeves” are long: what is said of the sleeves besides is on their chip."""
    said = things.said(at)
    length = at - 1
    if things.kind(length) != "length" or things.listed[length].value not in ("short", "long"):
        return
    value, start = things.listed[length].value, things.listed[length].start
    entry = Entry("sleeves", value)
    if things.kind(at) == "component" and said.endswith("sleeves"):
        end = things.listed[length].end  # “long cuffed sleeves”
        things.replace(length, length, Item("sleeves", value, start, end, entry))
    elif things.kind(at) == "detail" and said.endswith(("sleeve", "sleeves", "sleeved")):
        sleeves = Item("sleeves", value, start, things.listed[at].end, entry)
        things.replace(length, at, sleeves)


def _reach(things: _Text, at: int) -> None:
    """“a slit to the thigh”: how far a part goes is not how long the garment is."""
    before = at - 1
    while things.kind(before) == "filler":
        before -= 1
    goes = things.said(at).startswith(("to ", "down to ", "past ", "over "))
    if things.kind(at) == "length" and goes and things.kind(before) in ("component", "detail"):
        things.replace(at, at, things.told(at, at, before))


def _place_patterns(things: _Text, at: int) -> None:
    """“a navy stripe at the hem”, “flowers on the collar”: no pattern of the whole garment."""
    if not things.is_pattern(at) or not _is_noun(things, at):
        return
    last = at + 1
    if things.kind(last) != "preposition" or things.said(last) in ("of", "from", "per", "in"):
        return
    while things.kind(last) in ("preposition", "determiner", "side"):
        last += 1
    if things.kind(last) not in ("area", "component", "neckline"):
        return
    if things.said(last) in ("front", "back") or reaches_garment(things.listed, last + 1):
        return
    first = at
    while first and things.kind(first - 1) in ("colour", "shade", "other", "filler"):
        first -= 1
    things.replace(first, last, things.told(first, last))


def _part_details(things: _Text, at: int) -> None:
    """“with gold details”: whatever they are, the gold is theirs."""
    if things.said(at) not in _DETAILS or reaches_garment(things.listed, at + 1):
        return
    first = at
    while first and (
        things.kind(first - 1) in ("colour", "shade", "fabric", "other") or things.joins(first - 1)
    ):
        first -= 1
    if first < at and any(things.kind(i) in ("colour", "fabric") for i in range(first, at)):
        things.replace(first, at, things.told(first, at))


# -- “navy on white” -----------------------------------------------------------------------------


def _lay_grounds(things: _Text, at: int) -> None:
    """The ground of a pattern is the garment's colour: “navy on white stripes”."""
    item = things.listed[at]
    if things.said(at) in _GROUNDS and things.is_colour(at - 1):
        _lay_named(things, at)
        return
    pattern = things.is_pattern(at - 1) or things.kind(at - 1) == "print"
    if not (pattern or things.is_colour(at - 1)):
        return
    patterns = [i for i in range(len(things.listed)) if things.is_pattern(i)]
    if item.kind == "scene" and things.said(at) == "on white":
        first = _first_colour(things, at - 1)
        own = [i for i in _own_colours(things) if not first <= i < at]
        if patterns and not own:
            white = Item("colour", "white", item.end - 5, item.end, LEXICON["white",])
            _lay(things, at, at, white, patterns)
        return
    if item.kind != "preposition" or things.said(at) != "on":
        return
    colour = at + 1 + (things.kind(at + 1) == "determiner")
    if not things.is_colour(colour):
        return
    if things.kind(colour + 1) == "scene head":
        first = _first_colour(things, at - 1)
        named = things.listed[colour].value not in ("white", "grey")
        named = named or things.said(colour + 1) in ("ground", "base")
        own = [i for i in _own_colours(things) if not first <= i <= colour]
        if pattern and named and not own and things.said(colour + 1) in _HEADS:
            _lay(things, at, colour + 1, things.listed[colour], patterns)
    elif colour == at + 1 and (pattern or patterns or reaches_garment(things.listed, colour)):
        _lay(things, at, colour, things.listed[colour], patterns)


def _lay_named(things: _Text, at: int) -> None:
    """“navy ground with white dots”: the skirt is navy, the dots are white."""
    first = _first_colour(things, at - 1)
    before = first - 1 - (things.kind(first - 1) == "determiner")
    colour = _past(things, at + 1, lambda i: things.kind(i) in ("break", "determiner", "mark"))
    pattern = _past(things, colour, lambda i: things.is_colour(i) or things.joins(i))
    own = [i for i in _own_colours(things) if not first <= i <= pattern]
    if (
        own
        or things.kind(before) == "preposition"
        or colour == pattern
        or not things.is_pattern(pattern)
    ):
        return
    things.replace(colour, pattern - 1, things.told(colour, pattern - 1, pattern))
    things.grounds.add(things.listed[at - 1].start)
    things.replace(at, at)


def _lay(things: _Text, first: int, last: int, ground: Item, patterns: Sequence[int]) -> None:
    """Put the ground's colour in place of “on white”; the colours before it are told."""
    things.replace(first, last, ground)
    things.grounds.add(ground.start)
    if things.is_colour(first - 1):
        start = _first_colour(things, first - 1)
        of = min(patterns, key=lambda i: abs(i - first), default=None)
        if of is not None and of >= first:
            of -= last - first
        told = things.told(start, first - 1, of)
        things.replace(start, first - 1, replace(told, end=ground.start))
    elif things.is_pattern(first - 1) and things.is_colour(first - 2):
        # “white dotted on red”
        start = _first_colour(things, first - 2)
        things.replace(start, first - 2, things.told(start, first - 2, first - 1))


def _first_colour(things: _Text, at: int) -> int:
    """Where the colours begin that end here: “navy and red”."""
    while at > 0 and (things.joins(at - 1) or (things.joins(at) or things.is_colour(at - 1))):
        at -= 1
    return at


# -- colours of patterns and parts ---------------------------------------------------------------


def _part_patterns(things: _Text, at: int) -> None:
    """“with white dots”, “blue flowers on a yellow skirt”: the colour is the pattern's."""
    if not things.is_pattern(at) or reaches_garment(things.listed, at + 1):
        return
    start = at
    while start and (things.kind(start - 1) in _SAID_OF or things.joins(start - 1)):
        if things.is_pattern(start - 1):
            break
        start -= 1
    colours = [
        i for i in range(start, at)
        if things.is_colour(i) and things.listed[i].start not in things.grounds
    ]  # fmt: skip
    before = things.said(start - 1)
    if not (before in _WITH or _is_noun(things, at)):
        return
    own = [i for i in _own_colours(things) if not start <= i <= at]
    after = at + 1 if things.said(at + 1) == "in" and things.is_colour(at + 2) else 0
    if after and own and not reaches_garment(things.listed, after + 1):
        last = after + 1
        while things.joins(last + 1):
            last += 2
        things.replace(after, last, things.told(after + 1, last, at))
    both = len(colours) > 1 and things.listed[at].value in ("striped", "checked")
    cloth = before not in _WITH and things.kind(start - 1) != "determiner"
    cloth = cloth and not things.said(at).endswith("s")  # “grey pinstripe”
    if not colours or (not own and (before == "in" or both or cloth)):
        return  # “with red and black checks”: nothing else is said of the colour
    first, last = colours[0], colours[-1]
    things.replace(first, last, things.told(first, last, at))


def _is_noun(things: _Text, at: int) -> bool:
    return things.kind(at + 1) == "print" or is_noun(things.said(at))


def is_noun(pattern: str) -> bool:
    """Whether words for a pattern name a thing: “dots”, “floral print”, but not “dotted”."""
    last = pattern.replace("-", " ").split(" ")[-1]
    return any(
        word in _PATTERN_NOUNS for word in (last, last.removesuffix("s"), last.removesuffix("es"))
    )


def _own_colours(things: _Text) -> Iterable[int]:
    """Colours that are not said of a part, of a pattern or of the scene."""
    for at in range(len(things.listed)):
        if not things.is_colour(at):
            continue
        head = at + 1
        while things.kind(head) in _SAID_OF or things.joins(head):
            if things.is_pattern(head) and _is_noun(things, head):
                break
            head += 1
        noun = things.kind(head)
        if reaches_garment(things.listed, at + 1) or noun in (
            None, "garment", "mark", "break", "preposition", "determiner", "scene", "not", "number",
        ):  # fmt: skip
            yield at


def _part_colours(things: _Text, at: int) -> None:
    """“a white polka dot red dress”, “a gold-trimmed navy coat”: the last colour is the
    garment's."""
    if things.kind(at) != "garment":
        return
    # “a white polka dot dress in red” has its colour after the noun
    later = things.said(at + 1) == "in" and things.is_colour(at + 2)
    colours = [at + 2] if later else []
    start = at
    while start and (
        things.kind(start - 1) in (*_SAID_OF, *_PARTED) or things.joins(start - 1)
    ):  # fmt: skip
        start -= 1
        if things.is_colour(start):
            colours.append(start)
    for last, first in pairwise(colours):
        between = [i for i in range(first + 1, last) if things.kind(i) in _PARTED]
        if between and not things.joins(last - 1):
            begin, of = _first_colour(things, first), between[0]
            if all(things.kind(i) in ("detail", "thing", "other", "cloth") for i in between):
                things.replace(begin, between[-1], things.told(begin, between[-1]))
            else:
                things.replace(begin, first, things.told(begin, first, of))
            return


def _part_sewn_on(things: _Text, at: int) -> None:
    """“a coat with a lining in pink”: pink is the lining."""
    part = things.said(at - 1) in _LININGS or things.kind(at - 1) == "thing"
    sewn_on = part and things.said(at) in ("in", "of")
    if not sewn_on or not things.is_colour(at + 1) or reaches_garment(things.listed, at + 2):
        return
    last = at + 1
    while things.joins(last + 1):
        last += 2
    things.replace(at - 1, last, things.told(at - 1, last))
