"""The parts of a request: words, sampling, start, model, poses, and their checks.

Each part is checked when it is made and says in one sentence what to give instead.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from studio.errors import BadInput
from studio.forms import is_number, is_whole
from studio.garment.spec import GarmentSpec
from studio.garment.tokens import READ, too_long

MAX_PROMPT = READ
"""Characters: what a prompt, or what is left out, may have, on the page and everywhere."""
MAX_SCALE = 30.0
MAX_STRENGTH = 2.0
MAX_STEPS = 200
MAX_COUNT = 16
MAX_SEED = 2**53 - 1
"""The largest whole number that every JSON reader, a browser's included, keeps exactly."""
MIN_SIDE, MAX_SIDE = 64, 1024
SIDE_STEP = 8
"""Latent pixels are 8 picture pixels wide."""
JOINTS: tuple[str, ...] = (
    "nose", "neck", "right shoulder", "right elbow", "right wrist", "left shoulder", "left elbow",
    "left wrist", "right hip", "right knee", "right ankle", "left hip", "left knee", "left ankle",
    "right eye", "left eye", "right ear", "left ear",
)  # fmt: skip
"""Joints of a pose: OpenPose's 18 in their order (COCO's with the neck second)."""

SAMPLER_NAMES: dict[str, str] = {"unipc": "UniPC", "dpm++": "DPM++", "ddim": "DDIM", "lcm": "LCM"}
"""How people write the samplers' names."""

SAMPLERS: tuple[str, ...] = tuple(SAMPLER_NAMES)
"""The ways of walking from noise to picture; the first is the default."""

TRYON_STRENGTH = 0.8
"""How far the photo of somebody who tries a garment on is noised, see `Start`. From pure noise
the first steps would lay the garment on a ground of its own, which shows as a rim; from here on
the photo's ground and body can still be told, the old garment hardly."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Part(BaseModel):
    """A frozen part of a request; a value that cannot be used raises BadInput, one sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False)
    title: ClassVar[str] = "request"
    """How sentences call it."""

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise BadInput(_sentence(self.title, error)) from None

    def replaced(self, **changes: Any) -> Self:
        """The same with other values, checked again."""
        return type(self)(**(dict(self) | changes))


def _sentence(title: str, error: ValidationError) -> str:
    first = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"The {title} has unknown fields ({where}): remove them."
    if first["type"] == "missing":
        return f"The {title} lacks its {where.replace('_', ' ')}: add it."
    return f"The {title}'s {where.replace('_', ' ')} cannot be used: {first['msg']}."


def part_of(cls: type[Part], data: object) -> Any:
    """A part from a JSON object, or the part itself. Raises BadInput."""
    if isinstance(data, cls):
        return data
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise BadInput(f"The {cls.title} must be a JSON object with named fields.")
    return cls(**data)


def _told(value: object) -> str:
    """Somebody's value in a sentence: a number of a thousand digits says nothing."""
    if isinstance(value, int) and not is_whole(value):
        return str(value) if isinstance(value, bool) else "such a large one"
    return f"{value}"[:60]


def number(name: str, low: float, high: float) -> BeforeValidator:
    """The check of a finite number between two bounds; `name` is how sentences call it."""
    return _bounded(name, "number", low, high, is_number, "g")


def whole(name: str, low: int, high: int) -> BeforeValidator:
    """The check of a whole number between two bounds."""
    return _bounded(name, "whole number", low, high, is_whole, "d")


def _bounded(
    name: str, kind: str, low: float, high: float, fits: Callable[[object], bool], form: str
) -> BeforeValidator:
    wanted = f"a {kind} from {low:{form}} to {high:{form}}"

    def check(value: Any) -> Any:
        if not fits(value):
            raise BadInput(f"The {name} must be {wanted}, not {_told(value)}.")
        if not low <= value <= high:
            raise BadInput(f"The {name} is {value:{form}}: choose {wanted}.")
        return value

    return BeforeValidator(check)


def text(name: str) -> BeforeValidator:
    """The check of a text that somebody typed."""

    def check(value: object) -> str:
        if not isinstance(value, str):
            raise BadInput(f"The {name} must be text, not {type(value).__name__}.")
        if len(value) > MAX_PROMPT:
            raise BadInput(too_long(name, value))
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise BadInput(f"The {name} holds broken characters: type it again.") from None
        return value

    return BeforeValidator(check)


def one_of(name: str, known: Callable[[], Collection[str]]) -> BeforeValidator:
    """The check of a word out of a list; `known` is asked when a value is checked."""

    def check(value: object) -> str:
        words = known()
        if not isinstance(value, str) or value not in words:
            raise BadInput(f"Unknown {name} “{value}”: choose one of {', '.join(words)}.")
        return value

    return BeforeValidator(check)


def _check_sha(value: object) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise BadInput("A picture's reference must be the 64 digits of its SHA-256.")
    return value


Sha = Annotated[str, BeforeValidator(_check_sha)]
"""A file named by the SHA-256 of its stored bytes (64 hexadecimal digits)."""


