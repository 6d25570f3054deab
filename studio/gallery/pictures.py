"""Pictures: kept, starred, noted, put into the trash and taken out of it."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from studio.errors import BadInput
from studio.gallery.needed import STYLE_FILE
from studio.gallery.records import NewVariant, Variant
from studio.gallery.references import remember
from studio.gallery.rows import (
    added,
    columns,
    now_after_all,
    project_row,
    record,
    variant_records,
    variant_row,
)
from studio.gallery.shelf import Shelf
from studio.gallery.tables import BlobRow, VariantInputRow, VariantRow
from studio.gallery.words import component_words

NOTE_LENGTH = 2000
"""Longest note on a picture, in characters."""


class Pictures(Shelf):
    """The pictures of a store, one by one."""

    def add(self, project_id: str, new: NewVariant) -> Variant:
        """Keep a finished picture: first the file, then its thumbnail, then the row.

        A parent that has gone meanwhile is left out.

        Raises:
            StorageError: nothing was kept, and the text says why.
            BadInput: no such project, or an input picture that was never stored.
        """
        sha = self.blobs.put(new.png)
        self.blobs.thumbnail(sha)
        with self._database.write() as session:
            project = project_row(session, project_id, trashed=True)
            self._add_blob(session, sha, new.png)
            for role, used in new.inputs.items():
                if session.get(BlobRow, used) is None:
                    raise BadInput(f"The {role} picture of this variant was never stored.")
            there = sa.select(VariantRow.id).where(VariantRow.id == new.parent_variant_id)
            values = columns(new, VariantRow, parent_variant_id=session.scalar(there))
            words = component_words(new.request)
            row = VariantRow(
                project_id=project_id, picture_sha=sha, words=words, checks=(), **values
            )
            added(session, row)
            for role, used in new.inputs.items():
                session.add(VariantInputRow(variant_id=row.id, role=role, sha=used))
            project.updated = now_after_all(session)
            return record(Variant, row, inputs=dict(new.inputs))

    def keep_picture(self, png: bytes, extension: str = "png") -> str:
        """Keep a picture that goes into a request (ink, a picture to vary); its SHA-256."""
        sha = self.blobs.put(png, extension)
        with self._database.write() as session:
            self._add_blob(session, sha, png, extension)
        return sha

    def keep_remembered(self, project_id: str, role: str, png: bytes) -> str:
        """Keep a picture that only the page refers to, such as a photo under the drawing: it goes
        with its project, or when many newer ones of its role have been used. Its SHA-256."""
        sha = self.blobs.put(png)
        with self._database.write() as session:
            project_row(session, project_id)
            self._add_blob(session, sha, png)
            remember(session, project_id, role, sha)
        return sha

    def claim_picture(self, project_id: str, role: str, sha: str) -> bool:
        """Remember a stored picture as `keep_remembered` does; whether it is still there."""
        with self._database.write() as session:
            project_row(session, project_id)
            there = session.get(BlobRow, sha) is not None
            if there:
                remember(session, project_id, role, sha)
        return there

    def keep_style(self, data: bytes) -> str:
        """Keep the file of a style (a LoRA's safetensors); its SHA-256."""
        return self.keep_picture(data, STYLE_FILE)

    def file(self, sha: str) -> bytes:
        """The bytes of a stored file, a picture or a style. Raises StorageError where it is gone
        or damaged."""
        with self._database.read() as session:
            row = session.get(BlobRow, sha)
        return self.blobs.get(sha, row.extension if row else "png")

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
            return variant_records(session, [variant_row(session, variant_id)])[0]

    def star(self, variant_id: str, starred: bool) -> Variant:
        """Mark a picture as a favourite, or no longer."""
        return self._change(variant_id, starred=starred)

    def note(self, variant_id: str, text: str) -> Variant:
        """Keep what the designer writes about a picture; the empty text removes it.

        Raises:
            BadInput: no such picture, or a text longer than `NOTE_LENGTH`.
        """
        cleaned = text.encode("utf-8", "ignore").decode().replace("\0", "").strip()
        if len(cleaned) > NOTE_LENGTH:
            raise BadInput(
                f"The note has {len(cleaned)} characters: shorten it to {NOTE_LENGTH} or fewer."
            )
        return self._change(variant_id, note=cleaned)

    def trash(self, variant_id: str) -> Variant:
        """Put a picture into the trash; its file stays."""
        return self._change(variant_id, deleted_at=time.time())

    def restore(self, variant_id: str) -> Variant:
        """Take a picture out of the trash."""
        return self._change(variant_id, deleted_at=None)

    def save_checks(self, variant_id: str, checks: Iterable[Mapping[str, Any]]) -> Variant:
        """Keep what the perception saw in a picture, and whether all of it passed."""
        entries = tuple(dict(entry) for entry in checks)
        passed = all(entry.get("passed") is not False for entry in entries)
        return self._change(variant_id, checks=entries, passed=passed)

    def empty_trash(self, project_id: str) -> int:
        """Remove what is in a project's trash for good; how many pictures that were.

        Pictures that came from a removed one hang on its parent from then on, so that a family
        does not fall apart.
        """
        with self._database.write() as session:
            project_row(session, project_id)
            gone = session.scalars(
                sa.select(VariantRow)
                .where(VariantRow.project_id == project_id, VariantRow.deleted_at.is_not(None))
                .order_by(VariantRow.seq.desc())
            ).all()
            files = {row.picture_sha for row in gone}
            for record in variant_records(session, gone):
                files |= set(record.inputs.values())
            for row in gone:
                session.execute(
                    sa.update(VariantRow)
                    .where(VariantRow.parent_variant_id == row.id)
                    .values(parent_variant_id=row.parent_variant_id)
                )
                session.execute(sa.delete(VariantRow).where(VariantRow.id == row.id))
        self._remove_unused(files)
        return len(gone)

    def _change(self, variant_id: str, **values: Any) -> Variant:
        with self._database.write() as session:
            row = variant_row(session, variant_id)
            for name, value in values.items():
                setattr(row, name, value)
            return variant_records(session, [row])[0]
