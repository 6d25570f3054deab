"""MP-LPIPS: is the cloth at corresponding points of garment and wearer the same?

Magic Clothing (Chen et al. 2024, arXiv 2404.09512, section 4.1). Points on a grid within the
garment are looked for in the picture of the wearer; the patches around both are compared as
people would compare them. A point that is found outside the worn garment costs as much as white
beside black. Lower is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from studio.errors import BadInput
from trainer.evaluation.garment_metrics.cutting import (
    Pixels,
    check_pair,
    on_black,
    resized,
    resized_mask,
)
from trainer.evaluation.garment_metrics.networks import PatchDistance, PointFeatures

_BATCH = 8


@dataclass(frozen=True)
class Layout:
    """Sizes in pixels.

    Attributes:
        side: pictures are brought to this square.
        spacing: rows and columns of the grid.
        patch: side of the compared patches, odd.
        reach: how far outside the worn garment's mask a match may lie, as the side of the square
            by which the mask is grown, odd.
    """

    side: int
    spacing: int
    patch: int
    reach: int

    def __post_init__(self) -> None:
        if min(self.side, self.spacing, self.patch, self.reach) < 1:
            raise ValueError("sizes are at least one pixel")
        if self.patch % 2 == 0 or self.reach % 2 == 0:
            raise ValueError("patch and reach must be odd to have a middle")


PUBLISHED_LAYOUT = Layout(512, 40, 33, 17)
BUNDLED_LAYOUT = Layout(256, 20, 33, 9)
"""Half of the published one, but for the patch: the bundled network looks at strides of 4 to 16
pixels, and a patch of 17 would be one place of its coarsest map."""


@dataclass(frozen=True)
class MpLpips:
    """One pair's outcome.

    Attributes:
        mean: over the points; lower is better.
        matched: share of the points that were found within the worn garment.
        points: how many there were.
    """

    mean: float
    matched: float
    points: int


def grid_points(mask: NDArray[np.bool_], spacing: int) -> NDArray[np.int64]:
    """(n, 2) rows and columns of the mask's pixels where both are multiples of `spacing`.

    A garment that no such pixel hits has one point: its pixel nearest to its centre.
    """
    rows, columns = np.nonzero(mask)
    hit = (rows % spacing == 0) & (columns % spacing == 0)
    if not hit.any():
        away = (rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2
        hit[int(away.argmin())] = True
    return np.stack([rows[hit], columns[hit]], axis=1)


def match_points(
    points: NDArray[np.int64], source: Tensor, target: Tensor, side: int
) -> NDArray[np.int64]:
    """Where the points are found: (n, 2) rows and columns.

    Args:
        points: (n, 2) rows and columns in a picture of `side` pixels.
        source, target: (C, h, w) features of the two pictures, brought to `side` bilinearly.

    Returns:
        For each point the place of the highest cosine, anywhere in the target picture.
    """
    size = (side, side)
    ours = F.interpolate(source[None], size, mode="bilinear")[0]
    wanted = F.normalize(ours[:, points[:, 0], points[:, 1]], dim=0).T
    theirs = F.interpolate(target[None], size, mode="bilinear")[0].flatten(1)
    best = (wanted @ F.normalize(theirs, dim=0)).argmax(dim=1).cpu().numpy()
    return np.stack([best // side, best % side], axis=1).astype(np.int64)


def patches(picture: Pixels, points: NDArray[np.int64], side: int) -> Pixels:
    """(n, side, side, 3) around the points; black beyond the picture's edge."""
    half = side // 2
    padded = np.pad(picture, ((half, half), (half, half), (0, 0)))
    return np.stack([padded[r : r + side, c : c + side] for r, c in points])


class MpLpipsMeasure:
    """The measure with its two networks.

    Args:
        layout: sizes in pixels; those that suit the networks.
    """

    def __init__(
        self, features: PointFeatures, distance: PatchDistance, layout: Layout = BUNDLED_LAYOUT
    ):
        self.features, self.distance, self.layout = features, distance, layout
        plain = np.zeros((2, layout.patch, layout.patch, 3), np.uint8)
        plain[0] = 255
        self.penalty = float(distance.distances(plain[:1], plain[1:])[0])

    def __call__(
        self,
        garments: Sequence[Pixels],
        garment_masks: Sequence[Pixels],
        worn: Sequence[Pixels],
        worn_masks: Sequence[Pixels],
    ) -> list[MpLpips]:
        """Compare garments with pictures of their wearers, pair by pair.

        Args:
            garments, worn: RGB pictures (H, W, 3) of any size.
            garment_masks, worn_masks: (H, W) above 127 on the garment. An empty mask of the worn
                garment means that no garment is seen there, and every point is a miss.

        Raises:
            BadInput: lists of different lengths, masks of other sizes, an empty garment mask.
        """
        sets = (garments, garment_masks, worn, worn_masks)
        if len({len(s) for s in sets}) > 1:
            raise BadInput(
                "MP-LPIPS compares pair by pair: give as many garments, wearers and masks each."
            )
        result: list[MpLpips] = []
        for start in range(0, len(garments), _BATCH):
            result += self._batch(*(s[start : start + _BATCH] for s in sets))
        return result

    def _batch(self, *sets: Sequence[Pixels]) -> list[MpLpips]:
        garments, garment_masks, worn, worn_masks = sets
        flat = [self._prepare(*pair) for pair in zip(garments, garment_masks, strict=True)]
        dressed = [self._prepare(*pair) for pair in zip(worn, worn_masks, strict=True)]
        if not all(mask.any() for _, mask, _ in flat):
            raise BadInput("A garment's mask is empty, so there are no points: mark the garment.")
        ours = self.features.features(np.stack([seen for _, _, seen in flat]))
        theirs = self.features.features(np.stack([seen for _, _, seen in dressed]))
        return [
            self._compare(a, b, f, g)
            for a, b, f, g in zip(flat, dressed, ours, theirs, strict=True)
        ]

    def _prepare(self, picture: Pixels, mask: Pixels) -> tuple[Pixels, NDArray[np.bool_], Pixels]:
        """The garment on black, its mask, and what the point network gets to see."""
        check_pair(picture, mask)
        side = self.layout.side
        whole, inside = resized(picture, side, side), resized_mask(mask, side, side)
        cut = on_black(whole, inside)
        return cut, inside, cut if self.features.masked else whole

    def _compare(
        self,
        flat: tuple[Pixels, NDArray[np.bool_], Pixels],
        dressed: tuple[Pixels, NDArray[np.bool_], Pixels],
        ours: Tensor,
        theirs: Tensor,
    ) -> MpLpips:
        layout = self.layout
        points = grid_points(flat[1], layout.spacing)
        found = match_points(points, ours, theirs, layout.side)
        kernel = np.ones((layout.reach, layout.reach), np.uint8)
        near = cv2.dilate(dressed[1].astype(np.uint8), kernel) > 0
        inside = near[found[:, 0], found[:, 1]]
        scores = torch.full((len(points),), self.penalty)
        if inside.any():
            scores[torch.from_numpy(inside)] = self.distance.distances(
                patches(flat[0], points[inside], layout.patch),
                patches(dressed[0], found[inside], layout.patch),
            ).cpu()
        return MpLpips(float(scores.mean()), float(inside.mean()), len(points))
