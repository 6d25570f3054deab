"""The garment in a picture: its mask, and whether it is for the upper body, the lower or both.

The user's mask wins. Otherwise a published cloth parser answers if there is one, and otherwise
the picture itself: what stands out from the ground, helped by the bundled perception. Perception
alone is not enough, because it learned from drawings and real photographs are not like them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.errors import BadInput
from studio.garment.vocabulary import GARMENTS, GarmentType
from studio.vision import silhouette
from studio.vision.pictures import Mask, load_mask

if TYPE_CHECKING:
    from studio.vision.perception import Perception, Seen
    from studio.vision.u2net import ClothParser

Part = Literal["upper", "lower", "dress"]
Asked = Literal["auto", "upper", "lower", "dress"]
Source = Literal["yours", "transparency", "parser", "ground", "colours"]
PARTS: tuple[Part, ...] = ("upper", "lower", "dress")

_WORDS: dict[Part, str] = {
    "upper": "a garment for the upper body",
    "lower": "a garment for the lower body",
    "dress": "a dress or another garment of full length",
}
_LEAST, _MOST, _PARSED = 0.004, 0.97, 0.01
REGIONS: dict[str, Part] = {"upper": "upper", "lower": "lower", "full": "dress"}
"""A type of garment's region, and the part of the body that a mask is for."""

SURE = 0.95
"""The least probability of what perception tells of a photo's garment: its type, and its cut."""

CERTAIN = 0.999
"""The least probability of a type that words about another one give way to."""

_LIKELY = 0.5

SAME_PLACE = 0.8
"""Perception must see the garment where its mask is: the least intersection over union of the two.
It learned from drawings and can be quite sure of a photograph that it does not understand; then it
seldom sees the garment where it is, or knows a neckline that goes with the type."""

_DRAW = "paint the mask yourself, or give a picture of the garment alone on a plain ground"


@dataclass(frozen=True)
class GarmentMask:
    """Where a garment is.

    Attributes:
        mask: (H, W) uint8 at the picture's own size, 255 on the garment.
        part: which part of the body the garment is for.
        source: who says so: your mask, the picture's transparency, the published parser, the
            plain ground, or the colours of a busy one.
        share: part of the picture that the mask covers, 0..1.
        sentence: what to tell the user.
    """

    mask: NDArray[np.uint8]
    part: Part
    source: Source
    share: float
    sentence: str


def garment_mask(
    picture: Image.Image,
    part: Asked = "auto",
    *,
    perception: Perception,
    parser: ClothParser | None = None,
    mask: Image.Image | NDArray[np.uint8] | None = None,
) -> GarmentMask:
    """Find the garment.

    Args:
        picture: any size and mode. Where it has transparent parts, those are not the garment.
        part: what the garment is for; "auto" looks.
        perception: the bundled network, which helps where the ground is not plain.
        parser: the published cloth parser, if its weights are there.
        mask: the user's own, white on the garment; brought to the picture's size.

    Raises:
        BadInput: there is no garment that could be told from its ground, or not the one asked for.
    """
    if part not in ("auto", *PARTS):
        raise BadInput(f"“{part}” is not a part of the body: choose auto, {', '.join(PARTS)}.")
    if min(picture.size) < 16:
        raise BadInput("The picture is too small to find a garment in: give 64 pixels or more.")
    if mask is not None:
        return _judged(user_mask(mask, picture.size), part, "yours")
    alpha = _alpha(picture)
    if alpha is not None:
        return _judged(alpha, part, "transparency")
    pixels = np.array(picture.convert("RGB"), np.uint8)
    if parser is not None:
        return _parsed(parser.parse(picture), part)
    seen = perception.see(pixels[None])[0]
    found, source = _found(pixels, seen)
    whole = silhouette.enlarged(found, picture.width, picture.height)
    return _judged(whole, part, source, known_type(seen, whole > 0, _LIKELY))


