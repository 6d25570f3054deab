"""What stands out from the ground of a photograph: the first step to every mask.

Product photographs are taken before a plain ground, so the ground's colour is known from the
picture's edges: a smooth surface through them, fitted robustly, is subtracted (as in background
subtraction, with a quadratic surface for the light's fall-off). Where the ground is not plain,
GrabCut (Rother et al. 2004) separates two colour mixtures that a rough mask starts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.vision.pictures import Mask

_SIDE = 768
_BORDER = 0.02
_PLAIN_SHARE, _PLAIN_NOISE = 0.62, 2.2
_LEAST_STEP, _NOISE_STEPS = 1.6, 4.0
_SHADOW_CONTRAST = 25.0
_TRUSTED, _NOT_THING = 0.6, 0.2
_TOO_LARGE = 0.75
_WEAK = 2.5
"""Within so many least steps from the ground's colour an edge is weak."""


@dataclass(frozen=True)
class Ground:
    """The ground of a picture, at a working size.

    Attributes:
        distance: (h, w) float32, colour difference (CIELAB) from the ground's surface.
        noise: the ground's own typical difference.
        share: the part of the picture's edge that belongs to the ground.
    """

    lab: NDArray[np.float32]
    surface: NDArray[np.float32]
    distance: NDArray[np.float32]
    noise: float
    share: float

    @property
    def plain(self) -> bool:
        """Whether the edges tell what is ground."""
        return self.share >= _PLAIN_SHARE and self.noise <= _PLAIN_NOISE


def reduced(picture: NDArray[np.uint8], side: int = _SIDE) -> NDArray[np.uint8]:
    """The picture with its longer side brought down to `side`, if it is longer."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return picture
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def read_ground(picture: NDArray[np.uint8]) -> Ground:
    """Fit the ground through the edges of an RGB picture (H, W, 3), then through all of it."""
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).astype(np.float32)
    height, width = lab.shape[:2]
    band = max(2, round(_BORDER * max(height, width)))
    edge = np.ones((height, width), bool)
    edge[band:-band, band:-band] = False
    kept, fit = _fit(_terms(height, width, 2)[edge], lab[edge])
    ground = _ground(lab, _terms(height, width, 2) @ fit, edge, kept)
    if not ground.plain:
        return ground
    # Light falls off in more ways than the edges tell: fit again, now with the ground in between.
    known = _reached(ground.distance < _step(ground))
    terms = _terms(height, width, 4)
    inside = known.copy()
    inside[np.arange(height) % 3 > 0] = False
    inside[:, np.arange(width) % 3 > 0] = False
    if inside.sum() < 200:
        return ground
    _, fit = _fit(terms[inside], lab[inside])
    again = _ground(lab, terms @ fit, edge, np.ones(int(edge.sum()), bool))
    noise = float(np.median(again.distance[known]))
    return replace(again, noise=noise, share=ground.share) if noise < ground.noise else ground


def _terms(height: int, width: int, degree: int) -> NDArray[np.float32]:
    """(H, W, terms) the polynomials of x and y in -1..1 up to a degree."""
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    powers = [x**i * y**j for i in range(degree + 1) for j in range(degree + 1 - i)]
    return np.stack(powers, -1).astype(np.float32)


def _fit(basis: NDArray[np.float32], colours: NDArray[np.float32]) -> tuple[Mask, NDArray[Any]]:
    """Which colours belong to one smooth surface, and its coefficients."""
    # A figure that leaves the picture covers a part of the edges, hence the median to start with.
    off = np.linalg.norm(colours - np.median(colours, 0), axis=1)
    kept = off <= max(float(np.quantile(off, 0.6)), 3.0)
    fit = np.zeros((basis.shape[1], 3))
    for _ in range(6):
        fit = np.linalg.lstsq(basis[kept], colours[kept], rcond=None)[0]
        off = np.linalg.norm(colours - basis @ fit, axis=1)
        kept = off <= max(2.5 * float(np.median(off)), 2.0)
    return kept, fit


def _ground(lab: NDArray[np.float32], surface: NDArray[Any], edge: Mask, kept: Mask) -> Ground:
    surface = surface.astype(np.float32)
    distance = np.linalg.norm(lab - surface, axis=2).astype(np.float32)
    return Ground(
        lab, surface, distance, float(np.median(distance[edge][kept])), float(kept.mean())
    )


def _step(ground: Ground) -> float:
    """The least colour difference that is not the ground's own."""
    return max(_LEAST_STEP, _LEAST_STEP / 2 + _NOISE_STEPS * ground.noise)


