"""One machine for many: a clock set back, a disk that takes no files, a queue for all."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.desk.job import Job
from studio.desk.jobs import MAX_OF_ONE, Jobs
from studio.desk.room import EngineRoom
from studio.desk.visitors import VISITOR
from studio.errors import BadInput, StorageError
from studio.gallery import ReferenceBoard, Store
from tests.flat import recorded_of
from tests.studio.gallery.made import new


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = Store(tmp_path / "data")
    yield opened
    opened.close()


@pytest.mark.parametrize("work", ["drawing", "components", "words", "picture", "references"])
def test_what_was_worked_on_last_comes_first_whatever_the_clock_says(
    store: Store, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    mine, other = store.create_project("Mine").id, store.create_project("Other").id
    now = time.time()
    for days in (10, 400):  # set back, and once more
        monkeypatch.setattr("time.time", lambda days=days: now - days * 86400)
        for project in (other, mine):
            said = f"{project} {days}"
            match work:
                case "drawing":
                    store.save_sketch(project, f'{{"v":1,"strokes":[],"of":"{said}"}}', None, None)
                case "components":
                    store.save_components(project, f'{{"v":1,"groups":[],"of":"{said}"}}')
                case "words":
                    store.save_draft(project, f'{{"prompt":"{said}"}}')
                case "picture":
                    store.add(project, new(days, said))
                case _:
                    store.save_references(
                        project, ReferenceBoard(f'{{"format":2,"of":"{said}"}}', ())
                    )
            assert store.first_project().id == project
            assert store.glances()[0].project.id == project


@pytest.mark.parametrize(
    ("files", "free", "room"),
    [(1000, 0, False), (1000, 9, False), (0, 0, True), (10**6, 500, True)],
)
def test_a_disk_that_takes_no_more_files_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch, files: int, free: int, room: bool
) -> None:
    real = list(os.statvfs(store.data_dir))
    real[5:8] = [files, free, free]
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(real))
    if room:
        store.require_room()
        return
    with pytest.raises(StorageError, match="takes no more files"):
        store.require_room()


def test_one_visitor_does_not_fill_the_queue_of_all(store: Store) -> None:
    def never() -> None:
        raise BadInput("no model")

    jobs = Jobs(store, EngineRoom(never))  # type: ignore[arg-type]
    jobs.close()  # nobody makes anything: all of it waits
    project = store.first_project().id

    def enter(n: int, visitor: str) -> Job:
        token = VISITOR.set(visitor)
        try:
            return jobs.submit(Job(project, (recorded_of(prompt=f"{visitor} {n}"),)))
        finally:
            VISITOR.reset(token)

    for n in range(MAX_OF_ONE):
        enter(n, "ada")
    with pytest.raises(BadInput, match="of your batches are waiting"):
        enter(MAX_OF_ONE, "ada")
    for n in range(MAX_OF_ONE + 4):
        enter(n, "")  # whoever sits at the machine
    enter(0, "bea")
    first = store.queue.open_jobs(project)[0]
    jobs.cancel(first.id)
    enter(MAX_OF_ONE, "ada")
