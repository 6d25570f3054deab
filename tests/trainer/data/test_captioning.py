"""Captions for pictures without: BLIP's real code on a tiny one, and the bundled perception."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    BertTokenizer,
    BlipConfig,
    BlipForConditionalGeneration,
    BlipImageProcessor,
    BlipProcessor,
)

from studio.errors import ModelDamaged, ModelMissing
from studio.garment.spec import Component
from studio.vision.perception import Guess, Perception, Seen
from tests.trainer.data import layouts
from trainer.data.captioning import (
    BlipCaptioner,
    PerceptionCaptioner,
    caption_missing,
    seen_captions,
)
from trainer.data.readers import PairRecord, read_records

WORDS = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "[ENC]",
    "a", "woman", "man", "in", "red", "shirt", "park", "wearing", "the",
]  # fmt: skip


def quiet(_: str) -> None: ...


@pytest.fixture(scope="module")
def blip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BLIP of the published shape in small, untrained."""
    folder = tmp_path_factory.mktemp("blip")
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    tokenizer = BertTokenizer(str(folder / "vocab.txt"))
    size = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1,
            "num_attention_heads": 2}  # fmt: skip
    config = BlipConfig(
        text_config={**size, "vocab_size": len(WORDS), "encoder_hidden_size": 16,
                     "max_position_embeddings": 64, "bos_token_id": 5, "pad_token_id": 0,
                     "eos_token_id": 2, "sep_token_id": 3},
        vision_config={**size, "image_size": 32, "patch_size": 16},
        projection_dim=8,
    )  # fmt: skip
    torch.manual_seed(0)
    BlipForConditionalGeneration(config).save_pretrained(folder)
    picture = BlipImageProcessor(size={"height": 32, "width": 32})
    BlipProcessor(picture, tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture
def records(tmp_path: Path) -> list[PairRecord]:
    return read_records(layouts.vitonhd(tmp_path / "set", train=4), split="train")


class Counting:
    """Passes on to a real captioner and counts."""

    def __init__(self, inner: BlipCaptioner):
        self.inner, self.name, self.seen = inner, inner.name, 0

    def describe(self, records: Sequence[PairRecord]) -> list[tuple[str, ...]]:
        self.seen += len(records)
        return self.inner.describe(records)


def test_blip_writes_only_what_is_missing_and_goes_on(
    blip: Path, records: list[PairRecord], tmp_path: Path
) -> None:
    cache = tmp_path / "captions.jsonl"
    writer = Counting(BlipCaptioner(blip))
    first = caption_missing(records, writer, cache, batch_size=1, say=quiet)
    assert [r.captions for r in first[:2]] == [r.captions for r in records[:2]]
    assert all(r.captions and set(r.captions[0].split()) <= {*WORDS, "person"} for r in first[2:])
    assert writer.seen == 2

    lines = cache.read_text().splitlines(keepends=True)
    assert [json.loads(line)["id"] for line in lines] == ["train/00002_00", "train/00003_00"]
    cache.write_text(lines[0] + lines[1][:20])
    assert caption_missing(records, writer, cache, say=quiet) == first
    assert writer.seen == 3, "only the line that was half-written is done again"
    assert cache.read_text().splitlines(keepends=True) == lines

    layouts.worn_picture(records[2].worn, 77)
    caption_missing(records, writer, cache, say=quiet)
    assert writer.seen == 4, "another picture under the same name is looked at"


def test_blip_that_is_missing_or_damaged(blip: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="There is no BLIP"):
        BlipCaptioner(tmp_path)
    (blip / "model.safetensors").rename(tmp_path / "kept")
    try:
        (blip / "model.safetensors").write_bytes((tmp_path / "kept").read_bytes()[:100])
        with pytest.raises(ModelDamaged, match="cannot be read"):
            BlipCaptioner(blip)
    finally:
        (tmp_path / "kept").replace(blip / "model.safetensors")


def seen(**more: str) -> Seen:
    facts: dict[str, Any] = {name: Guess(word, 0.9) for name, word in more.items()}
    return Seen(
        Guess("shirt", 0.9), Guess("red", 0.9), Guess("striped", 0.9), Guess("shirt collar", 0.9),
        Guess("long", 0.9), (Component("pocket", "left chest"),), (0.8,),
        np.zeros((4, 4), np.uint8), **facts,
    )  # fmt: skip


def test_what_was_not_seen_is_not_said() -> None:
    full, plain = seen_captions(seen(), seen())
    assert full.startswith("a person wearing a ") and "background" not in full
    assert all(word in full for word in ("red", "striped", "shirt", "pocket"))
    assert "cotton" not in full, "no network sees the fabric"
    assert plain == "a person wearing a shirt"
    _, placed = seen_captions(seen(), seen(scene="park"))
    assert placed == "a person wearing a shirt, in a park"
    _, flat = seen_captions(seen(), seen(scene="flat lay"))
    assert flat == "a person wearing a shirt"


def test_a_scene_that_was_seen_is_told() -> None:
    worn = seen(scene="beach", person="man", skin="dark", hair="black", hair_style="short",
                pose="walking")  # fmt: skip
    told = [seen_captions(seen(), worn, "upper", seed) for seed in range(20)]
    full = told[0][0]
    assert full.startswith("a man with dark skin and short black hair wearing a long-sleeved")
    assert full.endswith(", walking, on a beach") and "red" in full and "white" not in full
    assert all("red" not in plain.split() for _, plain in told)
    assert len({plain for _, plain in told}) > 5
    assert told[3] == seen_captions(seen(), worn, "upper", 3)


def test_a_data_set_that_knows_better_is_believed() -> None:
    assert seen_captions(seen(), seen(scene="park"), "lower") == (
        "a person wearing red bottoms, in a park", "a person wearing bottoms, in a park",
    )  # fmt: skip
    assert seen_captions(seen(), seen(), "dress")[0] == "a person wearing a red dress"


def test_the_bundled_perception_writes(
    family_folder: Path, records: list[PairRecord], tmp_path: Path
) -> None:
    writer = PerceptionCaptioner(Perception.load(family_folder / "perception"))
    found = caption_missing(records, writer, tmp_path / "c.jsonl", say=quiet)
    for record in found[2:]:
        assert len(record.captions) == 2
        assert len(record.captions[0].split()) >= len(record.captions[1].split()) >= 3
