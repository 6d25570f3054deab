"""Jobs, revisions of the components, notes, verdicts, and a full-text index.

The tables are written out here: a migration is history and must not change when the present does.
"""

import json
from collections import Counter

import sqlalchemy as sa

NUMBER = 2

_COLUMNS = (
    "component_rev_id VARCHAR(32) REFERENCES component_rev(id) ON DELETE SET NULL",
    "job_id VARCHAR(32) REFERENCES job(id) ON DELETE SET NULL",
    "job_index INTEGER",
    "passed BOOLEAN",
    "note TEXT NOT NULL DEFAULT ''",
    "words TEXT NOT NULL DEFAULT ''",
)

_INDICES = (
    "ix_variant_shown ON variant (project_id, seq) WHERE deleted_at IS NULL",
    "ix_variant_trash ON variant (project_id, seq) WHERE deleted_at IS NOT NULL",
    "ix_variant_starred ON variant (project_id, starred, seq)",
    "ix_variant_passed ON variant (project_id, passed, seq)",
    "ix_variant_seed ON variant (project_id, seed, seq)",
    "ix_variant_created ON variant (project_id, created)",
    "ix_variant_parent ON variant (parent_variant_id)",
    "ix_variant_sketch ON variant (sketch_rev_id)",
    "ix_variant_components ON variant (component_rev_id)",
    "ix_variant_picture ON variant (picture_sha)",
    "ix_variant_input_sha ON variant_input (sha)",
    "ix_sketch_rev_ink ON sketch_rev (ink_sha)",
    "ix_sketch_rev_photo ON sketch_rev (photo_sha)",
)

# The index keeps no text of its own: it reads the columns of `variant`, which the triggers tell
# it about. The stemmer lets “button” find “buttons”, the prefix index lets “butt” find both.
_SEARCH = (
    "CREATE VIRTUAL TABLE variant_search USING fts5("
    "project_id, prompt, note, words, content='variant', content_rowid='seq', "
    "tokenize='porter unicode61 remove_diacritics 2', prefix='2 3 4')",
    "CREATE TRIGGER variant_search_added AFTER INSERT ON variant BEGIN "
    "INSERT INTO variant_search (rowid, project_id, prompt, note, words) "
    "VALUES (new.seq, new.project_id, new.prompt, new.note, new.words); END",
    "CREATE TRIGGER variant_search_removed AFTER DELETE ON variant BEGIN "
    "INSERT INTO variant_search (variant_search, rowid, project_id, prompt, note, words) "
    "VALUES ('delete', old.seq, old.project_id, old.prompt, old.note, old.words); END",
    "CREATE TRIGGER variant_search_changed "
    "AFTER UPDATE OF seq, project_id, prompt, note, words ON variant BEGIN "
    "INSERT INTO variant_search (variant_search, rowid, project_id, prompt, note, words) "
    "VALUES ('delete', old.seq, old.project_id, old.prompt, old.note, old.words); "
    "INSERT INTO variant_search (rowid, project_id, prompt, note, words) "
    "VALUES (new.seq, new.project_id, new.prompt, new.note, new.words); END",
    "INSERT INTO variant_search (variant_search) VALUES ('rebuild')",
)


def upgrade(connection: sa.Connection) -> None:
    """Add what is new, say the verdicts on old pictures, and index their words."""
    _create_tables(connection)
    for column in _COLUMNS:
        connection.exec_driver_sql(f"ALTER TABLE variant ADD COLUMN {column}")
    for index in _INDICES:
        connection.exec_driver_sql(f"CREATE INDEX {index}")
    connection.exec_driver_sql("CREATE UNIQUE INDEX ix_variant_job ON variant (job_id, job_index)")
    _fill(connection)
    if connection.dialect.name == "sqlite":
        for statement in _SEARCH:
            connection.exec_driver_sql(statement)


def _create_tables(connection: sa.Connection) -> None:
    meta = sa.MetaData()
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    for known in ("project", "sketch_rev"):
        sa.Table(known, meta, sa.Column("id", sa.String(32), primary_key=True))
    sa.Table("blob", meta, sa.Column("sha", sa.String(64), primary_key=True))
    revisions = sa.Table(
        "component_rev",
        meta,
        sa.Column("seq", number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column(
            "project_id",
            sa.String(32),
            sa.ForeignKey("project.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Index("ix_component_rev_project", "project_id", "seq"),
        sqlite_autoincrement=True,
    )
    jobs = sa.Table(
        "job",
        meta,
        sa.Column("seq", number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column(
            "project_id",
            sa.String(32),
            sa.ForeignKey("project.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("requests", sa.Text, nullable=False),
        sa.Column("parent_variant_id", sa.String(32)),
        sa.Column(
            "sketch_rev_id", sa.String(32), sa.ForeignKey("sketch_rev.id", ondelete="SET NULL")
        ),
        sa.Column(
            "component_rev_id",
            sa.String(32),
            sa.ForeignKey("component_rev.id", ondelete="SET NULL"),
        ),
        sa.Column("until_passed", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("batch", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("eta_seconds", sa.Float),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("stop", sa.Boolean, nullable=False),
        sa.Column("owner", sa.String(160)),
        sa.Column("beat", sa.Float),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("started", sa.Float),
        sa.Column("ended", sa.Float),
        sa.Index("ix_job_project", "project_id", "state", "seq"),
        sa.Index("ix_job_state", "state", "seq"),
        sa.Index("ix_job_started", "project_id", "started"),
        sqlite_autoincrement=True,
    )
    inputs = sa.Table(
        "job_input",
        meta,
        sa.Column(
            "job_id", sa.String(32), sa.ForeignKey("job.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("sha", sa.String(64), sa.ForeignKey("blob.sha"), primary_key=True),
        sa.Index("ix_job_input_sha", "sha"),
    )
    meta.create_all(connection, tables=[revisions, jobs, inputs], checkfirst=False)


def _fill(connection: sa.Connection) -> None:
    """What older pictures would have had: a verdict from their checks, words of components."""
    rows = connection.execute(sa.text("SELECT seq, request, checks FROM variant")).all()
    told = [
        {"seq": seq, "passed": _verdict(checks), "words": _words(request)}
        for seq, request, checks in rows
    ]
    if told:
        connection.execute(
            sa.text("UPDATE variant SET passed = :passed, words = :words WHERE seq = :seq"), told
        )


def _verdict(checks: str) -> bool | None:
    entries = json.loads(checks)
    return all(entry.get("passed", True) for entry in entries) if entries else None


def _words(request: str) -> str:
    placed = Counter(
        (str(c.get("kind")), str(c.get("place")))
        for c in json.loads(request).get("components") or ()
    )
    return ", ".join(f"{count} {kind} {place}" for (kind, place), count in placed.items())
