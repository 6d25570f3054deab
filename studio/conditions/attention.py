"""Attention with a guest: pictures that a UNet's attentions attend to beside what they do anyway.

One processor serves every kind, any number of them at once, with and without gradients:

    joined   Magic Clothing (arXiv 2404.09512, eq. 3): in self-attentions the garment's tokens stand
             beside the picture's own in one softmax. Published code lets all 2N tokens ask and
             throws the garment's answers away; here only the picture's N tokens ask, with the same
             result.
    added    a second attention with keys and values of its own, and the same queries, is added with
             a weight: to self-attentions in IMAGDressing-v1 (arXiv 2407.12705, eq. 5), and to
             cross-attentions, beside the words, in IP-Adapter (arXiv 2308.06721, eq. 5).

A joined garment is attended to by itself and merged with the picture's own attention through the
log-sum-exp of both (the identity behind FlashAttention, arXiv 2205.14135), so that no keys are
copied together and a branch without garment pays for no garment tokens: tokens that are all zero
have logit 0 and value 0, hence only shrink the answer by Z / (Z + M).

Where all branches of a step start from the same latents, they still ask the same at the first
self-attention: it is answered once for the branches that see the same garments. That layer is one
of the largest, where the softmax over all tokens costs most.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, Self

import torch
from torch import Tensor, nn

from studio.conditions.base import Branch, Condition, Step
from studio.conditions.softmax import answer, attend, join_heads, merge, merge_zeros, split_heads
from studio.conditions.weights import filled
from studio.errors import ModelDamaged
from studio.request import Control

LayerTensors = Mapping[str, Tensor]
"""One tensor for each self-attention of a UNet, by the layer's name."""

Where = Literal["attn1", "attn2"]
"""Self-attentions, cross-attentions: what diffusers calls them in each block."""


def attentions(unet: Any, where: Where | None = None) -> Iterator[tuple[int, str, Any]]:
    """Number, name and attention of all, in the order of `unet.attn_processors`, or of one kind.

    Published adapters number their weights in this order: down, up, middle; the self-attention
    of a block before its cross-attention. Motion modules, which also have some, are left out.
    """
    names = (name.removesuffix(".processor") for name in unet.attn_processors)
    for number, name in enumerate(n for n in names if "motion_modules" not in n):
        if where is None or name.endswith(where):
            yield number, name, unet.get_submodule(name)


def self_attentions(unet: Any) -> dict[str, Any]:
    """The self-attentions by name."""
    return {name: attn for _, name, attn in attentions(unet, "attn1")}


class _Enough(Exception):
    """Every self-attention has been reached; the rest of the network would be thrown away."""


def record_features(
    unet: Any, latents: Tensor, timestep: Tensor | int, embeddings: Tensor
) -> dict[str, Tensor]:
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
    found: dict[str, Tensor] = {}

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


