"""Everything that decides a picture, as one frozen value.

A `GenerationRequest` is stored with every picture, in the database and in the PNG itself. The
same request with the same weights on the same machine gives the same picture, byte for byte.
Pictures that take part (sketch, start picture, mask) are named by their SHA-256; the bytes
travel beside the request.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from studio.errors import BadInput
from studio.garment.spec import Component, GarmentSpec

SAMPLER_NAMES: dict[str, str] = {"unipc": "UniPC", "dpm++": "DPM++", "ddim": "DDIM", "lcm": "LCM"}
"""How people write the samplers' names."""

SAMPLERS: tuple[str, ...] = tuple(SAMPLER_NAMES)
"""The ways of walking from noise to picture; the first is the default."""

FORMAT = 1
"""Version of the JSON form; a larger number comes from a newer Toile."""

MAX_STEPS = 200
MAX_COUNT = 16
MAX_SEED = 2**53 - 1
"""The largest whole number that every JSON reader, a browser's included, keeps exactly."""
MIN_SIDE, MAX_SIDE = 64, 1024
SIDE_STEP = 8
"""Latent pixels are 8 picture pixels wide."""
MAX_SCALE = 30.0
MAX_STRENGTH = 2.0
MAX_PROMPT = 2000
MAX_COMPONENTS = 64

_SHA256 = re.compile(r"[0-9a-f]{64}")


