"""`python -m trainer validate` and `python -m trainer prepare`: real data sets."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from studio.errors import BadInput, ModelMissing

if TYPE_CHECKING:
    from studio.vision.perception import Perception
    from trainer.data.captioning import Captioner
    from trainer.data.problems import Report
    from trainer.data.readers import PairRecord

Say = Callable[[str], None]
_MODEL = Path(__file__).resolve().parents[2] / "assets" / "models" / "toile-mini"
_LAYOUTS = ("auto", "vitonhd", "dresscode", "igpair", "folder")


def _parser(name: str, text: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m trainer {name}", description=text)
    add = parser.add_argument
    add("--folder", type=Path, required=True, metavar="DIR", help="the data set")
    add("--layout", choices=_LAYOUTS, default="auto", help="how it is laid out (found out)")
    add("--json", type=Path, metavar="FILE", help="write the report as JSON")
    add("--least-share", type=float, default=0.5, metavar="X",
        help="part of the records that must be usable (0.5)")  # fmt: skip
    add("--smallest", type=int, default=128, metavar="PX", help="shorter side of a picture (128)")
    add("--tokenizer", type=Path, default=_MODEL / "tokenizer", metavar="DIR",
        help="measures the captions' lengths (the bundled one)")  # fmt: skip
    add("--threads", type=int, default=os.cpu_count() or 1, metavar="N", help="(all cores)")
    return parser


def validate_command(argv: Sequence[str], say: Say) -> None:
    """Look at a data set and say what is wrong with it. Raises BadInput if too much is."""
    parser = _parser("validate", "Look at every file of a data set before training on it.")
    parser.add_argument("--split", choices=("train", "test"), help="only this one (both)")
    given = parser.parse_args(argv)
    report = _validated(given, given.split, say)
    say(report.text())
    report.usable(given.least_share)


def prepare_command(argv: Sequence[str], say: Say) -> None:
    """Validate a data set, write missing captions, and write shards of pairs."""
    parser = _parser(
        "prepare", "Validate a data set and write it as pairs that the garment recipes read."
    )
    add = parser.add_argument
    add("--out", type=Path, required=True, metavar="DIR", help="where the pairs go")
    add("--size", default="256x256", metavar="WxH", help="width x height in pixels (256x256)")
    add("--fit", choices=("pad", "crop"), default="pad",
        help="worn pictures of another shape: padded with their edge's colour, or cropped (pad); "
        "garments are always padded")  # fmt: skip
    add("--split", choices=("train", "test"), default="train", help="which part (train)")
    add("--limit", type=int, metavar="N", help="only the first N records")
    add("--shard-size", type=int, default=250, metavar="N", help="pairs in a shard (250)")
    add("--captions", choices=("auto", "blip", "perception", "none"), default="auto",
        help="who writes missing captions (auto: BLIP, else perception)")  # fmt: skip
    add("--blip", metavar="DIR", help="folder or hub name of a BLIP captioner")
    add("--perception", type=Path, default=_MODEL / "perception", metavar="DIR",
        help="helps to find masks, and words (the bundled one)")  # fmt: skip
    add("--device", choices=("cpu", "cuda"), default="cpu")
    given = parser.parse_args(argv)
    if given.limit is not None and given.limit < 1:
        raise BadInput(f"--limit is {given.limit}: give 1 or more.")

    from trainer.data.prepare import PrepareSettings, parse_size, prepare

    settings = PrepareSettings(parse_size(given.size), given.fit, given.shard_size)
    report = _validated(given, given.split, say, given.limit)
    say(report.text())
    records: Sequence[PairRecord] = report.usable(given.least_share)

    from studio.vision.perception import Perception
    from trainer.data.captioning import caption_missing

    perception = Perception.load(given.perception, given.device)
    if given.captions != "none" and any(not r.captions for r in records):
        captioner = _captioner(given.captions, given.blip, perception, given.device, say)
        records = caption_missing(records, captioner, given.out / "captions.jsonl", say=say)
    count = prepare(records, given.out, settings, perception, report.left_out, given.threads, say)
    say(f"{given.out}: {count} pairs of {given.size}; train with shards = “{given.out}”.")


def _validated(
    given: argparse.Namespace, split: str | None, say: Say, limit: int | None = None
) -> Report:
    """Read and validate, and write the report as JSON where that is asked for."""
    if not 0 <= given.least_share <= 1:
        raise BadInput(f"--least-share is {given.least_share:g}: give a number from 0 to 1.")
    if given.threads < 1:
        raise BadInput(f"--threads is {given.threads}: give 1 or more.")

    from transformers import CLIPTokenizer

    from trainer.data.readers import read_records
    from trainer.data.tokens import MAX_TOKENS
    from trainer.data.validate import validate
    from trainer.run import write_atomically

    if not (given.tokenizer / "tokenizer_config.json").is_file():
        raise ModelMissing(f"There is no tokenizer in {given.tokenizer}: give another --tokenizer.")
    tokenizer = CLIPTokenizer.from_pretrained(given.tokenizer)
    records = read_records(given.folder, given.layout)
    wanted = [r for r in records if split in (None, r.split)]
    others = [r for r in records if split not in (None, r.split)]
    report = validate(
        wanted[:limit], others, lambda text: len(tokenizer(text).input_ids), MAX_TOKENS,
        given.smallest, given.threads, say,
    )  # fmt: skip
    if given.json:
        data = {**report.to_dict(), "why_left_out": report.left_out}
        write_atomically(given.json, json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    return report


def _captioner(
    kind: str, blip: str | None, perception: Perception, device: str, say: Say
) -> Captioner:
    """BLIP if it is asked for or there, else perception."""
    from trainer.data.captioning import BLIP, BlipCaptioner, PerceptionCaptioner

    if kind != "perception":
        try:
            return BlipCaptioner(blip or BLIP, device)
        except ModelMissing:
            if kind == "blip" or blip is not None:
                raise
            say("captions: there is no BLIP here, so the bundled perception writes them")
    return PerceptionCaptioner(perception)
