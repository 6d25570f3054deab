"""IMAGDressing-v1 (arXiv 2407.12705) on a frozen base: garment UNet, resampler, hybrid attention.

The garment UNet reads the garment's clean latents together with tokens of the frozen image
encoder, gathered by a resampler; each self-attention of the frozen denoiser adds a second one
over the garment UNet's features with keys and values of its own, which start as copies.

The paper trains the whole garment UNet. A family of few megabytes can instead start from its
trained garment extractor and train only what reads the tokens, its cross-attentions (`trains`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from pydantic import Field
from safetensors.torch import save_file
from torch import Tensor, nn

from studio.checkpoints import read_weights
from studio.checkpoints.shapes import part
from studio.conditions.attention import (
    LayerTensors,
    join_heads,
    joined_attention,
    record_features,
    self_attentions,
)
from studio.conditions.dressing import DressingEncoder, dressing_condition
from studio.conditions.garment import GarmentCondition
from studio.conditions.resampler import HEAD_WIDTH, Resampler
from studio.vision.image_encoder import ImageEncoder
from trainer.config import Strict
from trainer.loop import Batch
from trainer.recipes.garment import PairConfig, PairRecipe, projected
from trainer.recipes.garment_samples import held_out_pairs, pair_sheet
from trainer.state import load_fitting


class ResamplerShape(Strict):
    """The shape of the resampler; IMAGDressing's own is 768 wide, 4 deep, with 12 heads."""

    width: int = Field(128, gt=0, description="features of a token inside")
    depth: int = Field(2, gt=0, description="layers")
    heads: int = Field(2, gt=0, description=f"attention heads of {HEAD_WIDTH} features")
    inner: int = Field(256, gt=0, description="features inside the feed-forward parts")
    queries: int = Field(16, gt=0, description="tokens that the garment UNet gets")


class DressingConfig(PairConfig):
    """IMAGDressing's parts."""

    extractor: Path = Field(description="folder of the UNet that the garment UNet starts as")
    image_encoder: Path = Field(description="folder of the image encoder, which stays as it is")
    dressing: Path | None = Field(None, description="folder of a dressing to go on from, if any")
    trains: Literal["all", "cross-attention"] = Field(
        "all", description="what of the garment UNet is trained; all of it in the paper"
    )
    resampler: ResamplerShape = ResamplerShape.model_validate({})
    sample_lambda: float = Field(1.0, ge=0, description="lambda of the sample sheets")


class HybridFusion:
    """Attention processor for training: eq. 5 with lambda 1, by explicit products."""

    def __init__(self, name: str, features: LayerTensors, pair: nn.ModuleDict) -> None:
        self.name, self.features, self.pair = name, features, pair

    def __call__(self, attn: Any, hidden_states: Tensor, *_: Any, **__: Any) -> Tensor:
        """(B, N, C) to (B, N, C)."""
        to_k, to_v = self.pair["to_k_ref"], self.pair["to_v_ref"]
        q, k, v, other_k, other_v = projected(
            attn, hidden_states, self.features[self.name], to_k, to_v
        )
        own = joined_attention(q, k, v, [])
        added = joined_attention(q, other_k, other_v, [])
        return attn.to_out[0](join_heads(own + added))


