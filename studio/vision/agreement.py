"""How far several looks at one person agree about where a part of the body is.

A pose network answers something for every photo, and is sure of shoulders that are painted on
somebody's hips: of a photo that cuts somebody off it often takes what is left for a whole body. But
such answers change with the frame around the photo, and right ones stay. So the look counts that
most others agree with, and only if its bones explain the person's outline. The limits were set on
crops of 25 photos; `python -m trainer evaluate people --crops` shows them on others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.vision.bones import OnBody, body_in_heads, on_body, places_of, shows
from studio.vision.garment_mask import Part

if TYPE_CHECKING:
    from studio.vision.people import People

_SIDE = 256
"""The longer side of the pictures on which regions are compared."""

_SCORE, _LOOKS = 0.5, 4
"""A look's least score, and how many looks with it there must be."""

_SAME = 0.8
"""The least overlap of two regions that are the same."""

_AGREE, _AGREE_ON_WHOLE, _AGREE_ON_LEGS = 0.65, 0.5, 0.9
"""How many of the others must tell the same, 0..1; of somebody who is in the photo from face to
feet, and of somebody whose shoulders are not in it."""

_UNEXPLAINED, _UNEXPLAINED_OF_WHOLE = 0.06, 0.2
"""How much of a person may lie beside all bones, 0..1: a skirt does, and somebody's other half; of
somebody who is in the photo from face to feet only the skirt."""

_NECK, _SHOULDERS = 1.6, 2.4
"""How wide, in heads, somebody may be at the upper edge of a photo that shows the shoulders: a neck
with hair, or at the shoulders' own height these, and in between by a head less for each head. Wider
than that is a chest."""

_ENDS, _SEEN = (0, 9, 10, 27, 28), 0.5
"""Nose, mouth, ankles, and their least score where they are seen."""


def agreed(looks: Sequence[People], part: Part) -> People | None:
    """The look at a person that most others agree with about a part of the body; None where they
    do not agree, or mean something that is not all of the person."""
    sure = [look for look in looks if look.score >= _SCORE]
    if len(sure) < _LOOKS:
        return None
    small = [_reduced(look) for look in sure]
    told = [on_body(look, part) for look in small]
    same = _overlaps(told)
    np.fill_diagonal(same, 0.0)
    agree = (same >= _SAME).sum(1) / (len(sure) - 1)
    best = int(np.argmax(agree + 1e-3 * same.sum(1)))
    look = small[best]
    return sure[best] if agree[best] >= _needed(look) and _explains(look, told[best]) else None


def mostly_shown(looks: Sequence[People], part: Part) -> bool:
    """Whether most looks say that a part of the body is in the picture."""
    return sum(shows(look, part) for look in looks) * 2 >= len(looks)


def _needed(look: People) -> float:
    """How many others must agree with a look."""
    if _is_whole(look):
        return _AGREE_ON_WHOLE
    return _AGREE if _shoulders(look) >= 0 else _AGREE_ON_LEGS


def _explains(look: People, told: OnBody) -> bool:
    """Whether a look's bones are those of all of the person."""
    if told.unexplained > (_UNEXPLAINED_OF_WHOLE if _is_whole(look) else _UNEXPLAINED):
        return False
    below = _shoulders(look)
    return below < 0 or told.top <= max(_NECK, _SHOULDERS - below)


def _is_whole(look: People) -> bool:
    """Whether somebody is in the photo from face to feet."""
    height, width = look.person.shape
    ends = look.points[list(_ENDS)]
    inside = ((ends[:, :2] >= 0) & (ends[:, :2] < (width, height))).all()
    return bool(inside) and float(ends[:, 2].min()) >= _SEEN


def _shoulders(look: People) -> float:
    """How far the shoulders lie below the upper edge, in heads."""
    at = places_of(look)
    return float(at[[11, 12], 1].mean()) / max(body_in_heads(at).head, 1e-6)


def _reduced(look: People) -> People:
    """A look at a picture of `_SIDE`."""
    height, width = look.person.shape
    scale = min(_SIDE / max(height, width), 1.0)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    body, person = (
        cv2.resize(mask, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        for mask in (look.body, look.person)
    )
    points = look.points.copy()
    points[:, :2] *= scale
    return type(look)(points, look.score, body, person, ())


def _overlaps(told: Sequence[OnBody]) -> NDArray[np.float32]:
    """(n, n) intersection over union of each two regions."""
    rows = np.stack([one.region.ravel() for one in told]).astype(np.float32)
    both = rows @ rows.T
    sizes = rows.sum(1)
    return both / np.maximum(sizes[:, None] + sizes[None, :] - both, 1)
