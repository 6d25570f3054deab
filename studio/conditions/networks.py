"""Networks that make pictures, and one of them from its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from studio.checkpoints.folders import variant_of
from studio.errors import ModelDamaged


@dataclass(frozen=True)
class Networks:
    """What latents and pictures are made with.

    Attributes:
        unet: predicts noise or velocity. vae: stands between pictures and latents.
        scheduler: the scheduler's configuration.
        device: where the networks are.
    """

    unet: Any
    vae: Any
    scheduler: dict[str, Any]
    device: torch.device


def load_part(cls: Any, folder: Path, dtype: torch.dtype, variant: str | None = None) -> Any:
    """One network of a model.

    Args:
        variant: which of several published weight files is wanted, see `find_safetensors`.

    Raises:
        ModelDamaged: it does not fit its configuration, or a weight is missing.
        ModelMissing: it has no weights.
    """
    try:
        network, report = cls.from_pretrained(
            folder,
            dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
            variant=variant_of(folder, variant),
        )
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise ModelDamaged(
            f"The model's {folder.name} does not fit its configuration: install the model again."
        ) from error
    missing = [k for k in report.get("missing_keys", ()) if not k.endswith("position_ids")]
    if missing or report.get("mismatched_keys") or report.get("error_msgs"):
        first = missing[0] if missing else "a weight of another shape"
        raise ModelDamaged(
            f"The model's {folder.name} is incomplete ({first}): install the model again."
        )
    return network
