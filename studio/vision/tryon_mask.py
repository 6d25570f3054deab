"""The region of a person's photo that a new garment is painted into.

Generous where the old garment and a longer sleeve or hem may be; never the face, the hair or the
hands, as far as they can be told. A user's mask wins, then what the picture shows: a real person's
bones, or the figure that stands out from the ground, measured in heads. What does not follow a
person is not painted, but asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.errors import BadInput
from studio.garment.vocabulary import GARMENTS
from studio.vision import silhouette
from studio.vision.agreement import agreed, mostly_shown
from studio.vision.bodyparts import (
    CHIN,
    LIKELY,
    Body,
    Mask,
    body_by_joints,
    body_of,
    face_and_hair,
    figure_of,
    grown,
    hands,
    skin,
)
from studio.vision.bones import region_of, shows
from studio.vision.garment_mask import PARTS, Part, user_mask
from studio.vision.readers import (
    chosen_reader,
    clearly_drawn,
    cut_off,
    follows,
    knows_body,
    others,
    several_faces,
)
from studio.vision.skeleton import from_coco

if TYPE_CHECKING:
    from studio.vision.people import People, PeopleNetworks
    from studio.vision.perception import Perception, Seen

Source = Literal["yours", "joints", "outline"]

_TYPE, _ON_FIGURE = 0.5, 0.85
"""The least probability of the old garment's type, and part of its mask on the figure."""

_OWN = "paint over the garment yourself"
_SHOWN = {"upper": "chest", "lower": "legs", "dress": "body down to the knees"}
_REAL = 0.5
"""The least quality of a look at somebody whom perception takes for a drawn figure."""

_LEAST_PICTURE = 0.02
"""The least part of the picture that somebody covers who can be dressed in it."""


class RegionUnknown(BadInput):
    """No region follows the person: somebody has to paint it.

    Attributes:
        reason: why, a clause without its full stop.
        by_option: how it is answered on the command line, likewise.
    """

    by_option = "give --person-mask, a picture as large as the photo that is white where to repaint"

    def __init__(self, reason: str, remedy: str = _OWN) -> None:
        super().__init__(f"{reason}: {remedy}.")
        self.reason = reason


@dataclass(frozen=True)
class TryonMask:
    """What to paint anew.

    Attributes:
        mask: (H, W) uint8 at the picture's own size, 255 where the new garment goes.
        part: which part of the body it is for.
        source: your mask, joints, or the figure's outline alone.
        share: part of the picture, 0..1.
        sentence: what to tell the user.
    """

    mask: NDArray[np.uint8]
    part: Part
    source: Source
    share: float
    sentence: str


def tryon_mask(
    picture: Image.Image,
    part: Part,
    *,
    perception: Perception | None = None,
    networks: PeopleNetworks | None = None,
    mask: Image.Image | NDArray[np.uint8] | None = None,
) -> TryonMask:
    """Find the region for a garment of a part of the body.

    Args:
        picture: a person, upright, more or less from the front.
        perception: the bundled network; it helps where the ground is not plain, and gives joints
            for the family's own figures.
        networks: those that know real people.
        mask: the user's own, white where to paint.

    Raises:
        BadInput: no such part, or a mask of no use.
        RegionUnknown: nobody is found, several people are, or what is found is nobody's.
    """
    if part not in PARTS:
        raise BadInput(f"“{part}” is not a part of the body: choose {', '.join(PARTS)}.")
    if min(picture.size) < 32:
        raise BadInput("The picture is too small to dress somebody in: give 64 pixels or more.")
    if mask is not None:
        return _judged(user_mask(mask, picture.size), part, "yours")
    pixels = np.array(picture.convert("RGB"), np.uint8)
    small = silhouette.reduced(pixels, 512)
    seen = None if perception is None else perception.see(small[None])[0]
    people = None if networks is None else networks.see(small)
    reader = chosen_reader(seen, people)
    looks, real = (), False
    if networks and people and not clearly_drawn(seen):
        looks = networks.looks(small, people.person)
        real = reader == "people" or _is_real(looks, part, drawn=reader == "perception")
    if people is not None and real:
        region, source = _of_real(small, people, looks, part), "joints"
    else:
        joints = None
        if seen is not None and seen.keypoints is not None:
            joints = _believed(from_coco(seen.keypoints), small, certain=people is None or reader)
        doubted = people if reader is None else None
        region, source = figure_region(small, seen, joints, part, doubted)
    return _judged(silhouette.enlarged(region, *picture.size), part, source)


