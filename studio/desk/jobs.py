"""The studio's own queue: one worker thread makes pictures, any number of pages watch.

Gradio ends an event when its page goes away; a batch of pictures must outlive a reload, and a
queue must outlive its process. So the page only enters jobs and looks at them, and the jobs stand
in the database: `studio.gallery.queue` lets each one be run by one process only.
"""

import logging
import threading
import time
from collections import OrderedDict

from studio.desk.clicks import Clicks
from studio.desk.job import Job, View, job_of
from studio.desk.memory import given_back
from studio.desk.processes import new_owner, retire, surely_gone
from studio.desk.room import EngineRoom
from studio.desk.turns import moment
from studio.desk.visitors import VISITOR
from studio.desk.worker import make
from studio.errors import BadInput, Cancelled, StorageError, ToileError
from studio.gallery import JobRecord, Store
from studio.gallery.records import State

log = logging.getLogger(__name__)

MAX_WAITING = 64
"""Jobs that may wait at once."""

MAX_OF_ONE = 8
"""Those of them that may be one visitor's, where there are several."""

PULSE = 1.0
"""Seconds between two writes of how far the running job is."""

SILENCE = 20.0
"""Seconds without a sign of life after which another process counts as gone."""

_LOOK = 1.0
"""Seconds between two looks for jobs that another process has entered."""

_PROGRESS = ("phase", "batch", "step", "steps", "eta_seconds", "version")
"""What the database is told of the running job."""

_REMEMBERED = 64
"""Ended jobs that are kept in memory so that a page can still learn how they ended."""


