"""Wardrobe pictures that no training has seen."""

from __future__ import annotations

from trainer.command import Say
from trainer.data.wardrobe import HELD_OUT, WardrobeSample, sample


def held_out_samples(count: int, seed: int = 0, say: Say = lambda _: None) -> list[WardrobeSample]:
    """`count` samples from the seeds HELD_OUT + seed onwards."""
    samples: list[WardrobeSample] = []
    for i in range(count):
        samples.append(sample(HELD_OUT + seed + i))
        if (i + 1) % 100 == 0:
            say(f"drawn {i + 1} of {count} held-out pictures")
    return samples
