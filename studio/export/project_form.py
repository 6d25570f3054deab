"""`project.json`: everything of a project but its files, checked before any of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from studio import forms
from studio.errors import BadInput, ToileError
from studio.forms import read_form
from studio.gallery import Project, ReferenceBoard, Variant
from studio.gallery.ballots import (
    FEWEST,
    MOST,
    QUESTION_LENGTH,
    VOTER_NAME_LENGTH,
    VOTERS,
    Ballot,
    BallotBox,
    Entry,
    Vote,
    clean_line,
)
from studio.gallery.comparisons import MODES, MOST_COMPARED, Comparison
from studio.gallery.needed import files_of
from studio.gallery.parcels import Parcel
from studio.gallery.records import ComponentRevision, SketchRevision
from studio.garment.document import read_document
from studio.request import MAX_PROMPT, MAX_SEED, GenerationRequest

Sha = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Id = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Time = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]


class Strict(forms.Strict):
    """A form that takes no field that it does not know, and no value of another type."""

    model_config = ConfigDict(strict=True)


class _Sketch(Strict):
    id: Id
    strokes: Annotated[str, StringConstraints(max_length=4_000_000)]
    ink: Sha | None
    photo: Sha | None
    created: Time


class _Components(Strict):
    id: Id
    document: Annotated[str, StringConstraints(max_length=100_000)]
    created: Time


class _Check(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)
    what: Annotated[str, StringConstraints(max_length=200)]
    passed: bool | None


class _Picture(Strict):
    id: Id
    parent: Id | None
    sketch: Id | None
    components: Id | None
    picture: Sha
    request: Annotated[str, StringConstraints(max_length=200_000)]
    prompt: Annotated[str, StringConstraints(max_length=MAX_PROMPT)]
    weights: Annotated[str, StringConstraints(max_length=64)]
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)]
    seconds: Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]
    width: Annotated[int, Field(ge=1, le=4096)]
    height: Annotated[int, Field(ge=1, le=4096)]
    checks: Annotated[list[_Check], Field(max_length=200)]
    passed: bool | None
    note: Annotated[str, StringConstraints(max_length=2000)]
    starred: bool
    created: Time
    deleted_at: Time | None
    inputs: dict[Annotated[str, StringConstraints(max_length=32)], Sha]


class _File(Strict):
    role: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,16}( [1-9])?$")]
    sha: Sha


class _References(Strict):
    document: Annotated[str, StringConstraints(max_length=100_000)]
    files: Annotated[list[_File], Field(max_length=40)]


class _Comparison(Strict):
    chosen: Annotated[list[Id], Field(max_length=MOST_COMPARED)]
    mode: str


class _Entry(Strict):
    picture: Id | None
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)]
    sha: Sha


class _Vote(Strict):
    entry: Annotated[int, Field(ge=0, lt=MOST)]
    name: Annotated[str, StringConstraints(max_length=VOTER_NAME_LENGTH)]
    created: Time
    changed: Time


class _Ballot(Strict):
    """A ballot without its link and without who voted: neither belongs in another's hands."""

    id: Id
    question: Annotated[str, StringConstraints(min_length=1, max_length=QUESTION_LENGTH)]
    created: Time
    closed_at: Time | None
    entries: Annotated[list[_Entry], Field(min_length=FEWEST, max_length=MOST)]
    votes: Annotated[list[_Vote], Field(max_length=VOTERS)]


class ProjectForm(Strict):
    """The whole of `project.json`."""

    name: Annotated[str, StringConstraints(max_length=400)]
    draft: Annotated[str, StringConstraints(max_length=1_000_000)]
    created: Time
    updated: Time
    sketches: list[_Sketch]
    components: list[_Components]
    pictures: list[_Picture]
    references: _References | None = None
    comparison: _Comparison | None = None
    ballots: list[_Ballot] = Field(default_factory=list)


def packed(parcel: Parcel) -> ProjectForm:
    """What is written of a project."""
    p = parcel.project
    refers, compared = parcel.references, parcel.comparison
    return ProjectForm(
        name=p.name,
        draft=p.draft,
        created=p.created,
        updated=p.updated,
        sketches=[
            _Sketch(id=s.id, strokes=s.strokes, ink=s.ink_sha, photo=s.photo_sha, created=s.created)
            for s in parcel.sketches
        ],
        components=[
            _Components(id=c.id, document=c.document, created=c.created) for c in parcel.components
        ],
        pictures=[
            _Picture(
                id=v.id, parent=v.parent_variant_id, sketch=v.sketch_rev_id,
                components=v.component_rev_id, picture=v.picture_sha, request=v.request,
                prompt=v.prompt, weights=v.weights, seed=v.seed, seconds=v.seconds,
                width=v.width, height=v.height, checks=[_Check(**c) for c in v.checks],
                passed=v.passed, note=v.note, starred=v.starred, created=v.created,
                deleted_at=v.deleted_at, inputs=v.inputs,
            )
            for v in parcel.variants
        ],
        references=None if refers is None else _References(
            document=refers.document,
            files=[_File(role=role, sha=sha) for role, sha in refers.files],
        ),
        comparison=None if compared is None else _Comparison(
            chosen=list(compared.chosen), mode=compared.mode
        ),
        ballots=[_ballot(box) for box in parcel.ballots],
    )  # fmt: skip


