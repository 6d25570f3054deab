"""`python -m trainer evaluate SUITE`: measured tables and contact sheets."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from trainer.command import parse
from trainer.evaluation import suites
from trainer.evaluation.suites import SUITES

PROGRAM = "python -m trainer evaluate"
_TEXT = f"""\
usage: {PROGRAM} SUITE [--limit N] [--json FILE] [--out DIR] …

{{suites}}

`{PROGRAM} SUITE --help` tells all that a suite can be told."""


def _told(given: Sequence[str]) -> str:
    """The command as it is published: absolute paths of this machine become their last part."""
    shown = [Path(part).name if Path(part).is_absolute() else part for part in given]
    return f"{PROGRAM} {shlex.join(shown)}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def evaluate(given: Sequence[str]) -> int:
    """Run a suite; returns the exit status. Raises what suites raise."""
    if not given or given[0] in ("-h", "--help"):
        suites = "\n".join(f"{name:12} {kind.__doc__}" for name, kind in SUITES.items())
        print(_TEXT.format(suites=suites))
        return 0 if given else 2
    if given[0] not in SUITES:
        print(f"Unknown suite “{given[0]}”: choose one of {', '.join(SUITES)}.", file=sys.stderr)
        return 2
    suite = parse(SUITES[given[0]], given[1:], f"{PROGRAM} {given[0]}")
    if suite.threads:
        import torch

        torch.set_num_threads(suite.threads)
    _run(given[0], suite, _told(given))
    return 0


def _run(name: str, suite: suites.Suite, command: str) -> None:
    """Hand a suite to its module, the only one that is loaded for it."""
    module = import_module(f"trainer.evaluation.{name}")
    if isinstance(suite, suites.Measured):
        suite.tell(module.evaluate(suite, _say), command)
    else:
        for path in module.make_sheets(suite, command, _say):
            print(path)
