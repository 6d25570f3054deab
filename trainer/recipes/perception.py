"""Perception: classes, components, mask and wearer, from renders and from their round trips.

Half of each batch are renders, half what the autoencoder makes of them, because the network
judges both photographs and generated pictures. The last rows of each folder of shards are kept
apart: on them the heatmaps' thresholds are calibrated when the training ends.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from studio.errors import BadInput
from studio.garment.landmarks import COCO_JOINTS
from studio.garment.spec import PictureSpec
from studio.vision.heatmaps import Peak, decode
from studio.vision.perception import (
    ATTRIBUTES,
    KINDS,
    SCENE_ATTRIBUTES,
    PerceptionConfig,
    PerceptionNet,
)
from studio.vision.surroundings import FACE_ATTRIBUTES, FLAT
from trainer.config import NotNegative, RecipeConfig, Whole, reads
from trainer.data.augment import augment
from trainer.data.latents import load_vae
from trainer.data.roundtrips import RoundTrips
from trainer.data.shards import Shards
from trainer.loop import Batch, Recipe, Sampler
from trainer.losses.perception import NOT_ASKED, perception_loss
from trainer.sheets import pictures_to_tensor, save_sheet
from trainer.state import load_fitting

MOST_COMPONENTS = 48
_LEAST_SCORE = 0.08
_THRESHOLDS = tuple(np.round(np.arange(0.1, 0.76, 0.025), 3).tolist())
_NORM_BATCHES = 16


class PerceptionRecipeConfig(RecipeConfig):
    """Data, shape and augmentation of the perception network."""

    shards: Path = reads("shards", "data")
    """Folder of shards to train on."""
    more_shards: tuple[Path, ...] = reads("", "also", ())
    """Further folders of shards, such as the worn and flat pictures of pairs."""
    perception: Path | None = reads("perception", "named")
    """Folder of a perception network to go on from, if any."""
    vae: Path = reads("vae")
    """Folder of the trained autoencoder."""
    cache: Path = reads("cache", "data")
    """Folder that keeps the round trips."""
    round_trips: Whole = 800
    """Pictures with a round trip."""
    calibration_rows: Whole = 200
    """Rows that are kept out of the training to calibrate the thresholds."""
    latent_noise: NotNegative = 0.1
    """Most noise on the latents before decoding, in parts of their spread."""
    widths: tuple[int, int, int] = (48, 80, 128)
    """Channels at strides 4, 8, 16."""
    depths: tuple[int, int, int] = (1, 2, 2)
    """Residual blocks per stage."""
    neck: Whole = 64
    """Channels of the top-down path."""


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


def labels_of(spec: PictureSpec, face: bool = True) -> list[int]:
    """The class index of each attribute and scene attribute, NOT_ASKED where there is no answer.

    Args:
        face: whether the wearer's face is in the picture.
    """
    labels = [names.index(getattr(spec.garment, name)) for name, names in ATTRIBUTES.items()]
    person = spec.scene.person
    for name, names in SCENE_ATTRIBUTES.items():
        if name == "scene":
            labels.append(names.index(FLAT if person is None else spec.scene.ground))
        elif person is None or (name in FACE_ATTRIBUTES and not face):
            labels.append(NOT_ASKED)
        else:
            labels.append(names.index(getattr(person, name)))
    return labels


def joint_table(record: Mapping[str, Any], size: int) -> NDArray[np.float32]:
    """(17, 5) rows as in `component_table`, one for each COCO joint; kind -1 outside the picture.

    So the joints move with the picture as the components do.
    """
    table = np.full((len(COCO_JOINTS), 5), -1, np.float32)
    if record["keypoints"] is not None:
        places = np.asarray(record["keypoints"], np.float32)[:, :2]
        inside = ((places >= 0) & (places < 1)).all(1)
        table[inside, 0] = 0
        table[inside, 1:3] = places[inside] * size
        table[inside, 3:5] = 1
    return table


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


class PerceptionRecipe(Recipe[PerceptionRecipeConfig]):
    """Trains the perception network."""

    name = "perception"
    writes: ClassVar = {"perception": "perception"}

    def build(self) -> dict[str, nn.Module]:
        """Opens the shards, makes the round trips that are missing, makes the network."""
        config = self.config
        folders = [Shards.of(folder) for folder in (config.shards, *config.more_shards)]
        self.shards = Shards.of(config.shards, also=config.more_shards)
        train, held_out = _split(folders, config)
        self._train, self.held_out = train, held_out
        number = min(config.round_trips, len(train))
        rows = train[np.linspace(0, len(train) - 1, number).astype(np.int64)]
        vae = load_vae(config.vae, self.device)
        self.round_trips = RoundTrips.make(
            config.cache, self.shards, np.sort(np.concatenate([rows, held_out])), vae,
            config.latent_noise,
        )  # fmt: skip
        self._decoded = rows
        loop = config.loop
        decoded = loop.batch_size // 2
        self._drawn_sampler = Sampler(len(train), loop.batch_size - decoded, loop.seed)
        self._decoded_sampler = Sampler(len(rows), max(decoded, 1), loop.seed + 1)
        net = PerceptionNet(
            PerceptionConfig(widths=config.widths, depths=config.depths, neck=config.neck)
        )
        if config.perception is not None:
            earlier = PerceptionNet.from_pretrained(config.perception)
            # It may have known nothing around the garment.
            load_fitting(net, earlier.state_dict(), without=("surroundings.",))
        self.net = net.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return {"perception": self.net}

    def batch(self, step: int) -> Batch:
        """Pictures uint8 (B, S, S, 3), mask, labels (B, attributes), components (B, N, 5),
        joints (B, 17, 2) in pixels."""
        rng = self.rng(step)
        drawn = self._train[self._drawn_sampler.rows(step)]
        pictures = self.shards.views(drawn)
        rows = drawn
        if self.config.loop.batch_size > 1:
            decoded = self._decoded[self._decoded_sampler.rows(step)]
            pictures += [self.round_trips.picture(int(row)) for row in decoded]
            rows = np.concatenate([drawn, decoded])
        masks = self.shards.garment_masks(rows)
        specs = [self.shards.specs[int(row)] for row in rows]
        records = [self.shards.records[int(row)] for row in rows]
        size = self.net.config.size
        tables = [
            np.concatenate([component_table(spec, size), joint_table(record, size)])
            for spec, record in zip(specs, records, strict=True)
        ]
        changed = [
            augment(picture, mask, table, rng)
            for picture, mask, table in zip(pictures, masks, tables, strict=True)
        ]
        moved = np.stack([c.components for c in changed])
        labels = [
            labels_of(spec, record["face_box"] is not None)
            for spec, record in zip(specs, records, strict=True)
        ]
        return {
            "rows": torch.from_numpy(rows),
            "pictures": torch.from_numpy(np.stack([c.picture for c in changed])),
            "mask": torch.from_numpy(np.stack([c.mask for c in changed])),
            "components": torch.from_numpy(moved[:, :MOST_COMPONENTS]),
            "joints": torch.from_numpy(
                np.where(moved[:, MOST_COMPONENTS:, :1] < 0, -1, moved[:, MOST_COMPONENTS:, 1:3])
            ),
            "worn": torch.tensor([record["keypoints"] is not None for record in records]),
            "labels": torch.tensor(labels),
        }

    def step(self, batch: Batch) -> dict[str, torch.Tensor]:
        """The losses of `trainer.losses.perception`."""
        answers = self.net(pictures_to_tensor(batch["pictures"]))
        names = (*ATTRIBUTES, *SCENE_ATTRIBUTES)
        labels = {name: batch["labels"][:, i] for i, name in enumerate(names)}
        mask = batch["mask"].float() / 255
        return perception_loss(
            answers, labels, batch["components"], mask, self.net.config.size,
            batch["joints"], batch["worn"],
        )  # fmt: skip

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

    def sample(self, path: Path) -> None:
        """Held-out round trips with the components that the network finds."""
        rows = self.held_out[:: max(len(self.held_out) // 16, 1)][:16]
        pictures = np.stack([self.round_trips.picture(int(row)) for row in rows])
        shown = [
            _with_boxes(picture, [p for p in peaks if p.score > 0.3])
            for picture, peaks in zip(pictures, self._candidates(pictures), strict=True)
        ]
        save_sheet(path, shown, columns=8)

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


def _split(
    folders: Sequence[Shards], config: PerceptionRecipeConfig
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows to train on, and those kept apart: the last of each folder, in equal parts."""
    ends = np.cumsum([shards.count for shards in folders])
    kept = np.full(len(folders), config.calibration_rows // len(folders))
    kept[: config.calibration_rows % len(folders)] += 1
    train, held_out = [], []
    for shards, end, number in zip(folders, ends, kept, strict=True):
        if shards.count <= number:
            raise BadInput(
                f"A folder of shards holds {shards.count} pictures, too few to keep {number} "
                "apart; draw more, or lower calibration_rows."
            )
        train.append(np.arange(end - shards.count, end - number, dtype=np.int64))
        held_out.append(np.arange(end - number, end, dtype=np.int64))
    return np.concatenate(train), np.concatenate(held_out)


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
