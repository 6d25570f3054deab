"""Whether memory and files stay where they are while three people work.

Three browsers, each a process of its own with one page, on one real server with a data folder of
its own: all of them write, draw, rub out, go back, give photos, make pictures, look, compare,
search and export. The first stays on its page and in its project the whole time, so that what a
page gathers shows; the second reloads now and then; the third goes from project to project.

Twice a minute it is read what the server, the pages and the folders hold. A line is drawn through
the later two thirds of each, and not before everybody has done everything once. Flat is what grows
by no more than 5 % an hour, or by no more than the few MB, nodes or handles beside its name in
`RULES`; of files that belong to nobody no more than a handful. Every reading stands in
`runs/steady.jsonl`.
"""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from studio.bench import Options, Result
from studio.bench.guests import ACTS, Guest
from studio.bench.levels import named, of_files, of_processes
from studio.bench.trends import Point, Verdict, trend
from studio.bench.visiting import chromium, filled, free_port, started
from studio.errors import BadInput
from studio.gallery import Store
from studio.settings import ROOT

READINGS = ROOT / "runs" / "steady.jsonl"

MINUTES = 5.0

EVERY, READINGS_OF_A_RUN = 30.0, 20
"""Seconds between two readings, and how many there are at least."""

GUESTS: dict[str, dict[str, float]] = {
    "Stays": {}, "Reloads": {"reload": 0.8}, "Changes": {"change": 1.5},
}  # fmt: skip
"""Name of each guest and its habits."""

PROJECTS = {"Stays": 1, "Reloads": 1, "Changes": 3}
"""How many projects each works in."""

PICTURES = 48
"""Pictures that a project has from the beginning: a page shows no more of them later on."""

SHARE = 0.05
"""Of its level, by which anything may grow in an hour and is flat."""


@dataclass(frozen=True)
class Rule:
    """What something that is read is called, and by how much it may grow in an hour at any level.

    Attributes:
        least: None where it is told and not judged.
    """

    text: str
    unit: str
    least: float | None


_PAGE = {
    "heap_mb": Rule("memory of scripts", "MB", 4),
    "nodes": Rule("nodes", "", 400),
    "listeners": Rule("listeners", "", 100),
    "browser_mb": Rule("the whole browser", "MB", 40),
}

RULES: dict[str, Rule] = {
    "server_mb": Rule("server: memory", "MB", 20),
    "server_handles": Rule("server: open files", "", 4),
    "server_threads": Rule("server: threads", "", 2),
    "server_connections": Rule("server: open databases", "", 2),
    "other_files": Rule("files of nobody", "", 6),
    "other_mb": Rule("files of nobody", "MB", 2),
    "wal_mb": Rule("log of the database", "MB", 2),
    "users_files": Rule("files of users", "", None),
    "users_mb": Rule("files of users", "MB", None),
} | {
    f"{guest.lower()}_{name}": Rule(
        f"page that {guest.lower()}: {rule.text}", rule.unit, rule.least
    )
    for guest in GUESTS
    for name, rule in _PAGE.items()
}
"""Everything that is read."""


def run(options: Options) -> Result:
    """Let them work for `options.minutes`.

    Raises:
        BadInput: no minutes, no Playwright or no Chromium.
    """
    minutes = MINUTES if options.minutes is None else options.minutes
    if not 0 < minutes < 100_000:
        raise BadInput(f"The minutes are {minutes:g}: choose more than 0.")
    chromium()
    with TemporaryDirectory(prefix="toile-steady-") as folder:
        guests, read = _afternoon(Path(folder), options.model, minutes)
    done = sum((guest.done for guest in guests), Counter[str]())
    settled = max(math.inf if guest.settled is None else guest.settled for guest in guests)
    wrong = [what for guest in guests for what in guest.wrong]
    return judged(read, done, wrong, minutes, settled)


