"""Perception around its network: folders, pictures of any shape, words for places."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.errors import BadInput, ModelDamaged, ModelMissing
from studio.garment.landmarks import COCO_JOINTS
from studio.vision.perception import (
    ATTRIBUTES,
    KINDS,
    SCENE_ATTRIBUTES,
    Perception,
    PerceptionConfig,
    PerceptionNet,
    Seen,
)
from studio.vision.places import Frame, name_places
from studio.vision.surroundings import FLAT, JOINT_STRIDE, decode_joints

SMALL = PerceptionConfig(widths=(8, 8, 8), depths=(0, 0, 0), neck=8, attention=2, hidden=16)
OLD = dataclasses.replace(SMALL, attributes=ATTRIBUTES, joints=())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    PerceptionNet(SMALL).eval().half().save_pretrained(tmp_path / "perception")
    return tmp_path / "perception"


def test_default_network_is_small_and_answers_everything() -> None:
    net = PerceptionNet().eval()
    assert sum(p.numel() for p in net.parameters()) < 2_000_000
    with torch.no_grad():
        answers = net(torch.zeros(2, 3, 256, 256))
    assert answers["heatmaps"].shape == (2, len(KINDS), 128, 128)
    assert answers["sizes"].shape == (2, 2 * len(KINDS), 64, 64)
    assert answers["offsets"].shape == (2, 2, 128, 128)
    assert answers["mask"].shape == (2, 1, 128, 128)
    assert answers["joints"].shape == (2, 17, 64, 64)
    for name, words in (ATTRIBUTES | SCENE_ATTRIBUTES).items():
        assert answers[name].shape == (2, len(words))


def test_weights_that_know_no_scene_load_and_say_nothing_about_it(tmp_path: Path) -> None:
    torch.manual_seed(0)
    old = PerceptionNet(OLD).eval()
    old.save_pretrained(tmp_path)
    stored = json.loads((tmp_path / "config.json").read_text())
    del stored["joints"]
    (tmp_path / "config.json").write_text(json.dumps(stored))
    loaded = PerceptionNet.from_pretrained(tmp_path)
    assert set(loaded.state_dict()) == set(old.state_dict()) and loaded.surroundings is None
    (seen,) = Perception(loaded).see([Image.new("RGB", (64, 64), "teal")])
    assert seen.scene is None and seen.person is None and seen.keypoints is None
    assert "scene" not in seen.to_dict() and seen.to_dict()["garment"]["name"] == seen.garment.name


def test_weights_that_never_looked_at_the_head_load(tmp_path: Path) -> None:
    old = PerceptionNet(dataclasses.replace(SMALL, face=0)).eval()
    old.save_pretrained(tmp_path)
    stored = json.loads((tmp_path / "config.json").read_text())
    del stored["face"]
    (tmp_path / "config.json").write_text(json.dumps(stored))
    loaded = PerceptionNet.from_pretrained(tmp_path)
    assert set(loaded.state_dict()) == set(old.state_dict())
    assert not any(".face" in key for key in loaded.state_dict())


def test_hair_is_looked_for_where_the_head_is() -> None:
    torch.manual_seed(0)
    net = PerceptionNet(SMALL).eval()
    around = net.surroundings
    assert around is not None and around.joints is not None and around.face is not None
    for parameter in around.faces.parameters():
        torch.nn.init.normal_(parameter)
    small, p4 = torch.zeros(1, 3, 64, 64), torch.zeros(1, 8, 64, 64)
    c16, garment = torch.zeros(1, 8, 16, 16), torch.zeros(1, 1, 64, 64)
    dense = torch.zeros(1, 8, 64, 64)
    dense[0, 0, 10, 30] = 1
    with torch.no_grad():
        around.joints.weight.zero_()
        around.joints.weight[:, 0] = 50  # every joint is sure to be at row 10, column 30
        at_head, elsewhere = small.clone(), small.clone()
        at_head[:, :, 10, 30] = 1
        elsewhere[:, :, 40, 30] = 1
        answers = [around(x, p4, dense, c16, garment) for x in (small, at_head, elsewhere)]
    for name in ("hair", "hair_style", "person", "skin"):
        moved = [(a[name] - answers[0][name]).abs().max().item() for a in answers[1:]]
        assert moved[0] > 10 * moved[1], name


def test_nobody_wears_a_flat_lay_and_no_face_has_no_hair() -> None:
    torch.manual_seed(0)
    net = PerceptionNet(SMALL).eval()
    assert net.surroundings is not None
    scene: Any = net.surroundings.classes["scene"]
    joints: Any = net.surroundings.joints
    picture = [Image.new("RGB", (64, 128), "teal")]

    def seen(where: str, nose: float) -> Seen:
        with torch.no_grad():
            scene.weight.zero_()
            scene.bias.copy_(torch.eye(len(SCENE_ATTRIBUTES["scene"]))[
                SCENE_ATTRIBUTES["scene"].index(where)] * 9)  # fmt: skip
            joints.weight.zero_()
            joints.bias[COCO_JOINTS.index("nose")] = nose
        return Perception(net).see(picture)[0]

    flat, faceless, whole = seen(FLAT, 4), seen("park", -4), seen("beach", 4)
    assert flat.scene is not None and flat.scene.name == FLAT
    assert flat.person is flat.skin is flat.pose is flat.keypoints is None
    assert faceless.person is faceless.hair is None and faceless.skin and faceless.pose
    assert whole.person and whole.hair_style and whole.scene and whole.scene.name == "beach"
    assert whole.keypoints is not None and whole.keypoints.shape == (17, 3)
    assert json.loads(json.dumps(whole.to_dict()))["hair"]["name"] == whole.hair.name  # type: ignore[union-attr]


def test_a_joint_is_found_between_cells_and_in_a_tall_picture() -> None:
    heat = torch.full((1, 17, 64, 64), -12.0)
    wanted = torch.tensor([103.0, 61.0])
    for row in range(64):
        for column in range(64):
            x, y = (column + 0.5) * JOINT_STRIDE, (row + 0.5) * JOINT_STRIDE
            d = float((torch.tensor([x, y]) - wanted).square().sum())
            heat[0, 3, row, column] = max(-12.0, 2 - d / 40)
    found = decode_joints(heat)[0, 3]
    assert found[:2] * 256 == pytest.approx(wanted.tolist(), abs=1.0)  # type: ignore[operator]
    assert found[2] > 0.8 and decode_joints(heat)[0, 4, 2] < 0.01


def test_the_classes_look_only_at_the_garment() -> None:
    torch.manual_seed(1)
    net = PerceptionNet(SMALL).eval()
    maps = torch.randn(1, 3, 256, 256)
    garment = torch.zeros(1, 1, 64, 64)
    garment[..., 16:48, 16:48] = 1
    changed = maps.clone()
    changed[..., :32, :] = 5
    p4, p8, c16 = (torch.zeros(1, 8, side, side) for side in (64, 32, 16))
    found = torch.zeros(1, len(KINDS))
    with torch.no_grad():
        before, after = (net._pool(m, p4, p8, c16, garment, found)[1] for m in (maps, changed))
    assert torch.allclose(before, after, atol=2e-2)


def test_saved_in_half_it_answers_as_before(folder: Path) -> None:
    torch.manual_seed(0)
    net, loaded = PerceptionNet(SMALL).eval(), PerceptionNet.from_pretrained(folder)
    assert next(loaded.parameters()).dtype == torch.float32 and loaded.config == SMALL
    x = torch.rand(1, 3, 256, 256) * 2 - 1
    with torch.no_grad():
        for name, answer in net(x).items():
            assert torch.allclose(answer, loaded(x)[name], atol=0.02), name


def test_missing_damaged_and_foreign_folders_say_what_to_do(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="train it"):
        Perception.load(tmp_path / "nowhere")
    weights = folder / "model.safetensors"
    kept = weights.read_bytes()
    weights.write_bytes(kept[: len(kept) // 2])
    with pytest.raises(ModelDamaged, match=r"model\.safetensors"):
        Perception.load(folder)
    weights.write_bytes(kept)
    config = json.loads((folder / "config.json").read_text())
    config["kinds"] = config["kinds"][::-1]
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelDamaged, match="another vocabulary"):
        Perception.load(folder)
    (folder / "config.json").write_text('{"widths": 3}')
    with pytest.raises(ModelDamaged, match=r"config\.json"):
        Perception.load(folder)


def test_pictures_of_any_kind_are_seen(folder: Path) -> None:
    perception = Perception.load(folder)
    shapes = [(40, 90), (300, 200), (256, 256)]
    pictures = [Image.new("RGB", shape, "teal") for shape in shapes]
    pictures += [Image.new("RGBA", (50, 50), (0, 0, 0, 0)), Image.new("L", (64, 64), 90)]
    seen = perception.see(pictures)
    for picture, answer in zip(pictures, seen, strict=True):
        assert answer.mask.shape == picture.size[::-1]
        assert set(np.unique(answer.mask)) <= {0, 255}
        assert 0 < answer.garment.probability <= 1 and answer.colour.name in ATTRIBUTES["colour"]
    data = json.loads(json.dumps(seen[0].to_dict()))
    assert data["garment"]["name"] == seen[0].garment.name
    assert perception.see([]) == []
    with pytest.raises(BadInput, match="three channels"):
        perception.see([np.zeros((8, 8), np.uint8)])  # type: ignore[list-item]


def test_a_component_lies_where_it_is_in_a_tall_picture(folder: Path) -> None:
    """A bright spot in the answers must come back at its place in the picture, not the square."""
    perception = Perception.load(folder)
    picture = np.zeros((400, 200, 3), np.uint8)

    class Spot(torch.nn.Module):
        config = SMALL

        def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
            heat = torch.full((1, len(KINDS), 128, 128), -9.0)
            heat[0, KINDS.index("pocket"), 96, 80] = 9.0
            return {
                "heatmaps": heat,
                "sizes": torch.zeros(1, 2 * len(KINDS), 64, 64),
                "offsets": torch.full((1, 2, 128, 128), 0.5),
                "mask": torch.full((1, 1, 128, 128), 9.0),
            } | {name: torch.eye(len(w))[:1] for name, w in SMALL.attributes.items()}

    perception.net = Spot()  # type: ignore[assignment]
    (seen,) = perception.see(picture[None])
    (pocket,) = seen.components
    assert pocket.centre is not None
    # The square is 400 wide with 100 of padding on each side.
    assert pocket.centre[0] == pytest.approx((80.5 / 128 * 400 - 100) / 200, abs=0.01)
    assert pocket.centre[1] == pytest.approx(96.5 / 128, abs=0.01)
    assert seen.mask.all() and seen.count("pocket") == 1


def _mask() -> np.ndarray:
    mask = np.zeros((256, 256), np.uint8)
    mask[40:220, 80:176] = 255
    return mask


def test_left_is_the_wearers_left() -> None:
    mask = _mask()
    kinds = ["pocket", "pocket", "pocket", "cuff", "cuff", "belt", "patch"]
    centres = [
        (150 / 256, 135 / 256), (105 / 256, 135 / 256), (105 / 256, 190 / 256),
        (190 / 256, 0.6), (60 / 256, 0.6), (0.5, 0.6), (0.6, 0.42),
    ]  # fmt: skip
    assert name_places(kinds, centres, "jacket", mask) == [
        "left chest", "right chest", "right hip", "left wrist", "right wrist", "waist",
        "left chest",
    ]  # fmt: skip
    assert name_places(["pocket"], [(0.5, 0.7)], "hoodie", mask) == ["centre hip"]
    assert name_places(["pocket"], [(0.6, 0.3)], "trousers", mask) == ["left hip"]
    assert name_places(["patch"], [(0.4, 0.65)], "trousers", mask) == ["right knee"]


def test_two_rows_of_buttons_are_double_breasted() -> None:
    two = [(x, 0.4 + 0.1 * i) for x in (0.44, 0.56) for i in range(2)]
    one = [(0.5 + 0.004 * i, 0.3 + 0.1 * i) for i in range(4)]
    assert set(name_places(["button"] * 4, two, "coat", _mask())) == {"double-breasted"}
    assert set(name_places(["button"] * 4, one, "coat", _mask())) == {"centre front"}


def test_a_raised_arm_hardly_moves_the_axis() -> None:
    mask = _mask()
    mask[20:60, 176:250] = 255
    frame = Frame.of(mask)
    assert abs(frame.axis - 0.5) < 0.05
    assert Frame.of(np.zeros((9, 9), np.uint8)) == Frame(0.5, 0.5, 0.0, 1.0)
