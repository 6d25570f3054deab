"""The part of `trouble` that needs a browser: two pages on one project, and what is killed around
them."""

from __future__ import annotations

import contextlib
import json
import logging
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.bench.troubles import Tally, nonsense, orphans
from studio.bench.visiting import (
    BOARD,
    PATIENCE,
    chromium,
    free_port,
    launched,
    new_context,
    ready,
    started,
    stroke,
)
from studio.desk.easel import kept_drawing
from studio.errors import BadInput, ToileError
from studio.gallery import Store

log = logging.getLogger(__name__)

RECOVERY = 90.0
"""Seconds in which what was drawn must have come to the server again."""

_UNSAVED = "Object.keys(localStorage).filter((key) => key.startsWith('toile-unsaved/')).length"


def on_the_page(
    data: Path, model: str | None, until: float, tally: Tally, keep: Callable[[Tally], None]
) -> str:
    """Kill around two pages until a moment; why it could not be tried, empty where it was."""
    try:
        chromium()
    except BadInput as why:
        return f"Nothing was tried on the page. {why}"
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as play:
        browser = launched(play)
        world = _World(data, model, browser, tally, Error)
        try:
            while time.monotonic() < until:
                world.round()
                keep(tally)
        finally:
            world.end()
            browser.close()
    return ""


class _World:
    """A server, a browser profile with two pages, and what was done in them."""

    def __init__(
        self, data: Path, model: str | None, browser: Any, tally: Tally, broken: type[Exception]
    ) -> None:
        self.data, self.model, self.tally = data, model, tally
        self.broken = broken  # what Playwright says of a page that has gone or does not answer
        self.dice = random.Random()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.process = self._start()
        self.context = new_context(browser)
        self.loaded: list[Any] = []  # pages, each time that one is loaded
        self.pages = [self._opened(), self._opened()]
        self.strokes = self._stored()
        self.words = 0
        self.rounds = 0

    # The server and the tabs

    def _start(self) -> subprocess.Popen[bytes]:
        return started(self.data, self.port, self.model)

    def _opened(self) -> Any:
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("framenavigated", lambda _: self.loaded.append(page))
        page.goto(self.url)
        ready(page)
        return page

    def end(self) -> None:
        """Close everything."""
        self.context.close()
        self.process.terminate()
        self.process.wait(60)

    # One round

    def round(self) -> None:
        """Draw, write and generate, kill something meanwhile, and look."""
        self.rounds += 1
        kill = {
            "server": self._kill_server, "worker": self._kill_worker,
            "tab": self._kill_tab, "network": self._kill_network,
        }  # fmt: skip
        kind = self.tally.wanting(kill, self.dice)
        for page in self.pages:
            self._line(page)
        self._write(self.pages[0])
        happened = kill[kind]()
        if happened:
            self.tally.kill(happened)
        self._look(kind)
        nonsense(self.url, self.tally, self.dice)
        if self.rounds % 5 == 0:
            store = Store(self.data)
            orphans(store, self.tally)
            store.close()

    def _line(self, page: Any) -> None:
        """One line. It counts where pen-down and pen-up met the same page, taking input: nobody has
        drawn what began on a page that was loaded anew before its end."""
        ready(page)
        loads = self.loaded.count(page)
        x, y = self.dice.uniform(0.1, 0.6), self.dice.uniform(0.1, 0.9)
        stroke(page, BOARD, [(x, y), (x + 0.2, y)], steps=3)
        if self.loaded.count(page) > loads:
            log.info("the page was loaded anew while a line was drawn")
            return
        self.strokes += 1
        self.tally.add("strokes")

    def _write(self, page: Any) -> None:
        self.words += 1
        self.tally.add("words")
        page.locator("#prompt textarea").fill(f"a navy coat, words {self.words}")

    # What is killed

    # Each says what was killed; empty where nothing was.

    def _kill_tab(self) -> str:
        """A tab's own process ends within 50 ms of the end of a line."""
        index = self.dice.randrange(2)
        page = self.pages[index]
        if index == 0:
            self._write(page)
        self._line(page)
        crashed: list[Any] = []
        page.on("crash", lambda gone: crashed.append(gone))
        time.sleep(self.dice.uniform(0, 0.03))
        with contextlib.suppress(self.broken):  # the answer dies with the tab
            page.goto("chrome://crash", timeout=3000)
        with contextlib.suppress(self.broken):  # the news of it comes later
            page.wait_for_timeout(300)
        page.close()
        self.pages[index] = self._opened()
        return "tab" if crashed else ""

    def _kill_server(self) -> str:
        time.sleep(self.dice.uniform(0, 1.2))
        self._again()
        return "server"

    def _kill_worker(self) -> str:
        """The server ends in the middle of a batch; where none runs by then, it is the server that
        was killed and no worker."""
        page = self.pages[1]
        running = page.locator('.progress-root[data-state="running"]')
        try:
            page.locator("#generate:not([disabled])").click(timeout=60_000)
            running.wait_for(state="attached", timeout=60_000)
        except self.broken as error:
            log.info("no batch was running: %s", error)
        else:
            time.sleep(self.dice.uniform(0, 3))
        worked = running.count() > 0
        self._again()
        return "worker" if worked else "server"

    def _kill_network(self) -> str:
        """The network goes while one draws, and comes again."""
        self.context.set_offline(True)
        for page in self.pages:
            self._line(page)
        time.sleep(self.dice.uniform(0.2, 6))
        self.context.set_offline(False)
        return "network"

    def _again(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._line(self.pages[0])
        self.process = self._start()

    # Looking

    def _look(self, kind: str) -> None:
        """Whether everything that was drawn and written has come to the server."""
        until = time.monotonic() + RECOVERY
        while time.monotonic() < until:
            strokes, words = self._stored(), self._prompt()
            if strokes >= self.strokes and words >= self.words and not self._unsaved():
                break
            time.sleep(0.5)
        strokes, words = self._stored(), self._prompt()
        if strokes < self.strokes:
            lost = self.strokes - strokes
            self.tally.lost("lost_strokes", f"{lost} after a kill of {kind}")
            self.tally.add("lost_strokes", lost - 1)
        if words < self.words:
            self.tally.lost("lost_words", f"{words} for {self.words} after a kill of {kind}")
        self.strokes, self.words = strokes, words
        self._pictures()

    def _unsaved(self) -> int:
        try:
            return self.pages[0].evaluate(_UNSAVED)
        except self.broken as error:
            log.info("the page is being loaded again: %s", error)
            return 1

    def _store(self) -> tuple[Store, str]:
        store = Store(self.data)
        return store, store.first_project().id

    def _stored(self) -> int:
        store, project = self._store()
        sketch = store.latest_sketch(project)
        store.close()
        return len(kept_drawing(sketch).strokes()) if sketch else 0

    def _prompt(self) -> int:
        store, project = self._store()
        prompt = str(json.loads(store.project(project).draft).get("prompt", ""))
        store.close()
        return int(prompt.rsplit(" ", 1)[-1]) if "words" in prompt else 0

    def _pictures(self) -> None:
        """Every picture that has a row can be read."""
        store, project = self._store()
        for variant in store.variants(project, limit=400).variants:
            self.tally.add("pictures")
            try:
                store.picture(variant.picture_sha)
            except ToileError as error:
                self.tally.lost("lost_pictures", error)
        store.close()
