"""What is being compared in a project, and blind votes on pictures.

A ballot's pictures are named by their files, not only by their variants: the result can still be
shown when a variant has been deleted for good.
"""

import sqlalchemy as sa

NUMBER = 3


def upgrade(connection: sa.Connection) -> None:
    """Add the tables of the Compare room."""
    meta = sa.MetaData()
    meta.reflect(connection, only=["project", "variant", "blob"])
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    added = [
        sa.Table(
            "comparison",
            meta,
            sa.Column(
                "project_id",
                sa.String(32),
                sa.ForeignKey("project.id", ondelete="CASCADE"),
                primary_key=True,
            ),
            sa.Column("chosen", sa.Text, nullable=False),
            sa.Column("mode", sa.String(16), nullable=False),
        ),
        sa.Table(
            "ballot",
            meta,
            sa.Column("seq", number, primary_key=True, autoincrement=True),
            sa.Column("id", sa.String(32), nullable=False, unique=True),
            sa.Column(
                "project_id",
                sa.String(32),
                sa.ForeignKey("project.id", ondelete="CASCADE"),
                nullable=False,
            ),
            sa.Column("token", sa.String(64), nullable=False, unique=True),
            sa.Column("question", sa.Text, nullable=False),
            sa.Column("created", sa.Float, nullable=False),
            sa.Column("closed_at", sa.Float),
            sa.Index("ix_ballot_project", "project_id", "seq"),
            sqlite_autoincrement=True,
        ),
        sa.Table(
            "ballot_entry",
            meta,
            sa.Column(
                "ballot_id",
                sa.String(32),
                sa.ForeignKey("ballot.id", ondelete="CASCADE"),
                primary_key=True,
            ),
            sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column(
                "variant_id", sa.String(32), sa.ForeignKey("variant.id", ondelete="SET NULL")
            ),
            sa.Column("seed", sa.BigInteger, nullable=False),
            sa.Column("picture_sha", sa.String(64), sa.ForeignKey("blob.sha"), nullable=False),
            sa.Index("ix_ballot_entry_picture", "picture_sha"),
            sa.Index("ix_ballot_entry_variant", "variant_id"),
        ),
        sa.Table(
            "vote",
            meta,
            sa.Column(
                "ballot_id",
                sa.String(32),
                sa.ForeignKey("ballot.id", ondelete="CASCADE"),
                primary_key=True,
            ),
            sa.Column("voter", sa.String(64), primary_key=True),
            sa.Column("position", sa.Integer, nullable=False),
            sa.Column("name", sa.String(80), nullable=False),
            sa.Column("created", sa.Float, nullable=False),
            sa.Column("changed", sa.Float, nullable=False),
        ),
    ]
    meta.create_all(connection, tables=added, checkfirst=False)
