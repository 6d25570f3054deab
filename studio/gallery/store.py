"""The gallery: projects, drawings and pictures, kept safely.

A picture is on disk before the database knows of it, and a row never goes without its file.
"""

import json
import shutil
import time
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from studio.errors import BadInput, StorageError
from studio.gallery.blobs import Blobs, storage_sentence
from studio.gallery.database import BUSY_SECONDS, Database
from studio.gallery.records import NewVariant, Page, Project, SketchRevision, Variant
from studio.gallery.rows import (
    inputs_of,
    project_record,
    project_row,
    sketch_record,
    variant_record,
    variant_row,
)
from studio.gallery.tables import (
    BlobRow,
    ProjectRow,
    SketchRevisionRow,
    VariantInputRow,
    VariantRow,
)

NAME_LENGTH = 80
"""Longest project name, in characters."""

KEPT_REVISIONS = 64
"""Drawings kept per project beside those that a picture was made from."""

_ROOM = 32 * 1024 * 1024
"""Free bytes below which no picture is begun: one batch with thumbnails fits well in it."""


class Store:
    """All that is kept, in one data folder.

    Args:
        data_dir: made if missing.
        url: SQLAlchemy URL of the database; by default an SQLite file in `data_dir`.
        busy_seconds: how long to wait for another process that holds the database.

    Raises:
        StorageError: the folder or the database cannot be used; the text says what to do.
    """

    def __init__(
        self, data_dir: Path, url: str | None = None, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        self.data_dir = data_dir.expanduser().resolve()
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(storage_sentence(error, self.data_dir)) from error
        self.blobs = Blobs(self.data_dir)
        self._database = Database(
            url or f"sqlite:///{self.data_dir / 'toile.db'}",
            self.data_dir / "backups",
            busy_seconds=busy_seconds,
        )

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def require_room(self) -> None:
        """Raises StorageError where the disk is so full that a picture could not be kept."""
        if shutil.disk_usage(self.data_dir).free < _ROOM:
            raise StorageError(
                f"The disk of “{self.data_dir}” is nearly full: free some space, then try again."
            )

    # Projects

    def create_project(self, name: str) -> Project:
        """A new, empty project. Raises BadInput on an empty name."""
        now = time.time()
        row = ProjectRow(
            id=uuid.uuid4().hex, name=clean_name(name), draft="{}", created=now, updated=now
        )
        with self._database.write() as session:
            session.add(row)
            session.flush()
            return project_record(row)

    def first_project(self) -> Project:
        """The project worked on last; on an empty database one is made."""
        with self._database.write() as session:
            row = session.scalars(
                sa.select(ProjectRow).order_by(ProjectRow.updated.desc()).limit(1)
            ).first()
            if row is None:
                now = time.time()
                row = ProjectRow(
                    id=uuid.uuid4().hex,
                    name="First project",
                    draft="{}",
                    created=now,
                    updated=now,
                )
                session.add(row)
                session.flush()
            return project_record(row)

    def projects(self, limit: int = 500) -> tuple[Project, ...]:
        """Projects, the one worked on last first."""
        query = sa.select(ProjectRow).order_by(ProjectRow.updated.desc(), ProjectRow.seq.desc())
        with self._database.read() as session:
            return tuple(project_record(row) for row in session.scalars(query.limit(limit)))

    def project(self, project_id: str) -> Project:
        """One project. Raises BadInput where there is none of this id."""
        with self._database.read() as session:
            return project_record(project_row(session, project_id))

    def rename_project(self, project_id: str, name: str) -> Project:
        """Give a project another name. Raises BadInput on an empty name."""
        cleaned = clean_name(name)
        with self._database.write() as session:
            row = project_row(session, project_id)
            row.name = cleaned
            return project_record(row)

    def save_draft(self, project_id: str, draft: str) -> None:
        """Keep what is being written on the page (JSON text)."""
        with self._database.write() as session:
            row = project_row(session, project_id)
            if row.draft != draft:
                row.draft = draft
                row.updated = time.time()

    # Drawings

    def save_sketch(
        self,
        project_id: str,
        strokes: str,
        ink_png: bytes | None,
        photo_png: bytes | None = None,
    ) -> SketchRevision:
        """Keep a drawing as a new revision; one equal to the last is not stored twice.

        Older revisions beyond `KEPT_REVISIONS` go, except those a picture was made from.
        """
        ink = self.blobs.put(ink_png) if ink_png else None
        photo = self.blobs.put(photo_png) if photo_png else None
        with self._database.write() as session:
            project = project_row(session, project_id)
            for sha, data in ((ink, ink_png), (photo, photo_png)):
                if sha and data:
                    self._add_blob(session, sha, data)
            last = self._last_sketch(session, project_id)
            if last and (last.strokes, last.ink_sha, last.photo_sha) == (strokes, ink, photo):
                return sketch_record(last)
            now = time.time()
            row = SketchRevisionRow(
                id=uuid.uuid4().hex,
                project_id=project_id,
                strokes=strokes,
                ink_sha=ink,
                photo_sha=photo,
                created=now,
            )
            session.add(row)
            project.updated = now
            session.flush()
            saved = sketch_record(row)
            dropped = self._drop_old_sketches(session, project_id)
        self._remove_unused(dropped)
        return saved

    def latest_sketch(self, project_id: str) -> SketchRevision | None:
        """The newest drawing of a project, or None."""
        with self._database.read() as session:
            row = self._last_sketch(session, project_id)
            return sketch_record(row) if row else None

    def sketch(self, revision_id: str) -> SketchRevision | None:
        """One drawing by its id, or None where it has gone."""
        query = sa.select(SketchRevisionRow).where(SketchRevisionRow.id == revision_id)
        with self._database.read() as session:
            row = session.scalars(query).one_or_none()
            return sketch_record(row) if row else None

    # Pictures

    def add(self, project_id: str, new: NewVariant) -> Variant:
        """Keep a finished picture: first the file, then its thumbnail, then the row.

        Raises:
            StorageError: nothing was kept, and the text says why.
            BadInput: no such project, or an input picture that was never stored.
        """
        sha = self.blobs.put(new.png)
        self.blobs.thumbnail(sha)
        with self._database.write() as session:
            project = project_row(session, project_id)
            self._add_blob(session, sha, new.png)
            for role, used in new.inputs.items():
                if session.get(BlobRow, used) is None:
                    raise BadInput(f"The {role} picture of this variant was never stored.")
            now = time.time()
            row = VariantRow(
                id=uuid.uuid4().hex,
                project_id=project_id,
                parent_variant_id=new.parent_variant_id,
                sketch_rev_id=new.sketch_rev_id,
                picture_sha=sha,
                request=new.request,
                prompt=new.prompt,
                weights=new.weights,
                seed=new.seed,
                seconds=new.seconds,
                width=new.width,
                height=new.height,
                checks="[]",
                starred=False,
                created=now,
                deleted_at=None,
            )
            session.add(row)
            session.flush()
            for role, used in new.inputs.items():
                session.add(VariantInputRow(variant_id=row.id, role=role, sha=used))
            project.updated = now
            return variant_record(row, new.inputs)

    def keep_picture(self, png: bytes) -> str:
        """Keep a picture that goes into a request (ink, a picture to vary); its SHA-256."""
        sha = self.blobs.put(png)
        with self._database.write() as session:
            self._add_blob(session, sha, png)
        return sha

    def picture(self, sha: str) -> bytes:
        """The bytes of a stored picture. Raises StorageError where it is gone or damaged."""
        return self.blobs.get(sha)

    def has_picture(self, sha: str) -> bool:
        """Whether a picture of this content is stored."""
        with self._database.read() as session:
            return session.get(BlobRow, sha) is not None

    def variant(self, variant_id: str) -> Variant:
        """One picture. Raises BadInput where there is none of this id."""
        with self._database.read() as session:
            row = variant_row(session, variant_id)
            return variant_record(row, inputs_of(session, [row.id]).get(row.id, {}))

    def variants(
        self,
        project_id: str,
        *,
        search: str = "",
        starred: bool = False,
        trashed: bool = False,
        before: int | None = None,
        limit: int = 48,
    ) -> Page:
        """A page of a project's pictures, newest first.

        Args:
            search: every word must occur in the prompt, in any case.
            starred: only starred ones.
            trashed: those in the trash instead of those outside it.
            before: the `next` of the page before, None for the first.
            limit: pictures per page, 1..500.
        """
        query = sa.select(VariantRow).where(VariantRow.project_id == project_id)
        gone = VariantRow.deleted_at
        query = query.where(gone.is_not(None) if trashed else gone.is_(None))
        if starred:
            query = query.where(VariantRow.starred.is_(True))
        if before is not None:
            query = query.where(VariantRow.seq < before)
        for word in search.split():
            query = query.where(VariantRow.prompt.icontains(word, autoescape=True))
        limit = min(max(limit, 1), 500)
        with self._database.read() as session:
            rows = session.scalars(query.order_by(VariantRow.seq.desc()).limit(limit + 1)).all()
            shown = rows[:limit]
            inputs = inputs_of(session, [row.id for row in shown])
            page = tuple(variant_record(row, inputs.get(row.id, {})) for row in shown)
        return Page(page, page[-1].seq if len(rows) > limit else None)

    def count_variants(self, project_id: str, *, trashed: bool = False) -> int:
        """How many pictures a project has outside the trash, or in it."""
        gone = VariantRow.deleted_at
        query = sa.select(sa.func.count()).where(
            VariantRow.project_id == project_id,
            gone.is_not(None) if trashed else gone.is_(None),
        )
        with self._database.read() as session:
            return session.scalar(query) or 0

    def star(self, variant_id: str, starred: bool) -> Variant:
        """Mark a picture as a favourite, or no longer."""
        return self._change(variant_id, starred=starred)

    def trash(self, variant_id: str) -> Variant:
        """Put a picture into the trash; its file stays."""
        return self._change(variant_id, deleted_at=time.time())

    def restore(self, variant_id: str) -> Variant:
        """Take a picture out of the trash."""
        return self._change(variant_id, deleted_at=None)

    def save_checks(self, variant_id: str, checks: Iterable[Mapping[str, Any]]) -> Variant:
        """Keep what the perception saw in a picture."""
        return self._change(variant_id, checks=json.dumps(list(checks)))

    def _change(self, variant_id: str, **values: Any) -> Variant:
        with self._database.write() as session:
            row = variant_row(session, variant_id)
            for name, value in values.items():
                setattr(row, name, value)
            return variant_record(row, inputs_of(session, [row.id]).get(row.id, {}))

    # Files

    def _add_blob(self, session: Session, sha: str, data: bytes) -> None:
        """Enter a file into the database; called under the write lock, where no other process
        can be removing it."""
        self.blobs.put(data)
        if session.get(BlobRow, sha) is None:
            session.add(BlobRow(sha=sha, extension="png", bytes=len(data), created=time.time()))
            session.flush()

    def _last_sketch(self, session: Session, project_id: str) -> SketchRevisionRow | None:
        query = sa.select(SketchRevisionRow).where(SketchRevisionRow.project_id == project_id)
        return session.scalars(query.order_by(SketchRevisionRow.seq.desc()).limit(1)).first()

    def _drop_old_sketches(self, session: Session, project_id: str) -> set[str]:
        """Delete surplus revisions; returns the files they named."""
        used = sa.select(VariantRow.sketch_rev_id).where(VariantRow.sketch_rev_id.is_not(None))
        surplus = session.scalars(
            sa.select(SketchRevisionRow)
            .where(SketchRevisionRow.project_id == project_id, SketchRevisionRow.id.not_in(used))
            .order_by(SketchRevisionRow.seq.desc())
            .offset(KEPT_REVISIONS)
            .limit(KEPT_REVISIONS)
        ).all()
        named = {sha for row in surplus for sha in (row.ink_sha, row.photo_sha) if sha}
        for row in surplus:
            session.delete(row)
        return named

    def _remove_unused(self, shas: Iterable[str]) -> None:
        """Remove files that no row names any more: first the row, then, in a second write lock
        in which nobody can be entering it again, the file."""
        for sha in shas:
            with self._database.write() as session:
                if any(
                    session.scalar(sa.select(sa.exists().where(column == sha)))
                    for column in (
                        VariantRow.picture_sha,
                        VariantInputRow.sha,
                        SketchRevisionRow.ink_sha,
                        SketchRevisionRow.photo_sha,
                    )
                ):
                    continue
                session.execute(sa.delete(BlobRow).where(BlobRow.sha == sha))
            with self._database.write() as session:
                if session.get(BlobRow, sha) is None:
                    self.blobs.remove(sha)


def clean_name(name: str) -> str:
    """A project's name without control characters and surplus spaces.

    Raises:
        BadInput: nothing is left, or it is longer than `NAME_LENGTH`.
    """
    visible = "".join(
        " " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in name
    )
    cleaned = " ".join(visible.split())
    if not any(unicodedata.category(c)[0] not in "CZ" for c in cleaned):
        raise BadInput("The project needs a name: write one or a few words.")
    if len(cleaned) > NAME_LENGTH:
        raise BadInput(
            f"The project's name has {len(cleaned)} characters: use {NAME_LENGTH} at most."
        )
    return cleaned
