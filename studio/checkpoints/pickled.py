"""Files of torch.save: what they hold, by torch's own reader of plain data.

A pickle is a small program. Before torch follows one, it is scanned, see
`studio.checkpoints.scanned`: names, lengths and places are held against what weights need and what
the file has. Both layouts are known: the zip archive (since torch 1.6) and the older sequence of
pickles followed by the numbers. torch is imported when a file is read.
"""

from __future__ import annotations

import pickle
import struct
import sys
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple

from studio.checkpoints.scanned import scan

if TYPE_CHECKING:
    import torch

Layout = Literal["safetensors", "archive", "sequence"]

WANTED = "a weight file (.safetensors, or .pt, .pth, .bin, .ckpt written by torch.save)"
AGAIN = "download it again"
MAX_HEADER = 100 * 2**20
"""Bytes of a file's list of weights."""
_MAGIC = pickle.dumps(0x1950A86A20F9469CFC6C, 2)
"""How a file in the older layout begins; four more pickles follow."""
_DEEPEST, _MOST = 6, 10**6
"""How deep names lie within names, and how many there are of both together."""


class Weight(NamedTuple):
    """A tensor of a file: its shape, and its number format as safetensors names it."""

    shape: tuple[int, ...]
    dtype: str


class Unreadable(Exception):
    """Something else than a whole file of plain weights; the text goes on after the file's name."""


def cut_off(missing: str, size: int) -> Unreadable:
    """What is said of the first half of a file."""
    return Unreadable(
        " is only the beginning of a file of torch.save instead of a whole one "
        f"({missing}; {size} bytes are there): {AGAIN}"
    )


def something_else(what: str) -> Unreadable:
    """What is said of a pickle or archive that torch.save did not write."""
    return Unreadable(f" is {what} instead of {WANTED}: choose another file")


def pickled_weights(file: BinaryIO, size: int, layout: Layout) -> dict[str, Weight]:
    """All weights of an open file of torch.save; no numbers are read.

    Args:
        size: bytes of the file.

    Raises:
        Unreadable: it is cut off, or something else than weights.
        Exception: of any kind, where it is damaged.
    """
    import torch

    (_check_archive if layout == "archive" else _check_sequence)(file, size)
    storages: list[torch.UntypedStorage] = []

    def nowhere(storage: Any, _: str) -> Any:
        storages.append(torch.UntypedStorage(storage.nbytes(), device="meta"))
        return storages[-1]

    file.seek(0)
    with torch.serialization.skip_data():
        tree = torch.load(file, nowhere, weights_only=True)
    numbers = sum(storage.nbytes() for storage in storages)
    expected = numbers
    if layout == "sequence":
        expected += file.tell() + len(storages) * struct.calcsize("<q")
    if size < expected:
        raise cut_off(f"it has {size} bytes instead of {expected}", size)
    if not isinstance(tree, Mapping):
        raise something_else("a saved object without names")
    weights = {name: _weight(tensor) for name, tensor in flat(tree).items()}
    if not weights:
        raise something_else("a saved object without weights")
    return weights


def flat(tree: Mapping[Any, Any]) -> dict[str, torch.Tensor]:
    """Tensors by name; names within names are joined with dots."""
    import torch

    weights: dict[str, torch.Tensor] = {}
    left = _MOST  # a few names within names within names can be very many, with or without weights

    def walk(names: Mapping[Any, Any], prefix: str, depth: int) -> None:
        nonlocal left
        left -= len(names)
        if left < 0:
            raise ValueError("too many names")
        for key, value in names.items():
            if isinstance(value, torch.Tensor):
                weights[f"{prefix}{key}"] = value
            elif isinstance(value, Mapping) and depth < _DEEPEST:
                walk(value, f"{prefix}{key}.", depth + 1)

    walk(tree, "", 0)
    return weights


def _weight(tensor: torch.Tensor) -> Weight:
    name = str(tensor.dtype).removeprefix("torch.")
    for long, short in (("bfloat", "BF"), ("float", "F"), ("complex", "C"), ("int", "I")):
        name = name.replace(long, short)
    return Weight(tuple(tensor.shape), name.upper())


def _check_archive(file: BinaryIO, size: int) -> None:
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile:
        raise cut_off("the archive's list of contents at its end is missing", size) from None
    entries = {entry.filename.split("/", 1)[-1]: entry for entry in archive.infolist()}
    if "data.pkl" not in entries:
        raise something_else("a zip archive")
    if "constants.pkl" in entries:
        raise something_else("a TorchScript program")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
        raise something_else("a compressed archive")
    if entries["data.pkl"].file_size > MAX_HEADER:
        raise something_else("an archive with an oversized list of weights")
    # Numbers of the other order would be turned round where none are: torch's process would end.
    if "byteorder" in entries and archive.read(entries["byteorder"]) != sys.byteorder.encode():
        raise something_else("an archive of a machine with another order of bytes")
    with archive.open(entries["data.pkl"]) as inner:
        _check_pickle(inner, entries["data.pkl"].file_size)


def _check_sequence(file: BinaryIO, size: int) -> None:
    file.seek(0)
    _check_pickle(file, size)
    end = file.tell()
    file.seek(0)
    if file.read(end) != _MAGIC:
        raise something_else("a pickle of something else")
    for _part in ("protocol", "system", "weights", "order of the numbers"):
        _check_pickle(file, size)


def _check_pickle(file: Any, size: int) -> None:
    """Whether a pickle asks for weights alone; the file then stands behind it."""
    if name := scan(file, min(size, MAX_HEADER)):
        raise Unreadable(
            f" is a pickle that asks for “{name}”, which could run code, instead of plain "
            "weights: it is not opened; choose a .safetensors file"
        )
