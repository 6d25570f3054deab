"""What a walk through a prompt has gathered: phrases, and what of them is whose, or told."""

from __future__ import annotations

from typing import Final

from studio.garment.belonging import settled
from studio.garment.prose import Ask, Fact, Named, Phrase, Prose, Told
from studio.garment.tokens import Item, Number, items

_COLLARS: Final = frozenset(("shirt collar", "stand collar", "notched lapel", "hood"))
_UNSEEN: Final = ("back", "rear", "behind", "inside")
"""Places that no picture shows."""


class Walk:
    """A text's things in their order, and what has come of them so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.items = settled(text, items(text))
        self.now = Phrase()
        self.garments: list[Named] = []
        self.owned: list[tuple[int, Fact | Ask | str]] = []
        self.unplaced: list[Told] = []
        self.people: list[Told] = []
        self.last_kind: str | None = None
        self.last_negated = False
        self.rows_of = False
        self.in_scene = False
        self.ground: str | None = None
        self.compound: int | None = None
        self.beneath = False
        self.carried: tuple[str | None, str | None] | None = None

    def prose(self) -> Prose:
        """What belongs to the first garment that is surely one; others are told as unplaced."""
        sure = (g for g in self.garments if not g.weak or g.value in ("upper", "lower"))
        main = next(sure, None)
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
                self._lay_of_another(self.garments[owner], thing)
                continue
            if isinstance(thing, Fact):
                facts.append(thing)
            elif isinstance(thing, Ask):
                asks.append(thing)
            else:
                rows = rows or thing
        for other in self.garments:
            if main and other.value != main.value and not other.weak:
                self.unplaced.append(Told(other.text, other.start, other.end))
        return Prose(
            main.value if main else None,
            main.weak if main else False,
            tuple(facts),
            tuple(asks),
            rows,
            tuple(self.unplaced),
            self.ground,
            main.noun if main else "",
            points=any(x.kind == "determiner" and x.value in ("this", "these") for x in self.items),
            people=tuple(self.people),
        )

    def _lay_of_another(self, other: Named, thing: Fact | Ask | str) -> None:
        """“a shirt and jeans with a belt”: the belt is not of the shirt."""
        if isinstance(thing, str):
            return
        if thing.start >= other.end or thing.end <= other.start:
            self.unplaced.append(Told(thing.text, thing.start, thing.end))

    def _own(self, thing: Fact | Ask | str) -> None:
        self.owned.append((len(self.garments) - 1, thing))

    def _said(self, start: int, end: int) -> str:
        """The prompt's own words, short enough to show."""
        words = " ".join(self.text[start:end].split()).strip(" ,.;:()[]{}")
        return words if len(words) <= 60 else f"{words[:57]}…"

    def _lay(self, start: int, end: int, of: Item | None = None, counts: bool = False) -> None:
        """Words that are told.

        Args:
            of: the thing that has them, such as the buttons of “gold (buttons)”.
            counts: something in these words is understood all the same (“two coats”).
        """
        words = self._said(start, end)
        if of is not None:
            words = f"{words} ({self._said(of.start, of.end)})"
        refused = self.now.negated
        self.unplaced.append(Told(words, start, start if counts else end, refused))

    def _flush(self, owned: bool = False) -> None:
        """Adjectives without a noun of their own are the garment's; `owned` where it follows."""
        adjectives, self.now.adjectives = self.now.adjectives, []
        for index, item in enumerate(adjectives):
            said = self._said(item.start, item.end)
            after = adjectives[index + 1] if index + 1 < len(adjectives) else None
            loose = after is not None and after.entry is not None and after.entry.weak
            sleeved = after is not None and after.kind == "sleeves" and after.value != "none"
            if after and loose and sleeved and item.kind in ("length", "fit"):
                # “long puff sleeves” are long, “wide bell sleeves” are told
                if item.kind == "length" and item.value in ("short", "long"):
                    said = self._said(item.start, after.end)
                    self._own(Fact("sleeves", item.value, said, False, item.start, after.end))
                else:
                    self._lay(item.start, after.end)
                continue
            collar = next((x for x in adjectives[index:] if x.value in _COLLARS), None)
            of_collar = ("colour", "fabric", "pattern", "length", "fit")
            if collar and collar is not item and item.kind in of_collar and not owned:
                self._lay(item.start, item.end, of=collar)
                continue
            weak = bool(item.entry and item.entry.weak)
            self._own(Fact(item.kind, item.value, said, weak, item.start, item.end))

    def _end(self, at: int, owned: bool = False) -> None:
        """The noun phrase is over: what it gathered goes where it belongs, or is told."""
        now = self.now
        counted = now.number and not now.negated
        if counted and not now.others and (now.side or now.area) and self.last_kind:
            start = now.start or at
            self._ask(self.last_kind, now.number, False, now.side, now.area, start, at, True)
        elif counted and now.others and now.start is not None:
            stop = now.others[:3][-1].end
            self._lay(now.start, stop)
            now.others = now.others[3:]
            now.adjectives = [x for x in now.adjectives if x.start > stop]  # “two red godets”
        elif now.noun and not owned and any(x.start < now.noun.start for x in now.adjectives):
            # “white sleeves”, “a wide hem”: the part's, not the garment's
            first = min(x.start for x in now.adjectives)
            self._lay(first, now.noun.end)
            now.adjectives = [x for x in now.adjectives if x.start > now.noun.start]
        elif now.noun and self._said(now.noun.start, now.noun.end) in _UNSEEN:
            self._lay(now.noun.start, now.noun.end)  # “closing at the back”
        elif now.having and now.others and not owned:
            self._of_unknown(now)
        noun = now.noun if now.noun and now.noun.value == "nowhere" and not owned else None
        if noun and now.others and 0 <= noun.start - now.others[-1].end <= 1:
            self._lay(now.others.pop().start, noun.end)  # “cuffed ankles”
        self._tell(now.others, now.start if now.negated else None)
        self._flush(owned)
        self.now = Phrase()

    def _of_unknown(self, now: Phrase) -> None:
        """“with red hearts”: the colour is that of the thing that nothing is known of."""
        head = now.others[-1]
        first = len(now.adjectives)
        while first and now.adjectives[first - 1].kind in ("colour", "fabric", "length", "fit"):
            first -= 1
        own = now.adjectives[first:]
        if head.kind != "other" or not own or own[-1].start > head.start:
            return
        begin = min(own[0].start, *(x.start for x in now.others if x.start > own[0].start))
        self._lay(begin, head.end)
        now.adjectives = now.adjectives[:first]
        now.others = [x for x in now.others if x.start < begin]

    def _tell(self, others: list[Item], start: int | None = None) -> None:
        """Words that nothing is known of, those that stand together in one."""
        at = 0
        while at < len(others):
            last = at
            while last + 1 < len(others) and others[last + 1].start - others[last].end <= 1:
                last += 1
            begin = others[at].start if start is None or at else start
            self._lay(begin, others[last].end)
            at = last + 1

    def _ask(
        self, kind: str, number: Number | None, plural: bool, side: str | None, area: str | None,
        start: int, end: int, part: bool = False, style: bool = False,
    ) -> None:  # fmt: skip
        words = self._said(start, end)
        self._own(Ask(kind, number, plural, side, area, words, part, style, start, end))
        self.last_kind = kind
