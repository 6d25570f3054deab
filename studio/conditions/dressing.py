"""The garment's picture, as IMAGDressing-v1 sees it (arXiv 2407.12705).

A garment UNet of the denoiser's own shape reads the clean latents of the garment together with
tokens of an image encoder, in the place of words; every self-attention of the denoiser adds a
second attention over what entered the garment UNet's, with keys and values of its own, weighed by
lambda (eq. 5). Branches without garment are the plain model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from studio.conditions.attention import LayerTensors
from studio.conditions.garment import GarmentCondition, GarmentExtractor, LayerWeights
from studio.request import Control
from studio.vision.framing import Picture
from studio.vision.image_encoder import ImageEncoder


class DressingEncoder:
    """Everything that turns a garment's picture into what the denoiser sees.

    Args:
        network: the garment UNet.
        image_encoder: gives tokens of the picture.
        resampler: makes those few enough to be the garment UNet's words.
        layers: key and value projections of the added attention, by the layer's name.
        masked: whether it was trained on the masked garment; published weights read the whole
            picture.
    """

    def __init__(
        self,
        network: Any,
        image_encoder: ImageEncoder,
        resampler: nn.Module,
        layers: LayerWeights,
        *,
        masked: bool = False,
    ) -> None:
        self.extractor = GarmentExtractor(network, joint=False, zeros=False, layers=layers)
        self.image_encoder, self.resampler, self.masked = image_encoder, resampler, masked

    def forget(self) -> None:
        """Empty the memory of garments."""
        self.extractor.forget()

    @torch.inference_mode()
    def tokens(self, picture: Picture) -> Tensor:
        """(1, tokens, width) of a picture, for the garment UNet's cross-attention."""
        weight = next(self.resampler.parameters())
        return self.resampler(self.image_encoder.tokens([picture]).to(weight))

    def features(self, key: bytes, latents: Callable[[], Tensor], picture: Picture) -> LayerTensors:
        """What each self-attention of the denoiser gets to see of a garment.

        Args:
            key: names the garment, its mask and size; equal keys are computed once.
            latents: the garment's clean latents (1, C, h, w), asked for where they are needed.
            picture: for the image encoder.
        """
        return self.extractor.features(key, latents, lambda: self.tokens(picture))


def dressing_condition(
    encoder: DressingEncoder, features: LayerTensors, weight: float
) -> GarmentCondition:
    """The garment with weight lambda in the text branch, and in the garment's where there is one.

    Args:
        weight: lambda; 0 is the plain model, 1 what the weights were trained with.
    """
    return GarmentCondition(encoder.extractor, features, Control(weight), name="dressing")
