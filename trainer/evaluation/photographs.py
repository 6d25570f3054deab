"""Garments on photographs: what is told of each, and whether copies of one photo agree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.errors import BadInput
from studio.vision.garment_mask import GarmentMask, garment_mask
from studio.vision.perception import Perception
from studio.vision.pictures import load_picture
from trainer.command import Say
from trainer.evaluation.result import markdown_table
from trainer.evaluation.studio import pictures_in

Pixels = NDArray[np.uint8]
_SIDE = 640


def _turned(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 5, 0.94)
    edge = np.median(np.concatenate([pixels[0], pixels[-1]]), 0)
    border = tuple(float(v) for v in edge)
    moved = cv2.warpAffine(pixels, matrix, (width, height), borderValue=border)
    return moved.astype(np.uint8)


def _lit(pixels: Pixels) -> Pixels:
    """Dimmer, warmer, and lit from the left."""
    slope = np.linspace(1.05, 0.8, pixels.shape[1])[None, :, None]
    return np.clip(pixels * slope * np.array([1.0, 0.97, 0.9]), 0, 255).astype(np.uint8)


def _on(colour: tuple[int, int, int], rough: float) -> Callable[[Pixels, Pixels], Pixels]:
    """The garment, by its found mask, on another ground."""

    def on(pixels: Pixels, mask: Pixels) -> Pixels:
        rng = np.random.default_rng(0)
        noise = rng.normal(0, 1, mask.shape).astype(np.float32)
        noise = cv2.GaussianBlur(noise, (0, 0), 3)
        ground = np.array(colour) * (1 + rough * noise / noise.std())[..., None]
        alpha = cv2.GaussianBlur(mask, (0, 0), 1)[..., None] / 255
        return np.clip(pixels * alpha + ground * (1 - alpha), 0, 255).astype(np.uint8)

    return on


_COPIES: dict[str, Callable[[Pixels, Pixels], Pixels]] = {
    "as it is": lambda pixels, _: pixels,
    "mirrored": lambda pixels, _: np.ascontiguousarray(pixels[:, ::-1]),
    "turned": lambda pixels, _: _turned(pixels),
    "re-lit": lambda pixels, _: _lit(pixels),
    "on white": _on((250, 250, 250), 0.0),
    "on blue": _on((90, 120, 170), 0.01),
    "on plaster": _on((150, 146, 140), 0.07),
}


def photographs(folder: Path, perception: Perception, say: Say) -> tuple[str, dict[str, float]]:
    """A table of a folder's photos and their copies, and how often the copies agree.

    Raises:
        BadInput: there are none.
    """
    rows: list[list[str]] = []
    sure = agree = copies = 0
    for path in pictures_in(folder, "photos of garments"):
        picture = load_picture(path)
        picture.thumbnail((_SIDE, _SIDE))
        pixels = np.array(picture, np.uint8)
        first = _look(pixels, perception)
        mask = np.zeros(pixels.shape[:2], np.uint8) if first is None else first.mask
        told = [_said(first)]
        for copy in list(_COPIES.values())[1:]:
            told.append(_said(_look(copy(pixels, mask), perception)))
        rows.append([path.name, *told])
        sure += first is not None and first.sure
        copies += len(told) - 1
        agree += sum(one == told[0] for one in told[1:])
        say(f"{path.name}: {told[0]}")
    header = ("Photo", *_COPIES)
    shares = {"photos": len(rows), "photos_sure": sure, "copies_alike": agree / max(copies, 1)}
    return markdown_table(header, rows), shares


def _look(pixels: Pixels, perception: Perception) -> GarmentMask | None:
    try:
        return garment_mask(Image.fromarray(pixels), perception=perception)
    except BadInput:
        return None


def _said(found: GarmentMask | None) -> str:
    """The part, or what is asked."""
    if found is None:
        return "no garment"
    if found.strange:
        return f"asked: {found.strange}?"
    if found.sure:
        return found.part
    return "asked: " + " or ".join(found.told.possible if found.told else ())
