"""Hands, pens and keyboards as people have them: each kind of what was reported, on the page."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from studio.gallery import Store
from tests.serving import Server
from tests.studio.gallery.made import new
from tests.ui.steps import model_ready, new_project, room, saved, strokes_of

pytestmark = pytest.mark.ui

DROP = """(node, name) => {
    const data = new DataTransfer();
    data.items.add(new File(["x"], name, { type: "image/png" }));
    const take = (type) => {
        const event = new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
        node.dispatchEvent(event);
        return event.defaultPrevented;
    };
    return [take("dragover"), take("drop")];
}"""

PASTE = """(name) => fetch("data:image/png;base64," + name).then((r) => r.blob()).then((blob) => {
    const data = new DataTransfer();
    data.items.add(new File([blob], "ink.png", { type: "image/png" }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
})"""


class Hands:
    """Pen and fingers on the artboard, at places in 0..1 of it."""

    def __init__(self, page: Any) -> None:
        self.session = page.context.new_cdp_session(page)
        model_ready(page)  # the page moves no more
        canvas = page.locator("#artboard canvas")
        canvas.scroll_into_view_if_needed()
        self.box = canvas.bounding_box()

    def _at(self, x: float, y: float) -> dict[str, float]:
        return {
            "x": self.box["x"] + self.box["width"] * x,
            "y": self.box["y"] + self.box["height"] * y,
        }

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        """Fingers that are down, all of them."""
        at = [self._at(*p) | {"id": i} for i, p in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": at})

    def pen(self, kind: str, x: float, y: float) -> None:
        """The pen."""
        self.session.send(
            "Input.dispatchMouseEvent",
            self._at(x, y)
            | {"type": f"mouse{kind}", "button": "left", "buttons": 0 if kind == "Released" else 1,
               "pointerType": "pen", "clickCount": 1, "force": 0.5},
        )  # fmt: skip

    def line(self, x: float) -> None:
        """A stroke of the pen down the board."""
        self.pen("Pressed", x, 0.2)
        for y in (0.3, 0.5, 0.7):
            self.pen("Moved", x, y)
        self.pen("Released", x, 0.8)


def lines(page: Any, server: Server, name: str, count: int) -> list[float]:
    """Where the kept strokes begin across the board, in 0..1."""
    saved(page)
    kept = strokes_of(server, name)
    assert len(kept) == count
    return [round(one["p"][0] / 1024, 1) for one in kept]


@pytest.mark.parametrize(
    "palm",
    ["rests before", "rests before and moves", "arrives meanwhile", "two arrive meanwhile"],
)
@pytest.mark.first(1)
def test_the_pen_draws_whatever_the_hand_does(
    visit: Callable[..., Any], server: Server, palm: str
) -> None:
    page = visit(server.url, has_touch=True)
    new_project(page, palm)
    hands = Hands(page)
    if palm.startswith("rests"):
        hands.touch("Start", (0.8, 0.8))
        if palm.endswith("moves"):
            hands.touch("Move", (0.82, 0.82))
        hands.line(0.2)
        hands.touch("End")
    else:
        hands.pen("Pressed", 0.2, 0.2)
        hands.pen("Moved", 0.2, 0.4)
        both = [(0.8, 0.8), (0.85, 0.8)] if palm.startswith("two") else [(0.8, 0.8)]
        for n in range(1, len(both) + 1):
            hands.touch("Start", *both[:n])
        hands.touch("Move", *[(x + 0.02, y) for x, y in both])
        hands.pen("Moved", 0.2, 0.7)
        hands.pen("Released", 0.2, 0.8)
        hands.touch("End")
    assert lines(page, server, palm, 1) == [0.2]
    ends = strokes_of(server, palm)[0]["p"]
    assert ends[-2] / 1024 == pytest.approx(0.8, abs=0.05)  # from end to end
    page.reload()
    page.wait_for_selector('.board-root[data-ready="1"]')
    hands = Hands(page)
    hands.touch(
        "Start", (0.5, 0.2)
    )  # a finger does not draw where a pen is used, after a reload too
    hands.touch("Move", (0.5, 0.8))
    hands.touch("End")
    hands.line(0.4)
    assert lines(page, server, palm, 2) == [0.2, 0.4]


def test_escape_lets_go_of_what_is_held(visit: Callable[..., Any], server: Server) -> None:
    page = visit(server.url)
    new_project(page, "Lets go")
    box = page.locator("#artboard canvas").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 300, steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert page.locator(".board-empty").is_visible()
    assert page.get_by_role("button", name="Undo (Ctrl+Z)").first.is_disabled()


def test_options_are_one_group_with_a_name(visit: Callable[..., Any], server: Server) -> None:
    page = visit(server.url)
    new_project(page, "Options")
    for name, first in (
        ("Follow the words", "Loose"), ("Follow the drawing", "Loose"), ("Variants", "1"),
    ):  # fmt: skip
        options = page.get_by_role("radiogroup", name=name)
        options.get_by_text(first, exact=True).click()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(  # and stays there, when the first choice is answered
            "([first]) => { const { checked, value } = document.activeElement;"
            "return checked && value !== first; }",
            arg=[first],
        )
        assert options.locator("input:checked").count() == 1
        page.keyboard.press("Tab")
        assert not options.locator("input:focus").count()


def test_fields_follow_the_direction_of_what_is_written(
    visit: Callable[..., Any], server: Server
) -> None:
    page = visit(server.url)
    field = page.locator("#prompt textarea")
    page.wait_for_selector("#prompt textarea[dir=auto]")
    direction = "(node) => getComputedStyle(node).direction"
    for words, expected in (
        ("معطف أحمر", "rtl"), ("מעיל אדום", "rtl"), ("a red coat", "ltr"), ("红色大衣", "ltr"),
    ):  # fmt: skip
        field.fill(words)
        assert field.evaluate(direction) == expected
    assert page.get_by_label("New project: name").get_attribute("dir") == "auto"


def test_files_beside_every_place_stay_outside(visit: Callable[..., Any], server: Server) -> None:
    page = visit(server.url)
    for place in ("#prompt textarea", "#variants", ".masthead-root", "body"):
        assert page.locator(place).first.evaluate(DROP, "settings.png") == [True, True]


@pytest.fixture
def ink() -> str:
    """A drawing as a PNG, for an address."""
    import base64

    drawn = Image.new("RGB", (128, 128), "white")
    ImageDraw.Draw(drawn).rectangle((30, 30, 90, 100), outline="black", width=3)
    out = io.BytesIO()
    drawn.save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def test_what_is_pasted_goes_where_one_looks(
    visit: Callable[..., Any], server: Server, ink: str
) -> None:
    page = visit(server.url)
    new_project(page, "Paste")
    store = Store(server.data)
    project = next(p for p in store.projects() if p.name == "Paste")
    for name in ("Projects", "Compare"):
        room(page, name)
        page.wait_for_function("document.querySelector('#artboard').offsetParent === null")
        page.evaluate(PASTE, ink)
    room(page, "Studio")
    page.wait_for_function("document.querySelector('#artboard').offsetParent !== null")
    assert page.locator(".board-empty").is_visible()
    assert store.latest_sketch(project.id) is None
    store.close()
    page.evaluate(PASTE, ink)
    page.wait_for_selector(".board-empty", state="hidden")
    saved(page)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = Store(tmp_path / "data")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("note", "search"),
    [
        ("红色大衣 给王女士", "大衣"), ("红色大衣 给王女士", "王女士"),
        ("紺色のウールコート", "ウール"), ("紺色のウールコート", "コート"),
        ("เสื้อเชิ้ตสีขาว", "สีขาว"), ("for 王女士: red", "女士"),
    ],
)  # fmt: skip
def test_words_are_found_inside_words_without_spaces(store: Store, note: str, search: str) -> None:
    project = store.first_project().id
    kept = store.add(project, new(1, "a coat"))
    store.note(kept.id, note)
    store.add(project, new(2, "another coat"))
    assert [v.seed for v in store.variants(project, search=search).variants] == [1]
    assert [v.seed for v in store.variants(project, search=f"coat {search}").variants] == [1]
    assert not store.variants(project, search=f"{search}龍").variants


@pytest.mark.parametrize(
    ("zone", "day", "hour"),
    [
        ("Europe/Berlin", "2026-10-25", "2026-10-25T22:30:00Z"),  # 25 hours long
        ("Europe/Berlin", "2026-03-29", "2026-03-29T21:30:00Z"),  # 23 hours long
        ("America/New_York", "2026-11-01", "2026-11-02T04:30:00Z"),
        ("Asia/Kolkata", "2026-11-01", "2026-11-01T18:00:00Z"),
    ],
)
@pytest.mark.first(1)
def test_a_day_ends_when_it_ends(
    visit: Callable[..., Any], server: Server, zone: str, day: str, hour: str
) -> None:
    from datetime import datetime

    from sqlalchemy import text

    opened = Store(server.data)
    project = opened.create_project(f"{zone} {day}")
    made = opened.add(project.id, new(1, "a coat"))
    moment = datetime.fromisoformat(hour).timestamp()
    with opened._database.write() as session:  # nobody can be made to wait for that day
        session.execute(
            text("UPDATE variant SET created = :at WHERE id = :id"), {"at": moment, "id": made.id}
        )
    opened.close()
    page = visit(server.url, timezone_id=zone)
    room(page, "Projects")
    gallery = page.locator("#gallery")
    gallery.locator(f'[data-project="{project.id}"]').click()
    page.wait_for_selector('.gallery-root[data-count="1"]')
    for since, until, count in ((day, day, 1), ("", "2026-01-01", 0), (day, day, 1)):
        gallery.get_by_label("Made from this day").fill(since)
        gallery.get_by_label("Made until this day").fill(until)
        page.wait_for_selector(f'.gallery-root[data-count="{count}"]')


@pytest.mark.parametrize("size", ["A4", "A3", "across"])
def test_a_drawing_has_its_size_on_paper(size: str) -> None:
    import re

    from studio.export import paper

    width, height = paper.A3[::-1] if size == "across" else getattr(paper, size)
    page = paper.Page(width, height, lambda canvas: canvas.clear(0xFFFFFFFF))
    said = paper.make([page], "svg", paper.About("Ö")).data.decode()
    tag = re.search(r"<svg[^>]*>", said)
    assert tag is not None
    sides = [float(re.search(rf'{n}="([\d.]+)mm"', tag[0])[1]) for n in ("width", "height")]  # type: ignore[index]
    expected = {"A4": (210, 297), "A3": (297, 420), "across": (420, 297)}[size]
    assert sides == pytest.approx(expected, abs=0.1)
    assert f'viewBox="0 0 {width:g} {height:g}"' in tag[0]
