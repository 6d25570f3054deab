"""What people give as a garment and is none that Toile knows: hats, shoes, bags, swimwear, scarves,
two garments at once, somebody who wears them; drawn, and degraded as garments are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from studio.garment.spec import PictureSpec
from studio.garment.vocabulary import GARMENTS
from studio.vision import silhouette
from trainer.data.degraded import SIDE, Degraded, Mask, Picture, photographed
from trainer.data.wardrobe import render, sample_flat_scene, sample_garment, sample_worn_scene

_STREAM = 6
Points = list[tuple[float, float]]


def stranger(seed: int) -> Degraded:
    """Something that is no single garment of the vocabulary, degraded."""
    rng = np.random.default_rng((_STREAM, seed))
    name = list(KINDS)[int(rng.integers(len(KINDS)))]
    picture, mask = KINDS[name](rng, seed)
    return photographed(picture, mask, None, name, rng)


def _cloth(mask: Mask, rng: np.random.Generator) -> Picture:
    """A plain, shaded cloth where a mask is."""
    colour = rng.uniform(15, 245, 3)
    shade = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    shade = 0.75 + 0.25 * np.clip(shade / 14, 0, 1)
    folds = cv2.GaussianBlur(rng.normal(0, 1, mask.shape).astype(np.float32), (0, 0), 9)
    gain = shade * (1 + 0.07 * folds / max(float(folds.std()), 1e-6))
    return np.clip(colour * gain[..., None], 0, 255).astype(np.uint8)


def _shape(
    *outlines: Points, ellipses: list[tuple[float, float, float, float]] | None = None
) -> Mask:
    """Outlines with rounded corners, and ellipses (centre, radii); all in 0..1 of the side."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for outline in outlines:
        cv2.fillPoly(mask, [np.round(np.array(outline) * SIDE).astype(np.int32)], 255)
    for x, y, wide, tall in ellipses or ():
        centre, radii = (round(x * SIDE), round(y * SIDE)), (round(wide * SIDE), round(tall * SIDE))
        cv2.ellipse(mask, centre, radii, 0, 0, 360, 255, -1)
    soft = cv2.GaussianBlur(mask, (0, 0), 3)
    return np.where(soft > 127, 255, 0).astype(np.uint8)


def _mirrored(half: Points) -> Points:
    return [*half, *((1 - x, y) for x, y in reversed(half))]


def _hat(rng: np.random.Generator, _: int) -> tuple[Picture, Mask]:
    crown, tall = float(rng.uniform(0.14, 0.24)), float(rng.uniform(0.12, 0.26))
    if rng.random() < 0.4:  # a cap or a beanie
        peak = float(rng.uniform(0.02, 0.3))
        mask = _shape(
            [(0.5 - crown, 0.5), (0.5 + crown + peak, 0.5), (0.5 + crown + peak, 0.56),
             (0.5 - crown, 0.56)],
            ellipses=[(0.5, 0.5, crown, tall)],
        )  # fmt: skip
    else:
        brim, thick = float(rng.uniform(0.3, 0.46)), float(rng.uniform(0.03, 0.12))
        mask = _shape(
            _mirrored([(0.5 - crown, 0.55), (0.5 - crown * 0.85, 0.55 - tall * 1.3)]),
            ellipses=[(0.5, 0.55, brim, thick), (0.5, 0.55 - tall * 1.3, crown * 0.85, 0.05)],
        )
    return _cloth(mask, rng), mask


def _shoes(rng: np.random.Generator, _: int) -> tuple[Picture, Mask]:
    tall, long = float(rng.uniform(0.1, 0.4)), float(rng.uniform(0.3, 0.42))

    def shoe(x: float, y: float) -> Points:
        return [(x, y), (x, y - tall), (x + 0.13, y - tall), (x + 0.16, y - 0.09),
                (x + long, y - 0.06), (x + long, y)]  # fmt: skip

    if rng.random() < 0.5:
        mask = _shape(shoe(0.08, 0.55), shoe(0.52, 0.6))
    elif rng.random() < 0.5:  # from above
        mask = _shape(ellipses=[(0.35, 0.5, 0.1, 0.3), (0.63, 0.5, 0.1, 0.3)])
    else:
        mask = _shape(shoe(0.3, 0.6))
    return _cloth(mask, rng), mask


