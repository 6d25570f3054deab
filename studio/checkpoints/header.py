"""What a weight file is and whether it is whole, from its first and last bytes alone. No torch.

The contents decide, not the name: a renamed file is read as what it is, and a file of another kind
is named.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

from studio.checkpoints.pickled import (
    MAX_HEADER,
    Contents,
    CutOff,
    NoTensors,
    Refused,
    Weight,
    read_archive,
    read_sequence,
)
from studio.errors import ModelDamaged, ModelMissing

WANTED = "a weight file (.safetensors, or .pt, .pth, .bin, .ckpt written by torch.save)"
AGAIN = "download it again"
_DAMAGED = (
    pickle.UnpicklingError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,  # UnicodeDecodeError and json.JSONDecodeError are kinds of it
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    ImportError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    MemoryError,
)
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
        weights: all tensors by name; where names lie within names they are joined with dots.
        groups: the names at the top that hold further names (none in safetensors).
    """

    path: Path
    layout: Literal["safetensors", "archive", "sequence"]
    weights: dict[str, Weight]
    groups: tuple[str, ...] = ()

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Only the shapes."""
        return {name: weight.shape for name, weight in self.weights.items()}


def read_header(path: Path, name: str = "") -> Header:
    """Look into a weight file without reading its numbers.

    Args:
        name: what people call it, where that is not its path's.

    Raises:
        ModelMissing: it is not there.
        ModelDamaged: it is empty, cut off, a Git LFS pointer, a web page, a pickle that is not
            data, or a file of another kind; the sentence says which and what was expected.
    """
    label = f"“{name or path.name}”"
    with _opened(path, label) as file:
        return _header(file, path, label)


def header_of(data: bytes, name: str) -> Header:
    """`read_header` for the bytes of a file that people call so. Raises ModelDamaged."""
    return _header(io.BytesIO(data), Path(name), f"“{name}”")


def _header(file: BinaryIO, path: Path, label: str) -> Header:
    size = 0
    try:
        head, size = _first_bytes(file)
        if not _is_safetensors(head):
            _refuse_pointer(label, head, size)
        if not size:
            raise ModelDamaged(f"{label} is empty instead of {WANTED}: {AGAIN}.")
        if _is_safetensors(head):
            return Header(path, "safetensors", _safetensors(file, label, size))
        if head.startswith(b"PK\x03\x04"):
            return _of_torch(path, "archive", read_archive(file))
        if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
            return _of_torch(path, "sequence", read_sequence(file))
    except Refused as refused:
        raise ModelDamaged(
            f"{label} is a pickle that asks for “{refused}”, which could run code, instead of "
            "plain weights: it is not opened; choose a .safetensors file."
        ) from None
    except CutOff as missing:
        raise ModelDamaged(
            f"{label} is only the beginning of a file of torch.save instead of a whole one "
            f"({missing}; {size} bytes are there): {AGAIN}."
        ) from None
    except NoTensors as other:
        raise ModelDamaged(
            f"{label} is {other} instead of {WANTED}: choose another file."
        ) from None
    except OSError as error:
        raise ModelDamaged(f"{label} cannot be read ({error.strerror}): {AGAIN}.") from None
    except _DAMAGED:
        raise ModelDamaged(
            f"{label} is a damaged or cut off file of torch.save instead of a whole one "
            f"({size} bytes are there): {AGAIN}."
        ) from None
    raise ModelDamaged(f"{label} is {_kind(head)} instead of {WANTED}: {AGAIN}.")


def check_safetensors(path: Path) -> None:
    """Look at a safetensors file's header and length without reading the weights.

    Raises:
        ModelMissing: the file is not there.
        ModelDamaged: it is cut off, too long, a placeholder of a large-file store, or something
            else.
    """
    label = f"The weights “{path.parent.name}/{path.name}”"
    with _opened(path, label) as file:
        try:
            head, size = _first_bytes(file)
            _refuse_pointer(label, head, size)
            if size < 8:
                raise ModelDamaged(f"{label} are empty or cut off: install them again.")
            if not _is_safetensors(head):
                raise ModelDamaged(
                    f"{label} are {_kind(head)} instead of a safetensors file: install them again."
                )
            _safetensors(file, label, size)
        except OSError as error:
            raise ModelDamaged(f"{label} cannot be read ({error.strerror}).") from None


def _opened(path: Path, label: str) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise ModelMissing(
            f"{label} cannot be found in “{path.parent}”: put the file there, or choose another."
        ) from None
    except IsADirectoryError:
        raise ModelMissing(f"{label} is a folder: choose a weight file in it.") from None
    except OSError as error:
        raise ModelDamaged(f"{label} cannot be read ({error.strerror}): {AGAIN}.") from None


def _first_bytes(file: BinaryIO) -> tuple[bytes, int]:
    """The beginning, and how many bytes there are."""
    head = file.read(512)
    return head, file.seek(0, os.SEEK_END)


def _refuse_pointer(label: str, head: bytes, size: int) -> None:
    if not head.startswith(b"version "):
        return
    real = re.search(rb"^size (\d+)$", head, re.MULTILINE)
    meant = f" of {int(real[1])} bytes" if real else ""
    raise ModelDamaged(
        f"{label}: this is only a placeholder, a Git LFS pointer of {size} bytes, instead of the "
        f"weights{meant}: fetch the real file with “git lfs pull” or download it again."
    )


def _is_safetensors(head: bytes) -> bool:
    """Eight bytes of length, then the opening brace of the list of weights."""
    return head[8:9] == b"{" and struct.unpack("<Q", head[:8])[0] <= MAX_HEADER


def _safetensors(file: BinaryIO, label: str, size: int) -> dict[str, Weight]:
    file.seek(0)
    (length,) = struct.unpack("<Q", file.read(8))
    text = file.read(length)
    if len(text) < length:
        raise ModelDamaged(
            f"{label}: only the beginning of a safetensors file is here, its list of weights is "
            f"cut off ({size} bytes instead of more than {8 + length}): {AGAIN}."
        )
    try:
        header: dict[str, Any] = json.loads(text)
        header.pop("__metadata__", None)
        weights = {
            name: Weight(tuple(int(n) for n in entry["shape"]), str(entry["dtype"]))
            for name, entry in header.items()
        }
        ends = [int(entry["data_offsets"][1]) for entry in header.values()]
    except _DAMAGED:
        raise ModelDamaged(
            f"{label}: the list of weights of this safetensors file is damaged: {AGAIN}."
        ) from None
    expected = 8 + length + max(ends, default=0)
    if size != expected:
        state = "is cut off" if size < expected else "is too long"
        raise ModelDamaged(
            f"{label}: this safetensors file {state}, it has {size} bytes instead of {expected}: "
            f"{AGAIN}."
        )
    return weights


def _of_torch(path: Path, layout: Literal["archive", "sequence"], contents: Contents) -> Header:
    if not contents.weights:
        raise NoTensors("a saved object without weights")
    return Header(path, layout, contents.weights, contents.groups)


def _kind(head: bytes) -> str:
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
    if head and all(byte >= 32 or byte in b"\t\r\n" for byte in head):
        return "a text"
    return "a file of another kind"
