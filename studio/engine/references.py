"""The pictures that a request refers to, as conditions: garment, pose, face, styles."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from studio.conditions.attention import ImageTokens
from studio.conditions.base import Condition
from studio.conditions.board import BOARD_CHANNELS
from studio.conditions.control import BoardControl, BoardPart
from studio.conditions.face import FaceCondition, read_face
from studio.conditions.garment import GarmentCondition, masked_garment
from studio.conditions.image_prompt import ImagePromptCondition
from studio.conditions.memory import picture_key
from studio.conditions.style import StyleCondition, StyleWeights, read_style
from studio.controls.face import FaceControl
from studio.controls.garment import GARMENT_METHODS, GarmentControl, needs_of
from studio.controls.pose import PoseControl
from studio.controls.style import StyleControl
from studio.engine.adapters import Adapters
from studio.engine.latents import encode_tensor
from studio.engine.loading import Family
from studio.errors import BadInput
from studio.request import Control, GenerationRequest
from studio.vision.garment_mask import GarmentMask


@dataclass(frozen=True)
class Garment:
    """A garment's picture and where it is in it."""

    picture: Image.Image
    mask: GarmentMask


MaskFinder = Callable[[Image.Image, str, NDArray[np.uint8] | None], GarmentMask]
"""Finds a garment in a picture: (picture, part, the user's own mask or None)."""


def used_adapters(request: GenerationRequest) -> frozenset[str]:
    """The names of the adapters that decide a request's pictures."""
    used: set[str] = set()
    if garment := request.get(GarmentControl):
        used |= needs_of(garment.method)
    if request.get(FaceControl) is not None:
        used.add("face")
    return frozenset(used)


def check_adapters(family: Family, request: GenerationRequest) -> None:
    """The model can hear what the request refers to.

    Raises:
        BadInput: it cannot.
        ModelDamaged: it could, but for a published file that is broken or another than its name.
    """
    used = used_adapters(request)
    for name in sorted(used):
        family.adapters.check(name)
    missing = used - family.adapters.offers
    if "face" in missing:
        raise BadInput(
            f"The model {family.entry.name} cannot be given a face: leave the face out, or put "
            "the published face adapter into the folder of adapters."
        )
    if missing:
        garment = request.get(GarmentControl)
        method = GARMENT_METHODS[garment.method] if garment else ""
        raise BadInput(
            f"The model {family.entry.name} has no weights for a garment by {method}: choose "
            "another method, or put the published ones into the folder of adapters."
        )
    if request.get(PoseControl) is not None and "pose" not in family.reads:
        raise BadInput(f"The model {family.entry.name} reads no pose: leave the pose out.")


def reference_conditions(
    family: Family,
    request: GenerationRequest,
    garment: Garment | None,
    face: Image.Image | None,
    styles: Mapping[str, bytes],
    steps: int,
) -> list[Condition]:
    """Conditions in the order in which they must be attached: those that change weights first.

    Raises:
        BadInput: the face cannot be found, or a style does not fit the model.
        ModelMissing, ModelDamaged: the adapters.
    """
    found: list[Condition] = [
        StyleCondition(style.name, styles[style.sha256], style.strength)
        for style in request.all(StyleControl)
        if style.strength
    ]
    heard = request.get(FaceControl)
    if face is not None and heard is not None:
        tokens = _face_tokens(family.adapters, face)
        found.append(FaceCondition(family.adapters.face, tokens, heard))
    asked = request.get(GarmentControl)
    if garment is not None and asked is not None:
        size = request.sampling.width, request.sampling.height
        found += _garment(family, asked, garment, size, steps)
    return found


def _face_tokens(adapters: Adapters, face: Image.Image) -> ImageTokens:
    def read() -> ImageTokens:
        plus = adapters.face.projection.perceiver is not None
        return read_face(
            adapters.face, adapters.face_encoder, face,
            image_encoder=adapters.image_encoder if plus else None,
        )  # fmt: skip

    return adapters.tokens.find(picture_key(face, "face"), read)


def _garment(
    family: Family, asked: GarmentControl, garment: Garment, size: tuple[int, int], steps: int
) -> list[Condition]:
    adapters, method = family.adapters, asked.method
    width, height = size

    def pixels(masked: bool) -> Tensor:
        mask = garment.mask.mask if masked else None
        return masked_garment(garment.picture, mask, width, height)

    def latents(masked: bool) -> Callable[[], Tensor]:
        return lambda: encode_tensor(family, pixels(masked))

    def key(masked: bool) -> bytes:
        digest = hashlib.sha256(repr((width, height, garment.picture.size)).encode())
        digest.update(garment.picture.tobytes())
        if masked:
            digest.update(garment.mask.mask.tobytes())
        return digest.digest()

    if method == "image_prompt":
        prompt = adapters.image_prompt
        tokens = adapters.tokens.find(
            picture_key(garment.picture, "image_prompt"),
            lambda: prompt.tokens(adapters.image_encoder, [garment.picture]),
        )
        return [ImagePromptCondition(prompt, tokens, asked)]
    if method == "controlnet_garment":
        shown = (pixels(masked=True)[0] / 2 + 0.5).numpy()
        return [_garment_board(family, shown, asked, steps)]
    found: list[Condition] = []
    if method in ("magic_clothing", "combined"):
        extractor = adapters.garment
        features = extractor.features(
            key(True), latents(True), lambda: family.text.encode("").embeddings
        )
        found.append(GarmentCondition(extractor, features, asked))
    if method in ("imagdressing", "combined") and asked.weight > 0:
        encoder = adapters.dressing
        features = encoder.features(
            key(encoder.masked), latents(encoder.masked), lambda: encoder.tokens(garment.picture)
        )
        found.append(GarmentCondition(encoder, features, Control(strength=asked.weight)))
    return found


def _garment_board(
    family: Family, shown: NDArray[np.float32], control: Control, steps: int
) -> BoardControl:
    """ControlNet-Garment: the garment's picture where a control network has its map."""
    channels = np.zeros((len(BOARD_CHANNELS), *shown.shape[1:]), np.float32)
    channels[-len(shown) :] = shown
    part = BoardPart("garment", channels, control)
    return BoardControl(family.adapters.garment_control, [[part]], steps)


def made_with(family: Family, request: GenerationRequest) -> str:
    """Hash of all weights that decide a request's pictures."""
    adapters = family.adapters.hashes(used_adapters(request))
    if not adapters:
        return family.weights
    return hashlib.sha256(f"{family.weights}\n{adapters}".encode()).hexdigest()


def style_weights(
    request: GenerationRequest, styles: Mapping[str, bytes]
) -> list[tuple[StyleWeights, float]]:
    """The styles with their scales, for the text encoder. Raises BadInput, ModelDamaged."""
    return [
        (read_style(styles[s.sha256], s.name), s.strength)
        for s in request.all(StyleControl)
        if s.strength
    ]


def style_files(request: GenerationRequest, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The styles' bytes by their hash. Raises BadInput where one is missing."""
    found: dict[str, Any] = {}
    for style in request.all(StyleControl):
        if style.sha256 not in files:
            raise BadInput(f"The style {style.name} is not there: add its file again.")
        found[style.sha256] = files[style.sha256]
    return found
