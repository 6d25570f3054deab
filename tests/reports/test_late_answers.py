"""What was given or told last counts, in whatever order the answers come."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from studio.desk import back, fitting_room
from studio.desk.compose import Form
from studio.desk.reference_views import kept
from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.desk.turns import Turns, moment
from studio.desk.updates import Updates
from studio.desk.views import notice
from studio.engine import Engine
from studio.errors import BadInput
from studio.gallery import Store
from studio.page.page import build_page
from studio.page.wires import Shown

PAGE: Any = {"seen": {"page": "page"}}
ROLES = ["garment", "face", "person", "pose"]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, family_folder: Path) -> Iterator[Studio]:
    """A studio that reads photos with the bundled networks."""
    root = tmp_path_factory.mktemp("late")
    room = EngineRoom(lambda: Engine(family_folder))
    room.start()
    room.engine()
    store = Store(root / "data")
    (root / "uploads").mkdir()
    studio = Studio(store, room, root / "uploads")
    yield studio
    studio.jobs.close()
    store.close()


@pytest.fixture
def project(studio: Studio) -> str:
    return studio.store.create_project("Late").id


def photo(studio: Studio, name: str, good: bool = True) -> str:
    """An upload: a picture of a shirt on a plain ground, or something that is none."""
    file = studio.uploads / name
    if good:
        grey = np.full((160, 120, 3), 240, np.uint8)
        grey[30:130, 30:90] = (180, 20 + 40 * (len(name) % 3), 60)
        Image.fromarray(grey).save(file, "PNG")
    else:
        file.write_bytes(b"no picture at all")
    return str(file)


def put(studio: Studio, project: str, role: str, turn: int, good: bool = True) -> Updates:
    """Give a photo, as the page does."""
    path = photo(studio, f"{'x' * turn}.png", good)
    event = {"verb": "put", "role": role, "path": path, "n": turn, "turn": turn}
    return fitting_room.act(studio, project, event, PAGE, Form())


def given(studio: Studio, project: str, role: str) -> Any:
    now = kept(studio.store, project)
    return now.given(role), now.note(role)


@pytest.mark.first(2)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("good", [True, False], ids=["a good", "a bad"])
def test_a_file_that_is_read_slowly_does_not_come_back_over_a_later_one(
    studio: Studio, project: str, monkeypatch: pytest.MonkeyPatch, role: str, good: bool
):
    reads, later = fitting_room.VERBS["put"], []

    def slowly(step: fitting_room.Step) -> Any:
        # While it is read, the user gives another one, which is answered first.
        monkeypatch.setitem(fitting_room.VERBS, "put", reads)
        with contextlib.suppress(BadInput):  # nobody stands on it
            put(studio, project, role, 2)
        later.append(given(studio, project, role))
        return reads(step)

    monkeypatch.setitem(fitting_room.VERBS, "put", slowly)
    assert put(studio, project, role, 1, good) == {}
    assert [given(studio, project, role)] == later


@pytest.mark.parametrize("verb", ["mask", "find", "mark"])
@pytest.mark.parametrize("role", ["garment", "face"])
def test_what_belongs_to_a_replaced_photo_is_not_laid_over_the_new_one(
    studio: Studio, project: str, verb: str, role: str
):
    put(studio, project, role, 1)
    put(studio, project, role, 2)
    before = given(studio, project, role)
    event = {"verb": verb, "role": role, "turn": 1, "n": 3, "path": "gone", "box": [0, 0, 1, 1]}
    assert fitting_room.act(studio, project, event, PAGE, Form()) == {}
    assert given(studio, project, role) == before


def test_a_setting_counts_whatever_was_given_meanwhile(studio: Studio, project: str):
    put(studio, project, "garment", 1)
    put(studio, project, "garment", 2)
    event = {"verb": "set", "role": "garment", "what": "sg", "value": 4.5, "n": 3}
    assert fitting_room.act(studio, project, event, PAGE, Form())
    assert given(studio, project, "garment")[0].sg == 4.5


@pytest.mark.parametrize("first", ["garment", "face", "pose"])
def test_another_role_or_page_is_not_in_the_way(studio: Studio, project: str, first: str):
    other: Any = {"seen": {"page": "another"}}
    turns = studio.turns
    turns.begin(("page", project, first), 9)
    clear = {"verb": "clear", "turn": 1}
    assert fitting_room.act(studio, project, clear | {"role": first}, PAGE, Form()) == {}
    assert fitting_room.act(studio, project, clear | {"role": "person"}, PAGE, Form())
    assert fitting_room.act(studio, project, clear | {"role": first}, other, Form())


@pytest.mark.parametrize("number", [None, "2", 1.5, True, [], {}, 2**80])
def test_a_number_that_is_none_is_in_nobodys_way(number: Any):
    turns = Turns()
    first = turns.begin("place", 1)
    assert not turns.begin("place", number).over and not first.over
    turns.begin("place", 2)
    assert first.over and not turns.begin("place", number).over


# What a page is told


def look(why: str, at: int) -> Updates:
    return {"progress": {"why": why, "at": at}, "generate": {"interactive": not why, "at": at}}


@pytest.mark.parametrize("order", ["12", "21", "213", "3121", "132"])
def test_an_earlier_look_does_not_bring_a_problem_back(order: str):
    shown, page = Shown("a"), {}
    for at in map(int, order):
        for name, how in shown.latest(look("No mask." if at == 1 else "", at)).items():
            page.setdefault(name, {}).update(how)
    last = max(map(int, order))
    assert page == {"progress": {"why": ""}, "generate": {"interactive": True}}, last


def test_what_is_told_of_one_thing_does_not_hold_another_back():
    shown = Shown("a")
    shown.latest({"references": {"warning": "", "at": 9}})
    late = shown.latest({"references": {"warning": "old", "value": {"face": 1}, "at": 8}})
    assert late == {"references": {"value": {"face": 1}}}


@pytest.mark.parametrize("about", ["refer garment", "refer face", "photo", "underlay"])
def test_sentences_are_numbered_in_the_order_in_which_they_were_decided(about: str):
    shown = Shown("a")
    wrong: Updates = notice("No picture.", "error")
    told = [shown.latest(shown.mended(one, about)) for one in (wrong, {"board": {}}, wrong)]
    numbers = [one["notice"]["value"]["n"] for one in told]
    assert numbers == sorted(numbers) and len(set(numbers)) == 3
    # What was overtaken says nothing, and mends nothing.
    assert shown.mended({}, about) == {} and shown.problem == about


def test_every_look_at_the_references_says_when_it_was(studio: Studio, project: str):
    before = moment()
    form = Form(prompt="a coat")
    answers = [
        studio.open(project),
        put(studio, project, "face", 1),
        back.look(studio, project, PAGE, form),
        back.restore(studio, project, {"refs": {"from": "{}", "to": "{}"}}, PAGE, form),
        studio.write(project, PAGE | {"doc": "", "photo": None}, form),
    ]
    for told in answers:
        at = [told[name]["at"] for name in ("references", "progress", "generate")]
        assert min(at) > before
        if "value" in told["references"]:
            assert told["references"]["value"]["at"] > before
    numbers = [told["references"]["at"] for told in answers]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("event", ["photo", "underlay"])
@pytest.mark.parametrize("good", [True, False], ids=["a good", "a bad"])
def test_a_sketchs_picture_that_was_overtaken_is_neither_laid_nor_complained_about(
    studio: Studio, project: str, event: str, good: bool
):
    page = build_page(studio)
    targets = {
        name: fn
        for fn in page.fns.values()
        for _, name in fn.targets
        if name in ("photo", "underlay")
    }

    def give(turn: int, fine: bool) -> Updates:
        data = {"path": photo(studio, f"{turn}.png", fine), "turn": turn, "page": "page"}
        fn = targets[event].fn
        assert fn is not None
        return fn(gr.EventData(None, data), Shown(), project)

    def told(answer: Any) -> bool:
        return any(
            isinstance(one, dict) and set(one) & {"change", "under", "value"} for one in answer
        )

    assert told(give(2, True))
    assert not told(give(1, good))
    assert told(give(2, good)) and told(give(3, good))
