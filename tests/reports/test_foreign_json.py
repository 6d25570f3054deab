"""Numbers and brackets beyond all measure, wherever JSON comes from outside: one sentence each."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from studio.desk import compare, fitting_room, projects
from studio.desk.compose import Form
from studio.desk.drawing import read_strokes
from studio.desk.projects import take_in
from studio.desk.references import references_in
from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.desk.updates import Updates, guarded, raw_json
from studio.errors import BadInput, ToileError
from studio.export.project_file import write_project
from studio.forms import DEEPEST, NotJson, bounded, is_number, is_whole, read_json, read_object
from studio.gallery import Store
from studio.garment.document import read_document
from studio.request import Recorded
from tests.flat import recorded_of
from tests.studio.gallery.made import new

HUGE = (
    "9" * 400,
    "-" + "9" * 400,
    "1" + "0" * 30,
    "9" * 5000,
    "1e999",
    "-1e999",
    "NaN",
    "Infinity",
)
DEEP = ("[" * 100_000, '{"a":' * 100_000, "[" * 500 + "]" * 500, '[{"a":' * 90 + "1" + "}]" * 90)


def never() -> Any:
    """An engine that is still loading."""
    raise AssertionError("nothing here loads a model")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """A studio without a model."""
    store = Store(tmp_path / "data")
    made = Studio(store, EngineRoom(never), tmp_path)
    yield made
    made.jobs.close()
    store.close()


@pytest.mark.parametrize("text", [*HUGE, *DEEP, "", "{", b"\xff\xfe", '{"a": 1}x'])
def test_what_nobody_can_use_is_not_read(text: str | bytes) -> None:
    with pytest.raises(NotJson, match="cannot be read"):
        read_json(text)


@pytest.mark.parametrize(
    "data",
    [
        {"a": [1, 2.5, -3, True, None, "9" * 400], "b": {"c": []}},
        [[["[[[[[" * 100, "\\", '"[{']]],
        {"n": 2**63 - 1, "m": -(2**63 - 1), "f": 1.7e308},
        "ä” [",
        json.loads("[" * DEEPEST + "]" * DEEPEST),
    ],
)
def test_everything_else_is_read_as_python_reads_it(data: Any) -> None:
    text = json.dumps(data, ensure_ascii=False)
    assert read_json(text) == data == read_json(text.encode()) == bounded(data)
    assert read_json(json.dumps(data, indent=1)) == data


def test_a_document_has_a_size_and_a_form() -> None:
    with pytest.raises(NotJson):
        read_json('"' + "x" * 100 + '"', most=50)
    for text in ("[]", "3", '"a"', "null"):
        with pytest.raises(NotJson):
            read_object(text)


@pytest.mark.parametrize("value", [10**400, -(10**30), float("nan"), float("-inf"), 2**63])
def test_numbers_that_are_parsed_already_are_held_to_the_same(value: Any) -> None:
    assert not is_number(value) and not is_whole(value)
    for data in (value, [value], {"a": {"b": [1, value]}}):
        with pytest.raises(NotJson):
            bounded(data)


def test_what_is_parsed_already_lies_no_deeper() -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(NotJson):
        bounded(deep)
    with pytest.raises(BadInput):
        raw_json({"a": deep})


REQUEST = {
    "st": '{"prompt":"x","st":%s}',
    "sg": '{"prompt":"x","garment_image":"' + "a" * 64 + '","sg":%s}',
    "seed": '{"prompt":"x","seed":%s}',
    "count": '{"prompt":"x","count":%s}',
    "strength": '{"prompt":"x","init_image":"' + "a" * 64 + '","vary_strength":%s}',
    "control": '{"prompt":"x","sketch":"' + "a" * 64 + '","sketch_control":{"strength":%s}}',
    "pose": '{"prompt":"x","pose":[[%s,0.5],[0.1,0.2]' + ",null" * 16 + "]}",
    "box": '{"prompt":"x","components":[{"kind":"button","place":"centre front",'
    '"box":[%s,0.1,0.2,0.3]}]}',
    "scale": '{"prompt":"x","styles":[{"name":"a","sha256":"' + "a" * 64 + '","scale":%s}]}',
    "new st": '{"format":2,"request":{"words":{"prompt":"x","st":%s}}}',
    "new width": '{"format":2,"request":{"words":{"prompt":"x"},"sampling":{"width":%s}}}',
    "version": '{"format":%s,"request":{"words":{"prompt":"x"}}}',
}


@pytest.mark.parametrize("field", REQUEST)
@pytest.mark.parametrize("number", [*HUGE, *DEEP[:2]])
def test_a_request_with_a_number_beyond_measure_is_a_sentence(field: str, number: str) -> None:
    with pytest.raises(BadInput) as refused:
        Recorded.from_json(REQUEST[field] % number)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("value", [10**400, -(10**400), 10**30, float("inf"), float("nan")])
@pytest.mark.parametrize(
    "make",
    [
        lambda v: recorded_of(prompt="x", st=v),
        lambda v: recorded_of(prompt="x", seed=v),
        lambda v: recorded_of(prompt="x", pose=[[v, 0.5], [0.1, 0.2], *[None] * 16]),
        lambda v: recorded_of(prompt="x", init_image="a" * 64, vary_strength=v),
    ],
)
def test_so_is_a_request_that_is_made_of_such_numbers(
    make: Callable[[Any], Any], value: Any
) -> None:
    with pytest.raises(BadInput) as refused:
        make(value)
    assert len(str(refused.value)) < 300


STROKE = '{"v":1,"strokes":[{"t":"pen","w":%s,"p":[%s,1,1]}]}'


@pytest.mark.parametrize("number", [*HUGE, *DEEP])
def test_a_drawing_is_a_sentence_too(number: str) -> None:
    for text in (STROKE % (number, 1), STROKE % (1, number), number):
        with pytest.raises(BadInput, match="The drawing"):
            read_strokes(text)


@pytest.mark.parametrize("number", [*HUGE, *DEEP])
def test_components_poses_drafts_and_references_are_sentences(number: str) -> None:
    group = (
        '{"v":1,"groups":[{"id":"button-centre-front","kind":"button","place":"centre front",'
        '"source":"user","locked":false,"mirror":false,"ends":null,"boxes":[[%s,0,1,1]]}]}'
    )
    style = '{"styles":[{"name":"a","sha256":"' + "a" * 64 + '","scale":%s}]}'
    for read, texts in (
        (read_document, (group % number, number)),
        (Form.from_json, ('{"text":' + number + "}", number)),
        (references_in, (style % number, '{"stance":{"joints":[[' + number + ",1]]}}", number)),
    ):
        for text in texts:
            with pytest.raises(BadInput):
                read(text)


@pytest.mark.parametrize("value", [10**30, -(10**400), 10**19, float("inf"), True, "x", [], {}])
def test_a_cursor_beyond_measure_is_no_cursor(studio: Studio, value: Any) -> None:
    project = studio.store.first_project().id
    for name in ("before", "since", "until"):
        answer = guarded(lambda name=name: projects.query(studio, project, {name: value}))()
        assert answer["gallery"]["page"]["items"] == []
    told = guarded(lambda: compare.older(studio, project, {"before": value}))()
    assert "(code" not in str(told)


@pytest.mark.parametrize(
    "event",
    [
        '{"verb": "joints", "joints": %s}' % ("[" * 100_000),
        '{"verb": "joints", "joints": [[%s, 1]]}' % ("9" * 400),
        "[" * 100_000,
        "{",
    ],
)
def test_an_event_that_is_no_json_is_a_sentence(studio: Studio, event: str) -> None:
    project = studio.store.first_project().id

    def act() -> Updates:
        return fitting_room.act(studio, project, raw_json(event), {}, Form())

    text = guarded(act)()["notice"]["value"]["text"]
    assert "cannot be read" in text and "(code" not in text


# Project files


def a_project(studio: Studio) -> bytes:
    """A project with a drawing and a checked picture, as a file."""
    store = studio.store
    project = store.create_project("Coat")
    store.save_draft(project.id, Form(prompt="a navy coat").to_json())
    drawn = '{"v":1,"strokes":[{"t":"pen","w":8,"m":1,"p":[200,100,1,300,900,1]}]}'
    store.save_sketch(project.id, drawn, None, None)
    made = store.add(project.id, new(4, request=recorded_of(prompt="a navy coat").to_json()))
    store.save_checks(made.id, [{"what": "buttons", "asked": 5, "seen": 5, "passed": True}])
    store.save_references(project.id, references_in("{}").board())
    out = io.BytesIO()
    write_project(store, project.id, out)
    return out.getvalue()


def changed(file: bytes, change: Callable[[dict[str, Any]], None]) -> io.BytesIO:
    """The file with another project.json."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as old, zipfile.ZipFile(out, "w") as new_file:
        for name in old.namelist():
            data = old.read(name)
            if name == "project.json":
                project = json.loads(data)
                change(project)
                data = json.dumps(project).encode()
            new_file.writestr(name, data)
    return out


