"""What is lost when things end in the middle: kills at random moments, counted.

Two pages draw and write on one project, in the write layer as two processes without a page, and in
Chromium on the real server. Processes are ended without a word: the writers, the server (in the
middle of a batch too) and the browser's tab within 50 ms of a line's end; and the network between
them goes. After each kill everything that was told to be kept, and on the page everything that was
drawn and written, must be there, and after the next start no file that nobody owns. Beside it the
server is asked for nonsense, which it must refuse without an error of its own.

`--minutes` says how long; the numbers of earlier runs are added, from `runs/trouble.json`.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from studio.bench import Options, Result
from studio.bench.troubled_page import on_the_page
from studio.bench.troubles import AIMS, NAMES, Tally, orphans
from studio.desk import keeping
from studio.desk.compose import Form
from studio.desk.easel import kept_drawing, save_board
from studio.desk.together import Seen
from studio.errors import BadInput, StorageError, ToileError
from studio.files import write_whole
from studio.gallery import NewVariant, Store
from studio.pngmeta import png_bytes
from studio.settings import ROOT

TALLY = ROOT / "runs" / "trouble.json"
MINUTES = 5.0


def run(options: Options) -> Result:
    """Kill and look for `options.minutes`.

    Raises:
        BadInput: fewer than no minutes, or an unreadable tally of earlier runs.
    """
    minutes = MINUTES if options.minutes is None else options.minutes
    if not 0 < minutes < 100_000:
        raise BadInput(f"The minutes are {minutes:g}: choose more than 0.")
    tally, notes = Tally(earlier(TALLY)), []
    until = time.monotonic() + minutes * 60
    with TemporaryDirectory(prefix="toile-trouble-") as folder:
        # The write layer has its share until it has had its kills, and a little after that.
        begun = time.monotonic()
        while time.monotonic() < begun + minutes * 60 * _layer_share(tally):
            kill_writers(Path(folder) / "layer", tally)
            keep_tally(tally)
        if why := on_the_page(Path(folder) / "page", options.model, until, tally, keep_tally):
            notes.append(why)
            while time.monotonic() < until:
                kill_writers(Path(folder) / "layer", tally)
                keep_tally(tally)
    keep_tally(tally)
    aims = {f"kills_{kind}": f" of {aim}" for kind, aim in AIMS.items()}
    rows = [[name, f"{count:,}{aims.get(name, '')}"] for name, count in tally.counts.items()]
    notes.append(f"All runs together; {TALLY} keeps the count, remove it to begin anew.")
    return Result(dict(tally.counts), ("trouble", "so far"), rows, (*notes, *tally.said))


def _layer_share(tally: Tally) -> float:
    """Which part of the time the writers are killed in."""
    return 0.05 if tally.counts["kills_write"] >= AIMS["write"] else 0.35


def earlier(path: Path) -> dict[str, int]:
    """The counts of earlier runs. Raises BadInput where they cannot be read."""
    counts = dict.fromkeys(NAMES, 0)
    if not path.is_file():
        return counts
    try:
        read = json.loads(path.read_text("utf-8"))
        return counts | {name: int(read[name]) for name in counts if name in read}
    except (OSError, ValueError, TypeError) as error:
        raise BadInput(f"The count in “{path}” cannot be read: remove it.") from error


def keep_tally(tally: Tally) -> None:
    """Keep the counts, so that the next run goes on."""
    write_whole(TALLY, (json.dumps(tally.counts, indent=2) + "\n").encode())


# The write layer


def kill_writers(data: Path, tally: Tally) -> None:
    """Two processes draw and write on one project until they are killed; then look."""
    store = Store(data)
    project = store.create_project("Trouble").id
    store.close()
    writers = [_forked(lambda tell, n=n: _write(data, project, f"w{n}", tell)) for n in range(2)]
    time.sleep(random.uniform(0.05, 0.9))
    told: list[tuple[str, str]] = []
    for pid, pipe in writers:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        with os.fdopen(pipe, "rb") as read:
            lines = read.read().decode().splitlines()
        told += [(kind, what) for kind, _, what in (line.partition(" ") for line in lines)]
        tally.kill("write")
    store = Store(data)
    look_for(store, project, told, tally)
    orphans(store, tally)
    store.close()


def _forked(work: Callable[[Callable[[str, str], None]], None]) -> tuple[int, int]:
    """A process that works until it is killed, and the pipe on which it tells what is kept."""
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        return pid, read
    try:
        os.close(read)
        work(lambda kind, what: _tell(write, f"{kind} {what}\n"))
    finally:
        os._exit(0)


def _tell(pipe: int, line: str) -> None:
    os.write(pipe, line.encode())


def _write(data: Path, project: str, name: str, tell: Callable[[str, str], None]) -> None:
    """What one page does, without the page: it tells each thing as soon as it is kept."""
    dice = random.Random(f"{name} {os.getpid()}")
    store = Store(data)
    own = store.create_project(name).id
    strokes: tuple[Any, ...] = ()
    seen, number = 0, 0
    while True:
        number += 1
        what = dice.choice(("stroke", "stroke", "word", "picture", "waste", "away"))
        with contextlib.suppress(StorageError):  # nothing was told of it
            if what == "stroke":
                drawn = [*strokes, _stroke(f"{name}-{number}", dice)]
                board = _board(drawn, {"page": name, "ink": seen})
                revision, _ = save_board(store, project, board)
                now = json.loads(kept_drawing(revision).to_json())
                strokes = tuple(now["sides"]["front"][0]["strokes"])
                seen = revision.seq
                tell("stroke", f"{name}-{number}")
            elif what == "word":
                form = Form(prompt=f"a coat, words {number}", seed="1")
                keeping.keep_form(store, own, form, Seen(page=name))
                tell("word", f"{own} {number}")
            elif what == "picture":
                made = store.add(project, _picture(dice))
                tell("picture", f"{made.id} {made.picture_sha}")
            elif what == "waste":
                store.keep_picture(png_bytes(_noise(dice)))
            else:
                thrown = store.add(own, _picture(dice))
                store.trash(thrown.id)
                store.empty_trash(own)


def _board(strokes: list[Any], seen: Mapping[str, Any]) -> dict[str, Any]:
    sides = {"front": [{"id": "ink", "kind": "ink", "strokes": strokes}], "back": []}
    return {"doc": json.dumps({"v": 2, "sides": sides}), "photo": None, "seen": seen}


def _stroke(name: str, dice: random.Random) -> dict[str, Any]:
    x, y = dice.randrange(100, 800), dice.randrange(100, 900)
    return {"id": name, "t": "pen", "w": 8, "m": 0, "p": [x, y, 1, x + 100, y + 20, 1]}


def _noise(dice: random.Random) -> Image.Image:
    return Image.frombytes("RGB", (24, 24), dice.randbytes(24 * 24 * 3))


def _picture(dice: random.Random) -> NewVariant:
    return NewVariant(
        request='{"prompt": "a coat"}', png=png_bytes(_noise(dice)), prompt="a coat",
        seed=dice.randrange(10**6), seconds=1.0, weights="", width=24, height=24,
    )  # fmt: skip


# Looking


def look_for(store: Store, project: str, told: list[tuple[str, str]], tally: Tally) -> None:
    """Whether everything that was told to be kept is there."""
    sketch = store.latest_sketch(project)
    drawn = {s.id for s in kept_drawing(sketch).strokes()} if sketch else set()
    for kind, what in told:
        tally.add(f"{kind}s")
        if kind == "stroke" and what not in drawn:
            tally.lost("lost_strokes", what)
        elif kind == "word":
            own, _, number = what.partition(" ")
            prompt = keeping.draft(store.project(own)).prompt
            if int(prompt.rsplit(" ", 1)[-1] or 0) < int(number):
                tally.lost("lost_words", what)
        elif kind == "picture":
            variant, _, sha = what.partition(" ")
            try:
                store.variant(variant)
                store.picture(sha)
            except ToileError as error:
                tally.lost("lost_pictures", error)
