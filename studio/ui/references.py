"""What a picture shall refer to beside words and drawing: garment, person, pose, face, styles.

One document for each project, kept as JSON. It names its pictures by their SHA-256; nothing in a
stored document is trusted, since a project file can come from anywhere.
"""

import dataclasses
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio.errors import BadInput
from studio.gallery import ReferenceBoard
from studio.gallery.needed import files_of
from studio.garment.document import Document
from studio.garment.spec import Component
from studio.request import (
    GARMENT_METHODS,
    GARMENT_PARTS,
    MAX_LAMBDA,
    MAX_SCALE,
    MAX_STRENGTH,
    Control,
    GenerationRequest,
    ImageRef,
    Pose,
    Style,
)
from studio.requestparts import TRYON_STRENGTH

log = logging.getLogger(__name__)

USUAL_SG = 2.5
"""sG of Magic Clothing, until the loaded model has told its own."""

_SG_WORDS: dict[str, float] = {"Loose": 0.6, "Balanced": 1.0, "Exact": 1.6}

LAMBDA_STOPS: dict[str, float] = {"Loose": 0.6, "Balanced": 1.0, "Exact": 1.4}
"""Words for lambda, the weight of IMAGDressing's garment; 1 is what it was trained with."""

STRENGTH_STOPS: dict[str, float] = {"Loose": 0.6, "Balanced": 1.0, "Exact": 1.3}
"""Words for the strength of a pose or a face."""

FAR_APART = 5.5
"""Beyond this difference of sT and sG garment detail suffers; 7.5 and 2.5 go well together."""

GUIDED = ("magic_clothing", "combined")
WEIGHED = ("imagdressing", "combined")
"""The methods that sG steers, and those that lambda steers."""


@dataclass(frozen=True)
class Garment:
    """A picture of the garment to be worn.

    Attributes:
        picture: its SHA-256. mask: that of its mask, None where no garment was found.
        own: whether the mask was painted or given, not found.
        part: what was asked for, one of `GARMENT_PARTS`. found: what was found.
        share: part of the picture that the mask covers. said: what the finder says of it.
        method: one of `GARMENT_METHODS`. sg, dressing: how strongly, see `GenerationRequest`.
        problem: why there is no mask, one sentence.
    """

    picture: str
    mask: str | None = None
    own: bool = False
    part: str = "auto"
    found: str = ""
    share: float = 0.0
    said: str = ""
    method: str = "magic_clothing"
    sg: float = USUAL_SG
    dressing: float = LAMBDA_STOPS["Balanced"]
    problem: str = ""

    def __post_init__(self) -> None:
        _require_refs(self.picture, self.mask)
        _require(isinstance(self.own, bool) and self.part in GARMENT_PARTS)
        _require((self.found == "" or self.found in GARMENT_PARTS) and _in(self.share, 0, 1))
        _require(self.method in GARMENT_METHODS)
        _require(_in(self.sg, 0, MAX_SCALE) and _in(self.dressing, 0, MAX_LAMBDA))
        _require(_sentence(self.problem) and _sentence(self.said))


@dataclass(frozen=True)
class Person:
    """A photo of somebody who tries the garment on; only the mask is painted anew.

    Attributes:
        picture: the photo in a square frame. aspect: width by height of what is in the frame.
    """

    picture: str
    mask: str | None = None
    aspect: float = 1.0
    own: bool = False
    share: float = 0.0
    said: str = ""
    problem: str = ""

    def __post_init__(self) -> None:
        _require_refs(self.picture, self.mask)
        _require(
            isinstance(self.own, bool) and _in(self.share, 0, 1) and _in(self.aspect, 0.05, 20)
        )
        _require(_sentence(self.problem) and _sentence(self.said))


@dataclass(frozen=True)
class Stance:
    """How the wearer stands; `name` says where it comes from, `said` what its reader says."""

    pose: Pose
    name: str = ""
    strength: float = STRENGTH_STOPS["Balanced"]
    said: str = ""

    def __post_init__(self) -> None:
        _require(_sentence(self.name) and _sentence(self.said))
        _require(_in(self.strength, 0, MAX_STRENGTH))


