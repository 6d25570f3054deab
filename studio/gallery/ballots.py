"""Blind votes on pictures, as they are kept: ballots, their pictures, one vote per voter."""

import hashlib
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from studio.errors import BadInput
from studio.gallery.rows import added, columns, one, project_row, record, variant_row
from studio.gallery.shelf import Shelf
from studio.gallery.tables import BallotEntryRow, BallotRow, VoteRow
from studio.gallery.words import one_line

FEWEST, MOST = 2, 12
"""Pictures on one ballot."""

QUESTION_LENGTH = 140
VOTER_NAME_LENGTH = 60

VOTERS = 5000
"""Voters that one ballot takes; more come from a script, not from a school."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Entry:
    """A picture on a ballot. `variant_id` is None where the picture was deleted since."""

    position: int
    variant_id: str | None
    seed: int
    picture_sha: str


@dataclass(frozen=True)
class Ballot:
    """A question about some pictures.

    Attributes:
        token: the unguessable part of its link.
        closed_at: when voting ended, or None while it is open.
        entries: its pictures, by position.
    """

    id: str
    project_id: str
    token: str
    question: str
    created: float
    closed_at: float | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Vote:
    """One voter's choice. `voter` is a hash: who it was is not kept, only that it was one."""

    voter: str
    position: int
    name: str
    created: float
    changed: float


@dataclass(frozen=True)
class BallotBox(Ballot):
    """A ballot with everything that was voted on it, the first voter's vote first."""

    votes: tuple[Vote, ...]


class Ballots(Shelf):
    """All ballots of a database."""

    def open(self, project_id: str, variant_ids: Sequence[str], question: str) -> Ballot:
        """A new ballot on some pictures of a project.

        Raises:
            BadInput: fewer than `FEWEST` or more than `MOST` pictures, one that is unknown or
                named twice, or no question.
        """
        asked = clean_line(question, QUESTION_LENGTH, "question")
        if not asked:
            raise BadInput("Write a question for the voters, such as “Which would you wear?”.")
        if not FEWEST <= len(variant_ids) <= MOST or len(set(variant_ids)) != len(variant_ids):
            raise BadInput(f"Choose {FEWEST} to {MOST} different pictures to vote on.")
        with self._database.write() as session:
            project_row(session, project_id)
            token = secrets.token_urlsafe(32)
            row = added(session, BallotRow(project_id=project_id, token=token, question=asked))
            for position, variant_id in enumerate(variant_ids):
                variant = variant_row(session, variant_id)
                if variant.project_id != project_id:
                    raise BadInput("A vote is on the pictures of one project: choose from this.")
                session.add(
                    BallotEntryRow(
                        ballot_id=row.id,
                        position=position,
                        variant_id=variant.id,
                        seed=variant.seed,
                        picture_sha=variant.picture_sha,
                    )
                )
            session.flush()
            return _record(session, row)

    def of_project(self, project_id: str, limit: int = 50) -> tuple[Ballot, ...]:
        """A project's ballots, newest first."""
        query = sa.select(BallotRow).where(BallotRow.project_id == project_id)
        with self._database.read() as session:
            rows = session.scalars(query.order_by(BallotRow.seq.desc()).limit(limit)).all()
            return tuple(_record(session, row) for row in rows)

    def by_token(self, token: str) -> Ballot:
        """The ballot of a link. Raises BadInput where there is none."""
        if not _TOKEN.fullmatch(token):
            raise BadInput(_GONE)
        with self._database.read() as session:
            return _record(session, _by_token(session, token))

    def close(self, project_id: str, ballot_id: str) -> None:
        """End the voting; one that has ended already stays as it is."""
        with self._database.write() as session:
            row = _row(session, project_id, ballot_id)
            row.closed_at = row.closed_at or time.time()

    def reopen(self, project_id: str, ballot_id: str) -> None:
        """Let voters vote, and change their votes, again."""
        with self._database.write() as session:
            _row(session, project_id, ballot_id).closed_at = None

    def delete(self, project_id: str, ballot_id: str) -> None:
        """Remove a ballot with its votes; its link leads nowhere from then on."""
        with self._database.write() as session:
            row = _row(session, project_id, ballot_id)
            shas = [entry.picture_sha for entry in _record(session, row).entries]
            session.delete(row)
        self._remove_unused(shas)

    def vote(self, token: str, voter: str, position: int, name: str = "") -> Vote:
        """Keep a voter's choice; a second one takes the place of the first.

        Args:
            voter: the voter's secret; only its hash with this ballot is kept.
            position: of the picture on the ballot.
            name: what the voter wants to be called, or nothing.

        Raises:
            BadInput: no such ballot or picture, a closed ballot, a name that is too long, or
                more voters than a ballot takes.
        """
        called = clean_line(name, VOTER_NAME_LENGTH, "name")
        with self._database.write() as session:
            ballot = _by_token(session, token)
            if ballot.closed_at is not None:
                raise BadInput("The vote is closed: ask whoever sent the link to open it again.")
            if session.get(BallotEntryRow, (ballot.id, position)) is None:
                raise BadInput("This picture is not on the ballot: reload the page.")
            now = time.time()
            key = voter_key(ballot.id, voter)
            row = session.get(VoteRow, (ballot.id, key))
            if row is None:
                if _voters(session, ballot.id) >= VOTERS:
                    raise BadInput("This vote has as many voters as it can take.")
                row = VoteRow(ballot_id=ballot.id, voter=key, created=now)
                session.add(row)
            row.position, row.name, row.changed = position, called, now
            return record(Vote, row)

    def vote_of(self, ballot_id: str, voter: str) -> Vote | None:
        """What a voter chose, or None."""
        with self._database.read() as session:
            row = session.get(VoteRow, (ballot_id, voter_key(ballot_id, voter)))
            return record(Vote, row) if row else None

    def votes(self, ballot_id: str) -> tuple[Vote, ...]:
        """All votes of a ballot, the first voter's first."""
        with self._database.read() as session:
            return _votes(session, ballot_id)


