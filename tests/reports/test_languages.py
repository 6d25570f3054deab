"""Prompts in other languages: what was passed over in silence is read, heard, or told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from transformers import CLIPTextModel, CLIPTokenizer

from studio.conditions.text import TextEncoder
from studio.desk import views
from studio.engine import Engine
from studio.garment.heard import heard
from studio.garment.languages import in_english
from studio.garment.parse import parse_prompt
from studio.request import GenerationRequest, Sampling, Words
from tests.tinymodel import build_tiny_model

PAIRS = [
    ("grünes Hemd mit fünf Knöpfen", "a green shirt with 5 buttons"),
    ("robe rouge à manches longues", "a red dress with long sleeves"),
    ("camisa de lino blanca con cuello mao", "a white linen shirt with a mandarin collar"),
    ("gonna nera con cintura", "a black skirt with a belt"),
    ("红色大衣，五颗纽扣", "a red coat with 5 buttons"),
    ("白い長袖シャツ、胸ポケット付き", "a white shirt with long sleeves and a chest pocket"),
]
"""The reported prompts' kind, and the English that stands for them."""


def wanted(prompt: str, negative: str = "") -> GenerationRequest:
    return GenerationRequest(
        words=Words(prompt=prompt, negative=negative),
        sampling=Sampling(steps=2, width=128, height=128, seed=3),
    )


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(build_tiny_model(tmp_path_factory.mktemp("tiny")), dtype="fp32", device="cpu")


@pytest.fixture(scope="module")
def encoder(family_folder: Path) -> TextEncoder:
    """The bundled family's: its tokenizer knows few letters."""
    tokenizer = CLIPTokenizer.from_pretrained(family_folder / "tokenizer")
    return TextEncoder(tokenizer, CLIPTextModel.from_pretrained(family_folder / "text_encoder"))


@pytest.mark.parametrize(("prompt", "english"), PAIRS)
def test_no_prompt_in_a_language_that_is_read_is_without_chips(prompt: str, english: str):
    assert in_english(prompt).text == english
    shown = views.reading(parse_prompt(prompt))
    assert shown["garment"] == views.reading(parse_prompt(english))["garment"] != []
    assert shown["found"] == views.reading(parse_prompt(english))["found"]


@pytest.mark.parametrize(("prompt", "english"), PAIRS[::2])
def test_the_model_hears_the_english(engine: Engine, prompt: str, english: str):
    made = engine.generate(wanted(prompt, "rotes Kleid"))[0]
    same = engine.generate(wanted(english, "a red dress"))[0]
    assert made.request.words.prompt == prompt
    assert (np.asarray(made.image) == np.asarray(same.image)).all()


@pytest.mark.parametrize(
    "prompt",
    [
        "白いリネンの長袖シャツ、胸ポケット付き、" + "とても素敵な" * 20,
        "红色大衣，" + "漂亮" * 40,
        "Красное платье " * 20,
        "فستان أحمر طويل " * 20,
        "빨간 원피스 " * 20,
    ],
)
def test_letters_that_the_model_lacks_are_no_words_that_it_leaves_out(
    encoder: TextEncoder, prompt: str
):
    for text in (prompt, in_english(prompt).text, heard(in_english(prompt).text)):
        assert "endoftext" not in encoder.dropped(text)
    assert encoder.dropped(heard(in_english(prompt).text)) == ""


@pytest.mark.parametrize(
    "prompt", ["Красное платье", "فستان أحمر", "빨간 원피스", "punainen mekko"]
)
def test_a_language_that_is_not_read_is_no_silence(prompt: str):
    sentences = parse_prompt(prompt).sentences
    assert "write in English, Chinese, French, German, Italian, Japanese or Spanish" in sentences[0]


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("roter Mantel mit Zwibbeln", "Zwibbeln"),
        ("abrigo rojo con Chirimbolo", "Chirimbolo"),
        ("赤いコート、魑魅魍魎", "魑魅魍魎"),
    ],
)
def test_an_unknown_word_is_told_as_the_user_wrote_it(prompt: str, word: str):
    assert word in parse_prompt(prompt).unplaced
