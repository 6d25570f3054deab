"""Garment masks: from the user, from transparency, from the ground, from the parser; sentences."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from studio.errors import BadInput
from studio.garment.spec import GarmentSpec, PictureSpec, Scene
from studio.vision.garment_mask import (
    Asked,
    Part,
    garment_mask,
    known_type,
    part_of,
    same_place,
    user_mask,
)
from studio.vision.perception import Perception, PerceptionConfig, PerceptionNet
from studio.vision.silhouette import cut_from_middle, read_ground, stand_out
from studio.vision.u2net import ClothParser
from tests.conftest import ROOT
from trainer.data.wardrobe import HELD_OUT, render


@pytest.fixture(scope="module")
def perception() -> Perception:
    torch.manual_seed(0)
    small = PerceptionConfig(widths=(8, 8, 8), depths=(0, 0, 0), neck=8, attention=2, hidden=16)
    return Perception(PerceptionNet(small))


def outline(part: Part, size: int = 200) -> np.ndarray:
    """The outline of a T-shirt, of trousers, or of a dress."""
    mask = np.zeros((size, size), np.uint8)
    shapes = {
        "upper": [(60, 30), (140, 30), (180, 80), (155, 95), (140, 75), (140, 170), (60, 170),
                  (60, 75), (45, 95), (20, 80)],
        "lower": [(70, 10), (130, 10), (140, 190), (112, 190), (100, 60), (88, 190), (60, 190)],
        "dress": [(85, 10), (115, 10), (118, 70), (145, 190), (55, 190), (82, 70)],
    }  # fmt: skip
    cv2.fillPoly(mask, [np.array(shapes[part])], 255)
    return mask


def photo(
    mask: np.ndarray, cloth: tuple[int, int, int], ground: tuple[int, int, int]
) -> Image.Image:
    """A product photo: light that falls off, sensor noise, JPEG's sort of soft edges."""
    rng = np.random.default_rng(0)
    soft = cv2.GaussianBlur(mask, (0, 0), 0.8)[..., None] / 255
    picture = np.array(ground) * (1 - soft) + np.array(cloth) * soft
    picture *= np.linspace(1.0, 0.94, mask.shape[0])[:, None, None]
    picture += rng.normal(0, 0.5, mask.shape)[..., None]
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def iou(one: np.ndarray, other: np.ndarray) -> float:
    a, b = one > 127, other > 127
    return float((a & b).sum() / (a | b).sum())


@pytest.mark.parametrize("part", ["upper", "lower", "dress"])
def test_a_garment_on_a_plain_ground_is_cut_out_and_named(
    part: Part, perception: Perception
) -> None:
    truth = outline(part)
    for cloth, ground in (((90, 40, 130), (245, 245, 245)), ((250, 250, 250), (226, 226, 228))):
        found = garment_mask(photo(truth, cloth, ground), perception=perception)
        assert found.source == "ground" and found.part == part
        assert found.mask.shape == truth.shape and set(np.unique(found.mask)) == {0, 255}
        assert iou(found.mask, truth) > 0.95
        assert found.share == pytest.approx((truth > 0).mean(), abs=0.02)
        assert f"{found.share:.0%}" in found.sentence


def test_a_print_of_the_grounds_colour_belongs_to_the_garment(perception: Perception) -> None:
    truth = outline("upper")
    picture = np.array(photo(truth, (30, 60, 90), (255, 255, 255)))
    picture[90:130, 80:120] = 255
    assert iou(garment_mask(Image.fromarray(picture), perception=perception).mask, truth) > 0.95


def test_a_busy_ground_is_told_by_colour() -> None:
    truth = outline("upper")
    rng = np.random.default_rng(1)
    wall = rng.integers(60, 150, (25, 25, 1), np.uint8)
    ground = cv2.resize(wall, (200, 200), interpolation=cv2.INTER_CUBIC)[..., None].repeat(3, 2)
    picture = np.where(truth[..., None] > 0, np.array([205, 60, 50]), ground).astype(np.uint8)
    read = read_ground(picture)
    assert not read.plain
    rough = (cv2.erode(truth, np.ones((25, 25))) > 127).astype(np.float32)
    found = cut_from_middle(picture, read, rough)
    assert iou(found.astype(np.uint8) * 255, truth) > 0.9


def test_the_ground_between_arm_and_body_is_cut_out_where_nothing_belongs() -> None:
    picture = np.full((200, 200, 3), 240, np.uint8)
    cv2.circle(picture, (100, 100), 70, (20, 60, 20), -1)
    cv2.circle(picture, (100, 100), 30, (240, 240, 240), -1)
    ground = read_ground(picture)
    assert stand_out(ground)[100, 100]
    assert not stand_out(ground, np.zeros((200, 200), np.float32))[100, 100]
    assert stand_out(ground, np.ones((200, 200), np.float32))[100, 100]


def test_the_users_mask_wins_and_is_checked(perception: Perception) -> None:
    picture = photo(outline("upper"), (200, 30, 30), (250, 250, 250))
    mine = Image.fromarray(outline("dress")).resize((100, 100))
    found = garment_mask(picture, perception=perception, mask=mine)
    assert found.source == "yours" and found.part == "dress" and found.mask.shape == (200, 200)
    assert iou(found.mask, outline("dress")) > 0.9
    for wrong, words in ((0, "empty"), (255, "whole picture")):
        with pytest.raises(BadInput, match=words):
            garment_mask(picture, perception=perception, mask=np.full((200, 200), wrong, np.uint8))
    with pytest.raises(BadInput, match="same proportions"):
        garment_mask(picture, perception=perception, mask=np.full((100, 200), 255, np.uint8))


