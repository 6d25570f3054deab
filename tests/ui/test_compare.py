"""The Compare room: what is compared, how it is looked at, what differs, and a vote on it."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from studio.errors import BadInput
from studio.gallery import Store
from studio.garment.spec import Component
from studio.request import Control, GenerationRequest, ImageRef
from studio.ui import compare
from studio.ui.compare_table import Row, as_text, checks_table, table
from studio.ui.compose import Form
from studio.ui.jobs import EngineRoom
from studio.ui.pictures import act
from studio.ui.studio import Studio
from tests.studio.gallery.made import new
from tests.ui.steps import new_project, ready, room

if TYPE_CHECKING:
    from tests.ui.conftest import Server

INK = ImageRef("a" * 64)


def buttons(*tops: float) -> tuple[Component, ...]:
    return tuple(Component("button", "centre front", (0.48, y, 0.52, y + 0.04)) for y in tops)


def cells(rows: list[Row], what: str) -> tuple[str, ...]:
    return next(row.cells for row in rows if row.what == what)


# What differs


def test_equal_requests_differ_in_nothing():
    request = GenerationRequest(prompt="a navy coat", components=buttons(0.3, 0.5), sketch=INK)
    rows = table([request] * 3)
    assert rows
    assert not [row for row in rows if row.differs]
    assert as_text(rows, ["A", "B", "C"]) == "\tA\tB\tC"


def test_every_setting_that_differs_has_its_row():
    one = GenerationRequest(
        prompt="a navy coat with two pockets", components=buttons(0.3, 0.5), sketch=INK, seed=7
    )
    changes: dict[str, dict[str, Any]] = {
        "Description": {"prompt": "a red coat with two pockets"},
        "Leave out": {"negative_prompt": "pattern"},
        "Buttons": {"components": buttons(0.3, 0.5, 0.7)},
        "Drawing": {"sketch": ImageRef("b" * 64)},
        "Sketch strength": {"sketch_control": Control(0.6, 0, 0.6)},
        "Component strength": {"component_control": Control(0.5)},
        "Starts from": {"init_image": ImageRef("c" * 64)},
        "Text strength": {"st": 9.0},
        "Garment strength": {"sg": 1.0},
        "Seed": {"seed": 8},
        "Steps": {"steps": 9},
        "Sampler": {"sampler": "ddim"},
        "Size": {"width": 512},
        "Model": {"model": "another"},
        "Weights": {"weights": "f" * 64},
    }
    for what, change in changes.items():
        rows = table([one, replace(one, **change)])
        differing = {row.what for row in rows if row.differs}
        assert what in differing, what
        allowed = {what, "Colour"} if what == "Description" else {what, "Variation"}
        assert differing <= allowed, what


def test_cells_are_in_a_designers_words():
    one = GenerationRequest(prompt="a navy coat", components=buttons(0.3, 0.5), st=7.5)
    two = GenerationRequest(prompt="a red coat", sketch=INK, sampler="dpm++")
    rows = table([one, two, two])
    assert cells(rows, "Colour") == ("navy", "red", "red")
    assert cells(rows, "Buttons") == ("2 centre front", "–", "–")
    assert cells(rows, "Drawing") == ("–", "drawing 1", "drawing 1")
    assert cells(rows, "Sampler") == ("UniPC", "DPM++", "DPM++")
    assert cells(rows, "Text strength")[0] == "7.5"


def test_components_that_only_moved_say_whither():
    one = GenerationRequest(components=buttons(0.3, 0.5))
    rows = table([one, replace(one, components=buttons(0.35, 0.55)), one])
    assert cells(rows, "Buttons") == (
        "2 centre front", "2 centre front, 5 % lower", "2 centre front",
    )  # fmt: skip
    wider = table([one, replace(one, components=buttons(0.2, 0.6))])
    assert cells(wider, "Buttons")[1] == "2 centre front, larger"


def test_checks_are_compared_and_missing_ones_are_dashes():
    count = {"what": "buttons", "kind": "count", "asked": 5, "seen": 4, "passed": False}
    place = count | {"what": "buttons in place", "kind": "place", "seen": 5, "passed": True}
    word = {"what": "colour", "kind": "word", "asked": "navy", "seen": "black", "passed": False}
    one = {"what": "button", "kind": "count", "asked": 1, "seen": 1, "passed": True}
    sketch = {"what": "sketch", "kind": "sketch", "asked": 85, "seen": 91, "passed": True}
    rows = checks_table([[count, place, word], [one, sketch], []])
    found = {row.what: (row.cells, row.tones) for row in rows}
    assert found == {
        "Buttons": (("4 of 5", "1 of 1", "–"), ("bad", "good", "")),
        "Buttons in place": (("5 of 5", "–", "–"), ("good", "", "")),
        "Colour": (("black, not navy", "–", "–"), ("bad", "", "")),
        "Sketch match": (("–", "91", "–"), ("", "good", "")),
    }


def test_the_text_to_copy_is_a_table_of_what_differs():
    one = GenerationRequest(prompt="a navy\tcoat", seed=1)
    rows = table([one, replace(one, seed=2)])
    assert as_text(rows, ["A (seed 1)", "B (seed 2)"]) == "\tA (seed 1)\tB (seed 2)\nSeed\t1\t2"


# Actions without a browser


def never() -> Any:
    """An engine that is still loading."""
    raise AssertionError("nothing here loads a model")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    store = Store(tmp_path / "data")
    yield Studio(store, EngineRoom(never), tmp_path)
    store.close()


@pytest.fixture
def project(studio: Studio) -> str:
    return studio.store.first_project().id


def test_the_cards_verb_takes_a_picture_in_and_out(studio: Studio, project: str):
    ids = [studio.store.add(project, new(seed)).id for seed in range(13)]
    for n, variant_id in enumerate(ids[:12], 1):
        event = {"verb": "compare", "id": variant_id}
        updates = act(studio, project, event, {}, Form())
        assert updates["compared"]["value"]["ids"] == ids[:n]
        assert ("notice" in updates) == (n <= 2)
    with pytest.raises(BadInput, match="take one out"):
        act(studio, project, {"verb": "compare", "id": ids[12]}, {}, Form())
    act(studio, project, {"verb": "compare", "id": ids[3]}, {}, Form())
    assert studio.store.comparisons.get(project).chosen == (*ids[:3], *ids[4:12])


@pytest.mark.parametrize(
    "event",
    [{}, {"ids": None}, {"ids": "abc"}, {"ids": ["gone"]}, {"ids": [{"a": 1}]}, {"ids": [""] * 99}],
)
def test_a_choice_that_cannot_be_is_a_sentence(studio: Studio, project: str, event: dict[str, Any]):
    with pytest.raises(BadInput):
        compare.choose(studio, project, event)
    assert studio.store.comparisons.get(project).chosen == ()


def test_opening_a_project_shows_its_own_comparison(studio: Studio, project: str):
    ids = [studio.store.add(project, new(seed)).id for seed in (1, 2)]
    compare.choose(studio, project, {"ids": ids, "mode": "grid", "asked": 5})
    other = studio.store.create_project("Other").id
    assert compare.opened(studio.store, other)["compare"]["value"]["items"] == []
    value = compare.opened(studio.store, project)["compare"]["value"]
    assert [item["letter"] for item in value["items"]] == ["A", "B"]
    assert value["mode"] == "grid"
    assert compare.opened(studio.store, "gone")["compare"]["value"]["items"] == []


# In the browser


def picture(seed: int) -> bytes:
    """A picture with an edge to magnify."""
    drawn = Image.new("RGB", (64, 64), "white")
    ImageDraw.Draw(drawn).rectangle((16, 12, 48, 56), fill=(seed * 60 % 256, 60, 120))
    out = io.BytesIO()
    drawn.save(out, "PNG")
    return out.getvalue()


Made = tuple[Any, Store, str, list[str]]


@pytest.fixture
def made(server: "Server", visit: Callable[..., Any]) -> Iterator[Callable[..., Made]]:
    """Opens the page on a project with so many pictures, the newest last in the list of ids."""
    store = Store(server.data)

    def make(name: str, count: int, **options: Any) -> Made:
        page = visit(server.url, **options)
        new_project(page, name)
        project = next(p.id for p in store.projects() if p.name == name)
        ink = store.keep_picture(picture(0))
        ids = []
        for seed in range(1, count + 1):
            request = GenerationRequest(
                prompt="a navy coat" if seed % 2 else "a red coat", seed=seed, steps=8 + seed,
                width=64, height=64, sketch=ImageRef(ink) if seed % 2 else None,
            )  # fmt: skip
            values: dict[str, Any] = {"width": 64, "height": 64, "request": request.to_json()}
            if seed % 2:
                values["inputs"] = {"sketch": ink}
            fresh = new(seed, request.prompt, png=picture(seed), **values)
            ids.append(store.add(project, fresh).id)
        page.reload()
        ready(page)
        page.wait_for_function(
            "(n) => document.querySelectorAll('#variants [data-compare]').length >= n", arg=count
        )
        return page, store, project, ids

    yield make
    store.close()


def enter(page: Any, count: int) -> None:
    """Open the room and wait until it shows so many pictures."""
    room(page, "Compare")
    page.wait_for_selector(f'.compare-root[data-ready="1"][data-count="{count}"]')


def chosen(page: Any, store: Store, project: str, ids: list[str], mode: str) -> None:
    """Wait until the server keeps these pictures and this way of looking."""
    for _ in range(200):
        kept = store.comparisons.get(project)
        if list(kept.chosen) == ids and kept.mode == mode:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"kept {store.comparisons.get(project)}, not {ids} by {mode}")


def toggle(page: Any, variant_id: str) -> None:
    """The card's button."""
    page.locator(f'#variants [data-compare="{variant_id}"]').click()


