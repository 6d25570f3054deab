"""Prompts in six other languages become English, and what is not known of them is told.

`foreign.tsv` has at least twenty prompts a language: a fact is FIELD=VALUE of the garment, or
COMPONENT:COUNT@PLACE, “any” where it is left open; the last column has words that must be told.
"""

import csv
import re
import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.desk.sheets import recolour
from studio.garment.caption import tell
from studio.garment.document import Document
from studio.garment.following import agree, grouped, write_words
from studio.garment.languages import in_english
from studio.garment.languages.pieces import pieces, plain
from studio.garment.languages.sentence import sentence
from studio.garment.languages.table import languages, loaded
from studio.garment.lexicon import LEXICON
from studio.garment.parse import LISTED, Reading, parse_prompt
from studio.garment.placement import place_requests
from studio.garment.vocabulary import COLOURS, COMPONENTS, FABRICS, GARMENTS, PATTERNS, PLACES
from tests.studio.garment.prompts import PROMPTS
from tests.studio.garment.sampler import random_picture
from tests.studio.garment.unclear import UNCLEAR

with Path(__file__).with_name("foreign.tsv").open(encoding="utf-8") as file:
    EVERY = [
        (row["language"], row["prompt"], row["facts"].split(), row["told"].split("; "))
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    ]
CODES = ("de", "es", "fr", "it", "ja", "zh")


def understood(reading: Reading) -> set[str]:
    """The facts of a reading, as the rows write them."""
    fields = {f"{n}={getattr(reading.garment, n)}" for n in reading.stated - {"components"}}
    asked = {f"{r.kind}:{r.count}@{r.place or 'any'}" for r in reading.requests}
    return {fact.replace(" ", "_") for fact in fields | asked}


def told(reading: Reading) -> str:
    return " ".join((*reading.unplaced, *reading.problems))


def judged(reading: Reading, facts: list[str], words: list[str]) -> Counter[str]:
    """How many facts are understood, told, and lost or misread."""
    found, counts = understood(reading), Counter[str]()
    for fact in facts:
        if fact.startswith("told:"):
            counts["told" if fact.removeprefix("told:") in told(reading) else "lost"] += 1
        else:
            counts["understood" if fact in found else "lost"] += 1
    for word in filter(None, words):
        counts["told" if word in told(reading) else "lost"] += 1
    return counts


@pytest.mark.parametrize("code, prompt, facts, words", EVERY, ids=[row[1] for row in EVERY])
def test_a_prompt_in_another_language_is_read(code, prompt, facts, words):
    reading = parse_prompt(prompt)
    assert reading.english is not None and reading.english.language == code
    wanted = {fact for fact in facts if not fact.startswith("told:")}
    assert wanted <= understood(reading), (reading.english.text, understood(reading))
    assert judged(reading, facts, words)["lost"] == 0, told(reading)


@pytest.mark.parametrize("code", CODES)
def test_enough_of_a_language_is_understood(code):
    rows = [row[1:] for row in EVERY if row[0] == code]
    counts = sum((judged(parse_prompt(p), f, w) for p, f, w in rows), Counter[str]())
    total = counts.total()
    assert len(rows) >= 20
    assert counts["understood"] >= 0.75 * total and counts["lost"] <= 0.1 * total, counts


ENGLISH = (
    "tulle skirt", "raglan t-shirt", "chemise dress", "blouse in crepe de chine", "body con dress",
    "pull on pants", "palazzo pants", "a fine knit cardigan", "maxi robe", "elegant gala gown",
    "paneled shirt", "mono jumpsuit", "cargo pants khaki", "a casual blazer", "haute couture gown",
)  # fmt: skip
"""English with words that another language has, too."""


@pytest.mark.parametrize("prompt", ENGLISH)
def test_english_stays_english(prompt):
    english = in_english(prompt)
    assert (english.text, english.language, english.foreign) == (prompt, "en", False)


def test_no_prompt_of_students_and_no_caption_is_taken_for_another_language():
    rng = np.random.default_rng(7)
    captions = [tell(random_picture(rng), rng).text for _ in range(500)]
    prompts = [row[0] for row in (*PROMPTS, *UNCLEAR)]
    abroad = [text for text in (*prompts, *captions) if in_english(text).text != text]
    assert abroad == ["un manteau bleu avec cinq boutons"]


@pytest.mark.parametrize(
    "prompt, text",
    [
        ("ein rotes Hemd with two pockets on the chest", "a red shirt with 2 pockets on the chest"),
        ("a red dress mit fünf Knöpfen", "a red dress with 5 buttons"),
        ("oversize风衣，beige", "an oversized beige trench coat"),
        ("Tシャツ, white, Vネック", "a white t-shirt with a v-neck"),
        ("blazer azul", "a blue blazer"),
        ("Mantel, navy", "a navy coat"),
    ],
)
def test_a_prompt_may_mix(prompt, text):
    assert in_english(prompt).text == text


@pytest.mark.parametrize(
    "prompt, text",
    [
        ("weisses Kleid", "a white dress"),
        ("gruener Rock", "a green skirt"),
        ("Rotes KLEID", "a red dress"),
        ("boton rojo en un sueter de algodon", "a red button"),
        ("pantalon a carreaux, taille elastique", "checked trousers with elastic waist"),
        ("camicia a quadri con ５ bottoni", "a checked shirt with 5 buttons"),
        ("赤いｼｬﾂ", "a red shirt"),
        ("大衣，十二颗纽扣", "a coat with 12 buttons"),
        ("裙子，两個口袋", "a skirt with 2 pockets"),
        ("シャツ、ボタン十個", "a shirt with 10 buttons"),
    ],
)
def test_words_are_known_however_they_are_spelled(prompt, text):
    assert text in in_english(prompt).text


