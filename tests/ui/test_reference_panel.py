"""The References panel in a browser: photos in, masks shown and painted, poses, all kept."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from studio.controls.garment import GarmentControl
from studio.controls.pose import PoseControl
from studio.desk.reference_views import kept
from studio.gallery import Store
from studio.request import Recorded
from studio.vision.poses import preset_pose
from tests.flat import flat
from tests.serving import Server
from tests.ui.steps import finished, model_ready, new_project, ready, settings, write

pytestmark = pytest.mark.ui


@pytest.fixture(scope="module")
def shirt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A red shirt on a plain ground."""
    picture = Image.new("RGB", (240, 320), (246, 246, 244))
    draw = ImageDraw.Draw(picture)
    draw.polygon(
        [(80, 60), (160, 60), (210, 110), (185, 140), (165, 120), (165, 260), (75, 260),
         (75, 120), (55, 140), (30, 110)], fill=(190, 30, 40),
    )  # fmt: skip
    path = tmp_path_factory.mktemp("photos") / "shirt.png"
    picture.save(path)
    return path


def tile(page: Any, role: str) -> Any:
    return page.locator(f'.ref-tile[data-role="{role}"]')


def give(page: Any, role: str, path: Path) -> None:
    """Choose a photo for an empty tile."""
    with page.expect_file_chooser() as chooser:
        tile(page, role).click()
    chooser.value.set_files(path)
    page.wait_for_selector(f'.ref-tile[data-role="{role}"][data-filled="true"]')
    settled(page)


def settled(page: Any) -> None:
    page.wait_for_selector('.references-root[data-waiting=""]', state="attached")


def stored(server: Server, name: str) -> Any:
    """The references that are kept of a project."""
    store = Store(server.data)
    project = next(p for p in store.projects() if p.name == name)
    found = kept(store, project.id)
    store.close()
    return found


def test_a_garment_is_found_steered_painted_kept_and_used(
    visit: Callable[..., Any], server: Server, shirt: Path
):
    page = visit(server.url)
    model_ready(page)
    new_project(page, "Worn")
    page.wait_for_selector(".ref-tile")
    assert page.locator(".ref-detail").is_hidden()
    give(page, "garment", shirt)
    said = page.locator(".ref-said").inner_text()
    assert "Garment found" in said and "% of the picture" in said
    page.wait_for_selector(".ref-mask:not([hidden])")

    # The photo alone is enough to generate.
    page.wait_for_selector("#generate:not([disabled])")

    # Words first, the number beside them.
    group = page.get_by_role("group", name="Garment strength sG")
    group.get_by_role("button", name="Exact").click()
    settled(page)
    number = page.get_by_label("Garment strength sG, a number")
    assert float(number.input_value()) > 2.5
    number.fill("10")
    number.blur()
    settled(page)
    page.wait_for_selector(".ref-warning:not([hidden])")
    assert "lie far apart" in page.locator(".ref-warning").inner_text()
    number.fill("3")
    number.blur()
    page.wait_for_selector(".ref-warning", state="hidden")

    # The mask is painted: erase a stroke across it.
    page.get_by_role("button", name="Edit mask").click()
    canvas = page.locator(".mask-paint")
    page.locator(".mask-dialog").get_by_role("button", name="Erase").click()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.6)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.6, steps=5)
    page.mouse.up()
    before = stored(server, "Worn")
    page.get_by_role("button", name="Use this mask").click()
    page.wait_for_function("/by hand/.test(document.querySelector('.ref-said')?.textContent)")
    now = stored(server, "Worn")
    after, note = now.get(GarmentControl), now.note("garment")
    assert note.own and 0 < note.share < before.note("garment").share
    assert after.mask != before.get(GarmentControl).mask and after.sg == 3

    # A reload brings it back, and the picture's request names it.
    page.reload()
    ready(page)
    model_ready(page)
    page.wait_for_selector('.ref-tile[data-role="garment"][data-filled="true"]')
    write(page, "a woman wearing a red shirt")
    settings(page, steps=2, count=1)
    page.locator("#generate").click()
    page.wait_for_selector("#variants .card:not(.pending)")
    assert finished(page) == "done"
    store = Store(server.data)
    project = next(p for p in store.projects() if p.name == "Worn")
    (made,) = store.variants(project.id).variants
    store.close()
    request = flat(Recorded.from_json(made.request))
    assert request.garment_mask == after.mask
    assert made.inputs["garment_image"] == after.picture and request.sg == 3

    # The made picture becomes the garment; the former photo can be taken up again.
    page.locator("#variants .card-picture").first.hover()
    page.get_by_label("Make more from this").first.click()
    page.get_by_role("menuitem", name="Use as garment").click()
    page.wait_for_selector(".notice")
    page.wait_for_selector(".ref-detail .ref-recent")
    assert stored(server, "Worn").get(GarmentControl).picture != after.picture
    page.locator(".ref-detail .ref-thumb").first.click()
    settled(page)
    assert stored(server, "Worn").get(GarmentControl).picture == after.picture
    page.get_by_label("Clear: Garment").click()
    page.wait_for_selector('.ref-tile[data-role="garment"][data-filled="false"]')
    assert stored(server, "Worn").get(GarmentControl) is None


