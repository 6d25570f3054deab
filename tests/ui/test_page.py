"""The main way through the studio, in a real browser, on a real server and a real model."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.gallery import Store
from studio.pngmeta import read_request
from tests.ui.conftest import (
    Server,
    finished,
    model_ready,
    ready,
    saved,
    settings,
    start_server,
    stroke,
    write,
)

pytestmark = pytest.mark.ui

HALF_A_COAT = (
    (0.42, 0.12), (0.33, 0.15), (0.26, 0.2), (0.2, 0.4), (0.15, 0.62), (0.22, 0.64), (0.3, 0.4),
    (0.3, 0.6), (0.27, 0.88), (0.5, 0.9),
)  # fmt: skip


def test_from_an_empty_folder_to_kept_pictures(
    visit: Callable[..., Any], model: Path, tmp_path: Path
):
    server = start_server(tmp_path / "data", model)
    try:
        page = visit(server.url)
        assert page.locator(".board-empty").is_visible()
        assert page.locator("#generate").is_disabled()
        assert "Describe the garment or draw it" in page.locator("#why").inner_text()

        stroke(page, *HALF_A_COAT)
        saved(page)
        write(page, "a navy wool coat with five buttons and two pockets")
        page.wait_for_selector(".chip.count")
        assert page.locator(".chip.count").all_inner_texts() == ["5 buttons", "2 pockets"]
        page.wait_for_function("document.querySelectorAll('.board-marks circle').length === 5")
        settings(page, steps=4)
        model_ready(page)
        page.wait_for_selector("#generate:not([disabled])")
        seed = int(page.locator("#seed input").input_value())
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#variants .card:not(.pending)")
        assert finished(page) == "done"
        assert page.locator("#variants .card:not(.pending)").count() == 2
        assert page.locator("#seed input").input_value() != str(seed)  # a new one is drawn

        store = Store(server.data)
        project = store.first_project()
        second, first = store.variants(project.id).variants
        assert (first.seed, second.seed) == (seed, seed + 1)
        for variant in (first, second):
            request = read_request(store.picture(variant.picture_sha))
            assert request is not None and request.seed == variant.seed
            assert request.to_json() == variant.request
            assert request.steps == 4 and request.sketch is not None
            assert len([c for c in request.components if c.kind == "button"]) == 5
            assert variant.inputs["sketch"] == request.sketch.sha256
        ink = np.asarray(Image.open(io.BytesIO(store.picture(second.inputs["sketch"]))))
        assert ink.shape == (256, 256) and 300 < (ink > 128).sum() < 8000
        assert np.abs(ink.astype(int) - ink[:, ::-1]).mean() < 2  # drawn on one side only
        strokes = json.loads(store.sketch(second.sketch_rev_id or "").strokes)["strokes"]  # type: ignore[union-attr]
        assert len(strokes) == 1 and strokes[0]["m"] == 1
        store.close()

        page.reload()
        ready(page)
        page.wait_for_function("document.querySelectorAll('#variants .card').length === 2")
        assert "navy wool coat" in page.locator("#prompt textarea").input_value()
        assert page.locator(".board-empty").is_hidden()
        ink_shown = page.evaluate(
            "() => { const c = document.querySelector('#artboard canvas');"
            "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            "let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 128; return n; }"
        )
        assert ink_shown > 500
        assert (
            page.locator("#variants .card img").first.evaluate(
                "async (image) => { await image.decode(); return image.naturalWidth; }"
            )
            == 256
        )
        page.context.close()
    finally:
        server.stop()

    again = start_server(tmp_path / "data", model)
    try:
        page = visit(again.url)
        page.wait_for_function("document.querySelectorAll('#variants .card').length === 2")
        page.get_by_role("tab", name="Gallery").click()
        page.wait_for_selector('.gallery-root[data-count="2"]')
        page.context.close()
    finally:
        again.stop()


def test_cancel_leaves_everything_as_it_was(visit: Callable[..., Any], server: Server):
    page = visit(server.url)
    model_ready(page)
    new_project(page, "Cancelled")
    write(page, "a red dress")
    settings(page, steps=60, count=8)
    page.wait_for_selector("#generate:not([disabled])")
    page.locator("#generate").click()
    page.wait_for_selector("#cancel:visible")
    page.wait_for_function("+document.querySelector('.progress-root').dataset.step >= 1")
    page.reload()  # a reload finds the running job again
    ready(page)
    page.wait_for_selector("#cancel:visible")
    page.locator("#cancel").click()
    assert finished(page) == "cancelled"
    assert page.locator("#variants .card").count() == 0
    page.wait_for_selector("#generate:not([disabled])")
    assert page.locator("#prompt textarea").input_value() == "a red dress"
    store = Store(server.data)
    cancelled = next(p for p in store.projects() if p.name == "Cancelled")
    assert store.count_variants(cancelled.id) == 0
    store.close()


def new_project(page: Any, name: str) -> None:
    """A fresh project through the page."""
    page.locator("#project-button").click()
    page.get_by_label("New project: name").fill(name)
    page.get_by_role("button", name="New project").click()
    page.wait_for_function(
        "(name) => document.querySelector('.project-name').textContent === name", arg=name
    )


def generate(page: Any, prompt: str, steps: int = 2, count: int = 1) -> None:
    """Make pictures and wait for them."""
    write(page, prompt)
    settings(page, steps=steps, count=count)
    page.wait_for_selector("#generate:not([disabled])")
    page.locator("#generate").click()
    page.wait_for_function(
        "(n) => document.querySelectorAll('#variants .card:not(.pending)').length >= n", arg=count
    )
    assert finished(page) == "done"


def test_a_picture_is_starred_used_varied_downloaded_and_deleted(
    visit: Callable[..., Any], server: Server
):
    page = visit(server.url)
    model_ready(page)
    new_project(page, "Verbs")
    generate(page, "a green skirt")
    card = page.locator("#variants .card").first

    card.get_by_label("Star").click()
    page.wait_for_selector("#variants .starred")

    with page.expect_download() as download:
        card.get_by_label("Download PNG").click()
    data = Path(download.value.path()).read_bytes()
    request = read_request(data)
    assert request is not None and request.prompt == "a green skirt"
    assert download.value.suggested_filename == f"toile-a-green-skirt-{request.seed}.png"

    write(page, "something else")
    card.get_by_label("Use these settings").click()
    page.wait_for_function("document.querySelector('#prompt textarea').value === 'a green skirt'")
    assert page.locator("#seed input").input_value() == str(request.seed)
    assert page.locator("#locked input").is_checked()

    card.get_by_label("Vary", exact=True).click()
    page.get_by_role("button", name="Vary strongly").click()
    page.wait_for_function("document.querySelectorAll('#variants .card:not(.pending)').length > 1")
    assert finished(page) == "done"
    store = Store(server.data)
    project = next(p for p in store.projects() if p.name == "Verbs")
    newest, *_, oldest = store.variants(project.id).variants
    assert newest.parent_variant_id == oldest.id
    store.close()

    page.locator("#variants .card").first.get_by_label("Move to the trash").click()
    before = len(page.locator("#variants .card").all())
    page.locator(".notice").get_by_role("button", name="Undo").click()
    page.wait_for_function(
        "(n) => document.querySelectorAll('#variants .card').length >= n", arg=before
    )

    page.locator("#variants .card-picture").first.click()
    dialog = page.locator("#variants dialog[open]")
    assert "a green skirt" in dialog.inner_text()
    page.keyboard.press("Escape")
    assert dialog.count() == 0


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


def strokes_of(server: Server, name: str) -> list[dict[str, Any]]:
    """The strokes that the server keeps of a project."""
    store = Store(server.data)
    project = next(p for p in store.projects() if p.name == name)
    sketch = store.latest_sketch(project.id)
    store.close()
    assert sketch is not None
    return json.loads(sketch.strokes)["strokes"]


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
    page.get_by_role("tab", name="Gallery").click()
    page.wait_for_selector(".gallery-root:visible")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


NASTY = (
    "${alert(document.domain)}",
    "{{constructor.constructor('alert(1)')()}}",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "'; DROP TABLE variant;--",
    "../../x `${1}`",
)


def test_text_is_only_ever_text(visit: Callable[..., Any], server: Server):
    page = visit(server.url)
    model_ready(page)
    for text in NASTY:
        new_project(page, text)
    prompt = " ".join(NASTY)
    generate(page, prompt)
    page.locator("#variants .card-picture").first.click()
    assert prompt in page.locator("#variants dialog[open]").inner_text()
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Gallery").click()
    page.wait_for_selector('.gallery-root[data-count="1"]')
    page.locator("#gallery input[type=search]").fill("DROP TABLE")
    page.wait_for_selector('.gallery-root[data-count="1"]')
    page.reload()
    ready(page)
    page.locator("#project-button").click()
    shown = page.locator(".project-list button").all_inner_texts()
    assert set(NASTY) <= set(shown)
    assert (
        page.evaluate("document.querySelectorAll('#masthead img, #variants img[onerror]').length")
        == 0
    )


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("seed", "abc", "The seed is not a number"),
        ("seed", str(2**70), "The seed must lie between"),
        ("seed", "-1", "The seed must lie between"),
    ],
)
def test_a_bad_number_is_one_sentence_and_keeps_the_drawing(
    visit: Callable[..., Any], server: Server, field: str, value: str, says: str
):
    page = visit(server.url)
    model_ready(page)
    new_project(page, f"Bad {value}"[:60])
    stroke(page, (0.2, 0.2), (0.3, 0.8))
    saved(page)
    page.locator(f"#{field} input").fill(value)
    page.wait_for_selector("#generate:not([disabled])")
    page.locator("#generate").click()
    page.wait_for_selector(".notice.error")
    text = page.locator(".notice.error p").inner_text()
    assert says in text and "Traceback" not in text
    assert page.locator(".board-empty").is_hidden()
    assert page.locator("#generate").is_enabled()


def test_a_picture_that_is_none_is_one_sentence(
    visit: Callable[..., Any], server: Server, tmp_path: Path
):
    page = visit(server.url)
    new_project(page, "No pictures")
    fakes = {"empty.png": b"", "text.png": b"not a picture", "cut.png": cut_png()}
    for name, data in fakes.items():
        (tmp_path / name).write_bytes(data)
        page.locator(".board-root input[type=file]").set_input_files(tmp_path / name)
        page.wait_for_selector(".notice.error")
        assert "Traceback" not in page.locator(".notice.error p").inner_text()
        page.locator(".notice").get_by_label("Dismiss").click()
        page.wait_for_selector(".notice", state="detached")
    assert page.locator(".board-empty").is_visible()


def cut_png() -> bytes:
    """A PNG that ends in the middle."""
    out = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(out, "PNG")
    return out.getvalue()[:4000]


def test_projects_are_switched_and_renamed(visit: Callable[..., Any], server: Server):
    page = visit(server.url)
    new_project(page, "Spring")
    write(page, "a linen dress")
    page.wait_for_selector(".chip")
    new_project(page, "Autumn")
    assert page.locator("#prompt textarea").input_value() == ""
    page.locator("#project-button").click()
    page.get_by_label("Rename: name").fill("Late autumn")
    page.get_by_role("button", name="Rename").click()
    page.wait_for_function("document.querySelector('.project-name').textContent === 'Late autumn'")
    page.locator("#project-button").click()
    page.locator(".project-list button", has_text="Spring").click()
    page.wait_for_function("document.querySelector('#prompt textarea').value === 'a linen dress'")
    page.reload()  # the page opens the project that it left
    ready(page)
    assert page.locator(".project-name").inner_text() == "Spring"
