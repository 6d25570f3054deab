"""`bench guidance`: a garment in three branches, as we compute it and as it was published.

Joint-guided steps (studio.engine.guidance) of the one denoising loop, three ways:

    ours          three branches in one call of the UNet; the picture's tokens alone ask, and the
                  garment's keys and values are computed once for all steps
    2N            the same call, in the form that Magic Clothing published: the garment's tokens
                  stand beside the picture's, all of them are projected and ask in every step, and
                  the garment's answers are thrown away; zero tokens where there is no garment
    three calls   as ours, but the UNet is called once for each branch

They take turns in one process, so that whatever else the machine does disturbs all alike; what
counts is the median over the turns of the ratio within a turn. Two models: the bundled one, and one
of Stable Diffusion 1.5's size with random weights in bfloat16.
"""

from __future__ import annotations

import copy
import os
import platform
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import diffusers
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor

from studio.bench import Options, Result
from studio.bench.forms import BranchByBranch, DoubledCondition
from studio.conditions.attention import LayerTensors
from studio.conditions.base import Branch
from studio.conditions.garment import GarmentCondition, GarmentExtractor
from studio.conditions.networks import Networks
from studio.conditions.text import EncodedText, TextCondition
from studio.engine import Engine
from studio.engine.denoise import StepDone
from studio.engine.latents import draw_noise, seeded
from studio.engine.sampling import Plan, sample
from studio.request import Control

REPEATS = 3
STEPS = 8
"""Of the bundled model; the large one makes single steps."""

SIZES: dict[str, tuple[int, int]] = {"512x384": (64, 48), "768x576": (96, 72)}
"""Height and width of a picture, and of its latents."""

SD15: dict[str, Any] = {
    "sample_size": 64,
    "block_out_channels": (320, 640, 1280, 1280),
    "cross_attention_dim": 768,
    "attention_head_dim": 8,
}
_SD15_TOKENS = 77
_SD15_SCHEDULE = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
}
_ST, _SG = 5.0, 2.5  # Magic Clothing's own, for its weights of 768 x 576
_SEED = 7
_WAYS = ("ours", "2N", "three calls")
_BRANCHES = (Branch.UNCONDITIONAL, Branch.GARMENT, Branch.TEXT)


class _Clock:
    """Seconds of each step, from before the UNet is called to after the scheduler."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.seconds: list[float] = []
        self._began = 0.0

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()

    def begin(self) -> bool:
        """Asked by the loop before each step whether to stop."""
        self._began = self._now()
        return False

    def end(self, _: StepDone) -> None:
        """Told by the loop after each step."""
        self.seconds.append(self._now() - self._began)


@dataclass(frozen=True)
class Scene:
    """One model with one garment, ready to walk.

    Attributes:
        networks: the denoiser and its schedule; no picture is decoded.
        extractor: the garment's.
        clean: (1, C, h, w), the garment's latents.
        empty: (1, tokens, width), what the extractor hears.
        words: the prompts.
    """

    networks: Networks
    extractor: GarmentExtractor
    clean: Tensor
    empty: Tensor
    words: TextCondition

    def features(self) -> LayerTensors:
        """Of the garment; computed when first asked for."""
        return self.extractor.features(b"garment", lambda: self.clean, lambda: self.empty)

    def walk(self, way: str, steps: int, seed: int = _SEED) -> tuple[Tensor, list[float]]:
        """Sample.

        Args:
            way: "ours", "2N" or "three calls".

        Returns:
            Latents (1, C, h, w) float32, and the seconds of each step.
        """
        features, networks = self.features(), self.networks
        condition = (
            DoubledCondition(features)
            if way == "2N"
            else GarmentCondition(self.extractor, features, Control())
        )
        if way == "three calls":
            networks = replace(networks, unet=BranchByBranch(networks.unet, condition, _BRANCHES))
        _, channels, height, width = self.clean.shape
        plan = Plan([seed], (channels, height, width), steps, _ST, _SG)
        clock = _Clock(networks.device)
        made = sample(
            networks, plan, lambda _: [condition, self.words],
            on_step=clock.end, cancelled=clock.begin,
        )  # fmt: skip
        return made.latents, clock.seconds


@dataclass(frozen=True)
class Timed:
    """Seconds per step of each way, turn by turn, and the latents of the last turn."""

    seconds: dict[str, list[float]]
    latents: dict[str, Tensor]

    def speedup(self, way: str) -> float:
        """Median over the turns of another way's time over ours."""
        return median(b / a for a, b in zip(self.seconds["ours"], self.seconds[way], strict=True))

    def difference(self) -> Tensor:
        """Absolute differences of the other ways' latents from ours: (ways, ...)."""
        others = [self.latents[way] for way in _WAYS[1:]]
        return torch.stack([(other - self.latents["ours"]).abs() for other in others])

    def row(self, name: str) -> list[str]:
        """Of the table."""
        times = [f"{median(self.seconds[way]) * 1000:.1f}" for way in _WAYS]
        ratios = [f"{self.speedup(way):.2f}" for way in _WAYS[1:]]
        difference = self.difference()
        return [name, *times, *ratios, f"{difference.max():.1e}", f"{difference.mean():.1e}"]

    def metrics(self, name: str) -> dict[str, float]:
        """A setting's own numbers."""
        found = {
            f"ms_{way.replace(' ', '_').lower()}_{name}": median(self.seconds[way]) * 1000
            for way in _WAYS
        }
        found[f"speedup_vs_2n_{name}"] = self.speedup("2N")
        found[f"speedup_vs_three_calls_{name}"] = self.speedup("three calls")
        return {key: round(value, 3) for key, value in found.items()}


