"""What differs between pictures: one row per setting, component or check.

A comparison of many shows the rows as a table, a card and the lightbox those of two that differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from studio.controls.components import ComponentsControl, placed_in
from studio.garment.parse import parse_prompt
from studio.garment.requests import counted
from studio.garment.spec import Component
from studio.garment.vocabulary import COMPONENTS
from studio.garment.writer import article
from studio.request import (
    SAMPLER_NAMES,
    Control,
    GenerationRequest,
    Recorded,
    Start,
    control_kinds,
)
from studio.request.rows import Told, number

NONE = "–"
"""What a cell shows where a picture has no such thing."""

_RESIZED = 0.05
"""A group of components whose extent changes by less than this part has kept its size."""

_MOVED = 0.01
"""A component whose box differs by less than this, in parts of the picture, has not moved."""

_READ = ("garment", "colour", "pattern", "fabric", "neckline", "sleeves", "length", "fit")

Difference = dict[str, str]
"""`{"what", "from", "to"}`: all three are text to be shown."""


@dataclass(frozen=True)
class Row:
    """One thing in which pictures may differ.

    Attributes:
        what: its name, in a designer's words.
        group: "words", "board", "settings" or "checks".
        cells: what each picture has, in the pictures' order.
        tones: for each cell "good", "bad" or "", where something was checked.
        counts: for each cell how many components it tells of; empty where it tells of none.
        detail: it says more of a thing that has a row of its own.
        nothing: what stands for a picture without it in a sentence.
        noun: what its values are called where they can only be told apart, and numbered.
    """

    what: str
    group: str
    cells: tuple[str, ...]
    tones: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    detail: bool = False
    nothing: str = "none"
    noun: str = ""

    @property
    def differs(self) -> bool:
        """Whether the pictures are not all alike in this."""
        return len(set(self.cells)) > 1


def table(recorded: Sequence[Recorded]) -> list[Row]:
    """All rows of what was asked for, alike ones too; those that no picture has are left out."""
    requests = [one.request for one in recorded]

    def row(what: str, read: Callable[[GenerationRequest], object], group: str = "settings") -> Row:
        return Row(what, group, tuple(str(read(r)) or NONE for r in requests))

    rows = [
        row("Words", lambda r: r.words.prompt.strip(), "words"),
        *_read(requests),
        replace(row("Leave out", lambda r: r.words.negative, "words"), nothing="nothing"),
        *_components(requests),
        *(row for kind in control_kinds().values() for row in _told(kind, recorded)),
        *_starts(requests),
        row("Text strength", lambda r: number(r.words.st)),
        row("Seed", lambda r: r.sampling.seed),
        row("Steps", lambda r: r.sampling.steps),
        row("Sampler", lambda r: SAMPLER_NAMES[r.sampling.sampler]),
        row("Size", lambda r: f"{r.sampling.width} × {r.sampling.height}"),
        row("Model", lambda r: r.model.name),
        row("Weights", lambda r: r.model.weights[:8]),
    ]
    return [row for row in rows if set(row.cells) != {NONE}]


def differences(a: Recorded, b: Recorded) -> list[Difference]:
    """What changes on the way from `a` to `b`; empty where both ask for the same.

    Words are compared as they are read ("Colour", navy to red); where the reading is the same and
    the writing is not, the words themselves differ. How many pictures a batch has is no property
    of a picture and is left out.
    """
    rows = [row for row in table([a, b]) if row.differs]
    read = [row for row in rows if row.counts or (row.group == "words" and row.what in _TITLES)]
    same_model = a.request.model.name == b.request.model.name
    found: list[Difference] = []
    for row in rows:
        if row.what == "Words" and (read or _spaceless(a) == _spaceless(b)):
            continue
        if NONE in row.cells and (row.detail or (row.what == "Weights")):
            continue
        if row.what == "Weights" and not same_model:
            continue
        before, after = _worded(row)
        if row.counts and row.counts[0] != row.counts[1]:
            before, after = (str(count) for count in row.counts)
        found.append({"what": row.what, "from": before, "to": after})
    return found


def _worded(row: Row) -> tuple[str, ...]:
    """The two cells of a row for a sentence."""
    shown = [row.nothing if cell == NONE else cell for cell in row.cells]
    if row.noun:
        for number, words in ((1, article(row.noun)), (2, f"another {row.noun}")):
            shown = [cell.replace(f"{row.noun} {number}", words) for cell in shown]
    return tuple(shown)


def in_short(rows: Iterable[Mapping[str, str]]) -> str:
    """One line: "Text strength 4 → 7 · +1 button"; empty where nothing differs."""
    return " · ".join(_short(row) for row in rows)


def checks_table(checks: Sequence[Iterable[Mapping[str, Any]]]) -> list[Row]:
    """What was found in the pictures: a row for each thing that was checked in any of them."""
    found: dict[tuple[str, str], dict[int, Mapping[str, Any]]] = {}
    for column, listed in enumerate(checks):
        for check in listed:
            key = (str(check.get("kind", "")), _check_name(check))
            found.setdefault(key, {})[column] = check
    rows = []
    for (_, what), entries in found.items():
        at = [entries.get(column) for column in range(len(checks))]
        rows.append(
            Row(
                what,
                "checks",
                tuple(_check_text(c) if c else NONE for c in at),
                tuple(("good" if c.get("passed") else "bad") if c else "" for c in at),
            )
        )
    return rows


def as_text(rows: Sequence[Row], names: Sequence[str]) -> str:
    """The rows that differ as tab-separated text, for a mail or a spreadsheet."""
    lines = [("", *names)]
    for row in rows:
        if row.differs:
            what = f"seen: {row.what}" if row.group == "checks" else row.what
            lines.append((what, *row.cells))
    return "\n".join("\t".join(" ".join(cell.split()) for cell in line) for line in lines)


def _short(row: Mapping[str, str]) -> str:
    kind = next((k.name for k in COMPONENTS.values() if _title(k.name) == row["what"]), None)
    before, after = row["from"], row["to"]
    if kind and before.isdigit() and after.isdigit():
        more = int(after) - int(before)
        return f"{'+' if more > 0 else '−'}{counted(abs(more), kind)}"
    if row["what"] == "Words":
        return "Words changed"
    if kind:
        return f"{row['what']} moved"
    return f"{row['what']} {before} → {after}"


_TITLES = {name.capitalize() for name in _READ}


def _spaceless(recorded: Recorded) -> list[str]:
    return recorded.request.words.prompt.split()


def _title(kind: str) -> str:
    return COMPONENTS[kind].plural.capitalize()


# Words


def _read(requests: Sequence[GenerationRequest]) -> list[Row]:
    """What the descriptions say, word by word: a colour stands out of two long sentences."""
    readings = [parse_prompt(r.words.prompt) for r in requests]
    return [
        Row(
            name.capitalize(),
            "words",
            tuple(str(getattr(r.garment, name)) if name in r.stated else NONE for r in readings),
            nothing="open",
        )
        for name in _READ
    ]


# Controls and start


def _told(kind: type[Control], recorded: Sequence[Recorded]) -> list[Row]:
    """The rows of one kind of control."""
    rows = []
    for place, told in enumerate(kind.told()):
        detail = place > 0 or kind is ComponentsControl
        group = "board" if kind.order < 30 else "settings"
        cells = _cells(kind, told, place, recorded)
        rows.append(Row(told.what, group, cells, detail=detail, noun=told.noun))
    return rows


def _cells(
    kind: type[Control], told: Told, place: int, recorded: Sequence[Recorded]
) -> tuple[str, ...]:
    """What was found is told by where it comes from, in the first row of its kind alone."""
    given = [() if kind.kind in one.found else one.request.all(kind) for one in recorded]
    values = [[told.read(control) for control in controls] for controls in given]
    if told.noun:
        shown = numbered(told.noun, [value[0] if value else None for value in values])
    else:
        shown = tuple(", ".join(str(v) for v in value) or NONE for value in values)
    if place == 0 and told.noun and kind.when_found:
        return tuple(
            kind.when_found if kind.kind in one.found else cell
            for one, cell in zip(recorded, shown, strict=True)
        )
    return shown


def _starts(requests: Sequence[GenerationRequest]) -> list[Row]:
    starts = [request.start for request in requests]

    def row(what: str, read: Callable[[Start], str]) -> Row:
        cells = tuple(read(start) if start else NONE for start in starts)
        return Row(what, "settings", cells, detail=True)

    pictures = numbered("picture", [start and start.picture for start in starts])
    kinds = {"vary": "", "repair": ", one part anew", "try-on": ", a person's photo"}
    cells = tuple(
        f"{picture}{kinds[start.kind]}" if start else NONE
        for picture, start in zip(pictures, starts, strict=True)
    )
    return [
        Row("Starts from", "settings", cells, nothing="nothing", noun="picture"),
        row("Variation", lambda start: number(start.strength)),
        Row(
            "Part made anew",
            "settings",
            numbered("part", [start and start.mask for start in starts]),
            detail=True,
            noun="part",
        ),
    ]


def numbered(noun: str, values: Sequence[object]) -> tuple[str, ...]:
    """Values that can only be told apart: each gets a number, the same one the same number."""
    known = list(dict.fromkeys(value for value in values if value is not None))
    return tuple(NONE if v is None else f"{noun} {known.index(v) + 1}" for v in values)


# Components


def _components(requests: Sequence[GenerationRequest]) -> list[Row]:
    rows = []
    for kind in COMPONENTS:
        wanted = [_wanted(kind, r) for r in requests]
        if not any(wanted):
            continue
        cells = [_placed(counts) for counts in wanted]
        if len(set(cells)) == 1:  # the same words: say where they lie elsewhere
            first = _of(kind, requests[0])
            moved = [_moved(first, _of(kind, r)) for r in requests]
            cells = [f"{c}, {m}" if m else c for c, m in zip(cells, moved, strict=True)]
        counts = tuple(sum(one.values()) for one in wanted)
        rows.append(Row(_title(kind), "board", tuple(cells), counts=counts))
    return rows


def _of(kind: str, request: GenerationRequest) -> list[Component]:
    found = (c for c in placed_in(request) if c.kind == kind)
    return sorted(found, key=lambda c: (c.place, c.box or ()))


def _wanted(kind: str, request: GenerationRequest) -> Counter[str]:
    """How many of a kind at each place; from the words where none is placed."""
    if placed_in(request):
        return Counter(c.place for c in _of(kind, request))
    wanted: Counter[str] = Counter()
    for wish in parse_prompt(request.words.prompt).requests:
        if wish.kind == kind:
            wanted[wish.place or ""] += wish.count
    return wanted


def _placed(counts: Counter[str]) -> str:
    """ "5 centre front" """
    return ", ".join(f"{count} {place}".strip() for place, count in counts.items()) or NONE


def _moved(first: Sequence[Component], other: Sequence[Component]) -> str:
    """Where a group lies as seen from the first picture's: "3 % lower, wider"."""
    one, two = _spot(first), _spot(other)
    if one is None or two is None:
        return "" if one == two else "not placed" if two is None else "placed"
    across, down = round((two[0] - one[0]) * 100), round((two[1] - one[1]) * 100)
    said = []
    if down:
        said.append(f"{abs(down)} % {'lower' if down > 0 else 'higher'}")
    if across:
        # Left and right are the picture's here: this is about what one sees side by side.
        said.append(f"{abs(across)} % further {'right' if across > 0 else 'left'}")
    if one[2] and abs(two[2] / one[2] - 1) > _RESIZED:
        said.append("larger" if two[2] > one[2] else "smaller")
    if not said and any(_apart(a, b) for a, b in zip(first, other, strict=False)):
        said.append("spaced otherwise")
    return ", ".join(said)


