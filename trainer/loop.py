"""The only training loop.

A recipe says what is trained and with which loss; the loop owns the optimiser, the moving
average, autocast, the clock, checkpoints, resume, metrics and sample sheets.

How to write a recipe:

    class MyRecipe(Recipe[MyConfig]):             # a RecipeConfig; its keys say what they read
        name = "mine"                             # as its file in `trainer.recipes`
        writes = {"net": None}                    # folder of the weights: in the published family
        def build(self):                          # make self.net, open the data
            return {"net": self.net}              # the modules to train, on self.device
        def batch(self, step):                    # a PURE function of (config, step)
            rng = self.rng(step)                  # numpy generator of this step
            rows = self.sampler.rows(step)        # which samples belong to this step
            return {"pictures": torch.from_numpy(...)}      # CPU tensors
        def step(self, batch):                    # batch is on self.device, under autocast
            return {"loss": loss, "psnr": psnr}   # "loss" is minimised, the rest is logged
        def sample(self, path):                   # modules hold the moving average, eval mode
            save_sheet(path, pictures)
        def save(self, folder):                   # same; write diffusers folders
            self.net.save_pretrained(folder / "net")

Exact resume follows from two rules: a batch is a pure function of the step, and torch's random
state is set from (seed, step) before each step. So position, shuffling and noise need no
saving, and a batch can be prepared ahead in a thread.
"""

from __future__ import annotations

import math
import os
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar, get_args

import numpy as np
import torch
from torch import Tensor, nn

from studio.errors import ToileError
from trainer.config import LoopConfig, RecipeConfig, to_json
from trainer.memory import keep_freed_memory
from trainer.run import Run, replace_folder, write_atomically
from trainer.state import Ema, copy_halved, load_state, save_state

Batch = dict[str, Tensor]


ConfigT = TypeVar("ConfigT", bound=RecipeConfig)


class Recipe(ABC, Generic[ConfigT]):
    """What is trained, on what, with which loss. See the module's text for the protocol.

    Attributes:
        writes: each folder that `save` writes, with the folder that it is in a published family;
            None for what is trained only to be compared with.
        config_type: what stands in the brackets of `Recipe[…]`.
    """

    name: ClassVar[str]
    writes: ClassVar[Mapping[str, str | None]] = {}
    config_type: ClassVar[type[RecipeConfig]]

    def __init_subclass__(cls) -> None:
        for base in vars(cls).get("__orig_bases__", ()):
            if given := [t for t in get_args(base) if isinstance(t, type)]:
                cls.config_type = given[0]

    def __init__(self, config: ConfigT, device: torch.device):
        self.config = config
        self.device = device

    def prepare(self) -> None:
        """Make what is made once and kept beside the data; the default needs nothing."""

    @abstractmethod
    def build(self) -> dict[str, nn.Module]:
        """Make the modules, on `self.device`, and open the data; return those to train."""

    @abstractmethod
    def batch(self, step: int) -> Batch:
        """The CPU tensors of a step: a pure function of config and step; called in threads."""

    @abstractmethod
    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Losses of a batch that is on the device; "loss" (a scalar) is what is minimised."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the finished modules (they hold the moving average) into an empty folder."""

    @staticmethod
    def publish(weights: Path, folder: Path) -> None:
        """Write a folder of finished weights into a published family, in half precision."""
        copy_halved(weights, folder)

    def sample(self, path: Path) -> None:
        """Write a sample sheet, a PNG; the default writes none."""

    def describe(self, batch: Batch) -> str:
        """Names a batch in an error sentence."""
        rows = batch.get("rows")
        return f"rows {rows.tolist()}" if rows is not None else "unnamed samples"

    def rng(self, step: int) -> np.random.Generator:
        """The generator of a step's random choices on the CPU."""
        return np.random.default_rng([self.config.loop.seed, step])


class Sampler:
    """Which rows belong to which step: shuffled anew each epoch, none dropped, no state."""

    def __init__(self, count: int, batch_size: int, seed: int):
        if count < 1:
            raise ToileError("There is nothing to train on: the data folder holds no samples.")
        self.count, self.batch_size, self.seed = count, batch_size, seed
        self._orders: dict[int, np.ndarray] = {}

    def _order(self, epoch: int) -> np.ndarray:
        order = self._orders.get(epoch)
        if order is None:
            order = np.random.default_rng([self.seed, 7, epoch]).permutation(self.count)
            self._orders = {e: o for e, o in self._orders.items() if e >= epoch - 1}
            self._orders[epoch] = order
        return order

    def rows(self, step: int) -> np.ndarray:
        """The rows of a step, int64 (batch_size,)."""
        first = step * self.batch_size
        places = np.arange(first, first + self.batch_size)
        epochs = places // self.count
        rows = np.empty(self.batch_size, np.int64)
        for epoch in np.unique(epochs):
            here = epochs == epoch
            rows[here] = self._order(int(epoch))[places[here] % self.count]
        return rows


