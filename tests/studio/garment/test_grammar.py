"""The grammar: every word of the vocabulary in a sentence, and what goes out and comes back."""

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import BadInput
from studio.garment import lexicon, vocabulary
from studio.garment.aliases import COLOURS_TOO, COMPONENTS_TOO, FABRICS_TOO, GARMENTS_TOO
from studio.garment.caption import plain_caption, scene_caption, tell
from studio.garment.document import Document, mirrored, read_document, row
from studio.garment.following import agree, follow_prompt, write_words
from studio.garment.parse import LISTED, Reading, parse_component, parse_prompt
from studio.garment.phrases import UNITS, WORDS, length_words, number_word
from studio.garment.reader import _RULES, read
from studio.garment.requests import (
    ComponentRequest,
    apply_requests,
    counted,
    most,
    objection,
    places_for,
    spread,
)
from studio.garment.spec import GarmentSpec, PictureSpec
from studio.garment.tokens import READ, items, normalise
from studio.garment.vocabulary import COLOURS, COMPONENTS, FABRICS, GARMENTS, LENGTHS, PLACES
from studio.garment.writer import article
from tests.studio.garment.strategies import documents, garments, pictures

FIELDS = ("garment", "colour", "pattern", "fabric", "neckline", "sleeves", "length", "fit")
LEXICON_WORDS = sorted({word for words in lexicon.LEXICON for word in words})
HIPS, CHEST = ("left hip", "right hip"), ("left chest", "right chest")


def wanted(reading: Reading) -> Counter[tuple[str, str]]:
    """How many of each kind lie where, as the words mean it."""
    return Counter((c.kind, c.place) for c in reading.garment.components)


def there(spec: GarmentSpec) -> Counter[tuple[str, str]]:
    """How many of each kind lie where."""
    return Counter((c.kind, c.place) for c in spec.components)


def test_the_vocabulary_is_this_large():
    sizes = {
        name: len(getattr(vocabulary, name))
        for name in ("GARMENTS", "COLOURS", "PATTERNS", "FABRICS", "NECKLINES", "COMPONENTS")
    }
    assert sizes == {
        "GARMENTS": 17, "COLOURS": 16, "PATTERNS": 5, "FABRICS": 8, "NECKLINES": 9,
        "COMPONENTS": 10,
    }  # fmt: skip
    assert (len(PLACES), len(LENGTHS), len(vocabulary.FITS), len(vocabulary.POSES)) == (14, 3, 3, 5)
    assert set(PLACES) == {place for kind in COMPONENTS.values() for place in kind.places}


# What is written, read back


@settings(max_examples=300, deadline=None)
@given(pictures())
def test_a_plain_caption_tells_the_whole_garment(picture: PictureSpec):
    reading, spec = parse_prompt(plain_caption(picture)), picture.garment
    for field in FIELDS:
        assert getattr(reading.garment, field) == getattr(spec, field), field
    told = there(spec)
    for kind in ("button", "pocket", "zipper", "belt", "bow", "pleat", "patch"):
        assert {k: n for k, n in wanted(reading).items() if k[0] == kind} == {
            k: n for k, n in told.items() if k[0] == kind
        }, plain_caption(picture)
    assert not reading.problems and not reading.unplaced, plain_caption(picture)


@settings(max_examples=400, deadline=None)
@given(pictures(), st.integers(0, 2**32 - 1))
def test_any_caption_tells_what_it_says_it_tells(picture: PictureSpec, seed: int):
    telling = tell(picture, np.random.default_rng(seed))
    reading = parse_prompt(telling.text)
    for field in telling.stated - {"components"}:
        assert getattr(reading.garment, field) == getattr(picture.garment, field), telling.text
    assert not reading.problems, telling.text
    asked = apply_requests(reading.garment.with_components(()), telling.requests)
    assert wanted(reading) == there(asked), telling.text
    posed = picture.scene.person is not None
    assert (reading.pose is not None) == posed, telling.text


@settings(max_examples=100, deadline=None)
@given(pictures(), st.integers(0, 2**32 - 1))
def test_a_caption_of_the_scene_names_the_garment_and_nothing_of_it(
    picture: PictureSpec, seed: int
):
    text = scene_caption(picture, np.random.default_rng(seed))
    reading = parse_prompt(text)
    assert reading.garment.garment == picture.garment.garment, text
    assert not reading.requests and "colour" not in reading.stated, text


@settings(max_examples=200, deadline=None)
@given(garments())
def test_a_garment_is_its_dictionary(spec: GarmentSpec):
    assert GarmentSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


