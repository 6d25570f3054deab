"""The garment's picture, as IMAGDressing-v1 sees it (arXiv 2407.12705).

A garment UNet of the denoiser's own shape reads the clean latents of the garment together with
tokens of an image encoder, in the place of words; every self-attention of the denoiser adds a
second attention over what entered the garment UNet's, with keys and values of its own, weighed by
lambda (eq. 5). Branches without garment are the plain model.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from studio.conditions.attention import OwnKeys
from studio.conditions.garment import GarmentExtractor
from studio.vision.framing import Picture
from studio.vision.image_encoder import ImageEncoder


class DressingEncoder(GarmentExtractor):
    """Everything that turns a garment's picture into what the denoiser sees.

    Args:
        network: the garment UNet.
        image_encoder: gives tokens of the picture.
        resampler: makes those few enough to be the garment UNet's words.
        layers: key and value projections of the added attention.
        masked: whether it was trained on the masked garment; published weights read the whole
            picture.
    """

    name = "dressing"

    def __init__(
        self,
        network: Any,
        image_encoder: ImageEncoder,
        resampler: nn.Module,
        layers: OwnKeys,
        *,
        masked: bool = False,
    ) -> None:
        super().__init__(network, joint=False, zeros=False, layers=layers)
        self.image_encoder, self.resampler, self.masked = image_encoder, resampler, masked

    @torch.inference_mode()
    def tokens(self, picture: Picture) -> Tensor:
        """(1, tokens, width) of a picture, for the garment UNet's cross-attention."""
        weight = next(self.resampler.parameters())
        return self.resampler(self.image_encoder.tokens([picture]).to(weight))