class Jobs:
    """The queue, its worker, and the thread that tells the database how far it is."""

    def __init__(self, store: Store, room: EngineRoom) -> None:
        self._store = store
        self._room = room
        self._owner = new_owner()
        self._lock = threading.RLock()
        self._looking = threading.Lock()
        self._known: OrderedDict[str, Job] = OrderedDict()
        self._running: Job | None = None
        self._unwritten: dict[str, Job] = {}
        self._clicks = Clicks()
        self._entered: dict[str, list[Job]] = {}  # by visitor
        self._beats: dict[str, tuple[float, float]] = {}
        self._wake = threading.Event()
        self._wake.set()  # there may be jobs of a former process
        self._closed = threading.Event()
        self._find_orphans()
        self._threads = [
            threading.Thread(target=self._work, name="pictures", daemon=True),
            threading.Thread(target=self._pulse, name="job-pulse", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop working; a job that runs is interrupted and can be resumed."""
        self._closed.set()
        self._wake.set()
        with self._lock:
            job = self._running
            if job is not None:
                job.lost = True
                job.stop.set()
        if job is not None:
            try:
                self._store.queue.interrupt(job.id, self._owner)
            except StorageError as error:  # the next process will see that this one has gone
                log.warning("the running job could not be marked: %s", error)
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(30)
        retire(self._owner)

    # What pages do

    def submit(self, job: Job) -> Job:
        """Enter a job; the second half of a double click gets the job of the first.

        Raises:
            StorageError: the disk is too full to keep the pictures.
            BadInput: too many jobs wait already.
        """
        self._store.require_room()
        with self._lock:
            if (first := self._clicks.first_half(job)) is not None:
                return first
            if self._store.queue.waiting() >= MAX_WAITING:
                raise BadInput(f"{MAX_WAITING} batches are waiting already: try again in a moment.")
            visitor = VISITOR.get()
            self._entered = {  # nobody is remembered for what is made
                one: waiting
                for one, jobs in self._entered.items()
                if (waiting := [j for j in jobs if j.state == "waiting"])
            }
            mine = self._entered.get(visitor, [])
            if visitor and len(mine) >= MAX_OF_ONE:
                raise BadInput(
                    f"{MAX_OF_ONE} of your batches are waiting already: try again when one of them "
                    "is made."
                )
            job.take(self._store.queue.enter(job.record(), job.inputs()))
            if visitor:
                self._entered[visitor] = [*mine, job]
            self._clicks.entered(job)
            self._remember(job)
        self._wake.set()
        return job

    def look(self, project_id: str) -> View:
        """A project's jobs at this moment."""
        with self._looking:  # so that views are numbered in the order in which they were seen
            records = self._store.queue.open_jobs(project_id)
            newest = self._store.queue.newest(project_id)
            with self._lock:
                jobs = [job for record in records if (job := self._absorb(record))]
                last = self._absorb(newest) if newest else None
                number = moment()
        active = [job for job in jobs if job.active]
        shown = next((job for job in active if job.state == "running"), None)
        if shown is None and active:
            shown = active[0]
        if shown is None and last is not None and last.state != "interrupted":
            shown = last
        return View(
            number,
            shown,
            tuple(job for job in active if job is not shown and job.state == "waiting"),
            tuple(job for job in jobs if job.state == "interrupted"),
        )

    def ended(self, project_id: str) -> list[Job]:
        """A project's jobs that ended a moment ago, while this process knew them."""
        with self._lock:
            return [
                job
                for job in self._known.values()
                if job.project_id == project_id and job.ended is not None and not job.settled
            ]

    def of(self, project_id: str) -> Job | None:
        """The newest job of a project, whatever has become of it."""
        record = self._store.queue.newest(project_id)
        with self._lock:
            return self._absorb(record) if record else None

    def get(self, job_id: str) -> Job | None:
        """A job by its id."""
        with self._lock:
            known = self._known.get(job_id)
        if known is not None and known.owned:
            return known
        record = self._store.queue.get(job_id)
        with self._lock:
            return self._absorb(record) if record else None

    def cancel(self, job_id: str) -> Job | None:
        """Stop a job: at once while it waits, else before its next step."""
        job = self.get(job_id)
        if job is None or not job.active:
            return job
        if job.state == "waiting":
            self._store.queue.end(job_id, None, "cancelled", "Cancelled.", before=("waiting",))
            job = self.get(job_id)
        if job is not None and job.state == "running":
            with self._lock:
                if job.owned:
                    job.stop.set()
                    self._tell(job, phase="cancelling")
            if not job.owned:
                self._store.queue.ask_to_stop(job_id)
        return job

    def resume(self, job_id: str) -> Job | None:
        """Let an interrupted job go on; only the missing pictures are made.

        Raises:
            StorageError: the disk is too full to keep the pictures.
        """
        self._store.require_room()
        self._store.queue.resume(job_id)
        self._wake.set()
        return self.get(job_id)

    def dismiss(self, job_id: str) -> Job | None:
        """Give an interrupted job up; the pictures that it made stay."""
        self._store.queue.end(job_id, None, "dismissed", before=("interrupted",))
        return self.get(job_id)

    # What is known

    def _absorb(self, record: JobRecord) -> Job | None:
        """The job of a record, brought up to date; one that this process runs knows better. None
        where this version cannot read what was asked for."""
        job = self._known.get(record.id)
        if job is None:
            try:
                job = job_of(record)
            except BadInput as error:
                log.warning("job %s cannot be read: %s", record.id[:6], error)
                return None
            self._remember(job)
        elif not job.owned and record.version >= job.version:
            job.take(record)
        return job

    def _remember(self, job: Job) -> None:
        self._known[job.id] = job
        over = [j.id for j in self._known.values() if not j.active and j.settled]
        for old in over[: max(len(over) - _REMEMBERED, 0)]:
            del self._known[old]

    # What the worker does

    def _work(self) -> None:
        self._room.then(self._wake.set)
        while not self._closed.is_set():
            self._wake.wait(_LOOK)
            self._wake.clear()
            if self._room.state == "loading":
                continue
            while not self._closed.is_set() and (job := self._claim()) is not None:
                with given_back():
                    self._run(job)

    def _claim(self) -> Job | None:
        try:
            if not self._store.queue.waiting():
                return None
            record = self._store.queue.claim(self._owner)
        except StorageError as error:
            log.warning("no job could be taken: %s", error)
            return None
        if record is None:
            return None
        with self._lock:
            job = self._absorb(record)
        if job is None:
            text = "A waiting batch was written by another version of Toile: enter it again."
            self._store.queue.end(record.id, self._owner, "failed", text)
            return None
        with self._lock:
            job.take(record)
            job.stop.clear()
            job.owned, job.lost, job.checked = True, False, 0
            self._running = job
            return job

    def _run(self, job: Job) -> None:
        try:
            self._end(job, "done", make(job, self._store, self._room, self._tell))
        except Cancelled:
            kept = len(job.made)
            pictures = "1 picture is" if kept == 1 else f"{kept} pictures are"
            self._end(
                job,
                "cancelled",
                f"Cancelled: {pictures} kept." if kept else "Cancelled: nothing was changed.",
            )
        except ToileError as error:
            self._end(job, "failed", str(error))
        except MemoryError:
            self._end(
                job, "failed", "The memory ran out: make fewer variants at a time, then retry."
            )
        except Exception:
            code = job.id[:6]
            log.exception("job %s failed", code)
            self._end(
                job,
                "failed",
                f"The pictures could not be made (code {code}, details in the terminal): "
                "your drawing and words are kept, press Generate again.",
            )
        finally:
            with self._lock:
                self._running = None

    def _tell(self, job: Job, **changes: object) -> None:
        with self._lock:
            for name, value in changes.items():
                setattr(job, name, value)
            job.version += 1

    def _end(self, job: Job, state: State, message: str) -> None:
        with self._lock:
            if job.lost:  # it belongs to the database and to another process now
                job.owned, job.previews, job.version = False, [], -1
                return
            self._tell(
                job,
                state=state,
                phase=state,
                message=message,
                eta_seconds=None,
                previews=[],
                ended=time.monotonic(),
            )
        self._write_end(job)

    def _write_end(self, job: Job) -> None:
        try:
            self._store.queue.end(job.id, self._owner, job.state, job.message, version=job.version)
        except StorageError as error:
            log.warning("how a job ended could not be written yet: %s", error)
            with self._lock:
                self._unwritten[job.id] = job
        else:
            with self._lock:
                self._unwritten.pop(job.id, None)

    # What the pulse does

    def _pulse(self) -> None:
        looked = time.monotonic()
        while not self._closed.wait(PULSE):
            try:
                self._write_progress()
                for job in list(self._unwritten.values()):
                    self._write_end(job)
                if time.monotonic() - looked > 5 * PULSE:
                    looked = time.monotonic()
                    self._find_orphans()
            except StorageError as error:
                log.warning("the queue could not be written: %s", error)

    def _write_progress(self) -> None:
        with self._lock:
            job = self._running
            if job is None or not job.active:
                return
            progress = {name: getattr(job, name) for name in _PROGRESS}
        asked = self._store.queue.tell(job.id, self._owner, **progress)
        with self._lock:
            if asked is None and job.active:
                job.lost = True
                job.stop.set()
            elif asked and not job.stop.is_set():
                job.stop.set()
                self._tell(job, phase="cancelling")

    def _find_orphans(self) -> None:
        """Mark jobs whose process has gone. One on this machine is asked for; any other counts
        as gone when its sign of life has not changed for a while by this process's own clock."""
        now, seen = time.monotonic(), {}
        for job_id, owner, beat in self._store.queue.running():
            if owner == self._owner:
                continue
            known, since = self._beats.get(job_id, (beat, now))
            seen[job_id] = (beat, since if known == beat else now)
            if surely_gone(owner) or now - seen[job_id][1] > SILENCE:
                self._store.queue.interrupt(job_id, owner)
        self._beats = seen
