"""Memories are small, keep what is in use, and tell different contents apart."""

from __future__ import annotations

import pytest
from PIL import Image

from studio.conditions.memory import Memory, picture_key


def test_a_memory_is_small_and_keeps_what_is_in_use() -> None:
    memory: Memory[list[int]] = Memory(3)
    made: list[int] = []

    def ask(key: int) -> list[int]:
        def make() -> list[int]:
            made.append(key)
            return [key]

        return memory.find(key, make)

    first = ask(0)
    for key in (1, 2, 0, 3, 0, 4, 0):
        ask(key)
    assert ask(0) is first and made == [0, 1, 2, 3, 4]
    ask(3)
    assert made == [0, 1, 2, 3, 4]
    ask(1)
    assert made == [0, 1, 2, 3, 4, 1]
    memory.forget()
    assert ask(0) == first and ask(0) is not first


def test_what_fails_is_tried_again() -> None:
    memory: Memory[int] = Memory(3)
    with pytest.raises(ZeroDivisionError):
        memory.find("key", lambda: 1 // 0)
    assert memory.find("key", lambda: 7) == 7


def test_pictures_are_named_by_what_they_show() -> None:
    red = Image.new("RGB", (4, 6), "red")
    assert picture_key(red) == picture_key(red.copy())
    others = [Image.new("RGB", (4, 6), "blue"), Image.new("RGB", (6, 4), "red")]
    # The same numbers in another palette, or with one colour of it made transparent.
    for colour in ((200, 0, 0), (0, 200, 0)):
        paletted = Image.new("P", (4, 6))
        paletted.putpalette(list(colour))
        others.append(paletted)
    see_through = paletted.copy()
    see_through.info["transparency"] = 0
    keys = {picture_key(p) for p in (red, *others, see_through)}
    assert len(keys) == 6
    assert len({picture_key(red, "face"), picture_key(red, "upper"), *keys}) == 8
