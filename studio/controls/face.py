"""A face to be recognised again: IP-Adapter-FaceID with a replaceable face encoder."""

from __future__ import annotations

from operator import attrgetter
from typing import ClassVar

from studio.options import Option
from studio.request import Control, Sha
from studio.request.rows import Told, strength
from studio.tile import Tile


class FaceControl(Control):
    """A photo of the wearer's face."""

    kind = "face"
    title: ClassVar[str] = "face"
    order = 50
    tile = Tile(
        place=40,
        title="Face",
        about="Whose face the wearer has.",
        drawn=(
            "M12 20c-3.6 0-6-3.5-6-8s2.4-7.5 6-7.5 6 3 6 7.5-2.4 8-6 8zM9.7 11.5h.01"
            "M14.3 11.5h.01M10 15.5c1.2.9 2.8.9 4 0"
        ),
        used="the face is taken from this photo",
        stronger="Higher looks more like the photo.",
    )
    rows = (Told("Face photo", attrgetter("picture"), "face"), Told("Face strength", strength))
    options = (
        Option("--face", "picture", "a photo of the wearer's face", "photo", "FILE"),
        Option("--face-strength", "strength", "0 to 2 (1)", "number", "F"),
    )
    picture: Sha
