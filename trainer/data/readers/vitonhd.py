"""VITON-HD (arXiv 2103.16874): upper garments.

FOLDER/train_pairs.txt, test_pairs.txt     picture of a person, picture of a garment
FOLDER/{train,test}/
    image/ID.jpg                 the person, who wears the garment of the same ID
    cloth/ID.jpg                 the garment
    cloth-mask/ID.jpg            its mask
    image-parse-v3/ID.png        label map of the person, LIP's classes
    openpose_json/ID_keypoints.json, openpose_img/ID_rendered.png
FOLDER/captions.json             optional: number of the ID to a list of captions

The second column of test_pairs.txt names *another* garment, for try-on. A person wears the
garment of the same ID, and that alone makes a pair, whatever the second column says.
"""

from __future__ import annotations

from pathlib import Path

from trainer.data.readers.files import Listing, read_captions, read_lines
from trainer.data.readers.record import SPLITS, PairRecord, Split

WORN_CLASSES = (5, 6, 7)
"""Of LIP's twenty: upper clothes, dress, coat. In “v3” class 10 is the neck."""


def matches(folder: Path) -> bool:
    """Whether the folder looks like VITON-HD."""
    return any((folder / split / "image").is_dir() for split in SPLITS)


def read(folder: Path, split: Split, paired: bool = True) -> list[PairRecord]:
    """The records of one split; `paired=False` gives the try-on list, which is not for training."""
    part = folder / split
    listing = {name: Listing(part / name) for name in
               ("image", "cloth", "cloth-mask", "image-parse-v3", "openpose_img")}  # fmt: skip
    joints = Listing(part / "openpose_json", frozenset((".json",)))
    captions = read_captions(folder / "captions.json", part / "captions.json")
    listed = folder / f"{split}_pairs.txt"
    if listed.is_file():
        rows = [(line[0], line[1] if len(line) > 1 else line[0]) for line in read_lines(listed)]
    else:
        rows = [(f"{stem}.jpg", f"{stem}.jpg") for stem in listing["image"].stems]
    records: dict[str, PairRecord] = {}
    for person, other in rows:
        stem = Path(person).stem
        garment = person if paired else other
        worn_by = Path(garment).stem
        if not paired and worn_by == stem:
            continue
        id = f"{split}/{stem}" if paired else f"{split}/{stem}+{worn_by}"
        records[id] = PairRecord(
            id=id,
            garment=listing["cloth"].expect(garment),
            worn=listing["image"].expect(person),
            category="upper",
            captions=captions.get(worn_by) or captions.get(worn_by.split("_")[0], ()),
            garment_mask=listing["cloth-mask"].get(worn_by),
            parse=listing["image-parse-v3"].get(stem),
            parse_classes=WORN_CLASSES,
            keypoints=joints.get(f"{stem}_keypoints"),
            pose=listing["openpose_img"].get(f"{stem}_rendered"),
            split=split,
            paired=paired,
        )
    return list(records.values())
