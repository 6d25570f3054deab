"""What an afternoon gathers goes again: uploads, freed memory, visitors."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import platform
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from gradio.blocks import Block
from PIL import Image, ImageDraw

from studio.desk import fitting_room
from studio.desk.compose import Form
from studio.desk.easel import KEPT_UPLOAD
from studio.desk.memory import given_back
from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.desk.visitors import VISITOR
from studio.errors import BadInput
from studio.gallery import Store
from tests.flat import recorded_of
from tests.reports.outsider import opened


def never() -> Any:
    """An engine that is still loading."""
    raise AssertionError("nothing here loads a model")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    store = Store(tmp_path / "data")
    (tmp_path / "uploads").mkdir()
    running = Studio(store, EngineRoom(never), tmp_path / "uploads")
    yield running
    running.jobs.close()
    store.close()


def long_ago(path: str) -> None:
    """Let a file be one that was given a good while ago."""
    then = Path(path).stat().st_mtime - KEPT_UPLOAD - 1
    os.utime(path, (then, then))


def given(folder: Path, data: bytes | None = None, folder_name: str = "b5a3") -> str:
    """A picture of a sketch, or something else, as Gradio takes it in: in a folder of its own."""
    if data is None:
        drawn = Image.new("L", (80, 80), 255)
        ImageDraw.Draw(drawn).line((10, 10, 70, 60), 0, 4)
        out = io.BytesIO()
        drawn.save(out, "PNG")
        data = out.getvalue()
    path = folder / folder_name / "sketch.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return str(path)


def referred(**event: Any) -> Callable[[Studio, str, str], object]:
    """One of the verbs of the references, with an upload."""
    return lambda studio, project, path: fitting_room.act(
        studio, project, {**event, "path": path}, {}, Form()
    )


@pytest.mark.parametrize(
    "use",
    [
        lambda studio, project, path: studio.read_photo(path, project),
        lambda studio, project, path: studio.keep_photo(path, project),
        referred(verb="put", role="wings"), referred(verb="mask", role="garment"),
        referred(verb="mask", role="person"), referred(verb="wings"),
        referred(verb="style", name="linen"), referred(verb="clear", role="garment"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("data", [None, b"", b"no picture"])
def test_nothing_is_left_of_an_upload(
    studio: Studio, use: Callable[[Studio, str, str], object], data: bytes | None
):
    """After the while for which somebody else may still read the same file."""
    project = studio.open("")["project"]["value"]
    path = given(studio.uploads, data)
    with contextlib.suppress(BadInput):  # whether or not it could be used
        use(studio, project, path)
    assert Path(path).is_file()
    long_ago(path)
    studio.read_photo(given(studio.uploads, folder_name="another"), project)
    assert [one.name for one in studio.uploads.iterdir()] == ["another"]


@pytest.mark.parametrize("first", [None, b"no picture"])
def test_one_file_that_is_given_twice_is_read_twice(studio: Studio, first: bytes | None):
    """By two people, or in two places: by its contents it has one path."""
    project, other = (studio.new_project(name)["project"]["value"] for name in ("A", "B"))
    path = given(studio.uploads, first)
    told = []
    for one in (project, other, project):
        try:
            told.append(bool(studio.read_photo(path, one)["board"]["change"]["photo"]))
        except BadInput as error:
            told.append(str(error))
    assert told[0] == told[1] == told[2] and "did not arrive" not in str(told[0])


@pytest.mark.parametrize("use", [referred(verb="wings"), referred(verb="style", name="linen")])
def test_a_file_that_is_no_upload_is_left_alone(
    studio: Studio, tmp_path: Path, use: Callable[[Studio, str, str], object]
):
    project = studio.open("")["project"]["value"]
    path = given(tmp_path / "elsewhere")
    with pytest.raises(BadInput):
        use(studio, project, path)
    assert Path(path).is_file()


def test_another_upload_in_the_same_folder_stays(studio: Studio):
    project = studio.open("")["project"]["value"]
    path = given(studio.uploads)
    other = Path(path).with_name("other.png")
    other.write_bytes(Path(path).read_bytes())
    long_ago(path)
    studio.read_photo(str(other), project)
    assert other.is_file() and not Path(path).exists()


def test_a_visitor_is_remembered_only_while_something_waits(studio: Studio):
    from studio.desk.job import Job

    project = studio.open("")["project"]["value"]

    def enter(visitor: str, seed: int) -> Job:
        token = VISITOR.set(visitor)
        try:
            return studio.jobs.submit(
                Job(project, (recorded_of(prompt=f"coat {seed}", seed=seed),))
            )
        finally:
            VISITOR.reset(token)

    for seed in range(5):
        studio.jobs.cancel(enter(f"visitor {seed}", seed).id)
    waiting = enter("the last", 9)
    enter("another", 10)
    assert set(studio.jobs._entered) == {"the last", "another"}
    assert [j.id for j in studio.jobs._entered["the last"]] == [waiting.id]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others hold nothing back")
@pytest.mark.parametrize(
    "thing", [lambda: bytearray(60_000), lambda: np.ones(8_000), lambda: Image.new("L", (250, 250))]
)
def test_what_threads_have_freed_goes_back_to_the_system(thing: Callable[[], object]):
    process = psutil.Process()
    last: list[object] = []

    def much() -> None:
        held = [thing() for _ in range(800)]
        last.append(held[-1])  # what lies above the rest keeps it from going by itself

    before = process.memory_info().rss
    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(much) for _ in range(4)]:
            each.result()
        with given_back():
            pass
    assert process.memory_info().rss - before < 25e6  # of 190 million


@pytest.mark.parametrize("event", ["input", "reference", "part", "ink_changed", "tick"])
def test_a_session_does_not_grow_with_its_events(studio: Studio, event: str) -> None:
    """Gradio kept every part that an answer had changed, with all that it is made from."""

    def parts() -> int:
        gc.collect()
        return sum(isinstance(one, Block) for one in gc.get_objects())

    project = studio.store.first_project().id
    with opened(studio) as client:
        of = next(d for d in client.get("/config").json()["dependencies"]
                  if d["backend_fn"] and d["targets"][0][1] == event)  # fmt: skip
        body = {"fn_index": of["id"], "data": [project, *[None] * (len(of["inputs"]) - 1)],
                "event_data": {"shown": ""}, "session_hash": "grows"}  # fmt: skip
        count = []
        for _ in range(3):
            for _ in range(4):
                assert client.post("/gradio_api/run/predict", json=body).status_code == 200
            count.append(parts())
    assert count[1] == count[2]
