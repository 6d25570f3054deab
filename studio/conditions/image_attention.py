"""Cross-attention that also hears pictures: decoupled cross-attention.

IP-Adapter (arXiv 2308.06721, equation 5): beside the words, with the same queries and with key and
value projections of its own, each cross-attention (`attn2`) attends to a few tokens of a picture,

    out = softmax(Q K_text^T / sqrt d) V_text + scale * softmax(Q K_image^T / sqrt d) V_image

before the output projection. Several pictures (a garment, a face) add up. The words keep all their
tokens, whatever is attached. Only cross-attentions are touched, so self-attentions may have
processors of their own meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.conditions.attention import LayerKeys, StepHolder, join_heads, split_heads
from studio.conditions.base import Branch, Step
from studio.errors import ModelDamaged


def spatial_attentions(unet: Any) -> dict[str, Any]:
    """All attentions by name, in the order of `unet.attn_processors`, without motion modules.

    Published adapters number their weights in this order: down, up, middle; the self-attention
    of a block before its cross-attention.
    """
    names = (name.removesuffix(".processor") for name in unet.attn_processors)
    return {name: unet.get_submodule(name) for name in names if "motion_modules" not in name}


def cross_attentions(unet: Any) -> dict[str, tuple[int, Any]]:
    """The cross-attentions (`attn2`) by name, each with its published number."""
    every = enumerate(spatial_attentions(unet).items())
    return {name: (i, attn) for i, (name, attn) in every if name.endswith("attn2")}


class ImageKeys(nn.Module):
    """The key and value projections of all cross-attentions, named as published.

    Weights are `{number}.to_k_ip.weight` and `{number}.to_v_ip.weight`, (C, width) each.

    Args:
        channels: C of each layer, by the layer's number.
        width: features of an image token.
    """

    def __init__(self, channels: Mapping[int, int], width: int):
        super().__init__()
        self.width = width
        for number, wide in channels.items():
            pair = {name: nn.Linear(width, wide, bias=False) for name in ("to_k_ip", "to_v_ip")}
            self.add_module(str(number), nn.ModuleDict(pair))

    def project(self, number: int, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values (n, M, C) of image tokens (n, M, width) for a layer."""
        pair: Any = self.get_submodule(str(number))
        return pair["to_k_ip"](tokens), pair["to_v_ip"](tokens)

    @property
    def numbers(self) -> frozenset[int]:
        """The layers that have weights."""
        return frozenset(int(name) for name, _ in self.named_children())

    @classmethod
    def of_unet(cls, unet: Any) -> Self:
        """Projections that start as the UNet's own for words, as IP-Adapter's training does."""
        layers = cross_attentions(unet).values()
        width = int(unet.config.cross_attention_dim)
        made = cls({i: attn.to_k.weight.shape[0] for i, attn in layers}, width)
        with torch.no_grad():
            for i, attn in layers:
                pair: Any = made.get_submodule(str(i))
                pair["to_k_ip"].weight.copy_(attn.to_k.weight)
                pair["to_v_ip"].weight.copy_(attn.to_v.weight)
        return made

    @classmethod
    def from_state(cls, state: Mapping[str, Tensor]) -> Self:
        """Projections with these weights, frozen.

        Raises:
            ModelDamaged: a name or shape is none of an image adapter.
        """
        try:
            shapes = {int(k.split(".")[0]): v.shape for k, v in sorted(state.items())}
            width = int(next(iter(shapes.values()))[1])
            with torch.device("meta"):
                made = cls({i: int(shape[0]) for i, shape in sorted(shapes.items())}, width)
            made.load_state_dict(dict(state), assign=True)
        except (ValueError, IndexError, StopIteration, RuntimeError) as error:
            reason = (str(error).splitlines() or ["it is empty"])[-1].strip()
            raise ModelDamaged(
                f"These weights are not those of an image adapter ({reason}); choose a file of "
                "IP-Adapter."
            ) from error
        return made.eval().requires_grad_(False)

    def check(self, unet: Any) -> None:
        """Raises ModelDamaged where the weights belong to another UNet."""
        wanted = {i: attn.to_k.weight.shape[0] for i, attn in cross_attentions(unet).values()}
        given = {i: int(self.get_parameter(f"{i}.to_k_ip.weight").shape[0]) for i in self.numbers}
        if wanted != given or self.width != int(unet.config.cross_attention_dim):
            raise ModelDamaged(
                f"This image adapter belongs to another model: it has {len(given)} layers for "
                f"tokens of {self.width} features, the model has {len(wanted)} for "
                f"{unet.config.cross_attention_dim}; choose the adapter made for this model."
            )


