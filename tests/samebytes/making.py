"""Pictures of the 60 requests and the 60 wishes, made by one side and written down.

A side is a module: `base_side` as the code of the base commit has it, `present` as the checked-out
code has it. Nothing here knows of the studio, so that the base commit can run it as well.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

HERE = Path(__file__).resolve().parent
FILES = HERE / "files"
"""The pictures and styles that requests and wishes refer to."""

PARTS = ("requests", "wishes")
THREADS = 2
QUIET = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "OMP_WAIT_POLICY": "PASSIVE"}
"""Nobody may ask a hub, and threads that wait do not spin; to be set before torch is imported."""
COMPARED = "compared"
"""The bundled model with the two adapters that it is only compared with, of random weights."""

Files = dict[str, bytes]


class Doors(Protocol):
    """The ways in which a wish becomes a request; each gives it with its pictures' bytes by
    SHA-256, and says with `Unsayable` what it has no words for."""

    def page(self, wish: Mapping[str, Any]) -> tuple[Any, Files]: ...

    def command_line(self, wish: Mapping[str, Any]) -> tuple[Any, Files]: ...

    def close(self) -> None: ...


class Side(Protocol):
    """What a side must have."""

    def read(self, text: str) -> Any:
        """A request from its stored JSON."""
        ...

    def engine(self, model: Path | None) -> Any:
        """What makes pictures, with the bundled model or that of a folder."""
        ...

    def doors(self, engine: Any, folder: Path) -> Doors:
        """The doors to an engine; `folder` is empty and for them alone."""
        ...

    def bundled(self) -> Path:
        """The folder of the bundled model."""
        ...


class Unsayable(Exception):
    """A door has no words for a part of a wish."""


def entries(part: str, only: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The requests or the wishes, all or those of these ids."""
    listed: list[dict[str, Any]] = json.loads((HERE / f"{part}.json").read_text("utf-8"))
    return [entry for entry in listed if not only or entry["id"] in only]


def input_files() -> Files:
    """The bytes of `FILES` by their SHA-256."""
    data = [file.read_bytes() for file in sorted(FILES.iterdir())]
    return {hashlib.sha256(one).hexdigest(): one for one in data}


def pixel_hash(picture: Image.Image) -> str:
    """SHA-256 of the raw pixels."""
    return hashlib.sha256(picture.tobytes()).hexdigest()


def steady() -> None:
    """The same number of threads everywhere, since sums depend on it."""
    os.environ |= QUIET
    import torch

    torch.set_num_threads(THREADS)


@contextmanager
def compared_model(bundled: Path, adapters: Path) -> Iterator[Path]:
    """A model's folder: the bundled one's parts, and the recorded adapters beside them."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / COMPARED
        folder.mkdir()
        for part in (*bundled.iterdir(), *adapters.iterdir()):
            (folder / part.name).symlink_to(part.resolve())
        yield folder


def make_requests(
    side: Side, adapters: Path, only: Sequence[str] = ()
) -> Iterator[tuple[dict[str, Any], list[Image.Image]]]:
    """A line and the pictures for each request, those of one model together."""
    files, asked = input_files(), entries("requests", only)
    with compared_model(side.bundled(), adapters) as folder:
        for model, place in (("", None), (COMPARED, folder)):
            mine = [entry for entry in asked if entry.get("model", "") == model]
            if not mine:
                continue
            engine = side.engine(place)
            for entry in mine:
                made = engine.generate(side.read(json.dumps(entry["request"])), files)
                pictures = [one.image for one in made]
                yield {"id": entry["id"], "pixels": [pixel_hash(p) for p in pictures]}, pictures


def ask(door: Callable[[Mapping[str, Any]], tuple[Any, Files]], wish: Mapping[str, Any]) -> Any:
    """What a door makes of a wish: (request, files), or the sentence why it cannot."""
    try:
        return door(wish)
    except Unsayable as why:
        return str(why)


def record(side: Side, out: Path, tell: Callable[[Any], dict[str, Any]]) -> None:
    """Write `requests.jsonl`, `wishes.jsonl` and every picture into `out`.

    Args:
        tell: a request as the dictionary of its JSON.
    """
    steady()
    began = time.monotonic()
    with (out / "requests.jsonl").open("w", encoding="utf-8") as lines:
        for line, pictures in make_requests(side, out / "adapters"):
            keep(pictures, out / "requests", line["id"])
            lines.write(json.dumps(line) + "\n")
    print(f"requests recorded in {time.monotonic() - began:.0f} s", flush=True)
    began = time.monotonic()
    engine = side.engine(None)
    with (
        (out / "wishes.jsonl").open("w", encoding="utf-8") as lines,
        tempfile.TemporaryDirectory() as place,
    ):
        doors = side.doors(engine, Path(place))
        for wish in entries("wishes"):
            line = _wish_line(doors, engine, wish, tell, out)
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")
        doors.close()
    print(f"wishes recorded in {time.monotonic() - began:.0f} s", flush=True)


def _wish_line(
    doors: Doors, engine: Any, wish: Mapping[str, Any], tell: Callable[[Any], Any], out: Path
) -> dict[str, Any]:
    line: dict[str, Any] = {"id": wish["id"]}
    told: dict[str, tuple[dict[str, Any], Files]] = {}
    for name, door in (("page", doors.page), ("command_line", doors.command_line)):
        answer = ask(door, wish)
        if isinstance(answer, str):
            line[f"{name}_cannot"] = answer
            continue
        request, files = answer
        told[name] = tell(request), files
        if name == "command_line" and told.get("page") == told[name]:
            line[name] = line["page"]
            continue
        pictures = [one.image for one in engine.generate(request, files)]
        line[name] = {"request": told[name][0], "pixels": [pixel_hash(p) for p in pictures]}
        if name == "page" or "page" not in told:
            keep(pictures, out / "wishes", str(wish["id"]))
    if len(told) == 2:
        line["differs"] = differing(*told["page"], *told["command_line"])
        line["same_pictures"] = line["page"]["pixels"] == line["command_line"]["pixels"]
    return line


def differing(
    page: Mapping[str, Any], page_files: Files, other: Mapping[str, Any], other_files: Files
) -> dict[str, Any]:
    """Field -> what the page and the command line write there, where they differ."""
    found: dict[str, Any] = {}
    for name in sorted({*page, *other}):
        ours, theirs = page.get(name), other.get(name)
        if ours == theirs:
            continue
        found[name] = {"page": ours, "command_line": theirs}
        here, there = page_files.get(str(ours)), other_files.get(str(theirs))
        if here and there:
            found[name]["same_pixels"] = _pixels(here) == _pixels(there)
    return found


def _pixels(data: bytes) -> tuple[tuple[int, int], bytes]:
    with Image.open(io.BytesIO(data)) as picture:
        plain = picture.convert("RGB")
    return plain.size, plain.tobytes()


def keep(pictures: Sequence[Image.Image], folder: Path, name: str) -> None:
    """Write pictures as PNG, numbered from 0."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, picture in enumerate(pictures):
        picture.save(folder / f"{name}-{index}.png")


def fresh(folder: Path) -> Path:
    """An empty folder, in place of a former recording."""
    for name in ("requests", "wishes", "adapters"):
        shutil.rmtree(folder / name, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
