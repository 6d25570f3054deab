"""From a prompt's text to the things that it names, in order.

Nothing here knows what a garment can have; `studio.garment.parse` puts the things together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from studio.garment.contrasts import shared_nouns
from studio.garment.lexicon import LEXICON, LONGEST, Entry, Kind
from studio.garment.phrases import SCALES, TENS, UNITS
from studio.garment.shorthands import spelled_out

READ: Final = 2_000
"""Characters that a prompt may have: five times what the text encoder can take in."""
_TOKEN: Final = re.compile(
    r"(?P<number>(?:(?<![\w)])[-−–])?[0-9]+(?:[.,][0-9]+)*(?:e[+-]?[0-9]+)?(?:[/⁄][0-9]+)?)"
    r"|(?P<word>(?!x\d)[^\W\d_]+\d+[^\W\d_]+(?!\w)|[^\W\d_]+(?:['’][^\W\d_]+)?)"
    r"|(?P<mark>\n|(?P<run>[^\w\s])(?P=run)*)"
)
_FRACTIONS: Final = (
    (re.compile(r"\b(?:3[/⁄]4|3 4|7[/⁄]8)(?=[ -](?:length )?(?:sleeve|length))"), "three quarter"),
    (re.compile(r"\b1[/⁄]2(?=[ -](?:zip|sleeve|placket))"), "half"),
    (re.compile(r"\b1[/⁄]4(?=[ -](?:zip|button|placket))"), "quarter"),
    (re.compile(r"\b3[/⁄]4(?=[ -]zip)"), "half"),
)
"""Fractions that are the name of a cut and count nothing."""
_MEASURES: Final = frozenset(
    ("s", "k", "mm", "cm", "m", "th", "st", "nd", "rd", "d", "xl", "px", "p", "gsm", "oz", "am")
)
_QUIET: Final = frozenset("'\"’‘“”`*")
_SINGLE: Final = {
    **{word: value for value, word in enumerate(UNITS) if value},
    **TENS,
    "single": 1, "twin": 2, "dozen": 12, "couple": 2, "pair": 2,
}  # fmt: skip


_HEADS: Final = frozenset(
    ("sleeve", "sleeves", "sleeved", "neck", "necked", "neckline", "collar", "hem", "hemline",
     "waist", "waisted", "leg", "legs", "legged", "front", "print", "prints", "printed", "trim",
     "trims", "trimmed", "dye", "dyed", "shoulder", "shoulders", "back", "lapel", "lapels", "rise",
     "pattern", "patterned")
)  # fmt: skip
"""Nouns that make one thing of themselves and an unknown word before them."""
_GLUED: Final = frozenset(("cut", "fit", "style", "length", "detail", "up", "down", "on", "over"))
"""The same where a hyphen joins them."""


_SEASONS: Final = frozenset(("ss", "aw", "fw", "spring", "summer", "autumn", "fall", "winter"))
"""With a number after them the season of a collection: “SS24”."""


def too_long(name: str, text: str) -> str:
    """The sentence for a text that is longer than any prompt may be."""
    return f"The {name} has {len(text)} characters: shorten it to {READ} or fewer."


@dataclass(frozen=True)
class Number:
    """A count as written. `value` may be negative, fractional or huge: the reader judges it."""

    value: float
    text: str


@dataclass(frozen=True)
class Item:
    """One thing that the text names: its part of speech, and where it stands in the text."""

    kind: Kind
    value: str
    start: int
    end: int
    entry: Entry | None = None
    number: Number | None = None


def normalise(text: str) -> str:
    """Lower case, compatibility forms folded; fractions of cuts, shorthands and shared nouns as
    words."""
    text = unicodedata.normalize("NFKC", text[:READ])[:READ].lower()
    text = text.replace("é", "e").replace("\ufe0f\u20e3", " ").replace("\u20e3", " ")
    for pattern, words in _FRACTIONS:
        text = pattern.sub(words, text)
    return shared_nouns(spelled_out(text))


@dataclass(frozen=True)
class Token:
    """A word, a number or a mark, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind, word = match.lastgroup or "", match.group()
        start, end = match.span()
        if kind == "mark":
            word = word[0]
            glued = start > 0 and end < len(text) and not (text[start - 1] + text[end]).isspace()
            if word in _QUIET or (word in "-‐‑" and glued and text[start - 1].isalnum()):
                continue
        if kind == "word":
            word = word.replace("’", "'")
            last = found[-1] if found else None
            if word in _MEASURES and last and last.kind == "number" and last.end == start:
                found[-1] = Token("word", last.text + word, last.start, end)
                continue
        found.append(Token(kind, word, start, end))
    return found


