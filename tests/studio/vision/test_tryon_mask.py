"""Try-on regions on a drawn figure: the garment is covered, face and hands are not."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from studio.errors import BadInput
from studio.garment.vocabulary import GARMENTS
from studio.request import JOINTS
from studio.vision.bodyparts import body_of, figure_of, grown
from studio.vision.garment_mask import PARTS, Part
from studio.vision.perception import Perception
from studio.vision.tryon_mask import figure_region, tryon_mask
from trainer.data.pairs import sample_worn
from trainer.data.wardrobe import HELD_OUT

SIZE = (320, 480)
SKIN, HAIR, TOP, LEGS = (224, 172, 140), (50, 32, 24), (30, 90, 160), (120, 124, 130)


def figure() -> tuple[Image.Image, dict[str, np.ndarray]]:
    """Somebody with bare forearms, eight heads of 50 pixels tall, and where everything is."""
    width, height = SIZE
    picture = np.full((height, width, 3), 238, np.uint8)
    where: dict[str, np.ndarray] = {}

    def paint(name: str, colour: tuple[int, int, int], *shapes: list[tuple[int, int]]) -> None:
        mask = np.zeros((height, width), np.uint8)
        for shape in shapes:
            cv2.fillPoly(mask, [np.array(shape)], 255)
        picture[mask > 0] = colour
        for other in where.values():
            other[mask > 0] = False
        where[name] = mask > 0

    paint("legs", LEGS, [(122, 190), (198, 190), (196, 440), (168, 440), (160, 230), (152, 440),
                         (124, 440)])  # fmt: skip
    paint("arms", SKIN, [(104, 120), (120, 120), (118, 225), (106, 225)],
          [(200, 120), (216, 120), (214, 225), (202, 225)])  # fmt: skip
    paint("top", TOP, [(112, 78), (208, 78), (218, 140), (202, 142), (198, 110), (200, 205),
                       (120, 205), (122, 110), (118, 142), (102, 140)])  # fmt: skip
    paint("neck", SKIN, [(150, 55), (170, 55), (172, 80), (148, 80)])
    paint("hair", HAIR, [(138, 12), (182, 12), (184, 45), (136, 45)])
    paint("face", SKIN, [(143, 25), (177, 25), (174, 60), (146, 60)])
    where["hands"] = where["arms"] & (np.arange(height)[:, None] > 212)
    return Image.fromarray(picture), where


def covered(mask: np.ndarray, where: np.ndarray) -> float:
    return float((mask[where] > 0).mean())


def test_each_part_covers_its_garment_and_spares_face_hair_and_hands() -> None:
    picture, where = figure()
    upper, lower, dress = (tryon_mask(picture, part) for part in PARTS)
    assert upper.source == "outline" and upper.mask.shape == (480, 320)
    for found in (upper, lower, dress):
        assert covered(found.mask, where["face"]) < 0.02
        assert covered(found.mask, where["hair"]) < 0.02
        assert covered(found.mask, where["hands"]) < 0.1
        assert f"{found.share:.0%}" in found.sentence
    assert covered(upper.mask, where["top"]) > 0.97
    # Room for sleeves that reach the wrist, and for a wider cut.
    assert covered(upper.mask, where["arms"] & ~grown(where["hands"], 40)) > 0.9
    assert covered(upper.mask, grown(where["top"], 5) & ~where["neck"]) > 0.9
    below = where["legs"] & (np.arange(480)[:, None] > 330)
    assert covered(upper.mask, below) == 0
    assert covered(lower.mask, where["legs"]) > 0.9
    above = where["top"] & (np.arange(480)[:, None] < 140)
    assert covered(lower.mask, above) == 0
    assert covered(dress.mask, where["top"]) > 0.97 and covered(dress.mask, below) > 0.2


def test_joints_say_where_the_body_is() -> None:
    picture, where = figure()
    places = {
        "left shoulder": (198, 88), "right shoulder": (122, 88), "left hip": (180, 205),
        "right hip": (140, 205), "left knee": (181, 320), "right knee": (139, 320),
    }  # fmt: skip
    joints = np.zeros((18, 3), np.float32)
    for name, (x, y) in places.items():
        joints[JOINTS.index(name)] = x / 320, y / 480, 1
    found, source = figure_region(np.asarray(picture), None, joints, "upper", None)
    assert source == "joints" and covered(found, where["top"]) > 0.97
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (480, 320, 3), np.uint8)
    person = np.any([where[n] for n in ("legs", "arms", "top", "neck", "hair", "face")], 0)
    busy = np.where(person[..., None], np.asarray(picture), noise)
    found, source = figure_region(busy, None, joints, "upper", None)
    assert source == "joints" and covered(found, where["top"]) > 0.85
    assert covered(found, where["face"]) < 0.02 and found.mean() < 0.4
    shape = np.zeros((480, 320), bool)
    shape[10:440, 100:220] = True
    body = body_of(shape, joints)
    assert body.shoulders == pytest.approx(88) and body.knees == pytest.approx(320)
    joints[:, 2] = 0.1
    assert body_of(shape, joints).shoulders != pytest.approx(88)


def test_the_users_mask_wins() -> None:
    picture, where = figure()
    mine = where["top"].astype(np.uint8) * 255
    found = tryon_mask(picture, "upper", mask=mine)
    assert found.source == "yours" and np.array_equal(found.mask, mine)
    with pytest.raises(BadInput, match="empty"):
        tryon_mask(picture, "upper", mask=mine * 0)
    with pytest.raises(BadInput, match="whole picture"):
        tryon_mask(picture, "upper", mask=np.full_like(mine, 255))


def test_nobody_and_nonsense_are_sentences() -> None:
    with pytest.raises(BadInput, match="Nobody"):
        tryon_mask(Image.new("RGB", (100, 100), "white"), "upper")
    with pytest.raises(BadInput, match="not a part"):
        tryon_mask(Image.new("RGB", (100, 100)), "hat")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="too small"):
        tryon_mask(Image.new("RGB", (10, 10)), "upper")


def test_the_old_garment_goes_whole_where_perception_knows_it(family_folder: Path) -> None:
    perception = Perception.load(family_folder / "perception")
    for i in range(10):
        worn = sample_worn(HELD_OUT + 77_000 + i)
        region = GARMENTS[worn.spec.garment.garment].region
        part: Part = "dress" if region == "full" else region
        found = tryon_mask(Image.fromarray(worn.picture), part, perception=perception)
        garment = worn.garment_mask > 127
        assert covered(found.mask, garment) > 0.93, worn.spec.garment
        if worn.face_box is not None and part != "dress":
            left, top, right, bottom = (round(v * 256) for v in worn.face_box)
            assert (found.mask[top : (top + bottom) // 2, left:right] > 0).mean() < 0.2


def test_legs_alone_tell_where_the_body_is() -> None:
    places = {"hip": 0.25, "knee": 0.58, "ankle": 0.9}
    joints = np.zeros((len(JOINTS), 3), np.float32)
    for name, y in places.items():
        for side, x in (("left", 0.6), ("right", 0.4)):
            joints[JOINTS.index(f"{side} {name}")] = (x, y, 0.35)
    body = body_of(np.ones((200, 100), bool), joints)
    assert body.shoulders < 0 < body.waist < body.hips < body.knees < body.ankles
    assert body.ankles == pytest.approx(180)
    legs = figure_of(joints, 100, 200)
    assert legs[100:170, 38:42].all() and not legs[:30].any()
