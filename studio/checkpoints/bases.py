"""Which base model the weights of an adapter were made for, told by their names and shapes."""

from __future__ import annotations

import re

from studio.checkpoints.shapes import Shapes

SD15 = "Stable Diffusion 1.5"
_BY_WORDS = {768: SD15, 1024: "Stable Diffusion 2", 2048: "Stable Diffusion XL"}
"""Width of the words that a cross-attention hears -> the base."""

_BY_NAME = (
    (r"(^|[._])(double_blocks|single_blocks|single_transformer_blocks)[._]", "Flux"),
    (r"(^|[._])joint_(transformer_)?blocks[._]", "Stable Diffusion 3"),
    (r"^(lora_te[2]_|text_encoder_2\.|add_embedding\.)", "Stable Diffusion XL"),
    (r"^(lora_te3_|text_encoder_3\.)", "Stable Diffusion 3"),
)

_KEYS = re.compile(
    r"attn2[._](processor\.)?to_[kv](_lora)?\b.*?(weight|down|lora_A\.\w*)"
    r"|(^|\.)\d*[13579]\.to_[kv]_ip\.weight"
)
"""Keys and values of a cross-attention: (width, words), or (rank, words) of a LoRA's first half.
IP-Adapter's have odd numbers; those of self-attentions are even."""


def base_of(shapes: Shapes) -> str:
    """What people call the base; empty where nothing tells it."""
    for pattern, base in _BY_NAME:
        if any(re.search(pattern, name) for name in shapes):
            return base
    return _BY_WORDS.get(words_of(shapes), "")


def words_of(shapes: Shapes) -> int:
    """Width of the words that its cross-attentions hear; 0 where there are none."""
    for name, shape in shapes.items():
        half = re.search(r"lora[._](up|B)|lora_linear_layer\.up|\.alpha$", name)
        if len(shape) > 1 and _KEYS.search(name) and not half:
            return shape[1]
    return 0
