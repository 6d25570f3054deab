"""What differs between several pictures: one row per setting, component or check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.garment.parse import parse_prompt
from studio.garment.spec import Component
from studio.garment.vocabulary import COMPONENTS
from studio.request import GARMENT_METHODS, SAMPLER_NAMES, Control, GenerationRequest, ImageRef

NONE = "–"
"""What a cell shows where a picture has no such thing."""

_RESIZED = 0.05
"""A group of components whose extent changes by less than this part has kept its size."""


_NOUNS = {
    "init_image": "picture",
    "mask": "part",
    "garment_image": "garment",
    "garment_mask": "mask",
    "face_image": "face",
}
"""What a picture that went in is called; it gets a number behind it."""

_WORDS = {
    "garment": "Garment",
    "colour": "Colour",
    "pattern": "Pattern",
    "fabric": "Fabric",
    "neckline": "Neckline",
    "sleeves": "Sleeves",
    "length": "Length",
    "fit": "Fit",
}


@dataclass(frozen=True)
class Row:
    """One thing in which pictures may differ.

    Attributes:
        what: its name, in a designer's words.
        group: "words", "board", "settings" or "checks".
        cells: what each picture has, in the pictures' order.
        tones: for each cell "good", "bad" or "", where something was checked.
    """

    what: str
    group: str
    cells: tuple[str, ...]
    tones: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether the pictures are not all alike in this."""
        return len(set(self.cells)) > 1


def table(requests: Sequence[GenerationRequest]) -> list[Row]:
    """All rows of what was asked for, alike ones too; those that no picture has are left out."""
    rows = [
        _row("Description", "words", requests, lambda r: r.prompt),
        *_read(requests),
        _row("Leave out", "words", requests, lambda r: r.negative_prompt),
        *_components(requests),
        _drawings(requests),
        _row("Sketch strength", "board", requests, _sketch_strength),
        _row("Component strength", "board", requests, _component_strength),
        _pictures("Starts from", requests, "init_image"),
        _row("Variation", "settings", requests, _variation),
        _pictures("Part made anew", requests, "mask"),
        _row("Text strength", "settings", requests, lambda r: _number(r.st)),
        *_references(requests),
        _row("Seed", "settings", requests, lambda r: str(r.seed)),
        _row("Steps", "settings", requests, lambda r: str(r.steps)),
        _row("Sampler", "settings", requests, lambda r: SAMPLER_NAMES.get(r.sampler, r.sampler)),
        _row("Size", "settings", requests, lambda r: f"{r.width} × {r.height}"),
        _row("Model", "settings", requests, lambda r: r.model),
        _row("Weights", "settings", requests, lambda r: r.weights[:8]),
    ]
    return [row for row in rows if set(row.cells) != {NONE}]


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


def _row(
    what: str,
    group: str,
    requests: Sequence[GenerationRequest],
    read: Callable[[GenerationRequest], str],
) -> Row:
    return Row(what, group, tuple(read(r) or NONE for r in requests))


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


def _read(requests: Sequence[GenerationRequest]) -> list[Row]:
    """What the descriptions say, word by word: a colour stands out of two long sentences."""
    readings = [parse_prompt(r.prompt) for r in requests]
    rows = []
    for name, what in _WORDS.items():
        cells = tuple(
            str(getattr(read.garment, name)) if name in read.stated else NONE for read in readings
        )
        rows.append(Row(what, "words", cells))
    return rows


def _components(requests: Sequence[GenerationRequest]) -> list[Row]:
    rows = []
    for kind, known in COMPONENTS.items():
        cells = [_placed(kind, r) for r in requests]
        if all(cell == NONE for cell in cells):
            continue
        if len(set(cells)) == 1:  # the same words: say where they lie elsewhere
            first = _spot(_of(kind, requests[0]))
            moved = [_moved(first, _spot(_of(kind, r))) for r in requests]
            cells = [f"{c}, {m}" if m else c for c, m in zip(cells, moved, strict=True)]
        rows.append(Row(known.plural.capitalize(), "board", tuple(cells)))
    return rows


def _of(kind: str, request: GenerationRequest) -> list[Component]:
    found = (c for c in request.components if c.kind == kind)
    return sorted(found, key=lambda c: (c.place, c.box or ()))


def _placed(kind: str, request: GenerationRequest) -> str:
    """How many of a kind and where: "5 centre front"; from the words where none is placed."""
    if request.components:
        wanted = [(c.place, 1) for c in _of(kind, request)]
    else:
        asked = parse_prompt(request.prompt).requests
        wanted = [(r.place or "", r.count) for r in asked if r.kind == kind]
    if not wanted:
        return NONE
    counts: dict[str, int] = {}
    for place, count in wanted:
        counts[place] = counts.get(place, 0) + count
    return ", ".join(f"{count} {place}".strip() for place, count in counts.items())


