"""The board control: sketch, components and pose through one ControlNet.

The conditions share the network, since each has channels of its own on the board. They may be
heard at different times and strengths; what then counts in a step is decided here:

* a part is on the board only in the steps in which its control acts;
* the residuals are scaled by the strongest part's strength, as in diffusers, and a weaker part's
  channels are dimmed to its share of that. Equal controls thus give exactly the plain board, and
  the network runs once per step, whatever the controls are;
* in a step without any part the network does not run.

The studio's own networks are heard where the words are, and not in the other branches of guidance:
sT then strengthens the board as it strengthens the words, and the network runs for those rows
alone. (diffusers knows this as `guess_mode`.) Published networks are heard in every branch, as in
diffusers, since they were made for that.

The board does not change from step to step, so the network's own embedding of it is computed once
for each combination of parts and kept for the next picture with the same board.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from studio.conditions.base import Branch, Condition, Residuals, Step
from studio.conditions.board import BOARD_CHANNELS, DRAWN_CHANNELS
from studio.conditions.memory import Memory
from studio.request import Control

_KEPT_BOARDS = 16
_WORDED = (Branch.TEXT, Branch.WORDS)


@dataclass(frozen=True)
class BoardPart:
    """One condition's share of the board: (channels, H, W) in 0..1, only its own ones filled."""

    name: str
    channels: NDArray[np.float32]
    control: Control


class _Embedded(torch.nn.Module):
    """Stands in for a ControlNet's conditioning embedding and hands on what was embedded before."""

    def forward(self, conditioning: torch.Tensor) -> torch.Tensor:
        return conditioning


class BoardNetwork:
    """A ControlNet and its memory of embedded boards.

    Args:
        network: a `ControlNetModel`. With an input channel for each of the board's it reads the
            board; the first bundled networks knew no pose and read what is drawn. With three
            channels it reads one picture, as published networks do.
        reads: what a network of three channels reads: the ink, white on black, or the board's
            three colours (a stick figure; the garment itself in ControlNet-Garment).
    """

    def __init__(self, network: Any, reads: Literal["ink", "colours"] = "ink") -> None:
        self.network = network
        self.reads = reads
        self._kept: Memory[torch.Tensor] = Memory(_KEPT_BOARDS)

    @property
    def channels(self) -> int:
        """How many channels the network reads."""
        return int(self.network.config.conditioning_channels)

    @property
    def reads_sketch(self) -> bool:
        """Whether ink reaches it."""
        return self.reads_components or self.reads == "ink"

    @property
    def reads_components(self) -> bool:
        """Whether components reach it."""
        return self.channels >= len(DRAWN_CHANNELS)

    @property
    def reads_pose(self) -> bool:
        """Whether a pose reaches it."""
        return self.channels == len(BOARD_CHANNELS) or (
            not self.reads_components and self.reads == "colours"
        )

    @property
    def read(self) -> frozenset[str]:
        """All that reaches it, by the names of the board's parts."""
        parts = {
            "sketch": self.reads_sketch,
            "components": self.reads_components,
            "pose": self.reads_pose,
        }
        return frozenset(name for name, reaches in parts.items() if reaches)

    @property
    def guided(self) -> bool:
        """Whether it is heard only where the words are, so that guidance strengthens it."""
        return self.reads_components

    def forget(self) -> None:
        """Empty the memory of boards."""
        self._kept.forget()

    def embed(self, board: NDArray[np.float32]) -> torch.Tensor:
        """(1, C, h, w): the network's embedding of a board (channels, H, W)."""
        if self.reads_components:
            board = board[: self.channels]
        elif self.reads == "colours":
            board = board[len(DRAWN_CHANNELS) :]
        else:
            board = np.repeat(board[:1], self.channels, axis=0)
        board = np.ascontiguousarray(board)
        key = hashlib.sha256(board.tobytes() + repr(board.shape).encode()).digest()
        return self._kept.find(key, lambda: self._embed(board))

    def _embed(self, board: NDArray[np.float32]) -> torch.Tensor:
        parameter = self.network.controlnet_cond_embedding.conv_in.weight
        tensor = torch.from_numpy(board)[None].to(parameter.device, parameter.dtype)
        return self.network.controlnet_cond_embedding(tensor)

    @contextmanager
    def embedded(self) -> Iterator[None]:
        """The network takes embedded boards for the time of the `with`."""
        original = self.network.controlnet_cond_embedding
        self.network.controlnet_cond_embedding = _Embedded()
        try:
            yield
        finally:
            self.network.controlnet_cond_embedding = original

    def residuals(
        self,
        step: Step,
        sample: torch.Tensor,
        embeddings: torch.Tensor,
        embedded: torch.Tensor,
        strength: float | torch.Tensor,
    ) -> Residuals:
        """What the network adds in a step; nothing in the rows of branches that do not hear it.

        Args:
            step, sample, embeddings: as for `Condition.residuals`.
            embedded: boards from `embed`, (1, C, h, w) for all pictures or (pictures, C, h, w).
            strength: scale of the residuals, or (pictures, 1, 1, 1) of each picture's.
        """
        count = len(step.branches)
        heard = [i for i, b in enumerate(step.branches) if not self.guided or b in _WORDED]
        heard = heard or list(range(count))  # at sT 0 no branch has words; the board stays

        def rows(given: torch.Tensor) -> torch.Tensor:
            parts = given.chunk(count)
            return given if len(heard) == count else torch.cat([parts[i] for i in heard])

        def spread(part: torch.Tensor) -> torch.Tensor:
            if len(heard) == count:
                return part
            parts, nothing = iter(part.chunk(len(heard))), torch.zeros_like(part[: step.pictures])
            return torch.cat([next(parts) if i in heard else nothing for i in range(count)])

        if isinstance(strength, torch.Tensor):
            strength = strength.to(sample).repeat(len(heard), 1, 1, 1)
        down, mid = self.network(
            rows(sample),
            step.timestep,
            encoder_hidden_states=rows(embeddings),
            controlnet_cond=embedded.expand(step.pictures, -1, -1, -1).repeat(len(heard), 1, 1, 1),
            conditioning_scale=strength,
            return_dict=False,
        )
        return Residuals(tuple(spread(part) for part in down), spread(mid))


