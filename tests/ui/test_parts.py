"""What table, handles, words and drawing do to the component document, without a browser."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from studio.desk import parts_table, underlays, vector
from studio.desk.compose import Form
from studio.desk.drawing import read_strokes
from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.errors import BadInput
from studio.gallery import Store
from studio.garment.document import read_document
from tests.studio.garment.test_document import BAD
from tests.ui.test_drawing import drawing, line

COAT = Form(prompt="a navy wool coat with five buttons and two pockets", seed="7")


def never() -> Any:
    """An engine that is still loading."""
    raise AssertionError("nothing here loads a model")


@pytest.fixture
def studio(tmp_path: Path):
    """A studio whose model is still loading."""
    store = Store(tmp_path / "data")
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    yield Studio(store, EngineRoom(never), uploads)
    store.close()


@pytest.fixture
def project(studio: Studio) -> str:
    """A new, empty project."""
    return studio.store.create_project("Components").id


def board(project: str, text: str = '{"v": 1, "groups": []}', **more: Any) -> dict[str, Any]:
    """What the browser sends of the board."""
    empty = {"doc": drawing(), "photo": None, "n": 1, "e": 4, "parts": text, "project": project}
    return empty | more


def kept(studio: Studio, project: str) -> Any:
    """The newest document in the store."""
    latest = studio.store.latest_components(project)
    assert latest is not None
    return read_document(latest.document)


def act(studio: Studio, project: str, verb: str, form: Form = COAT, **event: Any) -> Any:
    """Do a verb on the kept document."""
    latest = studio.store.latest_components(project)
    now = board(project, latest.document if latest else '{"v": 1, "groups": []}')
    return studio.arrange(project, {"verb": verb} | event, now, form)


def written(studio: Studio, project: str, form: Form = COAT) -> str:
    """Write the words; the document's text as the page then has it."""
    before = studio.store.latest_components(project)
    text = before.document if before else '{"v": 1, "groups": []}'
    change = studio.write(project, board(project, text), form)["board"].get("change")
    return change.get("parts", text) if change else text


def test_words_fill_the_board_and_the_table(studio: Studio, project: str):
    updates = studio.write(project, board(project), COAT)
    change = updates["board"]["change"]
    assert change["step"] == "typing" and change["on"] == 4
    document = read_document(change["parts"])
    assert document == kept(studio, project)
    rows = {r["id"]: r for r in updates["components"]["value"]["groups"]}
    assert rows["button-centre-front"]["count"] == 5 and rows["pocket-left-hip"]["mirror"]
    assert updates["components"]["value"]["agrees"]
    # What is shown already is not sent again.
    again = studio.write(project, board(project, change["parts"]), COAT)
    assert "parts" not in again["board"]["change"]


def test_a_page_that_was_shown_no_components_overwrites_none(studio: Studio, project: str):
    written(studio, project)
    before = kept(studio, project)
    studio.write(project, {}, COAT)
    studio.write(project, {"doc": drawing(), "photo": None, "n": 0}, Form(prompt="a skirt"))
    assert kept(studio, project) == before


def test_a_late_answer_never_reaches_another_project(studio: Studio, project: str):
    text = written(studio, project)
    other = studio.store.create_project("Other").id
    studio.draw(other, board(project, text, doc=drawing(line(100, 100, 300, 900))), Form())
    assert studio.store.latest_sketch(other) is None
    assert studio.store.latest_components(other) is None
    sketch = studio.store.latest_sketch(project)
    assert sketch is not None and len(read_strokes(sketch.strokes)) == 1


@pytest.mark.first(8)
@pytest.mark.parametrize("case", BAD)
def test_a_bad_document_leaves_no_row_and_one_sentence(studio: Studio, project: str, case: str):
    drawn = drawing(line(100, 100, 300, 900))
    answer = studio.draw(project, board(project, BAD[case], doc=drawn), COAT)
    assert answer["board"]["saved"]["ok"] is False
    assert "\n" not in answer["notice"]["value"]["text"]
    assert studio.store.latest_components(project) is None
    with pytest.raises(BadInput):
        studio.arrange(project, {"verb": "lock"}, board(project, BAD[case]), COAT)
    assert studio.store.latest_components(project) is None


@pytest.mark.parametrize("value", [5, None, {"v": 1}, ["x"], True])
def test_a_document_that_is_no_text_is_refused(studio: Studio, project: str, value: Any):
    with pytest.raises(BadInput):
        studio.write(project, board(project, value), COAT)
    assert studio.store.latest_components(project) is None


