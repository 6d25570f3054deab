"""One pair of a data set: a garment's picture and a picture of somebody who wears it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from studio.garment.vocabulary import GARMENTS
from studio.vision.garment_mask import REGIONS

Category = Literal["upper", "lower", "dress"]
Split = Literal["train", "test"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
SPLITS: tuple[Split, ...] = get_args(Split)

_NAMES: dict[str, Category] = {
    "upper": "upper", "upper body": "upper", "upper clothes": "upper", "top": "upper",
    "lower": "lower", "lower body": "lower", "lower clothes": "lower", "bottom": "lower",
    "jean": "lower", "pant": "lower", "legging": "lower",
    "dress": "dress", "dresses": "dress", "full": "dress", "full body": "dress",
}  # fmt: skip
for _garment in GARMENTS.values():
    for _word in (_garment.name, *_garment.aliases):
        _NAMES.setdefault(_word, REGIONS[_garment.region])


def category_of(text: object) -> Category | None:
    """The category that a word of a data set means: `upper_body`, `Jackets`, `dress`; or None."""
    word = " ".join(str(text).lower().replace("_", " ").replace("-", " ").split())
    for form in (word, word.removesuffix("s"), word.removesuffix("es")):
        if form in _NAMES:
            return _NAMES[form]
    return None


def category_of_garment(name: str) -> Category:
    """The category of a garment of the vocabulary."""
    return REGIONS[GARMENTS[name].region]


@dataclass(frozen=True)
class PairRecord:
    """One garment, and somebody who wears it. Paths need not exist: `validate` finds that out.

    Attributes:
        id: unique in its data set, and the same whenever the data set is read.
        garment: the garment by itself.
        worn: somebody wearing it.
        category: None where the data set does not say, or says a word that is not known.
        captions: sentences about `worn` or the garment; may be empty.
        garment_mask: bright where the garment is in `garment`.
        worn_mask: bright where the garment is in `worn`.
        parse: label map of `worn`, one class number a pixel.
        parse_classes: the class numbers that are this garment in `parse`.
        keypoints: JSON file of `worn`'s joints, read by `joints.read_joints`.
        pose: skeleton picture of `worn`.
        paired: False in a try-on list, where the person wears another garment; such a record
            is for trying on and never for training.
    """

    id: str
    garment: Path
    worn: Path
    category: Category | None = None
    captions: tuple[str, ...] = ()
    garment_mask: Path | None = None
    worn_mask: Path | None = None
    parse: Path | None = None
    parse_classes: tuple[int, ...] = ()
    keypoints: Path | None = None
    pose: Path | None = None
    split: Split = "train"
    paired: bool = True