def known_type(
    seen: Seen, mask: Mask, least: float = SURE, said: GarmentType | None = None
) -> GarmentType | None:
    """The garment's type, if perception is sure of it and of its cut, and sees it there.

    Args:
        mask: (H, W), where the garment is.
        least: probability of the type; less will do where only its region counts, because types
            that are hard to tell apart are worn on the same part of the body.
        said: the type that words give it; unless perception is certain of another one, that one
            it is if it is worn on the same part of the body.

    Returns:
        None where type, neckline or sleeves are not probable enough, where the type cannot have
        such a neckline or such sleeves, or where the garment is seen elsewhere.
    """
    kind, cut = GARMENTS[seen.garment.name], SURE
    if said is not None and said.region == kind.region and seen.garment.probability < CERTAIN:
        kind = said
    elif said == kind:
        cut = _LIKELY  # the words and a certain perception agree about the type
    elif seen.garment.probability < least:
        return None
    possible = seen.neckline.name in kind.necklines and seen.sleeves.name in kind.sleeves
    if not possible or min(seen.neckline.probability, seen.sleeves.probability) < cut:
        return None
    there = seen.mask > 127
    either = int(np.logical_or(mask, there).sum())
    same = either > 0 and np.logical_and(mask, there).sum() >= SAME_PLACE * either
    return kind if same else None


