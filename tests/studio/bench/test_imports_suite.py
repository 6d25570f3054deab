"""The imports suite starts fresh Pythons, and its numbers mean what their names say."""

import json
from pathlib import Path

import pytest

from studio.bench import imports
from studio.cli import main


def test_the_suite_holds_two_imports_against_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """The engine's pair takes a minute and is left to whoever measures."""
    monkeypatch.setattr(imports, "PAIRS", {"help": imports.PAIRS["help"]})
    numbers = tmp_path / "numbers.json"
    assert main(["bench", "imports", "--limit", "1", "--json", str(numbers)]) == 0
    metrics = json.loads(numbers.read_text())
    assert metrics["help_seconds"] > 0 and metrics["help_libraries_seconds"] > 0
    ratio = metrics["help_seconds"] / metrics["help_libraries_seconds"]
    assert metrics["help_ratio"] == pytest.approx(ratio)
    assert "held against -c import pydantic" in capsys.readouterr().out
