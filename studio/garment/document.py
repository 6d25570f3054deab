"""The page's component document: which components, how many of each, and where they lie.

JSON, `{"v": 1, "groups": [...]}`. A group is one kind at one place: the buttons of a placket, the
pockets of both hips. All coordinates run from 0 to 1 over the artboard. `ends` are the first and
the last centre of a row whose members lie evenly between them; `mirror` gives the group a partner
on the other side of the centre front, which is never stored but follows from it. `source` says
who placed the group: the words, or the user, whose places the words then leave alone. A group
without boxes is one that the user took away although the words still name it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, field_validator

from studio.errors import BadInput
from studio.forms import Strict, read_form
from studio.garment.requests import counted
from studio.garment.spec import Box, Component
from studio.garment.vocabulary import COMPONENTS
from studio.garment.writer import article, either

Source = Literal["prompt", "user"]
Ends = tuple[tuple[float, float], tuple[float, float]]

VERSION = 1
MAX_CHARACTERS = 100_000
MAX_GROUPS = 40
MAX_BOXES = 64
"""As many components as one picture takes."""

ROWS = ("button", "pleat")
"""Kinds of which one place holds several."""

_DIGITS = 5
"""Decimals of a coordinate: far finer than a pixel, and the same after every round trip."""

_AGAIN = "reload the page"


@dataclass(frozen=True)
class Group:
    """One kind of component at one place.

    Attributes:
        boxes: left, top, right, bottom of each, without their mirrored partners.
        ends: centres of the first and the last, where the row is evenly spaced.
    """

    kind: str
    place: str
    source: Source = "prompt"
    locked: bool = False
    mirror: bool = False
    ends: Ends | None = None
    boxes: tuple[Box, ...] = ()

    def __post_init__(self) -> None:
        boxes = tuple(_rounded(box) for box in self.boxes)
        ends = self.ends
        if ends is not None:
            (x0, y0), (x1, y1) = ends
            ends = ((_round(x0), _round(y0)), (_round(x1), _round(y1)))
            boxes = row(ends, len(boxes), boxes[0]) if boxes else ()
        object.__setattr__(self, "ends", ends)
        object.__setattr__(self, "boxes", boxes)

    @property
    def id(self) -> str:
        """Its name on the page, from what it is and where."""
        return f"{self.kind}-{self.place.replace(' ', '-')}"

    @property
    def count(self) -> int:
        """How many there are, the mirrored ones too."""
        return len(self.boxes) * (2 if self.mirror else 1)

    @property
    def places(self) -> tuple[str, ...]:
        """The places it fills: both sides where it is mirrored."""
        if self.mirror and (other := partner(self.place)) and other != self.place:
            return self.place, other
        return (self.place,)

    def components(self) -> tuple[Component, ...]:
        """Every component with its box."""
        own = [Component(self.kind, self.place, box) for box in self.boxes]
        if not self.mirror:
            return tuple(own)
        other = partner(self.place) or self.place
        return tuple(
            c
            for one in own
            for c in (one, Component(self.kind, other, mirrored(one.box or (0, 0, 0, 0))))
        )

    def words(self) -> str:
        """“5 buttons at the centre front”, “2 hip pockets”, “no belts”."""
        if not self.count:
            return counted(0, self.kind)
        amount = article(self.kind) if self.count == 1 else counted(self.count, self.kind)
        if self.place == "double-breasted":
            return f"{self.count} double-breasted {COMPONENTS[self.kind].plural}"
        if len(self.places) == 2:
            area = self.place.split()[-1]
            if area == "wrist":
                return f"{article(self.kind)} on each wrist"
            return f"{self.count} {area} {COMPONENTS[self.kind].plural}"
        return f"{amount} at the {self.place}"

    def with_count(self, count: int, usual: Sequence[Box]) -> Group:
        """The group with another number of components; what is there stays where it can.

        Args:
            count: with the mirrored ones.
            usual: where they would lie by themselves, for those that have no place yet.
        """
        if count == self.count:
            return self
        if count == 0:
            return replace(self, boxes=(), ends=None, mirror=False)
        if self.kind not in ROWS:
            return replace(self, boxes=self.boxes or tuple(usual[:1]), mirror=count > 1)
        if self.place == "double-breasted":
            return _two_rows(self, count, usual)
        if self.ends and self.boxes:
            return replace(self, boxes=(self.boxes[0],) * count)
        if count < len(self.boxes):
            return replace(self, boxes=self.boxes[:count])
        if not self.boxes:
            return replace(self, boxes=tuple(usual[:count]), ends=ends_of(usual[:count]))
        first, last = centre(self.boxes[0]), centre(self.boxes[-1])
        if len(self.boxes) == 1 and len(usual) > 1:
            start, stop = centre(usual[0]), centre(usual[-1])
            last = (first[0] + stop[0] - start[0], first[1] + stop[1] - start[1])
            last = (min(max(last[0], 0.0), 1.0), min(max(last[1], 0.0), 1.0))
        return replace(self, boxes=(self.boxes[0],) * count, ends=(first, last))

    def to_dict(self) -> dict[str, Any]:
        """As the page has it."""
        return {"id": self.id, **asdict(self)}


@dataclass(frozen=True)
class Document:
    """All components of the artboard."""

    groups: tuple[Group, ...] = ()

    def components(self) -> tuple[Component, ...]:
        """What the engine takes."""
        return tuple(c for group in self.groups for c in group.components())

    def words(self) -> str:
        """“5 buttons at the centre front, 2 hip pockets”."""
        return ", ".join(group.words() for group in self.groups)

    def group(self, group_id: str) -> Group:
        """A group by its name. Raises BadInput where there is none."""
        found = next((g for g in self.groups if g.id == group_id), None)
        if found is None:
            raise BadInput("These components are no longer there: choose others.")
        return found

    def put(self, old_id: str, new: Group | None) -> Document:
        """The document with a group changed, or taken away."""
        return Document(
            tuple(
                changed
                for g in self.groups
                if (changed := new if g.id == old_id else g) is not None
            )
        )

    def count(self, kind: str) -> int:
        """How many of a kind, wherever they are."""
        return sum(g.count for g in self.groups if g.kind == kind)

    def taken(self) -> set[tuple[str, str]]:
        """Kind and place of everything that is there."""
        return {(g.kind, place) for g in self.groups for place in g.places}

    def to_json(self) -> str:
        """Its text; `read_document` gives the same document back."""
        return json.dumps({"v": VERSION, "groups": [g.to_dict() for g in self.groups]})


_Number = Annotated[float, Field(allow_inf_nan=False)]
_Point = tuple[_Number, _Number]


class _Group(Strict):
    """A group as the page writes it."""

    model_config = ConfigDict(strict=True)
    id: str
    kind: str
    place: str
    source: Source
    locked: bool
    mirror: bool
    ends: tuple[_Point, _Point] | None
    boxes: tuple[tuple[_Number, _Number, _Number, _Number], ...]

    def checked(self) -> Group:
        """The group. Raises BadInput where there can be none like it."""
        kind, place = self.kind, self.place
        if kind not in COMPONENTS:
            choices = ", ".join(COMPONENTS)
            raise BadInput(f"There is no component “{kind[:40]}”: choose one of {choices}.")
        known, one = COMPONENTS[kind], article(kind).capitalize()
        if place not in known.places:
            choices = either(known.places)
            raise BadInput(f"{one} cannot sit at “{place[:40]}”: choose {choices}.")
        if self.mirror and partner(place) is None:
            raise BadInput(f"The {place} has no other side to mirror the {known.plural} to.")
        columns = 2 if self.mirror and place == "double-breasted" else 1
        if len(self.boxes) > known.maximum // columns:
            most = counted(known.maximum, kind)
            raise BadInput(f"The {place} holds at most {most}: remove some.")
        if self.ends and not all(0 <= v <= 1 for end in self.ends for v in end):
            raise BadInput(f"A row of {known.plural} ends beside the artboard: move it back.")
        for box in self.boxes:
            if not all(0 <= v <= 1 for v in box):
                raise BadInput(f"{one} lies beside the artboard: move it back.")
            left, top, right, bottom = _rounded(box)
            if left >= right or top >= bottom:
                raise BadInput(f"{one} has no size: draw it out or remove it.")
        group = Group(**self.model_dump(exclude={"id"}))
        if self.id != group.id or (self.ends and kind not in ROWS):
            raise BadInput(f"The components cannot be read ({group.id}): {_AGAIN}.")
        return group


class _Document(Strict):
    model_config = ConfigDict(strict=True)
    v: int
    groups: tuple[_Group, ...]

    @field_validator("v")
    @classmethod
    def _known(cls, version: int) -> int:
        if version != VERSION:
            raise BadInput(f"The components come from a newer version of Toile: {_AGAIN}.")
        return version


def read_document(text: str) -> Document:
    """Read a component document, trusting nothing in it; empty text is an empty document.

    Raises:
        BadInput: one sentence that says what cannot be.
    """
    if not text:
        return Document()
    if len(text) > MAX_CHARACTERS:
        raise BadInput("There are far too many components to keep: remove some.")
    form = read_form(_Document, text, "The components", _AGAIN)
    if len(form.groups) > MAX_GROUPS:
        raise BadInput(f"There are more than {MAX_GROUPS} kinds of components: remove some.")
    document = Document(tuple(group.checked() for group in form.groups))
    total = sum(g.count for g in document.groups)
    if total > MAX_BOXES:
        raise BadInput(f"{total} components are too many for one picture: keep {MAX_BOXES}.")
    seen: set[tuple[str, str]] = set()
    for group in document.groups:
        taken = {(group.kind, place) for place in group.places}
        if taken & seen:
            plural = COMPONENTS[group.kind].plural
            raise BadInput(f"The {group.place} has two groups of {plural}: remove one of them.")
        seen |= taken
    return document


# Geometry


def centre(box: Box) -> tuple[float, float]:
    """The middle of a box."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def mirrored(box: Box) -> Box:
    """A box on the other side of the centre front."""
    return _round(1 - box[2]), box[1], _round(1 - box[0]), box[3]


