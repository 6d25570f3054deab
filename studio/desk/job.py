"""One job as the studio sees it, and what a page is told about it."""

import io
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from PIL import Image

from studio.errors import BadInput
from studio.gallery import JobRecord
from studio.gallery.records import JobFacts
from studio.request import Recorded

MAX_REQUESTS = 64
"""Requests of one job."""

SETTLING = 2.0
"""Seconds for which pages still look at a job that has ended."""

_LONG_AGO = float("-inf")


@dataclass
class Job(JobFacts[Recorded]):
    """Pictures on their way: requests that are made one after another.

    Picture i of request n has the number `first(n) + i`; `made` says which are kept already, and
    an interrupted job goes on with the others.

    Attributes:
        checked: how many pictures have been looked at.
        owned: whether this process runs it, or ran it to its end; the database follows then.
        lost: another process has taken it for dead: nothing more may be written.

    Raises:
        BadInput: no request, or more than `MAX_REQUESTS`.
    """

    checked: int = 0
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
        return self.first(len(self.requests))

    def first(self, batch: int) -> int:
        """The number of the first picture of a request."""
        return sum(one.request.sampling.count for one in self.requests[:batch])

    def missing(self, batch: int) -> list[int]:
        """Which pictures of a request are not kept yet, from 0."""
        first = self.first(batch)
        count = self.requests[batch].request.sampling.count
        return [i for i in range(count) if first + i not in self.made]

    def take(self, record: JobRecord) -> None:
        """Follow the database."""
        was_active = self.active
        for name in _FACTS:
            setattr(self, name, getattr(record, name))
        if self.active or self.state == "interrupted":
            self.ended = None
        elif self.ended is None:
            self.ended = time.monotonic() if was_active else _LONG_AGO

    def record(self) -> JobRecord:
        """The job for the database."""
        texts = tuple(one.to_json() for one in self.requests)
        return JobRecord(requests=texts, **{name: getattr(self, name) for name in _FACTS})

    def inputs(self) -> set[str]:
        """SHA-256 of the stored pictures that it needs."""
        return {sha for one in self.requests for sha in one.request.files().values()}


_FACTS = tuple(f.name for f in fields(JobFacts) if f.name != "requests")


def job_of(record: JobRecord) -> Job:
    """A job that this process has not seen before."""
    requests = tuple(Recorded.from_json(text) for text in record.requests)
    job = Job(record.project_id, requests, state="dismissed")
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
    request = job.requests[min(job.batch, len(job.requests) - 1)].request
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
        "count": request.sampling.count if job.until_passed else job.total - len(job.made),
        "total": job.total,
        "made": len(job.made),
        "batch": job.batch + 1,
        "batches": len(job.requests),
        "until_passed": job.until_passed,
        "previews": len(job.previews),
        "version": job.version,
        "words": " ".join(request.words.prompt.split())[:80],
    }


def describe_view(view: View) -> dict[str, Any]:
    """What a page needs to know of a project's jobs."""
    return {
        "n": view.n,
        "job": describe(view.job, view.n),
        "waiting": [describe(job, view.n) for job in view.waiting],
        "interrupted": [describe(job, view.n) for job in view.interrupted],
    }
