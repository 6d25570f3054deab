"""Keeping what a page has changed, together with what others have: drawing, components, words."""

import dataclasses
import json
import logging
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio.desk import compose, parts, views
from studio.desk.compose import Form, checked_form, fitting
from studio.desk.easel import Board, save_board
from studio.desk.together import ASKED, Seen, Words, in_turn, put_together, seen_of
from studio.errors import BadInput
from studio.forms import NotJson, read_object
from studio.gallery import Project, Store
from studio.gallery.past import LARGEST_STEPS
from studio.garment.parse import parse_prompt

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """What stands in the store by now.

    Attributes:
        board: the page's board with the drawing and the components that are kept.
        words: the form that is kept, and the words that have to be chosen.
        seen: the numbers of the revisions, and the fields, as the page is told them.
    """

    board: Mapping[str, Any]
    words: Words
    seen: Mapping[str, Any]

    def change(
        self, sent: Mapping[str, Any], others: Collection[str] = (), step: bool | str = False
    ) -> dict[str, Any]:
        """What the board is told: what differs from what it sent, and what it has seen now.

        Args:
            others: fields of the form that other pages have set.
            step: whether it is a step that can be undone; "typing" for one that goes on.
        """
        new = {
            name: self.board.get(name)
            for name in ("doc", "photo", "parts")
            if name in self.board and not same(name, sent.get(name), self.board[name])
        }
        told = {"step": step, "on": sent.get("e"), "n": secrets.token_hex(4), "seen": self.seen}
        return new | told | {"others": sorted(others)}


def same(name: str, sent: Any, kept: Any) -> bool:
    """Whether the page has already what is kept: JSON may be written in more than one way."""
    if name == "photo" or not isinstance(sent, str) or not isinstance(kept, str):
        return (sent or None) == (kept or None)
    if name == "parts":
        return parts.read_document(sent) == parts.read_document(kept)
    return bool(sent) and _strokes(sent) == _strokes(kept)


def _strokes(text: str) -> Any:
    document = read_object(text)
    return document.get("sides") or {"front": [{"strokes": document.get("strokes")}]}


def keep(
    store: Store, project_id: str, board: Mapping[str, Any], form: Form, drawn: bool = True
) -> Kept:
    """Keep a page's drawing, its components after it, and its words.

    Args:
        drawn: whether the drawing may have changed; otherwise it is only looked at.

    Raises:
        BadInput: what the page sent cannot be. StorageError: it could not be kept.
    """
    seen = seen_of(board)
    before, words, project = keep_form(store, project_id, form, seen)
    now: Board = dict(board)
    numbers: dict[str, Any] = {"words": project.draft_rev, "form": words.seen}
    if drawn:
        sketch, now = save_board(store, project_id, board)
        numbers["ink"] = sketch.seq
    if "parts" in board:  # else the page has not been shown its components yet
        changed = before.prompt if before.prompt != words.form.prompt else None
        now, kept = parts.keep_followed(store, project_id, now, words.form, changed)
        numbers["parts"] = kept.seq
    return Kept(now, words, numbers)


def keep_form(
    store: Store, project_id: str, form: Form, seen: Seen, typed: bool = True
) -> tuple[Form, Words, Project]:
    """Keep words and settings together with what others have set since the page looked.

    Args:
        typed: whether they may be written by hand just now.

    Returns:
        What stood there before, what is kept now, and the project.
    """

    def write() -> tuple[Form, Words, Project]:
        project = store.project(project_id)
        there = draft(project)
        words = Words(form)
        if seen.words is not None:
            own = bool(seen.page) and project.draft_by == seen.page
            words = put_together(there, form, seen, own)
        writer = project.draft_by if words.asked else seen.page
        saved = store.save_draft(project_id, words.form.to_json(), writer, over=project.draft_rev)
        return there, words, saved

    before, words, project = in_turn(write)
    if words.form.prompt != before.prompt:
        store.save_wording(project_id, before.prompt)
        store.save_wording(project_id, words.form.prompt, seen.page if typed else "")
    if "prompt" in words.mine:  # whichever is chosen, the others can be found again
        store.save_wording(project_id, words.mine["prompt"], seen.page if typed else "")
    return before, words, project


def numbers(store: Store, project: Project) -> dict[str, int]:
    """The numbers of what stands in a project: drawing, components, words."""
    sketch = store.latest_sketch(project.id)
    components = store.latest_components(project.id)
    return {
        "ink": sketch.seq if sketch else 0,
        "parts": components.seq if components else 0,
        "words": project.draft_rev,
    }


def told(form: Form) -> dict[str, Any]:
    """A form as the page is told it."""
    return dataclasses.asdict(form)


def set_otherwise(form: Form, kept: Form) -> set[str]:
    """Fields that are kept otherwise than a page sent them: other pages have set them."""
    return {name for name, value in told(kept).items() if value != getattr(form, name)}


def changed_form(form: Form, values: Any) -> Form:
    """A form with some other fields, of which nothing is trusted.

    Raises:
        BadInput: no fields.
    """
    if not isinstance(values, Mapping):
        raise BadInput("These settings cannot be read: reload the page.")
    known = told(form)
    try:
        read = Form.from_json(json.dumps(known | fitting(known, values)))
    except (ValueError, TypeError, RecursionError) as error:
        raise BadInput("These settings cannot be read: reload the page.") from error
    return checked_form(told(read))


def draft(project: Project) -> Form:
    """A project's words and settings; what cannot be read any more starts anew.

    A project without a seed has one of its own, the same at every look: a page that was told it
    has not changed it.
    """
    try:
        form = Form.from_json(project.draft)
    except (ValueError, TypeError, AttributeError, RecursionError):
        log.warning("a draft could not be read and starts anew")
        form = Form()
    return form if form.seed else replace(form, seed=str(compose.new_seed(project.id)))


def keep_steps(store: Store, board_project: Any, event: Mapping[str, Any]) -> None:
    """Keep how to go back from what is on the page. Raises BadInput where that cannot be read."""
    text = event.get("steps")
    if not isinstance(text, str) or len(text) > LARGEST_STEPS or not isinstance(board_project, str):
        raise BadInput("The steps back cannot be kept: they last until you reload the page.")
    try:
        read_object(text)
    except NotJson as error:
        raise BadInput("The steps back cannot be read: reload the page.") from error
    store.save_steps(board_project, text)


def reading(words: Words) -> dict[str, Any]:
    """What is read of the words, and the question about those that two pages wrote; None where
    there is none."""
    asked = {name: words.asked[name] for name in ASKED if name in words.asked}
    return {
        "value": views.reading(parse_prompt(words.shown.prompt)),
        "asked": asked | {"n": secrets.token_hex(4)} if asked else None,
    }
