"""IP-Adapter-FaceID's files (Ye et al. 2023, arXiv 2308.06721): a projection from a face's numbers
to tokens, keys and values for them in every cross-attention, and a LoRA in every attention."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from studio.checkpoints import read_weights
from studio.checkpoints.kinds import part_of
from studio.checkpoints.plans import Shapes, face_adapter, face_plus_projection, face_projection
from studio.conditions.face import FaceAdapter, FaceProjection, LoraWeights
from studio.conditions.image_attention import ImageKeys
from studio.conditions.image_prompt import KEYS, PROJECTION, part
from studio.conditions.resampler import HEAD_WIDTH
from studio.engine.published.base import attention_layers, moved, open_as, require
from studio.errors import ModelDamaged

_EXAMPLE = "ip-adapter-faceid-plus_sd15.bin"
_CHANGED = ("q", "k", "v", "out")


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
    header = open_as(path, ("ip_adapter_faceid", "ip_adapter_faceid_plus"), _EXAMPLE)
    image, adapter = part_of(header.shapes, PROJECTION), part_of(header.shapes, KEYS)
    plan = _projection(path, image, int(base.config["cross_attention_dim"]))
    require(path, "a way from faces to tokens", image, plan)
    layers = attention_layers(base)
    rank, *_ = adapter.get("0.to_q_lora.down.weight") or (0,)
    sources = [(layer.width, layer.source) for layer in layers]
    require(path, "a face adapter", adapter, face_adapter(sources, rank))

    weights = moved(read_weights(path), base, torch.float32)
    heard = part(weights, KEYS)
    lora = {
        (number, which): (
            heard.pop(f"{number}.to_{which}_lora.down.weight"),
            heard.pop(f"{number}.to_{which}_lora.up.weight"),
        )
        for number in range(len(layers))
        for which in _CHANGED
    }
    shortcut = "plusv2" in path.stem.lower().replace("-", "").replace("_", "")
    return FaceAdapter(
        FaceProjection.from_state(part(weights, PROJECTION), shortcut),
        ImageKeys.from_state(heard),
        LoraWeights(lora),
    )


def _projection(path: Path, image: Shapes, text: int) -> Shapes:
    """The plan of a projection of these sizes."""
    try:
        face = image["proj.0.weight"][1]
        tokens = max(1, round(image["proj.2.weight"][0] / text))
        if not any(name.startswith("perceiver_resampler.") for name in image):
            return face_projection(face, 2 * face, tokens, text)
        source = image["perceiver_resampler.proj_in.weight"][1]
        heads = max(1, image["perceiver_resampler.layers.0.0.to_q.weight"][0] // HEAD_WIDTH)
    except (KeyError, IndexError):
        raise ModelDamaged(
            f"“{path.name}” holds no whole projection among its weights “image_proj.…”, as "
            "IP-Adapter-FaceID has it: download it again."
        ) from None
    layers = {n.split(".")[2] for n in image if n.startswith("perceiver_resampler.layers.")}
    inner = heads * HEAD_WIDTH
    return face_plus_projection(face, 2 * face, tokens, text, source, len(layers), inner)
