"""Weights that controls need beside the model itself, found now and loaded on demand.

Two places are looked at: folders of the model itself, as the trainer publishes them, and a folder
into which a user has put published files. A published file wins over the model's own. What is
looked for says each control itself (`studio.request.weights`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from studio.checkpoints.folders import family_hash, file_hash, find_safetensors
from studio.checkpoints.kinds import Found, called, trained_size
from studio.checkpoints.wrapped import shards_of
from studio.conditions.attention import ImageTokens
from studio.conditions.control import BoardNetwork
from studio.conditions.memory import Memory
from studio.conditions.networks import load_part
from studio.conditions.published.parts import open_as
from studio.conditions.published.whole import scan
from studio.errors import ModelDamaged, ModelMissing
from studio.forms import read_object
from studio.request import control_kinds
from studio.request.weights import Weights

_KEPT_TOKENS = 8
_SD15_TEXT = 768
"""Width of the words that all known published adapters were trained with."""


class Shelf:
    """The weights of one model's controls.

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
        self.known: dict[str, Weights] = {
            weights.name: weights for kind in control_kinds().values() for weights in kind.weights
        }
        self._loaded: dict[str, Any] = {}

    def get(self, name: str) -> Any:
        """The network of some weights, loaded once. Raises ModelMissing, ModelDamaged."""
        if name not in self._loaded:
            self._loaded[name] = self.known[name].load(self)
        return self._loaded[name]

    @cached_property
    def _there(self) -> tuple[Found, ...]:
        """The published files for a model of this kind, broken ones as well."""
        if self.published is None or not self.published.is_dir() or not self._for_published:
            return ()
        return tuple(scan(self.published))

    @property
    def _for_published(self) -> bool:
        return self.unet.config.cross_attention_dim == _SD15_TEXT

    def folders(self, part: str) -> list[Path]:
        """Where a folder may be that is published as well as the model's own."""
        own = [self.folder / part]
        if self.published is not None and self._for_published:
            return [self.published / part, *own]
        return own

    @property
    def found(self) -> tuple[Found, ...]:
        """The published files that are for a model of this kind and whole."""
        return tuple(f for f in self._there if f.problem is None and not f.other_base)

    def file(self, name: str) -> Found | None:
        """The published file of some weights. Where there are several, one that is called as they
        are published comes first, then the first by name."""
        known = self.known[name]
        files = [f for f in self.found if f.kind in known.kinds]
        return min(
            files,
            key=lambda file: not (known.named and re.search(known.named, called(file.path))),
            default=None,
        )

    def board_network(self, name: str, reads: Literal["ink", "colours"]) -> BoardNetwork:
        """The published ControlNet of some weights, which reads a picture of the board."""
        from studio.conditions.published.controlnet import load_controlnet

        known, file = self.known[name], self.file(name)
        assert file is not None
        return BoardNetwork(load_controlnet(file.path, file.kind, known.example, self.unet), reads)

    def check(self, name: str) -> None:
        """Raises ModelDamaged where the file that was meant for some weights cannot be used, and
        ModelMissing where it lacks another one.

        The model's own do not stand in for it silently: their pictures are others.
        """
        if name not in self.known:
            return
        if self.file(name) is not None:
            if why := self.lacks(name):
                raise ModelMissing(why)
            return
        weights = self.known[name]
        for file in self._there:
            # LoRAs are published beside faces.
            stem = file.path.stem.lower()
            named = bool(weights.named and "lora" not in stem and re.search(weights.named, stem))
            if file.problem is not None and (named or file.kind in weights.kinds):
                raise ModelDamaged(file.problem)
            if named:
                kinds: Any = weights.kinds
                open_as(file.path, kinds, weights.example)

    def _own(self, name: str) -> bool:
        parts = self.known[name].folders
        return bool(parts) and all(any((self.folder / p).glob("*.safetensors")) for p in parts)

    @property
    def offers(self) -> frozenset[str]:
        """The names of the weights that are there with all that they need."""
        return frozenset(
            n for n in self.known if (not self.lacks(n) if self.file(n) else self._own(n))
        )

    def lacks(self, name: str) -> str:
        """What the published file of some weights still needs, a sentence; empty for nothing."""
        file = self.file(name)
        return "" if file is None else self.known[name].lacks(self, file)

    @property
    def notices(self) -> tuple[str, ...]:
        """What the published files may be used for, one sentence each."""
        used = (self.file(name) for name in self.known)
        return tuple(dict.fromkeys(f"{f.title}: {f.licence}" for f in used if f and f.licence))

    @property
    def sizes(self) -> dict[str, tuple[int, int]]:
        """The sizes that the published weights were trained for, by their name."""
        files = {name: self.file(name) for name in self.known}
        sizes = {name: trained_size(file) for name, file in files.items() if file is not None}
        return {name: size for name, size in sizes.items() if size}

    @property
    def listed(self) -> tuple[str, ...]:
        """A sentence for each published file: what it is, and whether it is used or why not."""
        if self.published is None or not self.published.is_dir():
            return ()
        used = {file.path: name for name in self.known if (file := self.file(name))}
        return tuple(f"“{f.path.name}”: {self._said(f, used)}" for f in scan(self.published))

    def _said(self, found: Found, used: Mapping[Path, str]) -> str:
        from studio.vision.pose import OPENPOSE_FILE

        if found.problem is not None:
            return found.problem
        if found.path.name == OPENPOSE_FILE and found.path.parent == self.published:
            return "OpenPose's body network; poses are read from photos with it."
        if found.other_base or not self._for_published:
            base = found.other_base or "models of Stable Diffusion 1.5's kind"
            return f"{found.title}; not used, it is for {base}, which this model is not."
        if found.kind == "unknown":
            return f"not used. {found.note}"
        if (name := used.get(found.path)) is not None:
            why = self.lacks(name)
            return f"{found.title}; not used yet: {why}" if why else f"{found.title}; in use."
        if found.kind == "ip_layer":
            return f"{found.title}; used with the extractor beside it."
        if found.kind == "lora":
            return f"{found.title}; put it into the folder of styles instead."
        return f"{found.title}; not used, another one comes first."

    def hashes(self, names: frozenset[str]) -> str:
        """SHA-256 over the files of some weights; empty for none."""
        if not names:
            return ""
        digest = hashlib.sha256()
        for name in sorted(names):
            file = self.file(name)
            if file is not None:
                for one in shards_of(file.path):
                    digest.update(f"{name}:{file_hash(one)}\n".encode())
            else:
                parts = {p: self.folder / p for p in self.known[name].folders}
                digest.update(f"{name}:{family_hash(parts)}\n".encode())
        return digest.hexdigest()

    def forget(self) -> None:
        """Empty the memories of garments, pictures and faces."""
        self.tokens.forget()
        for network in self._loaded.values():
            if hasattr(network, "forget"):
                network.forget()

    def traits(self, part: str) -> dict[str, Any]:
        """What one of the model's own folders says of its network. Raises ModelDamaged."""
        path = self.folder / part / "adapter.json"
        if not path.is_file():
            return {}
        try:
            return read_object(path.read_bytes())
        except (OSError, ValueError, TypeError):
            raise ModelDamaged(
                f"The model's {part}/adapter.json cannot be read: install the model again."
            ) from None

    def network(self, part: str, cls: Any = UNet2DConditionModel) -> Any:
        """A network of diffusers out of one of the model's own folders."""
        find_safetensors(self.folder / part)
        network = load_part(cls, self.folder / part, self.unet.dtype)
        return network.to(self.unet.device, memory_format=torch.channels_last).eval()

    def require(self, name: str, what: str) -> None:
        """Raises ModelMissing unless the model has weights of its own; `what` it cannot do."""
        if not self._own(name):
            raise ModelMissing(
                f"This model {what}: use the bundled model, or put the published weights for it "
                "into the folder of adapters."
            )
