"""The published cloth parser: U²-Net (Qin et al. 2020, arXiv 2005.09007), four classes of cloth.

The network's parts have the names of the published weights, so that those load as they are.
Written from the paper's figures 2 and 5 and its table of channels.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from studio.checkpoints.reading import read_weights
from studio.errors import ModelDamaged

CLASSES: tuple[str, ...] = ("ground", "upper", "lower", "dress")
"""What each number of a class map stands for."""

_SIDE = 768
_STAGES: dict[str, tuple[int, int, int, int]] = {
    # Depth (0: dilated instead of pooled), channels in, in the middle, out.
    "stage1": (7, 3, 32, 64),
    "stage2": (6, 64, 32, 128),
    "stage3": (5, 128, 64, 256),
    "stage4": (4, 256, 128, 512),
    "stage5": (0, 512, 256, 512),
    "stage6": (0, 512, 256, 512),
    "stage5d": (0, 1024, 256, 512),
    "stage4d": (4, 1024, 128, 256),
    "stage3d": (5, 512, 64, 128),
    "stage2d": (6, 256, 32, 64),
    "stage1d": (7, 128, 16, 64),
}
_SIDES = (64, 64, 128, 256, 512, 512)


class _Unit(nn.Module):
    """3x3 convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, dilation: int = 1):
        super().__init__()
        self.conv_s1 = nn.Conv2d(inputs, outputs, 3, padding=dilation, dilation=dilation)
        self.bn_s1 = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn_s1(self.conv_s1(x)), inplace=True)


class _Block(nn.Module):
    """A residual U-block: a small U-Net of units beside a skip.

    Args:
        depth: units on the way down; 0 for the shallow kind, which widens its convolutions
            instead of pooling.
    """

    def __init__(self, depth: int, inputs: int, middle: int, outputs: int):
        super().__init__()
        self.pooled = depth > 0
        self.depth = depth = depth or 4
        self.rebnconvin = _Unit(inputs, outputs)
        for i in range(1, depth + 1):
            dilation = (2 if i == depth else 1) if self.pooled else 2 ** (i - 1)
            setattr(self, f"rebnconv{i}", _Unit(outputs if i == 1 else middle, middle, dilation))
        for i in range(depth - 1, 0, -1):
            dilation = 1 if self.pooled else 2 ** (i - 1)
            last = outputs if i == 1 else middle
            setattr(self, f"rebnconv{i}d", _Unit(2 * middle, last, dilation))

    def forward(self, x: Tensor) -> Tensor:
        start = self.rebnconvin(x)
        way: list[Tensor] = []
        at = start
        for i in range(1, self.depth + 1):
            # The last unit, at the bottom, is widened instead of pooled.
            if self.pooled and 1 < i < self.depth:
                at = F.max_pool2d(at, 2, 2, ceil_mode=True)
            at = getattr(self, f"rebnconv{i}")(at)
            way.append(at)
        for i in range(self.depth - 1, 0, -1):
            beside = way[i - 1]
            at = getattr(self, f"rebnconv{i}d")(torch.cat([_like(at, beside), beside], 1))
        return at + start


def _like(x: Tensor, other: Tensor) -> Tensor:
    """Brought to another map's size."""
    if x.shape[2:] == other.shape[2:]:
        return x
    return F.interpolate(x, other.shape[2:], mode="bilinear", align_corners=False)


class U2Net(nn.Module):
    """The full network: 3 channels in, `classes` out; 44 M parameters with four."""

    def __init__(self, classes: int = len(CLASSES)):
        super().__init__()
        for name, shape in _STAGES.items():
            setattr(self, name, _Block(*shape))
        for i, channels in enumerate(_SIDES, 1):
            setattr(self, f"side{i}", nn.Conv2d(channels, classes, 3, padding=1))
        self.outconv = nn.Conv2d(classes * len(_SIDES), classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) to the fused logits (B, classes, H, W)."""
        way: list[Tensor] = []
        at = x
        for i in range(1, 7):
            if i > 1:
                at = F.max_pool2d(at, 2, 2, ceil_mode=True)
            at = getattr(self, f"stage{i}")(at)
            way.append(at)
        told = [way[5]]
        for i in range(5, 0, -1):
            beside = way[i - 1]
            at = getattr(self, f"stage{i}d")(torch.cat([_like(at, beside), beside], 1))
            told.insert(0, at)
        maps = [getattr(self, f"side{i}")(features) for i, features in enumerate(told, 1)]
        return self.outconv(torch.cat([_like(m, maps[0]) for m in maps], 1))


class ClothParser:
    """Says for every pixel which class of cloth it shows."""

    def __init__(self, net: U2Net, device: torch.device | str = "cpu"):
        self.device = torch.device(device)
        self.net = net.to(self.device).eval()

    @classmethod
    def load(cls, path: Path, device: torch.device | str = "cpu") -> ClothParser:
        """Read the published weights (`cloth_segm.pth`, or the same as safetensors).

        Raises:
            ModelMissing: the file is not there.
            ModelDamaged: it cannot be read, or holds another network's weights.
        """
        weights = read_weights(path)
        with torch.device("meta"):
            net = U2Net()
        try:
            net.load_state_dict(weights, assign=True)
        except RuntimeError as error:
            reason = str(error).splitlines()[1].strip() if "\n" in str(error) else str(error)
            raise ModelDamaged(
                f"{path.name} is not a U²-Net cloth parser ({reason[:120]}); give the published "
                "cloth_segm.pth."
            ) from error
        return cls(net.float(), device)

    @torch.inference_mode()
    def parse(self, picture: Image.Image) -> NDArray[np.uint8]:
        """(H, W) uint8 class map at the picture's own size.

        The picture is stretched to 768 × 768 as the weights were trained; the map is brought
        back class by class before the largest is taken, so edges stay smooth.
        """
        square = picture.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
        x = torch.from_numpy(np.array(square)).permute(2, 0, 1)[None].float().div(255)
        logits = self.net(((x - 0.5) / 0.5).to(self.device))
        size = (picture.height, picture.width)
        likely = F.interpolate(logits.softmax(1), size, mode="bilinear", align_corners=False)
        return likely.argmax(1)[0].byte().cpu().numpy()
