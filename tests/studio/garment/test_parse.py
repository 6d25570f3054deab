"""Prompts, as students write them, into what they ask for."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import BadInput
from studio.garment.caption import plain_caption, tell
from studio.garment.lexicon import LEXICON
from studio.garment.parse import (
    ComponentRequest,
    apply_requests,
    parse_component,
    parse_prompt,
)
from studio.garment.phrases import number_word
from studio.garment.spec import Component, GarmentSpec
from studio.garment.vocabulary import COLOURS, FABRICS, GARMENTS, NECKLINES, PATTERNS, SLEEVES
from tests.studio.garment.prompts import PROMPTS
from tests.studio.garment.sampler import random_picture
from tests.studio.garment.unclear import UNCLEAR


def asked(text: str) -> set[str]:
    return {f"{r.kind}:{r.count}@{r.place or 'any'}" for r in parse_prompt(text).requests}


@pytest.mark.parametrize("text, fields, requests", PROMPTS)
def test_prompts_as_students_write_them(text, fields, requests):
    reading = parse_prompt(text)
    found = {name: getattr(reading.garment, name) for name in reading.stated - {"components"}}
    assert found == fields
    assert asked(text) == set(requests.split(", ") if requests else ())
    assert reading.problems == ()


@pytest.mark.parametrize("text, requests, unplaced, problem", UNCLEAR)
def test_prompts_that_ask_for_what_cannot_be(text, requests, unplaced, problem):
    reading = parse_prompt(text)
    assert asked(text) == set(requests.split(", ") if requests else ())
    assert (*reading.unplaced, *reading.refused) == tuple(unplaced)
    assert " ".join(reading.problems) == problem


def test_a_caption_reads_back_as_what_it_tells():
    rng = np.random.default_rng(5)
    wrong = []
    for _ in range(2000):
        picture = random_picture(rng)
        telling = tell(picture, rng)
        reading = parse_prompt(telling.text)
        if (
            any(
                getattr(reading.garment, name) != getattr(picture.garment, name)
                for name in telling.stated
            )
            or reading.stated - {"components"} != telling.stated
            or set(reading.requests) != set(telling.requests)
            or reading.problems
            or reading.unplaced
        ):
            wrong.append((telling, reading))
    assert not wrong, f"{len(wrong)} of 2000, first: {wrong[0]}"


def test_a_plain_caption_reads_back_as_the_whole_garment():
    rng = np.random.default_rng(6)
    for _ in range(500):
        picture = random_picture(rng)
        spec = picture.garment
        read = parse_prompt(plain_caption(picture)).garment
        for name in ("garment", "colour", "pattern", "fabric", "neckline", "length", "fit"):
            assert getattr(read, name) == getattr(spec, name)
        told = [c for c in spec.components if c.kind not in ("cuff", "hood")]
        assert sorted((c.kind, c.place) for c in read.components if c.kind != "cuff") == sorted(
            (c.kind, c.place) for c in told
        )


def test_every_word_of_the_vocabulary_is_read():
    for name, kind in GARMENTS.items():
        for word in (name, *kind.aliases):
            assert parse_prompt(f"a red {word}").garment.garment == name, word
    for name, colour in COLOURS.items():
        for word in (name, *colour.aliases):
            assert parse_prompt(f"a {word} coat").garment.colour == name, word
    for field, table in (("pattern", PATTERNS), ("fabric", FABRICS)):
        for name, aliases in table.items():
            for word in (name, *aliases):
                assert getattr(parse_prompt(f"a {word} skirt").garment, field) == name, word
    for name, aliases in NECKLINES.items():
        garment = next(g.name for g in GARMENTS.values() if name in g.necklines)
        for word in aliases:
            assert parse_prompt(f"{garment} with a {word}").garment.neckline == name, word
    for name, aliases in SLEEVES.items():
        for word in aliases:
            assert parse_prompt(f"red dress, {word}").garment.sleeves == name, word


@pytest.mark.parametrize("count", range(1, 9))
@pytest.mark.parametrize("form", ["shirt with {} buttons", "{}-button shirt", "shirt, {} buttons"])
def test_numbers_typed_and_spelled(count, form):
    plural = form.format(count).replace("1 buttons", "1 button")
    spelled = form.format(number_word(count)).replace("one buttons", "one button")
    expected = {f"button:{count}@centre front"}
    assert asked(plural) == asked(spelled) == asked(spelled.upper()) == expected


def test_requests_spread_in_mirrored_pairs():
    two = [ComponentRequest("pocket", 2)]

    def places(garment: str, *requests: ComponentRequest) -> set[str]:
        return {c.place for c in apply_requests(GarmentSpec(garment), requests).of("pocket")}

    assert places("shirt", *two) == {"left chest", "right chest"}
    assert places("coat", *two) == {"left hip", "right hip"}
    assert places("blazer", *two) == {"left hip", "right hip"}
    assert places("blazer", ComponentRequest("pocket", 3)) == {
        "left hip", "right hip", "left chest",
    }  # fmt: skip
    assert places("hoodie", ComponentRequest("pocket", 1)) == {"centre hip"}
    left = ComponentRequest("pocket", 1, "left chest")
    assert places("jacket", left, ComponentRequest("pocket", 2)) >= {"left chest"}
    assert len(places("jacket", left, ComponentRequest("pocket", 2))) == 3


def test_requests_replace_and_repeat_without_change():
    coat = GarmentSpec("coat", components=(Component("button", "centre front"),) * 3)
    asked_for = (ComponentRequest("button", 5, "centre front"), ComponentRequest("belt", 1))
    once = apply_requests(coat, asked_for)
    assert once.count("button") == 5 and once.count("belt", "waist") == 1
    assert apply_requests(once, asked_for) == once
    assert apply_requests(once, [ComponentRequest("button", 0)]).count("button") == 0
    double = apply_requests(once, [ComponentRequest("button", 6, "double-breasted")])
    assert double.count("button") == double.count("button", "double-breasted") == 6


def test_boxes_that_are_right_are_kept():
    box = (0.5, 0.4, 0.6, 0.5)
    shirt = GarmentSpec("shirt", components=(Component("pocket", "left chest", box),))
    pair = apply_requests(shirt, [ComponentRequest("pocket", 1, "right chest")])
    assert [c.box for c in pair.of("pocket")] == [box, None]
    assert apply_requests(shirt, [ComponentRequest("pocket", 1, "left chest")]) == shirt


def test_a_part_brings_what_it_needs():
    assert apply_requests(GarmentSpec("coat"), [ComponentRequest("hood", 1)]).neckline == "hood"
    assert apply_requests(GarmentSpec("shirt"), [ComponentRequest("cuff", 2)]).sleeves == "long"


@pytest.mark.parametrize(
    "garment, request_, words",
    [
        ("t-shirt", ComponentRequest("button", 1), "has no buttons"),
        ("shirt", ComponentRequest("button", 40, "centre front"), "at most 8 buttons"),
        ("shirt", ComponentRequest("pocket", 1, "left hip"), "choose left chest or right chest"),
        ("shirt", ComponentRequest("pocket", 3), "at most 2 pockets"),
        ("shirt", ComponentRequest("button", 4, "double-breasted"), "double-breasted"),
        ("coat", ComponentRequest("button", 12, "double-breasted"), "at most 10 buttons"),
        ("trousers", ComponentRequest("collar", 1), "leave them out"),
        ("coat", ComponentRequest("pocket", -1), "0 or more"),
    ],
)
def test_limits_are_told_in_a_sentence(garment, request_, words):
    with pytest.raises(BadInput, match=words) as caught:
        apply_requests(GarmentSpec(garment), [request_])
    assert str(caught.value)[0].isupper() and str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "text, request_",
    [
        ("button:5@centre front", ComponentRequest("button", 5, "centre front")),
        ("Buttons : six @ Double Breasted", ComponentRequest("button", 6, "double-breasted")),
        ("pocket:2", ComponentRequest("pocket", 2)),
        ("zip", ComponentRequest("zipper", 1)),
        ("belt@waist", ComponentRequest("belt", 1, "waist")),
        ("pocket:0", ComponentRequest("pocket", 0)),
        ("pocket:1@center-hip", ComponentRequest("pocket", 1, "centre hip")),
    ],
)
def test_components_of_the_command_line(text, request_):
    assert parse_component(text) == request_


@pytest.mark.parametrize(
    "text",
    ["", ":", "@", "button:", "button:five hundred", "button:-1", "button:1.5", "button:100",
     "ruffle:2", "button:5@", "button:5@moon", "button:5@left chest", "a:b:c@d@e", "\x00", "5",
     "button:٣", "button:5@centre front@hem"],
)  # fmt: skip
def test_nonsense_components_are_refused_in_a_sentence(text):
    with pytest.raises(BadInput) as caught:
        parse_component(text)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


WORDS = [" ".join(words) for words in LEXICON]
ODD = ["5", "-3", "1e9", "½", "half a", ",", ".", "(", ")", ":", "x", "👗", "\x00", "\ud800",
       "مرحبا", "9" * 400, "1/0", "1e999", "((((red:99))))", "a couple of", "two", "no", "on the",
       "shirt", "coat", "pocket", "buttons", "left", "chest", "each", "patch"]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS + ODD * 12), max_size=25))
def test_any_words_are_read_and_what_is_read_can_be_applied(words):
    text = " ".join(words)
    reading = parse_prompt(text)
    assert apply_requests(reading.garment, reading.requests) == reading.garment
    for sentence in reading.problems:
        assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 200


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec=None), max_size=300))
def test_any_characters_are_read(text):
    parse_prompt(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_component_text_is_read_or_refused(text):
    try:
        parse_component(text)
    except BadInput as problem:
        assert str(problem).endswith(".")


@pytest.mark.parametrize(
    "text",
    ["a navy wool coat with five buttons " * 300, "(" * 10_000, "1" * 10_000, "👗" * 10_000,
     "\ud800" * 10_000, "short " * 1_700, "button " * 1_500, "\u202eمعطف " * 1_500, "ﷺ" * 10_000,
     "no or " * 1_700, "two hundred and " * 700, ":1." * 3_300],
    ids=range(12),
)  # fmt: skip
def test_a_very_long_prompt_is_read_quickly(text):
    reading = parse_prompt(text)
    times = []
    for _ in range(5):
        started = time.process_time()
        parse_prompt(text)
        times.append(time.process_time() - started)
    # On an idle machine 10 ms for what somebody might write and 40 ms for hostile text; the
    # margin is for a busy one. Reading that grows with the square would take seconds.
    assert min(times) < (0.06 if text.startswith("a navy") else 0.25)
    assert any("shorten it" in sentence for sentence in reading.problems)
