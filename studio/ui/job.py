"""One job as the studio sees it, and what a page is told about it."""

import io
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from PIL import Image

from studio.errors import BadInput
from studio.gallery import JobRecord, NewJob
from studio.gallery.needed import files_of
from studio.request import GenerationRequest

State = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted", "dismissed"]

MAX_REQUESTS = 64
"""Requests of one job."""

SETTLING = 2.0
"""Seconds for which pages still look at a job that has ended."""

_LONG_AGO = float("-inf")


@dataclass
class Job:
    """Pictures on their way: requests that are made one after another.

    Picture i of request n has the number `first(n) + i`; `made` says which are kept already, and
    an interrupted job goes on with the others.

    Attributes:
        kind: what it is for the page: "generate", "vary", "sheet", ...
        until_passed: stop after the first request in which a picture passes all its checks.
        batch: number of the request in the making, from 0.
        checked: how many pictures have been looked at.
        version: grows with every change.
        owned: whether this process runs it, or ran it to its end; the database follows then.
        lost: another process has taken it for dead: nothing more may be written.

    Raises:
        BadInput: no request, or more than `MAX_REQUESTS`.
    """

    project_id: str
    requests: tuple[GenerationRequest, ...]
    parent_variant_id: str | None = None
    sketch_rev_id: str | None = None
    component_rev_id: str | None = None
    kind: str = "generate"
    until_passed: bool = False
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    seq: int = 0
    state: State = "waiting"
    phase: str = "waiting"
    batch: int = 0
    step: int = 0
    steps: int = 0
    eta_seconds: float | None = None
    message: str = ""
    made: dict[int, str] = field(default_factory=dict)
    checked: int = 0
    version: int = 0
    ended: float | None = None
    owned: bool = False
    lost: bool = False
    previews: list[Image.Image] = field(default_factory=list, repr=False)
    stop: threading.Event = field(default_factory=threading.Event, repr=False)

    def __post_init__(self) -> None:
        self.requests = tuple(self.requests)
        if not 1 <= len(self.requests) <= MAX_REQUESTS:
            raise BadInput(
                f"{len(self.requests)} batches in one go are not possible: ask for 1 to "
                f"{MAX_REQUESTS}."
            )

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("waiting", "running")

    @property
    def settled(self) -> bool:
        """Whether it ended so long ago that no answer from before its end is still on its way
        to a page."""
        return self.ended is not None and time.monotonic() - self.ended > SETTLING

    @property
    def variant_ids(self) -> list[str]:
        """The pictures kept so far, in their order."""
        return [self.made[index] for index in sorted(self.made)]

    @property
    def total(self) -> int:
        """Pictures that were asked for."""
        return sum(request.count for request in self.requests)

    def first(self, batch: int) -> int:
        """The number of the first picture of a request."""
        return sum(request.count for request in self.requests[:batch])

    def missing(self, batch: int) -> list[int]:
        """Which pictures of a request are not kept yet, from 0."""
        first = self.first(batch)
        count = self.requests[batch].count
        return [i for i in range(count) if first + i not in self.made]

    def take(self, record: JobRecord) -> None:
        """Follow the database."""
        was_active = self.active
        self.seq = record.seq
        self.state = cast(State, record.state)
        self.phase = record.phase
        self.batch, self.step, self.steps = record.batch, record.step, record.steps
        self.eta_seconds = record.eta_seconds
        self.message = record.message
        self.made = dict(record.made)
        self.version = record.version
        if self.active or self.state == "interrupted":
            self.ended = None
        elif self.ended is None:
            self.ended = time.monotonic() if was_active else _LONG_AGO

    def new_record(self) -> NewJob:
        """The job for the database."""
        needed = {sha for request in self.requests for sha in files_of(request).values()}
        return NewJob(
            id=self.id,
            project_id=self.project_id,
            kind=self.kind,
            requests=tuple(request.to_json() for request in self.requests),
            parent_variant_id=self.parent_variant_id,
            sketch_rev_id=self.sketch_rev_id,
            component_rev_id=self.component_rev_id,
            until_passed=self.until_passed,
            inputs=frozenset(needed),
        )


def job_of(record: JobRecord) -> Job:
    """A job that this process has not seen before."""
    job = Job(
        project_id=record.project_id,
        requests=tuple(GenerationRequest.from_json(text) for text in record.requests),
        parent_variant_id=record.parent_variant_id,
        sketch_rev_id=record.sketch_rev_id,
        component_rev_id=record.component_rev_id,
        kind=record.kind,
        until_passed=record.until_passed,
        id=record.id,
        state="dismissed",
    )
    job.take(record)
    return job


@dataclass(frozen=True)
class View:
    """A project's jobs at one moment.

    Attributes:
        n: grows from view to view, over restarts too; of two answers the one with the larger
            number is the later one.
        job: what a page shows first: the running job, else the next one, else the last that
            ended; None without any.
        waiting: the others that wait, in the order of entering.
        interrupted: jobs whose process was killed, oldest first.
    """

    n: int
    job: Job | None
    waiting: tuple[Job, ...]
    interrupted: tuple[Job, ...]

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All of them."""
        return (*((self.job,) if self.job else ()), *self.waiting, *self.interrupted)


def preview_jpeg(job: Job, index: int) -> bytes | None:
    """One preview of a running job as a JPEG, or None."""
    previews = job.previews
    if not 0 <= index < len(previews):
        return None
    out = io.BytesIO()
    previews[index].convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


def describe(job: Job | None, n: int = 0) -> Mapping[str, object] | None:
    """What a page needs to know of a job; None without one. `n` is the view's number."""
    if job is None:
        return None
    request = job.requests[min(job.batch, len(job.requests) - 1)]
    return {
        "n": n,
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "phase": job.phase,
        "step": job.step,
        "steps": job.steps,
        "eta": None if job.eta_seconds is None else round(job.eta_seconds, 1),
        # An attempt may be the last one: only its own pictures are sure to come.
        "count": request.count if job.until_passed else job.total - len(job.made),
        "total": job.total,
        "made": len(job.made),
        "batch": job.batch + 1,
        "batches": len(job.requests),
        "until_passed": job.until_passed,
        "previews": len(job.previews),
        "version": job.version,
        "message": job.message,
        "words": " ".join(request.prompt.split())[:80],
    }


def describe_view(view: View) -> dict[str, Any]:
    """What a page needs to know of a project's jobs."""
    return {
        "n": view.n,
        "job": describe(view.job, view.n),
        "waiting": [describe(job, view.n) for job in view.waiting],
        "interrupted": [describe(job, view.n) for job in view.interrupted],
    }
