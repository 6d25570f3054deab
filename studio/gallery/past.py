"""What was before: the steps back from what stands on the page, and the words that were written."""

import time

import sqlalchemy as sa

from studio.errors import BadInput
from studio.gallery.records import Wording
from studio.gallery.rows import project_row, record
from studio.gallery.shelf import Shelf
from studio.gallery.tables import StepsRow, WordingRow

LARGEST_STEPS = 600_000
"""Characters of the steps that are kept of a project."""

KEPT_WORDINGS = 60
"""Wordings kept per project."""

ONE_GO = 120.0
"""Seconds within which words that only grow or are mended count as the same wording."""


class Past(Shelf):
    """The steps and the words of a store's projects."""

    def save_steps(self, project_id: str, document: str) -> None:
        """Keep how to go back from what stands on the page.

        Raises:
            BadInput: no such project, or more than is kept.
        """
        if len(document) > LARGEST_STEPS:
            raise BadInput("The steps back are too large to keep: they last until you reload.")
        with self._database.write() as session:
            project_row(session, project_id)
            session.merge(StepsRow(project_id=project_id, document=document))

    def steps(self, project_id: str) -> str:
        """How to go back from what stands on the page; an empty text where nothing is kept."""
        with self._database.read() as session:
            row = session.get(StepsRow, project_id)
            return row.document if row else ""

    def save_wording(self, project_id: str, prompt: str, page: str = "") -> None:
        """Remember words. What one page writes in one go is one wording."""
        prompt = prompt.encode("utf-8", "ignore").decode()  # no half characters
        if not prompt.strip():
            return
        now = time.time()
        with self._database.write() as session:
            project_row(session, project_id)
            of_project = sa.select(WordingRow).where(WordingRow.project_id == project_id)
            newest_first = of_project.order_by(WordingRow.seq.desc())
            last = session.scalars(newest_first.limit(1)).first()
            if last is not None and last.prompt == prompt:
                return
            if last is not None and _goes_on(last, prompt, page, now):
                last.prompt, last.changed = prompt, now
                return
            for old in session.scalars(of_project.where(WordingRow.prompt == prompt)):
                session.delete(old)
            session.add(WordingRow(project_id=project_id, prompt=prompt, page=page, changed=now))
            session.flush()
            for old in session.scalars(newest_first.offset(KEPT_WORDINGS)):
                session.delete(old)

    def wordings(self, project_id: str, limit: int = KEPT_WORDINGS) -> tuple[Wording, ...]:
        """Words that were written in a project, the last first."""
        query = sa.select(WordingRow).where(WordingRow.project_id == project_id)
        with self._database.read() as session:
            rows = session.scalars(query.order_by(WordingRow.seq.desc()).limit(limit))
            return tuple(record(Wording, row) for row in rows)


def _goes_on(last: WordingRow, prompt: str, page: str, now: float) -> bool:
    """Whether words are those of before, written further or mended at one place."""
    if last.page != page or not page or now - last.changed > ONE_GO:
        return False
    before = last.prompt
    same = _alike(before, prompt)
    same += _alike(before[same:][::-1], prompt[same:][::-1])
    # Most of what stood there still does: nothing that was worth a name has gone.
    return len(before) - same <= max(len(before) // 4, 3)


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin alike with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
