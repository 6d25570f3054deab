"""The region of a real person that a garment covers: what of the figure is nearest to which bone.

An arm before the belly, hands on the hips, somebody who sits: rows of the picture do not tell
there what belongs to the body's part, but bones do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.vision import silhouette
from studio.vision.bodyparts import Body, face_and_hair, grown, skin
from studio.vision.garment_mask import Part
from studio.vision.pictures import Mask

if TYPE_CHECKING:
    from studio.vision.people import People

_TRUNK_IN_HEADS, _SHOULDERS_IN_HEADS = 2.05, 1.75
_NECK = 0.32
"""From the shoulders up to where a neckline ends, in heads."""

_HEM, _ROOM = 0.9, {"upper": 0.22, "lower": 0.3, "dress": 0.3}
"""How far a top reaches from the hips, and a garment beside the body, in heads."""

_BELOW_KNEES = 0.9
_WAIST = 0.7
"""From the shoulders to the hips, where a waistband begins."""

_BESIDE_FACE = 0.3
"""How far beside the face and the hair nothing is painted, in heads."""

_SEEN, _SURELY_SEEN = 0.6, 0.9
"""The least score of an ankle that is believed, and of one above a lower edge that cuts somebody
off."""

_KNEE_SEEN, _LEAST_THIGH = 0.8, 1.2
"""The least score of a knee, and length of a thigh in heads, that are believed without ankles."""

_THIGH, _SHIN = 1.75, 1.75
"""The lengths of a leg's halves, in heads."""

_START_BESIDE = 0.1
"""How far beside the picture a part of the body may begin that can be seen in it, in heads."""

_SHOULDERS, _HIPS, _KNEES, _ANKLES = (11, 12), (23, 24), (25, 26), (27, 28)
_ELBOWS, _WRISTS, _TOES = (13, 14), (15, 16), (31, 32)
_FINGERS = (17, 19, 21), (18, 20, 22)
_FACE = tuple(range(11))

Places = NDArray[np.float32]


def places_of(people: People) -> Places:
    """(33, 2) the points; legs that are not seen hang down straight.

    Below a picture's lower edge the network guesses, often with legs that are drawn in.
    """
    at, seen = people.points[:, :2].copy(), people.points[:, 2]
    shoulders = at[list(_SHOULDERS)].mean(0)
    hips = at[list(_HIPS)].mean(0)
    head = _head(at)
    thigh = float(np.linalg.norm(at[list(_KNEES)].mean(0) - hips))
    ankles, knees = (float(seen[list(pair)].min()) for pair in (_ANKLES, _KNEES))
    cut_off = bool((people.body[-2:] > 0.5).any())
    if ankles >= (_SURELY_SEEN if cut_off else _SEEN):
        return at
    if knees >= _KNEE_SEEN and thigh >= _LEAST_THIGH * head:
        for i in (0, 1):
            at[_ANKLES[i]] = 2 * at[_KNEES[i]] - at[_HIPS[i]]
            at[_TOES[i]] = at[_ANKLES[i]] + 0.2 * (at[_KNEES[i]] - at[_HIPS[i]])
        return at
    length = float(np.linalg.norm(hips - shoulders))
    down = (hips - shoulders) / max(length, 1e-6) * head
    # Hips near the edge are drawn in likewise: shoulders tell how long a trunk is.
    at[list(_HIPS)] += max(_TRUNK_IN_HEADS * head - length, 0.0) * down / head
    for i in (0, 1):
        at[_KNEES[i]] = at[_HIPS[i]] + _THIGH * down
        at[_ANKLES[i]] = at[_KNEES[i]] + _SHIN * down
        at[_TOES[i]] = at[_ANKLES[i]] + 0.3 * down
    return at


def _head(at: Places) -> float:
    """How tall the head is, in pixels. Of somebody who leans or is seen from the side, trunk or
    shoulders look short."""
    trunk = at[list(_HIPS)].mean(0) - at[list(_SHOULDERS)].mean(0)
    return max(
        float(np.linalg.norm(trunk)) / _TRUNK_IN_HEADS,
        float(np.linalg.norm(at[11] - at[12])) / _SHOULDERS_IN_HEADS,
    )


def body_in_heads(at: Places) -> Body:
    """The measures of somebody whose joints are known; see `studio.vision.bodyparts.Body`."""
    shoulders, hips, knees, ankles = (
        at[list(pair)].mean(0) for pair in (_SHOULDERS, _HIPS, _KNEES, _ANKLES)
    )
    head = _head(at)
    return Body(
        head, float(shoulders[0]), float(hips[0]), float(shoulders[1]),
        float(shoulders[1]) + _WAIST * float(hips[1] - shoulders[1]), float(hips[1]),
        float(knees[1]), float(ankles[1]),
    )  # fmt: skip


