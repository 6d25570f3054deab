"""Memory that is free goes back to the system.

glibc keeps what was freed for the thread that had it, and every thread that answers a page may have
read a photo once: after a few dozen photos half a gigabyte was held for nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import platform
from collections.abc import Iterator
from functools import cache

_ARENAS = 2
"""Heaps that all threads share: with one for each, what is free in one is of no use to another."""

_M_ARENA_MAX = -8  # of glibc's malloc.h


def few_heaps() -> None:
    """Let the threads of this process share few heaps; before they are begun."""
    if (libc := _glibc()) is not None:
        libc.mallopt(_M_ARENA_MAX, _ARENAS)


@contextlib.contextmanager
def given_back() -> Iterator[None]:
    """Something that needs much memory for a while; what it has freed is given back afterwards."""
    try:
        yield
    finally:
        if (libc := _glibc()) is not None:
            libc.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    """The C library where it is glibc: most others hold nothing back."""
    if platform.libc_ver()[0] != "glibc":
        return None
    libc = ctypes.CDLL(None)
    libc.malloc_trim.argtypes, libc.malloc_trim.restype = [ctypes.c_size_t], ctypes.c_int
    libc.mallopt.argtypes, libc.mallopt.restype = [ctypes.c_int, ctypes.c_int], ctypes.c_int
    return libc
