"""Double clicks: which job is only the second half of one that was entered a moment ago."""

import time
from collections.abc import Callable
from typing import Any

from studio.desk.job import Job

DOUBLE_CLICK = 0.4
"""Seconds within which the same job again is the second half of a double click."""


class Clicks:
    """The jobs entered within the last moment. Not safe for several threads at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entered: dict[tuple[Any, ...], tuple[float, Job]] = {}

    def first_half(self, job: Job) -> Job | None:
        """The same job entered a moment ago, or None. A key that is held down goes on being the
        same click."""
        now, key = self._clock(), _sameness(job)
        self._entered = {k: v for k, v in self._entered.items() if now - v[0] < DOUBLE_CLICK}
        if key not in self._entered:
            return None
        _, first = self._entered[key]
        self._entered[key] = (now, first)
        return first

    def entered(self, job: Job) -> None:
        """Remember a job that has just been entered."""
        self._entered[_sameness(job)] = (self._clock(), job)


def _sameness(job: Job) -> tuple[Any, ...]:
    """What two halves of a double click have in common; the seed may have been drawn anew."""
    seedless = (one.with_request(one.request.sampled(seed=0)) for one in job.requests)
    requests = tuple(one.to_json() for one in seedless)
    return (job.project_id, job.kind, job.parent_variant_id, requests)
