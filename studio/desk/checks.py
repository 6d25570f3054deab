"""Did the picture keep what was asked? Compared after generation, shown under each picture."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.controls.components import placed_in
from studio.controls.sketch import SketchControl
from studio.garment.parse import Reading, parse_prompt
from studio.garment.requests import apply_requests
from studio.garment.spec import Component
from studio.garment.vocabulary import COMPONENTS
from studio.request import GenerationRequest, Recorded

if TYPE_CHECKING:
    from studio.vision.kept import Cloth
    from studio.vision.perception import Seen

REACH = 0.04
"""A component is in its place when one of its kind is seen at most this far from it, centre to
centre, in parts of the picture's height."""

FOLLOWED = 85
"""The least sketch match that counts as following the drawing."""

SAME_COLOUR = 10.0
"""The largest CIEDE2000 at which a garment has its photo's colour. Of 120 held-out garments, laid
flat and worn in other light, 99 in 100 lie below 4, and 99 in 100 of those of another colour above
16 (`python -m trainer evaluate perception`: “photo”)."""

PATTERNED = 10.0
LEFT_OF_A_PATTERN = 0.5
"""Cloth at least so busy has a pattern, which is fainter where less than this part of that is left,
see `studio.vision.kept.Cloth`. Of the patterned ones of those 120 the least kept is .54."""

_ATTRIBUTES = ("garment", "colour", "pattern", "neckline", "sleeves")


def check(
    recorded: Recorded,
    seen: Seen,
    ink: NDArray[np.uint8] | None = None,
    worn: tuple[Cloth, Cloth] | None = None,
) -> list[dict[str, Any]]:
    """Compare a picture with its request. Only what the words or the board stated is judged.

    Args:
        recorded: the request of exactly this picture, and what was found for it.
        seen: what the perception sees in the picture.
        ink: the request's sketch, (H, W), 255 = ink; without it the drawing is not judged, nor is
            a usual shape that nobody drew.
        worn: the cloth in the garment's photo and in the picture, where there is a photo.

    Returns:
        One entry per thing that was asked for: `{"what", "asked", "seen", "passed", "kind"}`.
        By `kind`:

        - "count": how many of a component; `component` is its kind in the vocabulary, `boxes`
          where they are seen, `sure` whether nothing speaks for another number.
        - "place": how many of the placed ones are in place, see `REACH`; `component` as above,
          `spots` each placed one as `{"box", "kept"}`. Boxes are left, top, right, bottom in
          0..1.
        - "word": a word of the prompt and the word that the picture suggests.
        - "photo": the colour of the cloth in the picture (`seen`) and in the garment's photo
          (`asked`), as hex; or how strong the pattern is, see `studio.vision.kept.Cloth.busy`.
        - "sketch": `seen` is `studio.vision.match.sketch_match`, 0..100; `asked` is `FOLLOWED`.
    """
    from studio.vision.match import sketch_match  # reads pictures; the page opens without it

    request = recorded.request
    reading = parse_prompt(request.words.prompt)
    entries: list[dict[str, Any]] = []
    for kind, count in _asked(request, reading).items():
        found = [c for c in seen.components if c.kind == kind]
        entries.append(_count(kind, count, found) | {"sure": seen.sure(kind)})
        placed = [c for c in _placed(request) if c.kind == kind and c.box is not None]
        if placed:
            start, tall = request.start, request.sampling.height / request.sampling.width
            tall = 1 / start.aspect if start and start.aspect else tall
            entries.append(_places(kind, placed, found, tall))
    entries += _words(reading, seen)
    if worn is not None:
        entries += _as_in_the_photo(*worn)
    drawn = recorded.given(SketchControl)
    if ink is not None and drawn is not None and drawn.strength > 0:
        match = sketch_match(ink, seen.mask)
        if match is not None:
            entries.append(_entry("sketch", "sketch", FOLLOWED, match, match >= FOLLOWED))
    return entries


def missed_places(checks: Iterable[Mapping[str, Any]], kind: str) -> list[list[float]]:
    """The boxes in which placed components of a kind were asked for and none was seen."""
    return [
        spot["box"]
        for c in checks
        if c.get("kind") == "place" and c.get("component") == kind
        for spot in c["spots"]
        if not spot["kept"]
    ]


