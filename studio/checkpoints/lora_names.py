"""How LoRA files name what they change.

A LoRA (Hu et al. 2021) changes a layer's weight W by alpha / rank * up @ down. The scripts that
write them agree on the numbers and not on the names:

    peft         unet.down_blocks.0.attentions.0.….attn1.to_q.lora_A.weight, ….lora_B.weight
    diffusers    unet.….attn1.to_q.lora.down.weight, text_encoder.….q_proj.lora_linear_layer.up.weight
    its first    unet.….attn1.processor.to_q_lora.down.weight
    kohya        lora_unet_down_blocks_0_attentions_0_…_attn1_to_q.lora_down.weight, ….alpha
    of CompVis   lora_unet_input_blocks_1_1_…_attn1_to_q.lora_down.weight, ….alpha

All become one here: the layer's own name in diffusers with “_” instead of every dot, by which
`studio.conditions.lora` finds it. diffusers' own readers (0.42) are not used: they lose the
alphas of attention layers where these differ.
"""  # noqa: E501

from __future__ import annotations

import re
from typing import Literal

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
