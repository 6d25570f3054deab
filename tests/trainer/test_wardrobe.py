"""The synthetic wardrobe: what the records say is what the pictures show."""

import numpy as np
import pytest

from studio.garment.spec import GarmentSpec, Person, PictureSpec, Scene
from studio.garment.vocabulary import COLOURS, GARMENTS, GROUNDS, POSES
from trainer.data import sketches
from trainer.data.wardrobe import (
    HELD_OUT,
    RARE_KINDS,
    render,
    sample,
    sample_rare,
    sample_spec,
)


def test_a_seed_decides_everything():
    a, b = sample(HELD_OUT + 3), sample(HELD_OUT + 3)
    assert np.array_equal(a.picture, b.picture) and a.spec == b.spec
    assert not np.array_equal(a.picture, sample(HELD_OUT + 4).picture)


def test_the_wardrobe_holds_every_garment_worn_and_flat():
    specs = [sample_spec(seed) for seed in range(900)]
    assert {s.garment.garment for s in specs} == set(GARMENTS)
    assert {s.scene.ground for s in specs} == set(GROUNDS)
    worn = np.mean([s.scene.person is not None for s in specs])
    assert 0.24 < worn < 0.36


@pytest.mark.parametrize("kind", RARE_KINDS)
def test_what_few_garments_have_can_be_asked_for(kind: str) -> None:
    first = RARE_KINDS.index(kind)
    shown = [sample_rare(seed) for seed in (first, first + len(RARE_KINDS))]
    assert all(s.spec.garment.count(kind) for s in shown)
    assert not np.array_equal(shown[0].picture, shown[1].picture)
    assert np.array_equal(shown[0].picture, sample_rare(first).picture)


@pytest.mark.parametrize("colour", COLOURS)
def test_the_cloth_has_the_colour_that_the_words_say(colour):
    spec = PictureSpec(GarmentSpec("t-shirt", colour, neckline="crew neck"), Scene())
    shown = render(spec, 5)
    inside = shown.picture[shown.garment_mask > 250].reshape(-1, 3)
    median = np.median(inside, axis=0)
    assert np.abs(median - np.array(COLOURS[colour].rgb)).max() < 26


def test_component_masks_lie_in_their_boxes_and_on_the_garment():
    for seed in range(HELD_OUT, HELD_OUT + 12):
        shown = sample(seed)
        components = shown.spec.garment.components
        assert len(components) == len(shown.component_masks)
        for component, mask in zip(components, shown.component_masks, strict=True):
            rows, columns = np.nonzero(mask > 127)
            if rows.size == 0:
                continue
            assert component.box is not None
            left, top, right, bottom = (v * 256 for v in component.box)
            assert columns.min() >= left - 2 and columns.max() <= right + 2
            assert rows.min() >= top - 2 and rows.max() <= bottom + 2


@pytest.mark.parametrize("pose", POSES)
def test_a_worn_garment_has_joints_and_a_face(pose):
    person = Person(pose=pose)
    shown = render(PictureSpec(GarmentSpec("dress"), Scene("worn", "park", person)), 9)
    assert shown.keypoints is not None and shown.face_box is not None
    assert shown.keypoints.shape == (17, 3)
    assert shown.keypoints[:, :2].min() > -0.02 and shown.keypoints[:, :2].max() < 1.02
    left, top, right, bottom = shown.face_box
    nose = shown.keypoints[0]
    assert left < nose[0] < right and top < nose[1] < bottom


def test_sketches_follow_the_garments_outline():
    shown = sample(HELD_OUT + 7)
    rng = np.random.default_rng(1)
    clean = sketches.clean(shown)
    for ink in (sketches.shaky(shown, rng), sketches.extracted(shown)):
        assert ink.shape == clean.shape and ink.dtype == np.uint8
        assert 0.005 < (ink > 127).mean() < 0.5
    shaken = sketches.shake(clean, rng)
    import cv2

    near = cv2.dilate(clean, np.ones((9, 9), np.uint8)) > 0
    assert (near[shaken > 127]).mean() > 0.97
    assert not np.array_equal(shaken, clean)
