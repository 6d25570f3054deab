"""Guidance as data: which predictions a step needs and how they are combined.

Joint guidance (Magic Clothing, arXiv 2404.09512, eq. 5) has one scale for the garment's picture
and one for the text:

    eps = eps_u + sG * (eps_g - eps_u) + sT * (eps_t - eps_g)

where the text branch sees the garment too, and the board (see `studio.conditions.control`). The
independent form, for comparison, takes both differences from the unconditional prediction, and
its words see no garment:

    eps = eps_u + sG * (eps_g - eps_u) + sT * (eps_w - eps_u)

Without a garment both are classifier-free guidance (arXiv 2207.12598).
A difference that changes nothing is left out, and its prediction is never computed.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

import torch

from studio.conditions.base import Branch


@dataclass(frozen=True)
class Guidance:
    """The first prediction, plus multiples of differences.

    Attributes:
        branches: those to compute, in order.
        terms: (scale, branch, from which branch) of each difference.
    """

    branches: tuple[Branch, ...]
    terms: tuple[tuple[float, Branch, Branch], ...] = ()

    def __post_init__(self) -> None:
        used = {branch for _, after, before in self.terms for branch in (after, before)}
        if used - set(self.branches):
            raise ValueError(f"differences of branches that are not computed: {used}")

    def combine(self, predictions: Sequence[torch.Tensor]) -> torch.Tensor:
        """The guided prediction, from one (pictures, C, h, w) for each branch."""
        found = dict(zip(self.branches, predictions, strict=True))
        guided = predictions[0]
        for scale, after, before in self.terms:
            guided = guided + scale * (found[after] - found[before])
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
    links = zip(scales, chain[1:], chain[:-1], strict=True)
    return Guidance(tuple(chain), tuple(links))


def independent_guidance(wanted: Set[Branch], st: float, sg: float) -> Guidance:
    """Both differences from the unconditional prediction; joint where there is no garment.

    Args: as for `joint_guidance`.
    """
    if not {Branch.GARMENT, Branch.UNCONDITIONAL} <= wanted:
        return joint_guidance(wanted, st, sg)
    pairs = ((sg, Branch.GARMENT), (st, Branch.WORDS))
    terms = tuple((s, branch, Branch.UNCONDITIONAL) for s, branch in pairs if s != 0)
    return Guidance((Branch.UNCONDITIONAL, *(branch for _, branch, _ in terms)), terms)
