"""A gallery from before today's program opens without losing anything; `version_4.sql` is one, as
the program wrote it before its first release."""

import base64
import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from studio.errors import StorageError
from studio.gallery import Store
from studio.gallery.database import Database
from studio.gallery.migrations import FIRST, MIGRATIONS, Migration
from tests.studio.gallery.made import new

COAT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAKklEQVR4nO3NMQEAAAjDMIZM/AvBBHyp"
    "gCapqc/69Q4AAAAAAAAAAAAOW968AJtjSeDyAAAAAElFTkSuQmCC"
)
NEWEST = MIGRATIONS[-1].number if MIGRATIONS else FIRST


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A data folder with an old gallery."""
    with contextlib.closing(sqlite3.connect(tmp_path / "toile.db")) as db:
        db.executescript(Path(__file__).with_name("version_4.sql").read_text("utf-8"))
    return tmp_path


def ask(folder: Path, question: str) -> list[Any]:
    """Answers of the database itself."""
    with contextlib.closing(sqlite3.connect(folder / "toile.db")) as db:
        return db.execute(question).fetchall()


def everything(folder: Path) -> dict[str, Any]:
    """Every table's rows, and how each was declared."""
    declared = ask(folder, "SELECT name, type, sql FROM sqlite_master")
    rows = {n: ask(folder, f"SELECT * FROM {n}") for n, kind, _ in declared if kind == "table"}
    return {"declared": declared, **rows}


def test_an_old_gallery_opens_unchanged(old: Path):
    before = everything(old)
    Store(old).close()
    assert NEWEST > FIRST or everything(old) == before
    assert (old / "backups").exists() == (NEWEST > FIRST)


def test_an_old_gallery_has_everything_and_can_be_worked_on(old: Path):
    store = Store(old)
    store.blobs.put(COAT)
    found = {v.id: v for v in store.variants("work").variants}
    assert {i: v.passed for i, v in found.items()} == {"dress": False, "coat": True}
    coat, dress = found["coat"], found["dress"]
    assert store.picture(coat.picture_sha) == COAT
    assert coat.starred and coat.checks == ({"what": "buttons", "passed": True},)
    assert list(coat.inputs) == ["sketch"] and coat.component_rev_id == "components"
    assert (dress.parent_variant_id, dress.job_id, dress.job_index) == ("coat", "stopped", 0)
    assert [v.id for v in store.variants("work", search="5 buttons centre").variants] == ["coat"]
    assert [v.id for v in store.variants("work", search="lookbook").variants] == ["dress"]
    assert [v.id for v in store.variants("work", trashed=True).variants] == ["trashed"]
    drawn = store.latest_sketch("work")
    assert drawn is not None and drawn.ink_sha == coat.inputs["sketch"]
    (ballot,) = store.ballots.of_project("work")
    assert [v.name for v in store.ballots.votes(ballot.id)] == ["Ada"]
    assert store.comparisons.get("work").chosen == ("coat", "dress")
    refers = store.references("work")
    assert refers is not None and [role for role, _ in refers.files] == ["garment_image"]

    assert store.queue.resume("stopped")
    job = store.queue.claim("me")
    assert job is not None and (job.id, job.step, job.made) == ("waiting", 0, {})
    job = store.queue.claim("me")
    assert job is not None and (job.id, job.made) == ("stopped", {0: "dress"})
    added = store.add("work", new(9, parent_variant_id="dress"))
    assert added.seq == 5
    store.note("coat", "the best one")
    assert [v.id for v in store.variants("work", search="best").variants] == ["coat"]
    assert store.empty_trash("work") == 1
    with store._database.write() as session:  # raises where index and table differ
        check = "INSERT INTO variant_search (variant_search, rank) VALUES ('integrity-check', 1)"
        session.execute(sa.text(check))
    store.close()


def form(folder: Path) -> dict[str, Any]:
    """What a database's tables are, in whatever order their columns stand."""
    found = sa.inspect(sa.create_engine(f"sqlite:///{folder / 'toile.db'}"))
    counting = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%' ORDER BY name"
    rest = (
        "SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT "
        "NULL OR name = 'variant_search' ORDER BY name"
    )
    return {
        "counting": ask(folder, counting),
        "indices, triggers and the search": ask(folder, rest),
        **{
            table: {
                "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in columns},
                "key": found.get_pk_constraint(table)["constrained_columns"],
                "to others": {row[2:7] for row in ask(folder, f"PRAGMA foreign_key_list({table})")},
                "unique": sorted(u["column_names"] for u in found.get_unique_constraints(table)),
            }
            for table in found.get_table_names()
            if not table.startswith("variant_search") and (columns := found.get_columns(table))
        },
    }


def test_an_old_gallery_comes_to_the_tables_of_a_new_one(old: Path, tmp_path: Path):
    Store(old).close()
    Store(tmp_path / "new").close()
    assert form(old) == form(tmp_path / "new")
    assert ask(tmp_path / "new", "SELECT version FROM schema_version") == [(NEWEST,)]


@pytest.mark.parametrize("version", range(1, FIRST))
def test_a_gallery_from_long_ago_is_left_as_it_is_with_a_sentence(old: Path, version: int):
    with contextlib.closing(sqlite3.connect(old / "toile.db")) as db, db:
        db.execute("UPDATE schema_version SET version = ?", (version,))
    before = everything(old)
    with pytest.raises(StorageError, match=r"before the first release.* --data-dir"):
        Store(old)
    assert everything(old) == before and not (old / "backups").exists()


def test_a_new_gallery_needs_no_copy(tmp_path: Path):
    Store(tmp_path).close()
    assert not (tmp_path / "backups").exists()


# The next migration


def broken(connection: sa.Connection) -> None:
    """A migration that fails after having changed something."""
    add_season(connection)
    raise RuntimeError("the power went out")


def add_season(connection: sa.Connection) -> None:
    """A migration as a later version might bring it."""
    connection.execute(sa.text("ALTER TABLE project ADD COLUMN season TEXT"))


@pytest.fixture
def open_with(old: Path) -> Callable[..., None]:
    """Open the old gallery with further migrations."""

    def opened(*upgrades: Callable[[sa.Connection], None]) -> None:
        more = (Migration(number, step) for number, step in enumerate(upgrades, NEWEST + 1))
        Database(f"sqlite:///{old / 'toile.db'}", old / "backups", (*MIGRATIONS, *more)).close()

    return opened


def columns(folder: Path) -> list[str]:
    """The columns of the project table."""
    return [row[1] for row in ask(folder, "PRAGMA table_info(project)")]


def test_a_migration_is_all_or_nothing_after_a_copy(old: Path, open_with: Callable[..., None]):
    before = everything(old)
    with pytest.raises(RuntimeError):
        open_with(lambda connection: None, broken)
    assert everything(old) == before

    open_with(add_season)
    assert "season" in columns(old)
    assert ask(old, "SELECT version FROM schema_version") == [(NEWEST + 1,)]
    assert ask(old, "SELECT name, season FROM project WHERE id = 'work'") == [("Old work", None)]
    copies = sorted((old / "backups").iterdir())
    assert copies and all(c.name.startswith(f"toile-v{FIRST}-") for c in copies)
    copies[-1].rename(old / "backups" / "toile.db")
    assert everything(old / "backups") == before
    with pytest.raises(StorageError, match="newer"):
        Store(old)


def test_a_migration_is_not_made_twice(old: Path, open_with: Callable[..., None]):
    open_with(add_season)
    open_with(add_season)
    assert columns(old).count("season") == 1
