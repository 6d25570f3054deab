"""What a model hears besides words and the board: adapters, found now and loaded on demand.

Two places are looked at: folders of the model itself, as the trainer publishes them, and a folder
into which a user has put published files. A published file wins over the model's own.

    garment_extractor/   Magic Clothing's extractor           *.safetensors, ip_layer.pth
    dressing/            IMAGDressing-v1                      IMAGDressing-v1_512.pt
    image_encoder/       what both image prompts and dressing look through   image_encoder/
    image_prompt/        IP-Adapter                           (compared with, in the evaluation)
    controlnet_garment/  ControlNet-Garment                   (likewise)
    face_encoder/, face_adapter/   IP-Adapter-FaceID          ip-adapter-faceid*.bin
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import torch
from diffusers.models.controlnets.controlnet import ControlNetModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from studio.checkpoints import Found, Kind, read_weights
from studio.checkpoints.shapes import part
from studio.conditions.attention import ImageTokens, OwnKeys
from studio.conditions.control import BoardNetwork
from studio.conditions.dressing import DressingEncoder
from studio.conditions.face import FaceAdapter
from studio.conditions.garment import GarmentExtractor
from studio.conditions.image_prompt import ImagePromptAdapter
from studio.conditions.memory import Memory
from studio.conditions.resampler import Resampler
from studio.engine.networks import load_part
from studio.engine.published.dressing import load_imagdressing
from studio.engine.published.face import load_face_id
from studio.engine.published.garment import load_garment
from studio.engine.published.parts import open_as
from studio.engine.published.whole import scan
from studio.engine.weights import family_hash, file_hash, find_safetensors
from studio.errors import ModelDamaged, ModelMissing
from studio.vision.face import FaceEncoder, InsightFaceEncoder, WardrobeFaceEncoder
from studio.vision.image_encoder import ImageEncoder
from studio.vision.u2net import ClothParser

_T = TypeVar("_T")

_KINDS: dict[str, tuple[Kind, ...]] = {
    "garment": ("magic_clothing", "decoupled_extractor"),
    "dressing": ("imagdressing",),
    "face": ("ip_adapter_faceid", "ip_adapter_faceid_plus"),
    "parser": ("cloth_segm",),
}
_NAMED: dict[str, tuple[str, str]] = {
    "garment": (
        r"magic_clothing|oms_(diffusion|\d)|garment_extractor",
        "magic_clothing_768_vitonhd_joint.safetensors",
    ),
    "dressing": ("imagdressing", "IMAGDressing-v1_512.pt"),
    "face": ("faceid", "ip-adapter-faceid-plus_sd15.bin"),
}
"""What a file's name says that is meant for an adapter, whatever is in it, and an example."""
_FOLDERS: dict[str, tuple[str, ...]] = {
    "garment": ("garment_extractor",),
    "dressing": ("dressing", "garment_extractor", "image_encoder"),
    "image_prompt": ("image_prompt", "image_encoder"),
    "controlnet_garment": ("controlnet_garment",),
    "face": ("face_adapter", "face_encoder"),
}
_KEPT_TOKENS = 8
_SD15_TEXT = 768
"""Width of the words that all known published adapters were trained with."""


