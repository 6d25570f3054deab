"""Styles: LoRAs added to the model's weights while a picture is made, any number at once.

A LoRA file changes layers of the UNet and, often, of the text encoder. For the time of a `with`
the weight W of each becomes

    W + sum over styles of scale * alpha / rank * up @ down       (Hu et al. 2021, section 4.1)

computed in float32 from the weight without any style and rounded once, so that the order of the
styles does not matter. Folding costs nothing per step, and everything that reads the UNet's
weights (a garment's attention, a control network's copy) finds the style in them.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from math import isfinite, sqrt
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from studio.checkpoints.header import AGAIN, header_of
from studio.checkpoints.shapes import part
from studio.checkpoints.styles import StyleLayer, style_layers
from studio.conditions.base import Condition
from studio.conditions.lora import Change, fitted, fold
from studio.errors import BadInput, ModelDamaged
from studio.forms import SHAPELESS, read_object

_KEPT, _KEPT_NUMBERS = 8, 2**28


@dataclass(frozen=True, eq=False)
class StyleWeights:
    """A LoRA that was read.

    Attributes:
        name: of its file, for people. sha256: of its bytes.
        unet, text: changes by the names of `studio.checkpoints.lora_names`.
    """

    name: str
    sha256: str
    unet: Mapping[str, Change]
    text: Mapping[str, Change]

    def check(self, unet: nn.Module) -> None:
        """Raises BadInput if this is not a style for this UNet."""
        self._fitted(unet)

    @contextmanager
    def folded(self, unet: nn.Module, scale: float) -> Iterator[None]:
        """The style is in the UNet's weights meanwhile; afterwards they are the very same again.

        Args:
            scale: 0 leaves the weights alone; may be negative.

        Raises:
            BadInput: the style was made for another model; nothing was changed then.
        """
        with fold(self._fitted(unet) if scale else [], scale):
            yield

    @contextmanager
    def folded_text(self, encoder: nn.Module, scale: float) -> Iterator[None]:
        """The same for a `CLIPTextModel`; nothing happens if the style does not change it."""
        with fold(fitted(encoder, self.text, self._called) if scale else [], scale):
            yield

    @property
    def _called(self) -> str:
        return f"style “{self.name}”"

    def _fitted(self, unet: nn.Module) -> list[tuple[Tensor, Change]]:
        """What it changes in the UNet; nothing where it changes only how words are read."""
        return fitted(unet, self.unet, self._called)


@contextmanager
def styled_text_encoder(
    encoder: nn.Module, styles: Sequence[tuple[StyleWeights, float]]
) -> Iterator[None]:
    """The styles' part of the text encoder, each with its scale; undone afterwards.

    A memory of encoded texts must tell these apart: see `text_variant` and `TextEncoder.styled`.

    Raises:
        BadInput: a style was made for another text encoder.
    """
    with ExitStack() as stack:
        for weights, scale in styles:
            stack.enter_context(weights.folded_text(encoder, scale))
        yield


def text_variant(styles: Sequence[tuple[StyleWeights, float]]) -> str:
    """Names how a text encoder reads under these styles; empty where it reads as ever."""
    return " ".join(
        f"{weights.sha256}*{scale!r}" for weights, scale in styles if scale and weights.text
    )


class StyleCondition(Condition):
    """A style in the weights of the UNet, in all branches.

    Put it before conditions that read the UNet's weights when they are attached (a garment). The
    text encoder's part must be there when the prompt is encoded: `studio.conditions.text`.

    Args:
        file: its name, for people. data: the bytes of its file.
        scale: how strongly it is heard.

    Raises:
        BadInput, ModelDamaged: as `read_style`.
    """

    name = "style"

    def __init__(self, file: str, data: bytes, scale: float) -> None:
        self.scale = scale
        self.weights = read_style(data, file)

    @contextmanager
    def attached(self, unet: nn.Module) -> Iterator[None]:
        """The style is in the UNet meanwhile. Raises BadInput if it was made for another one."""
        with self.weights.folded(unet, self.scale):
            yield


_kept: OrderedDict[str, StyleWeights] = OrderedDict()
_lock = threading.Lock()


def read_style(data: bytes, name: str) -> StyleWeights:
    """A LoRA for a Stable Diffusion UNet and CLIP text encoder in any of the usual layouts.

    The last ones are remembered by their contents.

    Args:
        data: of a safetensors file. name: what people call it, for sentences about it.

    Raises:
        BadInput: it is something else, or a LoRA with parts that are not understood, in the words
            in which `studio.checkpoints.styles` refuses it before.
        ModelDamaged: it is cut off, incomplete, or holds no numbers.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    with _lock:
        found = _kept.get(sha256) or _read(data, name, sha256)
        _kept[sha256] = found
        _kept.move_to_end(sha256)
        while len(_kept) > _KEPT or (len(_kept) > 1 and _numbers() > _KEPT_NUMBERS):
            _kept.popitem(last=False)
    return replace(found, name=name)