def _is_real(looks: Sequence[People], part: Part, drawn: bool) -> bool:
    """Whether looks agree about any part of somebody's body, where one look was not enough.

    Args:
        drawn: perception takes the person for a drawn one, without being clear about it.
    """
    for one in sorted(PARTS, key=lambda other: other != part):
        sure = agreed(looks, one)
        if sure is not None and knows_body(sure) and (not drawn or sure.quality >= _REAL):
            return True
    return False


def _of_real(
    picture: NDArray[np.uint8], people: People, looks: Sequence[People], part: Part
) -> Mask:
    """The region of a real person, by their bones, if looks at them agree where these are."""
    sure = agreed(looks, part)
    told = people if sure is None else replace(sure, faces=people.faces)
    if reason := others(told):
        raise RegionUnknown(reason, f"crop it to one, or {_OWN}")
    if not (shows(told, part) if sure else mostly_shown(looks, part)):
        raise RegionUnknown(
            f"The person's {_SHOWN[part]} cannot be seen in this photo",
            f"choose another photo, or {_OWN}",
        )
    if sure is None:
        raise RegionUnknown(
            f"Where the person's {_SHOWN[part]} is cannot be told for sure in this photo",
            f"choose a photo that shows more of the person, or {_OWN}",
        )
    figure = silhouette.main_parts(silhouette.filled(told.outline))
    if figure.mean() < _LEAST_PICTURE:
        raise RegionUnknown(
            "The person is very small in this photo", f"crop it to the person, or {_OWN}"
        )
    return region_of(picture, told, figure, part)


def _believed(
    joints: NDArray[np.float32], picture: NDArray[np.uint8], certain: object
) -> NDArray[np.float32] | None:
    """Perception's joints, unless nobody is sure of them and they do not tell a body."""
    height, width = picture.shape[:2]
    return joints if certain or body_by_joints(joints, width, height) is not None else None


def figure_region(
    picture: NDArray[np.uint8], seen: Seen | None, joints: NDArray[np.float32] | None, part: Part,
    people: People | None,
) -> tuple[Mask, Source]:  # fmt: skip
    """The region of a drawn figure, or of somebody before a plain ground."""
    figure = _figure(picture, seen, joints)
    if people is not None and not follows(figure, people.person):
        raise RegionUnknown("The person cannot be told for sure in this photo")
    if people is not None:
        if reason := several_faces(people):
            raise RegionUnknown(reason, f"crop it to one, or {_OWN}")
        # Heads are counted from the crown down: of half a figure, or of one that is cut out of a
        # busy ground with what is beside it, they tell nothing.
        plain = silhouette.plain_figure(silhouette.read_ground(picture)) is not None
        if not plain or cut_off(figure, people.person):
            raise RegionUnknown(
                "Where the body is cannot be told for sure in this photo",
                f"choose one that shows all of the person on a plain ground, or {_OWN}",
            )
    body = body_of(figure, joints)
    old = np.zeros_like(figure) if seen is None else _old_garment(seen, figure, body, part)
    region = _from_body(picture, figure, body, part, old)
    told = joints is not None and body_by_joints(joints, *figure.shape[::-1]) is not None
    return region, "joints" if told else "outline"


