"""`project.json`: everything of a project but its files, checked before any of it is kept."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from studio import forms
from studio.errors import BadInput, ToileError
from studio.gallery import Project, ReferenceBoard, Variant
from studio.gallery.ballots import (
    FEWEST,
    MOST,
    QUESTION_LENGTH,
    VOTER_NAME_LENGTH,
    VOTERS,
    BallotBox,
    Entry,
    Vote,
    clean_line,
)
from studio.gallery.comparisons import MODES, MOST_COMPARED, Comparison
from studio.gallery.layers import read_drawing
from studio.gallery.parcels import Parcel
from studio.gallery.records import ComponentRevision, SketchRevision
from studio.garment.document import read_document
from studio.request import MAX_PROMPT, MAX_SEED, Recorded

Sha = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Id = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Time = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]


class Strict(forms.Strict):
    """A form that takes no field that it does not know, and no value of another type.

    Its fields have the names that they have in the gallery's records, from which it is made and
    which are made from it; where the file has another name for one, that is its alias.
    """

    model_config = ConfigDict(strict=True, serialize_by_alias=True)


class _Sketch(Strict):
    id: Id
    strokes: Annotated[str, StringConstraints(max_length=4_000_000)]
    ink_sha: Sha | None = Field(alias="ink")
    photo_sha: Sha | None = Field(alias="photo")
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
    parent_variant_id: Id | None = Field(alias="parent")
    sketch_rev_id: Id | None = Field(alias="sketch")
    component_rev_id: Id | None = Field(alias="components")
    picture_sha: Sha = Field(alias="picture")
    request: Annotated[str, StringConstraints(max_length=200_000)]
    prompt: Annotated[str, StringConstraints(max_length=MAX_PROMPT)]
    weights: Annotated[str, StringConstraints(max_length=64)]
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)]
    seconds: Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]
    width: Annotated[int, Field(ge=1, le=4096)]
    height: Annotated[int, Field(ge=1, le=4096)]
    checks: Annotated[tuple[_Check, ...], Field(max_length=200)]
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
    files: Annotated[tuple[_File, ...], Field(max_length=40)]


class _Comparison(Strict):
    chosen: Annotated[tuple[Id, ...], Field(max_length=MOST_COMPARED)]
    mode: str


class _Entry(Strict):
    variant_id: Id | None = Field(alias="picture")
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)]
    picture_sha: Sha = Field(alias="sha")


class _Vote(Strict):
    position: Annotated[int, Field(ge=0, lt=MOST, alias="entry")]
    name: Annotated[str, StringConstraints(max_length=VOTER_NAME_LENGTH)]
    created: Time
    changed: Time


class _Ballot(Strict):
    """A ballot without its link and without who voted: neither belongs in another's hands."""

    id: Id
    question: Annotated[str, StringConstraints(min_length=1, max_length=QUESTION_LENGTH)]
    created: Time
    closed_at: Time | None
    entries: Annotated[tuple[_Entry, ...], Field(min_length=FEWEST, max_length=MOST)]
    votes: Annotated[tuple[_Vote, ...], Field(max_length=VOTERS)]


class ProjectForm(Strict):
    """The whole of `project.json`."""

    name: Annotated[str, StringConstraints(max_length=400)]
    draft: Annotated[str, StringConstraints(max_length=1_000_000)]
    created: Time
    updated: Time
    sketches: tuple[_Sketch, ...]
    components: tuple[_Components, ...]
    variants: tuple[_Picture, ...] = Field(alias="pictures")
    references: _References | None = None
    comparison: _Comparison | None = None
    ballots: tuple[_Ballot, ...] = ()


def packed(parcel: Parcel) -> ProjectForm:
    """What is written of a project."""
    refers = parcel.references
    files = [{"role": role, "sha": sha} for role, sha in refers.files] if refers else []
    parts = {
        **{name: getattr(parcel.project, name) for name in ("name", "draft", "created", "updated")},
        **{
            name: getattr(parcel, name)
            for name in ProjectForm.model_fields
            if hasattr(parcel, name)
        },
        "references": refers and {"document": refers.document, "files": files},
    }
    return ProjectForm.model_validate(
        parts, strict=False, from_attributes=True, by_name=True, by_alias=False
    )


def _fields(form: Strict) -> dict[str, Any]:
    """What a form holds, by the names that the gallery's records have."""
    return form.model_dump(by_alias=False)


def unpacked(data: ProjectForm) -> Parcel:
    """The parcel of a project.

    Raises:
        BadInput: something in it refers to what is not there, or cannot be read.
    """
    ids = [e.id for e in (*data.sketches, *data.components, *data.variants, *data.ballots)]
    if len(set(ids)) != len(ids):
        raise _altered()
    sketches = {None, *(s.id for s in data.sketches)}
    revisions = {None, *(c.id for c in data.components)}
    seen: set[str | None] = {None}
    try:
        for sketch in data.sketches:
            if sketch.strokes:
                read_drawing(sketch.strokes)
        for revision in data.components:
            read_document(revision.document)
        for picture in data.variants:
            used = set(Recorded.from_json(picture.request).request.files().values())
            known = (
                picture.parent_variant_id in seen
                and picture.sketch_rev_id in sketches
                and picture.component_rev_id in revisions
            )
            if not known or not used <= set(picture.inputs.values()):
                raise _altered()
            seen.add(picture.id)
    except ToileError as error:
        raise _altered() from error
    refers = data.references
    return Parcel(
        Project("", data.name, data.draft, data.created, data.updated),
        tuple(SketchRevision(project_id="", **_fields(s)) for s in data.sketches),
        tuple(ComponentRevision(project_id="", **_fields(c)) for c in data.components),
        tuple(Variant(seq=n, project_id="", **_fields(v)) for n, v in enumerate(data.variants, 1)),
        # The page reads the document itself, trusting nothing in it.
        refers and ReferenceBoard(refers.document, tuple((f.role, f.sha) for f in refers.files)),
        _compared(data),
        tuple(_ballot_box(ballot, data) for ballot in data.ballots),
    )


def _compared(data: ProjectForm) -> Comparison | None:
    if data.comparison is None:
        return None
    chosen = data.comparison.chosen
    known = set(chosen) <= {v.id for v in data.variants}
    if not known or len(set(chosen)) < len(chosen) or data.comparison.mode not in MODES:
        raise _altered()
    return Comparison(**_fields(data.comparison))


def _ballot_box(ballot: _Ballot, data: ProjectForm) -> BallotBox:
    """A ballot whose pictures are those of the project, or were when it was made."""
    pictures = {v.id: v.picture_sha for v in data.variants}
    named = {e.variant_id: e.picture_sha for e in ballot.entries if e.variant_id is not None}
    right = (
        len(named) == sum(e.variant_id is not None for e in ballot.entries)
        and named.items() <= pictures.items()
        and all(vote.position < len(ballot.entries) for vote in ballot.votes)
        and clean_line(ballot.question, QUESTION_LENGTH, "question") == ballot.question
        and all(clean_line(v.name, VOTER_NAME_LENGTH, "name") == v.name for v in ballot.votes)
    )
    if not right:
        raise _altered()
    parts = _fields(ballot) | {
        "entries": tuple(Entry(position=n, **_fields(e)) for n, e in enumerate(ballot.entries)),
        "votes": tuple(Vote(voter="", **_fields(v)) for v in ballot.votes),
    }
    return BallotBox(project_id="", token="", **parts)


def _altered() -> BadInput:
    return BadInput("The project in the file does not fit together: export it again.")
