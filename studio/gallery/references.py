"""What a project refers to: a garment's photo, a person, a pose, a face, styles.

The document is JSON that only the page understands; the files that it names stand beside it, so
that they are kept as long as somebody needs them. Those that were used before stay for a while:
a photo that was cleared can be taken up again.
"""

import time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from studio.gallery.needed import extension_of
from studio.gallery.records import ReferenceBoard
from studio.gallery.rows import now_after_all, project_row
from studio.gallery.shelf import Shelf
from studio.gallery.tables import ReferenceBoardRow, ReferenceFileRow

KEPT_PICTURES = 12
"""Pictures of one role that a project remembers, the ones in use among them."""

KEPT_STYLES = 2
"""Style files are large: so many of each role are remembered."""


class References(Shelf):
    """The references of a store's projects."""

    def save_references(self, project_id: str, board: ReferenceBoard) -> None:
        """Keep what a project refers to from now on.

        Raises:
            BadInput: no such project.
            StorageError: it could not be kept, for instance since a file was never stored.
        """
        with self._database.write() as session:
            project = project_row(session, project_id)
            last = board_record(session, project_id)
            if last != board:
                project.updated = now_after_all(session)
            write_board(session, project_id, board)
            session.flush()
            dropped = _surplus(session, project_id)
            for row in dropped:
                session.delete(row)
            shas = [row.sha for row in dropped]
        self._remove_unused(shas)

    def references(self, project_id: str) -> ReferenceBoard | None:
        """What a project refers to; None where it never has."""
        with self._database.read() as session:
            return board_record(session, project_id)

    def recent_references(self, project_id: str, role: str, limit: int = 8) -> tuple[str, ...]:
        """Files of a role that a project has used, the latest first."""
        query = sa.select(ReferenceFileRow.sha).where(
            ReferenceFileRow.project_id == project_id, ReferenceFileRow.role == role
        )
        with self._database.read() as session:
            return tuple(session.scalars(query.order_by(ReferenceFileRow.used.desc()).limit(limit)))


def board_record(session: Session, project_id: str) -> ReferenceBoard | None:
    """What a project refers to."""
    row = session.get(ReferenceBoardRow, project_id)
    if row is None:
        return None
    used = session.execute(
        sa.select(ReferenceFileRow.role, ReferenceFileRow.sha)
        .where(ReferenceFileRow.project_id == project_id, ReferenceFileRow.active)
        .order_by(ReferenceFileRow.role)
    )
    return ReferenceBoard(row.document, tuple((role, sha) for role, sha in used))


def remember(session: Session, project_id: str, role: str, sha: str) -> None:
    """Enter a file that a project uses without being referred to in its document."""
    row = session.get(ReferenceFileRow, (project_id, role, sha))
    if row is not None:
        row.used = time.time()
        return
    session.add(
        ReferenceFileRow(project_id=project_id, role=role, sha=sha, active=False, used=time.time())
    )


def write_board(session: Session, project_id: str, board: ReferenceBoard) -> None:
    """Enter what a project refers to."""
    session.merge(ReferenceBoardRow(project_id=project_id, document=board.document))
    files, now = sa.update(ReferenceFileRow), time.time()
    session.execute(files.where(ReferenceFileRow.project_id == project_id).values(active=False))
    for role, sha in board.files:
        used = {"project_id": project_id, "role": role, "sha": sha, "used": now}
        session.merge(ReferenceFileRow(**used, active=True))


def _surplus(session: Session, project_id: str) -> list[ReferenceFileRow]:
    """Files beyond those that are remembered of each role."""
    query = sa.select(ReferenceFileRow).where(ReferenceFileRow.project_id == project_id)
    left: dict[str, int] = {}
    surplus: list[ReferenceFileRow] = []
    for row in session.scalars(query.order_by(ReferenceFileRow.used.desc())):
        left[row.role] = left.get(row.role, 0) + 1
        most = KEPT_PICTURES if extension_of(row.role) == "png" else KEPT_STYLES
        if left[row.role] > most and not row.active:
            surplus.append(row)
    return surplus
