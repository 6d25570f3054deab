"""From rows to plain records, and the look-ups that both sides need."""

import time
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, ClassVar, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from studio.errors import BadInput, Gone
from studio.gallery.records import Variant
from studio.gallery.tables import Base, ProjectRow, VariantInputRow, VariantRow


class Record(Protocol):
    """Any of the gallery's records: a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


R = TypeVar("R", bound=Record)
RowT = TypeVar("RowT", bound=Base)


def now_after_all(session: Session) -> float:
    """Seconds since 1970, and later than every project's last change: where the clock was set back,
    what was worked on last still comes first."""
    last = session.scalar(sa.select(sa.func.max(ProjectRow.updated))) or 0.0
    return max(time.time(), last + 0.001)


def one(session: Session, table: type[RowT], **by: Any) -> RowT | None:
    """The row of a table with these values, if there is one."""
    return session.scalars(sa.select(table).filter_by(**by)).one_or_none()


def added(session: Session, row: RowT) -> RowT:
    """A new row, entered, with what the database gives it."""
    session.add(row)
    session.flush()
    return row


def project_row(session: Session, project_id: str, trashed: bool = False) -> ProjectRow:
    """The row of a project.

    Args:
        trashed: whether one that is in the trash will do as well.

    Raises:
        BadInput: there is none.
    """
    row = one(session, ProjectRow, id=project_id)
    if row is None:
        raise BadInput("This project is no longer there: choose another one.")
    if row.deleted_at is not None and not trashed:
        raise BadInput(
            f"The project “{row.name}” is in the trash: take it back in Projects, or choose "
            "another one."
        )
    return row


def variant_row(session: Session, variant_id: str) -> VariantRow:
    row = one(session, VariantRow, id=variant_id)
    if row is None:
        raise Gone("This picture is no longer there: reload the page.")
    return row


def record(kind: type[R], row: Base, **more: Any) -> R:
    """A record whose fields are a row's columns of the same names, and what more is known."""
    names = [f.name for f in fields(kind) if f.name not in more]
    return kind(**{name: getattr(row, name) for name in names}, **more)


def columns(record: Record, table: type[Base], **more: Any) -> dict[str, Any]:
    """The fields of a record for which a table has a column, or what is to stand there instead."""
    known = table.__table__.columns
    return {f.name: getattr(record, f.name) for f in fields(record) if f.name in known} | more


def variant_records(session: Session, rows: Sequence[VariantRow]) -> tuple[Variant, ...]:
    """Several pictures at once, with few queries for all their inputs."""
    inputs: dict[str, dict[str, str]] = {row.id: {} for row in rows}
    ids = list(inputs)
    for start in range(0, len(ids), 500):  # databases limit the values of one query
        some = ids[start : start + 500]
        query = sa.select(VariantInputRow).where(VariantInputRow.variant_id.in_(some))
        for used in session.scalars(query):
            inputs[used.variant_id][used.role] = used.sha
    return tuple(record(Variant, row, inputs=inputs[row.id]) for row in rows)
