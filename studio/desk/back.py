"""Back to what was: a step undone, words from before, what another page has changed."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.desk import fitting_room, keeping, reference_views
from studio.desk.compose import Form
from studio.desk.studio import Studio
from studio.desk.together import Seen, page_of, seen_of
from studio.desk.turns import moment
from studio.desk.updates import Updates


def restore(
    studio: Studio, project_id: str, event: Mapping[str, Any], board: Mapping[str, Any], form: Form
) -> Updates:
    """Words, settings and references as they were before a step, or after it again.

    The event's `form` has the fields that are to be set, `refs` what the references are to
    become and what they were when the step was made.
    """
    _, now, _ = keeping.keep_form(studio.store, project_id, form, seen_of(board))
    setting = event.get("form") or {}
    wanted = keeping.changed_form(now.form, setting)
    # Words that are asked about wait on, unless it is they that are set.
    words = now.still_asked(wanted, setting)
    writer = "" if words.asked else page_of(board)
    _, kept, project = keeping.keep_form(
        studio.store, project_id, wanted, Seen(page=writer), typed=False
    )
    words = replace(words, form=kept.form)
    references, at = fitting_room.turned(studio.store, project_id, event.get("refs"))
    told = {
        "step": bool(event.get("step")),
        "others": sorted(keeping.set_otherwise(form, words.shown) - set(setting)),
        "n": secrets.token_hex(4),
        "refs": references.board().document,
        "at": at,
        "seen": {"words": project.draft_rev, "form": words.seen},
    }
    shown = words.shown
    return {
        **studio.fields(shown),
        **reference_views.shown(studio.store, studio.room, project_id, references, shown, at),
        "reading": keeping.reading(words),
        **studio.ready(project_id, shown, board),
        "board": {"change": told, "exact": shown.exact},
    }


def look(studio: Studio, project_id: str, board: Mapping[str, Any], form: Form) -> Updates:
    """Another page has changed what the project refers to: show it."""
    at = moment()
    references = reference_views.kept(studio.store, project_id)
    told = {"step": False, "n": secrets.token_hex(4), "refs": references.board().document, "at": at}
    return {
        **reference_views.shown(studio.store, studio.room, project_id, references, form, at),
        **studio.ready(project_id, form, board),
        "board": {"change": told},
    }


def wordings(studio: Studio, project_id: str) -> Updates:
    """The words that were written in a project, the last first."""
    earlier = [
        {"prompt": one.prompt, "changed": round(one.changed * 1000)}
        for one in studio.store.wordings(project_id)
    ]
    return {"reading": {"earlier": {"items": earlier, "n": secrets.token_hex(4)}}}
