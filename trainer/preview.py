"""Pictures for the sample sheets, through diffusers' own pipelines and the training modules."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from diffusers.pipelines.controlnet.pipeline_controlnet import StableDiffusionControlNetPipeline
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.schedulers.scheduling_unipc_multistep import UniPCMultistepScheduler
from numpy.typing import NDArray

from studio.garment.caption import caption
from studio.garment.spec import PictureSpec
from trainer.losses.denoise import Prediction


def new_scheduler(
    prediction: Prediction = "v_prediction", zero_terminal_snr: bool = True
) -> UniPCMultistepScheduler:
    """The family's sampler: Stable Diffusion's schedule, to pure noise; trailing timesteps."""
    return UniPCMultistepScheduler(
        num_train_timesteps=1000,
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        prediction_type=prediction,
        rescale_betas_zero_snr=zero_terminal_snr,
        timestep_spacing="trailing",
        steps_offset=1,
    )


def held_out_specs(count: int) -> list[PictureSpec]:
    """Specifications that no training sees."""
    from trainer.data.wardrobe import HELD_OUT, sample_spec

    return [sample_spec(HELD_OUT + i) for i in range(count)]


def held_out_prompts(count: int) -> list[str]:
    """Captions of held-out specifications, always the same."""
    specs = held_out_specs(count)
    return [caption(spec, np.random.default_rng([5, i])) for i, spec in enumerate(specs)]


def text_pictures(
    vae: Any,
    text_encoder: Any,
    tokenizer: Any,
    unet: Any,
    prompts: list[str],
    size: int,
    steps: int,
    guidance: float,
    scheduler: UniPCMultistepScheduler,
    controlnet: Any = None,
    boards: torch.Tensor | None = None,
) -> NDArray[np.uint8]:
    """uint8 (prompts, size, size, 3), seed i for prompt i; with `boards` (N, C, size, size) in
    0..1 through the control network."""
    parts: dict[str, Any] = {
        "vae": vae, "text_encoder": text_encoder, "tokenizer": tokenizer, "unet": unet,
        "scheduler": scheduler, "safety_checker": None, "feature_extractor": None,
        "requires_safety_checker": False,
    }  # fmt: skip
    kinds: dict[str, Any] = {}
    if controlnet is None:
        pipeline: Any = StableDiffusionPipeline(**parts)
    else:
        pipeline = StableDiffusionControlNetPipeline(controlnet=controlnet, **parts)
        kinds["image"] = boards
    pipeline.set_progress_bar_config(disable=True)
    seeds = [torch.Generator().manual_seed(i) for i in range(len(prompts))]
    result = pipeline(
        prompts, num_inference_steps=steps, guidance_scale=guidance, height=size, width=size,
        generator=seeds, output_type="np", **kinds,
    )  # fmt: skip
    return (result.images * 255).round().astype(np.uint8)
