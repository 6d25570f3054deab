"""Files that are there in full or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HALF = ".part-"
"""How the name of a file begins that is not finished."""


@contextmanager
def temporary_beside(path: Path, *, mode: int = 0o644, over: bool = True) -> Iterator[Path]:
    """A temporary file in the same folder that becomes `path` if the block succeeds.

    Args:
        mode: who may read it.
        over: whether it may take the place of a file.

    Raises:
        FileExistsError: something is there and may not be replaced.
        OSError: as the operating system says; no temporary file is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=HALF, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(mode)
        (os.replace if over else os.link)(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes, *, mode: int = 0o644, over: bool = True) -> None:
    """Write a file so that it is either there in full, on the disk itself, or not at all.

    Args and errors as for `temporary_beside`.
    """
    with temporary_beside(path, mode=mode, over=over) as temporary, temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if os.name != "nt":  # makes the rename durable; Windows cannot open folders and needs no step
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
