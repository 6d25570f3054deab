"""Words that ask for nothing: they are passed over without a word, as data.

Whatever is neither here nor understood is told as not recognised, each time: a word belongs here
only if nobody could miss it in the picture. Small words that bind a sentence are in
`studio.garment.lexicon`.
"""

from __future__ import annotations

from typing import Final

SENTENCE: Final = (
    "please", "thanks", "thank you", "i", "i'd", "i'm", "me", "we", "us", "you", "it", "its",
    "it's",
    "they", "them", "there", "here", "one's", "be", "been", "being", "am", "do", "does", "did",
    "can", "could", "would", "should", "will", "shall", "may", "might", "must", "let", "let's",
    "need", "needs", "make", "makes", "making", "give", "get", "show", "shows", "shown", "draw",
    "create", "generate", "design me", "looking", "look", "looks", "as", "if", "so", "such", "also",
    "too", "just", "only", "even", "still", "than", "because", "when", "where", "while", "what",
    "how", "why", "whose", "whom", "through", "between", "into", "out", "off", "about", "against",
    "during", "before", "after", "again", "once", "own", "same", "other", "another", "more", "most",
    "least", "much", "all", "both of", "all over", "allover", "overall", "etc", "e g",
    "i e",
    "w", "vs", "via", "s", "t", "d", "re", "ll", "ve", "x", "n", "o", "b", "c", "p", "id", "ok",
    "of it", "these are", "those", "said", "says", "called", "named", "whole", "entire", "i'd like",
    "would like", "like to", "going", "goes", "go", "comes", "come", "set", "put", "use", "used",
    "having", "has been", "at all", "hi", "hello", "dear", "yes", "throughout", "towards", "within",
    "kind of", "sort of", "type of", "kind", "type", "item", "piece", "pieces", "thing", "things",
    "something", "anything", "product", "article", "garment", "garments", "clothing", "clothes",
    "apparel", "outfit", "look at", "view", "front view", "seen from the front", "number", "amount",
    "everything", "nothing else", "right there", "somewhat", "slightly", "fairly", "extra", "super",
    "details", "detail", "detailing", "detailed", "features", "feature", "featured", "feel",
    "size", "sizes", "age", "years", "year", "old", "cm", "mm", "inch", "inches", "percent", "fit",
    "eu", "uk", "y o", "no.", "collection", "brand", "new", "sale", "shop", "online", "buy",
    "shape", "cut",
    "shaped", "finish", "finished", "effect", "constructed", "construction", "crafted", "comprised",
    "fully", "partly", "fastened", "closes", "close", "closed", "fastens", "fasten", "along",
    "both", "same colour", "same color", "matching", "tonal", "self", "part", "parts", "area",
    "top of", "length", "long haired", "wear", "wearable", "regular size",
)  # fmt: skip
"""Words of a sentence and of a shop's title."""

PRAISE: Final = (
    "very", "really", "quite", "rather", "nice", "beautiful", "elegant", "simple", "visible",
    "neat", "chic", "cute", "pretty", "lovely", "gorgeous", "stunning", "stylish", "fashionable",
    "trendy", "modern", "contemporary", "classic", "timeless", "perfect", "great", "good", "best",
    "amazing", "awesome", "cool", "essential", "must have", "versatile", "iconic", "signature",
    "refined", "sophisticated", "luxurious", "luxury", "high end", "premium", "designer", "fashion",
    "attractive", "fabulous", "flattering", "effortless", "smart", "comfy", "comfortable", "cosy",
    "cozy", "everyday", "favourite", "favorite", "popular", "unique", "special", "crisp", "fine",
    "no nonsense", "no fuss", "no iron", "non iron",
    "quality", "style", "styles", "styled", "styling", "look", "well made", "high fashion",
)  # fmt: skip
"""Praise: it names no form and no colour."""

QUALITY: Final = (
    "masterpiece", "best quality", "high quality", "top quality", "highest quality", "8k", "4k",
    "16k", "2k", "uhd", "hd", "hdr", "ultra hd", "full hd", "raw photo", "raw", "photorealistic",
    "photo realistic", "realistic", "hyperrealistic", "hyper realistic", "ultra realistic",
    "ultra detailed", "highly detailed", "hyper detailed", "extremely detailed",
    "intricate details",
    "intricate detail", "intricate", "sharp focus", "sharp", "in focus", "high resolution",
    "high res", "hires", "highres", "absurdres", "resolution", "professional", "professional photo",
    "award winning", "trending on artstation", "artstation",
    "8 k", "4 k",
    "fashion photography", "product photography", "photography", "photograph",
    "photoshoot", "photo shoot",
    "catalogue", "catalog", "ecommerce", "e commerce", "vogue", "magazine", "dslr",
    "f 1 8", "f1 8", "iso",
    "kodak", "canon", "nikon", "sony", "leica", "full body", "full body shot",
    "full length photo", "full shot", "shot", "shot on",
    "composition", "centered", "centred", "high detail",
    "aesthetic", "quality photo", "product", "image", "picture", "photo",
    "photos", "best", "ultra", "hyper",
    "break", "lora", "score 9", "score 8 up", "absurd res", "very aesthetic", "sfw", "rating safe",
)  # fmt: skip
"""What is written into prompts for other models to make pictures good ones."""

CLOTH: Final = (
    "coloured", "colored", "colour", "color", "colours", "colors", "fabric", "fabrics", "cloth",
    "material", "materials", "design", "designed", "closure", "closures", "fastening", "fastenings",
    "placket", "row of", "line of", "rows of", "set of", "in a row", "in one row", "in a line",
    "textile", "tone", "hue", "shade", "blend", "mix", "woven", "weave", "made in", "based",
)  # fmt: skip
"""Nouns that say of which kind the word beside them is."""

BOUNDS: Final = tuple(
    f"{no} {more} than"
    for no in ("no", "not", "never", "not any", "without")
    for more in ("more", "fewer", "less", "greater")
)
"""Before a count that they bound: “no more than three buttons” are three."""
