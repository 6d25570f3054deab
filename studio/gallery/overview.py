"""All projects at a glance."""

from dataclasses import dataclass

import sqlalchemy as sa

from studio.gallery.records import Project
from studio.gallery.rows import record
from studio.gallery.shelf import Shelf
from studio.gallery.tables import ProjectRow, VariantRow


@dataclass(frozen=True)
class Glance:
    """A project in a list.

    Attributes:
        pictures: how many it has outside the trash.
        cover: the id of its newest starred picture, else of its newest one; None without any.
    """

    project: Project
    pictures: int
    cover: str | None


class Overview(Shelf):
    """The projects of a store as a list with covers."""

    def glances(self, limit: int = 500) -> tuple[Glance, ...]:
        """Projects outside the trash, the one worked on last first."""
        kept = VariantRow.deleted_at.is_(None)
        counts = (
            sa.select(
                VariantRow.project_id.label("project"),
                sa.func.count().label("pictures"),
                sa.func.max(VariantRow.seq).label("newest"),
                sa.func.max(sa.case((VariantRow.starred, VariantRow.seq))).label("starred"),
            )
            .where(kept)
            .group_by(VariantRow.project_id)
            .subquery()
        )
        query = (
            sa.select(ProjectRow, counts.c.pictures, VariantRow.id)
            .outerjoin(counts, counts.c.project == ProjectRow.id)
            .outerjoin(
                VariantRow, VariantRow.seq == sa.func.coalesce(counts.c.starred, counts.c.newest)
            )
            .where(ProjectRow.deleted_at.is_(None))
            .order_by(ProjectRow.updated.desc(), ProjectRow.seq.desc())
            .limit(limit)
        )
        with self._database.read() as session:
            return tuple(
                Glance(record(Project, row), pictures or 0, cover)
                for row, pictures, cover in session.execute(query)
            )
