"""Somebody who works in a browser all afternoon: one thing after another on the page."""

from __future__ import annotations

import io
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from PIL import Image, ImageDraw

from studio.bench.levels import memory_of, of_page
from studio.bench.trends import Point
from studio.bench.visiting import BOARD, launched, new_context, ready, stroke

log = logging.getLogger(__name__)

ACT_PATIENCE = 120_000
"""Milliseconds after which something that was done counts as not having worked."""

_WORDS = (
    "a navy coat with four buttons", "a red dress with a belt", "white linen trousers",
    "a green wool skirt with two pockets", "a black shirt with a collar", "a mustard jacket",
)  # fmt: skip
_SHEETS = ("Contact sheet", "Portfolio page", "Technical sheet", "Project file")

_FREE = "document.querySelector('.board-status').textContent !== 'Saving…'"
_ENDED = """(before) => {
  const { job, state } = document.querySelector('.progress-root').dataset;
  return job && job !== before && ['done', 'failed', 'cancelled'].includes(state) && state;
}"""


class Guest(threading.Thread):
    """One browser with one page.

    Args:
        name: of the guest.
        projects: the names of the projects to work in, which are there already.
        url: of the studio.
        until: when to go, by the clock of `time.monotonic`.
        habits: what is done beside drawing, writing and making pictures, and how often.
        every: seconds between two readings of the page.

    Attributes:
        read: what the page held, by name: (seconds, value).
        done: how often each thing was done.
        settled: when everything had been done once; None before.
        wrong: what did not work, in words.
        problem: what ended the visit early.
    """

    def __init__(
        self,
        name: str,
        projects: Sequence[str],
        url: str,
        until: float,
        habits: dict[str, float],
        every: float,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.projects, self.url, self.until, self.every = projects, url, until, every
        self.dice = random.Random(name)
        self.read: dict[str, list[Point]] = {}
        self.done: Counter[str] = Counter()
        self.settled: float | None = None
        self.wrong: list[str] = []
        self.problem: BaseException | None = None
        self.page: Any = None
        self._often = EVERYDAY | habits

    def run(self) -> None:
        """Come, work, go."""
        from playwright.sync_api import Error, sync_playwright

        try:
            with sync_playwright() as play:
                self._visit(launched(play), Error)
        except BaseException as problem:
            self.problem = problem

    def _visit(self, browser: Any, broken: type[Exception]) -> None:
        page = self.page = new_context(browser).new_page()
        page.set_default_timeout(ACT_PATIENCE)
        page.on("pageerror", lambda error: self.wrong.append(f"{self.name}: {error}"))
        page.on("response", self._answered)
        page.goto(self.url)
        ready(page)
        page.wait_for_selector('.model[data-state="ready"]', state="attached")
        self.change()
        session = page.context.new_cdp_session(page)
        whole = browser.new_browser_cdp_session()
        looked = 0.0
        # Everything once, then what chance says.
        first = [*self.dice.sample([*self._often], len(self._often)), "generate", "generate"]
        while time.monotonic() < self.until:
            usual = self.dice.choices([*self._often], [*self._often.values()])
            verb = first.pop() if first else usual[0]
            try:
                if ACTS[verb](self):
                    self.done[verb] += 1
                page.wait_for_timeout(self.dice.uniform(200, 1500))
            except broken as error:
                told = " ".join(str(error).split())[:300]
                self.wrong.append(f"{self.name}, {verb}: {told}")
                log.warning("%s", self.wrong[-1])
                self._begin_anew()
            if not first and self.settled is None:
                self.settled = time.monotonic()
            if time.monotonic() - looked > self.every:
                looked = time.monotonic()
                told = whole.send("SystemInfo.getProcessInfo")["processInfo"]
                now = of_page(session) | {"browser_mb": memory_of(int(p["id"]) for p in told)}
                for name, value in now.items():
                    self.read.setdefault(name, []).append((looked, value))
        page.context.close()

    def _answered(self, answer: Any) -> None:
        if answer.status >= 400:
            self.wrong.append(f"{self.name}: answer {answer.status} of {answer.url}")

    def _begin_anew(self) -> None:
        """After something did not work: as somebody would who reloads the page."""
        self.page.reload()
        ready(self.page)

    # What several things need

    def line(self) -> None:
        """One stroke with the tool that is chosen."""
        x, y = self.dice.uniform(0.15, 0.6), self.dice.uniform(0.15, 0.85)
        places = [(x, y)]
        for _ in range(3):
            x, y = x + self.dice.uniform(0, 0.1), y + self.dice.uniform(-0.05, 0.05)
            places.append((x, y))
        stroke(self.page, BOARD, places, steps=6)

    def tool(self, label: str) -> bool:
        """Press a button of the board; whether it could be pressed."""
        button = self.page.locator(".board-tools").get_by_label(label, exact=True)
        if not button.is_enabled():
            return False
        button.click()
        return True

    def kept(self) -> None:
        """Wait until the drawing is kept."""
        self.page.wait_for_function(_FREE)

    def room(self, name: str) -> None:
        """Go to a room by its tab."""
        self.page.get_by_role("tab", name=name).click()

    def change(self) -> None:
        """Open one's project, or another of them."""
        page = self.page
        now = page.locator(".project-name").inner_text()
        name = self.dice.choice([one for one in self.projects if one != now])
        page.locator("#project-button").click()
        page.locator(".project-list").get_by_role("button", name=name, exact=True).click()
        page.wait_for_function(
            "(name) => document.querySelector('.project-name').textContent === name", arg=name
        )
        page.wait_for_selector("#studio:not([inert])", state="attached")

    def picture(self, photo: bool) -> dict[str, Any]:
        """A file to give: the photo of a garment, or of a sketch."""
        ground, cloth = (246, 246, 244), tuple(self.dice.randrange(30, 200) for _ in range(3))
        made = Image.new("RGB", (480, 640), ground)
        wide = self.dice.randrange(140, 190)
        left = [(240 - wide // 2, 120), (60, 220), (110, 280), (150, 240), (150, 520)]
        outline = [*left, *((480 - x, y) for x, y in reversed(left))]
        draw = ImageDraw.Draw(made)
        draw.polygon(outline, cloth if photo else None, None if photo else (20, 20, 20), 5)
        file = io.BytesIO()
        made.save(file, "PNG")
        return {"name": "given.png", "mimeType": "image/png", "buffer": file.getvalue()}


# What is done. Each thing ends in the studio, with nothing open; false where it could not be done.


def write(g: Guest) -> bool:
    """Other words."""
    g.page.locator("#prompt textarea").fill(f"{g.dice.choice(_WORDS)}, {g.dice.randrange(100)} cm")
    return True


def draw(g: Guest) -> bool:
    """A few lines."""
    g.tool("Pen (B)")
    for _ in range(g.dice.randrange(1, 5)):
        g.line()
    g.kept()
    return True


def erase(g: Guest) -> bool:
    """Rub some of it out."""
    g.tool("Eraser (E)")
    g.line()
    g.tool("Pen (B)")
    g.kept()
    return True


def undo(g: Guest) -> bool:
    """Some steps back, and half of them forth again."""
    back = sum(g.tool("Undo (Ctrl+Z)") for _ in range(g.dice.randrange(1, 5)))
    for _ in range(back // 2):
        g.tool("Redo (Ctrl+Shift+Z)")
    g.kept()
    return back > 0


def clear(g: Guest) -> bool:
    """A fresh sheet."""
    done = g.tool("Clear the board")
    g.kept()
    return done


def scan(g: Guest) -> bool:
    """The photo of a sketch becomes ink."""
    g.page.locator('input[aria-label="Picture of a sketch"]').set_input_files(g.picture(False))
    g.page.wait_for_function("document.querySelector('.board-status').textContent === 'Saved'")
    return True


def generate(g: Guest) -> bool:
    """One picture or two."""
    page = g.page
    progress = page.locator(".progress-root")
    page.locator("#count label").nth(g.dice.randrange(2)).click()
    if not page.locator("#generate").is_enabled():
        write(g)
    before = progress.get_attribute("data-job")
    page.locator("#generate:not([disabled])").click()
    if g.dice.random() < 0.15:
        page.wait_for_selector('.progress-root[data-state="running"]', state="attached")
        page.locator("#cancel").dispatch_event("click")  # it may have ended by now
    ended = page.wait_for_function(_ENDED, arg=before).json_value()
    if ended == "failed":
        g.wrong.append(f"{g.name}: a batch failed")
    return ended == "done"


def refer(g: Guest) -> bool:
    """Give the photo of a garment, sometimes mend its mask, and take it away again next time."""
    page = g.page
    tile = page.locator('.ref-tile[data-role="garment"]')
    if tile.get_attribute("aria-expanded") == "true":
        tile.click()
    if tile.get_attribute("data-filled") == "true":
        tile.click()
        page.locator('.ref-detail [data-key="clear"]').click()
        page.wait_for_selector('.ref-tile[data-role="garment"][data-filled="false"]')
    else:
        with page.expect_file_chooser() as chooser:
            tile.click()
        chooser.value.set_files(g.picture(True))
        page.wait_for_selector('.ref-tile[data-role="garment"][data-filled="true"]')
        _settled(g)
        mask = page.get_by_role("button", name="Edit mask")
        if mask.count() and g.dice.random() < 0.5:
            mask.click()
            stroke(page, ".mask-paint", [(0.3, 0.4), (0.7, 0.5)], steps=5)
            page.get_by_role("button", name="Use this mask").click()
    _settled(g)
    page.locator('.ref-detail [data-key="fold"]').click()
    return True


def _settled(g: Guest) -> None:
    g.page.wait_for_selector('.references-root[data-waiting=""]', state="attached")


def look(g: Guest) -> bool:
    """One picture after the other, large, with a note."""
    page = g.page
    cards = page.locator("#variants .card-picture")
    if not cards.count():
        return False
    cards.first.click()
    box = page.locator("#variants dialog.lightbox[open]")
    box.wait_for()
    for _ in range(g.dice.randrange(4)):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(200)
    if g.dice.random() < 0.4:
        box.get_by_label("Note", exact=True).fill(f"the hem {g.dice.randrange(50)} mm lower")
    page.keyboard.press("Escape")
    box.wait_for(state="detached")
    return True


def compare(g: Guest) -> bool:
    """Two pictures beside each other, in every way of looking, and no more."""
    page = g.page
    buttons = page.locator("#variants [data-compare]")
    if buttons.count() < 2:
        return False
    if page.locator(".compared-root").get_attribute("data-count") != "0":
        g.room("Compare")  # something was left over when it did not work the last time
        _clear_compared(g)
    for n in range(2):
        if buttons.nth(n).get_attribute("aria-pressed") != "true":
            buttons.nth(n).click()
            page.wait_for_selector(f'.compared-root[data-count="{n + 1}"]', state="attached")
    g.room("Compare")
    page.wait_for_selector('.compare-root[data-ready="1"][data-count="2"]')
    ways = page.get_by_role("group", name="Ways to compare")
    for name in ("Flick", "Side by side", "Slider"):
        ways.get_by_role("button", name=name).click()
        page.wait_for_timeout(200)
    _clear_compared(g)
    return True


def _clear_compared(g: Guest) -> None:
    g.page.locator(".compare-root").get_by_role("button", name="Clear", exact=True).click()
    g.page.wait_for_selector('.compare-root[data-count="0"]')
    _home(g)
    g.page.wait_for_selector('.compared-root[data-count="0"]', state="attached")


def export(g: Guest) -> bool:
    """A sheet or the project's file."""
    page = g.page
    if not page.locator("#variants .card:not(.pending)").count():
        return False
    g.room("Projects")
    page.locator("#gallery").get_by_role("button", name="Export", exact=True).click()
    dialog = page.get_by_role("dialog", name="Export")
    sheet = g.dice.choice(_SHEETS)
    dialog.get_by_text(sheet, exact=True).click()
    if sheet == "Contact sheet":
        dialog.get_by_text("All", exact=True).click()
    with page.expect_download() as down:
        dialog.get_by_role("button", name="Export").click()
    down.value.delete()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    _home(g)
    return True


def search(g: Guest) -> bool:
    """Look for words among the pictures."""
    g.room("Projects")
    field = g.page.locator("#gallery").get_by_label("Search words, notes and components")
    for words in (g.dice.choice(("coat", "red dress", "hem", "nothing")), ""):
        field.fill(words)
        g.page.wait_for_timeout(600)
    _home(g)
    return True


def _home(g: Guest) -> None:
    g.room("Studio")
    g.page.locator(BOARD).wait_for()


def reload(g: Guest) -> bool:
    """The page anew."""
    g.page.reload()
    ready(g.page)
    return True


def change(g: Guest) -> bool:
    """Another of one's projects."""
    g.change()
    return True


ACTS: dict[str, Callable[[Guest], bool]] = {
    "write": write, "draw": draw, "erase": erase, "undo": undo, "clear": clear, "scan": scan,
    "generate": generate, "refer": refer, "look": look, "compare": compare, "export": export,
    "search": search, "reload": reload, "change": change,
}  # fmt: skip

EVERYDAY = {
    "write": 3.0, "draw": 6.0, "erase": 2.0, "undo": 3.0, "clear": 0.7, "scan": 0.5,
    "generate": 2.5, "refer": 1.5, "look": 3.0, "compare": 1.5, "export": 1.0, "search": 1.0,
}  # fmt: skip
"""What everybody does -> how often, beside the rest."""
