"""The wearer's pose: an OpenPose stick figure on the board's last channels."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BeforeValidator

from studio.request import Control, Pose
from studio.request.parts import part_of
from studio.request.rows import Told, strength
from studio.request.weights import Weights
from studio.tile import Tile

if TYPE_CHECKING:
    from studio.conditions.control import BoardPart
    from studio.conditions.scene import Scene


class PoseControl(Control):
    """How the wearer stands."""

    kind = "pose"
    weights = (
        Weights(
            "pose",
            lambda shelf: shelf.board_network("pose", "colours"),
            kinds=("controlnet_pose",),
            named=r"control.*(openpose)",
            example="control_v11p_sd15_openpose.pth",
        ),
    )
    title: ClassVar[str] = "pose"
    order = 30
    tile = Tile(
        place=30,
        title="Pose",
        about="How the wearer stands. Choose a pose, then drag its joints.",
        drawn=(
            "M12 7.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM12 8v7M12 10L6.5 7.5M12 10l5.5 3M12 15"
            "l-3.5 5.5M12 15l4 5.5"
        ),
        stronger="Higher keeps closer to the figure.",
    )
    cannot, remedy = "follow a pose", "leave the pose out"
    rows = (Told("Pose", attrgetter("pose"), "pose"), Told("Pose strength", strength))
    pose: Annotated[Pose, BeforeValidator(lambda value: part_of(Pose, value))]

    def board(self, scene: Scene) -> BoardPart:
        """The stick figure."""
        from studio.conditions.parts import pose_part

        return pose_part(self.pose, scene.width, scene.height, self)
