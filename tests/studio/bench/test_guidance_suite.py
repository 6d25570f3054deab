"""The guidance suite runs all three forms, and its numbers mean what their names say."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.bench import forms
from studio.bench import guidance as suite
from studio.cli import main
from studio.conditions.garment import GarmentCondition, GarmentExtractor
from studio.engine.catalogue import find_model
from studio.request import Control
from tests.smallunet import (
    G,
    T,
    U,
    doubled,
    garment_features,
    predict,
    seen_by,
    small_unet,
    written_out,
)
from tests.tinymodel import build_tiny_model

TINY_SD15 = {
    "sample_size": 8,
    "block_out_channels": (32, 32, 64, 64),
    "cross_attention_dim": 16,
    "attention_head_dim": 4,
    "layers_per_block": 1,
}
NAMES = {
    "speedup_vs_2n_512x384",
    "speedup_vs_2n_768x576",
    "speedup_vs_three_calls",
    "max_abs_difference",
    "ms_ours_512x384",
    "ms_2n_768x576",
    "ms_three_calls_bundled_bf16",
    "speedup_vs_2n_bundled_fp32",
    "ms_first_picture",
    "ms_second_picture",
    "extractor_passes",
}


@pytest.fixture
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_the_suite_runs_all_forms_and_writes_its_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, one_thread: None
):
    model = build_tiny_model(tmp_path / "tiny", controlnet=False)
    small = replace(find_model(str(model)), side=64)
    monkeypatch.setattr("studio.engine.facade.find_model", lambda _: small)
    monkeypatch.setattr(suite, "SD15", TINY_SD15)
    monkeypatch.setattr(suite, "SIZES", {"512x384": (8, 16), "768x576": (16, 8)})
    monkeypatch.setattr(suite, "STEPS", 2)
    numbers = tmp_path / "numbers.json"
    given = ["bench", "guidance", "--model", str(model), "--limit", "1", "--json", str(numbers)]
    assert main(given) == 0
    metrics = json.loads(numbers.read_text())
    assert set(metrics) >= NAMES
    assert all(isinstance(v, float) and v >= 0 for v in metrics.values())
    assert metrics["max_abs_difference"] < 1e-4
    assert 0 < metrics["mean_abs_difference_bf16"] < 2 * metrics["bf16_rounding"]
    assert metrics["extractor_passes"] == 1
    assert metrics["speedup_vs_three_calls"] == min(
        v for k, v in metrics.items() if k.startswith("speedup_vs_three_calls_")
    )
    assert "768x576" in capsys.readouterr().out


def test_the_2n_form_is_the_published_one():
    unet, features = small_unet(), garment_features(7)
    got = predict(unet, [forms.DoubledCondition(features)])
    with written_out(unet, doubled(seen_by(features, (U, G, T), 2))):
        want = predict(unet)
    torch.testing.assert_close(got, want, rtol=1e-4, atol=1e-5)


def test_three_calls_are_one_row_each():
    unet, features = small_unet(), garment_features(7)
    condition = GarmentCondition(GarmentExtractor(None), features, Control(strength=1.0))
    asked: list[int] = []
    handle = unet.register_forward_pre_hook(lambda _m, inputs: asked.append(len(inputs[0])))
    apart = forms.BranchByBranch(unet, condition, (U, G, T))
    got = predict(apart, [condition], pictures=1)
    assert asked == [1, 1, 1]
    handle.remove()
    torch.testing.assert_close(got, predict(unet, [condition], pictures=1), rtol=1e-4, atol=1e-5)


def test_the_speedup_is_that_within_a_turn():
    seconds = {"ours": [1.0, 2.0, 4.0], "2N": [1.5, 4.0, 6.0], "three calls": [1.0, 2.0, 3.0]}
    timed = suite.Timed(seconds, {way: torch.zeros(1) for way in seconds})
    assert timed.speedup("2N") == 1.5 and timed.speedup("three calls") == 1.0


def test_the_large_model_is_as_large_as_stable_diffusion():
    with torch.device("meta"):
        unet: Any = suite.UNet2DConditionModel(**suite.SD15)
    assert sum(w.numel() for w in unet.parameters()) == 859_520_964
