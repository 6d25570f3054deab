"""The garment's picture, as Magic Clothing sees it (arXiv 2404.09512).

A garment extractor, a UNet of the denoiser's own shape, reads the masked picture of the garment
once; the denoiser's self-attentions then see what entered the extractor's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from studio.conditions.attention import (
    ImageTokens,
    LayerTensors,
    OwnKeys,
    Source,
    record_features,
)
from studio.conditions.base import Branch
from studio.conditions.memory import Memory
from studio.request import Control

_KEPT_GARMENTS = 8


def masked_garment(
    picture: Image.Image, mask: NDArray[np.uint8] | None, width: int, height: int
) -> Tensor:
    """What the extractor's autoencoder reads: the garment alone, on mid-grey.

    Args:
        picture: RGB, stretched to the size as the published weights were trained (Lanczos).
        mask: (H, W) of any size, above 127 on the garment; None keeps the whole picture.
        width, height: of the picture that will be made.

    Returns:
        (1, 3, height, width) float32 in -1..1, 0 outside the mask.
    """
    resized = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    values = torch.from_numpy(np.asarray(resized, np.float32) / 127.5 - 1.0)
    pixels = values.permute(2, 0, 1)[None]
    if mask is None:
        return pixels
    fitted = Image.fromarray(mask).resize((width, height), Image.Resampling.NEAREST)
    return pixels * torch.from_numpy((np.asarray(fitted) > 127).astype(np.float32))


class GarmentExtractor:
    """A garment UNet and its memory of garments.

    Args:
        network: a `UNet2DConditionModel` shaped like the denoiser.
        joint: whether its weights were trained for a scale of their own (sG) beside the text's;
            otherwise one scale steers both, as with the first published weights.
        zeros: what branches without garment see: zero tokens in the garment's place, as the
            published weights were used, or nothing.
        layers: key and value projections of decoupled weights, which add a second attention
            instead of joining the first; None for the denoiser's own projections.
    """

    name = "garment"

    def __init__(
        self,
        network: Any,
        *,
        joint: bool = True,
        zeros: bool = True,
        layers: OwnKeys | None = None,
    ) -> None:
        self.network, self.joint, self.zeros, self.layers = network, joint, zeros, layers
        self._kept: Memory[LayerTensors] = Memory(_KEPT_GARMENTS)
        self.passes = 0

    def forget(self) -> None:
        """Empty the memory of garments."""
        self._kept.forget()

    @torch.inference_mode()
    def features(
        self, key: bytes, latents: Callable[[], Tensor], words: Callable[[], Tensor]
    ) -> LayerTensors:
        """What each self-attention of the denoiser gets to see of a garment.

        Args:
            key: names the garment, its mask and size; equal keys are computed once.
            latents: the garment's clean latents (1, C, h, w), asked for where they are needed.
            words: (1, tokens, width) for the extractor's cross-attention, likewise: the encoding
                of the empty text, or IMAGDressing's image tokens.

        Returns:
            (1, N, C) for each layer.
        """
        return self._kept.find(key, lambda: self._read(latents(), words()))

    def _read(self, latents: Tensor, words: Tensor) -> LayerTensors:
        clean = latents.to(self.network.device, self.network.dtype)
        clean = clean.contiguous(memory_format=torch.channels_last)
        time = torch.zeros((), dtype=torch.long, device=clean.device)
        told = words.to(self.network.device, self.network.dtype)
        found = record_features(self.network, clean, time, told)
        self.passes += 1
        return found


class GarmentCondition(Source):
    """The garment in the garment and text branches.

    Args:
        extractor: whose weights these features are of.
        features: from `GarmentExtractor.features`.
        control: how strongly and when it is heard. The strength weighs the garment's tokens in
            the softmax, or is IMAGDressing's lambda where its attention is added; 1 is what the
            weights were trained with.
    """

    where = "attn1"
    seen_by = frozenset({Branch.GARMENT, Branch.TEXT})

    def __init__(
        self, extractor: GarmentExtractor, features: LayerTensors, control: Control
    ) -> None:
        super().__init__(control)
        self.extractor, self.features, self.name = extractor, features, extractor.name
        self.keys, self.zeros = extractor.layers, extractor.zeros
        self.how = "joined" if extractor.layers is None else "added"

    @property
    def branches(self) -> frozenset[Branch]:
        """The garment's own branch where its scale is apart from the text's."""
        apart = {Branch.GARMENT} if self.extractor.joint else set()
        return frozenset({Branch.UNCONDITIONAL, *apart})

    def layer(self, name: str) -> ImageTokens:
        """What the extractor saw in one layer."""
        return ImageTokens(self.features[name])
