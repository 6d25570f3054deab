"""A text without some of its words, and without what joined these to the rest."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Final

from studio.garment.lexicon import Kind
from studio.garment.tokens import Item

_JOINING: Final[tuple[Kind, ...]] = (
    "break", "preposition", "determiner", "negation", "not", "or", "filler",
)  # fmt: skip
_ENDING: Final[tuple[Kind, ...]] = ("mark", "break", "preposition", "or", "scene")
_WORN: Final = frozenset(("wearing", "wears", "wear", "dressed"))


def without(listed: Sequence[Item], gone: Set[int], text: str) -> list[tuple[int, int, str]]:
    """The stretches of a text to take out, as (start, end, "").

    Args:
        listed: the text's things. gone: the places among them that are left out.
    """
    if not gone:
        return []
    out = set(gone)
    changed = True
    while changed:
        changed = False
        kept = [i for i in range(len(listed)) if i not in out]
        for at, index in enumerate(kept):
            after = kept[at + 1] if at + 1 < len(kept) else len(listed)
            before = kept[at - 1] if at else -1
            item = listed[index]
            dangles = after == len(listed) or listed[after].kind in _ENDING
            said = text[item.start : item.end]
            first = before < 0 and index > 0
            if (
                (after > index + 1 and item.kind in _JOINING and dangles and said not in _WORN)
                or (item.kind == "mark" and item.value in ",;" and (
                    (after > index + 1 and dangles) or first
                ))
                or (
                    after > index + 1
                    and said in ("and", "&", "/")
                    and before >= 0
                    and listed[before].kind == "colour"
                    and (after == len(listed) or listed[after].kind != "colour")
                )
                or (first and item.kind in ("break", "or") and said not in _WORN)
            ):  # fmt: skip
                out.add(index)
                changed = True
                break
    cuts: list[tuple[int, int, str]] = []
    for index in sorted(out):
        end = listed[index + 1].start if index + 1 < len(listed) else len(text)
        start = listed[index].start
        if cuts and cuts[-1][1] == start:
            cuts[-1] = (cuts[-1][0], end, "")
        else:
            cuts.append((start, end, ""))
    return cuts
