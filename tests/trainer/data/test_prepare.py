"""Preparation: real layouts become shards of pairs, and a recipe trains on them."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.errors import BadInput
from studio.forms import read_form
from studio.garment.caption import caption
from studio.vision.perception import Perception
from tests.trainer import tinywardrobe as tiny
from tests.trainer.data import layouts
from trainer.__main__ import main
from trainer.data.captions import shard_captions
from trainer.data.frame import Frame
from trainer.data.pairs import Pairs
from trainer.data.prepare import PrepareSettings, parse_size, prepare
from trainer.data.readers import read_records
from trainer.data.shards import Shards
from trainer.data.validate import validate
from trainer.loop import train
from trainer.recipes import recipe_class


def quiet(_: str) -> None: ...


@pytest.fixture(scope="module")
def perception(family_folder: Path) -> Perception:
    return Perception.load(family_folder / "perception")


def test_padding_shows_all_with_the_edges_colour() -> None:
    picture = np.zeros((100, 50, 3), np.uint8)
    picture[:, :5], picture[:, 45:] = (10, 200, 30), (250, 0, 0)
    frame = Frame.of(50, 100, (128, 128), "pad")
    out = frame.picture(picture)
    assert out.shape == (128, 128, 3)
    assert (out[:, :32] == (10, 200, 30)).all() and (out[:, 97:] == (250, 0, 0)).all()
    assert frame.point(0.5, 0.25) == (0.5, 0.25) and frame.point(0, 1) == (0.25, 1)
    mask = frame.mask(np.full((100, 50), 255, np.uint8))
    assert mask[:, 32:96].all() and not mask[:, :32].any() and not mask[:, 96:].any()


def test_cropping_fills_and_forgets_what_is_cut() -> None:
    picture = np.zeros((100, 50, 3), np.uint8)
    picture[50:] = 255
    frame = Frame.of(50, 100, (64, 64), "crop")
    out = frame.picture(picture)
    assert (out[:31] == 0).all() and (out[33:] == 255).all()
    joints = np.zeros((17, 3), np.float32)
    joints[0], joints[1] = (0.5, 0.1, 1), (0.5, 0.5, 1)
    moved = frame.joints(joints)
    assert not moved[0].any() and np.allclose(moved[1], (0.5, 0.5, 1))
    assert frame.box((0.2, 0.0, 0.8, 0.2)) is None
    assert frame.box((0.2, 0.5, 0.8, 0.75)) == pytest.approx((0.2, 0.5, 0.8, 1.0))


def test_a_mask_of_half_the_size_lands_in_the_same_place() -> None:
    mask = np.zeros((256, 192), np.uint8)
    mask[60:200, 50:142] = 255
    frame = Frame.of(192, 256, (256, 256), "pad")
    assert (frame.mask(mask) != frame.mask(mask[::2, ::2])).mean() < 0.01


def test_vitonhd_becomes_pairs(tmp_path: Path, perception: Perception) -> None:
    root = layouts.vitonhd(tmp_path / "set", train=5)
    records = validate(read_records(root, split="train"), say=quiet).usable()
    settings = PrepareSettings((192, 256), shard_size=2)
    assert prepare(records, tmp_path / "out", settings, perception, say=quiet) == 5
    pairs = Pairs.of(tmp_path / "out")
    rows = np.arange(5)
    assert pairs.count == 5 and len(pairs.flat.paths) == 3
    assert pairs.flat.pictures(rows).shape == pairs.worn.pictures(rows).shape == (5, 256, 192, 3)
    flat, worn = pairs.flat.garment_masks(rows), pairs.worn.garment_masks(rows)
    assert flat.shape == (5, 256, 192)
    expected = np.zeros((256, 192), bool)
    expected[60:200, 50:142] = True
    assert ((flat > 0) == expected).mean() > 0.99
    expected[:] = False
    expected[50:130, 65:127] = True
    assert ((worn > 0) == expected).all(), "the label map's class of upper clothes, exactly"
    told = pairs.worn.records[0]
    assert (told["source"], told["category"], told["mask_from"]) == (
        "train/00000_00", "upper", "label map",
    )  # fmt: skip
    assert np.allclose(told["keypoints"][5], (122 / 192, 52 / 256, 1), atol=1e-4)
    assert told["face_box"] and pairs.flat.records[0]["keypoints"] is None
    assert shard_captions(pairs.worn, 0, [0, 1]) == ["red top", "blue top"]
    assert shard_captions(pairs.worn, 1, [0, 1]) == ["plain red top", "blue top"]
    with pytest.raises(BadInput, match="no specifications"):
        _ = pairs.worn.specs


def test_a_stopped_preparation_goes_on(tmp_path: Path, perception: Perception) -> None:
    records = read_records(layouts.vitonhd(tmp_path / "set", train=4), split="train")
    out, settings = tmp_path / "out", PrepareSettings((64, 64), shard_size=2)
    prepare(records, out, settings, perception, say=quiet)
    first, second = Shards.of(out / "worn").paths
    kept = (first / "pictures.npy").stat().st_mtime_ns
    shutil.rmtree(second)
    assert prepare(records, out, settings, perception, say=quiet) == 4
    assert (first / "pictures.npy").stat().st_mtime_ns == kept and second.is_dir()

    smaller = PrepareSettings((128, 64), shard_size=2)
    prepare(records, out, smaller, perception, say=quiet)
    assert Pairs.of(out).worn.pictures(np.array([0])).shape == (1, 64, 128, 3)
    prepare(records, out, settings, perception, say=quiet)
    assert Pairs.of(out).worn.pictures(np.array([0])).shape == (1, 64, 64, 3), "asked for last"


def test_a_garment_that_is_not_found_is_left_out(tmp_path: Path, perception: Perception) -> None:
    from PIL import Image

    records = read_records(layouts.dresscode(tmp_path / "set"), split="train")
    Image.new("RGB", (192, 256), (250, 250, 250)).save(records[1].garment)
    out = tmp_path / "out"
    count = prepare(records, out, PrepareSettings(), perception, {"early": ["gone."]}, say=quiet)
    lines = [json.loads(line) for line in (out / "left_out.jsonl").read_text().splitlines()]
    assert {line["id"] for line in lines} >= {"early", "lower_body/020000_0"}
    assert count == 4 - len(lines) and Pairs.of(out).count == count
    assert any("paint the mask yourself" in line["why"][0] for line in lines)
    with pytest.raises(BadInput, match="No pair could be prepared"):
        prepare(records[1:2], tmp_path / "none", PrepareSettings(), perception, say=quiet)


def test_a_plain_folder_without_categories(tmp_path: Path, perception: Perception) -> None:
    records = read_records(layouts.plain(tmp_path / "set"))
    out = tmp_path / "out"
    assert prepare(records, out, PrepareSettings(fit="crop"), perception, say=quiet) == 3
    told = {r["source"]: r for r in Pairs.of(out).worn.records}
    assert told["red"]["mask_from"] == "mask" and told["red"]["category"] in (
        "upper", "lower", "dress",
    )  # fmt: skip
    assert told["blue/1"]["category"] == "lower" and told["blue/1"]["keypoints"]
    assert told["blue/2"]["mask_from"] in ("perception", "nothing")


def test_captions_of_the_wardrobe_are_those_it_was_trained_with(tmp_path: Path) -> None:
    shards = tiny.shards(tmp_path, 4)
    pairs = Pairs(shards, shards)
    streams = [np.random.default_rng([0, 1, i]) for i in range(4)]
    drawn = [caption(s, rng) for s, rng in zip(shards.specs, streams, strict=True)]
    assert shard_captions(pairs.worn, 1) == drawn
    assert shard_captions(pairs.worn, 1, [2]) == [shard_captions(pairs.worn, 1)[2]]
    scenes = shard_captions(pairs.worn, 1, said="scene")
    for spec, scene in zip(shards.specs, scenes, strict=True):
        assert not {spec.garment.colour, "buttons", "sleeved"} & set(scene.split())


@pytest.mark.parametrize("text", ["256", "256x", "axb", "-64x64"])
def test_a_size_that_is_none(text: str) -> None:
    with pytest.raises(BadInput, match="WIDTHxHEIGHT"):
        parse_size(text)
    with pytest.raises(BadInput, match="multiples of 64"):
        PrepareSettings((100, 256))


def test_the_command_prepares_and_captions(tmp_path: Path, capsys) -> None:
    root, out = layouts.vitonhd(tmp_path / "set"), tmp_path / "pairs"
    (root / "train" / "image" / "00001_00.jpg").write_bytes(b"no picture")
    command = ["prepare", "--folder", str(root), "--out", str(out), "--size", "128x192",
               "--captions", "perception"]  # fmt: skip
    assert main(command) == 0
    assert "2 pairs of 128x192" in capsys.readouterr().out
    pairs = Pairs.of(out)
    assert pairs.worn.pictures(np.array([0])).shape == (1, 192, 128, 3)
    red, written = shard_captions(pairs.worn, 0)
    assert red == "red top" and "wearing" in written
    (line,) = (out / "captions.jsonl").read_text().splitlines()
    assert json.loads(line)["id"] == "train/00002_00"
    (left,) = (out / "left_out.jsonl").read_text().splitlines()
    assert json.loads(left)["id"] == "train/00001_00"
    assert main([*command[:-1], "blip", "--blip", str(tmp_path)]) == 2
    assert "There is no BLIP" in capsys.readouterr().err


def test_the_garment_recipe_trains_on_prepared_pairs(
    tmp_path: Path, perception: Perception, family_folder: Path
) -> None:
    """The bundled family, two steps, pictures that are not square."""
    records = read_records(layouts.vitonhd(tmp_path / "set", train=2), split="train")
    prepare(records, tmp_path / "pairs", PrepareSettings((64, 128)), perception, say=quiet)
    parts = {name: family_folder / name for name in ("vae", "unet", "text_encoder", "tokenizer")}
    kind = recipe_class("garment")
    values = {**parts, "shards": tmp_path / "pairs", "cache": tmp_path / "cache", "variants": 2,
              "size_pixels": 128, "garment_weight": 2.0, "loop": tiny.LOOP}  # fmt: skip
    config = read_form(kind.config_type, values, "test")
    train(kind, config, tmp_path / "run", "cpu", False, quiet)
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    metrics = [json.loads(line) for line in lines]
    assert len(metrics) >= 2 and all(np.isfinite(m["loss"]) for m in metrics if "loss" in m)
    assert (tmp_path / "run/weights/extractor/config.json").is_file()


def test_real_records_are_prepared(tmp_path: Path, perception: Perception) -> None:
    if not os.environ.get("TOILE_REAL_DATA"):
        pytest.skip("TOILE_REAL_DATA names no folder with real records")
    real = Path(os.environ["TOILE_REAL_DATA"])
    for layout in ("vitonhd", "dresscode"):
        records = read_records(real / "layouts" / layout)
        report = validate(records, say=quiet)
        assert report.counts == {"missing": len(records)}, report.text()
        with pytest.raises(BadInput, match="a picture is not there"):
            report.usable()
        # The records lack their garments: another real one stands in, for sizes and masks.
        other = real / "garments" / "00055_00.jpg"
        good = validate([replace(r, garment=other) for r in records], say=quiet).usable(1.0)
        out = tmp_path / layout
        assert prepare(good, out, PrepareSettings((384, 512)), perception, say=quiet) == len(good)
        pairs = Pairs.of(out)
        rows = np.arange(pairs.count)
        assert pairs.worn.pictures(rows).shape[1:] == (512, 384, 3)
        for record, mask in zip(pairs.worn.records, pairs.worn.garment_masks(rows), strict=True):
            assert record["mask_from"] == "label map" and 0.05 < (mask > 0).mean() < 0.3
            points = np.array(record["keypoints"])
            y, x = (points[5:7, :2].mean(axis=0)[::-1] * (512, 384)).astype(int)
            assert points[5:7, 2].all() and 0 < y < 512 and 0 < x < 384
