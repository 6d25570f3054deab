"""Components fitted onto a drawing: where the prompt's buttons go on the user's own outline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from studio.garment import flats
from studio.garment.document import partner
from studio.garment.figure import Wearer, worn_by, worn_layout
from studio.garment.parse import Reading, apply_requests
from studio.garment.requests import ComponentRequest, most, objection
from studio.garment.spec import Box, Component, GarmentSpec
from studio.garment.vocabulary import GARMENTS

_INK = 96
_SMALLEST = 0.1
"""A drawing smaller than this share of the board is no outline yet."""


def ink_bounds(ink: NDArray[np.uint8]) -> Box | None:
    """Left, top, right, bottom of the ink in 0..1, or None without any."""
    dark = ink > _INK
    rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
    if not rows.size:
        return None
    height, width = ink.shape
    left, right = float(columns[0] / width), float((columns[-1] + 1) / width)
    return left, float(rows[0] / height), right, float((rows[-1] + 1) / height)


def fit_to_ink(
    garment: GarmentSpec, ink: NDArray[np.uint8] | None, pose: str | None = None
) -> tuple[Component, ...]:
    """The garment's components with boxes, moved onto the drawing where there is one.

    The usual layout is stretched so that its outline's bounds meet the ink's: buttons then run
    down the drawn front and not down that of the usual cut.

    Args:
        garment: components without a box get their usual place.
        ink: (size, size), 255 where there is ink, or None.
        pose: of a wearer; without a drawing the garment then hangs on somebody.
    """
    if ink is None and pose is not None:
        return worn_layout(garment, pose).components
    placed = flats.place(garment).components
    if ink is None or not placed:
        return placed
    drawn = ink_bounds(ink)
    usual = ink_bounds(flats.layout(garment.with_components(())).ink(ink.shape[0]))
    if drawn is None or usual is None:
        return placed
    if min(drawn[2] - drawn[0], drawn[3] - drawn[1]) < _SMALLEST:
        return placed
    return tuple(
        c if c.box is None else replace(c, box=_moved(c.box, usual, drawn)) for c in placed
    )


def _moved(box: Box, source: Box, target: Box) -> Box:
    """A box carried along when the bounds `source` are stretched to `target`."""

    def along(value: float, axis: int) -> float:
        scale = (target[axis + 2] - target[axis]) / (source[axis + 2] - source[axis])
        return min(max(target[axis] + (value - source[axis]) * scale, 0.0), 1.0)

    left, top, right, bottom = box
    return along(left, 0), along(top, 1), along(right, 0), along(bottom, 1)


def garment_for(reading: Reading, requests: Collection[ComponentRequest]) -> GarmentSpec:
    """The prompt's garment; where it names none, the first that can take the requests."""
    if "garment" in reading.stated:
        return reading.garment
    for name in (reading.garment.garment, *GARMENTS):
        kind = GARMENTS[name]
        if all(objection(kind, r) is None for r in requests):
            return replace(GarmentSpec(), garment=name, **kind.usual)
    return reading.garment


def place_requests(
    reading: Reading,
    ink: NDArray[np.uint8] | None,
    explicit: Collection[ComponentRequest] = (),
) -> tuple[Component, ...]:
    """The components that are asked for, with boxes.

    Args:
        reading: the prompt's; its own requests count for kinds that `explicit` does not name.
        ink: the drawing that they go onto, or None for the garment's usual cut.
        explicit: asked for beside the prompt.

    Raises:
        BadInput: an explicit request that the garment cannot take.
    """
    named = {r.kind for r in explicit}
    requests = (*(r for r in reading.requests if r.kind not in named), *explicit)
    if not requests:
        return ()
    garment = apply_requests(garment_for(reading, requests), requests)
    wanted = {r.kind for r in requests}
    placed = fit_to_ink(garment, ink, reading.pose)
    return tuple(c for c in placed if c.kind in wanted and c.box is not None)


OF_THE_CUT = ("collar", "hood")
"""Kinds that a garment has by its neckline, without being asked for: no words place them."""


def components_as_shown(
    garment: GarmentSpec, shown: Iterable[Component], wearer: Wearer | None
) -> tuple[Component, ...]:
    """What a picture of the garment shows on it, at the usual places of a garment like this.

    Args:
        garment: cut as it shall be made.
        shown: as they were read; what this garment cannot have, or what would change its cut,
            is left out, and more than it can hold is not placed.
        wearer: who wears it, or None where the garment is laid flat.
    """
    shown = tuple(shown)
    requests: list[ComponentRequest] = []
    for (kind, place), count in _evened(garment, shown).items():
        request = ComponentRequest(kind, min(count, most(garment.type, kind, place)), place)
        if request.count and objection(garment.type, request) is None:
            made = apply_requests(garment, (request,))
            if (made.neckline, made.sleeves) == (garment.neckline, garment.sleeves):
                requests.append(request)
    made = apply_requests(garment, requests)
    layout = flats.layout(made) if wearer is None else worn_by(made, wearer)
    if layout is None:
        return ()
    wanted = {r.kind for r in requests} | {c.kind for c in shown if c.kind in OF_THE_CUT}
    return tuple(c for c in layout.components if c.kind in wanted and c.box is not None)


def _evened(garment: GarmentSpec, shown: Iterable[Component]) -> Counter[tuple[str, str]]:
    """How many of each kind at each place; of two at a place that holds one, the other is at the
    place across."""
    counts = Counter((c.kind, c.place) for c in shown)
    for (kind, place), count in tuple(counts.items()):
        across = partner(place)
        over = count - most(garment.type, kind, place)
        if over > 0 and across and counts[kind, across] < most(garment.type, kind, across):
            counts[kind, place] -= 1
            counts[kind, across] += 1
    return counts


_ANYWHERE: Box = (0.44, 0.44, 0.56, 0.56)


def usual_boxes(
    reading: Reading, kind: str, place: str, count: int, ink: NDArray[np.uint8] | None
) -> tuple[Box, ...]:
    """Where `count` components of a kind lie at a place by themselves, on the drawing if any.

    Where the prompt's garment has no such component, that of one that has it is taken.
    """
    request = ComponentRequest(kind, count, place)
    garment = garment_for(reading, (request,))
    if objection(garment.type, request):
        garment = garment_for(replace(reading, stated=frozenset()), (request,))
    if objection(garment.type, request):
        return (_ANYWHERE,) * count
    placed = fit_to_ink(apply_requests(garment, (request,)), ink, reading.pose)
    boxes = tuple(c.box for c in placed if (c.kind, c.place) == (kind, place) and c.box)
    return boxes[:count] or (_ANYWHERE,) * count
