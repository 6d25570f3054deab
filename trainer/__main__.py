"""python -m trainer: prepare data, train a recipe or the whole family, publish, evaluate."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio.errors import BadInput, ToileError
from trainer.command import option, parse
from trainer.recipes import RECIPES

PROGRAM = "python -m trainer"
Device = Literal["cpu", "cuda"]
_CONFIGS = Path(__file__).parent / "configs"
_TEXT = f"""\
usage: {PROGRAM} RECIPE --config FILE [--run DIR] [--minutes N] [--steps N]
                                [--device cpu|cuda] [--resume]
       {PROGRAM} family --minutes N [--device cpu|cuda] [--run DIR] [--pictures N]
       {PROGRAM} family publish [--run DIR] [--out DIR] [--config FILE]
       {PROGRAM} validate --folder DIR [--layout NAME] [--json FILE]
       {PROGRAM} prepare --folder DIR --out DIR [--size WxH] [--split train|test]
       {PROGRAM} evaluate SUITE …

recipes: {", ".join(RECIPES)}

`{PROGRAM} family --help` and the like tell more."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """Train one recipe in a run folder."""

    config: Path = option("the recipe's TOML file")
    run: Path | None = option("run folder (runs/RECIPE)", None)
    minutes: float | None = option("time budget instead of the file's", None)
    steps: int | None = option("step budget instead of the file's", None)
    device: Device = option("where", "cpu")
    resume: bool = option("go on from the last checkpoint", False)

    def train(self, name: str) -> None:
        """Train the recipe of a name."""
        if self.minutes is not None and self.steps is not None:
            raise BadInput("Give --minutes or --steps, not both.")

        from trainer.config import load_config
        from trainer.loop import train
        from trainer.recipes import recipe_class

        kind = recipe_class(name)
        config = load_config(kind.config_type, self.config, self.minutes, self.steps)
        train(kind, config, self.run or Path("runs") / name, self.device, self.resume, _say)


@dataclass(frozen=True, kw_only=True)
class WholeFamily:
    """Train the whole family; run it again to go on. `family publish` writes it."""

    minutes: float = option("time for everything", least=1e-9)
    run: Path = option("run folder", Path("runs/family"))
    pictures: int | None = option("pictures of the wardrobe", None, least=1)
    only: str | None = option("run only this stage (and what it needs drawn)", None)
    config: Path = option("another family.toml", _CONFIGS / "family.toml")
    device: Device = option("where", "cpu")

    def train(self) -> None:
        """Train what is not finished yet."""
        from trainer.family import Family, load_profile

        profile = load_profile(self.device, self.config)
        family = Family(self.run, self.minutes, self.device, profile, _say)
        family.train(self.pictures, self.only)


@dataclass(frozen=True, kw_only=True)
class Publication:
    """Write a finished family as one folder of half-precision weights with a model card."""

    run: Path = option("run folder", Path("runs/family"))
    out: Path = option("where it goes", Path("assets/models/toile-mini"))
    config: Path = option("the file that it was trained with", _CONFIGS / "family.toml")

    def write(self) -> None:
        """Write the folder."""
        from trainer.publish import publish

        report = publish(self.run, self.out, self.config)
        _say(f"{self.out}: {report.mebibytes:.1f} MiB, {', '.join(report.parts)}")


def _say(line: str) -> None:
    print(line, flush=True)


def _dispatch(name: str, rest: Sequence[str]) -> int:
    program = f"{PROGRAM} {name}"
    if name == "family" and rest[:1] == ["publish"]:
        parse(Publication, rest[1:], f"{program} publish").write()
    elif name == "family":
        parse(WholeFamily, rest, program).train()
    elif name in ("validate", "prepare"):
        from trainer.data.cli import Prepare, Validate

        kind = Validate if name == "validate" else Prepare
        parse(kind, rest, program).run(_say)
    elif name == "evaluate":
        from trainer.evaluation.cli import evaluate

        return evaluate(rest)
    elif name in RECIPES:
        parse(Training, rest, program).train(name)
    else:
        known = ", ".join((*RECIPES, "family", "validate", "prepare", "evaluate"))
        raise BadInput(f"Unknown recipe “{name}”: choose one of {known}.")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Dispatch; returns the exit status. Errors meant for users end in one sentence."""
    given = list(sys.argv[1:] if argv is None else argv)
    if not given or given[0] in ("-h", "--help"):
        print(_TEXT)
        return 0 if given else 2
    try:
        return _dispatch(given[0], given[1:])
    except ToileError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped; run the same command (recipes: with --resume) to go on.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
