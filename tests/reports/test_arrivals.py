"""Pictures arrive whole: no card is blank for a moment, however slow the way to the browser is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.serving import Server
from tests.ui.steps import finished, generate, model_ready, new_project, write

pytestmark = pytest.mark.ui

_WATCH = """() => {
    const of = (selector) => [...document.querySelectorAll(selector)];
    window.blank = [];
    window.frames = 0;
    const look = () => {
        const cards = of('#variants .card:not(.pending) .card-picture > img, #variants .strip img');
        const photos = of('#references .ref-tile img, #references .ref-frame > img');
        const whole = (image) => image.complete && image.naturalWidth;
        const empty = [...cards, ...photos].filter((image) => !whole(image));
        if (empty.length) window.blank.push(empty.map((image) => image.src));
        window.frames += 1;
        requestAnimationFrame(look);
    };
    look();
}"""


@pytest.fixture
def slow(visit: Callable[..., Any], server: Server) -> Any:
    """A page whose every answer takes a while, and that notes each frame with a blank picture."""
    page = visit(server.url)
    model_ready(page)
    new_project(page, "Arrivals")
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": 250, "downloadThroughput": -1, "uploadThroughput": -1,
    })  # fmt: skip
    return page


def blank(page: Any) -> list[Any]:
    """The frames in which a picture was blank, since this was asked last."""
    assert page.evaluate("() => window.frames") > 3
    return page.evaluate("() => window.blank.splice(0)")


def cards(page: Any, count: int) -> None:
    """Wait for so many cards, and none in the making."""
    page.wait_for_function(
        "(n) => document.querySelectorAll('#variants .card[data-id], #variants .strip-cell').length"
        " === n && !document.querySelector('#variants .card.pending')",
        arg=count,
    )


def test_no_card_is_blank_while_pictures_arrive_or_change(slow: Any):
    page = slow
    page.evaluate(_WATCH)
    generate(page, "a teal dress", steps=2, count=2)
    cards(page, 2)
    assert blank(page) == []
    generate(page, "a red coat", steps=2, count=1)
    cards(page, 3)
    assert blank(page) == []

    first = page.locator("#variants .card").first
    first.get_by_role("button", name="Star", exact=True).click()
    page.wait_for_selector('#variants [aria-label="Remove the star"]')
    assert blank(page) == []  # a card that is made anew keeps its picture

    for entry, many in (("Vary a little", 1), ("Row of text strengths", 5)):
        before = page.locator("#variants .card[data-id], #variants .strip-cell").count()
        first = page.locator("#variants .card[data-id]").last
        first.get_by_role("button", name="Make more from this", exact=True).click()
        page.get_by_role("menuitem", name=entry).click()
        page.wait_for_function(
            "(n) => document.querySelectorAll('#variants .card[data-id], #variants .strip-cell')"
            ".length > n",
            arg=before,
        )
        assert finished(page) == "done"
        page.wait_for_function("() => !document.querySelector('#variants .card.pending')")
        assert blank(page) == [], (entry, many)


def test_no_photo_is_blank_while_its_words_or_settings_change(slow: Any, tmp_path: Path):
    page = slow
    path = tmp_path / "shirt.png"
    picture = Image.new("RGB", (240, 320), (246, 246, 244))
    picture.paste((190, 30, 40), (75, 60, 165, 260))
    picture.save(path)
    with page.expect_file_chooser() as chooser:
        page.locator('.ref-tile[data-role="garment"]').click()
    chooser.value.set_files(path)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.ref-tile img, .ref-frame > img')]"
        ".filter((image) => image.complete && image.naturalWidth).length === 2"
    )
    page.evaluate(_WATCH)
    for words, told in (("a man in trousers", "lower body, as the words say"),
                        ("a woman in a dress", "full length, as the words say"),
                        ("a red shirt", "upper body, as the words say")):  # fmt: skip
        write(page, words)
        page.wait_for_selector(f"#references .ref-said:has-text('{told}')")
    page.locator('[data-key="part/dress"]').click()
    page.wait_for_selector("#references .ref-said:has-text('as you chose')")
    page.get_by_role("button", name="Fold up").click()
    page.wait_for_selector("#ref-detail", state="hidden")
    assert blank(page) == []
