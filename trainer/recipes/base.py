"""Text to latents: the text encoder and the UNet together, in v-prediction."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.models.attention_processor import AttnProcessor
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.schedulers.scheduling_unipc_multistep import UniPCMultistepScheduler
from pydantic import Field, model_validator
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

from studio.conditions.board import component_places
from studio.errors import BadInput
from studio.garment.spec import Box
from trainer.config import RecipeConfig, Strict
from trainer.data.captions import shard_tokens
from trainer.data.latents import Latents, encode_shards, load_vae
from trainer.data.places import grid_of, head_box, neckline_box
from trainer.data.shards import Shards
from trainer.data.tokens import to_tokens
from trainer.loop import Batch, Recipe, Sampler
from trainer.losses.denoise import (
    Prediction,
    Weighting,
    denoising_loss,
    noised,
    scaled_linear_alphas,
)
from trainer.preview import held_out_prompts, new_scheduler, text_pictures
from trainer.recipes.text import Questions, answers, questions
from trainer.sheets import save_sheet

TIMESTEPS = 1000


class UnetShape(Strict):
    """The shape of the UNet; the lists go from fine to coarse."""

    channels: tuple[int, ...] = Field((64, 128, 192), description="channels of each level")
    layers: int = Field(1, gt=0, description="residual blocks of a level on the way down")
    attention: tuple[bool, ...] = Field(
        (False, True, True), description="whether a level attends to itself and to the words"
    )
    heads: tuple[int, ...] = Field((2, 4, 4), description="attention heads of each level")
    groups: int = Field(16, gt=0, description="groups of the group norms")
    pooled_words: bool = Field(
        False, description="the words' pooled features shift every block, beside cross-attention"
    )


class DiffusionConfig(RecipeConfig):
    """Data and folders that text-to-latents and board control share."""

    shards: Path = Field(description="folder of shards")
    more_shards: tuple[Path, ...] = Field(
        (), description="further folders of shards, such as the worn pictures of pairs"
    )
    vae: Path = Field(description="folder of the trained autoencoder")
    text_encoder: Path = Field(description="folder of the text encoder to start from")
    tokenizer: Path = Field(description="folder of the tokenizer")
    cache: Path = Field(description="folder that keeps latents and tokens")
    variants: int = Field(4, gt=0, description="captions of each picture")
    size_pixels: int = Field(256, gt=0, multiple_of=64, description="side of the pictures")
    prediction: Prediction = Field(
        "v_prediction", description="what the UNet predicts: epsilon for Stable Diffusion 1.5"
    )
    weighting: Weighting = Field(
        "uniform",
        description="how much each timestep counts: all alike, or min-SNR with gamma 5, which "
        "learns details sooner and the cut from words hardly at all",
    )
    zero_terminal_snr: bool | None = Field(
        None,
        description="whether the last timestep is pure noise, so that the ground takes the colour "
        "that the words ask for; null: where velocity is predicted. Not possible for epsilon",
    )
    text_dropout: float = Field(0.1, ge=0, le=1, description="part of the captions left empty")
    explicit_attention: bool | None = Field(
        None, description="attention as plain matrix products, faster on a CPU; null: by device"
    )
    component_weight: float = Field(
        1.0,
        ge=1,
        description="weight of the loss where components are, against the rest of the picture: a "
        "button is one or two of a thousand places",
    )
    neckline_weight: float = Field(
        1.0, ge=1, description="weight of the loss where the neckline is: a twentieth of a picture"
    )
    head_weight: float = Field(
        1.0,
        ge=1,
        description="weight of the loss where the wearer's face and hair are: most words on "
        "persons are about these",
    )
    sample_guidance: float = Field(4.0, ge=1, description="guidance of the sample sheets")
    sample_steps: int = Field(20, gt=0, description="denoising steps of the sample sheets")
    sample_count: int = Field(12, gt=0, description="pictures on a sample sheet")

    @model_validator(mode="after")
    def _noise_leaves_something_to_predict(self) -> Self:
        if self.prediction == "epsilon" and self.zero_terminal_snr:
            raise ValueError(
                'zero_terminal_snr needs prediction = "v_prediction": from pure noise, knowing '
                "the noise says nothing of the picture"
            )
        return self

    @property
    def ends_in_noise(self) -> bool:
        """Whether the schedule has zero terminal SNR."""
        if self.zero_terminal_snr is None:
            return self.prediction == "v_prediction"
        return self.zero_terminal_snr

    def scheduler(self) -> UniPCMultistepScheduler:
        """A sampler for what is trained, with its noise levels."""
        return new_scheduler(self.prediction, self.ends_in_noise)


class BaseConfig(DiffusionConfig):
    """Text to latents."""

    unet: Path | None = Field(None, description="folder of a UNet to start from, if any")
    reading_weight: float = Field(
        0.0,
        ge=0,
        description="weight of the text recipe's questions about the caption, beside the loss: "
        "denoising alone teaches the encoder rare words (crewneck, band collar) slowly",
    )
    shape: UnetShape = UnetShape.model_validate({})


POOLING_HEADS = 4


def new_unet(shape: UnetShape, channels: int, side: int, width: int) -> UNet2DConditionModel:
    """An untrained UNet for latents of (channels, side, side) and words of `width` features."""
    pooled = {"addition_embed_type": "text", "addition_embed_type_num_heads": POOLING_HEADS}
    down = tuple("CrossAttnDownBlock2D" if a else "DownBlock2D" for a in shape.attention)
    up = tuple("CrossAttnUpBlock2D" if a else "UpBlock2D" for a in reversed(shape.attention))
    return UNet2DConditionModel(
        sample_size=side,
        in_channels=channels,
        out_channels=channels,
        down_block_types=down,
        up_block_types=up,
        block_out_channels=shape.channels,
        layers_per_block=shape.layers,
        cross_attention_dim=width,
        attention_head_dim=shape.heads,  # type: ignore[arg-type]
        norm_num_groups=shape.groups,
        **(pooled if shape.pooled_words else {}),  # type: ignore[arg-type]
    )


def with_pooled_words(unet: UNet2DConditionModel) -> UNet2DConditionModel:
    """A UNet that also hears the words' pooled features; at first it answers as `unet` does.

    What a small UNet must know everywhere at once (the type, the colour) reaches it slowly
    through cross-attention at two of three levels; added to the time embedding it reaches every
    block. diffusers' own `TextTimeEmbedding` does it, so that plain pipelines load the result.
    """
    if unet.config.addition_embed_type == "text":  # type: ignore[attr-defined]
        return unet
    config = dict(unet.config)
    config |= {"addition_embed_type": "text", "addition_embed_type_num_heads": POOLING_HEADS}
    grown: Any = UNet2DConditionModel.from_config(config)
    missing, unexpected = grown.load_state_dict(unet.state_dict(), strict=False)
    assert not unexpected and all(key.startswith("add_embedding.") for key in missing)
    nn.init.zeros_(grown.add_embedding.norm2.weight)
    nn.init.zeros_(grown.add_embedding.norm2.bias)
    return grown


class DiffusionRecipe(Recipe):
    """What text-to-latents and board control have in common: data, noise and loss."""

    config: DiffusionConfig

    def open_data(self) -> None:
        """Opens latents and tokens, encoding what is not in the cache."""
        config, loop = self.config, self.config.loop
        self.shards = self.open_shards()
        self._necklines: dict[int, Box | None] = {}
        latents = encode_shards(
            config.cache / "latents", self.shards, config.vae, config.size_pixels, self.device.type
        )
        self.latents = Latents(latents)
        self.vae = load_vae(config.vae, self.device)
        self.tokenizer = CLIPTokenizer.from_pretrained(config.tokenizer)
        self.tokens = shard_tokens(config.cache, self.shards, self.tokenizer, config.variants)
        self.empty = to_tokens(self.tokenizer, [""])[0]
        self.sampler = Sampler(self.latents.count, loop.batch_size, loop.seed)
        self.scale = float(self.vae.config.scaling_factor)
        alphas = scaled_linear_alphas(TIMESTEPS, zero_terminal_snr=config.ends_in_noise)
        self.alphas = alphas.to(self.device)
        text_encoder: Any = CLIPTextModel.from_pretrained(config.text_encoder)
        self.text_encoder: CLIPTextModel = text_encoder.to(self.device)
        if self.explicit_attention:
            self.text_encoder.set_attn_implementation("eager")

    def open_shards(self) -> Shards:
        """The pictures to predict."""
        folders = (self.config.shards, *self.config.more_shards)
        return Shards([path for folder in folders for path in Shards.of(folder).paths])

    @property
    def explicit_attention(self) -> bool:
        """Explicit products on a CPU, where the backward pass of fused attention is slow."""
        explicit = self.config.explicit_attention
        return self.device.type == "cpu" if explicit is None else explicit

    def use_fast_attention(self, module: Any) -> None:
        """Sets what `explicit_attention` says."""
        if self.explicit_attention:
            module.set_attn_processor(AttnProcessor())

    def batch(self, step: int) -> Batch:
        """Unscaled latents float16 (B, C, h, w) and tokens (B, 64), some of them empty.

        `places`, `necklines` and `heads` are float16 (B, h, w), 1 where a component, a neckline or
        a head is, if these weigh more in the loss.
        """
        rows, rng = self.sampler.rows(step), self.rng(step)
        variants = rng.integers(0, self.config.variants, len(rows))
        tokens = self.tokens[variants, rows].astype(np.int64)
        tokens[rng.random(len(rows)) < self.config.text_dropout] = self.empty
        batch = {
            "rows": torch.from_numpy(rows),
            "latents": torch.from_numpy(self.latents.rows(rows)),
            "tokens": torch.from_numpy(tokens),
        }
        return batch | self.places(rows)

    def places(self, rows: np.ndarray) -> Batch:
        """Where these pictures' components, necklines and heads are, as `batch` has it; what
        nobody asks for is left out."""
        if self.shards.captioned:
            return {}
        config, side, found = self.config, self.latents.side, {}
        if config.component_weight > 1:
            specs = [self.shards.specs[row] for row in rows]
            found["places"] = [component_places(s.garment.components, side) for s in specs]
        records = [self.shards.records[row] for row in rows]
        if config.neckline_weight > 1:
            found["necklines"] = [grid_of(self._neckline(int(row)), side) for row in rows]
        if config.head_weight > 1:
            faces = [record["face_box"] for record in records]
            found["heads"] = [grid_of(face and head_box(face), side) for face in faces]
        return {k: torch.from_numpy(np.stack(v).astype(np.float16)) for k, v in found.items()}

    def _neckline(self, row: int) -> Box | None:
        """A picture's neckline, looked for once."""
        if row not in self._necklines:
            mask = self.shards.garment_masks(np.array([row]))[0]
            self._necklines[row] = neckline_box(self.shards.records[row], mask)
        return self._necklines[row]

    def noisy(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Noisy latents, the velocity, the timesteps and their cumulative alphas.

        The timesteps of a batch are stratified: one in each of B equal parts of the schedule.
        """
        z = batch["latents"].float() * self.scale
        count = len(z)
        strata = torch.arange(count, device=z.device) + torch.rand(count, device=z.device)
        time = (strata * (TIMESTEPS / count)).long().clamp(max=TIMESTEPS - 1)
        alpha = self.alphas[time]
        x, velocity = noised(z, torch.randn_like(z), alpha, self.config.prediction)
        return x.contiguous(memory_format=torch.channels_last), velocity, time, alpha

    def losses(
        self, out: Tensor, velocity: Tensor, alpha: Tensor, batch: Batch
    ) -> dict[str, Tensor]:
        """The loss, the plain error, and for each kind of place its own error."""
        masks = [(n, batch[k].float(), w) for n, k, w in self.weights() if k in batch]
        places, shown = None, {}
        if masks:
            heavier = torch.stack([(extra - 1) * mask for _, mask, extra in masks])
            weight = 1 + heavier.sum(0)[:, None]
            places = weight / weight.mean((2, 3), keepdim=True)
            square = (out.float() - velocity.float()).pow(2).mean(1)
            shown = {
                f"{name}_error": (square * mask).sum() / mask.sum().clamp(min=1)
                for name, mask, _ in masks
            }
        loss, error = denoising_loss(
            out, velocity, alpha, self.config.weighting, self.config.prediction, places
        )
        return {"loss": loss, "velocity_error": error, **shown}

    def weights(self) -> list[tuple[str, str, float]]:
        """What weighs more in the loss: a name, the key of its mask in a batch, its weight."""
        return [
            ("component", "places", self.config.component_weight),
            ("neckline", "necklines", self.config.neckline_weight),
            ("head", "heads", self.config.head_weight),
        ]


class BaseRecipe(DiffusionRecipe):
    """Trains text encoder and UNet jointly."""

    name = "base"
    config_type = BaseConfig
    config: BaseConfig  # pyright: ignore[reportIncompatibleVariableOverride]

    def build(self) -> dict[str, nn.Module]:
        """Opens the data, loads the text encoder, makes or loads the UNet."""
        config = self.config
        self.open_data()
        width = self.text_encoder.config.hidden_size
        if config.unet is not None:
            unet: Any = UNet2DConditionModel.from_pretrained(config.unet)
            if config.shape.pooled_words:
                unet = with_pooled_words(unet)
            unet.register_to_config(sample_size=self.latents.side)
        else:
            unet = new_unet(config.shape, self.latents.channels, self.latents.side, width)
        self.unet: UNet2DConditionModel = unet.to(self.device, memory_format=torch.channels_last)
        self.use_fast_attention(self.unet)
        self._call = torch.compile(self.unet) if config.loop.compile else self.unet
        trained: dict[str, nn.Module] = {"unet": self.unet, "text_encoder": self.text_encoder}
        if config.reading_weight:
            if self.shards.captioned:
                raise BadInput("reading_weight asks what a wardrobe's picture shows: leave it out.")
            self._answers = answers(self.shards.specs)
            self._heads = Questions(width, list(questions().values())).to(self.device)
            trained["reading"] = self._heads
        return trained

    def batch(self, step: int) -> Batch:
        """As every diffusion recipe's, with the right answers (B, questions) where any is asked."""
        batch = super().batch(step)
        if self.config.reading_weight:
            batch["answers"] = torch.from_numpy(self._answers[batch["rows"].numpy()])
        return batch

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Predict the velocity of noised latents from their caption."""
        x, velocity, time, alpha = self.noisy(batch)
        words = self.text_encoder(input_ids=batch["tokens"]).last_hidden_state
        out = self._call(x, time, encoder_hidden_states=words, return_dict=False)[0]
        found = self.losses(out, velocity, alpha, batch)
        if "answers" in batch:
            found["reading_error"] = self._misread(words, batch)
            found["loss"] = found["loss"] + self.config.reading_weight * found["reading_error"]
        return found

    def _misread(self, words: Tensor, batch: Batch) -> Tensor:
        """Mean cross entropy of the questions about the captions that are not empty."""
        tokens, truth = batch["tokens"], batch["answers"]
        ended = (tokens == self.tokenizer.eos_token_id).long().cumsum(1)
        logits = self._heads(words.float(), ended <= 1)
        error = F.cross_entropy(logits.flatten(0, 1), truth.flatten(), reduction="none")
        told = ended[:, 1] == 0  # an empty caption ends at once
        return (error.view_as(truth).mean(1) * told).sum() / told.sum().clamp(min=1)

    def sample(self, folder: Path, step: int) -> None:
        """Pictures of held-out prompts, always the same prompts and seeds."""
        prompts = held_out_prompts(self.config.sample_count)
        pictures = text_pictures(
            self.vae, self.text_encoder, self.tokenizer, self.unet, prompts,
            size=self.config.size_pixels, steps=self.config.sample_steps,
            guidance=self.config.sample_guidance, scheduler=self.config.scheduler(),
        )  # fmt: skip
        save_sheet(folder / f"{step:07d}.png", pictures, prompts)

    def save(self, folder: Path) -> None:
        """Writes the folders `unet` and `text_encoder`."""
        self.unet.save_pretrained(folder / "unet")
        self.text_encoder.save_pretrained(folder / "text_encoder")
