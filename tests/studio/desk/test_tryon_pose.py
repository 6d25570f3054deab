"""Whose body a garment is tried on: the pose of the photo stands in where none is given."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.desk import resolve
from studio.desk.wish import Held
from studio.engine import Engine
from studio.request import sha_of
from studio.vision.poses import preset_pose
from tests.flat import Flat, flat, flat_of, replace
from tests.settled import Hearing
from trainer.data.pairs import sample_pair
from trainer.data.wardrobe import HELD_OUT

HEARD = {"pose", "garment", "mask"}


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def with_tryon_pose(request: Flat, heard: set[str], engine: Engine, files: Held, sees: bool = True):
    model = Hearing(frozenset(heard), sees)
    return flat(resolve.with_tryon_pose(request.kept, model, engine, files))


@pytest.fixture(scope="module")
def engine(family_folder: Path) -> Engine:
    return Engine(family_folder)


@pytest.fixture(scope="module")
def worn() -> tuple[Flat, Held]:
    """Somebody whole who tries another garment on."""
    pairs = (sample_pair(HELD_OUT + seed) for seed in range(700, 760))
    pair = next(p for p in pairs if p.worn.face_box and p.worn.spec.garment.type.region == "full")
    given = {
        "garment_image": png(pair.flat.picture), "init_image": png(pair.worn.picture),
        "mask": png(pair.worn.garment_mask),
    }  # fmt: skip
    files = Held()
    refs = {name: files.keep_picture(data) for name, data in given.items()}
    return flat_of(prompt="a dress", vary_strength=0.8, **refs), files


def test_the_pose_is_read_from_whoever_tries_it_on(worn: tuple[Flat, Held], engine: Engine):
    request, files = worn
    posed = with_tryon_pose(request, HEARD, engine, files)
    assert posed.pose is not None and posed.given_pose is None
    assert replace(posed, pose=None, read_pose=False) == request
    assert request.init_image is not None
    picture = Image.open(io.BytesIO(files.picture(request.init_image)))
    joints, _ = engine.read_pose(picture)
    for one, other in zip(posed.pose.joints, joints.joints, strict=True):
        assert (one is None) == (other is None)
        assert one is None or one == pytest.approx(other, abs=1e-3)


def test_whoever_has_a_pose_or_tries_nothing_on_is_left_alone(
    worn: tuple[Flat, Held], engine: Engine
):
    request, files = worn

    for asked, heard, sees in (
        (replace(request, pose=preset_pose("standing")), HEARD, True),
        (replace(request, garment_image=None), HEARD, True),
        (replace(request, mask=None), HEARD, True),
        (replace(request, vary_strength=0.9), HEARD, True),  # a repair of a tried-on picture
        (request, HEARD - {"pose"}, True),
        (request, HEARD, False),
    ):
        # No photo is read here: there is none.
        assert with_tryon_pose(asked, heard, engine, Held(), sees) == asked

    ground = png(np.full((256, 256, 3), 240, np.uint8))
    nobody = replace(request, init_image=sha_of(ground))
    files.keep_picture(ground)
    assert with_tryon_pose(nobody, HEARD, engine, files) == nobody