def ballot_boxes(session: Session, project_id: str) -> tuple[BallotBox, ...]:
    """All ballots of a project with their votes, oldest first."""
    query = sa.select(BallotRow).where(BallotRow.project_id == project_id)
    rows = session.scalars(query.order_by(BallotRow.seq)).all()
    return tuple(
        BallotBox(**vars(_record(session, row)), votes=_votes(session, row.id)) for row in rows
    )


def write_ballot_box(
    session: Session, project_id: str, box: BallotBox, variants: Mapping[str, str]
) -> None:
    """Enter a ballot that came with a project, with its votes.

    Its link is a new one, and it is closed: whoever voted by the old link could vote a second
    time by the new one. Who voted is not known any more, only that each was somebody else.

    Args:
        variants: the ids of the project's pictures, as the box names them -> as they are now.
    """
    row = BallotRow(
        project_id=project_id,
        token=secrets.token_urlsafe(32),
        question=box.question,
        created=box.created,
        closed_at=time.time() if box.closed_at is None else box.closed_at,
    )
    added(session, row)
    for entry in box.entries:
        variant = variants[entry.variant_id] if entry.variant_id else None
        values = columns(entry, BallotEntryRow, ballot_id=row.id, variant_id=variant)
        session.add(BallotEntryRow(**values))
    for vote in box.votes:
        voter = voter_key(row.id, secrets.token_urlsafe(32))
        session.add(VoteRow(**columns(vote, VoteRow, ballot_id=row.id, voter=voter)))
    session.flush()


def voter_key(ballot_id: str, voter: str) -> str:
    """What is kept of a voter: differs from ballot to ballot, so that votes cannot be joined."""
    return hashlib.sha256(f"{ballot_id}/{voter}".encode("utf-8", "replace")).hexdigest()


def clean_line(text: str, longest: int, what: str) -> str:
    """One line without control characters and surplus spaces; it may be empty.

    Raises:
        BadInput: longer than `longest` characters.
    """
    if len(text) > longest * 8:  # nobody's name: not worth looking at each character
        raise BadInput(f"The {what} is far too long: use {longest} characters at most.")
    line = one_line(text, "Cf")
    if len(line) > longest:
        raise BadInput(f"The {what} has {len(line)} characters: use {longest} at most.")
    return line


_GONE = "There is no such vote: ask whoever sent the link for a new one."


def _by_token(session: Session, token: str) -> BallotRow:
    row = one(session, BallotRow, token=token)
    if row is None:
        raise BadInput(_GONE)
    return row


def _row(session: Session, project_id: str, ballot_id: str) -> BallotRow:
    row = one(session, BallotRow, id=ballot_id, project_id=project_id)
    if row is None:
        raise BadInput("This vote is no longer there: reload the page.")
    return row


def _voters(session: Session, ballot_id: str) -> int:
    query = sa.select(sa.func.count()).select_from(VoteRow).where(VoteRow.ballot_id == ballot_id)
    return session.scalar(query) or 0


def _record(session: Session, row: BallotRow) -> Ballot:
    query = sa.select(BallotEntryRow).where(BallotEntryRow.ballot_id == row.id)
    entries = session.scalars(query.order_by(BallotEntryRow.position))
    return record(Ballot, row, entries=tuple(record(Entry, entry) for entry in entries))


def _votes(session: Session, ballot_id: str) -> tuple[Vote, ...]:
    query = sa.select(VoteRow).where(VoteRow.ballot_id == ballot_id)
    ordered = query.order_by(VoteRow.created, VoteRow.voter)
    return tuple(record(Vote, row) for row in session.scalars(ordered))
