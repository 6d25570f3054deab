"""Whole models in one file for tests: the names of Stable Diffusion's first layout, written out.

The networks are small; their build (four levels, two layers) is that of the published ones.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel

from studio.engine.single_file import LAYOUTS, load_tokenizer
from tests.tinymodel import MAX_TOKENS, build_tokenizer

State = dict[str, Tensor]
_RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1",
           "norm2": "out_layers.0", "conv2": "out_layers.3",
           "conv_shortcut": "skip_connection"}  # fmt: skip


def build(kind: str, folder: Path, words: int = 0) -> dict[str, Any]:
    """Write a small model of this kind ("sd15", "sd21") as a folder; its networks.

    Args:
        words: how wide its words are; they are few where this is given.
    """
    few = build_tokenizer() if words else None
    layout = json.loads((LAYOUTS / f"{kind}.json").read_text())
    words = words or {"sd15": 32, "sd21": 64}[kind]
    small = {"block_out_channels": [32, 32, 64, 64], "cross_attention_dim": words}
    torch.manual_seed(0)
    text = layout["text_encoder"] | {"hidden_size": words, "intermediate_size": 48,
                                     "num_attention_heads": max(1, words // 64),
                                     "num_hidden_layers": 2}  # fmt: skip
    if few is not None:
        text |= {"vocab_size": len(few), "max_position_embeddings": MAX_TOKENS,
                 "bos_token_id": few.bos_token_id, "eos_token_id": few.eos_token_id}  # fmt: skip
    heads: Any = {"sd15": 8, "sd21": [1, 1, 1, 1]}[kind]  # of 64 in Stable Diffusion 2
    unet = UNet2DConditionModel.from_config(
        layout["unet"] | small | {"attention_head_dim": heads}
    )  # fmt: skip
    vae = AutoencoderKL.from_config(layout["vae"] | {"block_out_channels": [32, 32, 32, 64]})
    encoder = CLIPTextModel(CLIPTextConfig(**text))
    parts: dict[str, Any] = {"unet": unet, "vae": vae, "text_encoder": encoder}
    for name, part in parts.items():
        part.eval().save_pretrained(folder / name)
    (few or load_tokenizer(layout["pad_token"])).save_pretrained(folder / "tokenizer")
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(layout["scheduler"]))
    (folder / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    return parts


def _resnet(rest: str) -> str:
    first, _, end = rest.partition(".")
    return f"{_RESNET[first]}.{end}"


def unet_name(name: str) -> str:
    """A UNet's weight as the first layout calls it."""
    fixed = {"conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
             "time_embedding.linear_1": "time_embed.0",
             "time_embedding.linear_2": "time_embed.2"}  # fmt: skip
    for ours, theirs in fixed.items():
        if name.startswith(f"{ours}."):
            return theirs + name[len(ours) :]
    if match := re.fullmatch(r"mid_block\.(resnets|attentions)\.(\d)\.(.*)", name):
        kind, i, rest = match.groups()
        return f"middle_block.{2 * int(i)}.{_resnet(rest)}" if kind == "resnets" else (
            f"middle_block.1.{rest}")  # fmt: skip
    match = re.fullmatch(r"(down|up)_blocks\.(\d)\.(\w+)\.(\d)\.(.*)", name)
    assert match, name
    way, level, kind, layer, rest = match[1], int(match[2]), match[3], int(match[4]), match[5]
    if kind == "downsamplers":
        return f"input_blocks.{3 * (level + 1)}.0.op.{rest.removeprefix('conv.')}"
    if kind == "upsamplers":
        return f"output_blocks.{3 * level + 2}.{1 if level == 0 else 2}.{rest}"
    block = f"input_blocks.{3 * level + layer + 1}" if way == "down" else (
        f"output_blocks.{3 * level + layer}")  # fmt: skip
    return f"{block}.0.{_resnet(rest)}" if kind == "resnets" else f"{block}.1.{rest}"


