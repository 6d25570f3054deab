"""The wardrobe's figures by person, and their faces as a face encoder is to see them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.garment.spec import Box, PictureSpec
from studio.vision.face import face_crop
from trainer.data.augment import augment
from trainer.data.shards import Shards

Who = tuple[str, str, str, str]
"""Person, skin, hair, hair style: the description by which a person is the same one."""


def who(spec: PictureSpec) -> Who | None:
    """The person of a picture, None where nobody is in it."""
    person = spec.scene.person
    return None if person is None else (person.person, person.skin, person.hair, person.hair_style)


def face_boxes(shards: Shards) -> list[Box | None]:
    """Each picture's face box in 0..1, None where no face is in it."""
    found = (record.get("face_box") for record in shards.records)
    return [None if box is None else (box[0], box[1], box[2], box[3]) for box in found]


def changed_crop(
    picture: NDArray[np.uint8], box: Box, size: int, coarse_part: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A face's crop with its box a little off, perhaps coarser as generated faces are.

    Args:
        picture: uint8 (S, S, 3).
        size: side of the crop in pixels.
        coarse_part: how probably it is seen at a lower resolution.
    """
    width, height = box[2] - box[0], box[3] - box[1]
    scale = rng.uniform(0.85, 1.2) / 2
    x = (box[0] + box[2]) / 2 + rng.uniform(-0.1, 0.1) * width
    y = (box[1] + box[3]) / 2 + rng.uniform(-0.1, 0.1) * height
    near = (x - width * scale, y - height * scale, x + width * scale, y + height * scale)
    crop = face_crop(picture, near, size)
    if rng.random() < coarse_part:
        small = int(rng.integers(size // 4, size))
        coarse = cv2.resize(crop, (small, small), interpolation=cv2.INTER_AREA)
        crop = cv2.resize(coarse, (size, size), interpolation=cv2.INTER_LINEAR).astype(np.uint8)
    no_mask, no_components = np.zeros((1, 1), np.uint8), np.full((1, 5), -1, np.float32)
    return augment(crop, no_mask, no_components, rng).picture
