"""`python -m trainer evaluate SUITE`: measured tables and contact sheets.

vae          sharpness and colours after the autoencoder's round trip
perception   the judge itself on held-out renders
base         words, components and sketches, judged by perception
garment      ways to dress somebody in a garment: fidelity, obedience, time and memory
sheets       contact sheets for the documentation
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from studio.errors import BadInput, ToileError
from trainer.evaluation import METHODS, PARTS, SHEETS, SUITES

_DEFAULT_COUNT = {"vae": 200, "perception": 500, "base": 300, "garment": 200}
_MODEL = Path(__file__).resolve().parents[2] / "assets" / "models" / "toile-mini"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m trainer evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("suite", choices=SUITES, metavar="SUITE", help=", ".join(SUITES))
    add("--model", type=Path, default=_MODEL, metavar="DIR", help="family folder (the bundled one)")
    add("--limit", type=int, metavar="N", help="measure N specifications or renders")
    add("--json", type=Path, metavar="FILE", help="write a flat object, metric name to number")
    add(
        "--out",
        type=Path,
        metavar="DIR",
        help="write the table as SUITE.md there; for sheets, where they go (docs/sheets)",
    )
    add("--seed", type=int, default=0, help="offset into the held-out seeds (0)")
    add("--steps", type=int, help="denoising steps (the family's own)")
    add("--st", type=float, help="text guidance sT (the family's own)")
    add("--sg", type=float, help="garment guidance sG (the family's own)")
    add("--dressing", type=float, help="garment: lambda of IMAGDressing (1)")
    add("--device", help="cpu or cuda (the best there is)")
    add("--threads", type=int, help="CPU threads")
    add(
        "--parts",
        default=",".join(PARTS),
        metavar="LIST",
        help="what base measures, comma-separated: " + ", ".join(PARTS),
    )
    add(
        "--sheets",
        default=",".join(SHEETS),
        metavar="LIST",
        help="which sheets, comma-separated: " + ", ".join(SHEETS),
    )
    add(
        "--methods",
        default=",".join(METHODS),
        metavar="LIST",
        help="what garment compares, comma-separated: " + ", ".join(METHODS),
    )
    add("--sweep", action="store_true", help="garment: also Magic Clothing under sG 1 to 5")
    add("--specified", action="store_true",
        help="garment: give the wearer's pose and face too, and measure CAMI-S")  # fmt: skip
    add("--garments", type=Path, metavar="DIR",
        help="real garments/ and persons/ for the sheet “real_garments”")  # fmt: skip
    add("--sketches", type=Path, metavar="DIR", help="real sketches for the sheet “real”")
    add("--prompts", type=Path, metavar="FILE",
        help="JSON object for --sketches: file name to prompt")  # fmt: skip
    return parser


def _chosen(name: str, text: str, known: tuple[str, ...]) -> list[str]:
    chosen = [part.strip() for part in text.split(",") if part.strip()]
    wrong = [part for part in chosen if part not in known]
    if wrong or not chosen:
        said = f"“{wrong[0]}”" if wrong else "nothing"
        raise BadInput(f"--{name} has {said}: choose from {', '.join(known)}.")
    return chosen


def _told(given: Sequence[str]) -> str:
    """The command as it is published: absolute paths of this machine become their last part."""
    shown = [Path(part).name if Path(part).is_absolute() else part for part in given]
    return f"python -m trainer evaluate {shlex.join(shown)}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _run(arguments: argparse.Namespace, command: str) -> None:
    for name in ("limit", "steps", "threads"):
        value = getattr(arguments, name)
        if value is not None and value < 1:
            raise BadInput(f"--{name} is {value}: give 1 or more.")
    if arguments.seed < 0:
        raise BadInput(f"--seed is {arguments.seed}: give 0 or more.")
    parts = _chosen("parts", arguments.parts, PARTS)
    sheets = _chosen("sheets", arguments.sheets, SHEETS)
    methods = _chosen("methods", arguments.methods, METHODS)
    import torch

    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    model, seed = arguments.model, arguments.seed
    if arguments.suite == "sheets":
        from trainer.evaluation.sheets import make_sheets

        paths = make_sheets(
            model, arguments.out or Path("docs/sheets"), sheets, seed=seed,
            limit=arguments.limit, steps=arguments.steps, st=arguments.st,
            device=arguments.device, sketch_folder=arguments.sketches,
            prompt_file=arguments.prompts, garment_folder=arguments.garments,
            sg=arguments.sg, command=command, say=_say,
        )  # fmt: skip
        for path in paths:
            print(path)
        return
    count = arguments.limit or _DEFAULT_COUNT[arguments.suite]
    if arguments.suite == "vae":
        from trainer.evaluation import vae

        result = vae.evaluate(model, count, seed, _say)
    elif arguments.suite == "perception":
        from trainer.evaluation import perception

        result = perception.evaluate(model, count, seed, _say)
    elif arguments.suite == "garment":
        from trainer.evaluation import garment

        result = garment.evaluate(
            model, count, seed, methods, arguments.sweep, arguments.specified,
            steps=arguments.steps, st=arguments.st, sg=arguments.sg,
            dressing=arguments.dressing, device=arguments.device, say=_say,
        )  # fmt: skip
    else:
        from trainer.evaluation import base

        result = base.evaluate(
            model, count, seed, parts, arguments.steps, arguments.st, arguments.device, _say
        )
    print(result.text(command))
    if arguments.json:
        result.write_json(arguments.json)
    if arguments.out:
        result.write_table(arguments.out, command)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a suite; returns the exit status. Errors meant for users end in one sentence."""
    given = list(sys.argv[2:] if argv is None else argv)
    arguments = _parser().parse_args(given)
    try:
        _run(arguments, _told(given))
    except ToileError as error:
        print(error, file=sys.stderr)
        return 2
    return 0
