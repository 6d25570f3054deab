"""Components on the board and in the table, in a real browser, with mouse, keys and finger."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from studio.gallery import Store
from studio.garment.document import Document, centre, read_document
from studio.request import Recorded
from tests.flat import flat
from tests.serving import Server
from tests.ui.steps import generate, model_ready, new_project, ready, saved, strokes_of, write

pytestmark = pytest.mark.ui

COAT = "a navy wool coat with five buttons and two pockets"


def document_of(server: Server, name: str) -> Document:
    """The newest component document that the server keeps of a project."""
    store = Store(server.data)
    project = next(p for p in store.projects() if p.name == name)
    latest = store.latest_components(project.id)
    store.close()
    assert latest is not None
    return read_document(latest.document)


def opened(visit: Callable[..., Any], server: Server, name: str, **options: Any) -> Any:
    """A page with a coat's components on an empty board, the components tool in hand."""
    page = visit(server.url, **options)
    page.set_default_timeout(60_000)
    tips = page.get_by_label("No more tips")
    if tips.is_visible():
        tips.click()
    new_project(page, name)
    write(page, COAT)
    row(page, "pocket-left-hip").wait_for()
    page.locator(".board-tools").get_by_role("button", name="Components").click()
    handle(page, "pocket-left-hip/0").wait_for()
    return page


def row(page: Any, group: str) -> Any:
    """A row of the table."""
    return page.locator(f'.component-row[data-id="{group}"]')


def handle(page: Any, name: str) -> Any:
    """A handle on the board: “button-centre-front/0”, “button-centre-front/end1”."""
    return page.locator(f'[data-handle="{name}"]')


def middle(found: Any) -> tuple[float, float]:
    """The middle of an element on the page."""
    box = found.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Any, name: str, dx: float, dy: float, key: str | None = None) -> None:
    """Drag a handle by parts of the artboard."""
    handle(page, name).scroll_into_view_if_needed()
    side = page.locator("#artboard").bounding_box()["width"]
    part = handle(page, name).locator(".hit, .shape").first
    x, y = middle(part)
    if key:
        page.keyboard.down(key)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx * side, y + dy * side, steps=8)
    page.mouse.up()
    if key:
        page.keyboard.up(key)


def count_is(page: Any, group: str, count: int) -> None:
    """Wait until the table shows a count."""
    page.wait_for_selector(f'.component-row[data-id="{group}"] input[type=number]')
    page.wait_for_function(
        "([id, n]) => document.querySelector(`[data-key='${id}/count']`)?.value === String(n)",
        arg=[group, count],
    )


def test_a_dragged_button_is_kept_and_asked_for(visit: Callable[..., Any], server: Server):
    page = opened(visit, server, "Dragged")
    before = document_of(server, "Dragged").group("button-centre-front")
    drag(page, "button-centre-front/2", 0.15, 0.05, key="Control")
    saved(page)
    after = document_of(server, "Dragged").group("button-centre-front")
    (x0, y0), (x1, y1) = centre(before.boxes[2]), centre(after.boxes[2])
    assert abs(x1 - x0 - 0.15) < 0.01 and abs(y1 - y0 - 0.05) < 0.01
    assert after.boxes[0] == before.boxes[0] and after.ends is None
    assert (before.source, after.source) == ("prompt", "user")
    page.wait_for_selector('[data-key="button-centre-front/even"]')  # the table knows it too
    page.keyboard.press("Control+z")
    saved(page)
    assert document_of(server, "Dragged").group("button-centre-front") == before
    page.keyboard.press("Control+Shift+z")
    saved(page)
    assert document_of(server, "Dragged").group("button-centre-front") == after
    model_ready(page)
    generate(page, COAT)
    store = Store(server.data)
    project = next(p for p in store.projects() if p.name == "Dragged")
    (made,) = store.variants(project.id).variants
    request = flat(Recorded.from_json(made.request))
    assert made.component_rev_id is not None
    revision = store.components(made.component_rev_id)
    store.close()
    assert revision is not None
    assert request.components == read_document(revision.document).components()
    assert after.boxes[2] in [c.box for c in request.components]
    # Its settings bring the document back.
    row(page, "button-centre-front").get_by_label("Remove the buttons").click()
    count_is(page, "button-centre-front", 0)
    page.locator("#variants .card").first.get_by_label("Use these settings").click()
    count_is(page, "button-centre-front", 5)
    saved(page)
    assert document_of(server, "Dragged").group("button-centre-front").boxes == after.boxes


