"""What is not wished: whose the words beside it are, and that it is told as left out."""

import pytest

from studio.desk import views
from studio.desk.prompts import listed, read_prompts
from studio.garment.heard import heard
from studio.garment.parse import parse_prompt
from tests.reports.stated import fields


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("a dress, short rather than long sleeves", {"garment": "dress", "sleeves": "short"}),
        ("a shirt with long instead of short sleeves", {"garment": "shirt", "sleeves": "long"}),
        ("a short- rather than long-sleeved dress", {"garment": "dress", "sleeves": "short"}),
        ("a blouse with short, not long, sleeves", {"garment": "blouse", "sleeves": "short"}),
        ("a blouse, not short sleeves but long", {"garment": "blouse", "sleeves": "long"}),
        ("a blouse, not short sleeves but long ones", {"garment": "blouse", "sleeves": "long"}),
        ("a dress with a v rather than a round neckline",
         {"garment": "dress", "neckline": "v-neck"}),
        ("a shirt with a stand and not a shirt collar",
         {"garment": "shirt", "neckline": "stand collar"}),
        ("a navy coat with wide, not narrow, lapels",
         {"garment": "coat", "colour": "navy", "neckline": "notched lapel"}),
        ("trousers with wide instead of slim legs", {"garment": "trousers", "fit": "loose"}),
        ("a coat with gold not silver buttons", {"garment": "coat"}),
        ("a light rather than dark blue dress", {"garment": "dress", "colour": "blue"}),
        ("a red rather than blue dress", {"garment": "dress", "colour": "red"}),
        ("a red coat, navy, not long sleeves", {"garment": "coat", "colour": "red"}),
        ("ein Kleid mit kurzen statt langen Ärmeln", {"garment": "dress", "sleeves": "short"}),
        ("eine Bluse mit langen, nicht kurzen Ärmeln", {"garment": "blouse", "sleeves": "long"}),
        ("ein rotes statt blaues Kleid", {"garment": "dress", "colour": "red"}),
        ("ein Mantel mit goldenen statt silbernen Knöpfen", {"garment": "coat"}),
        ("robe à manches courtes plutôt que longues", {"garment": "dress", "sleeves": "short"}),
        ("vestido con mangas cortas en vez de largas", {"garment": "dress", "sleeves": "short"}),
        ("vestito con maniche corte invece che lunghe", {"garment": "dress", "sleeves": "short"}),
        ("短袖而不是长袖的连衣裙", {"garment": "dress", "sleeves": "short"}),
        ("長袖ではなく半袖のワンピース", {"garment": "dress", "sleeves": "short"}),
    ],
)  # fmt: skip
def test_an_adjective_before_the_refused_one_has_its_noun(text: str, stated: dict[str, str]):
    assert {k: v for k, v in fields(text).items() if k != "components"} == stated


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a coat with patch rather than flap pockets", {"pocket": 2}),
        ("a coat, not with large pockets", {}),
        ("a coat, no plastic buttons", {}),
        ("a coat with metal rather than plastic buttons", {}),
        ("Mantel mit runden statt eckigen Taschen", {"pocket": 2}),
        ("a coat with a belt, not with buttons", {"belt": 1, "button": 0}),
    ],
)
def test_components_of_another_kind_are_refused_and_not_all(text: str, kinds: dict[str, int]):
    reading = parse_prompt(text)
    assert not reading.problems
    asked: dict[str, int] = {}
    for request in reading.requests:
        asked[request.kind] = asked.get(request.kind, 0) + request.count
    assert asked == kinds


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("a skirt, no dress", "no dress"),
        ("not a red dress, a blue skirt", "not a red dress"),
        ("a red coat, no lace", "no lace"),
        ("a coat without lining", "without lining"),
        ("a dress, not too shiny", "not too shiny"),
        ("a dress, short rather than long sleeves", "rather than long sleeves"),
        ("ein Rock, kein Kleid", "kein Kleid"),
        ("Rock statt Kleid, blau", "statt Kleid"),
        ("Kleid, nicht rot, sondern blau", "nicht rot"),
        ("Mantel ohne Spitze", "ohne Spitze"),
        ("une jupe, pas de robe", "pas de robe"),
        ("robe pas trop moulante", "pas trop moulante"),
        ("manteau sans dentelle", "sans dentelle"),
        ("una falda, no un vestido", "no vestido"),
        ("falda sin encaje", "sin encaje"),
        ("vestido no rojo sino azul", "no rojo"),
        ("una gonna, non un vestito", "non vestito"),
        ("gonna senza pizzo", "senza pizzo"),
        ("abito non rosso ma blu", "non rosso"),
        ("裙子，不是裤子", "不是裤子"),
        ("蓝色连衣裙，不要蕾丝", "不要蕾丝"),
        ("ドレスではなくスカート", "ドレスではなく"),
        ("レースなしの青いスカート", "レースなしの"),
    ],
)
def test_what_is_refused_is_told_as_left_out_with_its_no(text: str, refused: str):
    reading = parse_prompt(text)
    assert reading.refused == (refused,) and not reading.unplaced
    sentence = f"Left out, as the words ask: {refused}."
    assert reading.sentences == (sentence,)
    assert views.reading(reading)["told"] == [sentence], "on the page"
    assert sentence in listed(read_prompts([text])), "on the command line"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a red coat, no lace", "a red coat"),
        ("a navy dress without ruffles, with a belt", "a navy dress, with a belt"),
        ("a skirt, not a dress", "a skirt"),
        ("a blue blouse, never shiny", "a blue blouse"),
    ],
)
def test_what_is_refused_is_not_told_to_the_model(text: str, words: str):
    assert heard(text) == words


