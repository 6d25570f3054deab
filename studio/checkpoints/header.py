"""What a weight file is and whether it is whole, without reading its numbers.

The contents decide, not the name: a renamed file is read as what it is, and a file of another kind
is named. safetensors files are looked at without torch.
"""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from studio.checkpoints.pickled import (
    AGAIN,
    MAX_HEADER,
    WANTED,
    Layout,
    Unreadable,
    Weight,
    pickled_weights,
)
from studio.checkpoints.shapes import Shapes, part
from studio.checkpoints.wrapped import shards_of, wrapping
from studio.errors import ModelDamaged, ModelMissing
from studio.forms import read_object

SUFFIXES = (".safetensors", ".pt", ".pth", ".bin", ".ckpt")
"""How the names of weight files end."""

_OTHER_KINDS = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89HDF", "an HDF5 file"),
    (b"GGUF", "a GGUF file"),
    (b"\x93NUMPY", "a NumPy array"),
)


@dataclass(frozen=True)
class Header:
    """What a whole file holds.

    Attributes:
        path: the file; only what it is called, where its bytes were given.
        layout: how it is written: safetensors, an archive of torch.save, or its older sequence.
        weights: all tensors by name; where names lie within names they are joined with dots, and
            what stands around all of them is left out, see `studio.checkpoints.wrapped`.
        prefix: what stands around them in the file.
        files: where they are; several where the file is one of several parts.
    """

    path: Path
    layout: Layout
    weights: dict[str, Weight]
    prefix: str = ""
    files: tuple[Path, ...] = ()

    @property
    def shapes(self) -> Shapes:
        """Only the shapes."""
        return {name: weight.shape for name, weight in self.weights.items()}


def read_header(path: Path, name: str = "", *, pickles: bool = True, alone: bool = False) -> Header:
    """Look into a weight file without reading its numbers.

    Args:
        name: what people call it, where that is not its path's.
        pickles: whether a file of torch.save will do; it is not looked into otherwise.
        alone: one of several parts is looked into alone; otherwise all of them are.

    Raises:
        ModelMissing: it is not there.
        ModelDamaged: it is empty, cut off, a Git LFS pointer, a web page, a pickle that is not
            data, or a file of another kind; the sentence says which and what was expected.
    """
    files = [path] if alone else shards_of(path)
    found = [_read(file, (name if file == path else "") or file.name, pickles) for file in files]
    weights = {name: weight for header in found for name, weight in header.weights.items()}
    return _bare(Header(path, found[0].layout, weights, files=tuple(files)))


def _read(path: Path, name: str, pickles: bool) -> Header:
    label = f"“{name}”"
    try:
        with path.open("rb") as file:
            return _header(file, path, label, pickles)
    except FileNotFoundError:
        raise ModelMissing(
            f"{label} cannot be found in “{path.parent}”: put the file there, or choose another."
        ) from None
    except IsADirectoryError:
        raise ModelMissing(f"{label} is a folder: choose a weight file in it.") from None
    except OSError as error:
        raise ModelDamaged(f"{label} cannot be read ({error.strerror}): {AGAIN}.") from None


def layout_of(path: Path) -> Layout | None:
    """How a weight file is written, by its first bytes alone; None for what is none, or is not
    there."""
    try:
        with path.open("rb") as file:
            return _layout(file.read(512))
    except OSError:
        return None  # whoever reads it says why


def header_of(data: bytes, name: str) -> Header:
    """`read_header` for the bytes of a file that people call so. Raises ModelDamaged."""
    return _bare(_header(io.BytesIO(data), Path(name), f"“{name}”", pickles=True))


def _bare(header: Header) -> Header:
    """Without what stands around the names of all weights."""
    prefix = wrapping(header.weights)
    return replace(header, prefix=prefix, weights=part(header.weights, prefix))


def _header(file: BinaryIO, path: Path, label: str, pickles: bool) -> Header:
    head, size = file.read(512), file.seek(0, os.SEEK_END)
    layout = _layout(head)
    try:
        if layout == "safetensors":
            return Header(path, layout, _safetensors(file, size))
        if layout is not None and pickles:
            return Header(path, layout, pickled_weights(file, size, layout))
        raise Unreadable(_no_weights(head, size, pickles))
    except Unreadable as reason:
        raise ModelDamaged(f"{label}{reason}.") from None
    except OSError:
        raise
    except Exception as error:  # a damaged file can make its readers raise anything
        raise ModelDamaged(
            f"{label}: the list of weights of this safetensors file is damaged: {AGAIN}."
            if layout == "safetensors"
            else f"{label} is a damaged or cut off file of torch.save instead of a whole one "
            f"({size} bytes are there): {AGAIN}."
        ) from error


def _layout(head: bytes) -> Layout | None:
    # Eight bytes of length, then the opening brace of the list of weights.
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= MAX_HEADER:
        return "safetensors"
    if head.startswith(b"PK\x03\x04"):
        return "archive"
    return "sequence" if re.match(rb"\x80[\x02-\x05]", head) else None


def _safetensors(file: BinaryIO, size: int) -> dict[str, Weight]:
    file.seek(0)
    length = int.from_bytes(file.read(8), "little")
    if size < 8 + length:
        raise Unreadable(
            ": only the beginning of a safetensors file is here, its list of weights is "
            f"cut off ({size} bytes instead of more than {8 + length}): {AGAIN}"
        )
    header: dict[str, Any] = read_object(file.read(length), MAX_HEADER)
    header.pop("__metadata__", None)
    weights = {
        name: Weight(tuple(int(n) for n in entry["shape"]), str(entry["dtype"]))
        for name, entry in header.items()
    }
    expected = 8 + length + max((int(e["data_offsets"][1]) for e in header.values()), default=0)
    if size != expected:
        state = "is cut off" if size < expected else "is too long"
        raise Unreadable(
            f": this safetensors file {state}, it has {size} bytes instead of {expected}: {AGAIN}"
        )
    return weights


def _no_weights(head: bytes, size: int, pickles: bool) -> str:
    """What a file of another kind is."""
    if head.startswith(b"version "):
        real = re.search(rb"^size (\d+)$", head, re.MULTILINE)
        meant = f" of {int(real[1])} bytes" if real else ""
        return (
            f": this is only a placeholder, a Git LFS pointer of {size} bytes, instead of the "
            f"weights{meant}: fetch the real file with “git lfs pull” or {AGAIN}"
        )
    wanted = f"{WANTED}: {AGAIN}" if pickles else "a safetensors file: install it again"
    return f" is {kind_of(head) if size else 'empty'} instead of {wanted}"


def kind_of(head: bytes) -> str:
    """A file's kind in words, from its first bytes."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml")):
        return "a web page (an error or log-in page that was saved)"
    for magic, name in _OTHER_KINDS:
        if head.startswith(magic):
            return name
    if head[257:262] == b"ustar":
        return "a tar archive"
    if start.startswith((b"{", b"[")):
        return "a JSON text"
    if all(byte >= 32 or byte in b"\t\r\n" for byte in head):
        return "a text"
    return "a file of another kind"
