"""Every phrase that a prompt is read by, from the vocabulary, the captions' words and below.

A phrase is kept as the tuple of its words, hyphens and spaces alike: “v-neck” and “v neck” are
("v", "neck"). `LEXICON` maps it to an `Entry`; the reader takes the longest that fits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from studio.garment import aliases as a
from studio.garment import coarser, fillers
from studio.garment import coarser_garments as names
from studio.garment import phrases as p
from studio.garment import vocabulary as v

Kind = Literal[
    "garment", "colour", "pattern", "fabric", "neckline", "sleeves", "length", "fit", "component",
    "absent", "rows", "detail", "thing", "person", "scene", "scene head", "area", "side", "break",
    "preposition", "determiner", "filler", "negation", "not", "or", "vague", "shade", "print",
    "cloth", "number", "mark", "other", "told", "refused",
]  # fmt: skip
"""The part that a word plays. The last five are no words of the lexicon."""


@dataclass(frozen=True)
class Entry:
    """What a phrase is.

    Attributes:
        kind: the part it plays.
        value: the vocabulary's name.
        plural: the phrase itself is plural (“pockets”).
        weak: only counts where nothing else of its kind is said (“top”, “collar”).
        extra: what it says besides: (("fabric", "denim"),) for “jeans”; the ground or the pose
            that a phrase of the scene names.
    """

    kind: Kind
    value: str
    plural: bool = False
    weak: bool = False
    extra: tuple[tuple[str, str], ...] = ()

    def says(self, name: str) -> str | None:
        """What it says of this besides, if anything."""
        return dict(self.extra).get(name)


Words = tuple[str, ...]
LEXICON: Final[dict[Words, Entry]] = {}
_WORD = re.compile(r"[a-z0-9']+")


def _add(
    kind: Kind,
    value: str,
    *texts: str,
    plural: bool = False,
    weak: bool = False,
    extra: tuple[tuple[str, str], ...] = (),
) -> None:
    """Later phrases do not replace earlier ones: the vocabulary is loaded first."""
    for text in texts:
        LEXICON.setdefault(tuple(_WORD.findall(text)), Entry(kind, value, plural, weak, extra))


def _plurals(text: str) -> tuple[str, ...]:
    return (text, f"{text}es" if text.endswith(("ss", "s", "ch")) else f"{text}s")


KINDS_OF_FIELDS: Final[tuple[Kind, ...]] = (
    "colour", "pattern", "fabric", "neckline", "sleeves", "length", "fit",
)  # fmt: skip
"""The kinds of words that state a field of the garment."""
SMALL_KINDS: Final[tuple[Kind, ...]] = ("break", "preposition", "determiner", "negation")

_FIELDS: Final[tuple[tuple[Kind, Mapping[str, Words], Mapping[str, Words]], ...]] = (
    ("colour", {n: c.aliases for n, c in v.COLOURS.items()}, a.COLOURS_TOO),
    ("pattern", v.PATTERNS, a.PATTERNS_TOO),
    ("fabric", v.FABRICS, a.FABRICS_TOO),
    ("neckline", v.NECKLINES, a.NECKLINES_TOO),
    ("sleeves", v.SLEEVES, a.SLEEVES_TOO),
    ("length", {}, a.LENGTHS_TOO),
    ("fit", {}, a.FITS_TOO),
)


def _load() -> None:
    """Order matters: the first meaning of a phrase stays."""
    _load_words()
    _load_components()
    _load_coarser()
    _load_rest()


def _load_coarser() -> None:
    """What designers say, below the vocabulary's own words."""
    for name, texts in names.GARMENTS_COARSER.items():
        for text in texts:
            for form in _plurals(text):
                extra = names.GARMENT_SAYS.get(text, ())
                _add("garment", name, form, extra=extra, plural=form != text)
    for kind in KINDS_OF_FIELDS:
        for name, texts in coarser.COARSER[kind].items():
            _add(kind, name, *texts)
        for name, texts in coarser.LOOSE.get(kind, {}).items():
            _add(kind, name, *texts, weak=True)
    for name in v.COLOURS:
        _add("colour", name, f"{name}s")  # “reds and browns”
    for shade in coarser.SHADES:
        _add("shade", shade, shade)
    for text in ("upper clothing", "upper garment", "upper body clothing"):
        _add("garment", "upper", text, weak=True)
    for text in ("lower clothing", "lower garment", "lower body clothing"):
        _add("garment", "lower", text, weak=True)