def take_turns(scene: Scene, steps: int, turns: int) -> Timed:
    """All ways in turn, each time another one first."""
    seconds: dict[str, list[float]] = {way: [] for way in _WAYS}
    latents: dict[str, Tensor] = {}
    for turn in range(turns):
        first = turn % len(_WAYS)
        for way in (*_WAYS[first:], *_WAYS[:first]):
            latents[way], times = scene.walk(way, steps)
            seconds[way].append(median(times))
    return Timed(seconds, latents)


def bundled_scene(engine: Engine) -> Scene:
    """The bundled model, with its own garment extractor, or a copy of its UNet in its place."""
    family = engine.load()
    extractor = None
    if "garment" in family.adapters.offers:
        extractor = family.adapters.get("garment")
    if extractor is None or extractor.layers is not None:
        extractor = GarmentExtractor(copy.deepcopy(family.unet))
    shape = family.latent_shape(engine.entry.side, engine.entry.side)
    clean = draw_noise(seeded([_SEED + 1]), shape, family.device)
    encode = family.text.encode
    words = TextCondition([encode("a woman in a navy wool coat")], encode("blurred"))
    return Scene(family, extractor, clean, encode("").embeddings, words)


def large_unet(device: torch.device) -> Any:
    """A UNet of Stable Diffusion 1.5's size in bfloat16 whose weights are drawn by chance."""
    with torch.device("meta"):
        empty: Any = UNet2DConditionModel(**SD15)
    torch.nn.Module.to(empty, torch.bfloat16)  # diffusers' own warns of layers that none are
    unet = empty.to_empty(device=device).eval().requires_grad_(False)
    generator = torch.Generator(device).manual_seed(_SEED)
    for name, weight in unet.named_parameters():
        if weight.dim() > 1:
            bound = (3 / weight[0].numel()) ** 0.5
            weight.uniform_(-bound, bound, generator=generator)
        else:
            weight.fill_(0 if name.endswith("bias") else 1)
    return unet.to(memory_format=torch.channels_last)


