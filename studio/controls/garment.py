"""The picture of a garment to be worn or shown, and the ways in which it can be heard."""

from __future__ import annotations

from collections.abc import Collection
from operator import attrgetter
from typing import Annotated, ClassVar

from studio.options import Option
from studio.request import MAX_SCALE, Control, Sha
from studio.request.parts import number, one_of
from studio.request.rows import Told, strength
from studio.request.rows import number as number_text
from studio.tile import Tile

GARMENT_METHODS: dict[str, str] = {
    "magic_clothing": "Magic Clothing",
    "imagdressing": "IMAGDressing",
    "combined": "both",
    "image_prompt": "image prompt",
    "controlnet_garment": "ControlNet-Garment",
}
"""The ways in which a garment's picture can be heard, and how people call them; the last two are
there for comparison."""

_NEEDS: dict[str, frozenset[str]] = {
    "magic_clothing": frozenset({"garment"}),
    "imagdressing": frozenset({"dressing"}),
    "combined": frozenset({"garment", "dressing"}),
    "image_prompt": frozenset({"image_prompt"}),
    "controlnet_garment": frozenset({"controlnet_garment"}),
}
"""What a model must have for each way, in the order in which one stands in for another."""

GUIDED = ("magic_clothing", "combined")
WEIGHED = ("imagdressing", "combined")
"""The methods that sG steers, and those that lambda steers."""


def methods_of(conditions: Collection[str]) -> list[str]:
    """The ways that a model with these conditions has."""
    return [name for name, needs in _NEEDS.items() if needs <= set(conditions)]


def needs_of(method: str) -> frozenset[str]:
    """What a model must have for a way."""
    return _NEEDS[method]


GARMENT_PARTS: dict[str, str] = {
    "auto": "found automatically",
    "upper": "upper body",
    "lower": "lower body",
    "dress": "dress or whole body",
}
"""Which garment of a picture is meant."""

GUIDANCE_FORMS: tuple[str, ...] = ("joint", "independent")
"""How text and garment guidance are put together; the first is the default."""

MAX_LAMBDA = 2.0


class GarmentControl(Control):
    """A garment's picture.

    Attributes:
        picture: the photo. mask: white on the garment; found automatically where missing.
        part: which garment of the picture is meant, one of `GARMENT_PARTS`.
        method: how it is heard, one of `GARMENT_METHODS`.
        weight: lambda, the weight of IMAGDressing's garment; 0 leaves it out.
        sg: garment guidance sG. form: "joint" (Magic Clothing) or "independent".
    """

    kind = "garment"
    title: ClassVar[str] = "garment"
    order = 40
    says_what = True
    tile = Tile(
        place=10,
        title="Garment",
        about="A picture of the garment to be worn; the words say by whom and where.",
        drawn="M8.5 4.5L4 7l1.8 4L8 10v9.5h8V10l2.2 1L20 7l-4.5-2.5a3.6 3.6 0 0 1-7 0z",
    )
    rows = (
        Told("Garment photo", attrgetter("picture"), "garment"),
        Told("Garment mask", attrgetter("mask"), "mask"),
        Told("Garment part", lambda garment: GARMENT_PARTS[garment.part]),
        Told("Garment method", lambda garment: GARMENT_METHODS[garment.method]),
        Told("Garment strength", strength),
        Told("Garment guidance sG", lambda garment: number_text(garment.sg)),
        Told("Garment weight λ", lambda garment: number_text(garment.weight)),
        Told("Guidance", attrgetter("form")),
    )
    options = (
        Option("--garment", "picture", "a photo of the garment", "garment", "FILE"),
        Option("--garment-mask", "mask", "white on the garment", "mask", "FILE"),
        Option("--garment-part", "part", f"{', '.join(GARMENT_PARTS)} (auto)", metavar="P"),
        Option("--method", "method", f"how it is heard: {', '.join(GARMENT_METHODS)}", metavar="M"),
        Option("--sg", "sg", "garment guidance sG (the model's)", "number", "F"),
        Option("--lambda", "weight", "of IMAGDressing's garment, up to 2 (1)", "number", "F"),
        Option("--garment-strength", "strength", "0 to 2 (1)", "number", "F"),
        Option("--guidance", "form", f"{', '.join(GUIDANCE_FORMS)} (joint)", metavar="G"),
    )
    picture: Sha
    mask: Sha | None = None
    part: Annotated[str, one_of("garment part", lambda: GARMENT_PARTS)] = "auto"
    method: Annotated[str, one_of("garment method", lambda: GARMENT_METHODS)] = "magic_clothing"
    weight: Annotated[float, number("garment's weight lambda", 0, MAX_LAMBDA)] = 1.0
    sg: Annotated[float, number("garment guidance sG", 0, MAX_SCALE)] = 2.5
    form: Annotated[str, one_of("form of guidance", lambda: GUIDANCE_FORMS)] = GUIDANCE_FORMS[0]
