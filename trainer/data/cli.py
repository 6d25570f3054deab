"""`python -m trainer validate` and `python -m trainer prepare`: real data sets."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from studio.errors import ModelMissing
from trainer.command import Say, option

if TYPE_CHECKING:
    from studio.vision.perception import Perception
    from trainer.data.captioning import Captioner
    from trainer.data.problems import Report

_MODEL = Path(__file__).resolve().parents[2] / "assets" / "models" / "toile-mini"
Layout = Literal["auto", "vitonhd", "dresscode", "igpair", "folder"]
Split = Literal["train", "test"]


@dataclass(frozen=True, kw_only=True)
class Validate:
    """Look at every file of a data set before training on it."""

    folder: Path = option("the data set")
    layout: Layout = option("how it is laid out (found out)", "auto")
    json: Path | None = option("write the report as JSON", None)
    least_share: float = option("part of the records that must be usable", 0.5, least=0, most=1)
    smallest: int = option("shorter side of a picture in pixels", 128)
    tokenizer: Path = option(
        "measures the captions' lengths (the bundled one)", _MODEL / "tokenizer"
    )
    threads: int = option("how many at once", os.cpu_count() or 1, least=1)
    split: Split | None = option("only this one (both)", None)

    def run(self, say: Say) -> None:
        """Say what is wrong. Raises BadInput if too much is."""
        self.report(say).usable(self.least_share)

    def report(self, say: Say, limit: int | None = None) -> Report:
        """What was found, said, and written as JSON where that is asked for.

        Args:
            limit: only so many records.
        """
        from transformers import CLIPTokenizer

        from trainer.data.readers import read_records
        from trainer.data.tokens import MAX_TOKENS
        from trainer.data.validate import validate
        from trainer.run import write_atomically

        if not (self.tokenizer / "tokenizer_config.json").is_file():
            raise ModelMissing(
                f"There is no tokenizer in {self.tokenizer}: give another --tokenizer."
            )
        tokenizer = CLIPTokenizer.from_pretrained(self.tokenizer)
        records = read_records(self.folder, self.layout)
        wanted = [r for r in records if self.split in (None, r.split)]
        others = [r for r in records if self.split not in (None, r.split)]
        report = validate(
            wanted[:limit], others, lambda text: len(tokenizer(text).input_ids), MAX_TOKENS,
            self.smallest, self.threads, say,
        )  # fmt: skip
        if self.json:
            data = {**report.to_dict(), "why_left_out": report.left_out}
            write_atomically(self.json, json.dumps(data, indent=2, ensure_ascii=False) + "\n")
        say(report.text())
        return report


@dataclass(frozen=True, kw_only=True)
class Prepare(Validate):
    """Validate a data set and write it as pairs that the garment recipes read."""

    split: Split = option("which part", "train")
    out: Path = option("where the pairs go")
    size: str = option("WIDTHxHEIGHT in pixels", "256x256")
    fit: Literal["pad", "crop"] = option(
        "worn pictures of another shape: padded with their edge's colour, or cropped; garments are "
        "always padded",
        "pad",
    )
    limit: int | None = option("only the first so many records", None, least=1)
    shard_size: int = option("pairs in a shard", 250)
    captions: Literal["auto", "blip", "perception", "none"] = option(
        "who writes missing captions; auto: BLIP, else perception", "auto"
    )
    blip: str | None = option("folder or hub name of a BLIP captioner", None)
    perception: Path = option(
        "helps to find masks, and words (the bundled one)", _MODEL / "perception"
    )
    device: Literal["cpu", "cuda"] = option("where", "cpu")

    def run(self, say: Say) -> None:
        """Validate, write missing captions, and write shards of pairs."""
        from trainer.data.prepare import PrepareSettings, parse_size, prepare

        settings = PrepareSettings(parse_size(self.size), self.fit, self.shard_size)
        report = self.report(say, self.limit)
        records = report.usable(self.least_share)

        from studio.vision.perception import Perception
        from trainer.data.captioning import caption_missing

        perception = Perception.load(self.perception, self.device)
        if self.captions != "none" and any(not r.captions for r in records):
            captioner = self._captioner(perception, say)
            records = caption_missing(records, captioner, self.out / "captions.jsonl", say=say)
        count = prepare(records, self.out, settings, perception, report.left_out, self.threads, say)
        say(f"{self.out}: {count} pairs of {self.size}; train with shards = “{self.out}”.")

    def _captioner(self, perception: Perception, say: Say) -> Captioner:
        """BLIP if it is asked for or there, else perception."""
        from trainer.data.captioning import BLIP, BlipCaptioner, PerceptionCaptioner

        if self.captions != "perception":
            try:
                return BlipCaptioner(self.blip or BLIP, self.device)
            except ModelMissing:
                if self.captions == "blip" or self.blip is not None:
                    raise
                say("captions: there is no BLIP here, so the bundled perception writes them")
        return PerceptionCaptioner(perception)
