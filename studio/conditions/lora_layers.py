"""Which layers of a model the names in LoRA files mean (`studio.checkpoints.lora_names`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import nn


def layers_of(model: nn.Module) -> dict[str, nn.Module]:
    """Every layer that a LoRA can change, by all names that `place_of` gives it.

    Args:
        model: a `UNet2DConditionModel` or a `CLIPTextModel`. The latter has its layers under
            `text_model` or, since transformers 5, right within it; the names here are the same.
    """
    found: dict[str, nn.Module] = {}
    for name, module in model.named_modules():
        weight = getattr(module, "weight", None)
        if weight is not None and weight.dim() > 1 and not isinstance(module, nn.Embedding):
            found[name.replace(".", "_").removeprefix("text_model_")] = module
    if hasattr(model, "down_blocks"):
        for theirs, ours in _first_names(model):
            found |= {
                theirs + name[len(ours) :]: module
                for name, module in list(found.items())
                if name == ours or name.startswith(f"{ours}_")
            }
    return found


def _first_names(unet: Any) -> Iterator[tuple[str, str]]:
    """What CompVis' code called a UNet's parts, and what they are called in diffusers."""
    yield "input_blocks_0_0", "conv_in"
    yield "out_2", "conv_out"
    yield "time_embed_0", "time_embedding_linear_1"
    yield "time_embed_2", "time_embedding_linear_2"
    number = 1
    for i, block in enumerate(unet.down_blocks):
        for j in range(len(block.resnets)):
            yield from _block(f"input_blocks_{number}", f"down_blocks_{i}", j)
            number += 1
        if getattr(block, "downsamplers", None):
            yield f"input_blocks_{number}_0_op", f"down_blocks_{i}_downsamplers_0_conv"
            number += 1
    yield from _resnet("middle_block_0", "mid_block_resnets_0")
    yield "middle_block_1", "mid_block_attentions_0"
    yield from _resnet("middle_block_2", "mid_block_resnets_1")
    number = 0
    for i, block in enumerate(unet.up_blocks):
        for j in range(len(block.resnets)):
            yield from _block(f"output_blocks_{number}", f"up_blocks_{i}", j)
            number += 1
        if getattr(block, "upsamplers", None):
            after = 2 if getattr(block, "attentions", None) else 1
            yield f"output_blocks_{number - 1}_{after}_conv", f"up_blocks_{i}_upsamplers_0_conv"


def _block(theirs: str, ours: str, number: int) -> Iterator[tuple[str, str]]:
    yield from _resnet(f"{theirs}_0", f"{ours}_resnets_{number}")
    yield f"{theirs}_1", f"{ours}_attentions_{number}"


def _resnet(theirs: str, ours: str) -> Iterator[tuple[str, str]]:
    yield f"{theirs}_in_layers_2", f"{ours}_conv1"
    yield f"{theirs}_emb_layers_1", f"{ours}_time_emb_proj"
    yield f"{theirs}_out_layers_3", f"{ours}_conv2"
    yield f"{theirs}_skip_connection", f"{ours}_conv_shortcut"
