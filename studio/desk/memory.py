"""Memory that is free goes back to the system.

glibc keeps what was freed for the thread that had it, and every thread that answers a page may have
read a photo once: after a few dozen photos half a gigabyte was held for nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import platform
from collections.abc import Callable, Iterator
from functools import cache


@contextlib.contextmanager
def given_back() -> Iterator[None]:
    """Something that needs much memory for a while; what it has freed is given back afterwards."""
    try:
        yield
    finally:
        _trim()(0)


@cache
def _trim() -> Callable[[int], int]:
    """glibc's `malloc_trim`, or nothing to do where there is another library: only glibc has it,
    and most others hold nothing back."""
    if platform.libc_ver()[0] != "glibc":
        return lambda _pad: 0
    trim = ctypes.CDLL(None).malloc_trim
    trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int
    return trim
