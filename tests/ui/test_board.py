"""Drawing in a real browser, with mouse, keys and finger."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from studio.gallery import Store
from studio.gallery.layers import read_strokes
from tests.serving import Server
from tests.ui.steps import (
    new_project,
    room,
    saved,
    stroke,
    strokes_of,
    write,
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
    page.wait_for_selector(".board-empty", state="hidden")
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


def test_the_hint_makes_room_for_components(visit: Callable[..., Any], server: Server):
    page = visit(server.url)
    new_project(page, "Room")
    write(page, "a cardigan with six buttons and two hip pockets")
    page.wait_for_function("document.querySelectorAll('.board-parts circle.shape').length === 6")
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)
        hint = page.locator(".board-templates").bounding_box()
        first = page.locator(".board-parts circle.shape").first.bounding_box()
        assert hint["y"] + hint["height"] < first["y"]


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
    room(page, "Projects")
    page.wait_for_selector(".gallery-root:visible")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_two_fingers_move_the_view_and_never_draw(visit: Callable[..., Any], server: Server):
    page = visit(
        server.url,
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True,
        device_scale_factor=2,
    )  # fmt: skip
    new_project(page, "Pinch")
    box = page.locator("#artboard canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.2
    before = page.evaluate("scrollY")
    page.set_default_timeout(60_000)
    session = page.context.new_cdp_session(page)

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": u, "y": v, "id": i} for i, (u, v) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    fingers("touchStart", (x - 30, y))
    fingers("touchMove", (x - 36, y))
    fingers("touchStart", (x - 36, y), (x + 36, y))
    for far in (50, 70, 90, 108):
        fingers("touchMove", (x - far, y), (x + far, y))
    fingers("touchEnd")
    page.wait_for_function("parseInt(document.querySelector('.percent').textContent) > 200")
    assert page.evaluate("scrollY") == before
    store = Store(server.data)
    project = next(p for p in store.projects() if p.name == "Pinch")
    sketch = store.latest_sketch(project.id)
    assert sketch is None or not read_strokes(sketch.strokes)
    store.close()


def test_what_is_drawn_zoomed_in_lies_where_it_was_drawn(visit: Callable[..., Any], server: Server):
    page = visit(server.url)
    new_project(page, "Zoom")
    page.keyboard.press("m")
    canvas = page.locator("#artboard canvas")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    page.keyboard.down("Control")
    for _ in range(4):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_function("parseInt(document.querySelector('.percent').textContent) > 300")
    scale = int(page.locator(".percent").inner_text().split()[0]) / 100
    # The place under the pointer stayed under it.
    stroke(page, (0.25, 0.25), (0.75, 0.25))
    saved(page)
    (line,) = strokes_of(server, "Zoom")
    assert abs(line["p"][0] - 256) < 6 and abs(line["p"][1] - 256) < 6
    assert abs(line["p"][-3] - (256 + 512 / scale)) < 8
    store = Store(server.data)
    project = next(p for p in store.projects() if p.name == "Zoom")
    sketch = store.latest_sketch(project.id)
    assert sketch is not None and sketch.ink_sha
    ink = np.asarray(Image.open(io.BytesIO(store.picture(sketch.ink_sha))))
    store.close()
    rows, columns = np.nonzero(ink > 128)
    assert abs(rows.mean() - 64) < 2 and abs(columns.min() - 64) < 3
    page.keyboard.press("h")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 40, steps=4)
    page.mouse.up()
    assert len(strokes_of(server, "Zoom")) == 1
    page.locator(".percent").click()
    assert page.locator(".percent").inner_text() == "100 %"
    page.get_by_label("Fit the drawing").click()
    page.wait_for_function("parseInt(document.querySelector('.percent').textContent) > 150")


def test_a_pens_pressure_is_kept(visit: Callable[..., Any], server: Server):
    page = visit(server.url)
    new_project(page, "Pressure")
    box = page.locator("#artboard canvas").bounding_box()
    pen = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.2
    more = {"button": "left", "pointerType": "pen", "clickCount": 1}
    pen.send(
        "Input.dispatchMouseEvent", {"type": "mousePressed", "x": x, "y": y, "force": 0.2} | more
    )
    for i in range(1, 12):
        pen.send(
            "Input.dispatchMouseEvent",
            {"type": "mouseMoved", "x": x, "y": y + 20 * i, "force": 0.2 + i * 0.06} | more,
        )
    pen.send("Input.dispatchMouseEvent", {"type": "mouseReleased", "x": x, "y": y + 220} | more)
    saved(page)
    (line,) = strokes_of(server, "Pressure")
    forces = line["p"][2::3]
    assert abs(forces[0] - 0.2) < 0.05 and max(forces) > 0.6


def test_the_drawing_is_downloaded_as_svg(
    visit: Callable[..., Any], server: Server, tmp_path: Path
):
    page = visit(server.url)
    new_project(page, "Vector")
    stroke(page, (0.2, 0.2), (0.3, 0.8))
    saved(page)
    with page.expect_download() as download:
        page.get_by_label("Download drawing (SVG)").click()
    assert download.value.suggested_filename == "toile-vector-drawing.svg"
    download.value.save_as(tmp_path / "drawing.svg")
    root = ElementTree.parse(tmp_path / "drawing.svg").getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert len(list(root.iter(f"{space}path"))) == 2  # the stroke and its twin


def test_a_photo_to_draw_over_is_no_ink_and_a_flat_can_be_traced(
    visit: Callable[..., Any], server: Server, tmp_path: Path
):
    photo = tmp_path / "mood.png"
    Image.fromarray(np.full((200, 300, 3), 90, np.uint8)).save(photo)
    page = visit(server.url)
    new_project(page, "Under")
    with page.expect_file_chooser() as chooser:
        page.locator(".under-kind").select_option("photo")
        page.get_by_role("button", name="Another photo").click()
    chooser.value.set_files(photo)
    page.wait_for_selector('.board-under[data-kind="photo"]')
    page.wait_for_function("document.querySelector('.board-under').naturalWidth === 300")
    store = Store(server.data)
    project = next(p for p in store.projects() if p.name == "Under")
    assert store.latest_sketch(project.id) is None
    page.locator(".under-kind").select_option("flat")
    page.get_by_role("button", name="Trace").click()
    saved(page)
    sketch = store.latest_sketch(project.id)
    store.close()
    assert sketch is not None and sketch.photo_sha and sketch.ink_sha
