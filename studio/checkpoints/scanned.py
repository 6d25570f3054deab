"""A pickle is looked through before anybody follows it: what it asks for, and how much it claims.

Nine bytes can ask for a table of 2**31 places, or say that four gigabytes of text are to come. So
every step is held against the bytes that are there and the steps that were taken; a pickle that
claims more is damaged, whatever it is. Nothing is run, and nothing larger than the file is made.

The opcodes and their arguments are those of Python's `pickletools`.
"""

from __future__ import annotations

import pickletools
import re
from collections import deque
from typing import Any, cast

MOST_STEPS = 5_000_000
"""Steps of one pickle; a thousand weights take fewer than a hundred thousand."""

LONGEST_NUMBER = 64
"""Bytes of a whole number: weights are counted in far fewer."""

_PLAIN = re.compile(
    r"collections\.OrderedDict|(builtins|__builtin__)\.set|torch\.(Size|device"
    r"|_utils\._rebuild_(tensor|tensor_v2|parameter)|(?!Typed|Untyped)[A-Z]\w*Storage"
    r"|b?float\d*|complex\d+|u?int\d*|half|double|long|bool)"
)
"""What weights are made of: less than torch allows, since some of that can fill the memory."""

_PLACES = frozenset({"PUT", "BINPUT", "LONG_BINPUT", "GET", "BINGET", "LONG_BINGET"})
_NAMES = frozenset({"GLOBAL", "INST"})
_REGISTRY = frozenset({"EXT1", "EXT2", "EXT4"})


class Overdrawn(ValueError):
    """A pickle claims more than is there, or than weights need."""


class _Bounded:
    """A file of which no more is read than there is: a length is only a claim."""

    def __init__(self, file: Any, left: int) -> None:
        self._file, self._left = file, left

    def read(self, count: int) -> bytes:
        """Exactly so many bytes. Raises Overdrawn where there are fewer."""
        if not 0 <= count <= self._left:
            raise Overdrawn(f"{count} bytes of {self._left}")
        self._left -= count
        return self._file.read(count)

    def readline(self) -> bytes:
        """A line, its end included."""
        line = self._file.readline(self._left)
        self._left -= len(line)
        return line


def scan(file: Any, most: int) -> str:
    """Look through one pickle of an open file, which then stands behind it.

    Args:
        file: open for reading bytes. most: bytes that it may take.

    Returns:
        The first name that it asks for and weights are not made of; empty where there is none.

    Raises:
        Overdrawn: it claims bytes, places or numbers beyond what it has or weights need.
        ValueError: it is no pickle.
    """
    texts: deque[str] = deque(maxlen=2)
    bounded: Any = _Bounded(file, most)
    for steps, (opcode, given, _) in enumerate(pickletools.genops(bounded), 1):
        name, argument = opcode.name, cast(Any, given)
        if steps > MOST_STEPS:
            raise Overdrawn("too many steps")
        if name in _PLACES:
            # Whoever writes a pickle counts its places: none lies beyond its steps.
            if not 0 <= int(argument) <= steps:
                raise Overdrawn(f"place {argument} after {steps} steps")
        elif name == "FRAME" and argument > most:
            raise Overdrawn(f"a frame of {argument} bytes")
        elif name in _REGISTRY:
            return f"extension {argument}"
        elif name == "STACK_GLOBAL":
            # Its words lie on the stack, and may be others than the last two that were written.
            return ".".join(texts)
        elif isinstance(argument, int) and argument.bit_length() > 8 * LONGEST_NUMBER:
            raise Overdrawn(f"a number of {argument.bit_length()} bits")
        elif name in _NAMES:
            asked = str(argument).replace(" ", ".")
            if not _PLAIN.fullmatch(asked):
                return asked
        elif isinstance(argument, str):
            texts.append(argument)
    return ""
