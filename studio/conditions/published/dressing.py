"""IMAGDressing-v1's file (arXiv 2407.12705): garment UNet, resampler, and keys and values.

Two layouts are known, and both are DeepSpeed's: weights under "module", in the later one beside
other things. The base model's own copy in them, `unet.*`, is not read; only where the short names
of the adapters are absent are these taken from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from studio.checkpoints import read_weights
from studio.checkpoints.shapes import part
from studio.conditions.attention import OwnKeys
from studio.conditions.published.base import garment_unet, moved, own_keys
from studio.conditions.published.parts import dressing_names, open_as
from studio.conditions.resampler import Resampler

_UNET, _PROJECTION = "ref_unet.", "proj."


@dataclass(frozen=True)
class DressingCheckpoint:
    """What IMAGDressing adds to a base.

    Attributes:
        garment_unet: reads the garment's latents at timestep 0, with the resampler's tokens.
        resampler: in the base's number format.
        layers: keys and values (C, C) for each self-attention.
    """

    garment_unet: UNet2DConditionModel
    resampler: Resampler
    layers: OwnKeys


def load_imagdressing(path: Path, base: UNet2DConditionModel) -> DressingCheckpoint:
    """Load IMAGDressing-v1 for a base.

    Args:
        path: the file, in either layout.
        base: gives the configuration, number format and device.

    Raises:
        ModelMissing, ModelDamaged: the file is not there, broken, of another kind, incomplete or
            for another base.
    """
    header = open_as(path, ("imagdressing",), "IMAGDressing-v1_512.pt", base)
    names = dressing_names(header.shapes, base)
    wanted = set(names)
    parts = (_UNET, _PROJECTION)
    weights = read_weights(path, lambda name: name in wanted or name.startswith(parts))
    return DressingCheckpoint(
        garment_unet=garment_unet(part(weights, _UNET), base),
        resampler=Resampler.from_state(moved(part(weights, _PROJECTION), base)),
        layers=own_keys(weights, names, base),
    )
