"""How people say what the vocabulary names: the words that captions use.

Every phrase here is also read by `studio.garment.parse`, so that what the model was trained on
is what the studio understands. Words that shift the meaning (“charcoal” is a darker grey than
the named one) are left to the parser and never used in a caption. Number words are here too.
"""

from typing import Final

GARMENT_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "t-shirt": ("tee", "t shirt", "tee shirt", "tshirt"),
    "shirt": ("button-up shirt", "button-down shirt"),
    "blouse": (),
    "polo shirt": ("polo",),
    "tank top": ("vest top", "camisole", "singlet", "tank"),
    "sweater": ("jumper", "pullover"),
    "cardigan": (),
    "hoodie": ("hooded sweatshirt", "hoody"),
    "jacket": (),
    "blazer": ("suit jacket", "sport coat"),
    "coat": ("overcoat", "overcoat", "topcoat"),
    "waistcoat": ("vest", "gilet", "suit vest"),
    "dress": ("frock", "gown"),
    "skirt": (),
    "trousers": ("pants", "slacks"),
    "shorts": ("bermudas",),
    "jumpsuit": ("boiler suit", "playsuit"),
}

FABRIC_GARMENTS: Final[dict[tuple[str, str], str]] = {
    ("trousers", "denim"): "jeans",
    ("trousers", "cotton"): "chinos",
}
"""Names that say the fabric too."""

COLOUR_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "black": ("jet black",),
    "white": ("off-white",),
    "grey": ("gray", "gray"),
    "red": ("scarlet", "crimson"),
    "navy": ("navy blue", "dark blue"),
    "purple": ("violet",),
    "burgundy": ("maroon", "wine red", "bordeaux"),
    "olive": ("olive green", "army green"),
    "teal": ("turquoise", "petrol"),
    "brown": ("chocolate brown",),
    "beige": ("sand",),
    "blue": ("royal blue", "cobalt"),
    "green": ("grass green", "emerald green"),
    "yellow": ("golden yellow",),
}

PATTERN_ADJECTIVES: Final[dict[str, tuple[str, ...]]] = {
    "plain": ("plain", "plain", "solid"),
    "striped": ("striped", "striped", "striped", "pinstriped"),
    "checked": ("checked", "checked", "checkered", "chequered", "plaid", "tartan", "gingham"),
    "dotted": ("dotted", "polka dot", "polka dot", "polka-dot", "spotted"),
    "floral": ("floral", "floral", "flowery", "flowered", "floral print"),
}
PATTERN_NOUNS: Final[dict[str, tuple[str, ...]]] = {
    "striped": ("stripes", "a striped pattern"),
    "checked": ("checks", "a checked pattern", "a plaid pattern"),
    "dotted": ("dots", "polka dots", "a polka dot pattern"),
    "floral": ("flowers", "a floral print", "a flower print", "a floral pattern"),
}

FABRIC_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "cotton": (),
    "linen": (),
    "wool": ("woollen", "woolen"),
    "denim": (),
    "knit": ("knitted", "ribbed"),
    "satin": ("silk", "silky"),
    "leather": ("faux leather",),
    "corduroy": ("cord",),
}
"""As adjectives. After “in” and “made of” a caption keeps the noun below."""
FABRIC_NOUNS: Final[dict[str, str]] = {"knit": "rib knit"}

NECKLINE_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "crew neck": ("crew neck", "crew neck", "round neck", "crewneck", "crew neckline"),
    "v-neck": ("v-neck", "v-neck", "v neck"),
    "scoop neck": ("scoop neck", "scoop neckline"),
    "turtleneck": ("turtleneck", "turtleneck", "roll neck"),
    "shirt collar": ("shirt collar", "collar", "pointed collar"),
    "stand collar": ("stand collar", "mandarin collar", "band collar", "stand-up collar"),
    "notched lapel": ("notched lapel",),
    "hood": ("hood",),
}
NECKLINE_ADJECTIVES: Final[dict[str, tuple[str, ...]]] = {
    "crew neck": ("crew-neck", "crew neck", "round neck"),
    "v-neck": ("v-neck",),
    "scoop neck": ("scoop neck", "scoop-neck"),
    "turtleneck": ("turtleneck", "roll-neck"),
    "stand collar": ("stand-collar",),
    "hood": ("hooded",),
}

SLEEVE_ADJECTIVES: Final[dict[str, tuple[str, ...]]] = {
    "none": ("sleeveless",),
    "short": ("short-sleeved", "short-sleeve", "short sleeve"),
    "long": ("long-sleeved", "long-sleeve", "long sleeve"),
}
SLEEVE_NOUNS: Final[dict[str, tuple[str, ...]]] = {
    "none": ("no sleeves",),
    "short": ("short sleeves",),
    "long": ("long sleeves",),
}

