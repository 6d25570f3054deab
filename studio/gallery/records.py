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
class NewVariant:
    """A finished picture that is to be stored.

    Attributes:
        request: JSON of the request that made exactly this picture.
        png: the picture as a PNG file, metadata included.
        weights: hash of the weights that made it.
        seconds: how long it took.
        width, height: in pixels.
        inputs: role -> SHA-256 of stored pictures that went in ("sketch", "init", "mask").
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


@dataclass(frozen=True)
class Variant:
    """A stored picture. `seq` grows with every picture and orders them; `checks` is a list of
    what the perception was asked and saw, empty where nobody looked."""

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


@dataclass(frozen=True)
class Page:
    """Some variants, newest first; `next` is the cursor of the page after it, None at the end."""

    variants: tuple[Variant, ...]
    next: int | None
