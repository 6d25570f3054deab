"""Everything that decides a picture, as one frozen value, and beside it what was found for it.

A `GenerationRequest` is words, sampling, any number of controls, a start and a model. The same
request with the same weights on the same machine gives the same picture, byte for byte. Pictures
that take part are named by their SHA-256; the bytes travel beside the request. `Recorded` is what
is stored with every picture, in the database and in the PNG itself.
"""

from studio.request.control import Control, control_kinds, kind_of
from studio.request.parts import (
    JOINTS,
    MAX_COUNT,
    MAX_PROMPT,
    MAX_SCALE,
    MAX_SEED,
    MAX_SIDE,
    MAX_STEPS,
    MAX_STRENGTH,
    MIN_SIDE,
    SAMPLER_NAMES,
    SAMPLERS,
    SIDE_STEP,
    TRYON_STRENGTH,
    Joint,
    Model,
    Part,
    Pose,
    Sampling,
    Sha,
    Start,
    Words,
    sha_of,
)
from studio.request.request import (
    FORMAT,
    Controlled,
    Controls,
    GenerationRequest,
    Origin,
    Recorded,
    files_of,
)

__all__ = [
    "FORMAT", "JOINTS", "MAX_COUNT", "MAX_PROMPT", "MAX_SCALE", "MAX_SEED", "MAX_SIDE",
    "MAX_STEPS", "MAX_STRENGTH", "MIN_SIDE", "SAMPLERS", "SAMPLER_NAMES", "SIDE_STEP",
    "TRYON_STRENGTH", "Control", "Controlled", "Controls", "GenerationRequest", "Joint", "Model",
    "Origin", "Part", "Pose", "Recorded", "Sampling", "Sha", "Start", "Words", "control_kinds",
    "files_of", "kind_of", "sha_of",
]  # fmt: skip
