"""The file of a style, a LoRA, as it may be taken into a request."""

from __future__ import annotations

from pathlib import Path

from studio.checkpoints.kinds import recognise
from studio.errors import BadInput

LARGEST = 256 * 2**20
"""Bytes of one style's file."""


def read_style(path: Path, name: str = "") -> bytes:
    """The bytes of a style's file.

    Args:
        name: what people call it, where that is not its path's.

    Raises:
        BadInput: it is no whole LoRA in a safetensors file, or too large; the sentence says what
            it is.
        ModelMissing: it is not there.
    """
    name = name or path.name
    if path.suffix.lower() != ".safetensors":
        raise BadInput(f"“{name}” is no style: choose the .safetensors file of a LoRA.")
    found = recognise(path)
    if found.problem:
        raise BadInput(found.problem.replace(path.name, name))
    if found.kind != "lora":
        raise BadInput(
            f"“{name}” is {found.title} and no style: choose the .safetensors file of a LoRA."
        )
    try:
        if path.stat().st_size > LARGEST:
            raise BadInput(f"“{name}” is larger than {LARGEST >> 20} MB: choose a smaller style.")
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"“{name}” cannot be read ({error.strerror}).") from None
