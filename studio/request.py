"""Everything that decides a picture, as one frozen value.

A `GenerationRequest` is stored with every picture, in the database and in the PNG itself. The
same request with the same weights on the same machine gives the same picture, byte for byte.
Pictures that take part (sketch, start picture, mask) are named by their SHA-256; the bytes
travel beside the request.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from studio.errors import BadInput
from studio.garment.spec import Component, GarmentSpec
from studio.requestparts import (
    JOINTS,
    MAX_PROMPT,
    MAX_STRENGTH,
    Control,
    ImageRef,
    Joint,
    Pose,
    Style,
    check_keys,
    check_number,
    check_text,
    check_whole,
)

__all__ = [
    "GARMENT_METHODS", "GARMENT_PARTS", "GUIDANCE_FORMS", "JOINTS", "MAX_COUNT", "MAX_LAMBDA",
    "MAX_PROMPT", "MAX_SCALE", "MAX_SEED", "MAX_SIDE", "MAX_STEPS", "MAX_STRENGTH", "MAX_STYLES",
    "MIN_SIDE", "SAMPLERS", "SAMPLER_NAMES", "SIDE_STEP", "Control", "GenerationRequest",
    "ImageRef", "Joint", "Pose", "Style",
]  # fmt: skip

GARMENT_METHODS: dict[str, str] = {
    "magic_clothing": "Magic Clothing",
    "imagdressing": "IMAGDressing",
    "combined": "both",
    "image_prompt": "image prompt",
    "controlnet_garment": "ControlNet-Garment",
}
"""The ways in which a garment's picture can be heard, and how people call them; the last two are
there for comparison."""

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
MAX_STYLES = 8

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
MAX_COMPONENTS = 64


@dataclass(frozen=True)
class GenerationRequest:
    """What the user asks for, checked when it is made.

    Attributes:
        prompt, negative_prompt: what to show and what to avoid. An empty prompt is allowed where
            a garment, a sketch, components or a start picture say what to make.
        garment: the specification behind the prompt; its plain caption stands in for an empty
            prompt.
        components: placed on the board; those without a box are not drawn.
        sketch: the ink PNG (white where there is ink), see `studio.vision.pictures`.
        shown_components: nobody placed the components: they were read from the garment's picture.
            It decides no pixel.
        usual_shape: nobody drew the sketch: it is the usual shape of the garment, and the pose, if
            there is one, is its wearer's. It decides no pixel, but such lines are not judged.
        own_pose: somebody gave the pose that the usual shape was drawn on. It decides no pixel.
        sketch_control, component_control: how the board's two parts are heard.
        init_image, vary_strength: picture to vary, and how far: close to 0 keeps it, 1 forgets it.
        mask: white where `init_image` is to be painted anew; the rest is kept to the pixel.
        garment_image: a picture of the garment to be worn or shown.
        garment_mask: white on the garment in that picture; found automatically where missing.
        garment_part: which garment of the picture is meant, one of `GARMENT_PARTS`.
        garment_method: how it is heard, one of `GARMENT_METHODS`.
        garment_control: how strongly and when Magic Clothing's garment is heard.
        dressing: lambda, the weight of IMAGDressing's garment; 0 leaves it out.
        pose, pose_control: the wearer's joints, and how they are heard.
        read_pose: nobody gave the pose: it was read from the photo of who tries the garment on. It
            decides no pixel.
        face_image, face_control: a picture of the wearer's face, and how it is heard.
        styles: LoRAs added to the model, in this order.
        st: text guidance sT. sg: garment guidance sG, used where a garment picture is given.
        guidance_form: "joint" (Magic Clothing) or "independent".
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
    shown_components: bool = False
    sketch: ImageRef | None = None
    usual_shape: bool = False
    own_pose: bool = False
    sketch_control: Control = field(default_factory=Control)
    component_control: Control = field(default_factory=Control)
    init_image: ImageRef | None = None
    vary_strength: float = 0.6
    mask: ImageRef | None = None
    garment_image: ImageRef | None = None
    garment_mask: ImageRef | None = None
    garment_part: str = "auto"
    garment_method: str = "magic_clothing"
    garment_control: Control = field(default_factory=Control)
    dressing: float = 1.0
    pose: Pose | None = None
    read_pose: bool = False
    pose_control: Control = field(default_factory=Control)
    face_image: ImageRef | None = None
    face_control: Control = field(default_factory=Control)
    styles: tuple[Style, ...] = ()
    st: float = 7.5
    sg: float = 2.5
    guidance_form: str = "joint"
    steps: int = 20
    sampler: str = "unipc"
    seed: int = 0
    count: int = 1
    width: int = 256
    height: int = 256
    model: str = "toile-mini"
    weights: str = ""

    def __post_init__(self) -> None:
        check_text("prompt", self.prompt)
        check_text("negative prompt", self.negative_prompt)
        check_number("text guidance sT", self.st, 0, MAX_SCALE)
        check_number("garment guidance sG", self.sg, 0, MAX_SCALE)
        check_number("strength of the variation", self.vary_strength, 0.01, 1)
        check_whole("number of steps", self.steps, 1, MAX_STEPS)
        check_whole("number of pictures", self.count, 1, MAX_COUNT)
        check_whole("seed", self.seed, 0, MAX_SEED)
        if self.seed + self.count - 1 > MAX_SEED:
            raise BadInput(
                f"The seed is {self.seed}: with {self.count} pictures choose at most "
                f"{MAX_SEED - self.count + 1}."
            )
        for name, side in (("width", self.width), ("height", self.height)):
            check_whole(name, side, MIN_SIDE, MAX_SIDE)
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
        self._check_garment()
        if not isinstance(self.usual_shape, bool) or (self.usual_shape and self.sketch is None):
            raise BadInput(
                "The usual shape is marked without its lines: give them as the sketch, or leave "
                "the mark out."
            )
        if not isinstance(self.shown_components, bool):
            raise BadInput("Whether a photo shows the components is true or false, nothing else.")
        if self.mask is not None and self.init_image is None:
            raise BadInput("A mask needs a picture to repaint: give a start picture as well.")
        if not self.prompt.strip() and not (
            self.garment or self.sketch or self.components or self.init_image or self.garment_image
        ):
            raise BadInput("Describe the garment, draw it, or place a component first.")

    def _check_garment(self) -> None:
        check_number("garment's weight lambda", self.dressing, 0, MAX_LAMBDA)
        for name, value, known in (
            ("garment method", self.garment_method, GARMENT_METHODS),
            ("garment part", self.garment_part, GARMENT_PARTS),
            ("form of guidance", self.guidance_form, GUIDANCE_FORMS),
        ):
            if value not in known:
                raise BadInput(f"Unknown {name} “{value}”: choose one of {', '.join(known)}.")
        if self.garment_mask is not None and self.garment_image is None:
            raise BadInput("A garment mask needs the garment's picture: give that as well.")
        if self.pose is not None and not isinstance(self.pose, Pose):
            raise BadInput("The pose must be a body's joints: draw or read it again.")
        if not isinstance(self.read_pose, bool) or (self.read_pose and self.pose is None):
            raise BadInput("A pose is marked as read, and there is none: leave the mark out.")
        if not isinstance(self.own_pose, bool) or (self.own_pose and self.pose is None):
            raise BadInput("A pose is marked as given, and there is none: leave the mark out.")
        if not isinstance(self.styles, tuple):
            object.__setattr__(self, "styles", tuple(self.styles))
        if len(self.styles) > MAX_STYLES:
            raise BadInput(
                f"{len(self.styles)} styles are too many at once: choose {MAX_STYLES} or fewer."
            )

    @property
    def given_pose(self) -> Pose | None:
        """The pose that somebody gave; the usual shape's and that of a photo are found again."""
        found = self.read_pose or (self.usual_shape and not self.own_pose)
        return None if found else self.pose

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
        refs = {
            "sketch": self.sketch,
            "init_image": self.init_image,
            "mask": self.mask,
            "garment_image": self.garment_image,
            "garment_mask": self.garment_mask,
            "face_image": self.face_image,
        }
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
        values = dict(check_keys("request", data, known))
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
        case Pose():
            return [None if j is None else list(j) for j in value.joints]
        case Style():
            return {"name": value.name, "sha256": value.sha256, "scale": value.scale}
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
    return Control(**check_keys("control", data, {f.name for f in dataclasses.fields(Control)}))


