"""Nothing is lost on disk: a trash for projects, no orphans, a data folder that goes, a batch whose
pictures go."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.desk import projects
from studio.desk.job import Job
from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.desk.worker import make
from studio.engine import Engine
from studio.errors import BadInput, Gone, StorageError
from studio.gallery import Store
from studio.vision.perception import PerceptionConfig, PerceptionNet
from tests.flat import recorded_of
from tests.reports.pages import Page, opened_studio
from tests.studio.gallery.made import new, png
from tests.tinymodel import build_tiny_model

MONTH = 31 * 86400

studio = pytest.fixture(opened_studio)


@pytest.fixture(scope="module")
def seeing(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A real engine on a tiny random model that sees, without having learned to."""
    folder = build_tiny_model(tmp_path_factory.mktemp("seeing") / "tiny")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        PerceptionNet(PerceptionConfig()).save_pretrained(folder / "perception")
    return Engine(folder, "fp32", "cpu")


# The trash of projects


def test_a_deleted_project_comes_back_whole(studio: Studio):
    page = Page(studio, studio.store.create_project("Coats").id)
    page.draw("line")
    kept = studio.store.add(page.project, new(3))
    told = projects.delete_project(studio, page.project, {"id": page.project})
    assert told["notice"]["value"]["undo"] == {"project": page.project}
    assert page.project not in {p.id for p in studio.store.projects()}
    assert told["gallery"] and page.project != told["project"]["value"]
    assert [t["id"] for t in projects.overview(studio, "")["trash"]] == [page.project]
    with pytest.raises(BadInput, match="in the trash"):
        studio.store.save_draft(page.project, "{}")
    assert "in the trash" in studio.tick(page.project, "")["notice"]["value"]["text"]
    back_again = projects.restore_project(studio, {"id": page.project})
    assert back_again["project"]["value"] == page.project
    assert page.kept() == ["line"] and studio.store.variant(kept.id).seed == 3


@pytest.mark.parametrize("name", ["", "coats", "Coats!", None, 5])
def test_a_project_goes_for_good_by_its_name_only_and_out_of_the_trash_only(
    studio: Studio, name: Any
):
    other, made = studio.open("")["project"]["value"], studio.store.create_project("Coats")
    event = {"id": made.id, "name": "Coats"}
    with pytest.raises(BadInput, match="no longer in the trash"):
        projects.remove_project(studio, other, event)
    studio.store.trash_project(made.id)
    with pytest.raises(BadInput, match="type its name"):
        projects.remove_project(studio, other, event | {"name": name})
    projects.remove_project(studio, other, event)
    assert studio.store.trashed_projects() == ()


# What nobody owns


def files(store: Store) -> set[str]:
    """Names of all stored files and thumbnails."""
    return {p.name for f in ("blobs", "thumbs") for p in (store.data_dir / f).rglob("*.*")}


def aged(store: Store) -> None:
    """As if everything had been written yesterday."""
    past = time.time() - 86400
    for folder in ("blobs", "thumbs"):
        for path in (store.data_dir / folder).rglob("*.*"):
            os.utime(path, (past, past))


@pytest.mark.first(2)
@pytest.mark.parametrize("kind", ["row", "file", "thumbnail", "style"])
def test_what_nobody_owns_is_swept_at_the_next_start(tmp_path: Path, kind: str):
    store = Store(tmp_path)
    project = store.first_project().id
    kept = store.add(project, new(1))
    before = files(store)
    if kind == "row":
        store.keep_picture(png(1, 2, 3))
    elif kind == "style":
        store.keep_style(b"style")
    else:
        sha = store.blobs.put(png(1, 2, 3))
        if kind == "thumbnail":
            store.blobs.thumbnail(sha)
            store.blobs.path(sha).unlink()
    assert files(store) != before
    Store(tmp_path).close()  # what is young may belong to another process
    assert files(store) != before
    aged(store)
    with store._database.write() as session:
        from sqlalchemy import text

        session.execute(text("UPDATE blob SET created = created - 86400"))
    Store(tmp_path).close()
    assert files(store) == before and store.picture(kept.picture_sha)
    store.close()


