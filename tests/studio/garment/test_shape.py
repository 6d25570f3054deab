"""When the usual shape stands in for a drawing."""

import pytest

from studio.garment.parse import parse_prompt
from studio.garment.shape import names_a_wearer, usual_shape


@pytest.mark.parametrize(
    ("prompt", "garment"),
    [
        ("a navy wool coat with five buttons", "coat"),
        ("red pleated skirt, flat lay", "skirt"),
        ("men's denim jeans", "trousers"),
        ("something nice in blue", None),
        ("a woman in a red dress", None),
        ("green hoodie worn by a student", None),
        ("coat, hands on hips", None),
        ("", None),
    ],
)
def test_a_named_garment_that_nobody_wears_has_its_usual_shape(prompt: str, garment: str | None):
    shape = usual_shape(prompt, parse_prompt(prompt))
    assert (shape.garment if shape else None) == garment
    assert shape is None or shape.components == ()


def test_wearers_are_whole_words():
    assert names_a_wearer("a MAN in a coat") and not names_a_wearer("a mandarin collar shirt")
