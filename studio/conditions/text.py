"""Words: the prompt and the negative prompt as tokens for the cross-attention."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from studio.conditions.base import Branch, Condition
from studio.conditions.memory import Memory
from studio.conditions.style import StyleWeights, styled_text_encoder, text_variant

_KEPT_TEXTS = 128


@dataclass(frozen=True)
class EncodedText:
    """A text as the model hears it.

    Attributes:
        embeddings: (1, tokens, width).
        dropped: the end of the text that did not fit, as the tokenizer spells it (or empty).
    """

    embeddings: torch.Tensor
    dropped: str


class TextEncoder:
    """Tokenizer and text encoder with a memory of the last texts.

    Args:
        tokenizer: a CLIP tokenizer; its `model_max_length` is what the encoder can hold.
        encoder: a `CLIPTextModel`.
    """

    def __init__(self, tokenizer: Any, encoder: Any) -> None:
        self.tokenizer = tokenizer
        self.encoder = encoder
        self._kept: Memory[EncodedText] = Memory(_KEPT_TEXTS)
        self._variant = ""

    @property
    def max_tokens(self) -> int:
        """How many tokens fit, the marks for start and end included."""
        positions = self.encoder.config.max_position_embeddings
        return min(int(self.tokenizer.model_max_length), int(positions))

    def dropped(self, text: str) -> str:
        """The end of the text that does not fit (empty if all of it does)."""
        ids = self.tokenizer(text, add_special_tokens=False, verbose=False).input_ids
        rest = ids[self.max_tokens - 2 :]
        # What the tokenizer cannot spell comes back as a mark, which would mean nothing here.
        return self.tokenizer.decode(rest, skip_special_tokens=True).strip() if rest else ""

    def forget(self) -> None:
        """Empty the memory of texts."""
        self._kept.forget()

    @contextmanager
    def styled(self, styles: Sequence[tuple[StyleWeights, float]]) -> Iterator[None]:
        """Texts are encoded under these styles meanwhile, and remembered apart from others.

        Args:
            styles: each with its scale; those that do not change the text encoder are harmless.

        Raises:
            BadInput: a style was made for another text encoder.
        """
        before = self._variant
        with styled_text_encoder(self.encoder, styles):
            self._variant = f"{before} {text_variant(styles)}".strip()
            try:
                yield
            finally:
                self._variant = before

    @torch.inference_mode()
    def encode(self, text: str) -> EncodedText:
        """The text's embeddings, from memory where it was heard lately."""
        return self._kept.find((text, self._variant), lambda: self._encode(text))

    def _encode(self, text: str) -> EncodedText:
        tokens = self.tokenizer(
            text,
            padding="max_length",
            max_length=self.max_tokens,
            truncation=True,
            return_tensors="pt",
        )
        uses_mask = getattr(self.encoder.config, "use_attention_mask", False)
        mask = tokens.attention_mask.to(self.encoder.device) if uses_mask else None
        embeddings = self.encoder(tokens.input_ids.to(self.encoder.device), attention_mask=mask)[0]
        return EncodedText(embeddings, self.dropped(text))


class TextCondition(Condition):
    """The prompt in the text branch, the negative prompt in the others.

    Args:
        prompts: the encoded prompt of all pictures, or one of each.
        negative: the encoded negative prompt.
    """

    name = "text"

    def __init__(self, prompts: Sequence[EncodedText], negative: EncodedText) -> None:
        self.prompts = prompts
        self.negative = negative

    @property
    def branches(self) -> frozenset[Branch]:
        """Text and unconditional; text alone where both would hear the same words."""
        if all(prompt is self.negative for prompt in self.prompts):
            return frozenset({Branch.TEXT})
        return frozenset({Branch.TEXT, Branch.UNCONDITIONAL})

    def embeddings(self, branch: Branch) -> torch.Tensor:
        """(1, tokens, width), or (pictures, tokens, width) where each has its own prompt."""
        if branch in (Branch.TEXT, Branch.WORDS):
            return torch.cat([prompt.embeddings for prompt in self.prompts])
        return self.negative.embeddings
