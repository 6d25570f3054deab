"""A garment is a specification before it is a picture."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from studio.errors import BadInput
from studio.garment.vocabulary import (
    COMPONENTS,
    GARMENT_FIELDS,
    GARMENTS,
    GROUNDS,
    PERSON_FIELDS,
    PLACES,
    GarmentType,
)

Box = tuple[float, float, float, float]
"""left, top, right, bottom in 0..1 of the picture's width and height."""


_LABELS = {
    "sleeves": "sleeve length", "skin": "skin tone", "hair": "hair colour", "kind": "component",
    "hair_style": "hair style",
}  # fmt: skip


def _check(thing: Any, words: Mapping[str, Collection[str]]) -> None:
    """Raises BadInput where a field holds a word that the vocabulary does not have for it."""
    for name, allowed in words.items():
        if (value := getattr(thing, name)) not in allowed:
            choices = ", ".join(allowed)
            raise BadInput(f"Unknown {_LABELS.get(name, name)} “{value}”: choose one of {choices}.")


@dataclass(frozen=True)
class Component:
    """One physical component: a single button, one pocket, the collar.

    `box` is None while the place is known only in words; `studio.garment.flats` and the board
    give it one.
    """

    kind: str
    place: str
    box: Box | None = None

    def __post_init__(self) -> None:
        _check(self, {"kind": COMPONENTS, "place": PLACES})
        if self.box is not None:
            left, top, right, bottom = self.box
            if not (0 <= left <= right <= 1 and 0 <= top <= bottom <= 1):
                raise BadInput(
                    f"The {self.kind}'s box {self.box} must lie inside the picture: "
                    "0 ≤ left ≤ right ≤ 1 and 0 ≤ top ≤ bottom ≤ 1."
                )

    @property
    def centre(self) -> tuple[float, float] | None:
        """The box's centre (x, y) in 0..1, or None without a box."""
        if self.box is None:
            return None
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


@dataclass(frozen=True)
class GarmentSpec:
    """What one garment is; the defaults are the plainest choice.

    Raises:
        BadInput: a word that the vocabulary does not have.
    """

    garment: str = "t-shirt"
    colour: str = "white"
    pattern: str = "plain"
    fabric: str = "cotton"
    neckline: str = "crew neck"
    sleeves: str = "short"
    length: str = "regular"
    fit: str = "regular"
    components: tuple[Component, ...] = ()

    def __post_init__(self) -> None:
        _check(self, GARMENT_FIELDS)

    @property
    def type(self) -> GarmentType:
        """The garment's entry in the vocabulary."""
        return GARMENTS[self.garment]

    def of(self, kind: str, place: str | None = None) -> tuple[Component, ...]:
        """The components of a kind, at a place where one is named."""
        return tuple(
            c for c in self.components if c.kind == kind and (place is None or c.place == place)
        )

    def count(self, kind: str, place: str | None = None) -> int:
        """How many components of a kind (at a place)."""
        return len(self.of(kind, place))

    def with_components(self, components: Iterable[Component]) -> GarmentSpec:
        """The same garment with other components."""
        return replace(self, components=tuple(components))

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dictionary."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> GarmentSpec:
        """The inverse of `to_dict`. Raises BadInput on unknown keys or words."""
        known = {f.name for f in dataclasses.fields(cls)}
        if unknown := set(data) - known:
            raise BadInput(f"Unknown garment fields: {', '.join(sorted(unknown))}.")
        values = dict(data)
        values["components"] = tuple(
            Component(c["kind"], c["place"], tuple(c["box"]) if c.get("box") else None)
            for c in values.get("components", ())
        )
        return cls(**values)


@dataclass(frozen=True)
class Person:
    """The drawn or generated wearer."""

    person: str = "woman"
    skin: str = "light"
    hair: str = "brown"
    hair_style: str = "long"
    pose: str = "standing"

    def __post_init__(self) -> None:
        _check(self, PERSON_FIELDS)


@dataclass(frozen=True)
class Scene:
    """How the garment is shown: laid flat, or worn by a person somewhere."""

    mode: Literal["flat", "worn"] = "flat"
    ground: str = "white"
    person: Person | None = None

    def __post_init__(self) -> None:
        _check(self, {"ground": GROUNDS})
        if (self.mode == "worn") != (self.person is not None):
            raise BadInput("A worn garment needs a person, and a flat one has none.")


@dataclass(frozen=True)
class PictureSpec:
    """A garment and how it is shown: all that a caption tells."""

    garment: GarmentSpec = field(default_factory=GarmentSpec)
    scene: Scene = field(default_factory=Scene)
