"""What stood on the board: drawings and component documents, as revisions that never change."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from studio.errors import Overtaken
from studio.gallery.queue import OPEN
from studio.gallery.records import ComponentRevision, SketchRevision
from studio.gallery.rows import R, added, now_after_all, project_row, record
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
            for sha, data in ((ink, ink_png), (photo, photo_png)):
                if sha and data:
                    self._add_blob(session, sha, data)
            drawn = {"strokes": strokes, "ink_sha": ink, "photo_sha": photo}
            saved, gone = _keep(session, SketchRevision, project_id, over, drawn)
            dropped = {sha for old in gone for sha in (old.ink_sha, old.photo_sha) if sha}
        self._remove_unused(dropped)
        return saved

    def latest_sketch(self, project_id: str) -> SketchRevision | None:
        """The newest drawing of a project, or None."""
        return self._newest(SketchRevision, project_id=project_id)

    def sketch_at(self, project_id: str, seq: int) -> SketchRevision | None:
        """The drawing of a project with this number, or None where it has gone."""
        return self._newest(SketchRevision, project_id=project_id, seq=seq)

    def sketch(self, revision_id: str) -> SketchRevision | None:
        """One drawing by its id, or None where it has gone."""
        return self._newest(SketchRevision, id=revision_id)

    def save_components(
        self, project_id: str, document_json: str, over: int | None = None
    ) -> ComponentRevision:
        """Keep the page's components as a new revision; one equal to the last is not stored twice.

        Older revisions beyond `KEPT_REVISIONS` go, except those a picture was made from.

        Args:
            over: as in `save_sketch`, errors too.
        """
        with self._database.write() as session:
            given = {"document": document_json}
            return _keep(session, ComponentRevision, project_id, over, given)[0]

    def latest_components(self, project_id: str) -> ComponentRevision | None:
        """The newest component document of a project, or None."""
        return self._newest(ComponentRevision, project_id=project_id)

    def components_at(self, project_id: str, seq: int) -> ComponentRevision | None:
        """The component document of a project with this number, or None where it has gone."""
        return self._newest(ComponentRevision, project_id=project_id, seq=seq)

    def components(self, revision_id: str) -> ComponentRevision | None:
        """One component document by its id, or None where it has gone."""
        return self._newest(ComponentRevision, id=revision_id)

    def _newest(self, kind: type[R], **by: Any) -> R | None:
        with self._database.read() as session:
            row = _newest(session, kind, **by)
            return record(kind, row) if row else None


_TABLES: dict[type, tuple[Any, str]] = {
    SketchRevision: (SketchRevisionRow, "sketch_rev_id"),
    ComponentRevision: (ComponentRevisionRow, "component_rev_id"),
}
"""Where revisions are kept, and the column of pictures and jobs that names one."""


def _keep(
    session: Session, kind: type[R], project_id: str, over: int | None, values: Mapping[str, Any]
) -> tuple[R, Sequence[Any]]:
    """A revision with these values, and the rows that went since there are too many."""
    project = project_row(session, project_id)
    last = _newest(session, kind, project_id=project_id)
    if over is not None and over != (last.seq if last else 0):
        raise Overtaken
    if last and all(getattr(last, name) == value for name, value in values.items()):
        return record(kind, last), ()
    row = added(session, _TABLES[kind][0](project_id=project_id, **values))
    project.updated = now_after_all(session)
    saved, surplus = record(kind, row), _surplus(session, kind, project_id)
    for old in surplus:
        session.delete(old)
    return saved, surplus


def _newest(session: Session, kind: type, **by: Any) -> Any:
    table, _ = _TABLES[kind]
    query = sa.select(table).filter_by(**by)
    return session.scalars(query.order_by(table.seq.desc()).limit(1)).first()


def _surplus(session: Session, kind: type, project_id: str) -> Sequence[Any]:
    """Revisions beyond those kept that no picture and no job names."""
    table, named = _TABLES[kind]
    by_picture, by_job = getattr(VariantRow, named), getattr(JobRow, named)
    query = sa.select(table).where(
        table.project_id == project_id,
        ~sa.exists().where(by_picture == table.id),
        ~sa.exists().where(by_job == table.id, JobRow.state.in_(OPEN)),
    )
    beyond = query.order_by(table.seq.desc()).offset(KEPT_REVISIONS).limit(KEPT_REVISIONS)
    return session.scalars(beyond).all()
