"""Pictures as prompts on a frozen base: IP-Adapter (arXiv 2308.06721) from pairs.

Trained are a projection of what an encoder sees, and the cross-attentions' own keys and values,
which start as the UNet's for words.
"""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from torch import Tensor, nn

from studio.checkpoints.shapes import part
from studio.conditions.attention import ImageTokens, OwnKeys
from studio.conditions.base import Condition
from studio.conditions.image_prompt import PictureCondition
from studio.conditions.weights import KEYS, PROJECTION, adapter_weights
from studio.request import Control
from trainer.data.pairs import Pair
from trainer.loop import Batch
from trainer.recipes.shared.pairs import PairConfig, PairRecipe
from trainer.state import load_fitting


class PromptConfig(PairConfig):
    """The dropouts are those of IP-Adapter's training (section 4.1.2) as well: 5% each of the
    words, the picture, and both."""

    adapter: Path | None


PromptT = TypeVar("PromptT", bound=PromptConfig)


class PromptRecipe(PairRecipe[PromptT], Generic[PromptT]):
    """Trains a projection and the cross-attentions' keys and values for it.

    Attributes:
        adapter: what the studio hears the trained modules through, made from both of them.
    """

    adapter: ClassVar[Any]

    def build(self) -> dict[str, nn.Module]:
        """Opens data and encoder, makes the projection, makes a second of each cross-attention."""
        self.open_data()
        width = int(self.unet.config["cross_attention_dim"])
        self.projection = self.open_prompts(width).to(self.device)
        self.keys = OwnKeys.of_unet(self.unet).to(self.device)
        if self.config.adapter is not None:
            state = adapter_weights(self.config.adapter)
            load_fitting(self.projection, part(state, PROJECTION))
            load_fitting(self.keys, part(state, KEYS))
        return {"projection": self.projection, "keys": self.keys}

    @abstractmethod
    def open_prompts(self, width: int) -> nn.Module:
        """Open what reads the prompting pictures; returns an untrained projection to `width`."""

    @abstractmethod
    def image_tokens(self, pictures: Tensor, seen: Tensor) -> Tensor:
        """(B, tokens, width) of the batch's `pictures`; where `seen` (B,) is False, those of no
        picture."""

    @abstractmethod
    def prompted(self, adapter: Any, pair: Pair) -> Condition:
        """A held-out pair's picture as the studio hears it."""

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Predict the worn picture's velocity with the prompting picture heard."""
        tokens = ImageTokens(self.image_tokens(batch["pictures"], batch["sees_garment"]))
        return self.with_source(batch, PictureCondition(self.keys, tokens, Control()))

    def sample(self, path: Path) -> None:
        """Held-out garments: flat, worn in truth, and made with the picture as a prompt."""
        adapter = self.adapter(self.projection, self.keys)
        self.pair_sheet(path, lambda pair, _: self.prompted(adapter, pair))

    def save(self, folder: Path) -> None:
        """Writes the folder that `writes` names."""
        self.adapter(self.projection, self.keys).save(folder / next(iter(self.writes)))
