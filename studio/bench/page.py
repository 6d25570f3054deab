"""How quickly the page answers a person: in Chromium, on the real server and the real model.

The server runs in a process of its own on a temporary data folder. First a newcomer's way, from
opening the page to the first picture of the sample; then, in a folder with many projects and
pictures, drawing, generating, reloading, cancelling and browsing. `--limit` sets how often each
of these is repeated (5). Needs Playwright and a Chromium (`./launch.sh install dev`).
"""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from studio.bench import Options, Result
from studio.bench.visiting import (
    PATIENCE,
    chromium,
    filled,
    free_port,
    launched,
    new_context,
    ready,
    started,
)
from studio.gallery import Store

REPEATS = 5
PROJECTS = 500
PICTURES = 96

_TARGETS: dict[str, tuple[str, str, str]] = {
    "first_paint_ms": ("first paint", "ms", "3,000"),
    "first_picture_s": ("a newcomer's first picture, from opening the page", "s", "60"),
    "stroke_frame_ms": ("a move of the pen until its frame is painted", "ms", "16"),
    "ink_saved_ms": ("ink kept after pen-up", "ms", "1,500"),
    "generate_ack_ms": ("Generate answers", "ms", "200"),
    "reattach_ms": ("a reloaded page shows the running job", "ms", "2,000"),
    "cancel_ms": ("cancelled after the click", "ms", ""),
    "gallery_ms": (f"{PICTURES // 2} cards among {PROJECTS} projects", "ms", "500"),
    "width_at_390": ("width of the page on a phone of 390", "px", "390"),
}

_FRAMES = """() => {
  window.toileFrames = [];
  document.querySelector('#artboard canvas').addEventListener('pointermove', (event) => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        window.toileFrames.push(performance.now() - event.timeStamp);
      };
      channel.port2.postMessage(null);
    });
  });
}"""


def run(options: Options) -> Result:
    """Open, draw, generate, reload, cancel, browse.

    Raises:
        BadInput: no Playwright or no Chromium on this machine.
    """
    chromium()
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {name: [] for name in _TARGETS}
    with tempfile.TemporaryDirectory(prefix="toile-page-") as folder, sync_playwright() as p:
        browser = launched(p)
        with _server(Path(folder) / "new", options.model) as url:
            _newcomer(browser, url, found)
        _fill(Path(folder) / "full")
        with _server(Path(folder) / "full", options.model) as url:
            _everyday(browser, url, found, options.limit or REPEATS)
        browser.close()
    metrics = {name: round(statistics.median(values), 1) for name, values in found.items()}
    rows = [
        [text, f"{metrics[name]:,.1f} {unit}", f"{target} {unit}" if target else ""]
        for name, (text, unit, target) in _TARGETS.items()
    ]
    note = (
        f"Medians of {options.limit or REPEATS} (the newcomer: once); {os.cpu_count()} cores, "
        f"{platform.machine()}, Chromium without a graphics card."
    )
    return Result(metrics, ("on the page", "median", "at most"), rows, (note,))


@contextmanager
def _server(data: Path, model: str | None) -> Iterator[str]:
    """A running `app.py` on a data folder; its address."""
    port = free_port()
    process = started(data, port, model)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(60)


def _fill(data: Path) -> None:
    """Many projects, and pictures in the one that the page opens."""
    store = Store(data)
    for number in range(PROJECTS - 1):
        store.create_project(f"Project {number + 1}")
    filled(store, f"Project {PROJECTS}", PICTURES)
    store.close()


def _page(browser: Any, url: str, **options: Any) -> Any:
    page = new_context(browser, **options).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    ready(page)
    return page


def _newcomer(browser: Any, url: str, found: dict[str, list[float]]) -> None:
    """From an empty folder to the sample's first picture."""
    began = time.perf_counter()
    page = _page(browser, url)
    found["first_paint_ms"].append(
        page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    )
    page.locator("#generate:not([disabled])").click()
    page.wait_for_selector("#variants .card:not(.pending)")
    found["first_picture_s"].append(time.perf_counter() - began)
    page.context.close()
    phone = _page(browser, url, viewport={"width": 390, "height": 844}, has_touch=True,
                  is_mobile=True)  # fmt: skip
    found["width_at_390"].append(phone.evaluate("document.documentElement.scrollWidth"))
    phone.context.close()


def _everyday(browser: Any, url: str, found: dict[str, list[float]], repeats: int) -> None:
    """Drawing, generating, reloading, cancelling and browsing, several times."""
    page = _page(browser, url)
    page.locator("#prompt textarea").fill("a navy coat")
    page.evaluate(_FRAMES)

    def timed(name: str, act: Callable[[], Any], until: str) -> None:
        """From just before an act to the first frame in which `until` holds."""
        began = time.perf_counter()
        act()
        page.wait_for_function(until, polling="raf")
        found[name].append((time.perf_counter() - began) * 1000)

    state = "document.querySelector('.progress-root').dataset.state"
    for repeat in range(repeats):
        box = page.locator("#artboard canvas").bounding_box()
        x, y = box["x"] + box["width"] * 0.2, box["y"] + box["height"] * (0.2 + 0.05 * repeat)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 100, y + 40, steps=24)
        timed(
            "ink_saved_ms", page.mouse.up,
            "document.querySelector('.board-status').textContent === 'Saved'",
        )  # fmt: skip
        found["stroke_frame_ms"] += page.evaluate("window.toileFrames")
        page.locator("#count label").nth(7).click()
        page.wait_for_selector("#generate:not([disabled])")
        timed("generate_ack_ms", page.locator("#generate").click,
              f"['waiting', 'running'].includes({state})")  # fmt: skip
        page.wait_for_function("Number(document.querySelector('.progress-root').dataset.step) > 0")
        began = time.perf_counter()
        page.reload(wait_until="commit")
        page.wait_for_function(
            f"document.querySelector('.progress-root') && {state} === 'running'", polling="raf"
        )
        found["reattach_ms"].append((time.perf_counter() - began) * 1000)
        page.wait_for_selector('.board-root[data-ready="1"]')
        timed("cancel_ms", page.locator("#cancel").first.click,
              f"['cancelled', 'done'].includes({state})")  # fmt: skip
        page.evaluate(_FRAMES)
        timed(
            "gallery_ms", page.get_by_role("tab", name="Projects").click,
            f"document.querySelectorAll('#gallery .card').length >= {PICTURES // 2} && "
            "[...document.querySelectorAll('#gallery .card img')]"
            ".filter((image) => image.complete && image.naturalWidth).length >= 8",
        )  # fmt: skip
        page.get_by_role("tab", name="Studio").click()
        page.wait_for_selector("#artboard canvas")
    page.context.close()
