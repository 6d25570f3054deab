"""The face encoder: who somebody is, and where the face is, from the wardrobe's own figures.

Two pictures of the same description (person, skin, hair, hair style) show the same person; the
supervised contrastive loss (Khosla et al. 2020, arXiv 2004.11362) brings them together. The
finder is a CenterNet of one class (Zhou et al. 2019, arXiv 1904.07850) on whole worn pictures,
with flat pictures, and worn ones without a head, as those where there is nothing to find.

Kept apart are the last rows, and every tenth person in all rows; `measured.json` beside the
weights says how well faces of both are told apart and found.

    python -m trainer face --config trainer/configs/face.toml --run runs/family/face
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from studio.errors import BadInput
from studio.vision.face import (
    FINDER_STRIDE,
    SIZE_UNIT,
    FaceNet,
    FaceShape,
    WardrobeFaceEncoder,
    face_crop,
    overlap,
)
from trainer.config import Positive, RecipeConfig, Share, Whole, reads
from trainer.data.augment import augment
from trainer.data.faces import Who, changed_crop, face_boxes, who
from trainer.data.pairs import Pairs
from trainer.loop import Batch, Recipe
from trainer.losses.contrastive import supervised_contrastive
from trainer.losses.perception import focal
from trainer.run import write_measured
from trainer.sheets import pictures_to_tensor, save_sheet

_NO_MASK = np.zeros((1, 1), np.uint8)
_APART = 10
_THRESHOLDS = np.round(np.arange(0.05, 0.96, 0.05), 2)


class FaceConfig(RecipeConfig):
    """Data and losses; batch_size counts faces, a quarter as many whole pictures come on top."""

    pairs: Path = reads("pairs", "data")
    """Folder of pairs."""
    pairs_shards: Whole | None = None
    """The first shards of pairs only."""
    held_out_rows: Whole = 600
    """Last rows that are only measured."""
    faces_each: int = Field(default=4, gt=1)
    """Pictures of each person in a batch."""
    temperature: Positive = 0.1
    """Of the contrastive loss; Khosla et al. 2020, section 4."""
    flat_part: Share = 0.25
    """Part of the whole pictures without anybody in them."""
    coarse_part: Share = 0.5
    """Part of the faces seen at a lower resolution."""
    outputs: Whole = 64
    """Features of a face's vector."""


