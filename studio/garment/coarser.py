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
        "black": ("charcoal black", "raven", "noir"),
        "white": ("eggshell", "alabaster", "vanilla", "bone", "optic white", "bright white"),
        "grey": (
            "charcoal grey", "charcoal gray", "slate grey", "slate gray", "silver grey",
            "silver gray", "heather grey", "heather gray", "grey marl", "gray marl", "marl grey",
            "smoke", "pewter", "gunmetal", "silvery", "metallic silver", "ash grey", "ash gray",
            "dove grey", "dove gray", "grey melange", "anthracite grey",
        ),
        "red": ("fire red", "lipstick red", "carmine", "ruby red", "tomato"),
        "orange": (
            "rust orange", "burnt sienna", "rusty", "rust coloured", "rust colored", "copper",
            "cinnamon", "tangerine orange", "peachy", "melon", "papaya", "marigold",
        ),
        "yellow": (
            "canary", "canary yellow", "butter yellow", "sunny yellow", "gold yellow",
            "metallic gold", "honey", "turmeric",
        ),
        "green": (
            "sage green", "lime green", "neon green", "pistachio", "seafoam",
            "sea green", "hunter green", "jade green", "pine green", "leaf green", "mint coloured",
            "kelly green", "apple green", "moss coloured", "eucalyptus", "sea foam green",
            "dark olive green",
        ),
        "blue": (
            "electric blue", "steel blue", "ice blue", "cornflower", "cornflower blue", "sapphire",
            "periwinkle", "ocean blue", "dusty blue", "slate blue", "bluish",
            "chambray blue", "light wash", "light blue wash", "medium wash", "mid wash",
            "mid blue wash", "stone wash", "stonewashed", "acid wash", "bleached",
        ),
        "navy": (
            "dark rinse", "dark denim", "rinsed", "indigo wash", "dark wash", "dark blue wash",
            "indigo blue", "dark navy", "deep navy", "navy coloured",
            "raw indigo", "rinse wash", "dark indigo", "midnight navy",
        ),
        "purple": ("grape", "amethyst", "orchid", "heliotrope", "lavender purple", "mulberry"),
        "pink": (
            "dusty rose", "dusty pink", "blush pink", "pale rose", "rose gold", "bubblegum pink",
            "old rose", "powder pink", "salmon coloured", "flamingo", "rosy",
            "candy pink", "fuchsia pink", "dusky pink", "neon pink", "shocking pink",
        ),
        "brown": ("toffee", "walnut", "espresso", "umber", "hazelnut", "bronze", "tobacco", "mink",
                  "chocolate coloured", "cocoa", "cognac brown", "chestnut brown", "toffee brown"),
        "beige": ("biscuit", "fawn", "buff", "champagne", "latte", "almond",
                  "stone", "camel coloured", "sand coloured", "cream coloured", "natural beige",
                  "off beige", "greige", "tan beige", "khaki beige", "mushroom"),
        "burgundy": ("merlot", "cranberry", "garnet", "maroon red", "plum red", "berry", "mahogany",
                     "oxblood red", "bordeaux red"),
        "olive": ("olive drab green", "khaki olive", "dark khaki", "military olive"),
        "teal": ("peacock", "peacock blue", "turquoise blue", "aqua blue", "lagoon", "cyan blue"),
    },
    "pattern": {
        "plain": ("pure color", "pure colour", "solid coloured", "solid colored", "single colour",
                  "single color", "one colour", "one color", "monochrome", "block colour"),
        "striped": ("zebra", "zebra print", "ticking stripe", "pencil stripe", "chalk stripe",
                    "candy stripe", "horizontal stripe", "horizontal stripes", "vertical stripe",
                    "vertical stripes", "pinstripes", "stripe print", "nautical stripe",
                    "breton stripe", "breton stripes", "striped print", "chevron"),
        "checked": ("prince of wales", "prince of wales check", "glencheck", "gingham check",
                    "buffalo check", "buffalo plaid", "tattersall", "madras", "windowpane check",
                    "check print", "checked print", "plaid print", "tartan check", "argyle",
                    "houndstooth check", "dogtooth", "vichy", "lumberjack"),
        "dotted": ("leopard", "leopard print", "cheetah", "cheetah print", "dot print",
                   "spot print", "spotty", "pin dot", "speckled",
                   "dalmatian", "dalmatian print", "polka dot print", "polka dots print"),
        "floral": ("hawaiian", "tropical", "tropical print", "botanical", "botanical print",
                   "rose print", "ditsy", "ditsy floral", "ditsy print", "liberty print", "blossom",
                   "floral patterned", "leaf print", "palm print", "daisy", "daisy print",
                   "floral jacquard", "flower printed", "floral printed", "hibiscus", "roses",
                   "daisies", "sunflowers",
                   "tulips", "poppies", "cherry blossom", "cherry blossoms", "wildflowers",
                   "wildflower", "peonies", "rosebuds", "leaves", "palm leaves", "toile de jouy",
                   "chintz", "millefleur"),
    },
    "fabric": {
        "cotton": ("flannelette", "seersucker", "drill", "ripstop", "terry", "french terry",
                   "sateen", "muslin", "cotton gauze", "gauze", "voile", "cheesecloth", "batiste",
                   "oxford cotton", "stretch cotton", "cotton blend", "pima cotton", "percale",
                   "organic cotton", "cotton jersey", "stretch jersey", "jersey knit", "pique",
                   "cotton poplin", "cotton twill", "broadcloth", "moleskin", "lawn cotton"),
        "linen": ("ramie", "hemp", "linen blend", "flax", "linen cotton"),
        "wool": ("mohair", "alpaca", "angora", "loden", "melton", "felted wool", "wool blend",
                 "lambswool", "worsted", "virgin wool", "boiled wool", "bouclé", "crombie",
                 "camel hair", "merino wool", "wool felt", "wool twill", "wool mix"),
        "denim": ("stretch denim", "raw denim", "selvedge denim", "selvedge", "denim blend"),
        "knit": ("fine knit", "waffle knit", "waffle", "jumper knit", "purl", "ribbing knit",
                 "rib", "cable", "ribbed knit", "knit blend", "cable knitted", "pointelle", "aran",
                 "chunky knitted", "fair isle"),
        "satin": ("charmeuse", "crepe de chine", "silk satin",
                  "sateen silk",
                  "silk chiffon", "silk georgette", "silk crepe", "duchess satin", "shiny",
                  "duchesse satin", "taffeta", "silken", "mulberry silk", "silk blend",
                  "sateen satin", "silk twill", "de chine", "crepe satin", "glossy",
                  "satin crepe"),
        "leather": ("vegan leather", "nappa", "patent leather", "faux suede", "nubuck",
                    "lambskin", "calfskin", "sheepskin", "patent", "leatherette", "vinyl"),
        "corduroy": ("needlecord", "pincord", "jumbo cord", "wide wale"),
    },
    "neckline": {
        "crew neck": ("jewel neck", "jewel neckline", "round necklines", "rounded neckline",
                      "rounded neck", "henley neck",
                      "crew neckline", "high round neck", "round cut neckline"),
        "v-neck": ("deep v neck", "deep v", "v shape", "v shaped", "v shape neckline",
                   "v shaped neckline", "v shaped neck", "plunge neck", "plunge neckline",
                   "plunging", "plunging neck", "plunging v neck", "low v neck", "v cut", "v",
                   "surplice neckline", "surplice neck", "surplice", "wrap neckline", "v necks",
                   "plunging v neckline", "deep v neckline", "cross over neckline", "split neck",
                   "notch neck", "notched neckline", "split neckline"),
        "scoop neck": ("u neckline", "low cut neckline", "deep round neck", "scooped",
                       "u shaped neck",
                       "u shape", "ballet neck", "low scoop neck"),
        "turtleneck": ("mock turtleneck", "high neckline", "high necked", "funnel neckline",
                       "funnel collar", "roll collar", "rolled neck",
                       "roll neckline", "polo necked", "mockneck", "mock neckline"),
        "shirt collar": ("cutaway collar", "button down collars", "camp collar", "cuban collar",
                         "revere collar", "point collar", "wing collar", "button collar",
                         "club collar", "flat collar", "lapel collar", "turn down collar",
                         "turndown collar", "johnny collar", "resort collar", "straight collar"),
        "stand collar": ("mao collar", "cheongsam collar", "chinese collar", "rib collar",
                         "ribbed collar", "baseball collar", "bomber collar", "grandpa collar",
                         "collarless stand", "clerical collar", "zip collar", "banded collar",
                         "tunisian collar", "qipao collar", "mandarin neck", "stand neck"),
        "notched lapel": ("shawl collar", "shawl lapel", "peaked lapel", "peaked lapels",
                          "shawl lapels", "revers collar", "tailored collar", "notch collar",
                          "wide lapel", "wide lapels", "big lapels", "large lapels",
                          "oversized lapels", "oversized lapel", "exaggerated lapels",
                          "narrow lapels", "slim lapels", "pointed lapels", "sharp lapels",
                          "satin lapels", "peak collar",
                          "double breasted lapels", "blazer collar", "suit collar"),
        "hood": ("lined hood", "adjustable hood"),
    },
    "sleeves": {
        "none": ("sleeveless cut", "sleevless", "sleaveless"),
        "short": ("elbow length sleeves", "elbow sleeves", "shorter sleeves", "shorter sleeve",
                  "short cap sleeves", "cap sleeved", "capped sleeves", "cap sleeve",
                  "elbow length sleeve", "elbow sleeve", "short puff sleeves", "tee sleeves",
                  "short puffed sleeves", "short puff sleeve", "short flutter sleeves",
                  "short bell sleeves", "half length sleeves"),
        "long": ("three quarter sleeve", "three quarter sleeves", "three quarter sleeved",
                 "quarter sleeve", "quarter sleeves", "three quarter length sleeves",
                 "bracelet sleeves", "bracelet sleeve", "longer sleeves", "wrist length sleeves",
                 "long puff sleeves", "long puffed sleeves", "long bell sleeves",
                 "long balloon sleeves", "long bishop sleeves", "extra long sleeves",
                 "long flared sleeves", "long raglan sleeves", "long kimono sleeves",
                 "long puff sleeve", "long bell sleeve", "long balloon sleeve",
                 "long bishop sleeve", "three quarter length sleeve"),
    },
    "length": {
        "short": ("thigh length", "above knee", "micro", "mini length", "waist length",
                  "short length", "cropped length", "shorter", "crop length", "mid thigh"),
        "regular": ("midi length", "medium length", "at the knee", "below knee", "tea length",
                    "three quarter length"),
        "long": ("ankle", "floor sweeping", "calf", "maxi length", "longer", "long length",
                 "ballerina length", "floor skimming", "to the ground", "floor grazing",
                 "full length cut"),
    },
    "fit": {
        "slim": ("slim legs", "skinny legs", "tapered legs", "narrow legs", "cigarette leg",
                 "cigarette legs", "slim tailored", "nipped in", "nipped in waist",
                 "cinched", "cinched waist", "waisted", "contoured", "figure skimming",
                 "body con", "figure hugging", "close fit", "skinny fit", "tight fit", "fitted cut",
                 "slim cut", "slim leg", "skinny leg", "tapered", "tapered leg", "tapered fit",
                 "form fit", "body hugging", "sheath", "pencil", "column", "mermaid", "cigarette",
                 "slim leg cut", "second skin", "narrow", "narrow leg", "shapewear", "tube"),
        "regular": ("straight legs", "straight leg", "straight legged", "straight",
                    "straight leg fit", "shift",
                    "comfort fit", "standard fit", "straight cut leg", "regular leg"),
        "loose": ("wide legs", "flared legs", "baggy legs", "barrel legs", "dropped shoulder",
                  "dropped shoulders", "drop shoulder", "drop shoulders", "full circle", "full",
                  "voluminous", "volume", "billowy", "billowing", "puffy", "slouch", "wide cut",
                  "wide leg cut", "flared", "flare", "flare leg", "flared leg",
                  "a line",
                  "slouchy", "boyfriend", "boyfriend fit", "dad fit", "trapeze", "swing", "skater",
                  "bell bottom", "bootcut", "boot cut", "boot leg", "full skirted",
                  "circle", "easy fit", "generous fit", "fuller", "cocoon", "smock", "tent",
                  "palazzo", "barrel leg", "kick flare", "kickflare", "peasant", "boxy fit",
                  "oversized fit", "oversize fit", "baggy fit", "balloon", "roomy fit",
                  "wide leg fit"),
    },
}  # fmt: skip
"""Field -> value of the vocabulary -> what designers say."""

