"""From seeds and what is heard to latents and pictures: all that stands around the one loop.

Noise, sampler, start, guidance and decoding are put together here and nowhere else; pictures,
evaluations, measurements and sample sheets differ only in their plans and conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from studio.conditions.base import Branch, Condition
from studio.conditions.networks import Networks
from studio.engine.denoise import StepDone, denoise
from studio.engine.guidance import independent_guidance, joint_guidance
from studio.engine.latents import (
    KeepOutside,
    decode_picture,
    draw_noise,
    encode_picture,
    latent_mask,
    merge_outside,
    seeded,
)
from studio.engine.samplers import plan_walk

Heard = Callable[[int], Sequence[Condition]]
"""The conditions, in the order in which they are attached and asked, for so many steps."""


@dataclass(frozen=True)
class Plan:
    """What is sampled, but for what is heard.

    Attributes:
        seeds: one for each picture.
        shape: (C, h, w) of one picture's latents.
        steps: how many steps from pure noise.
        st, sg: text and garment guidance.
        sampler: one of `studio.request.SAMPLERS`.
        form: "joint" or "independent": how the two are combined, see `studio.engine.guidance`.
        start: a picture (RGB) to begin with, if any.
        strength: below 1, how much of the way from noise is walked, beginning at `start`.
        mask: (H, W), what of `start` is made anew (above 127); all of it where None.
    """

    seeds: Sequence[int]
    shape: tuple[int, int, int]
    steps: int
    st: float
    sg: float = 1.0
    sampler: str = "unipc"
    form: str = "joint"
    start: Image.Image | None = None
    strength: float = 1.0
    mask: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class Sampled:
    """What came of a plan.

    Attributes:
        latents: (pictures, C, h, w) float32.
        steps: how many were walked.
    """

    networks: Networks
    plan: Plan
    latents: torch.Tensor
    steps: int

    def pictures(self, whole: bool = False) -> list[NDArray[np.uint8]]:
        """(H, W, 3) of each picture, decoded one by one, so that memory does not grow.

        Args:
            whole: as they were made, also outside of the mask.
        """
        made = [decode_picture(self.networks, one[None]) for one in self.latents]
        start, mask = self.plan.start, self.plan.mask
        if start is None or mask is None or whole:
            return made
        return [merge_outside(pixels, np.asarray(start), mask) for pixels in made]


@torch.inference_mode()
def sample(
    networks: Networks,
    plan: Plan,
    heard: Heard,
    *,
    on_step: Callable[[StepDone], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Sampled:
    """Walk from noise to finished latents.

    Args:
        networks: what makes the pictures.
        plan, heard: what is made of what.
        on_step, cancelled: see `studio.engine.denoise.denoise`.

    Raises:
        Cancelled: `cancelled` answered yes.
    """
    generators = seeded(plan.seeds)
    noise = draw_noise(generators, plan.shape, networks.device)
    walk = plan_walk(
        plan.sampler, networks.scheduler, plan.steps, networks.device, generators, plan.strength
    )
    steps = len(walk.timesteps)
    conditions = list(heard(steps))
    latents = noise * walk.scheduler.init_noise_sigma
    if plan.start is not None:
        known = encode_picture(networks, plan.start)
        if plan.strength < 1:
            latents = walk.noised(known.expand_as(noise), noise, walk.timesteps[0])
        if plan.mask is not None:
            mask = latent_mask(plan.mask, len(plan.mask) // plan.shape[1], networks.device)
            conditions.append(KeepOutside(mask, known, noise, walk))
    wanted = frozenset[Branch]().union(*(c.branches for c in conditions))
    combined = independent_guidance if plan.form == "independent" else joint_guidance
    latents = denoise(
        networks.unet, walk.scheduler, latents, walk.timesteps, conditions,
        combined(wanted, plan.st, plan.sg),
        step_options=walk.options, on_step=on_step, cancelled=cancelled,
    )  # fmt: skip
    return Sampled(networks, plan, latents, steps)
