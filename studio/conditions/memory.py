"""Memories: what was computed from the same contents is not computed again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from PIL import Image

_T = TypeVar("_T")


class Memory(Generic[_T]):
    """The last results, each under what it was computed from.

    Args:
        most: how many are kept; the one that was asked for the longest time ago goes first.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[Hashable, _T] = OrderedDict()

    def find(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What is kept under a key, or what `make` makes now; its errors leave nothing behind."""
        if key not in self._kept:
            self._kept[key] = make()
            if len(self._kept) > self.most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def forget(self) -> None:
        """Empty it."""
        self._kept.clear()


def picture_key(picture: Image.Image, *more: object) -> bytes:
    """Names a picture by its pixels, with whatever else decides a result (by its `repr`)."""
    if picture.mode in ("P", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")  # equal numbers mean other colours in other palettes
    digest = hashlib.sha256(repr((picture.mode, picture.size, *more)).encode())
    digest.update(picture.tobytes())
    return digest.digest()
