"""“Short rather than long sleeves”: the noun is said once, and belongs to both adjectives.

It is put beside the wished one too, before anything is read: what is refused takes its own along.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from studio.garment.lexicon import KINDS_OF_FIELDS, LEXICON, Kind

_AGAINST: Final = (
    ("rather", "than"), ("instead", "of"), ("as", "opposed", "to"), ("in", "place", "of"),
    ("and", "not"), ("but", "not"), ("not",), ("never",),
)  # fmt: skip
"""What stands between the wished and the refused."""
_PARTS: Final = frozenset(
    (
        "sleeve", "sleeves", "sleeved", "neck", "neckline", "necked", "collar", "collars",
        "collared", "lapel", "lapels", "leg", "legs", "legged", "waist", "waisted", "hem",
        "hemline", "strap", "straps", "hood", "lining", "trim", "stripe", "stripes", "dots",
        "checks", "flowers", "print", "length", "rise", "fit", "front", "shoulders", "cut",
    )
)  # fmt: skip
"""Nouns of parts, beside the components'."""
_SMALL: Final = frozenset(("a", "an", "the", "with", "in"))
_WORD: Final = re.compile(r"[\w']+|[^\w\s]")
_BESIDE: Final = frozenset(",(-–—")
_MOST: Final = 3
"""Words that an adjective has at most (“button-down”)."""
_KINDS: Final[tuple[Kind, ...]] = (*KINDS_OF_FIELDS, "shade")


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int


def shared_nouns(text: str) -> str:
    """A lower-case text in which each of two adjectives has the noun that they share."""
    if not any(pair[0] in text for pair in _AGAINST):
        return text
    words = [_Word(m.group(), *m.span()) for m in _WORD.finditer(text)]
    put: list[tuple[int, int, str]] = []
    for at in range(1, len(words)):
        against = next((p for p in _AGAINST if _said(words[at : at + len(p)]) == p), None)
        refused = _refused(words, at + len(against)) if against else None
        if against is None or refused is None:
            continue
        noun = words[refused].text
        before = at - 1
        while before > 0 and words[before].text in _BESIDE:
            before -= 1
        wished = _fits(words, before, refused)
        if wished:
            put.append(_beside(text, words[before], noun))
            if words[refused - 1].text in _BESIDE:  # “wide, not narrow, lapels”
                put.append((words[refused - 1].start, words[refused - 1].end, ""))
            continue
        after = refused + 1
        while after < len(words) and words[after].text in (*_BESIDE, "but"):
            after += 1
        ends = after + 1 == len(words) or (
            after + 1 < len(words) and words[after + 1].text in (*",.;)", "ones", "one")
        )
        if after > refused + 1 and ends and _fits(words, after, refused):
            put.append(_beside(text, words[after], noun))  # “not long sleeves but short”
    for start, end, noun in sorted(set(put), reverse=True):
        text = f"{text[:start]}{noun}{text[end:]}"
    return text


def _said(words: Sequence[_Word]) -> tuple[str, ...]:
    return tuple(word.text for word in words)


def _refused(words: Sequence[_Word], at: int) -> int | None:
    """Where the noun stands of what is refused from here on: “a long sleeve”."""
    while at < len(words) and words[at].text in _SMALL:
        at += 1
    for index in range(at + 1, min(at + _MOST + 1, len(words))):
        last = words[index - 1].text
        if words[index].text in _BESIDE and index > at:
            continue
        if _is_noun(words[index].text) or (
            _kind(words[index].text) == "colour" and _kind(last) == "shade"
        ):
            return index
        if _kind(words[index].text) not in (*_KINDS, None):
            return None
    return None


def _is_noun(word: str) -> bool:
    return word in _PARTS or _kind(word) == "component"


def _kind(word: str) -> Kind | None:
    entry = LEXICON.get((word,))
    return entry.kind if entry else None


def _fits(words: Sequence[_Word], at: int, noun: int) -> bool:
    """Whether a word is an adjective of the same kind as the noun's own, and has none yet."""
    if not 0 <= at < len(words):
        return False
    word = words[at].text
    if word in ("ones", "one"):
        return at > 0 and _fits(words, at - 1, noun)
    own = noun - 1
    while words[own].text in _BESIDE:
        own -= 1
    kinds = _kind(word), _kind(words[own].text)
    if word in _PARTS or not word[:1].isalpha() or words[at].text in _SMALL:
        return False
    together = LEXICON.get((word, words[noun].text))
    if together is not None:
        return True
    alike = kinds[0] == kinds[1] and kinds[0] in (*_KINDS, None)
    return alike and kinds[0] not in ("sleeves", "neckline")


def _beside(text: str, word: _Word, noun: str) -> tuple[int, int, str]:
    """Where the noun goes: after its adjective, or in place of “ones”."""
    if word.text in ("ones", "one"):
        return word.start, word.end, noun
    glued = text[word.end : word.end + 1] == "-"
    at = word.end + glued
    after = re.match(r" ones?\b", text[at:])
    if after:
        return at, at + after.end(), f" {noun}"
    return at, at, noun if glued else f" {noun}"
