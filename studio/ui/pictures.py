"""What can be done with a stored picture: each verb a function, all listed in `VERBS`."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.errors import BadInput
from studio.gallery import Variant
from studio.garment.parse import parse_prompt
from studio.request import GenerationRequest
from studio.ui import compose, views
from studio.ui.compose import Form
from studio.ui.jobs import Job
from studio.ui.studio import Studio
from studio.ui.updates import Updates

PAGE = 48
"""Pictures that the gallery loads at a time."""


@dataclass(frozen=True)
class Act:
    """A verb on its way: the picture it is for, and the page as it stands.

    Attributes:
        event: what the browser sent with the verb; nothing in it has been checked.
        board: the board's document as the page has it.
    """

    studio: Studio
    project_id: str
    variant: Variant
    event: Mapping[str, Any]
    board: Mapping[str, Any]
    form: Form


def act(
    studio: Studio,
    project_id: str,
    event: Mapping[str, Any],
    board: Mapping[str, Any],
    form: Form,
) -> Updates:
    """Do one of a picture's verbs. Raises BadInput on an unknown verb or picture."""
    verb = VERBS.get(str(event.get("verb")))
    if verb is None:
        raise BadInput("That cannot be done with a picture.")
    variant = studio.store.variant(str(event.get("id")))
    return verb(Act(studio, project_id, variant, event, board, form))


def query(studio: Studio, project_id: str, event: Mapping[str, Any]) -> Updates:
    """A page of the gallery."""
    search = str(event.get("search") or "")[:200]
    chosen = str(event.get("filter"))
    before = event.get("before")
    page = studio.store.variants(
        project_id,
        search=search,
        starred=chosen == "starred",
        trashed=chosen == "trash",
        before=int(before) if before is not None else None,
        limit=PAGE,
    )
    total = studio.store.count_variants(project_id, trashed=chosen == "trash")
    return {
        "gallery": {
            "page": {
                "items": views.cards(studio.store, page.variants, small=True),
                "next": page.next,
                "before": before,
                "filter": chosen,
                "search": search,
                "total": total,
                "n": secrets.token_hex(4),
            }
        }
    }


def changed(studio: Studio, variant: Variant) -> Updates:
    """Show a picture as it is now, wherever it is on the page."""
    (shown,) = views.cards(studio.store, [variant])
    shown["n"] = secrets.token_hex(4)
    return {"variants": {"changed": shown}, "gallery": {"changed": shown}}


def known_revision(studio: Studio, variant: Variant) -> str | None:
    """The drawing that a picture was made from, where it is still kept."""
    revision = variant.sketch_rev_id
    return revision if revision and studio.store.sketch(revision) else None


def _star(a: Act) -> Updates:
    return changed(a.studio, a.studio.store.star(a.variant.id, bool(a.event.get("on"))))


def _trash(a: Act) -> Updates:
    undo = {"verb": "restore", "id": a.variant.id}
    text = f"The picture of seed {a.variant.seed} is in the trash."
    return changed(a.studio, a.studio.store.trash(a.variant.id)) | {
        "notice": {"value": views.notice(text, undo=undo)}
    }


def _restore(a: Act) -> Updates:
    updates = changed(a.studio, a.studio.store.restore(a.variant.id))
    updates["variants"]["value"] = a.studio.newest(a.project_id)
    updates["gallery"]["refresh"] = secrets.token_hex(4)
    return updates


def _vary(a: Act) -> Updates:
    """Variations, as many as the page makes at a time."""
    request = a.studio.for_model(
        compose.vary(
            GenerationRequest.from_json(a.variant.request),
            a.variant.picture_sha,
            str(a.event.get("strength")),
            compose.new_seed(),
            compose.whole("number of variants", a.form.count),
        )
    )
    job = Job(a.project_id, request, a.variant.id, known_revision(a.studio, a.variant))
    return a.studio.enter(job, a.form, shuffle=False)


def _use(a: Act) -> Updates:
    """Everything that made a picture, back on the page; undo brings the drawing back."""
    store = a.studio.store
    used = compose.form_of(GenerationRequest.from_json(a.variant.request), a.form)
    store.save_draft(a.project_id, used.to_json())
    sketch = store.sketch(a.variant.sketch_rev_id) if a.variant.sketch_rev_id else None
    back = views.board(sketch.strokes, sketch.photo_sha) if sketch else dict(a.board)
    text = f"The settings of seed {a.variant.seed} are back, and the seed is locked."
    change: dict[str, Any] = {}
    if sketch:
        change["change"] = {
            "doc": sketch.strokes,
            "photo": sketch.photo_sha,
            "n": secrets.token_hex(4),
        }
    return {
        **a.studio.fields(used),
        "reading": {"value": views.reading(parse_prompt(used.prompt))},
        "notice": {"value": views.notice(text)},
        **a.studio.ready(a.project_id, used, back),
        "board": {"marks": a.studio.marks(used, back)} | change,
    }


VERBS: dict[str, Callable[[Act], Updates]] = {
    "star": _star,
    "trash": _trash,
    "restore": _restore,
    "vary": _vary,
    "use": _use,
}
"""Verb as the browser names it -> what it does."""
