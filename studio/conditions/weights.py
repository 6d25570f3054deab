"""An adapter's weights: networks made of them, and the folders that they are kept in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from studio.checkpoints import read_weights
from studio.errors import ModelDamaged
from studio.forms import read_object

WEIGHTS_NAME, CONFIG_NAME = "model.safetensors", "config.json"
PROJECTION, KEYS = "image_proj.", "ip_adapter."

_M = TypeVar("_M", bound=nn.Module)


def filled(make: Callable[[], _M], state: Mapping[str, Tensor], what: str, good: str) -> _M:
    """A network that is just these weights, frozen.

    Args:
        make: makes it without numbers; its sizes are read from the weights.
        what: whose weights they should be, and good: a file that would do, within a sentence.

    Raises:
        ModelDamaged: a weight is missing, left over or of the wrong shape.
    """
    try:
        with torch.device("meta"):
            made = make()
        made.load_state_dict(dict(state), assign=True)
    except (LookupError, ValueError, RuntimeError, ArithmeticError, StopIteration) as error:
        reason = (str(error).splitlines() or ["it is empty"])[-1].strip()
        raise ModelDamaged(f"These weights are not {what} ({reason}); choose {good}.") from error
    return made.eval().requires_grad_(False)


def adapter_weights(path: Path) -> dict[str, Tensor]:
    """An adapter's weights as float32, from a folder of this house or a published file.

    Raises:
        ModelMissing, ModelDamaged: the file is not there or cannot be read.
    """
    file = path / WEIGHTS_NAME if path.is_dir() else path
    return {name: weight.float() for name, weight in read_weights(file).items()}


def save_adapter(
    folder: Path, parts: Mapping[str, Mapping[str, Tensor]], settings: Mapping[str, Any]
) -> None:
    """Write model.safetensors with the parts' weights behind their prefixes, and config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        prefix + name: weight.detach().cpu().contiguous()
        for prefix, weights in parts.items()
        for name, weight in weights.items()
    }
    save_file(state, folder / WEIGHTS_NAME, {"format": "pt"})
    (folder / CONFIG_NAME).write_text(json.dumps(dict(settings), indent=2) + "\n", "utf-8")


def adapter_settings(path: Path) -> dict[str, Any]:
    """What config.json says; nothing beside a published file. Raises ModelDamaged."""
    file = path / CONFIG_NAME
    if not file.is_file():
        return {}
    try:
        return read_object(file.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise ModelDamaged(
            f"{path.name}/{CONFIG_NAME} cannot be read ({error}); restore the file."
        ) from error