def rate_factor(progress: float, config: LoopConfig) -> float:
    """The learning rate in parts of the highest: a pure function of the budget's used part."""
    if progress < config.warmup_fraction:
        return max(progress / config.warmup_fraction, 0.01)
    if progress <= config.decay_start:
        return 1.0
    left = min((progress - config.decay_start) / max(1 - config.decay_start, 1e-9), 1.0)
    low = config.final_rate_fraction
    return low + (1 - low) * 0.5 * (1 + math.cos(math.pi * left))


def prefetched(
    make: Callable[[int], Batch], first: int, threads: int, ahead: int
) -> Iterator[Batch]:
    """Batches first, first + 1, … in order, prepared ahead by threads."""
    with ThreadPoolExecutor(threads, thread_name_prefix="batches") as pool:
        waiting: deque[Future[Batch]] = deque()
        step = first
        try:
            while True:
                while len(waiting) < ahead:
                    waiting.append(pool.submit(make, step))
                    step += 1
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


class NonFiniteLoss(ToileError):
    """The loss became NaN or infinite; the text names the step and the batch."""


class Loop:
    """Trains one recipe in one run folder."""

    def __init__(
        self,
        recipe: Recipe[Any],
        run: Run,
        say: Callable[[str], None] = print,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.recipe, self.run, self.say, self.clock = recipe, run, say, clock
        self.config: LoopConfig = recipe.config.loop
        self.step = 0
        self.seconds_before = 0.0

    @property
    def elapsed(self) -> float:
        """Seconds of training so far, those before a resume included."""
        return self.seconds_before + self.clock() - self._started

    @property
    def progress(self) -> float:
        """The used part of the budget, 0..1."""
        if self.config.steps is not None:
            return min(self.step / self.config.steps, 1.0)
        assert self.config.minutes is not None
        return min(self.elapsed / (self.config.minutes * 60), 1.0)

    def train(self, resume: bool = False, stop_after: int | None = None) -> dict[str, Any]:
        """Train until the budget is used; returns the report that also goes into done.json.

        Args:
            resume: go on from state/last.safetensors where there is one.
            stop_after: save and return after this many steps of this call (to be resumed).

        Raises:
            NonFiniteLoss: the loss is NaN or infinite.
            ModelDamaged: the state to resume from cannot be read or does not fit.
        """
        self._started = self.clock()
        if self.recipe.device.type == "cpu":
            keep_freed_memory()
            if self.config.threads:
                torch.set_num_threads(self.config.threads)
        torch.manual_seed(self.config.seed)
        self.modules = self.recipe.build()
        self.parameters = [p for m in self.modules.values() for p in m.parameters()]
        self.optimiser = torch.optim.AdamW(
            self.parameters,
            lr=self.config.learning_rate,
            betas=(self.config.beta1, self.config.beta2),
            weight_decay=self.config.weight_decay,
            fused=True,
        )
        self.ema = Ema(self.parameters, self.config.ema_decay)
        if resume and self.run.state_file.exists():
            saved = load_state(self.run.state_file, self.modules, self.optimiser, self.ema)
            self.step, self.seconds_before = saved.step, saved.seconds
            self.run.cut_metrics(self.step)
            self.say(f"{self.recipe.name}: going on after step {self.step}")
        else:
            self.run.start_afresh()
            write_atomically(self.run.folder / "config.json", to_json(self.recipe.config))
        self._train_mode(True)
        first = self.step
        if self.step == 0:
            self._sample()
        self._next_sample = self._after(self.config.sample_minutes)
        self._next_checkpoint = self._after(self.config.checkpoint_minutes)
        self._sums: dict[str, Tensor] = {}
        self._window = (self.step, self.clock())
        self._bad_step = torch.full((), -1, device=self.recipe.device)
        batches = prefetched(self.recipe.batch, self.step, self.config.loaders, self.config.ahead)
        try:
            # One step at least, even where opening the data took the whole time.
            while self.progress < 1 or self.step == 0:
                if stop_after is not None and self.step - first >= stop_after:
                    self._save_state()
                    return self._report()
                self._one_step(next(batches))
                if self.elapsed >= self._next_sample:
                    self._sample()
                    self._next_sample = self._after(self.config.sample_minutes)
                if self.elapsed >= self._next_checkpoint:
                    self._save_state()
                    self._next_checkpoint = self._after(self.config.checkpoint_minutes)
        finally:
            batches.close()  # type: ignore[attr-defined]
        self._sample()
        self._save_state()
        self._save_weights()
        report = self._report()
        self.run.finish(report)
        return report

    def _after(self, minutes: float | None) -> float:
        return math.inf if minutes is None else self.elapsed + minutes * 60

    def _train_mode(self, on: bool) -> None:
        for module in self.modules.values():
            module.train(on)

    def _one_step(self, batch: Batch) -> None:
        config, device = self.config, self.recipe.device
        cuda = device.type == "cuda"
        moved = {
            k: (v.pin_memory().to(device, non_blocking=True) if cuda else v)
            for k, v in batch.items()
        }
        rate = config.learning_rate * rate_factor(self.progress, config)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        torch.manual_seed((config.seed << 32) + self.step)
        with torch.autocast(device.type, torch.bfloat16, enabled=config.bf16):
            losses = self.recipe.step(moved)
        loss = losses["loss"]
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(
            self.parameters, math.inf if config.clip_norm is None else config.clip_norm
        )
        due = (self.step + 1) % config.log_steps == 0
        finite = torch.isfinite(loss.detach() + norm)
        first = (self._bad_step < 0) & ~finite
        self._bad_step = torch.where(first, self.step, self._bad_step)
        # Reading a number makes a GPU wait, so there it is done only where a line is logged.
        if due or not cuda:
            self._stop_if_bad()
        self.optimiser.step()
        self.ema.update()
        self.step += 1
        for key, value in {**losses, "gradient_norm": norm}.items():
            value = value.detach().float()
            self._sums[key] = self._sums[key] + value if key in self._sums else value
        if due:
            self._log(rate)

    def _stop_if_bad(self) -> None:
        bad = int(self._bad_step)
        if bad < 0:
            return
        batch = self.recipe.describe(self.recipe.batch(bad))
        raise NonFiniteLoss(
            f"{self.recipe.name}: the loss is not a finite number at step {bad} ({batch}); lower "
            "loop.learning_rate or check these samples, then start again with --resume."
        )

    def _log(self, rate: float) -> None:
        steps, now = self.step - self._window[0], self.clock()
        values = {k: round(float(v) / steps, 6) for k, v in self._sums.items()}
        speed = steps * self.config.batch_size / max(now - self._window[1], 1e-9)
        self._sums, self._window = {}, (self.step, now)
        self.run.log(
            step=self.step, seconds=round(self.elapsed, 2), learning_rate=rate,
            samples_per_second=round(speed, 1), **values,
        )  # fmt: skip
        shown = " ".join(f"{k} {v:.4f}" for k, v in values.items())
        self.say(
            f"{self.recipe.name} {self.progress:4.0%} step {self.step} {self.elapsed:.0f} s "
            f"{speed:.1f}/s {shown}"
        )

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        """Inside, the modules hold the moving average, in eval mode, without gradients."""
        self._train_mode(False)
        with self.ema.applied(), torch.no_grad():
            yield
        self._train_mode(True)

    def _sample(self) -> None:
        if self.config.sample_minutes is None:
            return
        autocast = torch.autocast(self.recipe.device.type, torch.bfloat16, enabled=self.config.bf16)
        with self._averaged(), autocast:
            self.recipe.sample(self.run.samples / f"{self.step:07d}.png")

    def _save_state(self) -> None:
        self._stop_if_bad()
        save_state(
            self.run.state_file, self.modules, self.optimiser, self.ema,
            step=self.step, seconds=self.elapsed,
        )  # fmt: skip

    def _save_weights(self) -> None:
        with self._averaged():
            replace_folder(self.run.weights, self.recipe.save)

    def _report(self) -> dict[str, Any]:
        device = self.recipe.device
        name = (
            torch.cuda.get_device_name(device)
            if device.type == "cuda"
            else f"CPU, {os.cpu_count()} cores"
        )
        return {
            "recipe": self.recipe.name,
            "steps": self.step,
            "samples": self.step * self.config.batch_size,
            "seconds": round(self.elapsed, 1),
            "device": name,
            "parameters": sum(p.numel() for p in self.parameters),
        }


def train(
    recipe_type: type[Recipe[Any]],
    config: RecipeConfig,
    folder: Path,
    device: str = "cpu",
    resume: bool = False,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Train a recipe in a run folder. Raises what `Loop.train` raises."""
    return Loop(recipe_type(config, torch.device(device)), Run(folder), say).train(resume)
