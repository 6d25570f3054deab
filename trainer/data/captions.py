"""Captions of the pictures in shards: written from a specification, or brought along.

Pictures of the wardrobe have a specification, and captions are written from it as often as
wanted. Pictures of a real data set have a few captions of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from transformers import CLIPTokenizer

from studio.garment.caption import caption, scene_caption
from trainer.data.shards import Shards
from trainer.data.tokens import cached_tokens


def shard_captions(
    shards: Shards, variant: int, rows: Iterable[int] | None = None, scene: bool = False
) -> list[str]:
    """One caption for each row; another variant gives other words.

    Args:
        rows: all pictures if None.
        scene: name the garment and tell nothing else about it. Captions that a picture brought
            along are taken as they are.
    """
    wanted = range(shards.count) if rows is None else [int(row) for row in rows]
    if shards.captioned:
        found = (shards.records[row]["captions"] for row in wanted)
        return [told[variant % len(told)] if told else "" for told in found]
    # The same streams as `tokens.draw_captions`: what was trained on once comes again.
    if scene:
        return [scene_caption(shards.specs[r], np.random.default_rng([0, variant, r, 1]))
                for r in wanted]  # fmt: skip
    return [caption(shards.specs[r], np.random.default_rng([0, variant, r])) for r in wanted]


def shard_tokens(
    folder: Path, shards: Shards, tokenizer: CLIPTokenizer, variants: int, scene: bool = False
) -> NDArray[np.int16]:
    """Tokens of several captions a picture, int16 (variants, pictures, MAX_TOKENS), cached."""
    key = f"scene {shards.key}" if scene and not shards.captioned else shards.key
    return cached_tokens(
        folder, key, shards.count, tokenizer, variants,
        lambda variant: shard_captions(shards, variant, scene=scene),
    )  # fmt: skip
