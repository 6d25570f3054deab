"""The component document: read without trust, counted, spaced, mirrored, written and read again."""

import json
from dataclasses import replace
from typing import Any

import pytest

from studio.errors import BadInput
from studio.garment.document import Document, Group, centre, mirrored, read_document
from studio.garment.following import agree, document_of, follow_prompt, write_words
from studio.garment.parse import parse_prompt
from studio.garment.placement import place_requests, usual_boxes
from studio.garment.vocabulary import COMPONENTS

COAT = "a navy wool coat with a notched lapel, five buttons and two pockets"
BUTTON = [0.49, 0.3, 0.51, 0.32]


def group(**changes: Any) -> dict[str, Any]:
    """A valid group, with changes."""
    return {
        "id": "button-centre-front", "kind": "button", "place": "centre front", "source": "user",
        "locked": False, "mirror": False, "ends": None, "boxes": [BUTTON],
    } | changes  # fmt: skip


def text(*groups: Any, **more: Any) -> str:
    """A document as the page sends it."""
    return json.dumps({"v": 1, "groups": list(groups)} | more)


def read_prompt(words: str) -> Document:
    """What the words alone place."""
    return follow_prompt(Document(), parse_prompt(words), None)


POCKET = group(id="pocket-left-hip", kind="pocket", place="left hip", boxes=[[0.6, 0.5, 0.7, 0.6]])

