"""The Projects room in a real browser: found, drawn as a family, thrown away, exported, back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.gallery import NewVariant, Project, Store
from studio.garment.flats import place
from studio.garment.parse import parse_prompt
from studio.pngmeta import write_png
from tests.flat import recorded_of
from tests.serving import Server
from tests.ui.steps import ready
from tests.ui.steps import room as go_to

pytestmark = pytest.mark.ui

PROMPT = "a navy wool coat with five buttons and two hip pockets"


def picture(seed: int, prompt: str = PROMPT, parent: str | None = None) -> NewVariant:
    """A small picture as the engine would have left it."""
    from PIL import Image

    spec = place(parse_prompt(prompt).garment)
    request = recorded_of(prompt=prompt, components=spec.components, seed=seed)
    image = Image.new("RGB", (64, 64), (seed * 40 % 256, 60, 120))
    return NewVariant(
        request=request.to_json(), png=write_png(image, request), prompt=prompt, seed=seed,
        seconds=1.5, weights="w" * 64, width=64, height=64, parent_variant_id=parent,
    )  # fmt: skip


@pytest.fixture
def store(server: Server):
    """The running server's store."""
    opened = Store(server.data)
    yield opened
    opened.close()


def filled(store: Store, name: str) -> Project:
    """A project with a family of four, a stranger and a starred one."""
    project = store.create_project(name)
    first = store.add(project.id, picture(1))
    child = store.add(project.id, picture(2, parent=first.id))
    store.add(project.id, picture(3, parent=first.id))
    last = store.add(project.id, picture(4, PROMPT.replace("five", "six"), parent=child.id))
    store.add(project.id, picture(5, "a red dress with a bow"))
    store.star(last.id, True)
    store.note(child.id, "ask about the collar")
    store.save_checks(last.id, [{"what": "buttons", "asked": 6, "seen": 6, "passed": True}])
    return project


def room(page: Any, project: Project) -> Any:
    """Open a project in the room."""
    go_to(page, "Projects")
    page.wait_for_selector(".gallery-root:visible")
    if page.locator(".masthead-root").get_attribute("data-project") != project.id:
        page.locator(f'[data-project="{project.id}"].shelf-project').click()
    page.wait_for_selector(f'.masthead-root[data-project="{project.id}"]', state="attached")
    return page.locator("#gallery")


def shown(page: Any, count: int) -> None:
    """Wait until the room shows so many pictures."""
    page.wait_for_selector(f'.gallery-root[data-count="{count}"]')


def test_pictures_are_found_by_everything(visit: Callable[..., Any], server: Server, store: Store):
    project = filled(store, "Found")
    page = visit(server.url)
    gallery = room(page, project)
    shown(page, 5)
    search = gallery.get_by_label("Search words, notes and components")
    ids = {v.seed: v.id for v in store.variants(project.id).variants}
    for words, seed in (("red dress", 5), ("collar", 2), ("6 buttons", 4)):
        search.fill(words)
        shown(page, 1)
        gallery.locator(f'[data-id="{ids[seed]}"].card').wait_for()
    search.fill("nothing such")
    shown(page, 0)
    assert "No picture is like that" in gallery.locator(".nothing").inner_text()
    gallery.get_by_role("button", name="Clear").click()
    shown(page, 5)
    gallery.get_by_label("Only this seed").fill("3")
    shown(page, 1)
    gallery.get_by_label("Only this seed").fill("3x")
    page.wait_for_selector("#notice [role=alert]")
    assert "whole number" in page.locator("#notice").inner_text()
    gallery.get_by_role("button", name="Clear").click()
    shown(page, 5)
    for name, count in (("Starred", 1), ("Passing", 1), ("Trash", 0), ("All", 5)):
        gallery.get_by_role("button", name=name, exact=True).click()
        shown(page, count)
    gallery.get_by_label("Made until this day").fill("2001-01-01")
    shown(page, 0)
    gallery.get_by_role("button", name="Clear").click()
    shown(page, 5)
    gallery.get_by_label("Made from this day").fill("2001-01-01")
    gallery.get_by_label("Only this seed").fill("3")
    shown(page, 1)


