"""Puts a prompt's things together: adjectives to their nouns, counts and places to components."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from studio.garment.belonging import is_noun
from studio.garment.coarser import SEWN
from studio.garment.lexicon import KINDS_OF_FIELDS, Kind
from studio.garment.lookahead import number_after, place_after, reaches_garment
from studio.garment.prose import Fact, Named, Phrase, Prose, Told
from studio.garment.tokens import Item, Number, normalise
from studio.garment.walk import Walk

_THINGS_OF_NATURE: Final = frozenset(
    ("sand", "snow", "rose", "moss", "lemon", "cherry", "wine", "flowers", "flower", "poppy",
     "stone", "honey", "berry", "orchid", "grape", "daisy", "almond", "coffee", "copper", "smoke")
)  # fmt: skip
_PARTS_OF: Final = {"dress": ("skirt",), "jumpsuit": ("trousers", "shorts")}
"""What is a part of the garment that stands before it."""
_CLOSURES: Final = frozenset(
    ("front", "fly", "closure", "placket", "fastening", "detail", "through")
)
_HAVING: Final = frozenset(
    ("with", "has", "have", "having", "featuring", "showing", "includes", "including", "plus")
)
_COUNTED: Final = 99
"""Above that a number is a name."""
_OF_BODIES: Final = frozenset(
    ("light", "fair", "pale", "dark", "tanned", "curly", "wavy", "straight", "blond", "blonde",
     "ginger", "brunette", "long", "short", "medium", "deep", "warm")
)  # fmt: skip
"""What hair and skin can be, besides colours."""


def read(text: str) -> Prose:
    """Read any text; what is beyond `READ` characters is left out."""
    reader = _Reader(normalise(text))
    reader.run()
    return reader.prose()


class _Reader(Walk):
    """One method for each part of speech; it says where to go on unless at the next thing."""

    def run(self) -> None:
        at = 0
        while at < len(self.items):
            item = self.items[at]
            at = _RULES[item.kind](self, at, item) or at + 1
        self._end(len(self.text))

    def _skip(self, at: int, item: Item) -> None:
        """Words that change nothing."""

    def _other(self, at: int, item: Item) -> None:
        self.now.others.append(item)

    def _print(self, at: int, item: Item) -> None:
        """“no print” is plain; “printed” alone says that there is a pattern, and not which."""
        now = self.now
        near = (*now.adjectives, *self.items[at + 1 : at + 3])
        if now.negated:
            self._own(self._plain(now.begin(item.start), item.end))
            self.now = Phrase()
        elif not any(x.kind == "pattern" for x in near):
            now.others.append(item)

    def _plain(self, start: int, end: int) -> Fact:
        """“no stripes”: it has none."""
        return Fact("pattern", "plain", self._said(start, end), False, start, end)

    def _adjective(self, at: int, item: Item) -> int | None:
        word = self.text[item.start : item.end]
        before = [x.kind for x in self.items[max(0, at - 2) : at]]
        whole = item.kind in ("colour", "fabric", "fit", "length") or (
            item.kind == "pattern" and not is_noun(word)
        )
        if self.now.negated and whole and reaches_garment(self.items, at + 1):
            self.now.adjectives.append(item)  # “no red dress”: no dress
            return None
        if self.now.negated and item.kind == "pattern":
            self._own(self._plain(item.start, item.end))
            return None
        if self.now.negated:
            last = at + 1
            while last < len(self.items) and self.items[last].kind in (*KINDS_OF_FIELDS, "other"):
                last += 1
            part = self.items[last].kind if last < len(self.items) else "mark"
            end = last + 1 if part == "component" else at + 1  # “no red buttons”
            self._lay(self.now.begin(item.start), self.items[end - 1].end)
            self.now = Phrase()
            return end
        if word in _THINGS_OF_NATURE and at and not reaches_garment(self.items, at + 1):
            # “on the sand”, “holding flowers”, “in a field of flowers”: the scene, not the cloth
            held = self.text[self.items[at - 1].start : self.items[at - 1].end]
            if (
                held in ("the", "holding", "some")
                or (held == "with" and self.in_scene)
                or (held in ("in", "of") and item.kind == "pattern" and before[:1] != ["filler"])
            ):
                self._lay(item.start, item.end)
                return None
        if self.now.number and not self.now.negated and self.now.others:
            self._end(item.start)
        if item.value == "turtleneck" and self.beneath and self.garments:
            # “a coat over a black turtleneck”: another garment, with its own adjectives
            own = min((x.start for x in self.now.adjectives), default=item.start)
            self._lay(own, item.end)
            self.now = Phrase()
            return None
        self.now.adjectives.append(item)
        return None

    def _garment(self, at: int, item: Item) -> int | None:
        assert item.entry is not None
        after = self.items[at + 1] if at + 1 < len(self.items) else None
        said = self.text[item.start : item.end]
        sure = any(not garment.weak for garment in self.garments)
        if said.startswith("button") and item.entry.weak and not self.now.negated and (
            sure or (after and after.kind in ("determiner", "preposition"))
        ):  # fmt: skip
            return self._component(at, Item("component", "button", item.start, item.end))
        cut = (x.kind for x in self.items[at + 1 : at + 4] if x.kind not in ("length", "fit"))
        if next(cut, None) == "garment" and not self.now.negated:
            for name, value in item.entry.extra:
                self._own(Fact(name, value, said, False, item.start, item.end))
            self.compound = item.start if self.compound is None else self.compound
            return None  # “a sweater dress” is a dress, and so is “a t-shirt midi dress”
        now = self.now
        start = now.adjectives[0].start if now.adjectives else item.start
        first = self.garments[0].value if self.garments else ""
        if item.value in _PARTS_OF.get(first, ()) and not now.negated:
            stated = {x.field for _, x in self.owned if isinstance(x, Fact)}
            if "colour" not in stated and any(x.kind == "colour" for x in now.adjectives):
                # “a gown, blush tulle skirt”
                rest = [x for x in now.adjectives if x.kind in ("length", "fit")]
                now.adjectives = [x for x in now.adjectives if x not in rest]
                self._flush()
                self._tell([*rest, *now.others, item])
                self.now = Phrase(having=now.having)
                return None
            self._lay(min(x.start for x in (item, *now.adjectives, *now.others)), item.end)
            self.now = Phrase(having=now.having)  # “a dress with a tiered skirt”
            return None
        several = now.number and now.number.value != 1 and "pair" not in now.number.text
        if several and now.number and now.number.value > _COUNTED:
            start_of = now.begin(start)
            self._lay(start_of, start_of + len(now.number.text))  # “501 jeans” are of a kind
        elif now.negated or several:
            self._lay(now.begin(start), item.end, counts=not now.negated)
        if now.negated:
            self.now = Phrase()
            return None
        text = self._said(start, item.end)
        if self.compound is not None:
            said, self.compound = self._said(self.compound, item.end), None
        self.garments.append(Named(item.value, item.entry.weak, text, said, start, item.end))
        for name, value in item.entry.extra:
            self._own(Fact(name, value, said, False, item.start, item.end))
        now.number = None
        self.in_scene = False
        self._end(item.start, owned=True)

    def _component(self, at: int, item: Item) -> int:
        now, plural = self.now, bool(item.entry and item.entry.plural)
        start = now.begin(item.start)
        said = self.text[item.start : item.end]
        single = not plural or said == "pleated"
        adjectival = single and reaches_garment(self.items, at + 1)
        sleeves = [x for x in now.adjectives if x.kind == "sleeves"]  # “long cuffed sleeves”
        own = [*(x for x in now.adjectives if x.kind != "sleeves"), *now.others]
        if own and now.negated and not adjectival:
            self._lay(min(start, *(x.start for x in own)), item.end)  # “no large buttons”
            self.now = Phrase()
            return at + 1
        if own and not adjectival:
            # “gold buttons”, “leather belt”: the adjectives are the component's
            first, last = min(x.start for x in own), max(x.end for x in own)
            apart = any(first < x.start < last for x in sleeves)
            for start_of, end_of in [(x.start, x.end) for x in own] if apart else [(first, last)]:
                self._lay(start_of, end_of, of=item)
            now.adjectives, now.others = sleeves, []
        number, side, area, end = now.number, now.side, now.area, at + 1
        if self.carried and not (side or area):
            side, area = self.carried
        if adjectival and number and "pair" in number.text:
            number = None  # “a pair of belted trousers”
        if number is None and not plural and not (adjectival and item.value in ("button", "pleat")):
            number = Number(1, "one")
            after = self.items[at + 1 : at + 2]
            through = self._said(item.start, item.end).endswith((" up", " down", "-up", "-down"))
            if item.value == "button" and (
                through or any(self.text[x.start : x.end] in _CLOSURES for x in after)
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
            self._lay(start, item.end)
        elif now.negated and area != "nowhere":
            self._ask(item.value, Number(0, "no"), plural, side, area, start, stop)
        else:
            self._ask(item.value, number, plural, side, area, start, stop, style=not plural)
        self.last_negated = now.negated
        self.carried = None
        self.rows_of = False
        self.now = Phrase(adjectives=now.adjectives, others=now.others)
        return end

    def _number(self, at: int, item: Item) -> None:
        if item.number and "pair" in item.number.text and reaches_garment(self.items, at + 1):
            return  # “a long pair of trousers”
        if self.now.adjectives or self.now.others:
            side, area = self.now.side, self.now.area
            self._end(item.start, owned=reaches_garment(self.items, at + 1))
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
        self.now.noun = item

    def _determiner(self, at: int, item: Item) -> None:
        if item.value.endswith("man's") and reaches_garment(self.items, at + 1):
            self._lay(item.start, item.end)  # “a man's coat”
        elif not self.now.negated:
            having = self.now.having
            self._end(item.start)
            self.now.having = having

    def _break(self, at: int, item: Item) -> None:
        if self._between_colours(at):
            return  # “black and white line art”, “a navy & white shirt”
        self.beneath = self.text[item.start : item.end] in ("over", "under")
        carried = (self.now.side, self.now.area) if item.value in ("has", "have") else None
        said = self.text[item.start : item.end]
        having = said in _HAVING or (self.now.having and said in ("and", "&", "plus"))
        self._end(item.start)
        self.now.having = having
        self.carried = carried  # “each hip has a pocket”

    def _between_colours(self, at: int) -> bool:
        """Whether the “and” or “/” here joins two colours of one thing."""
        around = self.items[at - 1 : at] + self.items[at + 1 : at + 2]
        joins = self.text[self.items[at].start : self.items[at].end] in ("and", "&", "/")
        return joins and len(around) == 2 and all(x.kind == "colour" for x in around)

    def _scene(self, at: int, item: Item) -> None:
        if "in" in item.value.split() and "pockets" in item.value:
            self._lay(item.start, item.end)  # “hands in pockets” is somebody, and no pose here
        ground = item.entry.says("ground") if item.entry else None
        if ground and self.ground not in (None, ground):
            self._lay(item.start, item.end)  # a picture is taken at one place
        self.ground = self.ground or ground
        if item.value.endswith((" of", "photo")):
            if self._said(item.start, item.end).startswith(("black", "b w")):
                self._lay(item.start, item.end)
            self.now.adjectives = []
        self._end(item.start)

    def _mark(self, at: int, item: Item) -> None:
        if self._between_colours(at):
            return
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
                self.now = Phrase()
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

    def _not(self, at: int, item: Item) -> None:
        """What is not wished is told by now; nothing follows that could be."""
        self._end(item.start)

    def _told(self, at: int, item: Item) -> None:
        refused = item.kind == "refused"
        self.unplaced.append(Told(item.value, item.start, item.end, refused))

    def _absent(self, at: int, item: Item) -> None:
        self._ask(item.value, Number(0, "no"), True, None, None, item.start, item.end)

    def _rows(self, at: int, item: Item) -> None:
        if item.value == "two":
            self._end(item.start)
            self.rows_of = True
        else:
            self._own(item.value)

    def _detail(self, at: int, item: Item) -> int | None:
        """A detail or thing that the vocabulary lacks takes its count and adjectives along."""
        now = self.now
        plural = bool(item.entry and item.entry.plural)
        cloth = SEWN.get(item.value)
        before = not plural and reaches_garment(self.items, at + 1, item.kind == "detail")
        if cloth and not (now.negated or now.having or now.number) and (
            before or self._stands_alone(at)
        ):  # fmt: skip
            said = self._said(item.start, item.end)
            self._own(Fact("fabric", cloth, said, True, item.start, item.end))
            return None
        if before:
            now.others.append(item)
            return None
        own = (item, *now.adjectives, *now.others)
        start = min(x.start for x in own)
        start = start if now.start is None else min(start, now.start)
        side, area, end = place_after(self.items, at + 1)
        placed = item.kind == "detail" and (side or area)
        joint, part = self.items[end : end + 1], self.items[end + 1 : end + 2]
        ends = bool(part) and part[0].kind in ("component", "area", "neckline")
        if placed and area and ends and self._said(joint[0].start, joint[0].end) in ("and", "&"):
            end += 2  # “tipping at the neck and cuffs”
        self._lay(start, self.items[end - 1].end if placed else item.end)
        self.now = Phrase(having=now.having)
        if placed:
            return end

    def _stands_alone(self, at: int) -> bool:
        """“a dress in white lace”, “a dress, black lace”: nothing else has it."""
        after = self.items[at + 1].kind if at + 1 < len(self.items) else "mark"
        return bool(self.garments) and after in ("mark", "break")

    def _scene_head(self, at: int, item: Item) -> None:
        now, body = self.now, item.value == "body"
        if any(x.kind in ("fabric", "sleeves", "neckline") for x in now.adjectives):
            now.others.append(item)  # “ivory cotton lawn”: a cloth
            return
        if not body and reaches_garment(self.items, at + 1):
            now.others.append(item)
            return
        said = self._said(item.start, item.end)
        after = self.items[at + 1].kind if at + 1 < len(self.items) else "mark"
        if (
            now.having
            and self.garments
            and item.value not in ("", "body")
            and after != "scene head"
        ):
            self._lay(min(x.start for x in (item, *now.adjectives, *now.others)), item.end)
            self.now = Phrase()  # “a shirt with palm trees”
            return
        unknown = [x for x in now.others if not (body and x.value in _OF_BODIES)]
        if item.value in ("", "unknown"):
            own = (item, *now.adjectives, *unknown)
            colours = {x.value for x in now.adjectives}
            if item.value or not (colours <= {"white", "grey", "plain"} and not unknown):
                self._lay(min(x.start for x in own), item.end)
            elif colours & {"white", "grey"}:
                self.ground = self.ground or ("white" if "white" in colours else "grey")
            elif said != "ground":
                self.ground = self.ground or "white"
        else:
            self._tell(unknown)
            if not body and self.ground not in (None, item.value):
                self._lay(item.start, item.end)
            elif not body:
                self.ground = item.value
        self.in_scene = not body
        self.now = Phrase()

    def _person(self, at: int, item: Item) -> None:
        now = self.now
        whom = at > 0 and self.text[self.items[at - 1].start : self.items[at - 1].end] == "for"
        start = self.items[at - 1].start if whom else item.start
        self.people.append(Told(self._said(start, item.end), start, start))
        if reaches_garment(self.items, at + 1) and now.adjectives:
            return
        if now.number and now.number.value > 1:
            self._lay(now.start or 0, item.end)
        else:
            self._tell([x for x in now.others if x.value not in _OF_BODIES])
        self.now = Phrase()


_RULES: Final[dict[Kind, Callable[[_Reader, int, Item], int | None]]] = {
    **dict.fromkeys(KINDS_OF_FIELDS, _Reader._adjective),
    "garment": _Reader._garment, "component": _Reader._component, "absent": _Reader._absent,
    "detail": _Reader._detail, "thing": _Reader._detail, "person": _Reader._person,
    "scene": _Reader._scene, "scene head": _Reader._scene_head, "rows": _Reader._rows,
    "number": _Reader._number, "side": _Reader._side, "area": _Reader._area,
    "determiner": _Reader._determiner, "preposition": _Reader._preposition,
    "break": _Reader._break, "mark": _Reader._mark, "filler": _Reader._skip,
    "negation": _Reader._negation, "not": _Reader._not, "or": _Reader._or,
    "vague": _Reader._vague, "other": _Reader._other, "shade": _Reader._other,
    "cloth": _Reader._other,
    "print": _Reader._print, "told": _Reader._told,
    "refused": _Reader._told,
}  # fmt: skip
