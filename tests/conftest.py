"""What all tests share: a quiet, offline, repeatable environment and the places of things."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

# Before anything is imported: no test may wait for a hub or send statistics.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def family_folder() -> Path:
    """The bundled family, which is part of the checkout."""
    folder = ROOT / "assets" / "models" / "toile-mini"
    if not (folder / "model_index.json").is_file():
        pytest.fail(f"The bundled family is missing from {folder.relative_to(ROOT)}.")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; ./launch.sh test makes sure that there is one."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    for name in names:
        found = shutil.which(name) if name else None
        if found:
            return found
    if os.environ.get("CI"):
        pytest.fail("There is no Chromium: run the tests with ./launch.sh test.")
    pytest.skip("there is no Chromium; ./launch.sh test installs one")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first, so that a mistake shows soon; the page's tests last."""
    items.sort(
        key=lambda item: (
            item.get_closest_marker("ui") is not None,
            item.get_closest_marker("slow") is not None,
        )
    )
