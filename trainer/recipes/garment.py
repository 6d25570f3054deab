"""The garment extractor of Magic Clothing (arXiv 2404.09512) on a frozen base.

The extractor starts as a copy of the UNet. It reads the clean latents of the garment's masked
picture at timestep 0 with empty words; what enters its self-attentions stands beside the frozen
denoiser's own tokens. Only the extractor is trained.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from pydantic import Field
from torch import Tensor, nn

from studio.conditions.attention import (
    LayerTensors,
    join_heads,
    joined_attention,
    record_features,
    self_attentions,
    split_heads,
)
from studio.conditions.garment import GarmentCondition, GarmentExtractor
from studio.request import Control
from trainer.data.captions import shard_tokens
from trainer.data.latents import Latents, encode_shards
from trainer.data.pairs import Pairs
from trainer.data.shards import Shards
from trainer.loop import Batch
from trainer.recipes.base import DiffusionConfig, DiffusionRecipe
from trainer.recipes.garment_samples import GARMENT_GUIDANCE, pair_sheet


class PairConfig(DiffusionConfig):
    """Data and dropouts that everything trained on pairs shares.

    The dropouts are Magic Clothing's (section 3.3) and IMAGDressing's (train.py) alike.
    """

    unet: Path = Field(description="folder of the trained UNet, which stays as it is")
    text_dropout: float = Field(0.05, ge=0, le=1, description="part with empty words alone")
    garment_dropout: float = Field(0.05, ge=0, le=1, description="part without garment alone")
    both_dropout: float = Field(0.05, ge=0, le=1, description="part with neither")
    scene_captions: float = Field(
        0.75,
        ge=0,
        le=1,
        description="part of the captions that name the garment's type alone, so that all else "
        "about it has to come from its picture",
    )
    garment_weight: float = Field(
        1.0,
        ge=1,
        description="weight of the loss on the worn garment against the rest of the picture; 1 in "
        "both papers, more where the garment is small in the picture",
    )


class GarmentConfig(PairConfig):
    """The garment extractor."""

    extractor: Path | None = Field(None, description="folder of an extractor to go on from")


class PairRecipe(DiffusionRecipe):
    """What everything trained on pairs has in common: data, dropouts, loss."""

    config: PairConfig  # pyright: ignore[reportIncompatibleVariableOverride]

    def open_data(self) -> None:
        """Opens the latents of worn and masked flat pictures, and both kinds of captions."""
        config = self.config
        self.pairs = Pairs.of(config.shards)
        super().open_data()
        flat = encode_shards(
            config.cache / "latents", self.pairs.flat, config.vae, config.size_pixels,
            self.device.type, masked=True,
        )  # fmt: skip
        self.flat_latents = Latents(flat)
        self.scene_tokens = shard_tokens(
            config.cache, self.shards, self.tokenizer, config.variants, said="scene"
        )
        self.text_encoder.eval().requires_grad_(False)
        unet: Any = UNet2DConditionModel.from_pretrained(config.unet)
        self.unet = unet.to(self.device, memory_format=torch.channels_last)
        self.unet.eval().requires_grad_(False)
        self.use_fast_attention(self.unet)

    def open_shards(self) -> Shards:
        """The worn pictures."""
        return self.pairs.worn

    def batch(self, step: int) -> Batch:
        """Latents float16 (B, C, h, w) of worn and flat pictures, tokens, what is seen.

        `sees_garment` is bool (B,); `worn_mask` float16 (B, h, w) in 0..1 where the loss is
        weighted, else absent; `places` as for the base.
        """
        config = self.config
        rows, rng = self.sampler.rows(step), self.rng(step)
        count = len(rows)
        variants = rng.integers(0, config.variants, count)
        scene = rng.random(count) < config.scene_captions
        tokens = np.where(
            scene[:, None], self.scene_tokens[variants, rows], self.tokens[variants, rows]
        ).astype(np.int64)
        chance = rng.random(count)
        both = config.both_dropout
        tokens[chance < both + config.text_dropout] = self.empty
        blind = (chance < both) | (chance > 1 - config.garment_dropout)
        batch = {
            "rows": torch.from_numpy(rows),
            "latents": torch.from_numpy(self.latents.rows(rows)),
            "flat": torch.from_numpy(self.flat_latents.rows(rows)),
            "tokens": torch.from_numpy(tokens),
            "sees_garment": torch.from_numpy(~blind),
        }
        if config.garment_weight > 1:
            side = self.latents.side
            masks = self.pairs.worn.garment_masks(rows)
            factor = masks.shape[1] // side
            small = masks.reshape(count, side, factor, -1, factor).mean((2, 4)) / 255
            batch["worn_mask"] = torch.from_numpy(small.astype(np.float16))
        return batch | self.places(rows)

    def words(self, tokens: Tensor) -> Tensor:
        """(B, tokens, width) from the frozen text encoder."""
        with torch.no_grad():
            return self.text_encoder(input_ids=tokens).last_hidden_state

    def weights(self) -> list[tuple[str, str, float]]:
        """The worn garment too."""
        return [*super().weights(), ("garment", "worn_mask", self.config.garment_weight)]


def projected(
    attn: Any, hidden_states: Tensor, garment: Tensor, to_k: nn.Module, to_v: nn.Module
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Queries, keys and values of the picture, and keys and values of the garment.

    Args:
        hidden_states, garment: (B, N, C). to_k, to_v: what the garment's are made with.

    Returns:
        Five times (B, heads, N, d).
    """
    garment = garment.to(hidden_states.dtype)
    own = [p(hidden_states) for p in (attn.to_q, attn.to_k, attn.to_v)]
    q, k, v, other_k, other_v = (
        split_heads(x, attn.heads) for x in (*own, to_k(garment), to_v(garment))
    )
    return q, k, v, other_k, other_v