def test_handles_are_there_while_components_are_placed_exactly(
    visit: Callable[..., Any], server: Server
):
    page = opened(visit, server, "Exact")
    before = document_of(server, "Exact")
    tick = page.locator("#exact input")
    tool = page.locator(".board-tools").get_by_role("button", name="Components")
    tick.uncheck()
    page.wait_for_function("!document.querySelector('.board-parts').children.length")
    assert tool.is_disabled() and tool.get_attribute("aria-pressed") == "false"
    page.locator("#artboard canvas").focus()
    page.keyboard.press("c")
    row(page, "pocket-left-hip").locator(".component-show").click()
    assert page.locator("#artboard").get_attribute("data-tool") == "pen"
    page.reload()
    ready(page)
    row(page, "pocket-left-hip").wait_for()
    assert page.locator(".board-parts > *").count() == 0
    tick.check()
    handle(page, "pocket-left-hip/0").wait_for()
    assert tool.is_enabled()
    tool.click()
    drag(page, "pocket-left-hip/0", 0.05, 0.0)
    saved(page)
    assert document_of(server, "Exact") != before


def test_the_ends_of_a_placket_space_its_buttons(visit: Callable[..., Any], server: Server):
    page = opened(visit, server, "Placket")
    drag(page, "button-centre-front/end1", 0.004, 0.12)
    saved(page)
    group = document_of(server, "Placket").group("button-centre-front")
    assert group.ends is not None and group.count == 5
    assert group.ends[1][0] == 0.5  # it snapped back to the centre front
    gaps = {
        round(centre(b)[1] - centre(a)[1], 3)
        for a, b in zip(group.boxes, group.boxes[1:], strict=False)
    }
    assert len(gaps) == 1 or max(gaps) - min(gaps) < 0.002
    ends = group.ends
    row(page, "button-centre-front").get_by_label("More buttons").click()
    count_is(page, "button-centre-front", 6)
    assert document_of(server, "Placket").group("button-centre-front").ends == ends
    field = page.locator('[data-key="button-centre-front/count"]')
    field.fill("3")
    field.press("Enter")
    page.wait_for_function(
        "document.querySelectorAll('[data-id=button-centre-front] .shape').length === 3"
    )
    fewer = document_of(server, "Placket").group("button-centre-front")
    assert fewer.count == 3 and fewer.ends == ends
    field.fill("99")
    field.press("Enter")
    page.wait_for_selector(".notice.error")
    assert "at most 8 buttons" in page.locator(".notice.error p").inner_text()
    assert document_of(server, "Placket").group("button-centre-front") == fewer


def test_the_words_and_the_components_follow_each_other(visit: Callable[..., Any], server: Server):
    page = opened(visit, server, "Words")
    write(page, COAT.replace("five", "seven"))
    count_is(page, "button-centre-front", 7)
    write(page, "a navy wool coat with seven buttons and a belt")
    row(page, "belt-waist").wait_for()
    row(page, "pocket-left-hip").wait_for(state="detached")
    row(page, "button-centre-front").get_by_label("Fewer buttons").click()
    count_is(page, "button-centre-front", 6)
    page.locator(".add-kind").select_option("pocket")
    page.locator(".add-place").select_option(label="both hips")
    page.get_by_role("button", name="Add", exact=True).click()
    row(page, "pocket-left-hip").wait_for()
    page.get_by_role("button", name="Write into the words").click()
    page.wait_for_selector(".components-head .agrees")
    text = page.locator("#prompt textarea").input_value()
    assert text == "a navy wool coat with 6 buttons and a belt, 2 pockets"
    document = document_of(server, "Words")
    assert document.words() == "6 buttons at the centre front, a belt at the waist, 2 hip pockets"
    write(page, text.replace("navy", "red"))  # reading it again changes nothing
    page.wait_for_function("document.querySelector('.found').textContent.includes('red')")
    assert document_of(server, "Words") == document


