"""Sketches of a wardrobe garment as users bring them: clean flats, traced photos, shaky hands."""

from __future__ import annotations

import cv2
import numpy as np

from studio.vision.pictures import Ink
from studio.vision.sketch import extract_ink
from trainer.data.cloth import smooth_noise
from trainer.data.wardrobe import WardrobeSample


def clean(sample: WardrobeSample) -> Ink:
    """The clean technical flat, (size, size), 255 = ink."""
    return sample.flat_ink


def extracted(sample: WardrobeSample) -> Ink:
    """The picture's own lines by adaptive thresholding (FashionSD-X's sketches)."""
    return extract_ink(sample.picture)


def shaky(sample: WardrobeSample, rng: np.random.Generator) -> Ink:
    """The flat as an unsteady hand draws it: wavering, sometimes doubled, thick or thin."""
    return shake(sample.flat_ink, rng)


def shake(ink: Ink, rng: np.random.Generator) -> Ink:
    """Make clean ink shaky.

    The hand's error is a smooth displacement (a wave every 12 to 60 pixels at 256 px, up to
    about 1.2% of the side), lines are dropped out here and there, and half of the drawings are
    gone over twice.
    """
    out = _pass(ink, rng)
    if rng.random() < 0.5:
        out = np.maximum(out, _pass(ink, rng))
    thick = rng.random()
    if thick < 0.3:
        out = cv2.dilate(out, np.ones((2, 2), np.uint8))
    elif thick > 0.8:
        out = cv2.erode(out, np.ones((2, 2), np.uint8))
    return np.asarray(out, np.uint8)


def _pass(ink: Ink, rng: np.random.Generator) -> Ink:
    size = ink.shape[0]
    unit = size / 256
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    slow, quick = float(rng.uniform(0.8, 2.2)) * unit, float(rng.uniform(0.2, 0.7)) * unit
    dx = slow * smooth_noise(rng, 6, size) + quick * smooth_noise(rng, 22, size)
    dy = slow * smooth_noise(rng, 6, size) + quick * smooth_noise(rng, 22, size)
    moved = cv2.remap(
        ink, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0
    )
    gaps = smooth_noise(rng, 14, size) > 1.75
    moved[gaps] = 0
    return np.asarray(moved, np.uint8)
