"""A step with a garment in the forms that `bench guidance` compares ours with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.conditions.attention import LayerTensors, self_attentions
from studio.conditions.base import Branch, Condition, Step
from studio.conditions.softmax import join_heads, split_heads


class _DoubledAttention:
    """One self-attention over 2N tokens, as published."""

    def __init__(self, garment: Tensor, condition: DoubledCondition) -> None:
        self.garment, self.condition = garment, condition
        self._stored: Tensor | None = None

    def __call__(self, attn: Any, hidden_states: Tensor, *_: Any, **__: Any) -> Tensor:
        if self._stored is None or len(self._stored) != len(hidden_states):
            pictures = self.condition.step.pictures
            nothing = torch.zeros_like(self.garment)
            rows = [
                nothing if branch is Branch.UNCONDITIONAL else self.garment
                for branch in self.condition.step.branches
            ]
            self._stored = torch.cat([r.expand(pictures, -1, -1) for r in rows])
        both = torch.cat([hidden_states, self._stored], dim=1)
        q, k, v = (
            split_heads(project(both), attn.heads) for project in (attn.to_q, attn.to_k, attn.to_v)
        )
        answers = join_heads(F.scaled_dot_product_attention(q, k, v))
        return attn.to_out[1](attn.to_out[0](answers.chunk(2, dim=1)[0]))


class DoubledCondition(Condition):
    """A garment as Magic Clothing's published code lets self-attentions see it.

    Args:
        features: (1, N, C) for each layer.
    """

    name = "garment, 2N"
    step: Step

    def __init__(self, features: LayerTensors) -> None:
        self.features = features

    @property
    def branches(self) -> frozenset[Branch]:
        """As ours."""
        return frozenset({Branch.UNCONDITIONAL, Branch.GARMENT})

    @contextmanager
    def attached(self, unet: Any) -> Iterator[None]:
        """The UNet's self-attentions see the garment meanwhile."""
        layers = self_attentions(unet)
        before = {name: attn.processor for name, attn in layers.items()}
        try:
            for name, attn in layers.items():
                attn.set_processor(_DoubledAttention(self.features[name], self))
            yield
        finally:
            for name, attn in layers.items():
                attn.processor = before[name]

    def before_step(self, step: Step) -> None:
        """Notes the step for the attention processors."""
        self.step = step


class BranchByBranch:
    """A UNet that is called once for each branch; otherwise the UNet itself."""

    def __init__(self, unet: Any, condition: Condition, branches: tuple[Branch, ...]) -> None:
        self._unet, self._condition, self._branches = unet, condition, branches

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unet, name)

    def __call__(
        self, sample: Tensor, timestep: Tensor, *, encoder_hidden_states: Tensor, **options: Any
    ) -> tuple[Tensor]:
        count = len(self._branches)
        answers = []
        for branch, x, words in zip(
            self._branches, sample.chunk(count), encoder_hidden_states.chunk(count), strict=True
        ):
            self._condition.before_step(Step(0, 1, timestep, (branch,), len(x)))
            answers.append(self._unet(x, timestep, encoder_hidden_states=words, **options)[0])
        return (torch.cat(answers),)
