"""CLIP-T and CLIP-I: cosines in the space that pictures and texts share.

Hessel et al. 2021 (arXiv 2104.08718) for pictures and texts, without their factor of 2.5; Ruiz et
al. 2023 (arXiv 2208.12242) for pictures and pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

from studio.errors import BadInput
from trainer.evaluation.garment_metrics.cutting import Pixels
from trainer.evaluation.garment_metrics.networks import ImageText


def clip_t(network: ImageText, pictures: Sequence[Pixels], texts: Sequence[str]) -> list[float]:
    """Cosine of each picture (H, W, 3) with its text, -1 to 1. Raises BadInput unless in pairs."""
    if len(pictures) != len(texts):
        raise BadInput("CLIP-T compares pair by pair: give one text for each picture.")
    if not pictures:
        return []
    return (network.images(pictures) * network.texts(texts)).sum(1).tolist()


def clip_i(
    network: ImageText, pictures: Sequence[Pixels], references: Sequence[Pixels]
) -> list[float]:
    """Cosine of each picture with its reference, -1 to 1. Raises BadInput unless in pairs."""
    if len(pictures) != len(references):
        raise BadInput("CLIP-I compares pair by pair: give one reference for each picture.")
    if not pictures:
        return []
    return (network.images(pictures) * network.images(references)).sum(1).tolist()
