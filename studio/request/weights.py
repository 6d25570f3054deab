"""What a control needs beside the model itself, and where it is looked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Weights:
    """Weights of a control: folders of the model's own, or a published file, which wins.

    Attributes:
        name: of what a model that has them can do, see `studio.engine.Capabilities`.
        folders: the model's own, as the trainer publishes them; all of them are needed.
        kinds: of published files that serve instead, see `studio.checkpoints.kinds`.
        named: what a file's name says that is meant for this, whatever is in it (a pattern).
        example: the name of such a file.
        load: makes the network of a shelf, see `studio.conditions.shelf`.
        alone: whether a model that has them can do something that it cannot without.
        lacks: a sentence about what a published file, given with its shelf, still needs beside it;
            empty where all is there.
    """

    name: str
    load: Callable[[Any], Any]
    folders: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    named: str = ""
    example: str = ""
    alone: bool = True
    lacks: Callable[[Any, Any], str] = lambda shelf, file: ""
