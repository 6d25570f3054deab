"""Who reads a person: the networks that know photographs, or the one that knows drawn figures.

Each says how sure it is, and one function chooses. The limits were set on drawn people of the
wardrobe, on pictures of the bundled model and on photographs; `python -m trainer evaluate people`
shows them on others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.garment.vocabulary import GARMENTS
from studio.request import JOINTS
from studio.vision import silhouette
from studio.vision.bodyparts import grown
from studio.vision.framing import cut
from studio.vision.pictures import Mask

if TYPE_CHECKING:
    from studio.garment.spec import Box
    from studio.vision.face import FaceEncoder
    from studio.vision.people import Face, People
    from studio.vision.perception import Seen

Reader = Literal["people", "perception"]

_SCORE, _TRUNK_SEEN = 0.75, 0.7
"""BlazePose's least score, and that of shoulders and hips, for a body."""

_ON_PERSON, _LEAST_BODY = 0.8, 0.01
"""Least part of the joints that lie on a person, and of the picture that the body covers."""

_NEAR = 0.06
"""How far beside a person a joint may lie, in sides of a square as large as the person."""

_DRAWN, _DRAWN_TRUNK = 0.45, 0.28
"""Perception's least mean score of joints, and least one of the trunk, for a figure that is its
own."""

_HALF_DRAWN, _LEGS, _GARMENT = 0.36, 0.36, 0.95
"""What does as well where it is as sure as this of the garment: a lower mean, or the legs of
somebody of whom no more is shown."""

_CLEARLY_DRAWN = 0.55
"""From this score on perception reads, whatever the others say."""

_ALONE = 0.66
"""How far the two networks must mean the same person, so that nobody else is in the picture."""

_OTHER_FACE = 0.5
"""How high another face is at least, in parts of the largest one, to be another person's."""

_SAME = 0.3
"""The least overlap of two boxes of one face."""

_TOUCHES = 0.04
"""How much of an edge of the picture somebody may touch whom it does not cut off."""

_TRUNK = tuple(JOINTS.index(f"{s} {p}") for s in ("left", "right") for p in ("shoulder", "hip"))
_COCO_TRUNK, _COCO_LEGS = (5, 6, 11, 12), (11, 12, 13, 14, 15, 16)
_LIMBS = (11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""BlazePose's numbers of shoulders, elbows, wrists, hips, knees and ankles."""


def chosen_reader(seen: Seen | None, people: People | None) -> Reader | None:
    """Whose reading of a person counts; None where neither is sure."""
    drawn, enough = drawn_score(seen)
    if people is None or not knows_body(people):
        return "perception" if drawn > 0 else None
    if clearly_drawn(seen) or (drawn > 0 and people.quality < enough):
        return "perception"
    return "people"


def clearly_drawn(seen: Seen | None) -> bool:
    """Whether perception is so sure of a drawn figure that nobody else is asked."""
    return drawn_score(seen)[0] >= _CLEARLY_DRAWN


def knows_body(people: People) -> bool:
    """Whether the networks for real people agree among themselves that there is a body."""
    if people.score < _SCORE or people.body.size == 0:
        return False
    trunk = people.joints[list(_TRUNK)]
    shown = trunk[trunk[:, 2] > 0]
    if len(shown) < 2 or float(shown[:, 2].min()) < _TRUNK_SEEN:
        return False
    outline = people.outline
    return float(outline.mean()) >= _LEAST_BODY and _on_person(people, outline) >= _ON_PERSON


def _on_person(people: People, outline: Mask) -> float:
    """The part of the joints that are seen in the picture which lies on the person."""
    height, width = outline.shape
    near = grown(outline, _NEAR * float(np.sqrt(outline.sum())))
    places = [
        (int(y), int(x)) for x, y, seen in people.points[list(_LIMBS)]
        if seen > 0.5 and 0 <= x < width and 0 <= y < height
    ]  # fmt: skip
    return float(np.mean([near[place] for place in places])) if places else 0.0


def drawn_score(seen: Seen | None) -> tuple[float, float]:
    """How sure perception is that a figure is one of its own, 0..1, 0 for not sure; and the
    quality of the other networks' reading that counts more than that."""
    if seen is None or seen.keypoints is None:
        return 0.0, 0.0
    scores = seen.keypoints[:, 2]
    mean, trunk = float(scores.mean()), float(scores[list(_COCO_TRUNK)].min())
    if mean >= _DRAWN and trunk >= _DRAWN_TRUNK:
        return mean, 0.85
    if seen.garment.probability < _GARMENT:
        return 0.0, 0.0
    if mean >= _HALF_DRAWN:
        return mean, 0.7
    legs = float(scores[list(_COCO_LEGS)].mean())
    only_legs = GARMENTS[seen.garment.name].region == "lower" and legs >= _LEGS
    return (legs, 0.7) if only_legs else (0.0, 0.0)


def others(people: People) -> str:
    """Why a body that was found is perhaps not the only one, one clause; empty where it is."""
    if reason := several_faces(people):
        return reason
    if people.agreement < _ALONE:
        return "More than one person, or somebody behind other things, seems to be in this photo"
    return ""


def several_faces(people: People) -> str:
    """How many people of about the same size are in a photo, by their faces; empty for one."""
    faces = _on_somebody(people)
    tall = [face.box[3] - face.box[1] for face in faces]
    count = sum(t >= _OTHER_FACE * max(tall) for t in tall)
    return f"{count} people are in this photo" if count > 1 else ""


def _on_somebody(people: People) -> list[Face]:
    """The faces that lie on a person: patterns and hands are sometimes taken for faces."""
    return [
        face for face in people.faces
        if face.score >= 0.75 and cut(people.person, face.box).mean() > 0.5
    ]  # fmt: skip


@dataclass(frozen=True)
class FoundFace:
    """The face that is taken from a photo.

    Attributes:
        box: from the chin to the forehead. count: how many faces of about its size there are.
    """

    box: Box
    count: int


def chosen_face(
    picture: NDArray[np.uint8], encoder: FaceEncoder, people: People
) -> FoundFace | None:
    """The face of an RGB picture (H, W, 3) whose vector is meant, or None.

    Args:
        encoder: the model's own; its box is the one that it was trained with, where it means the
            same face as the networks that know real people.
        people: what these see in the picture.
    """
    from studio.vision.face import overlap

    real = sorted(_on_somebody(people), key=lambda face: face.box[1] - face.box[3])
    own = encoder.find(picture)
    if not real:
        return None if own is None else FoundFace(own, 1)
    largest = real[0].box
    same = own is not None and overlap(own, largest) > _SAME
    tall = largest[3] - largest[1]
    count = sum(face.box[3] - face.box[1] >= _OTHER_FACE * tall for face in real)
    return FoundFace(own if own is not None and same else largest, count)


def cut_off(figure: Mask, person: NDArray[np.float32]) -> bool:
    """Whether an edge of the picture cuts somebody off: a figure that was found, or the person that
    is known, lies along it for a while."""
    return any(silhouette.on_edge(mask) > _TOUCHES for mask in (figure, person > 0.5))


def follows(figure: Mask, person: NDArray[np.float32]) -> bool:
    """Whether a figure that was found without joints of real people is a person's at all."""
    size = figure.shape[1], figure.shape[0]
    known = cv2.resize(person, size, interpolation=cv2.INTER_AREA) > 0.5
    return silhouette.overlap(figure, known) >= 0.5