def split(page: Any) -> int:
    return int(page.locator(".handle").get_attribute("aria-valuenow"))


@pytest.mark.ui
def test_two_pictures_behind_a_line_that_is_dragged(made: Callable[..., Made]):
    page, store, project, (a, b, c) = made("Slider", 3)
    toggle(page, a)
    page.wait_for_selector('.compared-root[data-count="1"]', state="attached")
    toggle(page, c)
    chosen(page, store, project, [a, c], "slider")
    pressed = page.locator('#variants [data-compare][aria-pressed="true"]')
    page.wait_for_function("document.querySelector('.compared-root').dataset.count === '2'")
    assert pressed.count() == 2
    enter(page, 2)
    shown = page.locator(".layer img")
    assert [src.split("/")[-1] for src in shown.evaluate_all("e => e.map(i => i.src)")] == [c, a]

    handle, pane = page.locator(".handle"), page.locator(".pane").bounding_box()
    assert split(page) == 50
    box = handle.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(pane["x"] + pane["width"] * 0.8, box["y"] + 20, steps=5)
    page.mouse.up()
    assert split(page) == 80
    clip = page.locator(".layer.upper").evaluate("e => getComputedStyle(e).clipPath")
    assert float(re.findall(r"([\d.]+)%", clip)[0]) == pytest.approx(20, abs=0.6)
    page.mouse.move(pane["x"] + 20, pane["y"] + 40)  # the picture itself moves the line as well
    page.mouse.down()
    page.mouse.move(pane["x"] + pane["width"] * 0.3, pane["y"] + 44, steps=4)
    page.mouse.up()
    assert split(page) == 30

    page.locator("body").press("ArrowRight")
    page.locator("body").press("Shift+ArrowRight")
    assert split(page) == 41
    handle.focus()
    handle.press("Home")
    assert split(page) == 0
    handle.press("ArrowRight")
    assert split(page) == 1

    page.locator("body").press("c")
    chosen(page, store, project, [c, a], "slider")
    page.wait_for_function("(id) => document.querySelector('.upper img').src.endsWith(id)", arg=c)
    page.locator("body").press("m")
    chosen(page, store, project, [c, a], "flick")
    page.locator("body").press(" ")
    assert page.locator(".captions figcaption:visible .letter").inner_text() == "B"
    page.locator("body").press("m")
    chosen(page, store, project, [c, a], "grid")
    assert page.locator(".panes .pane").count() == 2

    page.reload()
    ready(page)
    page.wait_for_selector('#rooms [role=tab][data-count="2"]', state="attached")
    enter(page, 2)
    assert page.locator(".panes figure").evaluate_all("e => e.map(f => f.dataset.id)") == [c, a]
    page.locator(f'.strip-row button[data-id="{b}"]').click()
    chosen(page, store, project, [c, a, b], "grid")
    page.wait_for_selector('.compare-root[data-count="3"]')
    page.get_by_role("button", name="Take A out of the comparison").click()
    chosen(page, store, project, [a, b], "grid")
    page.wait_for_selector('.compare-root[data-count="2"]')
    page.locator("body").press("Escape")
    page.wait_for_selector("#studio", state="visible")


