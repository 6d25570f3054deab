"""Dress Code (arXiv 2204.08532) and its multimodal version with captions (arXiv 2304.02051).

FOLDER/{upper_body,lower_body,dresses}/
    images/ID_0.jpg              the person
    images/ID_1.jpg              the garment
    keypoints/ID_2.json          18 joints on a grid of 384 x 512
    label_maps/ID_4.png          label map of the person, ATR's classes
    skeletons/ID_5.jpg
    train_pairs.txt, test_pairs_paired.txt, test_pairs_unpaired.txt
FOLDER/{train_pairs,test_pairs_paired,test_pairs_unpaired}.txt
                                 instead: a third column has the category's number
FOLDER/{fine,coarse}_captions.json   optional: ID to a list of captions

Fine captions were written by people, coarse ones are what was left: fine ones win.
Garments have no masks of their own here.
"""

from __future__ import annotations

from pathlib import Path

from studio.errors import BadInput
from trainer.data.readers.files import Listing, read_captions, read_lines
from trainer.data.readers.record import Category, PairRecord, Split

FOLDERS: dict[str, Category] = {"upper_body": "upper", "lower_body": "lower", "dresses": "dress"}
"""In the order of the numbers in the third column."""
WORN_CLASSES: dict[Category, tuple[int, ...]] = {"upper": (4,), "lower": (5, 6), "dress": (7,)}
"""Of ATR's eighteen: upper clothes; skirt and trousers, which are mixed up in the maps; dress."""
_LISTS = {("train", True): "train_pairs", ("test", True): "test_pairs_paired",
          ("test", False): "test_pairs_unpaired"}  # fmt: skip


def matches(folder: Path) -> bool:
    """Whether the folder looks like Dress Code."""
    return any((folder / name / "images").is_dir() for name in FOLDERS)


def read(folder: Path, split: Split, paired: bool = True) -> list[PairRecord]:
    """The records of one split; `paired=False` gives the try-on list, which is not for training."""
    if (split, paired) not in _LISTS:
        return []
    name = f"{_LISTS[split, paired]}.txt"
    captions = read_captions(*(folder / f"{kind}_captions.json" for kind in ("coarse", "fine")))
    records: dict[str, PairRecord] = {}
    for number, part in enumerate(FOLDERS):
        rows = _rows(folder, part, number, name)
        if not rows:
            continue
        images = Listing(folder / part / "images")
        labels, skeletons = (Listing(folder / part / n) for n in ("label_maps", "skeletons"))
        joints = Listing(folder / part / "keypoints", frozenset((".json",)))
        for person, garment in rows:
            stem, cloth = Path(person).stem, Path(garment).stem
            key = stem.removesuffix("_0")
            id = f"{part}/{stem}" if paired else f"{part}/{stem}+{cloth}"
            if paired and id in records and records[id].garment.stem != cloth:
                id = f"{id}+{cloth}"
            records[id] = PairRecord(
                id=id,
                garment=images.expect(garment),
                worn=images.expect(person),
                category=FOLDERS[part],
                captions=captions.get(cloth.split("_")[0], ()),
                parse=labels.get(f"{key}_4"),
                parse_classes=WORN_CLASSES[FOLDERS[part]],
                keypoints=joints.get(f"{key}_2"),
                pose=skeletons.get(f"{key}_5"),
                split=split,
                paired=paired,
            )
    return list(records.values())


def _rows(folder: Path, part: str, number: int, name: str) -> list[tuple[str, str]]:
    """Person and garment of each line of a category's own list, or of the common one."""
    own = folder / part / name
    path = own if own.is_file() else folder / name
    if not path.is_file():
        return []
    rows = []
    for i, line in enumerate(read_lines(path), 1):
        common = path is not own
        if len(line) < 2 or (common and len(line) < 3):
            wanted = "person, garment and category number" if common else "person and garment"
            raise BadInput(f"{path}, line {i}: give {wanted}, with tabs between them.")
        if not common or line[2] == str(number):
            rows.append((line[0], line[1]))
    return rows
