"""IMAGDressing-v1 (arXiv 2407.12705) on a frozen base: garment UNet, resampler, hybrid attention.

The garment UNet reads the garment's clean latents together with tokens of the frozen image
encoder, gathered by a resampler; each self-attention of the frozen denoiser adds a second one
over the garment UNet's features with keys and values of its own, which start as copies.

The paper trains the whole garment UNet. A family of few megabytes can instead start from its
trained garment extractor and train only what reads the tokens, its cross-attentions (`trains`).
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor, nn

from studio.checkpoints import read_weights
from studio.checkpoints.shapes import part
from studio.conditions.attention import OwnKeys
from studio.conditions.dressing import DressingEncoder
from studio.conditions.garment import GarmentCondition
from studio.conditions.weights import save_adapter
from studio.request import Control
from studio.vision.image_encoder import ImageEncoder
from trainer.config import NotNegative, reads
from trainer.data.pairs import Pair
from trainer.loop import Batch
from trainer.recipes.shared.pairs import PairConfig, PairRecipe, ResamplerShape
from trainer.state import load_fitting


class DressingConfig(PairConfig):
    """IMAGDressing's parts."""

    extractor: Path = reads("extractor")
    """Folder of the UNet that the garment UNet starts as."""
    image_encoder: Path = reads("image_encoder")
    """Folder of the image encoder, which stays as it is."""
    dressing: Path | None = reads("dressing", "named")
    """Folder of a dressing to go on from, if any."""
    trains: Literal["all", "cross-attention"] = "all"
    """What of the garment UNet is trained; all of it in the paper."""
    resampler: ResamplerShape = ResamplerShape.model_validate({})
    sample_lambda: NotNegative = 1.0
    """Lambda of the sample sheets."""


class DressingRecipe(PairRecipe[DressingConfig]):
    """Trains the garment UNet (or its cross-attentions), the resampler, the added attentions."""

    name = "dressing"
    writes: ClassVar = {"dressing": "dressing"}

    def build(self) -> dict[str, nn.Module]:
        """Opens the data, copies the garment UNet, makes a second of each self-attention."""
        config = self.config
        self.open_data()
        start = UNet2DConditionModel.from_pretrained(config.extractor)
        self.network = self.convolutional(start)
        self.encoder = ImageEncoder.load(config.image_encoder, self.device)
        width = int(self.unet.config["cross_attention_dim"])
        self.resampler = config.resampler.made(self.encoder.width, width).to(self.device)
        self.added = OwnKeys.of_unet(self.unet, "attn1", "ref").to(self.device)
        self.seen = DressingEncoder(self.network, self.encoder, self.resampler, self.added)
        trained: dict[str, nn.Module] = {"resampler": self.resampler, "added": self.added}
        if config.trains == "all":
            trained["garment_unet"] = self.network
        else:
            self.network.requires_grad_(False)
            found = [m for n, m in self.network.named_modules() if n.endswith(".attn2")]
            trained["garment_unet"] = nn.ModuleList(found).requires_grad_(True)
        if config.dressing is not None:
            self._go_on(config.dressing)
        return trained

    def _go_on(self, folder: Path) -> None:
        """Take over what an earlier dressing learned; what it left out stays the extractor's."""
        state = read_weights(folder / "model.safetensors")
        load_fitting(self.resampler, part(state, "proj."))
        load_fitting(self.added, part(state, "adapter_modules."))
        load_fitting(self.network, part(state, "ref_unet."), without=("",))

    def batch(self, step: int) -> Batch:
        """As for all pairs, and the flat pictures for the image encoder, float32 (B, 3, S, S).

        The garment is dropped as published: its image tokens become those of no picture, while
        its latents stay.
        """
        batch = super().batch(step)
        rows = batch["rows"].numpy()
        return {**batch, "pictures": self.encoder.pixels(self.pairs.flat.views(rows)).cpu()}

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Predict the worn picture's velocity with the flat garment in sight."""
        tokens = self.encoder.tokens_of(batch["pictures"])
        seen = batch["sees_garment"].to(tokens.dtype)[:, None, None]
        tokens = tokens * seen + self.encoder.zero_tokens() * (1 - seen)
        found = self.garment_features(self.network, batch, self.resampler(tokens))
        return self.with_source(batch, GarmentCondition(self.seen, found, Control()))

    def sample(self, path: Path) -> None:
        """Held-out garments: flat, worn in truth, and made from the flat one."""
        self.seen.forget()

        def condition(pair: Pair, latents: Tensor) -> GarmentCondition:
            features = self.seen.features(
                str(pair.flat.seed).encode(),
                lambda: latents,
                lambda: self.seen.tokens(pair.flat.picture),
            )
            control = Control(strength=self.config.sample_lambda)
            return GarmentCondition(self.seen, features, control)

        self.pair_sheet(path, condition)

    def save(self, folder: Path) -> None:
        """Writes the folder `dressing`, with the published names of its weights.

        Where only the cross-attentions are trained, only they are in it, and the rest of the
        garment UNet is the extractor that it started as.
        """
        whole = self.config.trains == "all"
        network = self.network.state_dict()
        parts = {
            "ref_unet.": {k: v for k, v in network.items() if whole or ".attn2." in k},
            "proj.": self.resampler.state_dict(),
            "adapter_modules.": self.added.state_dict(),
        }
        kind = "whole" if whole else "cross-attention"
        save_adapter(folder / "dressing", parts, {"garment_unet": kind, "masked": True})
