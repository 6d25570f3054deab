"""The garment extractor of Magic Clothing (arXiv 2404.09512) on a frozen base.

The extractor starts as a copy of the UNet. It reads the clean latents of the garment's masked
picture at timestep 0 with empty words; what enters its self-attentions stands beside the frozen
denoiser's own tokens. Only the extractor is trained.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor, nn

from studio.conditions.garment import GarmentCondition, GarmentExtractor
from studio.request import Control
from trainer.config import reads
from trainer.data.pairs import Pair
from trainer.loop import Batch
from trainer.recipes.shared.pairs import PairConfig, PairRecipe
from trainer.state import copy_halved

GARMENT_GUIDANCE = 2.5
_TRAITS = {"joint": True, "zeros": True}
"""How the extractor is used, see `studio.conditions.garment.GarmentExtractor`."""


class GarmentConfig(PairConfig):
    """The garment extractor."""

    extractor: Path | None = reads("extractor", "named")
    """Folder of an extractor to go on from."""


class GarmentRecipe(PairRecipe[GarmentConfig]):
    """Trains the garment extractor."""

    name = "garment"
    writes: ClassVar = {"extractor": "garment_extractor"}

    def build(self) -> dict[str, nn.Module]:
        """Opens the data, copies the UNet into the extractor."""
        config = self.config
        self.open_data()
        start = UNet2DConditionModel.from_pretrained(config.extractor or config.unet)
        self.extractor = self.convolutional(start)
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

    def sample(self, path: Path) -> None:
        """Held-out garments: flat, worn in truth, and made from the flat one."""
        self.seen.forget()

        def condition(pair: Pair, latents: Tensor) -> GarmentCondition:
            key = str(pair.flat.seed).encode()
            features = self.seen.features(key, lambda: latents, self.no_words)
            return GarmentCondition(self.seen, features, Control())

        self.pair_sheet(path, condition, GARMENT_GUIDANCE)

    def save(self, folder: Path) -> None:
        """Writes the folder `extractor`."""
        self.extractor.save_pretrained(folder / "extractor")

    @staticmethod
    def publish(weights: Path, folder: Path) -> None:
        """Beside the weights stands how the studio uses them."""
        copy_halved(weights, folder)
        (folder / "adapter.json").write_text(json.dumps(_TRAITS, indent=2) + "\n")
