"""Opening the gallery's database: connections, migrations and errors in plain words."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from studio.errors import StorageError
from studio.gallery.migrations import FIRST, MIGRATIONS, Migration
from studio.gallery.tables import Base, SchemaVersionRow

BUSY_SECONDS = 15.0
"""How long a statement waits for another process that holds the database."""


class Database:
    """A database with today's tables.

    Args:
        url: any SQLAlchemy URL; SQLite files get WAL, foreign keys and a busy timeout.
        backups: folder for the copy that is made before an older file is migrated.
        migrations: the steps from version `FIRST` to today's tables.
        busy_seconds: how long to wait for a lock (SQLite).

    Attributes:
        is_sqlite: whether it is an SQLite file, which has a full-text index.

    Raises:
        StorageError: the database is locked, read-only, damaged, not a database, or was
            written by a newer version or long ago.
    """

    def __init__(
        self,
        url: str,
        backups: Path,
        migrations: Sequence[Migration] = MIGRATIONS,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self.url = sa.make_url(url)
        self._backups = backups
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        options = {"connect_args": {"timeout": busy_seconds}} if self.is_sqlite else {}
        self._engine = sa.create_engine(self.url, pool_pre_ping=not self.is_sqlite, **options)
        if self.is_sqlite:
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        self._writer = self._engine.execution_options(toile_write=True)
        self._file: tuple[int, int] | None = None
        try:
            with self._plainly():
                self._migrate(migrations)
            self._file = self._identity()
        except BaseException:
            self._engine.dispose()
            raise

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one moment of the database.

        Raises:
            StorageError: it cannot be read; see also `still_there`.
        """
        self.still_there()
        with self._plainly(), Session(self._engine) as session:
            yield session

    @contextlib.contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one transaction, committed at the end, undone on any exception.

        On SQLite it holds the write lock from its start, so that what it has read stays true.

        Raises:
            StorageError: it cannot be written; see also `still_there`.
        """
        self.still_there()
        with self._plainly(), Session(self._writer) as session, session.begin():
            yield session
            # What was written to a file that has lost its name would be gone at the next start.
            self.still_there()

    def still_there(self) -> None:
        """Raises StorageError where the SQLite file that was opened is no longer the one of its
        name: its folder was removed, unplugged, or another one was put in its place."""
        if self._file is None or self._identity() == self._file:
            return
        folder = Path(self.url.database or "").parent
        raise StorageError(
            f"The data folder “{folder}” has gone or was replaced while Toile was running, so "
            "nothing can be kept: put it back where it was, or start Toile anew."
        )

    def _identity(self) -> tuple[int, int] | None:
        """Device and inode of the SQLite file; None where there is none of its name."""
        name = self.url.database
        if not self.is_sqlite or not name or name == ":memory:":
            return None
        try:
            found = os.stat(name)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _migrate(self, migrations: Sequence[Migration]) -> None:
        with self._engine.connect() as connection:
            version = _version(connection)
        newest = migrations[-1].number if migrations else FIRST
        if version > newest:
            raise StorageError(
                f"The project database was written by a newer version of Toile (its format is "
                f"{version}, this version knows {newest}): update Toile, or start with another "
                "--data-dir."
            )
        if 0 < version < FIRST:
            raise StorageError(
                f"The project database was written by a Toile from before the first release (its "
                f"format is {version}, this version knows {FIRST} to {newest}): start with another "
                "--data-dir; the pictures stay in “blobs” of this one."
            )
        if version == newest:
            return
        if version > 0:
            self._back_up(version)
        with self._writer.begin() as connection:
            current = _version(connection)  # another process may have been quicker
            if current == 0:
                Base.metadata.create_all(connection, checkfirst=False)
                connection.execute(sa.insert(SchemaVersionRow).values(id=1, version=newest))
            for migration in migrations:
                if 0 < current < migration.number:
                    migration.upgrade(connection)
                    connection.execute(sa.update(SchemaVersionRow).values(version=migration.number))

    def _back_up(self, version: int) -> None:
        """Copy the SQLite file aside with SQLite's own backup, which sees the log as well."""
        source = self.url.database
        if not self.is_sqlite or not source or source == ":memory:":
            return
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        target = self._backups / f"{Path(source).stem}-v{version}-{stamp}.db"
        try:
            self._backups.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"The copy of the database before its update cannot be written to "
                f"“{self._backups}” ({error.strerror}): make room or allow writing there."
            ) from error
        with (
            contextlib.closing(sqlite3.connect(source)) as old,
            contextlib.closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)

    @contextlib.contextmanager
    def _plainly(self) -> Iterator[None]:
        """Turn the driver's errors into one sentence each."""
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            raise StorageError(self._sentence(error)) from error

    def _sentence(self, error: Exception) -> str:
        name = self.url.database if self.is_sqlite else self.url.render_as_string()
        text = str(getattr(error, "orig", None) or error).lower()
        if "locked" in text or "busy" in text:
            return (
                f"The project database “{name}” is in use by another program: close it, "
                "then try again."
            )
        if "readonly" in text or "read-only" in text or "unable to open" in text:
            return (
                f"The project database “{name}” cannot be written: allow writing to its folder, "
                "or start with another --data-dir."
            )
        if "disk is full" in text or "disk i/o error" in text:
            return "The disk is full or failing: make room on it, then try again."
        if "malformed" in text or "not a database" in text or "corrupt" in text:
            return (
                f"The project database “{name}” is damaged: put a copy of it back, or move it "
                "away to start with an empty one; the pictures in “blobs” stay where they are."
            )
        return f"The project database “{name}” answered: {text.splitlines()[0]}"


def _version(connection: sa.Connection) -> int:
    """The version of the tables; 0 for an empty database. Refuses a stranger's tables."""
    tables = sa.inspect(connection).get_table_names()
    if "schema_version" not in tables:
        if "project" in tables or "variant" in tables:
            raise StorageError(
                "The database has tables that Toile did not make: start with another --data-dir."
            )
        return 0
    return connection.execute(sa.select(SchemaVersionRow.version)).scalar_one_or_none() or 0


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transaction handling leaves DDL outside of transactions: switch it off
    # and begin explicitly (SQLAlchemy's documented recipe for SQLite).
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get("toile_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
