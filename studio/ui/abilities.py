"""What the loaded model can do with references: the page shows only that."""

from dataclasses import replace
from typing import Any

from studio.request import GARMENT_METHODS, GenerationRequest
from studio.ui.room import EngineRoom

_NEEDS = {
    "magic_clothing": {"garment"},
    "imagdressing": {"dressing"},
    "combined": {"garment", "dressing"},
    "image_prompt": {"image_prompt"},
    "controlnet_garment": {"controlnet_garment"},
}
"""What a model must have for each way of hearing a garment, in the order of the page."""

_FOR_COMPARISON = ("image_prompt", "controlnet_garment")
"""These are not offered on the page, but a picture that was made so can be made again."""


def abilities(room: EngineRoom) -> dict[str, Any] | None:
    """What can be referred to, for the page; None while the model is not there.

    `methods` are the ways of hearing a garment as (name, title), `notices` are sentences about
    what the weights may be used for.
    """
    can = room.capabilities
    if can is None:
        return None
    methods = [name for name in _methods(can.conditions) if name not in _FOR_COMPARISON]
    return {
        "methods": [[name, GARMENT_METHODS[name]] for name in methods],
        "garment": bool(methods),
        "person": bool(methods) and "mask" in can.conditions,
        "pose": "pose" in can.conditions,
        "face": "face" in can.conditions,
        "styles": "styles" in can.conditions,
        "notices": list(can.notices),
    }


def heard(request: GenerationRequest, conditions: frozenset[str]) -> GenerationRequest:
    """The request without the references that a model cannot hear; a garment is heard in another
    way where the model does not know the one that is asked for."""
    methods = _methods(conditions)
    if request.garment_image and not methods:
        request = replace(request, garment_image=None, garment_mask=None)
    elif request.garment_image and request.garment_method not in methods:
        request = replace(request, garment_method=methods[0])
    if "pose" not in conditions:
        request = replace(request, pose=None)
    if "face" not in conditions:
        request = replace(request, face_image=None)
    if "styles" not in conditions:
        request = replace(request, styles=())
    return request


def _methods(conditions: frozenset[str]) -> list[str]:
    return [name for name, needs in _NEEDS.items() if needs <= conditions]
