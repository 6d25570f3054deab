"""Prompts in other languages than English, as the English that the reader and the model know.

    in_english("camisa de lino blanca con cinco botones").text
    # "a white linen shirt with 5 buttons"

A language is a file beside this one (`table`); a prompt is cut into pieces by it (`pieces`), and
these are put together in English word order (`sentence`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from studio.garment.languages.pieces import Piece, han, kana, pieces, plain
from studio.garment.languages.sentence import sentence
from studio.garment.languages.table import Language, languages
from studio.garment.tokens import READ, items, normalise
from studio.garment.writer import either

ENGLISH: Final = "en"
UNREAD: Final = ""
"""What the language of a prompt is called that is none of those that are read."""
_LOANS: Final = re.compile(
    r"\b(?:crepe de chine|de chine|peau de soie|eau de nil|toile de jouy|broderie anglaise"
    r"|body con|haute couture|pret a porter|prêt à porter|a la|art deco|art nouveau|chine"
    r"|multicolou?r(?:ed)?)\b"
)
"""English as it is spoken in the trade, whatever language it comes from."""
_CONTENT: Final = frozenset(
    ("garment", "thing", "colour", "pattern", "fabric", "neckline", "sleeves", "component",
     "detail")
)  # fmt: skip


@dataclass(frozen=True)
class Span:
    """A stretch of the English text, and of the prompt that it comes from."""

    start: int
    end: int
    own_start: int
    own_end: int
    role: str


@dataclass(frozen=True)
class Translated:
    """A prompt in English.

    Attributes:
        prompt: as it was written. text: in English; the same where it was English, or unread.
        language: “en”, the code of a language's file, or `UNREAD`.
        unknown: words of the prompt that its language's file does not have, as they stand there.
        spans: where the English comes from, in its order; () where the text is the prompt.
        doubtful: the language has fewer than half of the words.
    """

    prompt: str
    text: str
    language: str = ENGLISH
    unknown: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    doubtful: bool = False

    @property
    def foreign(self) -> bool:
        """Whether the text is another than the prompt."""
        return self.language not in (ENGLISH, UNREAD)

    @property
    def problem(self) -> str | None:
        """The sentence for a prompt in a language that is not read, as far as one can tell."""
        if self.language != UNREAD and not self.doubtful:
            return None
        names = either(["English", *(language.name for language in languages())])
        return f"Few or none of these words are known: write in {names}."

    def told(self, unplaced: Iterable[str]) -> tuple[str, ...]:
        """Words of the text that were not understood, as the user wrote them.

        The words of a language that is not read are not told one by one.
        """
        return () if self.language == UNREAD else tuple(map(self.own, unplaced))

    def own(self, english: str) -> str:
        """The words of the prompt for words of the text, as the user wrote them."""
        if not self.foreign:
            return english
        noun = re.fullmatch(r"(.+) \((.+)\)", english)
        if noun:
            return f"{self.own(noun.group(1))} ({self.own(noun.group(2))})"
        stretches = self.stretches(english)
        return "".join(
            f"{' ' if at and start > stretches[at - 1][1] else ''}{self.prompt[start:end]}"
            for at, (start, end) in enumerate(stretches)
        ) or english  # fmt: skip

    def stretches(self, english: str) -> list[tuple[int, int]]:
        """Where the prompt says what words of the text say: (start, end), in its order."""
        at = re.sub(r"\s", " ", _bare(self.text)).find(_bare(english))
        if at < 0:
            return []
        found = sorted(
            {
                (s.own_start, s.own_end)
                for s in self.spans
                if s.start < at + len(english) and s.end > at
            }
        )
        joined: list[tuple[int, int]] = []
        for start, end in found:
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return joined


def _bare(text: str) -> str:
    """Lower case without accents, letter by letter."""
    split = (unicodedata.normalize("NFD", letter)[0] for letter in text)
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in split)


@lru_cache(maxsize=512)
def in_english(prompt: str) -> Translated:
    """A prompt in English. Any text goes: this never raises.

    English goes first: a prompt whose words are English as far as they are known stays as it is.
    """
    text = prompt[:READ]
    if _foreign_letters(text):
        return Translated(prompt, prompt, UNREAD)
    strange = _strange(text)
    if not strange:
        return Translated(prompt, prompt)
    whole = plain(text)
    if han(text) or kana(text):
        return _best_of_letters(prompt, text)
    best: tuple[int, Language, list[Piece]] | None = None
    for language in languages():
        if not language.spaces:
            continue
        cut = pieces(whole, language)
        own = sum(p.words for p in cut if p.own and p.role not in ("mark", "unknown"))
        if own and _says_more(cut, own, text, strange) and (best is None or own > best[0]):
            best = own, language, cut
    if best is not None:
        return _translated(prompt, best[1], best[2])
    if _all_strange(text, strange):
        return Translated(prompt, prompt, UNREAD)
    return Translated(prompt, prompt)


def _foreign_letters(text: str) -> bool:
    """Whether most letters are of an alphabet that no language here has."""
    letters = [c for c in text if c.isalpha()]
    read = sum(
        unicodedata.name(c, "").startswith(
            ("LATIN", "CJK", "HIRAGANA", "KATAKANA", "FULLWIDTH LATIN", "HALFWIDTH KATAKANA")
        )
        or c in "々ªº"
        for c in letters
    )
    return len(letters) > 2 * read


def _strange(text: str) -> list[tuple[int, int]]:
    """Where words stand that are no English ones that the reader knows, in the folded text."""
    folded = normalise(text)
    loans = [m.span() for m in _LOANS.finditer(folded)]
    return [
        (item.start, item.end)
        for item in items(folded)
        if item.kind == "other" and not any(a <= item.start < b for a, b in loans)
    ]


def _says_more(
    cut: Sequence[Piece], own: int, text: str, strange: Sequence[tuple[int, int]]
) -> bool:
    """Whether a language says more of a prompt than English does."""
    folded = normalise(text)
    words = [m.span() for m in re.finditer(r"[^\W\d_]+", folded)]
    english = sum(not any(a <= start < b for a, b in strange) for start, _ in words)
    said = plain(text).text
    unsaid = {folded[a:b] for a, b in strange}
    gained = [
        p for p in cut
        if p.own and p.role not in ("mark", "unknown")
        and any(
            word in other and word not in p.english.split()
            for word in _words_of(said, p) for other in unsaid
        )
    ]  # fmt: skip
    content = [p for p in gained if p.role in _CONTENT]
    named = any(item.kind == "garment" for item in items(folded))
    if own > english and (
        sum(p.words for p in gained) > 1
        or any(p.role == "colour" or not named for p in content)  # “blazer azul”
    ):
        return True
    if own == english and any(p.role == "garment" for p in content) and not named:
        return True  # “Mantel, navy”
    # “a red dress mit fünf Knöpfen”: a phrase of another language within English
    run = longest = 0
    for piece in cut:
        run = run + 1 if piece in gained else 0
        longest = max(longest, run)
    return bool(content) and longest > 1


def _words_of(text: str, piece: Piece) -> list[str]:
    """The words of a piece, and the part of a compound that it is, if long enough to tell."""
    found = re.findall(r"[^\W\d_]+", text[piece.start : piece.end])
    return [word for word in found if len(word) > 1]


def _all_strange(text: str, strange: Sequence[tuple[int, int]]) -> bool:
    """Whether a prompt of at least two words has none that English knows."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    return len(words) > 1 and len(strange) >= len(words)


