"""Sample sheets of what is trained on pairs, through the studio's own loop and conditions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from studio.conditions.base import Condition
from studio.conditions.text import EncodedText, TextCondition
from studio.engine.denoise import denoise
from studio.engine.guidance import joint_guidance
from studio.garment.caption import scene_caption
from trainer.data.latents import encode
from trainer.data.pairs import Pair, sample_pair
from trainer.data.wardrobe import HELD_OUT
from trainer.sheets import pictures_to_tensor, save_sheet, tensor_to_pictures

if TYPE_CHECKING:
    from trainer.recipes.garment import PairRecipe

GARMENT_GUIDANCE = 2.5


def held_out_pairs(count: int) -> list[Pair]:
    """Pairs that no training sees."""
    return [sample_pair(HELD_OUT + i) for i in range(count)]


def flat_latents(recipe: PairRecipe, pairs: Sequence[Pair], masked: bool = True) -> Tensor:
    """Scaled latents (n, C, h, w) of the flat pictures."""
    pictures = np.stack([p.flat.picture for p in pairs])
    x = pictures_to_tensor(torch.from_numpy(pictures).to(recipe.device))
    if masked:
        masks = np.stack([p.flat.garment_mask for p in pairs]) > 127
        x = x * torch.from_numpy(masks).to(x)[:, None]
    return encode(recipe.vae, x).float() * recipe.scale


def encoded_text(recipe: PairRecipe, text: str) -> EncodedText:
    """Words for the studio's text condition."""
    limit = recipe.tokens.shape[-1]
    tokens = recipe.tokenizer(
        text, padding="max_length", max_length=limit, truncation=True, return_tensors="pt"
    )
    return EncodedText(recipe.words(tokens.input_ids.to(recipe.device)), "")


def pair_sheet(
    recipe: PairRecipe,
    path: Path,
    condition: Any,
    guidance: tuple[float, float],
) -> None:
    """Held-out garments: laid flat, worn in truth, and what is made of the flat picture.

    Args:
        condition: from (pair index, flat latents (1, C, h, w)) to a condition.
        guidance: text scale sT and garment scale sG.
    """
    config = recipe.config
    pairs = held_out_pairs(config.sample_count)
    latents = flat_latents(recipe, pairs)
    shown: list[Any] = []
    captions: list[str] = []
    for i, pair in enumerate(pairs):
        prompt = scene_caption(pair.worn.spec, np.random.default_rng([5, i]))
        positive, negative = encoded_text(recipe, prompt), encoded_text(recipe, "")
        conditions: list[Condition] = [
            TextCondition(positive, negative),
            condition(i, latents[[i]]),
        ]
        scheduler = config.scheduler()
        scheduler.set_timesteps(config.sample_steps)
        wanted = frozenset().union(*(c.branches for c in conditions))
        noise = torch.randn(latents[[i]].shape, generator=torch.Generator().manual_seed(i))
        made = denoise(
            recipe.unet, scheduler, noise.to(recipe.device), scheduler.timesteps, conditions,
            joint_guidance(wanted, *guidance),
        )  # fmt: skip
        with torch.no_grad():
            decoded = recipe.vae.decode(made / recipe.scale, return_dict=False)[0]
        shown += [pair.flat.picture, pair.worn.picture, tensor_to_pictures(decoded)[0]]
        captions += ["the garment", "worn in truth", prompt]
    save_sheet(path, shown, captions, columns=6)