def drawing(text: str) -> Callable[[dict[str, Any]], None]:
    return lambda project: project["sketches"][0].update(strokes=text)


def draft(text: str) -> Callable[[dict[str, Any]], None]:
    return lambda project: project.update(draft=text)


def refers(text: str) -> Callable[[dict[str, Any]], None]:
    return lambda project: project["references"].update(document=text)


def checks(one: Any) -> Callable[[dict[str, Any]], None]:
    return lambda project: project["pictures"][0].update(checks=[one])


FOREIGN = {
    "strokes without version": drawing('{"strokes":[]}'),
    "unknown points": drawing('{"v":1,"strokes":[{"t":"pen","w":1,"p":[1,2]}]}'),
    "huge stroke": drawing(STROKE % ("9" * 400, 1)),
    "strokes of another kind": drawing('{"v":1,"strokes":[{"t":"laser"}]}'),
    "deep drawing": drawing('{"v":1,"strokes":' + "[" * 100_000),
    "deep draft": draft("[" * 200_000),
    "huge draft": draft('{"text":' + "9" * 400 + "}"),
    "draft of other kinds": draft('{"prompt":{},"text":{},"count":[],"seed":{},"steps":"x"}'),
    "draft that is a list": draft("[1]"),
    "huge scale": refers(
        '{"styles":[{"name":"a","sha256":"' + "a" * 64 + '","scale":' + HUGE[0] + "}]}"
    ),
    "huge joint": refers('{"stance":{"joints":[[' + HUGE[0] + ",1]]}}"),
    "deep references": refers("[" * 90_000),
    "check without numbers": checks({"what": "buttons", "passed": True}),
    "check of other kinds": checks({"what": "buttons", "asked": {}, "seen": [[]], "passed": None}),
    "huge check": checks({"what": "buttons", "asked": 10**300, "seen": 10**300, "passed": True}),
    "deep check": checks({"what": "x", "asked": json.loads("[" * 150 + "]" * 150), "passed": True}),
}  # fmt: skip


