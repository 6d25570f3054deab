"""Self-attention that also attends to a garment.

Two published fusions, in any mixture, in one processor:

    joined   Magic Clothing (arXiv 2404.09512, eq. 3): the garment's tokens stand beside the
             picture's own in one softmax. Published code lets all 2N tokens ask and throws the
             garment's answers away; here only the picture's N tokens ask, with the same result.
    added    IMAGDressing-v1 (arXiv 2407.12705, eq. 5): a second attention over the garment's
             tokens, with keys and values of its own, is added with weight lambda.

A joined garment is attended to by itself and merged with the picture's own attention through the
log-sum-exp of both (the identity behind FlashAttention, arXiv 2205.14135), so that no keys are
copied together and a branch without garment pays for no garment tokens: tokens that are all zero
have logit 0 and value 0, hence only shrink the answer by Z / (Z + M).

All branches of a step start from the same latents, so that at the first self-attention of a UNet
they still ask the same: it is answered once for the branches that see the same garments. That
layer is one of the largest, where the softmax over all tokens costs most.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.conditions.base import Branch, Step

_QUERIES = 1024
"""Asked at once where the logits are written out, which bounds the memory they need."""

LayerTensors = dict[str, Tensor]
"""One tensor for each self-attention of a UNet, by the layer's name."""


class _Enough(Exception):
    """Every self-attention has been reached; the rest of the network would be thrown away."""


def self_attentions(unet: Any) -> dict[str, Any]:
    """The self-attentions (`attn1`) by name, in the order of `unet.attn_processors`.

    Spatial ones alone: motion modules also name theirs `attn1`.
    """
    return {
        name.removesuffix(".processor"): unet.get_submodule(name.removesuffix(".processor"))
        for name in unet.attn_processors
        if name.endswith("attn1.processor") and "motion_modules" not in name
    }


def record_features(
    unet: Any, latents: Tensor, timestep: Tensor | int, embeddings: Tensor
) -> LayerTensors:
    """Run a garment UNet and keep what enters each of its self-attentions.

    That is the output of `norm1`, before the projections to queries, keys and values. The
    network is not run any further than its last self-attention.

    Args:
        unet: the garment extractor.
        latents: (R, C, h, w), clean.
        timestep: 0 in both published systems.
        embeddings: (R, tokens, width) for its cross-attention.

    Returns:
        (R, N, C) for each layer; with gradients where they are on.
    """
    layers = self_attentions(unet)
    found: LayerTensors = {}

    def keep(name: str) -> Any:
        def hook(_: Any, inputs: tuple[Tensor, ...]) -> None:
            found[name] = inputs[0]
            if len(found) == len(layers):
                raise _Enough

        return hook

    handles = [layer.register_forward_pre_hook(keep(name)) for name, layer in layers.items()]
    try:
        unet(latents, timestep, encoder_hidden_states=embeddings, return_dict=False)
    except _Enough:
        pass
    finally:
        for handle in handles:
            handle.remove()
    return found


def split_heads(x: Tensor, heads: int) -> Tensor:
    """(R, N, heads * d) to (R, heads, N, d)."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def join_heads(x: Tensor) -> Tensor:
    """(R, heads, N, d) to (R, N, heads * d)."""
    return x.transpose(1, 2).flatten(2)


def _written_out(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    logits = (q @ k.transpose(-1, -2)).float() / math.sqrt(q.shape[-1])
    normaliser = logits.logsumexp(-1)
    return (logits - normaliser[..., None]).exp().to(v.dtype) @ v, normaliser


def attend(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Attention and the logarithm of its normaliser.

    Args:
        q: (R, heads, N, d). k, v: (R or 1, heads, M, d).

    Returns:
        The answer (R, heads, N, d) in q's type, and log sum_j exp(q . k_j / sqrt d) as float32
        (R, heads, N).
    """
    rows, heads, length, width = q.shape
    shared = len(k) == 1 and rows > 1
    if shared:  # the same keys for every row: let the rows ask as one long row
        q = q.transpose(0, 1).reshape(1, heads, rows * length, width)
    if q.device.type == "cpu" and not torch.is_grad_enabled():
        out, normaliser = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(q, k, v)
    else:
        parts = [_written_out(part, k, v) for part in q.split(_QUERIES, dim=2)]
        out, normaliser = (torch.cat(each, dim=2) for each in zip(*parts, strict=True))
    if shared:
        out = out.reshape(heads, rows, length, width).transpose(0, 1)
        normaliser = normaliser.reshape(heads, rows, length).transpose(0, 1)
    return out, normaliser


