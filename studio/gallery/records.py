"""What the gallery hands out: plain values, detached from the database."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Project:
    """A piece of work. `draft` is the JSON of what is being written on the page."""

    id: str
    name: str
    draft: str
    created: float
    updated: float


@dataclass(frozen=True)
class SketchRevision:
    """A drawing at one moment.

    Attributes:
        strokes: its vectors, JSON.
        ink_sha: the rendered drawing (PNG, white ink on black), or None for an empty board.
        photo_sha: the ink read from an uploaded picture that lies under the strokes, or None.
    """

    id: str
    project_id: str
    strokes: str
    ink_sha: str | None
    photo_sha: str | None
    created: float


@dataclass(frozen=True)
class ComponentRevision:
    """The page's components at one moment; `document` is their JSON."""

    id: str
    project_id: str
    document: str
    created: float


@dataclass(frozen=True)
class ReferenceBoard:
    """What a project refers to beside its drawing.

    Attributes:
        document: JSON of the garment, the person, the pose, the face and the styles.
        files: the files that it names, as (role, SHA-256); see `studio.gallery.needed`.
    """

    document: str
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class NewVariant:
    """A finished picture that is to be stored.

    Attributes:
        request: JSON of the request that made exactly this picture.
        png: the picture as a PNG file, metadata included.
        weights: hash of the weights that made it.
        seconds: how long it took.
        width, height: in pixels.
        inputs: role -> SHA-256 of stored pictures that went in ("sketch", "init", "mask").
        job_id, job_index: the job that made it, and its place among that job's pictures.
    """

    request: str
    png: bytes
    prompt: str
    seed: int
    seconds: float
    weights: str
    width: int
    height: int
    parent_variant_id: str | None = None
    sketch_rev_id: str | None = None
    inputs: dict[str, str] = field(default_factory=dict)
    component_rev_id: str | None = None
    job_id: str | None = None
    job_index: int | None = None


@dataclass(frozen=True)
class Variant:
    """A stored picture.

    Attributes:
        seq: grows with every picture and orders them.
        checks: what the perception was asked and saw.
        passed: whether all checks passed; None where nobody looked.
        note: what the designer wrote about it.
        job_id, job_index: the job that made it, and its place among that job's pictures.
    """

    seq: int
    id: str
    project_id: str
    parent_variant_id: str | None
    sketch_rev_id: str | None
    picture_sha: str
    request: str
    prompt: str
    weights: str
    seed: int
    seconds: float
    width: int
    height: int
    checks: tuple[dict[str, Any], ...]
    starred: bool
    created: float
    deleted_at: float | None
    inputs: dict[str, str]
    note: str = ""
    component_rev_id: str | None = None
    job_id: str | None = None
    job_index: int | None = None
    passed: bool | None = None


@dataclass(frozen=True)
class Page:
    """Some variants, newest first; `next` is the cursor of the page after it, None at the end."""

    variants: tuple[Variant, ...]
    next: int | None


@dataclass(frozen=True)
class NewJob:
    """Pictures that are to be made.

    Attributes:
        requests: JSON of each request, made one after another.
        inputs: SHA-256 of the stored pictures that they need.
    """

    id: str
    project_id: str
    kind: str
    requests: tuple[str, ...]
    parent_variant_id: str | None
    sketch_rev_id: str | None
    component_rev_id: str | None
    until_passed: bool
    inputs: frozenset[str]


@dataclass(frozen=True)
class JobRecord:
    """A job as the database has it.

    Attributes:
        seq: the order of entering.
        state: "waiting", "running", "done", "failed", "cancelled", "interrupted", "dismissed".
        batch: number of the request that is being made, from 0.
        version: grows with every change that was written.
        stop: whether the process that runs it is asked to end it.
        owner: the process that runs or ran it. beat: when that last said that it lives.
        made: the pictures kept so far, index -> variant id, those in the trash included.
    """

    seq: int
    id: str
    project_id: str
    kind: str
    requests: tuple[str, ...]
    parent_variant_id: str | None
    sketch_rev_id: str | None
    component_rev_id: str | None
    until_passed: bool
    state: str
    phase: str
    batch: int
    step: int
    steps: int
    eta_seconds: float | None
    message: str
    version: int
    stop: bool
    owner: str | None
    beat: float | None
    made: dict[int, str]
