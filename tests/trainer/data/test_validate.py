"""Validation: each fault is found, told in a sentence, and keeps out only its own record."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from studio.errors import BadInput
from tests.trainer.data import layouts
from trainer.__main__ import main
from trainer.data.problems import BROKEN
from trainer.data.readers import read_records
from trainer.data.validate import validate

STEM = "00001_00"


def quiet(_: str) -> None: ...


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return layouts.vitonhd(tmp_path / "set")


def file(root: Path, part: str, suffix: str = ".jpg") -> Path:
    return root / "train" / part / f"{STEM}{suffix}"


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def small(path: Path) -> None:
    Image.new("RGB", (90, 120), "red").save(path)


def wide_mask(path: Path) -> None:
    Image.new("L", (256, 192), 255).save(path)


FAULTS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "garment missing": ("missing", lambda r: file(r, "cloth").unlink()),
    "worn picture missing": ("missing", lambda r: file(r, "image").unlink()),
    "worn picture cut short": ("unreadable", lambda r: cut_short(file(r, "image"))),
    "garment is text": ("unreadable", lambda r: file(r, "cloth").write_text("hello")),
    "mask cut short": ("unreadable", lambda r: cut_short(file(r, "cloth-mask"))),
    "garment too small": ("too_small", lambda r: small(file(r, "cloth"))),
    "same file twice": (
        "same_picture", lambda r: shutil.copy(file(r, "image"), file(r, "cloth")),
    ),
    "empty mask": ("bad_mask", lambda r: layouts.mask(file(r, "cloth-mask"), (0, 0, 0, 0))),
    "full mask": ("bad_mask", lambda r: layouts.mask(file(r, "cloth-mask"), (0, 0, 192, 256))),
    "mask lies across": ("bad_mask", lambda r: wide_mask(file(r, "cloth-mask"))),
    "no such class": (
        "bad_mask", lambda r: layouts.label_map(file(r, "image-parse-v3", ".png"), 9),
    ),
    "label map in colour": (
        "unreadable", lambda r: layouts.worn_picture(file(r, "image-parse-v3", ".png"), 1),
    ),
    "garment of the test": (
        "leak", lambda r: shutil.copy(r / "test/cloth/00003_00.jpg", file(r, "cloth")),
    ),
}  # fmt: skip


def test_a_sound_data_set_has_nothing_broken(root: Path) -> None:
    report = validate(read_records(root), say=quiet)
    assert len(report.good) == report.total == 4 and not report.left_out
    assert report.counts == {"no_caption": 2}
    assert report.sizes == {"garment 192x256": 4, "worn 192x256": 4}
    assert report.usable(1.0) == report.good


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_found_and_leaves_the_others(root: Path, name: str) -> None:
    kind, spoil = FAULTS[name]
    spoil(root)
    report = validate(read_records(root), say=quiet)
    assert list(report.left_out) == [f"train/{STEM}"], report.text()
    assert {k for k in report.counts if k in BROKEN} == {kind}
    (sentence,) = report.left_out[f"train/{STEM}"]
    assert sentence.startswith(f"train/{STEM}: ") and sentence.endswith(".")
    assert len(report.usable()) == 3


def test_the_same_pair_again_is_left_out_once(root: Path) -> None:
    for part in ("cloth", "image"):
        shutil.copy(root / "train" / part / "00000_00.jpg", file(root, part))
    report = validate(read_records(root), say=quiet)
    assert report.left_out == {
        f"train/{STEM}": [f"train/{STEM}: both pictures are the same as those of train/00000_00."]
    }


def test_a_leak_is_found_when_only_the_training_is_checked(root: Path) -> None:
    shutil.copy(root / "test/cloth/00003_00.jpg", file(root, "cloth"))
    records = read_records(root)
    train = [r for r in records if r.split == "train"]
    assert not validate(train, say=quiet).left_out
    held_out = [r for r in records if r.split == "test"]
    assert list(validate(train, held_out, say=quiet).left_out) == [f"train/{STEM}"]


def test_a_try_on_list_is_not_for_training(root: Path) -> None:
    report = validate(read_records(root, split="test", paired=False), say=quiet)
    assert not report.good and "unpaired" in report.counts


def test_notes_keep_nothing_out(tmp_path: Path) -> None:
    records = read_records(layouts.igpair(tmp_path))
    records[0] = replace(records[0], captions=("very long words " * 21,))
    report = validate(records, count_tokens=lambda text: len(text.split()) + 2, say=quiet)
    assert len(report.good) == 2
    assert report.counts == {"long_caption": 1, "no_category": 1}

    same = [replace(r, category="upper") for r in records]
    assert validate(same, say=quiet).counts["shared_worn"] == 2

    (root, *_) = (layouts.vitonhd(tmp_path / "viton"),)
    file(root, "openpose_json", "_keypoints.json").write_text('{"people": []}')
    Image.open(file(root, "cloth-mask")).resize((96, 128)).save(file(root, "cloth-mask"))
    counts = validate(read_records(root), say=quiet).counts
    assert counts["bad_keypoints"] == 1 and counts["scaled_mask"] == 1


def test_too_little_left_is_an_error_that_says_why(root: Path) -> None:
    for path in (root / "train" / "cloth").iterdir():
        path.unlink()
    report = validate(read_records(root), say=quiet)
    with pytest.raises(BadInput, match=r"Only 1 of 4 .* a picture is not there \(3 records\)"):
        report.usable()
    assert len(report.usable(0.2)) == 1
    with pytest.raises(BadInput, match="no records"):
        validate([], say=quiet).usable()


def test_the_command_tells_and_writes(root: Path, tmp_path: Path, capsys) -> None:
    cut_short(file(root, "image"))
    out = tmp_path / "report.json"
    assert main(["validate", "--folder", str(root), "--json", str(out)]) == 0
    told = capsys.readouterr().out
    assert "3 of 4 records can be used" in told and "unreadable (left out): 1" in told
    written = json.loads(out.read_text())
    assert written["good"] == 3 and list(written["why_left_out"]) == [f"train/{STEM}"]
    assert written["problems"]["unreadable"]["records"] == 1
    assert main(["validate", "--folder", str(root), "--least-share", "0.9"]) == 2
    assert "Only 3 of 4" in capsys.readouterr().err
