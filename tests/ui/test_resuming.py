"""A queue outlives its process: what was interrupted goes on, and nothing is made twice."""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.desk.job import Job
from studio.desk.jobs import Jobs
from studio.desk.processes import new_owner, retire, surely_gone
from studio.desk.room import EngineRoom
from studio.engine import Engine
from studio.gallery import NewVariant, Store
from studio.gallery.queue import Queue
from studio.garment.spec import Component
from studio.pngmeta import write_png
from studio.request import Recorded
from studio.vision.perception import Guess, Seen
from tests.flat import flat, recorded_of, replace
from tests.tinymodel import build_tiny_model
from tests.ui.test_jobs import request, wait

NOBODY = 2**22 + 1
"""A process number that no Linux hands out."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A real engine on a tiny random model."""
    return Engine(build_tiny_model(tmp_path_factory.mktemp("model") / "tiny"), "fp32", "cpu")


@pytest.fixture
def opened(tmp_path: Path, engine: Engine) -> Iterator[Callable[[], Jobs]]:
    """Opens queues on one folder, as so many processes would."""
    queues: list[tuple[Jobs, Store]] = []

    def another() -> Jobs:
        store = Store(tmp_path)
        room = EngineRoom(lambda: engine)
        room.start()
        queues.append((Jobs(store, room), store))
        return queues[-1][0]

    yield another
    for jobs, store in queues:
        jobs.close()
        store.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The tests' own look at the folder."""
    looking = Store(tmp_path)
    yield looking
    looking.close()


def dead_owner() -> str:
    """The name of a process that has ended on this machine."""
    host, _, _ = new_owner().split("/")
    return f"{host}/{NOBODY}/x"


def pictures(store: Store, job: Job) -> list[bytes]:
    """The files of a job's pictures, in order."""
    return [store.picture(store.variant(i).picture_sha) for i in job.variant_ids]


def state(store: Store, job: Job) -> str:
    """A job's state in the database."""
    record = store.queue.get(job.id)
    assert record is not None
    return record.state


def test_an_interrupted_job_makes_exactly_what_is_missing(
    opened: Callable[[], Jobs], engine: Engine, store: Store
):
    project = store.first_project().id
    requests = tuple(request(engine, count=2, steps=s, seed=s) for s in (3, 150, 4))
    first = opened()
    job = first.submit(Job(project, requests, kind="sheet"))
    wait(lambda: len(job.made) == 2 and job.batch == 1 and job.step > 2)
    first.close()
    assert state(store, job) == "interrupted"
    kept = set(job.variant_ids)

    second = opened()
    view = second.look(project)
    (found,) = view.interrupted
    assert view.job is None and found.id == job.id and found.requests == requests
    assert set(found.variant_ids) == kept and found.kind == "sheet"
    time.sleep(1.5)
    assert state(store, job) == "interrupted"  # it does not go on by itself
    second.resume(job.id)
    wait(lambda: state(store, job) == "done")
    again = second.get(job.id)
    assert again is not None and len(again.made) == 6 and kept < set(again.variant_ids)
    assert store.count_variants(project) == 6

    whole = second.submit(Job(store.create_project("Undisturbed").id, requests))
    wait(lambda: not whole.active)
    assert pictures(store, again) == pictures(store, whole)


def test_of_a_half_kept_request_the_rest_is_kept(
    opened: Callable[[], Jobs], engine: Engine, store: Store
):
    project = store.first_project().id
    asked = request(engine, count=3)
    job = Job(project, (asked,))
    store.queue.enter(job.record(), job.inputs())
    owner = dead_owner()
    assert store.queue.claim(owner)
    made = engine.generate(asked.request)
    files = [write_png(p.image, Recorded(request=p.request)) for p in made]
    middle = made[1]
    store.add(
        project,
        NewVariant(
            request=Recorded(request=middle.request).to_json(), png=files[1],
            prompt=flat(asked).prompt, seed=middle.seed, seconds=1.0,
            weights=flat(middle.request).weights, width=64, height=64, job_id=job.id, job_index=1,
        ),
    )  # fmt: skip
    jobs = opened()
    (found,) = jobs.look(project).interrupted
    assert found.missing(0) == [0, 2]
    jobs.resume(job.id)
    wait(lambda: state(store, job) == "done")
    done = jobs.get(job.id)
    assert done is not None
    assert [store.variant(i).seed for i in done.variant_ids] == [3, 4, 5]
    assert pictures(store, done) == files


