"""The resampler: any number of image tokens become a few that cross-attention can hear.

IP-Adapter-Plus' perceiver (arXiv 2308.06721, section 3.2.3, after Flamingo, arXiv 2204.14198) with
the published names of its weights, so that published files load as they are. Learned queries ask
the picture's tokens, layer by layer; `FacePerceiver` is the same with queries from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import torch
from torch import Tensor, nn

from studio.conditions.weights import filled

HEAD_WIDTH = 64
"""Features of an attention head in all published files; the weights alone do not tell."""


class PerceiverAttention(nn.Module):
    """Queries ask the picture and each other."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        inner = heads * HEAD_WIDTH
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.to_q = nn.Linear(width, inner, bias=False)
        self.to_kv = nn.Linear(width, 2 * inner, bias=False)
        self.to_out = nn.Linear(inner, width, bias=False)

    def forward(self, picture: Tensor, queries: Tensor) -> Tensor:
        """(n, Q, width) of picture (n, T, width) and queries (n, Q, width)."""
        picture, queries = self.norm1(picture), self.norm2(queries)
        q = self.to_q(queries).unflatten(2, (self.heads, -1)).transpose(1, 2)
        both = self.to_kv(torch.cat([picture, queries], 1))
        k, v = (x.unflatten(2, (self.heads, -1)).transpose(1, 2) for x in both.chunk(2, 2))
        # Both factors take half of the scaling: their product stays in float16's range.
        scale = HEAD_WIDTH**-0.25
        weights = ((q * scale) @ (k * scale).transpose(2, 3)).float().softmax(3).to(v.dtype)
        return self.to_out((weights @ v).transpose(1, 2).flatten(2))


def _feed_forward(width: int, inner: int) -> nn.Sequential:
    return nn.Sequential(
        nn.LayerNorm(width),
        nn.Linear(width, inner, bias=False),
        nn.GELU(),
        nn.Linear(inner, width, bias=False),
    )


class FacePerceiver(nn.Module):
    """The perceiver of the Plus adapters for faces: its queries are the face's own tokens.

    Args:
        width: features of a query. depth, heads: layers, and attention heads in each.
        inputs, outputs: features of the picture's tokens and of what comes out.
        inner: features inside the feed-forward parts; four times `width` in published files.
    """

    def __init__(
        self, width: int, depth: int, heads: int, inputs: int, outputs: int, inner: int
    ) -> None:
        super().__init__()
        self.proj_in = nn.Linear(inputs, width)
        self.proj_out = nn.Linear(width, outputs)
        self.norm_out = nn.LayerNorm(outputs)
        self.layers = nn.ModuleList(
            nn.ModuleList([PerceiverAttention(width, heads), _feed_forward(width, inner)])
            for _ in range(depth)
        )

    @property
    def inputs(self) -> int:
        """Features of a token that comes in."""
        return self.proj_in.in_features

    @property
    def outputs(self) -> int:
        """Features of a token that comes out."""
        return self.proj_out.out_features

    def ask(self, queries: Tensor, picture: Tensor) -> Tensor:
        """(n, Q, outputs) of queries (n, Q, width) and a picture's tokens (n, T, inputs)."""
        picture = self.proj_in(picture)
        for attention, feed_forward in self.layers:  # type: ignore[misc]
            queries = attention(picture, queries) + queries
            queries = feed_forward(queries) + queries
        return self.norm_out(self.proj_out(queries))

    forward = ask


class Resampler(FacePerceiver):
    """The perceiver of IP-Adapter-Plus and IMAGDressing, with queries of its own.

    At the published sizes (width 768, depth 4, heads 12, 16 queries, inputs 1280, outputs 768)
    it has 51 tensors and 29,918,208 numbers.

    Args:
        queries: how many tokens come out.
    """

    def __init__(
        self,
        width: int,
        depth: int,
        heads: int,
        inputs: int,
        outputs: int,
        inner: int,
        queries: int,
    ) -> None:
        super().__init__(width, depth, heads, inputs, outputs, inner)
        self.latents = nn.Parameter(torch.randn(1, queries, width) * width**-0.5)

    @property
    def queries(self) -> int:
        """How many tokens come out."""
        return self.latents.shape[1]

    def forward(self, picture: Tensor) -> Tensor:  # type: ignore[override]
        """(n, queries, outputs) of a picture's tokens (n, T, inputs)."""
        return self.ask(self.latents.expand(len(picture), -1, -1).to(picture.dtype), picture)

    @classmethod
    def from_state(cls, state: Mapping[str, Tensor]) -> Self:
        """A resampler with these weights, frozen, its sizes read from them.

        Args:
            state: names as published, without a prefix. Tensors on the meta device make one there.

        Raises:
            ModelDamaged: a weight is missing, left over or of the wrong shape.
        """
        return filled(
            lambda: cls(**sizes_of(state), queries=state["latents"].shape[1]),
            state,
            "those of a resampler",
            "a file of IP-Adapter-Plus or IMAGDressing",
        )


def sizes_of(state: Mapping[str, Tensor]) -> dict[str, int]:
    """The sizes of a perceiver, by its constructor's names, from its weights' shapes.

    Raises:
        LookupError, ValueError: a weight that tells a size is missing.
    """
    width, inputs = state["proj_in.weight"].shape
    return {
        "width": width,
        "inputs": inputs,
        "outputs": state["proj_out.weight"].shape[0],
        "heads": state["layers.0.0.to_q.weight"].shape[0] // HEAD_WIDTH,
        "inner": state["layers.0.1.1.weight"].shape[0],
        "depth": 1 + max(int(k.split(".")[1]) for k in state if k.startswith("layers.")),
    }