def partner(place: str) -> str | None:
    """The same place on the other side; None where there is no other side."""
    for side, other in (("left ", "right "), ("right ", "left ")):
        if place.startswith(side):
            return other + place.removeprefix(side)
    return place if place == "double-breasted" else None


def moved_to(box: Box, x: float, y: float) -> Box:
    """A box around another centre, kept inside the artboard."""
    w, h = box[2] - box[0], box[3] - box[1]
    left = min(max(x - w / 2, 0.0), 1 - w)
    top = min(max(y - h / 2, 0.0), 1 - h)
    return left, top, left + w, top + h


def row(ends: Ends, count: int, size: Box) -> tuple[Box, ...]:
    """`count` boxes of the size of one, evenly between two ends; a single one in the middle."""
    (x0, y0), (x1, y1) = ends
    # Sizes on a grid twice as coarse have halves on the grid: the same row after each reading.
    w, h = (max(round(size[i + 2] - size[i], _DIGITS - 1), 0.0002) for i in (0, 1))
    parts = [i / (count - 1) for i in range(count)] if count > 1 else [0.5]
    out = []
    for t in parts:
        x, y = _round(x0 + (x1 - x0) * t), _round(y0 + (y1 - y0) * t)
        out.append(_rounded(moved_to((0.0, 0.0, w, h), x, y)))
    return tuple(out)


