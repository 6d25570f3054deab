"""Outlines to train the judge of outlines on: the wardrobe's, and those of what is no single
garment; each cut anew, turned, mirrored, and flawed as masks of photographs are."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.garment.landmarks import flat_landmarks
from studio.garment.pattern import draw, fit_to_picture
from studio.garment.vocabulary import GARMENTS, SLEEVES
from studio.vision.certainty import form_of
from studio.vision.outline import FORMS, SIDE, STRANGE, outline_of
from trainer.command import Say
from trainer.data.degraded import Mask, recut_mask
from trainer.data.render import paint_mask
from trainer.data.strangers import KINDS
from trainer.data.wardrobe import sample_garment

FIRST = 2_000_000_000
"""Seeds from here on; the degraded renders have others."""

_STREAM, _SIZE, _CUTS, _LEAST = 9, 256, 3, 50
CLASSES = (*FORMS, *STRANGE)
WORDS = tuple(SLEEVES)


@dataclass(frozen=True)
class Outlines:
    """Many of them.

    Attributes:
        pictures: (N, SIDE, SIDE) float16 in 0..1.
        classes: (N,) numbers in `CLASSES`. sleeves: (N,) numbers in `WORDS`, -1 for none.
    """

    pictures: NDArray[np.float16]
    classes: NDArray[np.int64]
    sleeves: NDArray[np.int64]


def class_of(name: str) -> int:
    """The class of a garment's type, or of what else something is."""
    if name in GARMENTS:
        return CLASSES.index(form_of(GARMENTS[name]))
    return CLASSES.index(name if name in STRANGE else STRANGE[0])


def drawn_outlines(count: int, say: Say) -> Outlines:
    """The outlines of `count` things, each cut several times."""
    pictures: list[NDArray[np.float32]] = []
    classes: list[int] = []
    sleeves: list[int] = []
    for i in range(count):
        rng = np.random.default_rng((_STREAM, FIRST + i))
        name, word, mask = _thing(i, rng)
        for _ in range(_CUTS):
            cut = _flawed(recut_mask(mask, rng), rng)
            if (cut > 127).sum() < _LEAST:
                continue
            pictures.append(outline_of(cut))
            classes.append(class_of(name))
            sleeves.append(WORDS.index(word) if word in WORDS else -1)
        if (i + 1) % 500 == 0:
            say(f"drawn {i + 1} of {count} outlines")
    stack = np.stack(pictures).astype(np.float16) if pictures else np.zeros((0, SIDE, SIDE))
    return Outlines(stack.astype(np.float16), np.array(classes), np.array(sleeves))


def _thing(i: int, rng: np.random.Generator) -> tuple[str, str, Mask]:
    """Three garments and one stranger in turn: its name, its sleeves, its mask."""
    if i % 4 == 3:
        name = list(KINDS)[int(rng.integers(len(KINDS)))]
        return name, "", KINDS[name](rng, FIRST + i)[1]
    spec = sample_garment(rng)
    spread = rng.uniform(10, 30) if spec.sleeves == "long" else rng.uniform(15, 50)
    drawing = draw(spec, flat_landmarks(float(spread)), rng)
    scale, shift = fit_to_picture(drawing.bounds(), 0.07, 1.4 / _SIZE)
    return spec.garment, spec.sleeves, paint_mask(drawing, scale, shift, _SIZE)


def _flawed(mask: Mask, rng: np.random.Generator) -> Mask:
    """A little too small or large, bitten where the ground came in, with a hanger's hook."""
    wide = int(rng.integers(1, 4))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide))
    flawed = cv2.erode(mask, kernel) if rng.random() < 0.5 else cv2.dilate(mask, kernel)
    rows, columns = np.nonzero(flawed > 127)
    if len(rows) and rng.random() < 0.3:
        edges = np.argwhere(cv2.Canny(flawed, 50, 150) > 0)
        for _ in range(int(rng.integers(1, 4)) if len(edges) else 0):
            row, column = map(int, edges[int(rng.integers(len(edges)))])
            axes = tuple(map(int, rng.integers(3, 20, 2)))
            cv2.ellipse(flawed, (column, row), axes, float(rng.uniform(0, 180)), 0, 360, 0, -1)
    if len(rows) and rng.random() < 0.25:
        top, middle = int(rows.min()), int(np.median(columns))
        cv2.line(flawed, (middle, top + 4), (middle, top - 12), 255, 2)
    return flawed.astype(np.uint8)