class OwnKeys(nn.Module):
    """Key and value projections that an adapter brings for attentions, named as published.

    Weights are `{number}.to_k_{suffix}.weight` and `{number}.to_v_{suffix}.weight`.

    Args:
        shapes: (C, features of a token) of each layer's, by the layer's number.
        suffix: "ip" in IP-Adapter, "ref" in IMAGDressing.
    """

    def __init__(self, shapes: Mapping[int, Sequence[int]], suffix: str = "ip"):
        super().__init__()
        self.shapes = {number: tuple(shape) for number, shape in shapes.items()}
        names = [f"to_{kind}_{suffix}" for kind in "kv"]
        for number, (wide, width) in self.shapes.items():
            pair = {name: nn.Linear(width, wide, bias=False) for name in names}
            self.add_module(str(number), nn.ModuleDict(pair))

    def pair(self, number: int) -> tuple[nn.Linear, nn.Linear]:
        """What makes a layer's keys and values."""
        pair: Any = self.get_submodule(str(number))
        key, value = pair.values()
        return key, value

    @classmethod
    def of_unet(cls, unet: Any, where: Where = "attn2", suffix: str = "ip") -> Self:
        """Projections that start as the UNet's own, as published trainings do."""
        layers = {number: attn for number, _, attn in attentions(unet, where)}
        made = cls({i: attn.to_k.weight.shape for i, attn in layers.items()}, suffix)
        with torch.no_grad():
            for i, attn in layers.items():
                for mine, theirs in zip(made.pair(i), (attn.to_k, attn.to_v), strict=True):
                    mine.weight.copy_(theirs.weight)
        return made

    @classmethod
    def from_state(cls, state: Mapping[str, Tensor]) -> Self:
        """Projections with these weights, frozen. Raises ModelDamaged for other names or shapes."""

        def made() -> Self:
            shapes = {int(k.split(".")[0]): v.shape for k, v in sorted(state.items())}
            return cls(dict(sorted(shapes.items())), next(iter(state)).split(".")[1][5:])

        return filled(made, state, "those of an image adapter", "a file of IP-Adapter")

    def check(self, unet: Any, where: Where) -> None:
        """Raises ModelDamaged where the weights belong to another UNet."""
        wanted = {i: tuple(attn.to_k.weight.shape) for i, _, attn in attentions(unet, where)}
        if wanted != self.shapes:
            raise ModelDamaged(
                f"This image adapter belongs to another model: its {len(self.shapes)} layers do "
                f"not fit the {len(wanted)} of this one; choose the adapter made for this model."
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


class Source(Condition, ABC):
    """A picture that attentions see: a condition that changes nothing else.

    Args:
        control: when and how strongly it is heard; strength 0 is exactly the plain model.

    Attributes:
        where: the attentions that see it. how: joined into their softmax, or added beside it.
        seen_by: the branches that see it.
        keys: projections of its own; None for the UNet's.
        zeros: whether the other branches hear as many tokens that are all zero, as the published
            Magic Clothing weights were used.
    """

    where: Where
    how: Literal["joined", "added"]
    seen_by: frozenset[Branch] = frozenset({Branch.TEXT})
    keys: OwnKeys | None = None
    zeros = False
    _step: Step | None = None

    def __init__(self, control: Control) -> None:
        self.control = control

    @abstractmethod
    def layer(self, name: str) -> ImageTokens:
        """What a layer is shown, before it is projected to keys and values."""

    @property
    def branches(self) -> frozenset[Branch]:
        """The unconditional one, which does not see the picture."""
        return frozenset({Branch.UNCONDITIONAL})

    def weight(self, step: Step) -> float:
        """The control's strength in the steps in which it acts; 0 for not at all."""
        return self.control.strength if self.control.acts(step.index, step.count) else 0.0

    def sees(self, branch: Branch) -> bool:
        """Whether a branch sees the picture."""
        return branch in self.seen_by

    def before_step(self, step: Step) -> None:
        """Notes the step for the attention processors."""
        self._step = step

    @property
    def step(self) -> Step:
        """The present step. Raises RuntimeError outside of one."""
        if self._step is None:
            raise RuntimeError("the UNet runs outside of a denoising step")
        return self._step

    @contextmanager
    def attached(self, unet: Any) -> Iterator[None]:
        """The UNet's attentions see the picture for the time of the `with`.

        Keys and values are computed here, once for all steps, with gradients where they are on.
        Several sources may be attached one after the other; afterwards each layer has the very
        processor again that it had before.

        Raises:
            ModelDamaged: the adapter belongs to another model.
        """
        if self.keys is not None:
            self.keys.check(unet, self.where)
        with ExitStack() as undo:
            for number, name, attn in attentions(unet, self.where):
                before = attn.processor
                undo.callback(setattr, attn, "processor", before)
                first = number == 0 and _hears_no_words(unet, name)
                earlier = before if isinstance(before, Hearing) else Hearing(before, first, ())
                heard = _Heard.of(self, number, name, attn)
                attn.set_processor(Hearing(earlier.plain, first, (*earlier.heard, heard)))
            yield


def _hears_no_words(unet: Any, name: str) -> bool:
    """Whether nothing of the words reaches a first layer: by a layer before it, or with the time.

    In the blocks up and in the middle a layer has cross-attentions and control networks before it.
    """
    return name.startswith("down_blocks") and unet.config.get("addition_embed_type") is None


class KeyValue(NamedTuple):
    """Keys and values of a picture's tokens: (R, heads, M, d) each, R = 1 or pictures."""

    key: Tensor
    value: Tensor

    @classmethod
    def of(
        cls, attn: Any, tokens: Tensor, pair: tuple[nn.Linear, nn.Linear] | None = None
    ) -> KeyValue:
        """Projected in the type of the projections, which may be a higher one than the UNet's."""
        projections = pair or (attn.to_k, attn.to_v)
        tokens = tokens.to(projections[0].weight)
        return cls(*(split_heads(p(tokens), attn.heads) for p in projections))

    def beside(self, q: Tensor) -> KeyValue:
        """For queries: one picture serves all rows as it is, several repeat for each branch."""
        count, rows = len(self.key), len(q)
        pair = (x.to(q) for x in self)
        return KeyValue(
            *pair if count in (1, rows) else (x.repeat(rows // count, 1, 1, 1) for x in pair)
        )


@dataclass(frozen=True)
class _Heard:
    """A source in one layer."""

    source: Source
    seen: KeyValue
    unseen: KeyValue | None

    @classmethod
    def of(cls, source: Source, number: int, name: str, attn: Any) -> _Heard:
        pair = None if source.keys is None else source.keys.pair(number)
        tokens = source.layer(name)
        unseen = None if tokens.unseen is None else KeyValue.of(attn, tokens.unseen, pair)
        return cls(source, KeyValue.of(attn, tokens.seen, pair), unseen)

    def runs(self, step: Step) -> Iterator[tuple[slice, bool]]:
        """Neighbouring rows that see the picture, or do not see it, alike."""
        seen = [self.source.sees(branch) for branch in step.branches]
        first = 0
        for i in range(1, len(seen) + 1):
            if i == len(seen) or seen[i] != seen[first]:
                yield slice(first * step.pictures, i * step.pictures), seen[first]
                first = i


class Hearing:
    """The attention processor of one attention while pictures are attached to it.

    Args:
        plain: the processor that was there before; it does the work where no picture acts, so
            that a strength of 0 is exactly the plain model.
        first: whether this is a self-attention before which branches have had nothing of their own.
        heard: the pictures.
    """

    def __init__(self, plain: Any, first: bool, heard: tuple[_Heard, ...]) -> None:
        self.plain, self.first, self.heard = plain, first, heard

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
    ) -> Tensor:
        """(rows, N, C) to (rows, N, C); words, in cross-attentions, are (rows, T, width)."""
        acting = [h for h in self.heard if h.source.weight(h.source.step) > 0]
        if not acting:
            return self.plain(attn, hidden_states, encoder_hidden_states, attention_mask)
        step = acting[0].source.step
        if not (self.first and step.alike and len(step.branches) > 1):
            return _answer(attn, hidden_states, encoder_hidden_states, acting, step)
        kinds = [tuple(h.source.sees(b) for h in acting) for b in step.branches]
        distinct = list(dict.fromkeys(kinds))
        few = replace(step, branches=tuple(step.branches[kinds.index(k)] for k in distinct))
        found = _answer(attn, hidden_states[: step.pictures], None, acting, few)
        answers = found.chunk(len(distinct))
        return torch.cat([answers[distinct.index(kind)] for kind in kinds])


def _answer(
    attn: Any, x: Tensor, words: Tensor | None, acting: Sequence[_Heard], step: Step
) -> Tensor:
    """Attention with guests: (rows, N, C), or one branch's rows for all, to (rows, N, C)."""
    known = x if words is None else words
    q, k, v = (
        split_heads(p(y), attn.heads)
        for p, y in ((attn.to_q, x), (attn.to_k, known), (attn.to_v, known))
    )
    in_turn = sorted(acting, key=lambda heard: heard.source.how == "added")
    found = attend(q, k, v) if in_turn[0].source.how == "joined" else (answer(q, k, v),)
    if len(q) < step.rows:
        times = step.rows // len(q)
        q, *found = (y.repeat(times, *[1] * (y.dim() - 1)) for y in (q, *found))
    for heard in in_turn:
        found = _heard_too(q, found, heard, step)
    return attn.to_out[1](attn.to_out[0](join_heads(found[0])))


def _heard_too(q: Tensor, found: Sequence[Tensor], heard: _Heard, step: Step) -> tuple[Tensor, ...]:
    """The answers with one more picture, and their log normalisers where it is joined."""
    source, weight = heard.source, heard.source.weight(step)
    parts: list[tuple[Tensor, ...]] = []
    for rows, seen in heard.runs(step):
        out, *log = (x[rows] for x in found)
        tokens = heard.seen if seen else heard.unseen
        asked = None if tokens is None else (q[rows], *tokens.beside(q[rows]))
        if source.how == "added":  # zero tokens would add nothing
            out, log = out if asked is None else out + weight * answer(*asked), []
        elif asked is not None:
            other, other_log = attend(*asked)
            out, *log = merge(out, log[0], other, other_log + math.log(weight))
        elif source.zeros:
            out, *log = merge_zeros(out, log[0], heard.seen.key.shape[2], weight)
        parts.append((out, *log))
    return tuple(torch.cat(each) for each in zip(*parts, strict=True))
