"""A whole project taken out of one store and put into another."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from studio.gallery.ballots import BallotBox, ballot_boxes, write_ballot_box
from studio.gallery.comparisons import Comparison, comparison_record, write_comparison
from studio.gallery.needed import extension_of
from studio.gallery.projects import clean_name
from studio.gallery.records import (
    ComponentRevision,
    Project,
    ReferenceBoard,
    SketchRevision,
    Variant,
)
from studio.gallery.references import board_record, write_board
from studio.gallery.rows import added, columns, project_row, record, variant_records
from studio.gallery.shelf import Shelf
from studio.gallery.tables import (
    Base,
    BlobRow,
    ComponentRevisionRow,
    ProjectRow,
    SketchRevisionRow,
    VariantInputRow,
    VariantRow,
    new_id,
)
from studio.gallery.words import component_words


@dataclass(frozen=True)
class Parcel:
    """Everything of a project but the bytes of its pictures. All are oldest first.

    Attributes:
        variants: those in the trash too; a parent comes before what was made from it.
        references: None where it has never referred to anything.
        comparison: those in the trash too; None where nothing was ever compared.
        ballots: with their votes. Their links and voters stay behind, for a copy gets its own.
    """

    project: Project
    sketches: tuple[SketchRevision, ...]
    components: tuple[ComponentRevision, ...]
    variants: tuple[Variant, ...]
    references: ReferenceBoard | None = None
    comparison: Comparison | None = None
    ballots: tuple[BallotBox, ...] = ()

    def files(self) -> dict[str, str]:
        """Every file that belongs to it: SHA-256 -> the ending of its name."""
        drawn = [sha for s in self.sketches for sha in (s.ink_sha, s.photo_sha) if sha]
        used = [pair for variant in self.variants for pair in variant.inputs.items()]
        used += self.references.files if self.references else ()
        shown = [v.picture_sha for v in self.variants]
        # A picture that was voted on stays with its vote when it is deleted.
        shown += [entry.picture_sha for box in self.ballots for entry in box.entries]
        files = dict.fromkeys([*drawn, *shown], "png")
        return files | {sha: extension_of(role) for role, sha in used}


class Parcels(Shelf):
    """The projects of a store, whole."""

    def take_out(self, project_id: str) -> Parcel:
        """A copy of a project. Raises BadInput where there is none of this id."""
        with self._database.read() as session:
            project = record(Project, project_row(session, project_id))

            def all_of(table: type) -> Iterable:
                query = sa.select(table).where(table.project_id == project_id)  # type: ignore[attr-defined]
                return session.scalars(query.order_by(table.seq))  # type: ignore[attr-defined]

            return Parcel(
                project,
                tuple(record(SketchRevision, row) for row in all_of(SketchRevisionRow)),
                tuple(record(ComponentRevision, row) for row in all_of(ComponentRevisionRow)),
                variant_records(session, list(all_of(VariantRow))),
                board_record(session, project_id),
                comparison_record(session, project_id),
                ballot_boxes(session, project_id),
            )

    def put_in(self, parcel: Parcel, read: Callable[[str], bytes]) -> Project:
        """Keep a parcel as a new project with ids of its own: all of it or nothing.

        Args:
            read: gives the bytes of a file by its SHA-256.

        Raises:
            BadInput: a name that cannot be.
            StorageError: a file or the database could not be written.
        """
        clean_name(parcel.project.name)
        files = dict(sorted(parcel.files().items()))
        try:
            for sha, extension in files.items():
                if self.blobs.put(read(sha), extension) != sha:
                    raise ValueError(f"the file {sha} is not what its name says")
            for variant in parcel.variants:
                self.blobs.thumbnail(variant.picture_sha)
            with self._database.write() as session:
                for sha, extension in files.items():
                    self._keep(session, sha, extension, read)
                return record(Project, _enter(session, parcel))
        except BaseException:
            self._remove_unused(files)
            raise

    def _keep(
        self, session: Session, sha: str, extension: str, read: Callable[[str], bytes]
    ) -> None:
        """Enter a file under the write lock; it is there again if somebody removed it."""
        path = self.blobs.path(sha, extension)
        if not path.is_file():
            self.blobs.put(read(sha), extension)
        if session.get(BlobRow, sha) is None:
            size = path.stat().st_size
            row = BlobRow(sha=sha, extension=extension, bytes=size, created=time.time())
            added(session, row)


def _enter(session: Session, parcel: Parcel) -> ProjectRow:
    """The rows of a parcel, in the order in which they refer to each other."""
    kept = (*parcel.sketches, *parcel.components, *parcel.variants)
    fresh = {old.id: new_id() for old in kept}
    name, now = clean_name(parcel.project.name), time.time()
    values = columns(parcel.project, ProjectRow, id=new_id(), name=name, updated=now)
    project = added(session, ProjectRow(**values))

    def add(table: type[Base], old: Any, **more: Any) -> None:
        values = columns(old, table, id=fresh[old.id], project_id=project.id, **more)
        values.pop("seq", None)  # the database counts
        added(session, table(**values))  # one by one, so that the order stays

    for sketch in parcel.sketches:
        add(SketchRevisionRow, sketch)
    for revision in parcel.components:
        add(ComponentRevisionRow, revision)
    for variant in parcel.variants:
        add(
            VariantRow,
            variant,
            words=component_words(variant.request),
            job_id=None,
            job_index=None,
            parent_variant_id=fresh.get(variant.parent_variant_id or ""),
            sketch_rev_id=fresh.get(variant.sketch_rev_id or ""),
            component_rev_id=fresh.get(variant.component_rev_id or ""),
        )
        for role, sha in variant.inputs.items():
            session.add(VariantInputRow(variant_id=fresh[variant.id], role=role, sha=sha))
    if parcel.references:
        write_board(session, project.id, parcel.references)
    if parcel.comparison:
        write_comparison(session, project.id, parcel.comparison, fresh)
    for box in parcel.ballots:
        write_ballot_box(session, project.id, box, fresh)
    session.flush()
    return project
