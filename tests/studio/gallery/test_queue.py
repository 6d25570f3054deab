"""Jobs in the database: each is run by one process, in turn, and none is lost."""

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from studio.errors import BadInput
from studio.gallery import JobRecord, Store
from studio.gallery.queue import KEPT
from tests.studio.gallery.made import new, png


@pytest.fixture
def store(tmp_path: Path):
    """A store in a fresh folder."""
    opened = Store(tmp_path / "data")
    yield opened
    opened.close()


def enter(store: Store, project: str, inputs: Iterable[str] = (), **more: Any) -> JobRecord:
    """A job that waits."""
    values: dict[str, Any] = {"requests": ('{"prompt": "a coat"}',)} | more
    return store.queue.enter(JobRecord(project, **values), inputs)


def test_a_job_comes_back_as_it_was_entered(store: Store):
    project = store.first_project().id
    texts = ('{"prompt": "a"}', '{"prompt": "b"}')
    entered = enter(store, project, requests=texts, kind="sheet", until_passed=True)
    assert store.queue.get(entered.id) == entered
    assert (entered.requests, entered.kind, entered.state) == (texts, "sheet", "waiting")
    assert entered.until_passed and entered.made == {}
    assert store.queue.newest(project) == entered
    with pytest.raises(BadInput):
        enter(store, "nowhere")


def test_projects_take_turns(store: Store):
    first, second = store.first_project().id, store.create_project("Second").id
    entered = [enter(store, p).id for p in (first, first, first, second)]
    order = []
    while (job := store.queue.claim("me/1/x")) is not None:
        order.append(job.id)
        assert store.queue.end(job.id, "me/1/x", "done")
    assert order == [entered[0], entered[3], entered[1], entered[2]]


def test_many_claims_at_once_get_each_job_once(store: Store, tmp_path: Path):
    project = store.first_project().id
    entered = {enter(store, project).id for _ in range(12)}
    got: list[str] = []

    def claim(number: int) -> None:
        mine = Store(store.data_dir)
        while (job := mine.queue.claim(f"host/{number}/x")) is not None:
            got.append(job.id)
        mine.close()

    threads = [threading.Thread(target=claim, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(got) == sorted(entered)


def test_only_its_owner_may_change_a_running_job(store: Store):
    job = enter(store, store.first_project().id)
    assert store.queue.tell(job.id, "me/1/x", step=1) is None  # it does not run yet
    claimed = store.queue.claim("me/1/x")
    assert claimed is not None and claimed.state == "running" and claimed.version > job.version
    assert store.queue.tell(job.id, "you/2/y", step=5) is None
    assert store.queue.tell(job.id, "me/1/x", step=3) is False
    store.queue.ask_to_stop(job.id)
    assert store.queue.tell(job.id, "me/1/x", step=4) is True
    assert not store.queue.end(job.id, "you/2/y", "done")
    assert not store.queue.end(job.id, None, "cancelled", before=("waiting",))
    assert store.queue.end(job.id, "me/1/x", "cancelled", "Cancelled.")
    ended = store.queue.get(job.id)
    assert ended and (ended.state, ended.message, ended.step) == ("cancelled", "Cancelled.", 4)


def test_an_interrupted_job_waits_again_with_what_it_has(store: Store):
    project = store.first_project().id
    job = enter(store, project)
    store.queue.claim("me/1/x")
    picture = store.add(project, new(1, job_id=job.id, job_index=0))
    assert not store.queue.resume(job.id)
    assert store.queue.interrupt(job.id, "me/1/x")
    assert not store.queue.interrupt(job.id, "me/1/x")
    assert store.queue.claim("you/2/y") is None
    assert store.queue.resume(job.id)
    again = store.queue.claim("you/2/y")
    assert again is not None and again.made == {0: picture.id} and again.owner == "you/2/y"
    assert store.queue.tell(job.id, "me/1/x", step=9) is None  # the first one woke up too late


def test_the_same_picture_of_a_job_is_kept_once(store: Store):
    from studio.errors import StorageError

    project = store.first_project().id
    job = enter(store, project)
    store.add(project, new(1, job_id=job.id, job_index=0))
    with pytest.raises(StorageError):
        store.add(project, new(1, job_id=job.id, job_index=0))
    assert store.count_variants(project) == 1


def test_what_a_job_needs_stays_until_it_has_ended(store: Store):
    project = store.first_project().id
    mask = store.keep_picture(png(9, 9, 9))
    job = enter(store, project, inputs=frozenset({mask, "0" * 64}))
    used = store.add(project, new(5))
    store.trash(used.id)
    store.empty_trash(project)
    assert store.has_picture(mask)
    store.queue.claim("me/1/x")
    store.queue.end(job.id, "me/1/x", "cancelled")
    assert not store.has_picture(mask) and not store.blobs.path(mask).exists()


def test_a_drawing_of_a_waiting_job_is_not_dropped(store: Store):
    project = store.first_project().id
    drawing = store.save_sketch(project, "kept", png(1, 1, 1))
    job = enter(store, project, sketch_rev_id=drawing.id)
    for i in range(70):
        store.save_sketch(project, f"{i}", None)
    assert store.sketch(drawing.id) == drawing
    store.queue.end(job.id, None, "cancelled", before=("waiting",))
    store.save_sketch(project, "one more", None)
    assert store.sketch(drawing.id) is None


def test_old_jobs_are_forgotten_and_their_pictures_stay(store: Store):
    project = store.first_project().id
    first = enter(store, project)
    store.queue.claim("me/1/x")
    picture = store.add(project, new(1, job_id=first.id, job_index=0))
    store.queue.end(first.id, "me/1/x", "done")
    broken = enter(store, project)
    store.queue.claim("me/1/x")
    store.queue.interrupt(broken.id, "me/1/x")
    for _ in range(KEPT + 2):
        job = enter(store, project)
        store.queue.end(job.id, None, "cancelled", before=("waiting",))
    assert store.queue.get(first.id) is None
    assert store.variant(picture.id).job_id is None
    assert [j.id for j in store.queue.open_jobs(project)] == [broken.id]
    store.delete_project(project)
    assert store.queue.get(broken.id) is None
