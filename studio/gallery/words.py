"""Words as they are kept: names on one line, and those by which placed components are found."""

import unicodedata
from collections import Counter

from studio.controls.components import placed_in
from studio.garment.vocabulary import COMPONENTS
from studio.request import Recorded


def one_line(text: str, *also: str) -> str:
    """A text without control characters and surplus spaces.

    Args:
        also: further categories of Unicode that count as spaces.
    """
    hidden = ("Cc", "Cs", "Zl", "Zp", *also)
    return " ".join("".join(" " if unicodedata.category(c) in hidden else c for c in text).split())


def component_words(request: str) -> str:
    """A request's components in words: “5 buttons: 5 centre front. 2 pockets: 1 left chest, …”.

    Args:
        request: the request's JSON.
    """
    places: dict[str, Counter[str]] = {}
    for component in placed_in(Recorded.from_json(request).request):
        places.setdefault(component.kind, Counter())[component.place] += 1
    said = []
    for kind, where in places.items():
        count = where.total()
        name = COMPONENTS[kind].name if count == 1 else COMPONENTS[kind].plural
        said.append(f"{count} {name}: {', '.join(f'{n} {place}' for place, n in where.items())}")
    return ". ".join(said)
