"""Which pictures of a project are being compared, and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from studio.errors import BadInput
from studio.gallery.database import Database
from studio.gallery.rows import project_row
from studio.gallery.tables import ComparisonRow, VariantRow

MOST_COMPARED = 12
"""Pictures side by side."""

MODES: tuple[str, ...] = ("slider", "flick", "grid")
"""Ways of looking at them; the first is the default."""


@dataclass(frozen=True)
class Comparison:
    """What is compared: variant ids in the chosen order, and the way of looking."""

    chosen: tuple[str, ...] = ()
    mode: str = MODES[0]


class Comparisons:
    """The comparison of each project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, project_id: str) -> Comparison:
        """A project's comparison, without the pictures that went to the trash meanwhile."""
        with self._database.read() as session:
            return comparison_record(session, project_id, trashed=False) or Comparison()

    def choose(self, project_id: str, variant_ids: Sequence[str]) -> Comparison:
        """Compare these pictures, in this order; one named twice counts once. With the third
        the way of looking becomes one that shows them all.

        Raises:
            BadInput: more than `MOST_COMPARED`, or one that the project does not have.
        """
        wanted = list(dict.fromkeys(variant_ids))
        if len(wanted) > MOST_COMPARED:
            raise BadInput(
                f"{MOST_COMPARED} pictures can be compared at a time: take one out first."
            )
        with self._database.write() as session:
            row = self._row(session, project_id)
            if len(_present(session, project_id, wanted)) < len(wanted):
                raise BadInput("A picture of this comparison is no longer there: choose again.")
            if len(wanted) > 2 >= len(row.chosen) and row.mode == MODES[0]:
                row.mode = MODES[-1]  # a slider shows two
            row.chosen = tuple(wanted)
            return Comparison(tuple(wanted), row.mode)

    def look(self, project_id: str, mode: str) -> None:
        """Keep the way of looking. Raises BadInput on one that there is not."""
        if mode not in MODES:
            raise BadInput(f"Pictures can be compared in these ways: {', '.join(MODES)}.")
        with self._database.write() as session:
            self._row(session, project_id).mode = mode

    def _row(self, session: Session, project_id: str) -> ComparisonRow:
        row = session.get(ComparisonRow, project_id)
        if row is None:
            project_row(session, project_id)
            row = ComparisonRow(project_id=project_id, chosen=(), mode=MODES[0])
            session.add(row)
        return row


def comparison_record(session: Session, project_id: str, trashed: bool = True) -> Comparison | None:
    """A project's comparison; None where it never compared.

    Args:
        trashed: whether the pictures in its trash are among them.
    """
    row = session.get(ComparisonRow, project_id)
    if row is None:
        return None
    return Comparison(_present(session, project_id, row.chosen, trashed), row.mode)


def write_comparison(
    session: Session, project_id: str, comparison: Comparison, variants: Mapping[str, str]
) -> None:
    """Enter the comparison that came with a project; `variants` gives its pictures' new ids."""
    chosen = tuple(variants[variant_id] for variant_id in comparison.chosen)
    session.add(ComparisonRow(project_id=project_id, chosen=chosen, mode=comparison.mode))


def _present(
    session: Session, project_id: str, wanted: Sequence[str], trashed: bool = False
) -> tuple[str, ...]:
    """Those of some variants that the project has, in the same order.

    Args:
        trashed: whether those in its trash are among them.
    """
    query = sa.select(VariantRow.id).filter_by(project_id=project_id)
    query = query if trashed else query.where(VariantRow.deleted_at.is_(None))
    found = set(session.scalars(query.where(VariantRow.id.in_(wanted))))
    return tuple(v for v in wanted if v in found)
