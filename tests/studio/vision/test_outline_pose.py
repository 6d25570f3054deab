"""A pose from the outline alone: of drawn people with known joints, with and without heads."""

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from studio.request import JOINTS
from studio.vision.framing import squared, without_bars
from studio.vision.outline_pose import outline_joints
from studio.vision.perception import Perception
from studio.vision.pose import read_pose
from studio.vision.skeleton import from_coco
from trainer.data.pairs import sample_worn, worn_spec
from trainer.data.wardrobe import HELD_OUT, WardrobeSample

TRUNK = ["left shoulder", "right shoulder", "left hip", "right hip"]
NOTHING = np.zeros((256, 256), np.uint8)


_SHOWN = "standing", "white", "full"


COUNT = 6


@pytest.fixture(scope="module")
def people() -> list[WardrobeSample]:
    """People seen from head to foot who stand before a plain ground."""

    def shown(seed: int) -> bool:
        spec = worn_spec(seed)
        person = spec.scene.person
        seen = person and (person.pose, spec.scene.ground, spec.garment.type.region)
        return seen == _SHOWN

    seeds = filter(shown, range(HELD_OUT + 90_000, HELD_OUT + 90_900))
    return [sample_worn(seed) for seed in islice(seeds, COUNT)]


def truth(sample: WardrobeSample) -> np.ndarray:
    """(18, 3), where the joints were drawn."""
    assert sample.keypoints is not None
    return from_coco(sample.keypoints)


def off(joints: np.ndarray, sample: WardrobeSample, names: list[str]) -> float:
    """How far joints are from the true ones, on average, in heads."""
    true = truth(sample)
    at = [JOINTS.index(name) for name in names]
    middles = [true[[JOINTS.index(n) for n in pair], 1].mean() for pair in (TRUNK[:2], TRUNK[2:])]
    head = (middles[1] - middles[0]) / 2.05
    return float(np.hypot(*(joints[at, :2] - true[at, :2]).T).mean() / head)


@pytest.mark.parametrize("person", range(COUNT))
def test_an_outline_tells_trunk_and_arms(person: int, people: list[WardrobeSample]) -> None:
    sample = people[person]
    joints = outline_joints(sample.picture, NOTHING)
    assert joints is not None
    assert off(joints, sample, TRUNK) < 0.5
    arms = [f"{side} {part}" for side in ("left", "right") for part in ("elbow", "wrist")]
    assert off(joints, sample, arms) < 0.8


def test_without_a_head_the_shoulders_stay_where_they_are(people: list[WardrobeSample]) -> None:
    for sample in people:
        whole = outline_joints(sample.picture, NOTHING)
        assert whole is not None
        cut = round(float(whole[JOINTS.index("nose"), 1]) * 256)
        joints = outline_joints(sample.picture[cut:], NOTHING[cut:])
        assert joints is not None and joints[JOINTS.index("right eye"), 2] == 0
        below = joints.copy()
        below[:, 1] = (below[:, 1] * (256 - cut) + cut) / 256
        assert off(below, sample, TRUNK) < 0.6


def test_bars_beside_a_photo_are_no_ground(people: list[WardrobeSample]) -> None:
    photo = np.ascontiguousarray(people[0].picture[:, 40:216])
    grey = (photo.astype(np.float32) * 0.9).astype(np.uint8)
    framed = np.asarray(squared(Image.fromarray(grey), ground=96))
    assert without_bars(framed) == (40, 0, 216, 256)
    assert without_bars(np.ascontiguousarray(framed.transpose(1, 0, 2))) == (0, 40, 256, 216)
    assert without_bars(grey) == (0, 0, 176, 256)  # a plain ground goes on
    one, other = outline_joints(grey, NOTHING[:, :176]), outline_joints(framed, NOTHING)
    assert one is not None and other is not None
    one[:, 0] = (one[:, 0] * 176 + 40) / 256
    np.testing.assert_allclose(other[other[:, 2] > 0], one[one[:, 2] > 0], atol=1e-3)


def test_nobody_before_a_ground_has_no_joints() -> None:
    assert outline_joints(np.full((256, 256, 3), 240, np.uint8), NOTHING) is None


def test_the_outline_speaks_where_perception_is_not_sure(
    perception: Perception, people: list[WardrobeSample]
) -> None:
    photos = [Image.fromarray(foreign(sample)) for sample in people]
    seen = [p for p in photos if perception.see([p])[0].keypoints is not None]
    assert "outline" in {read_pose(p, perception=perception).source for p in seen}
    known = [read_pose(Image.fromarray(s.picture), perception=perception) for s in people]
    assert {pose.source for pose in known} == {"perception"}


def foreign(sample: WardrobeSample) -> np.ndarray:
    """Somebody cut off at the chin in other light, as shops' photos show people."""
    cut = round(float(truth(sample)[JOINTS.index("nose"), 1]) * 256) + 6
    blurred = cv2.GaussianBlur(sample.picture[cut:], (0, 0), 2.5)
    return cv2.resize(blurred[:, 60:196], (192, 256), interpolation=cv2.INTER_LINEAR)


@pytest.fixture(scope="module")
def perception(family_folder: Path) -> Perception:
    return Perception.load(family_folder / "perception")
