"""CAMI-U and CAMI-S: structure, key points and texture of the cloth; face, words and pose.

IMAGDressing-v1 (Shen et al. 2024, arXiv 2407.12705, section 5.1): CAMI-U is the sum of three
similarities, CAMI-S adds three more, all with weight 1. Where the published script is wrong, this
one is not. The differences are listed in `trainer.evaluation.garment_metrics`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from torch import Tensor

from studio.errors import BadInput
from trainer.evaluation.garment_metrics.cutting import Pixels, check_pair, cropped, resized

_SIDE = 256
_LOST = 0.99
_WINDOW = 7


@dataclass(frozen=True)
class CamiU:
    """How much two garments are alike; higher is better, 3 for equal ones.

    Attributes:
        structure: S_s, structural similarity (SSIM).
        keypoints: S_k, one minus the distance of the corners, in parts of the diagonal.
        texture: S_t, correlation of the local binary patterns' histograms.
    """

    structure: float
    keypoints: float
    texture: float

    @property
    def total(self) -> float:
        """CAMI-U."""
        return self.structure + self.keypoints + self.texture


@dataclass(frozen=True)
class CamiS:
    """How far a picture fulfils all that was asked for; higher is better, 6 at most.

    Attributes:
        garment: CAMI-U.
        face: S_f, cosine of two face vectors; 0 where a face is missing.
        caption: S_c, cosine of picture and text.
        pose: S_p, overlap of the skeletons, 0 to 1.
    """

    garment: CamiU
    face: float
    caption: float
    pose: float

    @property
    def total(self) -> float:
        """CAMI-S."""
        return self.garment.total + self.face + self.caption + self.pose


def _skimage() -> tuple[Any, Any]:
    try:
        from skimage.feature import local_binary_pattern
        from skimage.metrics import structural_similarity
    except ImportError as error:
        raise BadInput(
            "CAMI needs scikit-image: install Toile with its extra “metrics”."
        ) from error
    return structural_similarity, local_binary_pattern


def cami_u(
    references: Sequence[Pixels],
    reference_masks: Sequence[Pixels],
    generated: Sequence[Pixels],
    generated_masks: Sequence[Pixels],
) -> list[CamiU]:
    """Compare garments pair by pair.

    Args:
        references, generated: RGB pictures (H, W, 3) of any size.
        reference_masks, generated_masks: (H, W) above 127 on the garment; an empty mask of a
            generated picture means that it shows no garment, which is like nothing.

    Raises:
        BadInput: lists of different lengths, masks of other sizes, an empty reference mask, or
            scikit-image is not installed.
    """
    sets = (references, reference_masks, generated, generated_masks)
    if len({len(s) for s in sets}) > 1:
        raise BadInput("CAMI compares pair by pair: give as many references, pictures and masks.")
    return [_compare(*one) for one in zip(*sets, strict=True)]


def _compare(reference: Pixels, reference_mask: Pixels, generated: Pixels, mask: Pixels) -> CamiU:
    check_pair(reference, reference_mask)
    check_pair(generated, mask)
    ours, theirs = cropped(reference, reference_mask), cropped(generated, mask)
    if ours is None:
        raise BadInput("A reference's mask is empty, so there is no garment: mark the garment.")
    if theirs is None:
        return CamiU(0.0, 1 - _LOST, 0.0)
    # The larger garment is brought to the smaller one's height and width: enlarging would blur.
    height = min(_SIDE, max(_WINDOW, min(len(ours[1]), len(theirs[1]))))
    width = min(_SIDE, max(_WINDOW, min(ours[1].shape[1], theirs[1].shape[1])))
    a, b = (resized(cut, width, height) for cut, _ in (ours, theirs))
    inside = [
        resized(m.astype(np.uint8) * 255, width, height) > 127 for _, m in (ours, theirs)
    ]  # fmt: skip
    return CamiU(
        structure(a, b), _both_ways(corners(a), corners(b), np.hypot(height, width)),
        texture(a, b, inside[0], inside[1]),
    )  # fmt: skip


def _grey(picture: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def structure(one: Pixels, other: Pixels) -> float:
    """S_s: mean SSIM (Wang et al. 2004) of RGB pictures (H, W, 3) of one size, window of 7."""
    similarity, _ = _skimage()
    return float(similarity(one, other, channel_axis=2, win_size=_WINDOW, data_range=255))


def corners(picture: Pixels) -> NDArray[np.float64]:
    """(n, 2) rows and columns of Harris corners (block 2, Sobel 3, k 0.04, above 1%)."""
    answer = cv2.cornerHarris(_grey(picture).astype(np.float32), 2, 3, 0.04)
    grown = np.asarray(cv2.dilate(answer, np.ones((3, 3), np.uint8)))
    if grown.max() <= 0:
        return np.zeros((0, 2))
    return np.argwhere(grown > 0.01 * grown.max()).astype(float)


def _both_ways(one: NDArray[np.float64], other: NDArray[np.float64], diagonal: float) -> float:
    """S_k: one minus the mean distance of nearest corners, seen from both pictures."""
    if not len(one) and not len(other):
        return 1.0
    if not len(one) or not len(other):
        return 1 - _LOST
    there = np.mean(KDTree(other).query(one)[0])
    back = np.mean(KDTree(one).query(other)[0])
    return float(1 - (there + back) / 2 / diagonal)


def texture(
    one: Pixels, other: Pixels, inside: NDArray[np.bool_], also: NDArray[np.bool_]
) -> float:
    """S_t: correlation of the histograms of all 256 local binary patterns (P=8, R=1).

    Args:
        one, other: RGB pictures (H, W, 3).
        inside, also: (H, W) where the cloth of each is; the ground's codes do not take part.
    """
    _, pattern = _skimage()
    histograms = []
    for picture, mask in ((one, inside), (other, also)):
        codes = pattern(_grey(picture), 8, 1, "default")
        # At the cloth's edge a code tells of the ground.
        core = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        kept = codes[core if core.any() else mask]
        histograms.append(np.bincount(kept.astype(int), minlength=256) / max(len(kept), 1))
    return _correlation(*histograms)


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Pearson's correlation, as OpenCV compares histograms; 1 or 0 for two flat ones."""
    a, b = one - one.mean(), other - other.mean()
    spread = float(np.sqrt((a @ a) * (b @ b)))
    if not np.isfinite(spread) or spread < 1e-12:
        return float(np.array_equal(one, other))
    return float(a @ b / spread)


