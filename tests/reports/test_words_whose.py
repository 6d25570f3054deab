"""Whose a word is: shorthands, colours of patterns and parts, the garment, what is not wished."""

from __future__ import annotations

import pytest

from studio.desk import views
from studio.garment.heard import heard
from studio.garment.parse import parse_prompt
from tests.reports.stated import fields


def told(text: str) -> str:
    """Everything that is told as not recognised or as left out, one after the other."""
    reading = parse_prompt(text)
    return "; ".join((*reading.unplaced, *reading.refused))


def asked(text: str) -> dict[str, int]:
    """How many of each component the words ask for."""
    return {request.kind: request.count for request in parse_prompt(text).requests}


# Shorthands of designers' notes


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("black dress w/o sleeves", {"colour": "black", "sleeves": "none"}),
        ("black dress w/out sleeves", {"sleeves": "none"}),
        ("navy t-shirt l/s", {"sleeves": "long", "colour": "navy"}),
        ("L/S striped tee", {"sleeves": "long", "pattern": "striped"}),
        ("white tee s/s", {"sleeves": "short"}),
        ("ls white shirt", {"sleeves": "long"}),
        ("s/less navy dress", {"sleeves": "none"}),
        ("blk ss tee", {"colour": "black", "sleeves": "short"}),
        ("dk. green coat", {"colour": "green"}),
        ("v-nk jumper in nvy", {"neckline": "v-neck", "colour": "navy"}),
        ("b/w striped shirt", {"colour": "black", "pattern": "striped"}),
    ],
)
def test_a_shorthand_is_read_as_its_words(text: str, stated: dict[str, str]):
    assert stated.items() <= fields(text).items(), fields(text)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("navy coat w/o belt", {"belt": 0}),
        ("navy coat wo pockets, w belt", {"pocket": 0, "belt": 1}),
        ("a dress w/ 3 buttons", {"button": 3}),
        ("d/b blazer w/ 6 btns", {"button": 6}),
        ("coat, approx. 5 buttons", {"button": 5}),
        ("white shirt, 2 pkts", {"pocket": 2}),
        ("cardigan with ca. 4 btns", {"button": 4}),
    ],
)
def test_a_shorthand_counts_as_its_words(text: str, counts: dict[str, int]):
    assert asked(text) == counts and not told(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [("navy coat sz M", "size m"), ("size 12 dress", "size 12"), ("SS24 collection dress", "ss24"),
     ("hoodie sz. XL", "size xl")],
)  # fmt: skip
def test_a_size_or_a_season_is_told_and_counts_nothing(text: str, words: str):
    assert told(text) == words and not asked(text)


# Colours of patterns and parts


@pytest.mark.parametrize(
    ("text", "colour", "part"),
    [
        ("white polka dot red dress", "red", "white (polka dot)"),
        ("red dress with white dots", "red", "white (dots)"),
        ("blue flowers on a yellow skirt", "yellow", "blue (flowers)"),
        ("a black dress with red stripes", "black", "red (stripes)"),
        ("dress with a red floral print", None, "red (floral print)"),
        ("navy pinstripes on a grey suit jacket", "grey", "navy (pinstripes)"),
        ("gold floral white dress", "white", "gold (floral)"),
        ("green leaves on a cream dress", "beige", "green (leaves)"),
        ("a grey dress with red roses", "grey", "red (roses)"),
        ("white polka dot dress in red", "red", "white (polka dot)"),
        ("shirt with navy and white stripes", "navy", "white"),
        ("a floral dress with pink and white flowers", None, "pink and white (flowers)"),
        ("dress with red hearts", None, "red hearts"),
        ("a green coat with pink lining", "green", "pink lining"),
        ("a pink lined green coat", "green", "pink lined"),
        ("coat with lining in pink", None, "lining in pink"),
        ("red trimmed white dress", "white", "red trimmed"),
        ("gold buttoned navy coat", "navy", "gold (buttoned)"),
        ("cream-collared navy dress", "navy", "cream (collared)"),
        ("a dress with two red godets", None, "two red godets"),
        ("a bag in red and a navy coat", "navy", "bag in red"),
        ("silver buckle belt coat in black", "black", "silver"),
        ("navy on white striped shirt", "white", "navy (striped)"),
        ("white on navy polka dot dress", "navy", "white (polka dot)"),
        ("navy on white stripes, t-shirt", "white", "navy (stripes)"),
        ("navy stripes on white, t-shirt", "white", "navy (stripes)"),
        ("red on navy plaid shirt", "navy", "red (plaid)"),
        ("white dots on navy, dress", "navy", "white (dots)"),
        ("pink flowers on a black background, dress", "black", "pink (flowers)"),
        ("shirt with navy stripes on a white ground", "white", "navy (stripes)"),
        ("a navy coat with gold details", "navy", "gold details"),
        ("leather jacket, silver hardware", None, "silver hardware"),
        ("skirt in white with navy stripe at the hem", "white", "navy stripe at the hem"),
        ("a black jacket with white stripes on the sleeves", "black", "white stripes on the"),
        ("a blouse in cream with navy trim", "beige", "navy trim"),
        ("polka dots in white on a red dress", "red", "white (polka dots)"),
    ],
)
def test_the_colour_of_a_pattern_or_a_part_is_told_and_not_the_garments(
    text: str, colour: str | None, part: str
):
    reading = parse_prompt(text)
    assert fields(text).get("colour") == colour
    assert part in told(text), told(text)
    again = parse_prompt(heard(text))
    assert fields(heard(text)).get("colour") == colour, heard(text)
    assert again.garment.pattern == reading.garment.pattern
    assert part.split()[0] not in heard(text).split(), heard(text)


