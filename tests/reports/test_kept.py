"""Nothing is lost: what is drawn, written and made stays, whatever happens to it on its way."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from studio.desk import back, pictures, views
from studio.desk.compose import Form
from studio.desk.studio import Studio
from studio.desk.together import merged
from studio.errors import BadInput, Overtaken
from studio.gallery import Store
from studio.gallery.layers import SIDES, read_drawing, read_strokes
from studio.garment.parse import parse_prompt
from tests.flat import recorded_of
from tests.reports.pages import Page, opened_studio
from tests.studio.gallery.made import new

OLD = json.dumps(
    {"v": 1, "strokes": [{"t": "pen", "w": 8, "m": 1, "p": [200, 100, 1, 300, 900, 1]}]}
)
RULES = json.loads((Path(__file__).parents[1] / "merge_rules.json").read_text("utf-8"))["lists"]
MONTH = 31 * 86400

studio = pytest.fixture(opened_studio)


# Two pages on one project


def two_pages(studio: Studio) -> tuple[Page, Page]:
    """Two pages that were opened on the same words."""
    Page(studio).write(prompt="a coat")
    return Page(studio), Page(studio)


@pytest.mark.parametrize("case", RULES, ids=range(len(RULES)))
def test_lists_are_put_together_as_in_the_browser(case: Any):
    base, theirs, mine, gone, result = case
    assert [
        list(one) for one in merged(base, theirs, mine, lambda one: one[0], frozenset(gone))
    ] == result


@pytest.mark.parametrize("order", ["ab", "ba", "aab", "abab", "bba"])
def test_strokes_of_two_pages_are_all_kept(studio: Studio, order: str):
    pages = {"a": Page(studio), "b": Page(studio)}
    expected = set()
    for number, who in enumerate(order):
        pages[who].draw(f"{who}{number}")
        expected.add(f"{who}{number}")
    last = pages[order[-1]]
    assert set(last.kept()) == expected == set(last.drawn)


def test_what_one_page_rubbed_out_stays_away_and_the_others_line_stays(studio: Studio):
    a = Page(studio)
    a.draw("one", "two")
    b = Page(studio)
    a.draw(without="one")
    b.draw("three")
    assert b.kept() == b.drawn == ["two", "three"]
    a.draw("four", without="two")
    assert set(a.kept()) == {"three", "four"}


def test_a_line_whose_answer_was_lost_can_still_be_undone(studio: Studio):
    page = Page(studio)
    before = page.seen
    page.draw("lost")
    page.seen = before | {"gone": ["lost"]}
    page.draw(without="lost")
    assert page.kept() == []


def test_a_write_that_was_overtaken_is_refused_by_the_store(studio: Studio):
    project = studio.store.first_project()
    first = studio.store.save_sketch(project.id, "1", None, over=0)
    with pytest.raises(Overtaken):
        studio.store.save_sketch(project.id, "2", None, over=0)
    assert studio.store.latest_sketch(project.id) == first
    studio.store.save_draft(project.id, '{"prompt": "a"}', over=0)
    with pytest.raises(Overtaken):
        studio.store.save_draft(project.id, '{"prompt": "b"}', over=0)


@pytest.mark.parametrize(
    ("first", "second"),
    [("a red coat", "a blue coat"), ("ein Mantel", "大衣"), ("", "a skirt"), ("a dress", "")],
)
def test_words_that_two_pages_wrote_are_asked_for(studio: Studio, first: str, second: str):
    a, b = two_pages(studio)
    a.write(prompt=first)
    told = b.write(prompt=second)
    assert b.words() == first and told["reading"]["asked"]["prompt"] == first
    assert "prompt" not in told  # nobody's words are taken out of the field
    b.seen["form"]["prompt"] = first  # “Keep these words”
    b.write()
    assert b.words() == second and b.asked is None
    assert {w.prompt for w in studio.store.wordings(b.project)} >= {first, second} - {""}


@pytest.mark.parametrize("then", ["a line", "a setting", "more words", "a component", "undo"])
def test_words_that_are_asked_about_wait_whatever_else_is_done(studio: Studio, then: str):
    a, b = two_pages(studio)
    a.write(prompt="a red coat")
    b.write(prompt="a blue coat with five buttons")
    mine = b.form.prompt
    for kind, place in (("belt", "waist"), ("pocket", "left chest")):
        if then == "a line":
            b.draw(kind)
        elif then == "a setting":
            b.write(steps=b.form.steps + 1)
        elif then == "more words":
            mine += " and a belt"
            b.write(prompt=mine)
        elif then == "a component":
            event = {"verb": "add", "kind": kind, "place": place}
            b.heard(studio.arrange(b.project, event, b.board(), b.form))
            b.write()
        else:
            earlier = {"form": {"steps": b.form.steps + 1}, "step": True}
            b.heard(back.restore(studio, b.project, earlier, b.board(), b.form))
        assert b.words() == "a red coat" and b.form.prompt == mine
        assert b.asked and b.asked["prompt"] == "a red coat"
    # The chips are those of the words in the field, and both can be found again.
    assert views.reading(parse_prompt(mine)) == b.write()["reading"]["value"]
    assert {w.prompt for w in studio.store.wordings(b.project)} >= {"a red coat", mine}
    a.write(prompt="a red coat, long")
    b.draw("two")
    assert b.asked and b.asked["prompt"] == "a red coat, long"


@pytest.mark.parametrize("keep", [True, False])
def test_the_words_that_were_not_chosen_are_one_step_back(studio: Studio, keep: bool):
    a, b = two_pages(studio)
    a.write(prompt="a red coat")
    b.write(prompt="a blue coat")
    if keep:
        b.seen["form"]["prompt"] = b.asked["prompt"]
    chosen = {"prompt": "a blue coat" if keep else b.asked["prompt"]}
    for text in (chosen["prompt"], "a red coat" if keep else "a blue coat"):
        event = {"form": {"prompt": text}, "step": True}
        b.heard(back.restore(studio, b.project, event, b.board(), b.form))
        assert b.words() == text == b.form.prompt and b.asked is None


@pytest.mark.parametrize(
    "sent", [{"steps": 20}, {"shape": ""}, {"prompt": "", "steps": 20, "shape": "", "text": 4.0}]
)
def test_a_page_that_was_told_nothing_yet_changes_nothing(studio: Studio, sent: dict[str, Any]):
    page = Page(studio)
    page.write(prompt="a coat", steps=7, shape="square", text=6.0)
    before = studio.store.project(page.project).draft
    late = Page(studio)
    late.form = Form(**(vars(late.form) | sent))
    nothing: Any = {"ink": 0, "parts": 0, "words": 0, "form": {}, "page": "late"}
    for board in (
        late.board() | {"project": None, "seen": nothing},
        late.board() | {"project": "another", "seen": nothing},
        late.board() | {"seen": nothing},
    ):
        told = studio.write(late.project, board, late.form)
        assert studio.store.project(page.project).draft == before
        assert all(told.get(name, {}).get("value") != value for name, value in sent.items())


def test_a_page_that_writes_on_is_not_asked_about_its_own_words(studio: Studio):
    page = Page(studio)
    before = page.seen
    page.write(prompt="a coa")
    page.seen = before  # the answer was lost on its way
    page.write(prompt="a coat")
    assert page.words() == "a coat" and page.asked is None


def test_settings_of_two_pages_are_put_together(studio: Studio):
    a, b = Page(studio), Page(studio)
    a.write(steps=8, negative="belt")
    b.write(prompt="a coat")
    kept = json.loads(studio.store.project(b.project).draft)
    assert (kept["steps"], kept["negative"], kept["prompt"]) == (8, "belt", "a coat")
    assert b.form.steps == 8 and b.form.negative == "belt"


def test_components_of_two_pages_are_put_together(studio: Studio):
    a = Page(studio)
    a.write(prompt="a coat")
    b = Page(studio)
    place = {"verb": "add", "kind": "belt", "place": "waist"}
    a.heard(studio.arrange(a.project, place, a.board(), a.form))
    place = {"verb": "add", "kind": "button", "place": "centre front"}
    b.heard(studio.arrange(b.project, place, b.board(), b.form))
    kept = studio.store.latest_components(b.project)
    assert kept is not None
    kinds = {group["kind"] for group in json.loads(kept.document)["groups"]}
    assert kinds >= {"belt", "button"}


def test_a_page_is_told_that_another_has_changed_the_project(studio: Studio):
    a, b = Page(studio), Page(studio)
    mark = studio.tick(b.project, "")["seen"]["value"]
    assert studio.tick(b.project, mark) == {}
    a.draw("new")
    there = studio.tick(b.project, mark)["board"]["there"]
    assert there["ink"] > b.seen["ink"] and there["project"] == b.project
    b.draw()
    assert b.drawn == ["new"]


def at_rest(*pages: Page) -> None:
    """Let pages ask for each other's news as long as there is any; it has an end."""
    for _ in range(3):
        before = pages[0].numbers()
        for page in pages:
            page.draw()
        if pages[0].numbers() == before:
            return
    pytest.fail("pages that only look go on writing")


