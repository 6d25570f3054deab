"""Renders made as unlike the wardrobe as a stranger's photographs are: other cuts and textures,
grounds, shadows, hangers, light, rotation, blur, noise and JPEG.

What is called sure of a garment is fixed on these, never on clean renders: a judge that learned
from drawings is certain of drawings. A seed decides everything.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.garment.spec import GarmentSpec, PictureSpec
from trainer.data.augment import compressed
from trainer.data.wardrobe import WardrobeSample, render, sample_flat_scene, sample_garment

_STREAM = 5
SIDE = 256
Picture = NDArray[np.uint8]
Mask = NDArray[np.uint8]


@dataclass(frozen=True)
class Degraded:
    """A render that has been through all of it.

    Attributes:
        picture: (H, W, 3) uint8, upright or wide.
        mask: (H, W) uint8, 255 on the garment: the truth.
        spec: the garment; None for what is no single garment.
        name: the garment's type, or what else it is.
    """

    picture: Picture
    mask: Mask
    spec: GarmentSpec | None
    name: str


def degraded(seed: int) -> Degraded:
    """A garment of the wardrobe, laid flat, degraded."""
    rng = np.random.default_rng((_STREAM, seed))
    spec = sample_garment(rng)
    drawn = render(PictureSpec(spec, sample_flat_scene(rng)), seed, SIDE)
    return photographed(*lifted(drawn), spec, spec.garment, rng)


def lifted(drawn: WardrobeSample) -> tuple[Picture, Mask]:
    """A render's garment, and where it is."""
    return drawn.picture, drawn.garment_mask


def photographed(
    picture: Picture, mask: Mask, spec: GarmentSpec | None, name: str, rng: np.random.Generator
) -> Degraded:
    """Cut anew, printed, laid on another ground and photographed badly.

    Args:
        picture: (S, S, 3), a drawn thing on any ground. mask: (S, S), where it is.
    """
    picture, mask = _recut(picture, mask, rng)
    picture = _printed(picture, mask, rng)
    height, width = _frame(rng)
    picture, mask = _placed(picture, mask, height, width, rng)
    ground = _ground(height, width, rng)
    if rng.random() < 0.35:
        _hung(ground, mask, rng)
    ground = _shadowed(ground, mask, rng)
    alpha = cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.3, 0.9)))[..., None] / 255.0
    whole = np.asarray(picture * alpha + ground * (1 - alpha), np.float32)
    return Degraded(_shot(whole, rng), mask, spec, name)


def recut_mask(mask: Mask, rng: np.random.Generator) -> Mask:
    """A mask alone, cut anew and placed."""
    blank = np.zeros((*mask.shape, 3), np.uint8)
    _, there = _recut(blank, mask, rng)
    if (there > 127).sum() < 50:
        return np.zeros_like(mask)
    return _placed(blank, there, *_frame(rng), rng)[1]


