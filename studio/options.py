"""How a control is given on the command line: options, each for one of its fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Option:
    """An option of `generate`; a control's first one gives it, the others say more of it.

    Attributes:
        flag: such as "--face". field: of the control.
        help: one line.
        reads: what stands behind it: a text, a number, or a file that is taken in as a garment's
            photo, any other photo, a mask, a drawing or a style.
        metavar: how the help calls what stands behind it.
        several: it may be repeated.
    """

    flag: str
    field: str
    help: str
    reads: Literal["text", "number", "garment", "photo", "mask", "drawing", "style"] = "text"
    metavar: str = ""
    several: bool = False

    @property
    def name(self) -> str:
        """The name of its value among the options."""
        return f"{self.flag.removeprefix('--').replace('-', '_')}_option"
