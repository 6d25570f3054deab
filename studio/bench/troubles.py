"""What `trouble` counts, looks for and asks for, on the page and without it."""

from __future__ import annotations

import json
import logging
import os
import random
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa

from studio.bench.levels import named_in
from studio.files import HALF
from studio.gallery import Store
from studio.gallery.tables import BlobRow

log = logging.getLogger(__name__)

AIMS = {"write": 300, "worker": 100, "server": 60, "tab": 30, "network": 30}
"""How many kills of each kind there are to be before the counts say much."""

KINDS = tuple(AIMS)
NAMES = (
    "kills", *(f"kills_{kind}" for kind in KINDS), "strokes", "words", "pictures", "lost_strokes",
    "lost_words", "lost_pictures", "orphan_files", "bad_inputs", "answers_500",
)  # fmt: skip


@dataclass
class Tally:
    """What was counted, and what went wrong in words."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 0))
    said: list[str] = field(default_factory=list)

    def add(self, name: str, count: int = 1) -> None:
        """Count something."""
        self.counts[name] += count

    def kill(self, kind: str) -> None:
        """Count a kill of one kind."""
        self.add("kills")
        self.add(f"kills_{kind}")

    def wanting(self, kinds: Iterable[str], dice: random.Random) -> str:
        """The kind that is farthest from what it is to reach; any, where all have reached it."""
        shares = {kind: self.counts[f"kills_{kind}"] / AIMS[kind] for kind in kinds}
        least = min(shares.values())
        return dice.choice([kind for kind, share in shares.items() if least >= 1 or share == least])

    def lost(self, name: str, what: object) -> None:
        """Count a loss, and say what it was, at once and at the end."""
        self.add(name)
        log.warning("%s: %s", name, what)
        self.said.append(f"{name}: {what}")


def orphans(store: Store, tally: Tally) -> None:
    """As if the next start were tomorrow's: what nobody owns then must be gone."""
    past = time.time() - 86400
    for folder in ("blobs", "thumbs"):
        for path in (store.data_dir / folder).rglob("*.*"):
            os.utime(path, (past, past))
    store.sweep(young=0)
    Store(store.data_dir).close()
    with store._database.read() as session:
        named = named_in(session)
        rows = set(session.scalars(sa.select(BlobRow.sha)))
    for folder in ("blobs", "thumbs"):
        for path in (store.data_dir / folder).rglob("*.*"):
            if path.name.startswith(HALF) or path.stem not in rows or path.stem not in named:
                tally.lost("orphan_files", path.name)


# Nonsense


def nonsense(url: str, tally: Tally, dice: random.Random) -> None:
    """Ask a running server for what cannot be; an answer of 500 and more is counted."""
    deep, huge = "[" * 60_000, "9" * 400
    bodies = (
        deep, huge, "null", "{}", '{"fn_index": -1}', '{"data": null, "fn_index": 3}',
        json.dumps({"fn_index": dice.randrange(60), "data": [huge, deep[:1000], None]}),
        json.dumps({"fn_index": dice.randrange(60), "data": [], "event_data": "no JSON"}),
    )  # fmt: skip
    paths = ("gradio_api/run/predict", "toile/import", "toile/export")
    asked = [(path, body.encode()) for path in paths for body in dice.sample(bodies, 3)]
    asked += [(f"toile/{path}", None) for path in ("ink/x", "picture/%00", "preview/a/9")]
    for path, body in asked:
        headers = {"Content-Type": "application/json", "x-toile": "1"}
        request = urllib.request.Request(url + path, body, headers)
        tally.add("bad_inputs")
        try:
            urllib.request.urlopen(request, timeout=60).close()
        except urllib.error.HTTPError as error:
            if error.code >= 500:
                tally.lost("answers_500", f"{path} {(body or b'')[:40]!r}")
        except (OSError, ValueError) as error:
            tally.lost("answers_500", f"{path}: {error}")
