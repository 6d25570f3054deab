"""The sample that a newcomer finds, and its tips."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.desk import sample
from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.gallery import Store
from tests.serving import Server
from tests.ui.steps import finished, model_ready, new_project, until


def never() -> Any:
    """An engine that is still loading."""
    raise AssertionError("nothing here loads a model")


def test_an_empty_gallery_opens_on_a_sample_with_everything(tmp_path: Path):
    store = Store(tmp_path / "data")
    sample.open_house(store)
    sample.open_house(store)
    assert [p.name for p in store.projects()] == [sample.NAME]
    opened = Studio(store, EngineRoom(never), tmp_path).open("")
    assert opened["prompt"]["value"] == sample.PROMPT
    sketch = store.latest_sketch(opened["project"]["value"])
    assert sketch is not None and sketch.ink_sha and sketch.photo_sha
    assert opened["tips"]["value"] == {"offer": True}
    store.close()


def test_a_gallery_with_work_in_it_is_left_alone(tmp_path: Path):
    store = Store(tmp_path / "data")
    store.create_project("Mine")
    sample.open_house(store)
    assert [p.name for p in store.projects()] == ["Mine"]
    store.close()


@pytest.mark.ui
def test_a_newcomer_presses_generate_and_has_a_picture(visit: Callable[..., Any], server: Server):
    page = visit(server.url)
    new_project(page, "Mine")
    assert page.locator(".tip").count() == 0  # it speaks of the sample
    page.locator("#project-button").click()
    page.locator(".project-list button", has_text=sample.NAME).click()
    page.wait_for_selector(".tip")
    assert "Generate" in page.locator(".tip").inner_text()
    model_ready(page)
    page.wait_for_selector("#generate:not([disabled])")
    page.locator("#generate").click()
    page.wait_for_selector("#variants .card:not(.pending)")
    assert finished(page) == "done"
    until(page, "document.querySelector('.tip .muted').textContent === '2 of 4'")
    page.locator(".tip").get_by_label("No more tips").click()
    page.reload()
    page.wait_for_selector("#variants .card:not(.pending)")
    assert page.locator(".tip").count() == 0
