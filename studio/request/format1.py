"""Requests as they were stored first: one flat object, with marks of what was found among it."""

from __future__ import annotations

from typing import Any

from studio.errors import BadInput
from studio.request.parts import TRYON_STRENGTH

_REPAIR_STRENGTH = 0.9
"""How far the page repaired; a mask beside a garment with this strength is no try-on."""

_WORDS = {"prompt": "prompt", "negative_prompt": "negative", "garment": "garment", "st": "st"}
_SAMPLING = ("steps", "sampler", "seed", "count", "width", "height")
_START = ("init_image", "mask", "vary_strength")
_GARMENT = {
    "garment_image": "picture",
    "garment_mask": "mask",
    "garment_part": "part",
    "garment_method": "method",
    "dressing": "weight",
    "sg": "sg",
    "guidance_form": "form",
}
_CONTROLS = ("sketch", "component", "garment", "pose", "face")
_MARKS = ("shown_components", "usual_shape", "own_pose", "read_pose")


def _known() -> set[str]:
    controls = {f"{name}_control" for name in _CONTROLS}
    return (
        {*_WORDS, *_SAMPLING, *_START, *_GARMENT, *_MARKS, *controls}
        | {"components", "sketch", "pose", "face_image", "styles", "model", "weights"}
    )  # fmt: skip


def upgraded(data: dict[str, Any]) -> dict[str, Any]:
    """The present form of a flat request: `{"request": …, "found": …}`.

    Raises:
        BadInput: a field that never was, or a mark without what it marks.
    """
    if unknown := sorted(str(key) for key in set(data) - _known()):
        raise BadInput(f"The request has unknown fields ({', '.join(unknown)}): remove them.")
    for mark in _MARKS:
        if not isinstance(data.get(mark, False), bool):
            raise BadInput(f"Whether {mark.replace('_', ' ')} is true or false, nothing else.")
    if data.get("usual_shape") and data.get("sketch") is None:
        raise BadInput(
            "The usual shape is marked without its lines: give them as the sketch, or leave the "
            "mark out."
        )
    if data.get("pose") is None and (data.get("read_pose") or data.get("own_pose")):
        raise BadInput("A pose is marked as read, and there is none: leave the mark out.")
    request: dict[str, Any] = {
        "words": {new: data[old] for old, new in _WORDS.items() if old in data},
        "sampling": {name: data[name] for name in _SAMPLING if name in data},
        "controls": _controls(data),
        "start": _start(data),
        "model": {
            new: data[old]
            for old, new in (("model", "name"), ("weights", "weights"))
            if old in data
        },
    }
    return {"request": request, "found": _found(data)}


def _controls(data: dict[str, Any]) -> list[dict[str, Any]]:
    def heard(name: str) -> dict[str, Any]:
        value = data.get(f"{name}_control", {})
        if not isinstance(value, dict):
            raise BadInput("The control must be a JSON object with named fields.")
        return value

    controls: list[dict[str, Any]] = []
    if data.get("sketch") is not None:
        controls.append({"kind": "sketch", "picture": data["sketch"], **heard("sketch")})
    if data.get("components"):
        controls.append(
            {"kind": "components", "components": data["components"], **heard("component")}
        )
    if data.get("pose") is not None:
        controls.append({"kind": "pose", "pose": {"joints": data["pose"]}, **heard("pose")})
    if data.get("garment_image") is not None:
        named = {new: data[old] for old, new in _GARMENT.items() if old in data}
        controls.append({"kind": "garment", **named, **heard("garment")})
    elif data.get("garment_mask") is not None:
        raise BadInput("A garment mask needs the garment's picture: give that as well.")
    if data.get("face_image") is not None:
        controls.append({"kind": "face", "picture": data["face_image"], **heard("face")})
    styles = data.get("styles", ())
    if not isinstance(styles, list | tuple):
        raise BadInput("The styles must be a list.")
    for style in styles:
        if not isinstance(style, dict):
            raise BadInput("The style must be a JSON object with named fields.")
        values = dict(style)
        strength = {"strength": values.pop("scale")} if "scale" in values else {}
        controls.append({"kind": "style", **values, **strength})
    return controls


def _start(data: dict[str, Any]) -> dict[str, Any] | None:
    """Varied, repaired or tried on was told by the strength."""
    picture, mask = data.get("init_image"), data.get("mask")
    if picture is None:
        if mask is not None:
            raise BadInput("A mask needs a picture to repaint: give a start picture as well.")
        return None
    strength = data.get("vary_strength", 0.6)
    kind = "vary"
    if mask is not None:
        dressed = data.get("garment_image") is not None and strength != _REPAIR_STRENGTH
        kind = "repair"
        if dressed:
            kind = "try-on" if strength in (TRYON_STRENGTH, 1.0) else "vary"
    return {"kind": kind, "picture": picture, "mask": mask, "strength": strength}


def _found(data: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    if data.get("usual_shape"):
        found["sketch"] = "usual_shape"
    if data.get("shown_components") and data.get("components"):
        found["components"] = "garment"
    if data.get("pose") is not None:
        if data.get("read_pose"):
            found["pose"] = "person"
        elif data.get("usual_shape") and not data.get("own_pose"):
            found["pose"] = "usual_shape"
    return found