def _decode_component(data: object) -> Component:
    values = check_keys("component", data, {"kind", "place", "box"})
    if "kind" not in values or "place" not in values:
        raise BadInput("A component needs its kind and its place.")
    box = values.get("box")
    if box is not None:
        if not isinstance(box, list | tuple) or len(box) != 4:
            raise BadInput("A component's box must be four numbers: left, top, right, bottom.")
        for value in box:
            check_number("edge of a component's box", value, 0, 1)
        box = (box[0], box[1], box[2], box[3])
    return Component(values["kind"], values["place"], box)


def _decode_components(data: object) -> tuple[Component, ...]:
    if not isinstance(data, list | tuple):
        raise BadInput("The components must be a list.")
    return tuple(_decode_component(c) for c in data)


def _decode_pose(data: object) -> Pose:
    if not isinstance(data, list | tuple):
        raise BadInput("A pose must be a list of joints.")
    return Pose(tuple(data))


def _decode_styles(data: object) -> tuple[Style, ...]:
    if not isinstance(data, list | tuple):
        raise BadInput("The styles must be a list.")
    found: list[Style] = []
    for entry in data:
        values = check_keys("style", entry, {"name", "sha256", "scale"})
        if "name" not in values or "sha256" not in values:
            raise BadInput("A style needs its name and its SHA-256.")
        found.append(Style(**values))
    return tuple(found)


def _decode_garment(data: object) -> GarmentSpec:
    known = {f.name for f in dataclasses.fields(GarmentSpec)}
    values = dict(check_keys("garment", data, known))
    if "components" in values:
        values["components"] = _decode_components(values["components"])
    return GarmentSpec(**values)


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "garment": _decode_garment,
    "components": _decode_components,
    "sketch": ImageRef,
    "init_image": ImageRef,
    "mask": ImageRef,
    "garment_image": ImageRef,
    "garment_mask": ImageRef,
    "face_image": ImageRef,
    "pose": _decode_pose,
    "styles": _decode_styles,
    "sketch_control": _decode_control,
    "component_control": _decode_control,
    "garment_control": _decode_control,
    "pose_control": _decode_control,
    "face_control": _decode_control,
}
