"""Drawing in a real browser, with mouse, keys and finger."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.gallery import Store
from tests.ui.conftest import Server
from tests.ui.steps import (
    new_project,
    saved,
    stroke,
    strokes_of,
)

pytestmark = pytest.mark.ui


def test_a_photo_of_a_sketch_becomes_ink(visit: Callable[..., Any], server: Server, tmp_path: Path):
    paper = np.full((300, 240, 3), 235, np.uint8)
    paper[40:260, 60:64] = paper[40:260, 176:180] = paper[40:44, 60:180] = paper[
        256:260, 60:180
    ] = 30
    photo = tmp_path / "sketch.jpg"
    Image.fromarray(paper).save(photo)
    page = visit(server.url)
    new_project(page, "Photo")
    page.locator(".board-root input[type=file]").set_input_files(photo)
    saved(page)
    store = Store(server.data)
    project = next(p for p in store.projects() if p.name == "Photo")
    sketch = store.latest_sketch(project.id)
    assert sketch is not None and sketch.photo_sha and sketch.ink_sha
    ink = np.asarray(Image.open(io.BytesIO(store.picture(sketch.ink_sha))))
    store.close()
    assert 200 < (ink > 128).sum() < 6000
    page.keyboard.press("Control+z")  # dropping a picture can be undone
    page.wait_for_selector(".board-empty:visible")

    page.get_by_role("button", name="Trousers").click()
    page.wait_for_selector(".board-empty", state="hidden")
    saved(page)


def test_undo_redo_eraser_and_symmetry(visit: Callable[..., Any], server: Server):
    page = visit(server.url)
    new_project(page, "Strokes")
    stroke(page, (0.2, 0.2), (0.3, 0.8))
    page.keyboard.press("m")
    stroke(page, (0.4, 0.2), (0.4, 0.8))
    page.keyboard.press("e")
    stroke(page, (0.35, 0.5), (0.45, 0.5))
    saved(page)
    assert [(s["t"], s["m"]) for s in strokes_of(server, "Strokes")] == [
        ("pen", 1), ("pen", 0), ("eraser", 0),
    ]  # fmt: skip
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+z")
    saved(page)
    assert [s["t"] for s in strokes_of(server, "Strokes")] == ["pen", "pen"]
    page.get_by_label("Clear the board").click()
    saved(page)
    assert strokes_of(server, "Strokes") == []
    page.get_by_label("Undo").click()
    saved(page)
    assert len(strokes_of(server, "Strokes")) == 2


def test_a_phone_has_no_sideways_scroll_and_draws_without_scrolling(
    visit: Callable[..., Any], server: Server
):
    page = visit(
        server.url,
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True,
        device_scale_factor=2,
    )  # fmt: skip
    new_project(page, "Phone")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    box = page.locator("#artboard canvas").bounding_box()
    assert box["width"] > 300
    before = page.evaluate("scrollY")
    touch = page.context.new_cdp_session(page)
    x = box["x"] + box["width"] * 0.3
    for kind, y in [("touchStart", 0.2), *(("touchMove", 0.2 + i / 20) for i in range(1, 12))]:
        touch.send(
            "Input.dispatchTouchEvent",
            {
                "type": kind,
                "touchPoints": [{"x": x, "y": box["y"] + box["height"] * y, "force": 0.9}],
            },
        )
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    saved(page)
    assert page.evaluate("scrollY") == before
    (line,) = strokes_of(server, "Phone")
    assert abs(line["p"][2] - 0.9) < 0.02  # the finger's force is the pen's pressure
    page.get_by_role("tab", name="Projects").click()
    page.wait_for_selector(".gallery-root:visible")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
