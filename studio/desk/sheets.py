"""Several pictures out of one, made together: a sheet of strengths, colourways, new tries, a fix.

Everything here turns the request of a stored picture into the requests of one job. Whatever the
row does not vary stays as it was, the seed included, so that only that can be the difference.
"""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.controls.garment import GarmentControl
from studio.desk.checks import REACH, missed_places
from studio.desk.compose import FIX_STRENGTH, text_stops
from studio.desk.references import sg_stops
from studio.errors import BadInput
from studio.garment.coarser import SHADES
from studio.garment.languages.writing import recoloured
from studio.garment.lexicon import LEXICON
from studio.garment.parse import parse_prompt
from studio.garment.vocabulary import COLOURS, COMPONENTS
from studio.garment.writer import article
from studio.request import MAX_SCALE, GenerationRequest, Start

TRIES = 6
"""Pictures that "until it passes" makes at most."""

MOST_COLOURS = 8
"""Colourways of one row."""

_ST_PARTS = (0.25, 0.5, 1.0, 1.75, 2.5)
"""The row of text strengths, in parts of the sT that suits the model."""

_GROWTH = 0.05
"""How far beyond a component's box it is painted anew, in parts of the picture's side."""

SWATCHES = tuple({"name": c.name, "hex": c.hex} for c in COLOURS.values())
"""The named colours, as the page shows them."""


# Strengths


def st_values(usual: float) -> tuple[float, ...]:
    """The row of sT, the text guidance, around what suits the model, in halves."""
    return tuple(min(round(2 * part * usual) / 2, MAX_SCALE) for part in _ST_PARTS)


