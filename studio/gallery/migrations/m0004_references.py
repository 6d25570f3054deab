"""The references of a project: a garment's photo, a person, a pose, a face, styles.

Every file that they name, and those that were used before, stand in rows of their own, so that the
clean-up knows of them.
"""

import sqlalchemy as sa

NUMBER = 4


def upgrade(connection: sa.Connection) -> None:
    """Add the tables of the References panel."""
    meta = sa.MetaData()
    meta.reflect(connection, only=["project", "blob"])
    added = [
        sa.Table(
            "reference_board",
            meta,
            sa.Column(
                "project_id",
                sa.String(32),
                sa.ForeignKey("project.id", ondelete="CASCADE"),
                primary_key=True,
            ),
            sa.Column("document", sa.Text, nullable=False),
        ),
        sa.Table(
            "reference_file",
            meta,
            sa.Column(
                "project_id",
                sa.String(32),
                sa.ForeignKey("project.id", ondelete="CASCADE"),
                primary_key=True,
            ),
            sa.Column("role", sa.String(32), primary_key=True),
            sa.Column("sha", sa.String(64), sa.ForeignKey("blob.sha"), primary_key=True),
            sa.Column("active", sa.Boolean, nullable=False),
            sa.Column("used", sa.Float, nullable=False),
            sa.Index("ix_reference_file_sha", "sha"),
        ),
    ]
    meta.create_all(connection, tables=added, checkfirst=False)
