"""`bench engine`: our loop beside diffusers' own pipelines.

Both get the same weights, noise, steps, scheduler and number format, in one process and in turn,
so that whatever else the machine does disturbs both alike. The control network runs in both. Both
are timed from text to finished pictures with nothing remembered from the run before: our memory of
texts and boards is emptied before every run.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from statistics import median
from typing import Any

import diffusers
import numpy as np
import torch
from diffusers.models.controlnets.controlnet import ControlNetModel
from diffusers.pipelines.controlnet.pipeline_controlnet import StableDiffusionControlNetPipeline
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from numpy.typing import NDArray

from studio.bench import Options, Result
from studio.conditions.board import draw_board
from studio.controls.components import ComponentsControl, placed_in
from studio.engine import Engine
from studio.engine.device import DTYPES
from studio.engine.latents import draw_noise, seeded
from studio.engine.samplers import plan_walk
from studio.errors import BadInput, ModelDamaged
from studio.garment.spec import Component
from studio.request import GenerationRequest, Model, Sampling, Words

PROMPT = "a navy wool coat with five buttons"
NEGATIVE = "hood"
COMPONENTS = tuple(
    Component("button", "centre front", (0.48, y, 0.52, y + 0.04))
    for y in (0.3, 0.4, 0.5, 0.6, 0.7)
)
ROWS: tuple[tuple[int, int, str], ...] = tuple(product((20, 8), (1, 4), ("fp32", "bf16")))
"""Steps, batch, number format."""

REPEATS = 5
_WARM_UP_STEPS = 2
_SEED = 7


@dataclass(frozen=True)
class _Timed:
    """Seconds of each run and the pictures (N, H, W, 3) of the last."""

    ours: list[float]
    theirs: list[float]
    our_pictures: NDArray[np.uint8]
    their_pictures: NDArray[np.uint8]

    @property
    def ratio(self) -> float:
        """Median of each pair's ratio: the two of a pair ran under the same conditions."""
        return median(a / b for a, b in zip(self.ours, self.theirs, strict=True))

    def difference(self) -> NDArray[np.float64]:
        """Absolute differences in parts of the full range."""
        a, b = self.our_pictures.astype(np.float64), self.their_pictures.astype(np.float64)
        return np.abs(a - b) / 255


class GuidedControl(ControlNetModel):
    """A network for a diffusers pipeline with `guess_mode=True`, which runs it for the words alone.

    diffusers then also dims the residuals of the finer levels; the studio does not.
    """

    def forward(self, *args: Any, **options: Any) -> Any:
        """As always, whatever the pipeline says about `guess_mode`."""
        return super().forward(*args, **{**options, "guess_mode": False})


def _request(engine: Engine, steps: int, batch: int, board: bool) -> GenerationRequest:
    side = engine.entry.side
    return GenerationRequest(
        words=Words(
            prompt=PROMPT,
            negative=NEGATIVE,
            st=engine.entry.st if engine.entry.st > 1 else 4.0,
        ),
        sampling=Sampling(steps=steps, count=batch, seed=_SEED, width=side, height=side),
        controls=(ComponentsControl(components=COMPONENTS),) if board else (),
        model=Model(name=engine.entry.name),
    )


def _ours(engine: Engine, request: GenerationRequest) -> NDArray[np.uint8]:
    engine.forget()
    return np.stack([np.asarray(p.image) for p in engine.generate(request)])


def _pipeline(engine: Engine, board: bool) -> Any:
    """diffusers' own pipeline, loaded by itself from the same folder."""
    family = engine.load()
    options: dict[str, Any] = {
        "dtype": family.dtype,
        "safety_checker": None,
        "feature_extractor": None,
        "local_files_only": True,
        "variant": engine.entry.variant,
    }
    if not board:
        pipeline = StableDiffusionPipeline.from_pretrained(family.folder, **options)
    else:
        network = GuidedControl.from_pretrained(family.folder / "controlnet", dtype=family.dtype)
        pipeline = StableDiffusionControlNetPipeline.from_pretrained(
            family.folder, controlnet=network, **options
        )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(family.device)


def _theirs(engine: Engine, pipeline: Any, request: GenerationRequest) -> NDArray[np.uint8]:
    family, words, sampling = engine.load(), request.words, request.sampling
    shape = family.latent_shape(sampling.width, sampling.height)
    seeds = [sampling.seed + i for i in range(sampling.count)]
    noise = draw_noise(seeded(seeds), shape, family.device)
    pipeline.scheduler = plan_walk(
        sampling.sampler, family.scheduler, sampling.steps, family.device, []
    ).scheduler
    options: dict[str, Any] = {}
    if placed := placed_in(request):
        board = draw_board(None, placed, max(sampling.width, sampling.height))
        options |= {"image": torch.from_numpy(board)[None], "guess_mode": True}
    made = pipeline(
        prompt=[words.prompt] * sampling.count,
        negative_prompt=[words.negative] * sampling.count,
        num_inference_steps=sampling.steps,
        guidance_scale=words.st,
        latents=noise.to(family.dtype),
        width=sampling.width,
        height=sampling.height,
        **options,
    )
    return np.stack([np.asarray(p) for p in made.images])


