"""Somebody's face as a prompt: IP-Adapter-FaceID (arXiv 2308.06721) from pairs.

A face in ANOTHER picture of the same person prompts for the worn picture, by the frozen face
encoder's vector and the projection of IP-Adapter-FaceID; where there is no other picture it is the
picture's own face, and always a little off and coarser, so that no pixels can be copied.

    python -m trainer face_adapter --config trainer/configs/face_adapter.toml \
        --run runs/family/face_adapter
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.conditions.face import FaceAdapter, FaceCondition, FaceProjection, read_face
from studio.garment.spec import Box
from studio.request import Control
from studio.vision.face import WardrobeFaceEncoder
from trainer.config import Whole, reads
from trainer.data.faces import Who, changed_crop, face_boxes, who
from trainer.data.pairs import Pair
from trainer.loop import Batch
from trainer.recipes.shared.prompt import PromptConfig, PromptRecipe

_CROPS_EACH = 2
_CHUNK = 64


class FaceAdapterConfig(PromptConfig):
    """Encoder and shape."""

    face_encoder: Path = reads("face")
    """Folder of the face encoder, which stays as it is."""
    adapter: Path | None = reads("face_adapter", "named")
    """Folder of an adapter of the same shape to go on from."""
    face_tokens: Whole = 4
    """Tokens of a face; 4 in IP-Adapter-FaceID."""


class FaceAdapterRecipe(PromptRecipe[FaceAdapterConfig]):
    """Faces through FaceID's projection."""

    name = "face_adapter"
    writes: ClassVar = {"face_adapter": "face_adapter"}
    adapter = FaceAdapter

    def open_prompts(self, width: int) -> nn.Module:
        """Opens the face encoder and reads all faces; returns FaceID's projection."""
        self.reader = WardrobeFaceEncoder.load(self.config.face_encoder, self.device)
        self._read_faces()
        return FaceProjection(self.reader.outputs, width, self.config.face_tokens)

    def _read_faces(self) -> None:
        """Every worn picture's face as vectors (rows, crops, D), zeros where there is none."""
        worn = self.pairs.worn
        boxes = face_boxes(worn)
        size = self.reader.net.shape.size
        shape = (worn.count, _CROPS_EACH, self.reader.outputs)
        self.faces: NDArray[np.float32] = np.zeros(shape, np.float32)
        rows = [r for r, box in enumerate(boxes) if box is not None]
        for first in range(0, len(rows), _CHUNK):
            here = rows[first : first + _CHUNK]
            for i in range(_CROPS_EACH):
                crops = []
                for row, picture in zip(here, worn.views(np.array(here)), strict=True):
                    box: Box | None = boxes[row]
                    assert box is not None
                    rng = np.random.default_rng([self.config.loop.seed, 31, row, i])
                    crops.append(changed_crop(picture, box, size, 0.5, rng))
                self.faces[here, i] = self.reader.embed_crops(crops).cpu().numpy()
        self.people = [who(spec) for spec in worn.specs]
        self.rows_of: dict[Who, list[int]] = {}
        for row in rows:
            person = self.people[row]
            if person is not None:
                self.rows_of.setdefault(person, []).append(row)

    def _face(self, row: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """(D,) the face of the same person in another picture, zeros where `row` shows none."""
        person = self.people[row]
        others = [] if person is None else self.rows_of.get(person, [])
        if row not in others:
            return np.zeros(self.faces.shape[2], np.float32)
        chosen = row
        if len(others) > 1:
            place = int(rng.integers(len(others) - 1))
            chosen = others[place + (place >= others.index(row))]
        return self.faces[chosen, rng.integers(_CROPS_EACH)]

    def batch(self, step: int) -> Batch:
        """As for all pairs, and the faces' vectors, float32 (B, D)."""
        batch = super().batch(step)
        rng = np.random.default_rng([self.config.loop.seed, step, 3])
        faces = np.stack([self._face(int(row), rng) for row in batch["rows"].numpy()])
        return {**batch, "pictures": torch.from_numpy(faces)}

    def image_tokens(self, pictures: Tensor, seen: Tensor) -> Tensor:
        """(B, tokens, width) of vectors (B, D)."""
        return self.projection(pictures * seen[:, None])

    def prompted(self, adapter: FaceAdapter, pair: Pair) -> FaceCondition:
        """The wearer's face in the true picture."""
        worn = pair.worn
        if worn.face_box is None:
            tokens = adapter.tokens(torch.zeros(self.reader.outputs))
        else:
            left, top, right, bottom = (float(v) for v in worn.face_box)
            tokens = read_face(adapter, self.reader, worn.picture, (left, top, right, bottom))
        return FaceCondition(adapter, tokens, Control())
