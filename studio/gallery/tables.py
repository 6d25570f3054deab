"""The gallery's tables as they are now; `migrations` holds how older ones become these.

A new column is written here, in the record of `records` that has it, and in `migrations`.
"""

import json
import time
import uuid
from typing import Any, ClassVar

from sqlalchemy import (
    DDL,
    BigInteger,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    TypeDecorator,
    event,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

COUNTING = {"sqlite_autoincrement": True}
"""Of a table whose running numbers never come again, not even the newest one's."""


def new_id() -> str:
    """A name that nothing else has."""
    return uuid.uuid4().hex


class JsonList(TypeDecorator[tuple[Any, ...]]):
    """A list of plain values, kept as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[Any, ...] | None, dialect: Dialect) -> str:
        """To the database."""
        return json.dumps(list(value or ()))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[Any, ...]:
        """From it."""
        return tuple(json.loads(value or "[]"))


class Base(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map: ClassVar = {str: Text, float: Float}


class _Numbered:
    """A table whose rows have a name, and an order: that in which they were entered."""

    # SQLite counts up by itself only in columns of type INTEGER.
    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True, default=new_id)
    created: Mapped[float] = mapped_column(default=time.time)


class _OfProject:
    """A table whose rows go with their project."""

    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))


class _OfOneProject:
    """A table whose rows are known by their project."""

    project_id: Mapped[str] = mapped_column(
        ForeignKey("project.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )


class _FromBoard:
    """A table whose rows name what stood on the board."""

    sketch_rev_id: Mapped[str | None] = mapped_column(
        ForeignKey("sketch_rev.id", ondelete="SET NULL")
    )
    component_rev_id: Mapped[str | None] = mapped_column(
        ForeignKey("component_rev.id", ondelete="SET NULL")
    )


class SchemaVersionRow(Base):
    """One row: the version of the tables."""

    __tablename__ = "schema_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]


class ProjectRow(_Numbered, Base):
    """A piece of work: its drawings, its pictures and the words being written.

    `draft_rev` counts the drafts, `draft_by` is the page that wrote the last one; `deleted_at` says
    since when it is in the trash.
    """

    __tablename__ = "project"
    __table_args__ = COUNTING

    name: Mapped[str] = mapped_column(String(120))
    draft: Mapped[str] = mapped_column(default="{}")
    updated: Mapped[float]
    draft_rev: Mapped[int] = mapped_column(default=0, server_default="0")
    draft_by: Mapped[str] = mapped_column(String(32), default="", server_default="")
    deleted_at: Mapped[float | None]


class BlobRow(Base):
    """A file on disk, named by its content. A row exists only where the file does."""

    __tablename__ = "blob"

    sha: Mapped[str] = mapped_column(String(64), primary_key=True)
    extension: Mapped[str] = mapped_column(String(8))
    bytes: Mapped[int] = mapped_column(BigInteger)
    created: Mapped[float]


class SketchRevisionRow(_Numbered, _OfProject, Base):
    """A drawing as it was at one moment; never changed afterwards."""

    __tablename__ = "sketch_rev"
    __table_args__ = (
        Index("ix_sketch_rev_project", "project_id", "seq"),
        Index("ix_sketch_rev_ink", "ink_sha"),
        Index("ix_sketch_rev_photo", "photo_sha"),
        COUNTING,
    )

    strokes: Mapped[str]
    ink_sha: Mapped[str | None] = mapped_column(ForeignKey("blob.sha"))
    photo_sha: Mapped[str | None] = mapped_column(ForeignKey("blob.sha"))


class ComponentRevisionRow(_Numbered, _OfProject, Base):
    """The page's components as they were at one moment; never changed afterwards."""

    __tablename__ = "component_rev"
    __table_args__ = (Index("ix_component_rev_project", "project_id", "seq"), COUNTING)

    document: Mapped[str]


class StepsRow(_OfOneProject, Base):
    """How to go back from what stands on the page: a JSON list that only the page understands."""

    __tablename__ = "steps"

    document: Mapped[str]


class WordingRow(_Numbered, _OfProject, Base):
    """Words that were written in a project, `page` wrote them last, at `changed`."""

    __tablename__ = "wording"
    __table_args__ = (Index("ix_wording_project", "project_id", "seq"), COUNTING)

    prompt: Mapped[str]
    page: Mapped[str] = mapped_column(String(32))
    changed: Mapped[float]


class JobRow(_Numbered, _OfProject, _FromBoard, Base):
    """Pictures that are to be made: one or more requests, one after another.

    `parent_variant_id` is no foreign key, since `variant` refers to jobs already. `seq` is the
    order of entering; `stop` asks the process that runs it to end it.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_project", "project_id", "state", "seq"),
        Index("ix_job_state", "state", "seq"),
        Index("ix_job_started", "project_id", "started"),
        COUNTING,
    )

    kind: Mapped[str] = mapped_column(String(32))
    requests: Mapped[tuple[Any, ...]] = mapped_column(JsonList)
    parent_variant_id: Mapped[str | None] = mapped_column(String(32))
    until_passed: Mapped[bool]
    state: Mapped[str] = mapped_column(String(16))
    phase: Mapped[str] = mapped_column(String(16))
    batch: Mapped[int]
    step: Mapped[int]
    steps: Mapped[int]
    eta_seconds: Mapped[float | None]
    message: Mapped[str]
    version: Mapped[int]
    stop: Mapped[bool]
    owner: Mapped[str | None] = mapped_column(String(160))
    beat: Mapped[float | None]
    started: Mapped[float | None]
    ended: Mapped[float | None]


class JobInputRow(Base):
    """A picture that a job will need; it stays on disk until the job has ended."""

    __tablename__ = "job_input"
    __table_args__ = (Index("ix_job_input_sha", "sha"),)

    job_id: Mapped[str] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    sha: Mapped[str] = mapped_column(ForeignKey("blob.sha"), primary_key=True)


def _partial(name: str, where: str) -> Index:
    """An index of a project's pictures, of some of them."""
    some = text(where)
    return Index(name, "project_id", "seq", sqlite_where=some, postgresql_where=some)


class VariantRow(_Numbered, _OfProject, _FromBoard, Base):
    """One finished picture with everything that made it.

    `words` says the placed components ("5 buttons: ..."), for the search. `passed` is None where
    nobody has looked at the picture. `job_index` is the picture's place among those of its job.
    On SQLite a full-text index, `variant_search`, follows prompt, note and words by triggers.
    """

    __tablename__ = "variant"
    __table_args__ = (
        Index("ix_variant_project", "project_id", "seq"),
        _partial("ix_variant_shown", "deleted_at IS NULL"),
        _partial("ix_variant_trash", "deleted_at IS NOT NULL"),
        Index("ix_variant_starred", "project_id", "starred", "seq"),
        Index("ix_variant_passed", "project_id", "passed", "seq"),
        Index("ix_variant_seed", "project_id", "seed", "seq"),
        Index("ix_variant_created", "project_id", "created"),
        Index("ix_variant_parent", "parent_variant_id"),
        Index("ix_variant_sketch", "sketch_rev_id"),
        Index("ix_variant_components", "component_rev_id"),
        Index("ix_variant_picture", "picture_sha"),
        Index("ix_variant_job", "job_id", "job_index", unique=True),
        COUNTING,
    )

    parent_variant_id: Mapped[str | None] = mapped_column(
        ForeignKey("variant.id", ondelete="SET NULL")
    )
    job_id: Mapped[str | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))
    job_index: Mapped[int | None]
    picture_sha: Mapped[str] = mapped_column(ForeignKey("blob.sha"))
    request: Mapped[str]
    prompt: Mapped[str]
    weights: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float]
    width: Mapped[int]
    height: Mapped[int]
    checks: Mapped[tuple[Any, ...]] = mapped_column(JsonList)
    passed: Mapped[bool | None]
    note: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    starred: Mapped[bool] = mapped_column(default=False)
    deleted_at: Mapped[float | None]


