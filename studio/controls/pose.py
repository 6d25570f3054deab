"""The wearer's pose: an OpenPose stick figure on the board's last channels."""

from __future__ import annotations

from operator import attrgetter
from typing import Annotated, ClassVar

from pydantic import BeforeValidator

from studio.request import Control, Pose
from studio.request.parts import part_of
from studio.request.rows import Told, strength


class PoseControl(Control):
    """How the wearer stands."""

    kind = "pose"
    title: ClassVar[str] = "pose"
    order = 30
    rows = (Told("Pose", attrgetter("pose"), "pose"), Told("Pose strength", strength))
    pose: Annotated[Pose, BeforeValidator(lambda value: part_of(Pose, value))]
