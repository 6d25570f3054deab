"""How long imports take, each beside the libraries that cannot be done without.

The command line's help is held against `import pydantic`, what the engine imports before a first
picture against `import torch, diffusers, transformers`. Every measurement is a fresh Python; the
two of a pair take turns, so that what else the machine does falls on both.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import studio
from studio.bench import Options, Result

ROUNDS = 5
PAIRS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "help": (("-m", "studio", "generate", "--help"), ("-c", "import pydantic")),
    "engine": (
        ("-c", "import studio.engine.facade"),
        ("-c", "import torch, diffusers, transformers"),
    ),
}
"""What is measured, and what it is held against: arguments of Python."""


def run(options: Options) -> Result:
    """Medians over `options.limit` rounds (5), after one to warm the disk's memory."""
    metrics: dict[str, float] = {}
    rows: list[tuple[str, ...]] = []
    for name, (ours, theirs) in PAIRS.items():
        rounds = [(_seconds(ours), _seconds(theirs)) for _ in range(1 + (options.limit or ROUNDS))]
        here, there = (median(column) for column in zip(*rounds[1:], strict=True))
        metrics |= {
            f"{name}_seconds": here,
            f"{name}_libraries_seconds": there,
            f"{name}_ratio": here / there,
        }
        rows.append((" ".join(ours), f"{here:.2f} s", f"{there:.2f} s", f"{here / there:.2f}"))
    return Result(
        metrics,
        ("a fresh Python", "Toile", "libraries", "ratio"),
        rows,
        [f"{' '.join(ours)}: held against {' '.join(theirs)}" for ours, theirs in PAIRS.values()],
    )


def _seconds(arguments: Sequence[str]) -> float:
    """Wall time of one Python from its start to its end."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        cwd=Path(studio.__file__).parents[1],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began
