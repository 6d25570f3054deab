"""A face to be recognised again: IP-Adapter-FaceID with a replaceable face encoder."""

from __future__ import annotations

from operator import attrgetter
from typing import ClassVar

from studio.options import Option
from studio.request import Control, Sha
from studio.request.rows import Told, strength


class FaceControl(Control):
    """A photo of the wearer's face."""

    kind = "face"
    title: ClassVar[str] = "face"
    order = 50
    rows = (Told("Face photo", attrgetter("picture"), "face"), Told("Face strength", strength))
    options = (
        Option("--face", "picture", "a photo of the wearer's face", "photo", "FILE"),
        Option("--face-strength", "strength", "0 to 2 (1)", "number", "F"),
    )
    picture: Sha
