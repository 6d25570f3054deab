"""What a model that has learnt Toile's captions is told in place of words that these lack.

The reader knows many more words than the captions have: “mint”, “camel”, “parka”. Such a model has
never met them and answers with anything. So it is told the vocabulary's word, the one that the
page shows: a mint parka becomes a green coat. Words of the captions stay as they are, unless the
page has told that they are not recognised: a red dress with white dots is a red one with dots.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from studio.garment import phrases as p
from studio.garment import vocabulary as v
from studio.garment.belonging import is_noun
from studio.garment.coarser import SEWN, SHADES
from studio.garment.leaving_out import without
from studio.garment.lexicon import KINDS_OF_FIELDS, LEXICON, Entry, Kind
from studio.garment.lookahead import reaches_garment
from studio.garment.parse import ALONE, parse_prompt
from studio.garment.tokens import Item, items, normalise

_WORD: Final = re.compile(r"[a-z0-9']+")
Words = tuple[str, ...]


def _words(texts: Iterable[str]) -> set[Words]:
    return {tuple(_WORD.findall(text.lower().removeprefix("a "))) for text in texts}


def _known() -> Mapping[Kind, set[Words]]:
    """Kind of word -> the phrases that captions use for it."""
    lengths = (*p.LENGTH_WORDS.values(), p._UPPER_LENGTHS)
    names = (*p.GARMENT_WORDS, *p.FABRIC_GARMENTS.values(), "overalls")
    tables: dict[Kind, Iterable[str]] = {
        "garment": (*names, *(w for words in p.GARMENT_WORDS.values() for w in words)),
        "colour": (*v.COLOURS, *_all(p.COLOUR_WORDS)),
        "pattern": (*v.PATTERNS, *_all(p.PATTERN_ADJECTIVES), *_all(p.PATTERN_NOUNS)),
        "fabric": (*v.FABRICS, *_all(p.FABRIC_WORDS), *p.FABRIC_NOUNS.values()),
        "neckline": (*_all(p.NECKLINE_WORDS), *_all(p.NECKLINE_ADJECTIVES), "lapels",
                     "notched lapels"),
        "sleeves": (*_all(p.SLEEVE_ADJECTIVES), *_all(p.SLEEVE_NOUNS)),
        "length": [w for table in lengths for words in table.values() for w in words],
        "fit": _all(p.FIT_WORDS),
    }  # fmt: skip
    return {kind: _words(texts) for kind, texts in tables.items()}


def _all(table: Mapping[str, Words]) -> list[str]:
    return [word for words in table.values() for word in words]


_KNOWN: Final = _known()
_BEFORE: Final = (*KINDS_OF_FIELDS, "garment", "other", "filler", "component", "detail")
"""What an adjective can stand before."""
_SPEAKING: Final = frozenset((*KINDS_OF_FIELDS, "garment", "component", "not", "negation"))
"""Words that the model has learnt to follow, and those of what is not wished: it might follow."""
_SHADES: Final = {(shade,) for shade in SHADES}


_COMPONENTS: Final = frozenset(
    ("button", "buttons", "pocket", "pockets", "zip", "zipper", "belt", "belted", "bow", "pleat",
     "pleats", "pleated", "patch", "patches", "badge", "badges", "cuff", "cuffs", "cuffed")
)  # fmt: skip


def in_captions(kind: Kind, words: Words, value: str) -> bool:
    """Whether captions say it so: as a phrase of their own, or word for word as several."""
    if kind == "component":
        return not _COMPONENTS.isdisjoint(words)
    known = _KNOWN.get(kind)
    if known is None or words in known:
        return True
    if words[-1].endswith("s") and (*words[:-1], words[-1].removesuffix("s")) in known:
        return True
    for cut in range(1, len(words)):
        rest = LEXICON.get(words[cut:])
        if words[cut:] in known and rest and rest.value == value:
            return all(
                (word,) in _SHADES or any((word,) in phrases for phrases in _KNOWN.values())
                for word in words[:cut]
            )
    return False


@lru_cache(maxsize=256)
def heard(text: str) -> str:
    """The words for a model of Toile's captions; the text itself where these have all of them."""
    for _ in range(_AGAIN):
        once = _in_words_of_captions(text)
        if once == text or (not once and text.isascii()):
            break  # nothing is left of words that only say what is not wished
        text = once
    return text


