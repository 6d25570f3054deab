"""What the page does: every action as a plain function from values to values.

An action returns the updates of the page's parts, `{part: {property: value}}`; `page.py` hands
them to Gradio. Nothing here knows of Gradio, and nothing here holds a tensor.
"""

import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.controls.garment import GarmentControl
from studio.desk import compose, parts, parts_table, reference_views, sample, underlays, views
from studio.desk.abilities import abilities
from studio.desk.compose import Form
from studio.desk.drawing import PHOTO_SIZE, read_drawn
from studio.desk.easel import board_ink, save_board, uploaded_bytes
from studio.desk.jobs import EngineRoom, Job, Jobs, View, describe, describe_view
from studio.desk.pace import BATCHES_A_MINUTE, Pace
from studio.desk.resolve import for_model, resolve
from studio.desk.updates import Updates
from studio.errors import BadInput, ToileError
from studio.gallery import Project, Store
from studio.garment import flats
from studio.garment.parse import parse_prompt
from studio.garment.spec import GarmentSpec
from studio.pngmeta import png_bytes
from studio.request import Recorded

log = logging.getLogger(__name__)

NEWEST = 24
"""Pictures that the studio shows beside the board; the gallery has all."""

BUSY, IDLE = 0.4, 4.0
"""Seconds between a page's looks at its jobs: while one is under way, and else."""


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
        self._pace = Pace(BATCHES_A_MINUTE)

    # Opening

    def open(self, project_id: str) -> Updates:
        """Show a project: its words, its drawing, its pictures and whatever is running."""
        try:
            project = self.store.project(project_id)
        except BadInput:
            project = self.store.first_project()
        form, board = self._kept(project)
        document = parts.stored(self.store, project.id, form, board)
        board |= {"parts": document.to_json(), "project": project.id}
        references = reference_views.kept(self.store, project.id)
        view = self.jobs.look(project.id)
        return {
            "project": {"value": project.id},
            "masthead": {
                "value": views.masthead(project, self.store.projects()),
                "model": self.model_status(),
                "shared": self.share_url,
            },
            "board": {"value": board, "flat": underlays.address(form), "exact": form.exact},
            "components": {"value": parts_table.table(document, form)},
            "reading": {"value": views.reading(parse_prompt(form.prompt))},
            "variants": {"value": self.newest(project.id), "job": describe(view.job, view.n)},
            "gallery": {"refresh": secrets.token_hex(4)},
            "tips": {"value": {"offer": project.name == sample.NAME}},
            "timer": self._timer(view),
            **self.fields(form),
            **reference_views.shown(self.store, self.room, project.id, references, form),
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
        before = _draft(self.store.project(project_id).draft).prompt
        self.store.save_draft(project_id, form.to_json())
        followed: Updates = {}
        if board.get("project", project_id) == project_id:
            followed = self.follow(project_id, board, form, before)
        return {
            **followed,
            "reading": {"value": views.reading(parse_prompt(form.prompt))},
            "board": followed.get("board", {})
            | {"flat": underlays.address(form), "exact": form.exact},
            "references": reference_views.changing(self.store, project_id, form),
            **self.ready(project_id, form, board),
        }

    def draw(self, project_id: str, board: Mapping[str, Any], form: Form) -> Updates:
        """Something was drawn: keep it."""
        stamp = {"n": board.get("n"), "ok": True}
        try:
            # The page may have opened another project since: each drawing goes to its own.
            drawn = str(board.get("project", project_id))
            save_board(self.store, self.store.project(drawn).id, board)
            if drawn != project_id:
                parts.keep(self.store, drawn, parts.sent(board))
                return {"board": {"saved": stamp}}
            followed = self.follow(project_id, board, form)
        except ToileError as error:
            return {
                "board": {"saved": stamp | {"ok": False}},
                "notice": {"value": views.notice(str(error), "error")},
            }
        followed["board"] = followed.get("board", {}) | {"saved": stamp}
        return {
            **followed,
            "references": reference_views.changing(self.store, project_id, form),
            **self.ready(project_id, form, board),
        }

    def read_photo(self, path: Any) -> Updates:
        """Read the ink out of an uploaded picture and lay it on the board."""
        sha = self.store.keep_picture(read_drawn(uploaded_bytes(path, self.uploads)))
        return {"board": {"change": {"photo": sha, "n": secrets.token_hex(4)}}}

    def template(self, garment: str) -> Updates:
        """Lay a flat drawing of a garment on the board to start from."""
        return self._lay(underlays.template(garment), "front")

    def trace(self, view: str, form: Form) -> Updates:
        """Lay the lines of the described garment's flat on the board as ink."""
        return self._lay(underlays.described(form), view)

    def _lay(self, spec: GarmentSpec, view: str) -> Updates:
        flat = flats.layout(spec, "back" if view == "back" else "front")
        sha = self.store.keep_picture(png_bytes(flat.ink(PHOTO_SIZE)))
        return {"board": {"change": {"photo": sha, "n": secrets.token_hex(4)}}}

    def keep_photo(self, path: Any) -> Updates:
        """Keep a picture to draw over; it lies under the ink and no model ever sees it."""
        data = underlays.photo_png(uploaded_bytes(path, self.uploads))
        sha = self.store.keep_picture(data)
        return {"board": {"under": {"photo": sha, "n": secrets.token_hex(4)}}}

    def arrange(
        self, project_id: str, event: Mapping[str, Any], board: Mapping[str, Any], form: Form
    ) -> Updates:
        """Something was done with the components, on the board or in their table."""
        updates = parts.act(self.store, project_id, event, board, form)
        if written := updates.get("prompt"):
            form = replace(form, prompt=written["value"])
        return {**updates, **self.ready(project_id, form, board)}

    # Making pictures

    def generate(self, project_id: str, board: Mapping[str, Any], form: Form) -> Updates:
        """Enter a batch. The seed in the field is the one used; a new one is drawn after it."""
        drawing, _ = save_board(self.store, project_id, board)
        references = reference_views.kept(self.store, project_id)
        document = parts.followed(self.store, board, form)
        wish = compose.compose(form, drawing.ink_sha, document, references)
        engine = self.room.engine()
        settled = resolve(wish, engine.capabilities, engine, self.store)
        revision = parts.keep(self.store, project_id, document)
        job = Job(
            project_id, (settled.recorded,), sketch_rev_id=drawing.id, component_rev_id=revision
        )
        updates = self.enter(job, form)
        if settled.notes:
            updates["notice"] = {"value": views.notice(" ".join(settled.notes))}
        return updates

    def cancel(self, project_id: str, job_id: str) -> Updates:
        """Stop a job that runs or waits."""
        return self._with_job(project_id, job_id, self.jobs.cancel)

    def resume(self, project_id: str, job_id: str) -> Updates:
        """Let an interrupted job make the pictures that it still lacks."""
        return self._with_job(project_id, job_id, self.jobs.resume)

    def dismiss(self, project_id: str, job_id: str) -> Updates:
        """Give an interrupted job up."""
        return self._with_job(project_id, job_id, self.jobs.dismiss)

    def tick(self, project_id: str, seen: str) -> Updates:
        """What has changed since `seen`, the mark of what the page shows already."""
        view, ended = self.jobs.look(project_id), self.jobs.ended(project_id)
        jobs = {job.id: job for job in (*view.jobs, *ended)}.values()
        told = " ".join(sorted(job.id for job in ended))
        kept = " ".join(sorted(f"{j.id}:{len(j.made)}:{j.checked}:{j.active}" for j in jobs))
        now = " ".join(f"{j.id}:{j.version}:{j.state}:{j.settled}" for j in view.jobs)
        mark = json.dumps([self.room.state, project_id, told, kept, now])
        if mark == seen:
            return {}
        was = json.loads(seen) if seen else ["", "", "", "", ""]
        updates: Updates = {
            "seen": {"value": mark},
            "progress": {"queue": describe_view(view)},
            "variants": {"job": describe(view.job, view.n)},
            "timer": self._timer(view),
        }
        if was[0] != self.room.state:
            form, board = self._kept(self.store.project(project_id))
            updates["masthead"] = {"model": self.model_status()}
            updates["references"] = {"can": abilities(self.room)}
            updates["shape"] = self._shapes()
            if form.text == compose.USUAL_ST:
                updates["text"] = {"value": self.usual_st()}
            updates |= self.ready(project_id, form, board)
        if was[1:4:2] != [project_id, kept]:
            updates["variants"]["value"] = self.newest(project_id)
        for job in ended:
            if job.id not in was[2].split() and job.message:
                tone = "error" if job.state == "failed" else "info"
                updates["notice"] = {"value": views.notice(job.message, tone)}
        return updates

    # What several actions need

    def _kept(self, project: Project) -> tuple[Form, dict[str, Any]]:
        """A project's words and drawing."""
        sketch = self.store.latest_sketch(project.id)
        drawn = (sketch.strokes, sketch.photo_sha) if sketch else (None, None)
        return _draft(project.draft), views.board(*drawn)

    def follow(
        self, project_id: str, board: Mapping[str, Any], form: Form, before: str | None = None
    ) -> Updates:
        """Keep the page's components after its words and drawing; show where they changed."""
        if "parts" not in board:
            return {"board": {}}  # the page has not been shown its components yet
        document = parts.followed(self.store, board, form, before)
        parts.keep(self.store, project_id, document)
        table = {"components": {"value": parts_table.table(document, form)}}
        if document == parts.sent(board):
            return {"board": {}, **table}
        change = {
            "parts": document.to_json(),
            "step": False,
            "on": board.get("e"),
            "n": secrets.token_hex(4),
        }
        return {"board": {"change": change}, **table}

    def ready(self, project_id: str, form: Form, board: Mapping[str, Any]) -> Updates:
        """Whether Generate works now, and if not, why."""
        references = reference_views.kept(self.store, project_id)
        empty = not form.prompt.strip() and references.get(GarmentControl) is None
        empty = empty and board_ink(self.store, board) is None
        empty = empty and not (form.exact and parts.placed(self.store, project_id))
        if self.room.state == "failed":
            why = self.room.problem
        elif references.problem:
            why = references.problem
        elif empty:
            why = "Describe the garment or draw it, then generate."
        elif self.room.state == "loading":
            why = "The model is loading: pictures can be made in a moment."
        else:
            why = ""
        return {
            "generate": {"interactive": not why},
            "progress": {"why": why, "queue": describe_view(self.jobs.look(project_id))},
        }

    def enter(self, job: Job, form: Form, shuffle: bool = True) -> Updates:
        """Enter a job and show it; `shuffle` draws a new seed unless the seed is locked.

        Raises:
            StorageError, BadInput: see `Jobs.submit`; BadInput also where a shared page begins
                too many.
        """
        if self.share_url and (wait := self._pace.begin()):
            raise BadInput(
                f"While the page is shared, {BATCHES_A_MINUTE} batches a minute can be begun: try "
                f"again in {wait} s."
            )
        entered = self.jobs.submit(job)
        updates = self._jobs_shown(job.project_id) | {"notice": {"value": views.notice("")}}
        if entered is job and shuffle and not form.locked:
            after = replace(form, seed=str(compose.new_seed()))
            self.store.save_draft(job.project_id, after.to_json())
            updates["seed"] = {"value": after.seed}
        return updates

    def for_model(self, recorded: Recorded) -> Recorded:
        """A stored request as this model can make it."""
        return for_model(recorded, self.room.engine().capabilities).recorded

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
            "shaped": {"value": form.shaped},
            "text": {"value": form.text},
            "text_word": {"value": compose.word_for(stops, form.text)},
            "sketch": {"value": form.sketch},
            "sketch_word": {"value": compose.word_for(compose.SKETCH_STOPS, form.sketch)},
            "count": {"value": form.count},
            "seed": {"value": form.seed},
            "locked": {"value": form.locked},
            "steps": {"value": form.steps},
            "sampler": {"value": form.sampler},
            "shape": {"value": form.shape, **self._shapes()},
        }

    def _shapes(self) -> dict[str, Any]:
        """The shapes of a picture that the model can make well; one alone is not asked about."""
        can = self.room.capabilities
        return {
            "choices": compose.shape_choices(can.shapes if can else {}),
            "visible": can is not None and len(can.shapes) > 1,
        }

    def usual_st(self) -> float:
        """sT that suits the loaded model."""
        can = self.room.capabilities
        return can.st if can else compose.USUAL_ST

    def _with_job(self, project_id: str, job_id: str, do: Callable[[str], Job | None]) -> Updates:
        job = self.jobs.get(job_id)
        if job is not None and job.project_id == project_id:
            do(job_id)
        return self._jobs_shown(project_id)

    def _jobs_shown(self, project_id: str) -> Updates:
        view = self.jobs.look(project_id)
        return {
            "progress": {"queue": describe_view(view)},
            "variants": {"job": describe(view.job, view.n)},
            "timer": self._timer(view),
        }

    def _timer(self, view: View) -> dict[str, Any]:
        """How often the page looks again: quickly while something is under way, and now and then
        for what another page or another process has begun."""
        job = view.job
        busy = self.room.state == "loading" or (job is not None and not job.settled)
        return {"value": BUSY if busy else IDLE, "active": True}


def _draft(text: str) -> Form:
    """A project's draft; one that cannot be read any more starts anew."""
    try:
        form = Form.from_json(text)
    except (ValueError, TypeError, AttributeError):
        log.warning("a draft could not be read and starts anew")
        form = Form()
    return form if form.seed else replace(form, seed=str(compose.new_seed()))
