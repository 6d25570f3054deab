"""Readers: small data sets in the public layouts, and the real ones where they are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from studio.errors import BadInput
from tests.trainer.data import layouts
from trainer.data.readers import detect_layout, read_records
from trainer.data.readers.files import open_labels, open_mask, open_picture
from trainer.data.readers.joints import read_joints
from trainer.data.readers.record import category_of


def test_vitonhd_pairs_are_of_one_id_whatever_the_test_list_says(tmp_path: Path) -> None:
    root = layouts.vitonhd(tmp_path, train=2, test=2)
    train, test = (read_records(root, split=split) for split in ("train", "test"))
    assert [r.id for r in train] == ["train/00000_00", "train/00001_00"]
    assert all(r.garment.stem == r.worn.stem and r.paired for r in (*train, *test))
    first = train[0]
    assert first.captions == ("red top", "plain red top") and first.category == "upper"
    assert first.garment_mask and first.parse and first.keypoints and first.pose
    assert first.keypoints.name == "00000_00_keypoints.json"
    tried = read_records(root, paired=False)
    assert [(r.worn.stem, r.garment.stem, r.paired) for r in tried] == [
        ("00002_00", "00003_00", False), ("00003_00", "00000_00", False),
    ]  # fmt: skip
    assert tried[1].captions == ("red top", "plain red top"), "the caption goes with the garment"


def test_vitonhd_without_lists_reads_all_pictures(tmp_path: Path) -> None:
    root = layouts.vitonhd(tmp_path, train=2, test=0)
    (root / "train_pairs.txt").unlink()
    assert [r.id for r in read_records(root, split="train")] == ["train/00000_00", "train/00001_00"]


def test_dresscode_reads_three_categories(tmp_path: Path) -> None:
    root = layouts.dresscode(tmp_path)
    train = {r.id: r for r in read_records(root, split="train")}
    assert {id: r.category for id, r in train.items()} == {
        "upper_body/010000_0": "upper", "lower_body/020000_0": "lower", "dresses/030000_0": "dress",
    }  # fmt: skip
    assert train["upper_body/010000_0"].captions == ("black mock neck top",)
    assert train["lower_body/020000_0"].captions == ("a skirt",)
    assert train["dresses/030000_0"].captions == ()
    upper = train["upper_body/010000_0"]
    assert (upper.garment.name, upper.worn.name) == ("010000_1.jpg", "010000_0.jpg")
    assert upper.parse and upper.pose and upper.garment_mask is None
    assert [r.id for r in read_records(root, split="test")] == ["dresses/030001_0"]
    (tried,) = read_records(root, paired=False)
    assert (tried.id, tried.paired) == ("dresses/030001_0+030000_1", False)


def test_dresscode_reads_the_common_list(tmp_path: Path) -> None:
    root = layouts.dresscode(tmp_path)
    lines = []
    for number, part in enumerate(("upper_body", "lower_body", "dresses")):
        own = root / part / "train_pairs.txt"
        lines.append(f"{own.read_text().strip()}\t{number}\n")
        own.unlink()
    (root / "train_pairs.txt").write_text("".join(lines))
    found = read_records(root, split="train")
    assert [r.category for r in found] == ["upper", "lower", "dress"]
    (root / "train_pairs.txt").write_text(lines[0] + "010001_0.jpg\n")
    with pytest.raises(BadInput, match="line 2: give person, garment and category"):
        read_records(root, split="train")


def test_igpair_reads_a_person_with_two_garments(tmp_path: Path) -> None:
    first, second = read_records(layouts.igpair(tmp_path))
    assert first.worn == second.worn and first.garment != second.garment
    assert first.id != second.id and first.worn.is_file() and second.garment.is_file()
    assert first.captions == ("a woman in a park", "a woman outdoors")
    assert second.captions == ("a woman",)
    assert (first.category, second.category) == ("upper", None)
    assert first.pose is not None and first.garment_mask is None


def test_igpair_never_leaves_its_folder(tmp_path: Path) -> None:
    root = layouts.igpair(tmp_path / "set")
    layouts.garment_picture(tmp_path / "secret.jpg", 5)
    item = {"image_file": "image_000000_00.jpg", "cloth_file": "../secret.jpg"}
    (root / "IGPair.json").write_text(json.dumps([item]))
    (record,) = read_records(root)
    assert record.garment == root / "clothes" / "secret.jpg" and not record.garment.exists()
    (root / "IGPair.json").write_text('[{"image_file": "a.jpg"}]')
    with pytest.raises(BadInput, match="record 0"):
        read_records(root)


def test_a_plain_folder_reads_captions_and_several_wearers(tmp_path: Path) -> None:
    records = {r.id: r for r in read_records(layouts.plain(tmp_path))}
    assert set(records) == {"red", "blue/1", "blue/2"}
    assert records["red"].captions == ("a woman in a red shirt",)
    assert records["red"].category is None and records["red"].worn_mask is not None
    assert records["blue/1"].garment == records["blue/2"].garment
    assert records["blue/2"].captions == ("a man in blue trousers",)
    assert records["blue/1"].category == "lower"
    assert records["blue/1"].keypoints and not records["blue/2"].keypoints


def test_a_plain_folder_with_a_bad_line_says_which(tmp_path: Path) -> None:
    root = layouts.plain(tmp_path)
    (root / "captions.jsonl").write_text('{"id": "red"}\nred shirt\n')
    with pytest.raises(BadInput, match=r"captions\.jsonl, line 2"):
        read_records(root)


@pytest.mark.parametrize("name", ["vitonhd", "dresscode", "igpair", "folder"])
def test_the_layout_is_found_out(tmp_path: Path, name: str) -> None:
    make = layouts.plain if name == "folder" else getattr(layouts, name)
    assert detect_layout(make(tmp_path)) == name
    assert read_records(tmp_path) == read_records(tmp_path, name)


def test_an_unknown_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="garments and worn"):
        detect_layout(tmp_path)
    with pytest.raises(BadInput, match="There is no folder"):
        detect_layout(tmp_path / "nothing")
    with pytest.raises(BadInput, match="Unknown layout"):
        read_records(tmp_path, "viton")


@pytest.mark.parametrize(
    ("word", "category"),
    [("upper_body", "upper"), ("Jackets", "upper"), ("dresses", "dress"), ("lower-body", "lower"),
     ("Jeans", "lower"), ("jumpsuit", "dress"), ("lingerie", None), ("", None)],
)  # fmt: skip
def test_words_of_data_sets_are_categories(word: str, category: str | None) -> None:
    assert category_of(word) == category


def test_joints_of_both_kinds_are_the_same_person(tmp_path: Path) -> None:
    layouts.openpose(tmp_path / "25.json")
    layouts.openpose(tmp_path / "18.json", layouts.PERSON_18)
    layouts.dresscode_joints(tmp_path / "grid.json")
    found = [read_joints(tmp_path / f"{n}.json", layouts.WIDTH, layouts.HEIGHT)
             for n in ("25", "18", "grid")]  # fmt: skip
    a, b, grid = (joints for joints in found if joints is not None)
    assert np.allclose(a.points, b.points) and a.points.shape == (17, 3)
    assert np.allclose(grid.points[5:], a.points[5:], atol=1e-6)
    left_shoulder = a.points[5]
    assert np.allclose(left_shoulder, [122 / 192, 52 / 256, 1]), "the wearer's left comes first"
    assert a.face is not None and a.face[0] < a.points[0, 0] < a.face[2]
    assert not grid.points[:5].any() and grid.face is None, "on the border means outside"


def test_joints_of_nobody_and_of_another_kind(tmp_path: Path) -> None:
    nobody = tmp_path / "nobody.json"
    nobody.write_text('{"people": []}')
    assert read_joints(nobody, 10, 10) is None
    other = tmp_path / "other.json"
    other.write_text('{"people": [{"pose_keypoints_2d": [1, 2, 3]}]}')
    with pytest.raises(BadInput, match="18 or 25"):
        read_joints(other, 10, 10)
    other.write_text("[]")
    with pytest.raises(BadInput, match="no joints"):
        read_joints(other, 10, 10)


def test_masks_of_one_and_of_255_and_label_maps(tmp_path: Path) -> None:
    from PIL import Image

    ones = np.zeros((8, 8), np.uint8)
    ones[2:4] = 1
    Image.fromarray(ones).save(tmp_path / "ones.png")
    assert np.array_equal(open_mask(tmp_path / "ones.png"), ones * 255)
    layouts.label_map(tmp_path / "labels.png", 7)
    assert set(np.unique(open_labels(tmp_path / "labels.png"))) == {0, 7, 13}
    layouts.garment_picture(tmp_path / "colour.png", 0)
    with pytest.raises(BadInput, match="in colour"):
        open_labels(tmp_path / "colour.png")


def test_a_git_pointer_is_named(tmp_path: Path) -> None:
    pointer = tmp_path / "a.jpg"
    pointer.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(BadInput, match="LFS pointer"):
        open_picture(pointer)


@pytest.fixture(scope="module")
def real() -> Path:
    folder = Path(os.environ.get("TOILE_REAL_DATA", "")) / "layouts"
    if not (os.environ.get("TOILE_REAL_DATA") and folder.is_dir()):
        pytest.skip("TOILE_REAL_DATA names no folder with real records")
    return folder


def test_real_vitonhd_records(real: Path) -> None:
    records = read_records(real / "vitonhd")
    assert {r.id for r in records} == {"test/12419_00", "test/03191_00"}
    for r in records:
        assert r.worn.is_file() and len(r.captions) == 3
        assert r.parse is not None and r.keypoints is not None
        share = np.isin(open_labels(r.parse), r.parse_classes).mean()
        assert 0.05 < share < 0.3
        width, height = open_picture(r.worn).size
        joints = read_joints(r.keypoints, width, height)
        assert joints is not None and joints.face is not None
        left, top, right, bottom = joints.face
        labels = open_labels(r.parse)
        rows, columns = np.nonzero(labels == 13)
        assert left < columns.mean() / width < right and top < rows.mean() / height < bottom
    assert len(read_records(real / "vitonhd", paired=False)) == 2


def test_real_dresscode_records(real: Path) -> None:
    records = read_records(real / "dresscode")
    assert sorted(str(r.category) for r in records) == ["dress", "lower", "lower", "upper"]
    for r in records:
        assert r.worn.is_file() and len(r.captions) == 3
        assert r.parse is not None and r.keypoints is not None
        labels = open_labels(r.parse)
        garment = np.isin(labels, r.parse_classes)
        assert 0.05 < garment.mean() < 0.3
        joints = read_joints(r.keypoints, 768, 1024)
        assert joints is not None and joints.face is None, "heads are cut off"
        # The shoulders lie on the person only if the joints' grid is taken for what it is.
        for x, y, seen in joints.points[5:]:
            if seen:
                around = labels[max(int(y * 1024) - 40, 0) : int(y * 1024) + 40,
                                max(int(x * 768) - 40, 0) : int(x * 768) + 40]  # fmt: skip
                assert around.any(), (r.id, x, y)