def pose_overlap(target: Pixels, generated: Pixels) -> float:
    """S_p: the part of the asked-for skeleton's pixels that the generated one covers.

    Args:
        target, generated: drawn skeletons (H, W, 3) on black, of one size.

    Raises:
        BadInput: other sizes, or an empty target.
    """
    if target.shape != generated.shape or target.ndim != 3:
        raise BadInput("The skeletons must be pictures of one size: draw them again.")
    asked = target.any(axis=2)
    if not asked.any():
        raise BadInput("The target skeleton is empty: choose a pose.")
    return float((asked & generated.any(axis=2)).sum() / asked.sum())


def cami_s(
    garments: Sequence[CamiU],
    faces: Sequence[tuple[Tensor | None, Tensor | None]],
    captions: Sequence[float],
    skeletons: Sequence[tuple[Pixels, Pixels]],
) -> list[CamiS]:
    """CAMI-S of pictures whose garments `cami_u` has compared.

    Args:
        garments: of `cami_u`.
        faces: unit vectors (D,) of the asked-for and of the generated face, None where no face
            is seen.
        captions: cosine of each picture with its text, as `similarity.clip_t` gives it.
        skeletons: asked-for and generated, as `pose_overlap` takes them.

    Raises:
        BadInput: lists of different lengths, and as `pose_overlap`.
    """
    if len({len(s) for s in (garments, faces, captions, skeletons)}) > 1:
        raise BadInput("CAMI-S needs a face, a caption and a skeleton for each picture.")
    return [
        CamiS(
            garment,
            0.0 if asked is None or seen is None else float(asked.float() @ seen.float()),
            float(caption), pose_overlap(*drawn),
        )
        for garment, (asked, seen), caption, drawn in zip(
            garments, faces, captions, skeletons, strict=True
        )
    ]  # fmt: skip