class Adapters:
    """The adapters of one model.

    Args:
        folder: the model's own.
        published: where the user's published files are, if anywhere.
        unet: the denoiser, which says how large they must be, and where and in which format
            they run.

    Attributes:
        tokens: a memory of pictures and faces as tokens, by their contents and adapter.
    """

    def __init__(self, folder: Path, published: Path | None, unet: Any) -> None:
        self.folder, self.published, self.unet = folder, published, unet
        self.tokens: Memory[ImageTokens] = Memory(_KEPT_TOKENS)
        self._loaded: dict[str, Any] = {}

    @cached_property
    def _there(self) -> tuple[Found, ...]:
        """The published files for a model of this kind, broken ones as well."""
        if self.published is None or not self.published.is_dir():
            return ()
        if self.unet.config.cross_attention_dim != _SD15_TEXT:
            return ()
        return tuple(scan(self.published))

    @property
    def found(self) -> tuple[Found, ...]:
        """The published files that are for a model of this kind and whole."""
        return tuple(f for f in self._there if f.problem is None)

    def file(self, name: str) -> Found | None:
        """The published file for an adapter; the first by name where there are several."""
        return next((f for f in self.found if f.kind in _KINDS.get(name, ())), None)

    def check(self, name: str) -> None:
        """Raises ModelDamaged where the file that was meant for an adapter cannot be used.

        The model's own adapter does not stand in for it silently: its pictures are others.
        """
        if self.file(name) is not None:
            return
        for file in self._there:
            named = _is_named(file.path, name)
            if file.problem is not None and (named or file.kind in _KINDS.get(name, ())):
                raise ModelDamaged(file.problem)
            if named:
                open_as(file.path, _KINDS[name], _NAMED[name][1])

    def _own(self, name: str) -> bool:
        parts = _FOLDERS.get(name, ())
        return bool(parts) and all(any((self.folder / p).glob("*.safetensors")) for p in parts)

    @property
    def offers(self) -> frozenset[str]:
        """Of "garment", "dressing", "image_prompt", "controlnet_garment", "face", "parser"."""
        names = {*_FOLDERS, *_KINDS}
        return frozenset(n for n in names if self._own(n) or self.file(n) is not None)

    @property
    def notices(self) -> tuple[str, ...]:
        """What the published files may be used for, one sentence each."""
        used = (self.file(name) for name in _KINDS)
        return tuple(dict.fromkeys(f"{f.title}: {f.licence}" for f in used if f and f.licence))

    def hashes(self, names: frozenset[str]) -> str:
        """SHA-256 over the files of some adapters; empty for none."""
        if not names:
            return ""
        digest = hashlib.sha256()
        for name in sorted(names):
            file = self.file(name)
            if file is not None:
                digest.update(f"{name}:{file_hash(file.path)}\n".encode())
            else:
                parts = {p: self.folder / p for p in _FOLDERS[name]}
                digest.update(f"{name}:{family_hash(parts)}\n".encode())
        return digest.hexdigest()

    def forget(self) -> None:
        """Empty the memories of garments, pictures and faces."""
        self.tokens.forget()
        for adapter in self._loaded.values():
            if hasattr(adapter, "forget"):
                adapter.forget()

    def _once(self, name: str, load: Callable[[], _T]) -> _T:
        if name not in self._loaded:
            self._loaded[name] = load()
        return self._loaded[name]

    @property
    def garment(self) -> GarmentExtractor:
        """Magic Clothing's extractor. Raises ModelMissing, ModelDamaged."""
        return self._once("garment", self._load_garment)

    @property
    def dressing(self) -> DressingEncoder:
        """IMAGDressing's networks. Raises ModelMissing, ModelDamaged."""
        return self._once("dressing", self._load_dressing)

    @property
    def image_encoder(self) -> ImageEncoder:
        """What image tokens come from. Raises ModelMissing, ModelDamaged."""
        return self._once("image_encoder", self._load_image_encoder)

    @property
    def image_prompt(self) -> ImagePromptAdapter:
        """IP-Adapter. Raises ModelMissing, ModelDamaged."""
        return self._once("image_prompt", self._load_image_prompt)

    @property
    def garment_control(self) -> BoardNetwork:
        """ControlNet-Garment, which reads the garment's picture. Raises ModelMissing…"""
        return self._once("controlnet_garment", self._load_garment_control)

    @property
    def face(self) -> FaceAdapter:
        """IP-Adapter-FaceID. Raises ModelMissing, ModelDamaged."""
        return self._once("face", self._load_face)

    @property
    def face_encoder(self) -> FaceEncoder:
        """What a face is described by. Raises ModelMissing, ModelDamaged."""
        return self._once("face_encoder", self._load_face_encoder)

    @property
    def parser(self) -> ClothParser | None:
        """The published cloth parser, where it is there."""
        file = self.file("parser")
        if file is None:
            return None
        return self._once("parser", lambda: ClothParser.load(file.path, self.unet.device))

    def _traits(self, part: str) -> dict[str, Any]:
        path = self.folder / part / "adapter.json"
        if not path.is_file():
            return {}
        try:
            return dict(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            raise ModelDamaged(
                f"The model's {part}/adapter.json cannot be read: install the model again."
            ) from None

    def _unet(self, part: str) -> Any:
        find_safetensors(self.folder / part)
        network = load_part(UNet2DConditionModel, self.folder / part, self.unet.dtype)
        return network.to(self.unet.device, memory_format=torch.channels_last).eval()

    def _load_garment(self) -> GarmentExtractor:
        file = self.file("garment")
        if file is not None:
            loaded = load_garment(file.path, self.unet)
            return GarmentExtractor(loaded.extractor, joint=loaded.joint, layers=loaded.layers)
        self._require("garment", "cannot see a garment's picture")
        traits = self._traits("garment_extractor")
        return GarmentExtractor(
            self._unet("garment_extractor"),
            joint=bool(traits.get("joint", True)),
            zeros=bool(traits.get("zeros", True)),
        )

    def _load_dressing(self) -> DressingEncoder:
        file = self.file("dressing")
        if file is not None:
            loaded = load_imagdressing(file.path, self.unet)
            network, resampler, layers = loaded.garment_unet, loaded.resampler, loaded.layers
            return DressingEncoder(network, self.image_encoder, resampler, layers, masked=False)
        self._require("dressing", "has no IMAGDressing")
        return load_own_dressing(self.folder / "dressing", self._unet, self.image_encoder)

    def _load_image_encoder(self) -> ImageEncoder:
        places = [self.folder / "image_encoder"]
        if self.published is not None and self.unet.config.cross_attention_dim == _SD15_TEXT:
            places.insert(0, self.published / "image_encoder")
        for place in places:
            if place.is_dir():
                return ImageEncoder.load(place, self.unet.device)
        raise ModelMissing(
            "There is no image encoder for this adapter: put the folder image_encoder of "
            "IP-Adapter beside the published files."
        )

    def _load_image_prompt(self) -> ImagePromptAdapter:
        self._require("image_prompt", "has no image prompt")
        return ImagePromptAdapter.load(self.folder / "image_prompt", self.unet.device)

    def _load_garment_control(self) -> BoardNetwork:
        self._require("controlnet_garment", "has no ControlNet-Garment")
        folder = self.folder / "controlnet_garment"
        find_safetensors(folder)
        network = load_part(ControlNetModel, folder, self.unet.dtype)
        network = network.to(self.unet.device, memory_format=torch.channels_last).eval()
        return BoardNetwork(network, "colours")

    def _load_face(self) -> FaceAdapter:
        file = self.file("face")
        if file is not None:
            return load_face_id(file.path, self.unet)
        self._require("face", "cannot be given a face")
        return FaceAdapter.load(self.folder / "face_adapter", self.unet.device)

    def _load_face_encoder(self) -> FaceEncoder:
        if self.file("face") is not None:
            assert self.published is not None
            return InsightFaceEncoder(self.published)
        return WardrobeFaceEncoder.load(self.folder / "face_encoder", self.unet.device)

    def _require(self, name: str, what: str) -> None:
        if not self._own(name):
            raise ModelMissing(
                f"This model {what}: use the bundled model, or put the published weights for it "
                "into the folder of adapters."
            )


def _is_named(path: Path, name: str) -> bool:
    """Whether a file is called as one for an adapter. LoRAs are published beside FaceID."""
    stem = path.stem.lower()
    return name in _NAMED and "lora" not in stem and bool(re.search(_NAMED[name][0], stem))


def load_own_dressing(
    folder: Path, unet: Callable[[str], Any], image_encoder: ImageEncoder
) -> DressingEncoder:
    """The dressing that the trainer writes: published names, perhaps on another UNet's weights.

    Args:
        folder: with config.json and model.safetensors.
        unet: loads a UNet of the model by its folder's name.
        image_encoder: the one that it was trained with.

    Raises:
        ModelMissing, ModelDamaged: with a sentence that says what to do.
    """
    weights = read_weights(folder / "model.safetensors")
    network = unet("garment_extractor")
    place = next(network.parameters())
    own = {k: v.to(place) for k, v in part(weights, "ref_unet.").items()}
    if network.load_state_dict(own, strict=False).unexpected_keys:
        raise ModelDamaged("The model's dressing does not fit its UNet: install the model again.")
    layers = OwnKeys.from_state(part(weights, "adapter_modules.")).to(place)
    layers.check(network, "attn1")
    masked = bool(json.loads((folder / "config.json").read_text("utf-8")).get("masked", False))
    resampler = Resampler.from_state({k: v.float() for k, v in part(weights, "proj.").items()})
    return DressingEncoder(
        network, image_encoder, resampler.to(place.device), layers, masked=masked
    )
