"""How quickly the gallery answers when it is large: a page, a search, a family of pictures.

`--variants N` fills a store in a temporary folder with N pictures, as a designer's years of work
would: one large project and some small ones, prompts of the garment vocabulary, placed
components, notes, stars, trash, and families of pictures made from each other. All share one tiny
file, since files are not what is measured. The queries are the store's own, with all that they
do; they are measured at a tenth of N as well, to see how they grow. `--limit` sets how many
queries of each kind are made.
"""

from __future__ import annotations

import json
import platform
import random
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from PIL import Image

from studio.bench import Options, Result
from studio.gallery import Store
from studio.gallery.database import Database
from studio.gallery.tables import VariantRow
from studio.gallery.words import component_words
from studio.garment.vocabulary import COLOURS, FABRICS, GARMENTS, NECKLINES
from studio.pngmeta import png_bytes

VARIANTS = 10_000
QUERIES = 300
PROJECTS = 10

_CHUNK = 5000
_DETAILS = ("belt", "zip", "collar", "cuffs", "pleats", "darts", "lining", "topstitching")
_NOTES = ("for the lookbook", "client prefers this one", "too wide at the hem", "shortlist")


def run(options: Options) -> Result:
    """Fill, ask, and say how long the answers took."""
    total = options.variants or VARIANTS
    queries = options.limit or QUERIES
    rows: list[list[str]] = []
    metrics: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="toile-bench-") as folder:
        store = Store(Path(folder))
        wardrobe = _Wardrobe(store, Path(folder))
        seconds = 0.0
        for size in sorted({max(total // 10, 1), total}):
            began = time.perf_counter()
            wardrobe.fill(size)
            seconds += time.perf_counter() - began
            for name, ask in wardrobe.questions(random.Random(2)).items():
                times = _measure(ask, queries)
                median, p95 = statistics.median(times), _percentile(times, 0.95)
                rows.append(
                    [f"{size:,} {name}", f"{median:.1f}", f"{p95:.1f}", f"{max(times):.1f}"]
                )
                suffix = "" if size == total else "_tenth"
                metrics |= {
                    f"{name}{suffix}_median_ms": median,
                    f"{name}{suffix}_p95_ms": p95,
                }
        megabytes = (Path(folder) / "toile.db").stat().st_size / 2**20
        store.close()
    return Result(
        metrics | {"fill_seconds": seconds, "database_mib": megabytes},
        ("variants, query", "median ms", "p95 ms", "longest ms"),
        rows,
        (
            f"{queries} queries of each kind; filled in {seconds:.0f} s, {megabytes:.0f} MiB.",
            f"SQLite {sqlite3.sqlite_version}, Python {platform.python_version()}, "
            f"{platform.system()} {platform.machine()}.",
        ),
    )


def _measure(ask: Callable[[], object], queries: int) -> list[float]:
    """Milliseconds of each of some calls, after one that is not counted."""
    ask()
    times = []
    for _ in range(queries):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return times


def _percentile(times: list[float], part: float) -> float:
    return sorted(times)[min(int(len(times) * part), len(times) - 1)]


class _Wardrobe:
    """A store that grows, and questions to it."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self._database = Database(f"sqlite:///{folder / 'toile.db'}", folder / "backups")
        self._random = random.Random(1)
        self._projects = [store.create_project(f"Project {i}").id for i in range(PROJECTS)]
        self._sha = store.keep_picture(png_bytes(Image.new("RGB", (8, 8), "white")))
        self._made: list[tuple[str, str]] = []  # (id, project) of every picture

    def fill(self, size: int) -> None:
        """Add pictures until there are `size`."""
        while len(self._made) < size:
            chunk = [self._row() for _ in range(min(_CHUNK, size - len(self._made)))]
            with self._database.write() as session:
                session.execute(sa.insert(VariantRow), chunk)
        self._database.close()

    def questions(self, chance: random.Random) -> dict[str, Callable[[], object]]:
        """What is measured, by name: each call asks another one."""
        project = self._projects[0]
        newest = len(self._made)
        searches = self._searches(chance)

        def page() -> object:
            kind = chance.random()
            if kind < 0.5:
                return self.store.variants(project)
            if kind < 0.7:
                return self.store.variants(project, before=chance.randint(1, newest))
            if kind < 0.8:
                return self.store.variants(project, starred=True)
            if kind < 0.9:
                return self.store.variants(project, passing=True)
            return self.store.variants(project, trashed=True)

        return {
            "page": page,
            "search": lambda: self.store.variants(project, search=next(searches)),
            "lineage": lambda: self.store.lineage(chance.choice(self._made)[0]),
        }

    def _searches(self, chance: random.Random) -> Iterator[str]:
        """What people type: one common word, several, a half-written one, a note, a count of
        components, and now and then something that is nowhere."""
        while True:
            garment, colour = chance.choice(list(GARMENTS)), chance.choice(list(COLOURS))
            yield chance.choice(
                [
                    garment,
                    f"{colour} {garment}",
                    f"{colour} {chance.choice(list(FABRICS))} {garment} {chance.choice(_DETAILS)}",
                    garment[:2],
                    colour[:3],
                    "a",
                    chance.choice(_NOTES),
                    f"{chance.randint(1, 9)} buttons",
                    "left chest pocket",
                    f"{colour} spaceship",
                ]
            )

    def _row(self) -> dict[str, Any]:
        chance = self._random
        number = len(self._made)
        project = self._projects[0 if chance.random() < 0.9 else chance.randrange(1, PROJECTS)]
        prompt = (
            f"a {chance.choice(list(COLOURS))} {chance.choice(list(FABRICS))} "
            f"{chance.choice(list(GARMENTS))} with a {chance.choice(list(NECKLINES))} and "
            f"{chance.choice(_DETAILS)}"
        )
        components = [{"kind": "button", "place": "centre front"}] * chance.randint(0, 9)
        if chance.random() < 0.3:
            components = [*components, {"kind": "pocket", "place": "left chest"}]
        request = json.dumps({"format": 1, "prompt": prompt, "components": components})
        checks = [{"what": "buttons", "passed": chance.random() < 0.6}]
        variant = uuid.UUID(int=chance.getrandbits(128)).hex
        parent = None
        if self._made and chance.random() < 0.4:  # from one of the newest, as people work
            near = self._made[max(0, number - 200) :]
            parent = next((i for i, p in [chance.choice(near)] if p == project), None)
        self._made.append((variant, project))
        return {
            "id": variant,
            "project_id": project,
            "parent_variant_id": parent,
            "picture_sha": self._sha,
            "request": request,
            "prompt": prompt,
            "weights": "0" * 64,
            "seed": chance.randrange(2**32),
            "seconds": 4.0,
            "width": 256,
            "height": 256,
            "checks": tuple(checks),
            "passed": checks[0]["passed"],
            "note": chance.choice(_NOTES) if chance.random() < 0.05 else "",
            "words": component_words(request),
            "starred": chance.random() < 0.05,
            "created": 1.7e9 + number * 60,
            "deleted_at": 1.8e9 if chance.random() < 0.03 else None,
        }