_Heard = tuple[torch.Tensor, float | torch.Tensor]
"""Embedded boards and the strength of their residuals, as `BoardNetwork.residuals` takes them."""


class BoardControl(Condition):
    """The condition that the loop sees: residuals from whatever parts act in a step.

    Args:
        network: shared with other pictures.
        boards: the parts of the board of all pictures, or of each picture's, all of one size.
        steps: how many steps the loop will take, so that every board is embedded beforehand.
    """

    name = "board"

    def __init__(
        self, network: BoardNetwork, boards: Sequence[Sequence[BoardPart]], steps: int
    ) -> None:
        self.network = network
        self._boards: list[_Heard | None] = []
        embedded: dict[tuple[tuple[int, ...], ...], _Heard] = {}
        for index in range(steps):
            acting = [[p for p in parts if p.control.acts(index, steps)] for parts in boards]
            key = tuple(tuple(map(id, parts)) for parts in acting)
            if any(acting) and key not in embedded:
                embedded[key] = self._embed(acting)
            self._boards.append(embedded.get(key))

    @torch.inference_mode()
    def _embed(self, boards: Sequence[Sequence[BoardPart]]) -> _Heard:
        """A picture without parts gets an empty board, whose residuals count for nothing."""
        empty = np.zeros_like(next(part.channels for parts in boards for part in parts))
        composed = [compose(parts) if parts else (empty, 0.0) for parts in boards]
        embedded = torch.cat([self.network.embed(board) for board, _ in composed])
        strengths = [strength for _, strength in composed]
        if len(set(strengths)) == 1:
            return embedded, strengths[0]
        return embedded, torch.tensor(strengths).view(-1, 1, 1, 1)

    @property
    def branches(self) -> frozenset[Branch]:
        """Guidance has a sense for a guided board even where the words are the same."""
        guided = self.network.guided and any(board is not None for board in self._boards)
        return frozenset({Branch.TEXT, Branch.UNCONDITIONAL}) if guided else frozenset()

    @contextmanager
    def attached(self, unet: torch.nn.Module) -> Iterator[None]:
        """The UNet is left alone; the control network takes embedded boards meanwhile."""
        with self.network.embedded():
            yield

    def residuals(
        self, step: Step, sample: torch.Tensor, embeddings: torch.Tensor
    ) -> Residuals | None:
        """The network's residuals, or None where no part acts."""
        board = self._boards[step.index]
        if board is None:
            return None
        return self.network.residuals(step, sample, embeddings, *board)


def compose(parts: Sequence[BoardPart]) -> tuple[NDArray[np.float32], float]:
    """One board (channels, H, W) for parts that act together, and the strength of its residuals."""
    strongest = max(p.control.strength for p in parts)
    board = np.zeros_like(parts[0].channels)
    for part in parts:
        board += part.channels * np.float32(part.control.strength / strongest)
    return board, strongest
