"""What the loaded model can do with references: the page shows only that."""

from typing import Any

from studio.controls.garment import GarmentControl, methods_of
from studio.desk.references import PERSON, USUAL_SG, reference_kinds
from studio.desk.room import EngineRoom

_FOR_COMPARISON = ("image_prompt", "controlnet_garment")
"""These are not offered on the page, but a picture that was made so can be made again."""


def usual_sg(room: EngineRoom) -> float:
    """sG that suits the loaded model."""
    can = room.capabilities
    return can.sg if can else USUAL_SG


def abilities(room: EngineRoom) -> dict[str, Any] | None:
    """What can be referred to, for the page; None while the model is not there.

    Each role is true or false; `methods` are the ways of hearing a garment, `notices` are
    sentences about what the weights may be used for.
    """
    can = room.capabilities
    if can is None:
        return None
    methods = [name for name in methods_of(can.conditions) if name not in _FOR_COMPARISON]
    return {
        **{k.kind: k.hears(can.conditions) for k in reference_kinds()},
        GarmentControl.kind: bool(methods),
        PERSON: bool(methods) and "mask" in can.conditions,
        "methods": methods,
        "notices": list(can.notices),
    }
