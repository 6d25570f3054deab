"""Losses that bring what belongs together near each other, and everything else apart."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

MOST_LOGIT_SCALE = math.log(100.0)
"""CLIP's cap of the logarithm of the inverse temperature (Radford et al. 2021, section 2.5)."""


def clip_loss(first: Tensor, second: Tensor, log_scale: Tensor) -> tuple[Tensor, Tensor]:
    """CLIP's symmetric cross entropy (Radford et al. 2021, arXiv 2103.00020, figure 3).

    Args:
        first, second: (N, D) unit vectors; row i of one belongs to row i of the other.
        log_scale: () logarithm of the inverse temperature, capped at `MOST_LOGIT_SCALE`.

    Returns:
        The loss, and which part of the rows of `first` is nearest to its own partner.
    """
    scale = log_scale.float().clamp(max=MOST_LOGIT_SCALE).exp()
    logits = scale * first.float() @ second.float().T
    wanted = torch.arange(len(logits), device=logits.device)
    loss = (F.cross_entropy(logits, wanted) + F.cross_entropy(logits.T, wanted)) / 2
    return loss, (logits.detach().argmax(1) == wanted).float().mean()


def supervised_contrastive(vectors: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """Rows of one label near each other (Khosla et al. 2020, arXiv 2004.11362, equation 2).

    Args:
        vectors: (N, D) unit vectors.
        labels: (N,) integers; a row that is alone with its label only pushes.
        temperature: of the softmax over the other rows.

    Returns:
        The mean over the rows that have a partner; 0 where none has.
    """
    logits = vectors.float() @ vectors.float().T / temperature
    itself = torch.eye(len(logits), dtype=torch.bool, device=logits.device)
    logits = logits.masked_fill(itself, -torch.inf)
    partner = (labels[:, None] == labels[None, :]) & ~itself
    log_share = logits - logits.logsumexp(1, keepdim=True)
    count = partner.sum(1)
    each = -log_share.masked_fill(~partner, 0).sum(1) / count.clamp(min=1)
    return each.sum() / (count > 0).sum().clamp(min=1)
