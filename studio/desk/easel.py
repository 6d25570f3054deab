"""The board's document on the server's side: kept, painted as ink, joined by pictures."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.desk.drawing import ink_of
from studio.errors import BadInput
from studio.gallery import SketchRevision, Store
from studio.pngmeta import png_bytes

LARGEST_UPLOAD = 20 * 2**20
"""Bytes of a dropped picture."""


def save_board(
    store: Store, project_id: str, board: Mapping[str, Any]
) -> tuple[SketchRevision, NDArray[np.uint8] | None]:
    """Keep the page's drawing.

    Returns:
        Its revision, and its ink (INK_SIZE, INK_SIZE), 255 = ink, or None without any.

    Raises:
        BadInput: no drawing. StorageError: it could not be kept.
    """
    photo = _photo(store, board)
    ink = ink_of(str(board.get("doc") or ""), photo)
    saved = store.save_sketch(
        project_id,
        str(board.get("doc") or ""),
        png_bytes(ink) if ink is not None else None,
        photo,
    )
    return saved, ink


def board_ink(store: Store, board: Mapping[str, Any]) -> NDArray[np.uint8] | None:
    """The ink of the page's drawing, (INK_SIZE, INK_SIZE), 255 = ink; None without any."""
    return ink_of(str(board.get("doc") or ""), _photo(store, board))


def uploaded(path: Any, uploads: Path) -> Path:
    """The file of an upload. A path from the page could name anything: only `uploads` is read.

    Raises:
        BadInput: it is not there.
    """
    if isinstance(path, str) and "\0" not in path:
        file = Path(os.path.realpath(path))
        if file.is_relative_to(uploads) and file.is_file():
            return file
    raise BadInput("The picture did not arrive: drop it again.")


def uploaded_bytes(path: Any, uploads: Path) -> bytes:
    """The bytes of an upload, which is then removed. Raises BadInput where it is too large."""
    file = uploaded(path, uploads)
    try:
        if file.stat().st_size > LARGEST_UPLOAD:
            raise BadInput("The picture is larger than 20 MB: save it smaller, then drop it.")
        return file.read_bytes()
    finally:
        file.unlink(missing_ok=True)


def _photo(store: Store, board: Mapping[str, Any]) -> bytes | None:
    """The ink that was read from a dropped picture, as a PNG file."""
    sha = board.get("photo")
    if not sha:
        return None
    if not isinstance(sha, str) or not store.has_picture(sha):
        raise BadInput("The sketch's picture is no longer there: drop it on the board again.")
    return store.picture(sha)
