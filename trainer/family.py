"""The whole bundled family, stage by stage, within one time budget.

    shards -> tokenizer -> vae -> latents -> text -> base -> controlnet -> perception

Each trained stage is a run folder of its own. A finished stage is reused, an unfinished one goes
on where it stood; a stage gets its share of the time that is left when it begins, so that a slow
stage shortens the later ones instead of overrunning the budget.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import Field

from studio.errors import BadInput
from studio.forms import read_form
from trainer.config import LoopConfig, Strict, merged, read_toml
from trainer.run import write_atomically

_ON_PAIRS = ("garment", "dressing", "image_prompt", "controlnet_garment")
"""Recipes whose data are pairs."""

_FOLDERS = {"garment": "extractor"}
"""Where a recipe's weights are not in a folder of the recipe's name."""

_KEYS = {
    "vae": "start", "image_encoder": "start", "image_prompt": "adapter",
    "controlnet_garment": "controlnet",
}  # fmt: skip
"""The config's key for weights to go on from, where it is not their folder's name."""

CONFIG = Path(__file__).parent / "configs" / "family.toml"
BUNDLED = CONFIG.with_name("bundled.toml")
"""How the family in `assets/models` was trained, round after round."""


class Stage(Strict):
    """One trained stage."""

    name: str = Field(description="its run folder's name")
    recipe: str = Field(description="the recipe that trains it")
    share: float = Field(gt=0, description="its part of the time, relative to the others")
    start_from: str | None = Field(
        default=None, description="the stage whose text encoder (and UNet) this one starts from"
    )
    go_on_from: tuple[str, ...] = Field(
        default=(), description="the stages whose networks this one goes on from"
    )
    also: tuple[str, ...] = Field(
        default=(),
        description="further folders of shards in the family's folder, for instance pairs/worn; "
        "one that is named twice is seen twice as often",
    )
    config: dict[str, Any] = Field(default_factory=dict, description="the recipe's own config")


class Profile(Strict):
    """How the family is trained on one kind of machine."""

    pictures: int = Field(gt=0, description="pictures of the wardrobe")
    pairs: int = Field(default=0, ge=0, description="pairs of one garment laid flat and worn")
    rare: int = Field(
        default=0, ge=0, description="further pictures of garments with components that few have"
    )
    stages: tuple[Stage, ...]


class FamilyConfig(Strict):
    """The profiles by device."""

    cpu: Profile | None = None
    cuda: Profile | None = None


def load_profile(device: str, path: Path = CONFIG) -> Profile:
    """The profile of a device.

    Raises:
        BadInput: another device, a wrong file, or one without a profile for this device.
    """
    config = read_form(FamilyConfig, read_toml(path), str(path))
    if device not in ("cpu", "cuda"):
        raise BadInput(f"Unknown device “{device}”: choose cpu or cuda.")
    profile = config.cuda if device == "cuda" else config.cpu
    if profile is None:
        raise BadInput(f"{path.name} has no profile for {device}: choose another device or file.")
    return profile


class Family:
    """Trains the family in one folder."""

    def __init__(
        self,
        folder: Path,
        minutes: float,
        device: str = "cpu",
        profile: Profile | None = None,
        say: Callable[[str], None] = print,
    ):
        self.folder, self.minutes, self.device, self.say = folder, minutes, device, say
        self.profile = profile or load_profile(device)
        self._ledger_file = folder / "family.json"
        self._ledger: dict[str, float] = (
            json.loads(self._ledger_file.read_text()) if self._ledger_file.exists() else {}
        )

    @property
    def spent(self) -> float:
        """Minutes that all stages have taken so far, earlier starts included."""
        return sum(self._ledger.values()) / 60

    def train(self, pictures: int | None = None, only: str | None = None) -> None:
        """Run all stages, or only the named one.

        Raises:
            BadInput: `only` names no stage.
        """
        names = [s.name for s in self.profile.stages]
        if only is not None and only not in names:
            raise BadInput(f"Unknown stage “{only}”: choose one of {', '.join(names)}.")
        count = pictures or self.profile.pictures
        self._timed("shards", lambda: self._shards(count))
        if self.profile.pairs:
            self._timed("pairs", self._pairs)
        if self.profile.rare:
            self._timed("rare", self._rare)
        self._timed("tokenizer", self._tokenizer)
        for stage in self.profile.stages:
            if only in (None, stage.name):
                self._stage(stage)
        self.say(f"family: finished after {self.spent:.0f} minutes of work")

    def _timed(self, name: str, work: Callable[[], object]) -> None:
        started = time.monotonic()
        try:
            work()
        finally:
            took = time.monotonic() - started
            self._ledger[name] = self._ledger.get(name, 0.0) + took
            write_atomically(self._ledger_file, json.dumps(self._ledger, indent=2))

    def _shards(self, count: int) -> None:
        from trainer.data.shards import Shards, make_shards

        # Stages that are trained already saw these pictures: what is drawn stays, even if the
        # drawing code has changed since.
        there = Shards.of(self.folder / "shards").count
        if there >= count:
            self.say(f"shards: {there} pictures are there, reused (remove them to draw anew)")
            return
        make_shards(self.folder / "shards", count, say=self.say)

    def _pairs(self) -> None:
        from trainer.data.pairs import make_pairs
        from trainer.data.shards import Shards

        there = Shards.of(self.folder / "pairs" / "worn").count
        if there >= self.profile.pairs:
            self.say(f"pairs: {there} are there, reused (remove them to draw anew)")
            return
        make_pairs(self.folder / "pairs", self.profile.pairs, say=self.say)

    def _rare(self) -> None:
        from trainer.data.shards import Shards, draw_rare, make_shards

        there = Shards.of(self.folder / "rare").count
        if there >= self.profile.rare:
            self.say(f"rare: {there} pictures are there, reused (remove them to draw anew)")
            return
        make_shards(self.folder / "rare", self.profile.rare, draw=draw_rare, say=self.say)

    def _tokenizer(self) -> None:
        from trainer.data.shards import Shards
        from trainer.data.tokens import draw_captions, save_tokenizer, train_tokenizer

        if (self.folder / "tokenizer" / "tokenizer_config.json").exists():
            return
        specs = Shards.of(self.folder / "shards").specs
        lines = [line for variant in range(2) for line in draw_captions(specs[:10_000], variant)]
        tokenizer = train_tokenizer(lines)
        save_tokenizer(tokenizer, self.folder / "tokenizer")
        self.say(f"tokenizer: {len(tokenizer)} tokens from {len(lines)} captions")

    def _stage(self, stage: Stage) -> None:
        from trainer.loop import Loop
        from trainer.recipes import recipe_class
        from trainer.run import Run

        run = Run(self.folder / stage.name)
        if run.done is not None:
            self.say(f"{stage.name}: finished before, reused")
            return
        kind = recipe_class(stage.recipe)
        minutes = self._minutes(stage)
        values = merged(merged(stage.config, {"loop": {"minutes": minutes}}), self._paths(stage))
        config = read_form(kind.config_type, values, f"stage {stage.name}")
        if stage.recipe in ("base", "controlnet"):
            size = getattr(config, "size_pixels", 256)
            self._timed("latents", lambda: self._latents(stage, size))
            # The time that encoding took is gone: plan this stage anew.
            if not run.state_file.exists():
                values = merged(values, {"loop": {"minutes": self._minutes(stage)}})
                config = read_form(kind.config_type, values, f"stage {stage.name}")
        finish = time.strftime("%H:%M", time.localtime(time.time() + config.loop.minutes * 60))  # type: ignore[operator]
        self.say(f"{stage.name}: {config.loop.minutes:.1f} minutes, until about {finish}")
        import torch

        recipe = kind(config, torch.device(self.device))
        self._timed(stage.name, lambda: Loop(recipe, run, self.say).train(resume=True))

    def _minutes(self, stage: Stage) -> float:
        """The stage's budget: as planned when it was begun, or its share of what is left."""
        begun = self.folder / stage.name / "config.json"
        if begun.exists() and (self.folder / stage.name / "state").exists():
            planned = read_form(LoopConfig, json.loads(begun.read_text())["loop"], str(begun))
            return planned.minutes or 1.0
        open_stages = [
            s for s in self.profile.stages if not (self.folder / s.name / "done.json").exists()
        ]
        share = stage.share / sum(s.share for s in open_stages)
        return round(max((self.minutes - self.spent) * share, 0.05), 3)

    def _latents(self, stage: Stage, size: int) -> None:
        from trainer.data.latents import encode_shards
        from trainer.data.shards import Shards

        encode_shards(
            self.folder / "cache" / "latents", Shards.of(self.folder / "shards"),
            self.folder / self._last("vae", stage) / "weights" / "vae", size, self.device, self.say,
        )  # fmt: skip

    def _paths(self, stage: Stage) -> dict[str, Any]:
        """The folders that a stage's recipe reads: those that its config has a key for."""
        from trainer.recipes import recipe_class

        def weights(name: str, part: str) -> str:
            return str(self.folder / name / "weights" / part)

        base = stage.start_from or "base"
        recipes = {s.name: s.recipe for s in self.profile.stages}
        on_pairs = stage.recipe in _ON_PAIRS
        paths: dict[str, Any] = {
            "shards": str(self.folder / ("pairs" if on_pairs else "shards")),
            "pairs": str(self.folder / "pairs") if self.profile.pairs else None,
            "cache": str(self.folder / "cache"),
            "tokenizer": str(self.folder / "tokenizer"),
            "vae": weights(self._last("vae", stage), "vae"),
            "text_encoder": weights(stage.start_from or "text", "text_encoder"),
            "unet": weights(base, "unet") if recipes.get(base) == "base" else None,
            "more_shards": [str(self.folder / name) for name in stage.also] or None,
            "image_encoder": weights(self._last("image_encoder", stage), "image_encoder"),
            "face_encoder": weights(self._last("face", stage), "face"),
        }
        for earlier in stage.go_on_from:
            found = next(s for s in self.profile.stages if s.name == earlier)
            folder = _FOLDERS.get(found.recipe, found.recipe)
            if found.config.get("source") == "face":
                folder = "face_adapter"
            paths[_KEYS.get(found.recipe, folder)] = weights(earlier, folder)
        known = recipe_class(stage.recipe).config_type.model_fields
        return {k: v for k, v in paths.items() if k in known and v is not None}

    def _last(self, recipe: str, before: Stage) -> str:
        """The last stage of a recipe before another stage; the recipe's name if there is none."""
        stages = self.profile.stages
        earlier = [s.name for s in stages[: stages.index(before)] if s.recipe == recipe]
        return earlier[-1] if earlier else recipe
