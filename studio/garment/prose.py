"""A prompt as read: what belongs to the garment, before it is known what that can have."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio.garment.tokens import Item, Number


@dataclass(frozen=True)
class Told:
    """Words that are told as not recognised, as they are shown, and where they stand.

    The stretch is empty where something in the words counts all the same; `refused` where the
    words say that it is not wished.
    """

    text: str
    start: int
    end: int
    refused: bool = False


@dataclass(frozen=True)
class Fact:
    """A field of the garment and its value; a weak one counts only where nothing else is said.

    `start` and `end` are where it stands in the text.
    """

    field: str
    value: str
    text: str
    weak: bool
    start: int
    end: int


@dataclass(frozen=True)
class Ask:
    """A component as it is asked for, before it is known what the garment can have.

    Attributes:
        number: None where no number is said.
        side: left, right, both or None; area: chest, hip, …, nowhere or None.
        part: one of a number that is said before (“four pockets, two on the chest”).
        style: said as an adjective of the garment (“5-pocket jeans”).
        start, end: where it stands in the text.
    """

    kind: str
    number: Number | None
    plural: bool
    side: str | None
    area: str | None
    text: str
    part: bool
    style: bool
    start: int
    end: int


@dataclass(frozen=True)
class Prose:
    """A prompt as read: the main garment (None where none is named) and what belongs to it.

    `weak` where the garment's word is loose, such as “top”; `noun` that word as it stands in the
    prompt; `points` where the words point at a garment that is shown (“wearing this”); `people` are
    the persons that they speak of.
    """

    garment: str | None
    weak: bool
    facts: tuple[Fact, ...]
    asks: tuple[Ask, ...]
    rows: str | None
    unplaced: tuple[Told, ...]
    ground: str | None = None
    noun: str = ""
    points: bool = False
    people: tuple[Told, ...] = ()


@dataclass
class Named:
    value: str
    weak: bool
    text: str
    noun: str
    start: int
    end: int


@dataclass
class Phrase:
    """What the current noun phrase has gathered so far; `having` it is what something has."""

    adjectives: list[Item] = field(default_factory=list)
    number: Number | None = None
    negated: bool = False
    vague: bool = False
    side: str | None = None
    area: str | None = None
    others: list[Item] = field(default_factory=list)
    start: int | None = None
    noun: Item | None = None
    having: bool = False

    def begin(self, at: int) -> int:
        """Where it begins: here, unless it has begun before."""
        self.start = at if self.start is None else self.start
        return self.start
