"""Published adapters for a base of Stable Diffusion 1.5's kind, loaded strictly.

Each file is compared with what the given base needs before anything is loaded, by name and shape;
a deviation is a sentence, never a silently missing weight.
"""

from studio.engine.published.base import KeyValue, LayerWeights
from studio.engine.published.dressing import DressingCheckpoint, ResamplerSizes, load_imagdressing
from studio.engine.published.face import load_face_id
from studio.engine.published.garment import (
    GarmentCheckpoint,
    load_extractor,
    load_garment,
    load_ip_layers,
)

__all__ = [
    "DressingCheckpoint",
    "GarmentCheckpoint",
    "KeyValue",
    "LayerWeights",
    "ResamplerSizes",
    "load_extractor",
    "load_face_id",
    "load_garment",
    "load_imagdressing",
    "load_ip_layers",
]
