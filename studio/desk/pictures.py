"""What can be done with a stored picture: each verb a function, all listed in `VERBS`."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio.controls.garment import GUIDED, GarmentControl
from studio.desk import (
    compare,
    compose,
    fitting_room,
    keeping,
    parts,
    parts_table,
    projects,
    reference_views,
    sheets,
    views,
)
from studio.desk.abilities import abilities, usual_sg
from studio.desk.compose import Form
from studio.desk.easel import kept_drawing
from studio.desk.job import Job
from studio.desk.references import references_of
from studio.desk.studio import Studio
from studio.desk.table import differences, in_short
from studio.desk.together import Seen, Words, page_of, seen_of
from studio.desk.turns import moment
from studio.desk.updates import Updates
from studio.errors import BadInput
from studio.gallery import Variant
from studio.pngmeta import png_bytes
from studio.request import GenerationRequest, Recorded

FOREBEARS = 4
OFFSPRING = 12
"""Pictures of the same family that are shown with one: before it, and made from it."""


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

    @property
    def recorded(self) -> Recorded:
        """What made the picture, and what was found for it."""
        return Recorded.from_json(self.variant.request)

    @property
    def request(self) -> GenerationRequest:
        """What made the picture."""
        return self.recorded.request


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


def changed(studio: Studio, variant: Variant) -> Updates:
    """Show a picture as it is now, wherever it is on the page."""
    (shown,) = views.cards(studio.store, [variant])
    shown["n"] = secrets.token_hex(4)
    return {"variants": {"changed": shown}, "gallery": {"changed": shown}}


def _if_kept(revision: str | None, find: Callable[[str], object]) -> str | None:
    """What a picture was made from, where it is still kept."""
    return revision if revision and find(revision) else None


def _star(a: Act) -> Updates:
    return changed(a.studio, a.studio.store.star(a.variant.id, bool(a.event.get("on"))))


def _note(a: Act) -> Updates:
    return changed(a.studio, a.studio.store.note(a.variant.id, str(a.event.get("text") or "")))


def _look(a: Act) -> Updates:
    """What is told of a picture that is looked at: its family, and what differs from another.

    The event's `against` is the picture that was selected before, if any.
    """
    store = a.studio.store
    family = {v.id: v for v in store.lineage(a.variant.id)}
    before: list[Variant] = []
    parent = family.get(a.variant.parent_variant_id or "")
    while parent is not None and len(before) < FOREBEARS:
        before.insert(0, parent)
        parent = family.get(parent.parent_variant_id or "")
    after = [v for v in family.values() if v.parent_variant_id == a.variant.id][-OFFSPRING:]
    look: dict[str, Any] = {
        "before": views.cards(store, before, small=True),
        "after": views.cards(store, after, small=True),
        "family": len(family),
    }
    against = str(a.event.get("against") or "")
    if against and against != a.variant.id:
        other = store.variant(against)
        rows = differences(Recorded.from_json(other.request), a.recorded)
        others = [row for row in rows if row["what"] != "Seed"]  # both are said before it
        look["against"] = {"id": other.id, "seed": other.seed, "short": in_short(others)}
    updates = changed(a.studio, a.variant)
    for part in updates.values():
        part["changed"] = part["changed"] | {"look": look}
    return updates


def _trash(a: Act) -> Updates:
    text = f"The picture of seed {a.variant.seed} is in the trash."
    updates = changed(a.studio, a.studio.store.trash(a.variant.id))
    updates["gallery"]["projects"] = projects.overview(a.studio, a.project_id)
    return updates | views.notice(text, undo={"verb": "restore", "id": a.variant.id})


def _restore(a: Act) -> Updates:
    updates = changed(a.studio, a.studio.store.restore(a.variant.id))
    updates["variants"]["value"] = a.studio.newest(a.project_id)
    updates["gallery"]["refresh"] = secrets.token_hex(4)
    return updates


def _enter(a: Act, kind: str, *requests: GenerationRequest, until_passed: bool = False) -> Updates:
    """Enter a job that makes more out of a picture; its drawing and components are those of the
    picture."""
    store, variant = a.studio.store, a.variant
    job = Job(
        a.project_id,
        tuple(a.studio.for_model(a.recorded.with_request(request)) for request in requests),
        variant.id,
        _if_kept(variant.sketch_rev_id, store.sketch),
        _if_kept(variant.component_rev_id, store.components),
        kind=kind,
        until_passed=until_passed,
    )
    return a.studio.enter(job, a.form)


def _vary(a: Act) -> Updates:
    """Variations, as many as the page makes at a time."""
    request = compose.vary(
        a.request,
        a.variant.picture_sha,
        str(a.event.get("strength")),
        compose.new_seed(),
        compose.whole("number of variants", a.form.count),
    )
    return _enter(a, "vary", request)


def _retry(a: Act) -> Updates:
    """The same with new seeds, one after another, until one passes all its checks."""
    _must_see(a)
    if not a.variant.checks:
        raise BadInput(
            "Nothing in this picture can be checked: name a garment, a colour or components, or "
            "draw, and generate it anew."
        )
    seeds = [compose.new_seed() for _ in range(sheets.TRIES)]
    return _enter(a, "retry", *sheets.tries(a.request, seeds), until_passed=True)


def _fix(a: Act) -> Updates:
    """Paint only what was missed of one kind of component anew; the rest stays to the pixel."""
    _must_see(a)
    boxes = sheets.fix_boxes(a.variant.checks, str(a.event.get("component")))
    request = a.studio.for_model(a.recorded).request
    size = request.sampling.width, request.sampling.height
    framed = request.start is not None and request.start.aspect is not None
    if not framed and size != (a.variant.width, a.variant.height):
        raise BadInput("This picture has another size than the model's: vary it instead.")
    mask = sheets.fix_mask(boxes, a.variant.width, a.variant.height)
    sha = a.studio.store.keep_picture(png_bytes(mask))
    count = compose.whole("number of variants", a.form.count)
    return _enter(
        a, "fix", sheets.fix(request, a.variant.picture_sha, sha, compose.new_seed(), count)
    )


def _sheet(a: Act) -> Updates:
    """The same seed under a row of text strengths; with a garment's photo that sG steers, a grid
    of text by garment."""
    usual, garment = a.studio.usual_st(), a.request.get(GarmentControl)
    if garment and garment.method in GUIDED:
        st, sg = sheets.grid_values(usual, usual_sg(a.studio.room))
        return _enter(a, "sheet", *sheets.strengths(a.request, st, sg))
    return _enter(a, "sheet", *sheets.strengths(a.request, sheets.st_values(usual)))


def _garment(a: Act) -> Updates:
    """The picture as the photo of the garment to be worn."""
    can = abilities(a.studio.room)
    if can is not None and not can["garment"]:
        raise BadInput("This model cannot hear a garment's photo: choose the bundled model.")
    event = {"verb": "again", "role": "garment", "sha": a.variant.picture_sha}
    updates = fitting_room.act(a.studio, a.project_id, event, a.board, a.form)
    updates["references"]["open"] = {"role": "garment", "n": secrets.token_hex(4)}
    text = f"The picture of seed {a.variant.seed} is the garment now: say who wears it."
    return updates | views.notice(text)


def _colours(a: Act) -> Updates:
    """The same seed and drawing in other colours."""
    names = a.event.get("colours")
    if not isinstance(names, list):
        raise BadInput("Choose one or more of the named colours for the colourways.")
    return _enter(a, "colourways", *sheets.colourways(a.request, names))


def _must_see(a: Act) -> None:
    can = a.studio.room.capabilities
    if can is not None and not can.sees:
        raise BadInput(
            "This model has no perception network, so its pictures cannot be checked: choose "
            "the bundled model."
        )


def _use(a: Act) -> Updates:
    """Everything that made a picture, back on the page; undo brings the drawing back."""
    text = f"The settings of seed {a.variant.seed} are back, and the seed is locked."
    if a.request.start is not None and a.request.start.kind != "try-on":
        text += " It was made from another picture: Vary that one to go the same way again."
    return _bring_back(a, compose.form_of(a.recorded, a.form), text)


def _remix(a: Act) -> Updates:
    """The same as `_use`, but for the seed."""
    used = replace(
        compose.form_of(a.recorded, a.form),
        seed=str(compose.new_seed()),
        locked=False,
    )
    text = f"Everything of seed {a.variant.seed} is back but its seed: Generate makes new ones."
    return _bring_back(a, used, text)


def _bring_back(a: Act, used: Form, text: str) -> Updates:
    """Fields, drawing and components as they were when the picture was made."""
    store = a.studio.store
    # What was written and drawn until now goes first: Undo brings it back.
    keeping.keep_form(store, a.project_id, a.form, seen_of(a.board))
    _, _, project = keeping.keep_form(
        store, a.project_id, used, Seen(page=page_of(a.board)), typed=False
    )
    references = references_of(a.recorded)
    store.save_references(a.project_id, references.board())
    at = moment()
    document = parts.of_variant(store, a.variant)
    kept = parts.keep(store, a.project_id, document)
    mark = secrets.token_hex(4)
    change: dict[str, Any] = {
        "parts": document.to_json(),
        "refs": references.board().document,
        "at": at,
        "step": True,
        "mark": mark,
        "seen": {"parts": kept.seq, "words": project.draft_rev, "form": keeping.told(used)},
        "n": mark,
    }
    back = dict(a.board) | {"parts": document.to_json()}
    sketch = store.sketch(a.variant.sketch_rev_id) if a.variant.sketch_rev_id else None
    if sketch:
        drawing = {"doc": kept_drawing(sketch).to_json(), "photo": sketch.photo_sha}
        change |= drawing
        back |= drawing
    return {
        **a.studio.fields(used),
        **reference_views.shown(a.studio.store, a.studio.room, a.project_id, references, used, at),
        "reading": keeping.reading(Words(used)),
        **views.notice(text, undo={"step": mark}),
        **a.studio.ready(a.project_id, used, back),
        "board": {"change": change, "exact": used.exact},
        "components": {"value": parts_table.table(document, used)},
    }


def _compare(a: Act) -> Updates:
    return compare.toggle(a.studio.store, a.project_id, a.variant)


VERBS: dict[str, Callable[[Act], Updates]] = {
    "star": _star,
    "trash": _trash,
    "restore": _restore,
    "note": _note,
    "look": _look,
    "use": _use,
    "remix": _remix,
    "vary": _vary,
    "retry": _retry,
    "fix": _fix,
    "sheet": _sheet,
    "colours": _colours,
    "compare": _compare,
    "garment": _garment,
}
"""Verb as the browser names it -> what it does."""
