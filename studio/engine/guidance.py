"""Guidance as data: which predictions a step needs and how they are combined.

Joint guidance (Magic Clothing, arXiv 2404.09512, eq. 5) has one scale for the garment's picture
and one for the text:

    eps = eps_u + sG * (eps_g - eps_u) + sT * (eps_t - eps_g)

Without a garment this is classifier-free guidance (arXiv 2207.12598), eps_u + sT * (eps_t - eps_u).
Both are chains: start at the first prediction, then add a multiple of each difference. A link of
the chain that changes nothing is taken out, and its prediction is never computed.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

import torch

from studio.conditions.base import Branch


@dataclass(frozen=True)
class Guidance:
    """A chain of predictions.

    Attributes:
        branches: those to compute, in order.
        scales: one for each step of the chain, `len(branches) - 1` in all.
    """

    branches: tuple[Branch, ...]
    scales: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.branches) != len(self.scales) + 1:
            raise ValueError(f"{len(self.branches)} branches need as many scales less one")

    def combine(self, predictions: Sequence[torch.Tensor]) -> torch.Tensor:
        """The guided prediction, from one (pictures, C, h, w) for each branch."""
        guided = predictions[0]
        for scale, before, after in zip(
            self.scales, predictions[:-1], predictions[1:], strict=True
        ):
            guided = guided + scale * (after - before)
        return guided


def joint_guidance(wanted: Set[Branch], st: float, sg: float) -> Guidance:
    """The shortest chain for the branches that the conditions take part in.

    Args:
        wanted: which branches the conditions make sense of; TEXT is always computed.
        st: text scale sT. sg: garment scale sG.

    Returns:
        The chain unconditional, garment, text without what changes nothing: a link of scale 0 at
        the end, a link of scale 1 at the start, and the branch between two equal scales.
    """
    chain = [Branch.TEXT]
    scales: list[float] = []
    if Branch.GARMENT in wanted:
        chain, scales = [Branch.GARMENT, *chain], [st]
        if Branch.UNCONDITIONAL in wanted:
            chain, scales = [Branch.UNCONDITIONAL, *chain], [sg, *scales]
    elif Branch.UNCONDITIONAL in wanted:
        chain, scales = [Branch.UNCONDITIONAL, *chain], [st]
    while scales and scales[-1] == 0:
        chain, scales = chain[:-1], scales[:-1]
    while scales and scales[0] == 1:
        chain, scales = chain[1:], scales[1:]
    if len(scales) == 2 and scales[0] == scales[1]:
        chain, scales = [chain[0], chain[2]], scales[:1]
    return Guidance(tuple(chain), tuple(scales))
