"""A language's words, from its file: what each is in English, and how its forms are told apart.

One file a language, `de.toml` beside this module: a section for each part that a word plays, and
in it the English words that the reader knows, each with the language's own, after commas. A new
file is a new language; nothing else names them.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, Literal

Role = Literal[
    "garment", "thing", "colour", "shade", "pattern", "fabric", "neckline", "sleeves", "length",
    "fit", "look", "component", "detail", "person", "scene", "ground", "place", "side", "number",
    "small", "mark", "unknown",
]  # fmt: skip
"""The part that a word plays: the sections of a language's file, and the last two.

`look` is an adjective that no other section has, `detail` a thing that is sewn on, `ground` a noun
of the scene with adjectives of its own, and `small` are the words between: with, without, and, of,
but (what follows begins anew), instead (its one noun is not wished), link (as “of”, after its
noun), after (“without”, after its noun), on and base (before and after the colour of the ground
that a pattern lies on), at (as “on”, before what has something), and what is dropped.
"""

SECTIONS: Final[tuple[Role, ...]] = (
    "garment", "thing", "colour", "shade", "pattern", "fabric", "neckline", "sleeves", "length",
    "fit", "look", "component", "detail", "person", "scene", "ground", "place", "side", "number",
    "small",
)  # fmt: skip
_TOKEN: Final = re.compile(r"[0-9]+(?:[.,/][0-9]+)*|[^\W\d_]+|&")
_SHORTEST: Final = 3
"""Letters that a word keeps when its ending is taken off."""
_ALONE: Final = "="
"""Before a form that has no others."""
_BENT: Final = 6
"""Letters of the small words that have other forms than in the file (“durchgehende”)."""

Words = tuple[str, ...]


@dataclass(frozen=True)
class Word:
    """What a phrase of a language is: the part that it plays, and the English for it."""

    role: Role
    english: str


@dataclass(frozen=True)
class Writing:
    """How components are written into the words of a language.

    Attributes:
        listing: what stands before the first, such as “mit”.
        phrase: one kind, with {count}, {noun} and {place}; double: buttons in two rows.
        places: by place of the vocabulary.
    """

    listing: str
    phrase: str
    double: str
    places: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Language:
    """One language.

    Attributes:
        code, name: “de”, “German”.
        before: adjectives stand before their noun.
        spaces: words are kept apart by spaces.
        counters: what may stand between a number and its noun (Chinese, Japanese).
        kana: its words are told by these letters (Japanese).
        joints: letters between the parts of a compound; () where there are none.
        endings: what inflection adds: in turn one of each list is taken off, if any fits.
        spelled: phrases as they stand in the file; exact: the same without accents.
        inflected: by a form of the first word, and by the number of words: phrases, word by word
            in their forms.
        forms: English words -> the language's own, as its file spells them.
        simple: other ways to write a letter -> the file's.
    """

    code: str
    name: str
    before: bool
    spaces: bool
    counters: Words
    kana: bool
    compounds: bool
    joints: Words
    endings: tuple[Words, ...]
    digraphs: Mapping[str, str]
    simple: Mapping[int, str]
    spelled: Mapping[Words, Word]
    exact: Mapping[Words, Word]
    inflected: Mapping[tuple[str, int], Sequence[tuple[Sequence[Words], Word]]]
    forms: Mapping[tuple[Role, str], Words]
    longest: int
    writing: Writing | None

    def fold(self, word: str) -> str:
        """A word as it is looked up: lower case, without accents (in Latin letters)."""
        word = word.lower().translate(self.simple)
        if not self.spaces:
            return word
        word = word.replace("ß", "ss").replace("œ", "oe").replace("æ", "ae")
        split = unicodedata.normalize("NFKD", word)
        return "".join(c for c in split if not unicodedata.combining(c))

    def forms_of(self, folded: str) -> Words:
        """What a folded word may be without its endings, the longest first, itself among them."""
        plain = folded
        for two, one in self.digraphs.items():
            plain = plain.replace(two, one)
        found = {folded, plain}
        for endings in self.endings:
            found |= {
                word.removesuffix(ending)
                for word in found
                for ending in endings
                if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST
            }
        return tuple(sorted(found, key=lambda word: (-len(word), word)))

    def bent(self, words: Sequence[Words]) -> Word | None:
        """A phrase whose words stand in other forms than in the file; each word is its forms."""
        for form in words[0]:
            for phrase, word in self.inflected.get((form, len(words)), ()):
                if all(_same(said, known) for said, known in zip(words, phrase, strict=True)):
                    return word
        return None


def _same(said: Words, known: Words) -> bool:
    """Whether two words, each as its forms, are one: “roja” and “rojo”, not “pan” and “paño”."""
    shared = set(said) & set(known)
    sure = len(said[0]) >= len(known[0]) or any(len(form) > _SHORTEST for form in shared)
    return bool(shared) and sure


def tokens(phrase: str) -> Words:
    """The words of a phrase of a language with spaces."""
    return tuple(_TOKEN.findall(phrase))


def _listed(text: str) -> list[str]:
    return [" ".join(form.split()) for form in text.split(",") if form.strip()]


def loaded(code: str, data: Mapping[str, Any]) -> Language:
    """A language from what its file holds."""
    spelled: dict[Words, Word] = {}
    exact: dict[Words, Word] = {}
    inflected: dict[tuple[str, int], list[tuple[Sequence[Words], Word]]] = {}
    forms: dict[tuple[Role, str], Words] = {}
    written = data.get("writing")
    language = Language(
        code,
        data["name"],
        data["adjectives"] == "before",
        data.get("spaces", True),
        tuple(_listed(data.get("counters", ""))),
        data.get("kana", False),
        data.get("compounds", False),
        tuple(data.get("joints", ())),
        tuple(map(tuple, data.get("endings", ()))),
        data.get("digraphs", {}),
        {ord(pair[0]): pair[1] for pair in data.get("letters", "").split()},
        spelled,
        exact,
        inflected,
        forms,
        max(len(tokens(form)) if data.get("spaces", True) else len(form)
            for section in SECTIONS for text in data.get(section, {}).values()
            for form in _listed(text)),
        Writing(**written) if written else None,
    )  # fmt: skip
    for role in SECTIONS:
        for english, text in data.get(role, {}).items():
            listed = _listed(text)
            forms[role, english] = tuple(form.removeprefix(_ALONE) for form in listed)
            for form, as_it_stands in zip(forms[role, english], listed, strict=True):
                word = Word(role, english)
                if language.spaces:
                    spelled.setdefault(tuple(map(str.lower, tokens(form))), word)
                    key = tuple(language.fold(part) for part in tokens(form))
                    exact.setdefault(key, word)
                    phrase = [language.forms_of(part) for part in key]
                    known = role != "small" or len(key[0]) >= _BENT
                    known = known and not as_it_stands.startswith(_ALONE)
                    for start in phrase[0] if known else ():
                        inflected.setdefault((start, len(key)), []).append((phrase, word))
                else:
                    exact.setdefault((language.fold(form),), word)
    return language


@lru_cache(maxsize=1)
def languages() -> tuple[Language, ...]:
    """Every language that has a file, by its name in English."""
    folder = files(__package__ or "studio.garment.languages")
    found = [
        loaded(file.name.removesuffix(".toml"), tomllib.loads(file.read_text("utf-8")))
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    return tuple(sorted(found, key=lambda language: language.name))


def language_of(code: str) -> Language | None:
    """A language by its code."""
    return next((language for language in languages() if language.code == code), None)
