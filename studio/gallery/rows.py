"""From rows to plain records, and the look-ups that both sides need."""

import json
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from studio.errors import BadInput
from studio.gallery.records import ComponentRevision, Project, SketchRevision, Variant
from studio.gallery.tables import (
    ComponentRevisionRow,
    ProjectRow,
    SketchRevisionRow,
    VariantInputRow,
    VariantRow,
)


def project_row(session: Session, project_id: str) -> ProjectRow:
    row = session.scalars(sa.select(ProjectRow).where(ProjectRow.id == project_id)).one_or_none()
    if row is None:
        raise BadInput("This project is no longer there: choose another one.")
    return row


def variant_row(session: Session, variant_id: str) -> VariantRow:
    row = session.scalars(sa.select(VariantRow).where(VariantRow.id == variant_id)).one_or_none()
    if row is None:
        raise BadInput("This picture is no longer there: reload the page.")
    return row


def inputs_of(session: Session, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(ids), 500):  # databases limit the values of one query
        some = ids[start : start + 500]
        query = sa.select(VariantInputRow).where(VariantInputRow.variant_id.in_(some))
        for row in session.scalars(query):
            found.setdefault(row.variant_id, {})[row.role] = row.sha
    return found


def project_record(row: ProjectRow) -> Project:
    return Project(row.id, row.name, row.draft, row.created, row.updated)


def sketch_record(row: SketchRevisionRow) -> SketchRevision:
    return SketchRevision(
        row.id, row.project_id, row.strokes, row.ink_sha, row.photo_sha, row.created
    )


def components_record(row: ComponentRevisionRow) -> ComponentRevision:
    return ComponentRevision(row.id, row.project_id, row.document, row.created)


def variant_records(session: Session, rows: Sequence[VariantRow]) -> tuple[Variant, ...]:
    """Several rows at once, with few queries for all their inputs."""
    inputs = inputs_of(session, [row.id for row in rows])
    return tuple(variant_record(row, inputs.get(row.id, {})) for row in rows)


def variant_record(row: VariantRow, inputs: Mapping[str, str]) -> Variant:
    return Variant(
        seq=row.seq,
        id=row.id,
        project_id=row.project_id,
        parent_variant_id=row.parent_variant_id,
        sketch_rev_id=row.sketch_rev_id,
        picture_sha=row.picture_sha,
        request=row.request,
        prompt=row.prompt,
        weights=row.weights,
        seed=row.seed,
        seconds=row.seconds,
        width=row.width,
        height=row.height,
        checks=tuple(json.loads(row.checks)),
        starred=row.starred,
        created=row.created,
        deleted_at=row.deleted_at,
        inputs=dict(inputs),
        note=row.note,
        component_rev_id=row.component_rev_id,
        job_id=row.job_id,
        job_index=row.job_index,
        passed=row.passed,
    )
