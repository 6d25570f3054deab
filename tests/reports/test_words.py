"""The words that are shown are the words that are heard: what prompts asked and did not get."""

from __future__ import annotations

import pytest

from studio.desk import views
from studio.garment.coarser_garments import GARMENTS_COARSER
from studio.garment.fillers import PRAISE, QUALITY, SENTENCE
from studio.garment.markup import plain
from studio.garment.parse import NO_GARMENT, parse_prompt
from studio.garment.wearer import names_a_wearer
from tests.reports.stated import fields


def told(text: str) -> str:
    """Everything that is told as not recognised, one after the other."""
    return "; ".join(parse_prompt(text).unplaced)


# Every content word that is not understood is told


@pytest.mark.parametrize(
    "words",
    ["tulle", "organza", "multicolor", "cold shoulder", "peplum", "quilted", "velvet",
     "asdf qwerty", "storm flap", "obi", "dragon", "ruched", "sequined", "abstract print",
     "geometric", "tie-dye",
     "high rise", "draped", "embellished", "tiered", "asymmetric hem", "cowl neck", "square neck",
     "square neckline", "boat neck", "raglan sleeve", "printed", "frayed hem"],
)  # fmt: skip
@pytest.mark.parametrize(
    "form", ["a red {} dress", "a red dress, {}", "red dress with {}", "{} red dress"]
)
def test_a_word_that_is_not_understood_is_told_or_has_its_nearest_said(form: str, words: str):
    text = form.format(words)
    shown = " ".join((told(text), *parse_prompt(text).said.values()))
    assert all(word in shown for word in words.split("-")), shown
    assert fields(text)["colour"] == "red" and fields(text)["garment"] == "dress"


@pytest.mark.parametrize("shade", ["light", "pastel", "dark", "bright"])
def test_a_shade_is_told_or_said(shade: str):
    assert told(f"a {shade} dress") == told(f"a red dress, {shade}") == shade
    assert parse_prompt(f"a {shade} green dress").said["colour"] == f"{shade} green"


@pytest.mark.parametrize("word", ["please", "8k", "masterpiece", "the", *PRAISE[:9], *QUALITY[:9],
                                  *SENTENCE[:9]])  # fmt: skip
def test_a_filler_is_not_told(word: str):
    assert told(f"a navy coat, {word}") == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("jeans in light wash", "light wash"),
        ("a leopard print skirt", "leopard print"),
        ("a sheath dress", "sheath"),
        ("a wrap dress", "wrap"),
        ("an a-line skirt", "a-line"),
        ("a taffeta blouse", "taffeta"),
        ("a tweed coat", "tweed"),
        ("a pale green coat", "pale green"),
        ("a dress with puff sleeves", "puff sleeves"),
    ],
)
def test_a_coarser_word_is_said_on_its_chip(text: str, words: str):
    reading = parse_prompt(text)
    assert words in reading.said.values() and words not in reading.unplaced


def test_what_is_told_is_one_sentence_on_page_and_command_line():
    reading = parse_prompt("a quilted coat with forty buttons")
    assert reading.sentences[-1] == "Not recognised: quilted."
    assert len(reading.sentences) == 2 and reading.problems[0] in reading.sentences


# Misreadings


@pytest.mark.parametrize(
    "text",
    ["a navy coat with two pockets at the hips", "red dress for women", "men grey sweater",
     "boys hoodie", "coat with belt at the arms", "women's jeans", "a dress for a woman",
     "shirt with long arms", "walking shorts", "a standing collar shirt", "mens navy shirt",
     "dress suits women", "a model 501 pair of jeans", "hoodie for tall men", "girls summer dress",
     "a worn leather jacket", "lady's coat", "a jacket, hand made"],
)  # fmt: skip
def test_words_about_the_garment_name_no_wearer(text: str):
    assert not names_a_wearer(text)


