"""IMAGDressing's published formulas of CAMI as they are, mistakes and all, to compare with."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from skimage.feature import local_binary_pattern

from trainer.evaluation.garment_metrics.cami import CamiU, corners, structure
from trainer.evaluation.garment_metrics.cutting import Pixels, on_black, resized

_MOST_POINTS = 5000
_LOST = 0.99
_DIAGONAL = 512 * 2**0.5


def published_cami_u(
    reference: Pixels, reference_mask: Pixels, generated: Pixels, mask: Pixels
) -> CamiU:
    """Whole pictures on black, corners on the pictures' own sizes and one way only, a quarter of
    the texture's codes."""
    made = on_black(generated, mask > 127)
    height, width = made.shape[:2]
    shown = on_black(reference, reference_mask > 127)
    fitted = resized(shown, width, height)
    return CamiU(
        structure(fitted, made), 1 - _distance(corners(shown), corners(made)),
        float(np.corrcoef(_histogram(fitted), _histogram(made))[0, 1]),
    )  # fmt: skip


def _distance(reference: NDArray[np.float64], generated: NDArray[np.float64]) -> float:
    """From each corner of the reference to the nearest generated one."""
    if not 0 < len(generated) <= _MOST_POINTS or not len(reference):
        return _LOST
    return float(np.mean(KDTree(generated).query(reference)[0]) / _DIAGONAL)


def _histogram(picture: Pixels) -> NDArray[np.float64]:
    codes = local_binary_pattern(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), 8, 1, "default")
    return np.histogram(codes.ravel(), bins=64, range=(0, 64), density=True)[0]


def published_pose_overlap(target: Pixels, generated: Pixels) -> float:
    """The script's arithmetic in eight bits, where 16 times 16 is nothing."""
    asked, made = (np.sum(p, axis=2, dtype=np.uint8) for p in (target, generated))
    return float(((asked * made) > 0).sum() / (asked > 0).sum())
