"""Components follow the drawing that they are put on."""

import numpy as np
import pytest

from studio.errors import BadInput
from studio.garment.parse import parse_component, parse_prompt
from studio.garment.placement import fit_to_ink, ink_bounds, place_requests

SIZE = 128


def box_of_ink(left: int, top: int, right: int, bottom: int) -> np.ndarray:
    ink = np.zeros((SIZE, SIZE), np.uint8)
    ink[top:bottom, left:right] = 255
    return ink


def test_bounds_are_the_inks():
    assert ink_bounds(box_of_ink(32, 16, 96, 112)) == (0.25, 0.125, 0.75, 0.875)
    assert ink_bounds(np.zeros((SIZE, SIZE), np.uint8)) is None


def test_without_ink_the_usual_places_are_kept():
    coat = parse_prompt("a coat with 5 buttons").garment
    assert fit_to_ink(coat, None) == fit_to_ink(coat, np.zeros((SIZE, SIZE), np.uint8))


def test_a_small_drawing_draws_the_components_together():
    reading = parse_prompt("a coat with 5 buttons")
    wide = place_requests(reading, None)
    small = place_requests(reading, box_of_ink(32, 32, 64, 64))
    assert len(wide) == len(small) == 5
    for component in small:
        x, y = component.centre or (0, 0)
        assert 0.24 <= x <= 0.51 and 0.24 <= y <= 0.51
    spans = [max(c.centre[1] for c in part) - min(c.centre[1] for c in part)  # type: ignore[index]
             for part in (wide, small)]  # fmt: skip
    assert spans[1] < spans[0] * 0.5


def test_explicit_requests_beat_the_prompt_and_must_fit_the_garment():
    reading = parse_prompt("a coat with 5 buttons and a belt")
    placed = place_requests(reading, None, [parse_component("button:3")])
    kinds = [c.kind for c in placed]
    assert kinds.count("button") == 3 and kinds.count("belt") == 1
    with pytest.raises(BadInput):
        place_requests(parse_prompt("a t-shirt"), None, [parse_component("button:3")])


def test_nothing_asked_nothing_placed():
    assert place_requests(parse_prompt("a blazer"), None) == ()
