"""What the page does, action by action, without a browser."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.cli import main
from studio.controls.garment import GarmentControl
from studio.desk import fitting_room, parts
from studio.desk.compose import Form
from studio.desk.easel import board_ink
from studio.desk.pictures import act
from studio.desk.projects import query
from studio.desk.references import References
from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.desk.updates import guarded, raw_json
from studio.engine import Engine
from studio.errors import BadInput, ToileError
from studio.gallery import Store
from studio.gallery.layers import read_strokes
from studio.garment.document import Document, read_document
from studio.garment.spec import Component
from studio.pngmeta import png_bytes
from studio.vision.perception import PerceptionConfig, PerceptionNet
from tests.flat import Flat, flat, flat_of, recorded_of, replace, request_in
from tests.studio.gallery.made import new
from tests.tinymodel import build_tiny_model
from trainer.data.pairs import sample_flat
from trainer.data.wardrobe import HELD_OUT

LINE = json.dumps(
    {"v": 1, "strokes": [{"t": "pen", "w": 8, "m": 1, "p": [200, 100, 1, 300, 900, 1]}]}
)
EMPTY = {"doc": json.dumps({"v": 1, "strokes": []}), "photo": None, "n": 0}


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
    """The project that the page opens."""
    return studio.open("")["project"]["value"]


def test_an_unknown_project_opens_the_last_one(studio: Studio, project: str):
    assert studio.open("gone")["project"]["value"] == project
    assert studio.open(project)["generate"]["interactive"] is False


def test_what_is_drawn_and_written_is_there_at_the_next_opening(studio: Studio, project: str):
    board = {"doc": LINE, "photo": None, "n": 3, "s": 4}
    form = Form(prompt="a coat with five buttons", seed="12", steps=8)
    stamp = studio.draw(project, board, form)["board"]["saved"]
    assert stamp == {"n": 3, "s": 4, "ok": True, "asked": False}
    studio.write(project, board, form)
    opened = studio.open(project)
    assert read_strokes(opened["board"]["value"]["doc"]) == read_strokes(LINE)
    assert (
        read_document(opened["board"]["value"]["parts"]).words() == "5 buttons at the centre front"
    )
    assert opened["prompt"]["value"] == form.prompt
    assert (opened["seed"]["value"], opened["steps"]["value"]) == ("12", 8)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A real engine on a tiny random model that sees, without having learned to."""
    folder = build_tiny_model(tmp_path_factory.mktemp("page") / "tiny")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        PerceptionNet(PerceptionConfig()).save_pretrained(folder / "perception")
    return Engine(folder, "fp32", "cpu")


@pytest.fixture
def working(tmp_path: Path, engine: Engine) -> Iterator[Studio]:
    """A studio whose model is loaded."""
    room = EngineRoom(lambda: engine)
    room.start()
    opened = Store(tmp_path / "working")
    running = Studio(opened, room, tmp_path)
    yield running
    running.jobs.close()
    opened.close()


def asked(studio: Studio, project: str, board: dict[str, Any], form: Form) -> Flat:
    """What Generate enters; its pictures are not waited for."""
    studio.generate(project, board, form)
    job = studio.jobs.of(project)
    assert job is not None
    studio.cancel(project, job.id)
    return flat(job.requests[0])


SMALL = Form(seed="7", locked=True, steps=1, count=1)


