"""Bad input on the page: text stays text, and every problem is one sentence."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.serving import Server
from tests.ui.steps import (
    generate,
    model_ready,
    new_project,
    ready,
    saved,
    stroke,
)

pytestmark = pytest.mark.ui


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
    page.get_by_role("tab", name="Projects").click()
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
@pytest.mark.first(1)
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
        assert page.locator(".board-status").inner_text() == ""  # it no longer says "Reading…"
    assert page.locator(".board-empty").is_visible()


def cut_png() -> bytes:
    """A PNG that ends in the middle."""
    out = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(out, "PNG")
    return out.getvalue()[:4000]
