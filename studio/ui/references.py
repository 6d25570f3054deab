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

from studio.controls.face import FaceControl
from studio.controls.garment import (
    GARMENT_METHODS,
    GARMENT_PARTS,
    GUIDED,
    MAX_LAMBDA,
    GarmentControl,
)
from studio.controls.pose import PoseControl
from studio.controls.style import StyleControl
from studio.desk import wish
from studio.errors import BadInput
from studio.gallery import ReferenceBoard
from studio.request import MAX_SCALE, MAX_STRENGTH, Control, Pose, Recorded, files_of

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


@dataclass(frozen=True)
class Garment:
    """A picture of the garment to be worn.

    Attributes:
        picture: its SHA-256. mask: that of its mask, None where no garment was found.
        own: whether the mask was painted or given, not found.
        part: what was asked for, one of `GARMENT_PARTS`. found: what was found.
        share: part of the picture that the mask covers. said: what the finder says of it.
        method: one of `GARMENT_METHODS`. sg, dressing: how strongly, see `GarmentControl`.
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
    styles: tuple[StyleControl, ...] = ()

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

    def controls(self) -> tuple[Control, ...]:
        """What of it is heard, but for the person."""
        heard: list[Control] = [*self.styles]
        if garment := self.garment:
            heard.append(
                GarmentControl(
                    picture=garment.picture, mask=garment.mask, part=garment.part,
                    method=garment.method, sg=garment.sg, weight=garment.dressing,
                )
            )  # fmt: skip
        if stance := self.stance:
            heard.append(PoseControl(pose=stance.pose, strength=stance.strength))
        if face := self.face:
            heard.append(FaceControl(picture=face.picture, strength=face.strength))
        return tuple(heard)

    def wearer(self) -> wish.Person | None:
        """Who tries the garment on."""
        if self.person is None or not self.person.mask:
            return None
        return wish.Person(self.person.picture, self.person.mask, self.person.aspect)

    def named(self) -> dict[str, str]:
        """Role -> SHA-256 of every file that it names, under the roles of a request."""
        named = files_of(self.controls())
        if self.person:
            named["init_image"] = self.person.picture
            if self.person.mask:
                named["mask"] = self.person.mask
        return named

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
        styles = tuple(_style(entry) for entry in data.get("styles", ()))
    except (BadInput, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        log.warning("a project's references could not be read and start anew")
        return References()
    kept = {name: part for name, part in parts.items() if all(stored(sha) for sha in _shas(part))}
    return References(**kept, styles=tuple(s for s in styles if stored(s.sha256)))


def references_of(recorded: Recorded) -> References:
    """What a stored picture referred to."""
    request = recorded.request
    garment = person = stance = face = None
    if worn := request.get(GarmentControl):
        garment = Garment(
            worn.picture, worn.mask, own=worn.mask is not None, part=worn.part,
            method=worn.method, sg=worn.sg, dressing=worn.weight,
        )  # fmt: skip
    start = request.start
    if start is not None and start.kind == "try-on":
        person = Person(start.picture, start.mask, own=True)
    if posed := recorded.given(PoseControl):
        stance = Stance(posed.pose, "as in the picture", posed.strength)
    if shown := request.get(FaceControl):
        face = Face(shown.picture, shown.strength)
    return References(garment, person, stance, face, request.all(StyleControl))


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
        values["pose"] = Pose(joints=values.pop("joints"))
    return _KINDS[name](**values)


def _style(entry: Mapping[str, Any]) -> StyleControl:
    return StyleControl(name=entry["name"], sha256=entry["sha256"], strength=entry["scale"])


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
        data["styles"] = [
            {"name": s.name, "sha256": s.sha256, "scale": s.strength} for s in references.styles
        ]
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
    FaceControl(picture=picture)
    if mask is not None:
        FaceControl(picture=mask)


def _in(value: Any, low: float, high: float) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and low <= value <= high


def _sentence(text: Any) -> bool:
    return isinstance(text, str) and len(text) <= 300
