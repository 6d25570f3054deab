"""Prompts in six other languages become English, and what is not known of them is told.

`foreign.tsv` has at least twenty prompts a language: a fact is FIELD=VALUE of the garment, or
COMPONENT:COUNT@PLACE, “any” where it is left open; the last column has words that must be told.
"""

import csv
from collections import Counter
from pathlib import Path

import pytest

from studio.garment.parse import Reading, parse_prompt

with Path(__file__).with_name("foreign.tsv").open(encoding="utf-8") as file:
    EVERY = [
        (row["language"], row["prompt"], row["facts"].split(), row["told"].split("; "))
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    ]
CODES = ("de", "es", "fr", "it", "ja", "zh")


def understood(reading: Reading) -> set[str]:
    """The facts of a reading, as the rows write them."""
    fields = {f"{n}={getattr(reading.garment, n)}" for n in reading.stated - {"components"}}
    asked = {f"{r.kind}:{r.count}@{r.place or 'any'}" for r in reading.requests}
    return {fact.replace(" ", "_") for fact in fields | asked}


def told(reading: Reading) -> str:
    return " ".join((*reading.unplaced, *reading.problems))


def judged(reading: Reading, facts: list[str], words: list[str]) -> Counter[str]:
    """How many facts are understood, told, and lost or misread."""
    found, counts = understood(reading), Counter[str]()
    for fact in facts:
        if fact.startswith("told:"):
            counts["told" if fact.removeprefix("told:") in told(reading) else "lost"] += 1
        else:
            counts["understood" if fact in found else "lost"] += 1
    for word in filter(None, words):
        counts["told" if word in told(reading) else "lost"] += 1
    return counts


@pytest.mark.parametrize("code, prompt, facts, words", EVERY, ids=[row[1] for row in EVERY])
def test_a_prompt_in_another_language_is_read(code, prompt, facts, words):
    reading = parse_prompt(prompt)
    assert reading.english is not None and reading.english.language == code
    wanted = {fact for fact in facts if not fact.startswith("told:")}
    assert wanted <= understood(reading), (reading.english.text, understood(reading))
    assert judged(reading, facts, words)["lost"] == 0, told(reading)


@pytest.mark.parametrize("code", CODES)
def test_enough_of_a_language_is_understood(code):
    rows = [row[1:] for row in EVERY if row[0] == code]
    counts = sum((judged(parse_prompt(p), f, w) for p, f, w in rows), Counter[str]())
    total = counts.total()
    assert len(rows) >= 20
    assert counts["understood"] >= 0.75 * total and counts["lost"] <= 0.1 * total, counts
