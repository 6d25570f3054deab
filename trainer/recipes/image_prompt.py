"""A garment's picture as a prompt: IP-Adapter (arXiv 2308.06721) from pairs.

The flat picture of a pair prompts for the worn one, by the frozen image encoder's tokens and a
resampler.

    python -m trainer image_prompt --config trainer/configs/image_prompt.toml \
        --run runs/family/image_prompt
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

from studio.conditions.image_prompt import ImagePromptAdapter, ImagePromptCondition
from studio.request import Control
from studio.vision.image_encoder import ImageEncoder
from trainer.config import reads
from trainer.data.pairs import Pair
from trainer.loop import Batch
from trainer.recipes.shared.pairs import ResamplerShape
from trainer.recipes.shared.prompt import PromptConfig, PromptRecipe


class ImagePromptConfig(PromptConfig):
    """Encoder and shape."""

    image_encoder: Path = reads("image_encoder")
    """Folder of the image encoder, which stays as it is."""
    adapter: Path | None = reads("image_prompt", "named")
    """Folder of an adapter of the same shape to go on from."""
    resampler: ResamplerShape = ResamplerShape.model_validate({})


class ImagePromptRecipe(PromptRecipe[ImagePromptConfig]):
    """Garments through a resampler."""

    name = "image_prompt"
    writes: ClassVar = {"image_prompt": None}
    adapter = ImagePromptAdapter

    def open_prompts(self, width: int) -> nn.Module:
        """Opens the image encoder; returns a resampler."""
        self.encoder = ImageEncoder.load(self.config.image_encoder, self.device)
        return self.config.resampler.made(self.encoder.width, width)

    def batch(self, step: int) -> Batch:
        """As for all pairs, and the garments' pictures, float32 (B, 3, S, S)."""
        batch = super().batch(step)
        views = self.pairs.flat.views(batch["rows"].numpy())
        return {**batch, "pictures": self.encoder.pixels(views).cpu()}

    def image_tokens(self, pictures: Tensor, seen: Tensor) -> Tensor:
        """(B, tokens, width) of pictures (B, 3, S, S)."""
        tokens, nothing = self.encoder.tokens_of(pictures), self.encoder.zero_tokens()
        return self.projection(torch.where(seen[:, None, None], tokens, nothing))

    def prompted(self, adapter: ImagePromptAdapter, pair: Pair) -> ImagePromptCondition:
        """The garment's picture."""
        tokens = adapter.tokens(self.encoder, [pair.flat.picture])
        return ImagePromptCondition(adapter, tokens, Control())
