"""The tokenizer of the bundled family, and captions as tokens.

A byte-pair vocabulary of its own, in CLIP's conventions (lower-case, "</w>" ends a word, start
and end tokens, padded with the end token), so that `CLIPTokenizer.from_pretrained` loads it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import trainers
from transformers import CLIPTokenizer

from trainer.run import replace_folder, temporary_beside

MAX_TOKENS = 64
VOCABULARY = 1000
_START, _END = "<|startoftext|>", "<|endoftext|>"
_ASCII = [chr(i) for i in range(33, 127)]


def train_tokenizer(lines: Iterable[str], vocabulary: int = VOCABULARY) -> CLIPTokenizer:
    """Learn byte pairs from lines of text.

    Every printable ASCII character is a token, inside and at the end of a word, so that no typed
    word is unknown.
    """
    learner = CLIPTokenizer().backend_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[_START, _END],
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    spelled = [text for c in _ASCII for text in (c, c + c)]
    learner.train_from_iterator([*lines, *spelled], trainer)
    model = json.loads(learner.to_str())["model"]
    merges: Any = [
        tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in model["merges"]
    ]
    return CLIPTokenizer(vocab=model["vocab"], merges=merges, model_max_length=MAX_TOKENS)


def save_tokenizer(tokenizer: CLIPTokenizer, folder: Path) -> None:
    """Write the tokenizer's folder, in the place of an older one."""
    replace_folder(folder, tokenizer.save_pretrained)


def to_tokens(tokenizer: CLIPTokenizer, texts: Sequence[str]) -> NDArray[np.int16]:
    """int16 (len(texts), MAX_TOKENS), padded and cut."""
    ids = tokenizer(
        list(texts), padding="max_length", truncation=True, max_length=MAX_TOKENS
    ).input_ids
    return np.asarray(ids, np.int16)


def cached_tokens(
    folder: Path,
    key: str,
    count: int,
    tokenizer: CLIPTokenizer,
    variants: int,
    write: Callable[[int], Sequence[str]],
) -> NDArray[np.int16]:
    """Tokens of several captions a picture, int16 (variants, count, MAX_TOKENS), cached.

    Args:
        folder: where the arrays are kept, one file a variant.
        key: names the pictures and the kind of caption; together with the vocabulary it names
            the file.
        write: gives the `count` captions of a variant.
    """
    vocabulary = json.dumps(tokenizer.get_vocab(), sort_keys=True)
    mark = hashlib.sha256(f"{key}\n{count}\n{vocabulary}".encode()).hexdigest()[:12]
    result = np.empty((variants, count, MAX_TOKENS), np.int16)
    for variant in range(variants):
        path = folder / f"tokens-{mark}-{variant}.npy"
        if not path.exists():
            tokens = to_tokens(tokenizer, write(variant))
            with temporary_beside(path) as temporary, temporary.open("wb") as file:
                np.save(file, tokens)
        result[variant] = np.load(path)
    return result