@pytest.mark.parametrize(
    ("text", "garment", "belts"),
    [
        ("a belted at the waist coat", "coat", 1),
        ("belted around the waist coat in navy", "coat", 1),
        ("a nipped in at the waist coat", "coat", 0),
        ("a gathered at her waist coat", "coat", 0),
        ("a linen waist coat", "waistcoat", 0),
        ("five buttons on the waist coat", "waistcoat", 0),
    ],
)
def test_the_end_of_a_place_and_a_garment_are_no_name(text: str, garment: str, belts: int):
    reading = parse_prompt(text)
    assert reading.garment.garment == garment
    assert sum(r.count for r in reading.requests if r.kind == "belt") == belts


@pytest.mark.parametrize(
    ("text", "stated", "kinds"),
    [
        ("no buttons on the blue coat", {"garment": "coat", "colour": "blue"}, {"button": 0}),
        ("keine Knöpfe am blauen Mantel", {"garment": "coat", "colour": "blue"}, {"button": 0}),
        ("kein Gürtel um den Mantel", {"garment": "coat"}, {"belt": 0}),
        ("ohne Taschen auf dem Kleid", {"garment": "dress"}, {"pocket": 0}),
        ("ein roter Mantel, keine Knöpfe am Mantel",
         {"garment": "coat", "colour": "red"}, {"button": 0}),
        ("keine Taschen an der schwarzen Hose und ein Gürtel",
         {"garment": "trousers", "colour": "black"}, {"pocket": 0, "belt": 1}),
        ("keine Spitze am Kleid", {"garment": "dress"}, {}),
        ("keine Streifen auf dem Hemd", {"garment": "shirt", "pattern": "plain"}, {}),
        ("je ne veux pas de boutons sur le manteau", {"garment": "coat"}, {"button": 0}),
        ("sans poches sur la robe", {"garment": "dress"}, {"pocket": 0}),
        ("aucun bouton sur la veste", {"garment": "jacket"}, {"button": 0}),
        ("pas de poches dans la jupe bleue", {"garment": "skirt", "colour": "blue"}, {"pocket": 0}),
        ("no quiero botones en el abrigo", {"garment": "coat"}, {"button": 0}),
        ("sin bolsillos en el vestido rojo", {"garment": "dress", "colour": "red"}, {"pocket": 0}),
        ("sin rayas en la camisa", {"garment": "shirt", "pattern": "plain"}, {}),
        ("non voglio bottoni sul cappotto", {"garment": "coat"}, {"button": 0}),
        ("nessuna tasca sui pantaloni", {"garment": "trousers"}, {"pocket": 0}),
        ("ワンピースにボタンなし", {"garment": "dress"}, {"button": 0}),
        ("コートにポケットはいらない", {"garment": "coat"}, {"pocket": 0}),
        ("赤いコートにベルトは不要", {"garment": "coat", "colour": "red"}, {"belt": 0}),
        ("不要口袋在大衣上", {"garment": "coat"}, {"pocket": 0}),
    ],
)  # fmt: skip
def test_what_is_refused_on_a_garment_does_not_refuse_the_garment(
    text: str, stated: dict[str, str], kinds: dict[str, int]
):
    reading = parse_prompt(text)
    assert not reading.problems
    assert {k: v for k, v in fields(text).items() if k != "components"} == stated
    assert {r.kind: r.count for r in reading.requests} == kinds


@pytest.mark.parametrize(
    ("text", "garment"),
    [
        ("kein Kleid mit Knöpfen am Mantel", "coat"),
        ("赤いドレスではなく青いスカート", "skirt"),
        ("una falda, no un vestido en rojo", "skirt"),
        ("une jupe, pas de robe à la mode", "skirt"),
    ],
)
def test_a_garment_that_is_refused_itself_still_goes(text: str, garment: str):
    assert fields(text)["garment"] == garment


