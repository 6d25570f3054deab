"""What all loaders of published files share: the base's layers, and a file's fit to them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor

from studio.checkpoints import Header, Kind, read_header
from studio.checkpoints.kinds import TITLES, recognise_header
from studio.checkpoints.plans import Shapes, difference
from studio.errors import ModelDamaged


class KeyValue(NamedTuple):
    """Weights (width, source width) that make keys and values for one attention."""

    key: Tensor
    value: Tensor


LayerWeights = dict[str, KeyValue]
"""By the attention's name in the UNet, for instance
`down_blocks.0.attentions.0.transformer_blocks.0.attn1`."""


class Layer(NamedTuple):
    """An attention of the base.

    Attributes:
        name: within the UNet.
        width: of its tokens. source: of what its keys and values are made from.
    """

    name: str
    width: int
    source: int


def attention_layers(base: UNet2DConditionModel) -> list[Layer]:
    """All attentions, self and cross in turn, in the order of `attn_processors`: down, up, middle.

    Published adapters number them so. Motion modules are not counted.
    """
    layers = []
    for processor in base.attn_processors:
        if "motion_modules" in processor:
            continue
        name = processor.removesuffix(".processor")
        attention: Any = base.get_submodule(name)
        layers.append(Layer(name, attention.inner_dim, attention.cross_attention_dim))
    return layers


def self_layers(base: UNet2DConditionModel) -> list[Layer]:
    """The self-attentions, in the same order."""
    return [layer for layer in attention_layers(base) if layer.name.endswith("attn1")]


def open_as(path: Path, kinds: tuple[Kind, ...], example: str) -> Header:
    """A whole file's header, if it is of one of these kinds.

    Args:
        example: the name of a file that would do.

    Raises:
        ModelMissing, ModelDamaged: it is not there, broken or something else.
    """
    header = read_header(path)
    found = recognise_header(header)
    if found.kind not in kinds:
        note = f" ({found.note[:1].lower()}{found.note[1:].rstrip('.')})" if found.note else ""
        raise ModelDamaged(
            f"“{path.name}” is {found.title}{note} instead of {TITLES[kinds[0]]}: "
            f"choose a file such as {example}."
        )
    return header


def require(path: Path, what: str, found: Shapes, expected: Shapes) -> None:
    """A part of a file must hold exactly these weights.

    Args:
        what: the part, within a sentence.

    Raises:
        ModelDamaged: with the number of deviations and the first of each kind.
    """
    wrong = difference(found, expected)
    if wrong is not None:
        raise ModelDamaged(
            f"“{path.name}” does not fit this base model as {what}: {wrong}; choose the file for "
            "this base model, or download it again."
        )


def garment_unet_plan(base: UNet2DConditionModel) -> UNet2DConditionModel:
    """A network of the base's shape without numbers, which reads plain latents.

    An inpainting base reads a mask and a second picture beside the latents (9 channels); its
    garment network does not.
    """
    config: dict[str, Any] = dict(base.config)
    config["in_channels"] = config["out_channels"]
    with torch.device("meta"):
        network = UNet2DConditionModel.from_config(config)
    assert isinstance(network, UNet2DConditionModel)
    return network


def shapes_of(state: Mapping[str, Tensor]) -> Shapes:
    """The shapes of weights."""
    return {name: tuple(weight.shape) for name, weight in state.items()}


def fill(
    network: UNet2DConditionModel, weights: dict[str, Tensor], base: UNet2DConditionModel
) -> UNet2DConditionModel:
    """Give a network without numbers its weights, in the base's format and place, frozen."""
    network.load_state_dict(moved(weights, base), strict=True, assign=True)
    return network.requires_grad_(False).eval()


def moved(
    weights: Mapping[str, Tensor], base: UNet2DConditionModel, kind: torch.dtype | None = None
) -> dict[str, Tensor]:
    """Copies on the base's device; the file may go or change afterwards.

    Args:
        kind: their number format; None for the base's.
    """
    place, kind = base.device, base.dtype if kind is None else kind

    def move(weight: Tensor) -> Tensor:
        if weight.device == place:
            return weight.to(kind, copy=True)
        return weight.to(place).to(kind)  # files are often in half precision: less to carry

    return {name: move(weight) for name, weight in weights.items()}
