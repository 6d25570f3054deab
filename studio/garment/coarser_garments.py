"""Names of garments that are drawn as the nearest type, and what they say besides, as data."""

from __future__ import annotations

from typing import Final

Table = dict[str, tuple[str, ...]]

GARMENTS_COARSER: Final[Table] = {
    "t-shirt": (
        "baby tee", "band tee", "graphic tee", "boyfriend tee", "raglan top", "boxy tee",
        "longsleeve tee", "ringer tee", "crop tee", "raglan tee", "baseball tee", "rash vest",
        "muscle tee", "rash guard",
    ),
    "shirt": (
        "oxford button down", "button up top", "granddad shirt", "boyfriend shirt", "bowling shirt",
        "guayabera", "camp shirt", "work shirt", "western shirt", "rugby shirt", "hawaiian shirt",
        "lumberjack shirt", "aloha shirt", "shacket", "shirt jacket", "button down",
        "popover shirt", "tuxedo shirt", "grandad shirt", "tunic shirt",
    ),
    "blouse": (
        "pussybow blouse", "kurta", "milkmaid top", "poet blouse", "smock top", "peasant top",
        "tunic blouse", "peplum top", "popover blouse",
    ),
    "polo shirt": (
        "rugby polo shirt", "rugby polo", "polo top",
    ),
    "tank top": (
        "bralet", "bralette", "corset top", "racerback tank", "vest tank", "wifebeater",
        "tank shirt", "tank tee", "halter top", "tube top", "bandeau top", "muscle top",
        "bralette top", "strappy top", "strapless top", "cami top", "camisole top",
        "halterneck top", "shell top", "bra top",
    ),
    "sweater": (
        "skivvy", "troyer", "cricket jumper", "crewneck jumper",
        "knit top", "knitted top", "guernsey", "mock neck top", "fleece", "fisherman sweater",
    ),
    "cardigan": (
        "twinset", "shrug", "bolero",
    ),
    "hoodie": (
        "hooded top", "hooded pullover", "pullover hoodie", "sweatshirt hoodie", "hooded jumper",
    ),
    "jacket": (
        "rugby top", "pac a mac", "donkey jacket", "barn jacket", "shooting jacket",
        "riding jacket", "coach jacket", "souvenir jacket", "teddy jacket", "letterman", "varsity",
        "puffa jacket", "puffa", "padded jacket", "tracksuit top", "track top", "tracksuit jacket",
        "bolero jacket", "biker", "trucker", "puffer", "puffer jacket", "fleece jacket",
        "kimono jacket", "safari jacket", "trucker jacket", "biker jacket", "varsity jacket",
        "utility jacket", "shell jacket", "track jacket", "rain jacket", "harrington", "cagoule",
        "down jacket", "moto jacket", "field jacket", "chore jacket", "worker jacket",
        "letterman jacket", "quilted jacket", "cropped jacket",
    ),
    "blazer": (
        "hacking jacket", "suit blazer", "tux", "tuxedo blazer", "smoking jacket", "tux jacket",
        "jacket blazer",
    ),
    "coat": (
        "chore coat", "padded coat", "down coat", "maxi coat", "pea jacket", "mac",
        "mackintosh", "duffle coat", "duffel coat", "puffer coat", "car coat", "wrap coat",
        "swing coat", "reefer", "ulster", "cape coat", "teddy coat", "fur coat", "faux fur coat",
        "cocoon coat", "greatcoat", "chesterfield", "dust coat",
    ),
    "waistcoat": (
        "padded gilet", "quilted gilet", "puffer gilet", "bodywarmer", "body warmer", "puffer vest",
        "quilted vest", "tank vest",
    ),
    "dress": (
        "tabard", "maternity dress", "shirtwaister", "tea gown", "skater dress", "prairie dress",
        "milkmaid dress", "babydoll dress", "babydoll", "bodycon dress", "midaxi dress", "cover up",
        "coverup", "beach cover up", "lbd", "cheongsam dress", "cheongsam", "qipao", "kaftan",
        "caftan", "pinafore dress", "pinafore", "ball gown", "ballgown", "bridesmaid dress",
        "kimono dress", "cocktail dress", "jumper dress", "maxi gown", "wedding gown",
        "smock dress", "house dress", "tea dress", "prom dress", "dirndl", "wedding dress",
        "party dress", "wrap dresses", "polo dress",
    ),
    "skirt": (
        "pencil skirt", "rara skirt", "ra ra skirt", "circle skirt", "skater skirt", "tennis skirt",
        "slit skirt", "tutu", "skort", "sarong", "pareo", "wrap skirt", "midi skirt", "slip skirt",
    ),
    "trousers": (
        "mom jeans", "mum jeans", "dad jeans", "boyfriend jeans", "bootcuts", "bell bottoms",
        "treggings", "sweats", "wide legs pants", "parachute pants", "carpenter jeans",
        "carpenter pants", "work trousers", "flared jeans", "tracksuit bottoms", "trackie bottoms",
        "trackies", "trakkies", "tracksuit pants", "dungaree trousers", "cords", "sweat pants",
        "joggers pants", "jogging bottoms", "palazzos", "cigarette pants", "cargo pants",
        "cargo trousers", "track pants", "trackpants", "yoga pants", "harem pants", "capris",
        "capri pants", "capri", "jeggings", "flares", "bottoms", "suit trousers", "suit pants",
        "jodhpurs", "tuxedo trousers", "pedal pushers", "dress pants", "chino", "khakis",
        "corduroys", "legging", "jogger pants", "jogger",
    ),
    "shorts": (
        "boardshorts", "board shorts", "cargo shorts", "bermuda", "boxers", "hotpants", "jorts",
        "cycling shorts", "bike shorts", "bermuda short",
    ),
    "jumpsuit": (
        "onesie", "unitard", "flight suit", "salopettes", "coverall", "culotte jumpsuit",
        "bib overalls", "dungaree",
    ),
}  # fmt: skip
"""Garments that are drawn as the nearest type."""

GARMENT_SAYS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    **dict.fromkeys(("shirt dress", "shirtdress", "shirt dresses", "shirtdresses"),
                    (("neckline", "shirt collar"),)),
    **dict.fromkeys(("crop tee", "cropped jacket"), (("length", "short"),)),
    **dict.fromkeys(("midi skirt",), (("length", "regular"),)),
    **dict.fromkeys(("maxi gown", "ball gown", "ballgown"), (("length", "long"),)),
    **dict.fromkeys(("ball gowns", "ballgowns"), (("length", "long"),)),
    **dict.fromkeys(("cords", "corduroys"), (("fabric", "corduroy"),)),
    **dict.fromkeys(("chino", "khakis"), (("fabric", "cotton"),)),
    **dict.fromkeys(("jeggings",), (("fabric", "denim"), ("fit", "slim"))),
    "jorts": (("fabric", "denim"),),
    **dict.fromkeys(("mom jeans", "mum jeans", "dad jeans", "boyfriend jeans", "bootcuts",
                     "bell bottoms", "flared jeans", "carpenter jeans"),
                    (("fabric", "denim"), ("fit", "loose"))),
    **dict.fromkeys(("parachute pants", "circle skirt", "skater skirt", "babydoll dress",
                     "babydoll"), (("fit", "loose"),)),
    **dict.fromkeys(("bodycon dress", "pencil skirt", "treggings"), (("fit", "slim"),)),
    "maxi coat": (("length", "long"),),
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