_AGAIN: Final = 5
"""What is left when words are left out may name something else: it is read again, so often."""


def _in_words_of_captions(text: str) -> str:
    plain = normalise(text)
    listed = items(plain)
    reading = parse_prompt(text)
    meant = reading.garment.garment
    same = reading.english is not None and normalise(reading.english.text) == plain
    cuts = without(listed, _speaking(listed, reading.idle) if same else frozenset(), plain)
    named = any(item.kind == "garment" for item in listed)
    for index, item in enumerate(listed):
        said = plain[item.start : item.end]
        words = tuple(_WORD.findall(said))
        entry, after = item.entry, listed[index + 1 : index + 2]
        if entry is None or not words or any(a <= item.start < b for a, b, _ in cuts):
            continue
        alone = not named and (said if item.kind == "length" else item.value) in ALONE
        loose = item.kind == "garment" and entry.weak
        cut = (x.kind for x in listed[index + 1 : index + 4] if x.kind not in ("length", "fit"))
        kind = item.kind == "garment" and next(cut, None) == "garment"
        if _of_noun(listed, index, cuts) and is_noun(_next_kept(listed, index, cuts, plain)):
            cuts.append((item.start, item.end, f"{item.value},"))
            continue
        if item.kind == "scene head" and said in ("background", "ground", "base", "backdrop"):
            cloth = listed[index - 1] if index else item
            if reading.ground is None and cloth.value == reading.garment.colour and not any(
                start <= cloth.start < stop for start, stop in reading.idle
            ):  # fmt: skip
                cuts.append((item.start, item.end, ""))  # “pink flowers on a black background”
                continue
        if said == "on white" and reading.ground is None and reading.garment.colour == "white":
            cuts.append((item.start, item.end, "white"))  # “navy stripes on white”
        told = reading.said.get("fabric" if item.value in SEWN else item.kind, "").split(", ")
        own = SEWN.get(item.value, reading.garment.neckline)
        if item.kind in ("detail", "neckline") and said in told and own != item.value:
            cuts.append((item.start, item.end, own))
            continue  # “a lace dress”; a jacket's funnel neck is a stand collar
        if item.kind == "garment" and entry.weak and said.startswith("button") and (
            "button" in reading.open and item.value != meant
        ):  # fmt: skip
            cuts.append((item.start, item.end, "buttons"))
            continue
        if in_captions(item.kind, words, item.value) and not (loose or alone or kind):
            continue
        if _of_the_scene(listed, index):
            continue
        own = _canonical(item, entry, words, meant)
        if kind:
            own = " ".join(value for name, value in entry.extra if name != "sleeves")
        noun = is_noun(said) and not reaches_garment(listed, index + 1)
        before = listed[index - 1] if index else item
        cloth = not said.endswith("s") and before.kind == "colour"
        if noun and cloth and before.value == reading.garment.colour:
            noun = False  # “in grey pinstripe” is grey striped
        if item.kind == "pattern" and item.value in p.PATTERN_NOUNS and noun:
            own = p.PATTERN_NOUNS[item.value][0]
        if _twice(listed, index, plain):
            own = ""
        if item.value == "regular" and not (after and after[0].kind in _BEFORE):
            own = said
        if alone:
            noun = ALONE[said if item.kind == "length" else item.value]
            own, named = f"{said if item.kind == 'length' else own} {noun}", True
        end = item.end + (not own and plain[item.end : item.end + 1] == "-")  # “midi-dress”
        if own != said:
            cuts.append((item.start, end, own))
    parts: list[str] = []
    at = 0
    for start, end, own in sorted(cuts):
        if start >= at:
            joined = (
                not own and plain[start - 1 : start].isalnum() and plain[end : end + 1].isalnum()
            )
            parts += (plain[at:start], " " if joined else own)
            at = end
    changed = "".join((*parts, plain[at:])).strip() if parts else text
    changed = changed.lstrip(" ,;:!?.") if cuts else changed
    if not changed.isascii():
        bare = unicodedata.normalize("NFKD", changed)
        changed = "".join(c for c in bare if c.isascii() or c in "’‘“”–—")
        parts = parts or [changed]
    return _articles(changed) if parts else changed