def merge(out: Tensor, log: Tensor, other: Tensor, other_log: Tensor) -> tuple[Tensor, Tensor]:
    """The attention over both sets of tokens, from the attention over each.

    Args:
        out, other: (R, heads, N, d). log, other_log: their log normalisers (R, heads, N).
    """
    share = (other_log - log).sigmoid()[..., None].to(out.dtype)
    return out.lerp(other, share), torch.logaddexp(log, other_log)


def merge_zeros(out: Tensor, log: Tensor, tokens: int, weight: float) -> tuple[Tensor, Tensor]:
    """As `merge` with `tokens` tokens whose keys and values are zero, without computing them."""
    other_log = torch.full_like(log, math.log(tokens) + math.log(weight))
    share = (log - other_log).sigmoid()[..., None].to(out.dtype)
    return out * share, torch.logaddexp(log, other_log)


@dataclass(frozen=True)
class LayerKeys:
    """What a layer attends to beside the picture: (R, heads, M, d) each, R = 1 or pictures."""

    keys: Tensor
    values: Tensor


class Source(Protocol):
    """A garment that self-attentions may see.

    Attributes:
        how: joined into the softmax, or added beside it.
        zeros: what a branch sees that does not see the garment: as many zero tokens (as the
            published Magic Clothing weights were used), or nothing.
    """

    how: Literal["joined", "added"]
    zeros: bool

    def layer(self, name: str, attn: Any) -> LayerKeys | None:
        """Keys and values for a layer, or None where it is left alone."""
        ...

    def weight(self, step: Step) -> float:
        """How strongly it is heard in a step; 0 for not at all."""
        ...

    def sees(self, branch: Branch) -> bool:
        """Whether a branch sees the garment."""
        ...


class FusedSelfAttention:
    """The attention processor of one self-attention while garments are attached to it.

    Args:
        name: the layer's.
        plain: the processor that was there before; it does the work where no garment acts, so
            that a strength of 0 is exactly the plain model.
        first: whether this is the UNet's first self-attention, where branches may still be alike.
    """

    def __init__(self, name: str, plain: Any, first: bool = False) -> None:
        self.name, self.plain, self.first = name, plain, first
        self.sources: list[tuple[Source, LayerKeys, StepHolder]] = []

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
        **rest: Any,
    ) -> Tensor:
        """(rows, N, C) to (rows, N, C)."""
        acting = [(s, keys, h.step) for s, keys, h in self.sources if s.weight(h.step) > 0]
        if not acting:
            return self.plain(
                attn, hidden_states, encoder_hidden_states, attention_mask, temb, **rest
            )
        step = acting[0][2]
        heard = [(source, keys) for source, keys, _ in acting]
        if not (self.first and _alike(hidden_states, step.pictures)):
            return _answer(attn, hidden_states, heard, step)
        kinds = [tuple(source.sees(b) for source, _ in heard) for b in step.branches]
        distinct = list(dict.fromkeys(kinds))
        few = replace(step, branches=tuple(step.branches[kinds.index(k)] for k in distinct))
        answers = _answer(attn, hidden_states[: step.pictures], heard, few).chunk(len(distinct))
        return torch.cat([answers[distinct.index(kind)] for kind in kinds])


def _alike(x: Tensor, pictures: int) -> bool:
    """Whether several branches all have the same rows."""
    first, *others = x.split(pictures)
    return bool(others) and all(torch.equal(first, other) for other in others)


def _answer(
    attn: Any, hidden_states: Tensor, heard: Sequence[tuple[Source, LayerKeys]], step: Step
) -> Tensor:
    """Self-attention with garments: (rows, N, C), or one branch's rows for all, to (rows, N, C)."""
    q = split_heads(attn.to_q(hidden_states), attn.heads)
    k = split_heads(attn.to_k(hidden_states), attn.heads)
    v = split_heads(attn.to_v(hidden_states), attn.heads)
    joined = [pair for pair in heard if pair[0].how == "joined"]
    if joined:
        out, log = attend(q, k, v)
    else:
        out, log = F.scaled_dot_product_attention(q, k, v), None
    if len(q) < step.rows:
        times = step.rows // len(q)
        q, out = (x.repeat(times, 1, 1, 1) for x in (q, out))
        log = None if log is None else log.repeat(times, 1, 1)
    for source, keys in joined:
        assert log is not None
        out, log = _join(q, out, log, source, keys, step)
    for source, keys in heard:
        if source.how == "added":
            out = _add(q, out, source, keys, step)
    return attn.to_out[1](attn.to_out[0](join_heads(out)))


