"""Crops of photos: where they are cut, and what is called right. People are made up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.vision.garment_mask import PARTS
from studio.vision.tryon_mask import RegionUnknown, TryonMask
from tests.somebody import SIZE, somebody
from trainer.evaluation import people_crops
from trainer.evaluation.people_crops import CROPS, boxes, changed, counted, judge, table


class Answers:
    """An engine that dresses what it is told, or asks."""

    def __init__(self, mask: np.ndarray | None) -> None:
        self.mask = mask

    def tryon_mask(self, person: Image.Image, part: Any) -> TryonMask:
        if self.mask is None:
            raise RegionUnknown("Nobody knows")
        return TryonMask(self.mask.astype(np.uint8) * 255, part, "joints", 0.2, "Told.")


@pytest.mark.parametrize("seed", range(4))
def test_a_crop_keeps_what_its_name_says(seed: int):
    _, people, where = somebody(down=30, size=(SIZE[0], SIZE[1] + 30))
    found = dict(boxes(people, np.random.default_rng(seed)))
    assert set(found) == set(CROPS)

    def kept(name: str, limb: str) -> float:
        left, top, right, bottom = found[name]
        return float(where[limb][top:bottom, left:right].sum() / where[limb].sum())

    assert kept("head off", "head") < 0.5 and kept("head off", "legs") == 1
    assert kept("waist up", "head") == 1 and kept("waist up", "legs") < 0.05
    assert kept("knees up", "trunk") == 1 and 0.2 < kept("knees up", "legs") < 0.8
    assert kept("legs", "trunk") < 0.1 and kept("waist down", "head") == 0
    assert 0.3 < kept("one side", "trunk") < 0.9 and kept("chest", "legs") == 0
    again = dict(boxes(people, np.random.default_rng(seed)))
    assert again == found != dict(boxes(people, np.random.default_rng(seed + 9)))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    ("answer", "shown", "verdict"),
    [
        ("same", 1.0, "right"),
        ("other", 1.0, "wrong"),
        ("same", 0.05, "wrong"),
        (None, 1.0, "asked"),
    ],
)
def test_a_crop_is_right_if_it_is_dressed_like_the_whole(
    part: Any, answer: str | None, shown: float, verdict: str
):
    picture, people, where = somebody()
    masks = {"same": where["trunk"], "other": where["legs"], None: None}
    engine: Any = Answers(masks[answer])
    person = people.person > 0.5
    judged, mask = judge(engine, picture, "chest", part, where["trunk"], person, shown)
    assert judged.verdict == verdict and (mask is None) == (answer is None)
    assert counted([judged])[judged.verdict] == 1 and f"{judged.crop}" in table([judged])


def test_room_beside_the_body_is_no_difference():
    picture, people, where = somebody()
    wide = where["trunk"] | ~(people.person > 0.5)
    engine: Any = Answers(wide)
    judged, _ = judge(engine, picture, "chest", "upper", where["trunk"], people.person > 0.5, 1)
    assert judged.same == 1 and judged.verdict == "right"


@pytest.mark.parametrize("seed", range(6))
def test_a_changed_photo_keeps_its_shape(seed: int):
    picture, _, _ = somebody()
    other, mirrored = changed(picture, np.random.default_rng(seed))
    assert abs(other.width / other.height - picture.width / picture.height) < 0.01
    back = other.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else other
    left, right = (np.asarray(p.resize((96, 128)).convert("L"), float) for p in (picture, back))
    assert np.corrcoef(left.ravel(), right.ravel())[0, 1] > 0.95
    assert people_crops.SAME < 1
