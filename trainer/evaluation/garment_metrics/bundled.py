"""The bundled family as its own judge, and the choice between bundled and published judges."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.engine.loading import Family
from studio.errors import BadInput, ModelMissing
from studio.vision.face import FaceEncoder
from studio.vision.image_encoder import ImageEncoder
from studio.vision.network import PerceptionNet
from trainer.evaluation.garment_metrics.dift import DiffusionFeatures
from trainer.evaluation.garment_metrics.mp_lpips import (
    BUNDLED_LAYOUT,
    PUBLISHED_LAYOUT,
    Layout,
)
from trainer.evaluation.garment_metrics.networks import FaceVectors, ImageText, Judges
from trainer.evaluation.garment_metrics.published import (
    AlexDistance,
    OpenClip,
    published_points,
)
from trainer.evaluation.garment_metrics.trunk import TrunkDistance

UP_BLOCKS, TIMESTEP, ENSEMBLE = (0, 1), 101, 4
"""Where the bundled UNet matches best, of what was tried: of 309 components in 60 held-out pairs,
flat to worn, 86% are found within 5% of the picture's side. Up block 0 alone finds 76%, block 1
66%; one block on garments cut out on black, as published, finds at most 52%. The two blocks
together were tried at this timestep only, where one and eight noises find 85% and 86%. All this was
chosen and measured on the same pairs, so that a fresh set may do a little worse."""


class EncoderSpace:
    """The bundled image encoder with the family's own words."""

    name = "the bundled image encoder"

    def __init__(self, encoder: ImageEncoder, family: Family):
        self.encoder, self.family = encoder, family

    def images(self, pictures: Sequence[NDArray[np.uint8]]) -> Tensor:
        """(n, D) unit vectors of RGB pictures (H, W, 3)."""
        return self.encoder.embed(pictures).cpu()

    def texts(self, texts: Sequence[str]) -> Tensor:
        """(n, D) unit vectors."""
        text = self.family.text
        return self.encoder.embed_words(texts, text.tokenizer, text.encoder).cpu()


class FaceSpace:
    """Faces as a model's own face condition reads them."""

    name = "the bundled face encoder"

    def __init__(self, encoder: FaceEncoder):
        self.encoder = encoder

    def faces(self, pictures: Sequence[NDArray[np.uint8]]) -> list[Tensor | None]:
        """A unit vector (D,) for each RGB picture (H, W, 3), None where no face is found."""
        boxes = [self.encoder.find(picture) for picture in pictures]
        return [
            None if box is None else self.encoder.embed(picture, box).cpu()
            for picture, box in zip(pictures, boxes, strict=True)
        ]


def bundled_judges(family: Family, faces: FaceVectors | None = None) -> Judges:
    """The judges that a family brings.

    Raises:
        ModelMissing, ModelDamaged: it has no perception, or a part cannot be read.
    """
    net = PerceptionNet.from_pretrained(family.folder / "perception").to(family.device)
    words, missing = None, []
    folder = family.folder / "image_encoder"
    if folder.is_dir():
        encoder = ImageEncoder.load(folder, family.device)
        words = EncoderSpace(encoder, family) if encoder.words is not None else None
    if words is None:
        missing.append(
            "CLIP-T and CLIP-I are left out: the family has no image encoder with words (train "
            "it with `python -m trainer image_encoder`)."
        )
    points = DiffusionFeatures(
        family, [i for i in UP_BLOCKS if i < len(family.unet.up_blocks)], TIMESTEP, ENSEMBLE
    )
    return Judges(points, TrunkDistance(net), words, faces, tuple(missing))


def published_judges(device: torch.device, faces: FaceVectors | None = None) -> Judges:
    """The judges of the papers, from the local caches.

    Raises:
        ModelMissing, ModelDamaged, BadInput: MP-LPIPS' two networks are not on the machine.
    """
    points, patches = published_points(device), AlexDistance(device)
    words: ImageText | None = None
    missing: list[str] = []
    try:
        words = OpenClip(device)
    except (ModelMissing, BadInput) as error:
        missing.append(f"CLIP-T and CLIP-I are left out: {error}")
    return Judges(points, patches, words, faces, tuple(missing))


def judges_for(
    family: Family, faces: FaceVectors | None = None, say: Callable[[str], None] = lambda _: None
) -> tuple[Judges, Layout]:
    """Who judges a family's pictures, and MP-LPIPS' sizes that suit them.

    A family that brings its own perception is judged by its own networks. Another one is judged
    by the published networks.

    Raises:
        ModelMissing, ModelDamaged, BadInput: as `bundled_judges` and `published_judges`.
    """
    if (family.folder / "perception" / "config.json").is_file():
        judges, layout = bundled_judges(family, faces), BUNDLED_LAYOUT
    else:
        judges, layout = published_judges(family.device, faces), PUBLISHED_LAYOUT
    say(judges.told())
    return judges, layout
