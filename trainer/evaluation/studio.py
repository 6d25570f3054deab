"""What every contact sheet needs: a model, how to ask it, and what to tell in the small print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from studio.desk.wish import Wish
from studio.engine import Engine
from studio.errors import BadInput
from studio.request import Control, GenerationRequest
from trainer.command import Say
from trainer.evaluation.pictures import Pictures, settled
from trainer.evaluation.suites import Sheets

Item = TypeVar("Item")
_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"}


@dataclass(frozen=True)
class Studio:
    """A suite of sheets with its engine, which need not be loaded yet.

    Attributes:
        command: what is told in the small print.
    """

    suite: Sheets
    engine: Engine
    command: str
    say: Say

    @property
    def seed(self) -> int:
        """The first picture's seed."""
        return self.suite.seed

    @cached_property
    def fields(self) -> dict[str, Any]:
        """Of every request: steps, st and sg."""
        return self.suite.fields(self.engine.capabilities)

    @cached_property
    def method(self) -> str | None:
        """The way in which the model hears garments; None if it hears none."""
        able = self.engine.capabilities.conditions
        ways = (("garment", "magic_clothing"), ("dressing", "imagdressing"))
        return next((method for needs, method in ways if needs in able), None)

    def asked(
        self, prompt: str, seed: int, *controls: Control, files: Pictures | None = None, **more: Any
    ) -> GenerationRequest:
        """A request of words and controls alone, with the suite's steps and sT; `seed` is added
        to the suite's."""
        walk = {"steps": self.fields["steps"], "st": self.fields["st"]} | more
        wish = Wish(
            prompt, controls=controls, exact=False, shaped=False, seed=self.seed + seed, **walk
        )
        return settled(self.engine, files or Pictures(), wish)

    def cut(self, items: Sequence[Item]) -> list[Item]:
        """The first `limit` items."""
        return list(items[: self.suite.limit])

    def foot(self, pictures: int, *, garments: bool = False) -> str:
        """The small print of a sheet."""
        told = self.fields
        how = f"{told['steps']} steps, sT {told['st']:g}"
        if garments:
            how = f"{self.method}, {how}, sG {told['sg']:g}"
        return f"{self.command} · {pictures} pictures, {how}, seed {self.seed}"


def pictures_in(folder: Path, otherwise: str) -> list[Path]:
    """The picture files of a folder, by name.

    Raises:
        BadInput: there are none; `otherwise` says what to do.
    """
    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder}; {otherwise}.")
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in _SUFFIXES)
    if not paths:
        raise BadInput(f"{folder} holds no pictures; {otherwise}.")
    return paths
