"""The queue on the real page: several batches wait, a killed server loses nothing."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.gallery import Project, Store
from studio.request import sha_of
from tests.serving import Server, start_server
from tests.ui.steps import PATIENCE, finished, model_ready, new_project, settings, write

pytestmark = pytest.mark.ui

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def store_project(server: Server, name: str) -> tuple[Store, Project]:
    """The server's data, and one of its projects."""
    store = Store(server.data)
    return store, next(p for p in store.projects() if p.name == name)


def until(holds: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Wait for something on the server's side."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def enter(page: Any, prompt: str, seed: int | None = None, waiting: int | None = None) -> None:
    """Press Generate and wait until the page shows the new job."""
    write(page, prompt)
    if seed is not None:
        page.locator("#seed input").fill(str(seed))
    page.wait_for_selector("#generate:not([disabled])")
    page.locator("#generate").click()
    if waiting is None:
        page.wait_for_selector("#cancel:visible")
    else:
        page.wait_for_selector(f'.progress-root[data-waiting="{waiting}"]', state="attached")


def states(server: Server, project: Project) -> list[str]:
    """The states of a project's jobs that are not over."""
    store = Store(server.data)
    found = [job.state for job in store.queue.open_jobs(project.id)]
    store.close()
    return found


def sound(store: Store, project: Project) -> list[bytes]:
    """A project's pictures, oldest first; every row has its file, every file is whole."""
    found = store.variants(project.id, limit=500).variants
    files = {p for p in (store.data_dir / "blobs").rglob("*") if p.is_file()}
    assert all(sha_of(p.read_bytes()) == p.stem and p.suffix == ".png" for p in files)
    assert {store.blobs.path(v.picture_sha) for v in found} <= files
    return [store.picture(v.picture_sha) for v in reversed(found)]


def test_batches_wait_and_are_cancelled_one_by_one(visit: Callable[..., Any], server: Server):
    page = visit(server.url, tips=False)
    model_ready(page)
    new_project(page, "Waiting line")
    settings(page, steps=60, count=8)
    enter(page, "a red dress")
    assert page.locator("#generate").is_enabled()
    enter(page, "a green coat", waiting=1)
    enter(page, "a blue shirt", waiting=2)
    _, project = store_project(server, "Waiting line")
    assert states(server, project) == ["running", "waiting", "waiting"]

    page.get_by_text("2 more waiting").click()
    rows = page.locator(".queue-waiting li")
    assert rows.all_inner_texts()[1].split("\n")[:2] == ["8 variants", "a blue shirt"]
    rows.nth(1).get_by_role("button", name="Cancel").click()
    page.wait_for_selector('.progress-root[data-waiting="1"]', state="attached")
    until(lambda: states(server, project) == ["running", "waiting"])

    first = page.locator(".progress-root").get_attribute("data-job")
    page.locator(".project-name").focus()
    page.locator("body").press("Escape")  # once lets go of what is held, and says what is next
    assert page.locator("#cancel").inner_text() == "Esc again cancels"
    assert states(server, project) == ["running", "waiting"]
    page.locator("body").press("Escape")  # the running one
    page.wait_for_function(
        "(first) => { const d = document.querySelector('.progress-root').dataset;"
        "return d.state === 'running' && d.job !== first; }",
        arg=first,
    )
    assert states(server, project) == ["running"]
    page.locator("#cancel").click()
    assert finished(page) == "cancelled"
    store, project = store_project(server, "Waiting line")
    assert store.count_variants(project.id) == 0
    store.close()


def test_a_double_click_makes_one_batch(visit: Callable[..., Any], server: Server):
    page = visit(server.url, tips=False)
    model_ready(page)
    new_project(page, "Twice")
    settings(page, steps=30, count=4)
    write(page, "a linen skirt")
    page.wait_for_selector("#generate:not([disabled])")
    page.locator("#generate").dblclick()
    page.wait_for_selector("#cancel:visible")
    page.wait_for_timeout(1500)
    _, project = store_project(server, "Twice")
    assert states(server, project) == ["running"]
    page.locator("#cancel").click()
    assert finished(page) == "cancelled"


def test_another_browser_sees_the_batch_and_stops_it(visit: Callable[..., Any], server: Server):
    mine = visit(server.url, tips=False)
    model_ready(mine)
    new_project(mine, "Shared table")
    settings(mine, steps=60, count=8)
    theirs = visit(server.url, tips=False)
    assert theirs.locator(".project-name").inner_text() == "Shared table"
    enter(mine, "a wool cape")
    theirs.wait_for_selector("#cancel:visible")
    theirs.locator("#cancel").click()
    assert finished(theirs) == "cancelled" and finished(mine) == "cancelled"
    assert mine.locator("#prompt textarea").input_value() == "a wool cape"


@pytest.mark.slow
def test_a_killed_server_loses_nothing_and_goes_on(
    visit: Callable[..., Any], model: Path, tmp_path: Path
):
    """Resuming is tested in one process in test_resuming, a killed writer in test_trouble."""
    server = start_server(tmp_path / "data", model)
    try:
        page = visit(server.url, tips=False)
        model_ready(page)
        new_project(page, "Storm")
        settings(page, steps=30, count=2)
        enter(page, "a navy coat", seed=11)
        settings(page, steps=3, count=1)
        enter(page, "a red dress", seed=21, waiting=1)
        enter(page, "a green shirt", seed=31, waiting=2)
        page.wait_for_function("+document.querySelector('.progress-root').dataset.step >= 2")
        page.context.close()
    finally:
        server.process.kill()
        server.process.wait()
    store, project = store_project(server, "Storm")
    assert [j.state for j in store.queue.open_jobs(project.id)] == ["running", "waiting", "waiting"]
    assert sound(store, project) == []

    server = start_server(tmp_path / "data", model)
    try:
        page = visit(server.url, tips=False, **PHONE)
        page.wait_for_selector('.progress-root[data-interrupted="1"]', state="attached")
        card = page.locator(".interrupted")
        assert "Interrupted" in card.inner_text() and "a navy coat" in card.inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        for button in card.get_by_role("button").all():
            box = button.bounding_box()
            assert box["height"] >= 44 and box["x"] + box["width"] <= 390
        # What waited is made by itself; what was interrupted asks first.
        until(lambda: len(store.variants(project.id).variants) == 2)
        assert {v.seed for v in store.variants(project.id).variants} == {21, 31}
        assert page.locator("#prompt textarea").input_value() == "a green shirt"
        page.context.close()

        page = visit(server.url, tips=False)
        model_ready(page)
        page.locator(".interrupted").get_by_role("button", name="Resume").click()
        until(lambda: len(store.variants(project.id).variants) == 4)
        page.wait_for_selector('.progress-root[data-interrupted="0"]', state="attached")
        assert finished(page) == "done"
        resumed = {v.seed: v for v in store.variants(project.id).variants}
        assert sorted(resumed) == [11, 12, 21, 31]
        assert len(sound(store, project)) == 4

        new_project(page, "Calm")
        settings(page, steps=30, count=2)
        enter(page, "a navy coat", seed=11)
        _, calm = store_project(server, "Calm")
        until(lambda: len(store.variants(calm.id).variants) == 2)
        undisturbed = {v.seed: v for v in store.variants(calm.id).variants}
        for seed, variant in undisturbed.items():
            assert variant.picture_sha == resumed[seed].picture_sha  # the same bytes
        page.context.close()
    finally:
        server.process.kill()
        server.process.wait()
        store.close()


def test_late_answers_are_left_out(visit: Callable[..., Any], server: Server):
    page = visit(server.url, tips=False)
    shown = page.evaluate(
        "async () => {"
        "const { latestJob } = await import(new URL('toile/ui/latest.js', document.baseURI).href);"
        "const latest = latestJob();"
        "const take = (n, state) => latest({ n, state, id: 'x' })?.state;"
        "return [take(5, 'running'), take(7, 'done'), take(6, 'running'), latest(null),"
        "take(6, 'running'), take(8, 'running')]; }"
    )
    assert shown == ["running", "done", "done", None, None, "running"]
