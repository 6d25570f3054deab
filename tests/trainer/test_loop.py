"""The loop on a tiny recipe: exact resume, clipping, moving average, schedule, bad numbers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from studio.errors import ModelDamaged
from trainer.config import LoopConfig, RecipeConfig
from trainer.loop import Batch, Loop, NonFiniteLoss, Recipe, Sampler, rate_factor
from trainer.run import Run
from trainer.state import Ema


class TinyRecipe(Recipe[RecipeConfig]):
    """Fits a two-layer convolution to noise, with dropout so that torch's generator matters."""

    name = "tiny"
    poison_step: int | None = None

    def build(self) -> dict[str, nn.Module]:
        net: Any = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.Dropout(0.3), nn.SiLU(), nn.Conv2d(8, 3, 3, padding=1)
        )
        self.net: nn.Module = net.to(self.device, memory_format=torch.channels_last)
        self.sampler = Sampler(10, self.config.loop.batch_size, self.config.loop.seed)
        return {"net": self.net}

    def batch(self, step: int) -> Batch:
        rows = self.sampler.rows(step)
        x = self.rng(step).normal(size=(len(rows), 3, 8, 8)).astype(np.float32)
        if step == self.poison_step:
            x[0] = np.nan
        return {"rows": torch.from_numpy(rows), "x": torch.from_numpy(x)}

    def step(self, batch: Batch) -> dict[str, torch.Tensor]:
        noise = torch.randn_like(batch["x"]) * 0.1
        out = self.net((batch["x"] + noise).contiguous(memory_format=torch.channels_last))
        return {"loss": ((out.float() - batch["x"]) ** 2).mean()}

    def save(self, folder: Path) -> None:
        torch.save(self.net.state_dict(), folder / "net.pt")


def config(**loop: object) -> RecipeConfig:
    values = {"steps": 10, "batch_size": 4, "log_steps": 1, "sample_minutes": None} | loop
    return RecipeConfig(loop=LoopConfig.model_validate(values))


def make(folder: Path, **loop: object) -> Loop:
    recipe = TinyRecipe(config(**loop), torch.device("cpu"))
    return Loop(recipe, Run(folder), say=lambda _: None)


def test_resume_is_bit_equal_even_twice(tmp_path: Path) -> None:
    make(tmp_path / "whole").train()
    make(tmp_path / "parts").train(stop_after=5)
    make(tmp_path / "parts").train(resume=True, stop_after=2)
    make(tmp_path / "parts").train(resume=True)
    whole = load_file(tmp_path / "whole/state/last.safetensors")
    parts = load_file(tmp_path / "parts/state/last.safetensors")
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[k], parts[k]) for k in whole)
    losses = [[m["loss"] for m in Run(tmp_path / n).metrics()] for n in ("whole", "parts")]
    assert losses[0] == losses[1] and len(losses[0]) == 10


def test_work_after_the_last_checkpoint_is_done_again(tmp_path: Path) -> None:
    make(tmp_path / "whole").train()
    make(tmp_path / "parts").train(stop_after=4)
    with (tmp_path / "parts/metrics.jsonl").open("a") as file:
        file.write('{"step": 6, "loss": 1.0}\n')
    make(tmp_path / "parts").train(resume=True)
    assert [m["step"] for m in Run(tmp_path / "parts").metrics()] == list(range(1, 11))


def test_time_budget_carries_over(tmp_path: Path) -> None:
    ticks = iter(range(10_000))
    loop = make(tmp_path, steps=None, minutes=1.0)
    loop.clock = lambda: float(next(ticks))
    loop.train(stop_after=3)
    before = loop.elapsed
    later = make(tmp_path, steps=None, minutes=1.0)
    later.clock = lambda: float(next(ticks))
    later.train(resume=True)
    assert later.seconds_before > 0 and 60 <= later.elapsed < 60 + before


def test_non_finite_loss_names_the_batch(tmp_path: Path) -> None:
    loop = make(tmp_path)
    loop.recipe.poison_step = 3  # type: ignore[attr-defined]
    with pytest.raises(NonFiniteLoss, match=r"step 3 \(rows \["):
        loop.train()


def test_huge_gradient_is_clipped(tmp_path: Path) -> None:
    loop = make(tmp_path, clip_norm=1e-3, steps=2)
    loop.train()
    norm = torch.cat([p.grad.flatten() for p in loop.parameters if p.grad is not None]).norm()
    assert norm <= 1.001e-3
    assert Run(tmp_path).metrics()[-1]["gradient_norm"] > 0.01


def test_weights_change_at_a_small_rate(tmp_path: Path) -> None:
    loop = make(tmp_path, learning_rate=1e-5, warmup_fraction=0.0)
    torch.manual_seed(0)
    start = [p.detach().clone() for p in loop.recipe.build()["net"].parameters()]
    loop.train()
    assert all(not torch.equal(a, b) for a, b in zip(start, loop.parameters, strict=True))


def test_damaged_state_is_one_sentence(tmp_path: Path) -> None:
    make(tmp_path).train(stop_after=2)
    (tmp_path / "state/last.safetensors").write_bytes(b"broken")
    with pytest.raises(ModelDamaged, match="start without --resume"):
        make(tmp_path).train(resume=True)


def test_sampler_sees_every_row_once_an_epoch() -> None:
    sampler = Sampler(10, 4, seed=1)
    rows = np.concatenate([sampler.rows(s) for s in range(5)])
    assert sorted(rows[:10]) == sorted(rows[10:20]) == list(range(10))
    assert list(rows[:10]) != list(rows[10:20])
    assert np.array_equal(Sampler(10, 4, seed=1).rows(3), sampler.rows(3))


def test_rate_rises_holds_and_falls() -> None:
    loop = config(warmup_fraction=0.1, decay_start=0.5, final_rate_fraction=0.1).loop
    assert rate_factor(0.05, loop) == pytest.approx(0.5)
    assert rate_factor(0.3, loop) == 1
    assert rate_factor(0.75, loop) == pytest.approx(0.55)
    assert rate_factor(1.0, loop) == pytest.approx(0.1)


def test_average_warms_up_and_gives_the_weights_back() -> None:
    parameter = nn.Parameter(torch.zeros(1))
    ema = Ema([parameter], 0.999)
    with torch.no_grad():
        parameter.fill_(1.0)
    ema.update()
    assert ema.shadow[0].item() == pytest.approx(0.9)
    with ema.applied():
        assert parameter.item() == pytest.approx(0.9)
    assert parameter.item() == 1.0