class DressingRecipe(PairRecipe):
    """Trains the garment UNet (or its cross-attentions), the resampler, the added attentions."""

    name = "dressing"
    config_type = DressingConfig
    config: DressingConfig  # pyright: ignore[reportIncompatibleVariableOverride]

    def build(self) -> dict[str, nn.Module]:
        """Opens the data, copies the garment UNet, gives each self-attention its second one."""
        config = self.config
        self.open_data()
        network: Any = UNet2DConditionModel.from_pretrained(config.extractor)
        self.network = network.to(self.device, memory_format=torch.channels_last)
        self.use_fast_attention(self.network)
        self.encoder = ImageEncoder.load(config.image_encoder, self.device)
        shape = config.resampler
        self.resampler = Resampler(
            shape.width, shape.depth, shape.heads, self.encoder.width,
            int(self.unet.config["cross_attention_dim"]), shape.inner, shape.queries,
        ).to(self.device)  # fmt: skip
        self.features: LayerTensors = {}
        self.added = nn.ModuleDict()
        for number, (name, attn) in zip(_even(), self_attentions(self.unet).items(), strict=False):
            pair = nn.ModuleDict({"to_k_ref": _copied(attn.to_k), "to_v_ref": _copied(attn.to_v)})
            self.added[str(number)] = pair.to(self.device)
            attn.set_processor(HybridFusion(name, self.features, pair))
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
        load_fitting(self.network, part(state, "ref_unet."), partly=True)

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
        x, target, time, alpha = self.noisy(batch)
        words = self.words(batch["tokens"])
        tokens = self.encoder.tokens_of(batch["pictures"])
        seen = batch["sees_garment"].to(tokens.dtype)[:, None, None]
        tokens = tokens * seen + self.encoder.zero_tokens() * (1 - seen)
        flat = batch["flat"].float() * self.scale
        found = record_features(
            self.network,
            flat.contiguous(memory_format=torch.channels_last),
            torch.zeros((), dtype=torch.long, device=x.device),
            self.resampler(tokens),
        )
        self.features.update(found)
        out = self.unet(x, time, encoder_hidden_states=words, return_dict=False)[0]
        return self.losses(out, target, alpha, batch)

    def sample(self, folder: Path, step: int) -> None:
        """Held-out garments: flat, worn in truth, and made from the flat one."""
        trained = {name: attn.processor for name, attn in self_attentions(self.unet).items()}
        self.use_fast_attention(self.unet)
        encoder = DressingEncoder(self.network, self.encoder, self.resampler, self.layers())
        pairs = held_out_pairs(self.config.sample_count)

        def condition(index: int, latents: Tensor) -> GarmentCondition:
            picture = pairs[index].flat.picture
            features = encoder.features(bytes([index]), lambda: latents, picture)
            return dressing_condition(encoder, features, self.config.sample_lambda)

        pair_sheet(self, folder / f"{step:07d}.png", condition, (self.config.sample_guidance, 1.0))
        for name, attn in self_attentions(self.unet).items():
            attn.set_processor(trained[name])

    def layers(self) -> dict[str, tuple[Tensor, Tensor]]:
        """The added attentions' projections by the layer's name."""
        pairs: list[Any] = list(self.added.values())
        return {
            name: (pair["to_k_ref"].weight.detach(), pair["to_v_ref"].weight.detach())
            for name, pair in zip(self_attentions(self.unet), pairs, strict=True)
        }

    def save(self, folder: Path) -> None:
        """Writes the folder `dressing`, with the published names of its weights.

        Where only the cross-attentions are trained, only they are in it, and the rest of the
        garment UNet is the extractor that it started as.
        """
        whole = self.config.trains == "all"
        state = {
            f"ref_unet.{k}": v
            for k, v in self.network.state_dict().items()
            if whole or ".attn2." in k
        }
        state |= {f"proj.{k}": v for k, v in self.resampler.state_dict().items()}
        state |= {f"adapter_modules.{k}": v for k, v in self.added.state_dict().items()}
        place = folder / "dressing"
        place.mkdir(parents=True)
        tensors = {k: v.detach().cpu().contiguous() for k, v in state.items()}
        save_file(tensors, place / "model.safetensors", {"format": "pt"})
        config = {"garment_unet": "whole" if whole else "cross-attention", "masked": True}
        (place / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def _even() -> Iterable[int]:
    """Published files number all attentions, and the self-attentions are the even ones."""
    return range(0, 1000, 2)


def _copied(linear: Any) -> nn.Linear:
    made = nn.Linear(linear.in_features, linear.out_features, bias=False)
    made.load_state_dict({"weight": linear.weight.detach().clone()})
    return made
