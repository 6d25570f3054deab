"""The jobs as the database has them: entered, claimed by one process, taken up again.

Every change of a job's state is one conditional update, so that of two processes on one data
folder only one gets a job.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from studio.gallery.records import JobRecord
from studio.gallery.rows import added, columns, one, project_row, record
from studio.gallery.shelf import Shelf
from studio.gallery.tables import BlobRow, JobInputRow, JobRow, VariantRow

OPEN = ("waiting", "running", "interrupted")
"""States from which a job can still go on."""

KEPT = 200
"""Ended jobs that are remembered."""


class Queue(Shelf):
    """The jobs of a store."""

    def enter(self, job: JobRecord, inputs: Iterable[str] = ()) -> JobRecord:
        """Let a job wait for its turn.

        Args:
            inputs: SHA-256 of the stored pictures that it needs.

        Raises:
            BadInput: no such project.
        """
        with self._database.write() as session:
            project_row(session, job.project_id)
            values = columns(job, JobRow)
            del values["seq"]  # the database counts
            row = added(session, JobRow(**values))
            known = session.scalars(sa.select(BlobRow.sha).where(BlobRow.sha.in_(set(inputs))))
            session.add_all([JobInputRow(job_id=row.id, sha=sha) for sha in known.all()])
            _forget_old(session)
            return _record(session, row)

    def get(self, job_id: str) -> JobRecord | None:
        """A job by its id, or None."""
        with self._database.read() as session:
            row = _row(session, job_id)
            return _record(session, row) if row else None

    def open_jobs(self, project_id: str) -> tuple[JobRecord, ...]:
        """A project's jobs that wait, run or were interrupted, in the order of entering."""
        query = sa.select(JobRow).where(JobRow.project_id == project_id, JobRow.state.in_(OPEN))
        with self._database.read() as session:
            rows = session.scalars(query.order_by(JobRow.seq)).all()
            return tuple(_record(session, row) for row in rows)

    def newest(self, project_id: str) -> JobRecord | None:
        """The job of a project that was entered last and not dismissed, or None."""
        query = sa.select(JobRow).where(
            JobRow.project_id == project_id, JobRow.state != "dismissed"
        )
        with self._database.read() as session:
            row = session.scalars(query.order_by(JobRow.seq.desc()).limit(1)).first()
            return _record(session, row) if row else None

    def waiting(self) -> int:
        """How many jobs wait, in all projects."""
        query = sa.select(sa.func.count()).select_from(JobRow).where(JobRow.state == "waiting")
        with self._database.read() as session:
            return session.scalar(query) or 0

    def claim(self, owner: str) -> JobRecord | None:
        """Take the next job, or None where none waits.

        Projects take turns: the one that was served longest ago comes first.
        """
        served = aliased(JobRow)
        last = (
            sa.select(sa.func.coalesce(sa.func.max(served.started), 0.0))
            .where(served.project_id == JobRow.project_id)
            .correlate(JobRow)
            .scalar_subquery()
        )
        query = sa.select(JobRow.id).where(JobRow.state == "waiting").order_by(last, JobRow.seq)
        with self._database.write() as session:
            job_id = session.scalar(query.limit(1))
            if job_id is None:
                return None
            now = time.time()
            mine = _change(
                session,
                job_id,
                ("waiting",),
                state="running",
                phase="preparing",
                owner=owner,
                beat=now,
                started=now,
                stop=False,
            )
            row = _row(session, job_id)
            return _record(session, row) if mine and row else None

    def tell(self, job_id: str, owner: str, **progress: Any) -> bool | None:
        """Write how far a job is, and that its process lives.

        Returns:
            Whether it is asked to stop; None where it is no longer this process's job.
        """
        with self._database.write() as session:
            mine = _change(session, job_id, ("running",), owner, beat=time.time(), **progress)
            if not mine:
                return None
            return session.scalar(sa.select(JobRow.stop).where(JobRow.id == job_id))

    def end(
        self,
        job_id: str,
        owner: str | None,
        state: str,
        message: str = "",
        before: tuple[str, ...] = ("running",),
        **values: Any,
    ) -> bool:
        """Write how a job ended, and let go of the pictures it needed; False where it was no
        longer in this state and this process's job.

        Args:
            owner: the process that ran it, or None for a job that nobody runs.
            before: the states from which it may end.
            values: further columns.
        """
        with self._database.write() as session:
            ended = _change(
                session,
                job_id,
                before,
                owner,
                state=state,
                phase=state,
                message=message,
                eta_seconds=None,
                ended=time.time(),
                **values,
            )
            shas: Sequence[str] = ()
            if ended:
                needed = sa.select(JobInputRow.sha).where(JobInputRow.job_id == job_id)
                shas = session.scalars(needed).all()
                session.execute(sa.delete(JobInputRow).where(JobInputRow.job_id == job_id))
        self._remove_unused(shas)  # masks and pictures that were made for this job alone
        return ended

    def ask_to_stop(self, job_id: str) -> None:
        """Ask the process that runs a job to end it."""
        with self._database.write() as session:
            _change(session, job_id, ("running",), stop=True, version=JobRow.version)

    def resume(self, job_id: str) -> bool:
        """Let an interrupted job wait for its turn again; False where it is not interrupted."""
        with self._database.write() as session:
            return _change(
                session, job_id, ("interrupted",), state="waiting", phase="waiting", owner=None
            )

    def interrupt(self, job_id: str, owner: str) -> bool:
        """Mark the job of a process that is gone; False where it has gone on meanwhile."""
        with self._database.write() as session:
            return _change(
                session,
                job_id,
                ("running",),
                owner,
                state="interrupted",
                phase="interrupted",
                eta_seconds=None,
            )

    def running(self) -> tuple[tuple[str, str, float], ...]:
        """Every running job with its process and the last sign of that: (id, owner, beat)."""
        query = sa.select(JobRow.id, JobRow.owner, JobRow.beat).where(JobRow.state == "running")
        with self._database.read() as session:
            return tuple((i, o or "", b or 0.0) for i, o, b in session.execute(query))


def _row(session: Session, job_id: str) -> JobRow | None:
    return one(session, JobRow, id=job_id)


def _change(
    session: Session,
    job_id: str,
    before: tuple[str, ...],
    held_by: str | None = None,
    **values: Any,
) -> bool:
    """Change a job only where it still is as expected; whether it was."""
    values.setdefault("version", JobRow.version + 1)
    query = sa.update(JobRow).where(JobRow.id == job_id, JobRow.state.in_(before))
    if held_by is not None:
        query = query.where(JobRow.owner == held_by)
    done = session.execute(query.values(**values).execution_options(synchronize_session=False))
    return getattr(done, "rowcount", 0) == 1


def _record(session: Session, row: JobRow) -> JobRecord:
    session.refresh(row)
    query = sa.select(VariantRow.job_index, VariantRow.id).where(VariantRow.job_id == row.id)
    made = session.execute(query.order_by(VariantRow.job_index))
    return record(JobRecord, row, made={i: variant for i, variant in made if i is not None})


def _forget_old(session: Session) -> None:
    """Drop ended jobs beyond `KEPT`; their pictures stay."""
    old = session.scalars(
        sa.select(JobRow.id)
        .where(JobRow.state.not_in(OPEN))
        .order_by(JobRow.seq.desc())
        .offset(KEPT)
        .limit(KEPT)
    ).all()
    if old:
        session.execute(sa.delete(JobRow).where(JobRow.id.in_(old)))
