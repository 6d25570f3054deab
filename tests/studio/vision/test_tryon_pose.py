"""Whose body a garment is tried on: the pose of the photo stands in where none is given."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.engine import Engine
from studio.request import GenerationRequest, ImageRef
from studio.vision.poses import preset_pose
from studio.vision.tryon_pose import with_tryon_pose
from trainer.data.pairs import sample_pair
from trainer.data.wardrobe import HELD_OUT

HEARD = {"pose", "garment", "mask"}


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def engine(family_folder: Path) -> Engine:
    return Engine(family_folder)


@pytest.fixture(scope="module")
def worn() -> tuple[GenerationRequest, dict[str, bytes]]:
    """Somebody whole who tries another garment on."""
    pairs = (sample_pair(HELD_OUT + seed) for seed in range(700, 760))
    pair = next(p for p in pairs if p.worn.face_box and p.worn.spec.garment.type.region == "full")
    given = {
        "garment_image": png(pair.flat.picture), "init_image": png(pair.worn.picture),
        "mask": png(pair.worn.garment_mask),
    }  # fmt: skip
    refs = {name: ImageRef.of(data) for name, data in given.items()}
    files = {refs[name].sha256: data for name, data in given.items()}
    return GenerationRequest(prompt="a dress", **refs), files  # type: ignore[arg-type]


def test_the_pose_is_read_from_whoever_tries_it_on(
    worn: tuple[GenerationRequest, dict[str, bytes]], engine: Engine
):
    request, files = worn
    posed = with_tryon_pose(request, HEARD, engine, files.__getitem__)
    assert posed.pose is not None and posed.given_pose is None
    assert replace(posed, pose=None, read_pose=False) == request
    assert request.init_image is not None
    picture = Image.open(io.BytesIO(files[request.init_image.sha256]))
    joints, _ = engine.read_pose(picture)
    for one, other in zip(posed.pose.joints, joints.joints, strict=True):
        assert (one is None) == (other is None)
        assert one is None or one == pytest.approx(other, abs=1e-3)


def test_whoever_has_a_pose_or_tries_nothing_on_is_left_alone(
    worn: tuple[GenerationRequest, dict[str, bytes]], engine: Engine
):
    request, files = worn

    def never(sha: str) -> bytes:
        raise AssertionError("no photo is read here")

    for asked, heard, eyes in (
        (replace(request, pose=preset_pose("standing")), HEARD, engine),
        (replace(request, garment_image=None), HEARD, engine),
        (replace(request, mask=None), HEARD, engine),
        (request, HEARD - {"pose"}, engine),
        (request, HEARD, None),
    ):
        assert with_tryon_pose(asked, heard, eyes, never) == asked

    ground = png(np.full((256, 256, 3), 240, np.uint8))
    nobody = replace(request, init_image=ImageRef.of(ground))
    files = files | {ImageRef.of(ground).sha256: ground}
    assert with_tryon_pose(nobody, HEARD, engine, files.__getitem__) == nobody
