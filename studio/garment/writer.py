"""Small tools for writing English: choices that a seed repeats, articles, tidy sentences."""

import re
from collections.abc import Sequence
from typing import Any, Final, TypeVar

import numpy as np

from studio.garment.phrases import number_word

T = TypeVar("T")
_VOWEL_SOUND: Final = re.compile(r"(?!one\b|uni|eu)[aeiou]|8|1[18]\b", re.IGNORECASE)


class Writer:
    """The chances and choices of one sentence.

    Without `rng` it always takes the first choice and tells what is marked `canonical`. `thrift`
    above 0 leaves out more of what is optional, for a sentence that came out too long.
    """

    def __init__(self, rng: np.random.Generator | None, thrift: int = 0) -> None:
        self.rng = rng
        self.thrift = thrift

    def chance(
        self, probability: float, thrifty: float | None = None, canonical: bool = False
    ) -> bool:
        """True with this probability (with `thrifty` when the sentence must be short)."""
        if self.rng is None:
            return canonical
        if self.thrift and thrifty is not None:
            probability = 0.0 if self.thrift > 1 else thrifty
        return bool(self.rng.random() < probability)

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, all equally likely; repeat one to make it likelier."""
        return choices[0 if self.rng is None else int(self.rng.integers(len(choices)))]

    def shuffle(self, items: list[Any]) -> None:
        """Reorder in place."""
        if self.rng is not None:
            items[:] = [items[i] for i in self.rng.permutation(len(items))]

    def number(self, value: int) -> str:
        """“five” or “5”."""
        return str(value) if self.chance(0.4) else number_word(value)


def either(words: Sequence[str]) -> str:
    """“a, b or c”."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def article(noun_phrase: str) -> str:
    """The phrase with “a” or “an”, by its sound."""
    return f"{'an' if _VOWEL_SOUND.match(noun_phrase) else 'a'} {noun_phrase}"


def clean(text: str, w: Writer) -> str:
    """Single spaces, sometimes a capital and a full stop."""
    text = re.sub(r"\s+([,.])", r"\1", " ".join(text.split()))
    ending = "." if w.chance(0.35) else ""
    if w.chance(0.5):
        text = text[0].upper() + text[1:]
    return text + ending
