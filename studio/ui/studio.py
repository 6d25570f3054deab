"""What the page does: every action as a plain function from values to values.

An action returns the updates of the page's parts, `{part: {property: value}}`; `page.py` hands
them to Gradio. Nothing here knows of Gradio, and nothing here holds a tensor.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.errors import BadInput, ToileError
from studio.gallery import Store
from studio.garment import flats
from studio.garment.parse import parse_prompt
from studio.garment.spec import GarmentSpec
from studio.garment.vocabulary import GARMENTS
from studio.request import GenerationRequest
from studio.ui import compose, views
from studio.ui.compose import Form
from studio.ui.easel import board_ink, ink_png, save_board, uploaded
from studio.ui.jobs import EngineRoom, Job, Jobs, describe
from studio.ui.updates import Updates

log = logging.getLogger(__name__)

NEWEST = 24
"""Pictures that the studio shows beside the board; the gallery has all."""


PHOTO_SIZE = 512
"""Side of the ink that is read from a dropped picture, twice the model's."""

LARGEST_UPLOAD = 20 * 2**20
"""Bytes of a dropped picture."""


class Studio:
    """One running studio: its store, its engine, its queue.

    Args:
        store: where everything is kept.
        room: the engine.
        uploads: the only folder from which dropped pictures are read.
    """

    def __init__(self, store: Store, room: EngineRoom, uploads: Path) -> None:
        self.store = store
        self.room = room
        self.jobs = Jobs(store, room)
        self.uploads = uploads.resolve()
        self.share_url = ""

    # Opening

    def open(self, project_id: str) -> Updates:
        """Show a project: its words, its drawing, its pictures and whatever is running."""
        try:
            project = self.store.project(project_id)
        except BadInput:
            project = self.store.first_project()
        form = _draft(project.draft)
        sketch = self.store.latest_sketch(project.id)
        board = views.board(sketch.strokes, sketch.photo_sha) if sketch else views.board(None, None)
        job = self.jobs.of(project.id)
        return {
            "project": {"value": project.id},
            "masthead": {
                "value": views.masthead(project, self.store.projects()),
                "model": self.model_status(),
                "shared": self.share_url,
            },
            "board": {"value": board, "marks": self.marks(form, board)},
            "reading": {"value": views.reading(parse_prompt(form.prompt))},
            "variants": {"value": self.newest(project.id), "job": describe(job)},
            "gallery": {"refresh": secrets.token_hex(4)},
            "timer": {"active": self._ticking(job)},
            **self.fields(form),
            **self.ready(project.id, form, board),
        }

    def model_status(self) -> dict[str, str]:
        """The model in a few words."""
        state = self.room.state
        if state == "loading":
            return {"state": state, "text": "The model is loading…"}
        if state == "failed":
            return {"state": state, "text": "No model"}
        can = self.room.capabilities
        assert can is not None
        return {"state": state, "text": f"{can.title} · {can.device.upper()}"}

    def new_project(self, name: str) -> Updates:
        """A new project, opened."""
        return self.open(self.store.create_project(name).id)

    def rename_project(self, project_id: str, name: str) -> Updates:
        """Another name for the open project."""
        project = self.store.rename_project(project_id, name)
        return {"masthead": {"value": views.masthead(project, self.store.projects())}}

    # Writing and drawing

    def write(self, project_id: str, board: Mapping[str, Any], form: Form) -> Updates:
        """Something was written or set: keep it and say what was read out of it."""
        self.store.save_draft(project_id, form.to_json())
        return {
            "reading": {"value": views.reading(parse_prompt(form.prompt))},
            "board": {"marks": self.marks(form, board)},
            **self.ready(project_id, form, board),
        }

    def draw(self, project_id: str, board: Mapping[str, Any], form: Form) -> Updates:
        """Something was drawn: keep it."""
        stamp = {"n": board.get("n"), "ok": True}
        try:
            save_board(self.store, project_id, board)
        except ToileError as error:
            return {
                "board": {"saved": stamp | {"ok": False}},
                "notice": {"value": views.notice(str(error), "error")},
            }
        return {
            "board": {"saved": stamp, "marks": self.marks(form, board)},
            **self.ready(project_id, form, board),
        }

    def read_photo(self, path: Any) -> Updates:
        """Read the ink out of an uploaded picture and lay it on the board."""
        from studio.vision.sketch import read_sketch

        file = uploaded(path, self.uploads)
        try:
            if file.stat().st_size > LARGEST_UPLOAD:
                raise BadInput("The picture is larger than 20 MB: save it smaller, then drop it.")
            data = file.read_bytes()
        finally:
            file.unlink(missing_ok=True)
        sha = self.store.keep_picture(ink_png(read_sketch(data, PHOTO_SIZE)))
        return {"board": {"change": {"photo": sha, "n": secrets.token_hex(4)}}}

    def template(self, garment: str) -> Updates:
        """Lay a flat drawing of a garment on the board to start from."""
        kind = GARMENTS.get(garment)
        if kind is None:
            raise BadInput("There is no flat of this garment.")
        spec = GarmentSpec(
            garment=kind.name,
            neckline=kind.necklines[0],
            sleeves=kind.sleeves[-1],
            fabric=kind.fabrics[0],
        )
        sha = self.store.keep_picture(ink_png(flats.layout(spec).ink(PHOTO_SIZE)))
        return {"board": {"change": {"photo": sha, "n": secrets.token_hex(4)}}}

    # Making pictures

    def generate(self, project_id: str, board: Mapping[str, Any], form: Form) -> Updates:
        """Enter a batch. The seed in the field is the one used; a new one is drawn after it."""
        drawing, ink = save_board(self.store, project_id, board)
        request = self.for_model(compose.compose(form, drawing.ink_sha, ink))
        job = Job(project_id, request, sketch_rev_id=drawing.id)
        return self.enter(job, form)

    def cancel(self, project_id: str) -> Updates:
        """Stop what is running."""
        job = self.jobs.cancel(project_id)
        return {"progress": {"job": describe(job)}}

    def tick(self, project_id: str, seen: str, board: Mapping[str, Any], form: Form) -> Updates:
        """What has changed since `seen`, the mark of what the page shows already."""
        job = self.jobs.of(project_id)
        mark = self.room.state
        if job is not None:
            mark += f"/{job.id}/{job.version}/{job.settled}"
        if mark == seen:
            return {}
        described = describe(job)
        updates: Updates = {
            "seen": {"value": mark},
            "progress": {"job": described},
            "variants": {"job": described},
            "timer": {"active": self._ticking(job)},
        }
        if seen.split("/")[0] != self.room.state:
            updates["masthead"] = {"model": self.model_status()}
            if form.text == compose.USUAL_ST:
                updates["text"] = {"value": self.usual_st()}
        if job is None or not job.active:
            updates |= self.ready(project_id, form, board)
        if job is not None and (not job.active or job.phase == "checking"):
            updates["variants"]["value"] = self.newest(project_id)
        if job is not None and not job.active and not job.settled and job.message:
            tone = "error" if job.state == "failed" else "info"
            updates["notice"] = {"value": views.notice(job.message, tone)}
        return updates

    # What several actions need

    def marks(self, form: Form, board: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Where the prompt's components will be placed; none where the page will not place."""
        if not form.exact:
            return []
        reading = parse_prompt(form.prompt)
        if not reading.requests:
            return []
        ink = board_ink(self.store, board)
        return views.marks(compose.components_of(reading, ink))

    def ready(self, project_id: str, form: Form, board: Mapping[str, Any]) -> Updates:
        """Whether Generate works now, and if not, why."""
        job = self.jobs.of(project_id)
        active = job is not None and job.active
        empty = not form.prompt.strip() and board_ink(self.store, board) is None
        if self.room.state == "failed":
            why = self.room.problem
        elif empty:
            why = "Describe the garment or draw it, then generate."
        elif self.room.state == "loading":
            why = "The model is loading: pictures can be made in a moment."
        else:
            why = ""
        return {
            "generate": {"interactive": not why and not active},
            "progress": {"why": why, "job": describe(job)},
        }

    def enter(self, job: Job, form: Form, shuffle: bool = True) -> Updates:
        """Enter a batch and show it; `shuffle` draws a new seed unless the seed is locked."""
        entered = self.jobs.submit(job)
        described = describe(entered)
        updates: Updates = {
            "generate": {"interactive": False},
            "progress": {"job": described},
            "variants": {"job": described},
            "timer": {"active": True},
            "notice": {"value": views.notice("")},
        }
        if entered is not job:
            text = "A batch is being made already: wait for it or cancel it first."
            updates["notice"] = {"value": views.notice(text)}
        elif shuffle and not form.locked:
            after = replace(form, seed=str(compose.new_seed()))
            self.store.save_draft(job.project_id, after.to_json())
            updates["seed"] = {"value": after.seed}
        return updates

    def for_model(self, request: GenerationRequest) -> GenerationRequest:
        """The request without what this model cannot read, at the model's size."""
        self.room.engine()
        can = self.room.capabilities
        assert can is not None
        if "sketch" not in can.conditions:
            request = replace(request, sketch=None)
        if "components" not in can.conditions:
            request = replace(request, components=())
        return replace(request, model=can.model, width=can.side, height=can.side)

    def newest(self, project_id: str) -> dict[str, Any]:
        """The newest pictures of a project, for the column of variants."""
        page = self.store.variants(project_id, limit=NEWEST)
        return {"project": project_id, "items": views.cards(self.store, page.variants)}

    def fields(self, form: Form) -> Updates:
        """The form's values in their fields."""
        stops = compose.text_stops(self.usual_st())
        return {
            "prompt": {"value": form.prompt},
            "negative": {"value": form.negative},
            "exact": {"value": form.exact},
            "text": {"value": form.text},
            "text_word": {"value": compose.word_for(stops, form.text)},
            "sketch": {"value": form.sketch},
            "sketch_word": {"value": compose.word_for(compose.SKETCH_STOPS, form.sketch)},
            "count": {"value": form.count},
            "seed": {"value": form.seed},
            "locked": {"value": form.locked},
            "steps": {"value": form.steps},
            "sampler": {"value": form.sampler},
        }

    def usual_st(self) -> float:
        """sT that suits the loaded model."""
        can = self.room.capabilities
        return can.st if can else compose.USUAL_ST

    def _ticking(self, job: Job | None) -> bool:
        """Whether there is anything to wait for."""
        return self.room.state == "loading" or (job is not None and not job.settled)


def _draft(text: str) -> Form:
    """A project's draft; one that cannot be read any more starts anew."""
    try:
        form = Form.from_json(text)
    except (ValueError, TypeError, AttributeError):
        log.warning("a draft could not be read and starts anew")
        form = Form()
    return form if form.seed else replace(form, seed=str(compose.new_seed()))
