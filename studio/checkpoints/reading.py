"""The numbers of a weight file, after its header was found whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from studio.checkpoints.header import AGAIN, Header, read_header
from studio.checkpoints.pickled import flat
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
    found: dict[str, torch.Tensor] = {}
    try:
        for file in header.files:
            found |= _numbers(file, header, set(wanted))
    except Exception as error:  # a damaged file can make its readers raise anything
        raise ModelDamaged(
            f"“{path.name}” cannot be read, although its list of weights can: {AGAIN}."
        ) from error
    return {name: found[name] for name in wanted}


def _numbers(path: Path, header: Header, wanted: set[str]) -> dict[str, torch.Tensor]:
    """The wanted weights of one of a header's files, by the header's names."""
    import torch
    from safetensors import safe_open

    inside = {header.prefix + name: name for name in wanted}
    if header.layout == "safetensors":
        with safe_open(path, "pt") as file:
            there = inside.keys() & file.keys()
            return {inside[name]: file.get_tensor(name) for name in there}
    if header.layout == "archive" and path.suffix != ".safetensors":
        weights = flat(torch.load(path, "cpu", weights_only=True, mmap=True))
    else:  # torch takes a path that ends so for a file of the other kind
        with path.open("rb") as file:
            weights = flat(torch.load(file, "cpu", weights_only=True))
    return {inside[name]: weight for name, weight in weights.items() if name in inside}
