"""How a control is given on the command line: options, each for one of its fields."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any, Literal


class Once(argparse.Action):
    """Keeps what stands behind an option, and refuses the option where it is given again.

    argparse lets the last one win, so that of two garments one would be lost without a word.
    """

    _given_to: argparse.Namespace | None = None

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Keep the value. Raises what `parser.error` raises on a second one."""
        if self._given_to is namespace and option_string is not None:
            parser.error(f"{option_string} was given twice: give it once")
        self._given_to = namespace
        setattr(namespace, self.dest, values)

    @classmethod
    def everywhere(cls, parser: argparse.ArgumentParser) -> None:
        """Every option of a parser that says nothing else may be given once."""
        for name in (None, "store"):
            parser.register("action", name, cls)


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