def _recut(picture: Picture, mask: Mask, rng: np.random.Generator) -> tuple[Picture, Mask]:
    """Another cut: wider or narrower, flared or tapered, with a wavering outline."""
    size = len(mask)
    wide, flare = float(np.exp(rng.normal(0, 0.14))), float(rng.normal(0, 0.12))
    tall = float(np.exp(rng.normal(0, 0.08)))
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    v = y / size - 0.5
    waver = [
        cv2.GaussianBlur(rng.normal(0, 1, (size, size)).astype(np.float32), (0, 0), 18)
        for _ in range(2)
    ]
    strength = float(rng.uniform(0, 5))
    waver = [strength * w / max(float(w.std()), 1e-6) for w in waver]
    side = max(wide, tall, 1.0)
    across = (x - size / 2) / (wide * (1 + flare * v)) * side + size / 2
    down = (y - size / 2) / tall * side + size / 2
    across = (across + waver[0]).astype(np.float32)
    down = (down + waver[1]).astype(np.float32)
    moved = cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    there = cv2.remap(mask, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return moved.astype(np.uint8), there.astype(np.uint8)


def _printed(picture: Picture, mask: Mask, rng: np.random.Generator) -> Picture:
    """Another cloth: its colour turned, a print, blocks of colour, the weave of a photograph."""
    out = picture.astype(np.float32)
    size = len(mask)
    if rng.random() < 0.5:
        hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(int) + int(rng.integers(180))) % 180
        out = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB).astype(np.float32)
    if rng.random() < 0.25:  # a pale cloth: what is hardest to tell from a pale ground
        out = 255 - (255 - out) * float(rng.uniform(0.1, 0.4))
    if rng.random() < 0.35:  # blocks
        rows = np.sort(rng.uniform(0.2, 0.8, int(rng.integers(1, 3)))) * size
        y = np.arange(size)[:, None]
        for k, row in enumerate(rows):
            band = (y > row) & (y < (rows[k + 1] if k + 1 < len(rows) else size))
            out = np.where(band[..., None], 0.4 * out + 0.6 * rng.uniform(10, 250, 3), out)
    if rng.random() < 0.45:  # a motif, on the middle or all over
        layer, on = out.copy(), np.zeros((size, size), np.uint8)
        spread, many = (40, int(rng.integers(3, 9))) if rng.random() < 0.5 else (size, 60)
        for _ in range(many):
            at = rng.normal(size / 2, spread / 2, 2).astype(int)
            axes = rng.integers(3, 22 if spread == 40 else 12, 2)
            cv2.ellipse(on, tuple(map(int, at)), tuple(map(int, axes)), float(rng.uniform(0, 180)),
                        0, 360, 255, -1)  # fmt: skip
            colour = rng.uniform(0, 255, 3)
            layer[on > 0] = colour
            out = np.where((on > 0)[..., None], 0.25 * out + 0.75 * layer, out)
            on[:] = 0
    if rng.random() < 0.25:
        word = "".join(chr(65 + int(i)) for i in rng.integers(0, 26, int(rng.integers(3, 9))))
        at = int(size * rng.uniform(0.25, 0.45)), int(size * rng.uniform(0.3, 0.6))
        drawn = np.clip(out, 0, 255).astype(np.uint8)
        cv2.putText(drawn, word, at, cv2.FONT_HERSHEY_DUPLEX, float(rng.uniform(0.5, 1.1)),
                    tuple(map(float, rng.uniform(0, 255, 3))), 2)  # fmt: skip
        out = drawn.astype(np.float32)
    grain = cv2.GaussianBlur(
        rng.normal(0, 1, (size, size)).astype(np.float32), (0, 0), float(rng.uniform(0.6, 6))
    )
    out = out * (1 + float(rng.uniform(0, 0.1)) * grain / max(float(grain.std()), 1e-6))[..., None]
    return np.clip(out, 0, 255).astype(np.uint8)


def _frame(rng: np.random.Generator) -> tuple[int, int]:
    """Height and width of the photograph."""
    shapes = ((1.0, 1.0), (1.33, 1.0), (1.25, 1.0), (1.5, 1.0), (1.0, 1.3))
    tall, wide = shapes[int(rng.integers(len(shapes)))]
    return round(SIDE * tall), round(SIDE * wide)


def _placed(
    picture: Picture, mask: Mask, height: int, width: int, rng: np.random.Generator
) -> tuple[Picture, Mask]:
    """Turned, perhaps mirrored, larger or smaller, on the photograph's frame."""
    rows, columns = np.nonzero(mask > 127)
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    scale = float(rng.uniform(0.6, 0.93)) * min(height / (bottom - top), width / (right - left))
    turn = float(np.deg2rad(np.clip(rng.normal(0, 4), -12, 12)))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    a = scale * np.array(
        [[flip * np.cos(turn), -np.sin(turn)], [flip * np.sin(turn), np.cos(turn)]]
    )
    middle = np.array([(left + right) / 2, (top + bottom) / 2])
    goal = np.array([width, height]) * (0.5 + rng.uniform(-0.03, 0.03, 2))
    matrix = np.hstack([a, (goal - a @ middle)[:, None]])
    size = width, height
    moved = cv2.warpAffine(
        picture, matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    there = cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_LINEAR)
    return moved.astype(np.uint8), np.where(there > 127, 255, 0).astype(np.uint8)