LOOSE: Final[dict[str, Table]] = {
    "neckline": {"v-neck": ("wrap", "faux wrap", "wrap front", "wrap over", "wraparound")},
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
            "batwing sleeve", "leg of mutton sleeves", "blouson sleeves",
        ),
    },
    "fit": {"slim": ("slinky",)},
}  # fmt: skip
"""The same for words that only lean to a value, and give way to any other word."""

SHADES: Final = ("light", "dark", "pale", "bright", "deep", "pastel", "medium", "muted", "neon",
                 "dusty", "soft", "vivid", "faded", "washed", "rich", "warm", "cool", "mid",
                 "metallic", "heathered", "heather", "vibrant")  # fmt: skip
"""Shades: before a colour they are part of it, and the vocabulary has only the colour."""

GARMENTS_COARSER: Final[Table] = {
    "t-shirt": ("longsleeve tee", "ringer tee", "crop tee", "raglan tee", "baseball tee",
                "rash vest",
                "muscle tee", "rash guard"),
    "shirt": ("guayabera", "camp shirt", "work shirt", "western shirt", "rugby shirt",
              "hawaiian shirt", "lumberjack shirt", "aloha shirt", "shacket", "shirt jacket",
              "button down", "popover shirt", "tuxedo shirt", "grandad shirt", "tunic shirt"),
    "blouse": ("smock top", "peasant top", "tunic blouse", "peplum top", "popover blouse"),
    "polo shirt": ("rugby polo shirt", "rugby polo", "polo top"),
    "tank top": ("tank shirt", "tank tee", "halter top", "tube top", "bandeau top", "crop top",
                 "muscle top", "bralette top", "strappy top", "strapless top", "cami top",
                 "camisole top", "halterneck top", "shell top", "bra top"),
    "sweater": ("knit top", "knitted top", "guernsey",                 "mock neck top", "fleece",
                "fisherman sweater"),
    "cardigan": ("twinset", "shrug", "bolero"),
    "hoodie": ("hooded top", "hooded pullover", "pullover hoodie",
               "sweatshirt hoodie", "hooded jumper"),
    "jacket": ("biker", "trucker", "puffer", "puffer jacket", "fleece jacket", "kimono jacket",
               "safari jacket", "trucker jacket", "biker jacket", "varsity jacket",
               "utility jacket",
               "shell jacket", "track jacket", "rain jacket", "harrington", "cagoule",
               "down jacket", "moto jacket", "field jacket", "chore jacket", "worker jacket",
               "letterman jacket", "quilted jacket", "cropped jacket"),
    "blazer": ("tuxedo blazer", "smoking jacket", "tux jacket", "jacket blazer"),
    "coat": ("mac", "mackintosh", "duffle coat", "duffel coat", "puffer coat", "car coat",
             "wrap coat", "swing coat", "reefer", "ulster", "cape coat", "teddy coat", "fur coat",
             "faux fur coat", "cocoon coat", "greatcoat", "chesterfield", "dust coat"),
    "waistcoat": ("bodywarmer", "body warmer", "puffer vest", "quilted vest", "tank vest"),
    "dress": ("cheongsam dress", "cheongsam", "qipao", "kaftan", "caftan", "pinafore dress",
              "pinafore", "ball gown", "ballgown", "bridesmaid dress", "kimono dress",
              "cocktail dress", "jumper dress", "maxi gown", "wedding gown",
              "smock dress", "house dress", "tea dress", "prom dress", "dirndl",
              "wedding dress", "party dress", "skater dress", "wrap dresses", "polo dress"),
    "skirt": ("tutu", "skort", "sarong", "pareo", "wrap skirt", "midi skirt", "slip skirt"),
    "trousers": ("dungaree trousers", "cords", "sweat pants", "joggers pants", "jogging bottoms",
                 "palazzos", "cigarette pants", "cargo pants", "cargo trousers", "track pants",
                 "trackpants", "yoga pants", "harem pants", "capris", "capri pants", "capri",
                 "jeggings", "flares", "bottoms", "suit trousers", "suit pants", "jodhpurs",
                 "tuxedo trousers", "pedal pushers", "dress pants", "chino", "khakis",
                 "corduroys", "legging", "jogger pants", "jogger"),
    "shorts": ("boardshorts", "board shorts", "cargo shorts", "bermuda", "boxers", "hotpants",
               "jorts", "cycling shorts", "bike shorts", "bermuda short"),
    "jumpsuit": ("onesie", "unitard", "flight suit", "salopettes", "coverall", "culotte jumpsuit",
                 "bib overalls", "dungaree"),
}  # fmt: skip
"""Garments that are drawn as the nearest type."""

