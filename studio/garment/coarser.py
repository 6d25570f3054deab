"""Words of the trade for which the vocabulary has only a coarser one, as data.

A designer's word is read as the nearest word that the model has learnt, and the page says so
(“green, from mint”); where no word of the vocabulary would be right, the word is not here, and is
told as not recognised. `LOOSE` holds those that only lean to a value: they count where nothing
clearer is said of the same thing.
"""

from __future__ import annotations

from typing import Final

from studio.garment.phrases import GARMENT_WORDS
from studio.garment.vocabulary import FABRICS

Table = dict[str, tuple[str, ...]]

COARSER: Final[dict[str, Table]] = {
    "colour": {
        "black": (
            "charcoal black", "raven", "noir",
        ),
        "white": (
            "winter white", "ice white", "milk", "milky", "oyster", "porcelain", "eggshell",
            "alabaster", "vanilla", "bone", "optic white", "bright white",
        ),
        "grey": (
            "steel", "storm", "storm grey", "mole", "dove", "concrete", "lead",
            "charcoal grey", "charcoal gray", "slate grey", "slate gray", "silver grey",
            "silver gray", "heather grey", "heather gray", "grey marl", "gray marl", "marl grey",
            "smoke", "pewter", "gunmetal", "silvery", "metallic silver", "ash grey", "ash gray",
            "dove grey", "dove gray", "grey melange", "anthracite grey",
        ),
        "red": (
            "pillar box red", "blood red", "fire engine red", "poppy", "poppy red", "paprika",
            "chilli red", "ketchup red", "fire red", "lipstick red", "carmine", "ruby red",
            "tomato",
        ),
        "orange": (
            "sienna", "clay", "ginger", "russet", "paprika orange", "rust orange", "burnt sienna",
            "rusty", "rust coloured", "rust colored", "copper", "cinnamon", "tangerine orange",
            "peachy", "melon", "papaya", "marigold",
        ),
        "yellow": (
            "butter", "straw", "primrose", "sunflower yellow", "buttercream", "neon", "canary",
            "canary yellow", "butter yellow", "sunny yellow", "gold yellow", "metallic gold",
            "honey", "turmeric",
        ),
        "green": (
            "acid green", "chartreuse", "racing green", "british racing green", "spearmint",
            "peppermint", "verdigris", "bottle", "shamrock", "fern", "matcha", "avocado",
            "sage green", "lime green", "neon green", "pistachio", "seafoam", "sea green",
            "hunter green", "jade green", "pine green", "leaf green", "mint coloured",
            "kelly green", "apple green", "moss coloured", "eucalyptus", "sea foam green",
            "dark olive green",
        ),
        "blue": (
            "ice", "duck egg", "duck egg blue", "royal", "french blue", "ultramarine",
            "cornflour blue", "wedgwood blue", "carolina blue", "china blue", "washed blue",
            "vintage wash", "electric blue", "steel blue", "ice blue", "cornflower",
            "cornflower blue", "sapphire", "periwinkle", "ocean blue", "dusty blue", "slate blue",
            "bluish", "chambray blue", "light wash", "light blue wash", "medium wash", "mid wash",
            "mid blue wash", "stone wash", "stonewashed", "acid wash", "bleached",
        ),
        "navy": (
            "french navy", "ink", "inky", "oxford blue", "raw denim blue", "dark rinse",
            "dark denim", "rinsed", "indigo wash", "dark wash", "dark blue wash", "indigo blue",
            "dark navy", "deep navy", "navy coloured", "raw indigo", "rinse wash", "dark indigo",
            "midnight navy",
        ),
        "purple": (
            "wisteria", "thistle", "heather purple", "violet blue", "blackcurrant", "grape",
            "amethyst", "orchid", "heliotrope", "lavender purple", "mulberry",
        ),
        "pink": (
            "cerise", "raspberry", "rosewood", "bubblegum", "barbie pink", "dusky rose", "peony",
            "ballet pink", "millennial pink", "dusty rose", "dusty pink", "blush pink", "pale rose",
            "rose gold", "bubblegum pink", "old rose", "powder pink", "salmon coloured", "flamingo",
            "rosy", "candy pink", "fuchsia pink", "dusky pink", "neon pink", "shocking pink",
        ),
        "brown": (
            "nutmeg", "auburn", "mahogany brown", "truffle", "peat", "toffee", "walnut", "espresso",
            "umber", "hazelnut", "bronze", "tobacco", "mink", "chocolate coloured", "cocoa",
            "cognac brown", "chestnut brown", "toffee brown",
        ),
        "beige": (
            "oat", "putty", "wheat", "cappuccino", "mocha mousse", "parchment", "nude pink",
            "biscuit", "fawn", "buff", "champagne", "latte", "almond", "stone", "camel coloured",
            "sand coloured", "cream coloured", "natural beige", "off beige", "greige", "tan beige",
            "khaki beige", "mushroom",
        ),
        "burgundy": (
            "aubergine red", "bordo", "mulled wine", "merlot", "cranberry", "garnet", "maroon red",
            "plum red", "berry", "mahogany", "oxblood red", "bordeaux red",
        ),
        "olive": (
            "army", "fatigue", "fatigue green", "sludge", "olive drab green", "khaki olive",
            "dark khaki", "military olive",
        ),
        "teal": (
            "peacock", "peacock blue", "turquoise blue", "aqua blue", "lagoon", "cyan blue",
        ),
    },
    "pattern": {
        "plain": (
            "pure color", "pure colour", "solid coloured", "solid colored", "single colour",
            "single color", "one colour", "one color", "monochrome", "block colour",
        ),
        "striped": (
            "zebra", "zebra print", "ticking stripe", "pencil stripe", "chalk stripe",
            "candy stripe", "horizontal stripe", "horizontal stripes", "vertical stripe",
            "vertical stripes", "pinstripes", "stripe print", "nautical stripe", "breton stripe",
            "breton stripes", "striped print", "chevron",
        ),
        "checked": (
            "prince of wales", "prince of wales check", "glencheck", "gingham check",
            "buffalo check", "buffalo plaid", "tattersall", "madras", "windowpane check",
            "check print", "checked print", "plaid print", "tartan check", "argyle",
            "houndstooth check", "dogtooth", "vichy", "lumberjack",
        ),
        "dotted": (
            "leopard", "leopard print", "cheetah", "cheetah print", "dot print", "spot print",
            "spotty", "pin dot", "speckled", "dalmatian", "dalmatian print", "polka dot print",
            "polka dots print",
        ),
        "floral": (
            "hawaiian", "tropical", "tropical print", "botanical", "botanical print", "rose print",
            "ditsy", "ditsy floral", "ditsy print", "liberty print", "blossom", "floral patterned",
            "leaf print", "palm print", "daisy", "daisy print", "floral jacquard", "flower printed",
            "floral printed", "hibiscus", "roses", "daisies", "sunflowers", "tulips", "poppies",
            "cherry blossom", "cherry blossoms", "wildflowers", "wildflower", "peonies", "rosebuds",
            "leaves", "palm leaves", "toile de jouy", "chintz", "millefleur",
        ),
    },
    "fabric": {
        "cotton": (
            "broderie anglaise", "broderie", "towelling", "toweling", "loopback", "calico", "duck",
            "cotton duck", "cotton drill", "cotton lawn", "brushed cotton", "sweatshirting",
            "garment dyed cotton",
            "oxford", "oxford cloth", "flannelette", "seersucker", "drill", "ripstop", "terry",
            "french terry", "sateen", "muslin", "cotton gauze", "gauze", "voile", "cheesecloth",
            "batiste", "oxford cotton", "stretch cotton", "cotton blend", "pima cotton", "percale",
            "organic cotton", "cotton jersey", "stretch jersey", "jersey knit", "pique",
            "cotton poplin", "cotton twill", "broadcloth", "moleskin", "lawn cotton",
        ),
        "linen": (
            "ramie", "hemp", "linen blend", "flax", "linen cotton",
        ),
        "wool": (
            "mohair", "alpaca", "angora", "loden", "melton", "felted wool", "wool blend",
            "lambswool", "worsted", "virgin wool", "boiled wool", "bouclé", "crombie", "camel hair",
            "merino wool", "wool felt", "wool twill", "wool mix",
        ),
        "denim": (
            "stretch denim", "raw denim", "selvedge denim", "selvedge", "denim blend",
        ),
        "knit": (
            "fine knit", "waffle knit", "waffle", "jumper knit", "purl", "ribbing knit", "rib",
            "cable", "ribbed knit", "knit blend", "cable knitted", "pointelle", "aran",
            "chunky knitted", "fair isle",
        ),
        "satin": (
            "habotai", "habutai", "dupion", "dupioni", "shantung", "silk dupion", "charmeuse",
            "crepe de chine", "silk satin", "sateen silk", "silk chiffon", "silk georgette",
            "silk crepe", "duchess satin", "shiny", "duchesse satin", "taffeta", "silken",
            "mulberry silk", "silk blend", "sateen satin", "silk twill", "de chine", "crepe satin",
            "glossy", "satin crepe",
        ),
        "leather": (
            "pvc", "latex", "coated", "vegan leather", "nappa", "patent leather", "faux suede",
            "nubuck", "lambskin", "calfskin", "sheepskin", "patent", "leatherette", "vinyl",
        ),
        "corduroy": (
            "needlecord", "pincord", "jumbo cord", "wide wale",
        ),
    },
    "neckline": {
        "crew neck": (
            "jewel neck", "jewel neckline", "round necklines", "rounded neckline", "rounded neck",
            "henley neck", "crew neckline", "high round neck", "round cut neckline",
        ),
        "v-neck": (
            "deep v neck", "deep v", "v shape", "v shaped", "v shape neckline", "v shaped neckline",
            "v shaped neck", "plunge neck", "plunge neckline", "plunging", "plunging neck",
            "plunging v neck", "low v neck", "v cut", "v", "surplice neckline", "surplice neck",
            "surplice", "wrap neckline", "v necks", "plunging v neckline", "deep v neckline",
            "cross over neckline", "split neck", "notch neck", "notched neckline", "split neckline",
        ),
        "scoop neck": (
            "u neckline", "low cut neckline", "deep round neck", "scooped", "u shaped neck",
            "u shape", "ballet neck", "low scoop neck",
        ),
        "turtleneck": (
            "mock turtleneck", "high neckline", "high necked", "funnel neckline", "funnel collar",
            "roll collar", "rolled neck", "roll neckline", "polo necked", "mockneck",
            "mock neckline",
        ),
        "shirt collar": (
            "cutaway collar", "button down collars", "camp collar", "cuban collar", "revere collar",
            "point collar", "wing collar", "button collar", "club collar", "flat collar",
            "lapel collar", "turn down collar", "turndown collar", "johnny collar", "resort collar",
            "straight collar",
        ),
        "stand collar": (
            "mao collar", "cheongsam collar", "chinese collar", "rib collar", "ribbed collar",
            "baseball collar", "bomber collar", "grandpa collar", "collarless stand",
            "clerical collar", "zip collar", "banded collar", "tunisian collar", "qipao collar",
            "mandarin neck", "stand neck",
        ),
        "notched lapel": (
            "shawl collar", "shawl lapel", "peaked lapel", "peaked lapels", "shawl lapels",
            "revers collar", "tailored collar", "notch collar", "wide lapel", "wide lapels",
            "big lapels", "large lapels", "oversized lapels", "oversized lapel",
            "exaggerated lapels", "narrow lapels", "slim lapels", "pointed lapels", "sharp lapels",
            "satin lapels", "peak collar", "double breasted lapels", "blazer collar", "suit collar",
        ),
        "hood": (
            "lined hood", "adjustable hood",
        ),
    },
    "sleeves": {
        "none": (
            "sleeveless cut", "sleevless", "sleaveless",
        ),
        "short": (
            "elbow length sleeves", "elbow sleeves", "shorter sleeves", "shorter sleeve",
            "short cap sleeves", "cap sleeved", "capped sleeves", "cap sleeve",
            "elbow length sleeve", "elbow sleeve", "short puff sleeves", "tee sleeves",
            "short puffed sleeves", "short puff sleeve", "short flutter sleeves",
            "short bell sleeves", "half length sleeves",
        ),
        "long": (
            "three quarter sleeve", "three quarter sleeves", "three quarter sleeved",
            "quarter sleeve", "quarter sleeves", "three quarter length sleeves", "bracelet sleeves",
            "bracelet sleeve", "longer sleeves", "wrist length sleeves", "long puff sleeves",
            "long puffed sleeves", "long bell sleeves", "long balloon sleeves",
            "long bishop sleeves", "extra long sleeves", "long flared sleeves",
            "long raglan sleeves", "long kimono sleeves", "long puff sleeve", "long bell sleeve",
            "long balloon sleeve", "long bishop sleeve", "three quarter length sleeve",
        ),
    },
    "length": {
        "short": (
            "thigh skimming", "hip skimming", "bum skimming", "thigh grazing", "thigh length",
            "above knee", "micro", "mini length", "waist length", "short length", "cropped length",
            "shorter", "crop length", "mid thigh",
        ),
        "regular": (
            "midaxi", "ankle grazer", "bermuda length", "at knee", "knee grazing", "midi length",
            "medium length", "at the knee", "below knee", "tea length", "three quarter length",
        ),
        "long": (
            "ankle", "floor sweeping", "calf", "maxi length", "longer", "long length",
            "ballerina length", "floor skimming", "to the ground", "floor grazing",
            "full length cut",
        ),
    },
    "fit": {
        "slim": (
            "slim legs", "skinny legs", "tapered legs", "narrow legs", "cigarette leg",
            "cigarette legs", "slim tailored", "nipped in", "nipped in waist", "cinched",
            "cinched waist", "waisted", "contoured", "figure skimming", "body con",
            "figure hugging", "close fit", "skinny fit", "tight fit", "fitted cut", "slim cut",
            "slim leg", "skinny leg", "tapered", "tapered leg", "tapered fit", "form fit",
            "body hugging", "sheath", "pencil", "column", "mermaid", "fishtail", "trumpet",
            "cigarette", "slim leg cut", "second skin", "narrow", "narrow leg", "shapewear", "tube",
        ),
        "regular": (
            "straight legs", "straight leg", "straight legged", "straight", "straight leg fit",
            "shift", "comfort fit", "standard fit", "straight cut leg", "regular leg",
        ),
        "loose": (
            "wide legs", "flared legs", "baggy legs", "barrel legs",
            "dropped shoulder", "dropped shoulders", "drop shoulder", "drop shoulders",
            "full circle", "full", "voluminous", "volume", "billowy", "billowing", "puffy",
            "slouch", "wide cut", "wide leg cut", "flared", "flare", "flare leg", "flared leg",
            "a line", "slouchy", "boyfriend", "boyfriend fit", "dad fit", "trapeze", "swing",
            "skater", "bell bottom", "bootcut", "boot cut", "boot leg", "full skirted", "circle",
            "easy fit", "flowy fit", "balloon leg", "puddle", "slouch fit", "drop crotch",
            "generous fit", "fuller", "cocoon", "smock", "tent", "palazzo", "barrel leg",
            "kick flare", "kickflare", "peasant", "boxy fit", "oversized fit", "oversize fit",
            "baggy fit", "balloon", "roomy fit", "wide leg fit",
        ),
    },
}  # fmt: skip
"""Field -> value of the vocabulary -> what designers say."""