def ends_of(boxes: Sequence[Box]) -> Ends | None:
    """The ends of boxes that already lie in an even row, else None."""
    if len(boxes) < 2:
        return None
    ends = (centre(boxes[0]), centre(boxes[-1]))
    for box, even in zip(boxes, row(ends, len(boxes), boxes[0]), strict=True):
        if max(abs(a - b) for a, b in zip(box, even, strict=True)) > 0.002:
            return None
    return ends


def paired(boxes: Sequence[Box], others: Sequence[Box]) -> bool:
    """Whether boxes are each other's mirror images about the centre front."""
    return len(boxes) == len(others) and all(
        abs(a - b) < 0.004
        for box, other in zip(boxes, others, strict=True)
        for a, b in zip(mirrored(box), other, strict=True)
    )


def _two_rows(group: Group, count: int, usual: Sequence[Box]) -> Group:
    """Double-breasted buttons: a mirrored column where their number is even."""
    rows = count // 2
    if count % 2 == 0 and group.mirror and group.boxes:
        if group.ends:
            return replace(group, boxes=(group.boxes[0],) * rows)
        kept = group.boxes[:rows]
        step = kept[0][3] - kept[0][1]
        while len(kept) < rows:
            x, y = centre(kept[-1])
            kept = (*kept, _rounded(moved_to(kept[-1], x, y + 2 * step)))
        return replace(group, boxes=kept)
    return replace(columns(usual[:count]), source=group.source, locked=group.locked)


def columns(boxes: Sequence[Box]) -> Group:
    """Double-breasted buttons as one column and its mirror image, where they are that."""
    right = sorted((b for b in boxes if centre(b)[0] > 0.5), key=lambda b: b[1])
    left = sorted((b for b in boxes if centre(b)[0] <= 0.5), key=lambda b: b[1])
    if right and paired(right, left):
        return Group(
            "button", "double-breasted", mirror=True, ends=ends_of(right), boxes=tuple(right)
        )
    return Group("button", "double-breasted", boxes=tuple(boxes))


def _round(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), _DIGITS)


def _rounded(box: Box) -> Box:
    left, top, right, bottom = box
    return _round(left), _round(top), _round(right), _round(bottom)
