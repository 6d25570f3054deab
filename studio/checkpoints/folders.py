"""Weight files: are they there, are they whole, which ones are they. No torch in here.

Only safetensors files are read. A pickle can run code, so it is never opened.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import NamedTuple

from studio.checkpoints import read_header
from studio.errors import ModelMissing

_known: dict[tuple[str, int, int], str] = {}


class _Named(NamedTuple):
    """How a file's name is made: `model-00001-of-00002.fp16.safetensors`; variant “fp16”."""

    path: Path
    variant: str


_NAME = re.compile(
    r"[^.]+?(?:-\d{5}-of-\d{5})?(?:\.(?P<variant>[^.]+?))?(?:-\d{5}-of-\d{5})?\.safetensors"
)


def find_safetensors(part: Path, variant: str | None = None) -> list[Path]:
    """A part's weight files, checked.

    Args:
        variant: which of several published ones is wanted, for instance "fp16"; those without a
            variant stand in, and where there are none, those of the first other one.

    Raises:
        ModelMissing: none is there; ModelDamaged: one is broken.
    """
    files = _chosen(part, variant)
    for file in files:
        check_safetensors(file.path)
    return [file.path for file in files]


def variant_of(part: Path, variant: str | None = None) -> str | None:
    """The variant of the files that `find_safetensors` finds, as libraries ask for it."""
    return _chosen(part, variant)[0].variant or None


def _chosen(part: Path, variant: str | None) -> list[_Named]:
    if not part.is_dir():
        raise ModelMissing(
            f"The model has no {part.name}: the folder “{part}” is missing, install it again."
        )
    files = [_named(file) for file in sorted(part.glob("*.safetensors"))]
    if not files:
        if any(f.suffix in (".bin", ".ckpt", ".pt", ".pth") for f in part.iterdir()):
            raise ModelMissing(
                f"The model's {part.name} has no safetensors weights (pickle files are not "
                "opened): choose a copy of the model with .safetensors files."
            )
        raise ModelMissing(
            f"The model's {part.name} has no safetensors weights: install the model again."
        )
    there = [file.variant for file in files]
    # Weights without the moving average are for training on.
    first = min(there, key=lambda name: (name == "non_ema", name))
    wanted = next(name for name in (variant or "", "", first) if name in there)
    return [file for file in files if file.variant == wanted]


def _named(file: Path) -> _Named:
    match = _NAME.fullmatch(file.name)
    return _Named(file, (match["variant"] or "") if match else "")


def check_safetensors(path: Path) -> None:
    """Raises ModelMissing, ModelDamaged where a file is not there or no whole safetensors file."""
    read_header(path, f"{path.parent.name}/{path.name}", pickles=False, alone=True)


def file_hash(path: Path) -> str:
    """SHA-256 of a file, remembered as long as its time and size stay."""
    status = os.stat(path)
    key = (str(path), status.st_mtime_ns, status.st_size)
    if key not in _known:
        with path.open("rb") as file:
            _known[key] = hashlib.file_digest(file, "sha256").hexdigest()
    return _known[key]


def family_hash(folders: dict[str, Path], variant: str | None = None) -> str:
    """SHA-256 over everything in a family that decides a picture.

    Args:
        folders: part name to its folder; weights, configurations and tokenizer files count, with
            their part and name.
        variant: which of several published weight files counts.

    Returns:
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for name, folder in sorted(folders.items()):
        weights = set(find_safetensors(folder, variant)) if any(folder.glob("*.safe*")) else set()
        texts = {f for f in folder.iterdir() if f.suffix in (".json", ".txt")}
        for file in sorted(weights | texts):
            digest.update(f"{name}/{file.name}:{file_hash(file)}\n".encode())
    return digest.hexdigest()