def _ballot(box: BallotBox) -> _Ballot:
    b = box.ballot
    return _Ballot(
        id=b.id,
        question=b.question,
        created=b.created,
        closed_at=b.closed_at,
        entries=[_Entry(picture=e.variant_id, seed=e.seed, sha=e.picture_sha) for e in b.entries],
        votes=[
            _Vote(entry=v.position, name=v.name, created=v.created, changed=v.changed)
            for v in box.votes
        ],
    )


def unpacked(data: ProjectForm) -> Parcel:
    """The parcel of a project.

    Raises:
        BadInput: something in it refers to what is not there, or cannot be read.
    """
    project = Project("", data.name, data.draft, data.created, data.updated)
    ids = [e.id for e in (*data.sketches, *data.components, *data.pictures, *data.ballots)]
    if len(set(ids)) != len(ids):
        raise _altered()
    sketches, revisions = {s.id for s in data.sketches}, {c.id for c in data.components}
    for sketch in data.sketches:
        read_form(_Strokes, sketch.strokes, "A sketch in the file", "export the project again")
    try:
        for revision in data.components:
            read_document(revision.document)
    except ToileError as error:
        raise _altered() from error
    seen: set[str] = set()
    variants: list[Variant] = []
    for seq, p in enumerate(data.pictures, 1):
        known = (
            (p.parent is None or p.parent in seen)
            and (p.sketch is None or p.sketch in sketches)
            and (p.components is None or p.components in revisions)
        )
        try:
            request = GenerationRequest.from_json(p.request)
        except ToileError as error:
            raise _altered() from error
        used = set(files_of(request).values())
        if not known or not used <= set(p.inputs.values()):
            raise _altered()
        seen.add(p.id)
        variants.append(
            Variant(
                seq, p.id, "", p.parent, p.sketch, p.picture, p.request, p.prompt, p.weights,
                p.seed, p.seconds, p.width, p.height, tuple(c.model_dump() for c in p.checks),
                p.starred, p.created,
                p.deleted_at, p.inputs, p.note, p.components, passed=p.passed,
            )
        )  # fmt: skip
    return Parcel(
        project,
        tuple(
            SketchRevision(s.id, "", s.strokes, s.ink, s.photo, s.created) for s in data.sketches
        ),
        tuple(ComponentRevision(c.id, "", c.document, c.created) for c in data.components),
        tuple(variants),
        _refers(data.references),
        _compared(data.comparison, variants),
        tuple(_ballot_box(ballot, variants) for ballot in data.ballots),
    )


def _refers(data: _References | None) -> ReferenceBoard | None:
    """What a project refers to. The page reads the document itself, trusting nothing in it."""
    if data is None:
        return None
    return ReferenceBoard(data.document, tuple((file.role, file.sha) for file in data.files))


def _compared(data: _Comparison | None, variants: Sequence[Variant]) -> Comparison | None:
    if data is None:
        return None
    known = set(data.chosen) <= {v.id for v in variants}
    if not known or len(set(data.chosen)) < len(data.chosen) or data.mode not in MODES:
        raise _altered()
    return Comparison(tuple(data.chosen), data.mode)


def _ballot_box(data: _Ballot, variants: Sequence[Variant]) -> BallotBox:
    """A ballot whose pictures are those of the project, or were when it was made."""
    pictures = {v.id: v.picture_sha for v in variants}
    named = [e.picture for e in data.entries if e.picture is not None]
    right = (
        len(set(named)) == len(named)
        and all(pictures.get(e.picture) == e.sha for e in data.entries if e.picture is not None)
        and all(vote.entry < len(data.entries) for vote in data.votes)
        and clean_line(data.question, QUESTION_LENGTH, "question") == data.question
        and all(clean_line(v.name, VOTER_NAME_LENGTH, "name") == v.name for v in data.votes)
    )
    if not right:
        raise _altered()
    entries = (Entry(i, e.picture, e.seed, e.sha) for i, e in enumerate(data.entries))
    return BallotBox(
        Ballot(data.id, "", "", data.question, data.created, data.closed_at, tuple(entries)),
        tuple(Vote("", v.entry, v.name, v.created, v.changed) for v in data.votes),
    )


class _Strokes(BaseModel):
    model_config = ConfigDict(strict=True)
    strokes: Annotated[list[dict[str, Any]], Field(max_length=20_000)]


def _altered() -> BadInput:
    return BadInput("The project in the file does not fit together: export it again.")