@pytest.mark.ui
def test_all_pictures_are_zoomed_and_moved_together(made: Callable[..., Made]):
    page, store, project, ids = made("Zoom", 5)
    store.comparisons.choose(project, ids)
    store.comparisons.look(project, "grid")
    enter(page, 5)
    planes = page.locator(".plane")
    page.wait_for_function(
        "[...document.querySelectorAll('.plane img')].every(i => i.complete && i.naturalWidth)"
    )

    def transforms() -> set[str]:
        found = planes.evaluate_all("e => e.map(p => getComputedStyle(p).transform)")
        assert len(found) == 5
        return set(found)

    def scale() -> float:
        (matrix,) = transforms()
        return float(matrix.removeprefix("matrix(").split(",")[0])

    assert scale() == 1
    assert page.locator(".crisp").count() == 0
    pane = page.locator(".pane").nth(2).bounding_box()
    page.mouse.move(pane["x"] + pane["width"] / 4, pane["y"] + pane["height"] / 4)
    for _ in range(4):
        page.mouse.wheel(0, -200)
    page.wait_for_function("document.querySelectorAll('.plane.crisp').length === 5")
    assert scale() > 3
    image = page.locator(".plane img").first
    assert image.evaluate("e => getComputedStyle(e).imageRendering") == "pixelated"
    before = transforms()
    page.mouse.down()
    page.mouse.move(
        pane["x"] + pane["width"] / 4 - 30, pane["y"] + pane["height"] / 4 - 20, steps=3
    )
    page.mouse.up()
    after = transforms()
    assert len(after) == 1
    assert after != before
    page.mouse.dblclick(pane["x"] + 40, pane["y"] + 40)
    assert page.locator(".zoom-value").inner_text() == "100 %"
    assert scale() * pane["width"] == pytest.approx(64, abs=1)
    page.get_by_role("button", name="Fit").click()
    assert scale() == 1
    page.locator("body").press("+")
    assert scale() == pytest.approx(1.25)
    page.locator("body").press("0")
    assert scale() == 1

    assert page.locator(".overlay").count() == 3  # two were made without a drawing
    opacity = "e => e.map(o => getComputedStyle(o).opacity)"
    assert set(page.locator(".overlay").evaluate_all(opacity)) == {"0"}
    page.locator("body").press("o")
    assert set(page.locator(".overlay").evaluate_all(opacity)) == {"0.7"}
    page.locator(".ink-field input").fill("30")
    assert set(page.locator(".overlay").evaluate_all(opacity)) == {"0.3"}


