"""Typed configuration, read from TOML. A key that is not known is an error, never ignored."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from studio.errors import BadInput
from studio.forms import ModelT, Strict, read_form

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Whole = Annotated[int, Field(gt=0)]
"""A whole number above 0."""


class LoopConfig(Strict):
    """What the loop itself needs: the same for every recipe."""

    minutes: Positive | None = None
    """Time budget in minutes of wall clock."""
    steps: Whole | None = None
    """Step budget in optimiser steps."""
    batch_size: Whole = 16
    """Samples per optimiser step."""
    learning_rate: Positive = 1e-3
    """The highest learning rate."""
    warmup_fraction: float = Field(default=0.02, ge=0, lt=1)
    """Part of the budget in which the rate rises from 0."""
    decay_start: float = Field(default=0.5, gt=0, le=1)
    """Part of the budget after which the rate falls as a cosine."""
    final_rate_fraction: Share = 0.02
    """The last rate in parts of the highest."""
    beta1: float = Field(default=0.9, ge=0, lt=1)
    """AdamW's first moment."""
    beta2: float = Field(default=0.99, ge=0, lt=1)
    """AdamW's second moment."""
    weight_decay: NotNegative = 0.01
    """AdamW's decoupled weight decay."""
    clip_norm: Positive | None = 1.0
    """Largest gradient norm; leave it out for no clipping."""
    ema_decay: float | None = Field(default=0.999, gt=0, lt=1)
    """Cap of the moving average's decay per step."""
    seed: int = Field(default=0, ge=0)
    """Seed of everything random."""
    bf16: bool = True
    """Autocast to bfloat16."""
    compile: bool = False
    """torch.compile the hot modules (about 100 s on a CPU)."""
    threads: Whole | None = None
    """Torch threads on the CPU."""
    loaders: Whole = 1
    """Threads that prepare batches."""
    ahead: Whole = 4
    """Batches that are prepared ahead."""
    log_steps: Whole = 50
    """Steps between two lines of metrics."""
    checkpoint_minutes: Positive = 5.0
    """Minutes between two checkpoints."""
    sample_minutes: Positive | None = 10.0
    """Minutes between two sample sheets; leave it out for none."""

    @model_validator(mode="after")
    def _one_budget(self) -> LoopConfig:
        if (self.minutes is None) == (self.steps is None):
            raise ValueError("give either minutes or steps, and only one of them")
        return self


class RecipeConfig(Strict):
    """The base of each recipe's config; `loop` is a TOML table of its own."""

    loop: LoopConfig


Of = Literal["last", "named", "data", "also"]


def reads(name: str, of: Of = "last", default: Any = ...) -> Any:
    """A key of a recipe's config that is a folder, and which one a family of stages puts there.

    Args:
        name: of a part that a stage's recipe writes, or of a folder of the family's data.
        of: whose folder: of the stage that is gone on from, else of the last earlier one that
            writes it ("last"); only of one that is gone on from ("named"); of the data that the
            family draws or keeps ("data"); the further shards that the stage names ("also").
        default: for "named" it is None.
    """
    optional = None if of == "named" else default
    return Field(optional, json_schema_extra={"reads": name, "of": of})


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises BadInput if it is missing or not TOML."""
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError as error:
        raise BadInput(f"There is no config file {path}; give the path of a TOML file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not valid TOML: {error}.") from error


def load_config(
    model: type[ModelT], path: Path, minutes: float | None = None, steps: int | None = None
) -> ModelT:
    """Read a recipe's TOML file into its config, with another budget in its `loop` if one is given.

    Raises:
        BadInput: as `read_toml` and `read_form`.
    """
    values = read_toml(path)
    if minutes is not None or steps is not None:
        values = merged(values, {"loop": {"minutes": minutes, "steps": steps}})
    return read_form(model, values, str(path))


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """A copy of `base` with `over` on top; nested tables are merged, None removes a key."""
    result = dict(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def to_json(config: BaseModel) -> str:
    """The resolved config as stable, readable JSON."""
    return json.dumps(config.model_dump(mode="json"), indent=2, sort_keys=True)
