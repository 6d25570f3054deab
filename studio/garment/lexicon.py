"""Every phrase that a prompt is read by, from the vocabulary, the captions' words and below.

A phrase is kept as the tuple of its words, hyphens and spaces alike: “v-neck” and “v neck” are
("v", "neck"). `LEXICON` maps it to an `Entry`; the reader takes the longest that fits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from studio.garment import phrases as p
from studio.garment import vocabulary as v

Kind = Literal[
    "garment", "colour", "pattern", "fabric", "neckline", "sleeves", "length", "fit", "component",
    "absent", "rows", "detail", "thing", "person", "scene", "scene head", "area", "side", "break",
    "preposition", "determiner", "filler", "negation", "not", "or", "vague",
    "number", "mark", "other",
]  # fmt: skip
"""The part that a word plays. The last three are no words of the lexicon."""


@dataclass(frozen=True)
class Entry:
    """What a phrase is.

    Attributes:
        kind: the part it plays.
        value: the vocabulary's name.
        plural: the phrase itself is plural (“pockets”).
        weak: only counts where nothing else of its kind is said (“top”, “collar”).
        extra: fields that it states besides: (("fabric", "denim"),) for “jeans”.
    """

    kind: Kind
    value: str
    plural: bool = False
    weak: bool = False
    extra: tuple[tuple[str, str], ...] = ()


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


GARMENTS_TOO: Final[dict[str, tuple[str, ...]]] = {
    "t-shirt": ("henley",),
    "shirt": ("flannel shirt", "oxford shirt", "button up shirt", "button down shirt"),
    "blouse": ("tunic", "tunic top"),
    "polo shirt": ("polo tee", "golf shirt"),
    "tank top": ("tank", "vest top", "cami"),
    "sweater": ("knit sweater", "jersey sweater", "sweat shirt", "sweater top"),
    "cardigan": ("cardi",),
    "hoodie": ("hoody", "hooded sweater"),
    "jacket": ("anorak", "blouson", "wind breaker", "parka jacket", "jean jacket"),
    "blazer": ("sports jacket", "sports coat", "tuxedo jacket", "tailored jacket"),
    "coat": ("topcoat", "top coat", "peacoat", "pea coat", "trenchcoat", "rain coat", "duster"),
    "waistcoat": ("sweater vest", "waist coat"),
    "dress": ("shirtdress", "sun dress", "evening gown", "tunic dress", "day dress"),
    "skirt": (),
    "trousers": ("trouser", "pant", "joggers", "leggings", "culottes", "sweatpants", "cargos"),
    "shorts": ("bermuda shorts", "hot pants"),
    "jumpsuit": ("jump suit", "boilersuit", "dungarees", "coveralls", "catsuit"),
}
COLOURS_TOO: Final[dict[str, tuple[str, ...]]] = {
    "black": ("jet black", "coal", "ink black"),
    "white": ("snow white", "cream white", "off white", "chalk", "pearl"),
    "grey": ("ash", "graphite", "anthracite", "light gray", "dark gray", "stone grey"),
    "red": ("cherry red", "ruby", "vermilion", "brick", "brick red", "tomato red", "bright red"),
    "orange": ("burnt orange", "terracotta", "amber", "peach", "coral", "pumpkin"),
    "yellow": ("golden yellow", "lemon yellow", "mustard yellow", "ochre", "saffron"),
    "green": ("emerald green", "bottle green", "mint", "mint green", "sage", "lime", "jade"),
    "blue": ("cobalt blue", "azure", "cerulean", "baby blue", "powder blue", "denim blue"),
    "navy": ("midnight", "indigo", "ink blue", "marine blue", "deep blue"),
    "purple": ("mauve", "aubergine", "eggplant", "deep purple", "lilac purple"),
    "pink": ("rose pink", "hot pink", "salmon pink", "fuschia", "magenta", "baby pink"),
    "brown": ("chocolate brown", "coffee", "mocha", "tan brown", "caramel", "light brown"),
    "beige": ("oatmeal", "taupe", "camel brown", "sandy", "nude", "cream coloured"),
    "burgundy": ("wine red", "dark red", "deep red", "burgundy red", "claret"),
    "olive": ("olive drab", "khaki green", "moss green", "military green"),
    "teal": ("petrol blue", "teal blue", "teal green", "cyan", "aquamarine"),
}
PATTERNS_TOO: Final[dict[str, tuple[str, ...]]] = {
    "plain": ("solid colour", "solid color", "plain coloured", "unprinted"),
    "striped": ("stripy", "stripey", "pin stripe", "pin striped", "striping"),
    "checked": ("houndstooth", "windowpane", "checker", "glen check", "checkerboard"),
    "dotted": ("dotty", "polkadot", "polkadots", "polka dotted", "spots", "polka"),
    "floral": ("flower", "florals", "flower patterned", "blossoms"),
}
FABRICS_TOO: Final[dict[str, tuple[str, ...]]] = {
    "cotton": ("twill", "gabardine", "chambray"),
    "wool": ("woolly", "boucle", "merino", "flannel"),
    "denim": ("jeans fabric",),
    "knit": ("rib knit", "knitwear", "cable knit", "crochet", "chunky knit"),
    "satin": ("satin silk",),
    "leather": ("suede", "pleather"),
    "corduroy": ("corded",),
}
NECKLINES_TOO: Final[dict[str, tuple[str, ...]]] = {
    "crew neck": ("crew", "round collar", "crew necked", "round necked", "round neckline"),
    "v-neck": ("v necked", "v neckline", "v neckline", "plunging neckline"),
    "scoop neck": ("u neck", "scoop", "scoopneck", "scoop necked", "scooped neckline"),
    "turtleneck": ("high neck", "rollneck", "mock neck", "cowl neck", "turtle necked"),
    "shirt collar": ("classic collar", "spread collar", "peter pan collar", "shirt collars"),
    "stand collar": ("standing collar", "nehru collar", "high collar", "standup collar"),
    "notched lapel": ("notch lapels", "peak lapel", "peak lapels", "notched collar"),
    "hood": ("hoods",),
}
WEAK_NECKLINES: Final = ("collar", "collared", "lapel", "lapels", "collars")
SLEEVES_TOO: Final[dict[str, tuple[str, ...]]] = {
    "none": ("sleeve less", "no sleeve", "without sleeve", "without any sleeves", "strappy"),
    "short": ("short sleeved", "half sleeve", "half sleeved", "cap sleeves", "sleeves short"),
    "long": ("long sleeved", "full sleeve", "longsleeve", "full length sleeves", "sleeves long"),
}
LENGTHS_TOO: Final[dict[str, tuple[str, ...]]] = {
    "short": ("short", "cropped", "mini", "very short", "crop", "hip length", "above the knee"),
    "regular": ("regular length", "midi", "mid length", "knee length", "below the knee"),
    "long": ("long", "longline", "maxi", "floor length", "ankle length", "full length",
             "calf length"),
}  # fmt: skip
FITS_TOO: Final[dict[str, tuple[str, ...]]] = {
    "slim": ("slim", "fitted", "tight", "skinny", "slim fit", "slim fitting", "tight fitting",
             "close fitting", "tailored fit", "bodycon", "figure hugging", "form fitting"),
    "regular": ("regular fit", "straight fit", "classic fit", "straight cut"),
    "loose": ("loose", "oversized", "oversize", "baggy", "relaxed", "wide", "boxy", "loose fit",
              "loose fitting", "relaxed fit", "wide leg", "wide legged", "roomy", "flowy",
              "flowing", "over sized", "loosely fitting"),
}  # fmt: skip
COMPONENTS_TOO: Final[dict[str, tuple[str, ...]]] = {
    "button": ("btn", "snap button", "press stud"),
    "pocket": ("zip pocket", "zipped pocket", "zippered pocket", "slant pocket", "cargo pocket",
               "slit pocket", "button pocket", "buttoned pocket"),
    "zipper": ("full zip", "half zip", "quarter zip", "front zip"),
    "cuff": ("wrist cuff", "button cuff", "buttoned cuff", "sleeve cuff", "ribbed cuff"),
    "belt": ("waistbelt", "waist band belt", "tie belt", "waist tie"),
    "bow": ("neck tie bow",),
    "pleat": ("accordion pleat",),
    "patch": ("embroidered badge",),
}  # fmt: skip
DETAILS: Final = (
    "ruffle", "frill", "lace", "embroidery", "sequin", "fringe", "epaulette", "tassel", "slit",
    "dart", "buckle", "stud", "drawstring", "strap", "cutout", "shoulder pad", "lining", "toggle",
    "rivet", "flounce", "peplum", "applique", "vent", "yoke", "belt loop", "pom pom", "bead",
    "feather", "snap", "hook", "train", "slogan", "graphic", "ribbed hem", "puff sleeve",
    "bell sleeve", "balloon sleeve", "rolled sleeve", "bishop sleeve", "raglan sleeve",
    "quarter sleeve", "3 4 sleeve", "three quarter sleeve", "off shoulder", "one shoulder",
    "halter neck", "halter", "boat neck", "square neck", "sweetheart neckline", "asymmetric hem",
    "a line", "empire waist", "high waist", "low waist",
)  # fmt: skip
"""Details that the vocabulary does not have: always told as not placed."""
THINGS: Final = (
    "shoe", "boot", "hat", "cap", "bag", "handbag", "scarf", "sneaker", "glove", "sock", "tights",
    "stockings", "heels", "sandal", "tie", "bow tie", "necklace", "earring", "sunglasses",
    "glasses", "watch", "umbrella", "backpack", "beanie", "belt bag", "ring", "headband",
    "poncho", "cape", "kimono", "sari", "saree", "bikini", "swimsuit", "bra", "lingerie", "robe",
    "pyjamas", "pajamas", "tuxedo", "suit", "kilt", "apron", "corset", "bodysuit", "shawl",
    "trainers", "loafers",
)  # fmt: skip
"""Other things worn: they keep their adjectives to themselves and are told as not placed."""
PEOPLE_TOO: Final = (
    "women", "men", "girls", "boys", "boy", "ladies", "guys", "person", "people", "model",
    "models", "child", "children", "kid", "kids", "figure", "mannequin", "student", "gentleman",
    "she", "he", "teenager", "wearer", "dancer", "businesswoman", "businessman", "someone",
    "friends",
)  # fmt: skip
SCENE_HEADS: Final = (
    "hair", "haired", "skin", "skinned", "eyes", "eyed", "bun", "ponytail", "beard", "braid",
    "curls", "background", "backdrop", "ground", "wall", "floor", "studio", "park", "street",
    "city", "beach", "sea", "room", "grass", "lawn", "garden", "forest", "sky", "lighting",
    "window", "door", "car", "sofa", "chair", "tree", "trees", "field", "bouquet", "carpet",
    "table", "hanger", "coat hanger", "snow", "sand", "road", "mountain", "bridge", "shadow",
    "shadows", "paper",
)  # fmt: skip
"""Nouns of the scene: adjectives before them are theirs (“long red hair”, “white background”)."""
AREAS: Final[dict[str, tuple[str, ...]]] = {
    "chest": ("chest", "breast", "bust", "chests", "breasts", "upper"),
    "hip": ("hip", "hips", "lower"),
    "side": ("side", "sides", "lateral"),
    "knee": ("knee", "knees"),
    "wrist": ("wrist", "wrists"),
    "waist": ("waist", "waistline", "waistband"),
    "neck": ("neck", "throat", "neckline"),
    "hem": ("hem", "hemline", "bottom", "bottom hem"),
    "front": ("front", "centre front", "center front", "front side", "front edge"),
    "centre": ("centre", "center", "middle", "kangaroo", "pouch", "front pouch", "belly", "tummy",
               "stomach", "front kangaroo"),
    "nowhere": ("back", "rear", "sleeve", "sleeves", "shoulder", "shoulders", "elbow", "elbows",
                "arm", "arms", "leg", "legs", "ankle", "ankles", "thigh", "thighs", "seat",
                "inside", "inner", "interior", "inseam", "forearm", "collar tip", "upper arm",
                "left sleeve", "right sleeve", "left shoulder", "right shoulder", "left arm",
                "right arm", "shin", "behind"),
}  # fmt: skip
SMALL_WORDS: Final[dict[Kind, Words]] = {
    "break": (
        "with", "and", "featuring", "has", "have", "having", "wearing", "wears", "wear", "dressed",
        "is", "are", "was", "plus", "but", "then", "that", "which", "who", "showing", "made", "cut",
        "worn", "paired", "using", "add", "adding", "includes", "including", "want", "like", "over",
        "under", "holding", "while", "without sleeve detail", "made of", "made from", "made out of",
    ),
    "preposition": (
        "on", "at", "in", "down", "along", "around", "near", "by", "across", "onto", "to", "below",
        "above", "up", "from", "for", "all down", "all along", "all the way down", "of", "per",
    ),
    "determiner": (
        "a", "an", "the", "this", "these", "her", "his", "its", "their", "my", "some", "any",
        "your", "wearer's", "wearers", "woman's", "man's",
    ),
    "filler": (
        "women's", "womens", "men's", "mens", "ladies'", "girl's", "boys'", "unisex", "girls'",
        "boy's", "very", "really", "quite", "rather", "nice", "beautiful", "elegant", "simple",
        "visible", "light", "dark", "pale", "bright", "deep", "pastel", "soft", "warm", "small",
        "big", "large", "coloured", "colored", "colour", "color", "pattern", "patterned", "print",
        "printed", "fabric", "cloth", "material", "style", "design", "closure", "fastening",
        "placket", "row of", "line of", "rows of", "set of", "in a row", "in one row", "in a line",
        "neat", "long haired", "chic",
    ),
    "negation": (
        "no", "without", "without any", "without a", "lacking", "not any",  "zero",
        "no visible", "devoid of", "doesn't have", "free of",
    ),
}  # fmt: skip
SWALLOWED: Final = (
    "pocket flap", "pocket flaps",  "buttoned up",
    "buttoned", "pleated", "top button", "hands in pockets",
    "hands in her pockets", "hands in his pockets", "hands in the pockets", "at the top",
    "on top", "on the top", "top of", "overall look", "overall style", "buttoned through",
    "cut off", "golden hour",
)  # fmt: skip


_FIELDS: Final[tuple[tuple[Kind, Mapping[str, Words], Mapping[str, Words]], ...]] = (
    ("colour", {n: c.aliases for n, c in v.COLOURS.items()}, COLOURS_TOO),
    ("pattern", v.PATTERNS, PATTERNS_TOO),
    ("fabric", v.FABRICS, FABRICS_TOO),
    ("neckline", v.NECKLINES, NECKLINES_TOO),
    ("sleeves", v.SLEEVES, SLEEVES_TOO),
    ("length", {}, LENGTHS_TOO),
    ("fit", {}, FITS_TOO),
)


def _load() -> None:
    """Order matters: the first meaning of a phrase stays."""
    for text in SWALLOWED:
        _add("filler", text, text)
    for text in ("double-breasted", "double breast", "in two rows", "two rows of", "2 rows of"):
        _add("rows", "two" if "rows of" in text else "double-breasted", text)
    _add("rows", "centre front", "single-breasted", "single breast")
    for text in ("button up", "button down", "button ups", "button downs"):
        _add("garment", "shirt", text, weak=True)
    for name in ("top", "tops"):
        _add("garment", "tank top", name, weak=True)
    _add("garment", "jumpsuit", "overall", weak=True)
    for (garment, fabric), text in p.FABRIC_GARMENTS.items():
        _add("garment", garment, text, extra=(("fabric", fabric),))
    _add("garment", "skirt", "miniskirt", "miniskirts", extra=(("length", "short"),))
    _add("garment", "dress", "minidress", extra=(("length", "short"),))
    _add("garment", "trousers", "leggings", extra=(("fit", "slim"),))
    for name, kind in v.GARMENTS.items():
        words = (name, *kind.aliases, *p.GARMENT_WORDS[name], *GARMENTS_TOO[name])
        for text in words:
            fabric = next((f for f in v.FABRICS if f in text.split()), None)
            sleeves = (("sleeves", "none"),) if text == "sleeveless top" else ()
            extra = (("fabric", fabric),) if fabric else sleeves
            if text == "turtleneck sweater":
                extra = (("neckline", "turtleneck"),)
            _add("garment", name, *(_plurals(text)), extra=extra)
    for kind, table, more in _FIELDS:
        for name in (*table, *(n for n in more if n not in table)):
            texts = (name, *table.get(name, ()), *more.get(name, ()))
            if kind in ("neckline", "sleeves", "length", "fit") and name in ("none", "regular"):
                texts = texts[1:]
            if kind == "sleeves" and name != "none":
                texts = texts[1:]
            for text in texts:
                weak = kind == "neckline" and text in WEAK_NECKLINES
                _add(kind, name, text, weak=weak)
    _add("neckline", "shirt collar", *WEAK_NECKLINES, weak=True)
    for table in (p.PATTERN_ADJECTIVES, p.PATTERN_NOUNS):
        for name, texts in table.items():
            _add("pattern", name, *(t.removeprefix("a ") for t in texts))
    _add("component", "cuff", "cuffed sleeves", plural=True)
    _add("component", "zipper", "zip up", "zipped", "zippered", "zip front", "zipper front")
    _add("component", "belt", "belted")
    for name, kind in v.COMPONENTS.items():
        if name in ("collar", "hood"):
            continue
        for text in (name, *kind.aliases, *COMPONENTS_TOO.get(name, ())):
            _add("component", name, text)
            _add("component", name, *_plurals(text)[1:], plural=True)
        _add("component", name, kind.plural, plural=True)
    for text in ("pocketless", "buttonless", "beltless"):
        _add("absent", text.removesuffix("less"), text)
    for text in DETAILS:
        _add("detail", text, *_plurals(text))
    _add("detail", "ruffle", "ruffled", "frilly", "embroidered", "fringed")
    for text in THINGS:
        _add("thing", text, *_plurals(text))
    for text in SCENE_HEADS:
        _add("scene head", text, text)
    for texts in (*p.GROUND_WORDS.values(), *v.GROUNDS.values(), p.OPENINGS, p.FLAT_OPENINGS,
                  p.FLAT_ENDINGS, p.ASKING, *p.POSE_WORDS.values()):  # fmt: skip
        for text in texts:
            _add("scene", text, text, text.replace(" her ", " his "), text.replace("with ", ""))
    _add("scene", "flat", "flat", "lay", "standing", "hands on the hips", "hand on hip")
    for texts in p.PEOPLE_WORDS.values():
        _add("person", "person", *texts)
    for text in ("photo", "photo of", "picture of", "photograph of", "image of", "drawing of"):
        _add("scene", text, f"black and white {text}", f"b w {text}")
    _add("person", "person", *PEOPLE_TOO)
    for area, texts in AREAS.items():
        _add("area", area, *texts)
    for side in ("left", "right"):
        _add("side", side, side, f"{side} hand", f"{side}-hand side", f"{side} side")
    _add("side", "both", "both", "each", "either", "both sides", "each side", "either side")
    _add("side", "both", "left and right", "right and left", "left and the right")
    _add("side", "both", "both sides of", "each side of", "either side of", "every")
    for kind, texts in SMALL_WORDS.items():
        for text in texts:
            _add(kind, text, text)
    _add("or", "or", "or", "nor")
    _add("vague", "several", "several", "many", "a few", "lots of", "a lot of", "multiple", "few")
    _add("vague", "several", "numerous", "countless", "tons of")
    _add("not", "not", "not", "never", "isn't", "aren't", "non")


_load()
LONGEST: Final = max(map(len, LEXICON))
