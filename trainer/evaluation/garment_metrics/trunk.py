"""Patch distance in the form of LPIPS, on the trunk of the bundled perception network.

Zhang et al. 2018 (arXiv 1801.03924), equation 1, without the learned channel weights: features
brought to unit length along the channels, squared differences summed over them, averaged over
places and layers.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from studio.vision.network import PerceptionNet

_FOLD = 4
_BATCH = 256


class TrunkDistance:
    """LPIPS' form on perception's features at strides 4, 8 and 16; 0 for equal patches."""

    name = "the bundled perception's trunk (LPIPS form, no learned weights)"

    def __init__(self, net: PerceptionNet):
        self.net = net.eval()

    @torch.inference_mode()
    def distances(self, one: NDArray[np.uint8], other: NDArray[np.uint8]) -> Tensor:
        """(n,) float32 for patches (n, S, S, 3) in pairs."""
        parts = [torch.zeros(0)]
        for start in range(0, len(one), _BATCH):
            pair = (self._layers(p[start : start + _BATCH]) for p in (one, other))
            layers = [
                (F.normalize(a, dim=1) - F.normalize(b, dim=1)).square().sum(1).mean((1, 2))
                for a, b in zip(*pair, strict=True)
            ]
            parts.append(torch.stack(layers).mean(0).cpu())
        return torch.cat(parts)

    def _layers(self, patches: NDArray[np.uint8]) -> list[Tensor]:
        device = next(self.net.parameters()).device
        x = torch.from_numpy(patches).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1
        # The trunk folds four pixels into one; the edge is repeated up to the next multiple.
        more = -x.shape[-1] % _FOLD
        x = F.pad(x, (0, more, 0, more), mode="replicate")
        c4 = self.net.stage4(F.pixel_unshuffle(x, _FOLD))
        c8 = self.net.stage8(c4)
        return [c4, c8, self.net.stage16(c8)]