@settings(max_examples=200, deadline=None)
@given(garments())
def test_what_a_garment_has_can_be_asked_for_again(spec: GarmentSpec):
    requests = tuple(ComponentRequest(kind, n, place) for (kind, place), n in there(spec).items())
    assert all(objection(spec.type, request) is None for request in requests)
    bare = spec.with_components(())
    made = apply_requests(bare, requests)
    assert there(made) == there(spec)
    assert apply_requests(made, requests) == made


# Documents


@settings(max_examples=400, deadline=None)
@given(documents())
def test_a_document_is_its_text(document: Document):
    text = document.to_json()
    assert read_document(text) == document
    assert read_document(text).to_json() == text
    assert json.loads(text).keys() == {"v", "groups"}
    for component in document.components():
        assert component.place in COMPONENTS[component.kind].places
    assert sum(document.count(kind) for kind in COMPONENTS) == len(document.components())


FORM = ["id", "kind", "place", "source", "locked", "mirror", "ends", "boxes"]


@settings(max_examples=200, deadline=None)
@given(documents(), st.data())
def test_a_spoiled_document_is_refused_in_one_sentence(document: Document, data: st.DataObject):
    form: dict[str, Any] = json.loads(document.to_json())
    if not form["groups"]:
        return
    group = data.draw(st.sampled_from(form["groups"]))
    assert list(group) == FORM
    key = data.draw(st.sampled_from(FORM))
    wrong = [-1, [], {}, "moon", [[2, 2]], 1.5]
    if key == "ends":
        wrong[wrong.index([[2, 2]])] = [[2, 2], [2, 2]]
    if key == "boxes":
        wrong.remove([])
    if data.draw(st.booleans()):
        group[key] = data.draw(st.sampled_from(wrong))
    else:
        del group[key]
    with pytest.raises(BadInput) as refused:
        read_document(json.dumps(form))
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"v": 2, "groups": 5, "more": 1}',
            "come from a newer version of Toile: reload the page.",
        ),
        ('{"v": 1, "groups": [{"id": 1}]}', "cannot be read (groups.0.id): reload the page."),
        ('{"v": 1, "groups": [], "x": 1}', "cannot be read (x): reload the page."),
        ("\ud800", "cannot be read (its form): reload the page."),
    ],
)
def test_the_sentence_says_where(text: str, said: str):
    with pytest.raises(BadInput) as refused:
        read_document(text)
    assert str(refused.value) == f"The components {said}"


@settings(max_examples=100, deadline=None)
@given(garments())
def test_words_and_document_agree(spec: GarmentSpec):
    reading = parse_prompt(plain_caption(PictureSpec(spec)))
    document = follow_prompt(Document(), reading, None)
    assert read_document(document.to_json()) == document
    assert agree(document, reading)
    bare = f"a red {spec.garment}" + (", long-sleeved" if "long" in spec.type.sleeves else "")
    written = write_words(bare, document)
    assert agree(document, parse_prompt(written)), written
    assert write_words(written, document) == written


@given(st.tuples(*[st.floats(0, 1)] * 4))
def test_a_mirror_of_a_mirror_is_the_box(values: tuple[float, float, float, float]):
    left, right = sorted(values[:2])
    top, bottom = sorted(values[2:])
    box = (round(left, 5), top, round(right, 5), bottom)
    assert mirrored(mirrored(box)) == pytest.approx(box, abs=1e-9)


