"""IGPair (arXiv 2407.12705), the data set of IMAGDressing-v1.

FOLDER/IGPair.json               a list of {image_file, cloth_file, text: [...], cloth_type}
FOLDER/{images,clothes}/         the pictures
FOLDER/{openpose,densepose,body_mask}/   by the person's name

`cloth_type` is partly wrong, as its authors say (github.com/muzishen/IMAGDressing/issues/46), so
that a category from here is a hint. `body_mask` covers the body and not the garment: it is not
read. One person may stand in many records, with a garment in other colours (issue 38 there):
`validate` counts them. IGPair_Test has garments only, which make no pairs: all here is “train”.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.errors import BadInput
from trainer.data.readers.files import Listing, read_json, sentences
from trainer.data.readers.record import PairRecord, Split, category_of

_KEYS = {"image_file", "cloth_file"}


def matches(folder: Path) -> bool:
    """Whether the folder looks like IGPair."""
    return _index(folder) is not None


def read(folder: Path, split: Split, paired: bool = True) -> list[PairRecord]:
    """The records, all of them in the split “train”. Raises BadInput for a damaged list."""
    index = _index(folder)
    if split != "train" or not paired or index is None:
        return []
    listed = read_json(index)
    if not isinstance(listed, list):
        raise BadInput(f"{index} must hold a list of records.")
    clothes, images = Listing(folder / "clothes"), Listing(folder / "images")
    poses = Listing(folder / "openpose")
    records: dict[str, PairRecord] = {}
    for i, item in enumerate(listed):
        if not isinstance(item, dict) or not item.keys() >= _KEYS:
            raise BadInput(f"{index}, record {i}: image_file and cloth_file are needed.")
        worn = _resolve(folder, images, item["image_file"])
        garment = _resolve(folder, clothes, item["cloth_file"])
        id = f"{worn.stem}+{garment.stem}"
        records[id] = PairRecord(
            id=id,
            garment=garment,
            worn=worn,
            category=category_of(item.get("cloth_type", "")),
            captions=sentences(item.get("text")),
            pose=poses.get(worn.stem),
        )
    return list(records.values())


def _index(folder: Path) -> Path | None:
    """The list: IGPair.json, or the one JSON file that has such a list."""
    named = folder / "IGPair.json"
    if named.is_file():
        return named
    for path in sorted(folder.glob("*.json")):
        with path.open(encoding="utf-8", errors="replace") as file:
            start = file.read(2000)
        if start.lstrip().startswith("[") and all(f'"{key}"' in start for key in _KEYS):
            return path
    return None


def _resolve(folder: Path, listing: Listing, name: Any) -> Path:
    """The file of a record, named with or without its folder; never one outside the data set."""
    inner = Path(str(name).replace("\\", "/").lstrip("/"))
    if len(inner.parts) > 1 and ".." not in inner.parts and (folder / inner).is_file():
        return folder / inner
    return listing.expect(inner.name)