FIT_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "slim": ("slim", "slim-fit", "fitted", "slim-fitting", "tight"),
    "regular": (),
    "loose": ("loose", "loose-fitting", "oversized", "relaxed", "baggy", "wide"),
}

_UPPER_LENGTHS = {"short": ("cropped", "short"), "long": ("long", "longline")}
LENGTH_WORDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "dress": {"short": ("short", "mini", "short"), "long": ("long", "maxi", "floor-length")},
    "skirt": {"short": ("short", "mini", "short"), "long": ("long", "maxi", "ankle-length")},
    "trousers": {"short": ("cropped", "short"), "long": ("long", "full-length")},
    "shorts": {"short": ("short", "very short"), "long": ("long", "knee-length")},
    "coat": {"short": ("short",), "long": ("long", "full-length")},
    "jumpsuit": {"short": ("cropped", "short"), "long": ("long", "full-length")},
}
"""Per garment; `length_words` falls back on the words for tops."""


def length_words(garment: str, length: str) -> tuple[str, ...]:
    """Adjectives for a length that is not regular."""
    return LENGTH_WORDS.get(garment, _UPPER_LENGTHS)[length]


PEOPLE_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "woman": ("woman", "woman", "woman", "young woman", "lady", "girl", "female model"),
    "man": ("man", "man", "man", "young man", "guy", "male model"),
}
SKIN_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "light": ("light", "light", "fair", "pale"),
    "tan": ("tan", "tanned"),
    "brown": ("brown",),
    "dark": ("dark",),
}
HAIR_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "black": ("black",),
    "brown": ("brown", "brown", "brunette"),
    "blond": ("blond", "blonde"),
    "red": ("red", "ginger"),
    "grey": ("grey", "gray"),
}
POSE_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "standing": ("standing", "standing straight"),
    "hands on hips": ("hands on hips", "with hands on hips", "with her hands on her hips"),
    "one arm raised": ("one arm raised", "with one arm raised", "raising one arm"),
    "walking": ("walking",),
    "arms open": ("arms open", "with open arms", "with arms open"),
}
GROUND_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "white": ("on a white background", "on white", "white background", "on a plain white ground"),
    "grey": ("on a grey background", "in a studio", "on a gray background", "grey background"),
    "park": ("in a park", "in a park", "outdoors on the grass", "in the park", "on a lawn"),
    "street": ("on a city street", "in the city", "on a street", "in the street"),
    "beach": ("on a beach", "by the sea", "on the beach", "at the seaside"),
    "room": ("in a room", "indoors", "at home", "in a living room"),
}

OPENINGS: Final[tuple[str, ...]] = (
    "a photo of", "a picture of", "photo of", "a product photo of", "product photo of",
    "a photograph of", "a studio photo of", "image of", "a catalogue photo of",
)  # fmt: skip
FLAT_OPENINGS: Final[tuple[str, ...]] = (
    "flat lay of", "a flat lay of", "flat lay photo of", "product shot of", "packshot of",
)  # fmt: skip
FLAT_ENDINGS: Final[tuple[str, ...]] = ("laid flat", "flat lay", "lying flat", "flat lay photo")
ASKING: Final[tuple[str, ...]] = (
    "I want", "I would like", "please make", "design", "show me", "draw", "create",
)  # fmt: skip

UNITS: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 10**9}

WORDS: Final[dict[str, int]] = {
    **{word: value for value, word in enumerate(UNITS)},
    **TENS,
    **{
        f"{tens}-{UNITS[unit]}": value + unit
        for tens, value in TENS.items()
        for unit in range(1, 10)
    },
    "single": 1, "double": 2, "triple": 3, "both": 2, "couple": 2, "pair": 2, "dozen": 12,
    "no": 0, "none": 0, "without": 0, "zero": 0,
}  # fmt: skip
"""Words that stand for one exact number. “A few” and “several” are not exact, so not here."""


def number_word(value: int) -> str:
    """The English word for 0..99; digits above that. Raises ValueError below 0."""
    if value < 0:
        raise ValueError(f"No word for {value}.")
    if value < len(UNITS):
        return UNITS[value]
    if value < 100:
        tens = next(word for word, amount in TENS.items() if amount == value // 10 * 10)
        return tens if value % 10 == 0 else f"{tens}-{UNITS[value % 10]}"
    return str(value)