@pytest.mark.parametrize(
    "then", ["lines", "words", "words and components", "settings", "asked", "kept", "rubbed out"]
)
def test_pages_that_follow_each_other_come_to_rest(studio: Studio, then: str):
    a, b = two_pages(studio)
    if then == "lines":
        a.draw("one")
        b.draw("two")
    elif then == "rubbed out":
        a.draw("one", "two")
        b.draw("three")
        b.draw(without="one")
        a.draw(without="one")
    elif then == "settings":
        a.write(steps=8)
        b.write(steps=9)
    elif then == "words and components":
        a.write(prompt="a coat with five buttons")
        a.draw("one")
        b.write(prompt="a coat with two pockets")
    else:
        a.write(prompt="a red coat")
        if then != "words":
            b.write(prompt="a blue skirt with three buttons")
            assert b.asked
        if then == "kept":
            b.seen["form"]["prompt"] = b.asked["prompt"]
            event = {"form": {"prompt": b.form.prompt}, "step": True}
            b.heard(back.restore(studio, b.project, event, b.board(), b.form))
    at_rest(a, b)
    there = studio.tick(b.project, "")["board"]["there"]
    for page in (a, b):
        assert all(page.seen[name] == there[name] for name in ("ink", "parts", "words"))


def test_each_save_of_one_state_has_an_answer_of_its_own(studio: Studio):
    page = Page(studio)
    stamps = [
        studio.draw(page.project, page.board() | {"s": number}, page.form)["board"]["saved"]
        for number in (1, 2, 3)
    ]
    assert [stamp["s"] for stamp in stamps] == [1, 2, 3]
    assert len({stamp["n"] for stamp in stamps}) == 1


