"""The words of the trade, as data.

Everything that names a garment, a colour or a component comes from here: the caption writer,
the prompt parser, the synthetic wardrobe, the perception network's classes and the page.
The order of each tuple is the class order of the trained networks: append, never reorder.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Region = Literal["upper", "lower", "full"]


@dataclass(frozen=True)
class Colour:
    """A named colour of cloth; `hex` is its mean colour in even light."""

    name: str
    hex: str
    aliases: tuple[str, ...] = ()

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Red, green, blue in 0..255."""
        return tuple(int(self.hex[i : i + 2], 16) for i in (1, 3, 5))  # type: ignore[return-value]


COLOURS: dict[str, Colour] = {
    c.name: c
    for c in (
        Colour("black", "#28282B", ("jet", "ebony", "onyx")),
        Colour("white", "#F2F1ED", ("ivory", "off-white", "snow")),
        Colour("grey", "#8E9196", ("gray", "charcoal", "silver", "slate")),
        Colour("red", "#C4282C", ("scarlet", "crimson", "cherry")),
        Colour("orange", "#E87A28", ("tangerine", "rust", "apricot")),
        Colour("yellow", "#F0CB3F", ("mustard", "lemon", "gold", "golden")),
        Colour("green", "#348048", ("emerald", "forest green", "grass green")),
        Colour("blue", "#3A76CE", ("royal blue", "cobalt", "sky blue", "light blue")),
        Colour("navy", "#202C5C", ("navy blue", "dark blue", "midnight blue")),
        Colour("purple", "#764298", ("violet", "plum", "lilac", "lavender")),
        Colour("pink", "#EE96B2", ("rose", "blush", "salmon", "fuchsia")),
        Colour("brown", "#7A5236", ("chocolate", "tan", "chestnut", "cognac")),
        Colour("beige", "#D8C3A0", ("cream", "camel", "sand", "ecru", "khaki")),
        Colour("burgundy", "#6A1B32", ("maroon", "wine", "bordeaux", "oxblood")),
        Colour("olive", "#6B6B2F", ("olive green", "army green", "moss")),
        Colour("teal", "#1F8A8A", ("turquoise", "petrol", "aqua")),
    )
}

PATTERNS: dict[str, tuple[str, ...]] = {
    "plain": ("solid", "unpatterned"),
    "striped": ("stripes", "stripe", "pinstriped", "pinstripe", "breton"),
    "checked": ("checks", "check", "checkered", "chequered", "plaid", "tartan", "gingham"),
    "dotted": ("dots", "dot", "polka dot", "polka dots", "polka-dot", "spotted"),
    "floral": ("flowers", "flowery", "flower print", "floral print", "flowered"),
}

FABRICS: dict[str, tuple[str, ...]] = {
    "cotton": ("poplin", "jersey", "canvas"),
    "linen": (),
    "wool": ("woollen", "woolen", "tweed", "felt", "cashmere"),
    "denim": ("jean",),
    "knit": ("knitted", "rib-knit", "ribbed", "cable-knit"),
    "satin": ("silk", "silky", "satiny"),
    "leather": ("leathery", "faux leather"),
    "corduroy": ("cord",),
}

NECKLINES: dict[str, tuple[str, ...]] = {
    "none": (),
    "crew neck": ("round neck", "crew neckline", "round neckline", "crewneck", "crew-neck"),
    "v-neck": ("v neck", "vneck", "v-neckline"),
    "scoop neck": ("scooped neck", "scoop neckline", "low neck"),
    "turtleneck": ("roll neck", "polo neck", "turtle neck", "funnel neck"),
    "shirt collar": ("pointed collar", "button-down collar", "collar", "polo collar"),
    "stand collar": ("mandarin collar", "band collar", "grandad collar", "stand-up collar"),
    "notched lapel": ("lapel", "lapels", "notch lapel", "notched lapels", "revers"),
    "hood": ("hooded",),
}

SLEEVES: dict[str, tuple[str, ...]] = {
    "none": ("sleeveless", "no sleeves", "without sleeves", "armless"),
    "short": ("short sleeves", "short-sleeved", "short sleeve", "half sleeves"),
    "long": ("long sleeves", "long-sleeved", "long sleeve", "full sleeves"),
}

LENGTHS: tuple[str, ...] = ("short", "regular", "long")
FITS: tuple[str, ...] = ("slim", "regular", "loose")

PLACES: tuple[str, ...] = (
    "centre front", "double-breasted", "left chest", "right chest", "left hip", "right hip",
    "centre hip", "left wrist", "right wrist", "waist", "neck", "hem", "left knee", "right knee",
)  # fmt: skip
"""Left and right are the wearer's: the wearer's left is on the right of the picture."""


@dataclass(frozen=True)
class ComponentKind:
    """A kind of component.

    Attributes:
        point: True where one instance is a point (a button), False where it has an extent.
        places: where it may sit; the first is what a bare mention means.
        maximum: how many one place can hold.
    """

    name: str
    plural: str
    point: bool
    places: tuple[str, ...]
    maximum: int
    aliases: tuple[str, ...] = ()


