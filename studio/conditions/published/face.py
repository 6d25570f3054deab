"""IP-Adapter-FaceID's files (Ye et al. 2023, arXiv 2308.06721): a projection from a face's numbers
to tokens, keys and values for them in every cross-attention, and a LoRA in every attention."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from studio.checkpoints import read_weights
from studio.checkpoints.shapes import part
from studio.conditions.attention import OwnKeys, attentions
from studio.conditions.face import FaceAdapter, FaceProjection
from studio.conditions.lora import Change
from studio.conditions.published.base import moved
from studio.conditions.published.parts import open_as
from studio.conditions.weights import KEYS, PROJECTION

_EXAMPLE = "ip-adapter-faceid-plus_sd15.bin"
_CHANGED = {"q": "to_q", "k": "to_k", "v": "to_v", "out": "to_out_0"}


def load_face_id(path: Path, base: UNet2DConditionModel) -> FaceAdapter:
    """Load IP-Adapter-FaceID or FaceID-Plus for a base.

    Version 2 of Plus has the same weights as the first: “plusv2” in its file's name tells it.

    Args:
        path: the file with `image_proj` and `ip_adapter`.
        base: gives the layers and the device.

    Returns:
        The adapter in float32, whatever the base runs in: a few small layers, run once for a face.

    Raises:
        ModelMissing, ModelDamaged: the file is not there, broken, of another kind, incomplete or
            for another base.
    """
    open_as(path, ("ip_adapter_faceid", "ip_adapter_faceid_plus"), _EXAMPLE, base)
    weights = moved(read_weights(path), base, torch.float32)
    heard = part(weights, KEYS)
    lora: dict[str, Change] = {}
    for number, attention, _ in attentions(base):
        for which, layer in _CHANGED.items():
            name = f"{number}.to_{which}_lora"
            down, up = (heard.pop(f"{name}.{half}.weight") for half in ("down", "up"))
            lora[f"{attention}.{layer}".replace(".", "_")] = Change(name, down, up, 1.0)
    shortcut = "plusv2" in path.stem.lower().replace("-", "").replace("_", "")
    return FaceAdapter(
        FaceProjection.from_state(part(weights, PROJECTION), shortcut),
        OwnKeys.from_state(heard),
        lora,
    )
