"""A face to be recognised again: IP-Adapter-FaceID's interface with a replaceable face encoder.

A face encoder (`studio.vision.face`) turns a face into one unit vector; a small network makes a
few tokens of it that cross-attention hears (`studio.conditions.attention`). Weights have
their published names:

    FaceID        image_proj: 6 tensors, vector -> MLP -> 4 tokens -> LayerNorm
    FaceID-Plus   image_proj: 56 tensors, those tokens then ask the image encoder's view of the face
    ip_adapter.{i}.to_{k,v}_ip.weight            i odd: cross-attentions
    ip_adapter.{i}.to_{q,k,v,out}_lora.….weight  all i: low-rank changes of the UNet's attentions

In Plus version 2 the tokens that ask stay: x + s * answer ("shortcut"); the weights do not tell.
Published files are checked and loaded in `studio.conditions.published`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from studio.checkpoints.shapes import part
from studio.conditions.attention import ImageTokens, OwnKeys
from studio.conditions.base import Branch
from studio.conditions.image_prompt import PictureCondition
from studio.conditions.lora import Change, fitted, fold
from studio.conditions.resampler import FacePerceiver, sizes_of
from studio.conditions.weights import (
    KEYS,
    PROJECTION,
    adapter_settings,
    adapter_weights,
    filled,
    save_adapter,
)
from studio.errors import BadInput, ModelDamaged
from studio.garment.spec import Box
from studio.request import Control
from studio.vision.face import FaceEncoder
from studio.vision.framing import cut, rgb_pixels
from studio.vision.image_encoder import ImageEncoder

_PERCEIVER = "perceiver_resampler."


class FaceProjection(nn.Module):
    """A face's vector as tokens: MLP and LayerNorm, and in Plus a perceiver.

    Args:
        inputs: features of the face's vector. width: features of a token. tokens: how many.
        perceiver: Plus' own part.
        shortcut: version 2 of Plus.
    """

    def __init__(
        self,
        inputs: int,
        width: int,
        tokens: int = 4,
        perceiver: FacePerceiver | None = None,
        shortcut: bool = False,
    ):
        super().__init__()
        self.proj = nn.Sequential(
            nn.Linear(inputs, 2 * inputs), nn.GELU(), nn.Linear(2 * inputs, tokens * width)
        )
        self.norm = nn.LayerNorm(width)
        self.shortcut = shortcut
        if perceiver is not None:
            self.perceiver_resampler = perceiver

    @property
    def inputs(self) -> int:
        """Features of a face's vector."""
        first: Any = self.proj[0]
        return first.in_features

    @property
    def perceiver(self) -> FacePerceiver | None:
        """Plus' own part."""
        return getattr(self, "perceiver_resampler", None)

    def forward(
        self, vectors: Tensor, picture: Tensor | None = None, strength: float = 1.0
    ) -> Tensor:
        """(n, tokens, width).

        Args:
            vectors: (n, inputs).
            picture: (n, T, image width), the image encoder's tokens of the face, for Plus.
            strength: s of version 2.
        """
        tokens = self.proj(vectors).unflatten(1, (-1, self.norm.normalized_shape[0]))
        tokens = self.norm(tokens)
        if self.perceiver is None:
            return tokens
        assert picture is not None, "FaceID-Plus looks at the face too"
        answer = self.perceiver.ask(tokens, picture)
        return tokens + strength * answer if self.shortcut else answer

    @classmethod
    def from_state(cls, state: Mapping[str, Tensor], shortcut: bool = False) -> FaceProjection:
        """A projection with these weights, frozen, its sizes read from them.

        Raises:
            ModelDamaged: a weight is missing, left over or of the wrong shape.
        """

        def made() -> FaceProjection:
            own = part(state, _PERCEIVER)
            inner, inputs = state["proj.0.weight"].shape
            outputs, width = state["proj.2.weight"].shape[0], state["norm.weight"].shape[0]
            if inner != 2 * inputs:
                raise ValueError("proj.0 is not twice as wide as the face's vector")
            perceiver = FacePerceiver(**sizes_of(own)) if own else None
            return cls(inputs, width, outputs // width, perceiver, shortcut)

        good = "a file of IP-Adapter-FaceID or FaceID-Plus"
        return filled(made, state, "a face adapter's", good)


class FaceAdapter:
    """The trained weights of a face adapter.

    Args:
        projection, keys: as trained together.
        lora: what published FaceID files change in the UNet, if anything, by the names of
            `studio.conditions.lora.layers_of`.
    """

    def __init__(
        self, projection: FaceProjection, keys: OwnKeys, lora: Mapping[str, Change] | None = None
    ) -> None:
        self.projection, self.keys, self.lora = projection.eval(), keys.eval(), lora or {}

    @classmethod
    def load(cls, folder: Path, device: torch.device | str = "cpu") -> FaceAdapter:
        """Read a folder that `save` wrote.

        Raises:
            ModelMissing, ModelDamaged: it is not there, damaged, or something else.
        """
        state = adapter_weights(folder)
        shortcut = bool(adapter_settings(folder).get("shortcut", False))
        projection = FaceProjection.from_state(part(state, PROJECTION), shortcut)
        keys = OwnKeys.from_state(part(state, KEYS))
        return cls(projection.to(device), keys.to(device))

    def save(self, folder: Path) -> None:
        """Write a folder that `load` reads; low-rank changes are not part of the bundled kind."""
        parts = {PROJECTION: self.projection.state_dict(), KEYS: self.keys.state_dict()}
        save_adapter(folder, parts, {"kind": "face", "shortcut": self.projection.shortcut})

    @torch.no_grad()
    def tokens(
        self, vector: Tensor, view: tuple[Tensor, Tensor] | None = None, strength: float = 1.0
    ) -> ImageTokens:
        """A face's tokens, and those of no face (a vector of zeros, as published).

        Args:
            vector: (D,) from the face encoder.
            view: the image encoder's tokens of the face and of zeros, for Plus.
            strength: s of version 2 of Plus.

        Raises:
            ModelDamaged: the adapter was trained with another face encoder.
        """
        if len(vector) != self.projection.inputs:
            raise ModelDamaged(
                f"This face adapter was trained with another face encoder, one of "
                f"{self.projection.inputs} features instead of {len(vector)}; choose the two that "
                "belong together."
            )
        vectors = vector[None].to(next(self.projection.parameters()))
        seen, nothing = view if view is not None else (None, None)
        return ImageTokens(
            self.projection(vectors, seen, strength),
            self.projection(torch.zeros_like(vectors), nothing, strength),
        )


def read_face(
    adapter: FaceAdapter,
    encoder: FaceEncoder,
    picture: Image.Image | NDArray[np.uint8],
    box: Box | None = None,
    image_encoder: ImageEncoder | None = None,
    strength: float = 1.0,
) -> ImageTokens:
    """A photo as a face's tokens.

    Args:
        adapter, encoder: trained together.
        picture: of any size.
        box: where the face is; None looks for it. (0, 0, 1, 1) says that the picture is a face.
        image_encoder: for FaceID-Plus alone.
        strength: s of version 2 of Plus.

    Raises:
        BadInput: no face is found, or FaceID-Plus has no image encoder.
        ModelDamaged: adapter and encoder do not belong together.
    """
    pixels = rgb_pixels(picture)
    box = box or encoder.find(pixels)
    if box is None:
        raise BadInput(
            "No face was found in the picture; crop it to the face, or choose another picture."
        )
    view = None
    if adapter.projection.perceiver is not None:
        if image_encoder is None:
            raise BadInput("FaceID-Plus also needs the image encoder of IP-Adapter: choose one.")
        view = (image_encoder.tokens([cut(pixels, box)]), image_encoder.zero_tokens())
    return adapter.tokens(encoder.embed(pixels, box), view, strength)


class FaceCondition(PictureCondition):
    """A face beside the prompt; branches without the prompt hear no face, as published.

    sT therefore weighs words and face together, and sG the garment alone.

    Where the adapter changes weights, put this condition before those that read the UNet's own
    projections when they are attached (a garment), as published pipelines fuse such changes first.

    Args:
        adapter: whose tokens these are.
        tokens: from `read_face`.
        control: when and how strongly the face is heard.
        lora_scale: of the adapter's changes of the UNet; 1 in FaceID, 0.2 in IMAGDressing.
    """

    name = "face"
    seen_by = frozenset({Branch.TEXT, Branch.WORDS})

    def __init__(
        self,
        adapter: FaceAdapter,
        tokens: ImageTokens,
        control: Control,
        lora_scale: float = 1.0,
    ) -> None:
        super().__init__(adapter.keys, tokens, control)
        self.adapter, self.lora_scale = adapter, lora_scale

    @contextmanager
    def attached(self, unet: torch.nn.Module) -> Iterator[None]:
        """The UNet's cross-attentions hear the face meanwhile.

        Raises:
            BadInput, ModelDamaged: the adapter belongs to another model.
        """
        silent = self.lora_scale == 0 or self.control.strength == 0
        found = [] if silent else fitted(unet, self.adapter.lora, "face adapter")
        with fold(found, self.lora_scale), super().attached(unet):
            yield
