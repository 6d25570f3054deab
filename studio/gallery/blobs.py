"""Files named by their content: written whole or not at all, never changed."""

import contextlib
import errno
import io
import re
import time
from pathlib import Path

from PIL import Image

from studio.errors import StorageError
from studio.files import HALF, write_whole
from studio.pngmeta import opened
from studio.request import sha_of

THUMBNAIL_SIDE = 256
"""Longest side of a thumbnail, in pixels."""

HALF_WRITTEN = 600.0
"""Seconds after which a file that is not finished counts as left behind."""

_SHA = re.compile(r"[0-9a-f]{64}")


def storage_sentence(error: OSError, folder: Path) -> str:
    """What to do about a failed write, in one sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return (
            "The disk has no room left for the picture: free some space, then try again; "
            "nothing was half written."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"The data folder “{folder}” cannot be written: allow writing to it, or start with "
            "another --data-dir."
        )
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return f"“{folder}” is not a folder: start with another --data-dir."
    return f"The data folder “{folder}” cannot be used ({error.strerror or error})."


class Blobs:
    """The files under `root/blobs`, and thumbnails made from them under `root/thumbs`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._remove_halves()

    def path(self, sha: str, extension: str = "png") -> Path:
        """Where a file of this content is, or would be.

        Raises:
            ValueError: not a hexadecimal SHA-256, so that no text can name a path elsewhere.
        """
        if not _SHA.fullmatch(sha):
            raise ValueError(f"not a SHA-256: {sha!r}")
        return self.root / "blobs" / sha[:2] / f"{sha}.{extension}"

    def put(self, data: bytes, extension: str = "png") -> str:
        """Store bytes and return their SHA-256; the same content is stored once.

        Raises:
            StorageError: the disk is full or the folder cannot be written.
        """
        sha = sha_of(data)
        path = self.path(sha, extension)
        if path.is_file() and path.stat().st_size == len(data):
            return sha
        self._write(path, data)
        return sha

    def get(self, sha: str, extension: str = "png") -> bytes:
        """The bytes of a stored file.

        Raises:
            StorageError: the file is gone, unreadable, or no longer what it was.
        """
        path = self.path(sha, extension)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise StorageError(
                f"The file “{path.name}” is missing from the data folder: put it back from a copy."
            ) from error
        if sha_of(data) != sha:
            raise StorageError(
                f"The file “{path.name}” is damaged: put it back from a copy of the data folder."
            )
        return data

    def thumbnail(self, sha: str) -> Path:
        """The WebP thumbnail of a stored PNG, made on first use.

        Raises:
            StorageError: the picture is gone or damaged, or the thumbnail cannot be written.
        """
        path = self.root / "thumbs" / sha[:2] / f"{self.path(sha).stem}.webp"
        if path.is_file():
            return path
        picture = opened(self.get(sha), ("PNG",)).convert("RGB")
        picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
        encoded = io.BytesIO()
        picture.save(encoded, "WEBP", quality=88, method=4)
        self._write(path, encoded.getvalue())
        return path

    def _write(self, path: Path, data: bytes) -> None:
        try:
            write_whole(path, data, mode=0o600)
        except OSError as error:
            raise StorageError(storage_sentence(error, self.root)) from error

    def _remove_halves(self) -> None:
        """Remove what a process that was killed in the middle of writing has left behind; newer
        ones may still be in another process's hands."""
        old = time.time() - HALF_WRITTEN
        for folder in ("blobs", "thumbs"):
            for half in (self.root / folder).glob(f"*/{HALF}*"):
                with contextlib.suppress(OSError):  # gone meanwhile, or not ours to remove
                    if half.stat().st_mtime < old:
                        half.unlink()

    def remove(self, sha: str) -> None:
        """Remove a file, whatever its kind, and its thumbnail; one that is gone is no error."""
        for path in (
            *self.path(sha).parent.glob(f"{sha}.*"),
            self.root / "thumbs" / sha[:2] / f"{sha}.webp",
        ):
            path.unlink(missing_ok=True)