@pytest.mark.parametrize(
    ("text", "colour", "ground"),
    [
        ("navy t-shirt on white", "navy", "white"),
        ("red dress with dots on white", "red", "white"),
        ("red striped dress on a white background", "red", "white"),
        ("red floral dress", "red", None),
        ("dress in red stripes", "red", None),
        ("mini skirt in red tartan", "red", None),
        ("black and white striped shirt", "black", None),
    ],
)
def test_a_colour_or_a_ground_of_its_own_stays(text: str, colour: str, ground: str | None):
    reading = parse_prompt(text)
    assert (fields(text).get("colour"), reading.ground) == (colour, ground)


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("rotes Kleid mit weißen Punkten", "red"),
        ("gelber Rock mit blauen Blumen", "yellow"),
        ("weiß gepunktetes rotes Kleid", "red"),
        ("grüner Mantel mit rosa Futter", "green"),
        ("robe rouge à pois blancs", "red"),
        ("jupe jaune avec des fleurs bleues", "yellow"),
        ("manteau vert avec doublure rose", "green"),
        ("falda amarilla con flores azules", "yellow"),
        ("vestido rojo con lunares blancos", "red"),
        ("vestito rosso a pois bianchi", "red"),
        ("gonna gialla con fiori blu", "yellow"),
        ("白い水玉の赤いドレス", "red"),
        ("青い花柄の黄色いスカート", "yellow"),
        ("红色连衣裙带白色圆点", "red"),
        ("黄色半身裙带蓝色花朵", "yellow"),
        ("pois blancs sur fond rouge, robe", "red"),
        ("vestido de flores azules sobre fondo blanco", "white"),
        ("abito a fiori rossi su fondo nero", "black"),
        ("gonna nera con bordo rosso", "black"),
        ("赤い裏地の紺のコート", "navy"),
        ("白底红花的裙子", "white"),
        ("红色里衬的海军蓝大衣", "navy"),
        ("robe à pois blancs", None),
        ("vestito a righe rosse", None),
    ],
)
def test_so_it_is_in_every_language(text: str, colour: str | None):
    reading = parse_prompt(text)
    assert fields(text).get("colour") == colour, reading.english
    assert reading.unplaced, "the colour of the pattern is told"


# The garment's noun decides


@pytest.mark.parametrize(
    ("text", "garment"),
    [
        ("sleeveless turtleneck top", "tank top"),
        ("sleeveless shirt collar top", "tank top"),
        ("top with pleats", "tank top"),
        ("halter top in black", "tank top"),
        ("strapless top", "tank top"),
        ("long sleeve turtleneck top", "sweater"),
        ("top with a shirt collar", "shirt"),
        ("slip skirt in black", "skirt"),
        ("strapless skirt", "skirt"),
        ("t-shirt midi dress", "dress"),
        ("sweater shift dress", "dress"),
        ("polo dress", "dress"),
        ("wrap top in navy", "tank top"),
    ],
)
def test_the_noun_of_the_garment_decides(text: str, garment: str):
    assert fields(text)["garment"] == garment
    assert fields(heard(text))["garment"] == garment, heard(text)


@pytest.mark.parametrize("text", ["slip skirt in black", "strapless skirt", "halter trousers"])
def test_what_hangs_on_no_shoulder_has_no_sleeves(text: str):
    assert "sleeves" not in fields(text)


@pytest.mark.parametrize("text", ["maxi slip dress", "long spaghetti strap dress"])
def test_a_long_dress_on_straps_has_no_long_sleeves(text: str):
    assert fields(text)["sleeves"] == "none" and fields(text)["length"] == "long"


# What is not wished


