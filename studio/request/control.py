"""What all controls have in common, and how they are found.

A control is one file in `studio/controls/`: a subclass of `Control` with the fields that decide
how it is heard. Defining the subclass makes it known by its `kind`; nothing lists the controls.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from studio.errors import BadInput
from studio.options import Option
from studio.request.parts import MAX_STRENGTH, Part, number, part_of
from studio.request.rows import Told, strength
from studio.request.weights import Weights
from studio.tile import Tile

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_KINDS: dict[str, type[Control]] = {}
_CONTROLS = "studio.controls"


class Control(Part):
    """How strongly, and in which part of the way, something is heard beside the words.

    Attributes:
        strength: 0 (not heard) to 2; 1 is what the control was trained with.
        start, end: the part of the steps, from 0 (pure noise) to 1 (finished), in which it acts:
            step i of n takes part where start <= i/n and (i+1)/n <= end, as in diffusers.
    """

    title: ClassVar[str] = "control"
    kind: ClassVar[str] = ""
    """Its name in a request's JSON."""
    order: ClassVar[int] = 100
    """Where it stands among a request's controls."""
    most: ClassVar[int] = 1
    """How many of its kind a request may hold."""
    rows: ClassVar[tuple[Told, ...]] = ()
    """How it is told in tables; see `told`."""
    options: ClassVar[tuple[Option, ...]] = ()
    """How it is given on the command line; see `studio.desk.options`."""
    tile: ClassVar[Tile | None] = None
    """How it is given on the page; None where it is no reference."""
    stops: ClassVar[dict[str, float]] = {"Loose": 0.6, "Balanced": 1.0, "Exact": 1.3}
    """Words for its strength on the page."""
    condition: ClassVar[str | None] = ""
    """What a model must have to hear it: its kind where nothing is said, None for nothing."""
    when_found: ClassVar[str] = ""
    """What a table says of it where the machine found it; empty for nothing."""
    weights: ClassVar[tuple[Weights, ...]] = ()
    """What it can need beside the model."""
    attached: ClassVar[int] = 0
    """When it is attached to the UNet: what changes weights comes before what reads them."""
    cannot: ClassVar[str] = "hear this"
    """What a model cannot do that does not hear it."""
    remedy: ClassVar[str] = "leave it out"
    """What to do then."""
    on_somebody: ClassVar[bool] = False
    """Whether it makes no sense for a garment that is laid flat."""
    says_what: ClassVar[bool] = False
    """Whether a picture can be made of it without a word."""

    strength: Annotated[float, number("control's strength", 0, MAX_STRENGTH)] = 1.0
    start: Annotated[float, number("control's start", 0, 1)] = 0.0
    end: Annotated[float, number("control's end", 0, 1)] = 1.0

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if "kind" in vars(cls):
            _KINDS[cls.kind] = cls

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.start >= self.end:
            raise BadInput(
                f"The control starts at {self.start:g} and ends at {self.end:g}: "
                "let it end after it starts."
            )
        return self

    @model_serializer(mode="wrap")
    def _with_kind(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {"kind": self.kind, **write(self)}

    @property
    def way(self) -> str:
        """In which of several ways it is heard; empty where there is only one."""
        return ""

    @property
    def unheard(self) -> str:
        """What a model cannot do that does not hear it, in this way."""
        return f"{self.cannot} {self.way}".rstrip()

    @property
    def advice(self) -> str:
        """What to do then, in this way."""
        return self.remedy

    @classmethod
    def told(cls) -> tuple[Told, ...]:
        """Its rows in tables; by default its own fields, and its strength."""
        if cls.rows:
            return cls.rows
        title = cls.title.capitalize()
        own = [name for name in cls.model_fields if name not in Control.model_fields]
        labels = [title, *(f"{title} {name.replace('_', ' ')}" for name in own[1:])]
        return (
            *(Told(what, attrgetter(name)) for what, name in zip(labels, own, strict=False)),
            Told(f"{title} strength", strength),
        )

    def acts(self, step: int, steps: int) -> bool:
        """Whether it is heard in step `step` (from 0) of `steps`."""
        in_time = step / steps >= self.start and (step + 1) / steps <= self.end
        return in_time and self.strength > 0

    def needs(self) -> frozenset[str]:
        """What a model must be able to do to hear it: of `Capabilities.conditions`."""
        return frozenset() if self.condition is None else frozenset({self.condition or self.kind})

    @classmethod
    def hears(cls, conditions: Collection[str]) -> bool:
        """Whether a model with these conditions can hear such a control at all."""
        return cls.condition is None or (cls.condition or cls.kind) in conditions

    def heard_by(self, conditions: Collection[str]) -> Self | None:
        """It as a model with these conditions hears it; None where it cannot."""
        return self if self.needs() <= set(conditions) else None

    def conditions(self, scene: Any) -> Sequence[Any]:
        """The conditions that hear it, see `studio.conditions.base`.

        Args:
            scene: a `studio.conditions.scene.Scene`.

        Raises:
            BadInput, ModelMissing, ModelDamaged: it cannot be heard.
        """
        return ()

    def board(self, scene: Any) -> Any:
        """Its part of the board that a control network reads, or None."""
        return None

    def words(self, scene: Any) -> Any:
        """What it changes in the text encoder, and how strongly, or None."""
        return None

    def files(self) -> dict[str, str]:
        """Role -> SHA-256 of the files that it needs; a picture is its kind's, a mask likewise."""
        named = ((role, getattr(self, role, None)) for role in ("picture", "mask"))
        return {
            f"{self.kind}_{'image' if role == 'picture' else role}": sha
            for role, sha in named
            if sha is not None
        }


@cache
def _found() -> None:
    package = importlib.import_module(_CONTROLS)
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg:
            importlib.import_module(f"{_CONTROLS}.{module.name}")


def control_kinds() -> dict[str, type[Control]]:
    """Every control by its kind, in the order of a request."""
    _found()
    return dict(sorted(_KINDS.items(), key=lambda item: (item[1].order, item[0])))


def kind_of(data: object) -> Control:
    """A control from a JSON object, or the control itself. Raises BadInput."""
    if isinstance(data, Control):
        return data
    if not isinstance(data, dict):
        raise BadInput("A control must be a JSON object with named fields.")
    values = dict(data)
    kind = values.pop("kind", None)
    known = control_kinds()
    if not isinstance(kind, str) or kind not in known:
        raise BadInput(f"Unknown control “{kind}”: this Toile knows {', '.join(known)}.")
    return part_of(known[kind], values)
