"""Projects: made, named, found, removed with all that is in them."""

import time
import unicodedata
from typing import Any

import sqlalchemy as sa

from studio.errors import BadInput, Overtaken
from studio.gallery.records import Project
from studio.gallery.rows import added, now_after_all, project_row, record
from studio.gallery.shelf import Shelf
from studio.gallery.tables import (
    BallotEntryRow,
    BallotRow,
    JobInputRow,
    JobRow,
    ProjectRow,
    ReferenceFileRow,
    SketchRevisionRow,
    VariantInputRow,
    VariantRow,
)
from studio.gallery.words import one_line

NAME_LENGTH = 80
"""Longest project name, in characters."""


class Projects(Shelf):
    """The projects of a store."""

    def create_project(self, name: str) -> Project:
        """A new, empty project. Raises BadInput on an empty name."""
        with self._database.write() as session:
            return record(Project, added(session, _new_project(clean_name(name))))

    def first_project(self) -> Project:
        """The project worked on last; on an empty database one is made."""
        with self._database.write() as session:
            row = session.scalars(
                sa.select(ProjectRow)
                .where(ProjectRow.deleted_at.is_(None))
                .order_by(ProjectRow.updated.desc())
                .limit(1)
            ).first()
            if row is None:
                row = added(session, _new_project("First project"))
            return record(Project, row)

    def projects(self, limit: int = 500) -> tuple[Project, ...]:
        """Projects outside the trash, the one worked on last first."""
        return self._listed(ProjectRow.deleted_at.is_(None), ProjectRow.updated, limit)

    def project(self, project_id: str) -> Project:
        """One project. Raises BadInput where there is none of this id."""
        with self._database.read() as session:
            return record(Project, project_row(session, project_id))

    def rename_project(self, project_id: str, name: str) -> Project:
        """Give a project another name. Raises BadInput on an empty name."""
        return self._changed(project_id, name=clean_name(name))

    def save_draft(
        self, project_id: str, draft: str, page: str = "", over: int | None = None
    ) -> Project:
        """Keep what is being written on the page (JSON text).

        Args:
            page: who writes it.
            over: the number of the draft that it replaces.

        Raises:
            BadInput: no such project.
            Overtaken: another draft than `over` stands there by now; nothing is kept.
        """
        with self._database.write() as session:
            row = project_row(session, project_id)
            if over is not None and row.draft_rev != over:
                raise Overtaken
            if row.draft != draft:
                row.draft = draft
                row.draft_rev += 1
                row.draft_by = page
                row.updated = now_after_all(session)
            return record(Project, row)

    def trash_project(self, project_id: str) -> Project:
        """Put a project into the trash; all of it stays. Raises BadInput where there is none."""
        return self._changed(project_id, deleted_at=time.time())

    def restore_project(self, project_id: str) -> Project:
        """Take a project out of the trash. Raises BadInput where it has gone for good."""
        return self._changed(project_id, trashed=True, deleted_at=None)

    def _changed(self, project_id: str, trashed: bool = False, **values: Any) -> Project:
        with self._database.write() as session:
            row = project_row(session, project_id, trashed)
            for name, value in values.items():
                setattr(row, name, value)
            return record(Project, row)

    def trashed_projects(self, limit: int = 500) -> tuple[Project, ...]:
        """The projects in the trash, the one thrown away last first."""
        return self._listed(ProjectRow.deleted_at.is_not(None), ProjectRow.deleted_at, limit)

    def _listed(self, which: Any, last: Any, limit: int) -> tuple[Project, ...]:
        query = sa.select(ProjectRow).where(which).order_by(last.desc(), ProjectRow.seq.desc())
        with self._database.read() as session:
            return tuple(record(Project, row) for row in session.scalars(query.limit(limit)))

    def delete_project(self, project_id: str) -> None:
        """Remove a project with its drawings, its jobs and its pictures, for good.

        Files that another project uses as well stay. A job that runs ends by itself.

        Raises:
            BadInput: no such project.
        """
        with self._database.write() as session:
            row = project_row(session, project_id, trashed=True)
            shas: set[str | None] = set()
            for table, sha, owner in (
                (VariantRow, "picture_sha", VariantRow),
                (SketchRevisionRow, "ink_sha", SketchRevisionRow),
                (SketchRevisionRow, "photo_sha", SketchRevisionRow),
                (ReferenceFileRow, "sha", ReferenceFileRow),
                (VariantInputRow, "sha", VariantRow),
                (JobInputRow, "sha", JobRow),
                (BallotEntryRow, "picture_sha", BallotRow),
            ):
                named = sa.select(getattr(table, sha)).distinct()
                named = named if table is owner else named.join(owner)
                shas.update(session.scalars(named.where(owner.project_id == project_id)))
            session.delete(row)
        self._remove_unused(sha for sha in shas if sha)


def _new_project(name: str) -> ProjectRow:
    now = time.time()
    return ProjectRow(name=name, draft="{}", created=now, updated=now)


def clean_name(name: str) -> str:
    """A project's name without control characters and surplus spaces.

    Raises:
        BadInput: nothing is left, or it is longer than `NAME_LENGTH`.
    """
    cleaned = one_line(name)
    if not any(unicodedata.category(c)[0] not in "CZ" for c in cleaned):
        raise BadInput("The project needs a name: write one or a few words.")
    if len(cleaned) > NAME_LENGTH:
        raise BadInput(
            f"The project's name has {len(cleaned)} characters: use {NAME_LENGTH} at most."
        )
    return cleaned