def _placed(request: GenerationRequest) -> Iterable[Component]:
    """The placed components where they are on the picture that came of it."""
    from studio.vision.framing import on_photo

    start = request.start
    if start is None or start.aspect is None:
        return placed_in(request)
    aspect, size = start.aspect, (request.sampling.width, request.sampling.height)

    def moved(component: Component) -> Component:
        if component.box is None:
            return component
        left, top, right, bottom = component.box
        box = (*on_photo(left, top, aspect, size), *on_photo(right, bottom, aspect, size))
        return replace(component, box=box)

    return map(moved, placed_in(request))


def _asked(request: GenerationRequest, reading: Reading) -> Counter[str]:
    """How many of each kind: those on the board, else those of the words."""
    asked = Counter(c.kind for c in placed_in(request))
    if not asked and reading.requests:
        wanted = {r.kind for r in reading.requests}
        garment = apply_requests(reading.garment, reading.requests)
        asked = Counter(c.kind for c in garment.components if c.kind in wanted)
    for wish in reading.requests:
        if wish.count == 0:
            asked[wish.kind] += 0  # asked for none: seeing one is a miss
    return asked


def _count(kind: str, asked: int, found: Sequence[Component]) -> dict[str, Any]:
    noun = COMPONENTS[kind].name if asked == 1 else COMPONENTS[kind].plural
    boxes = [_rounded(c) for c in found if c.box is not None]
    return _entry("count", noun, asked, len(found), asked == len(found)) | {
        "component": kind,
        "boxes": boxes,
    }


def _places(
    kind: str, placed: Sequence[Component], found: Sequence[Component], tall: float
) -> dict[str, Any]:
    kept = _in_place(placed, found, tall)
    noun = COMPONENTS[kind].name if len(placed) == 1 else COMPONENTS[kind].plural
    count = sum(kept)
    return _entry("place", f"{noun} in place", len(placed), count, count == len(placed)) | {
        "component": kind,
        "spots": [{"box": _rounded(c), "kept": good} for c, good in zip(placed, kept, strict=True)],
    }


def _in_place(placed: Sequence[Component], found: Sequence[Component], tall: float) -> list[bool]:
    """Whether each placed component has one seen within reach; one seen keeps one place, the
    nearest pairs first.

    Args:
        tall: the picture's height in parts of its width.
    """
    pairs = sorted(
        (math.hypot((p.centre[0] - f.centre[0]) / tall, p.centre[1] - f.centre[1]), i, j)
        for i, p in enumerate(placed)
        for j, f in enumerate(found)
        if p.centre is not None and f.centre is not None
    )
    kept = [False] * len(placed)
    used: set[int] = set()
    for distance, i, j in pairs:
        if distance <= REACH and not kept[i] and j not in used:
            kept[i] = True
            used.add(j)
    return kept


def _words(reading: Reading, seen: Seen) -> list[dict[str, Any]]:
    entries = []
    for name in _ATTRIBUTES:
        if name in reading.stated:
            asked, found = getattr(reading.garment, name), getattr(seen, name).name
            entries.append(_entry("word", name, asked, found, asked == found))
    return entries


def _as_in_the_photo(photo: Cloth, made: Cloth) -> list[dict[str, Any]]:
    entries = [
        _entry("photo", "colour", photo.hex, made.hex, photo.differs(made) <= SAME_COLOUR)
        | {"difference": round(photo.differs(made), 1)}
    ]
    if photo.busy >= PATTERNED:
        kept = made.busy >= photo.busy * LEFT_OF_A_PATTERN
        entries.append(_entry("photo", "pattern", round(photo.busy, 1), round(made.busy, 1), kept))
    return entries


def _entry(kind: str, what: str, asked: Any, found: Any, passed: bool) -> dict[str, Any]:
    return {"kind": kind, "what": what, "asked": asked, "seen": found, "passed": passed}


def _rounded(component: Component) -> list[float]:
    return [round(v, 4) for v in component.box or ()]
