"""How a control is told in a table: a label, what is read of it, and how that is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Told:
    """One row of a table about a control; the first of a control's rows says that it is there.

    Attributes:
        what: its label, in a designer's words.
        read: takes what is told out of the control; None for nothing.
        noun: what a value is called that can only be told apart from others, such as a picture;
            it gets a number behind it. Without one the value is shown as it is.
    """

    what: str
    read: Callable[[Any], object]
    noun: str = ""


def number(value: float) -> str:
    """A number as people write it."""
    return f"{round(value, 2):g}"


def strength(control: Any) -> str:
    """How strongly a control is heard, and when, where that is not always."""
    text = number(control.strength)
    if (control.start, control.end) != (0, 1):
        text += f", steps {control.start:.0%}–{control.end:.0%}".replace("%–", "–")
    return text
