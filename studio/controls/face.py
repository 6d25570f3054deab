"""A face to be recognised again: IP-Adapter-FaceID with a replaceable face encoder."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BeforeValidator

from studio.errors import BadInput
from studio.options import Option
from studio.request import Control, Sha
from studio.request.rows import Told, strength
from studio.request.weights import Weights
from studio.tile import Tile

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
    from numpy.typing import NDArray

    from studio.checkpoints import Found
    from studio.conditions.face import FaceAdapter, FaceCondition
    from studio.conditions.scene import Scene
    from studio.conditions.shelf import Shelf
    from studio.vision.face import FaceEncoder
    from studio.vision.people import People

_EXAMPLE = "ip-adapter-faceid-plus_sd15.bin"
READER = "face_encoder"
"""The part of a model that reads a face."""

_CHANGED = {"q": "to_q", "k": "to_k", "v": "to_v", "out": "to_out_0"}


def _adapter(shelf: Shelf) -> FaceAdapter:
    from studio.conditions.face import FaceAdapter

    file = shelf.file("face")
    if file is not None:
        return load_face_id(file.path, shelf.unet)
    shelf.require("face", "cannot be given a face")
    return FaceAdapter.load(shelf.folder / "face_adapter", shelf.unet.device)


def load_face_id(path: Path, base: UNet2DConditionModel) -> FaceAdapter:
    """Load IP-Adapter-FaceID or FaceID-Plus for a base (Ye et al. 2023, arXiv 2308.06721): a
    projection from a face's numbers to tokens, keys and values for them in every cross-attention,
    and a LoRA in every attention, which FaceID-Portrait does without.

    Version 2 of Plus has the same weights as the first: “plusv2” in its file's name tells it.

    Args:
        path: the file with `image_proj` and `ip_adapter`.
        base: gives the layers and the device.

    Returns:
        The adapter in float32, whatever the base runs in: a few small layers, run once for a face.

    Raises:
        ModelMissing, ModelDamaged: the file is not there, broken, of another kind, incomplete or
            for another base.
    """
    import torch

    from studio.checkpoints import read_weights
    from studio.checkpoints.shapes import part
    from studio.conditions.attention import OwnKeys, attentions
    from studio.conditions.face import FaceAdapter, FaceProjection
    from studio.conditions.lora import Change
    from studio.conditions.published.base import moved
    from studio.conditions.published.parts import open_as
    from studio.conditions.weights import KEYS, PROJECTION

    open_as(path, ("ip_adapter_faceid", "ip_adapter_faceid_plus"), _EXAMPLE, base)
    weights = moved(read_weights(path), base, torch.float32)
    heard = part(weights, KEYS)
    lora: dict[str, Change] = {}
    changes = any("_lora." in name for name in heard)  # FaceID-Portrait has none
    for place, attention, _ in attentions(base):
        for which, layer in _CHANGED.items() if changes else ():
            name = f"{place}.to_{which}_lora"
            down, up = (heard.pop(f"{name}.{half}.weight") for half in ("down", "up"))
            lora[f"{attention}.{layer}".replace(".", "_")] = Change(name, down, up, 1.0)
    shortcut = "plusv2" in path.stem.lower().replace("-", "").replace("_", "")
    projection = FaceProjection.from_state(part(weights, PROJECTION), shortcut)
    return FaceAdapter(projection, OwnKeys.from_state(heard), lora)


def _encoder(shelf: Shelf) -> FaceEncoder:
    from studio.vision.face import InsightFaceEncoder, WardrobeFaceEncoder

    if shelf.published is not None and shelf.file("face") is not None:
        return InsightFaceEncoder(shelf.published)
    return WardrobeFaceEncoder.load(shelf.folder / "face_encoder", shelf.unet.device)


def face_in(shelf: Shelf, pixels: NDArray[np.uint8], people: People) -> tuple[FaceBox, str]:
    """Where the face is in a picture, and what to tell of it.

    Args:
        pixels: RGB (H, W, 3). people: what the networks for real people see in it.

    Raises:
        BadInput: no face is found. ModelMissing, ModelDamaged: the model's face encoder.
    """
    from studio.vision.face import WardrobeFaceEncoder
    from studio.vision.readers import chosen_face

    encoder = shelf.get(READER)
    found = chosen_face(pixels, encoder, people)
    if found is None:
        raise BadInput(
            "No face was found in this photo: mark it, crop the photo to it, or choose another."
        )
    said = "The face in the box is taken from this photo."
    if found.count > 1:
        said = f"Of {found.count} faces in this photo the largest is taken."
    if isinstance(encoder, WardrobeFaceEncoder):
        said += (
            " The bundled face encoder knows drawn people only: of a real face it keeps no "
            "likeness."
        )
    left, top, right, bottom = (round(edge, 4) for edge in found.box)
    return (left, top, right, bottom), said


def _edge(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadInput("An edge of the face's box is no number from 0 to 1: mark the face again.")
    return float(value)


def _check_box(box: object) -> tuple[float, float, float, float]:
    if not isinstance(box, list | tuple) or len(box) != 4:
        raise BadInput("A face's box needs left, top, right and bottom: mark the face again.")
    left, top, right, bottom = (_edge(value) for value in box)
    if right - left < _LEAST_SIDE or bottom - top < _LEAST_SIDE:
        raise BadInput("The face's box is empty: mark the face from the chin to the forehead.")
    return left, top, right, bottom


_LEAST_SIDE = 0.01
FaceBox = Annotated[tuple[float, float, float, float], BeforeValidator(_check_box)]
"""Left, top, right, bottom in 0..1 of the photo, from the chin to the forehead."""


def _no_reader(shelf: Shelf, file: Found) -> str:
    """What insightface, and the image encoder of Plus, still need."""
    from studio.controls.garment import no_image_encoder
    from studio.vision.face import insightface_lacks

    plus = file.kind == "ip_adapter_faceid_plus"
    missing = insightface_lacks(shelf.published) if shelf.published else ""
    return missing or (no_image_encoder(shelf, file) if plus else "")


class FaceControl(Control):
    """A photo of the wearer's face.

    Attributes:
        box: where the face is; None, as it was stored before, looks for it anew each time.
    """

    kind = "face"
    title: ClassVar[str] = "face"
    order = 50
    tile = Tile(
        place=40,
        title="Face",
        about="Whose face the wearer has.",
        drawn=(
            "M12 20c-3.6 0-6-3.5-6-8s2.4-7.5 6-7.5 6 3 6 7.5-2.4 8-6 8zM9.7 11.5h.01"
            "M14.3 11.5h.01M10 15.5c1.2.9 2.8.9 4 0"
        ),
        used="the face is taken from this photo",
        stronger="Higher looks more like the photo.",
    )
    attached = -1
    on_somebody = True
    cannot = "be given a face"
    remedy = "leave the face out, or put the published face adapter into the folder of adapters"
    rows = (Told("Face photo", attrgetter("picture"), "face"), Told("Face strength", strength))
    options = (
        Option("--face", "picture", "a photo of the wearer's face", "photo", "FILE"),
        Option("--face-strength", "strength", "0 to 2 (1)", "number", "F"),
    )
    weights = (
        Weights(
            "face",
            _adapter,
            ("face_adapter", READER),
            ("ip_adapter_faceid", "ip_adapter_faceid_plus"),
            "faceid",
            _EXAMPLE,
            lacks=_no_reader,
        ),
        Weights(READER, _encoder, alone=False),
    )
    picture: Sha
    box: FaceBox | None = None

    def conditions(self, scene: Scene) -> Sequence[FaceCondition]:
        """The face's tokens beside the words. Raises BadInput where no face is found."""
        from studio.conditions.face import FaceCondition, read_face

        adapter, photo = scene.weights("face"), scene.picture(self.picture)

        def read() -> Any:
            encoder = scene.weights(READER)
            plus = adapter.projection.perceiver is not None
            eyes = scene.weights("image_encoder") if plus else None
            return read_face(adapter, encoder, photo, self.box, eyes)

        name = "face" if self.box is None else f"face {self.box}"
        return [FaceCondition(adapter, scene.remembered(photo, name, read), self)]
