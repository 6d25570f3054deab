"""What is claimed about a picture: counts, places, words and the drawn outline."""

import numpy as np
import pytest

from studio.desk.checks import FOLLOWED, REACH, check, missed_places
from studio.garment import flats
from studio.garment.spec import Component, GarmentSpec
from studio.request import Control
from studio.vision.match import enclosed, sketch_match
from studio.vision.perception import Guess, Seen
from tests.flat import recorded_of, replace

SIDE = 256


def button(x: float, y: float, r: float = 0.01) -> Component:
    """A button at a centre."""
    return Component("button", "centre front", (x - r, y - r, x + r, y + r))


def seen(*components: Component, mask: np.ndarray | None = None, **guesses: str) -> Seen:
    """What a perception might have seen."""
    words = {"garment": "coat", "colour": "navy", "pattern": "plain", "neckline": "notched lapel",
             "sleeves": "long"} | guesses  # fmt: skip
    return Seen(
        **{name: Guess(word, 0.9) for name, word in words.items()},  # type: ignore[arg-type]
        components=components,
        scores=(0.9,) * len(components),
        mask=np.zeros((SIDE, SIDE), np.uint8) if mask is None else mask,
    )


def ring(gap: int = 0) -> np.ndarray:
    """A drawn rectangle, 100 x 160, with a gap of some pixels in its left side."""
    ink = np.zeros((SIDE, SIDE), np.uint8)
    ink[40:200, 70:73] = ink[40:200, 167:170] = 255
    ink[40:43, 70:170] = ink[197:200, 70:170] = 255
    ink[100 : 100 + gap, 70:73] = 0
    return ink


PLACED = tuple(button(0.5, y) for y in (0.3, 0.4, 0.5, 0.6, 0.7))
FIVE = recorded_of(prompt="a navy coat with five buttons", components=PLACED)


def entry(checks: list[dict], kind: str, component: str | None = None) -> dict:
    """The one entry of a kind."""
    (found,) = [c for c in checks if c["kind"] == kind and c.get("component") == component]
    return found


def test_all_in_place_passes_and_says_where_they_are_seen():
    checks = check(FIVE, seen(*PLACED))
    assert all(c["passed"] for c in checks)
    assert entry(checks, "count", "button")["boxes"][0] == [0.49, 0.29, 0.51, 0.31]
    place = entry(checks, "place", "button")
    assert (place["asked"], place["seen"], place["what"]) == (5, 5, "buttons in place")


def test_one_beside_its_place_is_a_miss_and_its_place_is_known():
    away = button(0.5, 0.7 + REACH * 1.5)
    checks = check(FIVE, seen(*PLACED[:4], away))
    assert entry(checks, "count", "button")["passed"]
    place = entry(checks, "place", "button")
    assert (place["seen"], place["passed"]) == (4, False)
    assert missed_places(checks, "button") == [[0.49, 0.69, 0.51, 0.71]]
    assert missed_places(checks, "pocket") == []


def test_reach_is_counted_in_parts_of_the_height():
    tall = recorded_of(prompt="a coat", components=(button(0.5, 0.5),), width=256, height=512)
    sideways = button(0.5 + REACH * 1.5, 0.5)  # of the width: three quarters of it in the height
    assert entry(check(tall, seen(sideways)), "place", "button")["passed"]
    square = recorded_of(prompt="a coat", components=(button(0.5, 0.5),))
    assert not entry(check(square, seen(sideways)), "place", "button")["passed"]


def test_one_seen_button_does_not_keep_two_places():
    close = recorded_of(components=(button(0.5, 0.5), button(0.5, 0.53)))
    place = entry(check(close, seen(button(0.5, 0.515))), "place", "button")
    assert place["seen"] == 1


def test_without_places_only_counts_are_judged():
    said = recorded_of(prompt="a coat with five buttons")
    checks = check(said, seen(*PLACED[:3]))
    assert {c["kind"] for c in checks} == {"count", "word"}
    assert entry(checks, "count", "button")["seen"] == 3


def test_asked_for_none_is_judged():
    checks = check(recorded_of(prompt="a coat without buttons"), seen(button(0.5, 0.5)))
    none = entry(checks, "count", "button")
    assert (none["asked"], none["seen"], none["passed"], none["what"]) == (0, 1, False, "buttons")


def test_words_are_judged_where_they_were_said():
    checks = check(recorded_of(prompt="a red coat"), seen())
    assert [(c["what"], c["passed"]) for c in checks] == [("garment", True), ("colour", False)]
    assert check(recorded_of(prompt="something nice"), seen()) == []


def test_the_drawn_outline_is_compared_with_the_garment():
    request = recorded_of(sketch="0" * 64)
    inside = np.zeros((SIDE, SIDE), np.uint8)
    inside[40:200, 70:170] = 255
    (match,) = check(request, seen(mask=inside), ring())
    assert (match["seen"], match["asked"], match["passed"]) == (100, FOLLOWED, True)
    half = inside.copy()
    half[120:] = 0
    (match,) = check(request, seen(mask=half), ring())
    assert (match["seen"], match["passed"]) == (50, False)


