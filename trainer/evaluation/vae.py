"""The autoencoder on held-out renders: sharpness in decibels, and every named colour."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny
from numpy.typing import NDArray

from studio.garment.spec import GarmentSpec, PictureSpec, Scene
from studio.garment.vocabulary import COLOURS
from studio.vision.colour import ciede2000, lab
from trainer.command import Say
from trainer.data.latents import load_vae
from trainer.data.roundtrips import round_trip
from trainer.data.wardrobe import HELD_OUT, WardrobeSample, render
from trainer.evaluation.held_out import held_out_samples
from trainer.evaluation.measures import Scores, flat_metrics
from trainer.evaluation.result import Result, markdown_table
from trainer.evaluation.suites import Vae

# Plain garments of different cuts and cloths, each rendered once in every colour.
_PLAIN = (
    GarmentSpec("t-shirt", neckline="crew neck", sleeves="short", fabric="cotton"),
    GarmentSpec("sweater", neckline="turtleneck", sleeves="long", fabric="knit"),
    GarmentSpec("skirt", neckline="none", sleeves="none", fabric="satin"),
)
_SWATCH = 96
_SMALL = ("button", "pocket", "bow", "patch")


def _psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio of two uint8 pictures, in decibels."""
    error = np.mean((one.astype(np.float64) - other) ** 2)
    return float(10 * np.log10(255**2 / max(float(error), 1e-9)))


def _inner(mask: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The mask without its rim, where garment and ground mix."""
    return cv2.erode(mask, np.ones((9, 9), np.uint8)) > 127


def _where_small(sample: WardrobeSample) -> NDArray[np.bool_]:
    """Where the components are but for zippers, belts and pleats, which cross the garment."""
    placed = zip(sample.spec.garment.components, sample.component_masks, strict=True)
    small = [mask > 127 for component, mask in placed if component.kind in _SMALL]
    return np.any([np.zeros(sample.garment_mask.shape, bool), *small], axis=0)


def _plain_renders(colour: str, seed: int) -> tuple[NDArray[np.uint8], list[NDArray[np.bool_]]]:
    samples = [
        render(
            PictureSpec(
                replace(spec, colour=colour),
                Scene("flat", "white" if i % 2 else "grey"),
            ),
            HELD_OUT + seed + i,
        )
        for i, spec in enumerate(_PLAIN)
    ]  # fmt: skip
    return np.stack([s.picture for s in samples]), [_inner(s.garment_mask) for s in samples]


def _swatch(colour: str, size: int = 256) -> NDArray[np.uint8]:
    """An even square of a colour on a white ground."""
    picture = np.full((size, size, 3), 244, np.uint8)
    low, high = (size - _SWATCH) // 2, (size + _SWATCH) // 2
    picture[low:high, low:high] = COLOURS[colour].rgb
    return picture


def _colours(vae: AutoencoderTiny, seed: int) -> tuple[dict[str, float], dict[str, float]]:
    """CIEDE2000 after the round trip, of plain garments and of swatches, by colour."""
    garments: dict[str, float] = {}
    swatches: dict[str, float] = {}
    middle = slice(128 - _SWATCH // 3, 128 + _SWATCH // 3)
    for colour in COLOURS:
        pictures, masks = _plain_renders(colour, seed)
        decoded = round_trip(vae, np.concatenate([pictures, _swatch(colour)[None]]))
        differences = [
            ciede2000(lab(before[mask].mean(0)), lab(after[mask].mean(0)))
            for before, after, mask in zip(pictures, decoded, masks, strict=False)
        ]
        garments[colour] = float(np.mean(differences))
        swatch = decoded[-1][middle, middle].reshape(-1, 3).mean(0)
        swatches[colour] = float(ciede2000(lab(COLOURS[colour].rgb), lab(swatch)))
    return garments, swatches


def evaluate(suite: Vae, say: Say) -> Result:
    """Measure the model's autoencoder.

    Returns:
        Metrics `psnr` (mean of the pictures' PSNR in dB), `psnr_components` (the same of the
        pixels of buttons, pockets, bows and patches alone), `delta_e_<colour>` (mean colour of
        plain garments), `swatch_delta_e_<colour>`, and the largest of each.
    """
    count, seed = suite.limit, suite.seed
    vae = load_vae(suite.model / "vae")
    samples = held_out_samples(count, seed, say)
    scores = Scores()
    for start in range(0, count, 40):
        pictures = np.stack([s.picture for s in samples[start : start + 40]])
        decoded = round_trip(vae, pictures)
        for sample, before, after in zip(
            samples[start : start + 40], pictures, decoded, strict=True
        ):
            scores.add("psnr", _psnr(before, after))
            scores.add(f"psnr_{sample.spec.scene.mode}", _psnr(before, after))
            small = _where_small(sample)
            if small.any():
                scores.add("psnr_components", _psnr(before[small], after[small]))
        say(f"round trips: {start + len(pictures)} of {count}")
    estimates = scores.estimates(seed)
    garments, swatches = _colours(vae, seed)
    metrics = flat_metrics(estimates) | {"n": count, "seed": seed}
    for colour in COLOURS:
        name = colour.replace(" ", "_")
        metrics[f"delta_e_{name}"] = round(garments[colour], 3)
        metrics[f"swatch_delta_e_{name}"] = round(swatches[colour], 3)
    metrics["delta_e_largest"] = round(max(garments.values()), 3)
    metrics["swatch_delta_e_largest"] = round(max(swatches.values()), 3)
    rows = [
        [name.replace("psnr", "PSNR, dB").replace("_", ", "), value.shown(2), "", str(value.n)]
        for name, value in estimates.items()
    ]
    rows += [
        [f"CIEDE2000, {colour}", f"{garments[colour]:.2f}", f"{swatches[colour]:.2f}",
         str(len(_PLAIN))]
        for colour in COLOURS
    ]  # fmt: skip
    table = markdown_table(("Autoencoder's round trip", "held-out renders", "swatch", "n"), rows)
    return Result("vae", table, metrics, (f"Held-out seeds from {HELD_OUT + seed}.",))
