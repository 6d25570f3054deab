"""How prompts are understood, fact by fact: `python -m studio read --file PROMPTS.tsv`.

A file of prompts has a line of names and then a prompt a line, tabs between the columns: `prompt`,
and what it asks for by the columns of `FIELDS`, `components` and `scene`; others are kept. A cell
holds “-” for what is left open, else the prompt's own words and in brackets the vocabulary's where
that has another: “mint (green)”, “gray (grey)”. Components are “pocket x 2 at chest; belt x 1”.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final, Literal

from studio.desk import views
from studio.errors import BadInput
from studio.garment.heard import heard
from studio.garment.languages import in_english
from studio.garment.markup import plain
from studio.garment.parse import Reading, parse_prompt
from studio.garment.vocabulary import COMPONENTS

Verdict = Literal["understood", "coarser", "told", "lost", "misread"]
VERDICTS: Final[tuple[Verdict, ...]] = ("understood", "coarser", "told", "lost", "misread")
"""Read as it was meant; read as a coarser word, which its chip says; told as not recognised or as
what cannot be; neither read nor told; read as something else, or never asked for."""

FIELDS: Final[dict[str, str]] = {
    "type": "garment", "colour": "colour", "pattern": "pattern", "sleeves": "sleeves",
    "neckline": "neckline", "fabric": "fabric", "length": "length", "fit_or_shape": "fit",
}  # fmt: skip
"""Column -> field of the garment."""

_OPEN: Final = ("", "-", "none asked")
_COUNTED: Final = re.compile(r"(?P<kind>[a-z ]+?) x (?P<count>\d+|any)(?: at (?P<place>.+))?")
_IDLE: Final = frozenset(["and", "the", "with", "for", "a", "of", "in", "any"])


@dataclass(frozen=True)
class Fact:
    """One thing that a prompt asks for, and what became of it.

    Attributes:
        column: where the file asks for it. asked: the cell's words.
        read: what the chips say of it; empty where they say nothing.
    """

    column: str
    asked: str
    verdict: Verdict
    read: str = ""


def read_file(text: str) -> dict[str, Any]:
    """Judge a file's prompts.

    Returns:
        `notes`, sentences about the file, such as which columns it lacks; `prompts`, a list with
        prompt, chips, sentences and facts of each, and the counts of all facts: `all`, by
        `columns`, and by `languages`.

    Raises:
        BadInput: it has no column of prompts.
    """
    rows = list(csv.DictReader(StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
    if not rows or "prompt" not in rows[0]:
        raise BadInput("The file has no prompts: it needs a column named “prompt”, tabs between.")
    names = {_column(name): name for name in rows[0] if name}
    missing = [name for name in (*FIELDS, "components", "scene") if name not in names]
    prompts: list[dict[str, Any]] = []
    columns: dict[str, Counter[str]] = {}
    spoken: dict[str, Counter[str]] = {}
    everything: Counter[str] = Counter()
    for row in rows:
        cells = {column: (row[name] or "").strip() for column, name in names.items()}
        reading = parse_prompt(cells["prompt"])
        facts = list(judged(cells, reading))
        one = _told(cells["prompt"], reading)
        for fact in facts:
            everything[fact.verdict] += 1
            columns.setdefault(fact.column, Counter())[fact.verdict] += 1
            spoken.setdefault(one["language"], Counter())[fact.verdict] += 1
        number = cells.get("nr", str(len(prompts) + 1))
        prompts.append({"nr": number, **one, "facts": [vars(fact) for fact in facts]})
    return {
        "notes": [_missing(missing)] if missing else [],
        "all": _counts(everything),
        "columns": {name: _counts(counts) for name, counts in columns.items()},
        "languages": {name: _counts(counts) for name, counts in spoken.items()},
        "prompts": prompts,
    }


def _missing(columns: Sequence[str]) -> str:
    """The sentence for a file that does not say what its prompts ask for."""
    named = ", ".join(f"“{name}”" for name in columns)
    if len(columns) == len(FIELDS) + 2:
        return (
            f"No facts were counted: the file says nothing of what its prompts ask for. Add the "
            f"columns {named}, with “-” for what is left open."
        )
    some = "a column" if len(columns) == 1 else "the columns"
    return f"Nothing is counted of {named}: add {some} to the file, with “-” for what is left open."


def read_prompts(texts: Iterable[str]) -> dict[str, Any]:
    """What is understood of some prompts."""
    return {"prompts": [_told(text, parse_prompt(text)) for text in texts]}


def _told(prompt: str, reading: Reading) -> dict[str, Any]:
    shown = views.reading(reading)
    return {
        "prompt": prompt,
        "language": (reading.english.language if reading.english else "en") or "unread",
        "chips": [*shown["garment"], *shown["found"], *shown["scene"]],
        "said": shown["said"],
        "heard": heard(in_english(plain(prompt).text).text),
        "sentences": list(reading.sentences),
    }


def listed(result: Mapping[str, Any]) -> str:
    """Prompts as the page shows them."""
    lines: list[str] = []
    for one in result["prompts"]:
        said = one["said"]
        chips = [f"{c} (from {said[c]})" if c in said else c for c in one["chips"]]
        lines += [one["prompt"], f"  {', '.join(chips) or 'nothing'}"]
        lines += [f"  heard: {one['heard']}"] if one["heard"] != one["prompt"] else []
        lines += [f"  {sentence}" for sentence in one["sentences"]]
    return "\n".join(lines)


def _column(name: str) -> str:
    return "components" if name.startswith("components") else name.strip()


def _counts(counts: Mapping[str, int]) -> dict[str, float]:
    total = sum(counts.values()) or 1
    good, bad = counts["understood"] + counts["coarser"], counts["lost"] + counts["misread"]
    return {
        "facts": sum(counts.values()),
        **{verdict: counts[verdict] for verdict in VERDICTS},
        "understood_or_coarser": round(good / total, 4),
        "lost_or_misread": round(bad / total, 4),
    }


def table(result: Mapping[str, Any]) -> str:
    """The counts as a table: a line for each column, and one for all."""
    lines = [f"{'':<14}{'facts':>7}" + "".join(f"{v:>12}" for v in VERDICTS)]
    for name, counts in (*result["columns"].items(), ("all", result["all"])):
        cells = "".join(f"{counts[verdict]:>12}" for verdict in VERDICTS)
        lines.append(f"{name:<14}{counts['facts']:>7}{cells}")
    good, bad = result["all"]["understood_or_coarser"], result["all"]["lost_or_misread"]
    lines.append(f"understood or coarser {good:.1%}, silently lost or misread {bad:.1%}")
    return "\n".join((*lines, *result["notes"]))


def judged(cells: Mapping[str, str], reading: Reading) -> Iterator[Fact]:
    """What became of each thing that the cells ask for, and what was never asked for."""
    words = (*reading.unplaced, *reading.refused)
    told = " ; ".join((*words, *reading.problems, *reading.notes)).lower()
    asked = " ".join(v for k, v in cells.items() if k in (*FIELDS, "components", "scene")).lower()
    for column, field in FIELDS.items():
        cell = cells.get(column, "-")
        read = str(getattr(reading.garment, field)) if field in reading.stated else ""
        if cell.lower() in _OPEN:
            said = reading.said.get(field, read)
            if read and column in cells and not _shares(said, asked):
                yield Fact(column, "-", "misread", read)
            continue
        for one in re.split(r",\s*", cell) if column == "fit_or_shape" else [cell]:
            yield _field(column, field, one, read, reading, told)
    for one in re.split(r"\s*;\s*", cells.get("components", "-")):
        if one.lower() not in _OPEN:
            yield _component(one, reading, told)
    extra = {r.kind for r in reading.requests if r.count and r.kind not in asked}
    for kind in sorted(extra) if "components" in cells else ():
        if not _shares(kind, asked) and not _shares(COMPONENTS[kind].plural, asked):
            yield Fact("components", "-", "misread", kind)
    scene = cells.get("scene", "-")
    if scene.lower() not in _OPEN:
        shown = " ".join(filter(None, (reading.pose, reading.ground)))
        if _shares(scene, shown):
            yield Fact("scene", scene, "understood", shown)
        elif reading.ground and not _shares(scene, told):
            yield Fact("scene", scene, "coarser", shown)
        else:
            yield Fact("scene", scene, "told" if _shares(scene, told) else "lost", shown)


def _field(column: str, field: str, asked: str, read: str, reading: Reading, told: str) -> Fact:
    words, wanted = _meant(asked)
    first, *others = re.split(r"\s+(?:and|/)\s+", words) if field == "colour" else [words]
    said = reading.said.get(field, "")
    if read and (read in wanted or (others and read == first)):
        unsaid = [other for other in others if other not in told]
        if unsaid:
            return Fact(column, asked, "lost", read)
        return Fact(column, asked, "coarser" if said or others else "understood", read)
    elsewhere = [name for name, its in reading.said.items() if _shares(words, its)]
    if elsewhere and (len(wanted) == 1 or not read):
        return Fact(column, asked, "coarser", str(getattr(reading.garment, elsewhere[0])))
    if _shares(words, told):
        return Fact(column, asked, "told", read)
    return Fact(column, asked, "misread" if read else "lost", read)


def _meant(asked: str) -> tuple[str, set[str]]:
    """The prompt's words in a cell, and the words of the vocabulary that are right for them."""
    found = re.fullmatch(r"(.+?)\s*\((.+)\)", asked.strip())
    words = (found.group(1) if found else asked).strip().lower()
    others = found.group(2).lower().split("|") if found else ()
    return words, {one.strip() for one in (*words.split("|"), *others)}


