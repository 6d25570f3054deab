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

from studio.conditions.face import FaceProjection
from studio.conditions.resampler import FacePerceiver, Resampler
from studio.vision.u2net import U2Net

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


def pair_weights(widths: list[int], ending: str) -> Shapes:
    """Two square weights for each self-attention, by its published number: 0, 2, 4, …"""
    return {
        f"{2 * i}.to_{which}_{ending}.weight": (width, width)
        for i, width in enumerate(widths)
        for which in "kv"
    }


def resampler(
    queries: int = 16,
    width: int = 768,
    source: int = 1280,
    out: int = 768,
    depth: int = 4,
    inner: int = 768,
) -> Shapes:
    """The resampler of IP-Adapter-Plus; sizes as published unless given."""
    with torch.device("meta"):
        made = Resampler(width, depth, inner // 64, source, out, 4 * width, queries)
    return {name: tuple(weight.shape) for name, weight in made.state_dict().items()}


def face_projection(
    face: int = 512,
    tokens: int = 4,
    text: int = 768,
    source: int = 1280,
    depth: int = 4,
    inner: int = 768,
    *,
    plus: bool = False,
) -> Shapes:
    """IP-Adapter-FaceID's way from a face to tokens; sizes as published unless given."""
    with torch.device("meta"):
        asks = FacePerceiver(text, depth, inner // 64, source, text, 4 * text) if plus else None
        made = FaceProjection(face, text, tokens, asks)
    return {name: tuple(weight.shape) for name, weight in made.state_dict().items()}


def face_adapter(sources: list[tuple[int, int]], rank: int = 128) -> Shapes:
    """The `ip_adapter` part of IP-Adapter-FaceID.

    Args:
        sources: (width, width of what keys and values are made from) of every attention, self and
            cross in turn.
    """
    shapes: Shapes = {}
    for i, (width, source) in enumerate(sources):
        for name, into in (("q", width), ("k", source), ("v", source), ("out", width)):
            shapes[f"{i}.to_{name}_lora.down.weight"] = (rank, into)
            shapes[f"{i}.to_{name}_lora.up.weight"] = (width, rank)
        if i % 2:
            shapes[f"{i}.to_k_ip.weight"] = (width, source)
            shapes[f"{i}.to_v_ip.weight"] = (width, source)
    return shapes


def sd15_sources() -> list[tuple[int, int]]:
    """`face_adapter`'s first argument for Stable Diffusion 1.5."""
    return [pair for width in attention_widths() for pair in ((width, width), (width, 768))]


def u2net_shapes() -> Shapes:
    """The cloth segmentation network, without a prefix."""
    with torch.device("meta"):
        return {name: tuple(weight.shape) for name, weight in U2Net().state_dict().items()}


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
    adapters = pair_weights(attention_widths(), "ref")
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
        **prefixed(resampler(), "proj."),
        **prefixed(adapters, "adapter_modules."),
    }


def face_parts(plus: bool) -> dict[str, dict[str, torch.Tensor]]:
    image, adapter = face_projection(plus=plus), face_adapter(sd15_sources())
    return {"image_proj": hollow(image), "ip_adapter": hollow(adapter)}