def _of_noun(listed: Sequence[Item], at: int, gone: Iterable[tuple[int, int, str]]) -> bool:
    """Whether leaving out words brings a garment's colour before a pattern's noun.

    “navy on white stripes”, “with navy and white stripes”: a comma keeps the colour the garment's.
    """
    if listed[at].kind != "colour":
        return False
    out = [any(a <= item.start < b for a, b, _ in gone) for item in listed]
    after = next((i for i in range(at + 1, len(listed)) if not out[i]), len(listed))
    if after == len(listed) or listed[after].kind != "pattern" or not any(out):
        return False
    between = after > at + 1 or (at > 0 and out[at - 1])
    return between and not reaches_garment(listed, after + 1)


def _next_kept(
    listed: Sequence[Item], at: int, gone: Iterable[tuple[int, int, str]], text: str
) -> str:
    """The next thing that is not left out, as it stands in the text."""
    for item in listed[at + 1 :]:
        if not any(a <= item.start < b for a, b, _ in gone):
            return text[item.start : item.end]
    return ""


def _twice(listed: Sequence[Item], at: int, text: str) -> bool:
    """Whether a neighbour says the same: “breton striped”, “cotton pique”."""
    for index in (at - 1, at + 1):
        if not 0 <= index < len(listed) or listed[index].kind not in KINDS_OF_FIELDS:
            continue
        other = listed[index]
        words = tuple(_WORD.findall(text[other.start : other.end]))
        stays = index < at or in_captions(other.kind, words, other.value)
        if stays and (other.kind, other.value) == (listed[at].kind, listed[at].value):
            return True
    return False


def _speaking(listed: Sequence[Item], idle: Iterable[tuple[int, int]]) -> frozenset[int]:
    """Places of the words that are told as not recognised and that would change the picture.

    What the model has never met (“tulle”) stays with the rest: it cannot be drawn.
    """
    found: set[int] = set()
    for start, end in idle:
        inside = {i for i, item in enumerate(listed) if start <= item.start < end}
        if any(listed[i].kind in _SPEAKING for i in inside):
            found |= inside
    return frozenset(found)


def _of_the_scene(listed: Sequence[Item], at: int) -> bool:
    """Whether a noun of the scene has this word: “tan skin”, “on a cream background”."""
    if listed[at].kind == "garment":
        return False
    for item in listed[at + 1 : at + 5]:
        if item.kind == "scene head":
            return True
        if item.kind not in ("colour", "length", "shade", "other", "filler"):
            return False
    return False


def _canonical(item: Item, entry: Entry, words: Words, meant: str) -> str:
    """The vocabulary's word, in the form that fits where the other stood.

    Args:
        meant: the garment of the whole prompt, for a word that leaves it open, such as “top”.
    """
    said = [value for name, value in entry.extra if name in ("fabric", "pattern", "fit")]
    if item.kind == "garment":
        neck = dict(entry.extra).get("neckline", "")
        length = dict(entry.extra).get("length", "")
        neck = "" if (neck, item.value) == ("hood", "hoodie") else neck
        said = [x for x in (length, neck, *said) if x not in ("", "regular")]
        sleeves = dict(entry.extra).get("sleeves", "none")
        said += [f"{sleeves}-sleeved"] if sleeves != "none" else []
        plural = words[-1].endswith("s") and not words[-1].endswith("ss")
        name = meant if entry.weak else item.value
        many = plural and entry.plural and not v.GARMENTS[name].plural
        return " ".join((*said, f"{name}{'es' if name.endswith('ss') else 's'}" if many else name))
    if item.kind == "sleeves":
        noun = words[-1] in ("sleeves", "straps")
        if item.value == "none":
            return "no sleeves" if noun else "sleeveless"
        return f"{item.value} sleeves" if noun else f"{item.value}-sleeved"
    if item.kind in ("length", "fit") and item.value == "regular":
        return ""
    if item.kind == "component":
        return v.COMPONENTS[item.value].plural if entry.plural else item.value
    if item.kind == "neckline" and entry.weak and item.value == "shirt collar":
        return " ".join(words)
    return item.value


def _articles(text: str) -> str:
    """“a” and “an” as the words after them want it, and no gaps."""
    text = re.sub(r"[ \t]+(?=[,;.])", "", re.sub(r"[ \t]{2,}", " ", text))
    text = re.sub(r"\ba (?=(?!one\b|uni)[aeiou])", "an ", text)
    return re.sub(r"\ban (?=one\b|uni|[^aeiou\W\d])", "a ", text)