LOOSE: Final[dict[str, Table]] = {
    "neckline": {
        "v-neck": (
            "wrap", "faux wrap", "wrap front", "wrap over", "wraparound",
        ),
        "crew neck": (
            "boat neck", "boatneck", "boat neckline", "bateau neck", "bateau neckline", "bateau",
            "slash neck",
        ),
        "scoop neck": (
            "sweetheart", "sweetheart neck", "sweetheart neckline", "square neck",
            "square neckline", "squareneck", "square necked", "cowl neck", "cowl neckline", "cowl",
            "milkmaid neckline", "off the shoulder", "off shoulder", "off the shoulders", "bardot",
            "bardot neckline", "off the shoulder neckline", "draped neck", "draped neckline",
            "balconette neckline",
        ),
    },
    "sleeves": {
        "none": (
            "straps", "spaghetti straps", "spaghetti strap", "thin straps", "narrow straps",
            "shoulder straps", "narrow shoulder straps", "thin shoulder straps", "wide straps",
            "adjustable straps", "adjustable shoulder straps", "cami straps", "skinny straps",
            "strappy", "strapless", "thin strap", "bandeau", "slip", "halter neck", "halterneck",
            "halter", "halter neckline", "one shoulder", "racerback", "bustier", "tie straps",
        ),
        "short": (
            "puff sleeve", "puff sleeves", "puffed sleeves", "puffed sleeve", "puff sleeved",
            "flutter sleeve", "flutter sleeves", "petal sleeve", "petal sleeves", "angel sleeves",
            "butterfly sleeves", "ruffle sleeves", "frill sleeves", "ruffled sleeves",
        ),
        "long": (
            "bell sleeve", "bell sleeves", "balloon sleeve", "balloon sleeves", "bishop sleeve",
            "bishop sleeves", "lantern sleeves", "batwing sleeves", "dolman sleeves",
            "kimono sleeves", "flared sleeves", "trumpet sleeves", "batwing", "dolman",
            "bell sleeved", "balloon sleeved", "kimono sleeve", "lantern sleeve", "dolman sleeve",
            "wide sleeves", "wide sleeve", "trumpet sleeve", "sheer sleeves", "fluted sleeves",
            "batwing sleeve", "leg of mutton sleeves", "blouson sleeves",
        ),
    },
    "fit": {
        "slim": (
            "slinky", "corseted",
        ),
        "loose": (
            "empire line", "empire waist", "babydoll", "puffed",
            "tiered", "draped", "drapey", "floaty", "breezy", "airy",
        ),
    },
    "fabric": {
        "cotton": (
            "lacy", "tulle", "viscose", "rayon", "modal", "tencel", "lyocell", "bamboo",
            "polycotton", "sheer cotton", "dobby",
        ),
        "wool": (
            "sherpa", "borg", "shearling", "teddy", "teddy fleece", "polar fleece", "herringbone",
            "baize", "fluffy", "fuzzy", "furry",
        ),
        "knit": (
            "mesh", "ponte", "ponte roma", "double knit", "netting", "fishnet", "macrame", "marled",
            "rib jersey", "interlock", "slinky jersey", "lurex",
        ),
        "satin": (
            "chiffon", "georgette", "organza", "crepe", "cady", "cupro", "acetate", "brocade",
            "jacquard", "damask", "lame", "liquid", "sequinned", "sequined", "glittery", "sparkly",
            "metallic finish", "wet look", "high shine", "lustrous",
        ),
        "leather": (
            "pu", "croc", "mock croc", "snakeskin", "oilskin", "waxed cotton", "waxed",
        ),
        "corduroy": (
            "velvet", "velour", "crushed velvet", "velveteen", "devore",
        ),
    },
    "pattern": {
        "floral": (
            "paisley", "chintzy", "garden print",
        ),
        "dotted": (
            "animal print", "animal", "ocelot",
        ),
    },
}  # fmt: skip
"""The same for words that only lean to a value, and give way to any other word."""