def test_what_waited_is_taken_up_again_and_what_is_dismissed_is_not(
    opened: Callable[[], Jobs], engine: Engine, store: Store
):
    project = store.first_project().id
    ran = Job(project, (request(engine),))
    waited = Job(project, (request(engine, prompt="a dress"),))
    for job in (ran, waited):
        store.queue.enter(job.record(), job.inputs())
    store.queue.claim(dead_owner())
    jobs = opened()
    wait(lambda: state(store, waited) == "done")
    assert [j.id for j in store.queue.open_jobs(project)] == [ran.id]
    jobs.dismiss(ran.id)
    assert state(store, ran) == "dismissed"
    jobs.resume(ran.id)
    assert state(store, ran) == "dismissed"
    view = jobs.look(project)
    assert view.interrupted == () and view.job is not None and view.job.id == waited.id
    assert store.count_variants(project) == 1


def test_two_servers_on_one_folder_run_each_job_once(
    opened: Callable[[], Jobs], engine: Engine, store: Store
):
    first, second = opened(), opened()
    projects = [store.create_project(f"Project {i}").id for i in range(3)]
    entered = [
        (first, second)[n % 2].submit(Job(p, (request(engine, prompt=f"a coat {n}"),)))
        for n, p in enumerate(projects * 2)
    ]
    wait(lambda: all(state(store, job) == "done" for job in entered))
    assert [store.count_variants(p) for p in projects] == [2, 2, 2]


def test_the_other_server_shows_and_cancels(
    opened: Callable[[], Jobs], engine: Engine, store: Store
):
    project = store.first_project().id
    here = opened()
    job = here.submit(Job(project, (request(engine, steps=200, count=8),)))
    wait(lambda: job.step > 0)
    there = opened()
    wait(lambda: (shown := there.look(project).job) is not None and shown.step > 0)
    seen = there.look(project).job
    assert seen is not None and seen is not job and seen.state == "running"
    there.cancel(job.id)
    wait(lambda: state(store, job) == "cancelled")
    assert job.state == "cancelled" and store.count_variants(project) == 0
    wait(lambda: (shown := there.look(project).job) is not None and shown.state == "cancelled")


