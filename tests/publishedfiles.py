"""Files of exactly the published names and shapes, without the published numbers.

They are small on disk: a tensor of torch.save may repeat one number, and the numbers of a
safetensors file may be a hole. Names and shapes of the base come from diffusers itself.
"""

from __future__ import annotations

import json
import struct
from functools import cache
from math import prod
from pathlib import Path

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from studio.checkpoints import plans

Shapes = dict[str, tuple[int, ...]]


@cache
def sd15() -> UNet2DConditionModel:
    """Stable Diffusion 1.5's UNet without numbers, as diffusers builds it."""
    with torch.device("meta"):
        return UNet2DConditionModel(cross_attention_dim=768)


def sd15_shapes() -> Shapes:
    return {name: tuple(weight.shape) for name, weight in sd15().state_dict().items()}


def attention_widths() -> list[int]:
    return [
        sd15().get_submodule(name.removesuffix(".processor")).get_parameter("to_q.weight").shape[0]
        for name in sd15().attn_processors
        if ".attn1." in name
    ]


def hollow(shapes: Shapes, dtype: torch.dtype = torch.float16) -> dict[str, torch.Tensor]:
    """Tensors of full shape that repeat one number, so that their file is small."""
    return {name: torch.ones((), dtype=dtype).expand(shape) for name, shape in shapes.items()}


def write_header(path: Path, shapes: Shapes) -> Path:
    """A float32 safetensors file of the full length, its numbers a hole that takes no disk."""
    header, end = {}, 0
    for name, shape in shapes.items():
        start, end = end, end + 4 * prod(shape)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + end)
    return path


def prefixed(shapes: Shapes, prefix: str) -> Shapes:
    return {prefix + name: shape for name, shape in shapes.items()}


def dressing_shapes() -> Shapes:
    """The 1487 weights of IMAGDressing-v1 under "module"."""
    base = sd15_shapes()
    adapters = plans.pair_weights(attention_widths(), "to_k_ref", "to_v_ref")
    layers = [name for name in sd15().attn_processors if ".attn1." in name]
    inside = {
        f"{layer}.to_{which}_ref.weight": (width, width)
        for layer, width in zip(layers, attention_widths(), strict=True)
        for which in "kv"
    }
    return {
        **prefixed(base, "unet."),
        **prefixed(inside, "unet."),
        **prefixed(base, "ref_unet."),
        **prefixed(plans.resampler(), "proj."),
        **prefixed(adapters, "adapter_modules."),
    }


def face_parts(plus: bool) -> dict[str, dict[str, torch.Tensor]]:
    image = plans.face_plus_projection() if plus else plans.face_projection()
    sources = [p for width in attention_widths() for p in ((width, width), (width, 768))]
    return {"image_proj": hollow(image), "ip_adapter": hollow(plans.face_adapter(sources))}
