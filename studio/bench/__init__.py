"""Suites that measure the studio: `python -m studio bench SUITE`.

A suite is a module with `run(options: Options) -> Result`. It prints nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from studio.errors import BadInput

SUITES: dict[str, str] = {
    "engine": "speed and exactness beside diffusers' own pipelines",
    "guidance": "steps with a garment in three branches, beside the published form",
    "gallery": "how quickly a large gallery answers",
    "imports": "how long the help and the engine take to import, beside their libraries",
    "trouble": "what is lost when things are killed in the middle; runs add up",
    "steady": "whether memory and files stay flat while three browsers work",
    "page": "how quickly the page answers a person, in Chromium",
}
"""Name of each suite and what it measures."""


@dataclass(frozen=True)
class Options:
    """How to run a suite.

    Attributes:
        model: name or folder; None for the bundled one.
        limit: a smaller run; what it counts is the suite's to say.
        variants: pictures in the gallery that is measured; None for the suite's own number.
        minutes: how long to go on; None for the suite's own time.
    """

    model: str | None = None
    limit: int | None = None
    variants: int | None = None
    minutes: float | None = None


@dataclass(frozen=True)
class Result:
    """What a suite found.

    Attributes:
        metrics: flat, name to number.
        header: the columns of the table, the first one the row's name.
        rows: the table's cells.
        notes: lines below the table: machine, versions, what was compared.
        problem: what is not as it must be; empty where all is, or nothing must be.
    """

    metrics: dict[str, float]
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    problem: str = ""

    def table(self) -> str:
        """The table as text, in columns."""
        cells = [list(self.header), *(list(r) for r in self.rows)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(self.header))]
        lines = [
            "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in
                      enumerate(zip(row, widths, strict=True)))
            for row in cells
        ]  # fmt: skip
        lines.insert(1, "  ".join("-" * w for w in widths))
        return "\n".join([*lines, *self.notes])


def run_suite(name: str, options: Options) -> Result:
    """Run a suite by name. Raises BadInput where there is none of that name."""
    if name not in SUITES:
        raise BadInput(f"Unknown suite “{name}”: choose {', '.join(SUITES)}.")
    if options.limit is not None and options.limit < 1:
        raise BadInput(f"The limit is {options.limit}: choose 1 or more.")
    if options.variants is not None and options.variants < 1:
        raise BadInput(f"The number of variants is {options.variants}: choose 1 or more.")
    return import_module(f"studio.bench.{name}").run(options)
