"""An older database becomes today's without losing anything, and a copy of it stays."""

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio.gallery import Store
from studio.gallery.database import Database
from studio.gallery.migrations import MIGRATIONS
from tests.studio.gallery.made import png

PLACED = {
    "format": 1,
    "prompt": "a navy coat",
    "components": [{"kind": "button", "place": "centre front"}] * 5,
}


@pytest.fixture
def version_1(tmp_path: Path) -> Path:
    """A data folder as the first version left it: a project, a drawing, three pictures."""
    url = f"sqlite:///{tmp_path / 'toile.db'}"
    Database(url, tmp_path / "backups", MIGRATIONS[:1]).close()
    picture = png(1, 2, 3)
    store_like = tmp_path / "blobs"
    from studio.gallery.blobs import Blobs

    sha = Blobs(tmp_path).put(picture)
    assert store_like.is_dir()
    with contextlib.closing(sqlite3.connect(tmp_path / "toile.db")) as db, db:
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("INSERT INTO project VALUES (1, 'p', 'Old work', '{}', 1.0, 2.0)")
        db.execute("INSERT INTO blob VALUES (?, 'png', ?, 1.0)", (sha, len(picture)))
        db.execute("INSERT INTO sketch_rev VALUES (1, 's', 'p', '[]', ?, NULL, 1.0)", (sha,))
        for seq, (name, checks, request) in enumerate(
            [
                ("seen", '[{"passed": true}, {"passed": true}]', json.dumps(PLACED)),
                ("missed", '[{"passed": true}, {"passed": false}]', '{"prompt": "a red dress"}'),
                ("unseen", "[]", '{"prompt": "a red dress"}'),
            ],
            start=1,
        ):
            db.execute(
                "INSERT INTO variant (seq, id, project_id, parent_variant_id, sketch_rev_id, "
                "picture_sha, request, prompt, weights, seed, seconds, width, height, checks, "
                "starred, created) VALUES (?,?,'p',NULL,'s',?,?,?,'w',?,1.0,32,32,?,0,?)",
                (seq, name, sha, request, json.loads(request)["prompt"], seq, checks, float(seq)),
            )
        db.execute("INSERT INTO variant_input VALUES ('seen', 'sketch', ?)", (sha,))
    return tmp_path


def test_a_version_1_database_keeps_its_pictures_and_gains_their_words(version_1: Path):
    store = Store(version_1)
    found = {v.id: v for v in store.variants("p").variants}
    assert {i: v.passed for i, v in found.items()} == {
        "seen": True,
        "missed": False,
        "unseen": None,
    }
    assert [v.seq for v in found.values()] == [3, 2, 1]
    assert found["seen"].inputs == {"sketch": found["seen"].picture_sha}
    assert all(v.note == "" and v.job_id is None for v in found.values())
    assert store.picture(found["seen"].picture_sha) == png(1, 2, 3)
    assert [v.id for v in store.variants("p", search="coat").variants] == ["seen"]
    assert [v.id for v in store.variants("p", search="5 buttons centre").variants] == ["seen"]
    assert [v.id for v in store.variants("p", search="red").variants] == ["unseen", "missed"]
    store.note("missed", "for the lookbook")
    assert [v.id for v in store.variants("p", search="lookbook").variants] == ["missed"]
    store.close()


def test_the_copy_made_before_is_the_old_database(version_1: Path):
    Store(version_1).close()
    (copy,) = (version_1 / "backups").iterdir()
    assert copy.name.startswith("toile-v1-")
    with contextlib.closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT version FROM schema_version").fetchone() == (1,)
        assert db.execute("SELECT count(*) FROM variant").fetchone() == (3,)


def test_the_index_agrees_with_the_table_afterwards(version_1: Path):
    store = Store(version_1)
    store.trash("unseen")
    assert store.empty_trash("p") == 1
    with store._database.write() as session:  # raises where index and table differ
        check = "INSERT INTO variant_search (variant_search, rank) VALUES ('integrity-check', 1)"
        session.execute(sa.text(check))
    store.close()


def test_a_new_database_needs_no_copy(tmp_path: Path):
    Store(tmp_path).close()
    assert not (tmp_path / "backups").exists()
