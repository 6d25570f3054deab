"""The command line: `python -m studio generate | check | read | weights | bench`.

Errors are one sentence on standard error and exit status 2. Torch is imported when work begins,
so that `--help` and a mistyped option answer at once.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from studio.bench import SUITES, Options, run_suite
from studio.checkpoints.given import check_adapters
from studio.controls import known_options
from studio.engine.catalogue import DEFAULT_MODEL
from studio.errors import BadInput, Cancelled, StorageError, ToileError
from studio.files import write_whole
from studio.options import Once

if TYPE_CHECKING:
    from studio.engine import Picture, Progress
    from studio.request import Recorded
    from studio.vision.perception import Seen


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage text around it."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        Once.everywhere(self)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message[:1].upper()}{message[1:]}: see {self.prog} --help.\n")


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = _Parser(prog="python -m studio", description="Toile on the command line.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_generate(commands.add_parser("generate", help="make garment pictures"))
    check = commands.add_parser("check", help="tell what is seen in a picture, with boxes")
    check.add_argument("picture", type=Path, metavar="PICTURE")
    check.add_argument("--json", action="store_true", help="print one JSON object")
    _add_model(check)
    read = commands.add_parser("read", help="tell what is understood of prompts")
    read.add_argument("prompts", nargs="*", metavar="PROMPT", help="prompts to read")
    read.add_argument(
        "--file", type=Path, metavar="FILE", help="prompts with what they ask for, tabs between"
    )
    read.add_argument("--json", type=Path, metavar="FILE", help="write everything there")
    weights = commands.add_parser("weights", help="tell what weight files are, and if whole")
    weights.add_argument("place", type=Path, metavar="FOLDER_OR_FILE")
    weights.add_argument("--json", action="store_true", help="print a JSON object for each file")
    bench = commands.add_parser("bench", help="measure")
    bench.add_argument(
        "suite",
        metavar="SUITE",
        help="; ".join(f"{name}: {what}" for name, what in SUITES.items()),
    )
    bench.add_argument("--limit", type=int, metavar="N", help="a smaller run")
    bench.add_argument("--variants", type=int, metavar="N", help="gallery: pictures in it (10000)")
    bench.add_argument("--minutes", type=float, metavar="N", help="trouble, steady: how long (5)")
    bench.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there")
    _add_model(bench)
    return parser


def _add_model(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, help="a catalogue's name, a folder or file (%(default)s)"
    )


def _add_generate(parser: argparse.ArgumentParser) -> None:
    words = parser.add_argument_group("what to make")
    words.add_argument("--prompt", default="", metavar="TEXT", help="what to show")
    words.add_argument("--negative", default="", metavar="TEXT", help="what to avoid")
    words.add_argument(
        "--component",
        action="append",
        default=[],
        metavar="KIND:COUNT@PLACE",
        help="for instance button:5@centre-front or pocket@left-hip; may be repeated",
    )
    words.add_argument(
        "--board-from-prompt",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="place the components that the prompt counts, which makes counts exact (on)",
    )
    words.add_argument(
        "--usual-shape",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="where nothing is drawn, start from the usual shape of the named garment (on)",
    )
    words.add_argument("--init", type=Path, metavar="FILE", help="a picture to vary")
    words.add_argument("--vary", type=float, metavar="F", help="how far to vary it, up to 1 (0.6)")
    words.add_argument("--mask", type=Path, metavar="FILE", help="white where to paint anew")
    refer = parser.add_argument_group("what to follow and to refer to")
    for option in known_options():
        refer.add_argument(
            option.flag, dest=option.name, metavar=option.metavar or None, help=option.help,
            type=float if option.reads == "number" else str,
            action="append" if option.several else "store",
        )  # fmt: skip
    refer.add_argument("--pose", metavar="FILE|NAME", help="a photo, a stick figure, or its name")
    refer.add_argument("--person", type=Path, metavar="FILE", help="who tries the garment on")
    refer.add_argument("--person-mask", type=Path, metavar="FILE", help="white where to repaint")
    how = parser.add_argument_group("how to make it")
    _add_model(how)
    how.add_argument(
        "--adapters", type=Path, metavar="DIR",
        help="published adapters: Magic Clothing, ControlNets, … (the page's: data/adapters)",
    )  # fmt: skip
    how.add_argument(
        "--vae", type=Path, metavar="PATH", help="an autoencoder instead of the model's own"
    )
    how.add_argument("--download", action="store_true", help="fetch the model if it is not here")
    how.add_argument("--steps", type=int, default=20, metavar="N", help="steps (%(default)s)")
    how.add_argument("--sampler", default="unipc", help="unipc, dpm++, ddim, lcm (%(default)s)")
    how.add_argument("--seed", type=int, metavar="N", help="picture i uses N + i (drawn)")
    how.add_argument("--st", type=float, metavar="F", help="text guidance sT (the model's)")
    how.add_argument(
        "--component-strength", type=float, default=1.0, metavar="F", help="0 to 2 (%(default)s)"
    )
    how.add_argument("--count", type=int, default=1, metavar="N", help="pictures (%(default)s)")
    how.add_argument("--size", metavar="WxH", help="in pixels, for instance 256x256 (the model's)")
    how.add_argument("--device", help="cpu, cuda or mps (the best one)")
    how.add_argument("--dtype", help="fp32, bf16 or fp16 (the quickest safe one)")
    out = parser.add_argument_group("what comes out")
    out.add_argument("--out", type=Path, default=Path("."), metavar="DIR", help="folder (here)")
    out.add_argument("--json", action="store_true", help="print a JSON object for each picture")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0, 1 where what a suite measures is not as it must be, or
    2 after a sentence about what went wrong."""
    given = build_parser().parse_args(arguments)
    commands: dict[str, Callable[[argparse.Namespace], int | None]] = {
        "generate": generate, "check": check, "read": read, "weights": weights, "bench": bench,
    }  # fmt: skip
    try:
        return commands[given.command](given) or 0
    except ToileError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(Cancelled("Stopped."), file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read our output has gone; nothing is left to say, also not while exiting.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def generate(given: argparse.Namespace) -> None:
    """`generate`: make pictures, write them, print a line for each."""
    from studio.desk.options import wish_of
    from studio.desk.wish import Held

    files = Held()
    if given.adapters is not None:
        check_adapters(given.adapters)
    wish = wish_of(given, files)
    for remark in files.remarks:
        print(f"Note: {remark}", file=sys.stderr)
    folder = _writable(given.out)
    from studio.desk.garment import GarmentUnknown
    from studio.desk.resolve import resolve
    from studio.engine import Engine
    from studio.garment.parse import parse_prompt
    from studio.vision.tryon_mask import RegionUnknown

    engine = Engine(
        given.model, dtype=given.dtype, device=given.device, download=given.download,
        adapters=given.adapters, vae=given.vae,
    )  # fmt: skip
    try:
        settled = resolve(wish, engine.capabilities, engine, files)
    except (GarmentUnknown, RegionUnknown) as error:
        raise BadInput(f"{error.reason}: {error.by_option}.") from None
    show = _show_progress if sys.stderr.isatty() else None
    pictures = engine.generate(settled.request, files.held, on_step=show, preview_seconds=None)
    if show is not None:
        print("\r\033[K", end="", file=sys.stderr)
    notes = [*engine.capabilities.adapters, *parse_prompt(wish.prompt).sentences]
    notes += [*settled.said, *pictures[0].notes]
    if heard := pictures[0].heard:
        notes.append(f"The model hears: {heard}")
    for note in dict.fromkeys(notes):
        print(f"Note: {note}", file=sys.stderr)
    for picture in pictures:
        path = _write(
            folder, picture, settled.recorded.with_request(picture.request, picture.heard)
        )
        line = {"path": str(path), "seed": picture.seed, "seconds": round(picture.seconds, 3)}
        print(
            json.dumps(line)
            if given.json
            else f"{path}  seed {picture.seed}  {picture.seconds:.2f} s",
            flush=True,
        )


def _show_progress(progress: Progress) -> None:
    words = {"load": "Loading", "prepare": "Preparing", "decode": "Finishing"}
    text = words.get(progress.phase) or f"Step {progress.step} of {progress.steps}"
    if progress.phase == "denoise" and progress.eta_seconds is not None:
        text += f", {progress.eta_seconds:.0f} s to go"
    print(f"\r\033[K{text} ", end="", file=sys.stderr, flush=True)


def _writable(folder: Path) -> Path:
    """The folder, made if absent and tried out before any time is spent on pictures."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StorageError(
            f"Pictures cannot be written to “{folder}” ({error.strerror}): choose another --out."
        ) from None
    return folder


def _write(folder: Path, picture: Picture, recorded: Recorded) -> Path:
    """Write a picture with its request inside, whole or not at all, over nothing."""
    from studio.pngmeta import write_png

    data = write_png(picture.image, recorded)
    number = 1
    while True:
        path = folder / f"toile-{picture.seed}{f'-{number}' if number > 1 else ''}.png"
        try:
            if not path.exists():
                write_whole(path, data, over=False)
                return path
        except FileExistsError:
            pass  # another command was faster
        except OSError as error:
            raise StorageError(
                f"The picture could not be written to “{folder}” ({error.strerror}): "
                "make room or choose another --out."
            ) from None
        number += 1


def check(given: argparse.Namespace) -> None:
    """`check`: tell what the perception network sees in a picture."""
    from studio.vision.pictures import load_picture

    picture = load_picture(given.picture)
    from studio.engine import Engine

    seen = Engine(given.model).see([picture])[0]
    if given.json:
        print(json.dumps({"path": str(given.picture), **seen.to_dict()}))
        return
    print(_seen_text(seen))


def _seen_text(seen: Seen) -> str:
    lines = []
    for name in ("garment", "colour", "pattern", "neckline", "sleeves"):
        guess = getattr(seen, name)
        lines.append(f"{name:<10}{guess.name}  {guess.probability:.0%}")
    for component, score in zip(seen.components, seen.scores, strict=True):
        box = " ".join(f"{v:.3f}" for v in component.box or ())
        lines.append(f"{component.kind:<10}{component.place}  {score:.0%}  box {box}")
    if not seen.components:
        lines.append("no components")
    return "\n".join(lines)


def read(given: argparse.Namespace) -> None:
    """`read`: tell what is understood of prompts, or judge a file of them."""
    from studio.desk import prompts

    if (given.file is None) == (not given.prompts):
        raise BadInput("Give prompts, or a file of them with --file.")
    if given.json is not None:
        _tried_out(given.json)
    if given.file is None:
        told = prompts.read_prompts(given.prompts)
        print(prompts.listed(told))
    else:
        told = prompts.read_file(_text_of(given.file))
        print(prompts.table(told))
    if given.json is not None:
        _write_json(given.json, told)


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"“{file}” cannot be read: give a text file in UTF-8.") from None


def weights(given: argparse.Namespace) -> None:
    """`weights`: tell what published weight files are and whether they are whole."""
    from studio.weights_report import report

    report(given.place, as_json=given.json)


def bench(given: argparse.Namespace) -> int:
    """`bench`: run a suite, print its table, write its numbers; 1 where it says that something is
    not as it must be."""
    if given.json is not None:
        _tried_out(given.json)
    result = run_suite(
        given.suite, Options(given.model, given.limit, given.variants, given.minutes)
    )
    print(result.table())
    if given.json is not None:
        _write_json(given.json, result.metrics)
    if result.problem:
        print(result.problem, file=sys.stderr)
    return int(bool(result.problem))


def _tried_out(path: Path) -> None:
    """A file that can be written, before any time is spent on what is to stand in it."""
    with _numbers_kept(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass


def _write_json(path: Path, metrics: Mapping[str, Any]) -> None:
    with _numbers_kept(path):
        write_whole(path, (json.dumps(metrics, indent=2, ensure_ascii=False) + "\n").encode())


@contextmanager
def _numbers_kept(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The numbers cannot be written to “{path}” ({error.strerror}): give --json another "
            "file."
        ) from None
