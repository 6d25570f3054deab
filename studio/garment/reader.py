"""Puts a prompt's things together: adjectives to their nouns, counts and places to components."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from studio.garment.lexicon import Kind
from studio.garment.lookahead import ADJECTIVES, number_after, place_after, reaches_garment
from studio.garment.tokens import Item, Number, items, normalise

_THINGS_OF_NATURE: Final = frozenset(
    ("sand", "snow", "rose", "moss", "lemon", "cherry", "wine", "flowers", "flower")
)
_COLLARS: Final = frozenset(("shirt collar", "stand collar", "notched lapel", "hood"))
_CLOSURES: Final = frozenset(("front", "closure", "placket", "fastening", "detail", "through"))
_BODY: Final = frozenset(("hair", "haired", "skin", "skinned", "eyes", "eyed", "bun", "ponytail"))


@dataclass(frozen=True)
class Fact:
    """A field of the garment and its value; a weak one counts only where nothing else is said."""

    field: str
    value: str
    text: str
    weak: bool = False


@dataclass(frozen=True)
class Ask:
    """A component as it is asked for, before it is known what the garment can have.

    Attributes:
        number: None where no number is said.
        side: left, right, both or None; area: chest, hip, …, nowhere or None.
        part: one of a number that is said before (“four pockets, two on the chest”).
    """

    kind: str
    number: Number | None
    plural: bool
    side: str | None
    area: str | None
    text: str
    part: bool = False


@dataclass(frozen=True)
class Prose:
    """A prompt as read: the main garment (None where none is named) and what belongs to it.

    `weak` where the garment's word is loose, such as “top”.
    """

    garment: str | None
    weak: bool
    facts: tuple[Fact, ...]
    asks: tuple[Ask, ...]
    rows: str | None
    unplaced: tuple[str, ...]


def read(text: str) -> Prose:
    """Read any text; what is beyond `READ` characters is left out."""
    reader = _Reader(normalise(text))
    reader.run()
    return reader.prose()


@dataclass
class _Garment:
    value: str
    weak: bool
    text: str


@dataclass
class _Phrase:
    """What the current noun phrase has gathered so far."""

    adjectives: list[Item] = field(default_factory=list)
    number: Number | None = None
    negated: bool = False
    vague: bool = False
    side: str | None = None
    area: str | None = None
    others: list[Item] = field(default_factory=list)
    start: int | None = None

    def begin(self, at: int) -> int:
        """Where it begins: here, unless it has begun before."""
        self.start = at if self.start is None else self.start
        return self.start


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.items = items(text)
        self.now = _Phrase()
        self.garments: list[_Garment] = []
        self.owned: list[tuple[int, Fact | Ask | str]] = []
        self.unplaced: list[str] = []
        self.last_kind: str | None = None
        self.last_negated = False
        self.rows_of = False
        self.in_scene = False
        self.carried: tuple[str | None, str | None] | None = None

    # -- the walk ----------------------------------------------------------------------------

    def run(self) -> None:
        at = 0
        while at < len(self.items):
            item = self.items[at]
            at = _RULES[item.kind](self, at, item) or at + 1
        self._end(len(self.text))

    def prose(self) -> Prose:
        """What belongs to the first garment that is surely one; others are told as unplaced."""
        main = next((g for g in self.garments if not g.weak), None)
        main = main or next(iter(self.garments), None)
        facts: list[Fact] = []
        asks: list[Ask] = []
        rows: str | None = None
        for owner, thing in self.owned:
            mine = not self.garments or owner < 0 or self.garments[owner].value == (
                main.value if main else None
            )  # fmt: skip
            weak = owner >= 0 and self.garments[owner].weak
            if not mine and not weak:
                continue
            if isinstance(thing, Fact):
                facts.append(thing)
            elif isinstance(thing, Ask):
                asks.append(thing)
            else:
                rows = rows or thing
        for other in self.garments:
            if main and other.value != main.value and not other.weak:
                self.unplaced.append(other.text)
        return Prose(
            main.value if main else None,
            main.weak if main else False,
            tuple(facts),
            tuple(asks),
            rows,
            tuple(self.unplaced),
        )

    def _own(self, thing: Fact | Ask | str) -> None:
        self.owned.append((len(self.garments) - 1, thing))

    def _said(self, start: int, end: int) -> str:
        """The prompt's own words, short enough to show."""
        words = " ".join(self.text[start:end].split()).strip(" ,.;:()[]{}")
        return words if len(words) <= 60 else f"{words[:57]}…"

    def _flush(self, owned: bool = False) -> None:
        """Adjectives without a noun of their own are the garment's; `owned` where it follows."""
        adjectives, self.now.adjectives = self.now.adjectives, []
        for index, item in enumerate(adjectives):
            said = self._said(item.start, item.end)
            collar = next((x for x in adjectives[index:] if x.value in _COLLARS), None)
            if collar and item.kind == "colour" and not owned:
                self.unplaced.append(f"{said} ({self._said(collar.start, collar.end)})")
                continue
            self._own(Fact(item.kind, item.value, said, bool(item.entry and item.entry.weak)))

    def _end(self, at: int, owned: bool = False) -> None:
        """The noun phrase is over: what it gathered goes where it belongs, or is told."""
        now = self.now
        counted = now.number and not now.negated
        if counted and not now.others and (now.side or now.area) and self.last_kind:
            start = now.start or at
            self._ask(self.last_kind, now.number, False, now.side, now.area, start, at, True)
        elif counted and now.others and now.start is not None:
            self.unplaced.append(self._said(now.start, now.others[:3][-1].end))
        self._flush(owned)
        self.now = _Phrase()

    def _ask(
        self, kind: str, number: Number | None, plural: bool, side: str | None, area: str | None,
        start: int, end: int, part: bool = False,
    ) -> None:  # fmt: skip
        self._own(Ask(kind, number, plural, side, area, self._said(start, end), part))
        self.last_kind = kind

    # -- one method for each part of speech; it says where to go on unless at the next thing -----

    def _skip(self, at: int, item: Item) -> None:
        """Words that change nothing."""

    def _other(self, at: int, item: Item) -> None:
        self.now.others.append(item)

    def _adjective(self, at: int, item: Item) -> None:
        word = self.text[item.start : item.end]
        before = [x.kind for x in self.items[max(0, at - 2) : at]]
        if self.now.negated and item.kind == "pattern":
            self._own(Fact("pattern", "plain", self._said(item.start, item.end)))
            return
        if self.now.negated and item.kind in ("neckline", "fabric", "colour"):
            self.unplaced.append(self._said(self.now.start or item.start, item.end))
            self.now = _Phrase()
            return
        if word in _THINGS_OF_NATURE and at and not reaches_garment(self.items, at + 1):
            # “on the sand”, “holding flowers”, “in a field of flowers”: the scene, not the cloth
            held = self.text[self.items[at - 1].start : self.items[at - 1].end]
            if (
                held in ("the", "holding", "some")
                or (held == "with" and self.in_scene)
                or (held in ("in", "of") and item.kind == "pattern" and before[:1] != ["filler"])
            ):
                return
        if self.now.number and not self.now.negated and self.now.others:
            self._end(item.start)
        self.now.adjectives.append(item)

    def _garment(self, at: int, item: Item) -> int | None:
        assert item.entry is not None
        after = self.items[at + 1] if at + 1 < len(self.items) else None
        said = self.text[item.start : item.end]
        if said.startswith("button") and item.entry.weak and after and after.kind in (
            "determiner", "preposition",
        ):  # fmt: skip
            return self._component(at, Item("component", "button", item.start, item.end))
        if after and after.kind == "garment" and not self.now.negated:
            for name, value in item.entry.extra:
                self._own(Fact(name, value, said))
            return None  # “a sweater dress” is a dress
        now = self.now
        start = now.adjectives[0].start if now.adjectives else item.start
        several = now.number and now.number.value != 1 and "pair" not in now.number.text
        if now.negated or several:
            self.unplaced.append(self._said(now.begin(start), item.end))
        if now.negated:
            self.now = _Phrase()
            return None
        self.garments.append(_Garment(item.value, item.entry.weak, self._said(start, item.end)))
        for name, value in item.entry.extra:
            self._own(Fact(name, value, said))
        now.number = None
        self.in_scene = False
        self._end(item.start, owned=True)

    def _component(self, at: int, item: Item) -> int:
        now, plural = self.now, bool(item.entry and item.entry.plural)
        start = now.begin(item.start)
        adjectival = not plural and reaches_garment(self.items, at + 1)
        if now.adjectives and not adjectival:
            # “gold buttons”, “leather belt”: the adjectives are the component's
            words = self._said(now.adjectives[0].start, item.start)
            self.unplaced.append(f"{words} ({self._said(item.start, item.end)})")
            now.adjectives = []
        number, side, area, end = now.number, now.side, now.area, at + 1
        if self.carried and not (side or area):
            side, area = self.carried
        if adjectival and number and "pair" in number.text:
            number = None  # “a pair of belted trousers”
        if number is None and not plural and not (adjectival and item.value in ("button", "pleat")):
            number = Number(1, "one")
            after = self.items[at + 1 : at + 2]
            if item.value == "button" and any(
                self.text[x.start : x.end] in _CLOSURES for x in after
            ):
                number = None  # “button front”: how many is left open
        if self.rows_of and number and item.value == "button":
            number = Number(2 * number.value, number.text)
            self._own("double-breasted")
        said = self.text[item.start : item.end]
        if any(word in said for word in ("kangaroo", "pussy")):
            area = "centre" if "kangaroo" in said else "neck"
        if now.number is None:
            later, end = number_after(self.items, end)
            number = later or number
        if not adjectival:
            side_after, area_after, end = place_after(self.items, end)
            side, area = side_after or side, area_after if area in (None, "front") else area
            if number is None:
                number, end = number_after(self.items, end)
        stop = self.items[end - 1].end
        if now.vague:
            self.unplaced.append(self._said(start, item.end))
        elif now.negated and area != "nowhere":
            self._ask(item.value, Number(0, "no"), plural, side, area, start, stop)
        else:
            self._ask(item.value, number, plural, side, area, start, stop)
        self.last_negated = now.negated
        self.carried = None
        self.rows_of = False
        self.now = _Phrase(adjectives=now.adjectives)
        return end

    def _number(self, at: int, item: Item) -> None:
        if self.now.adjectives or self.now.others:
            side, area = self.now.side, self.now.area
            self._end(item.start)
            self.now.side, self.now.area = side, area
        self.now.number, self.now.start = item.number, item.start

    def _side(self, at: int, item: Item) -> None:
        self.now.side = item.value
        self.now.begin(item.start)
        if self.text[item.start : item.end] == "both" and not self.now.number:
            self.now.side = "both"

    def _area(self, at: int, item: Item) -> None:
        if self.now.area in (None, "front", "side"):
            self.now.area = item.value
        self.now.begin(item.start)

    def _determiner(self, at: int, item: Item) -> None:
        if not self.now.negated:
            self._end(item.start)

    def _break(self, at: int, item: Item) -> None:
        carried = (self.now.side, self.now.area) if item.value in ("has", "have") else None
        self._end(item.start)
        self.carried = carried  # “each hip has a pocket”

    def _scene(self, at: int, item: Item) -> None:
        if item.value.endswith((" of", "photo")):
            self.now.adjectives = []  # “a black and white photo of”
        self._end(item.start)

    def _mark(self, at: int, item: Item) -> None:
        self.in_scene, self.carried = False, None
        now = self.now
        if item.value in "()" and now.number and not (now.others or now.adjectives):
            return  # “5 (five) buttons”
        self._end(item.start)
        if item.value in ".\n;!?":
            self.last_kind = None

    def _preposition(self, at: int, item: Item) -> int | None:
        now = self.now
        if now.number and not now.negated and not now.others and self.last_kind:
            side, area, end = place_after(self.items, at)
            if (side or area) and area != "nowhere":
                kind, stop = self.last_kind, self.items[end - 1].end
                self._flush()
                self._ask(kind, now.number, False, side, area, now.start or 0, stop, True)
                self.now = _Phrase()
                return end
        self._end(item.start)

    def _negation(self, at: int, item: Item) -> None:
        self._end(item.start)
        self.now.negated, self.now.start = True, item.start
        self.now.number = Number(0, "no")

    def _or(self, at: int, item: Item) -> None:
        negated = self.last_negated and self.items[at - 1].kind == "component"
        self._end(item.start)
        if negated:
            self.now.negated, self.now.number, self.now.start = True, Number(0, "no"), item.end

    def _vague(self, at: int, item: Item) -> None:
        self._end(item.start)
        self.now.vague, self.now.start = True, item.start

    def _not(self, at: int, item: Item) -> int | None:
        self._end(item.start)
        after = self.items[at + 1] if at + 1 < len(self.items) else None
        if after and after.kind in ADJECTIVES:
            self.unplaced.append(self._said(item.start, after.end))
            return at + 2

    def _absent(self, at: int, item: Item) -> None:
        self._ask(item.value, Number(0, "no"), True, None, None, item.start, item.end)

    def _rows(self, at: int, item: Item) -> None:
        if item.value == "two":
            self._end(item.start)
            self.rows_of = True
        else:
            self._own(item.value)

    def _detail(self, at: int, item: Item) -> None:
        """A detail or thing that the vocabulary lacks takes its count and adjectives along."""
        now = self.now
        if item.kind == "detail" and reaches_garment(self.items, at + 1):
            self.unplaced.append(self._said(item.start, item.end))
            return
        start = now.adjectives[0].start if now.adjectives else item.start
        start = start if now.start is None else min(start, now.start)
        self.unplaced.append(self._said(start, item.end))
        self.now = _Phrase()

    def _scene_head(self, at: int, item: Item) -> None:
        if item.value not in _BODY and reaches_garment(self.items, at + 1):
            return
        self.in_scene = item.value not in _BODY
        self.now = _Phrase()

    def _person(self, at: int, item: Item) -> None:
        if reaches_garment(self.items, at + 1) and self.now.adjectives:
            return
        if self.now.number and self.now.number.value > 1:
            self.unplaced.append(self._said(self.now.start or 0, item.end))
        self.now = _Phrase()


_RULES: Final[dict[Kind, Callable[[_Reader, int, Item], int | None]]] = {
    **dict.fromkeys(ADJECTIVES, _Reader._adjective),
    "garment": _Reader._garment, "component": _Reader._component, "absent": _Reader._absent,
    "detail": _Reader._detail, "thing": _Reader._detail, "person": _Reader._person,
    "scene": _Reader._scene, "scene head": _Reader._scene_head, "rows": _Reader._rows,
    "number": _Reader._number, "side": _Reader._side, "area": _Reader._area,
    "determiner": _Reader._determiner, "preposition": _Reader._preposition,
    "break": _Reader._break, "mark": _Reader._mark, "filler": _Reader._skip,
    "negation": _Reader._negation, "not": _Reader._not, "or": _Reader._or,
    "vague": _Reader._vague, "other": _Reader._other,
}  # fmt: skip
