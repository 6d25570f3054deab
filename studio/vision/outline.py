"""What kind of garment an outline is: a small network that looks at nothing but the silhouette.

Photographs have other cloth, light and folds than drawings, their outlines are much alike. It is
trained on the drawn wardrobe's outlines, cut anew, turned and flawed, and on outlines of what is
no single garment; `trainer.evaluation.certainty` makes it and says how sure one may be of it.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.garment.vocabulary import GARMENTS, SLEEVES

SIDE = 48
FORMS: tuple[str, ...] = (
    "top", *(name for name, kind in GARMENTS.items() if kind.region != "upper"),
)  # fmt: skip
"""What an outline can tell apart: everything for the upper body is one form."""

STRANGE: tuple[str, ...] = ("something else", "two garments", "worn by somebody")
"""What is no single garment: hats, bags, shoes, swimwear; several pieces; a photo of a wearer."""

_SLEEVES = tuple(SLEEVES)


class OutlineNet(nn.Module):
    """Silhouettes (N, 1, SIDE, SIDE) in 0..1 to logits: (N, forms and strange), (N, sleeves)."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 12, 5, 2, 2), nn.GELU(),
            nn.Conv2d(12, 24, 3, 2, 1), nn.GELU(),
            nn.Conv2d(24, 40, 3, 2, 1), nn.GELU(),
            nn.AdaptiveAvgPool2d((3, 3)), nn.Flatten(), nn.Dropout(0.2),
            nn.Linear(360, 48), nn.GELU(),
            nn.Linear(48, len(FORMS) + len(STRANGE) + len(_SLEEVES)),
        )  # fmt: skip

    def forward(self, outlines: Tensor) -> tuple[Tensor, Tensor]:
        """The logits of forms and sleeves."""
        out = self.layers(outlines)
        kinds = len(FORMS) + len(STRANGE)
        return out[:, :kinds], out[:, kinds:]


def outline_of(mask: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A mask (H, W), above 127 on the thing, cut to its bounds in the middle of a square."""
    there = mask > 127
    x, y, width, height = cv2.boundingRect(there.astype(np.uint8))
    side = max(height, width, 1)
    square = np.zeros((side, side), np.float32)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = there[y : y + height, x : x + width]
    return cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)


@torch.no_grad()
def read_outline(
    net: OutlineNet, mask: NDArray[np.uint8]
) -> tuple[dict[str, float], dict[str, float]]:
    """Probabilities of forms and of sleeves, the mean of the outline and its mirror image."""
    outline = torch.from_numpy(outline_of(mask))[None, None]
    forms, sleeves = net(torch.cat([outline, outline.flip(3)]))
    shares = [
        logits.float().log_softmax(1).mean(0).softmax(0).tolist() for logits in (forms, sleeves)
    ]
    names = (*FORMS, *STRANGE), _SLEEVES
    form, sleeve = (dict(zip(n, s, strict=True)) for n, s in zip(names, shares, strict=True))
    return form, sleeve
