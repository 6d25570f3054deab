"""A style's file, a LoRA: whether it is one that can be used, told by its header alone.

What is refused here is refused in the same words when a file is taken in and when it is drawn with:
LoRAs with additions that change what their numbers mean (DoRA, a Tucker core, biases), LoHa, LoKr
and other factorisations, LoRAs for models with several text encoders, and all other files.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import NoReturn

from studio.checkpoints.header import AGAIN, SUFFIXES, Header, layout_of, read_header
from studio.checkpoints.kinds import recognise_header
from studio.checkpoints.lora_names import Part, alpha_of, half_of, place_of
from studio.checkpoints.reading import read_weights
from studio.checkpoints.shapes import shape_text
from studio.errors import BadInput, ModelDamaged

LARGEST = 256 * 2**20
"""Bytes of one style's file."""

_CHOOSE = "choose the .safetensors file of a LoRA"
_WHOLE = ("conv_in.weight", "model.diffusion_model.input_blocks.0.0.weight")


@dataclass(frozen=True)
class StyleLayer:
    """A layer that a style changes.

    Attributes:
        layer: what the file calls it.
        part, place: where it is in a model, see `studio.checkpoints.lora_names`.
        down, up, alpha: the names of its weights in the file; `alpha` may be None.
    """

    layer: str
    part: Part
    place: str
    down: str
    up: str
    alpha: str | None


def read_style(path: Path, name: str = "") -> bytes:
    """The bytes of a style as a safetensors file, after its header was found to be one that can be
    used; the numbers of a file of torch.save are read as plain data and written anew.

    Args:
        name: what people call it, where that is not its path's: uploads are renamed on their way.

    Raises:
        BadInput: it is no whole LoRA, or too large; the sentence says what it is.
        ModelMissing: it is not there.
    """
    name = name or path.name
    endings = {path.suffix.lower(), Path(name).suffix.lower()} & set(SUFFIXES)
    if not endings:
        raise BadInput(f"“{name}” is no style: {_CHOOSE}.")
    try:
        # By its first bytes: what is called another kind than it is, is not looked into.
        if ".safetensors" in endings and layout_of(path) in ("archive", "sequence"):
            raise BadInput(f"“{name}” was written by torch.save: {_CHOOSE}.")
        if path.stat().st_size > LARGEST:
            raise BadInput(f"“{name}” is larger than {LARGEST >> 20} MB: choose a smaller style.")
        header = read_header(path, name, alone=True)
        style_layers(header, name)
        return path.read_bytes() if header.layout == "safetensors" else _written_anew(path)
    except ModelDamaged as error:
        raise BadInput(str(error)) from None
    except FileNotFoundError:
        raise BadInput(f"The style “{name}” cannot be found: check the path.") from None
    except OSError as error:
        raise BadInput(
            f"“{name}” cannot be read ({error.strerror}): give a file that you may read."
        ) from None


def style_layers(header: Header, name: str) -> list[StyleLayer]:
    """What a style changes, in the order of its file.

    Args:
        header: of any weight file. name: what people call it.

    Raises:
        BadInput: it is something else than a plain LoRA.
        ModelDamaged: a layer's change is not whole.
    """
    halves: dict[str, dict[str, str]] = {}
    alphas: dict[str, str] = {}
    strange: list[str] = []
    for key, weight in header.weights.items():
        if half := half_of(key):
            layer, which = half
            if which in halves.setdefault(layer, {}) or not weight.dtype.startswith(("F", "BF")):
                strange.append(key)
            halves[layer][which] = key
        elif (layer := alpha_of(key)) and prod(weight.shape) == 1:
            alphas[layer] = key
        else:
            strange.append(key)
    if not halves:
        _refuse(header, name)
    if strange:
        raise BadInput(
            f"“{name}” is not a plain LoRA, “{strange[0]}” in it is not understood: choose a LoRA "
            "without DoRA, LoHa, LoKr or other additions."
        )
    found: dict[tuple[Part, str], StyleLayer] = {}
    for layer, pair in halves.items():
        part, place = place_of(layer)
        if part == "other":
            raise BadInput(
                f"The style “{name}” was made for a model with several text encoders (Stable "
                f"Diffusion XL or newer), its layer “{layer}” is not in this one: choose a style "
                "made for this model."
            )
        if (part, place) in found:
            raise BadInput(f"“{name}” changes the layer “{place}” twice: {_CHOOSE}.")
        if len(pair) != 2:
            raise ModelDamaged(
                f"Half of the change of “{layer}” is missing in the style “{name}”: {AGAIN}."
            )
        one = StyleLayer(layer, part, place, pair["down"], pair["up"], alphas.get(layer))
        _check_shapes(header, one, name)
        found[part, place] = one
    return list(found.values())


def _written_anew(path: Path) -> bytes:
    """The weights of a file of torch.save as a safetensors file."""
    from safetensors.torch import save

    weights = read_weights(path)
    # Copies: two names may share their numbers, which safetensors does not take.
    return save({name: weight.contiguous().clone() for name, weight in weights.items()})


def _check_shapes(header: Header, one: StyleLayer, name: str) -> None:
    """Both halves of a change have its rank: (rank, inputs, …) and (outputs, rank, 1, …)."""
    down, up = header.shapes[one.down], header.shapes[one.up]
    fits = len(down) > 1 and len(up) > 1 and up[1] == down[0] and prod(up[2:]) == 1
    if not fits or 0 in (*down, *up):
        raise ModelDamaged(
            f"The halves of “{one.layer}” in the style “{name}” ({shape_text(down)} and "
            f"{shape_text(up)}) do not belong together: {AGAIN}."
        )


def _refuse(header: Header, name: str) -> NoReturn:
    """Say what a file is that is no LoRA."""
    if any(key in header.weights for key in _WHOLE):
        raise BadInput(f"“{name}” is a whole model instead of a LoRA: {_CHOOSE}.")
    found = recognise_header(header)
    if found.kind not in ("unknown", "lora"):
        raise BadInput(f"“{name}” is {found.title} and no style: {_CHOOSE}.")
    looks = found.note.rstrip(".")
    raise BadInput(f"“{name}” is no style ({looks[:1].lower()}{looks[1:]}): {_CHOOSE}.")
