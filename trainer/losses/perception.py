"""Losses of the perception network: heatmaps, boxes, mask, classes and joints.

Heatmaps are trained with CenterNet's penalty-reduced focal loss (Zhou et al. 2019, "Objects as
Points", equation 1); sizes and offsets with L1 at the components' own cells; the mask with cross
entropy and dice; the classes with cross entropy where they are asked; the joints as the heatmaps.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.vision.heatmaps import HEATMAP_STRIDE, SIZE_STRIDE, SIZE_UNIT
from studio.vision.surroundings import JOINT_STRIDE

_LEAST_SPREAD, _MOST_SPREAD, _SPREAD_OF_SIZE = 0.9, 2.5, 0.06
_OFFSET_WEIGHT, _SIZE_WEIGHT = 0.5, 0.5
_JOINT_SPREAD = 1.3
NOT_ASKED = -100
"""The label of a question that a picture does not answer."""


def draw_heatmaps(components: Tensor, kinds: int, size: int) -> tuple[Tensor, Tensor]:
    """The heatmaps that the network should answer.

    A component is a Gaussian at its centre's cell, a little wider along a longer side: nobody
    can say to the pixel where the middle of a zipper is.

    Args:
        components: (B, N, 5) kind, centre x, centre y, width, height in pixels; kind -1 is none.
        kinds: number of kinds.
        size: side of the picture in pixels.

    Returns:
        (B, kinds, H, W) in 0..1 with H = W = size / HEATMAP_STRIDE, and a bool tensor of the
        same shape that is True at the centres' cells.
    """
    cells = size // HEATMAP_STRIDE
    batch = components.shape[0]
    picture, which = torch.nonzero(components[..., 0] >= 0, as_tuple=True)
    chosen = components[picture, which].float()
    heat = chosen.new_zeros(batch * kinds, cells, cells)
    peaks = torch.zeros(batch * kinds, cells, cells, dtype=torch.bool, device=heat.device)
    plane = picture * kinds + chosen[:, 0].long()
    grid = torch.arange(cells, device=heat.device, dtype=torch.float32)
    place = (chosen[:, 1:3] / HEATMAP_STRIDE).floor().clamp(0, cells - 1)
    spread = (chosen[:, 3:5] / HEATMAP_STRIDE * _SPREAD_OF_SIZE).clamp(_LEAST_SPREAD, _MOST_SPREAD)
    along = torch.exp(
        -((grid[None, None, :] - place[:, :, None]) ** 2) / (2 * spread[:, :, None] ** 2)
    )
    spots = along[:, 1, :, None] * along[:, 0, None, :]
    index = plane[:, None, None].expand_as(spots)
    heat = heat.scatter_reduce(0, index, spots, "amax", include_self=True)
    column, row = place[:, 0].long(), place[:, 1].long()
    peaks[plane, row, column] = True
    shape = (batch, kinds, cells, cells)
    return heat.view(shape), peaks.view(shape)


def focal(logits: Tensor, target: Tensor, peaks: Tensor) -> Tensor:
    """CenterNet's focal loss (alpha 2, beta 4), over the number of components.

    Args:
        logits, target, peaks: (B, kinds, H, W).
    """
    logits = logits.float()
    # log(1 - p) = -softplus(logit). The sum runs over all cells as if none held a component, then
    # the few that do are put right: half the work of computing both answers everywhere.
    elsewhere = F.softplus(logits) * logits.sigmoid().square() * (1 - target).pow(4)
    at = logits[peaks]
    here = F.softplus(-at) * (1 - at.sigmoid()).square()
    # The target is exactly 1 at a peak, so `elsewhere` is 0 there.
    return (elsewhere.sum() + here.sum()) / peaks.sum().clamp(min=1)


def boxes(components: Tensor, sizes: Tensor, offsets: Tensor) -> tuple[Tensor, Tensor]:
    """L1 of log sizes and of sub-cell offsets at the components' own cells.

    Args:
        components: (B, N, 5) as in `draw_heatmaps`.
        sizes: (B, 2 * kinds, h, w) at SIZE_STRIDE.
        offsets: (B, 2, H, W) at HEATMAP_STRIDE.

    Returns:
        The size loss and the offset loss; both zero without components.
    """
    picture, which = torch.nonzero(components[..., 0] >= 0, as_tuple=True)
    if len(picture) == 0:
        zero = sizes.float().sum() * 0
        return zero, offsets.float().sum() * 0
    kind, x, y, width, height = components[picture, which].float().unbind(1)
    cells = offsets.shape[-1]
    fine_x, fine_y = ((v / HEATMAP_STRIDE).clamp(0, cells - 1e-3) for v in (x, y))
    column, row = fine_x.long(), fine_y.long()
    offset = torch.stack([fine_x - column, fine_y - row], 1)
    answered = offsets[picture, :, row, column].float()
    ratio = SIZE_STRIDE // HEATMAP_STRIDE
    channel = 2 * kind.long()
    wanted = (torch.stack([width, height], 1).clamp(min=1) / SIZE_UNIT).log()
    got = torch.stack(
        [sizes[picture, channel + i, row // ratio, column // ratio] for i in (0, 1)], 1
    ).float()
    return (got - wanted).abs().mean(), (answered - offset).abs().mean()


def mask_loss(logits: Tensor, mask: Tensor) -> Tensor:
    """Cross entropy plus dice of the garment mask; (B, 1, H, W) logits, mask in 0..1."""
    logits = logits.float()
    entropy = F.binary_cross_entropy_with_logits(logits, mask)
    probability = logits.sigmoid()
    both = (probability * mask).sum((1, 2, 3))
    all_of_them = probability.sum((1, 2, 3)) + mask.sum((1, 2, 3))
    return entropy + (1 - (2 * both + 1) / (all_of_them + 1)).mean()


def asked_entropy(logits: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
    """Mean cross entropy and share of right answers over the pictures that are asked.

    Args:
        logits: (B, classes).
        truth: (B,) class indices, NOT_ASKED where the picture does not say; 0 and 0 if all are.
    """
    asked = truth != NOT_ASKED
    count = asked.sum().clamp(min=1)
    entropy = F.cross_entropy(logits.float(), truth, ignore_index=NOT_ASKED, reduction="sum")
    right = (logits.detach().argmax(1) == truth) & asked
    return entropy / count, right.sum() / count


def joint_loss(logits: Tensor, joints: Tensor, worn: Tensor) -> Tensor:
    """Focal loss of the joints' heatmaps, on the pictures that somebody is in.

    Args:
        logits: (B, J, h, w) at JOINT_STRIDE.
        joints: (B, J, 2) x and y in pixels, negative where a joint is outside of the picture.
        worn: (B,) bool; the other pictures are not asked.
    """
    chosen = joints[worn].float()
    if len(chosen) == 0:
        return logits.float().sum() * 0
    rows, columns = logits.shape[2:]
    inside = (chosen >= 0).all(2)
    cell = (chosen / JOINT_STRIDE).floor()
    x = torch.arange(columns, device=logits.device, dtype=torch.float32)
    y = torch.arange(rows, device=logits.device, dtype=torch.float32)
    across, down = (
        torch.exp(-((grid - cell[..., i, None]) ** 2) / (2 * _JOINT_SPREAD**2))
        for i, grid in enumerate((x, y))
    )
    target = down[..., :, None] * across[..., None, :] * inside[..., None, None]
    return focal(logits[worn], target, target == 1)


def perception_loss(
    answers: Mapping[str, Tensor],
    labels: Mapping[str, Tensor],
    components: Tensor,
    mask: Tensor,
    size: int,
    joints: Tensor | None = None,
    worn: Tensor | None = None,
) -> dict[str, Tensor]:
    """All the losses of a batch.

    Args:
        answers: what `PerceptionNet.forward` returns.
        labels: (B,) class indices of each attribute, or NOT_ASKED.
        components: (B, N, 5) as in `draw_heatmaps`.
        mask: (B, S, S) in 0..1, the garment.
        size: side of the picture in pixels.
        joints, worn: as in `joint_loss`; without them the joints are not trained.

    Returns:
        "loss" (the sum), its parts, and the share of right answers per attribute.
    """
    heatmaps = answers["heatmaps"]
    target, peaks = draw_heatmaps(components, heatmaps.shape[1], size)
    terms = {"heat": focal(heatmaps, target, peaks)}
    size_loss, offset_loss = boxes(components, answers["sizes"], answers["offsets"])
    terms["box"] = _SIZE_WEIGHT * size_loss + _OFFSET_WEIGHT * offset_loss
    terms["mask"] = mask_loss(answers["mask"], F.avg_pool2d(mask[:, None], HEATMAP_STRIDE))
    judged = {name: asked_entropy(answers[name], truth) for name, truth in labels.items()}
    terms["classes"] = torch.stack([entropy for entropy, _ in judged.values()]).sum()
    if joints is not None and worn is not None:
        terms["joints"] = joint_loss(answers["joints"], joints, worn)
    result = {"loss": torch.stack(list(terms.values())).sum(), **terms}
    result |= {f"{name}_right": right for name, (_, right) in judged.items()}
    return {k: v if k == "loss" else v.detach() for k, v in result.items()}