GARMENT_SAYS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    **dict.fromkeys(("shirt dress", "shirtdress", "shirt dresses", "shirtdresses"),
                    (("neckline", "shirt collar"),)),
    **dict.fromkeys(("crop top", "crop tee", "cropped jacket"), (("length", "short"),)),
    **dict.fromkeys(("midi skirt",), (("length", "regular"),)),
    **dict.fromkeys(("maxi gown", "ball gown", "ballgown"), (("length", "long"),)),
    **dict.fromkeys(("ball gowns", "ballgowns"), (("length", "long"),)),
    **dict.fromkeys(("cords", "corduroys"), (("fabric", "corduroy"),)),
    **dict.fromkeys(("chino", "khakis"), (("fabric", "cotton"),)),
    **dict.fromkeys(("jeggings",), (("fabric", "denim"), ("fit", "slim"))),
    "jorts": (("fabric", "denim"),),
    **dict.fromkeys(("cigarette pants", "yoga pants", "leggings", "legging"),
                    (("fit", "slim"),)),
    **dict.fromkeys(("palazzos", "flares", "harem pants", "skater dress", "swing coat",
                     "cocoon coat"), (("fit", "loose"),)),
    **dict.fromkeys(("capris", "capri pants", "capri", "pedal pushers"), (("length", "short"),)),
    "hawaiian shirt": (("pattern", "floral"),),
    "aloha shirt": (("pattern", "floral"),),
    "lumberjack shirt": (("pattern", "checked"),),
    **dict.fromkeys(("knit top", "knitted top"), (("fabric", "knit"),)),
    **dict.fromkeys(("hooded top", "hooded pullover"), (("neckline", "hood"),)),
    **dict.fromkeys(("fur coat", "faux fur coat", "teddy coat"), (("fabric", "wool"),)),
    "sweater dress": (("fabric", "knit"),),
    "longsleeve tee": (("sleeves", "long"),),
    **dict.fromkeys(("smock dress", "smock top", "peasant top"), (("fit", "loose"),)),
    "polo dress": (("neckline", "shirt collar"),),
}  # fmt: skip
"""What such a name says of the garment besides."""

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
