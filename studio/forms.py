"""Data from outside, read into a pydantic model or refused in one sentence.

Whatever comes as JSON from a browser, a file or another program is read by `read_json` or
`read_form`, and by nothing else. Python's own reader takes brackets within brackets until it falls
over, and numbers that no arithmetic and no database takes.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, TypeGuard, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from studio.errors import BadInput

DEEPEST = 64
"""Brackets within brackets; everything of ours has fewer than a dozen."""

LARGEST_JSON = 64 * 2**20
"""Characters or bytes of one document."""

_WHOLE = 2**63 - 1
"""The largest whole number that a database takes."""

SHAPELESS = (
    BadInput, ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError,
    RecursionError,
)  # fmt: skip
"""What taking values out of foreign data can raise where they are not what they should be."""

_LONGEST = 60
"""Characters of somebody else's words that a sentence repeats."""

_MARKS = re.compile(r'["\[{\]}](?:(?<=")(?:[^"\\]|\\.)*"?)?', re.DOTALL)
"""A text in quotes, or a bracket."""


class NotJson(BadInput, ValueError):
    """No JSON, or more of it than anything of ours has."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text or "What was sent cannot be read: reload the page, then try again.")


def read_json(text: str | bytes, most: int = LARGEST_JSON) -> Any:
    """JSON from outside: whole numbers fit a database, others are finite, nothing lies deep.

    Args:
        text: UTF-8 where it is bytes. most: characters or bytes of it.

    Raises:
        NotJson: it is none, larger, deeper, or has numbers that nobody can use.
    """
    if len(text) > most:
        raise NotJson
    try:
        clear = text if isinstance(text, str) else text.decode("utf-8-sig")
        _require_shallow(clear)
        return json.loads(
            clear, parse_int=_whole_number, parse_float=_finite_number, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        raise NotJson from None


def read_object(text: str | bytes, most: int = LARGEST_JSON) -> dict[str, Any]:
    """`read_json` for an object with named fields. Raises NotJson."""
    data = read_json(text, most)
    if not isinstance(data, dict):
        raise NotJson
    return data


def bounded(data: Any) -> Any:
    """What somebody else has parsed, held to what `read_json` takes. Raises NotJson."""
    level = [data]
    for _ in range(DEEPEST + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += value.values()
            elif isinstance(value, list | tuple):
                below += value
            elif isinstance(value, int | float) and not (
                isinstance(value, bool) or is_number(value)
            ):
                raise NotJson
        if not below:
            return data
        level = below
    raise NotJson


def is_whole(value: object) -> TypeGuard[int]:
    """Whether it is a whole number that a database takes; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _WHOLE


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a number that can be reckoned with: finite, and whole ones as `is_whole`."""
    return is_whole(value) or (isinstance(value, float) and math.isfinite(value))


def _require_shallow(text: str) -> None:
    depth = 0
    for mark in _MARKS.finditer(text):
        first = text[mark.start()]
        if first != '"':
            depth += 1 if first in "[{" else -1
            if depth > DEEPEST:
                raise NotJson


def _whole_number(digits: str) -> int:
    number = int(digits) if len(digits) <= 20 else _WHOLE + 1
    if abs(number) > _WHOLE:
        raise ValueError("a whole number that is far too large")
    return number


def _finite_number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


def _no_number(name: str) -> float:
    raise ValueError(name)


class Strict(BaseModel):
    """A frozen model that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


ModelT = TypeVar("ModelT", bound=BaseModel)


def read_form(model: type[ModelT], data: Any, what: str, advice: str = "") -> ModelT:
    """Validate data against a model.

    A validator of the model may raise BadInput itself: its sentence goes out as it is.

    Args:
        data: JSON as text or bytes, or what is already parsed.
        what: names the data in the sentence, such as a file's path.
        advice: for data that nobody writes by hand, what to do now ("reload the page"); the
            sentence then says only where the first problem is, and this.

    Raises:
        BadInput: one sentence that names the first key that is wrong.
    """
    try:
        if isinstance(data, str | bytes):
            return model.model_validate_json(data)
        return model.model_validate(data)
    except ValidationError as error:
        # A misspelt key shows up twice, as unknown and as missing: the first says more.
        first = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
        where = " ".join(".".join(str(part) for part in first["loc"]).split())[:_LONGEST]
        if advice:
            sentence = f"{what} cannot be read ({where or 'its form'}): {advice}."
        elif first["type"] == "extra_forbidden":
            sentence = f"{what}: unknown key “{where}”; remove it or check its spelling."
        else:
            problem = first["msg"].removeprefix("Value error, ").rstrip(".")
            sentence = f"{what}: {where or 'the whole file'}: {problem}."
        raise BadInput(sentence) from error
