"""What can be wrong with a record of a data set, and the report that says so."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.errors import BadInput
from trainer.data.readers.record import PairRecord
from trainer.run import write_atomically

BROKEN: dict[str, str] = {
    "missing": "a picture is not there",
    "unreadable": "a picture or mask cannot be decoded",
    "too_small": "a picture is too small",
    "same_picture": "garment and worn picture are the same file",
    "duplicate": "the same pair again",
    "leak": "a garment of the training is also in the test",
    "unpaired": "from a try-on list, where the person wears something else",
    "bad_mask": "a mask or label map is empty, full, or of another shape than its picture",
}
"""Kinds of problems that keep a record out."""

NOTES: dict[str, str] = {
    "no_caption": "no caption: one is written in preparation",
    "long_caption": "a caption is longer than the tokenizer reads: its end is not heard",
    "no_category": "the category is not known: the garment's outline decides in preparation",
    "no_keypoints": "no joints: the pose cannot be shown",
    "bad_keypoints": "the file of joints cannot be used: the pose cannot be shown",
    "scaled_mask": "a mask has its picture's shape and another size: it is scaled",
    "shared_worn": "one person's picture stands with several garments of one category, and at most "
    "one of them is what is worn",
}
"""Kinds that are told and do no harm."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with one record, in a sentence."""

    kind: str
    id: str
    text: str

    @property
    def broken(self) -> bool:
        """Whether it keeps the record out."""
        return self.kind in BROKEN


@dataclass(frozen=True)
class Report:
    """What a validation found.

    Attributes:
        good: the records that can be trained on, in order.
        total: how many records were looked at.
        problems: everything that was found, in order of the records.
        sizes: “worn 768x1024” and the like, to the number of records.
    """

    good: tuple[PairRecord, ...]
    total: int
    problems: tuple[Problem, ...]
    sizes: Counter[str] = field(default_factory=Counter)

    @property
    def left_out(self) -> dict[str, list[str]]:
        """The sentences on each record that is left out, by its id."""
        out: dict[str, list[str]] = {}
        for problem in self.problems:
            if problem.broken:
                out.setdefault(problem.id, []).append(problem.text)
        return out

    @property
    def counts(self) -> dict[str, int]:
        """How many records have each kind of problem."""
        found = {(p.kind, p.id) for p in self.problems}
        tally = Counter(kind for kind, _ in found)
        return {kind: tally[kind] for kind in (*BROKEN, *NOTES) if tally[kind]}

    def usable(self, least_share: float = 0.5) -> tuple[PairRecord, ...]:
        """The records to go on with.

        Raises:
            BadInput: there are none, or fewer than `least_share` of all.
        """
        if self.total and self.good and len(self.good) >= least_share * self.total:
            return self.good
        if not self.total:
            raise BadInput("The data set has no records: check --folder, --layout and --split.")
        broken = [kind for kind in self.counts if kind in BROKEN]
        worst = max(broken, key=lambda kind: self.counts[kind])
        first = next(p.text for p in self.problems if p.kind == worst)
        raise BadInput(
            f"Only {len(self.good)} of {self.total} records can be used, and {least_share:.0%} "
            f"must be; most often {BROKEN[worst]} ({self.counts[worst]} records). The first: "
            f"{first} "
            "Mend the data set, or lower --least-share."
        )

    def to_dict(self, first: int = 5) -> dict[str, Any]:
        """JSON-ready: numbers, sizes, and the first few sentences of each kind."""
        return {
            "records": self.total,
            "good": len(self.good),
            "left_out": len(self.left_out),
            "categories": dict(Counter(str(r.category or "unknown") for r in self.good)),
            "splits": dict(Counter(r.split for r in self.good)),
            "captioned": sum(bool(r.captions) for r in self.good),
            "sizes": dict(self.sizes.most_common()),
            "problems": {
                kind: {
                    "records": count,
                    "meaning": {**BROKEN, **NOTES}[kind],
                    "first": [p.text for p in self.problems if p.kind == kind][:first],
                }
                for kind, count in self.counts.items()
            },
        }

    def text(self, first: int = 3) -> str:
        """A few lines for people."""
        data = self.to_dict(first)
        facts = [f"{data['good']} of {data['records']} records can be used"]
        if data["categories"]:
            facts.append(", ".join(f"{n} {name}" for name, n in data["categories"].items()))
        lines = ["; ".join(facts) + "."]
        sizes = list(data["sizes"].items())
        if sizes:
            shown = ", ".join(f"{name}: {n}" for name, n in sizes[:8])
            lines.append(f"Sizes: {shown}" + (", …" if len(sizes) > 8 else "") + ".")
        for kind, found in data["problems"].items():
            sign = "left out" if kind in BROKEN else "note"
            lines.append(f"{kind} ({sign}): {found['records']} records, {found['meaning']}.")
            lines += [f"    {text}" for text in found["first"]]
        return "\n".join(lines)


def write_left_out(path: Path, left_out: dict[str, Sequence[str]] | dict[str, list[str]]) -> None:
    """One JSON line for each record that is left out: its id and why."""
    lines = [
        json.dumps({"id": id, "why": list(why)}, ensure_ascii=False) for id, why in left_out.items()
    ]
    write_atomically(path, "".join(f"{line}\n" for line in lines))
