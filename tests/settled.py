"""The command line's options settled for the bundled model, as `generate` settles them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from studio.cli import build_parser
from studio.desk.options import wish_of
from studio.desk.resolve import resolve
from studio.desk.wish import Held
from studio.engine import Engine
from studio.engine.sizes import Size, shapes_of
from tests.flat import flat


@dataclass(frozen=True)
class Hearing:
    """What is known of a model, made up: only what a test is about."""

    conditions: frozenset[str]
    sees: bool = True
    model: str = "toile-mini"
    side: int = 256
    st: float = 4.0
    sg: float = 2.5
    shapes: Mapping[str, Size] = field(default_factory=lambda: shapes_of(256))
    sizes: Mapping[str, Size] = field(default_factory=dict)


@cache
def bundled() -> Engine:
    """The bundled model, loaded once for all tests of a process."""
    return Engine()


def composed(*options: str) -> tuple[Any, dict[str, bytes]]:
    """The flat values of the request of some options, and its files."""
    files = Held()
    wish = wish_of(build_parser().parse_args(["generate", *options]), files)
    settled = resolve(wish, bundled().capabilities, bundled(), files)
    return flat(settled.recorded), files.held
