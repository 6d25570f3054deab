"""Captions: grammatical, varied, complete, and the same for the same seed."""

import re

import numpy as np
import pytest

from studio.garment.caption import LONGEST, caption, plain_caption, tell
from studio.garment.spec import Component, GarmentSpec, Person, PictureSpec, Scene
from studio.garment.vocabulary import GARMENTS, PATTERNS
from tests.studio.garment.sampler import random_picture

PICTURES = 1000


@pytest.fixture(scope="module")
def told():
    """Random pictures with what their captions tell."""
    rng = np.random.default_rng(20)
    pictures = [random_picture(rng) for _ in range(PICTURES)]
    return [(picture, tell(picture, rng)) for picture in pictures]


def coat(count: int = 5, place: str = "centre front", **fields: str) -> GarmentSpec:
    values = {"colour": "navy", "fabric": "wool", "neckline": "notched lapel", "sleeves": "long"}
    parts = (Component("button", place),) * count
    return GarmentSpec("coat", components=parts, **{**values, **fields})


def worn(garment: GarmentSpec, **traits: str) -> PictureSpec:
    return PictureSpec(garment, Scene("worn", "park", Person(**traits)))


def many(picture: PictureSpec, count: int = 200) -> list[str]:
    return [caption(picture, np.random.default_rng(seed)) for seed in range(count)]


def test_the_same_seed_gives_the_same_words():
    picture = worn(coat())
    first = many(picture, 50)
    assert first == many(picture, 50)
    assert len(set(first)) > 45


def test_no_caption_is_long_or_untidy(told):
    for _, telling in told:
        text = telling.text
        assert len(text.split()) <= LONGEST, text
        assert text == " ".join(text.split()), text
        assert not re.search(r"\s[,.]|,,|\.\.|,\.|\bwith with\b|\band and\b|\ba a\b", text), text


def test_articles_follow_the_sound(told):
    for _, telling in told:
        for word in re.findall(r"\ba (\w+)", telling.text, re.IGNORECASE):
            assert not re.match(r"(?!one\b|uni)[aeiou]|8\b|11\b|18\b", word, re.I), telling.text
        for word in re.findall(r"\ban (\w+)", telling.text, re.IGNORECASE):
            assert re.match(r"[aeiou]|8|11|18", word, re.IGNORECASE), telling.text


def test_a_plural_garment_has_no_singular_article():
    spec = GarmentSpec("trousers", "navy", neckline="none", sleeves="none")
    for text in many(PictureSpec(spec), 300):
        assert not re.search(
            r"\ban? (?!pair)(?:(?!of )[\w-]+ )*(trousers|pants|slacks|chinos)", text
        ), text
        assert not re.search(r"(trousers|pants|slacks|chinos) has\b", text), text


def test_type_and_colour_and_pattern_are_always_told(told):
    for picture, telling in told:
        assert {"garment", "colour"} <= telling.stated
        assert picture.garment.pattern == "plain" or "pattern" in telling.stated


def test_every_button_row_and_pleat_is_counted(told):
    for picture, telling in told:
        requests = {(r.kind, r.place): r.count for r in telling.requests}
        for kind, place in (("button", "centre front"), ("button", "double-breasted"),
                            ("pleat", "hem")):  # fmt: skip
            count = picture.garment.count(kind, place)
            assert requests.get((kind, place), 0) == count


def test_nothing_is_told_that_is_not_there(told):
    for picture, telling in told:
        for request in telling.requests:
            assert picture.garment.count(request.kind, request.place) == request.count


def test_components_can_be_left_unsaid(told):
    rng = np.random.default_rng(21)
    for picture, _ in told:
        telling = tell(picture, rng, components=False)
        assert not telling.requests
        assert not re.search(
            r"\b(no (?!sleeves)|without (?!sleeves)|pockets?|belt|cuffs|pleats?)\b", telling.text
        ), telling


def test_shares_of_what_is_optional():
    picture = worn(coat(neckline="stand collar", length="long", fit="loose"))
    tellings = [tell(picture, np.random.default_rng(seed)) for seed in range(800)]
    for name, low, high in (("fabric", 0.5, 0.7), ("neckline", 0.8, 0.9), ("length", 0.5, 0.7),
                            ("fit", 0.5, 0.7), ("sleeves", 0.08, 0.25)):  # fmt: skip
        share = np.mean([name in t.stated for t in tellings])
        assert low < share < high, (name, share)


def test_a_wearer_is_always_named():
    for text in many(worn(coat(), person="man")):
        assert re.search(r"\b(man|guy|male model)\b", text), text
        assert "her " not in text, text


def test_a_flat_garment_has_no_wearer():
    for text in many(PictureSpec(coat())):
        assert not re.search(r"\b(woman|man|lady|girl|worn|wearing|skin|hair)\b", text), text


def test_a_collar_is_not_told_twice():
    spec = coat(0)
    drawn = spec.with_components((Component("collar", "neck"),))
    for text in many(PictureSpec(drawn)):
        assert len(re.findall(r"lapel|collar", text)) <= 1, text


def test_digits_and_number_words_both_occur():
    texts = " ".join(many(PictureSpec(coat()))).lower()
    assert "five buttons" in texts and "5 buttons" in texts and "five-button" in texts


def test_every_garment_and_pattern_has_a_plain_caption():
    for name, kind in GARMENTS.items():
        for pattern in PATTERNS:
            spec = GarmentSpec(
                name, "orange", pattern, kind.fabrics[0], kind.necklines[0], kind.sleeves[0]
            )
            text = plain_caption(PictureSpec(spec))
            assert name in text and "orange" in text and "laid flat" in text
            assert pattern == "plain" or pattern in text


def test_plain_captions_are_these():
    assert plain_caption(PictureSpec(coat())) == (
        "a navy wool coat with a notched lapel and five buttons, laid flat, on a white background"
    )
    pockets = tuple(Component("pocket", f"{side} hip") for side in ("left", "right"))
    jeans = GarmentSpec("trousers", "blue", "plain", "denim", "none", "none", components=pockets)
    person = {"person": "man", "skin": "dark", "hair": "black", "hair_style": "short"}
    assert plain_caption(worn(jeans, **person)) == (
        "a man with dark skin and short black hair wearing blue denim trousers with two hip "
        "pockets, standing, in a park"
    )
    assert "double-breasted navy wool coat" in plain_caption(
        PictureSpec(coat(6, "double-breasted"))
    )