@pytest.mark.parametrize(
    "text",
    ["a woman in a coat", "woman in red", "men wearing grey sweaters", "worn by a man",
     "coat, hands on hips", "on a model", "she wears a dress", "a young man, navy shirt",
     "hands in pockets, grey coat", "wearing a red coat", "a girl with a bun in a skirt",
     "two women in coats", "model walking, red dress", "this guy wears a t-shirt"],
)  # fmt: skip
def test_who_is_there_is_a_wearer(text: str):
    assert names_a_wearer(text)


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("green lace-trimmed slip dress", "green"),
        ("yellow puff sleeve square neck blouse", "yellow"),
        ("navy tie-front shirt", "navy"),
        ("red embroidered cotton dress", "red"),
        ("black sequin ruffle skirt", "black"),
        ("white cape-sleeve dress", "white"),
        ("a dress in red chiffon", "red"),
        ("blue tie-dye t-shirt", "blue"),
        ("red wrap-effect midi dress", "red"),
        ("purple tie-waist trousers", "purple"),
    ],
)
def test_a_detail_leaves_the_garment_its_colour(text: str, colour: str):
    assert fields(text)["colour"] == colour


@pytest.mark.parametrize(
    "text",
    ["blue dress with white sleeves", "blue coat, white collar", "blue shirt with gold buttons",
     "blue dress with a wide white hem", "blue jacket with red lace trim"],
)  # fmt: skip
def test_the_colour_of_a_part_is_not_the_garments(text: str):
    assert fields(text)["colour"] == "blue" and told(text)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("cap-sleeve top", "sleeves", "short"),
        ("boot-cut jeans", "fit", "loose"),
        ("a jacket with wide sleeves", "fit", None),
        ("a coat with an oversized collar", "fit", None),
        ("a tank top and a long pair of trousers", "length", None),
        ("a kimono jacket with long wide sleeves", "length", None),
        ("emerald slip dress with a cowl neck", "neckline", "scoop neck"),
        ("a burgundy velvet blazer", "fabric", "corduroy"),
        ("a suede jacket", "fabric", "leather"),
        ("shirt dress", "neckline", "shirt collar"),
        ("bomber jacket with a rib collar", "neckline", "stand collar"),
        ("trousers with a scarf print", "garment", "trousers"),
        ("suit trousers in grey", "garment", "trousers"),
        ("bra top", "garment", "tank top"),
        ("tank shirt", "sleeves", None),
        ("tank shirt", "garment", "tank top"),
        ("long sleeved purple turtleneck", "garment", "sweater"),
        ("a roll neck", "garment", "sweater"),
        ("polo neck in black", "garment", "sweater"),
        ("a turtleneck dress", "garment", "dress"),
        ("three-quarter-sleeve top", "sleeves", "long"),
        ("dress with long puff sleeves", "sleeves", "long"),
        ("dress with long puff sleeves", "length", None),
        ("black and white line art of a jacket", "colour", None),
        ("jacket, black and white line art", "colour", None),
        ("red shirt in a flat sketch", "colour", "red"),
    ],
)
def test_words_are_read_as_they_are_meant(text: str, field: str, value: str | None):
    assert fields(text).get(field) == value, fields(text)


@pytest.mark.parametrize(
    "text", ["a logo print t-shirt", "a logo tee", "a t-shirt with a graphic print"]
)
def test_a_print_is_no_patch(text: str):
    assert not parse_prompt(text).requests and told(text)


def test_a_logo_on_a_place_is_a_patch():
    for text in ("a logo on the left chest", "an embroidered logo on the left chest"):
        (request,) = parse_prompt(f"a polo shirt with {text}").requests
        assert (request.kind, request.place) == ("patch", "left chest")


@pytest.mark.parametrize(
    ("text", "count"),
    [("a pleated midi skirt", 8), ("pleated trousers", 2), ("a dress, pleated", 8),
     ("skirt with three pleats", 3)],
)  # fmt: skip
def test_pleated_asks_for_pleats(text: str, count: int):
    (request,) = parse_prompt(text).requests
    assert (request.kind, request.count) == ("pleat", count)


def test_buttons_without_a_number_are_on_a_chip():
    for text in ("a shirt with gold buttons", "a buttoned cardigan", "shirt, press-stud closure"):
        assert views.reading(parse_prompt(text))["found"] == ["buttons"], text


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a 1/2 zip sweater", {"zipper"}),
        ("a ½ zip sweater", {"zipper"}),
        ("a sweater with a 1/4 zip", {"zipper"}),
        ("a half-zip sweater", {"zipper"}),
        ("5-pocket jeans", set()),
        ("five-pocket trousers in navy", set()),
        ("shirt with two-button cuffs", {"cuff"}),
        ("a 3/4 sleeve dress", set()),
        ("7/8 length trousers", set()),
        ("a 4-pocket jacket", {"pocket"}),
    ],
)
def test_numbers_in_the_name_of_a_cut_count_nothing(text: str, kinds: set[str]):
    reading = parse_prompt(text)
    assert {request.kind for request in reading.requests} == kinds and not reading.problems


