"""The denoising objective in v-prediction.

Progressive Distillation (Salimans & Ho 2022, arXiv 2202.00512): v = sqrt(a) n - sqrt(1 - a) z.
Min-SNR weighting (Hang et al. 2023, arXiv 2303.09556): min(snr, 5) / (snr + 1) for v-prediction,
min(snr, 5) / snr for noise.
"""

from typing import Literal

import torch
from torch import Tensor


def scaled_linear_alphas(steps: int = 1000, start: float = 0.00085, end: float = 0.012) -> Tensor:
    """Cumulative alphas of Stable Diffusion's schedule, float32 (steps,)."""
    betas = torch.linspace(start**0.5, end**0.5, steps, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, 0).float()


Prediction = Literal["v_prediction", "epsilon"]


def noised(
    clean: Tensor, noise: Tensor, alpha: Tensor, prediction: Prediction = "v_prediction"
) -> tuple[Tensor, Tensor]:
    """The noisy latents, and the velocity or noise to predict.

    Args:
        clean, noise: (B, C, H, W).
        alpha: cumulative alpha of each sample, (B,).
    """
    a = alpha.view(-1, 1, 1, 1)
    keep, add = a.sqrt(), (1 - a).sqrt()
    target = keep * noise - add * clean if prediction == "v_prediction" else noise
    return keep * clean + add * noise, target


def min_snr_loss(
    predicted: Tensor,
    target: Tensor,
    alpha: Tensor,
    gamma: float = 5.0,
    prediction: Prediction = "v_prediction",
    places: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """The weighted loss and the plain mean squared error, both scalars.

    Args:
        predicted, target: (B, C, H, W), velocity or noise as `prediction` says.
        places: weights of the places, (B, 1, H, W) with mean 1, in the loss alone.
    """
    snr = alpha / (1 - alpha)
    weight = snr.clamp(max=gamma) / (snr + 1 if prediction == "v_prediction" else snr)
    square = (predicted.float() - target.float()).pow(2)
    plain = square.mean((1, 2, 3))
    each = plain if places is None else (square * places).mean((1, 2, 3))
    return (weight * each).mean(), plain.mean()