@pytest.mark.parametrize(
    "event",
    [
        {"verb": "explode"},
        {"verb": "count", "id": "button-centre-front", "count": "7"},
        {"verb": "count", "id": "button-centre-front", "count": 9},
        {"verb": "count", "id": "button-centre-front", "count": -1},
        {"verb": "count", "id": "button-centre-front", "count": 10**12},
        {"verb": "count", "id": "pocket-left-hip", "count": 3},
        {"verb": "count", "id": "gone", "count": 1},
        {"verb": "count", "id": {"a": 1}, "count": 1},
        {"verb": "add", "kind": "laser", "place": "waist"},
        {"verb": "add", "kind": "button", "place": "centre front"},
        {"verb": "add", "kind": "cuff", "place": "left wrist"},
        {"verb": "place", "id": "pocket-left-hip", "place": "left knee"},
        {"verb": "mirror", "id": "button-centre-front", "on": True},
        {"verb": "even", "id": "pocket-left-hip"},
        {"verb": "copy", "id": "pocket-left-hip", "index": 0, "x": float("nan"), "y": 0.5},
        {"verb": "copy", "id": "pocket-left-hip", "index": 7, "x": 0.5, "y": 0.5},
        {"verb": "remove", "id": "button-centre-front", "index": 99},
    ],
)
def test_what_cannot_be_done_is_one_sentence(studio: Studio, project: str, event: Any):
    written(studio, project)
    before = kept(studio, project)
    with pytest.raises(BadInput) as refused:
        act(studio, project, **event)
    assert "\n" not in str(refused.value)
    assert kept(studio, project) == before


def test_the_count_of_the_table_changes_document_board_and_table(studio: Studio, project: str):
    written(studio, project)
    updates = act(studio, project, "count", id="button-centre-front", count=3)
    document = read_document(updates["board"]["change"]["parts"])
    assert updates["board"]["change"]["step"] is True
    assert document.count("button") == kept(studio, project).count("button") == 3
    assert not updates["components"]["value"]["agrees"]
    ends = document.group("button-centre-front").ends
    assert act(studio, project, "count", id="button-centre-front", count=8)
    assert kept(studio, project).group("button-centre-front").ends == ends


def test_what_was_taken_away_does_not_come_back_by_itself(studio: Studio, project: str):
    written(studio, project)
    act(studio, project, "remove", id="button-centre-front")
    assert kept(studio, project).count("button") == 0
    red = Form(prompt=COAT.prompt.replace("navy", "red"), seed="7")
    studio.store.save_draft(project, COAT.to_json())
    assert read_document(written(studio, project, red)).count("button") == 0
    act(studio, project, "reset", red)
    assert kept(studio, project).count("button") == 5


def test_one_of_a_row_is_removed_and_the_rest_is_spaced(studio: Studio, project: str):
    written(studio, project)
    act(studio, project, "remove", id="button-centre-front", index=1)
    row = kept(studio, project).group("button-centre-front")
    assert row.count == 4 and row.ends is not None


def test_a_copy_goes_to_the_nearest_free_place(studio: Studio, project: str):
    written(studio, project)
    act(studio, project, "copy", id="pocket-left-hip", index=0, x=0.6, y=0.3)
    copied = kept(studio, project).group("pocket-left-chest")
    assert copied.count == 1
    act(studio, project, "copy", id="button-centre-front", index=4, x=0.5, y=0.9)
    row = kept(studio, project).group("button-centre-front")
    assert row.count == 6 and row.ends is None
    act(studio, project, "even", id="button-centre-front")
    assert kept(studio, project).group("button-centre-front").ends is not None


def test_mirror_lock_place_and_add(studio: Studio, project: str):
    written(studio, project)
    act(studio, project, "mirror", id="pocket-left-hip", on=False)
    assert kept(studio, project).count("pocket") == 1
    act(studio, project, "place", id="pocket-left-hip", place="left chest")
    assert kept(studio, project).group("pocket-left-chest").count == 1
    act(studio, project, "add", kind="belt", place="waist")
    assert kept(studio, project).count("belt") == 1
    act(studio, project, "lock", id="belt-waist", on=True)
    with pytest.raises(BadInput, match="locked"):
        act(studio, project, "remove", id="belt-waist")
    act(studio, project, "lock", id="belt-waist", on=False)
    act(studio, project, "remove", id="belt-waist")
    assert kept(studio, project).count("belt") == 0
    act(studio, project, "add", kind="pocket", place="left hip", mirror=True)
    assert kept(studio, project).count("pocket") == 3


