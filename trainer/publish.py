"""The finished family as one diffusers folder: fp16 safetensors and a model card."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import (
    StableDiffusionPipeline,
)
from diffusers.schedulers.scheduling_unipc_multistep import UniPCMultistepScheduler
from transformers import CLIPTextModel, CLIPTokenizer

from studio.engine.catalogue import CAPTIONS, TOILE
from studio.errors import BadInput, ModelMissing
from studio.forms import read_form
from trainer.config import read_toml
from trainer.family import CONFIG, FamilyConfig, Stage
from trainer.loop import Recipe
from trainer.recipes import recipe_class
from trainer.recipes.base import BaseConfig
from trainer.run import replace_folder

_PIPELINE = ("vae", "text_encoder", "unet")
"""What diffusers' own pipeline writes; the rest stands beside it."""

_RARE = "bows, patches, belts or pleats"
_SCALES = {"st": "sT", "sg": "sG"}


@dataclass(frozen=True)
class Published:
    """What was written: the parts and the size of all files in MiB."""

    parts: tuple[str, ...]
    mebibytes: float


def _done(run: Path, config: Path) -> list[Stage]:
    """The finished stages of a run folder, in the order of their training.

    Raises:
        BadInput: the config does not name one of them.
    """
    profiles = read_form(FamilyConfig, read_toml(config), str(config))
    stages = {s.name: s for p in (profiles.cpu, profiles.cuda) if p for s in p.stages}
    done = {path.parent.name for path in run.glob("*/done.json")}
    if unknown := sorted(done - stages.keys()):
        raise BadInput(
            f"{run} has stages that {config.name} does not name ({', '.join(unknown)}): give the "
            "file that it was trained with as --config."
        )
    return [stage for name, stage in stages.items() if name in done]


def _finished(run: Path, config: Path) -> dict[str, tuple[Path, type[Recipe[Any]]]]:
    """Part of the family to its weights' folder and its recipe; later stages win."""
    found: dict[str, tuple[Path, type[Recipe[Any]]]] = {}
    for stage in _done(run, config):
        recipe = recipe_class(stage.recipe)
        for part, place in recipe.writes.items():
            folder = run / stage.name / "weights" / part
            if place is not None and folder.exists():
                found[place] = (folder, recipe)
    return found


def publish(run: Path, out: Path, config: Path = CONFIG) -> Published:
    """Write the family of a run folder into `out`, atomically.

    Args:
        config: the file with the profile that it was trained with.

    Raises:
        ModelMissing: a stage that the family cannot do without is not finished.
        BadInput: there are stages that the config does not name.
    """
    parts = _finished(run, config)
    missing = [p for p in _PIPELINE if p not in parts]
    if missing or not (run / "tokenizer").exists():
        raise ModelMissing(
            f"The family in {run} is not finished ({', '.join(missing) or 'tokenizer'} missing); "
            "run `python -m trainer family --minutes N` until it is."
        )

    def fill(folder: Path) -> None:
        half = torch.float16
        vae = AutoencoderTiny.from_pretrained(parts["vae"][0], torch_dtype=half)
        text = CLIPTextModel.from_pretrained(parts["text_encoder"][0], torch_dtype=half)
        unet = UNet2DConditionModel.from_pretrained(parts["unet"][0], torch_dtype=half)
        StableDiffusionPipeline(
            vae=vae, text_encoder=text, unet=unet,  # type: ignore[arg-type]
            tokenizer=CLIPTokenizer.from_pretrained(run / "tokenizer"),
            scheduler=_scheduler(parts["unet"][0]),  # type: ignore[arg-type]
            safety_checker=None,  # type: ignore[arg-type]
            feature_extractor=None, requires_safety_checker=False,  # type: ignore[arg-type]
        ).save_pretrained(folder)  # fmt: skip
        _load_as_single(folder / "text_encoder" / "config.json")
        index = json.loads((folder / "model_index.json").read_text("utf-8"))
        text_of_index = json.dumps({CAPTIONS: TOILE} | index, indent=2)
        (folder / "model_index.json").write_text(text_of_index + "\n", "utf-8")
        for name in parts.keys() - _PIPELINE:
            weights, recipe = parts[name]
            recipe.publish(weights, folder / name)
        (folder / "README.md").write_text(_card(run, config))

    replace_folder(out, fill)
    size = sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    return Published(tuple(parts), size / 2**20)


