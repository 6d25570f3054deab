"""A prompt as the reader leaves it: facts, components that are asked for, words without a place."""

from dataclasses import dataclass

from studio.garment.tokens import Number


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