@pytest.mark.parametrize(
    ("text", "stated", "words"),
    [
        ("not a dress but a blue skirt", {"garment": "skirt", "colour": "blue"}, "not a dress"),
        ("no dress, a skirt", {"garment": "skirt"}, "no dress"),
        ("a blue dress rather than a red skirt", {"garment": "dress", "colour": "blue"},
         "rather than a red skirt"),
        ("shorts instead of trousers, khaki", {"garment": "shorts", "colour": "beige"},
         "instead of trousers"),
        ("not too shiny black dress", {"garment": "dress", "colour": "black"}, "not too shiny"),
        ("not too tight, not too long red dress", {"garment": "dress", "colour": "red"},
         "not too tight; not too long"),
        ("anything but black coat", {"garment": "coat"}, "anything but black"),
        ("neither striped nor dotted shirt", {"garment": "shirt"},
         "neither striped nor dotted"),
        ("avoid black, a blue skirt", {"garment": "skirt", "colour": "blue"}, "avoid black"),
        ("coat without long sleeves", {"garment": "coat"}, "without long sleeves"),
        ("less shiny satin blouse", {"garment": "blouse", "fabric": "satin"}, "less shiny"),
        ("statt eines Kleides ein Rock", {"garment": "skirt"}, "Kleides"),
        ("kein Kleid, sondern ein blauer Rock", {"garment": "skirt", "colour": "blue"}, "Kleid"),
        ("pas une robe mais une jupe bleue", {"garment": "skirt", "colour": "blue"}, "robe"),
        ("una falda en vez de un vestido", {"garment": "skirt"}, "vestido"),
        ("una gonna invece di un vestito", {"garment": "skirt"}, "vestito"),
        ("ドレスではなく青いスカート", {"garment": "skirt", "colour": "blue"}, "ドレス"),
        ("不是连衣裙，而是蓝色半身裙", {"garment": "skirt", "colour": "blue"}, "连衣裙"),
        ("statt eines roten Kleides einen blauen Rock", {"garment": "skirt", "colour": "blue"},
         "roten"),
        ("au lieu d'une robe rouge une jupe bleue", {"garment": "skirt", "colour": "blue"},
         "robe rouge"),
        ("Kleid, nicht rot, sondern blau", {"garment": "dress", "colour": "blue"}, "rot"),
        ("robe pas trop moulante", {"garment": "dress"}, "moulante"),
        ("vestido no rojo sino azul", {"garment": "dress", "colour": "blue"}, "rojo"),
        ("赤ではなく青いスカート", {"garment": "skirt", "colour": "blue"}, "赤"),
        ("no red dress, a blue skirt", {"garment": "skirt", "colour": "blue"}, "no red dress"),
        ("a non-stretch denim skirt", {"garment": "skirt", "fabric": "denim"}, "non-stretch"),
        ("I hate red, make a blue dress", {"garment": "dress", "colour": "blue"}, "hate red"),
        ("shirt with no red buttons", {"garment": "shirt"}, "no red buttons"),
    ],
)  # fmt: skip
def test_what_is_not_wished_is_told_and_is_nothing_of_the_garment(
    text: str, stated: dict[str, str], words: str
):
    assert fields(text) == stated
    assert words in told(text), told(text)


@pytest.mark.parametrize(
    "text", ["I don't want buttons on the red coat", "a red coat, not with buttons"]
)
def test_components_that_are_not_wished_are_none(text: str):
    assert asked(text) == {"button": 0}


# What is told changes nothing of what is heard


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not too shiny black dress", "black dress"),
        ("denim jacket with copper rivets", "denim jacket"),
        ("breton striped top", "striped tank top"),
        ("red dress with white dots", "red dress with dots"),
        ("a green coat with pink lining", "a green coat"),
        ("sleeveless dress with short sleeves", "sleeveless dress"),
        ("a camel coat over a black turtleneck and jeans", "a beige coat"),
        ("coat with gold buttons", "coat with buttons"),
        ("a dress with red lace trim and five buttons", "a dress and five buttons"),
        ("t-shirt with turtleneck", "t-shirt"),
        ("zip down the left side of a skirt", "skirt"),
        ("a quilted skirt", "a quilted skirt"),
        ("two coats", "two coats"),
        ("black skinny tapered trousers", "black slim trousers"),
        ("longsleeve tee in navy", "long-sleeved t-shirt in navy"),
        ("cotton pique polo", "cotton polo"),
        ("not a jacket, not a blazer: a coat in navy", "a coat in navy"),
    ],
)
def test_the_model_does_not_hear_what_is_told(text: str, words: str):
    assert heard(text).removeprefix("of a ") == words


@pytest.mark.parametrize(
    "text",
    ["a woman sitting in a red dress", "a man kneeling, navy coat", "a girl from behind in jeans",
     "a woman with arms crossed wearing a grey coat", "a model jumping in a blue jumpsuit",
     "Frau sitzend in rotem Kleid", "femme assise en robe rouge", "mujer sentada con falda azul",
     "donna seduta con una gonna nera", "座っている女性、赤いドレス", "坐着的女人穿红裙子"],
)  # fmt: skip
def test_a_pose_that_cannot_be_is_no_other_on_the_chips(text: str):
    shown = views.reading(parse_prompt(text))
    assert "standing" not in shown["scene"] and shown["unplaced"]
    assert parse_prompt(text).pose == "standing"


def test_a_pose_that_can_be_is_on_the_chips():
    for text, pose in (("a woman walking in a red coat", "walking"),
                       ("a woman in a red coat", "standing"),
                       ("a man in jeans, hands on hips", "hands on hips")):  # fmt: skip
        assert pose in views.reading(parse_prompt(text))["scene"], text