def _scheduler(unet: Path) -> UniPCMultistepScheduler:
    """A sampler with the noise levels that a stage's UNet, in its folder, was trained with."""
    report = unet.parent.parent / "config.json"
    config = read_form(BaseConfig, json.loads(report.read_text()), str(report))
    return config.scheduler()


def _load_as_single(config: Path) -> None:
    """Say that a plain load gives float32.

    transformers loads a model in the dtype that its config names, diffusers in float32; a plain
    `from_pretrained` of the pipeline would otherwise mix the two and fail at the first step.
    """
    values = json.loads(config.read_text())
    config.write_text(json.dumps({**values, "dtype": "float32"}, indent=2, sort_keys=True) + "\n")


def _card(run: Path, config: Path) -> str:
    """The model card, from the reports of the stages and the evaluations in the run folder."""
    shipped = config.resolve().parent == CONFIG.parent.resolve()
    settings = f"trainer/configs/{config.name}" if shipped else config.name
    named = "" if config.resolve() == CONFIG.resolve() else f" --config {settings}"
    pictures, pairs, rare = (_rows(run / name) for name in ("shards", "pairs/worn", "rare"))
    also = f", {rare:,} more of garments with {_RARE}" if rare else ""
    also += f", and {pairs:,} pairs of one garment laid flat and worn" if pairs else ""
    stages = {
        s.name: json.loads((run / s.name / "done.json").read_text()) for s in _done(run, config)
    }
    minutes = sum(report["seconds"] for report in stages.values()) / 60
    lines = [
        "---", "license: mit", "library_name: diffusers", "pipeline_tag: text-to-image", "---", "",
        "# toile-mini", "",
        "A small latent-diffusion family for garment pictures of 256 x 256 pixels, of the Stable "
        "Diffusion architecture, trained from nothing on Toile's synthetic wardrobe. It needs no "
        "download and no GPU; it knows the words of `studio/garment/vocabulary.py` and nothing "
        "else. No photograph and no outside weights were used.", "",
        "## Data", "",
        f"{pictures:,} drawn pictures with captions (seeds 0 to {pictures - 1:,}){also}; seeds "
        "from 1,000,000,000 on are held out for evaluation.", "",
        "## Training", "",
        "| part | parameters | steps | samples seen | minutes | device |",
        "|---|---:|---:|---:|---:|---|",
    ]  # fmt: skip
    for name, report in stages.items():
        lines.append(
            f"| {name} | {report['parameters'] / 1e6:.2f} M | {report['steps']:,} | "
            f"{report['samples']:,} | {report['seconds'] / 60:.1f} | {report['device']} |"
        )
    lines += [
        "", f"All stages: {minutes:.0f} minutes; drawing and encoding come on top. The "
        f"settings of each stage are in `{settings}`; "
        f"`python -m trainer family --minutes N{named}` makes the family again.", "",
        "Objective: v-prediction, 1000 steps, scaled linear; each stage's `weighting` and "
        "`zero_terminal_snr` say how much a timestep weighs and whether the last one is pure "
        "noise. Sampler UniPC with trailing timesteps. "
        "The ControlNet reads the board: one channel of ink, one for each component kind and "
        "three of a stick figure, in the order of `BOARD_CHANNELS`.", "",
    ]  # fmt: skip
    measured = _measured(run)
    if measured:
        lines += ["## Measured quality", "", *measured]
    return "\n".join(lines)


def _rows(folder: Path) -> int:
    """How many pictures a folder of shards holds."""
    records = folder.glob("[0-9]*/records.jsonl")
    return sum(len(path.read_text().splitlines()) for path in records)


def _measured(run: Path) -> list[str]:
    """The tables of the suites whose numbers lie in the run's `evaluation` folder."""
    from trainer.evaluation.report import read_metrics, table_of

    lines: list[str] = []
    for path in sorted((run / "evaluation").glob("*.json")):
        metrics = read_metrics(path)
        scales = [f"{text} {metrics[key]:g}" for key, text in _SCALES.items() if key in metrics]
        told = [f"`python -m trainer evaluate {path.stem}`", f"n = {metrics.get('n', 0):.0f}"]
        how = ", ".join([*told, *scales])
        lines += [table_of(metrics), "", f"{how}; 95% bootstrap intervals.", ""]
    return lines