@given(st.integers(1, 12), *[st.floats(0.1, 0.9)] * 4)
def test_a_row_is_even(count: int, x0: float, y0: float, x1: float, y1: float):
    boxes = row(((x0, y0), (x1, y1)), count, (0.0, 0.0, 0.02, 0.02))
    middles = np.array([((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in boxes])
    assert len(boxes) == count
    if count == 1:
        assert middles[0] == pytest.approx(((x0 + x1) / 2, (y0 + y1) / 2), abs=2e-5)
    else:
        assert middles[0] == pytest.approx((x0, y0), abs=2e-5)
        assert np.allclose(
            np.diff(middles, axis=0), (middles[-1] - middles[0]) / (count - 1), atol=4e-5
        )


# Every word in a sentence


@pytest.mark.parametrize("name", GARMENTS)
def test_every_name_of_a_garment(name: str):
    for word in (name, *GARMENTS[name].aliases, *GARMENTS_TOO[name]):
        reading = parse_prompt(f"a navy {word}")
        assert reading.garment.garment == name, word
        assert reading.garment.colour == "navy" or word in ("jeans",), word
        assert {"garment", "colour"} <= reading.stated and not reading.problems, word


@pytest.mark.parametrize("colour", COLOURS)
def test_every_word_for_a_colour(colour: str):
    for word in (colour, *COLOURS[colour].aliases, *COLOURS_TOO[colour]):
        for text in (f"{article(word)} shirt", f"a shirt in {word}", f"SHIRT, {word.upper()}"):
            reading = parse_prompt(text)
            assert (reading.garment.garment, reading.garment.colour) == ("shirt", colour), text


@pytest.mark.parametrize("fabric", FABRICS)
def test_every_word_for_a_fabric(fabric: str):
    garment = next(g.name for g in GARMENTS.values() if fabric in g.fabrics)
    for word in (fabric, *FABRICS[fabric], *FABRICS_TOO.get(fabric, ())):
        reading = parse_prompt(f"a red {word} {garment}")
        assert (reading.garment.colour, reading.garment.fabric) == ("red", fabric), word


@pytest.mark.parametrize("name", GARMENTS)
def test_every_neckline_and_sleeve_of_a_garment(name: str):
    garment = GARMENTS[name]
    for neckline in garment.necklines:
        if neckline == "none":
            continue
        words = "hooded " if neckline == "hood" else ""
        text = f"a {words}{name}" if words else f"a {name} with {article(neckline)}"
        assert parse_prompt(text).garment.neckline == neckline, text
    for sleeves in garment.sleeves:
        words = "sleeveless" if sleeves == "none" else f"{sleeves}-sleeved"
        if garment.sleeves != ("none",):
            assert parse_prompt(f"a {words} {name}").garment.sleeves == sleeves, words
    for neckline in set(vocabulary.NECKLINES) - set(garment.necklines) - {"none", "hood"}:
        reading = parse_prompt(f"a {name} with {article(neckline)}")
        assert len(reading.problems) == 1 and "neckline" not in reading.stated, neckline


@pytest.mark.parametrize("name", GARMENTS)
def test_every_length_of_a_garment(name: str):
    for length in ("short", "long"):
        for word in length_words(name, length):
            assert parse_prompt(f"a {word} red {name}").garment.length == length, word


@pytest.mark.parametrize("name", GARMENTS)
def test_every_component_at_every_place_of_a_garment(name: str):
    garment = GARMENTS[name]
    for kind in set(garment.components) - {"collar", "hood"}:
        for place in places_for(garment, kind):
            if kind in ("button", "pleat"):
                continue
            text = f"a red {name} with {article(kind)} at the {place}"
            assert wanted(parse_prompt(text)) == {(kind, place): 1}, text
    for kind in {"pocket", "zipper", "belt", "pleat", "patch", "bow"} - set(garment.components):
        reading = parse_prompt(f"a red {name} with {article(kind)}")
        assert not reading.requests and len(reading.problems) == 1, kind


@pytest.mark.parametrize("name", [g.name for g in GARMENTS.values() if g.buttons])
def test_every_number_of_buttons_that_a_garment_holds(name: str):
    garment = GARMENTS[name]
    for place in places_for(garment, "button"):
        limit = most(garment, "button", place)
        front = "double-breasted " if place == "double-breasted" else ""
        for count in range(1, limit + 1):
            for number in (str(count), number_word(count)):
                noun = "button" if count == 1 else "buttons"
                reading = parse_prompt(f"a {front}red {name} with {number} {noun}")
                assert wanted(reading) == {("button", place): count}, number
        over = parse_prompt(f"a {front}red {name} with {limit + 1} buttons")
        assert over.garment.count("button") <= limit and f"at most {limit}" in over.problems[0]


@pytest.mark.parametrize("kind", sorted(set(COMPONENTS) - {"collar", "hood"}))
def test_every_name_of_a_component_and_its_plural(kind: str):
    known = COMPONENTS[kind]
    for word in {kind, *known.aliases, *COMPONENTS_TOO.get(kind, ())} - {"zips"}:
        (one,) = read(f"{article(word)}").asks
        assert (one.kind, one.plural, one.number and one.number.value) == (kind, False, 1), word
    (many,) = read(f"two {known.plural}").asks
    assert (many.kind, many.plural, many.number and many.number.value) == (kind, True, 2)
    (none,) = read(f"no {known.plural}").asks
    assert none.number and none.number.value == 0


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ("a pocket", CHEST[:1]),
        ("two pockets", CHEST),
        ("pockets", CHEST),
        ("a pair of pockets", CHEST),
        ("a pocket on each hip", HIPS),
        ("pockets on both sides", HIPS),
        ("a left hip pocket", HIPS[:1]),
        ("a pocket at the right hip", HIPS[1:]),
        ("two chest pockets", CHEST),
        ("a chest pocket", CHEST[:1]),
        ("a pocket on the right chest", CHEST[1:]),
        ("four pockets", (*HIPS, *CHEST)),
        ("four pockets, two on the chest", (*HIPS, *CHEST)),
        ("hip pockets and a left chest pocket", (*HIPS, CHEST[0])),
        ("no pockets", ()),
    ],
)
def test_places_of_pockets(words: str, places: tuple[str, ...]):
    reading = parse_prompt(f"a red jacket with {words}")
    assert wanted(reading) == {("pocket", place): 1 for place in places}
    assert not reading.problems and not reading.unplaced


