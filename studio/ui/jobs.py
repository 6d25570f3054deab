"""The studio's own queue: one worker thread makes pictures, any number of pages watch.

Gradio ends an event when its page goes away; a batch of pictures must outlive a reload. So the
page only enters jobs and looks at them.
"""

import io
import logging
import queue
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from PIL import Image

from studio.errors import BadInput, Cancelled, StorageError, ToileError
from studio.gallery import NewVariant, Store
from studio.pngmeta import write_png
from studio.request import GenerationRequest

if TYPE_CHECKING:
    from studio.engine import Capabilities, Engine, Picture, Progress

log = logging.getLogger(__name__)

State = Literal["waiting", "running", "done", "failed", "cancelled"]

MAX_WAITING = 16
"""Jobs that may wait at once."""

_REMEMBERED = 64
"""Finished jobs that are kept so that a page can still learn how they ended."""


SETTLING = 2.0
"""Seconds for which pages still look at a job that has ended."""


@dataclass
class Job:
    """One batch of pictures on its way.

    `version` grows with every change, so that a page knows whether to redraw.
    """

    project_id: str
    request: GenerationRequest
    parent_variant_id: str | None = None
    sketch_rev_id: str | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    state: State = "waiting"
    phase: str = "waiting"
    step: int = 0
    steps: int = 0
    eta_seconds: float | None = None
    message: str = ""
    variant_ids: list[str] = field(default_factory=list)
    version: int = 0
    ended: float | None = None
    previews: list[Image.Image] = field(default_factory=list, repr=False)
    stop: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("waiting", "running")

    @property
    def settled(self) -> bool:
        """Whether it ended so long ago that no answer from before its end is still on its way
        to a page."""
        return self.ended is not None and time.monotonic() - self.ended > SETTLING


class EngineRoom:
    """The engine, loaded in the background.

    Args:
        load: makes the engine; `start` calls it once, in a thread of its own.
    """

    def __init__(self, load: Callable[[], "Engine"]) -> None:
        self._load = load
        self._ready = threading.Event()
        self._engine: Engine | None = None
        self._capabilities: Capabilities | None = None
        self._problem: ToileError | None = None

    def start(self) -> None:
        """Begin to load; call it once."""
        threading.Thread(target=self._work, name="engine-loading", daemon=True).start()

    @property
    def state(self) -> Literal["loading", "ready", "failed"]:
        """Whether pictures can be made."""
        if not self._ready.is_set():
            return "loading"
        return "ready" if self._engine else "failed"

    @property
    def problem(self) -> str:
        """Why there is no engine, one sentence; empty while loading or when all is well."""
        return str(self._problem) if self._problem else ""

    @property
    def capabilities(self) -> "Capabilities | None":
        """What the model can do, or None while it is not there."""
        return self._capabilities

    def engine(self) -> "Engine":
        """The engine, once it is there. Raises the ToileError that kept it from loading."""
        self._ready.wait()
        if self._engine is None:
            assert self._problem is not None
            raise self._problem
        return self._engine

    def _work(self) -> None:
        try:
            engine = self._load()
            # Asked once: later the engine would answer only between two batches.
            self._capabilities = engine.capabilities
            self._engine = engine
        except ToileError as error:
            self._problem = error
        except Exception:
            log.exception("the engine could not be loaded")
            self._problem = ToileError(
                "The model could not be loaded; the reason is in the terminal. Start again, or "
                "give another model with --model."
            )
        finally:
            self._ready.set()


