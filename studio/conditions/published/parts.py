"""What a base needs of each published file: its parts, by name and shape.

The shapes are those of the networks themselves, built without numbers.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import nn

from studio.checkpoints import Found, Header, Kind, read_header
from studio.checkpoints.bases import base_of, words_of
from studio.checkpoints.kinds import TITLES, recognise_header
from studio.checkpoints.shapes import Shapes, difference, part
from studio.conditions.face import FaceProjection
from studio.conditions.published.base import attention_layers, garment_unet_plan, self_layers
from studio.conditions.resampler import HEAD_WIDTH, FacePerceiver, Resampler
from studio.conditions.weights import KEYS, PROJECTION
from studio.errors import ModelDamaged
from studio.vision.u2net import U2Net

_LARGEST, _DEEPEST = 2**16, 64
"""Sizes that are believed of a file."""
_SHORT = "adapter_modules."


class Part(NamedTuple):
    """A part of a file.

    Attributes:
        label: what is said of it before what is wrong with it. what: it is, within a sentence.
        found, expected: its weights.
    """

    label: str
    what: str
    found: Shapes
    expected: Shapes


def open_as(
    path: Path, kinds: tuple[Kind, ...], example: str, base: UNet2DConditionModel | None = None
) -> Header:
    """A whole file's header, if it is of one of these kinds and fits the base.

    Args:
        example: the name of a file that would do.

    Raises:
        ModelMissing, ModelDamaged: it is not there, broken or something else; of parts that do
            not fit, with the number of deviations and the first of each kind.
    """
    header = read_header(path)
    found = recognise_header(header)
    if found.kind not in kinds:
        raise ModelDamaged(
            f"“{path.name}” is {found.title}{found.aside} instead of {TITLES[kinds[0]][0]}: "
            f"choose a file such as {example}."
        )
    if base is not None:
        _check_base(found, header.shapes, base)
    for one in parts(found.kind, header.shapes, base) if base is not None else ():
        wrong = difference(one.found, one.expected)
        if wrong is not None:
            raise ModelDamaged(
                f"“{path.name}” does not fit this base model as {one.what}: {wrong}; choose the "
                "file for this base model, or download it again."
            )
    return header


def _check_base(found: Found, shapes: Shapes, base: UNet2DConditionModel) -> None:
    """Raises ModelDamaged where the words of a file's base are of another width."""
    theirs, ours = words_of(shapes), int(base.config["cross_attention_dim"])
    if (name := base_of(shapes)) and theirs not in (0, ours):
        raise ModelDamaged(
            f"“{found.path.name}” is {found.title} for another base model, {name} "
            f"(words {theirs} wide instead of {ours}): choose the file for this base model."
        )


def parts(kind: Kind, shapes: Shapes, base: UNet2DConditionModel) -> list[Part]:
    """What a file of this kind must hold for a base; each part exactly."""
    match kind:
        case "magic_clothing" | "decoupled_extractor":
            return [Part("", "a garment extractor", shapes, shapes_of(garment_unet_plan(base)))]
        case "ip_layer":
            expected = _square(pair_names("", "ip", base), base)
            return [Part("", "layers for decoupled attention", shapes, expected)]
        case "imagdressing":
            return _dressing(shapes, base)
        case "ip_adapter_faceid" | "ip_adapter_faceid_plus":
            return _face(part(shapes, PROJECTION), part(shapes, KEYS), base)
        case "cloth_segm":
            with torch.device("meta"):
                expected = shapes_of(U2Net())
            return [Part("", "a cloth parser", shapes, expected)]
        case _:
            return []


def pair_names(prefix: str, ending: str, base: UNet2DConditionModel) -> list[str]:
    """Names of each self-attention's key and value weights, by its published number: 0, 2, 4, …"""
    numbers = range(0, 2 * len(self_layers(base)), 2)
    return [f"{prefix}{i}.to_{which}_{ending}.weight" for i in numbers for which in "kv"]


