"""The denoising loop: the only one in the house.

Conditions and guidance come in as data (`studio.conditions.base`, `studio.engine.guidance`), so
that a new control needs no new loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import torch

from studio.conditions.base import Branch, Condition, Residuals, Step, attach_all
from studio.engine.guidance import Guidance
from studio.errors import Cancelled


@dataclass(frozen=True)
class StepDone:
    """What the loop reports after each step.

    Attributes:
        index, count: step `index` (from 0) of `count` is finished.
        estimate: computes the present estimate of the finished latents (pictures, C, h, w);
            call it only if it is wanted.
    """

    index: int
    count: int
    estimate: Callable[[], torch.Tensor]


def estimate_clean(
    scheduler: Any, prediction: torch.Tensor, timestep: torch.Tensor, latents: torch.Tensor
) -> torch.Tensor:
    """The finished latents as they look from here.

    With alpha and sigma of the timestep: (x - sigma eps) / alpha for a noise prediction,
    alpha x - sigma v for a velocity prediction (arXiv 2202.00512, appendix D).
    """
    product = scheduler.alphas_cumprod[int(timestep)].to(latents.device, latents.dtype)
    alpha, sigma = product.sqrt(), (1 - product).sqrt()
    match scheduler.config.prediction_type:
        case "v_prediction":
            return alpha * latents - sigma * prediction
        case "epsilon":
            return (latents - sigma * prediction) / alpha
        case _:
            return prediction


def _embeddings(
    conditions: Sequence[Condition], branches: tuple[Branch, ...], pictures: int
) -> torch.Tensor:
    """(branches * pictures, tokens, width): each row's tokens from all conditions, joined."""
    rows = []
    for branch in branches:
        given = [c.embeddings(branch) for c in conditions]
        each = [e.expand(pictures, -1, -1) for e in given if e is not None]
        rows.append(torch.cat(each, dim=1))
    return torch.cat(rows)


@torch.inference_mode()
def denoise(
    unet: Any,
    scheduler: Any,
    latents: torch.Tensor,
    timesteps: torch.Tensor,
    conditions: Sequence[Condition],
    guidance: Guidance,
    *,
    step_options: dict[str, Any] | None = None,
    on_step: Callable[[StepDone], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> torch.Tensor:
    """Walk from noise to finished latents.

    Args:
        unet: predicts noise or velocity, as the scheduler's configuration says.
        scheduler: with its timesteps already set; it is used up.
        latents: (pictures, C, h, w) float32 at the noise level of the first timestep. The walk
            itself is done in float32 whatever the UNet's type is.
        timesteps: those to visit, in order.
        conditions: asked in this order.
        guidance: the branches and how they are combined.
        step_options: further arguments for the scheduler's step.
        on_step: told after each step.
        cancelled: asked before each step.

    Returns:
        (pictures, C, h, w) float32.

    Raises:
        Cancelled: `cancelled` answered yes.
    """
    branches = guidance.branches
    pictures, count = len(latents), len(timesteps)
    dtype = unet.dtype
    alike = unet.config.in_channels == latents.shape[1]  # no condition can add channels of its own
    embeddings = _embeddings(conditions, branches, pictures).to(latents.device, dtype)
    with ExitStack() as stack:
        stack.enter_context(attach_all(conditions, unet))
        for index, timestep in enumerate(timesteps):
            if cancelled is not None and cancelled():
                raise Cancelled(f"Stopped at step {index} of {count}.")
            step = Step(index, count, timestep, branches, pictures, alike)
            for condition in conditions:
                condition.before_step(step)
            scaled = scheduler.scale_model_input(latents, timestep)
            sample = scaled.to(dtype).repeat(len(branches), 1, 1, 1)
            sample = sample.contiguous(memory_format=torch.channels_last)
            prediction = _predict(unet, sample, embeddings, step, conditions)
            guided = guidance.combine(prediction.to(latents.dtype).chunk(len(branches)))
            before = latents
            latents = scheduler.step(
                guided, timestep, latents, return_dict=False, **(step_options or {})
            )[0]
            for condition in conditions:
                latents = condition.after_step(step, latents)
            if on_step is not None:

                def estimate(
                    guided: torch.Tensor = guided,
                    timestep: torch.Tensor = timestep,
                    before: torch.Tensor = before,
                ) -> torch.Tensor:
                    return estimate_clean(scheduler, guided, timestep, before)

                on_step(StepDone(index, count, estimate))
    return latents


def _predict(
    unet: Any,
    sample: torch.Tensor,
    embeddings: torch.Tensor,
    step: Step,
    conditions: Sequence[Condition],
) -> torch.Tensor:
    """One call of the UNet for all branches and pictures of a step."""
    given = [c.residuals(step, sample, embeddings) for c in conditions]
    residuals: list[Residuals] = [r for r in given if r is not None]
    extra = [c.extra_channels(step) for c in conditions]
    channels = [e.to(sample.dtype) for e in extra if e is not None]
    options: dict[str, Any] = {}
    if residuals:
        total = reduce(add, residuals)
        options["down_block_additional_residuals"] = total.down
        options["mid_block_additional_residual"] = total.mid
    return unet(
        torch.cat([sample, *channels], dim=1) if channels else sample,
        step.timestep,
        encoder_hidden_states=embeddings,
        return_dict=False,
        **options,
    )[0]
