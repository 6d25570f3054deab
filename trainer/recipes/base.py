"""Text to latents: the text encoder and the UNet together, in v-prediction."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor, nn

from studio.errors import BadInput
from studio.garment.caption import caption
from trainer.config import NotNegative, Strict, Whole, reads
from trainer.data.wardrobe import HELD_OUT, sample_spec
from trainer.loop import Batch
from trainer.recipes.shared.diffusion import DiffusionConfig, DiffusionRecipe
from trainer.recipes.text import Questions, answers, questions
from trainer.sheets import save_sheet

POOLING_HEADS = 4


class UnetShape(Strict):
    """The shape of the UNet; the lists go from fine to coarse."""

    channels: tuple[int, ...] = (64, 128, 192)
    """Channels of each level."""
    layers: Whole = 1
    """Residual blocks of a level on the way down."""
    attention: tuple[bool, ...] = (False, True, True)
    """Whether a level attends to itself and to the words."""
    heads: tuple[int, ...] = (2, 4, 4)
    """Attention heads of each level."""
    groups: Whole = 16
    """Groups of the group norms."""
    pooled_words: bool = False
    """The words' pooled features shift every block, beside cross-attention."""


class BaseConfig(DiffusionConfig):
    """Text to latents."""

    unet: Path | None = reads("unet", "named")
    """Folder of a UNet to start from, if any."""
    reading_weight: NotNegative = 0.0
    """Weight of the text recipe's questions about the caption, beside the loss: denoising alone
    teaches the encoder rare words (crewneck, band collar) slowly."""
    shape: UnetShape = UnetShape.model_validate({})


def new_unet(shape: UnetShape, channels: int, side: int, width: int) -> UNet2DConditionModel:
    """An untrained UNet for latents of (channels, side, side) and words of `width` features."""
    pooled = {"addition_embed_type": "text", "addition_embed_type_num_heads": POOLING_HEADS}
    down = tuple("CrossAttnDownBlock2D" if a else "DownBlock2D" for a in shape.attention)
    up = tuple("CrossAttnUpBlock2D" if a else "UpBlock2D" for a in reversed(shape.attention))
    return UNet2DConditionModel(
        sample_size=side,
        in_channels=channels,
        out_channels=channels,
        down_block_types=down,
        up_block_types=up,
        block_out_channels=shape.channels,
        layers_per_block=shape.layers,
        cross_attention_dim=width,
        attention_head_dim=shape.heads,  # type: ignore[arg-type]
        norm_num_groups=shape.groups,
        **(pooled if shape.pooled_words else {}),  # type: ignore[arg-type]
    )


def with_pooled_words(unet: UNet2DConditionModel) -> UNet2DConditionModel:
    """A UNet that also hears the words' pooled features; at first it answers as `unet` does.

    What a small UNet must know everywhere at once (the type, the colour) reaches it slowly
    through cross-attention at two of three levels; added to the time embedding it reaches every
    block. diffusers' own `TextTimeEmbedding` does it, so that plain pipelines load the result.
    """
    if unet.config.addition_embed_type == "text":  # type: ignore[attr-defined]
        return unet
    config = dict(unet.config)
    config |= {"addition_embed_type": "text", "addition_embed_type_num_heads": POOLING_HEADS}
    grown: Any = UNet2DConditionModel.from_config(config)
    missing, unexpected = grown.load_state_dict(unet.state_dict(), strict=False)
    assert not unexpected and all(key.startswith("add_embedding.") for key in missing)
    nn.init.zeros_(grown.add_embedding.norm2.weight)
    nn.init.zeros_(grown.add_embedding.norm2.bias)
    return grown


class BaseRecipe(DiffusionRecipe[BaseConfig]):
    """Trains text encoder and UNet jointly."""

    name = "base"
    writes: ClassVar = {"text_encoder": "text_encoder", "unet": "unet"}

    def build(self) -> dict[str, nn.Module]:
        """Opens the data, loads the text encoder, makes or loads the UNet."""
        config = self.config
        self.open_data()
        width = self.text_encoder.config.hidden_size
        if config.unet is not None:
            unet = UNet2DConditionModel.from_pretrained(config.unet)
            if config.shape.pooled_words:
                unet = with_pooled_words(unet)
            unet.register_to_config(sample_size=self.latents.side)
        else:
            unet = new_unet(config.shape, self.latents.channels, self.latents.side, width)
        self.unet = self.convolutional(unet)
        self._call = torch.compile(self.unet) if config.loop.compile else self.unet
        trained: dict[str, nn.Module] = {"unet": self.unet, "text_encoder": self.text_encoder}
        if config.reading_weight:
            if self.shards.captioned:
                raise BadInput("reading_weight asks what a wardrobe's picture shows: leave it out.")
            self._answers = answers(self.shards.specs)
            self._heads = Questions(width, list(questions().values())).to(self.device)
            trained["reading"] = self._heads
        return trained

    def batch(self, step: int) -> Batch:
        """As every diffusion recipe's, with the right answers (B, questions) where any is asked."""
        batch = super().batch(step)
        if self.config.reading_weight:
            batch["answers"] = torch.from_numpy(self._answers[batch["rows"].numpy()])
        return batch

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Predict the velocity of noised latents from their caption."""
        x, velocity, time, alpha = self.noisy(batch)
        words = self.text_encoder(input_ids=batch["tokens"]).last_hidden_state
        out = self._call(x, time, encoder_hidden_states=words, return_dict=False)[0]
        found = self.losses(out, velocity, alpha, batch)
        if "answers" in batch:
            found["reading_error"] = self._misread(words, batch)
            found["loss"] = found["loss"] + self.config.reading_weight * found["reading_error"]
        return found

    def _misread(self, words: Tensor, batch: Batch) -> Tensor:
        """Mean cross entropy of the questions about the captions that are not empty."""
        tokens, truth = batch["tokens"], batch["answers"]
        ended = (tokens == self.tokenizer.eos_token_id).long().cumsum(1)
        logits = self._heads(words.float(), ended <= 1)
        error = F.cross_entropy(logits.flatten(0, 1), truth.flatten(), reduction="none")
        told = ended[:, 1] == 0  # an empty caption ends at once
        return (error.view_as(truth).mean(1) * told).sum() / told.sum().clamp(min=1)

    def sample(self, path: Path) -> None:
        """Pictures of held-out prompts, always the same prompts and seeds."""
        specs = [sample_spec(HELD_OUT + i) for i in range(self.config.sample_count)]
        prompts = [caption(s, np.random.default_rng([5, i])) for i, s in enumerate(specs)]
        save_sheet(path, [self.picture(p, i) for i, p in enumerate(prompts)], prompts)

    def save(self, folder: Path) -> None:
        """Writes the folders `unet` and `text_encoder`."""
        self.unet.save_pretrained(folder / "unet")
        self.text_encoder.save_pretrained(folder / "text_encoder")
