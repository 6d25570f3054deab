"""A real server in its own process and a real browser; whatever goes wrong in it fails the test."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.ui.steps import PATIENCE, ready

ROOT = Path(__file__).resolve().parents[1]

USUAL = {"width": 1440, "height": 900}
"""The window of a page, in pixels, where a test asks for no other one."""

# What the browser does besides, for its own window that nobody sees: a process that lays out its
# menus for each context alone takes a second. The last such list counts, so it holds what
# Playwright leaves out too, as far as it concerns these tests.
UNSEEN = (
    "PreloadTopChromeWebUI", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay",
    "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding",
    "PreconnectToSearch", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "AvoidCorsURLLoaderRestartOnRedirect",
)  # fmt: skip


@dataclass
class Server:
    """A running `app.py`."""

    url: str
    data: Path
    log: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End it as a user would."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_server(data: Path, model: Path, port: int | None = None) -> Server:
    """Start `app.py`, or another module that does, and wait until it answers."""
    if port is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    data.mkdir(parents=True, exist_ok=True)
    log = data.parent / f"{data.name}.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "--port", str(port), "--data-dir", str(data),
             "--model", str(model)],
            cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    server = Server(f"http://127.0.0.1:{port}/", data, log, process)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"app.py ended: {log.read_text()[-2000:]}")
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(server.url, timeout=10).close()
            return server
        time.sleep(0.3)
    server.stop()
    pytest.fail(f"app.py did not answer: {log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled family where it is there, else a random one of its shape."""
    bundled = ROOT / "assets" / "models" / "toile-mini"
    if (bundled / "model_index.json").is_file():
        return bundled
    from tests.tinymodel import build_tiny_model

    return build_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[Server]:
    """One server for the tests that do not mind each other's projects."""
    running = start_server(tmp_path_factory.mktemp("studio") / "data", model)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """One browser for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--renderer-process-limit=1",
                f"--disable-features={','.join(UNSEEN)}",
            ],
        )
        yield running
        running.close()


class Profiles:
    """The browser profiles of the tests, of which the usual one is used again and again.

    An empty page keeps the process alive that lays its pages out: the scripts that one test has
    read need not be compiled for the next, which is half of what opening a page costs.
    """

    def __init__(self, browser: Any) -> None:
        self.browser = browser
        self.usual: Any = None
        self.others: list[Any] = []
        self.visited: set[str] = set()

    def fresh(self, url: str, **options: Any) -> Any:
        """A profile to visit a place in, that nothing was kept in; the usual one if it is not in
        use or otherwise."""
        self.visited.add(urlsplit(url)._replace(path="", query="", fragment="").geturl())
        if not options and self.usual is not None and len(self.usual.pages) == 1:
            return self.usual
        context = self.browser.new_context(**({"viewport": USUAL} | options))
        if options or self.usual is not None:
            self.others.append(context)
            return context
        context.new_page()
        context.on("close", lambda _: setattr(self, "usual", None))
        self.usual = context
        return context

    def clear(self) -> None:
        """Close what was opened; nothing stays in the usual profile."""
        for context in self.others:
            context.close()
        self.others, visited, self.visited = [], self.visited, set()
        if self.usual is None:
            return
        empty, *pages = self.usual.pages
        for page in pages:
            page.close()
        line = self.usual.new_cdp_session(empty)
        for origin in visited:
            kinds = {"origin": origin, "storageTypes": "local_storage,indexeddb"}
            line.send("Storage.clearDataForOrigin", kinds)
        line.detach()
        self.usual.clear_cookies()
        self.usual.clear_permissions()


@pytest.fixture(scope="session")
def profiles(browser: Any) -> Profiles:
    """The browser's profiles."""
    return Profiles(browser)


@pytest.fixture
def visit(profiles: Profiles) -> Iterator[Callable[..., Any]]:
    """Opens pages, each in a fresh browser profile.

    A script error, a dialog, a failed request or an answer of 400 and more fails the test, save
    those whose address a test lists in `page.expected`.
    """
    troubles: list[str] = []

    def open_page(url: str, tips: bool = True, **options: Any) -> Any:
        page = profiles.fresh(url, **options).new_page()
        if not tips:  # for somebody who has seen the first tips
            page.add_init_script("localStorage.setItem('toile-tips', 'done')")
        page.set_default_timeout(PATIENCE * 1000)

        def trouble(text: str) -> None:
            troubles.append(text)

        def dialog(shown: Any) -> None:
            trouble(f"dialog: {shown.message}")
            shown.dismiss()

        page.on("pageerror", lambda error: trouble(f"script error: {error}"))
        page.on("dialog", dialog)
        page.on(
            "requestfailed",
            # A page that is left behind gives up what it was still asking for.
            lambda r: (
                None
                if r.failure in ("net::ERR_ABORTED", "net::ERR_NETWORK_CHANGED")
                else trouble(f"failed: {r.url} {r.failure}")
            ),
        )
        page.on(
            "response",
            lambda r: trouble(f"answer {r.status}: {r.url}") if r.status >= 400 else None,
        )
        page.goto(url)
        ready(page)
        return page

    yield open_page
    profiles.clear()
    assert troubles == []
