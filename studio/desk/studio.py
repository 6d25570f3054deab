"""What the page does: every action as a plain function from values to values.

An action returns the updates of the page's parts, `{part: {property: value}}`; `page.py` hands
them to Gradio. Nothing here knows of Gradio, and nothing here holds a tensor.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.controls.garment import GarmentControl
from studio.desk import (
    compose,
    keeping,
    parts,
    parts_table,
    reference_views,
    sample,
    underlays,
    views,
)  # fmt: skip
from studio.desk.abilities import abilities
from studio.desk.compose import Form
from studio.desk.drawing import PHOTO_SIZE, read_drawn
from studio.desk.easel import board_ink, kept_drawing, save_board, uploaded_bytes
from studio.desk.job import Job, View, describe, describe_view
from studio.desk.jobs import Jobs
from studio.desk.keeping import Kept
from studio.desk.looking import Marks, look_at
from studio.desk.opening import shown_or_another
from studio.desk.pace import BATCHES_A_MINUTE, Pace
from studio.desk.resolve import for_model, resolve
from studio.desk.room import EngineRoom
from studio.desk.together import Seen, Words, seen_of
from studio.desk.turns import Turns, moment
from studio.desk.updates import Updates
from studio.desk.visitors import VISITOR
from studio.errors import BadInput, ToileError
from studio.gallery import Project, Store
from studio.garment import flats
from studio.garment.spec import GarmentSpec
from studio.pngmeta import png_bytes
from studio.request import Recorded

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
        self.turns = Turns()
        self._pace = Pace(BATCHES_A_MINUTE)

    # Opening

    def open(self, project_id: str) -> Updates:
        """Show a project: its words, its drawing, its pictures and whatever is running."""
        return shown_or_another(self.store, self.shown, project_id)

    def shown(self, project: Project) -> Updates:
        """Everything that the page shows of a project."""
        at = moment()
        form, board = self._kept(project)
        document = parts.stored(self.store, project.id, form, board)
        references = reference_views.kept(self.store, project.id)
        board |= {
            "parts": document.to_json(),
            "project": project.id,
            "seen": keeping.numbers(self.store, project) | {"form": keeping.told(form)},
            "by": project.draft_by,
            "refs": references.board().document,
            "steps": self.store.steps(project.id),
        }
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
            "reading": keeping.reading(Words(form)) | {"project": project.id},
            "variants": {"value": self.newest(project.id), "job": describe(view.job, view.n)},
            "gallery": {"refresh": secrets.token_hex(4)},
            "tips": {"value": {"offer": project.name == sample.NAME}},
            "pulse": self._pulse(view) | {"project": project.id},
            **self.fields(form),
            **reference_views.shown(self.store, self.room, project.id, references, form, at),
            **self.ready(project.id, form, board),
        }

    def model_status(self) -> dict[str, Any]:
        """The model in a few words; `more` is a sentence for each file that was found for it."""
        state = self.room.state
        if state == "loading":
            return {"state": state, "text": "The model is loading…"}
        if state == "failed":
            return {"state": state, "text": "No model"}
        can = self.room.capabilities
        assert can is not None
        more = [f"Published adapters are looked for in {can.adapters_folder} at each start."]
        return {
            "state": state,
            "text": f"{can.title} · {can.device.upper()}",
            "more": [*more, *can.adapters] if can.adapters_folder else [],
        }

    def new_project(self, name: str) -> Updates:
        """A new project, opened."""
        return self.open(self.store.create_project(name).id)

    def rename_project(self, project_id: str, name: str) -> Updates:
        """Another name for the open project."""
        project = self.store.rename_project(project_id, name)
        return {"masthead": {"value": views.masthead(project, self.store.projects())}}

    # Writing and drawing

    def write(self, project_id: str, board: Mapping[str, Any], form: Form) -> Updates:
        """Something was written or set: keep it and say what was read out of it.

        While a project is being laid out on the page, Gradio lays out one part after the other and
        tells of each: those values are partly what the page was built with, or another project's,
        and nobody's wish. What somebody wrote then has its copy in the browser.
        """
        if board.get("project", project_id) != project_id:
            return {}
        kept = keeping.keep(self.store, project_id, board, form, drawn=False)
        updates = self._kept_shown(project_id, kept, board, form, "typing")
        return {**updates, "reading": keeping.reading(kept.words) | {"project": project_id}}

    def draw(self, project_id: str, board: Mapping[str, Any], form: Form) -> Updates:
        """Something was drawn: keep it."""
        # A page may send one state twice, and waits for the answer to each.
        stamp = {"n": board.get("n"), "s": board.get("s"), "ok": True}
        stamp |= {"project": board["project"]} if "project" in board else {}
        try:
            # The page may have opened another project since: each drawing goes to its own.
            drawn = str(board.get("project", project_id))
            if drawn != project_id:
                _, now = save_board(self.store, self.store.project(drawn).id, board)
                if "parts" in board:
                    there = keeping.draft(self.store.project(drawn))
                    parts.keep_followed(self.store, drawn, now, there)
                return {"board": {"saved": stamp}}
            kept = keeping.keep(self.store, project_id, board, form)
        except ToileError as error:
            told = {} if board.get("again") else views.notice(str(error), "error")
            return {"board": {"saved": stamp | {"ok": False}}} | told
        updates = self._kept_shown(project_id, kept, board, form)
        if kept.words.asked or kept.words.shown != form:
            updates["reading"] = keeping.reading(kept.words) | {"project": project_id}
        updates["board"] |= {"saved": stamp | {"asked": bool(kept.words.asked)}}
        return updates

    def _kept_shown(
        self,
        project_id: str,
        kept: Kept,
        board: Mapping[str, Any],
        form: Form,
        step: bool | str = False,
    ) -> Updates:
        """What a page is told after it was kept: what of it is otherwise by now, and what it can
        do."""
        now = kept.words.shown
        fields = self.fields(now)
        others = keeping.set_otherwise(form, now)
        words = {f"{name}_word" for name in ("text", "sketch") if name in others}
        shown: Updates = {name: fields[name] for name in others | words}
        if "parts" in kept.board:
            document = parts.sent(kept.board)
            shown["components"] = {"value": parts_table.table(document, now)}
        return {
            **shown,
            "board": {
                "flat": underlays.address(now),
                "exact": now.exact,
                "change": kept.change(board, others, step),
            },
            "references": reference_views.changing(self.store, project_id, now),
            **self.ready(project_id, now, kept.board),
        }

    def read_photo(self, path: Any, project_id: str = "") -> Updates:
        """Read the ink out of an uploaded picture and lay it on the board."""
        return self._laid(project_id, read_drawn(uploaded_bytes(path, self.uploads)))

    def template(self, garment: str, project_id: str = "") -> Updates:
        """Lay a flat drawing of a garment on the board to start from."""
        return self._lay(project_id, underlays.template(garment), "front")

    def trace(self, view: str, form: Form, project_id: str = "") -> Updates:
        """Lay the lines of the described garment's flat on the board as ink."""
        return self._lay(project_id, underlays.described(form), view)

    def _lay(self, project_id: str, spec: GarmentSpec, view: str) -> Updates:
        flat = flats.layout(spec, "back" if view == "back" else "front")
        return self._laid(project_id, png_bytes(flat.ink(PHOTO_SIZE)))

    def _laid(self, project_id: str, ink: bytes) -> Updates:
        sha = self._remembered(project_id, "drawn", ink)
        return {"board": {"change": {"photo": sha, "n": secrets.token_hex(4)}}}

    def keep_photo(self, path: Any, project_id: str = "") -> Updates:
        """Keep a picture to draw over; it lies under the ink and no model ever sees it."""
        data = underlays.photo_png(uploaded_bytes(path, self.uploads))
        sha = self._remembered(project_id, "underlay", data)
        return {"board": {"under": {"photo": sha, "n": secrets.token_hex(4)}}}

    def _remembered(self, project_id: str, role: str, png: bytes) -> str:
        """Keep a picture that goes with its project, where it is known which that is."""
        if not project_id:
            return self.store.keep_picture(png)
        return self.store.keep_remembered(project_id, role, png)

    def arrange(
        self, project_id: str, event: Mapping[str, Any], board: Mapping[str, Any], form: Form
    ) -> Updates:
        """Something was done with the components, on the board or in their table."""
        if event.get("verb") != "write":
            updates = parts.act(self.store, project_id, event, board, form)
            return {**updates, **self.ready(project_id, form, board)}
        seen = seen_of(board)
        _, words, project = keeping.keep_form(
            self.store, project_id, parts.in_words(form, board), seen, typed=False
        )
        updates = parts.act(self.store, project_id, event, board, words.shown)
        updates["board"]["change"]["seen"] |= {"words": project.draft_rev, "form": words.seen}
        return {
            **updates,
            "prompt": {"value": words.shown.prompt},
            "reading": keeping.reading(words),
            **self.ready(project_id, words.shown, board),
        }

    # Making pictures

    def generate(self, project_id: str, board: Mapping[str, Any], form: Form) -> Updates:
        """Enter a batch. The seed in the field is the one used; a new one is drawn after it."""
        drawing, now = save_board(self.store, project_id, board)
        references = reference_views.kept(self.store, project_id)
        together, _ = parts.joined(self.store, project_id, now)
        document = parts.followed(self.store, together, form)
        wish = compose.compose(form, drawing.ink_sha, document, references)
        engine = self.room.engine()
        settled = resolve(wish, engine.capabilities, engine, self.store)
        revision = parts.keep(self.store, project_id, document)
        job = Job(
            project_id, (settled.recorded,), sketch_rev_id=drawing.id, component_rev_id=revision.id
        )
        updates = self.enter(job, form, seen_of(board))
        if settled.notes:
            updates |= views.notice(" ".join(settled.notes))
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

    def glance(self, project_id: str, shown: str) -> dict[str, Any]:
        """How far the pictures are, for a page that shows all else as it is; or that it does not.

        Args:
            shown: what `tick` has told last of what the page shows.
        """
        look = look_at(self.store, self.jobs, self.room.state, project_id)
        if look.marks.short != shown:
            return {"changed": True}
        return {"queue": describe_view(look.view), "job": describe(look.view.job, look.view.n)}

    def tick(self, project_id: str, seen: str, shown: str | None = None) -> Updates:
        """What has changed since `seen`, the marks of what was told last, beside how far the
        pictures are.

        Args:
            shown: what the page says that it shows, if it says so: an answer may not reach it.
        """
        was = Marks(*json.loads(seen)) if seen else Marks()
        if shown is not None and shown != was.short:
            was = Marks(told=was.told)
        look = look_at(self.store, self.jobs, self.room.state, project_id)
        now, view, project = look.marks, look.view, look.project
        if now == was:
            return {}
        updates: Updates = {"seen": {"value": json.dumps(now)}, **self._jobs_shown(view)}
        updates["pulse"] |= {"shown": now.short}
        if was.there != now.there:
            updates["board"] = {"there": {**now.there, "project": project_id}}
            if project is None:
                updates |= views.notice(now.there["gone"], "error")
        if was.room != now.room and project is not None:
            form, board = self._kept(project)
            updates["masthead"] = {"model": self.model_status()}
            updates["references"] = {"can": abilities(self.room)}
            updates["shape"] = self._shapes()
            if form.text == compose.USUAL_ST:
                updates["text"] = {"value": self.usual_st()}
            updates |= self.ready(project_id, form, board)
        if (was.project, was.kept) != (now.project, now.kept):
            updates["variants"]["value"] = self.newest(project_id)
        for job in look.ended:
            if job.id not in was.told.split() and job.message:
                updates |= views.notice(job.message, "error" if job.state == "failed" else "info")
        return updates

    # What several actions need

    def _kept(self, project: Project) -> tuple[Form, dict[str, Any]]:
        """A project's words and drawing."""
        sketch = self.store.latest_sketch(project.id)
        board = views.board(sketch and kept_drawing(sketch).to_json(), sketch and sketch.photo_sha)
        return keeping.draft(project), board

    def ready(self, project_id: str, form: Form, board: Mapping[str, Any]) -> Updates:
        """Whether Generate works now, and if not, why."""
        at = moment()
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
            "generate": {"interactive": not why, "at": at},
            "progress": {"at": at, "why": why, "queue": describe_view(self.jobs.look(project_id))},
        }

    def enter(self, job: Job, form: Form, shuffle: Seen | None = None) -> Updates:
        """Enter a job and show it; with `shuffle`, what the page has seen, a new seed is drawn
        unless the seed is locked.

        Raises:
            StorageError, BadInput: see `Jobs.submit`, and where a shared page begins too many.
        """
        if self.share_url and (wait := self._pace.begin(VISITOR.get())):
            raise BadInput(
                f"While the page is shared, everybody can begin {BATCHES_A_MINUTE} batches a "
                f"minute: try again in {wait} s."
            )
        entered = self.jobs.submit(job)
        updates = self._jobs_shown(self.jobs.look(job.project_id)) | views.notice("")
        if entered is job and shuffle and not form.locked:
            after = replace(form, seed=str(compose.new_seed()))
            keeping.keep_form(self.store, job.project_id, after, shuffle)
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
        shape = {"value": form.shape, **self._shapes()}
        return views.fields(form, self.usual_st()) | {"shape": shape}

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
        return self._jobs_shown(self.jobs.look(project_id))

    def _jobs_shown(self, view: View) -> Updates:
        return {
            "progress": {"queue": describe_view(view)},
            "variants": {"job": describe(view.job, view.n)},
            "pulse": self._pulse(view),
        }

    def _pulse(self, view: View) -> dict[str, Any]:
        """How often the page looks again: quickly while something is under way, and now and then
        for what another page or another process has begun."""
        job = view.job
        busy = self.room.state == "loading" or (job is not None and not job.settled)
        return {"every": BUSY if busy else IDLE}