def user_mask(mask: Image.Image | NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A painted mask as (H, W) uint8 of 0 and 255.

    Args:
        mask: a picture, see `load_mask`, or (H, W) bright where it is marked.
        size: width and height to bring it to.

    Raises:
        BadInput: the mask has other proportions than the picture.
    """
    grey = load_mask(mask) if isinstance(mask, Image.Image) else np.asarray(mask, np.uint8)
    width, height = size
    theirs, ours = grey.shape[1] / grey.shape[0], width / height
    if abs(theirs / ours - 1) > 0.03:
        raise BadInput(
            f"The mask is {grey.shape[1]} × {grey.shape[0]} pixels and the picture {width} × "
            f"{height}: give a mask of the same proportions."
        )
    if grey.shape != (height, width):
        grey = cv2.resize(grey, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.where(grey > 127, 255, 0).astype(np.uint8)


def _alpha(picture: Image.Image) -> NDArray[np.uint8] | None:
    """The opacity as a mask, if any part of the picture is transparent."""
    if picture.mode not in ("RGBA", "LA", "PA") and "transparency" not in picture.info:
        return None
    alpha = np.asarray(picture.convert("RGBA"))[..., 3]
    if (alpha > 127).mean() > 0.999:
        return None
    return np.where(alpha > 127, 255, 0).astype(np.uint8)


def _found(pixels: NDArray[np.uint8], seen: Seen) -> tuple[Mask, Source]:
    """What stands out, at a working size."""
    small = silhouette.reduced(pixels)
    size = small.shape[1], small.shape[0]
    likely = cv2.resize(seen.mask, size, interpolation=cv2.INTER_LINEAR) / np.float32(255)
    likely = likely.astype(np.float32)
    ground = silhouette.read_ground(small)
    if ground.plain:
        found = silhouette.stand_out(ground, likely)
        if found.any() and not silhouette.spills(found):
            return found, "ground"
    return silhouette.cut_from_middle(small, ground, likely), "colours"


def _parsed(classes: NDArray[np.uint8], part: Asked) -> GarmentMask:
    """One class of the published parser: 1 upper, 2 lower, 3 full body."""
    shares: dict[Part, float] = {p: float((classes == i).mean()) for i, p in enumerate(PARTS, 1)}
    chosen = max(shares, key=lambda p: shares[p]) if part == "auto" else part
    if shares[chosen] < _PARSED:
        others: list[Part] = [p for p in PARTS if shares[p] >= _PARSED]
        if not others:
            raise BadInput(f"No garment was found in this picture: {_DRAW}.")
        there = " and ".join("a " + _noun(p) for p in others)
        raise BadInput(
            f"There is no {_noun(chosen)} in this picture, but {there}: choose "
            f"{' or '.join(others)} instead, or {_DRAW}."
        )
    mask = np.where(classes == PARTS.index(chosen) + 1, 255, 0).astype(np.uint8)
    return _judged(mask, chosen, "parser")


def _noun(part: Part) -> str:
    return "dress" if part == "dress" else f"{part} garment"


def may_be_for(kind: GarmentType, part: str) -> bool:
    """Whether a type of garment can be for a part of the body; a long coat passes for a jacket."""
    return part in ("auto", REGIONS[kind.region]) or (kind.name, part) == ("coat", "upper")


def _judged(
    mask: NDArray[np.uint8], asked: Asked, source: Source, kind: GarmentType | None = None
) -> GarmentMask:
    """A mask with its part and its sentence, unless it cannot be a garment.

    Args:
        kind: the garment's type, if it is known.
    """
    share = float((mask > 0).mean())
    if share < _LEAST:
        whose = "Your mask is empty" if source == "yours" else "No garment was found"
        raise BadInput(f"{whose}: {_DRAW}.")
    if share > _MOST:
        if source == "yours":
            raise BadInput("Your mask covers the whole picture: leave the ground black.")
        raise BadInput(f"The garment cannot be told from its ground: {_DRAW}.")
    shape = part_of(mask > 0)
    if kind is not None and not may_be_for(kind, shape):
        shape = REGIONS[kind.region]
    part = shape if asked == "auto" else asked
    how = {
        "yours": "Your mask",
        "transparency": "The picture's transparency is the mask: it",
        "parser": "The cloth parser's mask",
        "ground": "Cut out from the plain ground: the mask",
        "colours": "Cut out by its colours, so look at the edges: the mask",
    }[source]
    sentence = f"{how} covers {share:.0%} of the picture and is taken for {_WORDS[part]}."
    if asked != "auto" and source != "parser" and shape != asked:
        sentence = f"{sentence[:-1]}, though its outline is more like {_WORDS[shape]}."
    return GarmentMask(mask, part, source, share, sentence)


def part_of(mask: Mask) -> Part:
    """Which part of the body a garment's outline fits.

    Legs part at the hem; what is long for its width, or long with a waist and a wide hem, is of
    full length; a top has sleeves or narrow shoulders, where a skirt is short with a wide top.
    The limits lie between the synthetic wardrobe's types; a long coat passes for a jacket.
    """
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    cut = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.uint8)
    size = 96
    shape = cv2.resize(cut * 255, (size, size), interpolation=cv2.INTER_AREA) > 127
    body = np.array([_run(row) for row in shape]) / size
    full = shape.sum(1) / size
    if _legs(shape):
        one_piece = body[3] < 0.7 and full[8:40].max() > 1.2 * full[36:62].min()
        return "dress" if cut.shape[0] > 1.4 * cut.shape[1] and one_piece else "lower"
    length = cut.shape[0] / cut.shape[1] / max(float(np.median(body[52:86])), 0.05)
    flared = body[92] > 0.75 and body[48] < 0.72 and body[3] < 0.5
    if length > 2.15 or (length > 1.5 and flared):
        return "dress"
    if full[10:50].max() > 1.15 * float(np.median(body[60:88])):
        return "upper"
    return "lower" if body[3] > 0.5 or length < 1.25 else "upper"


def _run(row: Mask) -> int:
    """Length of the longest run in a row: the body without sleeves beside it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0


def _legs(shape: Mask) -> bool:
    """Whether the outline is parted in the middle at the hem."""
    size = len(shape)
    middle = shape[int(0.8 * size) : int(0.97 * size), int(0.35 * size) : int(0.65 * size)]
    sides = shape[int(0.8 * size) : int(0.97 * size), : int(0.35 * size)].any(1)
    return bool((~middle).any(1).mean() > 0.6 and sides.mean() > 0.6)
