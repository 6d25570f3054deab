"""Requests written the short way: one flat list of values instead of nested parts.

The names are those of the first stored form (`studio.request.format1`), which every Toile reads.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, TypeVar

from studio.controls.components import ComponentsControl
from studio.controls.face import FaceControl
from studio.controls.garment import GarmentControl
from studio.controls.pose import PoseControl
from studio.controls.sketch import SketchControl
from studio.controls.style import StyleControl
from studio.pngmeta import CHUNK, opened
from studio.request import Control, GenerationRequest, Pose, Recorded
from studio.request.format1 import upgraded


def recorded_of(**flat: Any) -> Recorded:
    """A request and its marks, of flat values."""
    values = {name: value for name, value in flat.items() if value is not None}
    if isinstance(values.get("pose"), Pose):
        values["pose"] = values["pose"].joints
    for name, value in values.items():
        if isinstance(value, Control):
            values[name] = {f: getattr(value, f) for f in ("strength", "start", "end")}
    if "garment_image" not in values:
        values = {k: v for k, v in values.items() if not k.startswith("garment_")}
    for mark, marked in (("read_pose", "pose"), ("own_pose", "pose"), ("usual_shape", "sketch")):
        if marked not in values:
            values.pop(mark, None)
    styles = values.get("styles", ())
    values["styles"] = [_style(s) if isinstance(s, StyleControl) else s for s in styles]
    return Recorded(**upgraded(values))


def request_of(**flat: Any) -> GenerationRequest:
    """A request of flat values."""
    return recorded_of(**flat).request


def request_in(source: bytes | Path) -> Recorded | None:
    """The request that a picture of Toile's carries; None for any other picture."""
    with opened(source) as picture:
        text = picture.info.get(CHUNK)
    return None if text is None else Recorded.from_json(text)


class Flat:
    """A request and its marks as attributes; None for what it does not have."""

    def __init__(self, kept: Recorded) -> None:
        self.kept = kept
        self.values = _NOTHING | flattened(kept)

    def __getattr__(self, name: str) -> Any:
        if name in ("kept", "values") or name not in self.values:
            raise AttributeError(name)
        return self.values[name]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Flat) and other.kept == self.kept

    __hash__ = None  # type: ignore[assignment]

    @property
    def given_pose(self) -> Pose | None:
        """The pose that somebody gave."""
        given = self.kept.given(PoseControl)
        return None if given is None else given.pose


_NOTHING: dict[str, Any] = dict.fromkeys(
    ("sketch", "pose", "init_image", "mask", "garment_image", "garment_mask", "face_image")
) | {"components": (), "garment_method": "", "garment_part": ""}  # fmt: skip

T = TypeVar("T")


def flat(one: Recorded | GenerationRequest) -> Flat:
    """The flat values of a request."""
    return Flat(one if isinstance(one, Recorded) else Recorded(request=one))


def flat_of(**values: Any) -> Flat:
    """A request of flat values, with these as its attributes."""
    return Flat(recorded_of(**values))


def replace(before: T, **changes: Any) -> T:
    """The same with other flat values; anything but a request as `dataclasses.replace` has it."""
    made: Any = before
    if isinstance(before, Flat):
        made = flat_of(**(before.values | changes))
    elif isinstance(before, Recorded):
        made = recorded_of(**(flattened(before) | changes))
    elif isinstance(before, GenerationRequest):
        made = request_of(**(flattened(Recorded(request=before)) | changes))
    else:
        made = dataclasses.replace(made, **changes)
    return made


def _style(style: StyleControl) -> dict[str, Any]:
    return {"name": style.name, "sha256": style.sha256, "scale": style.strength}


def flattened(one: Recorded) -> dict[str, Any]:
    """The flat values of a request and its marks."""
    request, found = one.request, one.found
    flat: dict[str, Any] = {
        "prompt": request.words.prompt,
        "negative_prompt": request.words.negative,
        "garment": request.words.garment,
        "st": request.words.st,
        **dict(request.sampling),
        "model": request.model.name,
        "weights": request.model.weights,
        "styles": request.all(StyleControl),
    }

    def heard(name: str, control: Control) -> dict[str, Any]:
        return {
            f"{name}_control": {
                "strength": control.strength, "start": control.start, "end": control.end
            }
        }  # fmt: skip

    if request.start is not None:
        flat |= {
            "init_image": request.start.picture,
            "mask": request.start.mask,
            "vary_strength": request.start.strength,
        }
    if sketch := request.get(SketchControl):
        flat |= {"sketch": sketch.picture, **heard("sketch", sketch)}
    if placed := request.get(ComponentsControl):
        flat |= {"components": placed.components, **heard("component", placed)}
    if posed := request.get(PoseControl):
        flat |= {"pose": posed.pose, **heard("pose", posed)}
    if garment := request.get(GarmentControl):
        flat |= {
            "garment_image": garment.picture, "garment_mask": garment.mask,
            "garment_part": garment.part, "garment_method": garment.method,
            "dressing": garment.weight, "sg": garment.sg, "guidance_form": garment.form,
            **heard("garment", garment),
        }  # fmt: skip
    if face := request.get(FaceControl):
        flat |= {"face_image": face.picture, **heard("face", face)}
    return flat | {
        "usual_shape": found.get("sketch") == "usual_shape",
        "shown_components": found.get("components") == "garment",
        "read_pose": found.get("pose") == "person",
        "own_pose": "pose" in flat and "sketch" in found and "pose" not in found,
    }
