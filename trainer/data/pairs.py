"""Pairs of pictures of one garment: laid flat, and worn by somebody somewhere.

Garment-driven synthesis learns from such pairs (Magic Clothing, arXiv 2404.09512, section 3.1).
Flat and worn pictures of a pair have the same seed and therefore the same garment: the same
specification, cut and cloth. They are kept in two folders of ordinary shards, row for row:

    flat/    the garment's picture, with its mask
    worn/    what is to be made of it, with keypoints and face box

`trainer.data.prepare` writes the same two folders from a real data set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from studio.errors import StorageError
from studio.garment.spec import PictureSpec
from trainer.data.shards import SHARD_SIZE, Drawn, Shards, drawn_sample, make_shards
from trainer.data.wardrobe import (
    WardrobeSample,
    render,
    sample_flat_scene,
    sample_garment,
    sample_worn_scene,
)

_GARMENT, _FLAT, _WORN = 21, 22, 23


@dataclass(frozen=True)
class Pair:
    """One garment, laid flat and worn."""

    flat: WardrobeSample
    worn: WardrobeSample


def _picture(seed: int, stream: int) -> PictureSpec:
    garment = sample_garment(np.random.default_rng((_GARMENT, seed)))
    rng = np.random.default_rng((stream, seed))
    scene = sample_flat_scene(rng) if stream == _FLAT else sample_worn_scene(rng)
    return PictureSpec(garment, scene)


def worn_spec(seed: int) -> PictureSpec:
    """What the worn picture of a pair will show, without drawing it."""
    return _picture(seed, _WORN)


def sample_flat(seed: int, size: int = 256) -> WardrobeSample:
    """The flat picture of a pair."""
    return render(_picture(seed, _FLAT), seed, size, garment_seed=seed)


def sample_worn(seed: int, size: int = 256) -> WardrobeSample:
    """The worn picture of a pair."""
    return render(worn_spec(seed), seed, size, garment_seed=seed)


def sample_pair(seed: int, size: int = 256) -> Pair:
    """Both pictures that a seed stands for."""
    return Pair(sample_flat(seed, size), sample_worn(seed, size))


def draw_half(seed: int, sample: Callable[[int], WardrobeSample]) -> Drawn:
    """One picture of a pair as it goes into a shard."""
    return drawn_sample(sample(seed))


def make_pairs(
    folder: Path,
    count: int,
    first_seed: int = 0,
    workers: int | None = None,
    shard_size: int = SHARD_SIZE,
    say: Callable[[str], None] = print,
) -> None:
    """Draw `count` pairs, reusing finished shards. Raises StorageError as `make_shards` does."""
    for part, sample in (("flat", sample_flat), ("worn", sample_worn)):
        draw = partial(draw_half, sample=sample)
        make_shards(folder / part, count, first_seed, draw, workers, shard_size, say)


class Pairs:
    """Random access to pairs.

    Attributes:
        flat, worn: shards of the same garments, row for row.

    Raises:
        StorageError: the two folders do not hold the same garments.
    """

    def __init__(self, flat: Shards, worn: Shards):
        if flat.count != worn.count:
            raise StorageError(
                f"There are {flat.count} flat and {worn.count} worn pictures: draw the pairs again."
            )
        self.flat, self.worn = flat, worn

    @classmethod
    def of(cls, folder: Path, limit: int | None = None) -> Pairs:
        """All pairs of a folder, in order of their seeds; `limit` shards at most."""
        return cls(Shards.of(folder / "flat", limit), Shards.of(folder / "worn", limit))

    @property
    def count(self) -> int:
        """How many pairs."""
        return self.flat.count
