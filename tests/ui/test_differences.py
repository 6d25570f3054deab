"""What differs between two pictures, in words that a designer would use."""

import pytest

from studio.desk.table import differences, in_short
from studio.garment.spec import Component
from studio.request import Control
from tests.flat import recorded_of, replace

BASE = recorded_of(prompt="a navy coat with two buttons", st=4.0, seed=7)
ONE, OTHER = "1" * 64, "2" * 64


def buttons(count: int, x: float = 0.5) -> tuple[Component, ...]:
    """Some buttons below each other."""
    return tuple(
        Component("button", "centre front", (x, 0.2 + i / 10, x + 0.02, 0.22 + i / 10))
        for i in range(count)
    )


def test_the_same_request_differs_in_nothing():
    assert differences(BASE, replace(BASE, count=4)) == []
    assert in_short([]) == ""


@pytest.mark.parametrize(
    ("change", "what", "before", "after"),
    [
        ({"st": 7.0}, "Text strength", "4", "7"),
        ({"seed": 8}, "Seed", "7", "8"),
        ({"steps": 8}, "Steps", "20", "8"),
        ({"sampler": "ddim"}, "Sampler", "UniPC", "DDIM"),
        ({"prompt": "a red coat with two buttons"}, "Colour", "navy", "red"),
        ({"prompt": "a navy coat with five buttons"}, "Buttons", "2", "5"),
        ({"prompt": "a navy coat with two lovely buttons"}, "Words", BASE.request.words.prompt,
         "a navy coat with two lovely buttons"),
        ({"prompt": "a coat with two buttons"}, "Colour", "navy", "open"),
        ({"negative_prompt": "belt"}, "Leave out", "nothing", "belt"),
        ({"sketch": ONE}, "Drawing", "none", "a drawing"),
        ({"init_image": ONE}, "Starts from", "nothing", "a picture"),
        ({"init_image": ONE, "mask": OTHER}, "Starts from", "nothing",
         "a picture, one part anew"),
    ],
)  # fmt: skip
def test_each_kind_of_change_has_a_name(change: dict, what: str, before: str, after: str):
    assert differences(BASE, replace(BASE, **change)) == [
        {"what": what, "from": before, "to": after}
    ]


def test_a_usual_shape_changes_with_the_words_and_not_by_itself():
    usual = replace(BASE, sketch=ONE, usual_shape=True)
    other = replace(usual, sketch=OTHER, prompt="a red coat with two buttons")
    assert differences(usual, other) == [{"what": "Colour", "from": "navy", "to": "red"}]
    assert in_short(differences(BASE, usual)) == "Drawing none → usual shape"
    drawn = replace(BASE, sketch=OTHER)
    assert in_short(differences(usual, drawn)) == "Drawing usual shape → a drawing"


def test_components_are_told_kind_by_kind():
    two = replace(BASE, components=buttons(2))
    assert differences(two, replace(BASE, components=buttons(5))) == [
        {"what": "Buttons", "from": "2", "to": "5"}
    ]
    moved = differences(two, replace(BASE, components=buttons(2, x=0.3)))
    assert moved == [
        {"what": "Buttons", "from": "2 centre front",
         "to": "2 centre front, 20 % further left"}
    ]  # fmt: skip
    assert in_short(moved) == "Buttons moved"
    nudged = replace(BASE, components=buttons(2, x=0.501))
    assert differences(two, nudged) == []


def test_another_drawing_and_its_strength():
    drawn = replace(BASE, sketch=ONE)
    other = replace(BASE, sketch=OTHER, sketch_control=Control(strength=1.3))
    assert differences(drawn, other) == [
        {"what": "Drawing", "from": "a drawing", "to": "another drawing"},
        {"what": "Sketch strength", "from": "1", "to": "1.3"},
    ]


def test_in_short_it_is_one_line():
    after = replace(BASE, st=7.0, prompt="a navy coat with three buttons")
    assert in_short(differences(BASE, after)) == "+1 button · Text strength 4 → 7"
    fewer = replace(BASE, prompt="a navy coat with no buttons")
    assert in_short(differences(BASE, fewer)) == "−2 buttons"
