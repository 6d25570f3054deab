"""What the model hears: the words of the chips; and the command that measures the reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.cli import main
from studio.desk import views
from studio.desk.prompts import read_file
from studio.engine import Picture
from studio.engine.loading import learnt_captions
from studio.errors import BadInput, ModelDamaged
from studio.garment.caption import plain_caption, tell
from studio.garment.coarser import COARSER
from studio.garment.heard import heard
from studio.garment.parse import parse_prompt
from studio.garment.spec import PictureSpec
from studio.garment.vocabulary import COLOURS, GARMENTS
from studio.request import GenerationRequest, Recorded, Sampling, Words
from tests.reports.stated import SOME
from tests.settled import bundled
from tests.studio.garment.strategies import pictures


def told(text: str) -> str:
    """Everything that is told as not recognised or as left out, one after the other."""
    reading = parse_prompt(text)
    return "; ".join((*reading.unplaced, *reading.refused))


# The model hears the reader's own words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a mint blouse", "a green blouse"),
        ("a mustard jacket", "a yellow jacket"),
        ("dusty rose skirt", "pink skirt"),
        ("an indigo shirt", "a navy shirt"),
        ("a camel coat", "a beige coat"),
        ("a charcoal coat", "a grey coat"),
        ("gray prince of wales check trousers", "gray checked trousers"),
        ("a pinstripe blazer", "a striped blazer"),
        ("a coral dress", "an orange dress"),
        ("a mint parka", "a green coat"),
        ("a windbreaker in cream poplin", "a jacket in beige cotton"),
        ("a dress with cap sleeves", "a dress with short sleeves"),
        ("a cap-sleeve dress", "a short-sleeved dress"),
        ("purple turtleneck", "purple turtleneck sweater"),
        ("a top with three-quarter sleeves", "a t-shirt with long sleeves"),
        ("red sheath dress", "red slim dress"),
        ("a coat with a sash", "a coat with a belt"),
    ],
)
def test_the_model_is_told_the_words_of_the_chips(text: str, words: str):
    assert heard(text) == words


@pytest.mark.parametrize(
    "text",
    ["a gray coat", "an emerald green dress", "a dark green coat", "a light blue shirt", "jeans",
     "a silk blouse", "a woman with tan skin in a red dress", "a cropped tartan polo", "",
     "a ribbed roll-neck jumper", "wine red maxi skirt, on a lawn", "A Navy Coat"],
)  # fmt: skip
def test_words_of_the_captions_stay_as_they_are(text: str):
    assert heard(text) == text


@settings(max_examples=300, deadline=None)
@given(pictures(), st.integers(0, 2**32 - 1))
def test_every_caption_is_heard_as_it_is(picture: PictureSpec, seed: int):
    for text in (tell(picture, np.random.default_rng(seed)).text, plain_caption(picture)):
        assert heard(text) == text


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(SOME), max_size=9))
def test_what_is_heard_is_heard_again(words: list[str]):
    once = heard(" ".join(words))
    assert heard(once) == once and once.isascii()


@pytest.mark.parametrize("colour", COLOURS)
def test_every_word_for_a_colour_is_heard_as_the_chip_says(colour: str):
    for word in COARSER["colour"].get(colour, ()):
        reading = parse_prompt(f"a {word} shirt")
        assert reading.garment.colour == colour, word
        assert parse_prompt(heard(f"a {word} shirt")).garment.colour == colour, word


@pytest.mark.parametrize("field", [name for name in COARSER if name != "colour"])
def test_what_is_heard_is_read_like_the_prompt(field: str):
    for value, words in COARSER[field].items():
        for word in words:
            garment = next(g.name for g in GARMENTS.values() if _can(g, field, value))
            text = f"a red {garment}, {word}"
            again = parse_prompt(heard(text)).garment
            assert getattr(parse_prompt(text).garment, field) == value, text
            assert getattr(again, field) == value or value == "regular", (text, heard(text))


def _can(garment: Any, field: str, value: str) -> bool:
    choices = {"fabric": garment.fabrics, "neckline": garment.necklines, "sleeves": garment.sleeves}
    return value in choices.get(field, (value,))


def test_the_chips_say_what_the_words_were():
    shown = views.reading(parse_prompt("a mint silk parka in tweed with a wrap front, midi"))
    assert shown["said"]["green"] == "mint"
    assert shown["said"]["coat"] == "parka"
    assert views.reading(parse_prompt("a gray checkered tee"))["said"] == {}
    assert views.reading(parse_prompt("navy straight leg trousers"))["said"] == {
        "regular fit": "straight leg"
    }


# The command that measures it

PROMPTS = """\
nr\tprompt\ttype\tcolour\tpattern\tsleeves\tlength\tfit_or_shape\tcomponents (x)\tscene
1\ta mint coat with two pockets, walking\tcoat\tmint (green)\t-\t-\t-\t-\tpocket x 2\twalking
2\ta red tulle skirt, pleated, a-line\tskirt\tred\t-\t-\t-\tA-line\tpleat x any\t-
3\ta navy and white coat\tjacket|coat\tnavy and white\t-\t-\tmaxi (long)\t-\tbelt x 1\t-
4\ta striped shirt with five buttons\tdress\t-\t-\tshort\t-\t-\tbutton x 4\tpark
"""


def test_the_facts_of_a_file_are_judged():
    found = read_file(PROMPTS)
    verdicts = {
        (one["nr"], fact["column"], fact["asked"]): fact["verdict"]
        for one in found["prompts"]
        for fact in one["facts"]
    }
    assert verdicts == {
        ("1", "type", "coat"): "understood",
        ("1", "colour", "mint (green)"): "coarser",
        ("1", "components", "pocket x 2"): "understood",
        ("1", "scene", "walking"): "understood",
        ("2", "type", "skirt"): "understood",
        ("2", "colour", "red"): "understood",
        ("2", "fit_or_shape", "A-line"): "coarser",
        ("2", "components", "pleat x any"): "understood",
        ("3", "type", "jacket|coat"): "understood",
        ("3", "colour", "navy and white"): "coarser",
        ("3", "length", "maxi (long)"): "lost",
        ("3", "components", "belt x 1"): "lost",
        ("4", "type", "dress"): "misread",
        ("4", "pattern", "-"): "misread",
        ("4", "sleeves", "short"): "lost",
        ("4", "components", "button x 4"): "misread",
        ("4", "scene", "park"): "lost",
    }
    counts = found["all"]
    assert (counts["facts"], counts["misread"], counts["lost"]) == (17, 3, 4)
    assert counts["lost_or_misread"] == round(7 / 17, 4)
    assert found["languages"].keys() == {"en"}


@pytest.mark.parametrize("text", ["", "colour\tred\n", "just words"])
def test_a_file_without_prompts_is_refused_in_a_sentence(text: str):
    with pytest.raises(BadInput, match="needs a column named “prompt”"):
        read_file(text)


def test_the_command_prints_what_the_page_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file, out = tmp_path / "prompts.tsv", tmp_path / "read.json"
    file.write_text(PROMPTS, "utf-8")
    assert main(["read", "--file", str(file), "--json", str(out)]) == 0
    assert "silently lost or misread" in capsys.readouterr().out
    assert len(json.loads(out.read_text("utf-8"))["prompts"]) == 4
    assert main(["read", "a mint parka with ruffles"]) == 0
    told = capsys.readouterr().out
    assert "green (from mint)" in told and "heard: a green coat" in told
    assert "Not recognised: ruffles." in told
    assert main(["read"]) == 2 and "--file" in capsys.readouterr().err


# The pictures


@pytest.mark.parametrize(
    ("text", "words"),
    [("a mint blouse", "a green blouse"), ("(indigo:1.2) shirt", "(navy) shirt"),
     ("una blusa menta", "a green blouse")],
)  # fmt: skip
def test_the_picture_is_that_of_the_words_of_the_chips(text: str, words: str):
    def made(prompt: str) -> Picture:
        small = Sampling(steps=1, width=64, height=64, seed=3)
        return bundled().generate(GenerationRequest(words=Words(prompt=prompt), sampling=small))[0]

    one, other = made(text), made(words)
    assert one.image.tobytes() == other.image.tobytes()
    assert (one.heard, other.heard) == (words, "")
    assert one.request.words.prompt == text


def test_the_words_that_were_heard_are_recorded():
    wish = Recorded(request=GenerationRequest(words=Words(prompt="a mint blouse")))
    kept = wish.with_request(wish.request, "a green blouse")
    again = Recorded.from_json(kept.to_json())
    assert (again.heard, again.request.words.prompt) == ("a green blouse", "a mint blouse")
    assert "heard" not in json.loads(wish.to_json())


def test_a_model_of_other_captions_hears_the_words_as_they_were_written(tmp_path: Path):
    index = tmp_path / "model_index.json"
    for text, learnt in (('{"_captions": "toile"}', True), ("{}", False)):
        index.write_text(text, "utf-8")
        assert learnt_captions(index) is learnt
    index.write_text("[]", "utf-8")
    with pytest.raises(ModelDamaged, match="cannot be read"):
        learnt_captions(index)
    assert bundled().load().own_words