def test_the_family_tree_opens_pictures(visit: Callable[..., Any], server: Server, store: Store):
    project = filled(store, "Family")
    page = visit(server.url)
    gallery = room(page, project)
    shown(page, 5)
    newest = store.variants(project.id, seed=4).variants[0]
    gone = store.variants(project.id, seed=3).variants[0]
    store.trash(gone.id)
    card = gallery.locator(f'[data-id="{newest.id}"].card')
    card.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Family tree").click()
    tree = page.locator(".family-tree[open]")
    tree.wait_for()
    assert tree.get_attribute("data-count") == "4"
    assert tree.locator(".tree > svg path").count() == 3
    assert tree.locator(".tree-verbs").count() == 3  # what is in the trash can only be looked at
    tree.locator(".this .tree-verbs button").first.click()
    tree.locator(f'.this .tree-verbs [aria-pressed="{str(not newest.starred).lower()}"]').wait_for()
    assert store.variant(newest.id).starred is not newest.starred
    assert "in the trash" in (
        tree.locator(f'[data-id="{gone.id}"]').get_attribute("aria-label") or ""
    )
    tree.locator(".this .tree-picture").focus()
    page.keyboard.press("ArrowLeft")  # to the parent, without the mouse
    page.keyboard.press("Enter")
    page.wait_for_selector("#gallery .lightbox[open]")
    assert page.locator("#gallery .lightbox textarea").input_value() == "ask about the collar"
    page.locator("#gallery .lightbox textarea").fill("asked")
    page.keyboard.press("Escape")
    child = store.variants(project.id, seed=2).variants[0]
    page.wait_for_selector(f'#gallery [data-id="{child.id}"] .card-note:has-text("asked")')
    assert store.variant(child.id).note == "asked"


def test_the_trash_gives_back_and_is_emptied(
    visit: Callable[..., Any], server: Server, store: Store
):
    project = filled(store, "Trash")
    store.add(project.id, picture(77))  # in no other project of this server
    page = visit(server.url)
    gallery = room(page, project)
    shown(page, 6)
    ids = {v.seed: v.id for v in store.variants(project.id).variants}
    for left, seed in ((5, 77), (4, 5)):
        card = gallery.locator(f'[data-id="{ids[seed]}"].card')
        card.get_by_role("button", name="More", exact=True).click()
        page.get_by_role("menuitem", name="Move to the trash").click()
        shown(page, left)
        pictures = f"{left} pictures"
        assert gallery.locator(".room-count").inner_text() == pictures
        gallery.locator(f".shelf-project[aria-current]:has-text('{pictures},')").wait_for()
    gallery.get_by_role("button", name="Trash", exact=True).click()
    shown(page, 2)
    gallery.locator(f'[data-id="{ids[5]}"]').get_by_role(
        "button", name="Take out of the trash"
    ).click()
    shown(page, 1)
    assert gallery.locator(".room-count").inner_text() == "1 picture"
    gallery.get_by_role("button", name="Empty the trash").click()
    page.get_by_role("dialog", name="Empty the trash").get_by_role(
        "button", name="Remove 1 picture"
    ).click()
    shown(page, 0)
    assert store.count_variants(project.id, trashed=True) == 0
    assert {v.seed for v in store.variants(project.id).variants} == {1, 2, 3, 4, 5}
    assert not store.blobs.path(picture_sha(77)).exists()


def test_a_card_that_is_made_anew_keeps_the_focus_and_its_open_list(
    visit: Callable[..., Any], server: Server, store: Store
):
    project = filled(store, "Focus")
    page = visit(server.url)
    gallery = room(page, project)
    shown(page, 5)
    card = gallery.locator(".card").first
    focused = (
        "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText"
    )
    card.get_by_role("button", name="Star", exact=True).focus()
    page.keyboard.press("Enter")
    card.get_by_role("button", name="Remove the star").wait_for()
    assert page.evaluate(focused) == "Remove the star"

    held: list[Any] = []
    slow = [True]
    page.route(
        "**/gradio_api/run/**",
        lambda route: held.append(route) if slow else route.continue_(),
    )
    with page.expect_request("**/gradio_api/run/**"):
        page.keyboard.press("Enter")
    card.get_by_role("button", name="More", exact=True).click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == "Family tree"
    slow.clear()
    for route in held:
        route.continue_()
    card.get_by_role("button", name="Star", exact=True).wait_for()
    assert page.evaluate(focused) == "Family tree"
    page.keyboard.press("Enter")
    page.locator(".family-tree[open]").wait_for()
    page.unroute_all(behavior="wait")


def picture_sha(seed: int) -> str:
    from studio.request import sha_of

    return sha_of(picture(seed).png)


