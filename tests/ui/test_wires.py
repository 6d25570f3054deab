"""Answers that overtake each other: the page shows what belongs to its project, and the newest."""

from collections.abc import Callable
from typing import Any

import pytest

from studio.desk.views import notice
from studio.page.wires import Shown
from tests.serving import Server
from tests.ui.steps import PATIENCE, new_project, ready, write


def test_an_answer_about_another_project_is_late():
    shown = Shown()
    shown.timely({"project": {"value": "a"}, "board": {"value": 1}}, "", None)
    about_a = {"board": {"value": 2, "saved": {"n": 3}}, "notice": {"value": "!"}, "seen": {}}
    assert shown.timely(about_a, "a", None) == about_a
    opened = {"project": {"value": "b"}}
    assert shown.timely(opened, "a", None) == opened
    # What was kept of a drawing and what went wrong is still said.
    late = shown.timely(about_a, "a", None)
    assert late == {"board": {"saved": {"n": 3}}, "notice": {"value": "!"}}
    assert shown.timely({"seen": {"value": "mark"}}, "a", shown.answers) == {}
    assert shown.timely({"compare": {"value": 1}}, None, None) == {"compare": {"value": 1}}


def test_a_page_that_the_server_does_not_know_gets_every_answer():
    assert Shown().timely({"seen": {}}, "a", None) == {"seen": {}}


def test_a_look_gives_way_to_what_was_answered_meanwhile():
    shown = Shown("a")
    before = shown.answers
    assert shown.timely({"seen": {}}, "a", before) == {"seen": {}}
    assert shown.timely({"seen": {}}, "a", before) == {"seen": {}}  # looks do not count
    shown.timely({"generate": {"interactive": True}}, "a", None)
    assert shown.timely({"generate": {"interactive": False}}, "a", before) == {}


@pytest.mark.parametrize(
    ("about", "mends", "goes"),
    [("refer garment", (), True), ("refer face", (), False), ("generate", (), False),
     ("refer face", ("refer garment",), True)],
)  # fmt: skip
def test_what_went_wrong_is_told_until_it_is_mended(about: str, mends: tuple[str], goes: bool):
    shown, wrong = Shown("a"), notice("No picture.", "error")
    assert shown.mended(wrong, "refer garment") == wrong
    assert shown.mended({"seen": {}}, "tick") == {"seen": {}}
    after = shown.mended({"board": {}}, about, mends)
    assert ("notice" in after) is goes
    assert after.get("notice", {}).get("value", {}).get("text", "") == ""
    assert "notice" not in shown.mended({}, "refer garment" if goes else "tick")


def test_a_later_sentence_is_not_taken_away():
    shown = Shown("a")
    shown.mended(notice("No picture.", "error"), "photo")
    shown.mended(notice("It is in the trash."), "act")
    assert shown.mended({"board": {}}, "photo") == {"board": {}}


@pytest.mark.ui
def test_a_look_on_its_way_does_not_bring_the_old_project_back(
    visit: Callable[..., Any], server: Server
):
    page = visit(server.url)
    new_project(page, "Before")
    write(page, "a red dress")
    page.wait_for_selector("#generate:not([disabled])")
    look = page.evaluate(
        "window.gradio_config.dependencies.find((d) => d.targets.some((t) => t[1] === 'tick')).id"
    )
    held: list[Any] = []

    def hold(route: Any) -> None:
        body = route.request.post_data_json if route.request.method == "POST" else None
        if not held and body and body.get("fn_index") == look:
            held.append(route)
        else:
            route.continue_()

    page.goto("about:blank")
    page.route("**/gradio_api/run/**", hold)
    page.goto(server.url)
    ready(page)
    assert page.locator(".project-name").inner_text() == "Before"
    for _ in range(PATIENCE * 10):
        if held:
            break
        page.wait_for_timeout(100)
    assert held
    new_project(page, "After")
    assert "Describe the garment" in page.locator("#why").inner_text()
    with page.expect_response(lambda r: r.request == held[0].request):
        held[0].continue_()
    page.wait_for_timeout(500)  # for what must not happen
    assert "Describe the garment" in page.locator("#why").inner_text()
    assert page.locator("#generate").is_disabled()
    assert page.locator(".project-name").inner_text() == "After"
    page.unroute_all(behavior="wait")