@dataclass(frozen=True)
class Face:
    """A photo of the wearer's face."""

    picture: str
    strength: float = STRENGTH_STOPS["Balanced"]

    def __post_init__(self) -> None:
        _require_refs(self.picture, None)
        _require(_in(self.strength, 0, MAX_STRENGTH))


@dataclass(frozen=True)
class References:
    """All of it; whatever is None or empty takes no part."""

    garment: Garment | None = None
    person: Person | None = None
    stance: Stance | None = None
    face: Face | None = None
    styles: tuple[Style, ...] = ()

    @property
    def worn(self) -> bool:
        """Whether it says that somebody wears the garment."""
        return bool(self.person or self.stance or self.face)

    @property
    def problem(self) -> str:
        """Why no picture can be made with it now, one sentence; else empty."""
        if self.garment and not self.garment.mask:
            return self.garment.problem or "The garment photo has no mask: paint one."
        if self.person and not self.person.mask:
            return self.person.problem or "The person's photo has no region to repaint: paint one."
        return ""

    def fields(self) -> dict[str, Any]:
        """The fields of a `GenerationRequest` that it decides."""
        fields: dict[str, Any] = {"styles": self.styles}
        if garment := self.garment:
            fields |= {
                "garment_image": ImageRef(garment.picture),
                "garment_mask": ImageRef(garment.mask) if garment.mask else None,
                "garment_part": garment.part,
                "garment_method": garment.method,
                "sg": garment.sg,
                "dressing": garment.dressing,
            }
        if (person := self.person) and person.mask:
            fields |= {
                "init_image": ImageRef(person.picture),
                "mask": ImageRef(person.mask),
                "vary_strength": TRYON_STRENGTH,
            }
        if stance := self.stance:
            fields |= {"pose": stance.pose, "pose_control": Control(stance.strength)}
        if face := self.face:
            fields |= {
                "face_image": ImageRef(face.picture),
                "face_control": Control(face.strength),
            }
        return fields

    def named(self) -> dict[str, str]:
        """Role -> SHA-256 of every file that it names, under the roles of a request."""
        named: dict[str, str | None] = {}
        if self.garment:
            named |= {"garment_image": self.garment.picture, "garment_mask": self.garment.mask}
        if self.person:
            named |= {"init_image": self.person.picture, "mask": self.person.mask}
        if self.face:
            named |= {"face_image": self.face.picture}
        if self.styles:
            # Only for the roles of its styles: a request needs something to show.
            styled = GenerationRequest(prompt="styles", styles=self.styles)
            named |= files_of(styled)
        return {role: sha for role, sha in named.items() if sha}

    def board(self) -> ReferenceBoard:
        """What the store keeps."""
        document = json.dumps(_plain(self), ensure_ascii=False)
        return ReferenceBoard(document, tuple(sorted(self.named().items())))


