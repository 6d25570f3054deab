"""Nothing is lost on the page: two windows, a server that goes, a full disk, a tab that dies."""

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.gallery import Store
from tests.serving import Server, start_server
from tests.ui.steps import (
    PATIENCE,
    model_ready,
    new_project,
    ready,
    saved,
    settings,
    stroke,
    strokes_of,
    write,
)

pytestmark = pytest.mark.ui

UNSAVED = "() => Object.keys(localStorage).filter((key) => key.startsWith('toile-unsaved/')).length"


def in_same_browser(page: Any) -> Any:
    """Another window of the same browser on the same project."""
    other = page.context.new_page()
    other.goto(page.url)
    ready(other)
    return other


def undo(page: Any) -> None:
    """Press the board's button."""
    page.get_by_role("button", name="Undo (Ctrl+Z)").click()


def drafted(server: Server, name: str) -> dict[str, Any]:
    """The words and settings that are kept of a project."""
    store = Store(server.data)
    text = next(p.draft for p in store.projects() if p.name == name)
    store.close()
    return {"prompt": ""} | json.loads(text or "{}")


def until(so: Callable[[], bool]) -> None:
    """Wait until something holds on the server."""
    end = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


def words(page: Any, text: str) -> None:
    """Wait until the prompt's field says something."""
    page.wait_for_function(
        "(text) => document.querySelector('#prompt textarea').value === text", arg=text
    )


def test_two_windows_draw_and_write_on_one_project(visit: Callable[..., Any], server: Server):
    a = visit(server.url)
    new_project(a, "Two windows")
    b = in_same_browser(a)
    stroke(a, (0.2, 0.2), (0.4, 0.3))
    saved(a)
    stroke(b, (0.6, 0.6), (0.8, 0.7))
    saved(b)
    assert len(strokes_of(server, "Two windows")) == 2
    # Undo in one window takes its own line only.
    undo(b)
    saved(b)
    assert len(strokes_of(server, "Two windows")) == 1
    write(a, "a red coat")
    words(b, "a red coat")
    assert a.evaluate(UNSAVED) == 0


def test_one_undo_for_words_and_lines_also_after_a_reload(
    visit: Callable[..., Any], server: Server
):
    page = visit(server.url)
    new_project(page, "One undo")
    stroke(page, (0.2, 0.2), (0.4, 0.3))
    saved(page)
    with page.expect_response(lambda r: "past" in (r.request.post_data or "")):
        write(page, "a red coat")
    page.reload()
    ready(page)
    undo(page)
    words(page, "")
    undo(page)
    saved(page)
    assert strokes_of(server, "One undo") == []
    page.get_by_role("button", name="Redo (Ctrl+Shift+Z)").click()
    saved(page)
    assert len(strokes_of(server, "One undo")) == 1


@pytest.mark.first(1)
@pytest.mark.parametrize("folded", [True, False])
def test_settings_are_as_they_were_after_a_reload(
    visit: Callable[..., Any], server: Server, folded: bool
):
    page = visit(server.url)
    name = f"Reloaded {folded}"
    new_project(page, name)
    model_ready(page)
    write(page, "a red dress")
    settings(page, steps=7)
    page.locator("#sampler input").click()
    page.get_by_role("option", name="DDIM").click()
    page.get_by_label("Leave out").fill("belt")
    until(lambda: drafted(server, name).get("negative") == "belt")
    before = drafted(server, name)
    assert (before["steps"], before["sampler"]) == (7, "ddim")
    for _ in range(1 if folded else 2):
        page.reload()
        ready(page)
        if not folded:
            page.get_by_role("button", name="More").first.click()
        with page.expect_response(lambda r: "past" in (r.request.post_data or "")):
            stroke(page, (0.2, 0.2), (0.4, 0.3))
        saved(page)
        assert drafted(server, name) == before
        undo(page)
        saved(page)
    assert strokes_of(server, name) == []


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.first(1)
def test_words_of_two_windows_are_asked_for_and_can_be_had_again(
    tab: Callable[[str], Any], server: Server, keep: bool
):
    a = tab(server.url)
    name = f"Asked {keep}"
    new_project(a, name)
    write(a, "a coat")
    until(lambda: drafted(server, name)["prompt"] == "a coat")
    b = tab(a.url)
    words(b, "a coat")
    # What B writes does not reach the server before A has written too.
    held: list[Any] = []
    b.route("**/run/**", lambda route: held.append(route))
    write(b, "a blue skirt")
    write(a, "a red coat")
    until(lambda: drafted(server, name)["prompt"] == "a red coat")
    for route in held:
        route.continue_()
    b.unroute("**/run/**")
    asked = b.locator(".asked-words")
    asked.wait_for()
    stroke(b, (0.2, 0.2), (0.4, 0.3))
    saved(b)
    assert drafted(server, name)["prompt"] == "a red coat"
    assert "skirt" in b.locator(".reading-lines").inner_text()
    asked.get_by_role("button", name="Keep these words" if keep else "Take theirs").click()
    asked.wait_for(state="detached")
    chosen, other = ("a blue skirt", "a red coat") if keep else ("a red coat", "a blue skirt")
    words(b, chosen)
    until(lambda: drafted(server, name)["prompt"] == chosen)
    words(a, chosen)
    undo(b)
    words(b, other)
    until(lambda: drafted(server, name)["prompt"] == other)
    b.wait_for_function(f"({UNSAVED})() === 0")


