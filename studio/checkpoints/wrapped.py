"""What stands around the weights of a file, whatever they are: names of whoever saved them, and
the parts that a large file was cut into."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from studio.errors import ModelMissing

_CONTAINERS = ("state_dict.", "module.")
"""What training scripts call the weights beside their own state: Lightning, DeepSpeed."""

_WRAPPERS = ("_orig_mod.", "model.", "unet.")
"""What torch.compile and scripts put before every name."""

_STYLE = re.compile(r"unet\.(?!lora_).*([._]lora|alpha$)")
"""A LoRA's name for a layer of the UNet, as diffusers writes it."""

_SHARD = re.compile(r"(?P<before>.*-)(?P<number>\d{5})(?P<after>-of-(?P<count>\d{5})\..+)")
_MOST_SHARDS = 999


def wrapping(names: Collection[str]) -> str:
    """How the names of a file's weights begin that belong to nothing of what it is.

    Containers of training scripts count where some names begin so, and the rest is theirs; others
    where all do. The first layout of whole models keeps its “model.diffusion_model.”, and a LoRA
    its “unet.”, since they say which part is meant.
    """
    found = ""
    rest = list(names)
    while begins := _wrapper(rest):
        found += begins
        rest = [name.removeprefix(begins) for name in rest if name.startswith(begins)]
    return found


def _wrapper(names: list[str]) -> str:
    for begins in _CONTAINERS:
        if any(name.startswith(begins) for name in names):
            return begins
    for begins in _WRAPPERS:
        if names and all(name.startswith(begins) for name in names):
            whole = begins == "model." and any(n.startswith("model.diffusion_") for n in names)
            style = begins == "unet." and all(_STYLE.match(name) for name in names)
            return "" if whole or style else begins
    return ""


def shards_of(path: Path) -> list[Path]:
    """All the files that hold what one of them is a part of, by the number in their names
    (`…-00001-of-00002.safetensors`); the file alone where it is none.

    Raises:
        ModelMissing: one is not beside it.
    """
    match = _SHARD.fullmatch(path.name)
    count = int(match["count"]) if match else 0
    if match is None or not 1 < count <= _MOST_SHARDS:
        return [path]
    files = [
        path.with_name(f"{match['before']}{number:05}{match['after']}")
        for number in range(1, count + 1)
    ]
    for file in files:
        if not file.is_file():
            raise ModelMissing(
                f"“{path.name}” is one of {count} parts, and “{file.name}” is not beside it: put "
                "all of them into the same folder."
            )
    return files


def first_shard(path: Path) -> bool:
    """Whether a file is none of several parts, or the first of them that is there."""
    match = _SHARD.fullmatch(path.name)
    if match is None:
        return True
    before = (f"{match['before']}{n:05}{match['after']}" for n in range(1, int(match["number"])))
    return not any(path.with_name(name).is_file() for name in before)