@pytest.mark.ui
def test_the_table_tells_what_differs_and_can_be_copied(made: Callable[..., Made]):
    page, store, project, ids = made("Table", 3)
    store.comparisons.choose(project, ids)
    enter(page, 3)
    rows = page.locator(".differences tbody tr[data-what]")

    def shown() -> dict[str, list[str]]:
        return {
            row.get_attribute("data-what"): row.locator("td").all_inner_texts()
            for row in rows.all()
        }

    page.wait_for_selector(".differences tbody tr[data-what]")
    assert shown() == {
        "Description": ["a navy coat", "a red coat", "a navy coat"],
        "Colour": ["navy", "red", "navy"],
        "Drawing": ["drawing 1", "–", "drawing 1"],
        "Sketch strength": ["1", "–", "1"],
        "Seed": ["1", "2", "3"],
        "Steps": ["9", "10", "11"],
    }
    assert page.locator(".differences mark").all_inner_texts() == ["navy", "red", "navy"]
    page.get_by_role("button", name=re.compile("Show all")).click()
    everything = shown()
    assert everything["Sampler"] == ["UniPC"] * 3
    assert everything["Garment"] == ["coat"] * 3
    page.get_by_role("button", name="Only what differs").click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as text").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert copied[0] == "\tA (seed 1)\tB (seed 2)\tC (seed 3)"
    assert "Steps\t9\t10\t11" in copied
    assert len(copied) == 7


