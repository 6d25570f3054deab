"""The first picture of a fresh process: `python -m studio.bench.first MODEL DTYPE DEVICE STEPS`.

Prints one JSON object: seconds for imports, loading and the first picture, and the most memory
held, in MiB (resident on a CPU, allocated on a card). It runs in a process of its own, since a
second first picture does not exist.
"""

from __future__ import annotations

import json
import resource
import sys
import time


def main(model: str, dtype: str, device: str, steps: int) -> dict[str, float]:
    """Measure; see the module."""
    began = time.perf_counter()
    from studio.engine import Engine
    from studio.request import GenerationRequest, Sampling, Words

    imported = time.perf_counter()
    engine = Engine(model, dtype=dtype, device=device)
    side = engine.entry.side
    engine.load()
    loaded = time.perf_counter()
    request = GenerationRequest(
        words=Words(prompt="a navy wool coat with five buttons"),
        sampling=Sampling(steps=steps, width=side, height=side, seed=7),
    )
    engine.generate(request)
    made = time.perf_counter()
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = size / (2**20 if sys.platform == "darwin" else 2**10)
    if engine.device.type == "cuda":
        import torch

        peak = torch.cuda.max_memory_allocated(engine.device) / 2**20
    return {
        "imports": imported - began,
        "load": loaded - imported,
        "picture": made - loaded,
        "peak_mib": peak,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))))
