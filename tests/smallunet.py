"""A UNet of a few thousand random weights, and attention with garments written out plainly."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor

from studio.conditions.attention import OwnKeys, record_features, self_attentions
from studio.conditions.base import Branch, Condition, Step, attach_all

U, G, T, W = Branch.UNCONDITIONAL, Branch.GARMENT, Branch.TEXT, Branch.WORDS
CHANNELS, SIDE, WIDTH, TOKENS = 4, 8, 12, 5
LAYERS = 7


def small_unet(seed: int = 0, **more: Any) -> Any:
    """Self-attention at 8 x 8 and 4 x 4, in every block and the middle; two heads."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        unet = UNet2DConditionModel(
            sample_size=SIDE, in_channels=more.pop("in_channels", CHANNELS), out_channels=CHANNELS,
            block_out_channels=(16, 32), layers_per_block=1, cross_attention_dim=WIDTH,
            down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
            attention_head_dim=2, norm_num_groups=4, **more,
        )  # fmt: skip
        with torch.no_grad():  # fresh attention is nearly even; make tokens matter
            for name, weight in unet.named_parameters():
                if name.endswith(("attn1.to_q.weight", "attn1.to_k.weight", "attn1.to_v.weight")):
                    weight.mul_(3)
                if name.endswith(("norm1.weight", "norm1.bias")) and "transformer" in name:
                    weight.add_(torch.randn_like(weight), alpha=0.3)
    return unet.eval().requires_grad_(False)


def draw(seed: int, *shape: int) -> Tensor:
    """Normal numbers that depend on the seed alone."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def garment_features(seed: int, rows: int = 1) -> dict[str, Tensor]:
    """What another UNet says about random latents."""
    extractor = small_unet(seed)
    latents = draw(seed, rows, CHANNELS, SIDE, SIDE)
    words = draw(seed + 1, 1, TOKENS, WIDTH).expand(rows, -1, -1)
    with torch.inference_mode():
        return record_features(extractor, latents, 0, words)


def own_keys(layers: dict[str, tuple[Tensor, Tensor]]) -> OwnKeys:
    """Projections of self-attentions, which published files number 0, 2, 4 …"""
    return OwnKeys.from_state(
        {
            f"{2 * i}.to_{kind}_ref.weight": weight
            for i, pair in enumerate(layers.values())
            for kind, weight in zip("kv", pair, strict=True)
        }
    )


class Words(Condition):
    """The prompt where it is seen, the negative prompt elsewhere."""

    name = "text"

    @property
    def branches(self) -> frozenset[Branch]:
        return frozenset({U})

    def embeddings(self, branch: Branch) -> Tensor:
        return draw(50 + (branch in (T, W)), 1, TOKENS, WIDTH)


def predict(
    unet: Any,
    conditions: Sequence[Condition] = (),
    branches: tuple[Branch, ...] = (U, G, T),
    pictures: int = 2,
    *,
    index: int = 0,
    count: int = 4,
    same: bool = True,
) -> Tensor:
    """One step as the loop makes it: (rows, C, h, w).

    Args:
        same: every branch gets the same latents, as in the loop; False gives each row its own.
    """
    rows = len(branches) * pictures
    x = draw(9, pictures, CHANNELS, SIDE, SIDE).repeat(len(branches), 1, 1, 1)
    if not same:
        x = draw(9, rows, CHANNELS, SIDE, SIDE)
    words = torch.cat([Words().embeddings(b).expand(pictures, -1, -1) for b in branches])
    step = Step(index, count, torch.tensor(500), branches, pictures, alike=same)
    with torch.inference_mode(), attach_all(conditions, unet):
        for condition in conditions:
            condition.before_step(step)
        x, words = x.to(unet.dtype), words.to(unet.dtype)
        return unet(x, step.timestep, encoder_hidden_states=words, return_dict=False)[0]


def one_head(q: Tensor, k: Tensor, v: Tensor, weights: Tensor | None = None) -> Tensor:
    """sum_j w_j exp(q . k_j / sqrt d) v_j / sum_j w_j exp(q . k_j / sqrt d): (N, d)."""
    terms = (q @ k.T / math.sqrt(q.shape[1])).exp()
    if weights is not None:
        terms = terms * weights
    return terms @ v / terms.sum(1, keepdim=True)


def by_head(heads: int, x: Tensor) -> list[Tensor]:
    """(N, C) to heads of (N, C / heads)."""
    return list(x.chunk(heads, dim=1))


RowFormula = Callable[[str, Any, int, Tensor], Tensor]
"""(layer's name, attention, row, (N, C)) to what enters the layer's output projection."""


class _Plainly:
    def __init__(self, name: str, formula: RowFormula) -> None:
        self.name, self.formula = name, formula

    def __call__(self, attn: Any, hidden_states: Tensor, *_: Any, **__: Any) -> Tensor:
        rows = [self.formula(self.name, attn, i, h) for i, h in enumerate(hidden_states)]
        return attn.to_out[0](torch.stack(rows))


@contextmanager
def written_out(unet: Any, formula: RowFormula):
    """Every self-attention is computed by a formula, row by row."""
    layers = self_attentions(unet)
    before = {name: attn.processor for name, attn in layers.items()}
    for name, attn in layers.items():
        attn.processor = _Plainly(name, formula)
    try:
        yield
    finally:
        for name, attn in layers.items():
            attn.processor = before[name]


def doubled(garment: Callable[[str, int], Tensor]) -> RowFormula:
    """Magic Clothing's published form: 2N tokens ask, the first N answers are kept."""

    def formula(name: str, attn: Any, row: int, h: Tensor) -> Tensor:
        both = torch.cat([h, garment(name, row)])
        q, k, v = (by_head(attn.heads, p(both)) for p in (attn.to_q, attn.to_k, attn.to_v))
        answers = torch.cat([one_head(*head) for head in zip(q, k, v, strict=True)], dim=1)
        return answers[: len(h)]

    return formula


def plain(attn: Any, h: Tensor) -> Tensor:
    """Self-attention of one row."""
    q, k, v = (by_head(attn.heads, p(h)) for p in (attn.to_q, attn.to_k, attn.to_v))
    return torch.cat([one_head(*head) for head in zip(q, k, v, strict=True)], dim=1)


def seen_by(features: dict[str, Tensor], branches: Sequence[Branch], pictures: int):
    """The published garment states of a row: zeros in the unconditional branch."""

    def garment(name: str, row: int) -> Tensor:
        stored = features[name]
        one = stored[row % pictures if len(stored) > 1 else 0]
        return one if branches[row // pictures] in (G, T) else torch.zeros_like(one)

    return garment
