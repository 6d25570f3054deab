"""The parts of a request: pictures by their hash, controls, poses, styles, and their checks.

Each part is checked when it is made and says in one sentence what to give instead.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.errors import BadInput

MAX_STRENGTH = 2.0
MAX_PROMPT = 2000
JOINTS: tuple[str, ...] = (
    "nose", "neck", "right shoulder", "right elbow", "right wrist", "left shoulder", "left elbow",
    "left wrist", "right hip", "right knee", "right ankle", "left hip", "left knee", "left ankle",
    "right eye", "left eye", "right ear", "left ear",
)  # fmt: skip
"""Joints of a pose: OpenPose's 18 in their order (COCO's with the neck second)."""

TRYON_STRENGTH = 0.8
"""How far the photo of somebody who tries a garment on is noised, see `vary_strength`. From pure
noise the first steps would lay the garment on a ground of its own, which shows as a rim; from
here on the photo's ground and body can still be told, the old garment hardly."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


def check_number(name: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInput(f"The {name} must be a number from {low:g} to {high:g}, not {value}.")
    if not low <= value <= high:
        raise BadInput(f"The {name} is {value:g}: choose a number from {low:g} to {high:g}.")


def check_whole(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInput(f"The {name} must be a whole number from {low} to {high}, not {value}.")
    if not low <= value <= high:
        raise BadInput(f"The {name} is {value}: choose a whole number from {low} to {high}.")


def check_text(name: str, value: object) -> None:
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


def check_keys(what: str, data: object, known: set[str]) -> Mapping[str, Any]:
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
        check_number("control's strength", self.strength, 0, MAX_STRENGTH)
        check_number("control's start", self.start, 0, 1)
        check_number("control's end", self.end, 0, 1)
        if self.start >= self.end:
            raise BadInput(
                f"The control starts at {self.start:g} and ends at {self.end:g}: "
                "let it end after it starts."
            )

    def acts(self, step: int, steps: int) -> bool:
        """Whether it is heard in step `step` (from 0) of `steps`."""
        in_time = step / steps >= self.start and (step + 1) / steps <= self.end
        return in_time and self.strength > 0


Joint = tuple[float, float]
"""x to the right and y down, in 0..1 of the picture; a little outside is allowed."""


@dataclass(frozen=True)
class Pose:
    """Where a body's joints are.

    Attributes:
        joints: 18, None for those that are not seen.
    """

    joints: tuple[Joint | None, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.joints, list | tuple) or len(self.joints) != len(JOINTS):
            raise BadInput(f"A pose needs {len(JOINTS)} joints: draw or read it again.")
        kept: list[Joint | None] = []
        for joint in self.joints:
            if joint is None:
                kept.append(None)
                continue
            if not isinstance(joint, list | tuple) or len(joint) != 2:
                raise BadInput("A pose's joint must be two numbers, or nothing where it is hidden.")
            for value in joint:
                check_number("place of a pose's joint", value, -1, 2)
            kept.append((float(joint[0]), float(joint[1])))
        if sum(j is not None for j in kept) < 2:
            raise BadInput("The pose shows no body: place at least two joints.")
        object.__setattr__(self, "joints", tuple(kept))


@dataclass(frozen=True)
class Style:
    """A LoRA to be added to the model.

    Attributes:
        name: of its file, for people. sha256: of its bytes.
        scale: 0 (not heard) to 2; 1 is what it was trained with.
    """

    name: str
    sha256: str
    scale: float = 1.0

    def __post_init__(self) -> None:
        check_text("style's name", self.name)
        ImageRef(self.sha256)
        check_number("style's scale", self.scale, -MAX_STRENGTH, MAX_STRENGTH)
