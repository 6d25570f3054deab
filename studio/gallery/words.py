"""The words by which a picture's placed components are found."""

import json
from collections import Counter

from studio.garment.vocabulary import COMPONENTS


def component_words(request: str) -> str:
    """A request's components in words: “5 buttons: 5 centre front. 2 pockets: 1 left chest, …”.

    Args:
        request: the request's JSON.
    """
    places: dict[str, Counter[str]] = {}
    for component in json.loads(request).get("components") or ():
        kind = str(component.get("kind"))
        places.setdefault(kind, Counter())[str(component.get("place"))] += 1
    said = []
    for kind, where in places.items():
        known = COMPONENTS.get(kind)
        count = where.total()
        name = kind if known is None else known.name if count == 1 else known.plural
        said.append(f"{count} {name}: {', '.join(f'{n} {place}' for place, n in where.items())}")
    return ". ".join(said)