class Jobs:
    """The queue and its worker."""

    def __init__(self, store: Store, room: EngineRoom) -> None:
        self._store = store
        self._room = room
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._queue: queue.Queue[Job] = queue.Queue()
        threading.Thread(target=self._work, name="pictures", daemon=True).start()

    def submit(self, job: Job) -> Job:
        """Enter a job; a project has one at a time, so a second click returns the first.

        Raises:
            StorageError: the disk is too full to keep the pictures.
            BadInput: too many jobs wait already.
        """
        self._store.require_room()
        with self._lock:
            for other in self._jobs.values():
                if other.active and other.project_id == job.project_id:
                    return other
            if self._queue.qsize() >= MAX_WAITING:
                raise BadInput(f"{MAX_WAITING} batches are waiting already: try again in a moment.")
            self._jobs[job.id] = job
            finished = [j.id for j in self._jobs.values() if not j.active]
            for old in finished[: max(len(finished) - _REMEMBERED, 0)]:
                del self._jobs[old]
        self._queue.put(job)
        return job

    def of(self, project_id: str) -> Job | None:
        """The newest job of a project, running or finished."""
        with self._lock:
            return next(
                (j for j in reversed(self._jobs.values()) if j.project_id == project_id), None
            )

    def get(self, job_id: str) -> Job | None:
        """A job by its id."""
        with self._lock:
            return self._jobs.get(job_id)

    def cancel(self, project_id: str) -> Job | None:
        """Stop a project's job: at once while it waits, else before its next step."""
        job = self.of(project_id)
        if job is not None and job.active:
            job.stop.set()
            if job.state == "waiting":
                self._end(job, "cancelled", "Cancelled.")
            else:
                self._tell(job, phase="cancelling")
        return job

    def _work(self) -> None:
        while True:
            job = self._queue.get()
            if job.state != "waiting":
                continue
            try:
                self._run(job)
            except Cancelled:
                self._end(job, "cancelled", "Cancelled: nothing was changed.")
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

    def _run(self, job: Job) -> None:
        self._tell(job, state="running", phase="preparing", steps=job.request.steps)
        engine = self._room.engine()
        images = {
            ref.sha256: self._store.picture(ref.sha256) for ref in job.request.images().values()
        }
        made = engine.generate(
            job.request,
            images,
            on_step=lambda progress: self._step(job, progress),
            cancelled=job.stop.is_set,
        )
        job.message = " ".join(made[0].notes)
        self._tell(job, phase="saving", step=job.steps, eta_seconds=0.0)
        self._keep(job, made)
        self._check(job, engine, made)
        self._end(job, "done", "")

    def _step(self, job: Job, progress: "Progress") -> None:
        if job.stop.is_set():
            return
        self._tell(
            job,
            phase=progress.phase,
            step=progress.step,
            steps=progress.steps,
            eta_seconds=progress.eta_seconds,
            **({"previews": progress.previews} if progress.previews else {}),
        )

    def _keep(self, job: Job, made: list["Picture"]) -> None:
        """Store every picture before any page can show it."""
        for picture in made:
            request = picture.request
            variant = self._store.add(
                job.project_id,
                NewVariant(
                    request=request.to_json(),
                    png=write_png(picture.image, request),
                    prompt=request.prompt,
                    seed=picture.seed,
                    seconds=picture.seconds,
                    weights=request.weights,
                    width=picture.image.width,
                    height=picture.image.height,
                    parent_variant_id=job.parent_variant_id,
                    sketch_rev_id=job.sketch_rev_id,
                    inputs={name: ref.sha256 for name, ref in request.images().items()},
                ),
            )
            job.variant_ids.append(variant.id)
            self._tell(job)

    def _check(self, job: Job, engine: "Engine", made: list["Picture"]) -> None:
        """Look at the pictures; without a perception in the model, nothing is claimed."""
        from studio.ui.checks import check
        from studio.vision.sketch import read_ink

        can = self._room.capabilities
        if can is None or not can.sees:
            return
        self._tell(job, phase="checking")
        sketch = job.request.sketch
        ink = read_ink(self._store.picture(sketch.sha256)) if sketch else None
        seen = engine.see([picture.image for picture in made])
        for variant_id, picture, sight in zip(job.variant_ids, made, seen, strict=True):
            try:
                self._store.save_checks(variant_id, check(picture.request, sight, ink))
            except StorageError as error:
                job.message = str(error)  # the pictures themselves are safe

    def _tell(self, job: Job, **changes: object) -> None:
        with self._lock:
            for name, value in changes.items():
                setattr(job, name, value)
            job.version += 1

    def _end(self, job: Job, state: State, message: str) -> None:
        self._tell(
            job,
            state=state,
            phase=state,
            message=message or job.message,
            previews=[],
            ended=time.monotonic(),
        )


def preview_jpeg(job: Job, index: int) -> bytes | None:
    """One preview of a running job as a JPEG, or None."""
    previews = job.previews
    if not 0 <= index < len(previews):
        return None
    out = io.BytesIO()
    previews[index].convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


def describe(job: Job | None) -> Mapping[str, object] | None:
    """What a page needs to know of a job; None without one."""
    if job is None:
        return None
    return {
        "id": job.id,
        "state": job.state,
        "phase": job.phase,
        "step": job.step,
        "steps": job.steps,
        "eta": None if job.eta_seconds is None else round(job.eta_seconds, 1),
        "count": job.request.count,
        "previews": len(job.previews),
        "version": job.version,
        "message": job.message,
    }
