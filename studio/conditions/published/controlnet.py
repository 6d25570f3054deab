"""Published ControlNets that read one picture (arXiv 2302.05543): a stick figure or lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers.loaders.single_file_utils import convert_controlnet_checkpoint
from diffusers.models.controlnets.controlnet import ControlNetModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor

from studio.checkpoints import read_weights
from studio.checkpoints.bases import base_of
from studio.checkpoints.kinds import Kind
from studio.conditions.published.base import moved
from studio.conditions.published.parts import open_as
from studio.errors import ModelDamaged

_EMBEDDING = "controlnet_cond_embedding."


def load_controlnet(
    path: Path, kind: Kind, example: str, base: UNet2DConditionModel
) -> ControlNetModel:
    """Load a ControlNet in diffusers' layout or in its first one.

    Args:
        path: its file. kind: "controlnet_sketch" or "controlnet_pose".
        example: the name of such a file.
        base: gives the build, number format and device.

    Raises:
        ModelMissing, ModelDamaged: the file is not there, broken, of another kind, incomplete or
            for another base.
    """
    header = open_as(path, (kind,), example, base)
    weights = read_weights(path)
    try:
        state = dict(convert_controlnet_checkpoint(weights, dict(base.config)))
        network = _plan(state, base)
        network.load_state_dict(moved(state, base), assign=True)
    except (KeyError, IndexError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[-1].strip()[:160]
        other = base_of(header.shapes)
        told = f", it is for {other}" if other else ""
        raise ModelDamaged(
            f"“{path.name}” does not fit this base model as a ControlNet ({reason}){told}: choose "
            "the file for this base model, or download it again."
        ) from error
    return network.requires_grad_(False).eval()


def _plan(state: dict[str, Tensor], base: UNet2DConditionModel) -> Any:
    """A ControlNet for the base without numbers; the widths of its way in are those of the file."""
    first = state[f"{_EMBEDDING}conv_in.weight"]
    steps = [state.get(f"{_EMBEDDING}blocks.{i}.weight") for i in (1, 3, 5)]
    with torch.device("meta"):
        return ControlNetModel.from_unet(
            base,
            conditioning_channels=first.shape[1],
            conditioning_embedding_out_channels=(
                first.shape[0], *(step.shape[0] for step in steps if step is not None)
            ),
            load_weights_from_unet=False,
        )  # fmt: skip
