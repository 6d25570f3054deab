"""python -m trainer: prepare data, train a recipe or the whole family, publish, evaluate."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from studio.errors import ToileError

_TEXT = """\
usage: python -m trainer RECIPE --config FILE [--run DIR] [--minutes N] [--steps N]
                                [--device cpu|cuda] [--resume]
       python -m trainer family --minutes N [--device cpu|cuda] [--run DIR] [--pictures N]
       python -m trainer family publish [--run DIR] [--out DIR] [--config FILE]
       python -m trainer validate --folder DIR [--layout NAME] [--json FILE]
       python -m trainer prepare --folder DIR --out DIR [--size WxH] [--split train|test]
       python -m trainer evaluate SUITE …

recipes: {recipes}

`python -m trainer family --help` and the like tell more."""


def _add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")


def _recipe(name: str, argv: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog=f"python -m trainer {name}")
    parser.add_argument("--config", type=Path, required=True, help="the recipe's TOML file")
    parser.add_argument("--run", type=Path, help="run folder (default: runs/RECIPE)")
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--minutes", type=float, help="time budget instead of the file's")
    budget.add_argument("--steps", type=int, help="step budget instead of the file's")
    _add_device(parser)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    given = parser.parse_args(argv)

    from trainer.config import load_config
    from trainer.loop import train
    from trainer.recipes import recipe_class

    kind = recipe_class(name)
    config = load_config(kind.config_type, given.config, given.minutes, given.steps)
    folder = given.run or Path("runs") / name
    train(kind, config, folder, given.device, given.resume, _say)


def _family(argv: Sequence[str]) -> None:
    if argv and argv[0] == "publish":
        _publish(argv[1:])
        return
    parser = argparse.ArgumentParser(
        prog="python -m trainer family",
        description="Train the whole family; run it again to go on. `family publish` writes it.",
    )
    parser.add_argument("--minutes", type=float, required=True, help="time for everything")
    parser.add_argument("--run", type=Path, default=Path("runs/family"))
    parser.add_argument("--pictures", type=int, help="pictures of the wardrobe")
    parser.add_argument("--only", help="run only this stage (and what it needs drawn)")
    parser.add_argument("--config", type=Path, help="another family.toml")
    _add_device(parser)
    given = parser.parse_args(argv)
    if given.minutes <= 0 or (given.pictures is not None and given.pictures <= 0):
        parser.error("--minutes and --pictures must be greater than 0")

    from trainer.family import CONFIG, Family, load_profile

    profile = load_profile(given.device, given.config or CONFIG)
    family = Family(given.run, given.minutes, given.device, profile, _say)
    family.train(given.pictures, given.only)


def _publish(argv: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m trainer family publish")
    parser.add_argument("--run", type=Path, default=Path("runs/family"))
    parser.add_argument("--out", type=Path, default=Path("assets/models/toile-mini"))
    parser.add_argument("--config", type=Path, help="the file that it was trained with")
    given = parser.parse_args(argv)

    from trainer.family import CONFIG
    from trainer.publish import publish

    report = publish(given.run, given.out, given.config or CONFIG)
    _say(f"{given.out}: {report.mebibytes:.1f} MiB, {', '.join(report.parts)}")


def _say(line: str) -> None:
    print(line, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Dispatch; returns the exit status."""
    given = list(sys.argv[1:] if argv is None else argv)
    from trainer.recipes import RECIPES

    if not given or given[0] in ("-h", "--help"):
        print(_TEXT.format(recipes=", ".join(RECIPES)))
        return 0 if given else 2
    name, rest = given[0], given[1:]
    try:
        if name == "family":
            _family(rest)
        elif name in ("validate", "prepare"):
            from trainer.data import cli

            (cli.validate_command if name == "validate" else cli.prepare_command)(rest, _say)
        elif name == "evaluate":
            from trainer.evaluation.cli import main as evaluate

            return evaluate(rest) or 0
        elif name in RECIPES:
            _recipe(name, rest)
        else:
            known = ", ".join((*RECIPES, "family", "validate", "prepare", "evaluate"))
            print(f"Unknown recipe “{name}”: choose one of {known}.", file=sys.stderr)
            return 2
    except ToileError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped; run the same command (recipes: with --resume) to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