def stand_out(ground: Ground, belongs: NDArray[np.float32] | None = None) -> Mask:
    """What is not ground: everything that the ground does not reach from the edges.

    Prints and cloth of the ground's own colour that the garment encloses belong to it, except
    where `belongs` says clearly otherwise, as between an arm and the body.

    Args:
        belongs: (h, w) in 0..1, how surely each pixel is the thing; optional.
    """
    alike = ground.distance < _step(ground)
    alike |= _shadow(ground, ~_reached(alike), belongs)
    cross = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    thing = cv2.morphologyEx((~_reached(alike)).astype(np.uint8), cv2.MORPH_OPEN, cross) > 0
    if belongs is not None:
        thing &= ~_gaps(ground, alike & thing, belongs)
    return _peeled(main_parts(thing), ground.distance)


def _peeled(thing: Mask, distance: NDArray[np.float32]) -> Mask:
    """Without the blurred rim, whose pixels are more ground than thing."""
    strongest = cv2.dilate(distance, np.ones((7, 7), np.uint8))
    kernel = np.ones((3, 3), np.uint8)
    for _ in range(2):
        inner = cv2.erode(thing.astype(np.uint8), kernel) > 0
        thing = inner | (thing & (distance >= 0.4 * strongest))
    return thing


def _reached(alike: Mask) -> Mask:
    """The part of the ground that is connected with the picture's edges."""
    padded = np.pad(alike, 1, constant_values=True).astype(np.uint8)
    _, labels = cv2.connectedComponents(padded, connectivity=4)
    return (labels == labels[0, 0])[1:-1, 1:-1]


def _shadow(ground: Ground, thing: Mask, belongs: NDArray[np.float32] | None) -> Mask:
    """Soft shadows on the ground: darker, of its hue, without edges.

    The folds of a pale thing look just so: beside one, only what does not belong to it is shadow,
    where that is known of the thing as a whole.
    """
    off = ground.lab - ground.surface
    nowhere = np.zeros(thing.shape, bool)
    if not thing.any():
        return nowhere
    possible = ~nowhere
    if float(np.median(ground.distance[thing])) < _SHADOW_CONTRAST:
        if belongs is None:
            return nowhere
        if overlap(belongs > 0.5, thing) < _TRUSTED:
            return nowhere
        possible = belongs < _NOT_THING
    light = cv2.GaussianBlur(ground.lab[..., 0], (0, 0), 1.0)
    slope = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1)) / 8
    hue = np.hypot(off[..., 1], off[..., 2])
    shade = (off[..., 0] < 0) & (off[..., 0] > -25) & (hue < 4) & (slope < 2.5)
    return shade & possible


def _gaps(ground: Ground, alike: Mask, belongs: NDArray[np.float32]) -> Mask:
    """Enclosed ground: large, of the ground's very colour, and not taken for the thing."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(alike.astype(np.uint8))
    gaps = np.zeros(alike.shape, bool)
    for i in range(1, count):
        here = labels == i
        if stats[i, cv2.CC_STAT_AREA] < 0.002 * alike.size:
            continue
        if np.median(ground.distance[here]) < _LEAST_STEP and belongs[here].mean() < 0.2:
            gaps |= here
    return gaps


def overlap(one: Mask, other: Mask) -> float:
    """Intersection over union of two masks; 0 of two empty ones."""
    return float((one & other).sum() / max(int((one | other).sum()), 1))


def main_parts(mask: Mask, least: float = 0.15) -> Mask:
    """The largest connected part, and others that are at least a part `least` of it."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count < 2:
        return mask
    areas = stats[1:, cv2.CC_STAT_AREA]
    kept = 1 + np.flatnonzero(areas >= least * areas.max())
    return np.isin(labels, kept)


