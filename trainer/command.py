"""Command lines from dataclasses: a command is a class, its fields are the options.

    @dataclass(frozen=True)
    class Draw:
        \"""Draw pictures.\"""
        count: int = option("how many", 10, least=1)        # --count N
        kinds: tuple[Kind, ...] = option("which", KINDS)    # --kinds a,b of a Literal
        out: Path = option("where they go")                 # without a default it must be given
        quick: bool = option("fewer steps", False)

A type `X | None` may be left out. `--help` imports nothing but what the class's module does.
"""

from __future__ import annotations

import argparse
import dataclasses
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar, get_args, get_origin, get_type_hints

from studio.errors import BadInput
from studio.options import Once

Say = Callable[[str], None]
CommandT = TypeVar("CommandT")


def option(
    text: str, default: Any = dataclasses.MISSING, *, least: float | None = None, most: float = 1e9
) -> Any:
    """A field that can be given on the command line; numbers from `least` to `most`."""
    return dataclasses.field(default=default, metadata={"help": text, "least": least, "most": most})


def positional(text: str) -> Any:
    """A field with one word or more that stand without a name."""
    return dataclasses.field(metadata={"help": text, "nargs": "+"})


class _Parser(argparse.ArgumentParser):
    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        Once.everywhere(self)

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message.removeprefix('argument ')}; `{self.prog} --help` tells more.")


def parse(kind: type[CommandT], argv: Sequence[str], prog: str) -> CommandT:
    """The command that the words ask for.

    Raises:
        BadInput: an option that is not known, is missing, or has a wrong value.
        SystemExit: after `--help`.
    """
    parser = _Parser(prog=prog, description=kind.__doc__)
    hints = get_type_hints(kind)
    for one in dataclasses.fields(kind):  # type: ignore[arg-type]
        _add(parser, one, hints[one.name])
    return kind(**vars(parser.parse_args(argv)))


def _add(parser: argparse.ArgumentParser, one: dataclasses.Field[Any], hint: Any) -> None:
    text, default = one.metadata["help"], one.default
    if types.NoneType in get_args(hint):
        hint = next(t for t in get_args(hint) if t is not types.NoneType)
    if nargs := one.metadata.get("nargs"):
        parser.add_argument(one.name, nargs=nargs, type=get_args(hint)[0], help=text)
        return
    given: dict[str, Any] = {"required": default is dataclasses.MISSING, "default": default}
    shown = default
    if hint is bool:
        given, shown = {"action": "store_true"}, None
    elif get_origin(hint) is Literal:
        given["choices"] = get_args(hint)
    elif get_origin(hint) is tuple:
        known = get_args(get_args(hint)[0])
        given |= {"type": lambda words: _listed(words, known), "metavar": "LIST"}
        text, shown = f"{text}, comma-separated: {', '.join(known)}", None
    elif hint in (int, float):
        least, most = one.metadata["least"], one.metadata["most"]
        given |= {"type": lambda word: _number(hint, word, least, most), "metavar": "N"}
    else:
        given |= {"type": hint, "metavar": "PATH" if hint is Path else "WORD"}
    if isinstance(shown, str | int | float) or (isinstance(shown, Path) and not shown.root):
        text += f" ({shown})"
    parser.add_argument(f"--{one.name.replace('_', '-')}", help=text.replace("%", "%%"), **given)


def _listed(words: str, known: tuple[str, ...]) -> tuple[str, ...]:
    chosen = tuple(part.strip() for part in words.split(",") if part.strip())
    wrong = [part for part in chosen if part not in known]
    if wrong or not chosen:
        said = f"“{wrong[0]}”" if wrong else "nothing"
        raise argparse.ArgumentTypeError(f"{said}, choose from {', '.join(known)}")
    return chosen


def _number(kind: type, word: str, least: float | None, most: float) -> float:
    value = kind(word)
    if least is not None and not least <= value <= most:
        limits = f"{least:g} or more" if most == 1e9 else f"a number from {least:g} to {most:g}"
        raise argparse.ArgumentTypeError(f"{word}, give {limits}")
    return value
