"""Reconstruction losses of the autoencoder. Pictures are (B, 3, H, W) in [-1, 1].

Where a loss takes `places`, they are weights of the pixels, (B, 1, H, W) with mean 1.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def charbonnier(a: Tensor, b: Tensor, places: Tensor | None = None, width: float = 1e-3) -> Tensor:
    """Smooth absolute difference: L1 with a parabola of the given width at 0."""
    return _mean(((a - b).pow(2) + width**2).sqrt(), places)


def squares(a: Tensor, b: Tensor, places: Tensor | None = None) -> Tensor:
    """Mean squared difference."""
    return _mean((a - b).pow(2), places)


def mean_colour(a: Tensor, b: Tensor, sides: tuple[int, ...] = (8, 32)) -> Tensor:
    """Absolute difference of mean colours in squares of the given sides (pixels)."""
    terms = [(F.avg_pool2d(a, s) - F.avg_pool2d(b, s)).abs().mean() for s in sides]
    return torch.stack(terms).mean()


def edges(a: Tensor, b: Tensor, places: Tensor | None = None) -> Tensor:
    """Absolute difference of the horizontal and vertical gradients."""
    across = (a[..., 1:] - a[..., :-1]) - (b[..., 1:] - b[..., :-1])
    down = (a[..., 1:, :] - a[..., :-1, :]) - (b[..., 1:, :] - b[..., :-1, :])
    left, above = (None, None) if places is None else (places[..., 1:], places[..., 1:, :])
    return _mean(across.abs(), left) + _mean(down.abs(), above)


def _mean(values: Tensor, places: Tensor | None) -> Tensor:
    return values.mean() if places is None else (values * places).mean()


def standardised(latents: Tensor) -> Tensor:
    """Drives each channel's mean over the batch to 0 and its spread to 1; (B, C, H, W)."""
    z = latents.float()
    mean, spread = z.mean((0, 2, 3)), z.std((0, 2, 3))
    return mean.pow(2).mean() + (spread - 1).pow(2).mean()


def psnr(a: Tensor, b: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB over the whole batch; pictures in [-1, 1]."""
    return 10 * torch.log10(4 / (a.clamp(-1, 1) - b).pow(2).mean().clamp_min(1e-10))