def _measure(
    ours: Callable[[], NDArray[np.uint8]],
    theirs: Callable[[], NDArray[np.uint8]],
    repeats: int,
    finish: Callable[[], None],
) -> _Timed:
    """Run both in turn, the first one alternating."""
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    made: dict[str, NDArray[np.uint8]] = {}
    pair = [("ours", ours), ("theirs", theirs)]
    for turn in range(repeats):
        for name, run in pair if turn % 2 == 0 else reversed(pair):
            finish()
            began = time.perf_counter()
            made[name] = run()
            finish()
            times[name].append(time.perf_counter() - began)
    return _Timed(times["ours"], times["theirs"], made["ours"], made["theirs"])


def _first_picture(engine: Engine, steps: int) -> dict[str, float]:
    """See `studio.bench.first`."""
    dtype = next(name for name, kind in DTYPES.items() if kind is engine.dtype)
    folder = str(engine.load().folder)
    done = subprocess.run(
        [sys.executable, "-m", "studio.bench.first", folder, dtype, str(engine.device), str(steps)],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ModelDamaged(f"The first picture could not be made in a fresh process ({reason}).")
    return json.loads(done.stdout)


def _rows(limit: int | None) -> Iterator[tuple[int, int, str]]:
    """All rows; with a small limit, only single pictures."""
    for steps, batch, dtype in ROWS:
        if limit is None or batch <= limit:
            yield steps, batch, dtype


def run(options: Options) -> Result:
    """Measure.

    Args:
        options: `limit` is the number of timed runs of each row (5 otherwise); batches larger than
            it are left out.

    Returns:
        ratio_vs_diffusers: the largest of the rows' ratios, our time over theirs.
        max_abs_difference: largest difference of any pixel in float32, in parts of the full range.
        seconds_first_picture: loading and the first picture in a fresh process, imports aside.
        seconds_20_steps, seconds_8_steps: one picture in the quickest number format.
        peak_mib: the most memory that fresh process held.
        Besides: a ratio and seconds per picture for every row, mean difference in bfloat16.

    Raises:
        ModelMissing, ModelDamaged: the model cannot be loaded.
    """
    repeats = REPEATS if options.limit is None else min(REPEATS, options.limit)
    metrics: dict[str, float] = {}
    table: list[list[str]] = []
    ratios: list[float] = []
    exact: list[float] = []
    loose: list[float] = []
    best = Engine(options.model)
    best_name = next(name for name, kind in DTYPES.items() if kind is best.dtype)
    for dtype in ("fp32", "bf16"):
        engine = best if dtype == best_name else Engine(options.model, dtype=dtype)
        if engine.entry.control is not None:
            raise BadInput(
                "This suite compares bundled models: leave --model out or give a folder."
            )
        board = engine.load().board is not None
        pipeline = _pipeline(engine, board)
        finish = torch.cuda.synchronize if engine.device.type == "cuda" else lambda: None
        for steps, batch, _ in (r for r in _rows(options.limit) if r[2] == dtype):
            request = _request(engine, steps, batch, board)
            warm = _request(engine, _WARM_UP_STEPS, batch, board)
            _ours(engine, warm)
            _theirs(engine, pipeline, warm)
            timed = _measure(
                lambda e=engine, r=request: _ours(e, r),
                lambda e=engine, p=pipeline, r=request: _theirs(e, p, r),
                repeats,
                finish,
            )
            difference = timed.difference()
            (exact if dtype == "fp32" else loose).append(
                float(difference.max() if dtype == "fp32" else difference.mean())
            )
            ratios.append(timed.ratio)
            each = median(timed.ours) / batch
            name = f"{steps}_steps_batch_{batch}_{dtype}"
            metrics[f"ratio_{name}"] = round(timed.ratio, 4)
            metrics[f"seconds_{name}"] = round(each, 4)
            if batch == 1 and dtype == best_name:
                metrics[f"seconds_{steps}_steps"] = round(each, 4)
            table.append(
                [f"{steps} steps, batch {batch}, {dtype}", f"{each:.3f}",
                 f"{median(timed.theirs) / batch:.3f}", f"{timed.ratio:.3f}",
                 f"{difference.max():.4f}", f"{difference.mean():.5f}"]
            )  # fmt: skip
        del pipeline
    first = _first_picture(best, 20)
    metrics["ratio_vs_diffusers"] = round(max(ratios), 4)
    metrics["max_abs_difference"] = round(max(exact), 5)
    metrics["mean_abs_difference_bf16"] = round(max(loose), 5)
    metrics["seconds_first_picture"] = round(first["load"] + first["picture"], 3)
    metrics["seconds_imports"] = round(first["imports"], 3)
    metrics["peak_mib"] = round(first["peak_mib"], 1)
    header = ("", "s a picture", "diffusers", "ratio", "largest diff.", "mean diff.")
    return Result(metrics, header, table, _notes(best, metrics))


def _notes(engine: Engine, metrics: dict[str, float]) -> list[str]:
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    control = "with board control" if engine.load().board is not None else "words only"
    first, imports = metrics["seconds_first_picture"], metrics["seconds_imports"]
    return [
        "",
        f"first picture {first:.2f} s (after {imports:.1f} s of imports), at most "
        f"{metrics['peak_mib']:.0f} MiB, in a fresh process",
        f"{engine.entry.name}, {engine.entry.side} pixels, UniPC, {control}; {platform.machine()}, "
        f"{torch.get_num_threads()} threads, load {load:.1f}; torch {torch.__version__}, "
        f"diffusers {diffusers.__version__}",
    ]