def _load_words() -> None:
    for text in a.SWALLOWED:
        _add("filler", text, text)
    for text in ("double-breasted", "double breast", "in two rows", "two rows of", "2 rows of"):
        _add("rows", "two" if "rows of" in text else "double-breasted", text)
    _add("rows", "centre front", "single-breasted", "single breast")
    for text in ("button up", "button down", "button ups", "button downs"):
        _add("garment", "shirt", text, weak=True)
    for name in ("top", "tops"):
        _add("garment", "tank top", name, weak=True)
    for name in ("crop top", "crop tops", "cropped top", "cropped tops"):
        _add("garment", "tank top", name, weak=True, extra=(("length", "short"),))
    _add("garment", "jumpsuit", "overall", weak=True)
    for (garment, fabric), text in p.FABRIC_GARMENTS.items():
        _add("garment", garment, text, extra=(("fabric", fabric),))
    _add("garment", "skirt", "miniskirt", "miniskirts", extra=(("length", "short"),))
    _add("garment", "dress", "minidress", extra=(("length", "short"),))
    _add("garment", "trousers", "leggings", extra=(("fit", "slim"),))
    for name, kind in v.GARMENTS.items():
        words = (name, *kind.aliases, *p.GARMENT_WORDS[name], *a.GARMENTS_TOO[name])
        for text in words:
            fabric = next((f for f in v.FABRICS if f in text.split()), None)
            sleeves = (("sleeves", "none"),) if text == "sleeveless top" else ()
            extra = (("fabric", fabric),) if fabric else sleeves
            if text == "turtleneck sweater":
                extra = (("neckline", "turtleneck"),)
            extra = names.GARMENT_SAYS.get(text, extra)
            _add("garment", name, *(_plurals(text)), extra=extra)
    for kind, table, more in _FIELDS:
        for name in (*table, *(n for n in more if n not in table)):
            texts = (name, *table.get(name, ()), *more.get(name, ()))
            if kind in ("neckline", "sleeves", "length", "fit") and name in ("none", "regular"):
                texts = texts[1:]
            if kind == "sleeves" and name != "none":
                texts = texts[1:]
            for text in texts:
                weak = kind == "neckline" and text in a.WEAK_NECKLINES
                _add(kind, name, text, weak=weak)
    _add("neckline", "shirt collar", *a.WEAK_NECKLINES, weak=True)
    for table in (p.PATTERN_ADJECTIVES, p.PATTERN_NOUNS):
        for name, texts in table.items():
            _add("pattern", name, *(t.removeprefix("a ") for t in texts))


def _load_components() -> None:
    _add("component", "cuff", "cuffed sleeves", plural=True)
    _add("component", "zipper", "zip up", "zipped", "zippered", "zip front", "zipper front")
    _add("component", "belt", "belted")
    _add("component", "pleat", "pleated", plural=True)
    _add("component", "button", "buttoned")
    for name, kind in v.COMPONENTS.items():
        if name in ("collar", "hood"):
            continue
        for text in (name, *kind.aliases, *a.COMPONENTS_TOO.get(name, ())):
            _add("component", name, text)
            _add("component", name, *_plurals(text)[1:], plural=True)
            if " " not in text:
                _add("absent", name, f"{text}less", f"{text}-free", f"{_plurals(text)[1]}-free")
        _add("component", name, kind.plural, plural=True)


def _load_rest() -> None:
    """Details and things that the pictures do not have, the scene, and small words."""
    nouns: tuple[tuple[Kind, Words], ...] = (
        ("detail", a.DETAILS), ("detail", a.PICTURES), ("thing", a.THINGS),
    )  # fmt: skip
    for kind, texts in nouns:
        for text in texts:
            _add(kind, text, text)
            _add(kind, text, *_plurals(text)[1:], plural=True)
    _add("detail", "ruffle", "ruffled", "frilly", "embroidered", "fringed")
    _add(
        "print", "print", "print", "prints", "printed", "pattern", "patterns", "patterned", "motif"
    )
    for text in a.CLOTHS:
        _add("cloth", text, text)
    for table, what in ((p.GROUND_WORDS, "ground"), (v.GROUNDS, "ground"), (p.POSE_WORDS, "pose")):
        for name, texts in table.items():
            for text in texts:
                forms = text, text.replace(" her ", " his "), text.replace("with ", "")
                _add("scene", text, *forms, extra=((what, name),))
    for text in ("hands on the hips", "hand on hip", "hands at the hips", "hand on the hip"):
        _add("scene", text, text, extra=(("pose", "hands on hips"),))
    for whose in ("", "her ", "his ", "the ", "their "):
        text = f"hands in {whose}pockets"
        _add("scene", text, text, f"with {text}", extra=(("pose", "standing"),))
    for texts in (p.OPENINGS, p.FLAT_OPENINGS, p.FLAT_ENDINGS, p.ASKING):
        for text in texts:
            _add("scene", text, text)
    _add("scene", "flat", "flat", "lay")
    for ground, texts in a.SCENE_HEADS.items():
        _add("scene head", ground, *texts)
    for texts in p.PEOPLE_WORDS.values():
        _add("person", "person", *texts)
    for text in ("photo", "photo of", "picture of", "photograph of", "image of", "drawing of"):
        _add("scene", text, f"black and white {text}", f"b w {text}")
    _add("person", "person", *a.PEOPLE_TOO)
    for area, texts in a.AREAS.items():
        _add("area", area, *texts)
    for side in ("left", "right"):
        _add("side", side, side, f"{side} hand", f"{side}-hand side", f"{side} side")
    _add("side", "both", "both", "each", "either", "both sides", "each side", "either side")
    _add("side", "both", "left and right", "right and left", "left and the right")
    _add("side", "both", "both sides of", "each side of", "either side of", "every")
    for kind in SMALL_KINDS:
        for text in a.SMALL_WORDS[kind]:
            _add(kind, text, text)
    for texts in (fillers.SENTENCE, fillers.PRAISE, fillers.QUALITY, fillers.CLOTH, fillers.BOUNDS):
        for text in texts:
            _add("filler", text, text)
    _add("or", "or", "or", "nor")
    _add("vague", "several", "several", "many", "a few", "lots of", "a lot of", "multiple", "few")
    _add("vague", "several", "numerous", "countless", "tons of")
    _add("not", "not", *a.NOT)


_load()
LONGEST: Final = max(map(len, LEXICON))
