"""The numbers of a weight file, after its header was found whole."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.checkpoints.header import AGAIN, read_header
from studio.errors import ModelDamaged

if TYPE_CHECKING:
    import torch


def read_weights(path: Path, only: Callable[[str], bool] | None = None) -> dict[str, torch.Tensor]:
    """Read a .safetensors file, or one of torch.save (.pt, .pth, .bin, .ckpt) as plain data.

    Args:
        path: the file; its contents decide how it is read.
        only: says by name which weights are wanted (all). The others are not read from the disk,
            except in torch.save's older layout, which can only be read as a whole.

    Returns:
        Weights on the CPU in the file's own number format, by the names of `read_header`: names
        within names are joined with dots. They may look into the file itself: copy them before
        changing them or the file.

    Raises:
        ModelMissing, ModelDamaged: as `read_header`.
    """
    header = read_header(path)
    wanted = [name for name in header.weights if only is None or only(name)]
    if header.layout == "safetensors":
        return _of_safetensors(path, wanted)
    import torch

    try:
        tree = torch.load(
            path, map_location="cpu", weights_only=True, mmap=header.layout == "archive"
        )
    except (pickle.UnpicklingError, RuntimeError, ValueError, EOFError, OSError) as error:
        raise ModelDamaged(
            f"“{path.name}” cannot be read as plain weights, although its list of them can: "
            f"{AGAIN}."
        ) from error
    weights = _flat(tree)
    return {name: weights[name] for name in wanted}


def _of_safetensors(path: Path, wanted: list[str]) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            return {name: file.get_tensor(name) for name in wanted}
    except (SafetensorError, OSError) as error:
        raise ModelDamaged(
            f"“{path.name}” cannot be read as safetensors, although its list of weights can: "
            f"{AGAIN}."
        ) from error


def _flat(tree: Mapping[Any, Any], prefix: str = "") -> dict[str, torch.Tensor]:
    """Names within names, joined as the header joins them."""
    import torch

    weights: dict[str, torch.Tensor] = {}
    for key, value in tree.items():
        if isinstance(value, torch.Tensor):
            weights[f"{prefix}{key}"] = value
        elif isinstance(value, Mapping):
            weights |= _flat(value, f"{prefix}{key}.")
    return weights
