"""What is on the page becomes one wish and with it one request, or one sentence."""

import dataclasses
import json

import numpy as np
import pytest

from studio.controls.sketch import SketchControl
from studio.desk import compose
from studio.desk.compose import Form
from studio.desk.resolve import resolve
from studio.desk.wish import Held, Wish
from studio.errors import BadInput
from studio.garment.parse import parse_prompt
from studio.garment.placement import place_requests
from studio.pngmeta import png_bytes
from studio.request import MAX_SEED, Recorded
from tests.flat import Flat, flat, recorded_of, replace
from tests.settled import Hearing

INK = "a" * 64


def form(**values: object) -> Form:
    """A filled form; nothing stands in for a drawing that was not made."""
    usual = {"prompt": "a navy coat with five buttons", "seed": "7", "shaped": False}
    return Form(**(usual | values))  # type: ignore[arg-type]


def settled(wish: Wish, files: Held | None = None) -> Recorded:
    """What the desk makes of a wish in which there is no photo to be looked at."""
    heard = Hearing(frozenset({"sketch", "components"}), sees=False)
    return resolve(wish, heard, None, files or Held()).recorded  # type: ignore[arg-type]


def asked(filled: Form, ink: np.ndarray | None = None) -> Flat:
    """The request of a form and of a board with this ink and no components yet."""
    files = Held()
    sha = None if ink is None else files.keep_picture(png_bytes(ink))
    return flat(settled(compose.compose(filled, sha), files))


def test_words_numbers_and_places_arrive_in_the_request():
    request = asked(form(text=6.5, steps=12, count=3, sampler="ddim"))
    assert request.prompt == "a navy coat with five buttons"
    assert (request.st, request.steps, request.count, request.seed) == (6.5, 12, 3, 7)
    assert request.sampler == "ddim" and request.sketch is None
    buttons = [c for c in request.components if c.kind == "button"]
    assert len(buttons) == 5 and all(b.box for b in buttons)
    heights = [b.centre[1] for b in buttons if b.centre]
    assert heights == sorted(heights)


def test_without_the_exact_box_nothing_is_placed():
    assert asked(form(exact=False)).components == ()


def test_components_move_onto_the_drawing():
    ink = np.zeros((256, 256), np.uint8)
    ink[100:180, 10] = ink[100:180, 70] = ink[100, 10:71] = ink[179, 10:71] = 255
    request = asked(form(), ink)
    assert len(request.components) == 5
    for button in request.components:
        assert button.centre is not None
        assert 10 / 256 < button.centre[0] < 71 / 256
        assert 100 / 256 < button.centre[1] < 180 / 256


def test_a_first_short_stroke_moves_nothing():
    ink = np.zeros((256, 256), np.uint8)
    ink[100:104, 100:104] = 255
    free = asked(form()).components
    assert free and asked(form(), ink).components == free


def test_a_drawing_without_words_is_enough_and_nothing_at_all_is_not():
    ink = np.full((256, 256), 255, np.uint8)
    assert asked(form(prompt=" "), ink).sketch is not None
    with pytest.raises(BadInput, match="Describe the garment or draw it"):
        compose.compose(form(prompt=" \n"), None)


def test_a_loose_sketch_lets_go_early():
    ink = np.full((256, 256), 255, np.uint8)
    loose, strict = (
        asked(form(sketch=compose.SKETCH_STOPS[word]), ink).kept.request.get(SketchControl)
        for word in ("Loose", "Strict")
    )
    assert loose is not None and strict is not None
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
@pytest.mark.parametrize("ink", [INK, None], ids=["drawn", "empty"])
def test_every_bad_field_is_one_sentence(field: str, value: object, says: str, ink: str | None):
    with pytest.raises(BadInput) as caught:
        compose.compose(form(**{field: value}), ink)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_a_decimal_comma_and_other_numerals_are_understood():
    assert compose.compose(form(text="7,5"), None).st == 7.5
    assert compose.compose(form(seed="٣٢"), None).seed == 32


def test_the_largest_seed_is_taken():
    assert compose.compose(form(seed=str(MAX_SEED), count=1), None).seed == MAX_SEED


def test_the_fields_of_a_stored_picture_make_it_again():
    files = Held()
    ink = files.keep_picture(png_bytes(np.full((256, 256), 255, np.uint8)))
    filled = form(text=3.0, sketch=0.6, negative="belt")
    for sha in (None, ink):
        first = settled(compose.compose(filled, sha), files)
        made = first.with_request(first.request.picture(1))
        stored = Recorded.from_json(made.to_json())
        again = compose.compose(compose.form_of(stored, Form(count=1)), sha)
        assert settled(again, files) == stored == made


def test_a_variation_starts_from_the_picture():
    request = asked(form()).kept.request.picture(0)
    varied = compose.vary(request, INK, "strong", 99, 4)
    assert varied.start is not None and varied.start.kind == "vary"
    assert (varied.start.picture, varied.start.mask) == (INK, None)
    assert varied.start.strength == compose.VARY_STOPS["strong"]
    assert (varied.sampling.seed, varied.sampling.count) == (99, 4)
    assert (varied.words, varied.controls) == (request.words, request.controls)
    with pytest.raises(BadInput):
        compose.vary(request, INK, "wildly", 1, 1)


def test_a_draft_survives_and_an_old_one_keeps_what_is_known():
    kept = form(negative="belt", count=5)
    assert Form.from_json(kept.to_json()) == kept
    old = json.dumps({"prompt": "a coat", "colourways": 3})
    assert Form.from_json(old) == Form(prompt="a coat")


def test_an_endless_prompt_is_kept_and_told():
    filled = compose.checked_form({"prompt": "coat " * 5000, "negative": None})
    assert (filled.prompt, filled.negative) == ("coat " * 5000, "")
    with pytest.raises(BadInput, match="has 25000 characters: shorten it to 2000 or fewer"):
        compose.compose(dataclasses.replace(filled, seed="7"), None)


def test_nothing_is_placed_that_was_not_asked_for():
    assert place_requests(parse_prompt("a navy coat"), None) == ()


def test_the_tick_of_the_usual_shape_is_as_it_was_when_the_picture_was_made():
    plain = recorded_of(prompt="a coat")
    drawn = replace(plain, sketch=INK)
    assert compose.form_of(replace(drawn, usual_shape=True), Form(shaped=False)).shaped
    assert not compose.form_of(plain, Form()).shaped
    assert not compose.form_of(drawn, Form(shaped=False)).shaped