def test_silence_of_another_machine_is_noticed(
    opened: Callable[[], Jobs], engine: Engine, store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("studio.desk.jobs.SILENCE", 0.5)
    monkeypatch.setattr("studio.desk.jobs.PULSE", 0.1)
    project = store.first_project().id
    job = Job(project, (request(engine),))
    store.queue.enter(job.record(), job.inputs())
    store.queue.claim("elsewhere/1/x")
    jobs = opened()
    assert state(store, job) == "running"  # it may well live
    wait(lambda: state(store, job) == "interrupted")
    assert [j.id for j in jobs.look(project).interrupted] == [job.id]


def test_a_server_that_was_taken_for_dead_writes_nothing_more(
    opened: Callable[[], Jobs], engine: Engine, store: Store
):
    project = store.first_project().id
    jobs = opened()
    job = jobs.submit(Job(project, (request(engine, steps=200, count=4),)))
    wait(lambda: job.step > 0)
    record = store.queue.get(job.id)
    assert record is not None and record.owner is not None
    store.queue.interrupt(job.id, record.owner)
    wait(lambda: not job.owned)
    assert store.count_variants(project) == 0
    shown = jobs.look(project)
    assert [j.id for j in shown.interrupted] == [job.id]
    jobs.cancel(job.id)
    assert state(store, job) == "interrupted"
    jobs.dismiss(job.id)


def test_a_project_deleted_meanwhile_ends_its_jobs(
    opened: Callable[[], Jobs], engine: Engine, store: Store
):
    jobs = opened()
    project = store.create_project("Doomed").id
    job = jobs.submit(Job(project, (request(engine, steps=200, count=4),)))
    later = jobs.submit(Job(project, (request(engine, prompt="a dress"),)))
    wait(lambda: job.step > 0)
    store.delete_project(project)
    other = jobs.submit(Job(store.first_project().id, (request(engine),)))
    wait(lambda: other.state == "done")
    assert jobs.look(project).jobs == () and jobs.get(later.id) in (None, later)
    assert {p.suffix for p in (store.data_dir / "blobs").rglob("*.*")} == {".png"}
    assert len(list((store.data_dir / "blobs").rglob("*.png"))) == 1


def test_cancelling_a_sheet_keeps_what_is_finished(
    opened: Callable[[], Jobs], engine: Engine, store: Store
):
    project = store.first_project().id
    jobs = opened()
    job = jobs.submit(Job(project, (request(engine), request(engine, steps=200))))
    wait(lambda: job.batch == 1 and job.step > 0)
    jobs.cancel(job.id)
    wait(lambda: not job.active)
    assert (job.state, job.message) == ("cancelled", "Cancelled: 1 picture is kept.")
    wait(lambda: state(store, job) == "cancelled")
    assert store.count_variants(project) == 1


def seen(colour: str) -> Seen:
    """A picture of a coat, as a perception might see it."""
    words = {"garment": "coat", "pattern": "plain", "neckline": "crew", "sleeves": "long"}
    return Seen(
        **{name: Guess(word, 0.9) for name, word in (words | {"colour": colour}).items()},  # type: ignore[arg-type]
        components=(),
        scores=(),
        mask=np.zeros((8, 8), np.uint8),
    )


@pytest.mark.parametrize(("colours", "made"), [(["red", "navy"], 2), (["red"] * 4, 4)])
def test_attempts_stop_at_the_first_that_passes(
    opened: Callable[[], Jobs],
    engine: Engine,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    colours: list[str],
    made: int,
):
    can = replace(engine.capabilities, sees=True)
    monkeypatch.setattr(EngineRoom, "capabilities", can)
    looks = iter(colours)
    monkeypatch.setattr(engine, "see", lambda images: [seen(next(looks)) for _ in images])
    attempts = tuple(request(engine, seed=s, prompt="a navy coat") for s in range(4))
    jobs = opened()
    job = jobs.submit(Job(store.first_project().id, attempts, until_passed=True))
    wait(lambda: not job.active)
    verdicts = [store.variant(i).passed for i in job.variant_ids]
    assert verdicts == [colour == "navy" for colour in colours] and len(verdicts) == made
    assert ("No attempt passed" in job.message) == ("navy" not in colours)


def test_the_database_hears_of_progress_at_most_twice_a_second(
    opened: Callable[[], Jobs], engine: Engine, store: Store, monkeypatch: pytest.MonkeyPatch
):
    heard: list[float] = []
    tell = Queue.tell

    def counted(self: Queue, *values: Any, **progress: Any) -> bool | None:
        heard.append(time.monotonic())
        return tell(self, *values, **progress)

    monkeypatch.setattr(Queue, "tell", counted)
    jobs = opened()
    job = jobs.submit(Job(store.first_project().id, (request(engine, steps=200, count=4),)))
    wait(lambda: len(heard) >= 3 or not job.active)
    jobs.cancel(job.id)
    wait(lambda: not job.active)
    assert all(later - earlier > 0.5 for earlier, later in itertools.pairwise(heard))
    assert job.version > len(heard)  # pages hear more


def test_a_job_of_another_version_does_no_harm(
    opened: Callable[[], Jobs], engine: Engine, store: Store
):
    project = store.first_project().id
    strange = Job(project, (request(engine),))
    record = replace(strange.record(), requests=('{"prompt": "a", "wings": 2}',))
    store.queue.enter(record)
    jobs = opened()
    assert jobs.look(project).jobs == ()
    wait(lambda: state(store, strange) == "failed")
    after = jobs.submit(Job(project, (request(engine),)))
    wait(lambda: after.state == "done")


def test_later_views_have_larger_numbers(opened: Callable[[], Jobs], store: Store):
    project = store.first_project().id
    first = opened()
    numbers = [first.look(project).n for _ in range(5)]
    first.close()
    time.sleep(0.01)
    numbers.append(opened().look(project).n)
    assert numbers == sorted(set(numbers))


def test_who_is_gone():
    mine = new_owner()
    host = mine.split("/")[0]
    assert not surely_gone(mine)
    assert not surely_gone(f"{host}/1/x")  # some other living process
    assert not surely_gone("elsewhere/1/x") and not surely_gone("nonsense")
    assert surely_gone(f"{host}/{NOBODY}/x")
    retire(mine)
    assert surely_gone(mine)


def test_a_request_of_any_kind_comes_back(opened: Callable[[], Jobs], store: Store):
    belt = Component("belt", "waist", (0.3, 0.4, 0.7, 0.5))
    asked = [
        recorded_of(prompt="a\u2028b “c”", seed=7), recorded_of(prompt="x"),
        recorded_of(prompt="x", components=(belt,), shown_components=True),
    ]  # fmt: skip
    job = Job(store.first_project().id, tuple(asked), until_passed=True)
    store.queue.enter(job.record(), job.inputs())
    jobs = opened()
    found = jobs.get(job.id)
    assert found is not None and found.requests == tuple(asked) and found.until_passed
    jobs.cancel(job.id)
