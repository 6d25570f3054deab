"""Small pictures of what is being made, cheap enough to show while it is made."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image

from studio.engine.latents import decode_picture, encode_picture
from studio.engine.loading import Family

_LONGEST = 16
"""Side in latent pixels of what a large autoencoder is asked to decode."""


class Previews:
    """Decodes estimates, no more often than asked.

    A tiny autoencoder decodes the estimate at half size. A large one would take longer than a
    step, so colours are read off the latents by a linear map, fitted once to that autoencoder.

    Args:
        family: whose autoencoder reads the latents.
        interval: least seconds between two previews.
        clock: seconds, for the interval.
    """

    def __init__(
        self, family: Family, interval: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.family = family
        self.interval = interval
        self._clock = clock
        self._last = -float("inf")
        self._tiny = type(family.vae).__name__ == "AutoencoderTiny"
        self._map: torch.Tensor | None = None

    def due(self) -> bool:
        """Whether the interval has passed since the last preview."""
        return self._clock() - self._last >= self.interval

    @torch.inference_mode()
    def draw(self, latents: torch.Tensor) -> list[Image.Image]:
        """One small picture for each of the latents (pictures, C, h, w)."""
        if self._tiny:
            small = torch.nn.functional.avg_pool2d(latents, 2, ceil_mode=True)
            pictures = [Image.fromarray(decode_picture(self.family, s[None])) for s in small]
        else:
            pictures = [self._by_colour(one) for one in latents]
        self._last = self._clock()
        return pictures

    def _by_colour(self, latents: torch.Tensor) -> Image.Image:
        if self._map is None:
            self._map = fit_colours(self.family)
        flat = latents.flatten(1).T.float().cpu()
        ones = torch.ones(len(flat), 1)
        colours = (torch.cat([flat, ones], 1) @ self._map).clamp(0, 255)
        shape = (latents.shape[1], latents.shape[2], 3)
        picture = Image.fromarray(colours.reshape(shape).round().to(torch.uint8).numpy())
        return picture.resize((picture.width * 4, picture.height * 4), Image.Resampling.BICUBIC)


def fit_colours(family: Family) -> torch.Tensor:
    """(C + 1, 3): least-squares map from a latent pixel and 1 to red, green and blue in 0..255.

    Fitted on smooth random pictures that the autoencoder decodes from its own encoding.
    """
    rng = np.random.default_rng(0)
    side = _LONGEST * family.reduction
    rows, targets = [], []
    for _ in range(4):
        coarse = rng.integers(0, 256, (5, 5, 3), np.uint8)
        picture = Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)
        latents = encode_picture(family, picture)[0].float().cpu()
        small = picture.resize((latents.shape[2], latents.shape[1]), Image.Resampling.BOX)
        rows.append(latents.flatten(1).T)
        targets.append(torch.from_numpy(np.asarray(small, np.float32).reshape(-1, 3).copy()))
    known = torch.cat(rows)
    known = torch.cat([known, torch.ones(len(known), 1)], 1)
    return torch.linalg.lstsq(known, torch.cat(targets), driver="gelsd").solution
