"""Low-rank changes of weights: what they change, and how they are put in and taken out again.

Several at once (styles, a face's) add up: the sum is computed in float32 from the weight without
any of them and rounded once, so their order does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.weak import WeakIdKeyDictionary

from studio.checkpoints.shapes import shape_text
from studio.errors import BadInput


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


def fitted(
    model: nn.Module, changes: Mapping[str, Change], whose: str
) -> list[tuple[Tensor, Change]]:
    """The weights to change, every one of which fits.

    Args:
        model: as for `layers_of`. changes: by its names.
        whose: for the sentence.

    Raises:
        BadInput: a change was made for another model.
    """
    layers = layers_of(model)
    found: list[tuple[Tensor, Change]] = []
    for name, change in changes.items():
        layer: Any = layers.get(name)
        why = "is not in this one"
        if layer is not None:
            weight = getattr(layer, "base_layer", layer).weight
            shape = plain(weight.shape)
            if change.shape == shape:
                found.append((weight, change))
                continue
            why = f"has {shape_text(change.shape)} numbers and here {shape_text(shape)}"
        raise BadInput(
            f"The {whose} was made for another model, its layer “{change.layer}” {why}: choose "
            "one made for this model."
        )
    return found


_folded = WeakIdKeyDictionary()
"""Of each changed weight: its tensor without any change, and what is added to that."""

_Terms = tuple[tuple[float, Change], ...]


@contextmanager
def fold(found: Sequence[tuple[Tensor, Change]], scale: float) -> Iterator[None]:
    """Every weight W is W + scale * difference meanwhile; afterwards it is the very same tensor.

    Those within one another must end in reverse order, as those of a `with` do.

    Args:
        found: weights and their changes, of equal shapes.
        scale: any number.
    """
    with ExitStack() as undo:
        for weight, change in found:
            original, terms = _folded.get(weight) or (weight.data, ())
            undo.callback(_put, weight, original, terms)
            _put(weight, original, (*terms, (scale, change)))
        yield


def _put(weight: Tensor, original: Tensor, terms: _Terms) -> None:
    """Without terms the weight is its original tensor again.

    Sums below the last one are computed again when it is their turn, instead of keeping a copy of
    the whole model for each change.
    """
    if not terms:
        weight.data = original
        _folded.pop(weight, None)
        return
    with torch.inference_mode(False), torch.no_grad():
        total = original.to(torch.float32, copy=True)
        for scale, change in terms:
            total += scale * change.difference(original)
        weight.data = total.to(original.dtype)
    _folded[weight] = original, terms


def layers_of(model: nn.Module) -> dict[str, nn.Module]:
    """Every layer that a LoRA can change, by all names that `place_of` gives it.

    Args:
        model: a `UNet2DConditionModel` or a `CLIPTextModel`. The latter has its layers under
            `text_model` or, since transformers 5, right within it; the names here are the same.
    """
    found: dict[str, nn.Module] = {}
    for name, module in model.named_modules():
        weight = getattr(module, "weight", None)
        if weight is not None and weight.dim() > 1 and not isinstance(module, nn.Embedding):
            found[name.replace(".", "_").removeprefix("text_model_")] = module
    if hasattr(model, "down_blocks"):
        for theirs, ours in _first_names(model):
            found |= {
                theirs + name[len(ours) :]: module
                for name, module in list(found.items())
                if name == ours or name.startswith(f"{ours}_")
            }
    return found


def _first_names(unet: Any) -> Iterator[tuple[str, str]]:
    """What CompVis' code called a UNet's parts, and what they are called in diffusers."""
    yield "input_blocks_0_0", "conv_in"
    yield "out_2", "conv_out"
    yield "time_embed_0", "time_embedding_linear_1"
    yield "time_embed_2", "time_embedding_linear_2"
    number = 1
    for i, block in enumerate(unet.down_blocks):
        for j in range(len(block.resnets)):
            yield from _block(f"input_blocks_{number}", f"down_blocks_{i}", j)
            number += 1
        if getattr(block, "downsamplers", None):
            yield f"input_blocks_{number}_0_op", f"down_blocks_{i}_downsamplers_0_conv"
            number += 1
    yield from _resnet("middle_block_0", "mid_block_resnets_0")
    yield "middle_block_1", "mid_block_attentions_0"
    yield from _resnet("middle_block_2", "mid_block_resnets_1")
    number = 0
    for i, block in enumerate(unet.up_blocks):
        for j in range(len(block.resnets)):
            yield from _block(f"output_blocks_{number}", f"up_blocks_{i}", j)
            number += 1
        if getattr(block, "upsamplers", None):
            after = 2 if getattr(block, "attentions", None) else 1
            yield f"output_blocks_{number - 1}_{after}_conv", f"up_blocks_{i}_upsamplers_0_conv"


def _block(theirs: str, ours: str, number: int) -> Iterator[tuple[str, str]]:
    yield from _resnet(f"{theirs}_0", f"{ours}_resnets_{number}")
    yield f"{theirs}_1", f"{ours}_attentions_{number}"


def _resnet(theirs: str, ours: str) -> Iterator[tuple[str, str]]:
    yield f"{theirs}_in_layers_2", f"{ours}_conv1"
    yield f"{theirs}_emb_layers_1", f"{ours}_time_emb_proj"
    yield f"{theirs}_out_layers_3", f"{ours}_conv2"
    yield f"{theirs}_skip_connection", f"{ours}_conv_shortcut"
