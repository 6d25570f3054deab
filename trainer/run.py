"""The run folder: what a training was asked for, what happened, and what came out.

config.json        the resolved config
metrics.jsonl      one JSON object per line: step, seconds, losses, rate, gradient norm
state/             last.safetensors: all that is needed to go on exactly
samples/           sheets, named by step
weights/           the finished modules (moving average), diffusers layout
done.json          written last: steps, samples, seconds, device
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from studio import files
from studio.errors import StorageError
from studio.files import write_whole


def write_atomically(path: Path, data: bytes | str) -> None:
    """Write a file whole, on the disk itself, or not at all. Raises StorageError."""
    try:
        write_whole(path, data.encode() if isinstance(data, str) else data)
    except OSError as error:
        raise _unwritable(path, error) from error


@contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """A temporary path in the same folder that replaces `path` if the block succeeds.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        with files.temporary_beside(path) as temporary:
            yield temporary
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"Cannot write to {path.parent}: {error.strerror}; choose another folder with --run."
    )


def replace_folder(path: Path, fill: Callable[[Path], object]) -> None:
    """Fill a temporary folder and put it in the place of `path`; the old one goes last."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    old = new.with_name(new.name + ".old")
    try:
        fill(new)
        new.chmod(0o755)
        if path.exists():
            os.replace(path, old)
        os.replace(new, path)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        if not path.exists() and old.exists():
            os.replace(old, path)
        shutil.rmtree(old, ignore_errors=True)


def write_measured(folder: Path, measured: Mapping[str, float]) -> None:
    """What a recipe measured of its weights, beside them."""
    text = json.dumps({k: round(v, 4) for k, v in measured.items()}, indent=2)
    (folder / "measured.json").write_text(text + "\n")


class Run:
    """One run folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.state_file = folder / "state" / "last.safetensors"
        self.metrics_file = folder / "metrics.jsonl"
        self.samples = folder / "samples"
        self.weights = folder / "weights"
        self._done = folder / "done.json"
        try:
            self.samples.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(self.samples, error) from error

    @property
    def done(self) -> dict[str, Any] | None:
        """What the finished run reported, or None while it is not finished."""
        return json.loads(self._done.read_text()) if self._done.exists() else None

    def start_afresh(self) -> None:
        """Forget an earlier training in this folder."""
        for path in (self.state_file, self.metrics_file, self._done):
            path.unlink(missing_ok=True)

    def finish(self, report: dict[str, Any]) -> None:
        """Mark the run as finished."""
        write_atomically(self._done, json.dumps(report, indent=2, sort_keys=True))

    def log(self, **values: Any) -> None:
        """Append one line to metrics.jsonl."""
        with self.metrics_file.open("a") as file:
            file.write(json.dumps(values) + "\n")

    def metrics(self) -> list[dict[str, Any]]:
        """All lines of metrics.jsonl."""
        if not self.metrics_file.exists():
            return []
        return [json.loads(line) for line in self.metrics_file.read_text().splitlines()]

    def cut_metrics(self, step: int) -> None:
        """Drop the lines after a step: they belong to work that a killed run did not save."""
        kept = [line for line in self.metrics() if line.get("step", 0) <= step]
        write_atomically(self.metrics_file, "".join(json.dumps(line) + "\n" for line in kept))
