"""What a user does on the page, as functions."""

import json
from typing import TYPE_CHECKING, Any

from studio.gallery import Store
from studio.gallery.layers import read_drawing

if TYPE_CHECKING:
    from tests.serving import Server

PATIENCE = 240
"""Seconds for a server to answer or a model to load: the machine may be busy."""


def until(page: Any, what: str, arg: Any = None) -> Any:
    """Wait until something is so, looking ten times a second: Playwright would make the page draw
    itself for every look, beside a model that works on the same processors."""
    return page.wait_for_function(what, arg=arg, polling=100)


def ready(page: Any) -> None:
    """Wait until the page shows a project."""
    page.wait_for_selector('.board-root[data-ready="1"]')
    page.wait_for_selector('.masthead-root:not([data-project=""])', state="attached")
    page.wait_for_selector("#studio:not([inert])", state="attached")


def model_ready(page: Any) -> None:
    """Wait until pictures can be made."""
    page.wait_for_selector('.model[data-state="ready"]', state="attached")


def stroke(page: Any, *points: tuple[float, float]) -> None:
    """Draw with the mouse; points in 0..1 of the artboard."""
    canvas = page.locator("#artboard canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    on_page = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in points]
    page.mouse.move(*on_page[0])
    page.mouse.down()
    for point in on_page[1:]:
        page.mouse.move(*point, steps=6)
    page.mouse.up()


def saved(page: Any) -> None:
    """Wait until the page says that the drawing is kept."""
    until(page, "document.querySelector('.board-status').textContent === 'Saved'")


def write(page: Any, text: str) -> None:
    """Type a prompt as a user would, the last key pressed."""
    field = page.locator("#prompt textarea")
    field.fill(text)


def choose(page: Any, part: str, label: str) -> None:
    """Choose one of a few."""
    page.locator(f"#{part} label", has_text=label).first.click()


def finished(page: Any) -> str:
    """Wait until no job runs; how it ended."""
    ended = until(
        page,
        "() => { const state = document.querySelector('.progress-root').dataset.state;"
        " return ['done', 'failed', 'cancelled'].includes(state) && state; }",
    )
    return ended.json_value()


def settings(page: Any, steps: int | None = None, count: int | None = None) -> None:
    """Set steps and variants."""
    if count is not None:
        page.locator("#count label").nth(count - 1).click()
    if steps is not None:
        if not page.locator("#steps input[type=number]").is_visible():
            page.locator("#more > button").click()
            field = page.locator("#steps input[type=number]")
            field.wait_for()
            # Gradio gives a part that it shows for the first time its values a frame later.
            page.evaluate(
                "() => new Promise((done) => requestAnimationFrame("
                "() => requestAnimationFrame(() => setTimeout(done, 200))))"
            )
        field = page.locator("#steps input[type=number]")
        field.fill(str(steps))
        field.blur()
        assert field.input_value() == str(steps)


def new_project(page: Any, name: str) -> None:
    """A fresh project through the page."""
    page.locator("#project-button").click()
    page.get_by_label("New project: name").fill(name)
    page.get_by_role("button", name="New project").click()
    until(page, "(name) => document.querySelector('.project-name').textContent === name", arg=name)
    page.wait_for_selector("#studio:not([inert])", state="attached")


def room(page: Any, name: str) -> None:
    """Go to a room: by its tab, or on a phone by the bar at its foot."""
    bar = page.locator(".phone-bar")
    if bar.is_visible():
        bar.get_by_role("button", name=name).click()
    else:
        page.get_by_role("tab", name=name).click()


def generate(page: Any, prompt: str, steps: int = 2, count: int = 1) -> None:
    """Make pictures and wait for them."""
    write(page, prompt)
    settings(page, steps=steps, count=count)
    page.wait_for_selector("#generate:not([disabled])")
    there = page.locator("#variants .card:not(.pending)").count()
    page.locator("#generate").click()
    until(
        page,
        "(n) => document.querySelectorAll('#variants .card:not(.pending)').length >= n",
        arg=there + count,
    )
    assert finished(page) == "done"


def strokes_of(server: "Server", name: str) -> list[dict[str, Any]]:
    """The strokes that the server keeps of a project."""
    store = Store(server.data)
    project = next(p for p in store.projects() if p.name == name)
    sketch = store.latest_sketch(project.id)
    store.close()
    assert sketch is not None
    return json.loads(read_drawing(sketch.strokes).to_json())["sides"]["front"][0]["strokes"]