def test_a_drawing_that_is_not_heard_or_not_there_is_not_judged():
    request = recorded_of(prompt="x", sketch_control=Control(strength=0))
    assert check(request, seen(), ring()) == []
    assert check(recorded_of(prompt="x"), seen(), None) == []


def test_a_usual_shape_that_nobody_drew_is_not_judged():
    drawn = recorded_of(prompt="a red coat", sketch="0" * 64)
    usual = replace(drawn, usual_shape=True)
    kinds = [[c["kind"] for c in check(r, seen(), ring())] for r in (drawn, usual)]
    assert kinds == [["word", "word", "sketch"], ["word", "word"]]
    red = check(usual, seen(colour="red"), ring())
    assert all(c["passed"] for c in red), (
        "a garment that lies elsewhere keeps all that was asked for"
    )


@pytest.mark.parametrize("gap", [0, 2, 6, 12])
def test_a_gap_in_a_hand_drawn_outline_is_bridged(gap: int):
    region = enclosed(ring(gap))
    assert region is not None
    assert abs(int((region > 127).sum()) - 100 * 160) < 400


def test_lines_that_enclose_nothing_are_no_outline():
    line = np.zeros((SIDE, SIDE), np.uint8)
    line[20:230, 128:131] = 255
    line[20:23, 40:130] = 255
    assert enclosed(line) is None and sketch_match(line, line) is None
    assert enclosed(np.zeros((SIDE, SIDE), np.uint8)) is None


@pytest.mark.parametrize("garment", ["coat", "shirt", "dress", "trousers", "skirt", "hoodie"])
def test_every_flat_encloses_its_garment(garment: str):
    flat = flats.layout(GarmentSpec(garment))
    region = enclosed(flat.ink(SIDE))
    assert region is not None
    large = enclosed(flat.ink(2 * SIDE))
    assert large is not None
    assert sketch_match(flat.ink(2 * SIDE), region) > 95  # type: ignore[operator]


@pytest.mark.parametrize(
    ("counts", "sure"), [({"button": (5, 5)}, True), ({"button": (4, 6)}, False), ({}, True)]
)
def test_a_doubt_is_told(counts: dict[str, tuple[int, int]], sure: bool):
    from dataclasses import replace as changed

    checks = check(FIVE, changed(seen(*PLACED), counts=counts))
    assert entry(checks, "count", "button")["sure"] is sure


def cloth_of(colour: str, stripes: str | None = None):
    """The cloth of a drawn garment."""
    from PIL import Image, ImageDraw

    from studio.vision.kept import cloth

    picture, mask = Image.new("RGB", (300, 400), "white"), Image.new("L", (300, 400), 0)
    ImageDraw.Draw(mask).rectangle((60, 60, 240, 360), fill=255)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((60, 60, 240, 360), fill=colour)
    for x in range(70, 240, 24) if stripes else ():
        draw.rectangle((x, 60, x + 7, 360), fill=stripes)
    return cloth(picture, np.asarray(mask))


@pytest.mark.parametrize(
    ("photo", "made", "missed"),
    [
        (("#402a80",), ("#44307c",), []),  # in another light
        (("#402a80",), ("#c9b6e4",), ["colour"]),  # purple became lilac
        (("#8a1020",), ("#ff5060",), ["colour"]),
        (("#f2f2ee",), ("#20242c",), ["colour"]),
        (("#18244c", "#e8e8e8"), ("#1c2850", "#e0e0e4"), []),
        (("#3a2080", "#e0c030"), ("#443088", "#c0b060"), []),  # fainter stripes, yet half of them
        (("#18244c", "#e8e8e8"), ("#565e7c",), ["pattern"]),  # as light in the mean
        (("#18244c", "#e8e8e8"), ("#18244c",), ["colour", "pattern"]),
        (("#a02020", "#f0d020"), ("#c05020",), ["pattern"]),
    ],
)
def test_a_worn_garment_is_compared_with_its_photo(photo, made, missed):
    both = cloth_of(*photo), cloth_of(*made)
    assert both[0] and both[1]
    checks = check(recorded_of(prompt="a woman in a park"), seen(), worn=(both[0], both[1]))
    of_photo = [c for c in checks if c["kind"] == "photo"]
    assert [c["what"] for c in of_photo if not c["passed"]] == missed
    assert len(of_photo) == (2 if len(photo) > 1 else 1)
    assert all(c["passed"] for c in checks) is (not missed)


def test_too_little_cloth_is_not_judged():
    from PIL import Image

    from studio.vision.kept import cloth

    for mask in (np.zeros((64, 64), np.uint8), np.eye(64, dtype=np.uint8) * 255):
        assert cloth(Image.new("RGB", (64, 64), "red"), mask) is None
