"""What nobody owns: rows of files that nothing names, files without a row, thumbnails of neither.

A process that ends between two steps leaves such things behind; they are removed at the next start.
"""

import contextlib
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from studio.gallery.shelf import Shelf, naming
from studio.gallery.tables import BlobRow

YOUNG = 900.0
"""Seconds for which what nobody owns is left alone: another process may be about to."""

_STORED = re.compile(r"([0-9a-f]{64})\.[a-z]{1,12}")
_AT_ONCE = 400


class Sweep(Shelf):
    """The sweeping of a store."""

    def sweep(self, young: float = YOUNG) -> int:
        """Remove what nobody owns and is older than `young` seconds; how many files that were.

        Raises:
            StorageError: the database cannot be used.
        """
        before = time.time() - young
        with self._database.read() as session:
            unnamed = sa.select(BlobRow.sha).where(
                BlobRow.created < before, *(~sa.exists().where(c == BlobRow.sha) for c in naming())
            )
            rows = list(session.scalars(unnamed))
        self._remove_unused(rows)
        alone = [*self._alone("blobs", before), *self._alone("thumbs", before)]
        removed = 0
        for start in range(0, len(alone), _AT_ONCE):
            some = alone[start : start + _AT_ONCE]
            # Under the write lock nobody can be entering one of them.
            with self._database.write() as session:
                owned = self._owned(session, [sha for sha, _ in some])
                for sha, path in some:
                    if sha not in owned and _older(path, before):
                        with contextlib.suppress(FileNotFoundError):
                            path.unlink()
                            removed += 1
        return len(rows) + removed

    def _alone(self, folder: str, before: float) -> Iterator[tuple[str, Path]]:
        """Files older than a moment that no row is about, with their SHA-256."""
        for some in _batches(_files(self.blobs.root / folder)):
            with self._database.read() as session:
                owned = self._owned(session, [sha for sha, _ in some])
            yield from (one for one in some if one[0] not in owned and _older(one[1], before))

    def _owned(self, session: Session, shas: list[str]) -> set[str]:
        return set(session.scalars(sa.select(BlobRow.sha).where(BlobRow.sha.in_(shas))))


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The stored files of a folder: SHA-256 and path."""
    if not folder.is_dir():
        return
    for shelf in sorted(folder.iterdir()):
        if not shelf.is_dir():
            continue
        with os.scandir(shelf) as entries:
            for entry in entries:
                if found := _STORED.fullmatch(entry.name):
                    yield found[1], Path(entry.path)


def _batches(files: Iterator[tuple[str, Path]]) -> Iterator[list[tuple[str, Path]]]:
    some: list[tuple[str, Path]] = []
    for one in files:
        some.append(one)
        if len(some) == _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _older(path: Path, before: float) -> bool:
    try:
        return path.stat().st_mtime < before
    except OSError:
        return False
