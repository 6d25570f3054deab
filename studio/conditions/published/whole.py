"""What the weight files in a folder are, and whether they are whole.

diffusers is imported when there is an adapter to be compared with Stable Diffusion 1.5.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from studio.checkpoints import Found, read_header
from studio.checkpoints.bases import SD15, base_of
from studio.checkpoints.header import SUFFIXES
from studio.checkpoints.kinds import recognise_header
from studio.checkpoints.shapes import Shapes, difference
from studio.checkpoints.wrapped import first_shard
from studio.errors import ModelDamaged, ModelMissing

_FIRST = {
    "conv_in.weight": 1,
    "0.to_k_ip.weight": 1,
    "0.to_k_ref.weight": 1,
    "ip_adapter.1.to_k_ip.weight": 2,
}
"""Weights that tell a base by how many of their sizes: the first layer's width, the words' too."""


@cache
def sd15() -> Any:
    """Stable Diffusion 1.5's UNet, without numbers."""
    import torch
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    with torch.device("meta"):
        return UNet2DConditionModel(cross_attention_dim=768)


def recognise(path: Path) -> Found:
    """Tell what a file is and whether it is all of it, from its header alone.

    Raises:
        ModelMissing: it is not there. A broken file is no error here: see `Found.problem`.
    """
    try:
        header = read_header(path)
    except (ModelDamaged, ModelMissing) as error:
        if not path.is_file():
            raise
        return Found(path, "unknown", problem=str(error))
    found = recognise_header(header)
    if found.kind in ("lora", "unknown"):
        return found
    from studio.conditions.published.parts import parts

    width, base = _another_base(header.shapes), base_of(header.shapes)
    other = "" if base == SD15 else base
    if width is not None or other:
        note = "It is for another base model than Stable Diffusion 1.5"
        note += f", {other}" if other else ""
        note += f" (first layer {width} wide)." if width else "."
        return replace(found, note=note, other_base=other)
    for one in parts(found.kind, header.shapes, sd15()):
        wrong = difference(one.found, one.expected)
        if wrong is not None:
            return found.lacking(one.label + wrong)
    return found


def _another_base(shapes: Shapes) -> int | None:
    """The width of the first layer, where it tells another base."""
    for prefix in ("", "ref_unet.", "adapter_modules."):
        for name, sizes in _FIRST.items():
            found = shapes.get(prefix + name, ())
            if len(found) > 1 and found[:sizes] != (320, 768)[:sizes]:
                return found[0]
    return None


def scan(folder: Path) -> list[Found]:
    """Tell what all weight files in a folder and the folders in it are.

    Raises:
        ModelMissing: the folder is not there.
    """
    if not folder.is_dir():
        raise ModelMissing(
            f"The folder “{folder}” is not there: make it and put the published weight files in."
        )
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and first_shard(path)
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    return [recognise(path) for path in files]
