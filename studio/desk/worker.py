"""Making the pictures of one job: each is kept before any page can show it."""

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from studio.controls.garment import GarmentControl
from studio.controls.sketch import SketchControl
from studio.desk.job import Job
from studio.desk.room import EngineRoom
from studio.errors import Cancelled, Gone, StorageError
from studio.gallery import NewVariant, Store
from studio.pngmeta import write_png
from studio.request import GenerationRequest, Recorded

if TYPE_CHECKING:
    from PIL import Image

    from studio.engine import Engine, Picture, Progress
    from studio.vision.kept import Cloth

log = logging.getLogger(__name__)

Tell = Callable[..., None]
"""Changes a job's fields where other threads see them all at once: `tell(job, phase=...)`."""


def make(job: Job, store: Store, room: EngineRoom, tell: Tell) -> str:
    """Make what a job still lacks; the sentence to end it with, often empty.

    Raises:
        Cancelled: it was stopped; pictures of earlier requests stay.
        ToileError: it cannot be made.
    """
    return _Making(job, store, room, tell).run()


class _Making:
    def __init__(self, job: Job, store: Store, room: EngineRoom, tell: Tell) -> None:
        self.job, self.store, self.room, self.tell = job, store, room, tell
        self.notes: dict[str, None] = {}  # each sentence once, in order

    def run(self) -> str:
        job, engine = self.job, self.room.engine()
        passed = self._look_again(engine)
        for batch, asked in enumerate(job.requests):
            missing = job.missing(batch)
            if not missing:
                continue
            if job.until_passed and passed:
                break
            made = self._generate(engine, batch, asked.request)
            self.tell(job, phase="saving", step=job.steps, eta_seconds=None)
            # The whole request was made again even where one of its pictures is kept already: a
            # picture made alone could differ from the same one in a batch by rounding.
            kept = [self._keep(job.first(batch) + i, asked, made[i]) for i in missing]
            passed = self._check(engine, asked.request, kept, [made[i].image for i in missing])
        if job.until_passed and not passed:
            self.notes["No attempt passed all its checks: the pictures are kept to compare."] = None
        return " ".join(self.notes)

    def _generate(
        self, engine: "Engine", batch: int, request: GenerationRequest
    ) -> list["Picture"]:
        job = self.job
        self.tell(
            job, phase="preparing", batch=batch, step=0, steps=request.sampling.steps,
            eta_seconds=None, previews=[],
        )  # fmt: skip
        images = {sha: self.store.file(sha) for sha in request.files().values()}
        began = time.monotonic()
        made = engine.generate(
            request,
            images,
            on_step=lambda progress: self._step(progress, began),
            cancelled=job.stop.is_set,
        )
        self.notes |= dict.fromkeys(made[0].notes)
        return made

    def _step(self, progress: "Progress", began: float) -> None:
        job = self.job
        if job.stop.is_set():
            return
        eta = progress.eta_seconds
        if eta is not None and not job.until_passed:
            work = [one.request.sampling.steps * one.request.sampling.count for one in job.requests]
            later = sum(work[job.batch + 1 :])
            eta += (time.monotonic() - began + eta) * later / work[job.batch]
        self.tell(
            job,
            phase=progress.phase,
            step=progress.step,
            steps=progress.steps or job.steps,
            eta_seconds=eta,
            **({"previews": progress.previews} if progress.previews else {}),
        )

    def _keep(self, index: int, asked: Recorded, picture: "Picture") -> str:
        """Store one picture and say so; its id."""
        job, request = self.job, picture.request
        recorded = asked.with_request(request, picture.heard)
        if job.lost:
            raise Cancelled("Another process has taken this batch over.")
        variant = self.store.add(
            job.project_id,
            NewVariant(
                request=recorded.to_json(),
                png=write_png(picture.image, recorded),
                prompt=request.words.prompt,
                seed=picture.seed,
                seconds=picture.seconds,
                weights=request.model.weights,
                width=picture.image.width,
                height=picture.image.height,
                parent_variant_id=job.parent_variant_id,
                sketch_rev_id=job.sketch_rev_id,
                component_rev_id=job.component_rev_id,
                inputs=request.files(),
                job_id=job.id,
                job_index=index,
            ),
        )
        self.tell(job, made=job.made | {index: variant.id}, previews=[])
        return variant.id

    def _check(
        self,
        engine: "Engine",
        request: GenerationRequest,
        variant_ids: list[str],
        pictures: "list[Image.Image]",
    ) -> bool:
        """Look at kept pictures; whether one of them passes. Without a perception in the model,
        nothing is claimed."""
        from studio.desk.checks import check
        from studio.vision.kept import cloth
        from studio.vision.pictures import read_ink

        can = self.room.capabilities
        if can is None or not can.sees or not pictures:
            return False
        self.tell(self.job, phase="checking")
        sketch = request.get(SketchControl)
        ink = read_ink(self.store.picture(sketch.picture)) if sketch else None
        worn = self._photo(request)
        passed = False
        for variant_id, picture, sight in zip(
            variant_ids, pictures, engine.see(pictures), strict=True
        ):
            made = cloth(picture, sight.mask) if worn else None
            both = (worn, made) if worn and made else None
            try:
                asked = Recorded.from_json(self.store.variant(variant_id).request)
                saved = self.store.save_checks(variant_id, check(asked, sight, ink, both))
                passed |= saved.passed is True
            except Gone:
                log.info("a picture was removed for good before it was looked at")
            except StorageError as error:
                self.notes[str(error)] = None  # the pictures themselves are safe
            self.tell(self.job, checked=self.job.checked + 1)
        return passed

    def _photo(self, request: GenerationRequest) -> "Cloth | None":
        """The cloth in the garment's photo, if there is one."""
        from studio.desk import photos
        from studio.vision.kept import cloth

        garment = request.get(GarmentControl)
        if garment is None or garment.mask is None or not garment.strength:
            return None
        photo = photos.kept(self.store, garment.picture)
        return cloth(photo, photos.kept_mask(self.store, garment.mask, photo.size))

    def _look_again(self, engine: "Engine") -> bool:
        """Look at pictures that were kept before the job was interrupted, where nobody did;
        whether one of those kept passes."""
        job, passed = self.job, False
        for batch, asked in enumerate(job.requests):
            first, request = job.first(batch), asked.request
            for index in range(first, first + request.sampling.count):
                if index not in job.made:
                    continue
                try:
                    variant = self.store.variant(job.made[index])
                    kept = self.store.picture(variant.picture_sha)
                except (Gone, StorageError):
                    log.info("a picture was removed for good before it was looked at")
                    continue
                if variant.passed is None:
                    from studio.vision.pictures import load_picture

                    picture = load_picture(kept)
                    passed |= self._check(engine, request, [variant.id], [picture])
                passed |= variant.passed is True
        return passed
