"""What the page says and where it leaves whoever uses it: keys, focus, sentences."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio.gallery import Store
from tests.serving import Server
from tests.studio.gallery.made import new
from tests.ui.steps import model_ready, new_project, ready, room

pytestmark = pytest.mark.ui

FOCUSED = (
    "(({ ariaLabel, innerText, tagName }) => ariaLabel || innerText || tagName)"
    "(document.activeElement)"
)


@pytest.fixture
def page(visit: Callable[..., Any], server: Server, store: Store) -> Any:
    """The page on a project with four pictures."""
    opened = visit(server.url)
    new_project(opened, "Says")
    project = next(p.id for p in store.projects() if p.name == "Says")
    for seed in range(1, 5):
        store.add(project, new(seed, "a navy coat"))
    opened.reload()
    ready(opened)
    opened.wait_for_function("document.querySelectorAll('#variants .card').length === 4")
    yield opened
    opened.close()  # else it may still ask for pictures that are gone
    store.delete_project(project)


@pytest.fixture
def store(server: Server) -> Iterator[Store]:
    """The running server's store."""
    opened = Store(server.data)
    yield opened
    opened.close()


def test_arrows_lead_through_the_large_pictures(page: Any) -> None:
    page.locator("#variants .card-picture").first.click()
    large = page.locator("#variants .lightbox[open] .lightbox-figure img")
    seen = [large.get_attribute("src")]
    for _ in range(2):
        page.keyboard.press("ArrowRight")
        seen.append(large.get_attribute("src"))
    assert len(set(seen)) == 3
    page.keyboard.press("ArrowLeft")
    assert large.get_attribute("src") == seen[1]
    assert page.locator("#variants .over").count() == 0  # no slider took the keys


def test_menus_say_how_many_pictures_come(page: Any) -> None:
    for count in (1, 3, 8):
        page.locator("#count label").nth(count - 1).click()
        page.locator("#variants .card").first.get_by_role("button", name="Make more").click()
        many = f"{count} picture{'s' if count > 1 else ''}"
        for what in ("Vary a little", "Vary strongly"):
            assert page.get_by_role("menuitem", name=f"{what}: {many}", exact=True).is_visible()
        page.keyboard.press("Escape")


def test_three_pictures_are_seen_all_at_once(page: Any) -> None:
    for at in range(3):
        page.locator("#variants [data-compare]").nth(at).click()
        page.wait_for_selector(f'.compared-root[data-count="{at + 1}"]', state="attached")
    room(page, "Compare")
    page.wait_for_selector('.compare-root[data-count="3"][data-mode="grid"]')
    assert page.locator(".compare-root .pane").count() == 3


def test_the_focus_stays_where_something_was(page: Any) -> None:
    room(page, "Projects")
    page.wait_for_selector('.gallery-root[data-count="4"]')
    card = page.locator("#gallery .card").first
    card.get_by_role("button", name="More", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Move to the trash").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector('.gallery-root[data-count="3"]')
    assert page.evaluate(FOCUSED).startswith("Look closer")  # the next card
    page.get_by_role("button", name="Trash", exact=True).click()
    page.get_by_role("button", name="Empty the trash").click()
    page.get_by_role("button", name="Remove 1 picture").click()
    page.wait_for_selector('.gallery-root[data-count="0"]')
    assert page.evaluate(FOCUSED) == "All"
    page.locator("#project-button").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "project-button"


def test_what_went_wrong_goes_when_one_goes_on(page: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    page.locator(".board-root input[type=file]").set_input_files(broken)
    page.wait_for_selector(".notice.error")
    page.locator("#prompt textarea").click()
    assert page.locator(".notice.error").is_visible()  # it can be read first
    page.wait_for_timeout(4100)
    page.locator("#prompt textarea").click()
    page.wait_for_selector(".notice.error", state="detached")


@pytest.mark.parametrize("role", ["garment", "", "person", "face"])
@pytest.mark.first(1)
def test_what_went_wrong_with_a_file_goes_when_a_good_one_is_chosen(
    page: Any, tmp_path: Path, role: str
) -> None:
    broken, good = tmp_path / "broken.png", tmp_path / "good.png"
    broken.write_bytes(b"no picture")
    picture = Image.new("RGB", (192, 256), "white")
    picture.paste("teal", (70, 40, 120, 220))
    picture.save(good)
    model_ready(page)
    if role:
        with page.expect_file_chooser():
            page.locator(f'.ref-tile[data-role="{role}"]').click()
    inputs = "#references input[type=file]" if role else ".board-root input[type=file]"
    page.locator(inputs).first.set_input_files(broken)
    page.wait_for_selector(".notice.error")
    page.locator(inputs).first.set_input_files(good)
    page.wait_for_selector(".notice.error", state="detached")


def test_a_tip_does_what_it_speaks_of(page: Any) -> None:
    assert not page.locator("#locked input").is_checked()
    page.evaluate("document.dispatchEvent(new Event('toile:tips'))")
    tip = page.locator(".tip")
    tip.get_by_role("button", name="Next").click()
    parts = page.locator(".board-tools").get_by_role("button", name="Components")
    assert parts.get_attribute("aria-pressed") == "true"
    tip.get_by_role("button", name="Next").click()
    assert "locked now" in tip.inner_text()
    assert page.locator("#locked input").is_checked()
    tip.get_by_label("No more tips").click()