def test_a_caption_of_two_garments_tells_the_second_one():
    text = (
        "The upper clothing has long sleeves, cotton fabric and solid color patterns. The neckline "
        "of it is v-shape. The lower clothing is long denim pants."
    )
    assert fields(text) == {
        "garment": "t-shirt", "sleeves": "long", "fabric": "cotton", "pattern": "plain",
        "neckline": "v-neck",
    }  # fmt: skip
    assert "long denim pants" in told(text) and not parse_prompt(text).problems
    assert "black turtleneck" in told("a camel coat over a black turtleneck and jeans")
    assert fields("a white shirt with navy trousers") == {"garment": "shirt", "colour": "white"}
    assert fields("The lower clothing is short. The upper clothing is a red tank top.")[
        "garment"
    ] in ("shorts", "trousers", "skirt")


def test_the_place_of_a_zip_is_told_where_no_zip_can_be():
    for text in ("a skirt with a zip in the side", "a dress with a zip at the back"):
        assert not parse_prompt(text).requests and "zip" in told(text)


# Signs of other programs


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a (red:1.3) coat", "a (red) coat"),
        ("a ((red)) coat", "a (red) coat"),
        ("a [[red]] coat", "a [red] coat"),
        ("a {red|blue|green} coat", "a red coat"),
        ("a {2::navy|1::red} coat", "a navy coat"),
        ("a __colour__ coat", "a   coat"),
        ("a coat <lora:dress_v2:0.8>", "a coat  "),
    ],
)
def test_a_sign_is_taken_out_and_told(text: str, words: str):
    written = plain(text)
    assert written.text == words and len(written.notes) == 1
    assert parse_prompt(text).notes[0] == written.notes[0]
    assert fields(text)["garment"] == "coat" and "lora" not in told(text)


def test_the_first_of_a_choice_is_used():
    assert fields("a {red|blue|green} coat")["colour"] == "red"
    assert fields("a {navy} coat, {{masterpiece}}")["colour"] == "navy"
    assert not told("a {red|blue|green} coat")


@pytest.mark.parametrize(
    "block",
    ["Negative prompt: buttons, hood\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42",
     "\nnegative prompt: buttons, hood Steps: 30", "Negative_prompt: buttons, hood"],
)  # fmt: skip
def test_a_pasted_block_is_left_out_of_the_picture(block: str):
    text = f"a navy coat with a belt {block}"
    written = plain(text)
    assert written.negative == "buttons, hood" and written.notes
    reading = parse_prompt(text)
    assert [request.kind for request in reading.requests] == ["belt"]
    assert reading.garment.neckline != "hood" and not reading.unplaced


def test_words_without_signs_stay_as_they_are():
    for text in ("a coat (navy), five buttons", "a shirt: blue; buttons: six", "a\nb", "{}", "a|b"):
        assert plain(text).text == text and not plain(text).notes


# One limit, one sentence where there is no garment


@pytest.mark.parametrize("length", [2001, 5000, 100_000])
def test_a_prompt_that_is_too_long_is_told_and_not_cut(length: int):
    text = "a red coat".ljust(length, "x")
    sentence = f"The prompt has {length} characters: shorten it to 2000 or fewer."
    assert parse_prompt(text).sentences[0] == sentence


@pytest.mark.parametrize(
    "text", ["something nice in blue", "qwerty", "v-neck, short sleeves", "un truc bleu", "robot"]
)
def test_a_prompt_without_a_garment_says_so(text: str):
    assert NO_GARMENT in parse_prompt(text).sentences


@pytest.mark.parametrize("text", ["", "5", "a navy coat", "a woman wearing this", "turtleneck"])
def test_a_prompt_with_a_garment_does_not(text: str):
    assert NO_GARMENT not in parse_prompt(text).sentences


def test_every_garment_that_is_drawn_as_another_is_told():
    for name, words in GARMENTS_COARSER.items():
        for word in words:
            reading = parse_prompt(f"a navy {word}")
            assert reading.garment.garment == name, word
            assert reading.said.get("garment") == word, word
