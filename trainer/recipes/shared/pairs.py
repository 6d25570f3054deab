"""What everything trained on pairs shares: data, dropouts, loss, and sample sheets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from studio.conditions.attention import LayerTensors, Source, record_features
from studio.conditions.base import Branch, Condition, Step
from studio.conditions.resampler import Resampler
from studio.garment.caption import scene_caption
from trainer.config import Share, Strict, Whole, reads
from trainer.data.captions import shard_tokens
from trainer.data.latents import encode
from trainer.data.pairs import Pair, Pairs, sample_pair
from trainer.data.shards import Shards
from trainer.data.wardrobe import HELD_OUT
from trainer.loop import Batch
from trainer.recipes.shared.diffusion import DiffusionConfig, DiffusionRecipe
from trainer.sheets import pictures_to_tensor, save_sheet


class ResamplerShape(Strict):
    """The shape of the resampler; IMAGDressing's own is 768 wide, 4 deep, with 12 heads."""

    width: Whole = 128
    """Features of a token inside."""
    depth: Whole = 2
    """Layers."""
    heads: Whole = 2
    """Attention heads of `HEAD_WIDTH` features."""
    inner: Whole = 256
    """Features inside the feed-forward parts."""
    queries: Whole = 16
    """Tokens that it gives."""

    def made(self, features: int, width: int) -> Resampler:
        """An untrained one, from tokens of so many features to tokens of `width`."""
        return Resampler(
            self.width, self.depth, self.heads, features, width, self.inner, self.queries
        )


class PairConfig(DiffusionConfig):
    """Data and dropouts that everything trained on pairs shares.

    The dropouts are Magic Clothing's (section 3.3) and IMAGDressing's (train.py) alike.
    """

    shards: Path = reads("pairs", "data")
    """Folder of pairs."""
    unet: Path = reads("unet")
    """Folder of the trained UNet, which stays as it is."""
    text_dropout: Share = 0.05
    """Part with empty words alone."""
    garment_dropout: Share = 0.05
    """Part without garment alone."""
    both_dropout: Share = 0.05
    """Part with neither."""
    scene_captions: Share = 0.75
    """Part of the captions that name the garment's type alone, so that all else about it has to
    come from its picture."""
    garment_weight: float = Field(default=1.0, ge=1)
    """Weight of the loss on the worn garment against the rest of the picture; 1 in both papers,
    more where the garment is small in the picture."""


PairT = TypeVar("PairT", bound=PairConfig)


class PairRecipe(DiffusionRecipe[PairT], Generic[PairT]):
    """What everything trained on pairs has in common: data, dropouts, loss."""

    def prepare(self) -> None:
        """Opens the latents of worn and masked flat pictures."""
        self.pairs = Pairs.of(self.config.shards)
        super().prepare()
        self.flat_latents = self.encoded(self.pairs.flat, masked=True)

    def open_data(self) -> None:
        """Opens latents, both kinds of captions, and the frozen base."""
        super().open_data()
        config = self.config
        self.scene_tokens = shard_tokens(
            config.cache, self.shards, self.tokenizer, config.variants, said="scene"
        )
        self.unet = self.frozen_base(config.unet)

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

    def flat_pictures(self, pairs: list[Pair]) -> Tensor:
        """Scaled latents (n, C, h, w) of the garments, masked."""
        x = torch.from_numpy(np.stack([p.flat.picture for p in pairs])).to(self.device)
        masks = torch.from_numpy(np.stack([p.flat.garment_mask for p in pairs]) > 127)
        x = pictures_to_tensor(x)
        return encode(self.vae, x * masks.to(x)[:, None]).float() * self.scale

    def pair_sheet(
        self,
        path: Path,
        condition: Callable[[Pair, Tensor], Condition],
        sg: float = 1.0,
    ) -> None:
        """Held-out garments: laid flat, worn in truth, and what is made of the flat picture.

        Args:
            condition: from a pair and its flat latents (1, C, h, w).
            sg: garment guidance.
        """
        # No training sees these.
        pairs = [sample_pair(HELD_OUT + i) for i in range(self.config.sample_count)]
        latents = self.flat_pictures(pairs)
        shown: list[Any] = []
        captions: list[str] = []
        for i, pair in enumerate(pairs):
            prompt = scene_caption(pair.worn.spec, np.random.default_rng([5, i]))
            heard = condition(pair, latents[[i]])
            made = self.picture(prompt, i, heard, sg=sg, side=latents.shape[-1])
            shown += [pair.flat.picture, pair.worn.picture, made]
            captions += ["the garment", "worn in truth", prompt]
        save_sheet(path, shown, captions, columns=6)