def test_poses_are_chosen_dragged_moved_by_keys_and_mirrored(
    visit: Callable[..., Any], server: Server
):
    page = visit(server.url)
    model_ready(page)
    new_project(page, "Posed")
    tile(page, "pose").click()
    page.get_by_role("button", name="One arm raised").click()
    page.wait_for_selector(".pose-edit")
    settled(page)
    chosen = stored(server, "Posed")
    preset = chosen.get(PoseControl)
    assert chosen.note("pose").name == "one arm raised"
    wrist = page.locator('.pose-edit [data-joint="7"]')
    wrist.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.wait_for_function("!document.querySelector('.ref-preset[aria-pressed=true]')")
    settled(page)
    moved = stored(server, "Posed").get(PoseControl).pose.joints[7]
    assert moved[0] == pytest.approx(preset.pose.joints[7][0] - 0.05, abs=1e-3)
    elbow = page.locator('.pose-edit [data-joint="3"] .hit')
    box = elbow.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 20, y - 10, steps=4)
    page.mouse.up()
    page.wait_for_timeout(600)
    settled(page)
    dragged = stored(server, "Posed").get(PoseControl).pose.joints
    assert dragged[3][0] < preset.pose.joints[3][0] and dragged[4][0] < preset.pose.joints[4][0]
    page.get_by_role("button", name="Mirror").click()
    page.wait_for_timeout(600)
    settled(page)
    turned = stored(server, "Posed").get(PoseControl).pose.joints
    assert turned[6][0] == pytest.approx(1 - dragged[3][0], abs=1e-3)

    # A pose for trousers starts from the legs, as soon as the words name them.
    new_project(page, "Legs")  # the tile that was open stays open
    write(page, "olive trousers")
    page.wait_for_selector('.ref-presets[data-framing="lower"]')
    page.get_by_role("button", name="Walking").click()
    page.wait_for_selector(".pose-edit")
    settled(page)
    assert stored(server, "Legs").get(PoseControl).pose == preset_pose("walking", "lower")


def test_what_cannot_be_used_is_one_sentence_and_changes_nothing(
    visit: Callable[..., Any], server: Server, tmp_path: Path
):
    page = visit(server.url)
    model_ready(page)
    new_project(page, "Refused")
    (tmp_path / "text.png").write_bytes(b"not a picture")
    Image.new("RGB", (1, 1)).save(tmp_path / "tiny.png")
    Image.fromarray(np.full((200, 200, 3), 250, np.uint8)).save(tmp_path / "blank.png")
    tile(page, "face").click()
    chooser = page.locator('.references-root input[type="file"][aria-label="Photo"]')
    for name in ("text.png", "tiny.png"):
        chooser.set_input_files(tmp_path / name)
        page.wait_for_selector(".notice.error")
        page.wait_for_selector(".ref-said.bad")
        assert "Traceback" not in page.locator(".notice.error p").inner_text()
        page.locator(".notice").get_by_label("Dismiss").click()
        page.wait_for_selector(".notice", state="detached")
    assert stored(server, "Refused").controls == ()

    # Two at once change nothing and say so.
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          for (const name of ["a.png", "b.png"]) data.items.add(new File(["x"], name));
          document.querySelector('.ref-tile[data-role="face"]').dispatchEvent(
            new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""
    )
    page.wait_for_function("/one at a time/.test(document.querySelector('.ref-said').textContent)")

    # A photo with no garment on it stays, says so, and keeps Generate from a wrong picture.
    tile(page, "garment").click()
    chooser.set_input_files(tmp_path / "blank.png")
    page.wait_for_selector(".ref-said.bad")
    settled(page)
    assert stored(server, "Refused").note("garment").problem
    write(page, "a woman")
    page.wait_for_selector("#generate[disabled]")
    assert page.locator(".progress-root .why").inner_text().endswith(".")
    assert page.get_by_role("button", name="Paint mask").is_visible()


def test_it_is_whole_on_a_phone(visit: Callable[..., Any], server: Server, shirt: Path):
    page = visit(server.url, viewport={"width": 390, "height": 844}, has_touch=True)
    model_ready(page)
    new_project(page, "Phone")
    page.wait_for_selector(".ref-tile")
    give(page, "garment", shirt)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate(
        """() => [...document.querySelectorAll('.references-root button')]
          .filter((b) => b.offsetParent && b.getBoundingClientRect().height < 40)
          .map((b) => b.textContent)"""
    )
    assert small == []


def test_what_is_told_before_the_parts_are_there_is_not_lost(
    visit: Callable[..., Any], server: Server
):
    page = visit(server.url)

    def late(route: Any) -> None:
        page.wait_for_timeout(4000)
        route.continue_()

    page.route(re.compile(r"/assets/HTML-\w+\.js"), late)
    page.reload()
    ready(page)
    tile(page, "pose").click()
    assert page.get_by_role("button", name="One arm raised").is_visible()


def test_the_page_takes_no_input_that_its_first_answer_would_overwrite(
    visit: Callable[..., Any], server: Server
):
    page = visit(server.url)

    def late(route: Any) -> None:
        if route.request.method == "POST":
            page.wait_for_timeout(3000)
        route.continue_()

    page.route("**/gradio_api/run/**", late)
    page.reload()
    page.wait_for_selector("#studio[inert]")
    page.wait_for_selector("#studio:not([inert])")
    page.unroute_all(behavior="wait")
    ready(page)
