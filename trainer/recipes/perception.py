"""Perception: classes, components and mask, from renders and from their round trips.

Half of each batch are renders, half what the autoencoder makes of them, because the network
judges both photographs and generated pictures. The last rows of the shards are kept apart: on
them the heatmaps' thresholds are calibrated when the training ends.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import nn

from studio.errors import BadInput
from studio.garment.spec import PictureSpec
from studio.vision.heatmaps import Peak, decode
from studio.vision.perception import ATTRIBUTES, KINDS, PerceptionConfig, PerceptionNet
from trainer.config import RecipeConfig
from trainer.data.augment import augment
from trainer.data.roundtrips import RoundTrips, load_vae
from trainer.data.shards import Shards
from trainer.loop import Batch, Recipe, Sampler
from trainer.losses.perception import perception_loss
from trainer.sheets import pictures_to_tensor, save_sheet

MOST_COMPONENTS = 48
_LEAST_SCORE = 0.08
_THRESHOLDS = tuple(np.round(np.arange(0.1, 0.76, 0.025), 3).tolist())
_NORM_BATCHES = 16


class PerceptionRecipeConfig(RecipeConfig):
    """Data, shape and augmentation of the perception network."""

    shards: Path = Field(description="folder of shards to train on")
    vae: Path = Field(description="folder of the trained autoencoder")
    cache: Path = Field(description="folder that keeps the round trips")
    round_trips: int = Field(800, gt=0, description="pictures with a round trip")
    calibration_rows: int = Field(
        200, gt=0, description="last rows, kept out of the training to calibrate the thresholds"
    )
    latent_noise: float = Field(
        0.1, ge=0, description="most noise on the latents before decoding, in parts of their spread"
    )
    widths: tuple[int, int, int] = Field((48, 80, 128), description="channels at strides 4, 8, 16")
    depths: tuple[int, int, int] = Field((1, 2, 2), description="residual blocks per stage")
    neck: int = Field(64, gt=0, description="channels of the top-down path")


def component_table(spec: PictureSpec, size: int) -> NDArray[np.float32]:
    """(MOST_COMPONENTS, 5) kind, centre x, centre y, width, height in pixels; kind -1 is none."""
    table = np.full((MOST_COMPONENTS, 5), -1, np.float32)
    placed = [c for c in spec.garment.components if c.box is not None]
    for row, component in zip(table, placed, strict=False):
        assert component.box is not None
        left, top, right, bottom = (v * size for v in component.box)
        centre = (left + right) / 2, (top + bottom) / 2
        row[:] = (KINDS.index(component.kind), *centre, right - left, bottom - top)
    return table


def labels_of(spec: PictureSpec) -> list[int]:
    """The class index of each attribute, in the order of `ATTRIBUTES`."""
    return [names.index(getattr(spec.garment, name)) for name, names in ATTRIBUTES.items()]


def calibrated_thresholds(
    peaks: Sequence[Sequence[Peak]], specs: Sequence[PictureSpec]
) -> tuple[float, ...]:
    """For each kind the score threshold with the most exactly right counts.

    Args:
        peaks: each picture's candidates, with scores well below any sensible threshold.
        specs: what each picture shows.

    Returns:
        One threshold per kind; the middle one where several are equally good.
    """
    chosen: list[float] = []
    for kind in KINDS:
        truth = np.array([spec.garment.count(kind) for spec in specs])
        right: list[int] = []
        for threshold in _THRESHOLDS:
            seen = [sum(p.kind == kind and p.score >= threshold for p in ps) for ps in peaks]
            right.append(int((np.array(seen) == truth).sum()))
        best = np.flatnonzero(np.array(right) == max(right))
        chosen.append(_THRESHOLDS[int(best[len(best) // 2])])
    return tuple(chosen)


class PerceptionRecipe(Recipe):
    """Trains the perception network."""

    name = "perception"
    config_type = PerceptionRecipeConfig
    config: PerceptionRecipeConfig

    def build(self) -> dict[str, nn.Module]:
        """Opens the shards, makes the round trips that are missing, makes the network."""
        config = self.config
        self.shards = Shards.of(config.shards)
        count = self.shards.count - config.calibration_rows
        if count < 1:
            raise BadInput(
                f"{config.shards} holds {self.shards.count} pictures, too few to keep "
                f"{config.calibration_rows} apart; draw more, or lower calibration_rows."
            )
        number = min(config.round_trips, count)
        rows = np.linspace(0, count - 1, number).astype(np.int64)
        self.held_out = np.arange(count, self.shards.count, dtype=np.int64)
        vae = load_vae(config.vae, self.device)
        self.round_trips = RoundTrips.make(
            config.cache, self.shards, np.concatenate([rows, self.held_out]), vae,
            config.latent_noise,
        )  # fmt: skip
        self._decoded = rows
        loop = config.loop
        decoded = loop.batch_size // 2
        self._drawn_sampler = Sampler(count, loop.batch_size - decoded, loop.seed)
        self._decoded_sampler = Sampler(len(rows), max(decoded, 1), loop.seed + 1)
        self.net = PerceptionNet(
            PerceptionConfig(widths=config.widths, depths=config.depths, neck=config.neck)
        ).to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return {"perception": self.net}

    def batch(self, step: int) -> Batch:
        """Pictures uint8 (B, S, S, 3), mask, labels (B, attributes), components (B, N, 5)."""
        rng = self.rng(step)
        drawn = self._drawn_sampler.rows(step)
        pictures = self.shards.views(drawn)
        rows = drawn
        if self.config.loop.batch_size > 1:
            decoded = self._decoded[self._decoded_sampler.rows(step)]
            pictures += [self.round_trips.picture(int(row)) for row in decoded]
            rows = np.concatenate([drawn, decoded])
        masks = self.shards.garment_masks(rows)
        specs = [self.shards.specs[int(row)] for row in rows]
        size = self.net.config.size
        changed = [
            augment(picture, mask, component_table(spec, size), rng)
            for picture, mask, spec in zip(pictures, masks, specs, strict=True)
        ]
        return {
            "rows": torch.from_numpy(rows),
            "pictures": torch.from_numpy(np.stack([c.picture for c in changed])),
            "mask": torch.from_numpy(np.stack([c.mask for c in changed])),
            "components": torch.from_numpy(np.stack([c.components for c in changed])),
            "labels": torch.tensor([labels_of(spec) for spec in specs]),
        }

    def step(self, batch: Batch) -> dict[str, torch.Tensor]:
        """The losses of `trainer.losses.perception`."""
        answers = self.net(pictures_to_tensor(batch["pictures"]))
        labels = {name: batch["labels"][:, i] for i, name in enumerate(ATTRIBUTES)}
        mask = batch["mask"].float() / 255
        return perception_loss(answers, labels, batch["components"], mask, self.net.config.size)

    def _candidates(self, pictures: NDArray[np.uint8]) -> list[list[Peak]]:
        """All peaks above a low score."""
        found: list[list[Peak]] = []
        kinds = self.net.config.kinds
        for start in range(0, len(pictures), 32):
            chunk = torch.from_numpy(pictures[start : start + 32]).to(self.device)
            with torch.autocast(self.device.type, torch.bfloat16):
                answers = self.net(pictures_to_tensor(chunk))
            found += decode(
                answers["heatmaps"], answers["sizes"], answers["offsets"],
                kinds, (_LEAST_SCORE,) * len(kinds),
            )  # fmt: skip
        return found

    def sample(self, folder: Path, step: int) -> None:
        """Held-out round trips with the components that the network finds."""
        rows = self.held_out[:16]
        pictures = np.stack([self.round_trips.picture(int(row)) for row in rows])
        shown = [
            _with_boxes(picture, [p for p in peaks if p.score > 0.3])
            for picture, peaks in zip(pictures, self._candidates(pictures), strict=True)
        ]
        save_sheet(folder / f"{step:07d}.png", shown, columns=8)

    def save(self, folder: Path) -> None:
        """Settle the batch norms for the averaged weights, calibrate, write `perception`."""
        self._settle_norms()
        raw = self.shards.pictures(self.held_out)
        decoded = np.stack([self.round_trips.picture(int(row)) for row in self.held_out])
        specs = [self.shards.specs[int(row)] for row in self.held_out]
        peaks = self._candidates(raw) + self._candidates(decoded)
        thresholds = calibrated_thresholds(peaks, specs * 2)
        self.net.config = dataclasses.replace(self.net.config, thresholds=thresholds)
        self.net.save_pretrained(folder / "perception")

    def _settle_norms(self) -> None:
        """Measure the batch norms' statistics anew: the trained ones belong to other weights."""
        norms = [m for m in self.net.modules() if isinstance(m, nn.BatchNorm2d)]
        kept = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None
            norm.train()
        for step in range(_NORM_BATCHES):
            pictures = self.batch(step)["pictures"].to(self.device)
            with torch.autocast(self.device.type, torch.bfloat16):
                self.net(pictures_to_tensor(pictures))
        for norm, momentum in zip(norms, kept, strict=True):
            norm.momentum = momentum
            norm.eval()


def _with_boxes(picture: NDArray[np.uint8], peaks: Sequence[Peak]) -> NDArray[np.uint8]:
    """A copy of the picture with each kind's boxes in a colour of its own."""
    shown = picture.copy()
    side = picture.shape[0]
    for peak in peaks:
        hue = KINDS.index(peak.kind) * 180 // len(KINDS)
        colour = cv2.cvtColor(np.array([[[hue, 255, 255]]], np.uint8), cv2.COLOR_HSV2RGB)[0, 0]
        left, top, right, bottom = (round(v * side) for v in peak.box)
        cv2.rectangle(shown, (left, top), (right, bottom), tuple(int(c) for c in colour), 1)
    return shown
