"""What all loaders of published files share: the base's attentions, and weights for a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor

from studio.conditions.attention import OwnKeys, attentions


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
    """All attentions, self and cross in turn, in the order of their published numbers."""
    return [
        Layer(name, attn.inner_dim, attn.cross_attention_dim) for _, name, attn in attentions(base)
    ]


def self_layers(base: UNet2DConditionModel) -> list[Layer]:
    """The self-attentions, in the same order."""
    return [layer for layer in attention_layers(base) if layer.name.endswith("attn1")]


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


def garment_unet(weights: Mapping[str, Tensor], base: UNet2DConditionModel) -> UNet2DConditionModel:
    """Such a network with its weights, in the base's format and place, frozen."""
    network = garment_unet_plan(base)
    network.load_state_dict(moved(weights, base), strict=True, assign=True)
    return network.requires_grad_(False).eval()


def own_keys(
    weights: Mapping[str, Tensor], names: Sequence[str], base: UNet2DConditionModel
) -> OwnKeys:
    """Keys and values of each self-attention.

    Args:
        names: of each self-attention's key and value weights (C, C), in order.
    """
    numbers = [number for number, *_ in attentions(base, "attn1")]
    ours = [f"{number}.to_{kind}_ip.weight" for number in numbers for kind in "kv"]
    found = {mine: weights[name] for mine, name in zip(ours, names, strict=True)}
    return OwnKeys.from_state(moved(found, base))


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