_FORGET = (
    "INSERT INTO variant_search (variant_search, rowid, project_id, prompt, note, words) "
    "VALUES ('delete', old.seq, old.project_id, old.prompt, old.note, old.words);"
)
_LEARN = (
    "INSERT INTO variant_search (rowid, project_id, prompt, note, words) "
    "VALUES (new.seq, new.project_id, new.prompt, new.note, new.words);"
)
# The index keeps no text of its own: it reads the columns of `variant`, which the triggers tell
# it about. The stemmer lets “button” find “buttons”, the prefix index lets “butt” find both.
for _statement in (
    "CREATE VIRTUAL TABLE variant_search USING fts5("
    "project_id, prompt, note, words, content='variant', content_rowid='seq', "
    "tokenize='porter unicode61 remove_diacritics 2', prefix='2 3 4')",
    f"CREATE TRIGGER variant_search_added AFTER INSERT ON variant BEGIN {_LEARN} END",
    f"CREATE TRIGGER variant_search_removed AFTER DELETE ON variant BEGIN {_FORGET} END",
    "CREATE TRIGGER variant_search_changed "
    "AFTER UPDATE OF seq, project_id, prompt, note, words ON variant "
    f"BEGIN {_FORGET} {_LEARN} END",
):
    event.listen(VariantRow.__table__, "after_create", DDL(_statement).execute_if(dialect="sqlite"))


