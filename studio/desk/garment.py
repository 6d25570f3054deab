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
_FOR = {
    "upper": "a garment for the upper body",
    "lower": "a garment for the lower body",
    "dress": "a dress or another garment of full length",
}
ANSWERS = {"upper": "A top", "lower": "Trousers or skirt", "dress": "Dress or coat"}
"""What the page's buttons under the question say."""


@dataclass(frozen=True)
class Question:
    """Which garment is meant.

    Attributes:
        why: it must be asked, without how to answer.
        else_page, else_option: what else helps, on the page and on the command line.
    """

    why: str
    else_page: str = ""
    else_option: str = ""

    @property
    def on_page(self) -> str:
        """It as it stands above the page's answers."""
        return f"{self.why}: say which is meant{_or(self.else_page)}."

    @property
    def by_option(self) -> str:
        """How it is answered on the command line."""
        return f"give --garment-part upper, lower or dress{_or(self.else_option)}"

    @property
    def on_command_line(self) -> str:
        """It with its answer, a sentence."""
        return f"{self.why}: {self.by_option}."


def _or(other: str) -> str:
    return f", or {other}" if other else ""


_STRANGE = {
    "two garments": Question(
        "There seem to be two garments in the photo, and one is worn",
        "paint the mask over it",
        "a --garment-mask over it",
    ),
    "worn by somebody": Question(
        "Somebody seems to wear the garment in the photo, so that the mask may cover more than it",
        "paint the mask over it alone",
        "a --garment-mask over it alone",
    ),
    "something else": Question(
        "The photo does not look like a garment that Toile knows, and hats, shoes, bags and "
        "swimwear are none",
        "give another photo",
        "another photo",
    ),
}


class GarmentUnknown(BadInput):
    """It must be asked which garment is meant.

    Attributes:
        reason: why, without how to answer.
        by_option: how it is answered on the command line.
    """

    def __init__(self, question: Question) -> None:
        other = _or(question.else_page)
        super().__init__(f"{question.why}: choose it under “Which garment”{other}.")
        self.reason, self.by_option = question.why, question.by_option


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
        asks: what must be asked before that may be believed; None where it is decided.
        note: what is told though it need not be asked; else empty.
        said: what it is taken for, and who says so: one sentence, empty where nothing does.
    """

    part: str = ""
    asks: Question | None = None
    note: str = ""
    said: str = ""


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
    strange = _STRANGE.get(look.strange)
    note = f"{strange.why}." if strange else ""
    if asked != "auto":
        unlike = _FOR[look.part] if look.sure and look.part not in ("", asked) else ""
        return Decision(asked, note=note, said=_taken(asked, "you chose", unlike))
    if kind is not None:
        if look.sure and look.part and not may_be_for(kind, look.part):
            why = f"The words name {_CALLED[said]} and the photo shows {_CALLED[look.part]}"
            return Decision(said, Question(why))
        return Decision(said, note=note, said=_taken(said, "the words say"))
    if strange:
        return Decision(look.part, strange)
    if not look.sure:
        one, two, three = _CALLED.values()
        why = f"Which is it: {one}; {two}; or {three}? The photo does not tell for sure"
        return Decision(look.part, Question(why))
    return Decision(look.part, said=_taken(look.part, "the photo shows"))


def _taken(part: str, because: str, unlike: str = "") -> str:
    """What a garment is taken for, and why; `unlike`: what its photo rather looks like."""
    though = f", though it looks more like {unlike}" if unlike else ""
    return f"It is taken for {_FOR[part]}, as {because}{though}." if part in _FOR else ""


UNNAMED = "Nothing names the garment, so it is the region of a top."
"""What is told of the region of a person whom nothing says what to dress in."""


def region_said(decision: Decision, found: str) -> str:
    """What is to be told of a person's region by now; empty where it is what was decided.

    Args:
        found: the part of the body that the region was found for.
    """
    if decision.asks:
        return "Which garment is meant is not known yet, so it may become another region."
    if not decision.part:
        return UNNAMED
    if found in ("", decision.part):
        return ""
    return f"It is found anew for {_FOR[decision.part]}."