BAD = {
    "no json": "{",
    "null": "null",
    "a list": "[]",
    "no version": '{"groups": []}',
    "newer": text(v=2),
    "extra key of the document": text(more=1),
    "groups are no list": '{"v": 1, "groups": {}}',
    "a group is no mapping": text([1]),
    "unknown kind": text(group(kind="laser")),
    "kind is a list": text(group(kind=["button"])),
    "unknown place": text(group(place="moon")),
    "wrong place": text(group(place="left hip", id="button-left-hip")),
    "extra key": text(group(path="/etc/passwd")),
    "missing key": text({k: v for k, v in group().items() if k != "locked"}),
    "another id": text(group(id="../../x")),
    "source": text(group(source="detected")),
    "locked is a number": text(group(locked=1)),
    "NaN": text(group(boxes=[[float("nan"), 0.1, 0.2, 0.2]])),
    "infinite": text(group(boxes=[[0.1, 0.1, float("inf"), 0.2]])),
    "text as number": text(group(boxes=[["0.1", 0.1, 0.2, 0.2]])),
    "true as number": text(group(boxes=[[True, 0.1, 1, 0.2]])),
    "three numbers": text(group(boxes=[[0.1, 0.1, 0.2]])),
    "outside": text(group(boxes=[[0.9, 0.1, 1.2, 0.2]])),
    "negative": text(group(boxes=[[-0.1, 0.1, 0.2, 0.2]])),
    "no width": text(group(boxes=[[0.2, 0.1, 0.2, 0.2]])),
    "turned round": text(group(boxes=[[0.3, 0.1, 0.2, 0.2]])),
    "a thousand boxes": text(group(boxes=[BUTTON] * 1000)),
    "two pockets at one place": text(POCKET | {"boxes": [[0.6, 0.5, 0.7, 0.6]] * 2}),
    "a thousand groups": text(*[group()] * 1000),
    "the same group twice": text(group(), group()),
    "mirrored onto another group": text(
        POCKET | {"mirror": True}, POCKET | {"place": "right hip", "id": "pocket-right-hip"}
    ),
    "mirrored where there is no other side": text(group(mirror=True)),
    "ends of a pocket": text(POCKET | {"ends": [[0.1, 0.1], [0.2, 0.2]]}),
    "ends outside": text(group(ends=[[0.5, -0.1], [0.5, 0.9]])),
    "one end": text(group(ends=[[0.5, 0.1]])),
    "deep": '{"v": 1, "groups": ' + "[" * 50_000 + "]" * 50_000 + "}",
    "50 MB": text(group(id="x" * 50_000_000)),
    "surrogates": text(group(kind="\ud800")),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_document_is_refused_in_one_sentence(case: str):
    with pytest.raises(BadInput) as refused:
        read_document(BAD[case])
    said = str(refused.value)
    assert said.endswith(".") and "\n" not in said and len(said) < 300


@pytest.mark.parametrize("kind", COMPONENTS)
def test_every_kind_of_the_vocabulary_can_be_placed(kind: str):
    known = COMPONENTS[kind]
    for place in known.places:
        boxes = usual_boxes(parse_prompt(""), kind, place, 1, None)
        made = Document((Group(kind, place, "user", boxes=boxes),))
        assert read_document(made.to_json()) == made
        (component,) = made.components()
        assert (component.kind, component.place) == (kind, place)
        left, top, right, bottom = component.box or (0, 0, 0, 0)
        assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1


def test_empty_text_is_an_empty_document():
    assert read_document("") == Document() == read_document(text())


@pytest.mark.parametrize(
    "words",
    [
        COAT,
        "a double-breasted coat with 6 buttons",
        "a double-breasted blazer with 3 buttons",
        "a skirt with 6 pleats and a belt",
        "a shirt with cuffs and 5 buttons",
        "a jacket with four pockets, two on the chest",
        "trousers with a patch on each knee",
        "a dress with a bow at the neck",
    ],
)
def test_the_words_place_what_the_engine_was_given_before(words: str):
    reading = parse_prompt(words)
    document = follow_prompt(Document(), reading, None)
    assert read_document(document.to_json()) == document
    assert follow_prompt(document, reading, None) == document

    def rough(components: Any) -> list[Any]:
        return sorted((c.kind, c.place, *(round(v, 2) for v in c.box)) for c in components)

    assert rough(document.components()) == rough(place_requests(reading, None))
    assert agree(document, reading)


def test_a_placket_spaces_its_buttons_between_its_ends():
    row = read_document(text(group(ends=[[0.5, 0.2], [0.5, 0.8]], boxes=[BUTTON] * 4))).groups[0]
    middles = [centre(box) for box in row.boxes]
    assert [round(y, 4) for _, y in middles] == [0.2, 0.4, 0.6, 0.8]
    more = row.with_count(7, ())
    assert [round(centre(b)[1], 4) for b in more.boxes] == [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    assert centre(more.with_count(1, ()).boxes[0]) == (0.5, 0.5)
    tilted = replace(more, ends=((0.4, 0.1), (0.6, 0.7)))
    assert centre(tilted.boxes[0]) == pytest.approx((0.4, 0.1), abs=1e-4)
    assert centre(tilted.boxes[-1]) == pytest.approx((0.6, 0.7), abs=1e-4)


def test_a_mirrored_group_has_its_partner_on_the_other_side():
    pair = read_document(text(POCKET | {"mirror": True}))
    left, right = pair.components()
    assert (left.place, right.place) == ("left hip", "right hip")
    assert right.box == mirrored(left.box or (0, 0, 0, 0)) == (0.3, 0.5, 0.4, 0.6)
    assert pair.words() == "2 hip pockets"
    assert pair.groups[0].with_count(1, ()).components() == (left,)


def test_words_that_change_respace_what_they_placed_and_take_it_away():
    document = read_prompt(COAT)
    more = follow_prompt(document, parse_prompt(COAT.replace("five", "seven")), None)
    assert more.count("button") == 7
    assert more.groups[0].ends == document.groups[0].ends or more.groups[0].ends is not None
    fewer = follow_prompt(more, parse_prompt("a navy wool coat with two pockets"), None)
    assert [g.kind for g in fewer.groups] == ["pocket"]


def test_what_the_user_moved_stays_where_it_is_as_far_as_the_number_allows():
    before = parse_prompt(COAT)
    document = read_prompt(COAT)
    moved = replace(document.groups[0], source="user", ends=((0.5, 0.5), (0.5, 0.7)))
    document = document.put(moved.id, moved)
    same = follow_prompt(document, parse_prompt(COAT.replace("navy", "red")), None, before)
    assert same == document
    after = parse_prompt(COAT.replace("five", "three"))
    three = follow_prompt(document, after, None, before).group(moved.id)
    assert three.count == 3 and three.ends == moved.ends
    gone = follow_prompt(document, parse_prompt("a coat with no buttons"), None, before)
    assert gone.count("button") == 0
    # Words that are being rewritten take nothing of the user's away.
    half = follow_prompt(document, parse_prompt("a navy wool coat with"), None, before)
    assert half.group(moved.id) == moved and half.count("pocket") == 0


def test_counts_of_the_user_stay_until_the_words_about_them_change():
    reading = parse_prompt(COAT)
    document = read_prompt(COAT)
    fewer = replace(document.groups[0], source="user").with_count(2, ())
    document = document.put(fewer.id, fewer)
    assert follow_prompt(document, reading, None, reading).count("button") == 2
    none = document.put(fewer.id, fewer.with_count(0, ()))
    assert follow_prompt(none, reading, None, reading).count("button") == 0
    red = parse_prompt(COAT.replace("navy", "red").replace("five", "six"))
    assert follow_prompt(none, red, None, reading).count("button") == 6


def test_pockets_that_moved_to_another_place_are_not_made_again():
    reading = parse_prompt(COAT)
    document = read_prompt(COAT)
    hips = document.group("pocket-left-hip")
    chest = replace(hips, place="left chest", mirror=False, source="user")
    document = document.put(hips.id, chest)
    assert follow_prompt(document, reading, None, reading).count("pocket") == 1


def test_a_locked_group_never_changes():
    document = read_prompt(COAT)
    locked = replace(document.groups[0], locked=True)
    document = document.put(locked.id, locked)
    for words in ("a coat with no buttons", "a t-shirt", "", COAT.replace("five", "two")):
        assert follow_prompt(document, parse_prompt(words), None).group(locked.id) == locked


@pytest.mark.parametrize("count", [0, 1, 3, 8])
def test_the_components_can_be_written_into_the_words(count: int):
    document = read_prompt(COAT)
    row = replace(document.groups[0], source="user")
    document = document.put(row.id, row.with_count(count, ()) if count else None)
    written = write_words(COAT, document)
    assert written.startswith("a navy wool coat with a notched lapel")
    assert read_prompt(written).count("button") == count
    assert read_prompt(written).count("pocket") == 2
    assert write_words(written, document) == written
    reading = parse_prompt(written)
    assert follow_prompt(document, reading, None, parse_prompt(COAT)).components() == (
        document.components()
    )


@pytest.mark.parametrize(
    ("prompt", "kind", "place"),
    [
        ("a coat", "belt", "waist"),
        (COAT, "pocket", "left chest"),
        ("", "zipper", "centre front"),
        ("a t-shirt, in a park", "patch", "left chest"),
        ("a skirt with a belt", "pleat", "hem"),
        ("a blouse. On a beach", "bow", "neck"),
    ],
)
def test_what_was_added_is_added_to_the_words(prompt: str, kind: str, place: str):
    document = read_prompt(prompt)
    boxes = usual_boxes(parse_prompt(prompt), kind, place, 1, None)
    document = Document((*document.groups, Group(kind, place, "user", boxes=boxes)))
    written = write_words(prompt, document)
    assert agree(document, parse_prompt(written))
    assert write_words(written, document) == written


def test_what_the_garment_cannot_have_is_not_written():
    boxes = usual_boxes(parse_prompt(""), "button", "centre front", 3, None)
    document = Document((Group("button", "centre front", "user", boxes=boxes),))
    with pytest.raises(BadInput, match="t-shirt"):
        write_words("a t-shirt", document)


def test_a_stored_request_gives_its_document_back():
    components = place_requests(parse_prompt(COAT), None)
    back = document_of(components)
    assert back.count("button") == 5 and back.count("pocket") == 2
    assert {g.source for g in back.groups} == {"user"}
