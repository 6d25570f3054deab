"""Whether a picture kept what a garment's photo shows: its colour, and what is on the cloth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.vision.colour import ciede2000, lab

SIDE = 256
"""Pixels of the longer side at which cloth is compared."""

_EDGE = 0.025
"""What of the garment's edge is left out, in parts of the longer side: outline and shadow."""

_SHADE = 0.06
"""The width of what counts as shade rather than as a pattern, likewise."""

_LEAST = 60


@dataclass(frozen=True)
class Cloth:
    """Cloth in a picture.

    Attributes:
        colour: its mean colour, sRGB in 0..255; the median of two equal stripes is now one of them
            and now the other.
        busy: how far its colours lie from those around them, the mean CIE76 difference; folds and
            shade count little.
    """

    colour: tuple[int, int, int]
    busy: float

    @property
    def hex(self) -> str:
        """The colour as it is written."""
        return "#{:02x}{:02x}{:02x}".format(*self.colour)

    def differs(self, other: Cloth) -> float:
        """CIEDE2000 of the two colours."""
        return float(ciede2000(lab(self.colour), lab(other.colour)))


def cloth(picture: Image.Image, mask: NDArray[np.uint8]) -> Cloth | None:
    """The cloth where a mask is.

    Args:
        picture: RGB. mask: (H, W) of the picture, above 127 on the garment.

    Returns:
        None where too little of it is seen.
    """
    scale = SIDE / max(picture.size)
    width, height = picture.size
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    small = np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BOX), np.float64)
    there = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    there = np.where(there > 127, 255, 0).astype(np.uint8)
    wide = 2 * round(_EDGE * SIDE) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide))
    inside = cv2.erode(there, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0) > 127
    if inside.sum() < _LEAST:
        return None
    colours = lab(small)
    weight = inside.astype(np.float64)
    sigma = _SHADE * SIDE
    around = cv2.GaussianBlur(colours * weight[..., None], (0, 0), sigma)
    around /= np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-6)[..., None]
    busy = np.sqrt(((colours - around) ** 2).sum(-1))[inside].mean()
    r, g, b = (round(float(v)) for v in small[inside].mean(axis=0))
    return Cloth((r, g, b), float(busy))