def test_mirror_lock_and_remove(visit: Callable[..., Any], server: Server):
    page = opened(visit, server, "Mirror")
    assert page.locator('[data-id="pocket-left-hip"] .twin').count() == 1
    twin = middle(page.locator('[data-id="pocket-left-hip"] .twin'))
    drag(page, "pocket-left-hip/0", 0.08, -0.04, key="Control")
    saved(page)
    pair = document_of(server, "Mirror").group("pocket-left-hip")
    left, right = pair.components()
    assert left.box and right.box and abs(left.box[0] + right.box[2] - 1) < 1e-4
    moved = middle(page.locator('[data-id="pocket-left-hip"] .twin'))
    assert moved[0] < twin[0] and moved[1] < twin[1]
    table = row(page, "pocket-left-hip")
    table.get_by_label("Mirrored: make it one side").click()
    count_is(page, "pocket-left-hip", 1)
    assert page.locator('[data-id="pocket-left-hip"] .twin').count() == 0
    table.get_by_label("Mirror to the other side").click()
    count_is(page, "pocket-left-hip", 2)
    table.get_by_label("Lock the pockets").click()
    table.get_by_label("Unlock the pockets").wait_for()
    before = document_of(server, "Mirror")
    drag(page, "pocket-left-hip/0", 0.1, 0.1)
    write(page, "a navy wool coat with five buttons and no pockets")
    page.wait_for_function("document.querySelector('.found').textContent.includes('no pockets')")
    assert document_of(server, "Mirror") == before
    table.get_by_label("Unlock the pockets").click()
    table.get_by_label("Remove the pockets").click()
    table.wait_for(state="detached")
    assert document_of(server, "Mirror").count("pocket") == 0
    page.keyboard.press("Control+z")  # what the table did can be undone on the board
    table.wait_for()
    saved(page)
    assert document_of(server, "Mirror").count("pocket") == 2


def test_it_snaps_to_the_centre_front_and_to_others(visit: Callable[..., Any], server: Server):
    page = opened(visit, server, "Snap")
    drag(page, "button-centre-front/2", 0.2, 0.0, key="Control")
    drag(page, "button-centre-front/2", -0.196, 0.0)
    saved(page)
    group = document_of(server, "Snap").group("button-centre-front")
    assert centre(group.boxes[2])[0] == 0.5
    assert page.locator(".guide").count() == 0
    x, y = middle(handle(page, "button-centre-front/2").locator(".hit"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 3, y + 40, steps=4)
    page.wait_for_selector(".guide", state="attached")  # a thin line says what it snaps to
    page.mouse.up()


def test_a_box_has_eight_handles_and_alt_drag_copies_it(visit: Callable[..., Any], server: Server):
    page = opened(visit, server, "Box")
    handle(page, "pocket-left-hip/0").click()
    before = document_of(server, "Box").group("pocket-left-hip").boxes[0]
    assert page.locator(".corner").count() in (6, 8)
    x, y = middle(page.locator(".corner.se rect"))
    page.keyboard.down("Control")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 30, steps=5)
    page.mouse.up()
    page.keyboard.up("Control")
    saved(page)
    after = document_of(server, "Box").group("pocket-left-hip").boxes[0]
    side = page.locator("#artboard").bounding_box()["width"]
    assert after[:2] == before[:2]
    assert abs(after[2] - before[2] - 40 / side) < 0.005
    assert abs(after[3] - before[3] - 30 / side) < 0.005
    assert page.locator(".corner").count() == 8
    drag(page, "pocket-left-hip/0", 0.0, -0.25, key="Alt")
    row(page, "pocket-left-chest").wait_for()
    document = document_of(server, "Box")
    assert document.count("pocket") == 3
    assert document.group("pocket-left-hip").boxes[0] == after