@pytest.mark.first(1)
@pytest.mark.parametrize(
    "prompt",
    ["a navy coat with five buttons and two pockets", "a man in a shirt, hands on hips",
     "something with four buttons", "a woman in a park"],
)  # fmt: skip
def test_the_same_words_mean_the_same_picture_on_the_command_line(
    prompt: str, working: Studio, engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    project = working.open("")["project"]["value"]
    page = asked(working, project, EMPTY, replace(SMALL, prompt=prompt, text=engine.entry.st))
    given = ["--model", str(engine.entry.folder), "--steps", "1", "--seed", "7", "--json"]
    assert main(["generate", "--prompt", prompt, "--out", str(tmp_path / "out"), *given]) == 0
    recorded = request_in(Path(json.loads(capsys.readouterr().out)["path"]))
    assert recorded is not None
    typed = flat(recorded)
    pairs = list(zip(typed.components, page.components, strict=True))
    for one, other in pairs:
        assert (one.kind, one.place) == (other.kind, other.place)
        assert one.box == pytest.approx(other.box, abs=1e-4)
    assert replace(typed, weights="", components=page.components) == page


def test_a_picture_of_a_usual_shape_comes_back_as_it_was_asked_for(working: Studio):
    project = working.open("")["project"]["value"]
    form = replace(SMALL, prompt="a woman in a coat")
    first = asked(working, project, EMPTY, form)
    assert first.usual_shape and first.pose is not None
    kept = working.store.add(project, new(7, request=first.kept.to_json()))
    other = replace(form, prompt="a red skirt", shaped=False)
    used = act(working, project, {"verb": "use", "id": kept.id}, EMPTY, other)
    assert used["shaped"]["value"] is True and used["references"]["value"]["pose"] is None
    assert asked(working, project, EMPTY, replace(form, count=first.count)) == first
    plain = asked(working, project, EMPTY, replace(form, shaped=False))
    assert (plain.sketch, plain.pose, plain.usual_shape) == (None, None, False)
    drawn = asked(working, project, {**EMPTY, "doc": LINE}, form)
    assert drawn.sketch not in (None, first.sketch) and not drawn.usual_shape


def test_handles_are_told_whether_components_are_placed(studio: Studio, project: str):
    assert studio.open(project)["board"]["exact"] is True
    off = Form(prompt="a coat with five buttons", exact=False)
    assert studio.write(project, EMPTY, off)["board"]["exact"] is False
    assert studio.open(project)["board"]["exact"] is False
    placed = recorded_of(
        prompt="a coat", components=(Component("belt", "waist", (0.3, 0.4, 0.7, 0.5)),)
    )
    kept = studio.store.add(project, new(5, request=placed.to_json()))
    used = act(studio, project, {"verb": "use", "id": kept.id}, EMPTY, off)
    assert used["exact"]["value"] is True and used["board"]["exact"] is True


def test_why_nothing_can_be_generated_is_said(studio: Studio, project: str):
    why = studio.write(project, EMPTY, Form())["progress"]["why"]
    assert "Describe the garment or draw it" in why
    why = studio.write(project, EMPTY, Form(prompt="a coat"))["progress"]["why"]
    assert "loading" in why


def test_components_placed_by_hand_are_enough(working: Studio):
    project = working.open("")["project"]["value"]
    board = {**EMPTY, "parts": Document().to_json(), "project": project}
    form = replace(SMALL, prompt="")
    assert not working.write(project, board, form)["generate"]["interactive"]
    added = working.arrange(
        project, {"verb": "add", "kind": "pocket", "place": "left hip"}, board, form
    )
    assert added["generate"]["interactive"]
    board["parts"] = added["board"]["change"]["parts"]
    assert [c.kind for c in asked(working, project, board, form).components] == ["pocket"]
    off = replace(form, exact=False)
    assert not working.write(project, board, off)["generate"]["interactive"]
    with pytest.raises(BadInput, match="Describe the garment or draw it"):
        working.generate(project, board, off)


def test_a_look_says_what_is_missing_of_what_is_kept(studio: Studio, project: str):
    assert studio.tick(project, "")["progress"]["why"].startswith("Describe the garment")
    studio.write(project, EMPTY, Form(prompt="a red dress"))
    looked = studio.tick(project, "")
    assert looked["progress"]["why"].startswith("The model is loading")
    seen, shown = looked["seen"]["value"], looked["pulse"]["shown"]
    assert studio.tick(project, seen) == {} == studio.tick(project, seen, shown)
    # The answer before has not reached the page: it is told all again.
    again = studio.tick(project, seen, "")
    assert again.keys() == looked.keys() and again["seen"] == looked["seen"]


def test_steps_are_seen_without_an_event_and_all_else_with_one(working: Studio):
    project = working.open("")["project"]["value"]
    assert working.glance(project, "") == {"changed": True}
    shown = working.tick(project, "")["pulse"]["shown"]
    assert working.glance(project, shown)["job"] is None
    working.generate(project, EMPTY, replace(SMALL, prompt="a red dress", count=1, steps=12))
    assert working.glance(project, shown) == {"changed": True}
    steps, told = set(), 0
    while not (job := working.jobs.look(project).job) or not job.settled:
        looked = working.glance(project, shown)
        if looked.get("changed"):
            told += 1
            shown = working.tick(project, "").get("pulse", {}).get("shown", shown)
        else:
            steps.add(looked["job"]["step"])
            assert looked["queue"]["job"] == looked["job"]
    assert len(steps) > 3 and told < 10
    (made,) = working.store.variants(project).variants
    assert made.id in json.dumps(working.tick(project, "")["variants"]["value"])


def test_an_impossible_count_is_said_beside_the_prompt(studio: Studio, project: str):
    read = studio.write(project, EMPTY, Form(prompt="a t-shirt with five buttons"))["reading"]
    assert read["value"]["problems"]
    assert all(isinstance(p, str) and "\n" not in p for p in read["value"]["problems"])


def test_only_uploads_are_read(studio: Studio, tmp_path: Path):
    secret = tmp_path / "secret.png"
    Image.fromarray(np.eye(64, dtype=np.uint8) * 255).save(secret)
    link = studio.uploads / "link.png"
    link.symlink_to(secret)
    for path in ("/etc/hostname", str(secret), str(link), "../secret.png", "", None, {"path": "x"},
                 "a\0b", str(studio.uploads)):  # fmt: skip
        with pytest.raises(BadInput, match="did not arrive"):
            studio.read_photo(path)
    assert secret.is_file()


def test_a_photo_lies_under_the_strokes(studio: Studio, project: str):
    page = np.full((200, 200), 240, np.uint8)
    page[30:170, 60:64] = page[30:170, 136:140] = page[30:34, 60:140] = 20
    file = studio.uploads / "photo.png"
    Image.fromarray(page).save(file)
    change = studio.read_photo(str(file))["board"]["change"]
    photo_only = board_ink(studio.store, {"doc": EMPTY["doc"], "photo": change["photo"]})
    both = board_ink(studio.store, {"doc": LINE, "photo": change["photo"]})
    assert photo_only is not None and both is not None
    assert (both > 128).sum() > (photo_only > 128).sum() > 100


def test_a_picture_named_by_the_page_must_be_known(studio: Studio, project: str):
    for photo in ("f" * 64, "../../etc/passwd", 7, ["x"]):
        with pytest.raises(BadInput, match="drop it on the board again"):
            board_ink(studio.store, {"doc": LINE, "photo": photo})


@pytest.mark.parametrize("garment", ["t-shirt", "shirt", "coat", "dress", "skirt", "trousers"])
def test_every_flat_on_the_empty_board_gives_ink(studio: Studio, garment: str):
    photo = studio.template(garment)["board"]["change"]["photo"]
    ink = board_ink(studio.store, {"doc": EMPTY["doc"], "photo": photo})
    assert ink is not None and 500 < (ink > 128).sum() < 12_000


def test_verbs_of_a_picture(studio: Studio, project: str):
    request = recorded_of(prompt="a navy coat", seed=5, steps=9)
    kept = studio.store.add(project, new(5, request=request.to_json()))
    form = Form()
    starred = act(studio, project, {"verb": "star", "id": kept.id, "on": True}, EMPTY, form)
    assert starred["variants"]["changed"]["starred"] is True
    gone = act(studio, project, {"verb": "trash", "id": kept.id}, EMPTY, form)
    assert gone["notice"]["value"]["undo"] == {"verb": "restore", "id": kept.id}
    assert studio.open(project)["variants"]["value"]["items"] == []
    back = act(studio, project, gone["notice"]["value"]["undo"], EMPTY, form)
    assert [i["id"] for i in back["variants"]["value"]["items"]] == [kept.id]
    used = act(studio, project, {"verb": "use", "id": kept.id}, EMPTY, form)
    assert (used["seed"]["value"], used["steps"]["value"], used["locked"]["value"]) == (
        "5",
        9,
        True,
    )
    for verb in ("burn", None):
        with pytest.raises(BadInput):
            act(studio, project, {"verb": verb, "id": kept.id}, EMPTY, form)


def test_a_family_is_told_when_a_picture_is_looked_at(studio: Studio, project: str):
    requests = [
        flat_of(prompt="a navy coat", seed=1, st=4.0),
        flat_of(prompt="a red coat", seed=2, st=4.0),
        flat_of(prompt="a red coat", seed=3, st=7.0),
    ]
    parent: str | None = None
    ids = []
    for request in requests:
        made = new(request.seed, request.prompt, request=request.kept.to_json())
        made = replace(made, parent_variant_id=parent)
        parent = studio.store.add(project, made).id
        ids.append(parent)
    first, middle, last = ids
    event = {"verb": "look", "id": middle, "against": last}
    shown = act(studio, project, event, EMPTY, Form())["variants"]["changed"]
    assert [c["id"] for c in shown["look"]["before"]] == [first]
    assert [c["id"] for c in shown["look"]["after"]] == [last]
    assert (shown["short"], shown["parentSeed"]) == ("Colour navy → red", 1)
    assert shown["look"]["against"]["short"] == "Text strength 7 → 4"
    noted = act(studio, project, {"verb": "note", "id": last, "text": " too red "}, EMPTY, Form())
    assert noted["gallery"]["changed"]["note"] == "too red"
    with pytest.raises(BadInput):
        act(studio, project, {"verb": "note", "id": last, "text": "x" * 5000}, EMPTY, Form())


def test_remix_brings_all_back_but_the_seed(studio: Studio, project: str):
    request = recorded_of(prompt="a coat with two buttons", seed=5, steps=9)
    made = studio.store.add(project, new(5, request=request.to_json()))
    back = act(studio, project, {"verb": "remix", "id": made.id}, EMPTY, Form(locked=True))
    assert (back["prompt"]["value"], back["steps"]["value"]) == (request.request.words.prompt, 9)
    assert back["locked"]["value"] is False and back["seed"]["value"] != "5"


@pytest.mark.parametrize(
    "event",
    [
        {"verb": "retry"},
        {"verb": "fix", "component": "button"},
        {"verb": "fix", "component": "wing"},
        {"verb": "colours"},
        {"verb": "colours", "colours": "red"},
        {"verb": "colours", "colours": []},
        {"verb": "colours", "colours": ["no such colour"]},
        {"verb": "look", "against": "nobody"},
        {"verb": "vary", "strength": "far"},
    ],
)
def test_what_cannot_be_done_is_one_sentence(studio: Studio, project: str, event: dict):
    request = recorded_of(prompt="a coat", seed=5)
    made = studio.store.add(project, new(5, request=request.to_json()))
    with pytest.raises(BadInput) as refused:
        act(studio, project, event | {"id": made.id}, EMPTY, Form())
    assert str(refused.value).endswith((".", "?")) and "\n" not in str(refused.value)


def test_the_gallery_comes_in_pages(studio: Studio, project: str):
    for i in range(50):
        request = recorded_of(prompt="a coat", seed=i)
        studio.store.add(project, new(i, request=request.to_json()))
    first = query(studio, project, {"filter": "all", "search": ""})["gallery"]["page"]
    rest = query(studio, project, {"filter": "all", "before": first["next"]})["gallery"]["page"]
    seeds = [item["seed"] for item in first["items"] + rest["items"]]
    assert seeds == list(range(49, -1, -1)) and rest["next"] is None and first["total"] == 50


def test_trouble_becomes_one_sentence_and_never_a_traceback():
    def broken() -> Any:
        raise ZeroDivisionError("secret details")

    def refused() -> Any:
        raise ToileError("Draw something first.")

    told = guarded(broken)()["notice"]["value"]
    assert told["tone"] == "error" and "secret" not in told["text"] and "code" in told["text"]
    assert guarded(refused)()["notice"]["value"]["text"] == "Draw something first."


@pytest.mark.parametrize("value", [None, 3, [], "[]", {"a": 1}, '{"a": 1}'])
def test_whatever_the_browser_sends_is_a_mapping(value: Any):
    assert dict(raw_json(value)) in ({}, {"a": 1})


def test_what_a_photo_showed_is_read_from_it_again(studio: Studio, project: str):
    belt = Component("belt", "waist", (0.3, 0.4, 0.7, 0.5))
    placed = recorded_of(prompt="a coat", components=(belt,))
    off = Form(prompt="", exact=False)
    for request, groups in ((placed, 1), (replace(placed, shown_components=True), 0)):
        kept = studio.store.add(project, new(5, request=request.to_json()))
        assert len(parts.of_variant(studio.store, kept).groups) == groups
        used = act(studio, project, {"verb": "use", "id": kept.id}, EMPTY, off)
        assert used["exact"]["value"] is bool(groups)


def test_a_drawing_beside_a_garment_photo_is_said(studio: Studio, project: str):
    form = Form(prompt="a woman wearing this")
    board = {"doc": LINE, "photo": None, "n": 1}
    assert studio.draw(project, board, form)["references"]["warning"] == ""
    photo = studio.store.keep_picture(png_bytes(np.zeros((8, 8), np.uint8)))
    dressed = References(controls=(GarmentControl(picture=photo, mask=photo),))
    studio.store.save_references(project, dressed.board())
    assert "clear the board" in studio.write(project, board, form)["references"]["warning"]
    assert "clear the board" in studio.open(project)["references"]["warning"]
    assert studio.draw(project, EMPTY | {"n": 2}, form)["references"]["warning"] == ""


def test_a_photos_components_are_not_placed_where_none_is_to_be(
    tmp_path: Path, family_folder: Path
):
    room = EngineRoom(lambda: Engine(family_folder))
    room.start()
    store = Store(tmp_path / "dressed")
    dressed = Studio(store, room, tmp_path)
    project = dressed.open("")["project"]["value"]
    photos = (sample_flat(HELD_OUT + seed) for seed in range(500, 700))
    file = dressed.uploads / "shirt.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    form = replace(SMALL, prompt="a woman wearing this")
    shown = asked(dressed, project, EMPTY, form)
    for shirt in (p for p in photos if p.spec.garment.count("button") == 5):
        Image.fromarray(shirt.picture).save(file)
        put = {"verb": "put", "role": "garment", "path": str(file), "n": 1}
        fitting_room.act(dressed, project, put, EMPTY, SMALL)
        shown = asked(dressed, project, EMPTY, form)
        if shown.shown_components:  # of the first shirt of which it is sure
            break
    assert shown.shown_components and shown.components
    free = asked(dressed, project, EMPTY, replace(form, exact=False))
    assert free.usual_shape and not free.components
    dressed.jobs.close()
    store.close()
