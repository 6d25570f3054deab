"""What differs between pictures, and what the Compare room does without a browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.controls.style import StyleControl
from studio.desk import compare
from studio.desk.compose import Form
from studio.desk.pictures import act
from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.desk.table import Row, as_text, checks_table, table
from studio.errors import BadInput
from studio.gallery import Store
from studio.garment.spec import Component
from studio.request import Control, Pose
from tests.flat import recorded_of, replace
from tests.studio.gallery.made import new

INK = "a" * 64


def buttons(*tops: float) -> tuple[Component, ...]:
    return tuple(Component("button", "centre front", (0.48, y, 0.52, y + 0.04)) for y in tops)


def pose(x: float) -> Pose:
    return Pose(joints=tuple((x, i / 20) for i in range(18)))


def cells(rows: list[Row], what: str) -> tuple[str, ...]:
    return next(row.cells for row in rows if row.what == what)


# What differs


def test_equal_requests_differ_in_nothing():
    request = recorded_of(prompt="a navy coat", components=buttons(0.3, 0.5), sketch=INK)
    rows = table([request] * 3)
    assert rows
    assert not [row for row in rows if row.differs]
    assert as_text(rows, ["A", "B", "C"]) == "\tA\tB\tC"


def test_a_usual_shape_is_no_drawing_of_anybodys():
    coat = recorded_of(prompt="a woman in a coat", sketch=INK, usual_shape=True, pose=pose(0))
    dress = replace(coat, prompt="a woman in a dress", sketch="b" * 64, pose=pose(1))
    drawn = replace(coat, usual_shape=False)
    rows = table([coat, dress, drawn])
    assert cells(rows, "Drawing") == ("usual shape", "usual shape", "drawing 1")
    assert cells(rows, "Pose") == ("–", "–", "pose 1")


def test_every_setting_that_differs_has_its_row():
    one = recorded_of(
        prompt="a navy coat with two pockets", components=buttons(0.3, 0.5), sketch=INK, seed=7,
        garment_image="d" * 64, pose=pose(0.5), face_image="f" * 64,
    )  # fmt: skip
    changes: dict[str, dict[str, Any]] = {
        "Words": {"prompt": "a red coat with two pockets"},
        "Leave out": {"negative_prompt": "pattern"},
        "Buttons": {"components": buttons(0.3, 0.5, 0.7)},
        "Drawing": {"sketch": "b" * 64},
        "Sketch strength": {"sketch_control": Control(strength=0.6, start=0, end=0.6)},
        "Component strength": {"component_control": Control(strength=0.5)},
        "Starts from": {"init_image": "c" * 64},
        "Text strength": {"st": 9.0},
        "Garment photo": {"garment_image": "e" * 64},
        "Garment mask": {"garment_mask": "e" * 64},
        "Garment method": {"garment_method": "combined"},
        "Garment guidance sG": {"sg": 1.0},
        "Garment weight λ": {"dressing": 0.5},
        "Pose": {"pose": pose(0.6)},
        "Pose strength": {"pose_control": Control(strength=0.5)},
        "Face photo": {"face_image": "e" * 64},
        "Face strength": {"face_control": Control(strength=0.5)},
        "Styles": {"styles": (StyleControl(name="linen", sha256="a" * 64, strength=0.5),)},
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
        allowed = {what, "Colour"} if what == "Words" else {what, "Variation"}
        assert differing <= allowed, what


def test_cells_are_in_a_designers_words():
    one = recorded_of(prompt="a navy coat", components=buttons(0.3, 0.5), st=7.5)
    two = recorded_of(prompt="a red coat", sketch=INK, sampler="dpm++")
    rows = table([one, two, two])
    assert cells(rows, "Colour") == ("navy", "red", "red")
    assert cells(rows, "Buttons") == ("2 centre front", "–", "–")
    assert cells(rows, "Drawing") == ("–", "drawing 1", "drawing 1")
    assert cells(rows, "Sampler") == ("UniPC", "DPM++", "DPM++")
    assert cells(rows, "Text strength")[0] == "7.5"


def test_components_that_only_moved_say_whither():
    one = recorded_of(components=buttons(0.3, 0.5))
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
    one = recorded_of(prompt="a navy\tcoat", seed=1)
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
