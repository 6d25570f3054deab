"""What every part of the store stands on: one database, one folder of files."""

import time
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from studio.gallery.blobs import Blobs
from studio.gallery.database import Database
from studio.gallery.rows import added
from studio.gallery.tables import Base, BlobRow


class Shelf:
    """A part of the store.

    Attributes:
        blobs: the files.
    """

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self.blobs = blobs

    def _add_blob(self, session: Session, sha: str, data: bytes, extension: str = "png") -> None:
        """Enter a file into the database; called under the write lock, where no other process
        can be removing it."""
        self.blobs.put(data, extension)
        if session.get(BlobRow, sha) is None:
            now = time.time()
            added(session, BlobRow(sha=sha, extension=extension, bytes=len(data), created=now))

    def _remove_unused(self, shas: Iterable[str]) -> None:
        """Remove files that no row names any more: first the rows, then, in a second write lock
        in which nobody can be entering them again, the files."""
        candidates = sorted(set(shas))
        if not candidates:
            return
        with self._database.write() as session:
            for sha in candidates:
                if not any(
                    session.scalar(sa.select(sa.exists().where(c == sha))) for c in naming()
                ):
                    session.execute(sa.delete(BlobRow).where(BlobRow.sha == sha))
        with self._database.write() as session:
            for sha in candidates:
                if session.get(BlobRow, sha) is None:
                    self.blobs.remove(sha)


def naming() -> list[sa.Column[str]]:
    """Every column of every table that names a file."""
    return [
        column
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(key.target_fullname == "blob.sha" for key in column.foreign_keys)
    ]
