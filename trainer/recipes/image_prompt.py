"""Pictures as prompts on a frozen base: IP-Adapter (arXiv 2308.06721) from pairs.

Two sources through one recipe. With "garment" the flat picture of a pair prompts for the worn one,
by the frozen image encoder's tokens and a resampler. With "face" somebody's face in ANOTHER
picture of the same person prompts for the worn picture, by the frozen face encoder's vector and
the projection of IP-Adapter-FaceID; where there is no other picture it is the picture's own face,
and always a little off and coarser, so that no pixels can be copied. Trained are the projection
and the cross-attentions' own keys and values, which start as the UNet's for words.

    python -m trainer image_prompt --config trainer/configs/image_prompt.toml \
        --run runs/family/image_prompt
    python -m trainer image_prompt --config trainer/configs/face_adapter.toml \
        --run runs/family/face_adapter
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from studio.checkpoints.shapes import part
from studio.conditions.attention import ImageTokens, OwnKeys
from studio.conditions.base import Condition
from studio.conditions.face import FaceAdapter, FaceCondition, FaceProjection, read_face
from studio.conditions.image_prompt import (
    ImagePromptAdapter,
    ImagePromptCondition,
    PictureCondition,
)
from studio.conditions.resampler import Resampler
from studio.conditions.weights import KEYS, PROJECTION, adapter_weights
from studio.errors import BadInput
from studio.request import Control
from studio.vision.face import Box, WardrobeFaceEncoder
from studio.vision.image_encoder import ImageEncoder
from trainer.data.faces import Who, changed_crop, face_boxes, who
from trainer.loop import Batch
from trainer.recipes.dressing import ResamplerShape
from trainer.recipes.garment import PairConfig, PairRecipe
from trainer.recipes.garment_samples import held_out_pairs, pair_sheet
from trainer.state import load_fitting

_CROPS_EACH = 2
_CHUNK = 64


class ImagePromptConfig(PairConfig):
    """Source, encoders and shape.

    The dropouts are those of IP-Adapter's training (section 4.1.2) as well: 5% each of the words,
    the picture, and both.
    """

    source: Literal["garment", "face"] = Field("garment", description="what prompts")
    image_encoder: Path | None = Field(
        None, description="folder of the image encoder, which stays as it is; for garments"
    )
    face_encoder: Path | None = Field(
        None, description="folder of the face encoder, which stays as it is; for faces"
    )
    resampler: ResamplerShape = ResamplerShape.model_validate({})
    adapter: Path | None = Field(
        None, description="folder of an adapter of the same source and shape to go on from"
    )
    face_tokens: int = Field(4, gt=0, description="tokens of a face; 4 in IP-Adapter-FaceID")


class ImagePromptRecipe(PairRecipe):
    """Trains a projection and the cross-attentions' keys and values for it."""

    name = "image_prompt"
    config_type = ImagePromptConfig
    config: ImagePromptConfig  # pyright: ignore[reportIncompatibleVariableOverride]

    def build(self) -> dict[str, nn.Module]:
        """Opens data and encoder, makes the projection, makes a second of each cross-attention."""
        config = self.config
        self.open_data()
        width = int(self.unet.config["cross_attention_dim"])
        if config.source == "garment":
            if config.image_encoder is None:
                raise BadInput("Garments are read by an image encoder: set `image_encoder`.")
            self.encoder = ImageEncoder.load(config.image_encoder, self.device)
            shape = config.resampler
            projection: Any = Resampler(
                shape.width, shape.depth, shape.heads, self.encoder.width, width, shape.inner,
                shape.queries,
            )  # fmt: skip
        else:
            if config.face_encoder is None:
                raise BadInput("Faces are read by a face encoder: set `face_encoder`.")
            self.reader = WardrobeFaceEncoder.load(config.face_encoder, self.device)
            self._read_faces()
            projection = FaceProjection(self.reader.outputs, width, config.face_tokens)
        self.projection = projection.to(self.device)
        self.keys = OwnKeys.of_unet(self.unet).to(self.device)
        if config.adapter is not None:
            state = adapter_weights(config.adapter)
            load_fitting(self.projection, part(state, PROJECTION))
            load_fitting(self.keys, part(state, KEYS))
        return {"projection": self.projection, "keys": self.keys}

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
        """As for all pairs, and the prompting pictures: float32 (B, 3, S, S), or (B, D)."""
        batch = super().batch(step)
        rows = batch["rows"].numpy()
        if self.config.source == "garment":
            return {**batch, "pictures": self.encoder.pixels(self.pairs.flat.views(rows)).cpu()}
        rng = np.random.default_rng([self.config.loop.seed, step, 3])
        faces = np.stack([self._face(int(row), rng) for row in rows])
        return {**batch, "pictures": torch.from_numpy(faces)}

    def image_tokens(self, pictures: Tensor, seen: Tensor) -> Tensor:
        """(B, tokens, width); where `seen` (B,) is False, those of no picture."""
        if self.config.source == "face":
            return self.projection(pictures * seen[:, None])
        tokens, nothing = self.encoder.tokens_of(pictures), self.encoder.zero_tokens()
        return self.projection(torch.where(seen[:, None, None], tokens, nothing))

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Predict the worn picture's velocity with the prompting picture heard."""
        tokens = ImageTokens(self.image_tokens(batch["pictures"], batch["sees_garment"]))
        return self.with_source(batch, PictureCondition(self.keys, tokens, Control()))

    def sample(self, folder: Path, step: int) -> None:
        """Held-out garments: flat, worn in truth, and made with the picture as a prompt."""
        pairs = held_out_pairs(self.config.sample_count)
        condition: Any
        if self.config.source == "garment":
            prompt = ImagePromptAdapter(self.projection, self.keys)

            def of_garment(index: int, latents: Tensor) -> Condition:
                tokens = prompt.tokens(self.encoder, [pairs[index].flat.picture])
                return ImagePromptCondition(prompt, tokens, Control())

            condition = of_garment
        else:
            adapter = FaceAdapter(self.projection, self.keys)

            def of_face(index: int, latents: Tensor) -> Condition:
                worn = pairs[index].worn
                if worn.face_box is None:
                    tokens: ImageTokens = adapter.tokens(torch.zeros(self.reader.outputs))
                else:
                    left, top, right, bottom = (float(v) for v in worn.face_box)
                    box = (left, top, right, bottom)
                    tokens = read_face(adapter, self.reader, worn.picture, box)
                return FaceCondition(adapter, tokens, Control())

            condition = of_face
        guidance = (self.config.sample_guidance, 1.0)
        pair_sheet(self, folder / f"{step:07d}.png", condition, guidance)

    def save(self, folder: Path) -> None:
        """Writes the folder `image_prompt` or `face_adapter`."""
        if self.config.source == "garment":
            ImagePromptAdapter(self.projection, self.keys).save(folder / "image_prompt")
        else:
            FaceAdapter(self.projection, self.keys).save(folder / "face_adapter")
