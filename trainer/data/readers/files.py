"""Files of a data set: lists, captions, and pictures that say in a sentence what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from studio.errors import BadInput
from studio.pngmeta import NOT_OPENED, opened
from studio.vision.pictures import on_white

PICTURES = frozenset((".jpg", ".jpeg", ".png", ".webp", ".bmp"))


class Listing:
    """The files of one folder by their stem, listed once; an absent folder is empty."""

    def __init__(self, folder: Path, suffixes: frozenset[str] = PICTURES):
        self.folder = folder
        self._files: dict[str, Path] = {}
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if path.suffix.lower() in suffixes and not path.name.startswith("."):
                    self._files.setdefault(path.stem, path)

    @property
    def stems(self) -> list[str]:
        """In alphabetical order."""
        return list(self._files)

    def get(self, stem: str) -> Path | None:
        """The file of that stem, whatever its suffix, or None."""
        return self._files.get(stem)

    def expect(self, name: str) -> Path:
        """The file of that name or stem; where there is none, the path at which it is missed."""
        return self._files.get(Path(name).stem, self.folder / name)


def read_json(path: Path) -> Any:
    """Raises BadInput for a file that is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read as JSON ({error}): mend or remove it.") from error


def read_captions(*paths: Path) -> dict[str, tuple[str, ...]]:
    """Captions by name out of JSON objects, as far as these are there; what a later one tells wins.

    Raises:
        BadInput: as `read_json`.
    """
    found: dict[str, tuple[str, ...]] = {}
    for path in paths:
        if path.is_file():
            told = {key: sentences(value) for key, value in dict(read_json(path)).items()}
            found |= {key: value for key, value in told.items() if value}
    return found


def read_lines(path: Path) -> list[list[str]]:
    """The columns of each line that is not blank; between columns are tabs or spaces.

    Raises:
        BadInput: the file is not text.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read as text ({error}): mend or remove it.") from error
    columns = [line.split("\t") if "\t" in line else line.split() for line in lines]
    return [[word.strip() for word in line] for line in columns if line and line[0].strip()]


def sentences(value: Any) -> tuple[str, ...]:
    """Captions out of a string or a list of strings; blank ones and repetitions are dropped."""
    found = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    cleaned = (" ".join(str(text).split()) for text in found)
    return tuple(dict.fromkeys(text for text in cleaned if text))


def open_picture(path: Path) -> Image.Image:
    """A decoded picture, turned as its EXIF data say, transparent parts on white, RGB.

    Raises:
        BadInput: the file is missing, no picture, or cut short.
    """
    return on_white(open_as_is(path))


def open_mask(path: Path) -> NDArray[np.uint8]:
    """A mask (H, W) of 0 and 255. Masks of 0 and 1 are known too, and JPEG's soft edges.

    Raises:
        BadInput: as `open_picture`.
    """
    grey = np.asarray(open_as_is(path).convert("L"))
    threshold = 127 if grey.max() > 1 else 0
    return np.where(grey > threshold, 255, 0).astype(np.uint8)


def open_labels(path: Path) -> NDArray[np.uint8]:
    """The class numbers (H, W) of a label map: palette indices or grey values.

    Raises:
        BadInput: as `open_picture`, or the picture has colours in place of numbers.
    """
    picture = open_as_is(path)
    if picture.mode not in ("P", "L", "I", "I;16"):
        raise BadInput(
            f"{path.name} is a picture in colour; a label map has one class number a pixel "
            "(palette or grey)."
        )
    return np.asarray(picture).astype(np.uint8)


def open_as_is(path: Path) -> Image.Image:
    """A decoded picture with its transparency, turned as its EXIF data say.

    Raises:
        BadInput: as `open_picture`.
    """
    try:
        with path.open("rb") as file:
            if file.read(20).startswith(b"version https://git-"):
                raise BadInput(f"{path.name} is a Git LFS pointer: fetch the picture itself.")
            file.seek(0)
            picture = opened(file)
            picture.load()
            return ImageOps.exif_transpose(picture)
    except FileNotFoundError as error:
        raise BadInput(f"{path.name} is missing.") from error
    except NOT_OPENED as error:
        raise BadInput(f"{path.name} cannot be decoded ({error}).") from error
