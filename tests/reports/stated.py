"""What words state of a garment, and words to make prompts of."""

from typing import Any

from studio.garment.coarser import COARSER
from studio.garment.parse import parse_prompt

SOME = [
    *COARSER["colour"]["green"],
    *("wrap", "parka", "a", "the", "tee", "sash", "é", "夏", "midi", "with", ",", "top"),
]


def fields(text: str) -> dict[str, Any]:
    """What is stated of the garment."""
    reading = parse_prompt(text)
    return {name: getattr(reading.garment, name) for name in reading.stated - {"components"}}
