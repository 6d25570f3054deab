"""Bring pictures, masks and joints of any shape to one size, all in the same way.

The aspect ratio is kept. “pad” shows the whole picture and fills what is left on two sides with
the colour of the edge there (its median, side by side: a smeared edge would teach stripes). “crop”
fills the size and cuts what stands over, half on each side; that suits people, never garments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.garment.spec import Box

Fit = Literal["pad", "crop"]
FITS: tuple[Fit, ...] = get_args(Fit)


@dataclass(frozen=True)
class Frame:
    """How a picture of (width, height) lies in one of (to_width, to_height).

    Attributes:
        inner: the width and height of the whole picture after scaling.
        left, top: where its corner lies; negative where it is cut.
    """

    to: tuple[int, int]
    inner: tuple[int, int]
    left: int
    top: int

    @classmethod
    def of(cls, width: int, height: int, to: tuple[int, int], fit: Fit) -> Frame:
        """The frame that centres a picture."""
        ratios = to[0] / width, to[1] / height
        scale = min(ratios) if fit == "pad" else max(ratios)
        inner = max(round(width * scale), 1), max(round(height * scale), 1)
        return cls(to, inner, (to[0] - inner[0]) // 2, (to[1] - inner[1]) // 2)

    def picture(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """uint8 (H, W, 3) to (to_height, to_width, 3)."""
        smaller = self.inner[0] < pixels.shape[1]
        how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
        scaled = np.asarray(cv2.resize(pixels, self.inner, interpolation=how), np.uint8)
        out = np.empty((self.to[1], self.to[0], 3), np.uint8)
        right, bottom = self.left + self.inner[0], self.top + self.inner[1]
        # Only two sides are ever left over, so the order of the four does not matter.
        for region, edge in (
            (np.s_[: max(self.top, 0)], scaled[0]),
            (np.s_[max(bottom, 0) :], scaled[-1]),
            (np.s_[:, : max(self.left, 0)], scaled[:, 0]),
            (np.s_[:, max(right, 0) :], scaled[:, -1]),
        ):
            out[region] = np.median(edge, axis=0).round()
        self._place(out, scaled)
        return out

    def mask(self, mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """uint8 (H, W) of 0 and 255, of the picture's shape or scaled from it; outside is 0."""
        scaled = cv2.resize(mask, self.inner, interpolation=cv2.INTER_AREA)
        out = np.zeros((self.to[1], self.to[0]), np.uint8)
        self._place(out, np.where(scaled > 127, 255, 0).astype(np.uint8))
        return out

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A place in 0..1 of the picture, in 0..1 of the frame; cut places lie outside 0..1."""
        return (
            (x * self.inner[0] + self.left) / self.to[0],
            (y * self.inner[1] + self.top) / self.to[1],
        )

    def joints(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """(17, 3) joints; what is cut off is no longer seen."""
        out = np.zeros_like(points)
        for i, (x, y, seen) in enumerate(points):
            across, down = self.point(float(x), float(y))
            if seen and 0 <= across <= 1 and 0 <= down <= 1:
                out[i] = across, down, seen
        return out

    def box(self, box: Box) -> Box | None:
        """A box, cut to the frame; None where less than half of it is left."""
        left, top = self.point(box[0], box[1])
        right, bottom = self.point(box[2], box[3])
        cut = (max(left, 0.0), max(top, 0.0), min(right, 1.0), min(bottom, 1.0))
        area = max(cut[2] - cut[0], 0.0) * max(cut[3] - cut[1], 0.0)
        return cut if area >= 0.5 * (right - left) * (bottom - top) > 0 else None

    def _place(self, out: NDArray[np.uint8], scaled: NDArray[np.uint8]) -> None:
        x, y = max(self.left, 0), max(self.top, 0)
        from_x, from_y = max(-self.left, 0), max(-self.top, 0)
        seen = scaled[from_y : from_y + self.to[1], from_x : from_x + self.to[0]]
        out[y : y + seen.shape[0], x : x + seen.shape[1]] = seen