Spot = tuple[float, float, float]
"""Middle (x, y) and size of a group of components, in parts of the picture."""


def _spot(components: Sequence[Component]) -> Spot | None:
    boxes = [c.box for c in components if c.box]
    if not boxes:
        return None
    left, right = min(b[0] for b in boxes), max(b[2] for b in boxes)
    top, bottom = min(b[1] for b in boxes), max(b[3] for b in boxes)
    return (left + right) / 2, (top + bottom) / 2, (right - left) + (bottom - top)


def _moved(first: Spot | None, other: Spot | None) -> str:
    """Where a group lies as seen from the first picture's: "3 % lower, wider"."""
    if first is None or other is None:
        return "" if first == other else "not placed" if other is None else "placed"
    across, down = round((other[0] - first[0]) * 100), round((other[1] - first[1]) * 100)
    said = []
    if down:
        said.append(f"{abs(down)} % {'lower' if down > 0 else 'higher'}")
    if across:
        # Left and right are the picture's here: this is about what one sees side by side.
        said.append(f"{abs(across)} % further {'right' if across > 0 else 'left'}")
    if first[2] and abs(other[2] / first[2] - 1) > _RESIZED:
        said.append("larger" if other[2] > first[2] else "smaller")
    return ", ".join(said)


def _pictures(what: str, requests: Sequence[GenerationRequest], field: str) -> Row:
    """Pictures that went in: each gets a number, the same picture the same number."""
    shas = [r.images().get(field) for r in requests]
    return Row(what, "settings", _numbered(_NOUNS[field], shas))


def _drawings(requests: Sequence[GenerationRequest]) -> Row:
    """What was drawn; the usual shape, which nobody drew, follows from the words."""
    drawn = _numbered("drawing", [None if r.usual_shape else r.sketch for r in requests])
    cells = ("usual shape" if r.usual_shape else c for r, c in zip(requests, drawn, strict=True))
    return Row("Drawing", "board", tuple(cells))


def _numbered(noun: str, refs: Sequence[ImageRef | None]) -> tuple[str, ...]:
    known = list(dict.fromkeys(ref.sha256 for ref in refs if ref))
    return tuple(f"{noun} {known.index(ref.sha256) + 1}" if ref else NONE for ref in refs)


def _references(requests: Sequence[GenerationRequest]) -> list[Row]:
    """Garment, pose, face and styles, and how strongly, where there are any."""

    def garment(read: Callable[[GenerationRequest], str]) -> Callable[[GenerationRequest], str]:
        return lambda r: read(r) if r.garment_image else ""

    given = [r.given_pose for r in requests]
    poses = list(dict.fromkeys(pose for pose in given if pose))
    return [
        _pictures("Garment photo", requests, "garment_image"),
        _pictures("Garment mask", requests, "garment_mask"),
        _row("Method", "settings", requests, garment(lambda r: GARMENT_METHODS[r.garment_method])),
        _row("Garment strength sG", "settings", requests, garment(lambda r: _number(r.sg))),
        _row("Garment weight λ", "settings", requests, garment(lambda r: _number(r.dressing))),
        Row("Pose", "settings",
            tuple(f"pose {poses.index(pose) + 1}" if pose else NONE for pose in given)),
        Row("Pose strength", "settings",
            tuple(_strength(r.pose_control) if pose else NONE
                  for r, pose in zip(requests, given, strict=True))),
        _pictures("Face photo", requests, "face_image"),
        _row("Face strength", "settings", requests,
             lambda r: _strength(r.face_control) if r.face_image else ""),
        _row("Styles", "settings", requests,
             lambda r: ", ".join(f"{s.name} {_number(s.scale)}" for s in r.styles)),
    ]  # fmt: skip


def _strength(control: Control) -> str:
    text = _number(control.strength)
    if (control.start, control.end) != (0, 1):
        text += f", steps {control.start:.0%}–{control.end:.0%}".replace("%–", "–")
    return text


def _sketch_strength(request: GenerationRequest) -> str:
    return _strength(request.sketch_control) if request.sketch else ""


def _component_strength(request: GenerationRequest) -> str:
    return _strength(request.component_control) if request.components else ""


def _variation(request: GenerationRequest) -> str:
    return _number(request.vary_strength) if request.init_image else ""


def _check_name(check: Mapping[str, Any]) -> str:
    """ "Buttons", "Buttons in place", "Colour": one name whatever the count was."""
    what, kind = str(check.get("what", "")), check.get("kind")
    if kind == "sketch":
        return "Sketch match"
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
    return _number(value) if isinstance(value, float) else str(value)
