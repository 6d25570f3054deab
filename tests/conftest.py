"""What all tests share: a quiet, offline, repeatable environment and the places of things."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from pathlib import Path

import pytest

# Before anything is imported: no test may wait for a hub or send statistics.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
if "PYTEST_XDIST_WORKER" in os.environ:  # each of several at work has one thread
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# A server and a browser, for all folders of tests.
pytest_plugins = ("tests.serving",)

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


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--all`: also what takes long; its behaviour is tested by something quicker as well."""
    parser.addoption("--all", action="store_true", help="also the tests that are marked slow")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the slow ones unless they are asked for; quick tests first, the page's last.

    Last also because Playwright leaves a running event loop behind. A slow test is asked for by
    `--all`, by its own name, or by `-m`.
    """
    inputs: dict[str, int] = defaultdict(int)
    for item in items:
        first = item.get_closest_marker("first")
        if first is not None:
            of = item.nodeid.partition("[")[0]
            inputs[of] += 1
            if inputs[of] > first.args[0]:
                item.add_marker(pytest.mark.slow)
    named = config.option.markexpr or any("::" in argument for argument in config.args)
    if not (config.getoption("--all") or named):
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
    items.sort(
        key=lambda item: (
            item.get_closest_marker("ui") is not None,
            item.get_closest_marker("slow") is not None,
        )
    )
