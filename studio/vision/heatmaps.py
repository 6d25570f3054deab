"""Component heatmaps become components: peaks, sizes, duplicates.

The network answers with one heatmap per component kind at half the picture's resolution, as in
CenterNet (Zhou et al. 2019, "Objects as Points"): a component is a local maximum, its box is
read where the maximum is. Half resolution keeps twelve pleats or ten buttons apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from studio.garment.spec import Box
from studio.garment.vocabulary import COMPONENTS
from studio.vision.face import overlap

HEATMAP_STRIDE = 2
"""Pixels of the network's input per heatmap cell."""

SIZE_STRIDE = 4
"""Pixels of the network's input per cell of the size map."""

SIZE_UNIT = 16.0
"""Sizes are answered as the logarithm of (pixels / SIZE_UNIT)."""

DOUBT = 0.5
"""How far from its kind's threshold a score, as a logit, leaves no doubt that something is there or
not. Of held-out renders after the round trip, counts without a doubt are right nearly nine times
of ten, the others half the time: “sure” in `python -m trainer evaluate perception`."""

_MOST_PER_KIND = 32
_SAME_POINT = 5.0
_SAME_BOX = 0.45


@dataclass(frozen=True)
class Peak:
    """One candidate component: its kind, score in 0..1, and box in 0..1 of the square input."""

    kind: str
    score: float
    box: Box

    @property
    def centre(self) -> tuple[float, float]:
        """The box's centre (x, y) in 0..1."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


def moved(threshold: float, by: float) -> float:
    """A threshold in 0..1, moved by a logit."""
    return float(1 / (1 + np.exp(-(np.log(threshold / (1 - threshold)) + by))))


def _same(one: Peak, other: Peak, size: int) -> bool:
    """Whether two peaks of a kind are one component seen twice."""
    if COMPONENTS[one.kind].point:
        (ax, ay), (bx, by) = one.centre, other.centre
        return float(np.hypot(ax - bx, ay - by)) * size < _SAME_POINT
    return overlap(one.box, other.box) > _SAME_BOX


def without_duplicates(peaks: Sequence[Peak], size: int) -> list[Peak]:
    """The strongest of each group of peaks that show the same component, strongest first."""
    kept: list[Peak] = []
    for peak in sorted(peaks, key=lambda p: -p.score):
        if not any(k.kind == peak.kind and _same(k, peak, size) for k in kept):
            kept.append(peak)
    return kept


@torch.no_grad()
def decode(
    heatmaps: Tensor,
    sizes: Tensor,
    offsets: Tensor,
    kinds: Sequence[str],
    thresholds: Sequence[float],
) -> list[list[Peak]]:
    """Read the components off a batch of answers.

    Args:
        heatmaps: (B, kinds, H, W) logits at HEATMAP_STRIDE.
        sizes: (B, 2 * kinds, H / 2, W / 2), log width then log height of each kind.
        offsets: (B, 2, H, W), x and y of the centre within its cell, in cells.
        kinds: the kinds' names, in the heatmaps' order.
        thresholds: the least score of each kind.

    Returns:
        For each picture its peaks, strongest first, duplicates removed.
    """
    batch, count, height, width = heatmaps.shape
    side = height * HEATMAP_STRIDE
    scores = heatmaps.float().sigmoid()
    highest = F.max_pool2d(scores, 3, stride=1, padding=1)
    scores = torch.where(scores == highest, scores, torch.zeros_like(scores))
    best, where = scores.flatten(2).topk(min(_MOST_PER_KIND, height * width), dim=2)
    rows, columns = where // width, where % width
    pictures = torch.arange(batch, device=where.device)[:, None, None].expand_as(where)
    channel = torch.arange(count, device=where.device)[None, :, None].expand_as(where)
    ratio = SIZE_STRIDE // HEATMAP_STRIDE
    small = sizes.float().clamp(-4, 4)
    w, h = (
        small[pictures, 2 * channel + axis, rows // ratio, columns // ratio].exp() * SIZE_UNIT
        for axis in (0, 1)
    )
    x, y = (
        (place + offsets.float()[pictures, axis, rows, columns].clamp(0, 1)) * HEATMAP_STRIDE
        for axis, place in ((0, columns), (1, rows))
    )
    table = torch.stack([best, x, y, w, h], dim=3).cpu().numpy()
    found: list[list[Peak]] = []
    for answers in table:
        peaks: list[Peak] = []
        for kind, threshold, rows_of_kind in zip(kinds, thresholds, answers, strict=True):
            for score, cx, cy, bw, bh in rows_of_kind[rows_of_kind[:, 0] >= threshold]:
                peaks.append(Peak(kind, float(score), _box(cx, cy, bw, bh, side)))
        found.append(without_duplicates(peaks, side))
    return found


def _box(x: float, y: float, width: float, height: float, side: int) -> Box:
    """A box in pixels becomes one in 0..1, cut to the picture."""
    edges: NDArray[np.float64] = np.clip(
        np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2], float) / side, 0, 1
    )
    left, top, right, bottom = edges.tolist()
    return left, top, right, bottom