def _figure(
    picture: NDArray[np.uint8], seen: Seen | None, joints: NDArray[np.float32] | None
) -> Mask:
    """The person's outline."""
    height, width = picture.shape[:2]
    likely = np.zeros((height, width), np.float32)
    if seen is not None:
        likely = (seen.mask / np.float32(255)).astype(np.float32)
    ground = silhouette.read_ground(picture)
    figure = silhouette.plain_figure(ground)
    if figure is None:
        known = None if joints is None else figure_of(joints, width, height)
        if known is not None and known.any():
            return known | (likely > 0.5)
        figure = silhouette.cut_from_middle(picture, ground, likely)
        if joints is not None and not silhouette.may_be_figure(figure):
            # A rough figure is better than none: it is shown before it is used.
            figure = figure_of(joints, width, height, LIKELY) | (likely > 0.5)
    if not silhouette.may_be_figure(figure):
        raise RegionUnknown("Nobody can be told from the ground in this picture")
    return figure


def _old_garment(seen: Seen, figure: Mask, body: Body, part: Part) -> Mask:
    """What perception sees of the garment that is worn now, where it is sure of it.

    All of it has to go, also where it is wider than the body or hides the hands' places. On
    pictures that are unlike the family's own the answer is often nonsense, so that it counts
    only if the type is likely and the mask lies on the figure.
    """
    nothing = np.zeros_like(figure)
    region = GARMENTS[seen.garment.name].region
    worn = seen.mask > 127
    if seen.garment.probability < _TYPE or worn.mean() < 0.01:
        return nothing
    if (worn & grown(figure, 0.15 * body.head)).sum() < _ON_FIGURE * worn.sum():
        return nothing
    if region in ("upper", "lower"):
        return worn if part in (region, "dress") else nothing
    rows = np.arange(len(figure))[:, None]
    if part == "upper":
        return worn & (rows < body.hips + 0.45 * body.head)
    return worn & (rows > body.waist - 0.15 * body.head) if part == "lower" else worn


def _from_body(picture: NDArray[np.uint8], figure: Mask, body: Body, part: Part, old: Mask) -> Mask:
    """The bands of the body that the part covers and the old garment, without what must stay."""
    height, width = figure.shape
    head = body.head
    rows = np.arange(height)[:, None]
    first, last = {
        "upper": (body.shoulders - CHIN * head, body.hips + 0.45 * head),
        "lower": (body.waist - 0.15 * head, body.ankles),
        "dress": (body.shoulders - CHIN * head, body.knees + 0.9 * head),
    }[part]
    # Sleeves end at the wrists, which hang below the hips: beside the body the band goes on.
    room = grown(figure, (0.22 if part == "upper" else 0.3) * head)
    band = room & (rows >= first) & (rows <= last)
    flesh = skin(picture, figure, body)
    if part != "lower":
        arms = room & (rows >= first) & (rows <= body.shoulders + 3.1 * head)
        columns = np.abs(np.arange(width)[None, :] - body.axis)
        band |= arms & (columns > 0.75 * head)
    if part == "lower":
        columns = np.abs(np.arange(width)[None, :] - body.hip_axis)
        arms = (columns > 0.92 * head) & (rows < body.hips + 0.2 * head)
        band &= ~arms
    kept = grown(hands(flesh, figure, body), 0.06 * head)
    kept |= face_and_hair(picture, figure, body)
    band |= grown(old, 0.12 * head)
    return silhouette.main_parts(old | (band & ~kept), 0.05)


def _judged(mask: NDArray[np.uint8], part: Part, source: Source) -> TryonMask:
    """The mask with its sentence, unless it is of no use."""
    share = float((mask > 0).mean())
    if share < 0.004:
        if source == "yours":
            raise BadInput(f"Your mask is empty: {_OWN}.")
        raise RegionUnknown("No region to paint was found")
    if share > 0.97:
        raise BadInput("The mask covers the whole picture: leave the person's face and the ground.")
    told = {
        "yours": "Your mask is painted anew",
        "joints": "The region follows the person's joints",
        "outline": "The region follows the person's outline, so look at its edges",
    }[source]
    return TryonMask(mask, part, source, share, f"{told}; it covers {share:.0%} of the picture.")
