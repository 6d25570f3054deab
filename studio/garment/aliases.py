"""More words for what the vocabulary names, and the small words of a prompt, as data.

Together with the vocabulary, the captions' words (`studio.garment.phrases`), the coarser readings
(`studio.garment.coarser`) and the fillers they are the lexicon.
"""

from __future__ import annotations

from typing import Final

Words = tuple[str, ...]

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
    "turtleneck": ("high neck", "rollneck", "mock neck", "turtle necked"),
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
    "short": ("to mid thigh", "to the thigh", "to the hip", "to the hips", "to the waist",
              "short", "cropped", "mini", "very short", "crop", "hip length", "above the knee"),
    "regular": ("regular length", "midi", "mid length", "knee length", "below the knee",
                "to the knee", "to the knees", "down to the knee", "down to the knees",
                "past the knee", "over the knee", "knee skimming", "mid calf"),
    "long": ("to the ankle", "to the ankles", "down to the ankles", "to the floor", "to the calf",
             "down to the floor", "down to the ankle", "long", "longline", "maxi", "floor length",
             "ankle length", "full length",
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
    "button": ("btn", "snap button", "press stud", "snap", "popper"),
    "pocket": ("zip pocket", "zipped pocket", "zippered pocket", "slant pocket", "cargo pocket",
               "slit pocket", "button pocket", "buttoned pocket"),
    "zipper": ("two way zip", "2 way zip", "two way zipper", "2 way zipper", "full zip",
               "half zip", "quarter zip", "front zip"),
    "cuff": ("wrist cuff", "button cuff", "buttoned cuff", "sleeve cuff", "ribbed cuff"),
    "belt": ("tie waist", "tied waist", "self tie waist", "tied belt", "waistbelt",
             "waist band belt", "tie belt", "waist tie"),
    "bow": ("neck tie bow",),
    "pleat": ("accordion pleat",),
    "patch": ("embroidered badge",),
}  # fmt: skip
DETAILS: Final = (
    "ruffle", "frill", "lace", "embroidery", "sequin", "fringe", "epaulette", "tassel", "slit",
    "dart", "buckle", "stud", "drawstring", "strap", "cutout", "cut out", "shoulder pad", "lining",
    "toggle", "rivet", "flounce", "peplum", "applique", "vent", "yoke", "belt loop", "pom pom",
    "bead", "feather", "snap", "hook", "train", "slogan", "graphic", "ribbed hem", "rolled sleeve",
    "raglan sleeve", "off shoulder", "off the shoulder", "cold shoulder", "open shoulder",
    "boat neck", "square neck", "sweetheart neckline", "cowl neck", "square neckline",
    "asymmetric hem", "empire waist", "high waist", "low waist", "high rise", "mid rise",
    "low rise", "drop waist", "open back", "keyhole", "frog closure", "frog button",
    "frog fastening",
    "stitching", "topstitching", "piping", "logo print", "logo tee", "graphic print", "line art",
    "line drawing", "technical drawing", "technical flat", "technical flat drawing", "flat drawing",
    "drawing", "fashion sketch", "color block", "colour block", "colorblock", "colourblock",
    "illustration",
    "sketch", "cartoon", "watercolour", "watercolor", "fashion illustration", "flat sketch",
    "text", "lettering", "quote", "embellishment", "trim", "trimming", "cape sleeve", "storm flap",
    "turn up", "tie dye", "hem band", "side stripe", "gathering", "gather", "shirring", "smocking",
    "cut off hem", "raw hem", "frayed hem", "high low hem", "high low", "hi low", "hi lo",
    "shaped neck", "pull on", "crest", "print motif", "elastic waist",
    "elasticated waist", "waist tie detail", "elastic", "shoulder yoke", "tier", "panel", "seam",
    "fit and flare", "fit flare", "fit n flare", "rib hem", "sheer sleeve", "mesh panel",
    "plus size", "plus sized", "two tone", "2 tone", "two piece", "three piece", "2 piece",
    "two in one", "hardware", "accent",
    "edging", "tipping", "branding", "flap", "tab", "d ring", "eyelet",
    "grommet", "harness", "webbing", "godet", "gusset", "lettuce hem", "scalloped hem",
    "curved hem", "mother of the bride", "father of the bride", "wedding guest",
    "off the shoulders",
    "star", "heart", "button flap", "button tab", "button loop", "buttonhole", "button hole",
    "zip pull", "pocket tab", "cherry print", "lemon print", "orange print", "peach print",
    "strawberry print", "fruit print", "plum print", "fur trim", "faux fur", "fur", "ombre",
    "gradient", "pocket flap", "top button", "ribbing", "bodice", "flat front", "rib trim",
    "patchwork", "camouflage", "camo", "snakeskin print", "geometric", "abstract",
)  # fmt: skip
"""Details that the vocabulary does not have: always told as not placed."""
PICTURES: Final = (
    "lighting", "light and shadow", "studio light", "studio lighting", "soft light", "warm light",
    "natural light", "rim light", "ambient light", "golden hour", "blue hour", "sunlight",
    "backlight", "backlit",
    "bokeh", "depth of field", "film grain", "close up", "closeup", "wide shot", "high contrast",
    "low angle", "high angle", "birds eye view", "from behind", "back view", "side view",
    "rear view", "profile view", "vivid color", "vivid colour", "render", "rendering", "3d render",
    "octane render", "unreal engine", "cinematic", "editorial", "street photography", "lookbook",
    "35mm", "50mm", "85mm", "looking over her shoulder", "looking over his shoulder",
    "looking over the shoulder", "over the shoulder", "looking away", "looking at the camera",
    "looking into the camera", "portrait",
)  # fmt: skip
"""How a picture is lit, framed and rendered: nothing that words change here, and so told."""
CLOTHS: Final = (
    "non stretch",
    "chiffon", "georgette", "organza", "tulle", "velvet", "velour", "mesh", "sheer", "jacquard",
    "brocade", "crepe", "cady", "scuba", "neoprene", "ponte", "lycra", "spandex", "nylon",
    "polyester", "viscose", "rayon", "elastane", "modal", "tencel", "lyocell", "cupro", "acetate",
    "lurex", "damask", "stretch", "net", "netting", "macrame", "broderie anglaise", "quilted",
)  # fmt: skip
"""Cloths that no word of the vocabulary comes near: told, and their colour is the garment's."""
THINGS: Final = (
    "shoe", "boot", "top hat", "hat", "cap", "bag", "handbag", "scarf", "sneaker", "glove", "sock",
    "tights",
    "stockings", "heels", "sandal", "tie", "bow tie", "necklace", "earring", "sunglasses",
    "glasses", "watch", "umbrella", "backpack", "beanie", "belt bag", "ring", "headband",
    "poncho", "cape", "kimono", "sari", "saree", "bikini", "swimsuit", "bra", "lingerie", "robe",
    "pyjamas", "pajamas", "tuxedo", "suit", "kilt", "apron", "corset", "bodysuit", "shawl",
    "trainers", "loafers", "sunhat", "belt buckle bag", "jewellery", "jewelry", "bracelet", "veil",
)  # fmt: skip
"""Other things worn: they keep their adjectives to themselves and are told as not placed."""
PEOPLE_TOO: Final = (
    "women", "men", "girls", "boys", "boy", "ladies", "guys", "person", "people", "model",
    "models", "child", "children", "kid", "kids", "figure", "mannequin", "student", "gentleman",
    "she", "he", "teenager", "wearer", "dancer", "businesswoman", "businessman", "someone",
    "friends", "bride", "groom", "actress", "actor", "toddler", "baby",
)  # fmt: skip
SCENE_HEADS: Final[dict[str, tuple[str, ...]]] = {
    "body": ("hair", "haired", "skin", "skinned", "eyes", "eyed", "bun", "ponytail", "beard",
             "braid", "curls"),
    "": ("background", "backdrop", "ground"),
    "grey": ("studio",),
    "park": ("park", "grass", "lawn", "garden", "forest", "woods", "meadow", "field", "tree",
             "trees"),
    "street": ("street", "city", "road", "downtown", "pavement", "sidewalk"),
    "beach": ("beach", "sea", "sand dunes", "seaside", "ocean", "shore"),
    "room": ("room", "sofa", "carpet", "bedroom", "living room", "apartment"),
    "unknown": (
        "wall", "floor", "sky", "window", "door", "car", "chair", "bouquet", "table", "hanger",
        "coat hanger", "snow", "sand", "mountain", "bridge", "shadow", "shadows", "paper", "runway",
        "catwalk", "desert", "castle", "restaurant", "cafe", "office", "mountains", "river", "lake",
        "stage", "bed", "stairs", "autumn", "winter scene", "sunset", "night",
    ),
}  # fmt: skip
"""Nouns of the scene by the ground that they mean: adjectives before them are theirs (“long red
hair”, “white background”). What is unknown the pictures do not have: it is told."""
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
SMALL_WORDS: Final[dict[str, Words]] = {
    "break": (
        "with", "and", "featuring", "has", "have", "having", "wearing", "wears", "wear", "dressed",
        "is", "are", "was", "plus", "but", "then", "that", "which", "who", "showing", "made", "cut",
        "worn", "paired", "using", "add", "adding", "includes", "including", "want", "like", "over",
        "under", "holding", "while", "without sleeve detail", "made of", "made from", "made out of",
        "&",
    ),
    "preposition": (
        "on", "at", "in", "down", "along", "around", "near", "by", "across", "onto", "to", "below",
        "above", "up", "from", "for", "all down", "all along", "all the way down", "of", "per",
    ),
    "determiner": (
        "a", "an", "the", "this", "these", "her", "his", "its", "their", "my", "some", "any",
        "your", "wearer's", "wearers", "woman's", "man's",
    ),
    "negation": (
        "no", "without", "without any", "without a", "lacking", "not any",  "zero",
        "no visible", "devoid of", "minus the", "minus a", "minus any", "sans", "free from",
        "doesn't have", "free of",
    ),
}  # fmt: skip
NOT: Final = (
    "not", "never", "isn't", "aren't", "non", "neither", "no longer", "hardly", "anything but",
    "instead of", "rather than", "as opposed to", "in place of", "other than", "except",
    "except for", "avoid", "avoiding", "don't want", "do not want", "doesn't want", "don't make it",
    "do not make it", "but not", "shouldn't be", "should not be", "must not be", "mustn't be",
    "not so much", "excl", "excluding", "nothing", "cannot be", "can't be", "don't", "do not",
    "hate", "dislike", "don't like", "do not like", "can't stand", "doesn't", "does not",
    "won't", "wouldn't", "less", "apart from", "with the exception of", "save for", "any but",
    "everything but",
    *(f"{each} {what} but" for each in ("any", "every", "each", "all") for what in (
        "colour", "color", "colours", "colors", "shade", "shades", "fabric", "fabrics", "cloth",
        "material", "materials", "pattern", "patterns", "print", "prints", "length", "fit",
    )),
)  # fmt: skip
"""Before what is not wished."""
SWALLOWED: Final = (
    "at the top", "on top", "on the top", "top of", "overall look", "overall style",
)  # fmt: skip
