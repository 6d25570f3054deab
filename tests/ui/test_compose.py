"""What is on the page becomes one request, or one sentence."""

import json
from dataclasses import replace

import numpy as np
import pytest

from studio.errors import BadInput
from studio.garment.parse import parse_prompt
from studio.garment.placement import place_requests
from studio.request import MAX_SEED, GenerationRequest, ImageRef
from studio.ui import compose
from studio.ui.compose import Form

INK = "a" * 64


def form(**values: object) -> Form:
    """A filled form."""
    return Form(**({"prompt": "a navy coat with five buttons", "seed": "7"} | values))  # type: ignore[arg-type]


def test_words_numbers_and_places_arrive_in_the_request():
    request = compose.compose(form(text=6.5, steps=12, count=3, sampler="ddim"), None, None)
    assert request.prompt == "a navy coat with five buttons"
    assert (request.st, request.steps, request.count, request.seed) == (6.5, 12, 3, 7)
    assert request.sampler == "ddim" and request.sketch is None
    buttons = [c for c in request.components if c.kind == "button"]
    assert len(buttons) == 5 and all(b.box for b in buttons)
    heights = [b.centre[1] for b in buttons if b.centre]
    assert heights == sorted(heights)


def test_without_the_exact_box_nothing_is_placed():
    assert compose.compose(form(exact=False), None, None).components == ()


def test_components_move_onto_the_drawing():
    ink = np.zeros((256, 256), np.uint8)
    ink[100:180, 10] = ink[100:180, 70] = ink[100, 10:71] = ink[179, 10:71] = 255
    request = compose.compose(form(), INK, ink)
    for button in request.components:
        assert button.centre is not None
        assert 10 / 256 < button.centre[0] < 71 / 256
        assert 100 / 256 < button.centre[1] < 180 / 256


def test_a_first_short_stroke_moves_nothing():
    ink = np.zeros((256, 256), np.uint8)
    ink[100:104, 100:104] = 255
    free = compose.compose(form(), None, None).components
    assert compose.compose(form(), INK, ink).components == free


def test_a_drawing_without_words_is_enough_and_nothing_at_all_is_not():
    ink = np.full((256, 256), 255, np.uint8)
    assert compose.compose(form(prompt=" "), INK, ink).sketch is not None
    with pytest.raises(BadInput, match="Describe the garment or draw it"):
        compose.compose(form(prompt=" \n"), None, None)


def test_a_loose_sketch_lets_go_early():
    loose = compose.sketch_control(compose.SKETCH_STOPS["Loose"])
    strict = compose.sketch_control(compose.SKETCH_STOPS["Strict"])
    assert loose.strength < strict.strength and loose.end < strict.end == 1.0


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("seed", "-1", "seed"),
        ("seed", str(2**70), "seed"),
        ("seed", "abc", "seed"),
        ("seed", "1.5", "seed"),
        ("seed", "", "seed"),
        ("seed", "9" * 400, "seed"),
        ("steps", 0, "steps"),
        ("steps", float("nan"), "steps"),
        ("steps", 10**9, "steps"),
        ("count", 0, "pictures"),
        ("count", 500, "pictures"),
        ("text", float("inf"), "text strength"),
        ("text", "nan", "text strength"),
        ("text", 1e308, "sT"),
        ("text", "strong", "text strength"),
        ("sketch", None, "sketch strength"),
        ("sketch", -1, "strength"),
        ("sampler", "magic", "sampler"),
    ],
)
def test_every_bad_field_is_one_sentence(field: str, value: object, says: str):
    with pytest.raises(BadInput) as caught:
        compose.compose(form(**{field: value}), None, None)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_a_decimal_comma_and_other_numerals_are_understood():
    assert compose.compose(form(text="7,5"), None, None).st == 7.5
    assert compose.compose(form(seed="٣٢"), None, None).seed == 32


def test_the_largest_seed_is_taken():
    assert compose.compose(form(seed=str(MAX_SEED), count=1), None, None).seed == MAX_SEED


def test_the_fields_of_a_stored_picture_make_it_again():
    first = compose.compose(form(text=3.0, sketch=0.6, negative="belt"), None, None)
    stored = GenerationRequest.from_json(first.picture(1).to_json())
    again = compose.compose(compose.form_of(stored, Form(count=1)), None, None)
    assert again == stored


def test_a_variation_starts_from_the_picture():
    request = compose.compose(form(), None, None).picture(0)
    varied = compose.vary(request, INK, "strong", 99, 4)
    assert varied.init_image is not None and varied.init_image.sha256 == INK
    assert (varied.seed, varied.count, varied.prompt) == (99, 4, request.prompt)
    with pytest.raises(BadInput):
        compose.vary(request, INK, "wildly", 1, 1)


def test_a_draft_survives_and_an_old_one_keeps_what_is_known():
    kept = form(negative="belt", count=5)
    assert Form.from_json(kept.to_json()) == kept
    old = json.dumps({"prompt": "a coat", "colourways": 3})
    assert Form.from_json(old) == Form(prompt="a coat")


def test_an_endless_prompt_is_cut_to_what_the_field_holds():
    values = {"prompt": "coat " * 5000, "negative": None}
    assert len(compose.checked_form(values).prompt) == compose.LONGEST_PROMPT


def test_nothing_is_placed_that_was_not_asked_for():
    assert place_requests(parse_prompt("a navy coat"), None) == ()


def test_the_tick_of_the_usual_shape_is_as_it_was_when_the_picture_was_made():
    plain = GenerationRequest(prompt="a coat")
    drawn = replace(plain, sketch=ImageRef(INK))
    assert compose.form_of(replace(drawn, usual_shape=True), Form(shaped=False)).shaped
    assert not compose.form_of(plain, Form()).shaped
    assert not compose.form_of(drawn, Form(shaped=False)).shaped
