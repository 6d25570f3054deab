"""The garment's picture, as IMAGDressing-v1 sees it (arXiv 2407.12705).

A garment UNet of the denoiser's own shape reads the clean latents of the garment together with
tokens of an image encoder, in the place of words; every self-attention of the denoiser adds a
second attention over what entered the garment UNet's, with keys and values of its own, weighed by
lambda (eq. 5). Branches without garment are the plain model.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.checkpoints import read_weights
from studio.checkpoints.shapes import part
from studio.conditions.attention import OwnKeys
from studio.conditions.garment import GarmentExtractor
from studio.conditions.resampler import Resampler
from studio.errors import ModelDamaged
from studio.forms import read_object
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


def load_own_dressing(
    folder: Path, unet: Callable[[str], Any], image_encoder: ImageEncoder
) -> DressingEncoder:
    """The dressing that the trainer writes: published names, perhaps on another UNet's weights.

    Args:
        folder: with config.json and model.safetensors.
        unet: loads a UNet of the model by its folder's name.
        image_encoder: the one that it was trained with.

    Raises:
        ModelMissing, ModelDamaged: with a sentence that says what to do.
    """
    weights = read_weights(folder / "model.safetensors")
    network = unet("garment_extractor")
    place = next(network.parameters())
    own = {k: v.to(place) for k, v in part(weights, "ref_unet.").items()}
    if network.load_state_dict(own, strict=False).unexpected_keys:
        raise ModelDamaged("The model's dressing does not fit its UNet: install the model again.")
    layers = OwnKeys.from_state(part(weights, "adapter_modules.")).to(place)
    layers.check(network, "attn1")
    masked = bool(read_object((folder / "config.json").read_bytes()).get("masked", False))
    resampler = Resampler.from_state({k: v.float() for k, v in part(weights, "proj.").items()})
    return DressingEncoder(
        network, image_encoder, resampler.to(place.device), layers, masked=masked
    )