def test_paint_on_a_transparent_layer_is_a_mask() -> None:
    layer = np.zeros((50, 50, 4), np.uint8)
    layer[10:20, 10:20] = (0, 0, 0, 255)
    mask = user_mask(Image.fromarray(layer), (50, 50))
    assert (mask > 0).sum() == 100 and mask[15, 15] == 255


def test_transparency_is_the_mask(perception: Perception) -> None:
    truth = outline("lower")
    picture = photo(truth, (20, 30, 90), (20, 30, 90))
    picture.putalpha(Image.fromarray(truth))
    found = garment_mask(picture, perception=perception)
    assert found.source == "transparency" and found.part == "lower"
    assert np.array_equal(found.mask, truth)


def test_the_parsers_classes_are_chosen_from(perception: Perception) -> None:
    class Known(ClothParser):
        def __init__(self, classes: np.ndarray):
            self.classes = classes

        def parse(self, picture: Image.Image) -> np.ndarray:
            return self.classes

    classes = np.zeros((100, 100), np.uint8)
    classes[10:40, 30:70], classes[40:90, 30:70] = 1, 2
    picture = Image.new("RGB", (100, 100), "white")

    def parsed(part: Asked) -> np.ndarray:
        found = garment_mask(picture, part, perception=perception, parser=Known(classes))
        assert found.source == "parser"
        return found.mask

    assert np.array_equal(parsed("upper") > 0, classes == 1)
    assert np.array_equal(parsed("auto") > 0, classes == 2)
    with pytest.raises(BadInput, match=r"no dress.*upper garment and a lower garment"):
        parsed("dress")
    with pytest.raises(BadInput, match="No garment"):
        garment_mask(picture, perception=perception, parser=Known(classes * 0))


def test_nothing_sensible_is_a_sentence(perception: Perception) -> None:
    with pytest.raises(BadInput, match="paint the mask"):
        garment_mask(Image.new("RGB", (64, 64), "white"), perception=perception)
    with pytest.raises(BadInput, match="too small"):
        garment_mask(Image.new("RGB", (8, 8)), perception=perception)
    with pytest.raises(BadInput, match="not a part"):
        garment_mask(Image.new("RGB", (64, 64)), "hat", perception=perception)  # type: ignore[arg-type]
    asked = garment_mask(
        photo(outline("lower"), (30, 90, 30), (250, 250, 250)), "upper", perception=perception
    )
    assert asked.part == "upper"


def test_outlines_of_any_scale_fit_the_same_part() -> None:
    for part in ("upper", "lower", "dress"):
        mask = outline(part)
        for scale in (0.5, 1.7):
            larger = cv2.resize(mask, None, fx=scale, fy=scale) > 127
            assert part_of(larger) == part == part_of(np.pad(larger, ((0, 90), (40, 0))))


@pytest.mark.skipif("TOILE_REAL_DATA" not in os.environ, reason="needs the real samples")
def test_real_product_photos(root: Path) -> None:
    perception = Perception.load(root / "assets/models/toile-mini/perception")
    parts = {"051412_1.jpg": "lower", "053786_1.jpg": "dress", "050002_1.jpg": "upper"}
    for name, part in parts.items():
        path = Path(os.environ["TOILE_REAL_DATA"]) / "garments" / name
        found = garment_mask(Image.open(path), perception=perception)
        assert found.source == "ground" and found.part == part
        pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
        # These three lie on pure white: what is far from it is the garment.
        assert iou(found.mask, ((765 - pixels.sum(2)) > 60).astype(np.uint8) * 255) > 0.9


@pytest.fixture(scope="module")
def bundled() -> Perception:
    """The perception network that comes with Toile."""
    return Perception.load(ROOT / "assets/models/toile-mini/perception")


@pytest.mark.parametrize(
    ("garment", "colour", "ground"),
    [("skirt", "white", "white"), ("shorts", "grey", "grey"), ("trousers", "beige", "grey")],
)
def test_a_pale_garment_is_cut_out_without_its_shadow(
    garment: str, colour: str, ground: str, bundled: Perception
) -> None:
    spec = GarmentSpec(garment, colour, neckline="none", sleeves="none")
    sample = render(PictureSpec(spec, Scene("flat", ground)), HELD_OUT + 77)
    found = garment_mask(Image.fromarray(sample.picture), perception=bundled)
    assert iou(found.mask, sample.garment_mask) > 0.85
    assert found.part == "lower"


def test_a_type_that_is_sure_names_the_part(bundled: Perception) -> None:
    """By its outline alone a wide hoodie passes for a garment of the lower body."""
    spec = GarmentSpec("hoodie", "teal", neckline="hood", sleeves="long", fit="loose")
    samples = [
        render(PictureSpec(spec, Scene("flat", "white")), HELD_OUT + seed) for seed in range(12)
    ]
    pictures = [Image.fromarray(sample.picture) for sample in samples]
    assert {garment_mask(p, perception=bundled).part for p in pictures} == {"upper"}
    (seen,) = bundled.see(samples[0].picture[None])
    assert known_type(None) is None and not same_place(seen.mask, np.zeros((256, 256), np.uint8))
