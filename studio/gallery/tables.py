"""The gallery's tables as they are now; `migrations/` holds how they came to be."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

RowNumber = BigInteger().with_variant(Integer, "sqlite")
"""A running number; SQLite counts up by itself only in columns of type INTEGER."""


class Base(DeclarativeBase):
    """Base of all tables."""


class SchemaVersionRow(Base):
    """One row: the number of the last migration that was applied."""

    __tablename__ = "schema_version"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer)


class ProjectRow(Base):
    """A piece of work: its drawings, its pictures and the words being written."""

    __tablename__ = "project"

    seq: Mapped[int] = mapped_column(RowNumber, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    draft: Mapped[str] = mapped_column(Text, default="{}")
    created: Mapped[float] = mapped_column(Float)
    updated: Mapped[float] = mapped_column(Float)


class BlobRow(Base):
    """A file on disk, named by its content. A row exists only where the file does."""

    __tablename__ = "blob"

    sha: Mapped[str] = mapped_column(String(64), primary_key=True)
    extension: Mapped[str] = mapped_column(String(8))
    bytes: Mapped[int] = mapped_column(BigInteger)
    created: Mapped[float] = mapped_column(Float)


class SketchRevisionRow(Base):
    """A drawing as it was at one moment; never changed afterwards."""

    __tablename__ = "sketch_rev"
    __table_args__ = (Index("ix_sketch_rev_project", "project_id", "seq"),)

    seq: Mapped[int] = mapped_column(RowNumber, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    strokes: Mapped[str] = mapped_column(Text)
    ink_sha: Mapped[str | None] = mapped_column(ForeignKey("blob.sha"))
    photo_sha: Mapped[str | None] = mapped_column(ForeignKey("blob.sha"))
    created: Mapped[float] = mapped_column(Float)


class VariantRow(Base):
    """One finished picture with everything that made it."""

    __tablename__ = "variant"
    __table_args__ = (Index("ix_variant_project", "project_id", "seq"),)

    seq: Mapped[int] = mapped_column(RowNumber, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    parent_variant_id: Mapped[str | None] = mapped_column(
        ForeignKey("variant.id", ondelete="SET NULL")
    )
    sketch_rev_id: Mapped[str | None] = mapped_column(
        ForeignKey("sketch_rev.id", ondelete="SET NULL")
    )
    picture_sha: Mapped[str] = mapped_column(ForeignKey("blob.sha"))
    request: Mapped[str] = mapped_column(Text)
    prompt: Mapped[str] = mapped_column(Text)
    weights: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float] = mapped_column(Float)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    checks: Mapped[str] = mapped_column(Text, default="[]")
    starred: Mapped[bool] = mapped_column(Boolean, default=False)
    created: Mapped[float] = mapped_column(Float)
    deleted_at: Mapped[float | None] = mapped_column(Float)


class VariantInputRow(Base):
    """A picture that went into a variant: its sketch, the picture it varies, a mask."""

    __tablename__ = "variant_input"

    variant_id: Mapped[str] = mapped_column(
        ForeignKey("variant.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    sha: Mapped[str] = mapped_column(ForeignKey("blob.sha"))