def _runs(step: Step, source: Source) -> Iterator[tuple[slice, bool]]:
    """Neighbouring rows that see the garment or do not see it alike."""
    seen = [source.sees(branch) for branch in step.branches]
    first = 0
    for i in range(1, len(seen) + 1):
        if i == len(seen) or seen[i] != seen[first]:
            yield slice(first * step.pictures, i * step.pictures), seen[first]
            first = i


def _spread(x: Tensor, rows: int) -> Tensor:
    """Keys of one garment serve all rows; those of several pictures repeat for each branch."""
    return x if len(x) in (1, rows) else x.repeat(rows // len(x), 1, 1, 1)


def _join(
    q: Tensor, out: Tensor, log: Tensor, source: Source, layer: LayerKeys, step: Step
) -> tuple[Tensor, Tensor]:
    weight = source.weight(step)
    outs, logs = [], []
    for rows, seen in _runs(step, source):
        part, part_log = out[rows], log[rows]
        if seen:
            count = len(part)
            other, other_log = attend(
                q[rows], _spread(layer.keys, count), _spread(layer.values, count)
            )
            part, part_log = merge(part, part_log, other, other_log + math.log(weight))
        elif source.zeros:
            part, part_log = merge_zeros(part, part_log, layer.keys.shape[2], weight)
        outs.append(part)
        logs.append(part_log)
    return torch.cat(outs), torch.cat(logs)


def _add(q: Tensor, out: Tensor, source: Source, layer: LayerKeys, step: Step) -> Tensor:
    outs = []
    for rows, seen in _runs(step, source):
        o = out[rows]
        if seen:
            count = len(o)
            other, _ = attend(q[rows], _spread(layer.keys, count), _spread(layer.values, count))
            o = o + source.weight(step) * other
        outs.append(o)
    return torch.cat(outs)


class StepHolder:
    """The step that the loop is in, as the processors read it."""

    def __init__(self) -> None:
        self._step: Step | None = None

    @property
    def step(self) -> Step:
        """The present step. Raises RuntimeError outside of one."""
        if self._step is None:
            raise RuntimeError("the UNet runs outside of a denoising step")
        return self._step

    def enter(self, step: Step) -> None:
        """The loop is now in this step."""
        self._step = step


@contextmanager
def attached_source(unet: Any, source: Source, holder: StepHolder) -> Iterator[None]:
    """The UNet's self-attentions see the garment for the time of the `with`.

    Keys and values are computed here, once for all steps. Several sources may be attached one
    after the other; afterwards each layer has the very processor again that it had before.
    """
    undo: list[tuple[Any, Any]] = []
    try:
        for number, (name, attn) in enumerate(self_attentions(unet).items()):
            keys = source.layer(name, attn)
            if keys is None:
                continue
            before = attn.processor
            earlier = isinstance(before, FusedSelfAttention)
            fused = FusedSelfAttention(name, before.plain if earlier else before, number == 0)
            fused.sources = list(before.sources) if earlier else []
            fused.sources.append((source, keys, holder))
            attn.set_processor(fused)
            undo.append((attn, before))
        yield
    finally:
        for attn, before in reversed(undo):
            attn.processor = before


def joined_attention(
    q: Tensor, k: Tensor, v: Tensor, others: Sequence[tuple[Tensor, Tensor]]
) -> Tensor:
    """The same fusion written plainly, for training: one softmax over all keys.

    Args:
        q, k, v: (R, heads, N, d). others: keys and values (R, heads, M, d) to stand beside them.
    """
    keys = torch.cat([k, *(o[0] for o in others)], dim=2)
    values = torch.cat([v, *(o[1] for o in others)], dim=2)
    logits = q @ keys.transpose(-1, -2) / math.sqrt(q.shape[-1])
    return logits.softmax(-1).to(values.dtype) @ values
