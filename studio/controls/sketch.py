"""The sketch: its ink on the board's first channel."""

from __future__ import annotations

from operator import attrgetter
from typing import ClassVar

from studio.options import Option
from studio.request import Control, Sha
from studio.request.rows import Told, strength


class SketchControl(Control):
    """A drawing that is followed.

    Attributes:
        picture: the ink as a PNG, white where there is ink, see `studio.vision.sketch`.
    """

    kind = "sketch"
    title: ClassVar[str] = "sketch"
    order = 10
    says_what = True
    rows = (
        Told("Drawing", attrgetter("picture"), "drawing"),
        Told("Sketch strength", strength),
    )
    when_found = "usual shape"
    options = (
        Option("--sketch", "picture", "a drawing, or a photo of one", "drawing", "FILE"),
        Option("--sketch-strength", "strength", "0 to 2 (1)", "number", "F"),
    )
    picture: Sha

    def files(self) -> dict[str, str]:
        """The ink."""
        return {"sketch": self.picture}