def shows(people: People, part: Part) -> bool:
    """Whether the part of the body is in the picture at all: its upper end, and some of it."""
    height, width = people.person.shape
    first, last = {
        "upper": (_SHOULDERS, _HIPS), "lower": (_HIPS, _KNEES), "dress": (_SHOULDERS, _KNEES)
    }[part]  # fmt: skip
    at = places_of(people)
    start, end = (at[list(pair)].mean(0) for pair in (first, last))
    beside = _START_BESIDE * _head(at)
    if (start < -beside).any() or (start > np.array((width, height)) + beside).any():
        return False
    along = start + np.linspace(0, 1, 20)[:, None] * (end - start)
    inside = ((along >= 0) & (along < (width, height))).all(1)
    return float(inside.mean()) >= {"upper": 0.45, "lower": 0.45, "dress": 0.6}[part]


@dataclass(frozen=True)
class OnBody:
    """What one look at somebody tells of a part of the body.

    Attributes:
        region: (h, w) what the part's garments cover of the person.
        unexplained: how much of the person lies beside all bones, 0..1.
        top: how wide the person is at the picture's upper edge, in heads.
    """

    region: Mask
    unexplained: float
    top: float


def on_body(people: People, part: Part) -> OnBody:
    """What a look says where a part of the body is, without room for other cloth."""
    at = places_of(people)
    body = body_in_heads(at)
    figure = silhouette.main_parts(silhouette.filled(people.outline))
    if not figure.any() or body.head < 2:
        return OnBody(np.zeros_like(figure), 1.0, 0.0)
    away = _beside_bones(at, body, figure.shape)
    beside = figure & (away.min(0) > _UNEXPLAINED * body.head)
    rim = max(round(_RIM * body.head), 2)
    return OnBody(
        figure & _covered(at, np.argmin(away, axis=0), part, figure),
        float(beside.sum() / figure.sum()), float(figure[:rim].any(0).sum()) / body.head,
    )  # fmt: skip


def region_of(picture: NDArray[np.uint8], people: People, figure: Mask, part: Part) -> Mask:
    """The pixels that a garment for a part of the body may cover.

    Args:
        picture: RGB (h, w, 3), of the size that was looked at.
        figure: (h, w) the person.
    """
    at = places_of(people)
    body = body_in_heads(at)
    head = body.head
    whole = figure | _between_legs(at, part, figure.shape)
    nearest = np.argmin(_beside_bones(at, body, figure.shape), axis=0)
    region = _covered(at, nearest, part, grown(whole, _ROOM[part] * head))
    kept = figure & (nearest == _BONES.index("head"))
    kept |= _bare_hands(picture, figure, at, body)
    kept |= face_and_hair(picture, figure, body)
    # Cloth that stands off the body has no place beside a face.
    beside = grown(kept, _BESIDE_FACE * head) & ~figure
    return silhouette.main_parts(region & ~kept & ~beside, 0.05)


def _covered(at: Places, nearest: NDArray[np.intp], part: Part, room: Mask) -> Mask:
    """What of a room is nearest to the bones that the part's garments cover."""
    region = np.zeros(room.shape, bool)
    for name, limit in _worn(part).items():
        region |= (nearest == _BONES.index(name)) & _within(at, limit, _head(at), room)
    return region


def _bare_hands(picture: NDArray[np.uint8], figure: Mask, at: Places, body: Body) -> Mask:
    """Hands that are seen, also before the body; those in pockets are covered by cloth."""
    flesh, kept = skin(picture, figure, body), np.zeros(figure.shape, bool)
    for name, line in _lines(at, body):
        if name == "hand":
            here = figure & (_away([line], figure.shape) < _HAND * body.head)
            if here.any() and flesh[here].mean() > _BARE:
                kept |= here & grown(flesh & here, 0.05 * body.head)
    return kept


_UNEXPLAINED, _RIM = 0.3, 0.15
"""How far from a bone's surface the person's pixels belong to no bone, and how thick the picture's
upper rim is, in heads."""

_HAND, _BARE = 0.4, 0.25
"""How far around its bone a hand is looked for, in heads, and the least part of that which has the
colour of the face."""

_BONES = ("head", "neck", "trunk", "arm", "hand", "thigh", "shin", "foot")
_THICK = {"head": 0.5, "neck": 0.2, "trunk": 0.25, "arm": 0.2, "hand": 0.3, "thigh": 0.35,
          "shin": 0.25, "foot": 0.25}  # fmt: skip