def _ground(height: int, width: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """White, pale, dark, coloured, boards, plaster or cloth; (height, width, 3)."""
    kind = rng.random()
    if kind < 0.3:
        base = np.full(3, float(rng.uniform(238, 255)))
    elif kind < 0.5:
        base = np.full(3, float(rng.uniform(150, 238))) + rng.normal(0, 5, 3)
    elif kind < 0.6:
        base = np.full(3, float(rng.uniform(15, 90))) + rng.normal(0, 5, 3)
    else:
        base = rng.uniform(60, 235, 3)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    y, x = y / height - 0.5, x / width - 0.5
    light = 1 + float(rng.normal(0, 0.06)) * x + float(rng.normal(0, 0.08)) * y
    light -= float(rng.uniform(0, 0.25)) * (x * x + y * y)
    ground = base * light[..., None]
    rough = rng.random()
    if rough < 0.2:  # plaster, stone
        for blur in (1.5, 6, 24):
            noise = cv2.GaussianBlur(
                rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), blur
            )
            ground *= (1 + 0.05 * noise / max(float(noise.std()), 1e-6))[..., None]
    elif rough < 0.32:  # boards
        step = int(rng.integers(24, 70))
        for start in range(0, width, step):
            ground[:, start : start + step] *= float(rng.uniform(0.85, 1.1))
            ground[:, start : start + 2] *= 0.6
    return np.clip(ground, 0, 255).astype(np.float32)


def _hung(ground: NDArray[np.float32], mask: Mask, rng: np.random.Generator) -> None:
    """A hanger behind the garment's top, its hook above."""
    rows, columns = np.nonzero(mask > 127)
    top, middle = int(rows.min()), int(np.median(columns))
    reach = int(rng.uniform(0.15, 0.35) * (columns.max() - columns.min()))
    tone = tuple(map(float, rng.uniform(10, 200, 3)))
    thick = int(rng.integers(2, 6))
    neck = top + int(rng.integers(0, 8))
    canvas = np.ascontiguousarray(ground)
    cv2.line(canvas, (middle, neck), (middle - reach, neck + reach // 2), tone, thick)
    cv2.line(canvas, (middle, neck), (middle + reach, neck + reach // 2), tone, thick)
    cv2.line(canvas, (middle, neck), (middle, neck - 8), tone, 2)
    cv2.ellipse(canvas, (middle + 4, neck - 10), (5, 6), 0, 120, 360, tone, 2)
    ground[:] = canvas


def _shadowed(
    ground: NDArray[np.float32], mask: Mask, rng: np.random.Generator
) -> NDArray[np.float32]:
    """The garment's own shadow, soft or hard."""
    shift = np.array([[1, 0, rng.uniform(-9, 9)], [0, 1, rng.uniform(0, 10)]])
    height, width = mask.shape
    cast = cv2.warpAffine(mask, shift, (width, height)).astype(np.float32) / 255
    cast = cv2.GaussianBlur(cast, (0, 0), float(rng.uniform(1.5, 9)))
    return (ground * (1 - float(rng.uniform(0, 0.4)) * cast)[..., None]).astype(np.float32)


def _shot(whole: NDArray[np.float32], rng: np.random.Generator) -> Picture:
    """Light, colour cast, blur, noise and JPEG of the camera."""
    out = np.clip(whole, 0, 255) / 255
    out = out ** float(np.exp(rng.normal(0, 0.18))) * np.exp(rng.normal(0, 0.04, 3))
    if rng.random() < 0.4:  # window light across everything
        line = np.linspace(-1, 1, out.shape[1])[None, :, None] * float(rng.normal(0, 0.12))
        out = out * (1 + line)
    out = np.clip(out * 255, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        out = cv2.GaussianBlur(out, (0, 0), float(rng.uniform(0.3, 1.6)))
    noise = rng.normal(0, float(rng.uniform(0, 7)), out.shape)
    out = np.clip(out + noise, 0, 255).astype(np.uint8)
    shot = compressed(out[..., ::-1], int(rng.integers(30, 95)))
    return np.ascontiguousarray(shot[..., ::-1])