def pieces(mask: Mask, least: float = 0.12) -> list[Mask]:
    """The connected parts of a mask that are at least a part `least` of the largest."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    areas = stats[1:, cv2.CC_STAT_AREA]
    return [labels == i for i in range(1, count) if areas[i - 1] >= least * areas.max()]


def weak_edge(ground: Ground, thing: Mask) -> float:
    """The part of a thing's edge, 0..1, along which it is hardly another colour than its ground.

    There the ground may have entered it, as at the shoulders of a white shirt on white.
    """
    kernel = np.ones((3, 3), np.uint8)
    edge = thing & ~(cv2.erode(thing.astype(np.uint8), kernel) > 0)
    if not edge.any():
        return 0.0
    inside = np.where(thing, ground.distance, 0).astype(np.float32)
    strongest = cv2.dilate(inside, np.ones((9, 9), np.uint8))
    return float((strongest[edge] < _WEAK * _step(ground)).mean())


def filled(mask: Mask) -> Mask:
    """The mask without holes."""
    return ~_reached(~mask)


def cut_out(picture: NDArray[np.uint8], sure: Mask, maybe: Mask) -> Mask:
    """GrabCut: what belongs together with `sure`.

    Args:
        picture: (h, w, 3) RGB.
        sure: certainly the thing.
        maybe: where it may be; everything else is ground.
    """
    if not sure.any() or maybe.all():
        return sure
    labels = np.full(picture.shape[:2], cv2.GC_BGD, np.uint8)
    labels[maybe] = cv2.GC_PR_FGD
    labels[sure] = cv2.GC_FGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    cv2.grabCut(
        np.ascontiguousarray(picture[..., ::-1]), labels, (0, 0, 1, 1), *models, 5,
        cv2.GC_INIT_WITH_MASK,
    )  # fmt: skip
    return (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)


def longest_run(row: Mask) -> int:
    """Length of the longest run in a row: the body without arms or sleeves beside it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0


def spills(mask: Mask) -> bool:
    """Whether a mask runs along more than a third of the picture's edges, as a floor does."""
    edges = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    return bool(edges.mean() > 0.33)


def on_edge(mask: Mask) -> float:
    """How much of an edge of the picture a mask lies along: the most of the four, 0..1."""
    edges = mask[:2].any(0), mask[-2:].any(0), mask[:, :2].any(1), mask[:, -2:].any(1)
    return max(float(edge.mean()) for edge in edges)


def plain_figure(ground: Ground) -> Mask | None:
    """Somebody or something before a plain ground, (h, w); None where nothing stands out so."""
    figure = stand_out(ground) if ground.plain else None
    if figure is None or not figure.any() or spills(figure) or figure.mean() > _TOO_LARGE:
        return None
    return figure


def may_be_figure(mask: Mask) -> bool:
    """Whether a mask can be somebody's: neither nothing nor all of the picture, nor its floor."""
    return 0.02 <= mask.mean() <= 0.8 and not spills(mask)


def cut_from_middle(
    picture: NDArray[np.uint8], ground: Ground, likely: NDArray[np.float32]
) -> Mask:
    """GrabCut from what is likely in the middle; for grounds that are not plain.

    Args:
        likely: (h, w) in 0..1, a rough mask.
    """
    small = reduced(picture, 512)
    height, width = small.shape[:2]
    rough = cv2.resize(likely, (width, height), interpolation=cv2.INTER_AREA) > 0.5
    off = cv2.resize(ground.distance, (width, height), interpolation=cv2.INTER_AREA)
    y, x = np.mgrid[0:height, 0:width]
    middle = ((x / width - 0.5) / 0.22) ** 2 + ((y / height - 0.5) / 0.3) ** 2 < 1
    sure = rough & middle & (off > _step(ground))
    sure = cv2.erode(sure.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    band = max(3, round(0.02 * max(height, width)))
    maybe = np.zeros((height, width), bool)
    maybe[band:-band, band:-band] = True
    found = main_parts(filled(cut_out(small, sure, maybe)))
    size = picture.shape[1], picture.shape[0]
    return cv2.resize(found.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 0.5


def enlarged(mask: Mask, width: int, height: int) -> NDArray[np.uint8]:
    """A mask at a picture's own size, with smooth edges before the cut: uint8 of 0 and 255."""
    soft = mask.astype(np.float32)
    if mask.shape != (height, width):
        soft = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.where(soft > 0.5, 255, 0).astype(np.uint8)
