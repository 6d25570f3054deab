"""Components in their exact places: one channel of the board for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from studio.conditions.board import draw_board
from studio.conditions.control import BoardPart
from studio.garment.spec import Component
from studio.request import Control


def component_part(
    components: Sequence[Component], width: int, height: int, control: Control | None = None
) -> BoardPart:
    """The board with the components alone; those without a box are left out.

    Boards are square. For another shape the picture is taken as the middle of the square around
    it, so that a button stays a disc of its size.

    Args:
        components: with boxes in parts of the picture's width and height.
        width, height: of the picture, in pixels.
        control: when and how strongly they are heard.
    """
    side = max(width, height)
    x, y = (side - width) // 2, (side - height) // 2
    placed = []
    for component in components:
        if component.box is None:
            continue
        left, top, right, bottom = component.box
        box = (
            (left * width + x) / side,
            (top * height + y) / side,
            (right * width + x) / side,
            (bottom * height + y) / side,
        )
        placed.append(replace(component, box=box))
    board = draw_board(None, placed, side)
    return BoardPart("components", board[:, y : y + height, x : x + width], control or Control())