class VariantInputRow(Base):
    """A picture that went into a variant: its sketch, the picture it varies, a mask."""

    __tablename__ = "variant_input"
    __table_args__ = (Index("ix_variant_input_sha", "sha"),)

    variant_id: Mapped[str] = mapped_column(
        ForeignKey("variant.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    sha: Mapped[str] = mapped_column(ForeignKey("blob.sha"))


class ReferenceBoardRow(_OfOneProject, Base):
    """What a project refers to: the JSON of its garment, person, pose, face and styles."""

    __tablename__ = "reference_board"

    document: Mapped[str]


class ReferenceFileRow(_OfOneProject, Base):
    """A file that a project refers to (`active`), or has referred to lately, `used` then."""

    __tablename__ = "reference_file"
    __table_args__ = (Index("ix_reference_file_sha", "sha"),)

    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    sha: Mapped[str] = mapped_column(ForeignKey("blob.sha"), primary_key=True)
    active: Mapped[bool]
    used: Mapped[float]


class ComparisonRow(_OfOneProject, Base):
    """What is being compared in a project: a JSON list of variant ids, and the way of looking."""

    __tablename__ = "comparison"

    chosen: Mapped[tuple[Any, ...]] = mapped_column(JsonList)
    mode: Mapped[str] = mapped_column(String(16))


class BallotRow(_Numbered, _OfProject, Base):
    """A question about some pictures, open to voters who know the token."""

    __tablename__ = "ballot"
    __table_args__ = (Index("ix_ballot_project", "project_id", "seq"), COUNTING)

    token: Mapped[str] = mapped_column(String(64), unique=True)
    question: Mapped[str]
    closed_at: Mapped[float | None]


class BallotEntryRow(Base):
    """A picture on a ballot: its file stays with the ballot when its variant is deleted."""

    __tablename__ = "ballot_entry"
    __table_args__ = (
        Index("ix_ballot_entry_picture", "picture_sha"),
        Index("ix_ballot_entry_variant", "variant_id"),
        COUNTING,
    )

    ballot_id: Mapped[str] = mapped_column(
        ForeignKey("ballot.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    variant_id: Mapped[str | None] = mapped_column(ForeignKey("variant.id", ondelete="SET NULL"))
    seed: Mapped[int] = mapped_column(BigInteger)
    picture_sha: Mapped[str] = mapped_column(ForeignKey("blob.sha"))


class VoteRow(Base):
    """One voter's choice on one ballot; the voter is a hash."""

    __tablename__ = "vote"

    ballot_id: Mapped[str] = mapped_column(
        ForeignKey("ballot.id", ondelete="CASCADE"), primary_key=True
    )
    voter: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(80), default="")
    created: Mapped[float]
    changed: Mapped[float]
