"""The main way through the studio, in a real browser, on a real server and a real model."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.gallery import Store
from studio.gallery.layers import read_strokes
from tests.flat import flat, request_in
from tests.serving import Server, start_server
from tests.ui.steps import (
    finished,
    generate,
    model_ready,
    new_project,
    ready,
    saved,
    settings,
    stroke,
    write,
)

pytestmark = pytest.mark.ui

HALF_A_COAT = (
    (0.42, 0.12), (0.33, 0.15), (0.26, 0.2), (0.2, 0.4), (0.15, 0.62), (0.22, 0.64), (0.3, 0.4),
    (0.3, 0.6), (0.27, 0.88), (0.5, 0.9),
)  # fmt: skip


def test_from_an_empty_page_to_kept_pictures(visit: Callable[..., Any], server: Server):
    page = visit(server.url)
    new_project(page, "My coat")
    assert page.locator(".board-empty").is_visible()
    assert page.locator("#generate").is_disabled()
    assert "Describe the garment or draw it" in page.locator("#why").inner_text()

    stroke(page, *HALF_A_COAT)
    saved(page)
    write(page, "a navy wool coat with five buttons and two pockets")
    page.wait_for_selector(".chip.count")
    assert page.locator(".chip.count").all_inner_texts() == ["5 buttons", "2 pockets"]
    page.wait_for_function("document.querySelectorAll('.board-parts circle.shape').length === 5")
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
    project = next(p for p in store.projects() if p.name == "My coat")
    second, first = store.variants(project.id).variants
    assert (first.seed, second.seed) == (seed, seed + 1)
    for variant in (first, second):
        recorded = request_in(store.picture(variant.picture_sha))
        assert recorded is not None and recorded.to_json() == variant.request
        request = flat(recorded)
        assert request.seed == variant.seed
        assert request.steps == 4 and request.sketch is not None
        assert len([c for c in request.components if c.kind == "button"]) == 5
        assert variant.inputs["sketch"] == request.sketch
    ink = np.asarray(Image.open(io.BytesIO(store.picture(second.inputs["sketch"]))))
    assert ink.shape == (256, 256) and 300 < (ink > 128).sum() < 8000
    assert np.abs(ink.astype(int) - ink[:, ::-1]).mean() < 2  # drawn on one side only
    strokes = read_strokes(store.sketch(second.sketch_rev_id or "").strokes)  # type: ignore[union-attr]
    assert len(strokes) == 1 and strokes[0].mirrored
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


@pytest.mark.slow
def test_the_next_start_shows_what_was_kept(visit: Callable[..., Any], model: Path, tmp_path: Path):
    """What a project opens with is tested without a server in test_studio and test_parts."""
    server = start_server(tmp_path / "data", model)
    try:
        page = visit(server.url)
        model_ready(page)
        new_project(page, "My coat")
        generate(page, "a navy wool coat", count=2)
        page.context.close()
    finally:
        server.stop()

    again = start_server(tmp_path / "data", model)
    try:
        page = visit(again.url)
        page.wait_for_function("document.querySelectorAll('#variants .card').length === 2")
        page.get_by_role("tab", name="Projects").click()
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
        card.get_by_role("button", name="More", exact=True).click()
        page.get_by_role("menuitem", name="Download PNG").click()
    data = Path(download.value.path()).read_bytes()
    recorded = request_in(data)
    assert recorded is not None
    request = flat(recorded)
    assert request.prompt == "a green skirt"
    assert download.value.suggested_filename == f"toile-a-green-skirt-{request.seed}.png"

    write(page, "something else")
    card.get_by_label("Use these settings").click()
    page.wait_for_function("document.querySelector('#prompt textarea').value === 'a green skirt'")
    assert page.locator("#seed input").input_value() == str(request.seed)
    assert page.locator("#locked input").is_checked()

    card.get_by_role("button", name="Make more from this", exact=True).click()
    page.get_by_role("menuitem", name="Vary strongly").click()
    page.wait_for_function("document.querySelectorAll('#variants .card:not(.pending)').length > 1")
    assert finished(page) == "done"
    store = Store(server.data)
    project = next(p for p in store.projects() if p.name == "Verbs")
    newest, *_, oldest = store.variants(project.id).variants
    assert newest.parent_variant_id == oldest.id
    store.close()

    newest_card = page.locator("#variants .card").first
    newest_card.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Move to the trash").click()
    before = len(page.locator("#variants .card").all())
    page.locator(".notice", has_text="in the trash").get_by_role("button", name="Undo").click()
    page.wait_for_function(
        "(n) => document.querySelectorAll('#variants .card').length >= n", arg=before
    )

    page.locator("#variants .card-picture").first.click()
    dialog = page.locator("#variants dialog[open]")
    assert "a green skirt" in dialog.inner_text()
    page.keyboard.press("Escape")
    assert dialog.count() == 0


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
