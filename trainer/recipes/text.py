"""The text encoder first: from a caption to what it says about the picture.

Before the diffusion training the CLIP text model learns to read: small heads, each with its own
attention over the tokens, name the garment, its attributes, its components and the scene. The
heads are thrown away; what stays are token features in which the attributes are separated.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from studio.garment import vocabulary as v
from studio.garment.spec import PictureSpec
from trainer.config import RecipeConfig, Strict, Whole, reads
from trainer.data.captions import shard_tokens
from trainer.data.shards import Shards
from trainer.data.tokens import MAX_TOKENS
from trainer.loop import Batch, Recipe, Sampler

_GARMENT = {name: tuple(words) for name, words in v.GARMENT_FIELDS.items()}
_MOST = 13
_PLACED = tuple((k.name, place) for k in v.COMPONENTS.values() for place in k.places)


class TextShape(Strict):
    """The shape of the text encoder."""

    width: Whole = 192
    """Features of a token."""
    layers: Whole = 4
    """Transformer layers."""
    heads: Whole = 4
    """Attention heads."""
    inner: Whole = 512
    """Features inside the feed-forward part."""


class TextConfig(RecipeConfig):
    """Data and shape."""

    shards: Path = reads("shards", "data")
    """Folder of shards; only their specifications are read."""
    tokenizer: Path = reads("tokenizer", "data")
    """Folder of the tokenizer."""
    cache: Path = reads("cache", "data")
    """Folder that keeps the captions' tokens."""
    variants: Whole = 4
    """Captions of each picture."""
    shape: TextShape = TextShape.model_validate({})


def new_text_encoder(shape: TextShape, tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """An untrained text encoder for a tokenizer."""
    ids: list[Any] = [tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id]
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=shape.width,
            intermediate_size=shape.inner,
            projection_dim=shape.width,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            max_position_embeddings=MAX_TOKENS,
            hidden_act="quick_gelu",
            bos_token_id=ids[0],
            eos_token_id=ids[1],
            pad_token_id=ids[2],
        )
    )


def questions() -> dict[str, int]:
    """What is asked about a caption: name to number of answers."""
    asked = {name: len(words) for name, words in _GARMENT.items()}
    asked |= {"mode": 2, "ground": len(v.GROUNDS)}
    asked |= {name: len(words) + 1 for name, words in v.PERSON_FIELDS.items()}
    asked |= {f"{kind} at {place}": _MOST for kind, place in _PLACED}
    return asked


def answers(specs: Sequence[PictureSpec]) -> NDArray[np.int64]:
    """The right answers, int64 (pictures, questions), in the order of `questions`."""
    table: list[list[int]] = []
    for spec in specs:
        garment, scene = spec.garment, spec.scene
        row = [words.index(getattr(garment, name)) for name, words in _GARMENT.items()]
        row += [int(scene.mode == "worn"), list(v.GROUNDS).index(scene.ground)]
        for name, words in v.PERSON_FIELDS.items():
            person = scene.person
            row.append(0 if person is None else 1 + words.index(getattr(person, name)))
        row += [min(garment.count(kind, place), _MOST - 1) for kind, place in _PLACED]
        table.append(row)
    return np.asarray(table, np.int64)


class Questions(nn.Module):
    """One attention query and one linear layer for each question."""

    def __init__(self, width: int, sizes: Sequence[int]):
        super().__init__()
        self.query = nn.Parameter(torch.randn(len(sizes), width) * width**-0.5)
        self.weight = nn.Parameter(torch.randn(len(sizes), width, max(sizes)) * width**-0.5)
        self.bias = nn.Parameter(torch.zeros(len(sizes), max(sizes)))
        allowed = torch.arange(max(sizes)) < torch.tensor(sizes)[:, None]
        self.register_buffer("allowed", allowed, persistent=False)

    def forward(self, features: Tensor, real: Tensor) -> Tensor:
        """Logits (B, questions, answers) of features (B, T, W); `real` (B, T) is no padding."""
        scores = torch.einsum("btw,qw->bqt", features, self.query)
        scores = scores.masked_fill(~real[:, None], -1e4).softmax(-1)
        pooled = torch.einsum("bqt,btw->bqw", scores.to(features.dtype), features)
        logits = torch.einsum("bqw,qwa->bqa", pooled, self.weight).float() + self.bias
        return logits.masked_fill(~self.allowed, -1e4)  # type: ignore[operator]


class TextRecipe(Recipe[TextConfig]):
    """Trains the text encoder to answer questions about captions."""

    name = "text"
    writes: ClassVar = {"text_encoder": "text_encoder"}

    def build(self) -> dict[str, nn.Module]:
        """Reads specifications and captions, makes encoder and heads."""
        config, loop = self.config, self.config.loop
        shards = Shards.of(config.shards)
        tokenizer = CLIPTokenizer.from_pretrained(config.tokenizer)
        self.answers = answers(shards.specs)
        self.tokens = shard_tokens(config.cache, shards, tokenizer, config.variants)
        self.sampler = Sampler(shards.count, loop.batch_size, loop.seed)
        self.names = list(questions())
        encoder: Any = new_text_encoder(config.shape, tokenizer)
        self.encoder: CLIPTextModel = encoder.to(self.device)
        self.heads = Questions(config.shape.width, list(questions().values())).to(self.device)
        self.end = tokenizer.eos_token_id
        return {"text_encoder": self.encoder, "heads": self.heads}

    def batch(self, step: int) -> Batch:
        """Token numbers (B, 64) and right answers (B, questions)."""
        rows, rng = self.sampler.rows(step), self.rng(step)
        variants = rng.integers(0, self.config.variants, len(rows))
        return {
            "rows": torch.from_numpy(rows),
            "tokens": torch.from_numpy(self.tokens[variants, rows].astype(np.int64)),
            "answers": torch.from_numpy(self.answers[rows]),
        }

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Mean cross entropy over all questions, and how many answers are right."""
        tokens, truth = batch["tokens"], batch["answers"]
        ended = (tokens == self.end).long().cumsum(1)
        features = self.encoder(input_ids=tokens).last_hidden_state
        logits = self.heads(features, ended <= 1)
        loss = F.cross_entropy(logits.flatten(0, 1), truth.flatten())
        right = (logits.argmax(-1) == truth).float().mean(0)
        shown = {f"right_{n}": right[self.names.index(n)] for n in ("garment", "colour", "pattern",
                 "sleeves", "button at centre front")}  # fmt: skip
        return {"loss": loss * 4, **shown}

    def save(self, folder: Path) -> None:
        """Writes the folder `text_encoder`; the heads are not kept."""
        self.encoder.save_pretrained(folder / "text_encoder")
