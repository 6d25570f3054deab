"""Faces: crops, boxes, files, and what happens without insightface."""

from __future__ import annotations

import importlib.machinery
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from studio.errors import BadInput, ModelDamaged, ModelMissing
from studio.vision import face as module
from studio.vision.face import (
    FINDER_STRIDE,
    SIZE_UNIT,
    FaceNet,
    FaceShape,
    InsightFaceEncoder,
    WardrobeFaceEncoder,
    face_crop,
    overlap,
)
from studio.vision.framing import from_square


@pytest.fixture
def encoder() -> WardrobeFaceEncoder:
    torch.manual_seed(0)
    return WardrobeFaceEncoder(FaceNet(FaceShape(outputs=8, picture=64, threshold=0.2)))


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3)).astype(np.uint8)


def test_it_is_saved_and_loaded(encoder: WardrobeFaceEncoder, tmp_path: Path) -> None:
    encoder.save(tmp_path / "face")
    again = WardrobeFaceEncoder.load(tmp_path / "face")
    assert again.net.shape == encoder.net.shape and again.outputs == 8
    photo = noise(40, 50)
    vector = again.embed(photo, (0.2, 0.2, 0.6, 0.8))
    assert torch.equal(vector, encoder.embed(photo, (0.2, 0.2, 0.6, 0.8)))
    assert vector.shape == (8,) and torch.isclose(vector.norm(), torch.tensor(1.0))
    (tmp_path / "face/model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelDamaged, match="restore the folder"):
        WardrobeFaceEncoder.load(tmp_path / "face")
    with pytest.raises(ModelMissing, match="trainer face"):
        WardrobeFaceEncoder.load(tmp_path)


def test_the_network_is_small() -> None:
    assert sum(p.numel() for p in FaceNet().parameters()) < 200_000


def test_a_crop_is_centred_on_the_box_and_goes_on_outside() -> None:
    photo = np.zeros((100, 200, 3), np.uint8)
    photo[30:50, 80:100] = 255
    crop = face_crop(photo, (0.4, 0.3, 0.5, 0.5), 34)  # 20 pixels wide, 17 to each side
    bright = np.argwhere(crop[..., 0] > 127)
    assert bright.min(0) == pytest.approx([7, 7], abs=1)
    assert bright.max(0) == pytest.approx([26, 26], abs=1)
    photo[:] = (10, 20, 30)
    outside = face_crop(photo, (-0.1, -0.2, 0.1, 0.1), 16)
    assert (outside == (10, 20, 30)).all()


def test_boxes_come_back_from_the_square() -> None:
    # A picture twice as high as wide: the square has a quarter of padding on each side.
    assert from_square((0.25, 0.0, 0.75, 1.0), 200, 100) == (0, 0, 1, 1)
    assert from_square((0.5, 0.25, 0.75, 0.5), 200, 100) == (0.5, 0.25, 1.0, 0.5)
    assert from_square((0.0, 0.5, 0.5, 1.0), 100, 200) == (0.0, 0.5, 0.5, 1.0)
    assert overlap((0, 0, 0.5, 1), (0.25, 0, 0.75, 1)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 0.1, 0.1), (0.5, 0.5, 1, 1)) == 0


class _Sure(FaceNet):
    """Answers that a bright spot is a face of 16 x 24 pixels."""

    def find(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        bright = torch.nn.functional.avg_pool2d(pictures.mean(1, keepdim=True), FINDER_STRIDE)
        answers = torch.zeros(len(pictures), 4, *bright.shape[2:])
        answers[:, :2] = 0.5
        answers[:, 2], answers[:, 3] = np.log(16 / SIZE_UNIT), np.log(24 / SIZE_UNIT)
        return 8 * bright, answers


def test_what_the_network_finds_becomes_a_box() -> None:
    reader = WardrobeFaceEncoder(_Sure(FaceShape(picture=64, threshold=0.9)))
    photo = np.zeros((32, 64, 3), np.uint8)  # on the square it begins at row 16
    photo[8:16, 24:32] = 255
    box = reader.find(photo)
    # Cell (3, 3) of the square: its middle is (28, 28), on the photo (28, 12).
    assert box == pytest.approx((20 / 64, 0.0, 36 / 64, 24 / 32), abs=1e-6)
    assert reader.find(np.zeros((32, 64, 3), np.uint8)) is None


def test_without_insightface_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelMissing, match="pip install insightface"):
        InsightFaceEncoder(tmp_path)


def test_insightface_is_asked_in_its_own_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the package is stood in for: it and its models cannot be part of a test."""
    asked: list[Any] = []

    class FaceAnalysis:
        def __init__(self, **settings: Any) -> None:
            asked.append(settings)

        def prepare(self, **settings: Any) -> None:
            asked.append(settings)

        def get(self, picture: NDArray[np.uint8]) -> list[Any]:
            asked.append(picture)
            boxes = ((10, 10, 20, 20), (40, 5, 80, 45)) if picture.any() else ()
            return [
                types.SimpleNamespace(bbox=np.array(b), normed_embedding=np.eye(512)[i])
                for i, b in enumerate(boxes)
            ]

    for name in ("insightface", "insightface.app"):
        made: Any = types.ModuleType(name)
        made.__spec__ = importlib.machinery.ModuleSpec(name, None)
        made.FaceAnalysis = FaceAnalysis
        monkeypatch.setitem(sys.modules, name, made)
    with pytest.raises(ModelMissing, match="models"):
        InsightFaceEncoder(tmp_path)
    (tmp_path / "models/buffalo_l").mkdir(parents=True)
    (tmp_path / "models/buffalo_l/det.onnx").write_bytes(b"")
    reader = InsightFaceEncoder(tmp_path)
    assert asked[0]["name"] == "buffalo_l" and asked[1]["det_size"] == (640, 640)
    photo = noise(50, 100)
    assert reader.find(photo) == (0.4, 0.1, 0.8, 0.9)
    assert np.array_equal(asked[-1], photo[..., ::-1])
    assert reader.embed(photo, (0.1, 0.2, 0.2, 0.4)).argmax() == 0
    assert reader.embed(photo, (0.4, 0.1, 0.8, 0.9)).argmax() == 1
    black = np.zeros((50, 100, 3), np.uint8)
    assert reader.find(black) is None
    with pytest.raises(BadInput, match="no face"):
        reader.embed(black, (0, 0, 1, 1))
