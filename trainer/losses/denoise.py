"""The denoising objective in v-prediction.

Progressive Distillation (Salimans & Ho 2022, arXiv 2202.00512): v = sqrt(a) n - sqrt(1 - a) z.
Min-SNR weighting (Hang et al. 2023, arXiv 2303.09556): for v-prediction min(snr, 5) / (snr + 1).
"""

import torch
from torch import Tensor


def scaled_linear_alphas(steps: int = 1000, start: float = 0.00085, end: float = 0.012) -> Tensor:
    """Cumulative alphas of Stable Diffusion's schedule, float32 (steps,)."""
    betas = torch.linspace(start**0.5, end**0.5, steps, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, 0).float()


def noised(clean: Tensor, noise: Tensor, alpha: Tensor) -> tuple[Tensor, Tensor]:
    """The noisy latents and the velocity to predict.

    Args:
        clean, noise: (B, C, H, W).
        alpha: cumulative alpha of each sample, (B,).
    """
    a = alpha.view(-1, 1, 1, 1)
    keep, add = a.sqrt(), (1 - a).sqrt()
    return keep * clean + add * noise, keep * noise - add * clean


def min_snr_loss(
    predicted: Tensor, velocity: Tensor, alpha: Tensor, gamma: float = 5.0
) -> tuple[Tensor, Tensor]:
    """The weighted loss and the plain mean squared error, both scalars."""
    snr = alpha / (1 - alpha)
    weight = snr.clamp(max=gamma) / (snr + 1)
    each = (predicted.float() - velocity.float()).pow(2).mean((1, 2, 3))
    return (weight * each).mean(), each.mean()
