"""Weight files: are they there, are they whole, which ones are they. No torch in here.

Only safetensors files are read. A pickle can run code, so it is never opened.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from studio.checkpoints import read_header
from studio.errors import ModelMissing

_known: dict[tuple[str, int, int], str] = {}


def find_safetensors(part: Path, variant: str | None = None) -> list[Path]:
    """A part's weight files, checked.

    Raises:
        ModelMissing: none is there; ModelDamaged: one is broken.
    """
    if not part.is_dir():
        raise ModelMissing(
            f"The model has no {part.name}: the folder “{part}” is missing, install it again."
        )
    files = sorted(part.glob("*.safetensors"))
    if variant is not None:
        files = [f for f in files if f".{variant}." in f.name] or files
    else:
        files = [f for f in files if f.name.count(".") == 1] or files
    if not files:
        others = [f.name for f in part.iterdir() if f.suffix in (".bin", ".ckpt", ".pt", ".pth")]
        hint = " (pickle files are not opened)" if others else ""
        raise ModelMissing(
            f"The model's {part.name} has no safetensors weights{hint}: install the model again."
        )
    for file in files:
        check_safetensors(file)
    return files


def check_safetensors(path: Path) -> None:
    """Raises ModelMissing, ModelDamaged where a file is not there or no whole safetensors file."""
    read_header(path, f"{path.parent.name}/{path.name}", pickles=False)


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
