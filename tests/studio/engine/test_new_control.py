"""A control is one file: this one is known, stored, heard, told and given without touching another.

It turns the finished latents' sign of one channel, which nobody needs and anybody sees.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

CONTROL = '''
"""A toy: one channel of the latents is weakened."""

from studio.conditions.base import Condition
from studio.options import Option
from studio.request import Control


class Weaken(Condition):
    def __init__(self, control):
        self.control = control

    def after_step(self, step, latents):
        if not self.control.acts(step.index, step.count):
            return latents
        latents[:, self.control.channel] *= 1 - 0.2 * self.control.strength
        return latents


class WeakenControl(Control):
    kind, title, order = "weaken", "weakened channel", 90
    options = (Option("--weaken", "channel", "a channel of the latents", "number", "N"),)
    condition = None
    channel: int

    def conditions(self, scene):
        return [Weaken(self)]
'''

USE = """
import sys, numpy as np, torch
import toy
from pathlib import Path
from studio.cli import build_parser
from studio.desk.options import wish_of
from studio.desk.resolve import resolve
from studio.desk.table import differences
from studio.desk.wish import Held, Wish
from studio.engine import Engine
from studio.request import Recorded

torch.set_num_threads(1)
engine, files = Engine(Path(sys.argv[1]), dtype="fp32", device="cpu"), Held()
how = ["--steps", "2", "--seed", "1", "--size", "64x64", "--prompt", "a red dress"]

def made(*options):
    given = build_parser().parse_args(["generate", "--model", sys.argv[1], *how, *options])
    kept = resolve(wish_of(given, files), engine.capabilities, engine, files).recorded
    kept = Recorded.from_json(kept.to_json())
    return kept, np.asarray(engine.generate(kept.request, files.held)[0].image, np.int16)

plain, before = made()
weak, after = made("--weaken", "1")
assert weak.request.get(toy.WeakenControl).channel == 1, "in the request, and after a round trip"
assert np.abs(before - after).max() > 5, "in the engine"
row = {"what": "Weakened channel", "from": "none", "to": "1"}
assert row in differences(plain, weak), differences(plain, weak)
for unheard in ({"strength": 0}, {"end": 0.4}):
    silent = weak.request.with_control(toy.WeakenControl(channel=1, **unheard))
    made_silent = np.asarray(engine.generate(silent, files.held)[0].image, np.int16)
    assert np.array_equal(made_silent, before), unheard
print("heard")
"""


def test_a_control_is_one_file(tiny_folder: Path, tmp_path: Path) -> None:
    """In a process of its own, because a control that was made stays known in its process."""
    assert len([line for line in CONTROL.splitlines() if line.strip()]) <= 24
    (tmp_path / "toy.py").write_text(CONTROL)
    done = subprocess.run(
        [sys.executable, "-c", USE, str(tiny_folder)],
        capture_output=True, text=True, cwd=ROOT, check=False,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{tmp_path}"},
    )  # fmt: skip
    assert done.stdout.strip() == "heard", done.stderr