@pytest.mark.parametrize(
    "prompt, told",
    [
        ("Trachtenjacke in Grün", "Trachten"),
        ("roter Mantel mit Zwibbelborte", "Zwibbelborte"),
        ("vestido rojo con chorreras", "chorreras"),
        ("robe bleue à Smocks", "Smocks"),
        ("gonna nera con Passamaneria", "Passamaneria"),
        ("红色大衣，云肩", "云"),
        ("青いシャツ、ぬいぐるみ", "ぬいぐるみ"),
        ("Rüschenkleid in Rot", "Rüschen"),
        ("robe rouge à taille haute", "taille haute"),
    ],
)
def test_what_is_not_known_is_told_as_it_was_spelled(prompt, told):
    reading = parse_prompt(prompt)
    assert any(told in words for words in reading.unplaced), reading.unplaced
    assert all(words in prompt for words in reading.unplaced if "(" not in words)


@pytest.mark.parametrize(
    "prompt",
    [
        "Красное платье с пятью пуговицами",
        "فستان أحمر طويل بخمسة أزرار",
        "빨간 원피스, 단추 다섯 개",
        "κόκκινο φόρεμα",
        "czerwona sukienka z guzikami",
        "ชุดเดรสสีแดง",
        "שמלה אדומה",
        "rode jurk met lange mouwen",
    ],
)
def test_a_language_that_is_not_read_is_told_in_one_sentence(prompt):
    reading = parse_prompt(prompt)
    assert reading.problems == (
        "Few or none of these words are known: write in English, Chinese, French, German, "
        "Italian, Japanese or Spanish.",
    )


def test_a_language_is_a_file():
    """Nothing but its words names a language."""
    data = tomllib.loads(
        'name = "Dutch"\nadjectives = "before"\nendings = [["en", "e"]]\n'
        '[garment]\ndress = "jurk"\n[colour]\nred = "rood, rode"\n[component]\n'
        'buttons = "knopen"\n[number]\n5 = "vijf"\n[small]\nwith = "met"\ndrop = "een"\n'
    )
    dutch = loaded("nl", data)
    parts, unknown = sentence(pieces(plain("een rode jurk met vijf knopen"), dutch), dutch.before)
    assert " ".join(word for word, _ in parts) == "a red dress with 5 buttons"
    assert not unknown


@pytest.mark.parametrize("language", languages(), ids=[one.code for one in languages()])
def test_a_language_has_the_words_of_the_vocabulary(language):
    """Every garment, colour, pattern, fabric, component and place that Toile draws."""
    read = {role: set[str]() for role in ("garment", "colour", "pattern", "fabric", "component")}
    for role, english in language.forms:
        if role in read:
            words = LEXICON.get(tuple(re.findall(r"[a-z0-9']+", english)))
            read[role].add(words.value if words else english)
    assert set(GARMENTS) <= read["garment"]
    assert set(COLOURS) <= read["colour"]
    assert set(PATTERNS) <= read["pattern"]
    assert set(FABRICS) <= read["fabric"]
    assert set(COMPONENTS) - {"collar", "hood"} <= read["component"]
    assert language.writing is not None
    assert set(language.writing.places) == set(PLACES) - {"centre front", "double-breasted"}


REWRITTEN = (
    "roter Mantel mit fünf Knöpfen und zwei Taschen an den Hüften",
    "manteau rouge avec cinq boutons et une poche sur la poitrine à gauche",
    "abrigo rojo sin bolsillos, con cinco botones",
    "cappotto rosso con cinque bottoni e due tasche sui fianchi",
    "红色大衣，五颗纽扣，两侧有口袋",
    "赤いコート、ボタン5個、両脇にポケット",
    "ボタンが5つ付いた赤いコート",
    "rotes Kleid",
)


@pytest.mark.parametrize("prompt", REWRITTEN)
@pytest.mark.parametrize(
    "components",
    ["6 buttons", "3 buttons, a pocket on the left chest and a belt", "2 hip pockets", "a belt"],
)
def test_components_are_written_in_the_words_of_a_prompt(prompt, components):
    wanted = place_requests(parse_prompt(f"a dress with {components}"), None)
    document = Document(grouped(wanted))
    written = write_words(prompt, document)
    before, after = parse_prompt(prompt), parse_prompt(written)
    assert agree(document, after), written
    assert before.english and after.english
    assert after.english.language == before.english.language
    assert not re.search(r"\b(with|and|pockets?|buttons?|belt)\b", written)
    assert (after.garment.garment, after.garment.colour) == (before.garment.garment, "red")
    assert (after.unplaced, after.problems) == ((), ())


@pytest.mark.parametrize(
    "prompt, colour, recoloured",
    [
        ("rotes Kleid mit Gürtel", "blue", "blaues Kleid mit Gürtel"),
        ("falda roja con botones", "black", "falda negra con botones"),
        ("chemise blanche en lin", "green", "chemise verte en lin"),
        ("camicia bianca", "navy", "camicia blu navy"),
        ("红色大衣", "navy", "藏青大衣"),
        ("赤いコート", "green", "緑コート"),
        ("langer Mantel", "red", "langer Mantel, rot"),
    ],
)
def test_colourways_of_a_prompt_in_another_language(prompt, colour, recoloured):
    assert recolour(prompt, colour) == recoloured
    assert parse_prompt(recoloured).garment.colour == colour


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_readable(text):
    english = in_english(text)
    assert english.prompt == text
    for span in english.spans:
        assert 0 <= span.own_start <= span.own_end <= len(text)
    parse_prompt(text)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(sorted({w for row in EVERY for w in row[1].split()})), max_size=9))
def test_any_order_of_words_is_readable(words):
    reading = parse_prompt(" ".join(words))
    assert len(reading.unplaced) <= LISTED
