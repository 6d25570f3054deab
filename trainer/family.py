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
from functools import partial
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from studio.errors import BadInput
from studio.forms import read_form
from trainer.config import LoopConfig, Of, Positive, Strict, Whole, merged, read_toml
from trainer.run import write_atomically

CONFIG = Path(__file__).parent / "configs" / "family.toml"
BUNDLED = CONFIG.with_name("bundled.toml")
"""How the family in `assets/models` was trained, round after round."""


class Stage(Strict):
    """One trained stage."""

    name: str
    """Its run folder's name."""
    recipe: str
    """The recipe that trains it."""
    share: Positive
    """Its part of the time, relative to the others."""
    start_from: str | None = None
    """The stage whose text encoder (and UNet) this one starts from."""
    go_on_from: tuple[str, ...] = ()
    """The stages whose networks this one goes on from."""
    also: tuple[str, ...] = ()
    """Further folders of shards in the family's folder, for instance pairs/worn; one that is named
    twice is seen twice as often."""
    config: dict[str, Any] = Field(default_factory=dict)
    """The recipe's own config."""

    @property
    def named(self) -> tuple[str, ...]:
        """The earlier stages that this one starts or goes on from."""
        return (*([self.start_from] if self.start_from else []), *self.go_on_from)


class Profile(Strict):
    """How the family is trained on one kind of machine."""

    pictures: Whole
    """Pictures of the wardrobe."""
    pairs: int = Field(default=0, ge=0)
    """Pairs of one garment laid flat and worn."""
    rare: int = Field(default=0, ge=0)
    """Further pictures of garments with components that few have."""
    stages: tuple[Stage, ...]

    @model_validator(mode="after")
    def _goes_on_from_earlier(self) -> Self:
        names: list[str] = []
        for stage in self.stages:
            if unknown := sorted({n for n in stage.named if n not in names}):
                raise ValueError(f"stage {stage.name} names no earlier stage ({unknown[0]})")
            names.append(stage.name)
        return self


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
        self._timed("pairs", self._pairs)
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

    def _drawn(self, name: str, count: int, folder: str = "") -> bool:
        """Whether so many pictures are there.

        Stages that are trained already saw these pictures: what is drawn stays, even if the
        drawing code has changed since.
        """
        from trainer.data.shards import Shards

        there = Shards.of(self.folder / (folder or name)).count
        if there and there >= count:
            self.say(f"{name}: {there} are there, reused (remove them to draw anew)")
        return there >= count

    def _shards(self, count: int) -> None:
        from trainer.data.shards import make_shards

        if not self._drawn("shards", count):
            make_shards(self.folder / "shards", count, say=self.say)

    def _pairs(self) -> None:
        from trainer.data.pairs import make_pairs

        if not self._drawn("pairs", self.profile.pairs, "pairs/worn"):
            make_pairs(self.folder / "pairs", self.profile.pairs, say=self.say)

    def _rare(self) -> None:
        from trainer.data.shards import draw_wardrobe, make_shards

        if not self._drawn("rare", self.profile.rare):
            draw = partial(draw_wardrobe, rare=True)
            make_shards(self.folder / "rare", self.profile.rare, draw=draw, say=self.say)

    def _tokenizer(self) -> None:
        from trainer.data.captions import shard_captions
        from trainer.data.shards import Shards
        from trainer.data.tokens import save_tokenizer, train_tokenizer

        if (self.folder / "tokenizer" / "tokenizer_config.json").exists():
            return
        shards = Shards.of(self.folder / "shards")
        rows = range(min(shards.count, 10_000))
        lines = [line for variant in range(2) for line in shard_captions(shards, variant, rows)]
        tokenizer = train_tokenizer(lines)
        save_tokenizer(tokenizer, self.folder / "tokenizer")
        self.say(f"tokenizer: {len(tokenizer)} tokens from {len(lines)} captions")

    def _stage(self, stage: Stage) -> None:
        import torch

        from trainer.loop import Loop, Recipe
        from trainer.recipes import recipe_class
        from trainer.run import Run

        run = Run(self.folder / stage.name)
        if run.done is not None:
            self.say(f"{stage.name}: finished before, reused")
            return
        kind = recipe_class(stage.recipe)
        values = merged(stage.config, self._paths(stage))

        def recipe() -> Recipe[Any]:
            budget = {"loop": {"minutes": self._minutes(stage)}}
            config = read_form(kind.config_type, merged(values, budget), f"stage {stage.name}")
            return kind(config, torch.device(self.device))

        # The time that preparing takes is gone: the stage is planned with what is left.
        self._timed("latents", recipe().prepare)
        planned = recipe()
        minutes = planned.config.loop.minutes
        finish = time.strftime("%H:%M", time.localtime(time.time() + minutes * 60))
        self.say(f"{stage.name}: {minutes:.1f} minutes, until about {finish}")
        self._timed(stage.name, lambda: Loop(planned, run, self.say).train(resume=True))

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

    def _paths(self, stage: Stage) -> dict[str, Any]:
        """The folders that a stage's recipe reads, by the config's keys: see `reads`."""
        from trainer.recipes import recipe_class

        stages = self.profile.stages
        earlier = stages[: stages.index(stage)]
        named = [s for s in earlier if s.name in stage.named]

        def found(name: str, of: Of) -> Path | list[Path] | None:
            if of == "also":
                return [self.folder / folder for folder in stage.also] or None
            if of == "data":
                return None if name == "pairs" and not self.profile.pairs else self.folder / name
            among = named if of == "named" else [*earlier, *named]
            wrote = [s.name for s in among if name in recipe_class(s.recipe).writes]
            return self.folder / wrote[-1] / "weights" / name if wrote else None

        keys = recipe_class(stage.recipe).config_type.model_fields.items()
        marks: dict[str, Any] = {key: info.json_schema_extra for key, info in keys}
        folders = {k: found(m["reads"], m["of"]) for k, m in marks.items() if m}
        return {key: folder for key, folder in folders.items() if folder is not None}
