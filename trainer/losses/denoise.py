"""The denoising objective in v-prediction.

Progressive Distillation (Salimans & Ho 2022, arXiv 2202.00512): v = sqrt(a) n - sqrt(1 - a) z.
Uniform weighting is the plain mean squared error, as both papers on garments train with. Min-SNR
weighting (Hang et al. 2023, arXiv 2303.09556) is min(snr, 5) / (snr + 1) for v-prediction and
min(snr, 5) / snr for noise: for v-prediction it leaves about 1 percent of the weight to the
noisiest fifth of the steps, where sleeves, necklines and the cut are decided.

Zero terminal SNR (Lin et al. 2023, arXiv 2305.08891): Stable Diffusion's schedule ends at a
signal-to-noise ratio of 0.005. A network learns to read the mean of the picture from what is left
there, and takes the grey of pure noise for it when it samples: grounds come out grey whatever the
words ask for.
"""

from typing import Literal

import torch
from torch import Tensor

TIMESTEPS, FIRST_BETA, LAST_BETA = 1000, 0.00085, 0.012
"""Stable Diffusion's schedule."""


def scaled_linear_alphas(zero_terminal_snr: bool = False) -> Tensor:
    """Cumulative alphas of that schedule, float32 (TIMESTEPS,).

    Args:
        zero_terminal_snr: shift and scale the square roots so that the last one is zero and the
            first one stays (arXiv 2305.08891, algorithm 1).
    """
    ends = FIRST_BETA**0.5, LAST_BETA**0.5
    betas = torch.linspace(*ends, TIMESTEPS, dtype=torch.float64) ** 2
    roots = torch.cumprod(1 - betas, 0).sqrt()
    if zero_terminal_snr:
        roots = (roots - roots[-1]) * roots[0] / (roots[0] - roots[-1])
    return roots.square().float()


Prediction = Literal["v_prediction", "epsilon"]
Weighting = Literal["uniform", "min_snr"]
_GAMMA = 5.0


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


def denoising_loss(
    predicted: Tensor,
    target: Tensor,
    alpha: Tensor,
    weighting: Weighting = "uniform",
    prediction: Prediction = "v_prediction",
    places: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """The weighted loss and the plain mean squared error, both scalars.

    Args:
        predicted, target: (B, C, H, W), velocity or noise as `prediction` says.
        alpha: cumulative alpha of each sample, (B,).
        weighting: how much each timestep counts.
        places: weights of the places, (B, 1, H, W) with mean 1, in the loss alone.
    """
    square = (predicted.float() - target.float()).pow(2)
    plain = square.mean((1, 2, 3))
    each = plain if places is None else (square * places).mean((1, 2, 3))
    if weighting == "min_snr":
        snr = alpha / (1 - alpha)
        each = each * snr.clamp(max=_GAMMA) / (snr + 1 if prediction == "v_prediction" else snr)
    return each.mean(), plain.mean()
