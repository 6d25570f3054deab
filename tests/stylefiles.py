"""LoRA files of every usual layout for tests, and what peft makes of the same changes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from typing import Any

import torch
from peft import LoraConfig, inject_adapter_in_model
from safetensors.torch import save
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

from tests.tinymodel import MAX_TOKENS

RANK, ALPHA = 4, 2.0
DOWN = "down_blocks.0.attentions.0.transformer_blocks.0"
UP = "up_blocks.1.attentions.1.transformer_blocks.0"
ATTENTION = tuple(
    f"{block}.attn{n}.{which}"
    for block in (DOWN, UP)
    for n in (1, 2)
    for which in ("to_q", "to_k", "to_v", "to_out.0")
)
LINEAR = (*ATTENTION, f"{DOWN}.ff.net.0.proj", "mid_block.resnets.0.time_emb_proj")
CONVOLUTIONS = (
    "conv_in",
    "down_blocks.0.attentions.0.proj_in",
    "down_blocks.0.resnets.0.conv1",
    "down_blocks.0.downsamplers.0.conv",
    "up_blocks.0.upsamplers.0.conv",
    "up_blocks.0.resnets.0.conv_shortcut",
)
LAYERS = (*LINEAR, *CONVOLUTIONS)
WORDS = tuple(
    f"text_model.encoder.layers.0.{layer}"
    for layer in (
        "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj",
        "mlp.fc1", "mlp.fc2",
    )
)  # fmt: skip

Pairs = dict[str, tuple[Tensor, Tensor]]


def text_model(kind: Any = CLIPTextModel) -> Any:
    torch.manual_seed(1)
    config = CLIPTextConfig(
        vocab_size=1200, hidden_size=24, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=MAX_TOKENS, projection_dim=24,
        bos_token_id=1, eos_token_id=2, pad_token_id=2,
    )  # fmt: skip
    return kind(config).eval().requires_grad_(False)


def lora(model: nn.Module, layers: Sequence[str], seed: int = 0) -> Pairs:
    """Random changes of these layers, strong enough to be seen."""
    draw = torch.Generator().manual_seed(seed)
    pairs: Pairs = {}
    for layer in layers:
        weight = weight_of(model, layer)
        kernel = weight.shape[2:]
        down = torch.randn(RANK, weight.shape[1], *kernel, generator=draw)
        up = torch.randn(weight.shape[0], RANK, *(1 for _ in kernel), generator=draw)
        pairs[layer] = (down * 0.2, up * 0.2)
    return pairs


def weight_of(model: nn.Module, layer: str) -> Tensor:
    """The weight, whether or not the model has its layers under `text_model`."""
    names = dict(model.named_parameters())
    found = names.get(f"{layer}.weight")
    return names[f"{layer.removeprefix('text_model.')}.weight"] if found is None else found


def peft_says(model: nn.Module, *loras: Pairs, scales: Sequence[float] = (1.0,)) -> nn.Module:
    """A copy of the model with peft's own layers in it."""
    made: Any = copy.deepcopy(model)
    names: list[str] = []
    for number, (pairs, scale) in enumerate(zip(loras, scales, strict=True)):
        own = {
            layer
            if f"{layer}.weight" in dict(model.named_parameters())
            else layer.removeprefix("text_model."): pair
            for layer, pair in pairs.items()
        }
        config: Any = LoraConfig(r=RANK, lora_alpha=ALPHA * scale, target_modules=list(own))  # pyright: ignore[reportArgumentType]
        names.append(f"style{number}")
        inject_adapter_in_model(config, made, adapter_name=names[-1])
        for layer, (down, up) in own.items():
            place = made.get_submodule(layer)
            place.lora_A[names[-1]].weight.data.copy_(down)
            place.lora_B[names[-1]].weight.data.copy_(up)
    for module in made.modules():
        if hasattr(module, "lora_A"):
            module.set_adapter([n for n in names if n in module.lora_A])
    return made.eval()


@torch.no_grad()
def predicted(unet: nn.Module) -> Tensor:
    draw = torch.Generator().manual_seed(5)
    sample = torch.randn(2, 4, 8, 8, generator=draw)
    words = torch.randn(2, 7, 24, generator=draw)
    return unet(sample, torch.tensor(500), words).sample


@torch.no_grad()
def heard(encoder: Any) -> Tensor:
    return encoder(torch.arange(9)[None] + 20).last_hidden_state


def alphas(pairs: Pairs, name: Callable[[str], str]) -> dict[str, Tensor]:
    return {f"{name(layer)}.alpha": torch.tensor(ALPHA) for layer in pairs}


def kohya_name(layer: str) -> str:
    prefix = "lora_te_" if layer.startswith("text_model") else "lora_unet_"
    return prefix + layer.replace(".", "_")


def part_name(layer: str) -> str:
    return ("text_encoder." if layer.startswith("text_model") else "unet.") + layer


def kohya(pairs: Pairs) -> bytes:
    state = alphas(pairs, kohya_name)
    for layer, (down, up) in pairs.items():
        state[f"{kohya_name(layer)}.lora_down.weight"] = down
        state[f"{kohya_name(layer)}.lora_up.weight"] = up
    return save(state)


def peft(pairs: Pairs) -> bytes:
    """As diffusers writes it today: alpha is in the header's notes."""
    state: dict[str, Tensor] = {}
    for layer, (down, up) in pairs.items():
        state[f"{part_name(layer)}.lora_A.weight"] = down
        state[f"{part_name(layer)}.lora_B.weight"] = up
    settings = {f"{part}.lora_alpha": ALPHA for part in ("unet", "text_encoder")}
    return save(state, {"lora_adapter_metadata": json.dumps(settings)})


def peft_folder(pairs: Pairs) -> bytes:
    """As peft itself writes it, without any word about alpha: alpha is the rank."""
    state: dict[str, Tensor] = {}
    for layer, (down, up) in pairs.items():
        state[f"base_model.model.{layer}.lora_A.default.weight"] = down
        state[f"base_model.model.{layer}.lora_B.default.weight"] = up * (ALPHA / RANK)
    return save(state)


def diffusers(pairs: Pairs) -> bytes:
    state = alphas(pairs, part_name)
    for layer, (down, up) in pairs.items():
        ending = "lora_linear_layer" if layer.startswith("text_model") else "lora"
        state[f"{part_name(layer)}.{ending}.down.weight"] = down
        state[f"{part_name(layer)}.{ending}.up.weight"] = up
    return save(state)


def processors(pairs: Pairs) -> bytes:
    """As diffusers wrote it first: the changes belonged to the attention processors."""
    state: dict[str, Tensor] = {}
    for layer, (down, up) in pairs.items():
        name = part_name(layer)
        before, _, which = name.removesuffix(".0").rpartition(".")
        if ".attn" in name:
            name = f"{before}.processor.{which}_lora"
        elif "self_attn" in name:
            name = f"{before}.to_{which.removesuffix('_proj')}_lora"
        else:
            name += ".lora"
        state[f"{name}.down.weight"] = down
        state[f"{name}.up.weight"] = up
        state[f"{name}.alpha"] = torch.tensor(ALPHA)
    return save(state)


LAYOUTS = (kohya, peft, peft_folder, diffusers, processors)
