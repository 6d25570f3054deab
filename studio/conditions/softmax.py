"""The arithmetic of attention over one set of tokens, and over two that are merged."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

_QUERIES = 1024
"""Asked at once where the logits are written out, which bounds the memory they need."""


def split_heads(x: Tensor, heads: int) -> Tensor:
    """(R, N, heads * d) to (R, heads, N, d)."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def join_heads(x: Tensor) -> Tensor:
    """(R, heads, N, d) to (R, N, heads * d)."""
    return x.transpose(1, 2).flatten(2)


def answer(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention.

    Args:
        q: (R, heads, N, d). k, v: (R or 1, heads, M, d).

    Returns:
        (R, heads, N, d). With gradients on a CPU by explicit products, whose backward pass is
        quicker there than fused attention's.
    """
    return _in_one_row(_plain_kernel, q, k, v)[0]


def attend(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Attention and the logarithm of its normaliser.

    Args: as for `answer`.

    Returns:
        The answer (R, heads, N, d) in q's type, and log sum_j exp(q . k_j / sqrt d) as float32
        (R, heads, N).
    """
    out, normaliser = _in_one_row(_kernel, q, k, v)
    return out, normaliser


def _in_one_row(
    kernel: Callable[..., tuple[Tensor, ...]], q: Tensor, k: Tensor, v: Tensor
) -> tuple[Tensor, ...]:
    """The same keys for every row: the rows ask as one long row."""
    rows, _, length, _ = q.shape
    if len(k) == rows:
        return kernel(q, k, v)
    found = kernel(q.transpose(0, 1).flatten(1, 2)[None], k, v)
    return tuple(x[0].unflatten(1, (rows, length)).transpose(0, 1) for x in found)


def _plain_kernel(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor]:
    if q.device.type == "cpu" and torch.is_grad_enabled():
        return (((q @ k.mT / math.sqrt(q.shape[-1])).softmax(-1).to(v.dtype) @ v),)
    return (F.scaled_dot_product_attention(q, k, v),)


def _kernel(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, ...]:
    if q.device.type == "cpu" and not torch.is_grad_enabled():
        return torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(q, k, v)
    parts = [_written_out(part, k, v) for part in q.split(_QUERIES, dim=2)]
    return tuple(torch.cat(each, dim=2) for each in zip(*parts, strict=True))


def _written_out(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    logits = (q @ k.mT).float() / math.sqrt(q.shape[-1])
    normaliser = logits.logsumexp(-1)
    return (logits - normaliser[..., None]).exp().to(v.dtype) @ v, normaliser


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