@pytest.mark.parametrize("fields", [{"steps": 8}, {"negative": "belt", "steps": 9}, {"text": 7.0}])
@pytest.mark.parametrize("how", ["draw", "write", "restore"])
def test_a_page_is_told_which_fields_another_has_set(
    studio: Studio, fields: dict[str, Any], how: str
):
    a, b = two_pages(studio)
    a.write(**fields)
    if how == "draw":
        told = b.draw("one")
    elif how == "write":
        told = b.write(prompt="a blue coat")
    else:
        event = {"form": {"prompt": "a blue coat"}, "step": True}
        told = back.restore(studio, b.project, event, b.board(), b.form)
    assert told["board"]["change"]["others"] == sorted(fields)


# The stored document


def test_an_old_drawing_is_read_into_layers_on_two_sides():
    drawing = read_drawing(OLD)
    assert list(drawing.sides) == list(SIDES) and drawing.sides["back"] == ()
    (layer,) = drawing.sides["front"]
    assert (layer.id, layer.kind, len(layer.strokes)) == ("ink", "ink", 1)
    again = read_drawing(drawing.to_json())
    assert again == drawing and read_drawing(OLD) == drawing
    assert json.loads(drawing.to_json())["v"] == 2


def test_equal_lines_have_names_of_their_own_and_other_layers_stay():
    line = json.loads(OLD)["strokes"][0]
    names = [s.id for s in read_strokes(json.dumps({"v": 1, "strokes": [line] * 3}))]
    assert len(set(names)) == 3
    sides = {
        "front": [{"id": "ink", "kind": "ink", "strokes": [line]},
                  {"id": "notes", "kind": "ink", "strokes": [line]}],
        "back": [{"id": "behind", "kind": "ink", "strokes": [line]}],
    }  # fmt: skip
    read = read_drawing(json.dumps({"v": 2, "sides": sides}))
    assert [layer.id for layer in read.sides["front"]] == ["ink", "notes"]
    assert len(read.strokes()) == 2 and len(read.strokes("back")) == 1
    assert read_drawing(read.to_json()) == read


