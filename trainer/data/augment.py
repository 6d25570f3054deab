"""Light changes of a training picture that keep every word about it true.

No change of hue, because the colour is asked for; no mirror image, because left and right are.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

_MOVED, _BLURRED, _NOISY, _COMPRESSED, _DIMMED = 0.6, 0.2, 0.25, 0.2, 0.3


@dataclass(frozen=True)
class Example:
    """A picture uint8 (S, S, 3), its mask uint8 (S, S), its components float32 (N, 5) in pixels."""

    picture: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    components: NDArray[np.float32]


def moved(
    picture: NDArray[np.uint8],
    mask: NDArray[np.uint8],
    components: NDArray[np.float32],
    scale: float,
    shift: tuple[float, float],
) -> Example:
    """Scale about the middle and shift, the boxes with the picture.

    Args:
        components: (N, 5) kind, centre x, centre y, width, height in pixels; kind -1 is none.
            Those whose centre leaves the picture are dropped.
        scale: 1 keeps the size.
        shift: right and down, in pixels.
    """
    size = picture.shape[0]
    middle = size / 2
    offset = [middle * (1 - scale) + shift[0], middle * (1 - scale) + shift[1]]
    # Pixel i covers i to i + 1, while warpAffine's coordinates are pixel centres.
    half = 0.5 * (scale - 1)
    matrix = np.array([[scale, 0, offset[0] + half], [0, scale, offset[1] + half]])
    picture = cv2.warpAffine(
        picture, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8)
    mask = cv2.warpAffine(mask, matrix, (size, size), flags=cv2.INTER_LINEAR).astype(np.uint8)
    table = components.copy()
    there = table[:, 0] >= 0
    table[there, 1:3] = table[there, 1:3] * scale + offset
    table[there, 3:5] *= scale
    inside = ((table[:, 1:3] >= 0) & (table[:, 1:3] < size)).all(1)
    table[there & ~inside] = -1
    return Example(picture, mask, table)


def augment(
    picture: NDArray[np.uint8],
    mask: NDArray[np.uint8],
    components: NDArray[np.float32],
    rng: np.random.Generator,
) -> Example:
    """Perhaps move, blur, dim, add noise, compress; arguments as in `moved`."""
    example = Example(np.asarray(picture), mask, components)
    size = picture.shape[0]
    if rng.random() < _MOVED:
        shift = rng.uniform(-0.05, 0.05, 2) * size
        scale = float(rng.uniform(0.88, 1.1))
        example = moved(
            example.picture, mask, components, scale, (float(shift[0]), float(shift[1]))
        )
    changed = example.picture
    if rng.random() < _BLURRED:
        changed = cv2.GaussianBlur(changed, (0, 0), float(rng.uniform(0.3, 1.0)))
    if rng.random() < _DIMMED:
        changed = cv2.convertScaleAbs(changed, alpha=float(rng.uniform(0.94, 1.04)))
    if rng.random() < _NOISY:
        noise = np.empty(changed.shape, np.int16)
        cv2.setRNGSeed(int(rng.integers(2**31)))
        cv2.randn(noise, 0, float(rng.uniform(1, 5)))  # type: ignore[call-overload]
        changed = np.clip(changed.astype(np.int16) + noise, 0, 255).astype(np.uint8)
    if rng.random() < _COMPRESSED:
        changed = compressed(changed, int(rng.integers(40, 92)))
    return Example(changed.astype(np.uint8), example.mask, example.components)


def compressed(picture: MatLike, quality: int) -> NDArray[np.uint8]:
    """The picture after JPEG; red and blue change places twice, so their order does not matter."""
    _, code = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(code, cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded.astype(np.uint8)
