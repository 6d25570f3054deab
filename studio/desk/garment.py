"""What a garment's photo, the words and the user say of it, decided once: the part of the body
that it is for, which shape, pose, try-on region and mask follow, on page and command line alike.

Where they do not say it for sure, it is asked and not guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.errors import BadInput
from studio.garment.parse import Reading

if TYPE_CHECKING:
    from studio.vision.garment_mask import GarmentMask

_CALLED = {
    "upper": "a top",
    "lower": "trousers, shorts or a skirt",
    "dress": "a dress, a coat or a jumpsuit",
}
ANSWERS = {"upper": "A top", "lower": "Trousers or skirt", "dress": "Dress or coat"}
"""What the page's buttons under the question say."""

_STRANGE = {
    "two garments": "There seem to be two garments in the photo, and one is worn: paint the mask "
    "over it, or say which one is meant",
    "worn by somebody": "Somebody seems to wear the garment in the photo, so that the mask may "
    "cover more than it: look at the mask, and say which garment is meant",
    "something else": "The photo does not look like a garment that Toile knows, and hats, shoes, "
    "bags and swimwear are none: say what it comes nearest to, or give another photo",
}


class GarmentUnknown(BadInput):
    """It must be asked which garment is meant.

    Attributes:
        reason: why, without how to answer.
        by_option: how it is answered on the command line.
    """

    by_option = "give --garment-part upper, lower or dress"

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}: choose it under “Which garment”.")
        self.reason = reason


@dataclass(frozen=True)
class Look:
    """What a photo alone tells.

    Attributes:
        part: of the body, empty for nothing. sure: whether that may be said without asking.
        strange: what it seems to be rather than one garment, see `studio.vision.outline`.
    """

    part: str = ""
    sure: bool = False
    strange: str = ""


def look_of(found: GarmentMask) -> Look:
    """What is told of a mask's garment."""
    told = found.told.part if found.told is not None and found.source != "parser" else found.part
    return Look(told, found.sure, found.strange)


@dataclass(frozen=True)
class Decision:
    """What is so.

    Attributes:
        part: of the body; empty where nothing says it.
        asks: why it must be asked, without how to answer; else empty.
        note: what is told though it need not be asked; else empty.
    """

    part: str = ""
    asks: str = ""
    note: str = ""


def decide(look: Look | None, words: Reading, asked: str = "auto") -> Decision:
    """The part of the body that a garment is for.

    The user's choice wins, then the words, unless the photo is sure of another part; then the
    photo, where it is sure.

    Args:
        look: at the garment's photo; None where there is none.
    """
    from studio.vision.certainty import REGIONS
    from studio.vision.garment_mask import may_be_for

    kind = words.garment.type if "garment" in words.stated else None
    said = "" if kind is None else REGIONS[kind.region]
    if look is None:
        return Decision(said)
    strange = _STRANGE.get(look.strange, "")
    if asked != "auto":
        return Decision(asked, note=strange and f"{strange.partition(':')[0]}.")
    if kind is not None:
        if look.sure and look.part and not may_be_for(kind, look.part):
            why = f"The words name {_CALLED[said]} and the photo shows {_CALLED[look.part]}"
            return Decision(said, f"{why}, so say which is meant")
        return Decision(said, note=strange and f"{strange.partition(':')[0]}.")
    if strange:
        return Decision(look.part, strange)
    if not look.sure:
        one, two, three = _CALLED.values()
        return Decision(
            look.part, f"Which is it: {one}; {two}; or {three}? The photo does not tell for sure"
        )
    return Decision(look.part)
