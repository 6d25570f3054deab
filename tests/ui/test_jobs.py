"""Pictures are made by a worker that outlives the page; every one is kept before it is shown."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.desk.job import Job, describe, preview_jpeg
from studio.desk.jobs import MAX_WAITING, Jobs
from studio.desk.room import EngineRoom
from studio.engine import Engine
from studio.errors import BadInput, ModelMissing
from studio.gallery import Store
from studio.request import Recorded
from tests.flat import recorded_of
from tests.tinymodel import build_tiny_model


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A real engine on a tiny random model."""
    return Engine(build_tiny_model(tmp_path_factory.mktemp("model") / "tiny"), "fp32", "cpu")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in a fresh folder."""
    opened = Store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def jobs(engine: Engine, store: Store) -> Iterator[Jobs]:
    """A queue with its worker."""
    made = queue(engine, store)
    yield made
    made.close()


def queue(engine: Engine, store: Store) -> Jobs:
    """Another queue on the same folder, as another process would have it."""
    room = EngineRoom(lambda: engine)
    room.start()
    return Jobs(store, room)


def wait(condition: Callable[[], Any], seconds: float = 120) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)


def request(engine: Engine, **values: Any) -> Recorded:
    """A small request."""
    small: dict[str, Any] = {
        "prompt": "a navy coat",
        "steps": 2,
        "width": 64,
        "height": 64,
        "seed": 3,
    }
    small |= {"model": engine.entry.name} | values
    return recorded_of(**small)


def test_a_batch_is_kept_picture_by_picture(jobs: Jobs, engine: Engine, store: Store):
    project = store.first_project()
    job = jobs.submit(Job(project.id, (request(engine, count=2),)))
    wait(lambda: not job.active)
    assert (job.state, job.message) == ("done", "")
    kept = [store.variant(i) for i in job.variant_ids]
    assert [v.seed for v in kept] == [3, 4]
    for variant in kept:
        again = engine.generate(Recorded.from_json(variant.request).request)
        assert again[0].seed == variant.seed
        assert variant.weights == engine.capabilities.weights
        assert store.picture(variant.picture_sha)


def test_several_batches_wait_for_their_turn(jobs: Jobs, engine: Engine, store: Store):
    project = store.first_project().id
    first = jobs.submit(Job(project, (request(engine, steps=100),)))
    second = jobs.submit(Job(project, (request(engine, prompt="a red coat"),)))
    third = jobs.submit(Job(project, (request(engine, prompt="a green coat"),)))
    assert len({first.id, second.id, third.id}) == 3
    assert [j.id for j in store.queue.open_jobs(project)] == [first.id, second.id, third.id]
    wait(lambda: first.state == "running")
    view = jobs.look(project)
    assert view.job is first and [j.id for j in view.waiting] == [second.id, third.id]
    jobs.cancel(first.id)
    wait(lambda: not third.active)
    assert [j.state for j in (first, second, third)] == ["cancelled", "done", "done"]
    assert jobs.of(project) is third
    wait(lambda: store.queue.open_jobs(project) == ())  # written a moment later
    assert jobs.get(first.id) is first


def test_the_second_half_of_a_double_click_enters_nothing(
    jobs: Jobs, engine: Engine, store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("studio.desk.clicks.DOUBLE_CLICK", 5.0)
    project = store.first_project().id
    first = jobs.submit(Job(project, (request(engine, steps=60),)))
    again = jobs.submit(Job(project, (request(engine, steps=60, seed=99),)))  # drawn meanwhile
    assert again is first
    monkeypatch.setattr("studio.desk.clicks.DOUBLE_CLICK", 0.0)
    later = jobs.submit(Job(project, (request(engine, steps=60),)))
    assert later is not first
    for job in (first, later):
        jobs.cancel(job.id)
    wait(lambda: not first.active and not later.active)


def test_cancel_takes_at_most_one_step(jobs: Jobs, engine: Engine, store: Store):
    project = store.first_project().id
    job = jobs.submit(Job(project, (request(engine, steps=200),)))
    wait(lambda: job.step >= 2)
    jobs.cancel(job.id)
    at = job.step
    wait(lambda: not job.active)
    assert job.state == "cancelled" and job.step <= at + 1
    assert store.count_variants(project) == 0


def test_what_waits_is_cancelled_at_once(jobs: Jobs, engine: Engine, store: Store):
    first, second = store.first_project().id, store.create_project("Second").id
    running = jobs.submit(Job(first, (request(engine, steps=200),)))
    waiting = jobs.submit(Job(second, (request(engine),)))
    jobs.cancel(waiting.id)
    assert waiting.state == "cancelled"
    jobs.cancel(running.id)
    wait(lambda: not running.active)
    assert waiting.variant_ids == []


def test_previews_and_steps_are_told(jobs: Jobs, engine: Engine, store: Store):
    job = jobs.submit(Job(store.first_project().id, (request(engine, steps=60, count=2),)))
    told: list[Any] = []
    while job.active:
        told.append(describe(job))
        data = preview_jpeg(job, 1)
        if data is not None:
            assert data[:2] == b"\xff\xd8"
            break
        time.sleep(0.005)
    assert any(t and t["step"] > 0 for t in told) or job.step > 0
    wait(lambda: not job.active)
    assert preview_jpeg(job, 0) is None and preview_jpeg(job, -1) is None
    versions = [t["version"] for t in told]
    assert versions == sorted(versions)


def test_a_missing_input_picture_is_a_sentence(jobs: Jobs, engine: Engine, store: Store):
    lost = "0" * 64
    job = jobs.submit(Job(store.first_project().id, (request(engine, sketch=lost),)))
    wait(lambda: not job.active)
    assert job.state == "failed" and "missing" in job.message


def test_a_model_that_cannot_be_loaded_is_a_sentence(store: Store):
    def load() -> Any:
        raise ModelMissing("There is no model there: give --model.")

    room = EngineRoom(load)
    assert room.state == "loading"
    room.start()
    wait(lambda: room.state == "failed")
    assert room.problem == "There is no model there: give --model."
    jobs = Jobs(store, room)
    job = jobs.submit(Job(store.first_project().id, (recorded_of(prompt="a coat"),)))
    wait(lambda: not job.active)
    assert (job.state, job.message) == ("failed", room.problem)
    jobs.close()


def test_an_unforeseen_failure_has_a_code_and_no_details(store: Store):
    def load() -> Any:
        raise RuntimeError("secret path")

    room = EngineRoom(load)
    room.start()
    wait(lambda: room.state == "failed")
    assert "secret" not in room.problem and "terminal" in room.problem


def test_too_many_waiting_batches_are_refused(jobs: Jobs, engine: Engine, store: Store):
    entered = [jobs.submit(Job(store.first_project().id, (request(engine, steps=200),)))]
    with pytest.raises(BadInput, match="waiting already"):
        for i in range(MAX_WAITING + 8):
            project = store.create_project(f"Project {i}").id
            entered.append(jobs.submit(Job(project, (request(engine),))))
    for job in entered:
        jobs.cancel(job.id)
    wait(lambda: not any(job.active for job in entered))