"""Half of how thick each is around its bone, in heads."""


def _worn(part: Part) -> dict[str, str]:
    """Bone -> how much of it the part's garments cover."""
    return {
        "upper": {"neck": "all", "trunk": "all", "arm": "all", "thigh": "hem"},
        "lower": {"trunk": "waist", "thigh": "all", "shin": "all"},
        "dress": {"neck": "all", "trunk": "all", "arm": "all", "thigh": "all", "shin": "knee"},
    }[part]


def _within(at: Places, limit: str, head: float, room: Mask) -> Mask:
    """Where a bone is covered by the part that is worn on it."""
    if limit == "all":
        return room
    y, x = np.mgrid[0 : room.shape[0], 0 : room.shape[1]].astype(np.float32)

    def beyond(start: Places, towards: Places) -> NDArray[np.float32]:
        """How far each pixel lies beyond a place, along a direction, in pixels."""
        way = (towards - start) / max(float(np.linalg.norm(towards - start)), 1e-6)
        return (x - start[0]) * way[0] + (y - start[1]) * way[1]

    shoulders, hips = (at[list(pair)].mean(0) for pair in (_SHOULDERS, _HIPS))
    if limit == "waist":
        return room & (beyond(shoulders, hips) > _WAIST * float(np.linalg.norm(hips - shoulders)))
    if limit == "hem":
        return room & (_away([at[list(_HIPS)]], room.shape) < _HEM * head)
    near = [beyond(at[_KNEES[i]], at[_ANKLES[i]]) < _BELOW_KNEES * head for i in (0, 1)]
    return room & (near[0] | near[1])


def _away(lines: Sequence[Places], shape: tuple[int, int]) -> NDArray[np.float32]:
    """(h, w) how far each pixel is from lines or areas, in pixels; far where they are outside."""
    canvas, far = np.ones(shape, np.uint8), 4 * max(shape)
    for line in lines:
        points = np.clip(line, -far, far).round().astype(np.int32)
        if len(points) > 2:
            cv2.fillPoly(canvas, [points], 0)
        else:
            cv2.line(canvas, points[0].tolist(), points[1].tolist(), 0, 1)
    if canvas.all():
        return np.full(shape, np.inf, np.float32)
    return cv2.distanceTransform(canvas, cv2.DIST_L2, 5).astype(np.float32)


def _beside_bones(at: Places, body: Body, shape: tuple[int, int]) -> NDArray[np.float32]:
    """(bones, h, w) how far each pixel lies from the surface of each of `_BONES`, in pixels."""
    lines: dict[str, list[Places]] = {name: [] for name in _BONES}
    for name, line in _lines(at, body):
        lines[name].append(line)
    return np.stack([_away(lines[name], shape) - _THICK[name] * body.head for name in _BONES])


def _lines(at: Places, body: Body) -> Iterator[tuple[str, Places]]:
    """Each bone as a line or an area, in pixels."""
    shoulders, mouth = at[list(_SHOULDERS)].mean(0), at[[9, 10]].mean(0)
    face = at[list(_FACE)].mean(0)
    chin = mouth + 0.35 * (mouth - at[[2, 5]].mean(0))
    yield "head", np.stack([face + 0.8 * (face - mouth), chin])
    up = chin - shoulders
    high = min(_NECK * body.head, 0.6 * float(np.linalg.norm(up)))
    top = shoulders + up / max(float(np.linalg.norm(up)), 1e-6) * high
    yield "neck", np.stack([top, shoulders])
    yield "trunk", at[[11, 12, 24, 23]]
    for i in (0, 1):
        yield "arm", at[[_SHOULDERS[i], _ELBOWS[i]]]
        fingers = at[list(_FINGERS[i])].mean(0)
        wrist, elbow = at[_WRISTS[i]], at[_ELBOWS[i]]
        yield "arm", np.stack([elbow, wrist + 0.1 * (elbow - wrist)])
        yield "hand", np.stack([wrist, fingers + 0.6 * (fingers - wrist)])
        yield "thigh", at[[_HIPS[i], _KNEES[i]]]
        yield "shin", at[[_KNEES[i], _ANKLES[i]]]
        yield "foot", at[[_ANKLES[i], _TOES[i]]]


def _between_legs(at: Places, part: Part, shape: tuple[int, int]) -> Mask:
    """Where a skirt hangs between the legs; nothing for a top."""
    canvas = np.zeros(shape, np.uint8)
    if part != "upper":
        corners = at[[23, 25, 27, 28, 26, 24]]
        cv2.fillPoly(canvas, [corners.round().astype(np.int32)], 1)
    return canvas > 0
