"""Captions of the pictures in shards: written from a specification, or brought along.

Pictures of the wardrobe have a specification, and captions are written from it as often as
wanted. Pictures of a real data set have a few captions of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from transformers import CLIPTokenizer

from studio.garment.caption import caption, scene_caption
from trainer.data.shards import Shards
from trainer.data.tokens import cached_tokens

Said = Literal["all", "no components", "scene"]
"""What a caption tells: all, all but the garment's components, or of the garment its name alone."""


def shard_captions(
    shards: Shards, variant: int, rows: Iterable[int] | None = None, said: Said = "all"
) -> list[str]:
    """One caption for each row; another variant gives other words.

    Args:
        rows: all pictures if None.
        said: what the captions tell. Those that a picture brought along are taken as they are.
    """
    wanted = range(shards.count) if rows is None else [int(row) for row in rows]
    if shards.captioned:
        found = (shards.records[row]["captions"] for row in wanted)
        return [told[variant % len(told)] if told else "" for told in found]
    # Never other streams: what was trained on once comes again.
    streams = {"all": (), "scene": (1,), "no components": (2,)}

    def write(row: int) -> str:
        spec = shards.specs[row]
        rng = np.random.default_rng([0, variant, row, *streams[said]])
        if said == "scene":
            return scene_caption(spec, rng)
        return caption(spec, rng, components=said == "all")

    return [write(row) for row in wanted]


def shard_tokens(
    folder: Path, shards: Shards, tokenizer: CLIPTokenizer, variants: int, said: Said = "all"
) -> NDArray[np.int16]:
    """Tokens of several captions a picture, int16 (variants, pictures, MAX_TOKENS), cached."""
    key = shards.key if said == "all" or shards.captioned else f"{said} {shards.key}"
    return cached_tokens(
        folder, key, shards.count, tokenizer, variants,
        lambda variant: shard_captions(shards, variant, said=said),
    )  # fmt: skip