def items(text: str) -> list[Item]:
    """The things that a normalised text names, longest phrases first."""
    tokens = _tokens(text)
    found: list[Item] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "mark":
            found.append(Item("mark", token.text, token.start, token.end))
            at += 1
            continue
        length, entry = _phrase(tokens[: _glued_to_no(text, tokens, at)], at)
        taken, number = _number(tokens, at)
        if number and taken >= length:
            end = tokens[at + taken - 1].end
            found.append(Item("number", number.text, token.start, end, None, number))
            at += taken
        elif entry:
            end = tokens[at + length - 1].end
            found.append(Item(entry.kind, entry.value, token.start, end, entry))
            at += length
        else:
            found.append(Item("other", token.text, token.start, token.end))
            at += 1
        _join(text, found)
    return found


def _glued_to_no(text: str, tokens: Sequence[Token], at: int) -> int:
    """How far a phrase may go: “non-denim jacket” is a jacket, and not without a denim jacket."""
    if not at or tokens[at - 1].text not in NO or not _hyphen(text, tokens, at):
        return len(tokens)
    end = at + 1
    while end < len(tokens) and _hyphen(text, tokens, end):
        end += 1
    return end


NO: Final = frozenset(("no", "non"))
"""Before a hyphen they are said of one word alone."""


def _hyphen(text: str, tokens: Sequence[Token], at: int) -> bool:
    """Whether a hyphen stands between a word and the one before it."""
    return text[tokens[at - 1].end : tokens[at].start] in ("-", "‐", "‑")


def _join(text: str, found: list[Item]) -> None:
    """Two words that are one thing: “dark green” is a colour, “tie front” and “cape-sleeve” are
    details that no word of the lexicon names."""
    if len(found) < 2:
        return
    first, second = found[-2:]
    if second.start - first.end > 1:
        return
    said = text[second.start : second.end]
    before = text[first.start : first.end]
    if (before == "size" and second.kind in ("other", "number")) or (
        before in _SEASONS and second.kind == "number"
    ):
        words = text[first.start : second.end]
        found[-2:] = [Item("detail", words, first.start, second.end, Entry("detail", words))]
    elif first.kind == "shade" and second.kind == "colour":
        found[-2:] = [replace(second, start=first.start)]
    elif first.kind in ("other", "cloth", "thing", "detail") and not _plural(first) and (
        said in _HEADS or (said in _GLUED and text[first.end : second.start] != " ")
    ):  # fmt: skip
        words = text[first.start : second.end]
        found[-2:] = [Item("detail", words, first.start, second.end, Entry("detail", words))]


def _plural(item: Item) -> bool:
    return item.entry is not None and item.entry.plural


def _phrase(tokens: Sequence[Token], at: int) -> tuple[int, Entry | None]:
    """The longest phrase of the lexicon that starts here, as (words, entry)."""
    words: list[str] = []
    best: tuple[int, Entry | None] = (0, None)
    for token in tokens[at : at + LONGEST]:
        if token.kind == "mark":
            break
        words.append(token.text)
        if entry := LEXICON.get(tuple(words)):
            best = len(words), entry
    entry = best[1]
    if entry and entry.kind == "garment" and best[0] > 1 and _closes_a_place(tokens, at):
        return 1, LEXICON[tokens[at].text,]  # “a belted at the waist coat”
    if entry and entry.kind == "scene" and entry.value == "on white" and at + 2 < len(tokens):
        # “on white” is a ground, but “a belt on white trousers” is not.
        _, after = _phrase(tokens, at + 2)
        if after and after.kind not in ("scene", "break", "preposition"):
            return 1, LEXICON["on",]
    return best


