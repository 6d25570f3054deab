"""What a condition may do to a picture while it is being made.

The denoising loop is written once and knows no condition by name. Each condition answers only the
questions that concern it and leaves the rest to the neutral defaults below:

    branches          which guidance branches exist because of it
    embeddings        tokens for the cross-attention of a branch
    extra_channels    further input channels of the UNet
    residuals         what a control network adds to the UNet's skips
    attached          a reversible change of the UNet (attention processors, adapters)
    before_step, after_step   hooks

Rows of a batch are branch-major: row `b * pictures + p` is picture p in branch b.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class Branch(enum.Enum):
    """One prediction of a step; guidance combines them.

    UNCONDITIONAL sees neither prompt nor garment (and the negative prompt in the prompt's place),
    GARMENT sees the garment's picture but not the prompt, TEXT sees both. WORDS sees the prompt
    but not the garment: independent guidance alone asks for it.
    """

    UNCONDITIONAL = "unconditional"
    GARMENT = "garment"
    TEXT = "text"
    WORDS = "words"


@dataclass(frozen=True)
class Step:
    """Where the loop is.

    Attributes:
        index, count: step `index` (from 0) of `count`.
        timestep: the scheduler's, a tensor without dimensions.
        branches: those of this step, in the order of the rows.
        pictures: how many pictures each branch holds.
        alike: whether the UNet gets the same for a picture in every branch, but for the
            embeddings. This is known and not looked at: equal rows of a product need not be equal
            to the last bit.
    """

    index: int
    count: int
    timestep: torch.Tensor
    branches: tuple[Branch, ...]
    pictures: int
    alike: bool = False

    @property
    def rows(self) -> int:
        """Rows of the batch that the UNet gets."""
        return len(self.branches) * self.pictures


@dataclass(frozen=True)
class Residuals:
    """What a control network adds: one (rows, C, h, w) per skip, and one for the middle."""

    down: tuple[torch.Tensor, ...]
    mid: torch.Tensor

    def __add__(self, other: Residuals) -> Residuals:
        return Residuals(
            tuple(a + b for a, b in zip(self.down, other.down, strict=True)), self.mid + other.mid
        )


class Condition:
    """A condition that does nothing; subclasses say what theirs does."""

    name: str = "condition"

    @property
    def branches(self) -> frozenset[Branch]:
        """The guidance branches that have a sense because of this condition."""
        return frozenset()

    @contextmanager
    def attached(self, unet: torch.nn.Module) -> Iterator[None]:
        """Change the UNet for the time of the `with`; afterwards it is what it was."""
        yield

    def embeddings(self, branch: Branch) -> torch.Tensor | None:
        """Tokens for the cross-attention of a branch; those of all conditions are joined.

        Returns:
            (1, tokens, width) for all pictures alike, or (pictures, tokens, width).
        """
        return None

    def extra_channels(self, step: Step) -> torch.Tensor | None:
        """(rows, C, h, w) appended to the latents that the UNet gets."""
        return None

    def residuals(
        self, step: Step, sample: torch.Tensor, embeddings: torch.Tensor
    ) -> Residuals | None:
        """A control network's contribution.

        Args:
            step: where the loop is.
            sample: (rows, C, h, w), what the UNet gets, without extra channels.
            embeddings: (rows, tokens, width).
        """
        return None

    def before_step(self, step: Step) -> None:
        """Called before the UNet."""

    def after_step(self, step: Step, latents: torch.Tensor) -> torch.Tensor:
        """Called with the latents (pictures, C, h, w) after the scheduler; returns those to use."""
        return latents


@contextmanager
def attach_all(conditions: Sequence[Condition], unet: torch.nn.Module) -> Iterator[None]:
    """Every condition's change of the UNet, undone in reverse order, also after an error."""
    if not conditions:
        yield
        return
    with conditions[0].attached(unet), attach_all(conditions[1:], unet):
        yield
