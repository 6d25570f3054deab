"""What changes nothing is told, everyday words are read, and a file says what it lacks."""

from __future__ import annotations

import pytest

from studio.cli import main
from studio.desk.prompts import read_file
from studio.garment.parse import parse_prompt
from tests.reports.stated import fields


def told(text: str) -> str:
    """Everything that is told as not recognised, one after the other."""
    return "; ".join(parse_prompt(text).unplaced)


# Nothing is lost in silence


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("red dress, studio lighting", "studio lighting"),
        ("navy coat, golden hour, bokeh", "golden hour; bokeh"),
        ("grey hoodie, cinematic close-up", "cinematic"),
        ("men's navy coat", "men's"),
        ("women's red coat", "women's"),
        ("petite black trousers", "petite"),
        ("unisex hoodie", "unisex"),
        ("a red coat for women", "for women"),
        ("a man's blue shirt", "man's"),
        ("zip down the left side of a skirt", "zip down the left side"),
        ("buttons down the left side of a skirt", "buttons down the left side"),
        ("a yellow dress with a bow on the left side", "bow on the left side"),
        ("red skirt with a slit on the left side", "slit on the left side"),
        ("holding flowers, a red dress", "flowers"),
        ("black and white photo of a yellow dress", "black and white photo of"),
        ("a coat worn open", "open"),
        ("a coat and jeans with a belt", "belt"),
        ("red coat in a park, on the beach", "on the beach"),
        ("a shirt with pocket flaps", "pocket flaps"),
        ("hands in pockets, a grey coat", "hands in pockets"),
        ("a hawaiian shirt with palm trees", "palm trees"),
        ("a woman in a blouse, looking over her shoulder", "looking over her shoulder"),
        ("a skirt with a slit to the thigh", "slit"),
        ("a white dress with a tiered skirt", "tiered skirt"),
        ("a two-tone jacket", "two-tone"),
        ("roter Mantel für Damen", "für Damen"),
        ("メンズの紺のコート", "メンズ"),
        ("camicia da donna a righe", "da donna"),
    ],
)
def test_a_word_that_changes_nothing_is_told(text: str, words: str):
    for one in words.split("; "):
        assert one in told(text), told(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [("double-breasted navy coat", 6), ("a navy blazer, double breasted", 6),
     ("coat, d/b", 6), ("double-breasted waistcoat with four buttons", 4)],
)  # fmt: skip
def test_double_breasted_has_its_buttons(text: str, count: int):
    (request,) = parse_prompt(text).requests
    assert (request.count, request.place) == (count, "double-breasted")


@pytest.mark.parametrize(
    "text", ["a zip-up hoodie", "zip hoodie in grey", "a cropped zip up hoodie", "zipped hoodie"]
)
def test_the_zip_of_a_hoodie_is_asked_for(text: str):
    (request,) = parse_prompt(text).requests
    assert (request.kind, request.count) == ("zipper", 1)


@pytest.mark.parametrize("garment", ["shirt", "dress", "cardigan", "jumpsuit"])
def test_double_breasted_is_told_where_it_cannot_be(garment: str):
    assert "never double-breasted" in parse_prompt(f"a double-breasted {garment}").sentences[0]


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("a lab coat to the knee", {"garment": "coat", "length": "regular"}),
        ("dress down to the ankles", {"garment": "dress", "length": "long"}),
        ("jumpsuit with wide legs", {"garment": "jumpsuit", "fit": "loose"}),
        ("jeans in dark rinse", {"garment": "trousers", "fabric": "denim", "colour": "navy"}),
        ("cardigan in reds and browns", {"garment": "cardigan", "colour": "red"}),
        ("blouse with long ruched sleeves", {"garment": "blouse", "sleeves": "long"}),
        ("blouse with long cuffed sleeves", {"garment": "blouse", "sleeves": "long"}),
        ("mother of the bride dress, navy", {"garment": "dress", "colour": "navy"}),
        ("a skirt with a slit to the thigh", {"garment": "skirt"}),
        (
            "full skirt, cherry print on white cotton",
            {"garment": "skirt", "fit": "loose", "colour": "white", "fabric": "cotton"},
        ),
        (
            "blazer with black satin shawl lapels",
            {"garment": "blazer", "neckline": "notched lapel"},
        ),
        (
            "a floral maxi in coral",
            {"garment": "dress", "pattern": "floral", "colour": "orange", "length": "long"},
        ),
        (
            "white sundress, tiered skirt, wide straps",
            {"garment": "dress", "colour": "white", "sleeves": "none"},
        ),
        ("a red dress with a full skirt", {"garment": "dress", "colour": "red"}),
        ("jumpsuit with wide trousers", {"garment": "jumpsuit"}),
        ("膝丈のプリーツスカート", {"garment": "skirt", "length": "regular"}),
        ("丸襟のシャツ", {"garment": "shirt", "neckline": "shirt collar"}),
        ("ダブルボタン10個のコート", {"garment": "coat"}),
        ("blouse à manches chauve-souris", {"garment": "blouse", "sleeves": "long"}),
        ("Rock ohne Streifen", {"garment": "skirt", "pattern": "plain"}),
        ("Tellerrock in Taubenblau", {"garment": "skirt", "fit": "loose", "colour": "blue"}),
        ("chaquetón azul marino", {"garment": "coat", "colour": "navy"}),
        ("giacca pied de poule", {"garment": "jacket", "pattern": "checked"}),
    ],
)
def test_everyday_words_are_read(text: str, stated: dict[str, str]):
    assert fields(text) == stated


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a slip dress in satin --ar 2:3 --v 6", "--ar 2:3 --v 6"),
        ("navy coat —ar 3:4 —stylize 250", "—ar 3:4 —stylize 250"),
        ("/imagine prompt: red dress --niji 5", "--niji 5"),
        ("red dress --no buttons, hood --s 50", "buttons, hood"),
        ("red dress::2 park::1", "Weights"),
        ("https://example.org/a.png red dress", "Addresses in the words"),
    ],
)
def test_settings_of_other_programs_are_told_and_name_nothing(text: str, words: str):
    reading = parse_prompt(text)
    assert words in reading.notes[0] and not reading.unplaced
    assert reading.garment.garment == "coat" or reading.garment.garment == "dress"
    assert "neckline" not in reading.stated and not reading.requests


# A file that says nothing of its prompts


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        ("prompt", "No facts were counted"),
        ("nr\tprompt", "“type”, “colour”, “pattern”"),
        ("prompt\ttype\tcolour\tpattern\tsleeves\tneckline\tfabric\tlength\tfit_or_shape"
         "\tcomponents", "“scene”"),
        ("prompt\ttype", "“colour”, “pattern”"),
    ],
)  # fmt: skip
def test_a_file_without_columns_of_facts_says_so(
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    head: str,
    sentence: str,
):
    rows = f"{head}\n{chr(9).join('-' for _ in head.split(chr(9)))}\n"
    (note,) = read_file(rows)["notes"]
    assert sentence in note and note.count(". ") <= 1
    file = tmp_path_factory.mktemp("rows") / "prompts.tsv"
    file.write_text(rows, "utf-8")
    assert main(["read", "--file", str(file)]) == 0
    assert note in capsys.readouterr().out


def test_a_file_with_all_columns_says_nothing_of_them():
    head = "prompt\ttype\tcolour\tpattern\tsleeves\tneckline\tfabric\tlength\tfit_or_shape"
    assert not read_file(f"{head}\tcomponents (x)\tscene\na red coat\tcoat\tred\n")["notes"]
