"""Projects, drawings, pictures and their files.

The tables are written out here, not taken from `tables.py`: a migration is history and must
not change when the present does.
"""

import sqlalchemy as sa

NUMBER = 1


def upgrade(connection: sa.Connection) -> None:
    """Create the first tables."""
    meta = sa.MetaData()
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    sa.Table(
        "project",
        meta,
        sa.Column("seq", number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("draft", sa.Text, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("updated", sa.Float, nullable=False),
        sqlite_autoincrement=True,
    )
    sa.Table(
        "blob",
        meta,
        sa.Column("sha", sa.String(64), primary_key=True),
        sa.Column("extension", sa.String(8), nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
    )
    sa.Table(
        "sketch_rev",
        meta,
        sa.Column("seq", number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column(
            "project_id",
            sa.String(32),
            sa.ForeignKey("project.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("strokes", sa.Text, nullable=False),
        sa.Column("ink_sha", sa.String(64), sa.ForeignKey("blob.sha")),
        sa.Column("photo_sha", sa.String(64), sa.ForeignKey("blob.sha")),
        sa.Column("created", sa.Float, nullable=False),
        sa.Index("ix_sketch_rev_project", "project_id", "seq"),
        sqlite_autoincrement=True,
    )
    sa.Table(
        "variant",
        meta,
        sa.Column("seq", number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column(
            "project_id",
            sa.String(32),
            sa.ForeignKey("project.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column(
            "parent_variant_id", sa.String(32), sa.ForeignKey("variant.id", ondelete="SET NULL")
        ),
        sa.Column(
            "sketch_rev_id", sa.String(32), sa.ForeignKey("sketch_rev.id", ondelete="SET NULL")
        ),
        sa.Column("picture_sha", sa.String(64), sa.ForeignKey("blob.sha"), nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("weights", sa.String(64), nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("checks", sa.Text, nullable=False),
        sa.Column("starred", sa.Boolean, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("deleted_at", sa.Float),
        sa.Index("ix_variant_project", "project_id", "seq"),
        sqlite_autoincrement=True,
    )
    sa.Table(
        "variant_input",
        meta,
        sa.Column(
            "variant_id",
            sa.String(32),
            sa.ForeignKey("variant.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("role", sa.String(32), primary_key=True),
        sa.Column("sha", sa.String(64), sa.ForeignKey("blob.sha"), nullable=False),
    )
    meta.create_all(connection, checkfirst=False)
