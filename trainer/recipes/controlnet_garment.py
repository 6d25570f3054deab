"""ControlNet-Garment: a ControlNet that reads the garment's picture, to compare with.

The comparison of Magic Clothing (arXiv 2404.09512, section 4.2): the garment as the condition of
a ControlNet (arXiv 2302.05543), whose residuals are bound to the places of the flat picture.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from studio.conditions.board import BOARD_CHANNELS
from studio.conditions.control import BoardControl, BoardNetwork, BoardPart
from studio.request import Control
from trainer.config import reads
from trainer.data.pairs import Pair
from trainer.loop import Batch
from trainer.recipes.controlnet import started
from trainer.recipes.shared.pairs import PairConfig, PairRecipe


class ControlnetGarmentConfig(PairConfig):
    """ControlNet-Garment."""

    controlnet: Path | None = reads("controlnet_garment", "named")
    """Folder of a control network to go on from, if any."""
    embedding: tuple[int, int, int, int] = (16, 32, 64, 96)
    """Channels of the picture's own convolutions, fine to coarse."""


class ControlnetGarmentRecipe(PairRecipe[ControlnetGarmentConfig]):
    """Trains the control network; all else is frozen."""

    name = "controlnet_garment"
    writes: ClassVar = {"controlnet_garment": None}

    def build(self) -> dict[str, nn.Module]:
        """Opens the data and copies the UNet's encoder into the control network."""
        self.open_data()
        start = started(self.unet, self.config.embedding, self.config.controlnet, channels=3)
        self.control = self.convolutional(start)
        return {"controlnet": self.control}

    def batch(self, step: int) -> Batch:
        """As for all pairs, and the garments' pictures on grey, uint8 (B, H, W, 3)."""
        batch = super().batch(step)
        rows = batch["rows"].numpy()
        shown = self.pairs.flat.pictures(rows)
        shown[self.pairs.flat.garment_masks(rows) < 128] = 128
        shown[~batch["sees_garment"].numpy()] = 128
        factor = shown.shape[1] // self.config.size_pixels
        if factor > 1:
            small = (shown.shape[2] // factor, shown.shape[1] // factor)
            shown = np.stack([cv2.resize(s, small, interpolation=cv2.INTER_AREA) for s in shown])
        return {**batch, "pictures": torch.from_numpy(shown)}

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Predict the worn picture's velocity with the control network's residuals."""
        shown = batch["pictures"].permute(0, 3, 1, 2).float() / 255
        return self.controlled(self.unet, self.control, batch, shown)

    def sample(self, path: Path) -> None:
        """Held-out garments: flat, worn in truth, and made from the flat one."""
        network = BoardNetwork(self.control, "colours")

        def condition(pair: Pair, _: Tensor) -> BoardControl:
            flat = pair.flat
            shown = np.where(flat.garment_mask[..., None] > 127, flat.picture, 128)
            channels = np.zeros((len(BOARD_CHANNELS), *shown.shape[:2]), np.float32)
            channels[-3:] = shown.transpose(2, 0, 1) / 255
            part = BoardPart("garment", channels, Control())
            return BoardControl(network, [[part]], self.config.sample_steps)

        self.pair_sheet(path, condition)

    def save(self, folder: Path) -> None:
        """Writes the folder `controlnet_garment`."""
        self.control.save_pretrained(folder / "controlnet_garment")
