"""One wish, one request: what is asked for beside the words, and options that say nothing alone."""

from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from studio.cli import build_parser, main
from studio.desk.options import wish_of
from studio.desk.resolve import with_asked
from studio.desk.wish import Held
from studio.errors import BadInput
from studio.garment.document import Document
from studio.garment.following import follow_prompt
from studio.garment.parse import parse_prompt
from studio.garment.requests import parse_component


def asked_beside(prompt: str, *asked: str) -> Counter[tuple[str, str]]:
    """What lies on the board: how many of each kind at each place."""
    reading = parse_prompt(prompt)
    document = follow_prompt(Document(), reading, None, reading)
    document = with_asked(document, [parse_component(one) for one in asked], reading, None)
    return Counter((c.kind, c.place) for c in document.components())


@pytest.mark.parametrize(
    ("prompt", "asked", "there"),
    [
        ("a coat with two pockets", "pocket:1@left hip", {("pocket", "left hip"): 1}),
        ("a coat with a pocket on each hip", "pocket@left hip", {("pocket", "left hip"): 1}),
        ("a shirt with cuffs", "cuff:1@left wrist", {("cuff", "left wrist"): 1}),
        ("trousers with patches on both knees", "patch:1@right knee", {("patch", "right knee"): 1}),
        ("a coat with six buttons", "button:3", {("button", "centre front"): 3}),
        ("a shirt", "pocket:2", {("pocket", "left chest"): 1, ("pocket", "right chest"): 1}),
    ],
)
def test_what_is_asked_for_stands_in_for_the_words(
    prompt: str, asked: str, there: dict[tuple[str, str], int]
) -> None:
    kind = asked.split(":")[0].split("@")[0]
    found = asked_beside(prompt, asked)
    assert {what: n for what, n in found.items() if what[0] == kind} == there


@pytest.mark.parametrize(
    "asked",
    [
        ("button:3@centre front", "button:4@double-breasted"),
        ("button:3", "button:5"),
        ("pocket:1@left hip", "pocket:0@left hip"),
        ("pocket:2", "pocket:1"),
    ],
)
def test_what_contradicts_itself_is_refused(asked: tuple[str, str]) -> None:
    with pytest.raises(BadInput, match=r"one row or double-breasted|are both asked for"):
        asked_beside("a coat", *asked)


def picture(path: Path, size: tuple[int, int] = (64, 64)) -> str:
    """A picture's file."""
    Image.new("RGB", size, "navy").save(path)
    return str(path)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--vary", "0.4"], "give --init as well"),
        (["--mask", "@mask"], "give --init as well"),
        (["--init", "@picture", "--mask", "@tall"], "same proportions"),
        (["--garment-strength", "1"], "give that as well"),
        (["--sketch", "/dev/zero"], "is no file of a picture"),
        (["--garment", "/dev/null"], "is no file of a picture"),
        (["--pose", "@pipe"], "neither a file nor a pose"),
        (["--face", "@pipe"], "is no file of a picture"),
        (["--init", "@folder"], "is a folder"),
    ],
)
def test_an_option_that_cannot_be_used_says_so(
    tmp_path: Path, options: list[str], sentence: str
) -> None:
    import os

    places = {
        "@picture": picture(tmp_path / "picture.png"),
        "@mask": picture(tmp_path / "mask.png"),
        "@tall": picture(tmp_path / "tall.png", (64, 128)),
        "@folder": str(tmp_path),
        "@pipe": str(tmp_path / "pipe"),
    }
    os.mkfifo(places["@pipe"])
    said = [places.get(option, option) for option in options]
    given = build_parser().parse_args(["generate", "--prompt", "a coat", *said])
    with pytest.raises(BadInput, match=sentence):
        wish_of(given, Held())


@pytest.mark.parametrize("place", ["folder", "below/a/file", "below a device"])
def test_numbers_that_cannot_be_written_are_told_first(
    tmp_path: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "below").write_text("a file")
    path = {"folder": tmp_path, "below a device": Path("/dev/null/x")}.get(place, tmp_path / place)
    assert main(["bench", "imports", "--json", str(path)]) == 2
    assert "give --json another file" in capsys.readouterr().err
