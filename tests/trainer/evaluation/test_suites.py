"""The suites end to end on an untrained family: real engine, real wardrobe, real judge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.engine import Engine
from studio.garment.caption import Telling, tell
from studio.garment.phrases import GROUND_WORDS
from studio.garment.vocabulary import COLOURS, GARMENTS
from studio.request import Control
from studio.vision.perception import Guess, PerceptionConfig, PerceptionNet, Seen
from tests.flat import replace, request_of
from tests.tinymodel import build_tiny_model
from trainer import __main__ as trainer
from trainer.data.wardrobe import HELD_OUT, WardrobeSample
from trainer.evaluation.base import (
    ground_seen,
    score_board,
    score_ground,
    score_sketch,
    score_words,
)
from trainer.evaluation.contact import Cell, contact_sheet
from trainer.evaluation.held_out import held_out_samples
from trainer.evaluation.measures import Scores
from trainer.evaluation.perception import score
from trainer.evaluation.pictures import Pictures, make_pictures
from trainer.evaluation.prompts import PROMPTS
from trainer.evaluation.suites import PARTS


def main(arguments: list[str]) -> int:
    return trainer.main(["evaluate", *arguments])


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build_tiny_model(tmp_path_factory.mktemp("family"))
    torch.manual_seed(0)
    small = PerceptionConfig(widths=(8, 8, 8), depths=(0, 0, 0), neck=8, attention=2, hidden=16)
    PerceptionNet(small).save_pretrained(folder / "perception")
    return folder


@pytest.fixture(scope="module")
def samples() -> list[WardrobeSample]:
    return held_out_samples(8)


def perfect(sample: WardrobeSample, **changes: Any) -> Seen:
    """What a judge without faults sees."""
    garment = sample.spec.garment
    names = ("garment", "colour", "pattern", "neckline", "sleeves")
    values: dict[str, Any] = {name: Guess(getattr(garment, name), 1.0) for name in names}
    values |= {
        "components": garment.components, "scores": (1.0,) * len(garment.components),
        "mask": sample.garment_mask,
    }  # fmt: skip
    return Seen(**(values | changes))


def test_a_batch_makes_what_the_engine_makes_one_by_one(
    family: Path, samples: list[WardrobeSample]
) -> None:
    images = Pictures()
    sketch = images.add(samples[0].flat_ink)
    components = samples[1].spec.garment.components
    requests = [
        request_of(prompt="a navy coat", seed=3, steps=3, st=3.0),
        request_of(prompt="a red skirt", seed=4, steps=3, st=3.0),
        request_of(prompt="a red skirt", seed=5, steps=3, st=3.0, sketch=sketch),
        request_of(prompt="a coat", seed=6, steps=3, st=3.0, components=components),
        request_of(prompt="a coat", seed=6, steps=3, st=3.0, components=components,
                   component_control=Control(strength=0.5, end=0.7)),
        request_of(prompt="a coat", seed=6, steps=3, st=5.0),
    ]  # fmt: skip
    engine = Engine(family, dtype="fp32")
    together = make_pictures(engine, requests, images.held)
    for request, picture in zip(requests, together, strict=True):
        (alone,) = engine.generate(request, images.held)
        difference = np.abs(np.asarray(picture, float) - np.asarray(alone.image, float))
        assert difference.max() <= 2 and difference.mean() < 0.1


def test_held_out_seeds_are_held_out(samples: list[WardrobeSample]) -> None:
    assert [s.seed for s in samples] == [HELD_OUT + i for i in range(8)]


def test_a_perfect_picture_gets_full_marks_everywhere(samples: list[WardrobeSample]) -> None:
    scores, told = Scores(), [tell(s.spec, np.random.default_rng(1)) for s in samples]
    seen = [perfect(s) for s in samples]
    score_words(scores, "", samples, told, seen)
    score_board(scores, "", samples, seen)
    score_sketch(scores, "sketch_clean", samples, seen)
    score(scores, "raw", samples, seen)
    assert {"words_garment", "words_colour", "board_count", "board_place"} <= set(scores.values)
    for name, values in scores.values.items():
        wanted = 0.0 if name.endswith("centre_error") else 1.0
        assert np.mean(values) == pytest.approx(wanted), name


def test_a_wrong_picture_does_not(samples: list[WardrobeSample]) -> None:
    scores, told = Scores(), [tell(s.spec, np.random.default_rng(1)) for s in samples]
    wrong = [
        perfect(
            s, components=s.spec.garment.components[1:], garment=Guess("none of these", 1.0),
            mask=np.zeros_like(s.garment_mask),
        )
        for s in samples
    ]  # fmt: skip
    score_words(scores, "", samples, told, wrong)
    score_board(scores, "", samples, wrong)
    score_sketch(scores, "sketch_clean", samples, wrong)
    assert np.mean(scores.values["words_garment"]) == 0
    assert np.mean(scores.values["words_colour"]) == 1
    assert np.mean(scores.values["board_count"]) < 1
    assert np.mean(scores.values["board_place"]) < 1
    assert np.mean(scores.values["sketch_clean_iou"]) == 0


def test_only_what_the_words_say_is_judged(samples: list[WardrobeSample]) -> None:
    scores, told = Scores(), [tell(s.spec, np.random.default_rng(1)) for s in samples]
    score_words(scores, "", samples, told, [perfect(s) for s in samples])
    said = sum("neckline" in t.stated for t in told)
    assert len(scores.values.get("words_neckline", [])) == said


def test_grounds_are_told_apart_where_the_words_name_them() -> None:
    flats = [s for s in held_out_samples(24) if s.spec.scene.mode == "flat"]
    pictures = [Image.fromarray(s.picture) for s in flats]
    seen, told = [perfect(s) for s in flats], [Telling("A shirt.", frozenset(), ()) for _ in flats]
    grounds = [s.spec.scene.ground for s in flats]
    assert set(grounds) == {"white", "grey"}
    assert [ground_seen(p, a.mask) for p, a in zip(pictures, seen, strict=True)] == grounds

    scores = Scores()
    score_ground(scores, "", flats, told, pictures, seen)
    assert scores.values == {}
    named = [
        replace(t, text=f"A shirt, {GROUND_WORDS[g][0]}.")
        for t, g in zip(told, grounds, strict=True)
    ]
    score_ground(scores, "", flats, named, pictures, seen)
    grey = [Image.new("RGB", p.size, (190, 190, 190)) for p in pictures]
    score_ground(scores, "grey_", flats, named, grey, seen)
    assert np.mean(scores.values["words_ground"]) == 1
    assert np.mean(scores.values["grey_words_ground"]) == grounds.count("grey") / len(grounds)


def test_base_measures_words_board_and_sketches(family: Path, tmp_path: Path) -> None:
    out = tmp_path / "base.json"
    arguments = ["base", "--model", str(family), "--limit", "2", "--steps", "1"]
    assert main([*arguments, "--json", str(out), "--out", str(tmp_path)]) == 0
    metrics = json.loads(out.read_text())
    assert all(isinstance(v, int | float) for v in metrics.values())
    assert metrics["n"] == 2 and metrics["steps"] == 1 and metrics["words_garment_n"] == 2
    for part in ("words_colour", "sketch_clean_iou", "sketch_shaky_iou"):
        assert 0 <= metrics[part] <= 1 and f"ceiling_{part}" in metrics
    table = (tmp_path / "base.md").read_text()
    assert "--limit 2" in table and str(family) not in table


def test_vae_measures_sharpness_and_every_colour(family: Path, tmp_path: Path) -> None:
    out = tmp_path / "vae.json"
    assert main(["vae", "--model", str(family), "--limit", "2", "--json", str(out)]) == 0
    metrics = json.loads(out.read_text())
    assert 0 < metrics["psnr"] < 60 and metrics["psnr_n"] == 2
    colours = {f"delta_e_{name.replace(' ', '_')}" for name in COLOURS}
    assert colours <= set(metrics)
    assert metrics["delta_e_largest"] == max(metrics[name] for name in colours)


def test_perception_is_measured_raw_and_after_the_round_trip(family: Path, tmp_path: Path) -> None:
    out = tmp_path / "perception.json"
    assert main(["perception", "--model", str(family), "--limit", "3", "--json", str(out)]) == 0
    metrics = json.loads(out.read_text())
    for name in ("garment", "colour", "pattern", "neckline", "sleeves", "button_count",
                 "mask_iou"):  # fmt: skip
        assert 0 <= metrics[f"raw_{name}"] <= 1 and metrics[f"round_{name}_n"] == 3


def test_sheets_are_written(family: Path, samples: list[WardrobeSample], tmp_path: Path) -> None:
    drawn = tmp_path / "drawn"
    drawn.mkdir()
    Image.fromarray(255 - samples[0].flat_ink).save(drawn / "one.png")
    (tmp_path / "prompts.json").write_text('{"one.png": "a red skirt"}')
    arguments = ["sheets", "--model", str(family), "--limit", "2", "--steps", "1"]
    arguments += ["--sketches", str(drawn), "--prompts", str(tmp_path / "prompts.json")]
    assert main([*arguments, "--out", str(tmp_path / "sheets")]) == 0
    written = sorted(p.name for p in (tmp_path / "sheets").iterdir())
    assert written == ["components.jpg", "guidance.jpg", "prompts.jpg", "real.jpg", "sketches.jpg"]
    for name in written:
        path = tmp_path / "sheets" / name
        assert path.stat().st_size < 600_000
        with Image.open(path) as sheet:
            assert min(sheet.size) > 200


def test_bad_requests_end_in_a_sentence(
    family: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, said in (
        (["base", "--limit", "0"], "--limit"),
        (["base", "--parts", "hats"], "hats"),
        (["vae", "--model", str(tmp_path)], "autoencoder"),
        (["sheets", "--model", str(family), "--sheets", "real", "--sketches", "nowhere"],
         "no folder"),
    ):  # fmt: skip
        assert main(arguments) == 2
        error = capsys.readouterr().err.strip().splitlines()
        assert said in error[-1] and "Traceback" not in error[-1]


def test_long_captions_are_cut_and_small_sheets_have_room() -> None:
    cell = Cell((Image.new("RGB", (32, 32), "red"),), "word " * 80)
    sheet = contact_sheet("Title", [cell] * 3, 2, "foot", side=96, lines=2)
    colours = sheet.getcolors(1 << 20)
    assert colours is not None and len(colours) > 10
    with pytest.raises(ValueError, match="at least one"):
        contact_sheet("Title", [], 2, "")


def test_there_are_24_prompts_about_many_garments() -> None:
    assert len(PROMPTS) == len(set(PROMPTS)) == 24
    words = " ".join(PROMPTS).lower()
    named = [g for g in GARMENTS.values() if any(n in words for n in (g.name, *g.aliases))]
    assert len(named) >= 14
    assert set(PARTS) == {"words", "page", "board", "sketch_clean", "sketch_shaky"}
