"""Samplers: the ways of walking from noise to picture, as diffusers schedulers.

All are built from the family's own scheduler configuration, so that noise levels and prediction
type are the ones that it was trained with.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler
from diffusers.schedulers.scheduling_lcm import LCMScheduler
from diffusers.schedulers.scheduling_unipc_multistep import UniPCMultistepScheduler

_CLASSES: dict[str, Any] = {
    "unipc": UniPCMultistepScheduler,
    "dpm++": DPMSolverMultistepScheduler,
    "ddim": DDIMScheduler,
    "lcm": LCMScheduler,
}
_OWN_KEYS: dict[str, dict[str, Any]] = {
    # What a configuration written for another class may hold and this one must not take over.
    "dpm++": {"algorithm_type": "dpmsolver++", "solver_order": 2, "solver_type": "midpoint"},
    "ddim": {"clip_sample": False},
    "lcm": {"clip_sample": False},
    "unipc": {},
}
_LCM_TRAINED_STEPS = 50


@dataclass(frozen=True)
class Walk:
    """A scheduler ready to be used once.

    Attributes:
        scheduler: with its timesteps set.
        timesteps: those to visit; fewer than asked for where a picture is varied.
        options: further arguments for the scheduler's step.
    """

    scheduler: Any
    timesteps: torch.Tensor
    options: dict[str, Any]

    def noised(
        self, clean: torch.Tensor, noise: torch.Tensor, timestep: torch.Tensor
    ) -> torch.Tensor:
        """Clean latents (pictures, C, h, w) at a timestep's noise level."""
        return self.scheduler.add_noise(clean, noise, timestep.reshape(1).expand(len(clean)))


def plan_walk(
    sampler: str,
    config: Mapping[str, Any],
    steps: int,
    device: torch.device,
    generators: Sequence[torch.Generator],
    strength: float = 1.0,
) -> Walk:
    """Set a sampler up.

    Args:
        sampler: one of `studio.request.SAMPLERS`.
        config: the family's scheduler configuration.
        steps: how many steps from pure noise.
        device: where the latents are.
        generators: one for each picture, for samplers that draw noise on the way.
        strength: below 1, only the last part of the way is walked: `int(steps * strength)` steps,
            at least one, as in diffusers' image-to-image.
    """
    options: dict[str, Any] = dict(_OWN_KEYS[sampler])
    if sampler == "lcm":
        options["original_inference_steps"] = max(_LCM_TRAINED_STEPS, steps)
    known = {k: v for k, v in config.items() if not k.startswith("_")}
    cls = _CLASSES[sampler]
    accepted = inspect.signature(cls.__init__).parameters
    scheduler = cls(**{k: v for k, v in (known | options).items() if k in accepted})
    scheduler.set_timesteps(steps, device=device)
    timesteps = scheduler.timesteps
    if strength < 1:
        skipped = len(timesteps) - max(1, min(int(len(timesteps) * strength), len(timesteps)))
        timesteps = timesteps[skipped:]
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(skipped)
    takes = inspect.signature(scheduler.step).parameters
    draws = sampler == "lcm" and "generator" in takes
    return Walk(scheduler, timesteps, {"generator": list(generators)} if draws else {})
