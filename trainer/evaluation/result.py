"""What a suite found: a table for people, flat numbers for machines, and how it was measured."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trainer.run import write_atomically


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns line up in plain text."""
    cells = [list(header), *[list(row) for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        parts = [
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return f"| {' | '.join(parts)} |"

    rule = "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths))
    return "\n".join([line(cells[0]), f"|{rule}|", *(line(row) for row in cells[1:])])


@dataclass(frozen=True)
class Result:
    """A suite's outcome.

    Attributes:
        suite: the suite's name.
        table: Markdown.
        metrics: name to number; what goes into the JSON file.
        notes: sentences that belong below the table.
    """

    suite: str
    table: str
    metrics: Mapping[str, float]
    notes: Sequence[str] = field(default_factory=tuple)

    def text(self, command: str) -> str:
        """The table with the command that makes it again."""
        notes = "".join(f"\n{note}" for note in self.notes)
        return f"{self.table}\n{notes}\nMeasured with `{command}`.\n"

    def write_json(self, path: Path) -> None:
        """Write the flat object. Raises StorageError if the file cannot be written."""
        write_atomically(path, json.dumps(dict(self.metrics), indent=2) + "\n")

    def write_table(self, folder: Path, command: str) -> Path:
        """Write `<suite>.md` into a folder. Raises StorageError if it cannot be written."""
        path = folder / f"{self.suite}.md"
        write_atomically(path, self.text(command))
        return path
