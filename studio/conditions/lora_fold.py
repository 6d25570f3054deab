"""Low-rank changes of weights, put in and taken out again.

Several at once add up: the sum is computed in float32 from the weight without any of them and
rounded once, so their order does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary


@dataclass(frozen=True, eq=False)
class Change:
    """What a LoRA does to one layer.

    Attributes:
        layer: what the file calls it.
        down: (rank, inputs) or (rank, inputs, kernel, kernel).
        up: (outputs, rank) or (outputs, rank, 1, 1).
        factor: alpha / rank.
    """

    layer: str
    down: Tensor
    up: Tensor
    factor: float

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the weight that it changes; a kernel of one is left out."""
        return plain((self.up.shape[0], *self.down.shape[1:]))

    def difference(self, weight: Tensor) -> Tensor:
        """factor * up @ down in float32, of the weight's shape and on its device."""
        up, down = (t.to(weight.device).float().flatten(1) for t in (self.up, self.down))
        return (up @ down).reshape(weight.shape) * self.factor


def plain(shape: Sequence[int]) -> tuple[int, ...]:
    """A shape without ones at its end: a linear layer is like a convolution of one pixel here."""
    kept = tuple(shape)
    while len(kept) > 2 and kept[-1] == 1:
        kept = kept[:-1]
    return kept


@dataclass(frozen=True, eq=False)
class _Sum:
    """A weight with styles in it: the weight without, what was added, and where the sum lies."""

    original: Tensor
    terms: tuple[tuple[float, Change], ...]
    address: int

    def computed(self) -> Tensor:
        total = self.original.to(torch.float32, copy=True)
        for scale, change in self.terms:
            total += scale * change.difference(self.original)
        return total.to(self.original.dtype)


_sums = WeakIdKeyDictionary()


@contextmanager
def fold(found: Sequence[tuple[Tensor, Change]], scale: float) -> Iterator[None]:
    """Every weight W is W + scale * difference meanwhile; afterwards it is the very same tensor.

    Args:
        found: weights and their changes, of equal shapes.
        scale: any number.
    """
    with ExitStack() as undo:
        for weight, change in found:
            below: _Sum | None = _sums.get(weight)
            if below is None or below.address != weight.data_ptr():
                # No style yet, or something else (a face's adapter) changed the weight since.
                below = _Sum(weight.data, (), weight.data_ptr())
            _put(weight, replace(below, terms=(*below.terms, (scale, change))))
            undo.callback(_put, weight, below)
        yield


def _put(weight: Tensor, wanted: _Sum) -> None:
    """Without terms the weight is its original tensor again.

    Sums below the last one are computed again when it is their turn, instead of keeping a copy of
    the whole model for each style.
    """
    if not wanted.terms:
        weight.data = wanted.original
        _sums.pop(weight, None)
        return
    with torch.inference_mode(False), torch.no_grad():
        weight.data = wanted.computed()
    _sums[weight] = replace(wanted, address=weight.data_ptr())
