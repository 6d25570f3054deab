"""Did the picture keep what was asked? Compared after generation, shown under each picture."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from studio.garment.parse import Reading, parse_prompt
from studio.garment.requests import apply_requests
from studio.garment.vocabulary import COMPONENTS
from studio.request import GenerationRequest
from studio.vision.perception import Seen

_ATTRIBUTES = ("garment", "colour", "pattern", "neckline", "sleeves")


def check(request: GenerationRequest, seen: Seen) -> list[dict[str, Any]]:
    """Compare a picture with its request.

    Returns:
        One entry per thing that was asked for: `{"what", "asked", "seen", "passed"}`; counts are
        numbers, the rest are words. Only what the prompt or the board stated is judged.
    """
    reading = parse_prompt(request.prompt)
    return [*_counts(request, reading, seen), *_words(reading, seen)]


def _counts(request: GenerationRequest, reading: Reading, seen: Seen) -> list[dict[str, Any]]:
    asked = Counter(c.kind for c in request.components)
    if not asked and reading.requests:
        wanted = {r.kind for r in reading.requests}
        garment = apply_requests(reading.garment, reading.requests)
        asked = Counter(c.kind for c in garment.components if c.kind in wanted)
    for request_ in reading.requests:
        if request_.count == 0:
            asked[request_.kind] += 0  # asked for none: seeing one is a miss
    return [
        _entry(
            COMPONENTS[kind].name if count == 1 else COMPONENTS[kind].plural,
            count,
            seen.count(kind),
        )
        for kind, count in asked.items()
    ]


def _words(reading: Reading, seen: Seen) -> list[dict[str, Any]]:
    return [
        _entry(name, getattr(reading.garment, name), getattr(seen, name).name)
        for name in _ATTRIBUTES
        if name in reading.stated
    ]


def _entry(what: str, asked: Any, found: Any) -> dict[str, Any]:
    return {"what": what, "asked": asked, "seen": found, "passed": asked == found}


def passed(checks: Sequence[dict[str, Any]]) -> bool:
    """Whether all checks passed."""
    return all(c["passed"] for c in checks)
