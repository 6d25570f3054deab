"""Command lines come from dataclasses: types, limits, lists, and one sentence for what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from studio.errors import BadInput
from trainer.__main__ import main
from trainer.command import option, parse, positional
from trainer.evaluation.suites import SUITES
from trainer.recipes import RECIPES

Kind = Literal["coat", "skirt"]


@dataclass(frozen=True, kw_only=True)
class Draw:
    """Draw garments."""

    out: Path = option("where they go")
    count: int = option("how many", 10, least=1)
    share: float = option("a part", 0.5, least=0, most=1)
    kinds: tuple[Kind, ...] = option("which", ("coat", "skirt"))
    first: Kind | None = option("which one first", None)
    quick: bool = option("fewer steps", False)


def draw(*words: str) -> Draw:
    return parse(Draw, words, "draw")


def test_fields_become_options() -> None:
    assert draw("--out", "x") == Draw(out=Path("x"))
    given = draw(
        "--out", "x", "--count", "3", "--kinds", "skirt, coat", "--first", "coat", "--quick"
    )
    assert given.count == 3 and given.kinds == ("skirt", "coat") and given.quick
    assert given.first == "coat" and given.share == 0.5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "required: --out"),
        (["--out", "x", "--count", "0"], "--count: 0, give 1 or more"),
        (["--out", "x", "--share", "2"], "give a number from 0 to 1"),
        (["--out", "x", "--kinds", "hat"], "“hat”, choose from coat, skirt"),
        (["--out", "x", "--kinds", ","], "nothing, choose from"),
        (["--out", "x", "--first", "hat"], "--first: invalid choice"),
        (["--out", "x", "--large"], "unrecognized arguments: --large"),
    ],
)
def test_what_is_wrong_is_one_sentence(words: list[str], said: str) -> None:
    with pytest.raises(BadInput, match="draw --help"):
        draw(*words)
    with pytest.raises(BadInput) as caught:
        draw(*words)
    assert said in str(caught.value)


def test_help_tells_defaults_and_choices(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        draw("--help")
    told = " ".join(capsys.readouterr().out.split())
    assert "how many (10)" in told and "which, comma-separated: coat, skirt" in told


def test_words_without_a_name() -> None:
    @dataclass(frozen=True)
    class Read:
        """Read files."""

        files: tuple[Path, ...] = positional("files")

    assert list(parse(Read, ["a", "b"], "read").files) == [Path("a"), Path("b")]


@pytest.mark.parametrize(
    "words",
    [
        *([name] for name in RECIPES),
        *(["evaluate", name] for name in SUITES),
        ["family"], ["family", "publish"], ["validate"], ["prepare"],
    ],
)  # fmt: skip
def test_every_command_has_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([*words, "--help"])
    assert stop.value.code == 0 and " ".join(words) in capsys.readouterr().out


def test_an_option_that_a_suite_does_not_read_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["evaluate", "vae", "--steps", "3"]) == 2
    assert "unrecognized arguments: --steps" in capsys.readouterr().err
    assert main(["evaluate", "hats"]) == 2
    assert main(["vae", "--config", "x", "--minutes", "1", "--steps", "1"]) == 2
    assert "not both" in capsys.readouterr().err
