"""From rows to plain records, and the look-ups that both sides need."""

import json
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from studio.errors import BadInput
from studio.gallery.records import Project, SketchRevision, Variant
from studio.gallery.tables import ProjectRow, SketchRevisionRow, VariantInputRow, VariantRow


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
    query = sa.select(VariantInputRow).where(VariantInputRow.variant_id.in_(ids))
    for row in session.scalars(query):
        found.setdefault(row.variant_id, {})[row.role] = row.sha
    return found


def project_record(row: ProjectRow) -> Project:
    return Project(row.id, row.name, row.draft, row.created, row.updated)


def sketch_record(row: SketchRevisionRow) -> SketchRevision:
    return SketchRevision(
        row.id, row.project_id, row.strokes, row.ink_sha, row.photo_sha, row.created
    )


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
    )
