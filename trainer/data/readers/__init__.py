"""Readers of public data sets: each layout becomes a list of `PairRecord`."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from studio.errors import BadInput
from trainer.data.readers import dresscode, folder, igpair, vitonhd
from trainer.data.readers.record import CATEGORIES, SPLITS, Category, PairRecord, Split

__all__ = ["CATEGORIES", "LAYOUTS", "SPLITS", "Category", "PairRecord", "Split", "detect_layout",
           "read_records"]  # fmt: skip

LAYOUTS: dict[str, ModuleType] = {
    "vitonhd": vitonhd,
    "dresscode": dresscode,
    "igpair": igpair,
    "folder": folder,
}
"""Name to a module with `matches(folder)` and `read(folder, split, paired)`."""


def detect_layout(path: Path) -> str:
    """The layout that a folder has.

    Raises:
        BadInput: there is no folder, or it looks like none of them.
    """
    if not path.is_dir():
        raise BadInput(f"There is no folder {path}; give the folder of a data set.")
    for name, module in LAYOUTS.items():
        if module.matches(path):
            return name
    raise BadInput(
        f"{path} looks like none of {', '.join(LAYOUTS)}: unpack the data set so that its own "
        "folders lie directly in it, or make the folders garments and worn."
    )


def read_records(
    path: Path, layout: str = "auto", split: Split | None = None, paired: bool = True
) -> list[PairRecord]:
    """The records of a data set, in the order of its lists.

    Args:
        layout: a name of `LAYOUTS`, or “auto”.
        split: one of them, or None for both.
        paired: False for the try-on lists, where persons wear other garments.

    Raises:
        BadInput: the layout is not known, or a list of the data set is damaged.
    """
    name = detect_layout(path) if layout == "auto" else layout
    if name not in LAYOUTS:
        raise BadInput(f"Unknown layout “{layout}”: choose auto or one of {', '.join(LAYOUTS)}.")
    wanted = SPLITS if split is None else (split,)
    return [record for part in wanted for record in LAYOUTS[name].read(path, part, paired)]