@pytest.mark.first(6)
@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_project_is_refused_or_can_be_shown(studio: Studio, name: str) -> None:
    """Whatever is in it: a page that is opened afterwards shows a project and can go on."""
    file = a_project(studio)
    before = {p.id for p in studio.store.projects()}
    try:
        project = take_in(studio, changed(file, FOREIGN[name]))
    except ToileError as refused:
        assert len(str(refused)) < 300 and "(code" not in str(refused)
        assert {p.id for p in studio.store.projects()} == before
    else:
        assert studio.open(project.id)["project"]["value"] == project.id
    shown = guarded(studio.open)("")
    assert shown["project"]["value"] and "notice" not in shown
    for one in studio.store.projects():
        assert guarded(studio.open)(one.id)["project"]["value"] == one.id


def test_a_project_that_is_whole_is_taken_in(studio: Studio) -> None:
    project = take_in(studio, io.BytesIO(a_project(studio)))
    assert studio.open(project.id)["prompt"]["value"] == "a navy coat"


@pytest.mark.parametrize("request_text", ["{", "{}", '{"prompt":"x","st":"y"}', "[" * 5000])
def test_a_project_that_cannot_be_shown_leaves_the_others_usable(
    studio: Studio, request_text: str
) -> None:
    """One that an earlier Toile took in: it stands first, and the page opens another."""
    good = studio.store.create_project("Good")
    broken = studio.store.create_project("Broken")
    made = studio.store.add(broken.id, new(4, request=recorded_of(prompt="x").to_json()))
    with closing(sqlite3.connect(studio.store.data_dir / "toile.db")) as database, database:
        database.execute("UPDATE variant SET request = ? WHERE id = ?", (request_text, made.id))
    for asked in ("", broken.id):
        shown = guarded(studio.open)(asked)
        assert shown["project"]["value"] == good.id
        assert "“Broken” cannot be shown" in shown["notice"]["value"]["text"]
    studio.store.delete_project(good.id)
    fresh = guarded(studio.open)("")["project"]["value"]
    assert fresh not in ("", broken.id, good.id)


@pytest.mark.parametrize("strokes", ['{"strokes":[]}', "{", '{"v":9}', "[" * 100_000])
def test_a_drawing_that_cannot_be_read_counts_as_none(studio: Studio, strokes: str) -> None:
    project = studio.store.create_project("Broken")
    studio.store.save_sketch(project.id, strokes, None, None)
    shown = guarded(studio.open)("")
    assert shown["project"]["value"] == project.id and "notice" not in shown
