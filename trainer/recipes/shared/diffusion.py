"""What text to latents and everything on top of a frozen base share: data, noise and loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Generic, Self, TypeVar

import numpy as np
import torch
from diffusers.models.attention_processor import AttnProcessor
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.schedulers.scheduling_unipc_multistep import UniPCMultistepScheduler
from numpy.typing import NDArray
from pydantic import Field, model_validator
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

from studio.conditions.base import Condition
from studio.conditions.board import component_places
from studio.conditions.networks import Networks
from studio.conditions.text import EncodedText, TextCondition
from studio.engine.sampling import Plan, sample
from studio.garment.spec import Box
from trainer.config import RecipeConfig, Share, Whole, reads
from trainer.data.captions import shard_tokens
from trainer.data.latents import Latents, encode_shards, load_vae
from trainer.data.places import grid_of, head_box, neckline_box
from trainer.data.shards import Shards
from trainer.data.tokens import to_tokens
from trainer.loop import Batch, Recipe, Sampler
from trainer.losses.denoise import (
    FIRST_BETA,
    LAST_BETA,
    TIMESTEPS,
    Prediction,
    Weighting,
    denoising_loss,
    noised,
    scaled_linear_alphas,
)


class DiffusionConfig(RecipeConfig):
    """Data and folders that text-to-latents and board control share."""

    shards: Path = reads("shards", "data")
    """Folder of shards."""
    more_shards: tuple[Path, ...] = reads("", "also", ())
    """Further folders of shards, such as the worn pictures of pairs."""
    vae: Path = reads("vae")
    """Folder of the trained autoencoder."""
    text_encoder: Path = reads("text_encoder")
    """Folder of the text encoder to start from."""
    tokenizer: Path = reads("tokenizer", "data")
    """Folder of the tokenizer."""
    cache: Path = reads("cache", "data")
    """Folder that keeps latents and tokens."""
    variants: Whole = 4
    """Captions of each picture."""
    size_pixels: int = Field(default=256, gt=0, multiple_of=64)
    """Side of the pictures."""
    prediction: Prediction = "v_prediction"
    """What the UNet predicts: epsilon for Stable Diffusion 1.5."""
    weighting: Weighting = "uniform"
    """How much each timestep counts: all alike, or min-SNR with gamma 5, which learns details
    sooner and the cut from words hardly at all."""
    zero_terminal_snr: bool | None = None
    """Whether the last timestep is pure noise, so that the ground takes the colour that the words
    ask for; null: where velocity is predicted. Not possible for epsilon."""
    text_dropout: Share = 0.1
    """Part of the captions left empty."""
    explicit_attention: bool | None = None
    """Attention as plain matrix products, faster on a CPU; null: by device."""
    component_weight: float = Field(default=1.0, ge=1)
    """Weight of the loss where components are, against the rest of the picture: a button is one or
    two of a thousand places."""
    neckline_weight: float = Field(default=1.0, ge=1)
    """Weight of the loss where the neckline is: a twentieth of a picture."""
    head_weight: float = Field(default=1.0, ge=1)
    """Weight of the loss where the wearer's face and hair are: most words on persons are about
    these."""
    sample_guidance: float = Field(default=4.0, ge=1)
    """Guidance of the sample sheets."""
    sample_steps: Whole = 20
    """Denoising steps of the sample sheets."""
    sample_count: Whole = 12
    """Pictures on a sample sheet."""

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


def new_scheduler(
    prediction: Prediction = "v_prediction", zero_terminal_snr: bool = True
) -> UniPCMultistepScheduler:
    """The family's sampler: Stable Diffusion's schedule, to pure noise; trailing timesteps."""
    return UniPCMultistepScheduler(
        num_train_timesteps=TIMESTEPS,
        beta_schedule="scaled_linear",
        beta_start=FIRST_BETA,
        beta_end=LAST_BETA,
        prediction_type=prediction,
        rescale_betas_zero_snr=zero_terminal_snr,
        timestep_spacing="trailing",
        steps_offset=1,
    )


DiffusionT = TypeVar("DiffusionT", bound=DiffusionConfig)
ModuleT = TypeVar("ModuleT", bound=nn.Module)


class DiffusionRecipe(Recipe[DiffusionT], Generic[DiffusionT]):
    """What text-to-latents and board control have in common: data, noise, loss and samples."""

    unet: UNet2DConditionModel

    def prepare(self) -> None:
        """Opens the latents, encoding what is not in the cache."""
        self.shards = self.open_shards()
        self.latents = self.encoded(self.shards)

    def encoded(self, shards: Shards, masked: bool = False) -> Latents:
        """The latents of shards; `masked`: of the garments alone."""
        config = self.config
        paths = encode_shards(
            config.cache / "latents", shards, config.vae, config.size_pixels, self.device.type,
            masked=masked,
        )  # fmt: skip
        return Latents(paths)

    def open_data(self) -> None:
        """Opens latents and tokens, encoding what is not in the cache."""
        config, loop = self.config, self.config.loop
        self.prepare()
        self._necklines: dict[int, Box | None] = {}
        self.vae = load_vae(config.vae, self.device)
        self.tokenizer = CLIPTokenizer.from_pretrained(config.tokenizer)
        self.tokens = shard_tokens(config.cache, self.shards, self.tokenizer, config.variants)
        self.empty = to_tokens(self.tokenizer, [""])[0]
        self.sampler = Sampler(self.latents.count, loop.batch_size, loop.seed)
        self.scale = float(self.vae.config.scaling_factor)
        alphas = scaled_linear_alphas(config.ends_in_noise)
        self.alphas = alphas.to(self.device)
        self.text_encoder = CLIPTextModel.from_pretrained(config.text_encoder)
        self.text_encoder.to(self.device)  # type: ignore[arg-type]
        if self.explicit_attention:
            self.text_encoder.set_attn_implementation("eager")

    def open_shards(self) -> Shards:
        """The pictures to predict."""
        return Shards.of(self.config.shards, also=self.config.more_shards)

    @property
    def explicit_attention(self) -> bool:
        """Explicit products on a CPU, where the backward pass of fused attention is slow."""
        explicit = self.config.explicit_attention
        return self.device.type == "cpu" if explicit is None else explicit

    def use_fast_attention(self, module: nn.Module) -> None:
        """Sets what `explicit_attention` says."""
        if self.explicit_attention:
            module.set_attn_processor(AttnProcessor())  # type: ignore[operator]

    def convolutional(self, module: ModuleT) -> ModuleT:
        """A network of convolutions and attentions, on the device and as quick as it can be."""
        module.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.use_fast_attention(module)
        return module

    def frozen_base(self, folder: Path) -> UNet2DConditionModel:
        """The trained UNet of a folder, which stays as it is, and with it the text encoder."""
        self.text_encoder.eval().requires_grad_(False)
        unet = self.convolutional(UNet2DConditionModel.from_pretrained(folder))
        return unet.eval().requires_grad_(False)

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

    def controlled(self, unet: Any, control: Any, batch: Batch, shown: Tensor) -> dict[str, Tensor]:
        """The losses of a frozen UNet that a control network helps, which reads `shown`."""
        x, target, time, alpha = self.noisy(batch)
        words = self.words(batch["tokens"])
        down, middle = control(
            x, time, encoder_hidden_states=words, controlnet_cond=shown, return_dict=False
        )
        out = unet(
            x, time, encoder_hidden_states=words, down_block_additional_residuals=down,
            mid_block_additional_residual=middle, return_dict=False,
        )[0]  # fmt: skip
        return self.losses(out, target, alpha, batch)

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

    def words(self, tokens: Tensor) -> Tensor:
        """(B, tokens, width) from the text encoder, without gradients."""
        with torch.no_grad():
            return self.text_encoder(input_ids=tokens).last_hidden_state

    def encoded_text(self, text: str) -> EncodedText:
        """Words for the studio's text condition."""
        tokens = torch.from_numpy(to_tokens(self.tokenizer, [text]).astype(np.int64))
        return EncodedText(self.words(tokens.to(self.device)), "")

    def picture(
        self, prompt: str, seed: int, *heard: Condition, sg: float = 1.0, side: int | None = None
    ) -> NDArray[np.uint8]:
        """A sample (H, W, 3) by the studio's own loop and conditions.

        Args:
            heard: what is heard beside the words.
            sg: garment guidance.
            side: of the latents; the training's own where None.
        """
        config = self.config
        text = TextCondition([self.encoded_text(prompt)], self.encoded_text(""))
        networks = Networks(self.unet, self.vae, config.scheduler().config, self.device)
        size: int = side or self.latents.side
        plan = Plan(
            [seed], (int(self.latents.channels), size, size), config.sample_steps,
            config.sample_guidance, sg,
        )  # fmt: skip
        return sample(networks, plan, lambda _: [text, *heard]).pictures()[0]
