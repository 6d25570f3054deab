"""What a garment drawing is made of: parts in paint order, each with its seams and creases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from studio.garment.cut import BUILDS, Build, Chance, Cut, varied
from studio.garment.landmarks import Landmarks
from studio.garment.paths import Path, Point, Rect, around
from studio.garment.spec import Component, GarmentSpec

Role = Literal[
    "cloth",  # the garment's fabric with its pattern
    "trim",  # the garment's colour without the pattern: ribs, bands, linings' edges
    "lining",  # the dark inside
    "underlayer",  # what is worn beneath an open front
    "button",
    "zipper",
    "buckle",
    "patch",
    "label",
    "cord",
    "pleat",  # nothing but its line; the outline is only its extent
]
LineStyle = Literal["seam", "stitch", "rib", "pleat", "gather", "opening"]


@dataclass(frozen=True)
class Line:
    """A construction line on a part; it is clipped by the part's outline."""

    path: Path
    style: LineStyle


@dataclass(frozen=True)
class Crease:
    """A soft fold on a part: a curve, its width in body units and its depth in 0..1."""

    path: Path
    width: float
    depth: float


@dataclass(frozen=True)
class Part:
    """One piece of the garment.

    Attributes:
        tone: factor on the fabric's lightness (collar stands and ribs are a little darker).
        grain: direction of the pattern in degrees.
        component: (kind, place) where the part is, or belongs to, a component.
        back: True for what lies behind a wearer's body.
        raised: how far it stands off the cloth beneath, for its shadow, in body units.
    """

    role: Role
    path: Path
    tone: float = 1.0
    grain: float = 0.0
    lines: tuple[Line, ...] = ()
    creases: tuple[Crease, ...] = ()
    component: tuple[str, str] | None = None
    back: bool = False
    raised: float = 0.0

    def mapped(self, f: Callable[[float, float], Point], turn: float = 0.0) -> Part:
        """The part sent through an affine map that turns the grain by `turn` degrees."""
        return replace(
            self,
            path=self.path.mapped(f),
            grain=self.grain + turn,
            lines=tuple(Line(line.path.mapped(f), line.style) for line in self.lines),
            creases=tuple(Crease(c.path.mapped(f), c.width, c.depth) for c in self.creases),
        )


@dataclass(frozen=True)
class Placed:
    """A drawn component and its bounds in the drawing's units."""

    kind: str
    place: str
    bounds: Rect
    parts: tuple[int, ...]
    """Indices of its parts in the drawing."""


@dataclass
class Drawing:
    """A whole garment: parts in paint order."""

    parts: list[Part] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)

    def add(self, part: Part) -> int:
        """Paint `part` on top of what is there; returns its index."""
        self.parts.append(part)
        return len(self.parts) - 1

    def add_component(self, kind: str, place: str, parts: Iterable[Part]) -> None:
        """Paint the parts of one component; its bounds are those of all its parts."""
        indices = tuple(self.add(replace(part, component=(kind, place))) for part in parts)
        self.mark(kind, place, indices)

    def mark(self, kind: str, place: str, indices: tuple[int, ...]) -> None:
        """Say that parts already painted are a component."""
        bounds = around(self.parts[i].path.bounds() for i in indices)
        self.placed.append(Placed(kind, place, bounds, indices))

    def bounds(self) -> Rect:
        """Bounds of all parts."""
        return around(part.path.bounds() for part in self.parts)


@dataclass
class Making:
    """A garment while it is drawn: what it is, its measures and the body that it hangs on.

    Attributes:
        rng: varies places and creases; None gives the plain template, without creases.
    """

    spec: GarmentSpec
    cut: Cut
    marks: Landmarks
    rng: Chance
    drawing: Drawing = field(default_factory=Drawing)

    @property
    def build(self) -> Build:
        """How a garment of this type is made."""
        return BUILDS[self.spec.garment]

    def vary(self, amount: float) -> float:
        """A number within plus or minus `amount`; 0 for the plain template."""
        return varied(self.rng, amount)

    def unplaced(self, kind: str) -> list[Component]:
        """The components of a kind that have no box of their own."""
        return [c for c in self.spec.of(kind) if c.box is None]

    def hang(self, part: Part, turn: float = 0.0) -> None:
        """Paint a part that is drawn in the torso's frame."""
        self.drawing.add(part.mapped(self.marks.torso, turn))

    def hang_component(self, kind: str, place: str, parts: Iterable[Part]) -> None:
        """Paint a component whose parts are drawn in the torso's frame."""
        self.drawing.add_component(kind, place, [p.mapped(self.marks.torso) for p in parts])


def crease(
    rng: np.random.Generator, path: Path, width: tuple[float, float], depth: tuple[float, float]
) -> Crease:
    """A fold whose width and depth lie somewhere between two numbers."""
    return Crease(path, rng.uniform(*width), rng.uniform(*depth))
