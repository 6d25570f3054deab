"""Locked, read-only, full, damaged, too new: each is one sentence, and nothing is lost."""

import contextlib
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio.errors import StorageError
from studio.gallery import Store
from tests.studio.gallery.made import new

HERE = Path(__file__).parents[3]


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path):
    Store(tmp_path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "toile.db")) as db, db:
        db.execute("UPDATE schema_version SET version = 999")
    before = (tmp_path / "toile.db").read_bytes()
    with pytest.raises(StorageError, match="newer version of Toile"):
        Store(tmp_path)
    assert (tmp_path / "toile.db").read_bytes() == before


def test_a_damaged_database_is_a_sentence(tmp_path: Path):
    (tmp_path / "toile.db").write_bytes(b"this is not a database, it only has its name " * 99)
    with pytest.raises(StorageError, match="damaged"):
        Store(tmp_path)


def test_a_stranger_database_is_not_touched(tmp_path: Path):
    with contextlib.closing(sqlite3.connect(tmp_path / "toile.db")) as db, db:
        db.execute("CREATE TABLE project (cheese TEXT)")
    with pytest.raises(StorageError, match="did not make"):
        Store(tmp_path)


def test_a_locked_database_is_a_sentence_and_works_again_afterwards(tmp_path: Path):
    store = Store(tmp_path, busy_seconds=0.2)
    project = store.first_project()
    with contextlib.closing(sqlite3.connect(tmp_path / "toile.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="in use by another program"):
            store.add(project.id, new())
    assert store.count_variants(project.id) == 0
    store.add(project.id, new())
    assert store.count_variants(project.id) == 1


def test_a_file_in_the_place_of_the_folder_is_a_sentence(tmp_path: Path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StorageError, match="not a folder"):
        Store(tmp_path / "data")
    with pytest.raises(StorageError, match="not a folder"):
        Store(tmp_path / "data" / "deeper")


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that other users can enter (pytest's own they cannot)."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def run_as_nobody(code: str, folder: Path) -> str:
    """Run code in a process that may not write there; it prints the sentence it got."""
    prelude = (
        "import os, sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\n"
        "from studio.gallery import Store\n"
        "from studio.errors import StorageError\n"
        "from tests.studio.gallery.made import new\n"
        "folder = Path(sys.argv[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", prelude + code, str(folder), str(HERE)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs to change its user")
def test_a_read_only_folder_is_a_sentence():
    with open_folder() as folder:
        Store(folder).close()
        code = (
            "os.seteuid(65534)\n"
            "try: Store(folder).first_project()\n"
            "except StorageError as error: print(error)\n"
        )
        assert "cannot be written" in run_as_nobody(code, folder)
        assert "cannot be written" in run_as_nobody(code, folder / "missing")


def test_a_full_disk_leaves_neither_row_nor_file(tmp_path: Path):
    # A limit on the size of files makes real writes fail as a full disk does.
    store = Store(tmp_path)
    project = store.first_project()
    picture = new(png=os.urandom(4096))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        with pytest.raises(StorageError, match="no room left"):
            store.add(project.id, picture)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert store.count_variants(project.id) == 0
    assert [p for p in tmp_path.rglob("*") if p.is_file() and "toile.db" not in p.name] == []


def test_killed_in_the_middle_leaves_no_row_without_a_file(tmp_path: Path):
    code = (
        "from studio.gallery import Store\n"
        "from pathlib import Path\n"
        "import os, sys\n"
        "from tests.studio.gallery.made import new\n"
        "store = Store(Path(sys.argv[1])); project = store.first_project()\n"
        "print('ready', flush=True)\n"
        "for i in range(10**6): store.add(project.id, new(i, png=new(i).png + os.urandom(64)))\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=HERE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    watch = Store(tmp_path)
    project = watch.first_project()
    while watch.count_variants(project.id) < 5:
        assert child.poll() is None
    child.kill()
    child.wait()
    child.stdout.close()
    found = watch.variants(project.id, limit=500).variants
    assert len(found) >= 5
    for variant in found:
        assert watch.picture(variant.picture_sha)


def test_sqlite_is_opened_safely(tmp_path: Path):
    store = Store(tmp_path)
    with store._database.read() as session:
        pragma = {
            name: session.execute(sa.text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    assert pragma == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 15000,
        "synchronous": 2,
    }


def test_another_url_can_hold_the_tables(tmp_path: Path):
    store = Store(tmp_path / "files", url=f"sqlite:///{tmp_path / 'elsewhere.sqlite'}")
    store.add(store.first_project().id, new())
    assert (tmp_path / "elsewhere.sqlite").is_file()
    assert not (tmp_path / "files" / "toile.db").exists()


def test_what_a_killed_process_left_half_written_goes(tmp_path: Path):
    store = Store(tmp_path)
    kept = store.add(store.first_project().id, new())
    store.close()
    folder = store.blobs.path(kept.picture_sha).parent
    old, fresh = folder / ".part-old", folder / ".part-fresh"
    for half in (old, fresh):
        half.write_bytes(b"half")
    os.utime(old, (1, 1))
    again = Store(tmp_path)
    assert not old.exists() and fresh.exists()
    assert again.picture(kept.picture_sha)
    again.close()
