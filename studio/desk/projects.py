"""What the Projects room does: pages of pictures, families, the trash, projects as a whole."""

import secrets
from collections.abc import Mapping
from typing import IO, Any

from studio.desk import compare, views
from studio.desk.studio import Studio
from studio.desk.updates import Updates
from studio.errors import BadInput, StorageError
from studio.export.project_file import read_project
from studio.forms import is_number, is_whole
from studio.gallery import Project
from studio.gallery.search import LARGEST_PAGE
from studio.request import MAX_SEED

PAGE = 48
"""Pictures that the room loads at a time."""

MOST_RELATIVES = 400
"""Pictures of a family that its tree shows: the oldest."""


def query(studio: Studio, project_id: str, event: Mapping[str, Any]) -> Updates:
    """A page of the project's pictures; with the first one also the list of all projects.

    The event's `search`, `filter` ("all", "starred", "passing", "trash"), `seed`, `since` and
    `until` (seconds since 1970) say which pictures; `before` is the cursor of the page before.

    Raises:
        BadInput: a seed that is no whole number.
    """
    asked = {name: event.get(name) for name in ("search", "filter", "seed", "since", "until")}
    search = str(asked["search"] or "")[:200]
    chosen = str(asked["filter"])
    cursor = event.get("before")
    before = cursor if is_whole(cursor) else None  # anything else begins at the newest picture
    page = studio.store.variants(
        project_id,
        search=search,
        starred=chosen == "starred",
        trashed=chosen == "trash",
        passing=True if chosen == "passing" else None,
        seed=_seed(asked["seed"]),
        since=_moment(asked["since"]),
        until=_moment(asked["until"]),
        before=before,
        limit=PAGE,
    )
    answer: dict[str, Any] = {
        "page": {
            "items": views.cards(studio.store, page.variants, small=True),
            "next": page.next,
            "before": before,
            "project": project_id,
            "asked": asked,
            "total": studio.store.count_variants(project_id, trashed=chosen == "trash"),
            "n": secrets.token_hex(4),
        }
    }
    if before is None:
        answer["projects"] = overview(studio, project_id)
    return {"gallery": answer}


def overview(studio: Studio, project_id: str) -> dict[str, Any]:
    """All projects, each with its cover, its number of pictures and its last change; and those in
    the trash."""
    return {
        "open": project_id,
        "trash": [
            {"id": project.id, "name": project.name, "deleted": round(project.deleted_at * 1000)}
            for project in studio.store.trashed_projects()
            if project.deleted_at is not None
        ],
        "items": [
            {
                "id": glance.project.id,
                "name": glance.project.name,
                "pictures": glance.pictures,
                "cover": glance.cover,
                "updated": round(glance.project.updated * 1000),
            }
            for glance in studio.store.glances()
        ],
    }


def family(studio: Studio, project_id: str, event: Mapping[str, Any]) -> Updates:
    """The tree that a picture belongs to, each with what changed since its parent."""
    variant = studio.store.variant(str(event.get("id")))
    tree = studio.store.lineage(variant.id)[:MOST_RELATIVES]
    nodes = [
        {
            "id": card["id"],
            "parent": card["parent"],
            "what": card["short"] if card["parent"] else "",
            "card": card,
        }
        for card in views.cards(studio.store, tree, small=True)
    ]
    return {"gallery": {"family": {"id": variant.id, "nodes": nodes, "n": secrets.token_hex(4)}}}


def take_in(studio: Studio, file: IO[bytes]) -> Project:
    """Keep the project of a project file as a new one.

    It is shown once before it may stay, by the same functions that show it later: what they cannot
    read would lock the page.

    Raises:
        BadInput: the file cannot be used, or what is in it cannot be shown. Nothing of it was kept.
        StorageError: it could not be kept.
    """
    project = read_project(studio.store, file)
    try:
        studio.shown(project)
        overview(studio, project.id)
        compare.entered(studio, project.id)
        for trashed in (False, True):
            before = None
            while True:
                page = studio.store.variants(
                    project.id, trashed=trashed, before=before, limit=LARGEST_PAGE
                )
                views.cards(studio.store, page.variants, small=True)
                if (before := page.next) is None:
                    break
    except BaseException as error:
        studio.store.delete_project(project.id)
        if isinstance(error, StorageError) or not isinstance(error, Exception):
            raise
        raise BadInput(
            "The project in the file cannot be shown: nothing was kept, export it again."
        ) from error
    return project


def empty_trash(studio: Studio, project_id: str) -> Updates:
    """Remove what is in the project's trash for good."""
    count = studio.store.empty_trash(project_id)
    text = "The trash was empty." if not count else f"{_pictures(count)} removed for good."
    return {
        "gallery": {"refresh": secrets.token_hex(4)},
        "variants": {"value": studio.newest(project_id)},
        **views.notice(text),
    }


def delete_project(studio: Studio, project_id: str, event: Mapping[str, Any]) -> Updates:
    """Put a project into the trash with all that is in it, and open the one worked on last.

    Raises:
        BadInput: there is none, or pictures of it are being made.
    """
    project = studio.store.project(str(event.get("id")))
    _must_rest(studio, project)
    studio.store.trash_project(project.id)
    updates = studio.open("" if project.id == project_id else project_id)
    text = f"“{project.name}” is in the trash, with all that is in it."
    return updates | views.notice(text, undo={"project": project.id})


def restore_project(studio: Studio, event: Mapping[str, Any]) -> Updates:
    """Take a project out of the trash and open it. Raises BadInput where it has gone."""
    return studio.open(studio.store.restore_project(str(event.get("id"))).id)


def remove_project(studio: Studio, project_id: str, event: Mapping[str, Any]) -> Updates:
    """Remove a project that is in the trash with all that is in it, for good.

    Raises:
        BadInput: there is none in the trash, or the name that was typed is not its name.
    """
    asked = str(event.get("id"))
    project = next((p for p in studio.store.trashed_projects() if p.id == asked), None)
    if project is None:
        raise BadInput("This project is no longer in the trash.")
    if str(event.get("name") or "").split() != project.name.split():
        raise BadInput(f"To delete the project for good, type its name: {project.name}.")
    _must_rest(studio, project)
    studio.store.delete_project(project.id)
    return {
        "gallery": {"projects": overview(studio, project_id)},
        **views.notice(f"“{project.name}” was deleted for good."),
    }


def _must_rest(studio: Studio, project: Project) -> None:
    active = studio.jobs.of(project.id)
    if active is not None and active.active:
        raise BadInput("Pictures of this project are being made: cancel that first, then delete.")


def _pictures(count: int) -> str:
    return "1 picture was" if count == 1 else f"{count} pictures were"


def _seed(value: Any) -> int | None:
    text = str(value if value is not None else "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 16 or int(text) > MAX_SEED:
        raise BadInput("The seed to look for must be a whole number: clear it, or type another.")
    return int(text)


def _moment(value: Any) -> float | None:
    """Seconds since 1970, or None for a date that was not given."""
    if not is_number(value):
        return None
    return min(max(float(value), 0.0), 1e11)