def test_components_are_written_into_the_words_once(studio: Studio, project: str):
    written(studio, project)
    act(studio, project, "count", id="button-centre-front", count=3)
    updates = act(studio, project, "write")
    prompt = updates["prompt"]["value"]
    assert "3 buttons" in prompt and "navy wool coat" in prompt
    assert Form.from_json(studio.store.project(project).draft).prompt == prompt
    assert updates["components"]["value"]["agrees"]
    after = kept(studio, project)
    form = Form(prompt=prompt, seed="7")
    assert act(studio, project, "write", form)["prompt"]["value"] == prompt
    assert kept(studio, project) == after


def test_every_table_offers_only_what_can_be_done(studio: Studio, project: str):
    for prompt in ("", "a t-shirt", "a skirt with 6 pleats", "a double-breasted coat"):
        form = Form(prompt=prompt, seed="7")
        text = written(studio, project, form)
        for kind in parts_table.table(read_document(text), form)["add"]:
            for place in kind["places"]:
                answer = studio.arrange(
                    project, {"verb": "add", "kind": kind["kind"]} | place,
                    board(project, text), form,
                )  # fmt: skip
                assert read_document(answer["board"]["change"]["parts"]).count(kind["kind"])


# Underlays and the drawing as a file


def test_underlays_follow_the_words_and_share_their_scale():
    form = Form(prompt="a long dress with a v-neck")
    query = dict(pair.split("=") for pair in underlays.address(form).split("&"))
    spec = underlays.spec_of(query)
    assert (spec.garment, spec.length, spec.neckline) == ("dress", "long", "v-neck")
    for view in ("front", "back"):
        for text in (underlays.flat_svg(spec, view), underlays.croquis_svg(spec, view)):
            assert ElementTree.fromstring(text).tag.endswith("svg")
    with pytest.raises(BadInput):
        underlays.spec_of({"garment": "<script>"})
    with pytest.raises(BadInput):
        underlays.spec_of({"garment": "t-shirt", "neckline": "hood"})


def test_a_photo_to_draw_over_is_kept_and_is_no_ink(studio: Studio, project: str):
    photo = studio.uploads / "photo.jpg"
    Image.fromarray(np.full((1500, 900, 3), 120, np.uint8)).save(photo)
    updates = studio.keep_photo(str(photo))
    assert set(updates["board"]) == {"under"}
    png = studio.store.picture(updates["board"]["under"]["photo"])
    assert png.startswith(b"\x89PNG")
    text = studio.uploads / "no.png"
    text.write_text("no picture")
    with pytest.raises(BadInput):
        studio.keep_photo(str(text))


def test_the_flat_of_the_words_can_be_traced(studio: Studio, project: str):
    front = studio.trace("front", COAT)["board"]["change"]["photo"]
    back = studio.trace("back", COAT)["board"]["change"]["photo"]
    assert front != back and studio.store.has_picture(front)


def test_the_drawing_is_an_svg_with_named_components(studio: Studio, project: str):
    with pytest.raises(BadInput, match="nothing on the board"):
        vector.kept_svg(studio.store, project)
    text = written(studio, project)
    strokes = drawing(
        line(200, 100, 380, 700, m=1),
        {"t": "eraser", "w": 40, "m": 0, "p": [250, 300, 1, 300, 300, 1]},
        {"t": "pen", "w": 8, "m": 0, "p": [100, 100, 0.2, 200, 200, 0.6, 300, 300, 1]},
    )
    studio.draw(project, board(project, text, doc=strokes), COAT)
    studio.store.rename_project(project, "</title> \u202e & “x”")
    name, svg = vector.kept_svg(studio.store, project)
    assert name == "toile-title-x-drawing.svg"
    root = ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    groups = {g.get("id"): g for g in root.iter(f"{space}g") if g.get("id")}
    assert groups["button-centre-front"].get("aria-label") == "5 buttons at the centre front"
    assert len(groups["button-centre-front"].findall(f"{space}circle")) == 5
    assert len(list(groups["components"].iter(f"{space}rect"))) == 2
    paths = [p for p in groups["drawing"].iter(f"{space}path")]
    assert len(paths) == 2 + 3
    assert len(list(root.iter(f"{space}mask"))) == 1


def test_a_stored_document_comes_back_when_the_project_is_opened(studio: Studio, project: str):
    written(studio, project)
    act(studio, project, "count", id="button-centre-front", count=2)
    studio.store.save_draft(project, COAT.to_json())
    opened = studio.open(project)
    assert read_document(opened["board"]["value"]["parts"]) == kept(studio, project)
    rows = opened["components"]["value"]["groups"]
    assert [r["count"] for r in rows if r["kind"] == "button"] == [2]
    assert json.loads(opened["board"]["value"]["parts"])["v"] == 1