def _best_of_letters(prompt: str, text: str) -> Translated:
    """Chinese or Japanese: the one that knows more of the text; kana are Japanese."""
    whole, found = plain(text), []
    for language in languages():
        if language.spaces or (kana(text) and not language.kana):
            continue
        cut = pieces(whole, language)
        known = sum(p.words for p in cut if p.own and p.role not in ("mark", "unknown"))
        found.append((known, not language.kana, language, cut))
    if not found:
        return Translated(prompt, prompt, UNREAD)
    _, _, language, cut = max(found, key=lambda one: one[:2])
    return _translated(prompt, language, cut)


def _translated(prompt: str, language: Language, cut: Sequence[Piece]) -> Translated:
    parts, strange = sentence(cut, language.before)
    text, spans = "", list[Span]()
    told = _joined(strange, prompt)
    if language.spaces:
        # Another model may know them.
        for start, end, unknown in told:
            if unknown:
                parts += [(",", None), (prompt[start:end], Piece("unknown", "", start, end))]
    for word, piece in parts:
        if word == ",":
            text += "," if text else ""
            continue
        text += " " if text else ""
        start, text = len(text), text + word
        if piece is not None:
            stretches = [piece] if piece.by is None else [piece.by, piece]
            spans += (Span(start, len(text), p.start, p.end, piece.role) for p in stretches)
    unknown = tuple(dict.fromkeys(prompt[start:end] for start, end, _ in told))
    known = sum(p.words for p in cut if p.role not in ("mark", "unknown"))
    doubtful = known < sum(p.words for p in cut if p.role == "unknown")
    return Translated(prompt, text, language.code, unknown, tuple(spans), doubtful)


def _joined(strange: Sequence[Piece], prompt: str) -> list[tuple[int, int, bool]]:
    """Neighbours among words without English as one stretch each: (start, end, unknown)."""
    found: list[tuple[int, int, bool]] = []
    for piece in sorted(strange, key=lambda p: p.start):
        unknown = piece.role == "unknown"
        if found and re.fullmatch(r"[\s'’-]*", prompt[found[-1][1] : piece.start]):
            found[-1] = (found[-1][0], piece.end, found[-1][2] or unknown)
        else:
            found.append((piece.start, piece.end, unknown))
    return found
