"""The moving average of the weights, and the one file from which a training goes on exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from studio.errors import BadInput, ModelDamaged
from trainer.run import temporary_beside


class Ema:
    """Exponential moving average of parameters.

    The decay of update n is min(decay, (1 + n) / (10 + n)), so that the average does not cling
    to the random start. With `decay` None it is off and the parameters stand for themselves.
    """

    def __init__(self, parameters: Sequence[nn.Parameter], decay: float | None):
        self.parameters, self.decay, self.updates = list(parameters), decay, 0
        self.shadow: list[Tensor] = (
            [] if decay is None else [p.detach().clone() for p in self.parameters]
        )

    @torch.no_grad()
    def update(self) -> None:
        """Move the average towards the parameters."""
        if self.decay is None:
            return
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        # One fused call for all tensors; torch has no public name for it.
        torch._foreach_lerp_(  # pyright: ignore[reportPrivateImportUsage]
            self.shadow, [p.detach() for p in self.parameters], 1 - decay
        )
        self.updates += 1

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Inside, the parameters hold the average; afterwards what they held before, exactly."""
        if self.decay is None:
            yield
            return
        kept = [p.detach().clone() for p in self.parameters]
        try:
            self._write(self.shadow)
            yield
        finally:
            self._write(kept)

    @torch.no_grad()
    def _write(self, values: Sequence[Tensor]) -> None:
        for parameter, value in zip(self.parameters, values, strict=True):
            parameter.copy_(value)


@dataclass(frozen=True)
class Saved:
    """Where a training stood: optimiser steps done and seconds spent."""

    step: int
    seconds: float


_MOMENTS = ("exp_avg", "exp_avg_sq")


def save_state(
    path: Path,
    modules: Mapping[str, nn.Module],
    optimiser: torch.optim.Optimizer,
    ema: Ema,
    step: int,
    seconds: float,
) -> None:
    """Write weights, buffers, moments and average into one safetensors file, atomically."""
    tensors: dict[str, Tensor] = {}
    for name, module in modules.items():
        for key, value in module.state_dict().items():
            tensors[f"module/{name}/{key}"] = value
    for i, parameter in enumerate(ema.parameters):
        for moment in _MOMENTS:
            if moment in optimiser.state[parameter]:
                tensors[f"optimiser/{i}/{moment}"] = optimiser.state[parameter][moment]
        if ema.shadow:
            tensors[f"ema/{i}"] = ema.shadow[i]
    metadata = {
        "step": str(step),
        "seconds": repr(seconds),
        "ema_updates": str(ema.updates),
    }
    with temporary_beside(path) as temporary:
        save_file({k: v.detach().contiguous() for k, v in tensors.items()}, temporary, metadata)


@torch.no_grad()
def load_state(
    path: Path, modules: Mapping[str, nn.Module], optimiser: torch.optim.Optimizer, ema: Ema
) -> Saved:
    """Put a saved state into modules, optimiser and average.

    Raises:
        ModelDamaged: the file cannot be read, or belongs to a training of another shape.
    """
    try:
        with safe_open(path, "pt") as file:
            names = set(file.keys())
            metadata = file.metadata()
            saved = Saved(int(metadata["step"]), float(metadata["seconds"]))
            for name, module in modules.items():
                for key, value in module.state_dict().items():
                    value.copy_(file.get_tensor(f"module/{name}/{key}"))
            for i, parameter in enumerate(ema.parameters):
                if f"optimiser/{i}/exp_avg" in names:
                    state: dict[str, Tensor] = {
                        m: torch.empty_like(parameter, memory_format=torch.preserve_format).copy_(
                            file.get_tensor(f"optimiser/{i}/{m}")
                        )
                        for m in _MOMENTS
                    }
                    state["step"] = torch.tensor(
                        float(saved.step), dtype=torch.float32, device=parameter.device
                    )
                    optimiser.state[parameter] = state
                if ema.shadow:
                    ema.shadow[i].copy_(file.get_tensor(f"ema/{i}"))
            ema.updates = int(metadata["ema_updates"])
    except (SafetensorError, KeyError, RuntimeError, ValueError, OSError) as error:
        raise ModelDamaged(
            f"{path} cannot be used to go on ({error}); start without --resume."
        ) from error
    return saved


@torch.no_grad()
def load_fitting(
    module: nn.Module, state: Mapping[str, Tensor], without: tuple[str, ...] = ()
) -> None:
    """Give a module the weights of an earlier training, which were stored in half precision.

    Args:
        without: how the names of weights begin that the state may lack; they stay as they are.

    Raises:
        BadInput: it belongs to a module of another shape. Then nothing is changed.
    """
    ours = module.state_dict()
    wrong = [k for k, v in state.items() if k not in ours or ours[k].shape != v.shape]
    wrong += [k for k in sorted(ours.keys() - state.keys()) if not k.startswith(without)]
    if wrong:
        raise BadInput(
            f"The weights to go on from do not fit this network ({len(wrong)} tensors, first "
            f"{wrong[0]}): leave them out of the config to train anew."
        )
    for name, weight in state.items():
        ours[name].copy_(weight)


def copy_halved(source: Path, target: Path) -> None:
    """Copy a folder with its weights as float16, everything else as it is."""
    target.mkdir()
    for file in sorted(source.iterdir()):
        if file.suffix != ".safetensors":
            (target / file.name).write_bytes(file.read_bytes())
            continue
        state = {
            name: weight.half() if weight.is_floating_point() else weight
            for name, weight in load_file(file).items()
        }
        save_file(state, target / file.name, {"format": "pt"})
