"""What comes from outside is read into its form, or refused in one sentence."""

import json
from typing import Any

import pytest
from pydantic import Field, field_validator

from studio.errors import BadInput
from studio.forms import Strict, read_form


class Button(Strict):
    size: int = Field(gt=0)
    holes: tuple[int, ...] = ()

    @field_validator("holes")
    @classmethod
    def _few(cls, holes: tuple[int, ...]) -> tuple[int, ...]:
        if len(holes) > 4:
            raise BadInput("A button has four holes at most: sew it on another way.")
        return holes


@pytest.mark.parametrize("as_given", [dict, json.dumps, lambda d: json.dumps(d).encode()])
def test_a_form_is_read_from_json_and_from_what_was_parsed(as_given: Any):
    assert read_form(Button, as_given({"size": 3, "holes": [1, 2]}), "x") == Button(
        size=3, holes=(1, 2)
    )


@pytest.mark.parametrize(
    ("data", "advice", "said"),
    [
        ({"size": 0}, "", "b.toml: size: Input should be greater than 0."),
        ({"siez": 3}, "", "b.toml: unknown key “siez”; remove it or check its spelling."),
        ({"size": 3, "holes": [1, "x"]}, "", "b.toml: holes.1: Input should be a valid integer"),
        ([], "", "b.toml: the whole file: "),
        ({"size": 0}, "reload the page", "b.toml cannot be read (size): reload the page."),
        ("{", "reload the page", "b.toml cannot be read (its form): reload the page."),
        ({"size": 3, "x\n" * 500: 1}, "", "b.toml: unknown key “x x x"),
        ({"size": 3, "holes": [0] * 5}, "reload the page", "A button has four holes at most: "),
    ],
)
def test_what_is_wrong_is_one_sentence(data: Any, advice: str, said: str):
    with pytest.raises(BadInput) as refused:
        read_form(Button, data, "b.toml", advice)
    sentence = str(refused.value)
    assert sentence.startswith(said)
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 200