def _closes_a_place(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word ends “at the waist”, and so begins no name with the word after it."""
    first = LEXICON.get((tokens[at].text,))
    before = at - 1
    if before >= 0 and (known := LEXICON.get((tokens[before].text,))):
        before -= known.kind == "determiner"
    named = first is not None and first.kind == "area"
    return named and before >= 0 and tokens[before].text in _AT


_AT: Final = frozenset(("at", "around", "round", "below", "above", "about"))
"""Before a place; nobody is at a waistcoat."""


def _number(tokens: Sequence[Token], at: int) -> tuple[int, Number | None]:
    """A number that starts here, as (tokens taken, number)."""
    first = tokens[at]
    if first.kind == "number":
        value, taken = _digits(first.text), 1
        if at + 1 < len(tokens) and tokens[at + 1].text in ("dozen", *SCALES):
            value *= 12 if tokens[at + 1].text == "dozen" else SCALES[tokens[at + 1].text]
            taken = 2
        return _made(tokens, at, taken, value)
    words = [t.text if t.kind == "word" else "" for t in tokens[at : at + 8]]
    if words[:3] in (["half", "a", "dozen"], ["a", "half", "dozen"]):
        return _made(tokens, at, 3, 6)
    if words[0] == "half" and words[1:2] and words[1] in ("a", "an"):
        return _made(tokens, at, 2, 0.5)
    if words[0] in ("minus", "negative") and at + 1 < len(tokens):
        taken, number = _number(tokens, at + 1)
        return _made(tokens, at, taken + 1, -number.value) if number else (0, None)
    skip = 1 if words[0] == "a" and words[1:2] and words[1] in ("couple", "pair", "dozen", "single",
                                                               *SCALES) else 0  # fmt: skip
    total, taken = _spelled(words[skip:])
    if not taken:
        return 0, None
    taken += skip
    if words[taken : taken + 1] == ["of"] and words[taken - 1] in ("couple", "pair", "pairs"):
        taken += 1
    return _made(tokens, at, taken, total)


def _spelled(words: Sequence[str]) -> tuple[float, int]:
    """“a hundred and twenty five” as (125, words taken)."""
    total, part, taken = 0.0, 0.0, 0
    for index, word in enumerate(words):
        if word in SCALES:
            part = (part or 1) * SCALES[word]
            if SCALES[word] > 100:
                total, part = total + part, 0.0
        elif word in ("dozen", "couple", "pair") and index == 1 and part:
            part *= _SINGLE[word]
        elif word in _SINGLE:
            value = _SINGLE[word]
            if index and not (
                (part % 100 >= 20 and part % 10 == 0 and value < 10)
                or (part >= 100 and part % 100 == 0 and value < 100)
                or (part == 0 and total)
            ):
                break
            part += value
        elif word == "and" and index and words[index - 1] in SCALES:
            if index + 1 >= len(words) or words[index + 1] not in _SINGLE:
                break
            continue
        else:
            break
        taken = index + 1
    return total + part, taken


def _made(tokens: Sequence[Token], at: int, taken: int, value: float) -> tuple[int, Number]:
    text = " ".join(t.text for t in tokens[at : at + taken])
    return taken, Number(value, text if len(text) <= 24 else f"{text[:20]}…")


def _digits(text: str) -> float:
    """The value of digits as typed: signs, thousands, decimals, exponents, fractions."""
    text = text.replace("−", "-").replace("–", "-").replace("⁄", "/")
    over, _, under = text.partition("/")
    if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+", over):
        over = over.replace(",", "")
    parts = over.replace(",", ".").split(".")
    try:
        value = float(".".join(parts[:2]))
        return value / float(under) if under else value
    except (ZeroDivisionError, OverflowError):
        return float("inf")
