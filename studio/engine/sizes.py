"""Which picture sizes suit a model, told by its folder.

No torch in here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.forms import NotJson, read_object
from studio.request import MAX_SIDE, MIN_SIDE, SIDE_STEP

Size = tuple[int, int]
"""Width and height in pixels."""

SHAPES: dict[str, str] = {"square": "Square", "upright": "Upright", "wide": "Wide"}
"""How people call the shapes of a picture."""

_LEAST_FREE = 384
"""Models for smaller pictures were trained with squares alone; from here on, published ones are
used in all shapes."""

_STEP = 64
"""Sides of a shape are whole numbers of these: every level of a U-Net then halves them evenly."""


def side_of(folder: Path) -> int | None:
    """The side in pixels that a model's folder says it was trained for; None where it does not.

    The latents' side (`sample_size` of the UNet) times how much the autoencoder makes smaller.
    """
    unet, vae = (config_in(folder / part) for part in ("unet", "vae"))
    latents = unet.get("sample_size")
    if isinstance(latents, list) and latents:
        latents = max((n for n in latents if isinstance(n, int)), default=None)
    widths = vae.get("block_out_channels") or vae.get("encoder_block_out_channels")
    if not isinstance(latents, int) or not isinstance(widths, list):
        return None
    side = latents * 2 ** (len(widths) - 1) // SIDE_STEP * SIDE_STEP
    return min(max(side, MIN_SIDE), MAX_SIDE)


def shapes_of(side: int) -> dict[str, Size]:
    """Shape -> the size that suits a model for squares of this side.

    The longer side is half as long again and the shorter three quarters of that: 576 x 768 for
    Stable Diffusion 1.5, as its adapters for garments were trained.
    """
    shapes = {"square": (side, side)}
    if side >= _LEAST_FREE:
        long = min(MAX_SIDE, side * 3 // 2) // _STEP * _STEP
        short = long * 3 // 4 // _STEP * _STEP
        shapes |= {"upright": (short, long), "wide": (long, short)}
    return shapes


def shape_of(size: Size) -> str:
    """Which shape a picture has."""
    width, height = size
    return "square" if width == height else "upright" if width < height else "wide"


def config_in(folder: Path, name: str = "config.json") -> dict[str, Any]:
    """A configuration of diffusers; nothing where it cannot be read, which loading says."""
    try:
        return read_object((folder / name).read_bytes())
    except (OSError, NotJson):
        return {}
