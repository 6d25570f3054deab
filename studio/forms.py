"""Data from outside, read into a pydantic model or refused in one sentence."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from studio.errors import BadInput

_LONGEST = 60
"""Characters of somebody else's words that a sentence repeats."""


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
