"""Between pictures and latents: noise, encoding, decoding, and keeping what is outside a mask."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from studio.conditions.base import Condition, Step
from studio.conditions.networks import Networks
from studio.engine.samplers import Walk
from studio.vision.framing import unsquared

_SEAM = 8
"""Width in pixels of the soft seam, which lies wholly inside the mask."""


def seeded(seeds: Sequence[int]) -> list[torch.Generator]:
    """One generator for each picture, on the CPU, so that every device gets the same noise."""
    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]


def draw_noise(
    generators: Sequence[torch.Generator], shape: tuple[int, int, int], device: torch.device
) -> torch.Tensor:
    """(pictures, C, h, w) float32; picture i depends on its own generator alone."""
    return torch.stack([torch.randn(shape, generator=g) for g in generators]).to(device)


@torch.inference_mode()
def encode_picture(networks: Networks, picture: Image.Image) -> torch.Tensor:
    """(1, C, H/8, W/8) float32: the latents of an RGB picture, without random sampling."""
    values = np.asarray(picture.convert("RGB"), np.float32) / 127.5 - 1.0
    return encode_tensor(networks, torch.from_numpy(values).permute(2, 0, 1)[None])


@torch.inference_mode()
def encode_tensor(networks: Networks, tensor: torch.Tensor) -> torch.Tensor:
    """(n, C, H/8, W/8) float32: the latents of pictures (n, 3, H, W) in -1..1."""
    vae = networks.vae
    result = vae.encode(tensor.to(networks.device, vae.dtype))
    latents = result.latents if hasattr(result, "latents") else result.latent_dist.mode()
    return latents.float() * vae.config.scaling_factor


@torch.inference_mode()
def decode_picture(networks: Networks, latents: torch.Tensor) -> NDArray[np.uint8]:
    """(H, W, 3): the picture of latents (1, C, h, w)."""
    vae = networks.vae
    scaled = (latents / vae.config.scaling_factor).to(vae.dtype)
    scaled = scaled.contiguous(memory_format=torch.channels_last)
    decoded = vae.decode(scaled, return_dict=False)[0][0].float()
    values = (decoded / 2 + 0.5).clamp(0, 1).permute(1, 2, 0).cpu().numpy()
    return (values * 255).round().astype(np.uint8)


def fit_picture(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The middle of a picture at a size, without distortion."""
    if picture.size == (width, height):
        return picture
    scale = max(width / picture.width, height / picture.height)
    w, h = max(width, round(picture.width * scale)), max(height, round(picture.height * scale))
    picture = picture.resize((w, h), Image.Resampling.LANCZOS)
    left, top = (w - width) // 2, (h - height) // 2
    return picture.crop((left, top, left + width, top + height))


class KeepOutside(Condition):
    """Inpainting: after each step, what lies outside the mask is the known picture again, at the
    noise level that the next step expects (latent blending, as diffusers does for UNets without
    mask channels).

    Args:
        mask: (1, 1, h, w) in 0..1 on the latents' grid, 1 where to paint.
        known: (1, C, h, w) clean latents of the known picture.
        noise: (pictures, C, h, w), the noise that the walk began with.
        walk: the sampler.
    """

    name = "mask"

    def __init__(
        self, mask: torch.Tensor, known: torch.Tensor, noise: torch.Tensor, walk: Walk
    ) -> None:
        self.mask, self.known, self.noise, self.walk = mask, known, noise, walk

    def after_step(self, step: Step, latents: torch.Tensor) -> torch.Tensor:
        """The latents with the known surroundings put back."""
        known = self.known.expand_as(latents)
        if step.index + 1 < step.count:
            known = self.walk.noised(known, self.noise, self.walk.timesteps[step.index + 1])
        return known + self.mask * (latents - known)


def latent_mask(mask: NDArray[np.uint8], reduction: int, device: torch.device) -> torch.Tensor:
    """(1, 1, h, w) in {0, 1}: every latent pixel that touches the mask (H, W) is painted."""
    painted = torch.from_numpy((mask > 127).astype(np.float32))[None, None]
    return torch.nn.functional.max_pool2d(painted, reduction).to(device)


def merge_outside(
    made: NDArray[np.uint8], known: NDArray[np.uint8], mask: NDArray[np.uint8], seam: int = _SEAM
) -> NDArray[np.uint8]:
    """(H, W, 3): the known picture's own pixels outside the mask, the made ones inside.

    A short seam on the inner side of the mask's edge blends the two; outside, not one bit changes.

    Args:
        seam: its width in pixels.
    """
    painted = (mask > 127).astype(np.uint8)
    padded = cv2.copyMakeBorder(painted, seam, seam, seam, seam, cv2.BORDER_REPLICATE)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[seam:-seam, seam:-seam]
    share = np.clip(depth / seam, 0, 1)[..., None]
    mixed = known + share * (made.astype(np.float32) - known)
    return np.where(painted[..., None] > 0, mixed.round(), known).astype(np.uint8)


def put_back(
    made: NDArray[np.uint8], photo: Image.Image, mask: NDArray[np.uint8], aspect: float
) -> NDArray[np.uint8]:
    """The photo at its own size with what was made inside the mask, (H, W, 3).

    Args:
        made: (h, w, 3), the middle of the photo's square frame at the size that was made.
        photo: in its square frame. mask: (side, side), framed likewise.
        aspect: width by height of the photo.
    """
    side = photo.width
    scale = side / max(made.shape[:2])
    width, height = round(made.shape[1] * scale), round(made.shape[0] * scale)
    left, top = (side - width) // 2, (side - height) // 2
    large = cv2.resize(made, (width, height), interpolation=cv2.INTER_LANCZOS4)
    sheet = np.array(photo)
    within = np.zeros_like(mask)
    sheet[top : top + height, left : left + width] = large
    within[top : top + height, left : left + width] = mask[top : top + height, left : left + width]
    whole = merge_outside(sheet, np.asarray(photo), within, max(round(_SEAM * scale), _SEAM))
    return np.asarray(unsquared(Image.fromarray(whole), aspect))