def _numbers() -> int:
    return sum(
        change.down.numel() + change.up.numel()
        for style in _kept.values()
        for part in (style.unet, style.text)
        for change in part.values()
    )


def _read(data: bytes, name: str, sha256: str) -> StyleWeights:
    header = header_of(data, name)
    layers = style_layers(header, name)
    if header.layout != "safetensors":
        raise BadInput(
            f"“{name}” was written by torch.save: take it in again, which writes it anew as a "
            ".safetensors file."
        )
    try:
        # A style read during inference is used outside of it as well.
        with torch.inference_mode(False):
            state = part(load(data), header.prefix)
    except (SafetensorError, RuntimeError, KeyError, ValueError) as error:
        raise ModelDamaged(
            f"“{name}” is damaged, or holds numbers in a format that is not known: {AGAIN}, or "
            "choose another."
        ) from error
    written = _written_alphas(data)
    parts: dict[str, dict[str, Change]] = {"unet": {}, "text": {}}
    for one in layers:
        parts[one.part][one.place] = _change(name, one, state, written)
    return StyleWeights(name, sha256, parts["unet"], parts["text"])


def _change(name: str, one: StyleLayer, state: Mapping[str, Tensor], written: _Alphas) -> Change:
    down, up = state[one.down], state[one.up]
    rank = down.shape[0]
    alpha = None if one.alpha is None else float(state[one.alpha])
    factor = written.factor(one.layer, rank) if alpha is None else alpha / rank
    if not (isfinite(factor) and all(bool(t.float().isfinite().all()) for t in (down, up))):
        raise ModelDamaged(
            f"The style “{name}” holds values that are no numbers, in “{one.layer}”: download it "
            "again, or choose another."
        )
    return Change(one.layer, down, up, factor)


class _Alphas:
    """What diffusers writes beside the weights since 0.35: peft's settings for each part.

    Args:
        settings: `lora_alpha`, `alpha_pattern`, `use_rslora`, each behind “unet.” or
            “text_encoder.” or nothing; may be empty.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = settings

    def factor(self, layer: str, rank: int) -> float:
        """alpha / rank, or alpha / sqrt(rank) (Kalajdzievski 2023); 1 where nothing is said."""
        prefix = next((p for p in ("unet.", "text_encoder.") if layer.startswith(p)), "")
        alpha = self.settings.get(f"{prefix}lora_alpha")
        pattern = self.settings.get(f"{prefix}alpha_pattern") or {}
        for key, value in pattern.items():
            if f".{layer}".endswith(f".{key.removeprefix('^')}"):
                alpha = value
        if not isinstance(alpha, int | float):
            return 1.0
        return alpha / (sqrt(rank) if self.settings.get(f"{prefix}use_rslora") else rank)


def _written_alphas(data: bytes) -> _Alphas:
    """The settings in the file's header. The header was found good before."""
    length = int.from_bytes(data[:8], "little")
    notes = read_object(data[8 : 8 + length]).get("__metadata__") or {}
    try:
        settings = read_object(notes.get("lora_adapter_metadata", "{}"))
    except SHAPELESS:
        return _Alphas({})  # notes are anybody's; peft's are the only ones that we know
    return _Alphas(settings)
