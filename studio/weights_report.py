"""What the weight files in a folder are, printed: `python -m studio weights`."""

from __future__ import annotations

import json
from pathlib import Path

from studio.checkpoints import Found

_KEYS = ("path", "kind", "title", "licence", "note", "problem", "weights", "parameters")


def report(place: Path, *, as_json: bool = False) -> None:
    """Print each weight file's kind, licence and problem.

    Args:
        place: a file, or a folder, whose folders are looked into as well.
        as_json: print one JSON object for each file instead of text.

    Raises:
        ModelMissing: it is not there.
    """
    from studio.conditions.published.whole import recognise, scan

    found = scan(place) if place.is_dir() else [recognise(place)]
    for one in found:
        entry = {key: getattr(one, key) for key in _KEYS}
        print(json.dumps(entry, default=str) if as_json else _text(one), flush=True)
    if not found and not as_json:
        print(f"No weight files are in “{place}”.")


def _text(found: Found) -> str:
    lines = [f"{found.path}: {found.title}"]
    if found.problem is not None and found.kind == "unknown":
        lines = [f"{found.path}: cannot be used"]
    if found.weights:
        lines[0] += f", {found.weights} weights of {found.parameters / 1e6:.1f} million numbers"
    lines += [f"  {text}" for text in (found.note, found.problem, found.licence) if text]
    return "\n".join(lines)
