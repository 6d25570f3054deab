"""The usual shape of what words describe: a flat to start from where nothing is drawn."""

from __future__ import annotations

import re

from studio.garment.lexicon import PEOPLE_TOO
from studio.garment.parse import Reading
from studio.garment.spec import GarmentSpec
from studio.garment.vocabulary import PEOPLE, POSES

_POSING = {word for pose in POSES for word in pose.split()} - {"on", "one", "open"}
_WEARER = frozenset(
    {*PEOPLE, *PEOPLE_TOO, *_POSING, "worn", "wearing", "wears", "wear", "dressed"}
    | {"girl", "lady", "guy"}
)


def names_a_wearer(prompt: str) -> bool:
    """Whether the words speak of somebody who wears the garment."""
    return not _WEARER.isdisjoint(re.findall(r"[a-z']+", prompt.lower().replace("’", "'")))


def usual_shape(prompt: str, reading: Reading) -> GarmentSpec | None:
    """The garment whose flat says what the words mean, or None.

    None where the words name no garment, so that the model is free, and where somebody wears it:
    a flat does not know how a body stands.
    """
    if "garment" not in reading.stated or names_a_wearer(prompt):
        return None
    return reading.garment.with_components(())