def _afternoon(
    folder: Path, model: str | None, minutes: float
) -> tuple[list[Guest], dict[str, list[Point]]]:
    """The guests after their visits, and all that was read."""
    data, temporary, port = folder / "data", folder / "temporary", free_port()
    temporary.mkdir()
    own = {guest: [f"{guest} {n + 1}" for n in range(count)] for guest, count in PROJECTS.items()}
    store = Store(data)
    for names in own.values():
        for name in names:
            filled(store, name, PICTURES)
    store.close()
    # Gradio keeps what is uploaded in a folder of its own among the temporary ones.
    places = {"TMPDIR": str(temporary), "GRADIO_TEMP_DIR": str(temporary / "gradio")}
    server = started(data, port, model, places)
    until = time.monotonic() + minutes * 60
    every = min(EVERY, minutes * 60 / READINGS_OF_A_RUN)
    guests = [
        Guest(name, own[name], f"http://127.0.0.1:{port}/", until, habits, every)
        for name, habits in GUESTS.items()
    ]
    try:
        for guest in guests:
            guest.start()
        read = _read_on(guests, lambda: _now(server.pid, data, temporary), until, every)
        for guest in guests:
            guest.join(180)
    finally:
        for guest in guests:  # where something ended it before its time
            guest.until = 0.0
            guest.join(60)
        server.terminate()
        server.wait(60)
    for guest in guests:
        if guest.problem is not None:
            raise guest.problem
        for name, points in guest.read.items():
            read[f"{guest.name.lower()}_{name}"] = points
    return guests, read


def _now(server: int, data: Path, temporary: Path) -> dict[str, float]:
    """What the server and its folders hold."""
    held = {f"server_{name}": value for name, value in of_processes([server]).items()}
    return held | of_files(data, temporary, named(data))


def _read_on(
    guests: Sequence[Guest], look: Callable[[], Mapping[str, float]], until: float, every: float
) -> dict[str, list[Point]]:
    """Look again and again until a moment, or until a guest has gone; all that was seen, which is
    written to a file beside what the guests have read by then."""
    read: dict[str, list[Point]] = {}
    began = time.monotonic()
    READINGS.parent.mkdir(parents=True, exist_ok=True)
    with READINGS.open("w", encoding="utf-8") as log:
        while time.monotonic() < until and not any(guest.problem for guest in guests):
            time.sleep(min(every, max(until - time.monotonic(), 0.1)))
            now = dict(look())
            at = time.monotonic()
            for name, value in now.items():
                read.setdefault(name, []).append((at, value))
            for guest in guests:
                for name, points in [*guest.read.items()]:
                    now[f"{guest.name.lower()}_{name}"] = points[-1][1]
            log.write(json.dumps({"at": round(at - began)} | now) + "\n")
            log.flush()
    return read


def judged(
    read: Mapping[str, Sequence[Point]], done: Mapping[str, int], wrong: Sequence[str],
    minutes: float, settled: float = 0.0,
) -> Result:  # fmt: skip
    """What is to be said of readings: the level of each, its growth, and whether that is flat.

    Args:
        done: how often each thing was done. wrong: what did not work.
        settled: the second from which readings count.
    """
    rows: list[list[str]] = []
    metrics: dict[str, float] = {"minutes": minutes, "wrong": len(wrong)}
    bad: dict[Verdict, list[str]] = {"grows": [], "unclear": []}
    for name, rule in RULES.items():
        line = trend(read.get(name, ()), settled)
        if line is None:
            verdict: Verdict | str = "" if rule.least is None else "unclear"
            rows.append([rule.text, "", "", verdict])
        else:
            verdict = "" if rule.least is None else line.verdict(SHARE, rule.least)
            rows.append([
                rule.text, f"{line.level:,.1f} {rule.unit}".rstrip(),
                f"{line.an_hour:+,.1f}", verdict,
            ])  # fmt: skip
            metrics |= {name: round(line.level, 2), f"{name}_an_hour": round(line.an_hour, 2)}
        if verdict in bad:
            bad[verdict].append(f"{rule.text} ({rule.unit})" if rule.unit else rule.text)
    metrics |= {f"done_{verb}": done.get(verb, 0) for verb in ACTS}
    never = [verb for verb in ACTS if not done.get(verb)]
    metrics |= {"growing": len(bad["grows"]), "unclear": len(bad["unclear"])}
    notes = [
        f"{minutes:g} minutes, {sum(done.values()):,} things done; a line through the later two "
        f"thirds. Flat: at most {SHARE:.0%} of the level an hour, or the little that `RULES` of "
        f"studio/bench/steady.py allows. Every reading: {READINGS}.",
        *wrong[:20],
    ]
    problems = [
        bad["grows"] and f"It grows: {', '.join(bad['grows'])}.",
        bad["unclear"] and f"More minutes are needed to tell: {', '.join(bad['unclear'])}.",
        wrong and f"{len(wrong)} things went wrong.",
        never and f"Never done: {', '.join(never)}.",
    ]
    return Result(
        metrics, ("steady", "level", "an hour", ""), rows, notes,
        problem=" ".join(text for text in problems if text),
    )  # fmt: skip