def sha_of(data: bytes) -> str:
    """The SHA-256 that names these bytes."""
    return hashlib.sha256(data).hexdigest()


Joint = tuple[float, float]
"""x to the right and y down, in 0..1 of the picture; a little outside is allowed."""


def _check_joints(joints: object) -> tuple[Joint | None, ...]:
    if not isinstance(joints, list | tuple) or len(joints) != len(JOINTS):
        raise BadInput(f"A pose needs {len(JOINTS)} joints: draw or read it again.")
    kept: list[Joint | None] = []
    for joint in joints:
        if joint is None:
            kept.append(None)
            continue
        if not isinstance(joint, list | tuple) or len(joint) != 2 or not all(map(is_number, joint)):
            raise BadInput("A pose's joint must be two numbers, or nothing where it is hidden.")
        for value in joint:
            if not -1 <= value <= 2:
                raise BadInput(
                    f"The place of a pose's joint is {value:g}: choose a number from -1 to 2."
                )
        kept.append((float(joint[0]), float(joint[1])))
    if sum(joint is not None for joint in kept) < 2:
        raise BadInput("The pose shows no body: place at least two joints.")
    return tuple(kept)


class Pose(Part):
    """Where a body's joints are.

    Attributes:
        joints: 18, None for those that are not seen.
    """

    title: ClassVar[str] = "pose"
    joints: Annotated[tuple[Joint | None, ...], BeforeValidator(_check_joints)]


class Words(Part):
    """What to show and what to avoid.

    Attributes:
        prompt: may be empty where a garment, a control or a start says what to make.
        negative: what to avoid.
        garment: the specification behind the prompt; its plain caption stands in for an empty one.
        st: text guidance sT.
    """

    title: ClassVar[str] = "words"
    prompt: Annotated[str, text("prompt")] = ""
    negative: Annotated[str, text("negative prompt")] = ""
    garment: GarmentSpec | None = None
    st: Annotated[float, number("text guidance sT", 0, MAX_SCALE)] = 7.5


class Sampling(Part):
    """How the way from noise to picture is walked: picture i of `count` starts from `seed + i`.

    Attributes:
        width, height: in pixels.
    """

    title: ClassVar[str] = "sampling"
    steps: Annotated[int, whole("number of steps", 1, MAX_STEPS)] = 20
    sampler: Annotated[str, one_of("sampler", lambda: SAMPLERS)] = SAMPLERS[0]
    seed: Annotated[int, whole("seed", 0, MAX_SEED)] = 0
    count: Annotated[int, whole("number of pictures", 1, MAX_COUNT)] = 1
    width: Annotated[int, whole("width", MIN_SIDE, MAX_SIDE)] = 256
    height: Annotated[int, whole("height", MIN_SIDE, MAX_SIDE)] = 256

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.seed + self.count - 1 > MAX_SEED:
            raise BadInput(
                f"The seed is {self.seed}: with {self.count} pictures choose at most "
                f"{MAX_SEED - self.count + 1}."
            )
        for name, side in (("width", self.width), ("height", self.height)):
            if side % SIDE_STEP:
                near = round(side / SIDE_STEP) * SIDE_STEP
                raise BadInput(
                    f"The {name} is {side} pixels: choose a multiple of {SIDE_STEP}, "
                    f"for instance {near}."
                )
        return self


class Start(Part):
    """The picture that is started from instead of pure noise.

    Attributes:
        kind: "vary" makes it anew a little, "repair" one part of it, "try-on" dresses the person
            on it.
        picture: the picture.
        mask: white where it is painted anew; the rest is kept to the pixel. A variation has one
            where it is of somebody who tries a garment on.
        strength: close to 0 keeps it, 1 forgets it.
        aspect: width by height of somebody's photo, which stands in a square frame: what is
            painted anew is put back into the photo itself, at its own size, without the frame.
            None, as it was stored before, for the whole frame at the size that is made.
    """

    title: ClassVar[str] = "start"
    kind: Literal["vary", "repair", "try-on"]
    picture: Sha
    mask: Sha | None = None
    strength: Annotated[float, number("strength of the variation", 0.01, 1)] = 0.6
    aspect: Annotated[float, number("aspect of the start picture", 0.05, 20)] | None = None

    @model_validator(mode="after")
    def _has_a_mask(self) -> Self:
        if self.mask is None and self.kind != "vary":
            raise BadInput("A part to be made anew needs a mask: paint over it.")
        if self.mask is None and self.aspect is not None:
            raise BadInput("Nothing can be put back into a photo without a mask: paint over it.")
        return self


class Model(Part):
    """Which model makes the picture.

    Attributes:
        name: of the catalogue. weights: their hash, empty for whatever is installed.
    """

    title: ClassVar[str] = "model"
    name: Annotated[str, text("model's name")] = "toile-mini"
    weights: Annotated[str, text("weights' hash")] = ""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not self.name:
            raise BadInput("The model must be named: give its name from the catalogue.")
        return self
