"""The loop is diffusers' own arithmetic: same weights, same noise, same pictures."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.pipelines.controlnet.pipeline_controlnet import StableDiffusionControlNetPipeline
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_img2img import (
    StableDiffusionImg2ImgPipeline,
)
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler
from diffusers.schedulers.scheduling_lcm import LCMScheduler
from diffusers.schedulers.scheduling_unipc_multistep import UniPCMultistepScheduler
from PIL import Image

from studio.bench.engine import GuidedControl
from studio.conditions.board import draw_board
from studio.engine import Engine
from studio.engine.latents import draw_noise, seeded
from studio.engine.loading import quiet_libraries
from studio.engine.samplers import plan_walk
from studio.garment.spec import Component
from studio.pngmeta import png_bytes
from studio.request import SAMPLERS, Control, GenerationRequest, sha_of
from tests.flat import replace, request_of

SIDE = 64
PROMPT, NEGATIVE = "a navy wool coat with five buttons", "hood"
BUTTON = Component("button", "centre front", (0.45, 0.4, 0.55, 0.5))
POCKET = Component("pocket", "left hip", (0.6, 0.6, 0.8, 0.8))

INK = np.zeros((SIDE, SIDE), np.uint8)
INK[10:12, 8:56] = 255
INK[10:60, 8:10] = 255


def reference(folder: Path, cls: Any, sampler: str, **parts: Any) -> Any:
    quiet_libraries()
    pipeline = cls.from_pretrained(folder, dtype=torch.float32, safety_checker=None, **parts)
    pipeline.set_progress_bar_config(disable=True)
    walk = plan_walk(sampler, dict(pipeline.scheduler.config), 2, torch.device("cpu"), [])
    pipeline.scheduler = walk.scheduler
    return pipeline


def pixels(pictures: Any) -> np.ndarray:
    return np.stack([np.asarray(getattr(p, "image", p), np.int16) for p in pictures])


def assert_same(ours: Any, theirs: Any) -> None:
    a, b = pixels(ours), pixels(theirs)
    assert a.shape == b.shape and a.std() > 10, "a picture of one colour proves nothing"
    assert np.abs(a - b).max() <= 1


def noise(request: GenerationRequest) -> torch.Tensor:
    generators = seeded([request.sampling.seed + i for i in range(request.sampling.count)])
    shape = (8, request.sampling.height // 8, request.sampling.width // 8)
    return draw_noise(generators, shape, torch.device("cpu"))


@pytest.mark.parametrize("sampler", ["unipc", "dpm++", "ddim"])
def test_words(engine: Engine, tiny_folder: Path, sampler: str):
    request = request_of(
        prompt=PROMPT, negative_prompt=NEGATIVE, sampler=sampler, steps=6, st=3.0, seed=5,
        count=2, width=SIDE, height=96,
    )  # fmt: skip
    theirs = reference(tiny_folder, StableDiffusionPipeline, sampler)(
        prompt=[PROMPT] * 2, negative_prompt=[NEGATIVE] * 2, num_inference_steps=6,
        guidance_scale=3.0, latents=noise(request), width=SIDE, height=96,
    ).images  # fmt: skip
    assert_same(engine.generate(request), theirs)


def test_lcm_draws_each_pictures_own_noise_on_the_way(engine: Engine, tiny_folder: Path):
    request = request_of(
        prompt=PROMPT, sampler="lcm", steps=4, st=1.0, seed=5, count=2, width=SIDE, height=SIDE
    )
    generators = seeded([5, 6])
    start = draw_noise(generators, (8, 8, 8), torch.device("cpu"))
    theirs = reference(tiny_folder, StableDiffusionPipeline, "lcm")
    images = theirs(
        prompt=[PROMPT] * 2, num_inference_steps=4, guidance_scale=1.0, latents=start,
        generator=generators, width=SIDE, height=SIDE,
    ).images  # fmt: skip
    assert_same(engine.generate(request), images)


@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_board_control(engine: Engine, tiny_folder: Path, strength: float):
    control = Control(strength=strength, start=0.2, end=0.9)
    png = png_bytes(INK)
    request = request_of(
        prompt=PROMPT, sketch=sha_of(png), components=(BUTTON, POCKET),
        sketch_control=control, component_control=control,
        steps=6, st=3.0, seed=5, width=SIDE, height=SIDE,
    )  # fmt: skip
    network = GuidedControl.from_pretrained(tiny_folder / "controlnet", dtype=torch.float32)
    pipeline = reference(
        tiny_folder, StableDiffusionControlNetPipeline, "unipc", controlnet=network
    )
    board = torch.from_numpy(draw_board(INK, (BUTTON, POCKET), SIDE))[None]
    theirs = pipeline(
        prompt=PROMPT, image=board, num_inference_steps=6, guidance_scale=3.0,
        latents=noise(request), width=SIDE, height=SIDE,
        controlnet_conditioning_scale=strength,
        control_guidance_start=0.2, control_guidance_end=0.9, guess_mode=True,
    ).images  # fmt: skip
    ours = engine.generate(request, {sha_of(png): png})
    assert_same(ours, theirs)
    bare = engine.generate(replace(request, sketch=None, components=()))
    assert np.abs(pixels(bare) - pixels(ours)).max() > 20, "the control must be felt"


def test_varying_a_picture(engine: Engine, tiny_folder: Path):
    """Image to image; the noise comes from the pipeline's own generator, drawn as ours is."""
    rng = np.random.default_rng(1)
    start = Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).resize((SIDE, SIDE))
    from studio.pngmeta import png_bytes

    png = png_bytes(start)
    request = request_of(
        prompt=PROMPT, init_image=sha_of(png), vary_strength=0.5, sampler="ddim",
        steps=8, st=3.0, seed=5, width=SIDE, height=SIDE,
    )  # fmt: skip
    pipeline = reference(tiny_folder, StableDiffusionImg2ImgPipeline, "ddim")
    theirs = pipeline(
        prompt=PROMPT, image=start, strength=0.5, num_inference_steps=8, guidance_scale=3.0,
        generator=torch.Generator().manual_seed(5),
    ).images  # fmt: skip
    assert_same(engine.generate(request, {sha_of(png): png}), theirs)


def test_every_sampler_is_the_published_one():
    classes = (UniPCMultistepScheduler, DPMSolverMultistepScheduler, DDIMScheduler, LCMScheduler)
    config = {"prediction_type": "v_prediction", "beta_schedule": "scaled_linear",
              "beta_start": 0.00085, "beta_end": 0.012, "timestep_spacing": "trailing",
              "rescale_betas_zero_snr": True}  # fmt: skip
    for name, cls in zip(SAMPLERS, classes, strict=True):
        walk = plan_walk(name, config, 5, torch.device("cpu"), [])
        assert type(walk.scheduler) is cls and len(walk.timesteps) == 5
        for key, value in config.items():
            assert walk.scheduler.config[key] == value
