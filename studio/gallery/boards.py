"""What stood on the board: drawings and component documents, as revisions that never change."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from studio.errors import Overtaken
from studio.gallery.records import ComponentRevision, SketchRevision
from studio.gallery.rows import now_after_all, project_row, record
from studio.gallery.shelf import Shelf
from studio.gallery.tables import ComponentRevisionRow, JobRow, SketchRevisionRow, VariantRow

KEPT_REVISIONS = 64
"""Revisions kept per project beside those that a picture was, or will be, made from."""


class Boards(Shelf):
    """The drawings and component documents of a store."""

    def save_sketch(
        self,
        project_id: str,
        strokes: str,
        ink_png: bytes | None,
        photo_png: bytes | None = None,
        over: int | None = None,
    ) -> SketchRevision:
        """Keep a drawing as a new revision; one equal to the last is not stored twice.

        Older revisions beyond `KEPT_REVISIONS` go, except those a picture was made from.

        Args:
            over: number of the revision that it follows, 0 for the first.

        Raises:
            BadInput: no such project.
            Overtaken: another revision than `over` is the newest by now; nothing is kept.
        """
        ink = self.blobs.put(ink_png) if ink_png else None
        photo = self.blobs.put(photo_png) if photo_png else None
        with self._database.write() as session:
            project = project_row(session, project_id)
            for sha, data in ((ink, ink_png), (photo, photo_png)):
                if sha and data:
                    self._add_blob(session, sha, data)
            last = _newest(session, SketchRevisionRow, project_id)
            if over is not None and over != (last.seq if last else 0):
                raise Overtaken
            if last and (last.strokes, last.ink_sha, last.photo_sha) == (strokes, ink, photo):
                return record(SketchRevision, last)
            row = SketchRevisionRow(
                project_id=project_id, strokes=strokes, ink_sha=ink, photo_sha=photo
            )
            session.add(row)
            session.flush()
            project.updated = now_after_all(session)
            saved = record(SketchRevision, row)
            surplus = _surplus(session, SketchRevisionRow, project_id, "sketch_rev_id")
            dropped = {sha for old in surplus for sha in (old.ink_sha, old.photo_sha) if sha}
            for old in surplus:
                session.delete(old)
        self._remove_unused(dropped)
        return saved

    def latest_sketch(self, project_id: str) -> SketchRevision | None:
        """The newest drawing of a project, or None."""
        with self._database.read() as session:
            row = _newest(session, SketchRevisionRow, project_id)
            return record(SketchRevision, row) if row else None

    def sketch_at(self, project_id: str, seq: int) -> SketchRevision | None:
        """The drawing of a project with this number, or None where it has gone."""
        with self._database.read() as session:
            row = _numbered(session, SketchRevisionRow, project_id, seq)
            return record(SketchRevision, row) if row else None

    def sketch(self, revision_id: str) -> SketchRevision | None:
        """One drawing by its id, or None where it has gone."""
        query = sa.select(SketchRevisionRow).where(SketchRevisionRow.id == revision_id)
        with self._database.read() as session:
            row = session.scalars(query).one_or_none()
            return record(SketchRevision, row) if row else None

    def save_components(
        self, project_id: str, document_json: str, over: int | None = None
    ) -> ComponentRevision:
        """Keep the page's components as a new revision; one equal to the last is not stored twice.

        Older revisions beyond `KEPT_REVISIONS` go, except those a picture was made from.

        Args:
            over: as in `save_sketch`, errors too.
        """
        with self._database.write() as session:
            project = project_row(session, project_id)
            last = _newest(session, ComponentRevisionRow, project_id)
            if over is not None and over != (last.seq if last else 0):
                raise Overtaken
            if last and last.document == document_json:
                return record(ComponentRevision, last)
            row = ComponentRevisionRow(project_id=project_id, document=document_json)
            session.add(row)
            session.flush()
            project.updated = now_after_all(session)
            saved = record(ComponentRevision, row)
            for old in _surplus(session, ComponentRevisionRow, project_id, "component_rev_id"):
                session.delete(old)
        return saved

    def latest_components(self, project_id: str) -> ComponentRevision | None:
        """The newest component document of a project, or None."""
        with self._database.read() as session:
            row = _newest(session, ComponentRevisionRow, project_id)
            return record(ComponentRevision, row) if row else None

    def components_at(self, project_id: str, seq: int) -> ComponentRevision | None:
        """The component document of a project with this number, or None where it has gone."""
        with self._database.read() as session:
            row = _numbered(session, ComponentRevisionRow, project_id, seq)
            return record(ComponentRevision, row) if row else None

    def components(self, revision_id: str) -> ComponentRevision | None:
        """One component document by its id, or None where it has gone."""
        query = sa.select(ComponentRevisionRow).where(ComponentRevisionRow.id == revision_id)
        with self._database.read() as session:
            row = session.scalars(query).one_or_none()
            return record(ComponentRevision, row) if row else None


def _newest(session: Session, table: Any, project_id: str) -> Any:
    query = sa.select(table).where(table.project_id == project_id)
    return session.scalars(query.order_by(table.seq.desc()).limit(1)).first()


def _numbered(session: Session, table: Any, project_id: str, seq: int) -> Any:
    query = sa.select(table).where(table.project_id == project_id, table.seq == seq)
    return session.scalars(query).one_or_none()


def _surplus(session: Session, table: Any, project_id: str, named: str) -> list[Any]:
    """Revisions beyond those kept that no picture and no job names.

    Args:
        named: the column of pictures and jobs that names a revision.
    """
    by_picture, by_job = getattr(VariantRow, named), getattr(JobRow, named)
    waiting = JobRow.state.in_(("waiting", "running", "interrupted"))
    return list(
        session.scalars(
            sa.select(table)
            .where(
                table.project_id == project_id,
                ~sa.exists().where(by_picture == table.id),
                ~sa.exists().where(by_job == table.id, waiting),
            )
            .order_by(table.seq.desc())
            .offset(KEPT_REVISIONS)
            .limit(KEPT_REVISIONS)
        )
    )