@pytest.mark.ui
def test_x_compares_with_the_one_before(made: Callable[..., Made]):
    page, store, project, (a, b, _) = made("X", 3)
    page.locator(f'#variants [data-id="{b}"]').hover()
    page.locator("body").press("x")
    chosen(page, store, project, [a, b], "slider")
    page.wait_for_selector('.compare-root[data-count="2"][data-mode="slider"] .handle')


@pytest.mark.ui
def test_a_blind_vote_by_three_voters(browser: Any, made: Callable[..., Made]):
    page, store, project, ids = made("Vote", 3)
    store.comparisons.choose(project, ids)
    enter(page, 3)
    question = "<img src=x onerror=alert(1)> Which?"
    page.get_by_label("Question of the vote").fill(question)
    page.get_by_role("button", name="Make a vote").click()
    link = page.get_by_label("Link for voters")
    link.wait_for()
    assert page.locator(".ballot h3").inner_text() == question
    assert page.locator(".verdict").inner_text() == "Nobody has voted yet."
    (ballot,) = store.ballots.of_project(project)
    assert ballot.token in link.input_value()

    contexts = [browser.new_context(viewport={"width": 390, "height": 844}) for _ in range(3)]
    errors: list[str] = []
    voters = []
    try:
        for context in contexts:
            voter = context.new_page()
            voter.on("pageerror", lambda e: errors.append(str(e)))
            voter.on("dialog", lambda d: errors.append(d.message))
            voter.goto(link.input_value())
            voter.wait_for_selector('#vote[data-ready="1"]')
            assert voter.locator("h1").inner_text() == question
            assert voter.evaluate("document.documentElement.scrollWidth <= innerWidth")
            voters.append(voter)
        wanted = [2, 2, 0]
        for voter, position in zip(voters, wanted, strict=True):
            vote_for(voter, store, ballot.entries[position].picture_sha)
        assert [v.position for v in store.ballots.votes(ballot.id)] == wanted
        voters[0].get_by_label("Your name, optional").fill("<b>Mia</b>")
        voters[0].get_by_role("button", name="Change vote").click()
        voters[0].wait_for_selector(".said.good")

        page.wait_for_function("document.querySelector('.voters').textContent === '3 voters'")
        page.wait_for_selector(".names")
        votes = page.locator(".tally li").evaluate_all("e => e.map(l => l.dataset.votes)")
        assert votes == ["1", "0", "2"]
        assert page.locator(".share-value").all_inner_texts() == ["33 %", "0 %", "67 %"]
        # Wilson, by hand: 2 of 3 lies between 21 and 94 in a hundred
        assert "(21 % to 94 %)" in page.locator(".tally li").nth(2).inner_text()
        assert "No difference can be told yet" in page.locator(".verdict").inner_text()
        page.locator(".names summary").click()
        assert "<b>Mia</b>" in page.locator(".names").inner_text()

        page.locator(".ballot-verbs").get_by_role("button", name="Close").click()
        page.get_by_role("button", name="Reopen").wait_for()
        late = voters[2]
        late.locator(".choice label").first.click()
        late.locator(".choice label").last.click()
        late.get_by_label("Your name, optional").fill("Late")
        late.get_by_role("button", name="Change vote").click()
        late.wait_for_selector(".said.bad")
        assert "closed" in late.locator(".said").inner_text()
        late.reload()
        late.wait_for_selector('#vote[data-ready="1"]')
        assert late.locator(".choice input:disabled").count() == 3
        assert sorted(v.name for v in store.ballots.votes(ballot.id)) == ["", "", "<b>Mia</b>"]
    finally:
        for context in contexts:
            context.close()
    assert errors == []
    delete = page.locator(".ballot-verbs").get_by_role("button", name="Delete")
    delete.click()
    delete.click()
    page.wait_for_selector('.voting[data-ballots="0"]')
    assert store.ballots.of_project(project) == ()