COMPONENTS: dict[str, ComponentKind] = {
    k.name: k
    for k in (
        ComponentKind("button", "buttons", True, ("centre front", "double-breasted"), 10),
        ComponentKind(
            "pocket",
            "pockets",
            False,
            ("left hip", "right hip", "left chest", "right chest", "centre hip"),
            1,
            ("patch pocket", "flap pocket", "welt pocket", "kangaroo pocket"),
        ),
        ComponentKind("zipper", "zippers", False, ("centre front",), 1, ("zip", "zips")),
        ComponentKind("collar", "collars", False, ("neck",), 1, ("lapel", "neckline")),
        ComponentKind("cuff", "cuffs", False, ("left wrist", "right wrist"), 1),
        ComponentKind("belt", "belts", False, ("waist",), 1, ("sash",)),
        ComponentKind("hood", "hoods", False, ("neck",), 1),
        ComponentKind("bow", "bows", False, ("neck", "waist"), 1, ("ribbon", "pussy bow")),
        ComponentKind("pleat", "pleats", False, ("hem",), 12, ("knife pleat", "box pleat")),
        ComponentKind(
            "patch",
            "patches",
            False,
            ("left chest", "right chest", "left knee", "right knee"),
            1,
            ("badge", "emblem", "logo"),
        ),
    )
}


@dataclass(frozen=True)
class GarmentType:
    """One type of garment and what it can have.

    Attributes:
        region: which part of the body it covers; it decides landmarks and try-on masks.
        buttons: the largest number of buttons in one row (0: never).
        components: the kinds it can carry (collar, hood and cuff follow from its cut).
        double_breasted: whether two rows of buttons are possible.
    """

    name: str
    region: Region
    necklines: tuple[str, ...]
    sleeves: tuple[str, ...]
    fabrics: tuple[str, ...]
    components: tuple[str, ...]
    pocket_places: tuple[str, ...] = ()
    buttons: int = 0
    double_breasted: bool = False
    plural: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def usual(self) -> dict[str, str]:
        """What is meant where the words leave the cloth and the cut open."""
        first = {"fabric": self.fabrics, "neckline": self.necklines, "sleeves": self.sleeves}
        return {name: choices[0] for name, choices in first.items()}


_CHEST = ("left chest", "right chest")
_HIPS = ("left hip", "right hip")