def grid_values(st: float, sg: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Columns and rows of the sheet of text and garment: sT and sG as their words have them,
    around what suits the model."""
    return tuple(text_stops(st).values()), tuple(sg_stops(sg).values())


def strengths(
    request: GenerationRequest, st: Sequence[float], sg: Sequence[float | None] = (None,)
) -> tuple[GenerationRequest, ...]:
    """One picture of the same seed for each pair of strengths, row by row of `sg`.

    Args:
        st: text guidance, the columns.
        sg: garment guidance, the rows; None leaves it, as where no garment picture is given.
    """
    base = request.unpinned().sampled(count=1)
    photo = base.get(GarmentControl)

    def at(text: float, garment: float | None) -> GenerationRequest:
        made = base.replaced(words=base.words.replaced(st=text))
        if garment is None or photo is None:
            return made
        return made.with_control(photo.replaced(sg=garment))

    return tuple(at(text, garment) for garment, text in itertools.product(sg, st))


# Colourways


def colourways(request: GenerationRequest, names: Iterable[Any]) -> tuple[GenerationRequest, ...]:
    """The same seed and drawing in other colours; a start picture would keep its own colour and
    is left out.

    Raises:
        BadInput: no colour, too many, or one that the vocabulary does not have.
    """
    wanted = list(dict.fromkeys(str(name) for name in names))
    if not wanted or not set(wanted) <= set(COLOURS):
        raise BadInput("Choose one or more of the named colours for the colourways.")
    if len(wanted) > MOST_COLOURS:
        raise BadInput(f"Choose at most {MOST_COLOURS} colours for one row of colourways.")
    if request.get(GarmentControl) is not None:
        raise BadInput("The colour comes from the garment's photo: colourways need one without.")
    base = request.unpinned().sampled(count=1).replaced(start=None)
    told = (recolour(request.words.prompt, name) for name in wanted)
    return tuple(base.replaced(words=base.words.replaced(prompt=prompt)) for prompt in told)


def recolour(prompt: str, colour: str) -> str:
    """The prompt with another colour of the garment: in place of its own, or added.

    A colour of something else ("gold buttons") is left alone: a word is replaced only where the
    prompt is then read as this colour.
    """
    text = " ".join(prompt.split())
    if not text:
        return f"{article(colour)} garment"
    english = parse_prompt(text).english
    if english is not None and english.foreign:
        for written in recoloured(english, colour):
            if _colour_of(written) == colour:
                return written
    for found in _COLOUR.finditer(text):
        before = _fitting_article(text[: found.start()], colour)
        written = before + colour + text[found.end() :]
        if _colour_of(written) == colour and _colours_left(written, colour):
            return written
    opening = re.match(r"(an?|the|one)\s+", text, re.IGNORECASE)
    if opening and opening.group(1).lower() in ("a", "an"):
        added = f"{article(colour)} {text[opening.end() :]}"
        added = added[0].upper() + added[1:] if text[0].isupper() else added
    elif opening:
        added = f"{opening.group(0)}{colour} {text[opening.end() :]}"
    else:
        added = f"{colour} {text}"
    return added if _colour_of(added) == colour else f"{text}, in {colour}"


def colour_of(prompt: str) -> dict[str, str] | None:
    """The swatch of the colour that a prompt states, or None."""
    name = _colour_of(prompt)
    return {"name": name, "hex": COLOURS[name].hex} if name else None


def _colour_of(prompt: str) -> str | None:
    reading = parse_prompt(prompt)
    return reading.garment.colour if "colour" in reading.stated else None


def _colours_left(prompt: str, colour: str) -> bool:
    """Whether the garment is named by no second colour: taking the new one away leaves none, or
    only that of another thing."""
    without = re.sub(rf"\b{re.escape(colour)}\b", "", prompt, count=1)
    return _colour_of(without) in (None, colour)


def _fitting_article(before: str, colour: str) -> str:
    found = re.search(r"\b(an?)(\s+)$", before, re.IGNORECASE)
    if not found:
        return before
    fitting = article(colour).split()[0]
    if found.group(1)[0].isupper():
        fitting = fitting.capitalize()
    return before[: found.start()] + fitting + found.group(2)


def _colour_words() -> re.Pattern[str]:
    words = {" ".join(phrase) for phrase, entry in LEXICON.items() if entry.kind == "colour"}
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    shade = rf"(?:(?:{'|'.join(SHADES)})[ -])*"
    listed = "|".join(re.escape(word).replace("\\ ", "[ -]") for word in longest_first)
    return re.compile(rf"\b{shade}(?:{listed})\b", re.IGNORECASE)


_COLOUR = _colour_words()


# New tries


def tries(request: GenerationRequest, seeds: Sequence[int]) -> tuple[GenerationRequest, ...]:
    """The same once more with each of these seeds, one picture at a time."""
    return tuple(request.unpinned().sampled(count=1, seed=seed) for seed in seeds)


# One component anew


def fix_boxes(checks: Iterable[Mapping[str, Any]], kind: str) -> list[list[float]]:
    """What is to be painted anew so that a kind of component can be right.

    Returns:
        The places where one was asked for and none is seen, and those where one is seen and none
        was asked for.

    Raises:
        BadInput: nothing of this kind is missed, or nobody knows where it belongs.
    """
    if kind not in COMPONENTS:
        raise BadInput("Choose the component to fix.")
    entries = [c for c in checks if c.get("component") == kind]
    noun = COMPONENTS[kind].plural
    if not entries or all(c["passed"] for c in entries):
        raise BadInput(f"The {noun} are as asked for: there is nothing to fix.")
    listed = missed_places(entries, kind)
    asked = [s["box"] for c in entries if c["kind"] == "place" for s in c["spots"]]
    none_asked = any(c["kind"] == "count" and c["asked"] == 0 for c in entries)
    if asked or none_asked:
        seen = [box for c in entries if c["kind"] == "count" for box in c["boxes"]]
        listed += [box for box in seen if all(_apart(box, other) > REACH for other in asked)]
    if not listed:
        raise BadInput(
            f"Nobody knows where the {noun} belong: place them on the board, then generate."
        )
    return listed


def fix_mask(boxes: Iterable[Sequence[float]], width: int, height: int) -> NDArray[np.uint8]:
    """The mask of what is painted anew, (height, width), 255 around each box and its margin."""
    mask = np.zeros((height, width), np.uint8)
    for left, top, right, bottom in boxes:
        mask[
            max(round((top - _GROWTH) * height), 0) : round((bottom + _GROWTH) * height),
            max(round((left - _GROWTH) * width), 0) : round((right + _GROWTH) * width),
        ] = 255
    return mask


def fix(
    request: GenerationRequest, picture_sha: str, mask_sha: str, seed: int, count: int
) -> GenerationRequest:
    """The same picture with a part painted anew; the rest stays to the pixel."""
    start = Start(
        kind="repair", picture=picture_sha, mask=mask_sha, strength=FIX_STRENGTH,
        aspect=request.start.aspect if request.start else None,
    )  # fmt: skip
    return request.unpinned().replaced(start=start).sampled(seed=seed, count=count)


def _apart(one: Sequence[float], other: Sequence[float]) -> float:
    x = (one[0] + one[2] - other[0] - other[2]) / 2
    y = (one[1] + one[3] - other[1] - other[3]) / 2
    return float(np.hypot(x, y))
