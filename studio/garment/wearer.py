"""Whether the words speak of somebody who wears the garment.

A shop's “women's coat”, “hoodie for boys” and “grey men sweater” say for whom it is; pockets “at
the hips” and “sleeves to the arms” speak of the garment. Only who is said to wear it, to stand or
to walk in it, is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from studio.garment.lookahead import reaches_garment
from studio.garment.phrases import POSE_WORDS
from studio.garment.tokens import Item, items, normalise
from studio.garment.vocabulary import POSES

_MANY: Final = frozenset(
    ("women", "men", "girls", "boys", "ladies", "guys", "kids", "children", "models", "people")
)
"""In a shop's title these are customers, unless they are said to wear or to do something."""
_WEARING: Final = frozenset(("wearing", "wears", "wear", "dressed"))


_OTHER_POSES: Final = re.compile(
    r"\b(?:sit(?:s|ting)?|seated|kneel(?:s|ing)?|lying (?:down|on)|lies|reclin(?:es|ing)"
    r"|crouch(?:es|ing)|squat(?:s|ting)|jump(?:s|ing)|runs?|running|danc(?:es|ing)|lean(?:s|ing)"
    r"|twirl(?:s|ing)|spin(?:s|ning)|bend(?:s|ing)|sleep(?:s|ing)|climb(?:s|ing)|riding|rides"
    r"|arms (?:crossed|folded)|(?:crossed|folded) arms|legs crossed|crossed legs|cross legged"
    r"|(?:from|seen from) behind|back view|rear view|side view|in profile|back turned|turned away"
    r"|hands? (?:in|on) (?!(?:the |her |his |their )?hips?)\w+|waving|posing with|swimming|cycling"
    r"|stretching|laying)\b"
)


def another_pose(prompt: str) -> bool:
    """Whether the words speak of a pose that no wearer can take here."""
    return bool(_OTHER_POSES.search(prompt.lower().replace("-", " ")))


def names_a_wearer(prompt: str) -> bool:
    """Whether the words speak of somebody who wears the garment."""
    return _wearer(normalise(prompt))


def _wearer(text: str) -> bool:
    listed = items(text)
    said = [text[item.start : item.end] for item in listed]
    for at, item in enumerate(listed):
        before = said[at - 1] if at else ""
        after = said[at + 1] if at + 1 < len(said) else ""
        if item.kind == "person" and _is_shown(text, listed, said, at):
            return True
        if said[at] in ("wearing", "wears", "dressed"):
            return True
        if said[at] == "worn" and after in ("by", "on"):
            return True
        if item.entry and item.entry.says("pose"):
            attribute = said[at].startswith(("standing", "walking")) and (
                reaches_garment(listed, at + 1) or before in ("for", "shoes")
            )
            if not attribute:
                return True
    return False


def _is_shown(text: str, listed: Sequence[Item], said: Sequence[str], at: int) -> bool:
    """A person who is there, not one for whom the garment is made."""
    back = at - 1
    while back >= 0 and listed[back].kind in ("determiner", "filler", "other", "colour", "shade"):
        back -= 1
    if back >= 0 and said[back] in ("for", "for a", "suits", "fits", "to fit"):
        return False
    if text[listed[at].end : listed[at].end + 2] in ("'s", "s'", "’s"):
        return False
    numbered = at + 1 < len(said) and listed[at + 1].kind in ("number", "other")
    if said[at] == "model" and numbered and not said[at + 1].endswith("ing"):
        return False  # “model 501”
    nearby = said[at + 1 : at + 5]
    acts = bool(_WEARING.intersection(nearby)) or any(
        item.entry is not None and item.entry.says("pose") is not None
        for item in listed[at + 1 : at + 4]
    )
    if acts:
        return True
    by = back >= 0 and said[back] in ("by", "on")
    if said[at] in _MANY:
        return by or bool(nearby and nearby[0] in ("in", "with"))
    # “a man grey sweater”, “the bride dress”: whom it is for. “A woman in a coat”: who is there.
    return by or not reaches_garment(listed, at + 1)


def named_pose(prompt: str) -> str:
    """The pose that the words name, or standing."""
    told = " ".join(re.sub("’", "'", prompt.lower()).split())
    for pose in POSES:
        short = {words.replace("her ", "").replace("his ", "") for words in POSE_WORDS[pose]}
        plain = told.replace("her ", "").replace("his ", "")
        if pose != "standing" and any(words in plain for words in short):
            return pose
    return "standing"