GARMENTS: dict[str, GarmentType] = {
    g.name: g
    for g in (
        GarmentType(
            "t-shirt",
            "upper",
            ("crew neck", "v-neck", "scoop neck"),
            ("short", "long"),
            ("cotton", "linen", "knit"),
            ("pocket", "patch"),
            _CHEST,
            aliases=("tee", "tee shirt", "t shirt", "tshirt"),
        ),
        GarmentType(
            "shirt",
            "upper",
            ("shirt collar", "stand collar"),
            ("short", "long"),
            ("cotton", "linen", "denim", "satin"),
            ("button", "pocket", "patch", "cuff"),
            _CHEST,
            8,
            aliases=("button-up", "button-down", "dress shirt", "overshirt"),
        ),
        GarmentType(
            "blouse",
            "upper",
            ("crew neck", "v-neck", "scoop neck", "stand collar"),
            ("short", "long"),
            ("satin", "cotton", "linen"),
            ("button", "bow", "cuff"),
            (),
            6,
        ),
        GarmentType(
            "polo shirt",
            "upper",
            ("shirt collar",),
            ("short", "long"),
            ("cotton", "knit"),
            ("button", "pocket", "patch", "cuff"),
            _CHEST,
            4,
            aliases=("polo",),
        ),
        GarmentType(
            "tank top",
            "upper",
            ("crew neck", "v-neck", "scoop neck"),
            ("none",),
            ("cotton", "linen", "satin", "knit"),
            ("pocket", "bow", "patch"),
            _CHEST,
            aliases=("vest top", "camisole", "singlet", "sleeveless top", "top"),
        ),
        GarmentType(
            "sweater",
            "upper",
            ("crew neck", "v-neck", "turtleneck"),
            ("long",),
            ("knit", "wool"),
            ("pocket", "patch", "zipper", "cuff"),
            _CHEST,
            aliases=("jumper", "pullover", "sweatshirt", "turtleneck sweater"),
        ),
        GarmentType(
            "cardigan",
            "upper",
            ("v-neck", "crew neck"),
            ("long",),
            ("knit", "wool"),
            ("button", "pocket", "belt", "patch", "cuff"),
            _HIPS,
            8,
        ),
        GarmentType(
            "hoodie",
            "upper",
            ("hood",),
            ("long", "short"),
            ("cotton", "knit"),
            ("pocket", "zipper", "patch", "hood", "cuff"),
            ("centre hip", *_CHEST),
            aliases=("hooded sweatshirt", "hooded jumper"),
        ),
        GarmentType(
            "jacket",
            "upper",
            ("shirt collar", "stand collar", "hood"),
            ("long",),
            ("denim", "leather", "cotton", "corduroy"),
            ("button", "pocket", "zipper", "patch", "hood", "cuff", "belt"),
            (*_CHEST, *_HIPS),
            7,
            aliases=("bomber", "bomber jacket", "denim jacket", "leather jacket", "windbreaker"),
        ),
        GarmentType(
            "blazer",
            "upper",
            ("notched lapel",),
            ("long",),
            ("wool", "linen", "corduroy", "cotton"),
            ("button", "pocket", "patch"),
            ("left chest", *_HIPS),
            4,
            True,
            aliases=("suit jacket", "sport coat", "dinner jacket"),
        ),
        GarmentType(
            "coat",
            "full",
            ("notched lapel", "shirt collar", "stand collar", "hood"),
            ("long",),
            ("wool", "cotton", "leather"),
            ("button", "pocket", "belt", "hood", "zipper"),
            (*_HIPS, "left chest"),
            8,
            True,
            aliases=("overcoat", "trench coat", "trench", "parka", "raincoat"),
        ),
        GarmentType(
            "waistcoat",
            "upper",
            ("v-neck",),
            ("none",),
            ("wool", "linen", "denim", "satin"),
            ("button", "pocket", "patch"),
            (*_HIPS, "left chest"),
            6,
            True,
            aliases=("vest", "gilet", "suit vest"),
        ),
        GarmentType(
            "dress",
            "full",
            ("crew neck", "v-neck", "scoop neck", "turtleneck", "shirt collar"),
            ("none", "short", "long"),
            ("cotton", "linen", "satin", "denim", "knit"),
            ("button", "pocket", "zipper", "belt", "bow", "pleat", "cuff"),
            (*_CHEST, *_HIPS),
            8,
            aliases=("gown", "frock", "sundress", "shirt dress"),
        ),
        GarmentType(
            "skirt",
            "lower",
            ("none",),
            ("none",),
            ("cotton", "linen", "wool", "denim", "satin", "leather", "corduroy"),
            ("button", "pocket", "zipper", "belt", "bow", "pleat"),
            _HIPS,
            8,
        ),
        GarmentType(
            "trousers",
            "lower",
            ("none",),
            ("none",),
            ("cotton", "linen", "wool", "denim", "leather", "corduroy"),
            ("button", "pocket", "zipper", "belt", "pleat", "patch"),
            _HIPS,
            4,
            plural=True,
            aliases=("pants", "jeans", "slacks", "chinos", "pair of trousers"),
        ),
        GarmentType(
            "shorts",
            "lower",
            ("none",),
            ("none",),
            ("cotton", "linen", "denim", "corduroy"),
            ("button", "pocket", "zipper", "belt", "pleat"),
            _HIPS,
            3,
            plural=True,
            aliases=("bermudas", "pair of shorts"),
        ),
        GarmentType(
            "jumpsuit",
            "full",
            ("crew neck", "v-neck", "shirt collar"),
            ("none", "short", "long"),
            ("cotton", "linen", "denim", "satin"),
            ("button", "pocket", "zipper", "belt", "cuff", "patch"),
            (*_CHEST, *_HIPS),
            7,
            aliases=("overall", "overalls", "boiler suit", "playsuit", "romper"),
        ),
    )
}

SKIN_TONES: tuple[str, ...] = ("light", "tan", "brown", "dark")
HAIR_COLOURS: tuple[str, ...] = ("black", "brown", "blond", "red", "grey")
HAIR_STYLES: tuple[str, ...] = ("short", "long", "bun", "curly")
PEOPLE: tuple[str, ...] = ("woman", "man")
POSES: tuple[str, ...] = ("standing", "hands on hips", "one arm raised", "walking", "arms open")
GROUNDS: dict[str, tuple[str, ...]] = {
    "white": ("on a white background", "on white"),
    "grey": ("on a grey background", "in a studio"),
    "park": ("in a park", "outdoors on the grass"),
    "street": ("on a city street", "in the city"),
    "beach": ("on a beach", "by the sea"),
    "room": ("in a room", "indoors"),
}
"""Where the picture is taken. A flat lay is on white or grey; a worn garment anywhere."""

GARMENT_FIELDS: dict[str, Collection[str]] = {
    "garment": GARMENTS, "colour": COLOURS, "pattern": PATTERNS, "fabric": FABRICS,
    "neckline": NECKLINES, "sleeves": SLEEVES, "length": LENGTHS, "fit": FITS,
}
"""The fields of a garment's specification, in their order, and the words that each may hold."""
PERSON_FIELDS: dict[str, tuple[str, ...]] = {
    "person": PEOPLE, "skin": SKIN_TONES, "hair": HAIR_COLOURS, "hair_style": HAIR_STYLES,
    "pose": POSES,
}
"""The same of a wearer."""