def read_references(document: str, stored: Callable[[str], bool]) -> References:
    """The inverse of `References.board`.

    Args:
        stored: whether a file of this SHA-256 is kept; what names another one is left out.
    """
    try:
        data = json.loads(document)
        parts = {name: _read(name, data[name]) for name in _KINDS if data.get(name)}
        styles = tuple(Style(**entry) for entry in data.get("styles", ()))
    except (BadInput, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        log.warning("a project's references could not be read and start anew")
        return References()
    kept = {name: part for name, part in parts.items() if all(stored(sha) for sha in _shas(part))}
    return References(**kept, styles=tuple(s for s in styles if stored(s.sha256)))


def references_of(request: GenerationRequest) -> References:
    """What a stored picture referred to."""
    garment = person = stance = face = None
    if request.garment_image:
        mask = request.garment_mask
        garment = Garment(
            request.garment_image.sha256,
            mask.sha256 if mask else None,
            own=mask is not None,
            part=request.garment_part,
            method=request.garment_method,
            sg=request.sg,
            dressing=request.dressing,
        )
    if tried_on(request) and request.init_image and request.mask:
        person = Person(request.init_image.sha256, request.mask.sha256, own=True)
    if request.given_pose:
        stance = Stance(request.given_pose, "as in the picture", request.pose_control.strength)
    if request.face_image:
        face = Face(request.face_image.sha256, request.face_control.strength)
    return References(garment, person, stance, face, request.styles)


def placed(document: Document, references: References) -> tuple[Component, ...]:
    """The components that are asked for at exact places: all of them; where a garment's photo
    shows its own, only those that somebody has placed by hand."""
    if references.garment is None:
        return document.components()
    return Document(tuple(g for g in document.groups if g.source == "user")).components()


def tried_on(request: GenerationRequest) -> bool:
    """Whether the picture shows a person's photo with the garment put on."""
    strengths = (TRYON_STRENGTH, 1.0)  # the latter in pictures of earlier versions
    return bool(request.mask and request.init_image) and request.vary_strength in strengths


def sg_stops(usual: float = USUAL_SG) -> dict[str, float]:
    """Words for sG, the garment guidance, around what suits the model."""
    return {word: round(part * usual, 1) for word, part in _SG_WORDS.items()}


def far_apart(st: float, garment: Garment | None) -> str:
    """A sentence where the strengths of text and garment do not go well together; else empty."""
    if garment is None or garment.method not in GUIDED or abs(st - garment.sg) <= FAR_APART:
        return ""
    lower, higher = ("garment", "text") if st > garment.sg else ("text", "garment")
    return (
        f"Text {st:g} and garment {garment.sg:g} lie far apart, which distorts the garment's "
        f"details: raise the {lower} or lower the {higher}."
    )


_KINDS: dict[str, type] = {"garment": Garment, "person": Person, "stance": Stance, "face": Face}


def _read(name: str, data: Mapping[str, Any]) -> Any:
    values = dict(data)
    if name == "stance":
        values["pose"] = Pose(tuple(values.pop("joints")))
    return _KINDS[name](**values)


def _plain(references: References) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name in _KINDS:
        part = getattr(references, name)
        if part is not None:
            data[name] = {f.name: getattr(part, f.name) for f in dataclasses.fields(part)}
    if references.stance:
        pose = data["stance"].pop("pose")
        data["stance"]["joints"] = pose.joints
    if references.styles:
        data["styles"] = [dataclasses.asdict(style) for style in references.styles]
    return data


def _shas(part: Any) -> list[str]:
    return [sha for name in ("picture", "mask") if (sha := getattr(part, name, None))]


def merged(before: References, after: References, now: References) -> References:
    """What a verb has changed, laid over what the references are by now: while a mask was being
    found, somebody may have moved a slider."""
    changes = {
        f.name: _merged(getattr(before, f.name), getattr(after, f.name), getattr(now, f.name))
        for f in dataclasses.fields(References)
        if getattr(after, f.name) != getattr(before, f.name)
    }
    return replace(now, **changes)


def _merged(before: Any, after: Any, now: Any) -> Any:
    if not dataclasses.is_dataclass(after) or type(before) is not type(now) or now is None:
        return after
    fields = [f.name for f in dataclasses.fields(now)]
    changed = {n: getattr(after, n) for n in fields if getattr(after, n) != getattr(before, n)}
    return replace(now, **changed)


def without(references: References, role: str) -> References:
    """Without one of its parts. Raises BadInput on an unknown part."""
    if role not in _KINDS:
        raise BadInput("There is no such reference.")
    return replace(references, **{role: None})


def _require(right: bool) -> None:
    if not right:
        raise BadInput("A reference has a value that cannot be: clear it and give it again.")


def _require_refs(picture: str, mask: str | None) -> None:
    ImageRef(picture)
    if mask is not None:
        ImageRef(mask)


def _in(value: Any, low: float, high: float) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and low <= value <= high


def _sentence(text: Any) -> bool:
    return isinstance(text, str) and len(text) <= 300