# Numbers


@given(st.integers(0, 99))
def test_a_number_is_its_word(value: int):
    word = number_word(value)
    assert WORDS[word] == value
    for text in (word, word.replace("-", " "), str(value), word.upper()):
        (item,) = items(normalise(text)) if value else (None,)
        assert item is None or (item.number and item.number.value == value), text


@given(st.integers(100, 10**6))
def test_numbers_without_a_word_are_digits(value: int):
    assert number_word(value) == str(value)
    (item,) = items(f"{value:,}")
    assert item.number and item.number.value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a hundred and twenty five", 125), ("two thousand", 2000), ("half a dozen", 6),
        ("a dozen", 12), ("two dozen", 24), ("a couple of", 2), ("a pair of", 2),
        ("3 million", 3e6),
        ("minus four", -4), ("negative 2", -2), ("-3", -3), ("1/2", 0.5), ("2.5", 2.5),
        ("half a", 0.5), ("1e3", 1000), ("1/0", float("inf")), ("⑤", 5), ("fourty", 40),
        ("ninety-nine", 99), ("one hundred", 100), ("a single", 1), ("1,000", 1000), ("2⁄4", 0.5),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text: str, value: float):
    (item,) = items(normalise(text))
    assert item.number and item.number.value == value


def test_no_word_below_zero():
    with pytest.raises(ValueError):
        number_word(-1)
    assert len(set(UNITS)) == 20


@pytest.mark.parametrize("kind", COMPONENTS)
def test_plurals(kind: str):
    known = COMPONENTS[kind]
    assert counted(0, kind) == f"no {known.plural}"
    assert counted(1, kind) == f"1 {kind}"
    assert counted(7, kind) == f"7 {known.plural}"
    for place in known.places:
        for count in (0, 1, 12):
            written = ComponentRequest(kind, count, place)
            assert parse_component(f"{known.plural}:{count}@{place}") == written
            assert parse_component(f" {kind} : {number_word(count)} @ {place} ") == written
    assert parse_component(kind) == ComponentRequest(kind, 1)


@given(st.sampled_from(sorted(GARMENTS)), st.sampled_from(sorted(COMPONENTS)), st.integers(1, 12))
def test_what_is_spread_is_where_the_garment_has_it(name: str, kind: str, count: int):
    garment = GARMENTS[name]
    places = spread(garment, kind, count)
    allowed = places_for(garment, kind)
    assert set(places) <= set(allowed) and len(places) <= count
    if kind in ("button", "pleat"):
        assert places == allowed[:1] * count
    else:
        assert len(set(places)) == len(places) == min(count, len(allowed))


# The reader itself


def test_every_kind_of_word_has_a_rule():
    kinds = {entry.kind for entry in lexicon.LEXICON.values()}
    assert (
        kinds | {"number", "mark", "other", "told", "refused"}
        == set(_RULES)
        == set(lexicon.Kind.__args__)
    )


def test_a_prompt_is_read_once():
    text = "a navy wool coat with five buttons"
    assert parse_prompt(text) is parse_prompt(text)
    assert parse_prompt(text, "dress") == parse_prompt(text)
    assert parse_prompt("five buttons", "coat").garment.garment == "coat"
    assert parse_prompt("five buttons", "shirt").garment.garment == "shirt"


def test_what_is_beyond_the_limit_is_told_and_not_kept():
    text = "a red coat " + "x" * READ
    reading, again = parse_prompt(text), parse_prompt(text + "x")
    assert reading.garment == again.garment == parse_prompt("a red coat").garment
    (told,) = reading.problems
    assert told == f"The prompt has {len(text)} characters: shorten it to {READ} or fewer."
    assert str(len(text) + 1) in again.problems[0]
    many = ", ".join(f"{n} buttons" for n in range(2, 60)) + " " * READ
    assert len(parse_prompt("a red coat with " + many).problems) <= LISTED


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(sorted({w for words in lexicon.LEXICON for w in words})), max_size=12)
)
def test_any_words_of_the_lexicon_make_sense_or_are_told(words: list[str]):
    reading = parse_prompt(" ".join(words))
    assert apply_requests(reading.garment, reading.requests) == reading.garment
    document = follow_prompt(Document(), reading, None)
    assert read_document(document.to_json()) == document