def test_the_keyboard_reaches_moves_and_removes(visit: Callable[..., Any], server: Server):
    page = opened(visit, server, "Keys")
    page.locator("#artboard canvas").focus()
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.dataset.handle")
    assert first == "pocket-left-hip/0"
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.dataset.handle")
    assert first == "button-centre-front/0"
    assert handle(page, first).get_attribute("aria-label").startswith("button 1 of 5, 50 % across")
    handle(page, "button-centre-front/2").focus()
    was = centre(document_of(server, "Keys").group("button-centre-front").boxes[2])
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    said = page.locator(".board-foot .sr").inner_text()
    assert said.startswith("button 3 of 5, 50 % across")
    saved(page)
    now = centre(document_of(server, "Keys").group("button-centre-front").boxes[2])
    assert round((now[0] - was[0]) * 1024, 1) == 1 and round((now[1] - was[1]) * 1024, 1) == 10
    page.keyboard.press("Delete")
    count_is(page, "button-centre-front", 4)
    page.keyboard.press("?")
    page.wait_for_selector("dialog.shortcuts[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.shortcuts[open]", state="detached")
    for key, label in (("b", "Pen"), ("e", "Eraser"), ("h", "Hand"), ("c", "Components")):
        page.keyboard.press(key)
        button = page.locator(".board-tools").get_by_role("button", name=label)
        assert button.get_attribute("aria-pressed") == "true"


def test_a_reload_keeps_everything(visit: Callable[..., Any], server: Server):
    page = opened(visit, server, "Reload")
    drag(page, "button-centre-front/0", 0.0, -0.05, key="Control")
    page.locator(".under-kind").select_option("flat")
    page.get_by_role("button", name="Back").click()
    saved(page)
    before = document_of(server, "Reload")
    page.reload()
    ready(page)
    row(page, "pocket-left-hip").wait_for()
    assert page.locator('[data-id="button-centre-front"] .shape').count() == 5
    assert page.locator(".under-kind").input_value() == "flat"
    assert "underlay/flat/back?garment=coat" in page.locator(".board-under").get_attribute("src")
    page.locator(".board-tools").get_by_role("button", name="Components").click()
    drag(page, "button-centre-front/4", 0.0, 0.05, key="Control")
    saved(page)
    after = document_of(server, "Reload")
    assert (
        after.group("button-centre-front").boxes[0] == before.group("button-centre-front").boxes[0]
    )


def test_a_finger_moves_a_component_and_the_page_stays(visit: Callable[..., Any], server: Server):
    page = opened(
        visit, server, "Finger",
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True,
        device_scale_factor=2,
    )  # fmt: skip
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    button = handle(page, "button-centre-front/2")
    button.scroll_into_view_if_needed()
    assert button.locator(".hit").bounding_box()["width"] >= 44
    for tool in page.locator(".components-root button:visible").all():
        box = tool.bounding_box()
        assert box["height"] >= 44 and box["width"] >= 40
    button.scroll_into_view_if_needed()
    x, y = middle(button.locator(".hit"))
    was = centre(document_of(server, "Finger").group("button-centre-front").boxes[2])
    before = page.evaluate("scrollY")
    touch = page.context.new_cdp_session(page)
    for kind, off in [("touchStart", 0), *(("touchMove", i * 6) for i in range(1, 11))]:
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x + off, "y": y + off / 2}]},
        )
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    saved(page)
    assert page.evaluate("scrollY") == before
    now = centre(document_of(server, "Finger").group("button-centre-front").boxes[2])
    assert now[0] - was[0] > 0.1 and now[1] - was[1] > 0.03
    assert strokes_of(server, "Finger") == []


def test_a_bad_document_through_a_raw_event_is_one_sentence(
    visit: Callable[..., Any], server: Server
):
    page = opened(visit, server, "Raw")
    before = document_of(server, "Raw")

    def spoil(route: Any) -> None:
        body = route.request.post_data or ""
        if '\\"groups\\"' in body and '\\"boxes\\"' in body:
            body = body.replace('\\"kind\\": \\"pocket\\"', '\\"kind\\": \\"laser\\"')
            body = body.replace('\\"kind\\":\\"pocket\\"', '\\"kind\\":\\"laser\\"')
        route.continue_(post_data=body)

    page.route("**/gradio_api/**", spoil)
    drag(page, "button-centre-front/2", 0.15, 0.05)
    page.wait_for_selector(".notice.error")
    said = page.locator(".notice.error p").inner_text()
    assert "laser" in said and "Traceback" not in said
    page.wait_for_selector('.board-status:has-text("Not saved, trying again")')
    assert document_of(server, "Raw") == before
    page.unroute("**/gradio_api/**")
    drag(page, "button-centre-front/2", 0.0, 0.05)
    saved(page)
    assert document_of(server, "Raw") != before
    assert json.loads(document_of(server, "Raw").to_json())["v"] == 1
