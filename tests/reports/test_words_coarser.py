"""Words that the vocabulary lacks are read as the nearest that it has, and told so; whose colours
are whose where a pattern lies on a ground, and where words stand without commas."""

import pytest

from studio.garment.heard import heard
from studio.garment.parse import parse_prompt
from tests.reports.stated import fields


@pytest.mark.parametrize(
    ("text", "colour", "pattern"),
    [
        ("a dress white dotted on red", "red", "dotted"),
        ("a skirt navy striped on white", "white", "striped"),
        ("blouse with yellow flowers on blue", "blue", "floral"),
        ("a dress in white polka dots on red", "red", "dotted"),
        ("Kleid weiß gepunktet auf Rot", "red", "dotted"),
        ("Kleid mit weißen Punkten auf rotem Grund", "red", "dotted"),
        ("Rock, gelb geblümt auf Blau", "blue", "floral"),
        ("Bluse blau gestreift auf weißem Grund", "white", "striped"),
        ("robe à pois blancs sur rouge", "red", "dotted"),
        ("robe à pois blancs sur fond rouge", "red", "dotted"),
        ("jupe à rayures jaunes sur bleu", "blue", "striped"),
        ("vestido de lunares blancos sobre rojo", "red", "dotted"),
        ("vestido con lunares blancos sobre fondo rojo", "red", "dotted"),
        ("falda de flores amarillas sobre azul", "blue", "floral"),
        ("vestito a pois bianchi su rosso", "red", "dotted"),
        ("vestito a righe bianche su fondo blu", "blue", "striped"),
        ("gonna a fiori gialli su nero", "black", "floral"),
        ("红底白点连衣裙", "red", "dotted"),
        ("连衣裙，红色底白色波点", "red", "dotted"),
        ("黑色打底白色条纹的衬衫", "black", "striped"),
        ("赤地に白の水玉のワンピース", "red", "dotted"),
        ("青地に黄色い花柄のスカート", "blue", "floral"),
        ("紺地に白いストライプのシャツ", "navy", "striped"),
    ],
)
def test_the_ground_of_a_pattern_is_the_garments_colour(text: str, colour: str, pattern: str):
    stated = fields(text)
    assert (stated["colour"], stated["pattern"]) == (colour, pattern)
    assert len(parse_prompt(text).unplaced) <= 1, "at most the pattern's own colour is told"


@pytest.mark.parametrize(
    ("text", "field", "value", "said"),
    [
        ("a burgundy velvet blazer", "fabric", "corduroy", "velvet"),
        ("a lace dress in black", "fabric", "cotton", "lace"),
        ("a dress in white lace", "fabric", "cotton", "lace"),
        ("a gold sequin dress", "fabric", "satin", "sequin"),
        ("a mint tulle skirt", "fabric", "cotton", "tulle"),
        ("an organza blouse", "fabric", "satin", "organza"),
        ("a dress, square neck", "neckline", "scoop neck", "square neck"),
        ("a dress with a boat neck", "neckline", "crew neck", "boat neck"),
        ("a jumpsuit with a sweetheart neck", "neckline", "crew neck", "sweetheart neck"),
        ("a jacket, funnel neck", "neckline", "stand collar", "funnel neck"),
        ("a smock dress, tiered", "fit", "loose", "tiered"),
        ("a tracksuit top in navy", "garment", "jacket", "tracksuit top"),
        ("a white puff sleeve crop top", "garment", "t-shirt", "crop top"),
        ("vestido de encaje negro", "fabric", "cotton", "encaje"),
        ("robe, dentelle noire, manches longues", "fabric", "cotton", "dentelle"),
        ("Kleid aus weißer Spitze", "fabric", "cotton", "Spitze"),
        ("蕾丝连衣裙", "fabric", "cotton", "蕾丝"),
        ("polo de piqué verde", "fabric", "cotton", "piqué"),
        ("chaqueta vaquera, lavado claro", "colour", "blue", "lavado claro"),
        ("vestido con escote cruzado", "neckline", "v-neck", "escote cruzado"),
    ],
)
def test_the_nearest_word_is_given_and_told(text: str, field: str, value: str, said: str):
    reading = parse_prompt(text)
    assert fields(text)[field] == value and reading.said[field] == said
    assert not reading.unplaced and not reading.problems


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a lace dress in black", "a cotton dress in black"),
        ("a gold sequin dress", "a yellow satin dress"),
        ("jacket, funnel neck", "jacket, stand collar"),
        ("a sheath dress, button-up, mustard", "a slim dress, buttons, yellow"),
        ("a waistcoat, grey pinstripe", "a waistcoat, grey striped"),
        ("a gown, full blush skirt", "a gown, pink"),
    ],
)
def test_the_nearest_word_is_what_the_model_hears(text: str, words: str):
    assert heard(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a red dress with lace", "lace"),
        ("a red dress with lace at the hem", "lace at the hem"),
        ("a red coat, lace collar", "lace"),
        ("vestido rojo con encaje en el bajo", "encaje"),
        ("Kleid mit Spitze am Saum", "Spitze"),
        ("joggers with cuffed ankles", "cuffed ankles"),
        ("a jacket with padded shoulders", "padded shoulders"),
        ("jeans, ripped knees", "ripped"),
        ("a 501 jeans in blue", "501"),
        ("a y2k top", "y2k"),
    ],
)
def test_what_only_a_part_has_is_told(text: str, words: str):
    reading = parse_prompt(text)
    assert words in "; ".join(reading.unplaced) and "fabric" not in reading.said


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("a white pleated skirt", {"garment": "skirt", "colour": "white"}),
        ("red satin pleated dress", {"garment": "dress", "colour": "red", "fabric": "satin"}),
        ("gold pleated maxi skirt", {"garment": "skirt", "colour": "yellow", "length": "long"}),
        ("a waistcoat, grey pinstripe",
         {"garment": "waistcoat", "colour": "grey", "pattern": "striped"}),
        ("blouse, ivory cotton lawn", {"garment": "blouse", "colour": "white", "fabric": "cotton"}),
        ("a gown, blush tulle skirt", {"garment": "dress", "colour": "pink", "fabric": "cotton"}),
        ("a blue gown with a pink tulle skirt", {"garment": "dress", "colour": "blue"}),
        ("vestido con mangas cortas", {"garment": "dress", "sleeves": "short"}),
    ],
)  # fmt: skip
def test_words_beside_a_part_stay_the_garments(text: str, stated: dict[str, str]):
    assert {k: v for k, v in fields(text).items() if k != "components"} == stated


def test_pockets_after_a_hem_are_kept():
    requests = parse_prompt("bermudas de lino con dobladillo y bolsillos laterales").requests
    assert [(r.kind, r.count) for r in requests] == [("pocket", 1), ("pocket", 1)]
