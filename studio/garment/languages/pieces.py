"""A prompt cut into pieces: the words of one language, English ones among them, and the rest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from studio.garment.languages.table import Language, Role, Word
from studio.garment.lexicon import LEXICON, LONGEST, Entry
from studio.garment.phrases import TENS, UNITS
from studio.garment.tokens import Token

_TOKEN: Final = re.compile(
    r"(?P<number>[0-9]+(?:[.,/⁄][0-9]+)*)|(?P<word>[^\W\d_]+)|(?P<mark>\n|[^\w\s]|_)"
)
_QUIET: Final = frozenset("'\"’‘“”„«»`´*「」『』《》")
_ROLES: Final[Mapping[str, Role]] = {
    "garment": "garment", "colour": "colour", "pattern": "pattern", "fabric": "fabric",
    "neckline": "neckline", "sleeves": "sleeves", "length": "length", "fit": "fit",
    "component": "component", "rows": "look", "detail": "detail", "thing": "thing",
    "person": "person", "scene": "scene", "scene head": "ground", "area": "place", "side": "side",
}  # fmt: skip
"""The parts of the English lexicon, as parts of a language's file; the others are small."""
_NUMERALS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMERAL: Final = re.compile(r"[0-9]+|[零〇一二两三四五六七八九十百]+")
_HAN: Final = re.compile(r"[\u2e80-\u2fff\u3400-\u9fff\uf900-\ufaff々〇]")
_KANA: Final = re.compile(r"[\u3040-\u30ff]")
_ENGLISH_NUMBERS: Final = {w: i for i, w in enumerate(UNITS)} | TENS


@dataclass(frozen=True)
class Piece:
    """A piece of a prompt.

    Attributes:
        role: the part that it plays. english: its English, or the mark, or the small word's kind.
        start, end: where it stands in the prompt.
        words: how many words of the prompt it takes.
        own: it is a word of the language, and not an English one or unknown.
        number: its value, where it is one.
        area: the place that a compound says of it (“Brusttasche”).
        bound: no space or mark stands before it.
        said: the prompt's own word, in lower case.
        by: the word that refuses it (“kein”), where one does.
    """

    role: Role
    english: str
    start: int
    end: int
    words: int = 1
    own: bool = True
    number: float | None = None
    area: str | None = None
    bound: bool = False
    said: str = ""
    by: Piece | None = None