class FaceRecipe(Recipe[FaceConfig]):
    """Trains the face encoder."""

    name = "face"
    writes: ClassVar = {"face": "face_encoder"}

    def build(self) -> dict[str, nn.Module]:
        """Opens the pairs, sorts the faces by person, makes the network."""
        config = self.config
        self.pairs = Pairs.of(config.pairs, config.pairs_shards)
        worn = self.pairs.worn
        self.boxes = face_boxes(worn)
        self.people = [who(spec) for spec in worn.specs]
        first = worn.count - config.held_out_rows
        everyone = sorted({p for p in self.people if p is not None})
        # Every tenth in a shuffled order: in the sorted one they would be alike.
        order = np.random.default_rng(4).permutation(len(everyone))
        self.apart = {everyone[i] for i in order[::_APART]} if len(everyone) >= _APART else set()
        self.rows_of: dict[Who, list[int]] = {}
        for row in range(max(first, 0)):
            person = self.people[row]
            if person is not None and self.boxes[row] is not None and person not in self.apart:
                self.rows_of.setdefault(person, []).append(row)
        if len(self.rows_of) < 2:
            raise BadInput(
                f"{config.pairs} shows faces of fewer than two people besides the "
                f"{config.held_out_rows} rows kept apart; draw more pairs or lower held_out_rows."
            )
        self.order = sorted(self.rows_of)
        self.first_held_out = first
        self.net = FaceNet(FaceShape(outputs=config.outputs)).to(self.device)
        return {"face": self.net}

    def batch(self, step: int) -> Batch:
        """Crops (B, s, s, 3) uint8 with their people's numbers, pictures (B/4, S, S, 3) uint8
        with their face's centre and size in pixels (B/4, 4), -1 where there is no face."""
        config, rng = self.config, self.rng(step)
        each = config.faces_each
        count = max(config.loop.batch_size // each, 2)
        chosen = rng.choice(len(self.order), count, replace=len(self.order) < count)
        rows = np.concatenate([rng.choice(self.rows_of[self.order[i]], each) for i in chosen])
        crops = [self._crop(int(row), rng) for row in rows]
        whole = [self._whole(rng) for _ in range(max(config.loop.batch_size // 4, 1))]
        return {
            "rows": torch.from_numpy(rows.astype(np.int64)),
            "crops": torch.from_numpy(np.stack(crops)),
            "people": torch.from_numpy(np.repeat(chosen, each).astype(np.int64)),
            "pictures": torch.from_numpy(np.stack([picture for picture, _ in whole])),
            "faces": torch.from_numpy(np.stack([face for _, face in whole])),
        }

    def _crop(self, row: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        box = self.boxes[row]
        assert box is not None
        picture = self.pairs.worn.views(np.array([row]))[0]
        return changed_crop(picture, box, self.net.shape.size, self.config.coarse_part, rng)

    def _whole(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """A picture, and its face's centre and size in pixels."""
        row = int(rng.integers(self.first_held_out))
        flat = rng.random() < self.config.flat_part
        shards = self.pairs.flat if flat else self.pairs.worn
        picture = shards.views(np.array([row]))[0]
        table = np.full((1, 5), -1, np.float32)
        box = None if flat else self.boxes[row]
        if box is not None:
            x0, y0, x1, y1 = (v * picture.shape[0] for v in box)
            table[0] = 0, (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0
        example = augment(picture, _NO_MASK, table, rng)
        kind, *face = example.components[0]
        found = np.array(face if kind >= 0 else [-1] * 4, np.float32)
        return example.picture, found

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Persons apart from each other, and faces found."""
        vectors = self.net.embed(pictures_to_tensor(batch["crops"]))
        people = batch["people"]
        same = supervised_contrastive(vectors, people, self.config.temperature)
        nearest = (vectors @ vectors.T).fill_diagonal_(-2).argmax(1)
        right = (people[nearest] == people).float().mean()
        logits, answers = self.net.find(pictures_to_tensor(batch["pictures"]))
        heat, edges = finder_losses(logits, answers, batch["faces"])
        return {
            "loss": same + heat + edges, "same_person": same, "nearest_right": right,
            "heat": heat, "edges": edges,
        }  # fmt: skip

    def measure(self) -> dict[str, float]:
        """On what was kept apart; calibrates the finder's threshold."""
        reader = WardrobeFaceEncoder(self.net)
        rows = [r for r in range(self.pairs.worn.count) if self.boxes[r] is not None]
        last = [r for r in rows if r >= self.first_held_out]
        known = [r for r in last if self.people[r] not in self.apart]
        strangers = [r for r in rows if self.people[r] in self.apart][:400]
        found: dict[str, float] = {"faces": float(len(last))}
        for name, chosen in (("", known), ("strangers_", strangers)):
            found |= {name + k: v for k, v in self._verified(reader, chosen).items()}
        return found | self._calibrated(last)

    def _verified(self, reader: WardrobeFaceEncoder, rows: list[int]) -> dict[str, float]:
        """How often two pictures are rightly said to show the same person, or not."""
        if len(rows) < 4:
            return {}
        worn, size = self.pairs.worn, self.net.shape.size
        crops = []
        for row in rows:
            box = self.boxes[row]
            assert box is not None
            crops.append(face_crop(worn.views(np.array([row]))[0], box, size))
        vectors = reader.embed_crops(crops).cpu()
        cosines = (vectors @ vectors.T).numpy()
        people: Any = np.array([self.people[row] for row in rows])
        differences = (people[:, None] != people[None]).sum(2)
        upper = np.triu(np.ones_like(differences, bool), 1)
        odd = (np.arange(len(rows)) % 2 == 1)[:, None] & upper
        same, other = differences == 0, differences > 0
        # The threshold comes from half of the pairs, the numbers from the others.
        grid = np.linspace(-0.5, 1, 151)
        balance = [_balanced(cosines, same & odd, other & odd, t) for t in grid]
        threshold = float(grid[int(np.argmax(balance))])
        even = upper & ~odd
        return {
            "verification": _balanced(cosines, same & even, other & even, threshold),
            "one_difference": _balanced(cosines, same & even, (differences == 1) & even, threshold),
            "threshold": threshold,
            "cosine_same": float(cosines[same & upper].mean()) if (same & upper).any() else 0.0,
            "cosine_other": float(cosines[other & upper].mean()),
        }

    def _calibrated(self, rows: list[int]) -> dict[str, float]:
        """The threshold with the most right answers on half of the rows; numbers of the others."""
        reader = WardrobeFaceEncoder(self.net)
        flat = range(self.first_held_out, self.pairs.flat.count)
        side = self.net.shape.picture
        scores: list[tuple[float, bool]] = []  # score, and whether that was right to find
        for row in rows:
            truth = self.boxes[row]
            assert truth is not None
            box, score = reader.surest(self.pairs.worn.views(np.array([row]))[0], side)
            scores.append((score, overlap(box, truth) >= 0.5))
        for row in flat:
            scores.append(
                (reader.surest(self.pairs.flat.views(np.array([row]))[0], side)[1], False)
            )
        values, right = (np.array(x) for x in zip(*scores, strict=True))
        people = np.arange(len(values)) < len(rows)
        half = np.arange(len(values)) % 2 == 0

        def good(chosen: NDArray[np.bool_], threshold: float) -> float:
            found = values >= threshold
            recall = (found & right)[chosen & people].mean()
            return float((recall + (~found)[chosen & ~people].mean()) / 2)

        quality = [good(half, t) for t in _THRESHOLDS]
        best = np.flatnonzero(np.array(quality) >= max(quality) - 1e-9)
        threshold = float(_THRESHOLDS[best[len(best) // 2]])
        self.net.shape = dataclasses.replace(self.net.shape, threshold=threshold)
        found = values >= threshold
        return {
            "found": float((found & right)[~half & people].mean()),
            "found_where_none_is": float(found[~half & ~people].mean()),
            "finder_threshold": threshold,
        }

    def sample(self, path: Path) -> None:
        """Held-out worn pictures with the face that is found."""
        reader = WardrobeFaceEncoder(self.net)
        rows = np.arange(self.first_held_out, min(self.first_held_out + 16, self.pairs.worn.count))
        shown = []
        for picture in self.pairs.worn.pictures(rows):
            picture = picture.copy()
            if (box := reader.find(picture)) is not None:
                x0, y0, x1, y1 = (round(v * len(picture)) for v in box)
                cv2.rectangle(picture, (x0, y0), (x1, y1), (255, 0, 0), 1)
            shown.append(picture)
        save_sheet(path, shown, columns=8)

    def save(self, folder: Path) -> None:
        """Writes the folder `face`, and `measured.json` beside it."""
        measured = self.measure()
        WardrobeFaceEncoder(self.net).save(folder / "face")
        write_measured(folder, measured)


def _balanced(
    cosines: NDArray[Any], same: NDArray[Any], other: NDArray[Any], threshold: float
) -> float:
    """The mean of the two rates of right answers; 0.5 is chance."""
    if not same.any() or not other.any():
        return 0.5
    said = cosines >= threshold
    return float((said[same].mean() + (~said)[other].mean()) / 2)


def finder_losses(logits: Tensor, answers: Tensor, faces: Tensor) -> tuple[Tensor, Tensor]:
    """CenterNet's focal loss of the heatmap, and L1 of offset and logarithmic size.

    Args:
        logits: (n, 1, h, w). answers: (n, 4, h, w), as `FaceNet.find` gives them.
        faces: (n, 4) centre x, centre y, width, height in pixels; -1 where there is none.
    """
    rows, columns = logits.shape[2:]
    there = faces[:, 0] >= 0
    centre = faces[:, :2] / FINDER_STRIDE
    cell = centre.floor().long()
    x = torch.arange(columns, device=logits.device)
    y = torch.arange(rows, device=logits.device)
    spread = (faces[:, 2:] / FINDER_STRIDE * 0.2).clamp(min=0.5)
    near_x = torch.exp(-((x[None] - cell[:, :1]) ** 2) / (2 * spread[:, :1] ** 2))
    near_y = torch.exp(-((y[None] - cell[:, 1:]) ** 2) / (2 * spread[:, 1:] ** 2))
    target = (near_y[:, :, None] * near_x[:, None, :] * there[:, None, None])[:, None]
    peaks = torch.zeros_like(target, dtype=torch.bool)
    which = torch.nonzero(there)[:, 0]
    column, row = cell[which, 0], cell[which, 1]
    peaks[which, 0, row, column] = True
    heat = focal(logits, target.float(), peaks)
    if len(which) == 0:
        return heat, answers.sum() * 0
    wanted = torch.cat([centre[which] - cell[which], (faces[which, 2:] / SIZE_UNIT).log()], 1)
    return heat, F.l1_loss(answers[which, :, row, column], wanted)
