"""What is around the garment: the place, the wearer, and where the wearer's joints are.

The garment's own questions are answered from under its mask; these are answered from everywhere
else too, because a face and a park lie outside of it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.garment.vocabulary import GROUNDS, PERSON_FIELDS

FLAT = "flat lay"
SCENE_ATTRIBUTES: dict[str, tuple[str, ...]] = {"scene": (FLAT, *GROUNDS)} | PERSON_FIELDS
"""Questions about the place and the wearer, with their answers in class order.

A scene is a flat lay on whatever ground, or the ground behind a wearer. The other questions have
an answer only where somebody wears the garment.
"""

FACE_ATTRIBUTES: tuple[str, ...] = ("person", "hair", "hair_style")
"""Asked only where a face is seen."""

JOINT_STRIDE = 4
_GRID, _PALETTE = 4, 32
_HEAD_JOINTS = 5  # nose, eyes and ears: the first of the COCO joints


class Surroundings(nn.Module):
    """Answers about place and wearer from the trunk's features.

    Args:
        neck, coarse: channels at strides 4 and 16.
        cells: side of the stride-16 map.
        maps: pooling maps at each of the two strides.
        hidden: width before the answers.
        attributes: the questions and their answers.
        joints: how many joints have a heatmap; 0 for none.
        face: width of the look at the wearer's head, which needs the joints; 0 for none.
    """

    def __init__(
        self,
        neck: int,
        coarse: int,
        cells: int,
        maps: int,
        hidden: int,
        attributes: dict[str, tuple[str, ...]],
        joints: int,
        face: int = 0,
    ):
        super().__init__()
        self.palette = nn.Sequential(
            nn.Conv2d(3, 24, 1), nn.ReLU(), nn.Conv2d(24, _PALETTE, 1), nn.ReLU()
        )
        self.look4 = nn.Conv2d(neck, maps, 1)
        self.look16 = nn.Conv2d(coarse, maps, 1)
        self.joints = nn.Conv2d(neck, joints, 1) if joints else None
        if self.joints is not None:
            # As for the components' heatmaps: a probability of 1% everywhere to start with.
            assert self.joints.bias is not None
            nn.init.constant_(self.joints.bias, -4.6)
        found = maps * _PALETTE
        pooled = found + maps * (neck + coarse) + _PALETTE * _GRID**2 + cells**2 + 3 * joints
        self.hidden = nn.Sequential(nn.LayerNorm(pooled), nn.Linear(pooled, hidden), nn.ReLU())
        self.classes = nn.ModuleDict(
            {name: nn.Linear(hidden + found, len(names)) for name, names in attributes.items()}
        )
        self.face = None
        if face and joints:
            seen = _HEAD_JOINTS * (neck + _PALETTE)
            self.face = nn.Sequential(nn.LayerNorm(seen), nn.Linear(seen, face), nn.ReLU())
            self.faces = nn.ModuleDict(
                {
                    name: nn.Linear(face, len(attributes[name]))
                    for name in (*FACE_ATTRIBUTES, "skin")
                }
            )
            # A network that goes on from earlier weights answers as these do at first.
            for parameter in self.faces.parameters():
                nn.init.zeros_(parameter)

    def forward(
        self, small: Tensor, p4: Tensor, dense: Tensor, c16: Tensor, garment: Tensor
    ) -> dict[str, Tensor]:
        """Answer for a batch of pictures of S pixels.

        Args:
            small: (B, 3, S/4, S/4) the pictures in [-1, 1], averaged.
            p4, dense: (B, neck, S/4, S/4) features.
            c16: (B, coarse, S/16, S/16) features.
            garment: (B, 1, S/4, S/4) the garment's mask in 0..1.

        Returns:
            Logits (B, classes) of each question, and "joints" (B, J, S/4, S/4) logits if the
            module has them.
        """
        colours = self.palette(small)
        at4 = self.look4(p4).float().flatten(2).softmax(2)
        at16 = self.look16(c16).float().flatten(2).softmax(2)
        found = torch.einsum("bkn,bcn->bkc", at4, colours.float().flatten(2)).flatten(1)
        bare = (1 - garment) * colours.float()
        parts = [
            found,
            torch.einsum("bkn,bcn->bkc", at4, p4.float().flatten(2)).flatten(1),
            torch.einsum("bkn,bcn->bkc", at16, c16.float().flatten(2)).flatten(1),
            F.adaptive_avg_pool2d(bare, _GRID).flatten(1),
            F.avg_pool2d(garment, 4).flatten(1),
        ]
        result: dict[str, Tensor] = {}
        if self.joints is not None:
            with torch.autocast(dense.device.type, enabled=False):
                heat = self.joints(dense.to(self.joints.weight.dtype))
            result["joints"] = heat
            parts.append(_where(heat.detach()))
        hidden = torch.cat([self.hidden(torch.cat(parts, 1)), found], 1)
        result |= {name: head(hidden) for name, head in self.classes.items()}
        if self.face is not None:
            face = self.face(_at_head(result["joints"].detach(), p4, colours))
            result |= {name: result[name] + head(face) for name, head in self.faces.items()}
        return result


def _at_head(heat: Tensor, p4: Tensor, colours: Tensor) -> Tensor:
    """(B, 5 * C): means of features and colours where each of the head's joints is looked for.

    A head is a dozen pixels wide in a picture of a whole person; attention that has to find it
    by itself does not learn the colour of its hair.
    """
    weight = heat[:, :_HEAD_JOINTS].float().flatten(2).softmax(2)
    features = torch.cat([p4.float(), colours.float()], 1).flatten(2)
    return torch.einsum("bkn,bcn->bkc", weight, features).flatten(1)


def _where(heat: Tensor) -> Tensor:
    """(B, 3J): how sure each joint is, and its expected place times that, in -1..1."""
    heat = heat.float()
    rows, columns = heat.shape[2:]
    weight = heat.flatten(2).softmax(2).view_as(heat)
    sure = heat.sigmoid().amax((2, 3))
    x = torch.linspace(-1, 1, columns, device=heat.device)
    y = torch.linspace(-1, 1, rows, device=heat.device)
    across, down = (weight.sum(2) * x).sum(2), (weight.sum(3) * y).sum(2)
    return torch.cat([sure, sure * across, sure * down], 1)


def decode_joints(heat: Tensor) -> Tensor:
    """(B, J, 3) places in 0..1 of the square and scores of (B, J, h, w) logits.

    The peak's place is the mean of the cells around it, weighted by their probability.
    """
    probability = heat.float().sigmoid()
    _, _, rows, columns = probability.shape
    score, index = probability.flatten(2).max(2)
    row, column = index // columns, index % columns
    near_y = (torch.arange(rows, device=heat.device) - row[..., None]).abs() <= 2
    near_x = (torch.arange(columns, device=heat.device) - column[..., None]).abs() <= 2
    weight = probability * near_y[..., :, None] * near_x[..., None, :]
    total = weight.sum((2, 3)).clamp(min=1e-9)
    middle_x = torch.arange(columns, device=heat.device) + 0.5
    middle_y = torch.arange(rows, device=heat.device) + 0.5
    x = (weight.sum(2) * middle_x).sum(2) / total / columns
    y = (weight.sum(3) * middle_y).sum(2) / total / rows
    return torch.stack([x, y, score], 2)
