"""Corresponding points by the features of a diffusion UNet (DIFT).

Tang et al. 2023, "Emergent Correspondence from Image Diffusion" (arXiv 2306.03881): a clean
picture's latents with a little noise go through the UNet once; what a block of its upward path
says of a place is much the same for corresponding places of two pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from studio.engine.latents import encode_picture
from studio.engine.loading import Family

_BATCH = 8


class DiffusionFeatures:
    """Features of a family's own UNet.

    Args:
        family: any diffusers family that the engine loads.
        blocks: which blocks of the upward path take part, by index; those of several are set
            side by side, each brought to unit length first.
        timestep: how much noise, 0 to 999.
        ensemble: over how many noises the features are averaged.
        prompt: what the UNet is told to see.
        masked: whether pictures come with a black ground.
        seed: of the noises, which are the same for every picture: a picture's features do not
            depend on what is measured beside it.
    """

    def __init__(
        self,
        family: Family,
        blocks: Sequence[int],
        timestep: int,
        ensemble: int,
        prompt: str = "",
        masked: bool = False,
        seed: int = 0,
    ):
        self.family, self.blocks, self.timestep = family, tuple(blocks), timestep
        self.ensemble, self.prompt, self.masked, self.seed = ensemble, prompt, masked, seed
        self.name = (
            f"DIFT of {family.entry.name} (up blocks {', '.join(map(str, self.blocks))}, "
            f"t={timestep}, {ensemble} noises)"
        )
        scheduler: Any = DDPMScheduler.from_config(family.scheduler)
        self._kept = float(scheduler.alphas_cumprod[timestep])

    @torch.inference_mode()
    def features(self, pictures: NDArray[np.uint8]) -> Tensor:
        """(n, C, h, w) float32 of pictures (n, H, W, 3) whose sides the autoencoder can halve."""
        generator = torch.Generator().manual_seed(self.seed)
        latents = torch.cat([encode_picture(self.family, Image.fromarray(p)) for p in pictures])
        shape = (self.ensemble, 1, *latents.shape[1:])
        noises = torch.randn(shape, generator=generator).to(latents)
        words = self.family.text.encode(self.prompt).embeddings.to(self.family.dtype)
        words = words.to(latents.device)
        parts: list[Tensor] = []
        for start in range(0, len(latents), _BATCH):
            clean = latents[start : start + _BATCH]
            total: list[Tensor] = []
            for noise in noises:
                noisy = self._kept**0.5 * clean + (1 - self._kept) ** 0.5 * noise
                found = self._one_pass(noisy, words)
                total = [a + b for a, b in zip(total, found, strict=True)] if total else found
            parts.append(_side_by_side(total))
        return torch.cat(parts)

    def _one_pass(self, noisy: Tensor, words: Tensor) -> list[Tensor]:
        unet = self.family.unet
        with _listening([unet.up_blocks[i] for i in self.blocks]) as heard:
            unet(
                noisy.to(self.family.dtype),
                torch.tensor(self.timestep, device=noisy.device),
                encoder_hidden_states=words.expand(len(noisy), -1, -1),
            )
        return [features.float() for features in heard]


@contextmanager
def _listening(blocks: Sequence[nn.Module]) -> Iterator[list[Tensor]]:
    """What the blocks answer meanwhile, in their order."""
    heard: list[Tensor] = []

    def hear(module: nn.Module, inputs: object, output: Tensor | tuple[Tensor, ...]) -> None:
        heard.append(output[0] if isinstance(output, tuple) else output)

    hooks = [block.register_forward_hook(hear) for block in blocks]
    try:
        yield heard
    finally:
        for hook in hooks:
            hook.remove()


def _side_by_side(features: Sequence[Tensor]) -> Tensor:
    """Unit vectors of every block, at the finest block's size, joined along the channels."""
    if len(features) == 1:
        return features[0]
    side = max((f.shape[-2], f.shape[-1]) for f in features)
    return torch.cat(
        [F.normalize(F.interpolate(f, side, mode="bilinear"), dim=1) for f in features], dim=1
    )
