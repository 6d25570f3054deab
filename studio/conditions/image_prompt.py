"""A picture as a prompt: IP-Adapter (arXiv 2308.06721).

The image encoder's view of a picture becomes a few tokens that cross-attention hears beside the
words (`studio.conditions.attention`). Two published projections load as they are:

    image_proj.latents, …              the resampler of IP-Adapter-Plus, from all of the tokens
    image_proj.proj.weight, norm.…     the projection of IP-Adapter, from the picture's one vector
    ip_adapter.1.to_k_ip.weight, …     what the cross-attentions learned, in both

The bundled adapter is a folder with the same names in model.safetensors, and config.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.checkpoints.shapes import part
from studio.conditions.attention import ImageTokens, OwnKeys, Source
from studio.conditions.base import Branch
from studio.conditions.resampler import Resampler
from studio.conditions.weights import (
    KEYS,
    PROJECTION,
    adapter_settings,
    adapter_weights,
    filled,
    save_adapter,
)
from studio.errors import ModelDamaged
from studio.request import Control
from studio.vision.framing import Pictures
from studio.vision.image_encoder import ImageEncoder


class PooledProjection(nn.Module):
    """IP-Adapter's projection: one vector becomes a few tokens.

    Args:
        inputs: features of the vector. width: features of a token. tokens: how many.
    """

    def __init__(self, inputs: int, width: int, tokens: int = 4):
        super().__init__()
        self.proj = nn.Linear(inputs, tokens * width)
        self.norm = nn.LayerNorm(width)

    def forward(self, vectors: Tensor) -> Tensor:
        """(n, tokens, width) of (n, inputs)."""
        width = self.norm.normalized_shape[0]
        return self.norm(self.proj(vectors).unflatten(1, (-1, width)))

    @classmethod
    def from_state(cls, state: Mapping[str, Tensor]) -> PooledProjection:
        """A projection with these weights, frozen. Raises ModelDamaged."""

        def made() -> PooledProjection:
            outputs, inputs = state["proj.weight"].shape
            width = state["norm.weight"].shape[0]
            return cls(inputs, width, outputs // width)

        good = "a file of IP-Adapter or IP-Adapter-Plus"
        return filled(made, state, "IP-Adapter's projection", good)


class ImagePromptAdapter:
    """The trained weights: a projection and the cross-attentions' keys.

    Args:
        projection: its kind decides what of the image encoder is read.
        keys: for the UNet that they were trained with.
        answers_nothing: what branches that do not see the picture hear: the tokens of a picture
            of zeros, as IP-Adapter does, or (False) no image tokens.
    """

    def __init__(
        self,
        projection: Resampler | PooledProjection,
        keys: OwnKeys,
        *,
        answers_nothing: bool = True,
    ) -> None:
        self.projection, self.keys = projection.eval(), keys.eval()
        self.answers_nothing = answers_nothing

    @classmethod
    def load(cls, path: Path, device: torch.device | str = "cpu") -> ImagePromptAdapter:
        """Read a folder of this house or a published IP-Adapter file.

        Raises:
            ModelMissing, ModelDamaged: it is not there, damaged, or something else.
        """
        state = adapter_weights(path)
        made, keys = part(state, PROJECTION), part(state, KEYS)
        if not made or not keys or len(made) + len(keys) != len(state):
            raise ModelDamaged(
                f"“{path.name}” is not an image adapter: it holds other weights than image_proj "
                "and ip_adapter; choose a file of IP-Adapter or IP-Adapter-Plus."
            )
        kind = Resampler if "latents" in made else PooledProjection
        projection: Any = kind.from_state(made)
        answers = bool(adapter_settings(path).get("answers_nothing", True))
        layers = OwnKeys.from_state(keys)
        return cls(projection.to(device), layers.to(device), answers_nothing=answers)

    def save(self, folder: Path) -> None:
        """Write a folder that `load` reads."""
        settings = {"kind": "image_prompt", "answers_nothing": self.answers_nothing}
        parts = {PROJECTION: self.projection.state_dict(), KEYS: self.keys.state_dict()}
        save_adapter(folder, parts, settings)

    @torch.no_grad()
    def tokens(self, encoder: ImageEncoder, pictures: Pictures) -> ImageTokens:
        """The tokens of pictures, and those of no picture.

        Args:
            encoder: the one that the adapter was trained with.
            pictures: one for all pictures that are made, or one for each.

        Raises:
            ModelDamaged: the adapter was trained with another image encoder.
        """
        weight = next(self.projection.parameters())
        if isinstance(self.projection, Resampler):
            self._check(encoder.width, self.projection.inputs)
            seen, nothing = encoder.tokens(pictures), encoder.zero_tokens()
        else:
            self._check(encoder.outputs, self.projection.proj.in_features)
            seen = encoder.vectors(pictures)
            nothing = torch.zeros_like(seen[:1])
        unseen = self.projection(nothing.to(weight)) if self.answers_nothing else None
        return ImageTokens(self.projection(seen.to(weight)), unseen)

    def _check(self, given: int, wanted: int) -> None:
        if given != wanted:
            raise ModelDamaged(
                f"This image adapter was trained with another image encoder, one of {wanted} "
                f"features instead of {given}; choose the two that belong together."
            )


class PictureCondition(Source):
    """What all pictures in cross-attention have in common.

    The words keep all their tokens, whatever is attached.

    Args:
        keys, tokens: the adapter's, for this picture.
        control: when and how strongly it is heard; strength 0 is exactly the plain model.
    """

    where, how = "attn2", "added"

    def __init__(self, keys: OwnKeys, tokens: ImageTokens, control: Control) -> None:
        super().__init__(control)
        self.keys, self.tokens = keys, tokens

    def layer(self, name: str) -> ImageTokens:
        """The same in every layer."""
        return self.tokens


class ImagePromptCondition(PictureCondition):
    """A garment's picture as a prompt: seen where a garment is seen.

    Args:
        adapter: whose tokens these are.
        tokens: from `ImagePromptAdapter.tokens`.
        control: when and how strongly it is heard.
    """

    name = "image_prompt"
    seen_by = frozenset({Branch.GARMENT, Branch.TEXT})

    def __init__(self, adapter: ImagePromptAdapter, tokens: ImageTokens, control: Control) -> None:
        super().__init__(adapter.keys, tokens, control)
