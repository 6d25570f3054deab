"""How a control is given on the page, beside words and drawing: a tile, and what unfolds below."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tile:
    """The tile of one kind of reference. A kind with a picture is given as a photo.

    Attributes:
        place: where it stands among the tiles; the lowest is the first.
        title: what is written below it. about: what it is for, one sentence.
        drawn: what stands for it while it is empty, a path of SVG on a 24 x 24 grid.
        used: what is said while it is in use, where nothing else is.
        stronger: what a higher strength does, one sentence.
    """

    place: int
    title: str
    about: str
    drawn: str
    used: str = ""
    stronger: str = ""