def _number(name: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInput(f"The {name} must be a number from {low:g} to {high:g}, not {value}.")
    if not low <= value <= high:
        raise BadInput(f"The {name} is {value:g}: choose a number from {low:g} to {high:g}.")


def _whole(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInput(f"The {name} must be a whole number from {low} to {high}, not {value}.")
    if not low <= value <= high:
        raise BadInput(f"The {name} is {value}: choose a whole number from {low} to {high}.")


def _text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise BadInput(f"The {name} must be text, not {type(value).__name__}.")
    if len(value) > MAX_PROMPT:
        raise BadInput(
            f"The {name} has {len(value)} characters: shorten it to {MAX_PROMPT} or fewer."
        )
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise BadInput(f"The {name} holds broken characters: type it again.") from None


def _keys(what: str, data: object, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise BadInput(f"The {what} must be a JSON object with named fields.")
    if unknown := sorted(str(k) for k in set(data) - known):
        raise BadInput(f"The {what} has unknown fields ({', '.join(unknown)}): remove them.")
    return data


@dataclass(frozen=True)
class ImageRef:
    """A picture named by the SHA-256 of its stored bytes (64 hexadecimal digits)."""

    sha256: str

    def __post_init__(self) -> None:
        if not isinstance(self.sha256, str) or not _SHA256.fullmatch(self.sha256):
            raise BadInput("A picture's reference must be the 64 digits of its SHA-256.")

    @classmethod
    def of(cls, data: bytes) -> ImageRef:
        """The reference of these bytes."""
        return cls(hashlib.sha256(data).hexdigest())


@dataclass(frozen=True)
class Control:
    """How strongly, and in which part of the way, a condition is heard.

    Attributes:
        strength: 0 (not heard) to 2; 1 is what the control was trained with.
        start, end: the part of the steps, from 0 (pure noise) to 1 (finished), in which it acts:
            step i of n takes part where start <= i/n and (i+1)/n <= end, as in diffusers.
    """

    strength: float = 1.0
    start: float = 0.0
    end: float = 1.0

    def __post_init__(self) -> None:
        _number("control's strength", self.strength, 0, MAX_STRENGTH)
        _number("control's start", self.start, 0, 1)
        _number("control's end", self.end, 0, 1)
        if self.start >= self.end:
            raise BadInput(
                f"The control starts at {self.start:g} and ends at {self.end:g}: "
                "let it end after it starts."
            )

    def acts(self, step: int, steps: int) -> bool:
        """Whether it is heard in step `step` (from 0) of `steps`."""
        in_time = step / steps >= self.start and (step + 1) / steps <= self.end
        return in_time and self.strength > 0


@dataclass(frozen=True)
class GenerationRequest:
    """What the user asks for, checked when it is made.

    Attributes:
        prompt, negative_prompt: what to show and what to avoid. An empty prompt is allowed where
            a garment, a sketch, components or a start picture say what to make.
        garment: the specification behind the prompt; its plain caption stands in for an empty
            prompt.
        components: placed on the board; those without a box are not drawn.
        sketch: the ink PNG (white where there is ink), see `studio.vision.sketch`.
        sketch_control, component_control: how the board's two parts are heard.
        init_image, vary_strength: picture to vary, and how far: close to 0 keeps it, 1 forgets it.
        mask: white where `init_image` is to be painted anew; the rest is kept to the pixel.
        st: text guidance sT. sg: garment guidance sG, used where a garment picture is given.
        steps, sampler, seed: picture i of `count` is made from `seed + i`.
        width, height: in pixels.
        model: catalogue name. weights: hash of the weights, empty for whatever is installed.

    Raises:
        BadInput: a value that cannot be used; the sentence says what to give instead.
    """

    prompt: str = ""
    negative_prompt: str = ""
    garment: GarmentSpec | None = None
    components: tuple[Component, ...] = ()
    sketch: ImageRef | None = None
    sketch_control: Control = field(default_factory=Control)
    component_control: Control = field(default_factory=Control)
    init_image: ImageRef | None = None
    vary_strength: float = 0.6
    mask: ImageRef | None = None
    st: float = 7.5
    sg: float = 2.5
    steps: int = 20
    sampler: str = "unipc"
    seed: int = 0
    count: int = 1
    width: int = 256
    height: int = 256
    model: str = "toile-mini"
    weights: str = ""

    def __post_init__(self) -> None:
        _text("prompt", self.prompt)
        _text("negative prompt", self.negative_prompt)
        _number("text guidance sT", self.st, 0, MAX_SCALE)
        _number("garment guidance sG", self.sg, 0, MAX_SCALE)
        _number("strength of the variation", self.vary_strength, 0.01, 1)
        _whole("number of steps", self.steps, 1, MAX_STEPS)
        _whole("number of pictures", self.count, 1, MAX_COUNT)
        _whole("seed", self.seed, 0, MAX_SEED)
        if self.seed + self.count - 1 > MAX_SEED:
            raise BadInput(
                f"The seed is {self.seed}: with {self.count} pictures choose at most "
                f"{MAX_SEED - self.count + 1}."
            )
        for name, side in (("width", self.width), ("height", self.height)):
            _whole(name, side, MIN_SIDE, MAX_SIDE)
            if side % SIDE_STEP:
                near = round(side / SIDE_STEP) * SIDE_STEP
                raise BadInput(
                    f"The {name} is {side} pixels: choose a multiple of {SIDE_STEP}, "
                    f"for instance {near}."
                )
        if self.sampler not in SAMPLERS:
            raise BadInput(
                f"Unknown sampler “{self.sampler}”: choose one of {', '.join(SAMPLERS)}."
            )
        if not isinstance(self.model, str) or not self.model:
            raise BadInput("The model must be named: give its name from the catalogue.")
        if not isinstance(self.weights, str):
            raise BadInput("The weights' hash must be text: leave it empty for those installed.")
        if not isinstance(self.components, tuple):
            object.__setattr__(self, "components", tuple(self.components))
        if len(self.components) > MAX_COMPONENTS:
            raise BadInput(
                f"{len(self.components)} components are too many for one picture: "
                f"place {MAX_COMPONENTS} or fewer."
            )
        if self.mask is not None and self.init_image is None:
            raise BadInput("A mask needs a picture to repaint: give a start picture as well.")
        if not self.prompt.strip() and not (
            self.garment or self.sketch or self.components or self.init_image
        ):
            raise BadInput("Describe the garment, draw it, or place a component first.")

    def picture(self, index: int) -> GenerationRequest:
        """The request of picture `index` (from 0) alone: one picture, its own seed."""
        if not 0 <= index < self.count:
            raise ValueError(f"picture {index} of {self.count}")
        return replace(self, seed=self.seed + index, count=1)

    def unpinned(self) -> GenerationRequest:
        """The same request for whatever weights are installed."""
        return replace(self, weights="")

    def images(self) -> dict[str, ImageRef]:
        """The pictures it refers to, by field name."""
        refs = {"sketch": self.sketch, "init_image": self.init_image, "mask": self.mask}
        return {name: ref for name, ref in refs.items() if ref is not None}

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dictionary without the fields that have their default value."""
        result: dict[str, Any] = {"format": FORMAT}
        for f in dataclasses.fields(self):
            value = getattr(self, f.name)
            default = f.default if f.default_factory is dataclasses.MISSING else f.default_factory()
            if value != default:
                result[f.name] = _encode(value)
        return result

    def to_json(self) -> str:
        """One line of JSON; the inverse of `from_json`."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_dict(cls, data: object) -> GenerationRequest:
        """The inverse of `to_dict`. Raises BadInput on unknown fields or unusable values."""
        known = {f.name for f in dataclasses.fields(cls)}
        if isinstance(data, Mapping) and isinstance(data.get("format"), int):
            if data["format"] > FORMAT:
                raise BadInput("The request was written by a newer Toile: update this one first.")
            known.add("format")
        values = dict(_keys("request", data, known))
        values.pop("format", None)
        for name, decode in _DECODERS.items():
            if values.get(name) is not None:
                values[name] = decode(values[name])
        return cls(**values)

    @classmethod
    def from_json(cls, text: str | bytes) -> GenerationRequest:
        """Read the JSON form. Raises BadInput where it is not one."""
        try:
            data = json.loads(text)
        except ValueError:
            raise BadInput("The request is not valid JSON: copy it again in full.") from None
        return cls.from_dict(data)


def _encode(value: Any) -> Any:
    match value:
        case ImageRef():
            return value.sha256
        case Control():
            return {
                f.name: getattr(value, f.name)
                for f in dataclasses.fields(value)
                if getattr(value, f.name) != f.default
            }
        case Component():
            entry = {"kind": value.kind, "place": value.place}
            return entry if value.box is None else {**entry, "box": list(value.box)}
        case GarmentSpec():
            plain = GarmentSpec()
            return {
                f.name: _encode(getattr(value, f.name))
                for f in dataclasses.fields(value)
                if getattr(value, f.name) != getattr(plain, f.name)
            }
        case tuple():
            return [_encode(v) for v in value]
        case _:
            return value


def _decode_control(data: object) -> Control:
    return Control(**_keys("control", data, {f.name for f in dataclasses.fields(Control)}))


def _decode_component(data: object) -> Component:
    values = _keys("component", data, {"kind", "place", "box"})
    if "kind" not in values or "place" not in values:
        raise BadInput("A component needs its kind and its place.")
    box = values.get("box")
    if box is not None:
        if not isinstance(box, list | tuple) or len(box) != 4:
            raise BadInput("A component's box must be four numbers: left, top, right, bottom.")
        for value in box:
            _number("edge of a component's box", value, 0, 1)
        box = (box[0], box[1], box[2], box[3])
    return Component(values["kind"], values["place"], box)


def _decode_components(data: object) -> tuple[Component, ...]:
    if not isinstance(data, list | tuple):
        raise BadInput("The components must be a list.")
    return tuple(_decode_component(c) for c in data)


def _decode_garment(data: object) -> GarmentSpec:
    known = {f.name for f in dataclasses.fields(GarmentSpec)}
    values = dict(_keys("garment", data, known))
    if "components" in values:
        values["components"] = _decode_components(values["components"])
    return GarmentSpec(**values)


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "garment": _decode_garment,
    "components": _decode_components,
    "sketch": ImageRef,
    "init_image": ImageRef,
    "mask": ImageRef,
    "sketch_control": _decode_control,
    "component_control": _decode_control,
}
