"""What stands in for a drawing: a flat, or the garment on somebody in a pose."""

import numpy as np
import pytest

from studio.garment.figure import Worn, worn_layout
from studio.garment.flats import Flat
from studio.garment.parse import named_pose, names_a_wearer, parse_prompt
from studio.garment.placement import place_requests
from studio.garment.shape import may_be_shown, shape_as_shown, usual_shape
from studio.garment.spec import GarmentSpec
from studio.garment.vocabulary import GARMENTS, POSES


@pytest.mark.parametrize(
    ("prompt", "garment"),
    [
        ("a navy wool coat with five buttons", "coat"),
        ("red pleated skirt, flat lay", "skirt"),
        ("men's denim jeans", "trousers"),
        ("something nice in blue", None),
        ("", None),
    ],
)
def test_a_named_garment_that_nobody_wears_has_its_usual_flat(prompt: str, garment: str | None):
    shape = usual_shape(parse_prompt(prompt))
    assert shape is None or isinstance(shape, Flat)
    assert (shape.spec.garment if shape else None) == garment
    assert shape is None or shape.spec.components == ()


@pytest.mark.parametrize(
    ("prompt", "garment", "pose"),
    [
        ("a woman in a red dress", "dress", "standing"),
        ("green hoodie worn by a student", "hoodie", "standing"),
        ("coat, hands on hips", "coat", "hands on hips"),
        ("a man with his hands on his hips in a navy shirt", "shirt", "hands on hips"),
        ("a lady raising one arm, wearing a skirt", "skirt", "one arm raised"),
        ("a girl walking and wearing shorts", "shorts", "walking"),
        ("a man with open arms in a white t-shirt", "t-shirt", "arms open"),
    ],
)
def test_a_worn_garment_hangs_on_a_body(prompt: str, garment: str, pose: str):
    shape = usual_shape(parse_prompt(prompt))
    assert isinstance(shape, Worn) and shape.spec.garment == garment
    assert named_pose(prompt) == pose
    assert np.array_equal(shape.keypoints, worn_layout(shape.spec, pose).keypoints)


def test_somebody_without_a_garment_is_left_to_the_model():
    assert usual_shape(parse_prompt("a woman in a park")) is None


@pytest.mark.parametrize(
    ("prompt", "may"),
    [
        ("a woman in the park wearing this", True),
        ("worn by a man, hands on hips", True),
        ("a woman in a park wearing this hoodie", True),
        ("a hoodie on a white background", True),
        ("a woman in a park wearing this coat", False),
        ("on a white background", False),
        ("", False),
    ],
)
def test_words_mean_what_a_photo_shows_or_leave_the_garment_to_it(prompt: str, may: bool):
    assert may_be_shown(parse_prompt(prompt), HOODIE) is may


HOODIE = GarmentSpec("hoodie", neckline="hood", sleeves="long")
DRESS = GarmentSpec("dress", neckline="v-neck", sleeves="none")


def test_a_shown_garment_hangs_as_it_is_shown():
    worn = shape_as_shown("a man with open arms wearing this", HOODIE)
    assert isinstance(worn, Worn)
    assert (worn.spec.garment, worn.spec.neckline, worn.spec.sleeves) == ("hoodie", "hood", "long")
    assert np.array_equal(worn.keypoints, worn_layout(worn.spec, "arms open").keypoints)


def test_what_the_words_state_of_its_cut_wins():
    worn = shape_as_shown("a woman wearing this with long sleeves, knee-length, oversized", DRESS)
    assert worn is not None
    told = parse_prompt("a woman wearing this dress with long sleeves, knee-length, oversized")
    assert worn.spec.sleeves == "long" and worn.spec.neckline == "v-neck"
    assert (worn.spec.length, worn.spec.fit) == (told.garment.length, told.garment.fit)
    assert worn.spec.fit == "loose"


def test_words_that_the_shown_garment_cannot_follow_leave_the_model_free():
    assert shape_as_shown("a woman wearing this with a hood", DRESS) is None
    assert shape_as_shown("a woman wearing this with five buttons", HOODIE) is None


@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize("garment", GARMENTS)
def test_every_garment_hangs_on_every_pose(garment: str, pose: str):
    kind = GARMENTS[garment]
    spec = GarmentSpec(garment, neckline=kind.necklines[0], sleeves=kind.sleeves[0])
    worn = worn_layout(spec, pose)
    ink = worn.ink(128)
    assert ink.shape == (128, 128) and 100 < (ink > 127).sum() < 6000
    seen = worn.keypoints[worn.keypoints[:, 2] > 0]
    assert len(seen) >= 6 and ((seen[:, :2] >= 0) & (seen[:, :2] <= 1)).all()
    rows = np.flatnonzero((ink > 127).any(1))
    assert rows[0] > 0 or kind.region == "lower"


def test_buttons_of_a_worn_coat_lie_on_the_wearer():
    told = parse_prompt("a woman in a coat with five buttons")
    worn = worn_layout(told.garment, "standing")
    placed = place_requests(told, None)
    assert len(placed) == 5 and set(placed) <= set(worn.components)
    neck = worn.keypoints[5:7, 1].mean()
    assert all(c.centre is not None and c.centre[1] > neck for c in placed)


def test_wearers_are_whole_words():
    assert names_a_wearer("a MAN in a coat") and not names_a_wearer("a mandarin collar shirt")
