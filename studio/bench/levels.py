"""What a running studio holds just now: memory, handles, files; and what a page holds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa
from sqlalchemy.orm import Session

from studio.gallery.database import Database
from studio.gallery.shelf import naming

MB = 1024 * 1024

DATABASE = "toile.db"

SHELVES = ("blobs", "thumbs")


def of_processes(pids: Iterable[int]) -> dict[str, float]:
    """Memory (MB), open files and threads of processes and of all that they have started."""
    found = {"mb": 0.0, "handles": 0.0, "threads": 0.0, "connections": 0.0}
    for process in _all(pids):
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended meanwhile
            with process.oneshot():
                memory, threads = process.memory_info().rss / MB, process.num_threads()
            found["mb"] += memory
            found["threads"] += threads
            found["handles"] += process.num_fds()
            found["connections"] += sum(
                Path(file.path).name == DATABASE for file in process.open_files()
            )
    return found


def memory_of(pids: Iterable[int]) -> float:
    """Memory of processes, in MB: what they share is counted for each."""
    total = 0.0
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            total += psutil.Process(pid).memory_info().rss / MB
    return total


def _all(pids: Iterable[int]) -> list[psutil.Process]:
    found: dict[int, psutil.Process] = {}
    for pid in pids:
        process = psutil.Process(pid)
        found |= {p.pid: p for p in (process, *process.children(recursive=True))}
    return list(found.values())


def named(data: Path) -> set[str]:
    """The SHA-256 of every file that a row of something else than files names.

    Looked up without opening a store, which would sweep what nobody names.
    """
    database = Database(f"sqlite:///{data / DATABASE}", data / "backups")
    try:
        with database.read() as session:
            return named_in(session)
    finally:
        database.close()


def named_in(session: Session) -> set[str]:
    """The same, of a database that is open."""
    return {sha for column in naming() for sha in session.scalars(sa.select(column)) if sha}


def of_files(data: Path, temporary: Path, named: set[str]) -> dict[str, float]:
    """Number and bytes (MB) of files: what users have made, and everything else.

    Users' are the pictures, drawings and photos that a row names, and the database. Everything
    else is what no row names, what is half written, whatever else lies in the data folder, and
    the files and folders of the folder for temporary ones; the log of the database is counted
    by itself.
    """
    names = ("users_files", "users_mb", "other_files", "other_mb", "wal_mb")
    found: dict[str, float] = dict.fromkeys(names, 0.0)
    for path, size in _sizes(data):
        inside = path.relative_to(data).parts
        if path.name.startswith(DATABASE):
            found["users_mb" if path.name == DATABASE else "wal_mb"] += size / MB
            continue
        owner = "users" if inside[0] in SHELVES and path.stem in named else "other"
        found[f"{owner}_files"] += 1
        found[f"{owner}_mb"] += size / MB
    for _, size in _sizes(temporary, folders=True):
        found["other_files"] += 1
        found["other_mb"] += size / MB
    return found


def _sizes(folder: Path, folders: bool = False) -> Iterable[tuple[Path, int]]:
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # it went meanwhile
            if path.is_dir():
                if folders:
                    yield path, 0
            else:
                yield path, path.lstat().st_size


def of_page(session: Any) -> dict[str, float]:
    """What a page holds once its rubbish is collected: memory of its scripts (MB), nodes and
    listeners, those included that are no longer in it.

    Args:
        session: of the DevTools protocol, on the page.
    """
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    read = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    return {
        "heap_mb": read["JSHeapUsedSize"] / MB,
        "nodes": read["Nodes"],
        "listeners": read["JSEventListeners"],
    }