def test_a_project_is_renamed_and_deleted_by_its_name(
    visit: Callable[..., Any], server: Server, store: Store
):
    project = filled(store, "Old name")
    page = visit(server.url)
    gallery = room(page, project)
    shown(page, 5)
    gallery.get_by_role("button", name="Rename the project").click()
    dialog = page.get_by_role("dialog", name="Rename the project")
    dialog.get_by_label("Name").fill("A better <b>name</b>")
    page.keyboard.press("Enter")
    page.wait_for_selector('.room-title:has-text("A better <b>name</b>")')
    assert store.project(project.id).name == "A better <b>name</b>"
    gallery.get_by_role("button", name="More about this project").click()
    page.get_by_role("menuitem", name="Delete the project").click()
    away = "(id) => document.querySelector('.masthead-root').dataset.project !== id"
    page.wait_for_function(away, arg=project.id)
    assert project.id not in {p.id for p in store.projects()}
    page.locator(".shelf-trash summary").click()
    page.locator(f'.shelf-thrown[data-project="{project.id}"]').get_by_text("Take back").click()
    back = "(id) => document.querySelector('.masthead-root').dataset.project === id"
    page.wait_for_function(back, arg=project.id)
    page.wait_for_selector('.room-title:has-text("A better <b>name</b>")')
    shown(page, 5)
    gallery.get_by_role("button", name="More about this project").click()
    page.get_by_role("menuitem", name="Delete the project").click()
    page.wait_for_function(away, arg=project.id)
    page.locator(f'.shelf-thrown[data-project="{project.id}"]').get_by_text("for good").click()
    dialog = page.get_by_role("dialog", name="Delete for good")
    assert "cannot be undone" in dialog.inner_text()
    go = dialog.get_by_role("button", name="Delete for good")
    dialog.locator("input").fill("Old name")
    assert go.is_disabled()
    dialog.locator("input").fill("A better <b>name</b>")
    go.click()
    page.wait_for_selector(f'.shelf-thrown[data-project="{project.id}"]', state="detached")
    assert project.id not in {p.id for p in (*store.projects(), *store.trashed_projects())}


def test_a_project_leaves_and_comes_back(
    visit: Callable[..., Any], server: Server, store: Store, tmp_path: Path
):
    project = filled(store, "There and back")
    store.save_draft(project.id, json.dumps({"prompt": PROMPT, "seed": "7"}))
    page = visit(server.url)
    gallery = room(page, project)
    shown(page, 5)
    gallery.get_by_role("button", name="Export", exact=True).click()
    dialog = page.get_by_role("dialog", name="Export")
    dialog.get_by_text("Project file").click()
    with page.expect_download() as down:
        dialog.get_by_role("button", name="Export").click()
    assert down.value.suggested_filename == "toile-there-and-back.toile"
    file = tmp_path / down.value.suggested_filename
    down.value.save_as(file)
    page.keyboard.press("Escape")
    before = {p.id for p in store.projects()}
    gallery.locator("input[type=file]").set_input_files(str(file))
    page.wait_for_selector('.shelf-said:has-text("There and back")')
    (fresh,) = {p.id for p in store.projects()} - before
    page.wait_for_selector(f'.masthead-root[data-project="{fresh}"]', state="attached")
    shown(page, 5)
    ours, theirs = store.take_out(project.id), store.take_out(fresh)
    assert [v.request for v in ours.variants] == [v.request for v in theirs.variants]
    assert [v.note for v in ours.variants] == [v.note for v in theirs.variants]
    bad = tmp_path / "bad.toile"
    bad.write_bytes(file.read_bytes()[:-200])
    gallery.locator("input[type=file]").set_input_files(str(bad))
    page.wait_for_selector(".shelf-said.bad")
    assert "damaged" in page.locator(".shelf-said").inner_text()
    assert {p.id for p in store.projects()} == before | {fresh}


def test_the_room_fits_a_phone(visit: Callable[..., Any], server: Server, store: Store):
    project = filled(store, "In the hand, with a rather long name for a small screen")
    page = visit(server.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    gallery = room(page, project)
    shown(page, 5)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = gallery.locator("button:visible, input:visible").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect())"
        ".filter((box) => box.height && box.height < 31).length"
    )
    assert small == 0
    for name in ("New", "Import", "Export"):
        button = gallery.get_by_role("button", name=name, exact=True)
        assert button.bounding_box()["height"] >= 44
    gallery.get_by_role("button", name="Export", exact=True).tap()
    dialog = page.get_by_role("dialog", name="Export")
    box = dialog.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    page.reload()
    ready(page)
