"""Shorthands of designers' notes and of shops, and the words that they stand for, as data."""

from __future__ import annotations

import re
from typing import Final

_ALONE: Final = r"(?<![\w/'’&])(?:{})(?![\w/&'’])"
"""A shorthand is a word of its own: “w/o”, but not the end of “raw/organic”."""

_WORDS: Final[dict[str, str]] = {
    r"w/o\.?|w/out|wo|w\.o\.|wout": "without",
    r"b\s?[&+/]\s?w": "black and white",
    r"s/less|s-less|sless|slvless|slvls|s/l": "sleeveless",
    r"a/l": "a-line",
    r"(?:s/s|ss)(?![ -]?'?\d)|s/slv|s/sleeves?|sh?t\.? slvs?": "short sleeve",
    r"(?:l/s|ls)(?![ -]?'?\d)|l/slv|l/sleeves?|lg\.? slvs?": "long sleeve",
    r"slvs": "sleeves",
    r"slv": "sleeve",
    r"d/b|db": "double-breasted",
    r"s/b|sb": "single-breasted",
    r"v[/-]n|vn|v-?nk|v/neck": "v-neck",
    r"c/n|crew nk": "crew neck",
    r"r/n|rn|rnd\.? n(?:ec)?k": "round neck",
    r"t/n": "turtleneck",
    r"l/h|lh": "left hand",
    r"r/h|rh": "right hand",
    r"pc?kts\.?": "pockets",
    r"pc?kt\.?": "pocket",
    r"jkt\.?|jckt\.?": "jacket",
    r"trs\.?|trsrs\.?": "trousers",
    r"skt\.?": "skirt",
    r"drs\.?": "dress",
    r"blz\.?": "blazer",
    r"dbl\.?": "double",
    r"sgl\.?|sngl\.?": "single",
    r"brstd|brsted": "breasted",
    r"btns\.?": "buttons",
    r"btn\.?": "button",
    r"zpr|zppr": "zipper",
    r"blk": "black",
    r"wht|wh": "white",
    r"gry|grey/gray|gray/grey": "grey",
    r"nvy|nvy blue": "navy",
    r"brn": "brown",
    r"grn": "green",
    r"ylw": "yellow",
    r"burg": "burgundy",
    r"turq": "turquoise",
    r"multi": "multicolour",
    r"lt\.?": "light",
    r"dk\.?|drk": "dark",
    r"med\.?": "medium",
    r"ctn|cott": "cotton",
    r"poly": "polyester",
    r"asym\.?": "asymmetric",
    r"embr?\.?": "embroidered",
    r"elast\.?": "elastic",
    r"ctr\.? frt|cf|c/f": "centre front",
    r"ctr": "centre",
    r"frt": "front",
    r"incl\.?": "including",
    r"excl\.?": "excluding",
    r"approx\.?|appr\.?|ca\.|circa": "about",
    r"sz\.?": "size",
    r"qty\.?|nos\.|pcs\.?": "number",
    r"o/s|ovrszd": "oversized",
    r"reg\.?": "regular",
}  # fmt: skip
_FOUND: Final = tuple((re.compile(_ALONE.format(short)), words) for short, words in _WORDS.items())
_WITH: Final = re.compile(r"(?<![\w/'’&])w/\s*(?!o\b)|(?<![\w/'’&])w(?=\s+[^\W\d_]{2}|\s+\d)")


def spelled_out(text: str) -> str:
    """A lower-case text with its shorthands as words."""
    for pattern, words in _FOUND:
        text = pattern.sub(words, text)
    return _WITH.sub("with ", text).replace("with  ", "with ")
