"""Numbered steps from the tables of version `FIRST` to today's.

To change the tables: change `tables.py`, write a function here that makes the same change to a
database that has pictures already, and append it to `MIGRATIONS` with the next number; a test
compares what it leads to with `tables.py`. A step names its tables and columns in words of its
own: it is history and must not change when the present does. An empty database gets today's
tables at once.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

FIRST = 4
"""The oldest version that can be opened: nothing before it was ever released."""


@dataclass(frozen=True)
class Migration:
    """One step: `upgrade` brings a database of version `number - 1` to `number`."""

    number: int
    upgrade: Callable[[sa.Connection], None]


def _kept(connection: sa.Connection) -> None:
    """Projects have a trash, drafts are counted, and steps and words are kept.

    Pictures that nothing names may lie under a drawing in somebody's browser, which nothing knew
    until now: they get a month in which a page can claim them, before they are swept.
    """
    named = (
        ("sketch_rev", "ink_sha"), ("sketch_rev", "photo_sha"), ("job_input", "sha"),
        ("variant", "picture_sha"), ("variant_input", "sha"), ("reference_file", "sha"),
        ("ballot_entry", "picture_sha"),
    )  # fmt: skip
    free = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.{column} = blob.sha)"
        for table, column in named
    )
    for statement in (
        "ALTER TABLE project ADD COLUMN draft_rev INTEGER DEFAULT '0' NOT NULL",
        "ALTER TABLE project ADD COLUMN draft_by VARCHAR(32) DEFAULT '' NOT NULL",
        "ALTER TABLE project ADD COLUMN deleted_at FLOAT",
        "CREATE TABLE steps (project_id VARCHAR(32) NOT NULL PRIMARY KEY "
        "REFERENCES project (id) ON DELETE CASCADE, document TEXT NOT NULL)",
        f"CREATE TABLE wording ({_serial(connection)}, prompt TEXT NOT NULL, "
        "page VARCHAR(32) NOT NULL, changed FLOAT NOT NULL, id VARCHAR(32) NOT NULL, "
        "created FLOAT NOT NULL, project_id VARCHAR(32) NOT NULL, UNIQUE (id), "
        "FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE)",
        "CREATE INDEX ix_wording_project ON wording (project_id, seq)",
    ):
        connection.execute(sa.text(statement))
    month = sa.text(f"UPDATE blob SET created = :later WHERE {free}")
    connection.execute(month, {"later": time.time() + 30 * 86400})


def _serial(connection: sa.Connection) -> str:
    """The column of the running number, in the words of the database."""
    if connection.dialect.name == "sqlite":
        return "seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT"
    return "seq BIGSERIAL NOT NULL PRIMARY KEY"


MIGRATIONS: tuple[Migration, ...] = (Migration(5, _kept),)
