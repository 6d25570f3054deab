"""The board's document on the server's side: kept, painted as ink, joined by pictures."""

import contextlib
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.desk.drawing import ink_of
from studio.desk.together import chosen, in_turn, merged, seen_of
from studio.errors import BadInput
from studio.gallery import SketchRevision, Store
from studio.gallery.layers import SIDES, Drawing, Layer, Stroke, read_drawing
from studio.pngmeta import png_bytes

log = logging.getLogger(__name__)

Board = dict[str, Any]

LARGEST_UPLOAD = 20 * 2**20
"""Bytes of a dropped picture."""


def save_board(
    store: Store, project_id: str, board: Mapping[str, Any]
) -> tuple[SketchRevision, Board]:
    """Keep the page's drawing together with what other pages have drawn since it looked.

    Returns:
        Its revision, and the board with the drawing that is kept now.

    Raises:
        BadInput: no drawing. StorageError: it could not be kept.
    """
    seen, mine = seen_of(board), drawing_of(board)

    def write() -> tuple[SketchRevision, Board]:
        last = store.latest_sketch(project_id)
        number = last.seq if last else 0
        now, photo = mine, board.get("photo")
        if last is not None and seen.ink is not None and seen.ink != number:
            base = store.sketch_at(project_id, seen.ink) if seen.ink else None
            known = Drawing() if seen.ink == 0 else kept_drawing(base) if base else None
            now = joined(known, kept_drawing(last), mine, seen.gone)
            photo = chosen(base.photo_sha if base else None, last.photo_sha, photo)
        kept = dict(board) | {"doc": now.to_json(), "photo": photo}
        under = _photo(store, kept)
        ink = ink_of(kept["doc"], under)
        data = png_bytes(ink) if ink is not None else None
        return store.save_sketch(project_id, kept["doc"], data, under, over=number), kept

    return in_turn(write)


def drawing_of(board: Mapping[str, Any]) -> Drawing:
    """The page's drawing. Raises BadInput where it is none."""
    text = str(board.get("doc") or "")
    return read_drawing(text) if text else Drawing()


def kept_drawing(revision: SketchRevision) -> Drawing:
    """A stored drawing; one that cannot be read any more counts as empty."""
    try:
        return read_drawing(revision.strokes) if revision.strokes else Drawing()
    except BadInput:
        log.warning("a stored drawing could not be read and counts as empty")
        return Drawing()


def joined(base: Drawing | None, theirs: Drawing, mine: Drawing, gone: frozenset[str]) -> Drawing:
    """Two drawings that grew out of one, layer by layer and stroke by stroke.

    Args:
        base: None where it is no longer known.
        gone: names of strokes that are taken away besides.
    """

    def layers(drawing: Drawing | None, side: str) -> dict[str, Layer]:
        return {layer.id: layer for layer in drawing.sides[side]} if drawing else {}

    sides: dict[str, tuple[Layer, ...]] = {}
    for side in SIDES:
        was, there, here = (layers(drawing, side) for drawing in (base, theirs, mine))
        names = merged(None if base is None else was, tuple(there), tuple(here), str)
        sides[side] = tuple(
            Layer(
                name,
                (here.get(name) or there[name]).kind,
                merged(
                    None if base is None else _strokes(was, name),
                    _strokes(there, name),
                    _strokes(here, name),
                    lambda stroke: stroke.id,
                    gone,
                ),
            )
            for name in names
        )
    return Drawing(sides)


def _strokes(layers: Mapping[str, Layer], name: str) -> tuple[Stroke, ...]:
    return layers[name].strokes if name in layers else ()


def board_ink(store: Store, board: Mapping[str, Any]) -> NDArray[np.uint8] | None:
    """The ink of the page's drawing, (INK_SIZE, INK_SIZE), 255 = ink; None without any."""
    return ink_of(str(board.get("doc") or ""), _photo(store, board))


KEPT_UPLOAD = 600.0
"""Seconds for which an upload lies where it arrived: the same file that is given twice, by two
people or in two places, has one path, and whoever reads it first must not take it from the other.
"""


def uploaded(path: Any, uploads: Path) -> Path:
    """The file of an upload. A path from the page could name anything: only `uploads` is read.

    What was given a good while ago is removed, whether or not it was read.

    Raises:
        BadInput: it is not there.
    """
    if isinstance(path, str) and "\0" not in path:
        file = Path(os.path.realpath(path))
        if file.is_relative_to(uploads) and file.is_file():
            _sweep(uploads, file)
            return file
    raise BadInput("The picture did not arrive: drop it again.")


def _sweep(uploads: Path, wanted: Path) -> None:
    long_ago = time.time() - KEPT_UPLOAD
    for folder in (folder for folder in uploads.iterdir() if folder.is_dir()):
        with contextlib.suppress(OSError):  # another one removes it, or something new came
            for file in folder.iterdir():
                if file != wanted and file.stat().st_mtime < long_ago:
                    file.unlink()
            folder.rmdir()


def uploaded_bytes(path: Any, uploads: Path) -> bytes:
    """The bytes of an upload. Raises BadInput where it is not there, or too large."""
    file = uploaded(path, uploads)
    if file.stat().st_size > LARGEST_UPLOAD:
        raise BadInput("The picture is larger than 20 MB: save it smaller, then drop it.")
    return file.read_bytes()


def _photo(store: Store, board: Mapping[str, Any]) -> bytes | None:
    """The ink that was read from a dropped picture, as a PNG file."""
    sha = board.get("photo")
    if not sha:
        return None
    if not isinstance(sha, str) or not store.has_picture(sha):
        raise BadInput("The sketch's picture is no longer there: drop it on the board again.")
    return store.picture(sha)
