"""The engine suite really runs both, and its numbers mean what their names say."""

import json
from pathlib import Path

import pytest
import torch

from studio.bench import Options, Result, first, run_suite
from studio.bench import engine as suite
from studio.cli import main
from studio.engine import Engine
from tests.tinymodel import build_tiny_model

NAMES = {
    "ratio_vs_diffusers",
    "max_abs_difference",
    "seconds_first_picture",
    "seconds_20_steps",
    "seconds_8_steps",
    "peak_mib",
}


@pytest.fixture
def model(tmp_path: Path) -> str:
    return str(build_tiny_model(tmp_path / "tiny"))


def test_the_suite_compares_both_and_writes_its_numbers(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    from studio.engine import catalogue

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    small = catalogue.find_model

    def find(name):
        from dataclasses import replace

        return replace(small(name), side=64)

    monkeypatch.setattr("studio.engine.facade.find_model", find)
    monkeypatch.setattr(suite, "ROWS", tuple(r for r in suite.ROWS if r[1] == 1))
    # In this process; the real thing is below.
    monkeypatch.setattr(suite, "_first_picture", lambda _, n: first.main(model, "fp32", "cpu", n))
    numbers = tmp_path / "numbers.json"
    assert main(["bench", "engine", "--model", model, "--limit", "1", "--json", str(numbers)]) == 0
    torch.set_num_threads(before)
    metrics = json.loads(numbers.read_text())
    assert set(metrics) >= NAMES
    assert all(isinstance(v, float) and v >= 0 for v in metrics.values())
    assert metrics["max_abs_difference"] <= 1 / 255 + 1e-6
    assert metrics["peak_mib"] > 100
    out = capsys.readouterr().out
    assert "20 steps, batch 1, fp32" in out and "8 steps, batch 1, bf16" in out


@pytest.mark.slow
def test_the_first_picture_is_made_in_a_fresh_process(model: str):
    numbers = suite._first_picture(Engine(model, dtype="fp32", device="cpu"), 1)
    assert set(numbers) == {"imports", "load", "picture", "peak_mib"}
    assert numbers["imports"] > numbers["picture"] > 0


def test_tables_line_up():
    table = Result({}, ("", "a"), [["row", "1"], ["long row", "22"]]).table().splitlines()
    assert table[0].endswith(" a") and len({len(line) for line in table}) == 1


def test_only_known_suites():
    from studio.errors import BadInput

    with pytest.raises(BadInput):
        run_suite("engines", Options())
