"""Tiny parts for recipes that learn from pairs: what they start from, and their usual values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from studio.forms import read_form
from tests.trainer import tinypairs
from tests.trainer import tinywardrobe as tiny
from trainer.data.captions import shard_captions
from trainer.data.tokens import save_tokenizer, train_tokenizer
from trainer.loop import Recipe
from trainer.recipes import recipe_class
from trainer.recipes.base import UnetShape, new_unet
from trainer.recipes.text import TextShape, new_text_encoder
from trainer.recipes.vae import VaeConfig, new_vae

ENCODER_SHAPE = {"size": 32, "patch": 8, "width": 16, "layers": 2, "heads": 2, "inner": 16,
                 "outputs": 12}  # fmt: skip
RESAMPLER = {"width": 16, "depth": 1, "heads": 1, "inner": 16, "queries": 3}
IMAGE_ENCODER = "image_encoder_run/weights/image_encoder"


def build(root: Path, pairs: int, lively: bool = False) -> Path:
    """Write pairs, a tokenizer and untrained modules into `root`, and return it.

    Args:
        pairs: how many.
        lively: whether the UNet lets gradients through; an untrained one answers with zeros.
    """
    drawn = tinypairs.pairs(root / "pairs", pairs)
    tokenizer = train_tokenizer(
        [*shard_captions(drawn.flat, 0), *shard_captions(drawn.worn, 0)], 400
    )
    save_tokenizer(tokenizer, root / "tokenizer")
    torch.manual_seed(0)
    vae = {"shards": root / "pairs/worn", "loop": tiny.LOOP, **tiny.VAE}
    new_vae(read_form(VaeConfig, vae, "test")).save_pretrained(root / "vae")
    shape = TextShape.model_validate(tiny.TEXT_SHAPE)
    new_text_encoder(shape, tokenizer).save_pretrained(root / "text_encoder")
    unet = new_unet(UnetShape.model_validate(tiny.UNET_SHAPE), 8, 8, shape.width)
    if lively:
        with torch.no_grad():
            unet.conv_out.weight.normal_(std=0.05)
    unet.save_pretrained(root / "unet")
    return root


def common(parts: Path) -> dict[str, Any]:
    """Where every recipe of pairs finds what it starts from."""
    return {
        "vae": parts / "vae", "text_encoder": parts / "text_encoder", "cache": parts / "cache",
        "tokenizer": parts / "tokenizer",
    }  # fmt: skip


def diffusion(parts: Path) -> dict[str, Any]:
    """The values of a recipe that teaches the UNet to look at pictures."""
    return {
        "shards": parts / "pairs", "unet": parts / "unet", "size_pixels": 64, "variants": 1,
        "sample_count": 1, "sample_steps": 1, **common(parts),
    }  # fmt: skip


def image_encoder(parts: Path, **changes: Any) -> dict[str, Any]:
    """The values of the image encoder's recipe."""
    return {
        "shards": parts / "pairs/worn", "pairs": parts / "pairs", "shape": ENCODER_SHAPE,
        **common(parts), **changes,
    }  # fmt: skip


def recipe(name: str, batch_size: int, values: dict[str, Any], **changes: Any) -> Recipe:
    """A recipe on the CPU; `changes` are its values' and, as `loop`, the loop's."""
    loop = {**tiny.LOOP, "batch_size": batch_size, **changes.pop("loop", {})}
    kind = recipe_class(name)
    config = read_form(kind.config_type, {**values, "loop": loop, **changes}, "test")
    return kind(config, torch.device("cpu"))
