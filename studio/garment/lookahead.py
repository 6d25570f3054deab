"""What comes next in a prompt: a garment, a number, a place. Nothing here changes what was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from studio.garment.lexicon import KINDS_OF_FIELDS, Kind
from studio.garment.tokens import Item, Number

_DESCRIBES: Final[tuple[Kind, ...]] = (
    *KINDS_OF_FIELDS, "filler", "rows", "other", "cloth", "shade", "print", "told", "refused",
)  # fmt: skip
_BETWEEN: Final[tuple[Kind, ...]] = (
    "component", "number", "area", "side", "detail", "thing", "scene head",
)  # fmt: skip
"""Nouns that can stand before a garment as what it has: “button front lace dress”."""


def reaches_garment(items: Sequence[Item], at: int, colours: bool = True) -> bool:
    """Whether only what describes a garment stands between here and one.

    Args:
        colours: a colour may stand between, too; not where this is another thing (“black scarf
            grey coat”).
    """
    for index in range(at, min(at + 14, len(items))):
        item = items[index]
        if item.kind == "garment":
            return True
        if item.kind == "colour" and not colours:
            return False
        plural = item.entry and item.entry.plural
        if item.kind in _DESCRIBES or (item.kind in _BETWEEN and not plural):
            continue
        return False
    return False


def number_after(items: Sequence[Item], at: int) -> tuple[Number | None, int]:
    """“buttons: 5”, “buttons x 5”, “pockets (2)”, “buttons 5”."""
    seen = at
    while seen < len(items) and seen < at + 2 and (
        (items[seen].kind == "mark" and items[seen].value in ":=×(*")
        or items[seen].value in ("x", "is", "are")
    ):  # fmt: skip
        seen += 1
    if seen >= len(items):
        return None, at
    number = items[seen].number
    if items[seen].value == "none" or (items[seen].value == "no" and seen > at):
        number = Number(0, items[seen].value)  # “buttons: none”
    if number is None:
        return None, at
    after = items[seen + 1].kind if seen + 1 < len(items) else "mark"
    if after not in ("mark", "break", "determiner"):
        return None, at
    return number, seen + 1


def place_after(items: Sequence[Item], at: int) -> tuple[str | None, str | None, int]:
    """“on the left chest”, “at each side of the waist”: (side, area, where to go on)."""
    side = area = None
    for _ in range(3):
        seen, found = at, False
        first = items[seen] if seen < len(items) else None
        if first is None or not (
            first.kind in ("preposition", "side", "area") or first.value in ("(", ":")
        ):
            break
        while seen < len(items):
            item = items[seen]
            if item.kind == "side":
                side, found = side or item.value, True
            elif item.kind == "area":
                area, found = item.value if area in (None, "side", "front") else area, True
            elif item.kind == "component" or (item.kind == "neckline" and not found):
                if first.kind == "preposition" and not reaches_garment(items, seen + 1):
                    return side, "nowhere", seen + 1
                return (None, None, at) if first.kind != "preposition" else (side, area, at)
            elif item.kind not in ("determiner", "filler") and not (
                item.kind == "preposition" and (seen == at or (found and item.value == "of"))
            ) and item.value not in ("(", ":"):  # fmt: skip
                break
            seen += 1
        if not found:
            break
        at = seen
        while at and items[at - 1].kind in ("determiner", "preposition", "filler"):
            at -= 1
    return side, area, at