SHADES: Final = ("light", "dark", "pale", "bright", "deep", "pastel", "medium", "muted", "neon",
                 "dusty", "soft", "vivid", "faded", "washed", "rich", "warm", "cool", "mid",
                 "metallic", "heathered", "heather", "vibrant")  # fmt: skip
"""Shades: before a colour they are part of it, and the vocabulary has only the colour."""

SEWN: Final[dict[str, str]] = {
    "lace": "cotton",
    "sequin": "satin",
    "eyelet": "cotton",
    "glitter": "satin",
    "fur": "wool",
    "faux fur": "wool",
}
"""Details that are the cloth itself where nothing has them: “a lace dress”, “a dress in lace”."""

_SAME: Final[dict[str, frozenset[str]]] = {
    "garment": frozenset(
        w for words in GARMENT_WORDS.values() for w in (*words, *(f"{x}s" for x in words))
    ) | {"jeans", "chinos", "sweatshirt", "trouser", "pant", "overalls", "overall"},
    "colour": frozenset(("gray", "color", "colour", "coloured", "colored")),
    "pattern": frozenset(
        ["solid", "stripes", "stripe", "stripy", "stripey", "striping", "checks", "check",
         "checkered", "chequered", "plaid", "dots", "dot", "polka", "polkadot", "polkadots",
         "spots", "spotted", "flower", "flowers", "flowery", "flowered", "florals", "print",
         "pattern", "patterned", "a", "plain", "solid", "coloured", "color", "colour", "dotty",
         "unpatterned", "unprinted"]
    ),
    "fabric": frozenset(["woollen", "woolen", "woolly", "jean", "knitted", "knitwear", "satiny",
    "cord", "fabric"]),
    "neckline": frozenset(
        ["crew", "neck", "neckline", "necked", "round", "crewneck", "v", "vneck", "scoop",
         "scooped", "scoopneck", "turtle", "turtleneck", "roll", "rollneck", "polo", "collar",
         "collars", "collared", "lapel", "lapels", "notch", "notched", "hooded", "hood", "hoods",
         "shirt", "stand", "standing", "up", "standup", "a", "shape", "shaped"]
    ),
    "sleeves": frozenset(
        ["sleeve", "sleeves", "sleeved", "sleeveless", "no", "without", "any", "less", "short",
         "long", "longsleeve", "full", "half", "length", "armless", "a"]
    ),
    "length": frozenset(["length", "very"]),
    "fit": frozenset(["fit", "fitting", "fitted", "loosely"]),
}  # fmt: skip
"""Field -> words that say no less than the vocabulary's: other spellings and forms of it."""


def says_the_same(field: str, value: str, said: str) -> bool:
    """Whether the prompt's words mean just what the vocabulary's word means."""
    words = said.lower().replace("-", " ").split()
    if field == "garment":
        plain = " ".join(words[1:] if words[0] in FABRICS else words)
        names = {value.replace("-", " "), f"{value.replace('-', ' ')}s", f"{value}es"}
        return plain in names or plain in _SAME["garment"] or said in _SAME["garment"]
    if (value, " ".join(words)) in (("navy", "navy blue"), ("navy", "dark blue")):
        return True
    known = _SAME[field] | set(value.replace("-", " ").split())
    return all(word in known for word in words)