def vae_name(name: str) -> str:
    """An autoencoder's weight as the first layout calls it."""
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    name = re.sub(r"down_blocks\.(\d)\.resnets\.(\d)", r"down.\1.block.\2", name)
    name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(
        r"up_blocks\.(\d)\.resnets\.(\d)", lambda m: f"up.{3 - int(m[1])}.block.{m[2]}", name
    )
    name = re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda m: f"up.{3 - int(m[1])}.upsample", name)
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    for ours, theirs in (("group_norm", "norm"), ("to_q", "q"), ("to_k", "k"), ("to_v", "v"),
                         ("to_out.0", "proj_out")):  # fmt: skip
        name = name.replace(f"mid_block.attentions.0.{ours}", f"mid.attn_1.{theirs}")
    return name


def vae_state(vae: Any) -> State:
    """All of it; the attention's linear layers were convolutions of one pixel."""
    state = {vae_name(name): weight for name, weight in vae.state_dict().items()}
    return {
        n: w[:, :, None, None] if ".attn_1." in n and w.dim() == 2 else w
        for n, w in state.items()
    }  # fmt: skip


def clip_state(encoder: Any) -> State:
    """The text encoder of Stable Diffusion 1.5, with what its files hold beside the weights."""
    prefix = "cond_stage_model.transformer.text_model."
    state = {
        prefix + name.removeprefix("text_model."): weight
        for name, weight in encoder.state_dict().items()
    }
    return state | {f"{prefix}embeddings.position_ids": torch.arange(77)[None]}


def open_clip_state(encoder: Any) -> State:
    """The text encoder of Stable Diffusion 2.1: keys of one layer lie in one weight."""
    own = {n.removeprefix("text_model."): w for n, w in encoder.state_dict().items()}
    made = {
        "token_embedding.weight": own["embeddings.token_embedding.weight"],
        "positional_embedding": own["embeddings.position_embedding.weight"],
        "ln_final.weight": own["final_layer_norm.weight"],
        "ln_final.bias": own["final_layer_norm.bias"],
        "text_projection": torch.eye(own["final_layer_norm.bias"].shape[0]),
    }
    for name, weight in own.items():
        match = re.fullmatch(r"encoder\.layers\.(\d+)\.(.*)", name)
        if match is None or re.search(r"self_attn\.[kv]_proj", name):
            continue
        block, rest = f"transformer.resblocks.{match[1]}", match[2]
        if rest.startswith("self_attn.q_proj"):
            kind = rest.rpartition(".")[2]
            three = [own[name.replace("q_proj", f"{which}_proj")] for which in "qkv"]
            made[f"{block}.attn.in_proj_{kind}"] = torch.cat(three)
            continue
        for ours, theirs in (("self_attn.out_proj", "attn.out_proj"), ("layer_norm1", "ln_1"),
                             ("layer_norm2", "ln_2"), ("mlp.fc1", "mlp.c_fc"),
                             ("mlp.fc2", "mlp.c_proj")):  # fmt: skip
            rest = rest.replace(ours, theirs)
        made[f"{block}.{rest}"] = weight
    return {f"cond_stage_model.model.{name}": weight for name, weight in made.items()}


def whole(parts: dict[str, Any], kind: str) -> State:
    """The state of the one file."""
    text = open_clip_state if kind == "sd21" else clip_state
    state = {
        f"model.diffusion_model.{unet_name(n)}": w for n, w in parts["unet"].state_dict().items()
    }
    state |= {f"first_stage_model.{n}": w for n, w in vae_state(parts["vae"]).items()}
    state |= text(parts["text_encoder"])
    beside = {"betas": torch.ones(4), "model_ema.decay": torch.ones(())}
    return {n: w.contiguous().clone() for n, w in (state | beside).items()}


def control_name(name: str) -> str:
    """A ControlNet's weight as the first layout calls it."""
    if match := re.fullmatch(
        r"controlnet_cond_embedding\.(conv_in|conv_out|blocks\.\d)\.(.*)", name
    ):
        place = {"conv_in": 0, "conv_out": 14}.get(match[1])
        number = 2 * (int(match[1][-1]) + 1) if place is None else place
        return f"input_hint_block.{number}.{match[2]}"
    if match := re.fullmatch(r"controlnet_down_blocks\.(\d+)\.(.*)", name):
        return f"zero_convs.{match[1]}.0.{match[2]}"
    if name.startswith("controlnet_mid_block."):
        return f"middle_block_out.0.{name.removeprefix('controlnet_mid_block.')}"
    return unet_name(name)