def large_scene(unet: Any, height: int, width: int) -> Scene:
    """Random latents and words; the denoiser serves as its own extractor."""
    shape = (1, _SD15_TOKENS, SD15["cross_attention_dim"])
    prompt, negative, empty = draw_noise(seeded([_SEED + i for i in (2, 3, 4)]), shape, unet.device)
    clean = draw_noise(seeded([_SEED + 1]), (4, height, width), unet.device)
    words = TextCondition([EncodedText(prompt, "")], EncodedText(negative, ""))
    networks = Networks(unet, None, _SD15_SCHEDULE, unet.device)
    return Scene(networks, GarmentExtractor(unet), clean, empty, words)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _pictures(scene: Scene) -> dict[str, float]:
    """Two pictures of one garment that is new to the extractor."""
    scene.extractor.forget()
    passes = scene.extractor.passes
    first = _seconds(lambda: scene.walk("ours", STEPS, _SEED))
    second = _seconds(lambda: scene.walk("ours", STEPS, _SEED + 1))
    return {
        "ms_first_picture": round(first * 1000, 1),
        "ms_second_picture": round(second * 1000, 1),
        "extractor_passes": float(scene.extractor.passes - passes),
    }


def run(options: Options) -> Result:
    """Measure.

    Args:
        options: `limit` is the number of turns (3 otherwise).

    Returns:
        speedup_vs_2n_512x384, speedup_vs_2n_768x576: the 2N form's time of a step over ours, on
            the large model.
        speedup_vs_three_calls: that of three calls over ours, the least of all settings.
        max_abs_difference: largest difference between the ways of any latent, on the bundled model
            in float32 after all steps.
        mean_abs_difference_bf16, bf16_rounding: mean difference from the 2N form in bfloat16 on the
            bundled model, and mean difference of the 2N form in bfloat16 from itself in float32.
        ms_first_picture, ms_second_picture, extractor_passes: two pictures of one garment.
        Besides: ms_WAY_SETTING, speedup_vs_2n_SETTING, speedup_vs_three_calls_SETTING.

    Raises:
        ModelMissing, ModelDamaged: the model cannot be loaded.
    """
    turns = REPEATS if options.limit is None else min(REPEATS, options.limit)
    timed: dict[str, Timed] = {}
    for dtype in ("fp32", "bf16"):
        scene = bundled_scene(Engine(options.model, dtype=dtype))
        take_turns(scene, 1, 1)  # to warm up
        timed[f"bundled_{dtype}"] = take_turns(scene, STEPS, turns)
    pictures = _pictures(scene)
    device = scene.clean.device
    unet = large_unet(device)
    large_scene(unet, *next(iter(SIZES.values()))).walk("ours", 1)  # to warm up
    for name, (height, width) in SIZES.items():
        timed[name] = take_turns(large_scene(unet, height, width), 1, turns)
    metrics: dict[str, float] = {}
    for name, each in timed.items():
        metrics |= each.metrics(name)
    exact, loose = timed["bundled_fp32"], timed["bundled_bf16"]
    rounding = (loose.latents["2N"] - exact.latents["2N"]).abs().mean()
    metrics["speedup_vs_three_calls"] = round(
        min(t.speedup("three calls") for t in timed.values()), 3
    )
    metrics["max_abs_difference"] = float(exact.difference().max())
    metrics["mean_abs_difference_bf16"] = float(loose.difference()[0].mean())
    metrics["bf16_rounding"] = float(rounding)
    metrics |= pictures
    header = ("", *(f"{way}, ms a step" for way in _WAYS), "2N / ours", "three / ours",
              "largest diff.", "mean diff.")  # fmt: skip
    rows = [each.row(name.replace("_", " ")) for name, each in timed.items()]
    return Result(metrics, header, rows, _notes(metrics, turns))


def _notes(metrics: Mapping[str, float], turns: int) -> list[str]:
    load = float("nan")
    with suppress(AttributeError, OSError):
        load = os.getloadavg()[0]
    return [
        "",
        f"first picture of a garment {metrics['ms_first_picture']:.0f} ms, second one "
        f"{metrics['ms_second_picture']:.0f} ms; {metrics['extractor_passes']:.0f} pass of the "
        "extractor for both",
        f"bfloat16 on the bundled model: {metrics['mean_abs_difference_bf16']:.1e} from the 2N "
        f"form on average, which is itself {metrics['bf16_rounding']:.1e} from float32",
        f"medians of {turns} turns; sT {_ST:g}, sG {_SG:g}; {platform.machine()}, "
        f"{torch.get_num_threads()} threads, load {load:.1f}; torch {torch.__version__}, "
        f"diffusers {diffusers.__version__}",
    ]