def _component(asked: str, reading: Reading, told: str) -> Fact:
    counted = _COUNTED.fullmatch(asked.strip().lower())
    if counted is None or counted["kind"] not in COMPONENTS:
        shown = [its for its in reading.said.values() if _shares(asked, its)]
        verdict: Verdict = "told" if _shares(asked, told) else "coarser" if shown else "lost"
        return Fact("components", asked, verdict, ", ".join(shown))
    kind, place = counted["kind"], counted["place"] or ""
    here = [r for r in reading.requests if r.kind == kind]
    read = ", ".join(f"{r.count} at {r.place or 'any place'}" for r in here)
    total = sum(r.count for r in here)
    placed = all(r.place is None or set(place.split()) <= set(r.place.split()) for r in here)
    right = counted["count"] == "any" or total == int(counted["count"])
    if (here and right and placed) or (counted["count"] == "any" and kind in reading.open):
        return Fact("components", asked, "understood", read or COMPONENTS[kind].plural)
    if _shares(kind, told) or _shares(COMPONENTS[kind].plural, told):
        return Fact("components", asked, "told", read)
    return Fact("components", asked, "misread" if here else "lost", read)


def _shares(words: str, text: str) -> bool:
    """Whether a text has a word of these that says something."""
    return not set(_content(words)).isdisjoint(_content(text)) or (
        not words.isascii() and bool(words) and words.lower() in text.lower()
    )


def _content(text: str) -> Iterable[str]:
    for word in re.findall(r"\w+", text.lower()):
        if word not in _IDLE:
            yield word
            yield word.removesuffix("s")