class TrainedFusion:
    """Attention processor for training: the garment's features stand beside the picture's own.

    Written with explicit products, whose backward pass is quicker on a CPU than fused
    attention's; `studio.conditions.attention.FusedSelfAttention` is the same without gradients.
    """

    def __init__(self, name: str, features: LayerTensors) -> None:
        self.name, self.features = name, features

    def __call__(self, attn: Any, hidden_states: Tensor, *_: Any, **__: Any) -> Tensor:
        """(B, N, C) to (B, N, C)."""
        q, k, v, other_k, other_v = projected(
            attn, hidden_states, self.features[self.name], attn.to_k, attn.to_v
        )
        out = joined_attention(q, k, v, [(other_k, other_v)])
        return attn.to_out[0](join_heads(out))


class GarmentRecipe(PairRecipe):
    """Trains the garment extractor."""

    name = "garment"
    config_type = GarmentConfig
    config: GarmentConfig  # pyright: ignore[reportIncompatibleVariableOverride]

    def build(self) -> dict[str, nn.Module]:
        """Opens the data, copies the UNet into the extractor, teaches the UNet to look at it."""
        config = self.config
        self.open_data()
        extractor: Any = UNet2DConditionModel.from_pretrained(config.extractor or config.unet)
        self.extractor = extractor.to(self.device, memory_format=torch.channels_last)
        self.use_fast_attention(self.extractor)
        self.features: LayerTensors = {}
        for name, attn in self_attentions(self.unet).items():
            attn.set_processor(TrainedFusion(name, self.features))
        return {"extractor": self.extractor}

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Predict the worn picture's velocity with the flat garment in sight."""
        x, target, time, alpha = self.noisy(batch)
        words = self.words(batch["tokens"])
        empty = self.words(torch.from_numpy(self.empty.astype(np.int64))[None].to(x.device))
        flat = batch["flat"].float() * self.scale
        found = record_features(
            self.extractor,
            flat.contiguous(memory_format=torch.channels_last),
            torch.zeros((), dtype=torch.long, device=x.device),
            empty.expand(len(flat), -1, -1),
        )
        seen = batch["sees_garment"].to(flat.dtype)[:, None, None]
        self.features.update({name: value * seen for name, value in found.items()})
        out = self.unet(x, time, encoder_hidden_states=words, return_dict=False)[0]
        return self.losses(out, target, alpha, batch)

    def sample(self, folder: Path, step: int) -> None:
        """Held-out garments: flat, worn in truth, and made from the flat one."""
        seen = GarmentExtractor(self.extractor)
        empty = self.words(torch.from_numpy(self.empty.astype(np.int64))[None].to(self.device))

        def condition(index: int, latents: Tensor) -> GarmentCondition:
            features = seen.features(bytes([index]), lambda: latents, lambda: empty)
            return GarmentCondition(seen, features, Control())

        trained = {name: attn.processor for name, attn in self_attentions(self.unet).items()}
        self.use_fast_attention(self.unet)
        guidance = (self.config.sample_guidance, GARMENT_GUIDANCE)
        pair_sheet(self, folder / f"{step:07d}.png", condition, guidance)
        for name, attn in self_attentions(self.unet).items():
            attn.set_processor(trained[name])

    def save(self, folder: Path) -> None:
        """Writes the folder `extractor`."""
        self.extractor.save_pretrained(folder / "extractor")
