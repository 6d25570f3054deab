"""The process's memory: how much at most, in a part of its life."""

from __future__ import annotations

import contextlib
import resource
import sys
from pathlib import Path

import torch

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET = "5"


class PeakMemory:
    """Measures growth from where it was made.

    On a graphics card it is the card's memory that counts. On Linux the kernel's high-water mark
    is reset for every part; elsewhere the mark is of the whole life, so that only the first of
    several parts is measured exactly.
    """

    def __init__(self, device: torch.device):
        self._cuda = device if device.type == "cuda" else None
        self._start = self._now("VmRSS")

    def restart(self) -> None:
        """Begin a new part."""
        if self._cuda is not None:
            torch.cuda.reset_peak_memory_stats(self._cuda)
            return
        with contextlib.suppress(OSError):  # no such file, or not ours to write: told above
            _CLEAR.write_text(_RESET)

    def mib(self) -> float:
        """The most memory since `restart`, above what there was at first, in MiB."""
        return max(0.0, self._now("VmHWM") - self._start)

    def _now(self, key: str) -> float:
        if self._cuda is not None:
            peak = key == "VmHWM"
            cuda = torch.cuda
            held = cuda.max_memory_allocated if peak else cuda.memory_allocated
            return held(self._cuda) / 2**20
        try:
            for line in _STATUS.read_text("utf-8").splitlines():
                if line.startswith(f"{key}:"):
                    return int(line.split()[1]) / 1024
        except OSError:
            pass
        peak_now = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak_now / (2**20 if sys.platform == "darwin" else 1024)
