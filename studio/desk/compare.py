"""What the Compare room does: which pictures, how, what differs, and votes on them."""

import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from studio.desk import views
from studio.desk.table import as_text, checks_table, table
from studio.desk.tally import LETTERS, tallies
from studio.desk.updates import Updates
from studio.errors import BadInput
from studio.forms import is_whole
from studio.gallery import Store, Variant
from studio.gallery.ballots import Ballots
from studio.gallery.comparisons import MOST_COMPARED
from studio.request import Recorded

if TYPE_CHECKING:
    from studio.desk.studio import Studio

STRIP = 48
"""Pictures that the room's strip loads at a time."""

_SHOWN = ("what", "group", "cells", "tones", "differs")
"""What the page is told of a row of the table."""

_VOTES = {"close": Ballots.close, "reopen": Ballots.reopen, "delete": Ballots.delete}
"""Verb as the browser names it -> what it does with a vote that there is."""

_FIRST_STEPS = (
    "",
    "One picture is in Compare: choose another one to put beside it.",
    "Two pictures are in Compare: open it at the head of the page.",
)
"""What is said when so many pictures have been chosen; later on the mark on the tab is enough."""


def opened(store: Store, project_id: str) -> Updates:
    """The comparison of a project that has just been opened."""
    chosen = store.comparisons.get(project_id).chosen
    return {
        "compare": {"value": scene(store, project_id), "ballots": None, "refresh": _stamp()},
        "compared": {"value": {"project": project_id, "ids": list(chosen)}},
    }


def entered(studio: "Studio", project_id: str) -> Updates:
    """The room is shown: everything in it, as it is now."""
    updates = chosen_now(studio.store, project_id)
    updates["compare"] |= {
        "strip": strip_page(studio.store, project_id, None),
        "ballots": _ballots(studio, project_id),
    }
    return updates


def toggle(store: Store, project_id: str, variant: Variant) -> Updates:
    """Take a picture into the comparison, or out of it."""
    chosen = list(store.comparisons.get(project_id).chosen)
    inside = variant.id in chosen
    if inside:
        chosen.remove(variant.id)
    else:
        chosen.append(variant.id)
    store.comparisons.choose(project_id, chosen)
    updates = chosen_now(store, project_id)
    if not inside and len(chosen) < len(_FIRST_STEPS):
        updates |= views.notice(_FIRST_STEPS[len(chosen)])
    return updates


def choose(studio: "Studio", project_id: str, event: Mapping[str, Any]) -> Updates:
    """Compare these pictures in this order; with `mode`, also look at them in this way."""
    ids = event.get("ids")
    if not isinstance(ids, list) or len(ids) > 4 * MOST_COMPARED:
        raise BadInput("Choose the pictures to compare from the strip.")
    studio.store.comparisons.choose(project_id, [str(i) for i in ids])
    if "mode" in event:
        studio.store.comparisons.look(project_id, str(event["mode"]))
    updates = chosen_now(studio.store, project_id)
    updates["compare"]["value"]["asked"] = event.get("asked")
    return updates


def look(studio: "Studio", project_id: str, event: Mapping[str, Any]) -> Updates:
    """Keep the way of looking."""
    studio.store.comparisons.look(project_id, str(event.get("mode")))
    return {}


def older(studio: "Studio", project_id: str, event: Mapping[str, Any]) -> Updates:
    """More of the strip."""
    before = event.get("before")
    if not is_whole(before):
        raise BadInput("Reload the page to see older pictures.")
    return {"compare": {"strip": strip_page(studio.store, project_id, before)}}


def vote(studio: "Studio", project_id: str, event: Mapping[str, Any]) -> Updates:
    """One of the verbs of a blind vote: make, close, reopen, delete, refresh."""
    ballots = studio.store.ballots
    verb = str(event.get("verb"))
    if verb == "make":
        chosen = studio.store.comparisons.get(project_id).chosen
        ballots.open(project_id, chosen, str(event.get("question") or ""))
    elif verb in _VOTES:
        _VOTES[verb](ballots, project_id, str(event.get("id")))
    elif verb != "refresh":
        raise BadInput("That cannot be done with a vote.")
    return {"compare": {"ballots": _ballots(studio, project_id)}}


# What the browser is given


def chosen_now(store: Store, project_id: str) -> Updates:
    """The comparison as it is now, in the room and on the cards."""
    value = scene(store, project_id)
    ids = [item["id"] for item in value["items"]]
    return {
        "compare": {"value": value},
        "compared": {"value": {"project": project_id, "ids": ids}},
    }


def scene(store: Store, project_id: str) -> dict[str, Any]:
    """The compared pictures and what differs between them.

    Returns:
        `{"project", "mode", "items", "rows", "text"}`: `items` are cards with a letter; `text` is
        the table to copy.
    """
    now = time.time()  # before reading: of two answers on their way the later one is right
    comparison = store.comparisons.get(project_id)
    variants = [store.variant(variant_id) for variant_id in comparison.chosen]
    requests = [Recorded.from_json(v.request) for v in variants]
    items = [card | {"letter": LETTERS[i]} for i, card in enumerate(views.cards(store, variants))]
    rows = [*table(requests), *checks_table([v.checks for v in variants])] if variants else []
    heads = [f"{LETTERS[i]} (seed {v.seed})" for i, v in enumerate(variants)]
    return {
        "project": project_id,
        "mode": comparison.mode,
        "items": items,
        "rows": [{name: getattr(row, name) for name in _SHOWN} for row in rows],
        "text": as_text(rows, heads),
        "n": now,
    }


def strip_page(store: Store, project_id: str, before: int | None) -> dict[str, Any]:
    """Some of the project's pictures to choose from, newest first."""
    page = store.variants(project_id, before=before, limit=STRIP)
    return {
        "project": project_id,
        "before": before,
        "next": page.next,
        "items": [{"id": v.id, "seed": v.seed, "prompt": v.prompt} for v in page.variants],
        "n": _stamp(),
    }


def _ballots(studio: "Studio", project_id: str) -> dict[str, Any]:
    return {
        "project": project_id,
        "items": tallies(studio.store, project_id),
        "share": studio.share_url,
    }


def _stamp() -> str:
    """What makes an equal value a new one to the browser."""
    return secrets.token_hex(4)
