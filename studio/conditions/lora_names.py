"""How LoRA files name what they change, and which layers of a model these names mean.

A LoRA (Hu et al. 2021) changes a layer's weight W by alpha / rank * up @ down. The scripts that
write them agree on the numbers and not on the names:

    peft         unet.down_blocks.0.attentions.0.….attn1.to_q.lora_A.weight, ….lora_B.weight
    diffusers    unet.….attn1.to_q.lora.down.weight, text_encoder.….q_proj.lora_linear_layer.up.weight
    its first    unet.….attn1.processor.to_q_lora.down.weight
    kohya        lora_unet_down_blocks_0_attentions_0_…_attn1_to_q.lora_down.weight, ….alpha
    of CompVis   lora_unet_input_blocks_1_1_…_attn1_to_q.lora_down.weight, ….alpha

All become one here: the layer's own name in diffusers with “_” instead of every dot. diffusers'
own readers (0.42) are not used: they lose the alphas of attention layers where these differ.
"""  # noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from torch import nn

Part = Literal["unet", "text", "other"]
"""What a name belongs to; “other” is a second or third text encoder."""

_HALF = re.compile(
    r"(?P<layer>.+?)[._]lora(?:_linear_layer)?[._](?P<half>A|B|down|up)"
    r"(?:\.(?!weight$)[^.]+)?\.weight"
)
_ALPHA = re.compile(r"(?P<layer>.+?)(?:[._]lora(?:_linear_layer)?)?\.alpha")
_HALVES: dict[str, Literal["down", "up"]] = {"A": "down", "B": "up", "down": "down", "up": "up"}
_OTHER = re.compile(r"lora_te[23]_|text_encoder_[23]\.")
_TEXT = re.compile(r"lora_te1?_|text_encoder\.|(?=text_model\.)")
_UNET = re.compile(r"lora_unet_|unet\.|")


def half_of(name: str) -> tuple[str, Literal["down", "up"]] | None:
    """The layer, as the file calls it, and which half of its change this is; None if neither."""
    match = _HALF.fullmatch(name)
    return (match["layer"], _HALVES[match["half"]]) if match else None


def alpha_of(name: str) -> str | None:
    """The layer, as the file calls it, whose alpha this is."""
    match = _ALPHA.fullmatch(name)
    return match["layer"] if match else None


def place_of(layer: str) -> tuple[Part, str]:
    """Where a layer is that a file calls so: the part of the model, and the name in it."""
    layer = layer.replace("base_model.model.", "")
    if _OTHER.match(layer):
        return "other", layer
    text = _TEXT.match(layer)
    prefix = text or _UNET.match(layer)
    assert prefix is not None  # the last alternative is empty
    flat = layer[prefix.end() :].replace(".processor", "").replace(".", "_")
    if text:
        flat = flat.removeprefix("text_model_")
        return "text", re.sub(r"(self_attn_)to_(q|k|v|out)$", r"\1\2_proj", flat)
    return "unet", re.sub(r"(attn\d_to_out)$", r"\1_0", flat)


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
