"""The C library's allocator, told to keep the memory that a training step will want again."""

import ctypes
import platform

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4


def keep_freed_memory() -> None:
    """Ask glibc neither to give freed memory back nor to map large blocks one by one.

    A training step allocates the same hundreds of megabytes each time; asking the kernel for
    fresh, zeroed pages every step costs several per cent of a step. Does nothing elsewhere.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    mallopt = ctypes.CDLL(None).mallopt
    mallopt(_MMAP_MAX, 0)
    mallopt(_TRIM_THRESHOLD, 2**31 - 1)
    mallopt(_TOP_PAD, 64 * 2**20)
