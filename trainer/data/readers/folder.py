"""A plain folder of pairs, for one's own photographs.

FOLDER/garments/STEM.jpg         the garment
FOLDER/worn/STEM.jpg             somebody wearing it, or several of them: worn/STEM/*.jpg
FOLDER/masks/STEM.png            optional: bright where the garment is in garments/
FOLDER/worn_masks/…              optional: the same for worn/
FOLDER/keypoints/…               optional: OpenPose's JSON
FOLDER/captions.jsonl            optional: {"id": "STEM", "captions": ["…"],
                                            "category": "upper", "split": "train"} on each line
or beside a picture of worn/ a text file of the same stem, one caption a line
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from studio.errors import BadInput
from trainer.data.readers.files import PICTURES, Listing, sentences
from trainer.data.readers.record import SPLITS, PairRecord, Split, category_of


def matches(folder: Path) -> bool:
    """Whether the folder looks like a plain folder of pairs."""
    return (folder / "garments").is_dir() and (folder / "worn").is_dir()


def read(folder: Path, split: Split, paired: bool = True) -> list[PairRecord]:
    """The records of one split. A garment that nobody wears is a record whose `worn` is missing.

    Raises:
        BadInput: captions.jsonl has a line that is not a record, or a split that is not known.
    """
    if not paired:
        return []
    told = _told(folder / "captions.jsonl")
    garments, masks = Listing(folder / "garments"), Listing(folder / "masks")
    records = []
    for stem in dict.fromkeys((*garments.stems, *_worn_stems(folder / "worn"))):
        for name, worn in _wearers(folder / "worn", stem):
            facts = told.get(name) or told.get(stem) or {}
            if facts.get("split", "train") != split:
                continue
            text = worn.with_suffix(".txt")
            captions = sentences(facts.get("captions", facts.get("caption", facts.get("text"))))
            if not captions and text.is_file():
                captions = sentences(text.read_text(encoding="utf-8").splitlines())
            records.append(
                PairRecord(
                    id=name,
                    garment=garments.expect(f"{stem}.jpg"),
                    worn=worn,
                    category=category_of(facts.get("category", "")),
                    captions=captions,
                    garment_mask=masks.get(stem),
                    worn_mask=_beside(folder / "worn_masks", name, PICTURES),
                    keypoints=_beside(folder / "keypoints", name, frozenset((".json",))),
                    split=split,
                )
            )
    return records


def _worn_stems(worn: Path) -> list[str]:
    return sorted({p.stem for p in worn.iterdir() if p.is_dir() or p.suffix.lower() in PICTURES})


def _wearers(worn: Path, stem: str) -> list[tuple[str, Path]]:
    """Name and picture of everybody who wears a garment; one missing picture for nobody."""
    single = Listing(worn).get(stem) if not (worn / stem).is_dir() else None
    if single is not None:
        return [(stem, single)]
    several = Listing(worn / stem)
    found = [(f"{stem}/{name}", several.expect(name)) for name in several.stems]
    return found or [(stem, worn / f"{stem}.jpg")]


def _beside(folder: Path, name: str, suffixes: frozenset[str]) -> Path | None:
    for suffix in sorted(suffixes):
        path = folder / f"{name}{suffix}"
        if path.is_file():
            return path
    return None


def _told(path: Path) -> dict[str, dict[str, Any]]:
    """What captions.jsonl says of each id."""
    if not path.is_file():
        return {}
    told = {}
    for i, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            facts = json.loads(line)
            name = facts["id"]
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{path}, line {i}: give a JSON object with an “id”.") from error
        if facts.get("split", "train") not in SPLITS:
            raise BadInput(f"{path}, line {i}: the split is one of {', '.join(SPLITS)}.")
        told[name] = facts
    return told