@pytest.mark.parametrize(
    "sides",
    [5, [], {"front": 3}, {"front": [{"id": "x", "kind": "gold", "strokes": []}]},
     {"front": [{"id": "../x", "strokes": []}]}, {"front": [{"strokes": []}] * 2},
     {"front": [{"strokes": 3}]}, {"front": [None]}],
)  # fmt: skip
def test_layers_that_are_none_are_refused_in_a_sentence(sides: Any):
    with pytest.raises(BadInput):
        read_drawing(json.dumps({"v": 2, "sides": sides}))


# Steps and words from before


def test_use_these_settings_can_be_taken_back_and_the_words_are_remembered(studio: Studio):
    page = Page(studio)
    page.write(prompt="my own words")
    page.draw("mine")
    request = recorded_of(prompt="a navy coat", seed=5).to_json()
    kept = studio.store.add(page.project, new(5, request=request))
    asked = {"verb": "use", "id": kept.id}
    used = pictures.act(studio, page.project, asked, page.board(), page.form)
    change, notice = used["board"]["change"], used["notice"]["value"]
    assert change["step"] is True and notice["undo"] == {"step": change["mark"]}
    page.heard(used)
    assert page.words() == "a navy coat"
    wordings = [w.prompt for w in studio.store.wordings(page.project)]
    assert wordings[:2] == ["a navy coat", "my own words"]
    event = {"form": {"prompt": "my own words"}}
    page.heard(back.restore(studio, page.project, event, page.board(), page.form))
    assert page.words() == page.form.prompt == "my own words"


def test_a_step_back_leaves_what_another_page_has_set(studio: Studio):
    a = Page(studio)
    a.write(prompt="first", steps=10)
    b = Page(studio)
    a.write(prompt="second")
    b.write(steps=30)
    a.heard(back.restore(studio, a.project, {"form": {"prompt": "first"}}, a.board(), a.form))
    kept = json.loads(studio.store.project(a.project).draft)
    assert (kept["prompt"], kept["steps"]) == ("first", 30)


@pytest.mark.parametrize("form", [3, [], {"steps": {"a": 1}}, {"prompt": 5}, {"x": 1}])
def test_a_step_back_to_nonsense_changes_nothing(studio: Studio, form: Any):
    page = Page(studio)
    page.write(prompt="a coat")
    event = {"form": form, "refs": "nonsense"}
    with contextlib.suppress(BadInput):
        back.restore(studio, page.project, event, page.board(), page.form)
    assert page.words() == "a coat"


def test_steps_are_there_again_at_the_next_opening(studio: Studio):
    page = Page(studio)
    steps = json.dumps({"v": 1, "past": [{"back": {"photo": [None]}}], "future": []})
    studio.store.save_steps(page.project, steps)
    assert studio.open(page.project)["board"]["value"]["steps"] == steps
    with pytest.raises(BadInput, match="too large"):
        studio.store.save_steps(page.project, "x" * 1_000_000)


def test_words_written_in_one_go_are_one_wording_and_others_are_not_lost(tmp_path: Path):
    store = Store(tmp_path)
    project = store.first_project().id
    for text in ("a", "a re", "a red coat", "a red coat with a belt", "a re coat with a belt"):
        store.save_wording(project, text, "page")
    assert [w.prompt for w in store.wordings(project)] == ["a re coat with a belt"]
    store.save_wording(project, "trousers", "page")
    store.save_wording(project, "a skirt", "other")
    store.save_wording(project, "   ", "other")
    expected = ["a skirt", "trousers", "a re coat with a belt"]
    assert [w.prompt for w in store.wordings(project)] == expected
    for number in range(100):
        store.save_wording(project, f"{number} quite other words {number * 7}")
    assert len(store.wordings(project)) == 60
    store.close()