def _bag(rng: np.random.Generator, _: int) -> tuple[Picture, Mask]:
    wide, tall = float(rng.uniform(0.2, 0.36)), float(rng.uniform(0.24, 0.5))
    body = _shape([(0.5 - wide, 0.4), (0.5 + wide, 0.4), (0.5 + wide, 0.4 + tall),
                   (0.5 - wide, 0.4 + tall)])  # fmt: skip
    centre, radii = (SIDE // 2, round(0.4 * SIDE)), (round(wide * 0.6 * SIDE), round(0.28 * SIDE))
    cv2.ellipse(body, centre, radii, 0, 180, 360, 255, int(rng.integers(4, 10)))
    return _cloth(body, rng), body


def _swimsuit(rng: np.random.Generator, _: int) -> tuple[Picture, Mask]:
    top, waist = float(rng.uniform(0.12, 0.2)), float(rng.uniform(0.09, 0.15))
    hip, leg = float(rng.uniform(0.16, 0.22)), float(rng.uniform(0.03, 0.06))
    half = [(0.5 - top + 0.04, 0.06), (0.5 - top, 0.3), (0.5 - waist, 0.48), (0.5 - hip, 0.64),
            (0.5 - leg, 0.86)]  # fmt: skip
    mask = _shape(_mirrored(half))
    neck = float(rng.uniform(0.05, 0.1))
    cv2.ellipse(mask, (SIDE // 2, round(0.06 * SIDE)), (round(neck * SIDE), round(0.17 * SIDE)), 0,
                0, 360, 0, -1)  # fmt: skip
    return _cloth(mask, rng), mask


def _bikini(rng: np.random.Generator, _: int) -> tuple[Picture, Mask]:
    cup, wide = float(rng.uniform(0.08, 0.12)), float(rng.uniform(0.14, 0.2))
    mask = _shape(
        [(0.5 - wide, 0.58), (0.5 + wide, 0.58), (0.55, 0.8), (0.45, 0.8)],
        [(0.5 - 2.1 * cup, 0.38), (0.5 + 2.1 * cup, 0.38), (0.5 + 2.1 * cup, 0.42),
         (0.5 - 2.1 * cup, 0.42)],
        ellipses=[(0.5 - cup, 0.35, cup, 0.09), (0.5 + cup, 0.35, cup, 0.09)],
    )  # fmt: skip
    return _cloth(mask, rng), mask


def _scarf(rng: np.random.Generator, _: int) -> tuple[Picture, Mask]:
    wide, lean = float(rng.uniform(0.04, 0.13)), float(rng.uniform(-0.15, 0.15))
    mask = _shape([(0.5 - wide, 0.05), (0.5 + wide, 0.05), (0.5 + wide + lean, 0.95),
                   (0.5 - wide + lean, 0.95)])  # fmt: skip
    return _cloth(mask, rng), mask


def _thing(rng: np.random.Generator, _: int) -> tuple[Picture, Mask]:
    """A heap, a bottle, a box: no cloth at all."""
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    reach = np.full(24, 0.25)
    for wave in range(2, 6):
        reach += rng.normal(0, 0.12 / wave) * np.cos(wave * turn + rng.uniform(0, 6))
    reach = np.clip(reach, 0.06, 0.45)
    wide = float(rng.uniform(0.5, 1.0))
    outline = [
        (0.5 + wide * float(r * np.cos(a)), 0.5 + float(r * np.sin(a)))
        for r, a in zip(reach, turn, strict=True)
    ]
    mask = _shape(outline)
    return _cloth(mask, rng), mask


def _worn(rng: np.random.Generator, seed: int) -> tuple[Picture, Mask]:
    """Somebody who wears a garment: all of the figure, as it stands out from its ground."""
    scene = replace(sample_worn_scene(rng), ground="white")
    drawn = render(PictureSpec(sample_garment(rng), scene), seed, SIDE)
    figure = silhouette.plain_figure(silhouette.read_ground(drawn.picture))
    mask = drawn.garment_mask if figure is None else np.where(figure, 255, 0).astype(np.uint8)
    return drawn.picture, mask


def _piece(region: str, rng: np.random.Generator, seed: int) -> tuple[Picture, Mask]:
    """A garment of a region, cut to its bounds."""
    spec = sample_garment(rng)
    while GARMENTS[spec.garment].region != region:
        spec = sample_garment(rng)
    drawn = render(PictureSpec(spec, sample_flat_scene(rng)), seed, SIDE)
    rows, columns = np.nonzero(drawn.garment_mask > 127)
    cut = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return drawn.picture[cut], drawn.garment_mask[cut]


def _two(rng: np.random.Generator, seed: int) -> tuple[Picture, Mask]:
    """Top and trousers or skirt in one photograph: one above the other, or side by side."""
    picture = np.full((2 * SIDE, 2 * SIDE, 3), 240, np.uint8)
    mask = np.zeros((2 * SIDE, 2 * SIDE), np.uint8)
    above, below = _piece("upper", rng, seed), _piece("lower", rng, seed + 1)
    beside = rng.random() < 0.4
    gap = int(rng.integers(-30, 20))
    at = (4, 4 + max(gap, 0)) if beside else (4, 4)
    for number, (cloth, there) in enumerate((above, below)):
        height, width = there.shape
        size = round(SIDE * 0.9)
        scale = size / (height if height > width else width) * (0.95 if number else 1.0)
        height, width = min(round(height * scale), size), min(round(width * scale), size)
        cloth = cv2.resize(cloth, (width, height))
        there = cv2.resize(there, (width, height))
        y, x = at
        x = x if beside else SIDE - width // 2
        part = np.s_[y : y + height, x : x + width]
        picture[part] = np.where((there > 127)[..., None], cloth, picture[part])
        mask[part] = np.maximum(mask[part], there)
        at = (4, x + width + max(gap, 4)) if beside else (max(y + height + gap, 4), 0)
    square = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return square.astype(np.uint8), cv2.resize(mask, (SIDE, SIDE)).astype(np.uint8)


KINDS: dict[str, Callable[[np.random.Generator, int], tuple[Picture, Mask]]] = {
    "hat": _hat, "shoes": _shoes, "bag": _bag, "swimsuit": _swimsuit, "bikini": _bikini,
    "scarf": _scarf, "thing": _thing, "worn by somebody": _worn, "two garments": _two,
}  # fmt: skip
"""What it is -> how it is drawn."""