@dataclass(frozen=True)
class Plain:
    """A text in compatibility forms and lower case, and where its letters stand in the original."""

    text: str
    at: tuple[int, ...]
    original: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of the text in the original."""
        stop = self.at[end] if end < len(self.at) else len(self.original)
        return self.at[start], stop


def plain(text: str) -> Plain:
    """Letters with the marks that belong to them are folded together, so that each is found."""
    out: list[str] = []
    at: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and (unicodedata.combining(text[end]) or text[end] in "ﾞﾟ"):
            end += 1
        folded = unicodedata.normalize("NFKC", text[start:end]).lower()
        out.append(folded)
        at += [start] * len(folded)
        start = end
    return Plain("".join(out), tuple(at), text)


def han(text: str) -> int:
    """How many Chinese characters a text has, those of Japanese among them."""
    return len(_HAN.findall(text))


def kana(text: str) -> int:
    """How many letters of Japanese."""
    return len(_KANA.findall(text))


def _tokens(text: str) -> list[Token]:
    """Words, numbers and marks; what glues words together (“V-Ausschnitt”, “d'été”) is left out."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind, word = match.lastgroup or "", match.group()
        start, end = match.span()
        between = start > 0 and end < len(text) and text[start - 1].isalnum()
        if kind == "mark" and (word in _QUIET or (word in "-‐‑–" and between)):
            continue
        if kind == "mark" and word in "&+":
            kind, word = "word", "&"
        found.append(Token(kind, word, start, end))
    return found


def pieces(text: Plain, language: Language) -> list[Piece]:
    """A prompt as a language has it, longest phrases first."""
    found = _spaced(text, language) if language.spaces else _unspaced(text, language)
    return [_placed(piece, text) for piece in found]


def _placed(piece: Piece, text: Plain) -> Piece:
    start, end = text.span(piece.start, piece.end)
    return replace(piece, start=start, end=end, said=text.text[piece.start : piece.end])


def _spaced(text: Plain, language: Language) -> list[Piece]:
    tokens = _tokens(text.text)
    folded = [language.fold(t.text) for t in tokens]
    bent = [language.forms_of(word) for word in folded]
    if language.before and (shared := _shared_nouns(tokens, folded, bent, language)):
        for at, noun in sorted(shared, reverse=True):
            tokens.insert(at, tokens[noun])
            folded.insert(at, folded[noun])
            bent.insert(at, bent[noun])
    found: list[Piece] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "mark":
            found.append(Piece("mark", token.text, token.start, token.end))
            at += 1
            continue
        taken, word, own = _longest(tokens, folded, bent, at, language)
        end = tokens[at + max(taken, 1) - 1].end
        if word is not None and (token.kind == "word" or taken > 1):
            piece = Piece(word.role, word.english, token.start, end, taken, own)
            if word.role == "number":
                piece = replace(piece, number=float(word.english))
            found.append(piece)
        elif token.kind == "number":
            found.append(_digits(token.text, token.start, token.end))
        elif token.text == "x" and found and found[-1].role in ("component", "number"):
            pass  # “buttons x 5”, “5 x buttons”
        elif language.compounds and (parts := _compound(token, language)):
            found += parts
        else:
            found.append(Piece("unknown", token.text, token.start, end, own=False))
        at += max(taken, 1)
    return found


def _shared_nouns(
    tokens: Sequence[Token],
    folded: Sequence[str],
    bent: Sequence[tuple[str, ...]],
    language: Language,
) -> list[tuple[int, int]]:
    """“mit kurzen statt langen Ärmeln”: (where a noun belongs as well, where it stands)."""
    found: list[tuple[int, int]] = []
    for at in range(1, len(tokens)):
        taken, word, _ = _longest(tokens, folded, bent, at, language)
        if word is None or word.role != "small" or word.english not in ("instead", "without"):
            continue
        before, after = at - 1, at + taken
        while before > 0 and tokens[before].text in ",(":
            before -= 1
        while after < len(tokens) and (
            (small := _longest(tokens, folded, bent, after, language)[1]) is not None
            and (small.role, small.english) == ("small", "drop")
        ):
            after += 1
        noun = after + 1
        if noun >= len(tokens) or tokens[before].kind != "word":
            continue
        wished, refused, part = (
            _longest(tokens[:end], folded[:end], bent[:end], start, language)[1]
            for start, end in ((before, before + 1), (after, after + 1), (noun, noun + 1))
        )
        roles = {word.role for word in (wished, refused) if word is not None}
        if len(roles) != 1 or (None in (wished, refused) and part is None):
            continue
        shares = _compound(tokens[noun], language) if part is None else part.role in _SHARED
        if roles <= _SHARING and shares:
            found.append((before + 1, noun))
    return found


_SHARING: Final[frozenset[Role]] = frozenset(("look", "length", "fit", "colour", "fabric", "shade"))
_SHARED: Final[frozenset[Role]] = frozenset(
    ("garment", "component", "sleeves", "neckline", "detail", "pattern")
)


def _digits(text: str, start: int, end: int) -> Piece:
    whole = text.isascii() and text.isdigit() and len(text) < 10
    return Piece("number", text, start, end, own=False, number=float(text) if whole else None)


def _longest(
    tokens: Sequence[Token],
    folded: Sequence[str],
    bent: Sequence[tuple[str, ...]],
    at: int,
    language: Language,
) -> tuple[int, Word | None, bool]:
    """The longest phrase that starts here: (words, what it is, whether it is the language's)."""
    until = at
    while until < len(tokens) and until - at < max(language.longest, LONGEST):
        if tokens[until].kind == "mark":
            break
        until += 1
    for length in range(until - at, 0, -1):
        key = tuple(folded[at : at + length])
        said = tuple(t.text for t in tokens[at : at + length])
        word = language.spelled.get(said) or language.exact.get(key)
        english = LEXICON.get(said) or LEXICON.get(tuple(w.replace("é", "e") for w in said))
        if word is None and english is None:
            word = language.bent(bent[at : at + length])
        if word is not None:
            if word.role == "place" and length > 1 and _runs_on(folded, at, length, language):
                continue
            return length, word, True
        if english is not None:
            return length, of_english(english, " ".join(said)), False
    if tokens[at].text in _ENGLISH_NUMBERS:
        return 1, Word("number", str(_ENGLISH_NUMBERS[tokens[at].text])), False
    return 0, None, False


def _runs_on(folded: Sequence[str], at: int, length: int, language: Language) -> bool:
    """Whether the end of a phrase begins a longer one: “au col | mao”, and not “au | col mao”."""
    start = at + length - 1
    most = min(language.longest, len(folded) - start)
    return any(tuple(folded[start : start + more]) in language.exact for more in range(2, most + 1))


def of_english(entry: Entry, said: str) -> Word:
    """An English phrase among those of another language."""
    if entry.kind in _ROLES:
        return Word(_ROLES[entry.kind], entry.value if entry.kind in ("area", "side") else said)
    if entry.kind == "negation":
        return Word("small", "without")
    if entry.kind in ("break", "or"):
        return Word("small", "and" if said in ("and", "or", "plus") else "with")
    return Word("small", "drop")


def _compound(token: Token, language: Language) -> list[Piece]:
    """The parts of a compound that are known; what stands before them may be unknown."""
    word = token.text
    if len(word) > _LONGEST_WORD:
        return []
    for start in range(0, len(word) - _PART + 1):
        parts = _split(word[start:], language) if start == 0 or start >= _PART else None
        if parts is None or (start and parts[-1][1].role == "small"):
            continue
        found: list[Piece] = []
        area: str | None = None
        for text, part in parts:
            begin = token.start + start + sum(len(t) for t, _ in parts[: len(found)])
            piece = Piece(part.role, part.english, begin, begin + len(text), 0)
            if part.role == "number":
                piece = replace(piece, number=float(part.english))
            found.append(piece)
            area = part.english if part.role == "place" else area
        first = min(range(len(found)), key=lambda i: found[i].role == "small")
        found[first] = replace(found[first], words=1)
        if found[-1].role in ("component", "detail") and area:
            # “Brusttasche”: the place is said of the pocket
            found = [p for p in found if p.role != "place"]
            found[-1] = replace(found[-1], area=area, start=token.start + start, words=1)
        found = [p for p in found if p.role != "small" or p.words]
        if start:
            end = token.start + start
            found.insert(0, Piece("unknown", word[:start], token.start, end, own=False))
        return found
    return []


_PART: Final = 3
"""Letters of the shortest part of a compound."""
_LONGEST_WORD: Final = 40


@lru_cache(maxsize=4096)
def _split(word: str, language: Language) -> list[tuple[str, Word]] | None:
    """A word as known parts, joints between them, or None."""
    whole = _known(word, language)
    if whole is not None:
        return [(word, whole)]
    for cut in range(len(word) - _PART, _PART - 1, -1):
        first = _known(word[:cut], language)
        if first is None:
            continue
        for joint in ("", *language.joints):
            if word[cut:].startswith(joint) and len(word) - cut - len(joint) >= _PART:
                rest = _split(word[cut + len(joint) :], language)
                if rest is not None:
                    return [(word[: cut + len(joint)], first), *rest]
    return None


@lru_cache(maxsize=4096)
def _known(word: str, language: Language) -> Word | None:
    folded = language.fold(word)
    found = language.exact.get((folded,)) or language.bent([language.forms_of(folded)])
    # Small words inside of a word are chance (“Damen|mantel” is not).
    return None if found is not None and found.role == "small" and len(word) < 5 else found


def _unspaced(text: Plain, language: Language) -> list[Piece]:
    """Longest match, as Chinese and Japanese are written; Latin words among them are English."""
    folded = text.text.translate(dict(language.simple))
    found: list[Piece] = []
    at, unknown, spaced = 0, -1, True
    while at < len(folded):
        piece = _match(folded, at, language)
        if piece is None and not folded[at].isspace():
            unknown = at if unknown < 0 else unknown
            at += 1
            continue
        if unknown >= 0:
            found.append(_unknown(folded, unknown, at))
            unknown, spaced = -1, False
        if piece is None:
            # Between letters of one script a space is as good as a comma.
            between = bool(found) and found[-1].role in ("number", "small")
            around = folded[max(at - 1, 0) : at + 2]
            if not between and not any(c.isascii() and c.isalnum() for c in around):
                found.append(Piece("mark", " ", at, at + 1))
            at, spaced = at + 1, True
            continue
        found.append(replace(piece, bound=not spaced and piece.role != "mark"))
        at, spaced = piece.end, piece.role == "mark"
    if unknown >= 0:
        found.append(_unknown(folded, unknown, len(folded)))
    return _of_longer_words(found, folded)


def _unknown(text: str, start: int, end: int) -> Piece:
    return Piece("unknown", text[start:end], start, end, end - start, own=False)


def _of_longer_words(found: Sequence[Piece], text: str) -> list[Piece]:
    """A character before unknown ones is the start of their word: “长颈鹿” is no long deer."""
    kept: list[Piece] = []
    for piece in found:
        last = kept[-1] if kept else None
        if (
            piece.role == "unknown"
            and last is not None
            and (last.end, last.words) == (piece.start, 1)
            and last.role in _BEGINNINGS
            and han(text[last.start : last.end])
            and han(text[piece.start])
        ):
            kept[-1] = _unknown(text, last.start, piece.end)
        else:
            kept.append(piece)
    return kept


_BEGINNINGS: Final = frozenset(
    ("colour", "shade", "length", "fit", "look", "fabric", "pattern", "number", "place")
)


def _match(text: str, at: int, language: Language) -> Piece | None:
    """The longest phrase or number that starts here."""
    best: Piece | None = None
    inside = at > 0 and text[at].isascii() and text[at].isalpha() and (
        text[at - 1].isascii() and text[at - 1].isalpha()
    )  # fmt: skip
    for length in range(min(language.longest, len(text) - at), 0, -1):
        word = language.exact.get((text[at : at + length],))
        if word is not None and not inside:
            number = float(word.english) if word.role == "number" else None
            best = Piece(word.role, word.english, at, at + length, length, number=number)
            break
    number = _NUMERAL.match(text, at)
    if number and (best is None or len(number.group()) >= best.words):
        said, end = number.group(), number.end()
        end += next((len(c) for c in language.counters if text.startswith(c, end)), 0)
        value = float(said) if said.isascii() and len(said) < 10 else _han_number(said)
        return Piece("number", said, at, end, end - at, own=not said.isascii(), number=value)
    if best is not None:
        return best
    latin = re.compile(r"[a-z]+(?:[ '-][a-z]+)*", re.ASCII).match(text, at)
    if latin and not inside:
        return _latin(latin.group(), at)
    mark = _TOKEN.match(text, at)
    if mark and mark.lastgroup == "mark":
        role: Role = "small" if mark.group() in "&+" else "mark"
        said = "and" if role == "small" else mark.group()
        return (
            Piece("small", "drop", at, at + 1) if said in _QUIET else Piece(role, said, at, at + 1)
        )
    return None


def _latin(said: str, at: int) -> Piece:
    """An English phrase among Chinese or Japanese words."""
    words = re.split(r"[ -]", said)
    for length in range(len(words), 0, -1):
        entry = LEXICON.get(tuple(words[:length]))
        if entry is not None:
            word = of_english(entry, " ".join(words[:length]))
            end = at + sum(len(w) for w in words[:length]) + length - 1
            return Piece(word.role, word.english, at, end, end - at, own=False)
    return Piece("unknown", words[0], at, at + len(words[0]), len(words[0]), own=False)


def _han_number(text: str) -> float | None:
    """“十二” as 12, “两” as 2; None where the characters are no number."""
    if text.isascii():
        return None
    total = last = 0
    for letter in text:
        if letter in "十百":
            total += (last or 1) * (10 if letter == "十" else 100)
            last = 0
        else:
            last = 10 * last + _NUMERALS[letter]
    return float(total + last)
