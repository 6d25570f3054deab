"""What the gallery hands out: plain values, detached from the database."""

from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from studio.gallery.tables import new_id


@dataclass(frozen=True)
class Project:
    """A piece of work.

    Attributes:
        draft: the JSON of what is being written on the page.
        draft_rev: the number of that draft. draft_by: the page that wrote it; empty for none.
        deleted_at: since when it is in the trash; None outside it.
    """

    id: str
    name: str
    draft: str
    created: float
    updated: float
    draft_rev: int = 0
    draft_by: str = ""
    deleted_at: float | None = None


@dataclass(frozen=True)
class SketchRevision:
    """A drawing at one moment.

    Attributes:
        strokes: its vectors, JSON.
        ink_sha: the rendered drawing (PNG, white ink on black), or None for an empty board.
        photo_sha: the ink read from an uploaded picture that lies under the strokes, or None.
        seq: grows with every revision.
    """

    id: str
    project_id: str
    strokes: str
    ink_sha: str | None
    photo_sha: str | None
    created: float
    seq: int = 0


@dataclass(frozen=True)
class ComponentRevision:
    """The page's components at one moment; `document` is their JSON, `seq` grows with each."""

    id: str
    project_id: str
    document: str
    created: float
    seq: int = 0


@dataclass(frozen=True)
class Wording:
    """Words that were written, and when last."""

    prompt: str
    changed: float


@dataclass(frozen=True)
class ReferenceBoard:
    """What a project refers to beside its drawing.

    Attributes:
        document: JSON of the garment, the person, the pose, the face and the styles.
        files: the files that it names, as (role, SHA-256); see `studio.gallery.needed`.
    """

    document: str
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Made:
    """What is known of a picture as soon as it is made.

    Attributes:
        request: JSON of the request that made exactly this picture.
        weights: hash of the weights that made it.
        seconds: how long it took.
        width, height: in pixels.
        inputs: role -> SHA-256 of stored pictures that went in ("sketch", "init", "mask").
        job_id, job_index: the job that made it, and its place among that job's pictures.
    """

    request: str
    prompt: str
    seed: int
    seconds: float
    weights: str
    width: int
    height: int
    parent_variant_id: str | None = None
    sketch_rev_id: str | None = None
    component_rev_id: str | None = None
    job_id: str | None = None
    job_index: int | None = None
    inputs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NewVariant(Made):
    """A finished picture that is to be stored; `png` is the file, metadata included."""

    png: bytes


@dataclass(frozen=True, kw_only=True)
class Variant(Made):
    """A stored picture.

    Attributes:
        seq: grows with every picture and orders them.
        checks: what the perception was asked and saw.
        passed: whether all checks passed; None where nobody looked.
        note: what the designer wrote about it.
    """

    seq: int
    id: str
    project_id: str
    picture_sha: str
    created: float
    deleted_at: float | None = None
    checks: tuple[dict[str, Any], ...] = ()
    passed: bool | None = None
    note: str = ""
    starred: bool = False


@dataclass(frozen=True)
class Page:
    """Some variants, newest first; `next` is the cursor of the page after it, None at the end."""

    variants: tuple[Variant, ...]
    next: int | None


State = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted", "dismissed"]

Request = TypeVar("Request")


@dataclass
class JobFacts(Generic[Request]):
    """Pictures that are to be made, and how far they are.

    Attributes:
        requests: made one after another.
        kind: what it is for the page: "generate", "vary", "sheet", ...
        until_passed: stop after the first request in which a picture passes all its checks.
        seq: the order of entering.
        batch: number of the request that is being made, from 0.
        made: the pictures kept so far, index -> variant id, those in the trash included.
        version: grows with every change.
    """

    project_id: str
    requests: tuple[Request, ...]
    parent_variant_id: str | None = None
    sketch_rev_id: str | None = None
    component_rev_id: str | None = None
    kind: str = "generate"
    until_passed: bool = False
    id: str = field(default_factory=new_id)
    seq: int = 0
    state: State = "waiting"
    phase: str = "waiting"
    batch: int = 0
    step: int = 0
    steps: int = 0
    eta_seconds: float | None = None
    message: str = ""
    made: dict[int, str] = field(default_factory=dict)
    version: int = 0


@dataclass
class JobRecord(JobFacts[str]):
    """A job as the database has it, its requests as JSON.

    Attributes:
        stop: whether the process that runs it is asked to end it.
        owner: the process that runs or ran it. beat: when that last said that it lives.
    """

    stop: bool = False
    owner: str | None = None
    beat: float | None = None
