"""Magic Clothing's files (arXiv 2404.09512): the garment extractor, and the layers of its
decoupled variant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from studio.checkpoints import read_header, read_weights
from studio.checkpoints.kinds import is_joint, recognise_header
from studio.conditions.attention import OwnKeys
from studio.conditions.published.base import garment_unet, own_keys
from studio.conditions.published.parts import open_as, pair_names
from studio.errors import ModelMissing

_EXAMPLE = "magic_clothing_768_vitonhd_joint.safetensors"
_LAYERS = "ip_layer.pth"


@dataclass(frozen=True)
class GarmentCheckpoint:
    """A garment extractor and how it wants to be used.

    Attributes:
        extractor: reads the garment's latents (B, C, h, w) at timestep 0 with empty text.
        joint: True where garment and text are guided separately (sG and sT); False for the first
            family, at 512×384 pixels, which one scale steers. See `studio.checkpoints.kinds`.
        layers: keys and values (C, C) of the decoupled variant for each self-attention, which is
            then added beside the picture's own instead of joined with it; None for the others.
    """

    extractor: UNet2DConditionModel
    joint: bool
    layers: OwnKeys | None


def load_garment(path: Path, base: UNet2DConditionModel) -> GarmentCheckpoint:
    """Load an extractor with all that belongs to it.

    Args:
        path: the extractor's file; beside that of the decoupled variant lies its `ip_layer.pth`.
        base: the denoiser that it will be used with.

    Raises:
        ModelMissing, ModelDamaged: a file is not there, broken, of another kind or for another
            base.
    """
    pairs = None
    if recognise_header(read_header(path)).kind == "decoupled_extractor":
        layers = path.with_name(_LAYERS)
        if not layers.is_file():
            raise ModelMissing(
                f"“{path.name}” is used together with {_LAYERS}, which is not beside it: put that "
                "file into the same folder."
            )
        pairs = load_ip_layers(layers, base)
    return GarmentCheckpoint(load_extractor(path, base), is_joint(path), pairs)


def load_extractor(path: Path, base: UNet2DConditionModel) -> UNet2DConditionModel:
    """Load a garment extractor: a UNet of the base's shape, all of it and nothing else.

    Args:
        path: its file, 686 weights for Stable Diffusion 1.5.
        base: gives the configuration, number format and device.

    Returns:
        The network, frozen; it reads the base's latents alone, also for an inpainting base.

    Raises:
        ModelMissing, ModelDamaged: as `load_garment`.
    """
    open_as(path, ("magic_clothing", "decoupled_extractor"), _EXAMPLE, base)
    return garment_unet(read_weights(path), base)


def load_ip_layers(path: Path, base: UNet2DConditionModel) -> OwnKeys:
    """Load the decoupled variant's keys and values.

    Args:
        path: `ip_layer.pth`, `{i}.to_k_ip.weight` and `{i}.to_v_ip.weight` for even i.
        base: as `load_extractor`.

    Returns:
        Weights (C, C) for each self-attention.

    Raises:
        ModelMissing, ModelDamaged: as `load_garment`.
    """
    open_as(path, ("ip_layer",), _LAYERS, base)
    return own_keys(read_weights(path), pair_names("", "ip", base), base)
