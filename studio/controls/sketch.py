"""The sketch: its ink on the board's first channel."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar

from studio.errors import BadInput
from studio.options import Option
from studio.request import Control, Sha
from studio.request.rows import Told, strength
from studio.request.weights import Weights

if TYPE_CHECKING:
    from studio.conditions.control import BoardPart
    from studio.conditions.scene import Scene


class SketchControl(Control):
    """A drawing that is followed.

    Attributes:
        picture: the ink as a PNG, white where there is ink, see `studio.vision.sketch`.
    """

    kind = "sketch"
    weights = (
        Weights(
            "sketch",
            lambda shelf: shelf.board_network("sketch", "ink"),
            kinds=("controlnet_sketch",),
            named=r"control.*(scribble|lineart)",
            example="control_v11p_sd15_scribble.pth",
        ),
    )
    title: ClassVar[str] = "sketch"
    order = 10
    cannot = "follow a drawing"
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

    def board(self, scene: Scene) -> BoardPart:
        """The ink. Raises BadInput where it is hardly a drawing."""
        from studio.conditions.parts import sketch_part
        from studio.vision.pictures import read_ink

        ink = read_ink(scene.file(self.picture))
        if (ink > 127).mean() > 0.5:
            raise BadInput("The sketch is nearly all ink: draw lines and leave the rest empty.")
        return sketch_part(ink, scene.width, scene.height, self)

    def files(self) -> dict[str, str]:
        """The ink."""
        return {"sketch": self.picture}
