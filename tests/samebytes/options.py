"""A wish in the words of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.samebytes.making import FILES, Unsayable

STRENGTHS = {"subtle": 0.45, "strong": 0.75, "repair": 0.9}
"""What the page's words for a start say in numbers."""


def options(wish: Mapping[str, Any]) -> list[str]:
    """The options of `generate` that say a wish. Raises Unsayable."""
    told = ["--seed", str(wish["seed"]), "--steps", str(wish.get("steps", 3))]
    for key, option in (
        ("prompt", "prompt"), ("negative", "negative"), ("sT", "st"), ("sampler", "sampler"),
        ("count", "count"), ("size", "size"), ("component_strength", "component-strength"),
    ):  # fmt: skip
        if key in wish:
            told.append(f"--{option}={wish[key]}")
    if not wish.get("usual_shape", True):
        told.append("--no-usual-shape")
    if not wish.get("place_exactly", True):
        if wish.get("components"):
            raise Unsayable("a component on the command line is always placed")
        told.append("--no-board-from-prompt")
    for component in wish.get("components", ()):
        if not isinstance(component, str):
            raise Unsayable("the command line places components by names of places")
        told.append(f"--component={component}")
    for role, key, option in (
        ("sketch", "picture", "sketch"), ("garment", "picture", "garment"),
        ("garment", "mask", "garment-mask"), ("person", "photo", "person"),
        ("person", "mask", "person-mask"), ("pose", "photo", "pose"), ("face", "photo", "face"),
        ("start", "picture", "init"), ("start", "mask", "mask"),
    ):  # fmt: skip
        if name := wish.get(role, {}).get(key):
            told.append(f"--{option}={FILES / name}")
    for role, key, option in (
        ("sketch", "strength", "sketch-strength"), ("garment", "part", "garment-part"),
        ("garment", "method", "method"), ("garment", "sG", "sg"), ("garment", "lambda", "lambda"),
        ("pose", "name", "pose"), ("face", "strength", "face-strength"),
    ):  # fmt: skip
        if key in wish.get(role, {}):
            told.append(f"--{option}={wish[role][key]}")
    if "strength" in wish.get("pose", {}):
        raise Unsayable("the command line has no strength of the pose")
    if "joints" in wish.get("pose", {}):
        raise Unsayable("the command line takes no joints")
    for style in wish.get("styles", ()):
        scale = f":{style['scale']}" if "scale" in style else ""
        told.append(f"--style={FILES / style['file']}{scale}")
    if start := wish.get("start"):
        how = "repair" if "mask" in start else start["vary"]
        told.append(f"--vary={STRENGTHS.get(how, how)}")
    return told
