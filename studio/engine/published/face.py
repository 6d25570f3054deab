"""IP-Adapter-FaceID's files (Ye et al. 2023, arXiv 2308.06721): a projection from a face's numbers
to tokens, keys and values for them in every cross-attention, and a LoRA in every attention."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor

from studio.checkpoints import read_weights
from studio.checkpoints.kinds import part_of
from studio.checkpoints.plans import Shapes, face_adapter, face_plus_projection, face_projection
from studio.engine.published.base import (
    KeyValue,
    LayerWeights,
    attention_layers,
    moved,
    open_as,
    require,
)
from studio.errors import ModelDamaged

_EXAMPLE = "ip-adapter-faceid-plus_sd15.bin"
_PROJECTIONS = ("to_q", "to_k", "to_v", "to_out")


class LowRank(NamedTuple):
    """A LoRA of one projection: `up @ down` is added to its weight.

    Attributes:
        down: (rank, in). up: (out, rank).
    """

    down: Tensor
    up: Tensor


@dataclass(frozen=True)
class FaceCheckpoint:
    """What IP-Adapter-FaceID adds to a base.

    Attributes:
        plus: whether the projection also looks at a picture of the face (FaceID-Plus).
        shortcut: whether the picture's tokens are added to the face's (version 2 of Plus), not
            put in their place. The contents do not tell; its file has “plusv2” in its name.
        projection: weights `proj.*`, `norm.*` and, for Plus, `perceiver_resampler.*`.
        tokens: how many come out. face: how many numbers describe a face.
        layers: keys and values (C, text width) for each cross-attention.
        lora: for each attention its four projections: to_q, to_k, to_v, to_out.
        rank: of the LoRA.
    """

    plus: bool
    shortcut: bool
    projection: dict[str, Tensor]
    tokens: int
    face: int
    layers: LayerWeights
    lora: dict[str, dict[str, LowRank]]
    rank: int


def load_face_id(path: Path, base: UNet2DConditionModel) -> FaceCheckpoint:
    """Load IP-Adapter-FaceID or FaceID-Plus for a base.

    Args:
        path: the file with `image_proj` and `ip_adapter`.
        base: gives the layers, number format and device.

    Raises:
        ModelMissing, ModelDamaged: the file is not there, broken, of another kind, incomplete or
            for another base.
    """
    header = open_as(path, ("ip_adapter_faceid", "ip_adapter_faceid_plus"), _EXAMPLE)
    image = part_of(header.shapes, "image_proj.")
    adapter = part_of(header.shapes, "ip_adapter.")
    text = int(base.config["cross_attention_dim"])
    plus = any(name.startswith("perceiver_resampler.") for name in image)
    face, tokens, expected = _projection(path, image, text, plus)
    require(path, "a way from faces to tokens", image, expected)
    layers = attention_layers(base)
    rank = adapter.get("0.to_q_lora.down.weight", (0,))[0]
    plan = face_adapter([(layer.width, layer.source) for layer in layers], rank)
    require(path, "a face adapter", adapter, plan)

    weights = moved(read_weights(path), base)
    pairs: LayerWeights = {}
    lora: dict[str, dict[str, LowRank]] = {}
    for i, layer in enumerate(layers):
        at = f"ip_adapter.{i}"
        if i % 2:
            pairs[layer.name] = KeyValue(
                weights[f"{at}.to_k_ip.weight"], weights[f"{at}.to_v_ip.weight"]
            )
        lora[layer.name] = {
            name: LowRank(
                weights[f"{at}.{name}_lora.down.weight"], weights[f"{at}.{name}_lora.up.weight"]
            )
            for name in _PROJECTIONS
        }
    start = "image_proj."
    return FaceCheckpoint(
        plus=plus,
        shortcut=plus and "plusv2" in path.stem.lower().replace("-", "").replace("_", ""),
        projection={n.removeprefix(start): w for n, w in weights.items() if n.startswith(start)},
        tokens=tokens,
        face=face,
        layers=pairs,
        lora=lora,
        rank=rank,
    )


def _projection(path: Path, image: Shapes, text: int, plus: bool) -> tuple[int, int, Shapes]:
    """Numbers of a face, tokens, and the plan of a projection of these sizes."""
    try:
        hidden, face = image["proj.0.weight"]
        tokens = max(1, round(image["proj.2.weight"][0] / text))
        if not plus:
            return face, tokens, face_projection(face, hidden, tokens, text)
        source = image["perceiver_resampler.proj_in.weight"][1]
        inner = image["perceiver_resampler.layers.0.0.to_q.weight"][0]
    except (KeyError, ValueError, IndexError):
        raise ModelDamaged(
            f"“{path.name}” holds no whole projection among its weights “image_proj.…”, as "
            "IP-Adapter-FaceID has it: download it again."
        ) from None
    layers = {n.split(".")[2] for n in image if n.startswith("perceiver_resampler.layers.")}
    plan = face_plus_projection(face, hidden, tokens, text, source, len(layers), inner)
    return face, tokens, plan