@dataclass(frozen=True)
class ImageTokens:
    """A picture's tokens as the branches see them.

    Attributes:
        seen: (1 or pictures, M, width) for the branches that see the picture.
        unseen: the same for the others, an adapter's answer to no picture; None for no tokens.
    """

    seen: Tensor
    unseen: Tensor | None = None


class ImageSource(Protocol):
    """A picture that cross-attentions may hear."""

    tokens: ImageTokens
    keys: ImageKeys

    def weight(self, step: Step) -> float:
        """The scale in a step; 0 for not at all."""
        ...

    def sees(self, branch: Branch) -> bool:
        """Whether a branch sees the picture."""
        ...


@dataclass(frozen=True)
class _Heard:
    """One picture in one layer: its keys and values, computed once for all steps."""

    source: ImageSource
    seen: LayerKeys
    unseen: LayerKeys | None
    holder: StepHolder


class FusedCrossAttention:
    """The attention processor of one cross-attention while pictures are attached to it.

    Args:
        plain: the processor that was there before; it does the work where no picture acts, so
            that a scale of 0 is exactly the plain model.
    """

    def __init__(self, plain: Any) -> None:
        self.plain = plain
        self.heard: list[_Heard] = []

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
        **rest: Any,
    ) -> Tensor:
        """(rows, N, C) to (rows, N, C); words are (rows, T, width)."""
        acting = [h for h in self.heard if h.source.weight(h.holder.step) != 0]
        if not acting or encoder_hidden_states is None:
            return self.plain(
                attn, hidden_states, encoder_hidden_states, attention_mask, temb, **rest
            )
        q = split_heads(attn.to_q(hidden_states), attn.heads)
        k = split_heads(attn.to_k(encoder_hidden_states), attn.heads)
        v = split_heads(attn.to_v(encoder_hidden_states), attn.heads)
        mask = None
        if attention_mask is not None:
            rows, length = len(q), k.shape[2]
            mask = attn.prepare_attention_mask(attention_mask, length, rows)
            mask = mask.view(rows, attn.heads, -1, length)
        out = F.scaled_dot_product_attention(q, k, v, mask)
        for heard in acting:
            out = out + _answers(q, heard)
        return attn.to_out[1](attn.to_out[0](join_heads(out)))


def _answers(q: Tensor, heard: _Heard) -> Tensor:
    """What a picture adds to each row: (rows, heads, N, d)."""
    step, source = heard.holder.step, heard.source
    parts = []
    for branch, asking in zip(step.branches, q.split(step.pictures), strict=True):
        layer = heard.seen if source.sees(branch) else heard.unseen
        if layer is None:
            parts.append(torch.zeros_like(asking))
            continue
        keys, values = (x.to(q.dtype).expand(len(asking), -1, -1, -1) for x in
                        (layer.keys, layer.values))  # fmt: skip
        parts.append(F.scaled_dot_product_attention(asking, keys, values))
    return source.weight(step) * torch.cat(parts)


def _layer_keys(source: ImageSource, number: int, attn: Any, tokens: Tensor) -> LayerKeys:
    """In the type of the UNet, which may be lower than the adapter's."""
    weight = source.keys.get_parameter(f"{number}.to_k_ip.weight")
    pair = source.keys.project(number, tokens.to(weight.device, weight.dtype))
    own = attn.to_q.weight
    keys, values = (split_heads(x.to(own.device, own.dtype), attn.heads) for x in pair)
    return LayerKeys(keys, values)


@contextmanager
def attached_picture(unet: Any, source: ImageSource, holder: StepHolder) -> Iterator[None]:
    """The UNet's cross-attentions hear a picture for the time of the `with`.

    Several may be attached one after the other; afterwards each layer has the very processor
    again that it had before.

    Raises:
        ModelDamaged: the adapter belongs to another model.
    """
    source.keys.check(unet)
    undo: list[tuple[Any, Any]] = []
    try:
        for number, attn in cross_attentions(unet).values():
            before = attn.processor
            earlier = isinstance(before, FusedCrossAttention)
            fused = FusedCrossAttention(before.plain if earlier else before)
            fused.heard = list(before.heard) if earlier else []
            tokens = source.tokens
            seen = _layer_keys(source, number, attn, tokens.seen)
            unseen = (
                None if tokens.unseen is None else _layer_keys(source, number, attn, tokens.unseen)
            )
            fused.heard.append(_Heard(source, seen, unseen, holder))
            attn.set_processor(fused)
            undo.append((attn, before))
        yield
    finally:
        for attn, before in reversed(undo):
            attn.processor = before