def _apart(a: Component, b: Component) -> bool:
    edges = zip(a.box or (), b.box or (), strict=False)
    return any(abs(x - y) >= _MOVED for x, y in edges)


def _spot(components: Sequence[Component]) -> tuple[float, float, float] | None:
    """Middle (x, y) and size of a group of components, in parts of the picture."""
    boxes = [c.box for c in components if c.box]
    if not boxes:
        return None
    left, right = min(b[0] for b in boxes), max(b[2] for b in boxes)
    top, bottom = min(b[1] for b in boxes), max(b[3] for b in boxes)
    return (left + right) / 2, (top + bottom) / 2, (right - left) + (bottom - top)


# Checks


def _check_name(check: Mapping[str, Any]) -> str:
    """ "Buttons", "Buttons in place", "Colour": one name whatever the count was."""
    what, kind = str(check.get("what", "")), check.get("kind")
    if kind == "sketch":
        return "Sketch match"
    if kind == "photo":
        return f"{what.capitalize()} of the photo"
    for known in COMPONENTS.values():
        for noun in (known.plural, known.name):
            if what == noun or what == f"{noun} in place":
                what = known.plural + what[len(noun) :]
    return what[:1].upper() + what[1:]


def _check_text(check: Mapping[str, Any]) -> str:
    asked, seen = check.get("asked"), check.get("seen")
    if check.get("kind") == "sketch":
        return _value(seen)
    if isinstance(asked, int | float) and not isinstance(asked, bool):
        return f"{_value(seen)} of {_value(asked)}"
    return _value(seen) if check.get("passed") else f"{_value(seen)}, not {_value(asked)}"


def _value(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)
