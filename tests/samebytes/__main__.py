"""Does a request from before give the same picture? `python -m tests.samebytes --help`.

`record` lets a commit make the pictures of 60 requests and 60 wishes on this machine; `compare`
makes them anew with the checked-out code and tells which are not the same bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.samebytes.making import (
    PARTS,
    QUIET,
    Doors,
    Side,
    ask,
    entries,
    fresh,
    make_requests,
    pixel_hash,
    steady,
)

ROOT = Path(__file__).resolve().parents[2]
BASE = "88c0d14"
RECORDED = ROOT / "runs" / "samebytes"

Line = dict[str, Any]


def main() -> int:
    """Run a command; 1 where something is not the same."""
    parser = argparse.ArgumentParser(prog="python -m tests.samebytes", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("record", help="the pictures as a commit makes them")
    make.add_argument("--base", default=BASE, metavar="COMMIT", help="(%(default)s)")
    make.add_argument("--out", type=Path, default=RECORDED, metavar="FOLDER", help="(%(default)s)")
    look = commands.add_parser("compare", help="the pictures as they are made now")
    look.add_argument("--recorded", type=Path, default=RECORDED, metavar="FOLDER")
    look.add_argument("--part", choices=PARTS, help="requests or wishes alone")
    look.add_argument("--only", default="", metavar="ID,…", help="these alone")
    given = parser.parse_args()
    if given.command == "record":
        return record(given.base, given.out.resolve())
    only = [name for name in given.only.split(",") if name]
    known = {entry["id"] for part in PARTS for entry in entries(part)}
    if unknown := set(only) - known:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    steady()
    from tests.samebytes import present

    right = True
    for part in PARTS:
        if given.part in (None, part) and entries(part, only):
            compare = compare_requests if part == "requests" else compare_wishes
            began = time.monotonic()
            right = compare(present, given.recorded, only) and right
            print(f"{part} compared in {time.monotonic() - began:.0f} s", flush=True)
    return 0 if right else 1


def record(base: str, out: Path) -> int:
    """Let a commit record, in a checkout of its own."""
    fresh(out)
    with tempfile.TemporaryDirectory() as place:
        checkout = Path(place) / "base"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(checkout), base], check=True)
        try:
            # `studio` is found in the checkout first; of `tests` each folder gives its part.
            paths = os.pathsep.join((str(checkout), str(ROOT)))
            subprocess.run(
                [sys.executable, "-m", "tests.samebytes.base_side", str(out)],
                cwd=checkout, env=os.environ | QUIET | {"PYTHONPATH": paths}, check=True,
            )  # fmt: skip
        finally:
            subprocess.run([*git, "remove", "--force", str(checkout)], check=True)
    told = differences(lines_of(out, "wishes"))
    (out / "differences.txt").write_text(told, "utf-8")
    print(told)
    return 0


def differences(lines: Sequence[Line]) -> str:
    """Where page and command line do not make the same of a wish, field by field."""
    both = [line for line in lines if "differs" in line]
    fields: dict[str, list[str]] = defaultdict(list)
    for line in both:
        for name, values in line["differs"].items():
            alike = " (the same pixels)" if values.get("same_pixels") else ""
            fields[name + alike].append(line["id"])
    same = sum(line["same_pictures"] for line in both)
    told = [
        f"{len(both)} of {len(lines)} wishes can be said on the page and on the command line: "
        f"{sum(not line['differs'] for line in both)} give the same request, {same} the same "
        "pictures.",
        *(f"{name}: {len(ids)}: {', '.join(ids)}" for name, ids in sorted(fields.items())),
        "Other pictures: " + ", ".join(line["id"] for line in both if not line["same_pictures"]),
        *(
            f"{line['id']}: {line[door]}"
            for door in ("page_cannot", "command_line_cannot")
            for line in lines
            if door in line
        ),
    ]
    return "\n".join(told) + "\n"


def lines_of(folder: Path, part: str) -> list[Line]:
    """The recorded lines of a part."""
    text = (folder / f"{part}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def compare_requests(present: Side, folder: Path, only: Sequence[str]) -> bool:
    """Whether the recorded requests give the recorded pictures, with a line for each that does
    not."""
    recorded = {line["id"]: line for line in lines_of(folder, "requests")}
    asked = same = 0
    for line, pictures in make_requests(present, folder / "adapters", only):
        told = unlike(recorded[line["id"]]["pixels"], pictures, folder / "requests", line["id"])
        print(told, end="", flush=True)
        asked, same = asked + 1, same + (not told)
    print(f"{same}/{asked} requests give the same bytes")
    return same == asked


def compare_wishes(present: Side, folder: Path, only: Sequence[str]) -> bool:
    """Whether the wishes still become the recorded requests and pictures, and whether every door
    makes the same of them."""
    recorded = {line["id"]: line for line in lines_of(folder, "wishes")}
    engine = present.engine(None)
    asked = same = requests = agreed = 0
    with tempfile.TemporaryDirectory() as place:
        doors = present.doors(engine, Path(place))
        for wish in entries("wishes", only):
            line = recorded[wish["id"]]
            other, told, alike = _compare_wish(present, wish, line, folder, doors, engine)
            print(other + told, end="", flush=True)
            asked, same = asked + 1, same + (not told)
            requests, agreed = requests + (not other), agreed + alike
        doors.close()
    print(
        f"{requests}/{asked} wishes become the same request, {same}/{asked} the same bytes; "
        f"page and command line agree, or only one can say it, in {agreed}/{asked}"
    )
    return same == asked


def _compare_wish(
    present: Side, wish: Line, line: Line, folder: Path, doors: Doors, engine: Any
) -> tuple[str, str, bool]:
    """What is to be said of a wish's request and of its pictures, each empty where it is the
    recorded one, and whether the doors agree."""
    page, other = ask(doors.page, wish), ask(doors.command_line, wish)
    answer, before = (page, "page") if "page" in line else (other, "command_line")
    if isinstance(answer, str):
        return "", f"{wish['id']}: {answer}\n", False
    request, files = answer
    pictures = [one.image for one in engine.generate(request, files)]
    told = unlike(line[before]["pixels"], pictures, folder / "wishes", wish["id"])
    # Which weights are installed is no part of the wish.
    was = dict(present.read(json.dumps(line[before]["request"])))
    others = ", ".join(name for name, value in dict(request).items() if was[name] != value)
    asked = f"{wish['id']}: another request: {others}\n" if others else ""
    alike = isinstance(page, str) or isinstance(other, str) or page[0] == other[0]
    return asked, told, alike


def unlike(hashes: Sequence[str], pictures: Sequence[Image.Image], folder: Path, name: str) -> str:
    """A line for each picture that is not the recorded one: how far it is from that."""
    told = ""
    if len(hashes) != len(pictures):
        told += f"{name}: {len(pictures)} pictures, recorded were {len(hashes)}\n"
    for index, (was, picture) in enumerate(zip(hashes, pictures, strict=False)):
        if pixel_hash(picture) == was:
            continue
        with Image.open(folder / f"{name}-{index}.png") as kept:
            before, now = (np.asarray(p.convert("RGB"), np.int16) for p in (kept, picture))
        if before.shape != now.shape:
            told += f"{name}-{index}: {now.shape[1]}x{now.shape[0]} pixels, recorded were "
            told += f"{before.shape[1]}x{before.shape[0]}\n"
            continue
        apart = np.abs(before - now)
        told += (
            f"{name}-{index}: differs by {apart.max()} at most, {apart.mean():.4f} in the mean\n"
        )
    return told


if __name__ == "__main__":
    sys.exit(main())
