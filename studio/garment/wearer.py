"""Whether words speak of somebody who wears the garment, and how she stands."""

from __future__ import annotations

import re

from studio.garment.lexicon import PEOPLE_TOO
from studio.garment.phrases import POSE_WORDS
from studio.garment.vocabulary import PEOPLE, POSES

_POSING = {word for pose in POSES for word in pose.split()} - {"on", "one", "open"}
_WEARER = frozenset(
    {*PEOPLE, *PEOPLE_TOO, *_POSING, "worn", "wearing", "wears", "wear", "dressed"}
    | {"girl", "lady", "guy"}
)


def names_a_wearer(prompt: str) -> bool:
    """Whether the words speak of somebody who wears the garment."""
    return not _WEARER.isdisjoint(re.findall(r"[a-z']+", prompt.lower().replace("’", "'")))


def named_pose(prompt: str) -> str:
    """The pose that the words name, or standing."""
    told = " ".join(prompt.lower().replace("’", "'").split())
    for pose in POSES:
        short = {words.replace("her ", "").replace("his ", "") for words in POSE_WORDS[pose]}
        plain = told.replace("her ", "").replace("his ", "")
        if pose != "standing" and any(words in plain for words in short):
            return pose
    return "standing"