def test_what_lies_under_a_drawing_stays_and_goes_with_its_project(studio: Studio):
    page = Page(studio)
    photo = np.full((64, 64, 3), 200, np.uint8)
    photo[20:40, 20:40] = 10
    shas = []
    for how in ("underlay", "sketch", "template"):
        file = studio.uploads / f"{how}.png"
        Image.fromarray(photo).resize((200, 200)).save(file)
        if how == "underlay":
            shas.append(studio.keep_photo(str(file), page.project)["board"]["under"]["photo"])
        elif how == "sketch":
            shas.append(studio.read_photo(str(file), page.project)["board"]["change"]["photo"])
        else:
            shas.append(studio.template("coat", page.project)["board"]["change"]["photo"])
    assert studio.store.sweep(young=-MONTH) == 0
    assert all(studio.store.picture(sha) for sha in shas)
    studio.store.delete_project(page.project)
    for sha in shas:
        with pytest.raises(StorageError):
            studio.store.picture(sha)


# A data folder that goes away


@pytest.mark.parametrize("how", ["removed", "moved", "replaced"])
def test_a_data_folder_that_went_away_is_told_at_the_next_write(
    studio: Studio, tmp_path: Path, how: str
):
    page = Page(studio)
    page.draw("first")
    data = studio.store.data_dir
    if how == "removed":
        shutil.rmtree(data)
    else:
        data.rename(tmp_path / "elsewhere")
        if how == "replaced":
            shutil.copytree(tmp_path / "elsewhere", data)
    told = page.draw("second")
    assert told["board"]["saved"]["ok"] is False
    assert "gone or was replaced" in told["notice"]["value"]["text"]
    for write in (
        lambda: studio.store.add(page.project, new(2)),
        lambda: studio.store.create_project("x"),
        studio.store.require_room,
    ):
        with pytest.raises(StorageError, match="gone or was replaced"):
            write()
    assert how == "replaced" or not (data / "toile.db").exists()
    if how == "moved":
        shutil.rmtree(data, ignore_errors=True)
        (tmp_path / "elsewhere").rename(data)
        assert page.draw("third")["board"]["saved"]["ok"] is True


# A picture that goes while it is looked at


def test_a_picture_removed_for_good_is_known_as_gone(tmp_path: Path):
    store = Store(tmp_path)
    project = store.first_project().id
    kept = store.add(project, new(1))
    store.trash(kept.id)
    store.empty_trash(project)
    for ask in (store.variant, lambda i: store.save_checks(i, ()), lambda i: store.star(i, True)):
        with pytest.raises(Gone):
            ask(kept.id)
    store.close()


@pytest.mark.first(1)
@pytest.mark.parametrize("gone", [(0,), (1,), (0, 1)])
def test_a_batch_goes_on_when_its_pictures_are_removed_while_it_is_looked_at(
    tmp_path: Path, seeing: Engine, gone: tuple[int, ...]
):
    store, room = Store(tmp_path), EngineRoom(lambda: seeing)
    room.start()
    room.engine()
    project = store.first_project().id
    small = {"prompt": "a coat", "steps": 1, "width": 64, "height": 64, "count": 2}
    asked = recorded_of(model=seeing.entry.name, **small)
    job = Job(project, (asked, asked))

    def tell(job: Job, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(job, name, value)
        if changes.get("phase") == "checking" and job.batch == 0:
            for index in gone:
                store.trash(job.made[index])
            store.empty_trash(project)

    job.take(store.queue.enter(job.record(), job.inputs()))
    made = make(job, store, room, tell)
    assert isinstance(made, str) and sorted(job.made) == [0, 1, 2, 3]
    assert len(store.variants(project).variants) == 4 - len(gone)
    # The same when an interrupted batch is taken up again.
    left = next(i for i in range(4) if i not in gone)
    store.trash(job.made[left])
    store.empty_trash(project)
    make(job, store, room, tell)
    store.close()