@pytest.mark.parametrize(
    ("text", "kind", "count"),
    [
        ("a coat with no more than three buttons", "button", 3),
        ("a coat with no fewer than 6 buttons", "button", 6),
        ("a shirt, not more than two pockets", "pocket", 2),
        ("a coat with not less than four buttons", "button", 4),
        ("never more than one pocket on a red dress", "pocket", 1),
        ("Mantel mit nicht mehr als drei Knöpfen", "button", 3),
        ("mit nicht weniger als vier Knöpfen ein Mantel", "button", 4),
        ("pas moins de quatre poches sur la veste", "pocket", 4),
        ("une robe qui n'a pas plus de deux poches", "pocket", 2),
        ("abrigo con no más de tres botones", "button", 3),
        ("cappotto con non più di tre bottoni", "button", 3),
        ("ボタンが3個以下のコート", "button", 3),
        ("不超过三颗扣子的大衣", "button", 3),
        ("不少于两个口袋的裙子", "pocket", 2),
    ],
)
def test_a_number_that_is_bounded_by_a_no_is_that_number(text: str, kind: str, count: int):
    reading = parse_prompt(text)
    assert [(r.kind, r.count) for r in reading.requests] == [(kind, count)]
    assert not (reading.problems or reading.refused or reading.unplaced)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("a coat in any colour but black", "any colour but black"),
        ("a coat in every colour but blue", "every colour but blue"),
        ("a shirt in all colours but white", "all colours but white"),
        ("a dress in any fabric but wool", "any fabric but wool"),
        ("a coat, everything but black", "everything but black"),
        ("a coat in any colour apart from red", "apart from red"),
        ("Mantel in jeder Farbe außer Schwarz", "außer Schwarz"),
        ("manteau de toutes les couleurs sauf noir", "sauf noir"),
        ("abrigo de cualquier color menos negro", "menos negro"),
        ("cappotto di qualsiasi colore tranne nero", "tranne nero"),
        ("una falda que no sea larga", "no larga"),
        ("una gonna che non sia lunga", "non lunga"),
        ("une robe qui ne soit pas longue", "pas longue"),
    ],
)
def test_any_but_one_is_not_that_one(text: str, refused: str):
    reading = parse_prompt(text)
    assert reading.refused == (refused,) and not reading.unplaced
    assert fields(text).keys() == {"garment"}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("un abrigo que no lleve cinturón", {"belt": 0}),
        ("una falda que no tenga bolsillos", {"pocket": 0}),
        ("una camicia che non ha bottoni", {"button": 0}),
        ("un vestito che non ha tasche", {"pocket": 0}),
        ("un cappotto che non abbia cintura", {"belt": 0}),
        ("un manteau qui n'ait pas de ceinture", {"belt": 0}),
        ("ein Kleid, das keine Taschen hat", {"pocket": 0}),
        ("Mantel nicht mit Knöpfen", {"button": 0}),
        ("button-free coat", {"button": 0}),
        ("pocket-free dress", {"pocket": 0}),
        ("a zip-free jacket with two pockets", {"zipper": 0, "pocket": 2}),
        ("a pleatless skirt", {"pleat": 0}),
        ("a coat, buttons: none", {"button": 0}),
        ("a coat (buttons: 5, pockets: none)", {"pocket": 0, "button": 5}),
        ("a coat, buttons: no, pockets: 2", {"button": 0, "pocket": 2}),
        ("Mantel, Knöpfe: keine", {"button": 0}),
        ("manteau, boutons : aucun, poches : 2", {"button": 0, "pocket": 2}),
        ("abrigo, botones: ninguno", {"button": 0}),
        ("コート、ボタン：なし", {"button": 0}),
        ("aucune ceinture autour du manteau", {"belt": 0}),
    ],
)
def test_however_it_is_said_that_there_are_none(text: str, kinds: dict[str, int]):
    reading = parse_prompt(text)
    assert {r.kind: r.count for r in reading.requests} == kinds
    assert not (reading.problems or reading.refused or reading.unplaced)


@pytest.mark.parametrize(
    ("text", "stated", "refused"),
    [
        ("no-nonsense shirt", {"garment": "shirt"}, ()),
        ("a no-fuss navy dress", {"garment": "dress", "colour": "navy"}, ()),
        ("no-iron shirt", {"garment": "shirt"}, ()),
        ("non-denim jacket", {"garment": "jacket"}, ("non-denim",)),
        ("a non-leather jacket in red", {"garment": "jacket", "colour": "red"}, ("non-leather",)),
        ("no-red dress", {"garment": "dress"}, ("no-red",)),
        ("a no-show-through blouse", {"garment": "blouse"}, ("no-show-through",)),
        ("a no-lace blouse", {"garment": "blouse"}, ("no-lace",)),
        ("a skirt, no red dress", {"garment": "skirt"}, ("no red dress",)),
    ],
)
def test_a_hyphened_no_refuses_its_own_word_alone(
    text: str, stated: dict[str, str], refused: tuple[str, ...]
):
    assert fields(text) == stated
    assert parse_prompt(text).refused == refused


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("navy ground with white dots skirt",
         {"garment": "skirt", "colour": "navy", "pattern": "dotted"}),
        ("red ground with white stripes shirt",
         {"garment": "shirt", "colour": "red", "pattern": "striped"}),
        ("a skirt, navy base and red stripes",
         {"garment": "skirt", "colour": "navy", "pattern": "striped"}),
        ("a dress with a green ground and pink flowers",
         {"garment": "dress", "colour": "green", "pattern": "floral"}),
        ("a red dress on a navy ground with white dots",
         {"garment": "dress", "colour": "red", "pattern": "dotted"}),
    ],
)  # fmt: skip
def test_a_ground_with_a_pattern_is_the_colour_of_the_garment(text: str, stated: dict[str, str]):
    assert fields(text) == stated
