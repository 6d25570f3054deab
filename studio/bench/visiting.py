"""What every suite that opens the page needs: a server, a Chromium, a page that is ready."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from studio.errors import BadInput
from studio.gallery import NewVariant, Store
from studio.pngmeta import png_bytes
from studio.request import GenerationRequest, Recorded, Sampling, Words
from studio.settings import ROOT

PATIENCE = 180_000
"""Milliseconds after which a part of the page is taken to be missing."""

BOARD = "#artboard canvas"
"""What is drawn on."""


def chromium() -> str:
    """The path of a Chromium that Playwright can drive.

    Raises:
        BadInput: there is no Playwright, or no Chromium, on this machine.
    """
    try:
        import playwright.sync_api  # noqa: F401 - only whether it is there
    except ImportError:
        raise BadInput(
            "The page is tried with Playwright: run `./launch.sh install dev`."
        ) from None
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        raise BadInput("Pages need Chromium: install it, or name it in CHROMIUM.")
    return found


def launched(play: Any) -> Any:
    """A browser of its own, a process beside others."""
    return play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def started(
    data: Path, port: int, model: str | None = None, more: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """`app.py` on a data folder, once it answers at `http://127.0.0.1:PORT/`.

    Args:
        more: variables of its environment beside those of this process.

    Raises:
        BadInput: it does not start.
    """
    command = [sys.executable, "app.py", "--port", str(port), "--data-dir", str(data)]
    command += ["--model", model] if model else []
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | (more or {}),
    )  # fmt: skip
    until = time.monotonic() + PATIENCE / 1000
    while True:
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            raise BadInput("The studio did not start: try `python app.py` to see why.")
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
            return process
        time.sleep(0.2)


def filled(store: Store, name: str, pictures: int) -> None:
    """A project with so many pictures."""
    project = store.create_project(name)
    for seed in range(pictures):
        picture = Image.new("RGB", (256, 256), (seed * 2 % 256, 120, 200 - seed % 200))
        words = Words(prompt=f"coat number {seed}")
        request = GenerationRequest(words=words, sampling=Sampling(seed=seed))
        store.add(
            project.id,
            NewVariant(
                request=Recorded(request=request).to_json(), png=png_bytes(picture),
                prompt=words.prompt, seed=seed, seconds=1.0, weights="", width=256, height=256,
            ),
        )  # fmt: skip


def new_context(browser: Any, **options: Any) -> Any:
    """A fresh profile of a browser, in which the tips were seen already."""
    context = browser.new_context(**({"viewport": {"width": 1440, "height": 900}} | options))
    context.add_init_script("localStorage.setItem('toile-tips', 'done')")
    return context


def ready(page: Any) -> None:
    """Wait until the page takes input: Gradio loads it anew when its server was away."""
    page.wait_for_selector('.board-root[data-ready="1"]')
    page.wait_for_selector('.masthead-root:not([data-project=""])', state="attached")
    page.wait_for_selector("#studio:not([inert])", state="attached")


def stroke(page: Any, on: str, places: Sequence[tuple[float, float]], steps: int) -> None:
    """A line with the mouse on a part of the page.

    Args:
        on: its selector. places: of the line, in 0..1 of that part.
        steps: moves from one place to the next.
    """
    box, mouse = page.locator(on).bounding_box(), page.mouse
    first, *rest = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in places]
    mouse.move(*first)
    mouse.down()
    for place in rest:
        mouse.move(*place, steps=steps)
    mouse.up()