@pytest.fixture
def tab(browser: Any) -> Iterator[Callable[[str], Any]]:
    """Opens tabs of one browser profile, in which requests may fail."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})

    def opened(url: str) -> Any:
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(url)
        ready(page)
        return page

    yield opened
    context.close()


def crashed(page: Any) -> None:
    """End the tab's own process, without a word to the page."""
    with contextlib.suppress(Exception):  # the answer dies with it
        page.goto("chrome://crash", timeout=2000)
    page.close()


def test_a_tab_that_dies_right_after_a_line_or_a_word_loses_nothing(
    tab: Callable[[str], Any], server: Server
):
    page = tab(server.url)
    new_project(page, "Dead tab")
    for number in range(3):
        write(page, f"a coat, version {number}")
        stroke(page, (0.2, 0.2 + number / 5), (0.4, 0.3 + number / 5))
        crashed(page)
        page = tab(server.url)
        page.wait_for_function(f"({UNSAVED})() === 0")
        words(page, f"a coat, version {number}")
        assert len(strokes_of(server, "Dead tab")) == number + 1


@pytest.mark.slow
def test_a_server_that_goes_and_comes_again_gets_what_was_drawn_meanwhile(
    tab: Callable[[str], Any], tmp_path: Path, model: Path
):
    """What is sent again is tested in the next one and in tests/js/windows.test.js; servers are
    killed by the dozen in `studio bench trouble`."""
    first = start_server(tmp_path / "data", model)
    page = tab(first.url)
    new_project(page, "Server gone")
    first.process.kill()
    first.process.wait()
    stroke(page, (0.2, 0.2), (0.4, 0.3))
    write(page, "a coat for the rain")
    page.wait_for_selector('.board-status:has-text("safe in this browser")')
    assert page.evaluate(UNSAVED) == 1
    port = int(first.url.rstrip("/").rsplit(":", 1)[1])
    second = start_server(tmp_path / "data", model, port)
    try:
        page.wait_for_function(f"({UNSAVED})() === 0")
        assert len(strokes_of(second, "Server gone")) == 1
        store = Store(second.data)
        project = next(p for p in store.projects() if p.name == "Server gone")
        assert json.loads(project.draft)["prompt"] == "a coat for the rain"
        store.close()
    finally:
        second.stop()


def test_what_the_server_refuses_is_sent_again(tab: Callable[[str], Any], server: Server):
    page = tab(server.url)
    new_project(page, "Refused")
    database = sqlite3.connect(server.data / "toile.db", isolation_level=None)
    project = page.evaluate("() => document.querySelector('.masthead-root').dataset.project")
    # As on a full disk: each write is refused, with a sentence.
    database.execute(
        "CREATE TRIGGER full BEFORE INSERT ON sketch_rev "
        "BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
    )
    try:
        stroke(page, (0.2, 0.2), (0.4, 0.3))
        page.wait_for_selector('.board-status:has-text("Not saved, trying again")')
        assert page.evaluate(UNSAVED) == 1 and project
    finally:
        database.execute("DROP TRIGGER full")
        database.close()
    saved(page)
    assert page.evaluate(UNSAVED) == 0 and len(strokes_of(server, "Refused")) == 1