def dressing_names(shapes: Shapes, base: UNet2DConditionModel) -> list[str]:
    """The same as IMAGDressing's file has them.

    Args:
        shapes: of the file. Only where the short names are absent are those taken
            that the weights have in the copy of the base.
    """
    if part(shapes, _SHORT) or not any(name.endswith("_ref.weight") for name in shapes):
        return pair_names(_SHORT, "ref", base)
    layers = [f"unet.{layer.name}.processor." for layer in self_layers(base)]
    return [f"{layer}to_{which}_ref.weight" for layer in layers for which in "kv"]


def shapes_of(network: nn.Module) -> Shapes:
    """The shapes of a network's weights."""
    return {name: tuple(weight.shape) for name, weight in network.state_dict().items()}


def _square(names: list[str], base: UNet2DConditionModel) -> Shapes:
    """Two weights (C, C) for each self-attention."""
    widths = [layer.width for layer in self_layers(base) for _ in "kv"]
    return {name: (width, width) for name, width in zip(names, widths, strict=True)}


def _dressing(shapes: Shapes, base: UNet2DConditionModel) -> list[Part]:
    unet, projection = part(shapes, "ref_unet."), part(shapes, "proj.")
    names = dressing_names(shapes, base)
    own = r"adapter_modules\." if names[0].startswith(_SHORT) else r".*_ref\.weight$"
    adapters = {name: shape for name, shape in shapes.items() if re.match(own, name)}
    with torch.device("meta"):
        resampler = Resampler(
            **_perceiver(projection, int(base.config["cross_attention_dim"])),
            queries=_size(projection, "latents", 1, 16),
        )
    return [
        Part("ref_unet: ", "IMAGDressing's garment UNet", unet, shapes_of(garment_unet_plan(base))),
        Part("proj: ", "IMAGDressing's resampler", projection, shapes_of(resampler)),
        Part("adapter_modules: ", "IMAGDressing's keys and values", adapters, _square(names, base)),
    ]


def _face(image: Shapes, adapter: Shapes, base: UNet2DConditionModel) -> list[Part]:
    text = int(base.config["cross_attention_dim"])
    own = part(image, "perceiver_resampler.")
    tokens = max(1, round(_size(image, "proj.2.weight", 0, 4 * text) / text))
    with torch.device("meta"):
        asks = FacePerceiver(**_perceiver(own, text) | {"width": text}) if own else None
        projection = FaceProjection(_size(image, "proj.0.weight", 1, 512), text, tokens, asks)
    ranks = (shape[0] for name, shape in adapter.items() if "lora.down" in name and shape)
    rank = next(ranks, 128)
    layers: Shapes = {}
    changes = any("_lora." in name for name in adapter)  # some have none
    for i, (_, width, source) in enumerate(attention_layers(base)):
        lora = (("q", width), ("k", source), ("v", source), ("out", width)) if changes else ()
        for name, into in lora:
            layers[f"{i}.to_{name}_lora.down.weight"] = (rank, into)
            layers[f"{i}.to_{name}_lora.up.weight"] = (width, rank)
        if i % 2:
            layers |= {f"{i}.to_{which}_ip.weight": (width, source) for which in "kv"}
    return [
        Part("image_proj: ", "a way from faces to tokens", image, shapes_of(projection)),
        Part("ip_adapter: ", "a face adapter", adapter, layers),
    ]


def _perceiver(found: Shapes, text: int) -> dict[str, int]:
    """The sizes of a perceiver, as far as its weights tell; the published ones otherwise."""
    width = _size(found, "proj_in.weight", 0, 768)
    depth = len({name.split(".")[1] for name in found if name.startswith("layers.")})
    return {
        "width": width,
        "depth": min(depth, _DEEPEST),
        "heads": max(1, _size(found, "layers.0.0.to_q.weight", 0, 768) // HEAD_WIDTH),
        "inputs": _size(found, "proj_in.weight", 1, 1280),
        "outputs": text,
        "inner": 4 * width,
    }


def _size(shapes: Shapes, name: str, axis: int, usual: int) -> int:
    shape = shapes.get(name, ())
    return min(max(shape[axis], 1), _LARGEST) if len(shape) > axis else usual
