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

from studio.conditions.attention import LayerTensors, Source, record_features
from studio.conditions.base import Branch, Step
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

    def with_source(self, batch: Batch, source: Source) -> dict[str, Tensor]:
        """The losses of predicting the worn picture's velocity while a source is attended to.

        Args:
            source: with gradients, a picture for each row of the batch.
        """
        x, target, time, alpha = self.noisy(batch)
        source.before_step(Step(0, 1, time, (Branch.TEXT,), len(x)))
        with source.attached(self.unet):
            out = self.unet(
                x, time, encoder_hidden_states=self.words(batch["tokens"]), return_dict=False
            )[0]
        return self.losses(out, target, alpha, batch)

    def garment_features(self, network: nn.Module, batch: Batch, words: Tensor) -> LayerTensors:
        """What a garment UNet sees of the flat pictures, with gradients: (B, N, C) each."""
        flat = batch["flat"].float() * self.scale
        flat = flat.contiguous(memory_format=torch.channels_last)
        time = torch.zeros((), dtype=torch.long, device=flat.device)
        return record_features(network, flat, time, words)

    def weights(self) -> list[tuple[str, str, float]]:
        """The worn garment too."""
        return [*super().weights(), ("garment", "worn_mask", self.config.garment_weight)]


class GarmentRecipe(PairRecipe):
    """Trains the garment extractor."""

    name = "garment"
    config_type = GarmentConfig
    config: GarmentConfig  # pyright: ignore[reportIncompatibleVariableOverride]

    def build(self) -> dict[str, nn.Module]:
        """Opens the data, copies the UNet into the extractor."""
        config = self.config
        self.open_data()
        extractor: Any = UNet2DConditionModel.from_pretrained(config.extractor or config.unet)
        self.extractor = extractor.to(self.device, memory_format=torch.channels_last)
        self.use_fast_attention(self.extractor)
        self.seen = GarmentExtractor(self.extractor)
        return {"extractor": self.extractor}

    def no_words(self) -> Tensor:
        """(1, tokens, width), which the extractor hears."""
        return self.words(torch.from_numpy(self.empty.astype(np.int64))[None].to(self.device))

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Predict the worn picture's velocity with the flat garment in sight."""
        words = self.no_words().expand(len(batch["flat"]), -1, -1)
        found = self.garment_features(self.extractor, batch, words)
        seen = batch["sees_garment"].to(words.dtype)[:, None, None]
        features = {name: value * seen for name, value in found.items()}
        return self.with_source(batch, GarmentCondition(self.seen, features, Control()))

    def sample(self, folder: Path, step: int) -> None:
        """Held-out garments: flat, worn in truth, and made from the flat one."""
        self.seen.forget()

        def condition(index: int, latents: Tensor) -> GarmentCondition:
            features = self.seen.features(bytes([index]), lambda: latents, self.no_words)
            return GarmentCondition(self.seen, features, Control())

        guidance = (self.config.sample_guidance, GARMENT_GUIDANCE)
        pair_sheet(self, folder / f"{step:07d}.png", condition, guidance)

    def save(self, folder: Path) -> None:
        """Writes the folder `extractor`."""
        self.extractor.save_pretrained(folder / "extractor")
