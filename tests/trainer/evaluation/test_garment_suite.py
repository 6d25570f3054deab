"""The garment suite: what it asks for, how it scores, and one run on an untrained family."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.engine import Engine
from studio.garment.spec import Person, Scene
from studio.vision.perception import Guess, PerceptionConfig, PerceptionNet, Seen
from tests.flat import Flat, flat
from tests.settled import Hearing
from tests.tinymodel import build_tiny_model
from trainer import __main__ as trainer
from trainer.data.pairs import sample_pair
from trainer.data.wardrobe import HELD_OUT
from trainer.evaluation.garment import score_words
from trainer.evaluation.garment_prompts import (
    METHODS,
    Case,
    Pictures,
    able_methods,
    make_cases,
    request_for,
    stated_of,
)
from trainer.evaluation.measures import Scores
from trainer.evaluation.peak import PeakMemory
from trainer.evaluation.report import garment_table, table_of
from trainer.evaluation.suites import METHODS as NAMES
from trainer.evaluation.suites import Method

SHEETS = ("garments", "scales", "real_garments")


def main(arguments: list[str]) -> int:
    return trainer.main(["evaluate", *arguments])


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return make_cases(4)


def perfect(case: Case, **changes: Any) -> Seen:
    """What a judge without faults sees."""
    worn = case.pair.worn
    garment, scene = worn.spec.garment, worn.spec.scene
    values: dict[str, Any] = {
        name: Guess(getattr(garment, name), 1.0)
        for name in ("garment", "colour", "pattern", "neckline", "sleeves")
    }
    values |= {
        "components": garment.components, "scores": (1.0,) * len(garment.components),
        "mask": worn.garment_mask, "scene": Guess(scene.ground, 1.0),
    }  # fmt: skip
    for name in ("person", "skin", "hair", "hair_style", "pose"):
        values[name] = Guess(getattr(scene.person, name), 1.0)
    return Seen(**(values | changes))


def test_prompts_name_the_type_and_neither_colour_nor_pattern(cases: list[Case]) -> None:
    for case in cases:
        garment = case.pair.worn.spec.garment
        assert case.pair.flat.spec.garment.garment == garment.garment
        assert garment.pattern == "plain" or garment.pattern not in case.prompt
    assert len({case.prompt for case in cases}) == len(cases)
    assert [c.prompt for c in make_cases(1, seed=2)] == [cases[2].prompt]


def test_only_what_is_said_is_asked_for() -> None:
    scene = Scene("worn", "park", Person("woman", "dark", "blond", "long", "hands on hips"))
    prompt = "a dark-skinned woman wearing a shirt, in a park"
    assert stated_of(scene, prompt) == {"person": "woman", "skin": "dark", "scene": "park"}
    assert stated_of(scene, prompt, face_seen=False) == {"skin": "dark", "scene": "park"}
    both = stated_of(scene, "a woman with long blond hair in a shirt, hands on hips")
    assert both == {"person": "woman", "hair": "blond", "hair_style": "long",
                    "pose": "hands on hips"}  # fmt: skip
    assert stated_of(Scene("flat", "white"), prompt) == {}


EVERYTHING = Hearing(frozenset().union(*(needs for _, needs in METHODS.values())) | {"face"})
"""A model that knows every method."""


def test_requests_differ_in_the_garment_alone(cases: list[Case], family_folder: Path) -> None:
    files, engine = Pictures(), Engine(family_folder)

    def asked(method: Method) -> Flat:
        return flat(request_for(method, cases[1], files, engine, model=EVERYTHING, steps=3))

    plain = asked("text_only")
    assert plain.garment_image is None and not files.held
    alone: list[Method] = [m for m in NAMES if m not in ("text_only", "page")]
    made = [asked(m) for m in alone]
    assert {r.garment_method for r in made} == set(alone)
    assert {(r.prompt, r.seed, r.steps) for r in made} == {(plain.prompt, plain.seed, 3)}
    assert len(files.held) == 2
    assert all(sha in files.held for r in made for sha in r.kept.request.files().values())


def test_the_page_adds_the_usual_shape_and_what_the_picture_shows(
    cases: list[Case], family_folder: Path
) -> None:
    engine = Engine(family_folder)
    asked = [flat(request_for("page", c, Pictures(), engine, steps=3)) for c in cases]
    assert all(r.sketch and r.pose and r.garment_method == "magic_clothing" for r in asked)
    assert any(r.components for r in asked)  # the words name none: the photo shows them
    alone = [flat(request_for("magic_clothing", c, Pictures(), engine)) for c in cases]
    assert not any(r.sketch or r.components for r in alone)


def test_methods_without_weights_are_named(cases: list[Case]) -> None:
    assert tuple(METHODS) == NAMES
    able, missing = able_methods(NAMES, frozenset({"text", "garment"}))
    assert able == ["text_only", "magic_clothing"]
    assert len(missing) == 5 and "dressing are not installed" in missing[-2]


def test_scores_count_what_is_right(cases: list[Case]) -> None:
    scores = Scores()
    score_words(scores, "good", cases, [perfect(c) for c in cases])
    wrong = [
        perfect(c, colour=Guess("none", 1.0), components=(), scores=(), person=None,
                scene=Guess("flat lay", 1.0))
        for c in cases
    ]  # fmt: skip
    score_words(scores, "bad", cases, wrong)
    found = {name: e.mean for name, e in scores.estimates().items()}
    for name in ("colour", "pattern", "type", "count", "scene", "person"):
        assert found[f"good_{name}"] == 1
    assert found["bad_colour"] == found["bad_count"] == found["bad_scene"] == 0
    assert found["bad_pattern"] == 1 and found["bad_person"] < 1


def test_peak_memory_sees_what_was_held() -> None:
    memory = PeakMemory(torch.device("cpu"))
    memory.restart()
    before = memory.mib()
    held = np.ones(512 * 2**20, np.uint8)  # far more than what lies freed in the heap
    after = memory.mib()
    assert held.any() and after - before > 200


def test_the_suite_runs_and_tells_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = build_tiny_model(tmp_path / "family")
    torch.manual_seed(0)
    small = PerceptionConfig(widths=(8, 8, 8), depths=(0, 0, 0), neck=8, attention=2, hidden=16)
    PerceptionNet(small).save_pretrained(model / "perception")
    out = tmp_path / "garment.json"
    arguments = ["garment", "--model", str(model), "--limit", "2", "--steps", "1", "--sweep"]
    assert main([*arguments, "--json", str(out), "--out", str(tmp_path)]) == 0
    metrics = json.loads(out.read_text())
    for column in ("colour", "pattern", "type", "count", "mp_lpips", "cami_u"):
        assert np.isfinite(metrics[f"text_only_{column}"]), column
        assert np.isfinite(metrics[f"ceiling_{column}"]), column
    assert metrics["text_only_seconds"] > 0 and metrics["text_only_peak_mib"] >= 0
    table = (tmp_path / "garment.md").read_text()
    assert "Magic Clothing is left out" in table and "DIFT of family" in table
    assert str(model) not in table
    capsys.readouterr()
    assert main([*arguments[:3], "--methods", "imagdressing"]) == 2
    assert "IMAGDressing is left out" in capsys.readouterr().err
    assert not {"ceiling_face", "ceiling_pose", "ceiling_cami_s"} & metrics.keys()
    assert main([*arguments[:3], "--specified"]) == 2
    assert "weights for face are not installed" in capsys.readouterr().err


def test_report_shows_methods_ceiling_and_sweep() -> None:
    metrics = {f"{m}_{c}": 0.5 for m in ("magic_clothing", "ceiling", "sweep_sg1", "sweep_sg2.5")
               for c in ("colour", "mp_lpips")}  # fmt: skip
    metrics |= {"magic_clothing_seconds": 1.25, "magic_clothing_peak_mib": 300.0}
    table = table_of(metrics)
    assert table == garment_table(metrics)
    lines = table.splitlines()
    assert lines[0].count("|") == 6 and "CLIP-I" not in table
    assert "1.25" in lines[2] and lines[3].startswith("| true pictures")
    assert [line.split("|")[1].strip() for line in lines[-2:]] == ["sG 1", "sG 2.5"]


def test_garment_sheets_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = build_tiny_model(tmp_path / "family")
    shutil.copytree(model / "unet", model / "garment_extractor")
    torch.manual_seed(0)
    small = PerceptionConfig(widths=(8, 8, 8), depths=(0, 0, 0), neck=8, attention=2, hidden=16)
    PerceptionNet(small).save_pretrained(model / "perception")
    pair = sample_pair(HELD_OUT + 1)
    for folder, picture in (("garments", pair.flat.picture), ("persons", pair.worn.picture)):
        (tmp_path / "real" / folder).mkdir(parents=True)
        Image.fromarray(picture).save(tmp_path / "real" / folder / "one.png")
    out = tmp_path / "sheets"
    arguments = ["sheets", "--model", str(model), "--limit", "1", "--steps", "1"]
    arguments += ["--garments", str(tmp_path / "real"), "--out", str(out)]
    assert main([*arguments, "--sheets", ",".join(SHEETS)]) == 0
    assert sorted(p.stem for p in out.iterdir()) == sorted(SHEETS)
    for path in out.iterdir():
        with Image.open(path) as sheet:
            assert min(sheet.size) > 200
    capsys.readouterr()
    assert main([*arguments[:-3], str(out), "--sheets", "real_garments"]) == 2
    assert "There is no folder" in capsys.readouterr().err