@pytest.mark.ui
def test_the_link_can_be_scanned(server: "Server", visit: Callable[..., Any]):
    page = visit(server.url)
    ask = """(text) => import(new URL("toile/ui/compare/qr.js", document.baseURI).href)
        .then((module) => module.qr(text)?.map((row) => row.map(Number)) ?? null)"""
    for text in ("toile", f"http://192.168.1.20:7860/toile/vote/{'Se1rTfSRI6' * 4}Y9c"):
        rows = page.evaluate(ask, text)
        code = np.pad(255 - 255 * np.array(rows, np.uint8), 4, constant_values=255)
        large = cv2.resize(code, None, fx=6, fy=6, interpolation=cv2.INTER_NEAREST)
        assert cv2.QRCodeDetector().detectAndDecode(large)[0] == text
    assert page.evaluate(ask, "x" * 300) is None


def vote_for(voter: Any, store: Store, sha: str) -> None:
    """Choose a picture by how it looks, which is all that a voter knows."""
    wanted = Image.open(io.BytesIO(store.picture(sha))).convert("RGB").getpixel((32, 32))
    for slot in range(3):
        shown = voter.request.get(f"{voter.url}/picture/{slot}").body()
        if Image.open(io.BytesIO(shown)).getpixel((32, 32)) == wanted:
            voter.locator(".choice label").nth(slot).click()
            voter.get_by_role("button", name="Vote", exact=True).click()
            voter.wait_for_selector(".said.good")
            return
    raise AssertionError("the picture is not on the ballot")


@pytest.mark.ui
def test_the_room_on_a_phone(made: Callable[..., Made]):
    page, store, project, ids = made(
        "Phone", 4, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    store.comparisons.choose(project, ids[:2])
    enter(page, 2)
    page.wait_for_selector(".handle")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    pane = page.locator(".pane").bounding_box()
    assert pane["width"] > 340
    touch = page.context.new_cdp_session(page)
    handle = page.locator(".handle").bounding_box()
    y = handle["y"] + handle["height"] / 2

    def finger(kind: str, *x: float) -> None:
        points = [{"x": at, "y": y} for at in x]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    finger("touchStart", handle["x"] + handle["width"] / 2)
    for part in (0.4, 0.3, 0.2):
        finger("touchMove", pane["x"] + pane["width"] * part)
    finger("touchEnd")
    assert split(page) == 20
    middle = pane["x"] + pane["width"] * 0.7
    finger("touchStart", middle - 20, middle + 20)
    for apart in (30, 45, 60):
        finger("touchMove", middle - apart, middle + apart)
    finger("touchEnd")
    matrices = page.locator(".plane").evaluate_all("e => e.map(p => getComputedStyle(p).transform)")
    assert len(set(matrices)) == 1
    assert float(matrices[0].removeprefix("matrix(").split(",")[0]) > 2
    page.locator(f'.strip-row button[data-id="{ids[3]}"]').tap()
    chosen(page, store, project, [*ids[:2], ids[3]], "slider")
    page.get_by_role("button", name="Side by side").tap()
    page.wait_for_selector(".panes figure:nth-child(3)")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate(
        "[...document.querySelectorAll('.compare-root button, .compare-root select')]"
        ".filter(b => b.offsetParent && b.getBoundingClientRect().height < 40)"
        ".map(b => b.outerHTML.slice(0, 80))"
    )
    assert small == []
