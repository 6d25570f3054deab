"""The garment in a picture: its mask, and whether it is for the upper body, the lower or both.

The user's mask wins. Otherwise a published cloth parser answers if there is one, and otherwise
the picture itself: what stands out from the ground, helped by the bundled perception. Perception
alone is not enough, because it learned from drawings and real photographs are not like them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.errors import BadInput
from studio.garment.vocabulary import GARMENTS, GarmentType
from studio.vision import silhouette
from studio.vision.certainty import PARTS, REGIONS, Part, Told
from studio.vision.pictures import Mask, load_mask

if TYPE_CHECKING:
    from studio.vision.perception import Perception, Seen
    from studio.vision.u2net import ClothParser

Asked = Literal["auto", "upper", "lower", "dress"]
Source = Literal["yours", "transparency", "parser", "ground", "colours"]

_LEAST, _MOST, _PARSED = 0.004, 0.97, 0.01
SAME_PLACE = 0.8
"""The least intersection over union of what perception sees and a garment's mask. It learned from
drawings: on a photograph that it does not understand it seldom sees the garment where it is."""

_DRAW = "paint the mask yourself, or give a picture of the garment alone on a plain ground"


@dataclass(frozen=True)
class GarmentMask:
    """Where a garment is.

    Attributes:
        mask: (H, W) uint8 at the picture's own size, 255 on the garment.
        part: which part of the body the garment was asked or is likely to be for; what it is
            taken for is decided in `studio.desk.garment`.
        source: who says so: your mask, the picture's transparency, the published parser, the
            plain ground, or the colours of a busy one.
        share: part of the picture that the mask covers, 0..1.
        sentence: what to tell the user of the mask.
        told: what it was told to be; None where nothing tells how sure one may be.
        sure: whether the part may be said without asking.
        pieces: how many separate garments there are, of which this is one or all.
        weak: the part of its edge where garment and ground are hardly apart, 0..1.
    """

    mask: NDArray[np.uint8]
    part: Part
    source: Source
    share: float
    sentence: str
    told: Told | None = None
    sure: bool = False
    pieces: int = 1
    weak: float = 0.0

    @property
    def pale(self) -> bool:
        """Whether so much of its edge is hardly apart from the ground that it must be told."""
        return self.told is not None and self.weak > self.told.limits.weak

    @property
    def strange(self) -> str:
        """What it seems to be rather than one garment of those known; else empty."""
        if self.pieces > 1:
            return "two garments"
        return "" if self.told is None or self.source == "parser" else self.told.strange


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
    pixels = np.array(picture.convert("RGB"), np.uint8)
    look = _Look(pixels, perception, part)
    if mask is not None:
        return look.judged(user_mask(mask, picture.size), "yours")
    alpha = _alpha(picture)
    if alpha is not None:
        return look.judged(alpha, "transparency")
    if parser is not None:
        return _parsed(parser.parse(picture), look)
    found, source, weak = _found(pixels, look.seen)
    return look.judged(silhouette.enlarged(found, *picture.size), source, weak)


def known_type(told: Told | None, said: GarmentType | None = None) -> GarmentType | None:
    """The garment's type, if its photo tells it and its cut for sure.

    Args:
        said: the type that words give it; that one it is, unless the photo is sure of another
            type or part of the body.

    Returns:
        None where type, neckline or sleeves are not sure, or where the type cannot have such a
        neckline or such sleeves.
    """
    if told is None or told.strange:
        return None
    agreed, limits = told.agreed, told.limits
    kind = GARMENTS[agreed.kind] if agreed.kind else None
    share = agreed.whole
    if said is not None and told.sure and not may_be_for(said, told.part):
        return None
    if said is not None and kind is not None and said.region == kind.region:
        if kind != said and share >= limits.cut:
            return None
        kind, share = said, agreed.cut
    if kind is None or share < limits.cut:
        return None
    if told.sure and not may_be_for(kind, told.part):
        return None
    return kind if agreed.neckline in kind.necklines and agreed.sleeves in kind.sleeves else None


def same_place(seen: NDArray[np.uint8], mask: NDArray[np.uint8]) -> bool:
    """Whether perception sees the garment where its mask is; both (H, W)."""
    return silhouette.overlap(seen > 127, mask > 127) >= SAME_PLACE


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


def _found(pixels: NDArray[np.uint8], seen: Seen) -> tuple[Mask, Source, float]:
    """What stands out, at a working size; and how much of its edge hardly does."""
    small = silhouette.reduced(pixels)
    size = small.shape[1], small.shape[0]
    likely = cv2.resize(seen.mask, size, interpolation=cv2.INTER_LINEAR) / np.float32(255)
    likely = likely.astype(np.float32)
    ground = silhouette.read_ground(small)
    if ground.plain:
        found = silhouette.stand_out(ground, likely)
        if found.any() and not silhouette.spills(found):
            return found, "ground", silhouette.weak_edge(ground, found)
    return silhouette.cut_from_middle(small, ground, likely), "colours", 0.0


def _parsed(classes: NDArray[np.uint8], look: _Look) -> GarmentMask:
    """One class of the published parser: 1 upper, 2 lower, 3 full body."""
    shares: dict[Part, float] = {p: float((classes == i).mean()) for i, p in enumerate(PARTS, 1)}
    chosen = max(shares, key=lambda p: shares[p]) if look.asked == "auto" else look.asked
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
    return look.judged(mask, "parser", part=chosen)


def _noun(part: Part) -> str:
    return "dress" if part == "dress" else f"{part} garment"


def may_be_for(kind: GarmentType, part: str) -> bool:
    """Whether a type of garment can be for a part of the body; a long coat passes for a jacket."""
    return part in ("auto", REGIONS[kind.region]) or (kind.name, part) == ("coat", "upper")


@dataclass(frozen=True)
class _Look:
    """A look at a picture.

    Attributes:
        pixels: (H, W, 3) RGB. asked: the part that the user named.
    """

    pixels: NDArray[np.uint8]
    perception: Perception
    asked: Asked

    @cached_property
    def seen(self) -> Seen:
        """What perception sees in the whole picture."""
        return self.perception.see(self.pixels[None])[0]

    def judged(
        self, mask: NDArray[np.uint8], source: Source, weak: float = 0.0, part: Part | None = None
    ) -> GarmentMask:
        """A mask with its likely part and its sentence, unless it cannot be a garment.

        Args:
            weak: the part of its edge where garment and ground are hardly apart.
            part: what it is for, where the mask's maker knows.
        """
        _check(float((mask > 0).mean()), source)
        found, told, pieces = mask, self._told(mask), 1
        if source != "parser":
            one = self._one(mask, told)
            found, told, pieces = (mask, told, one[2]) if source == "yours" else one
        likely = told.part if told is not None else part_of(found > 0)
        sure = part is not None or (told is not None and told.sure and pieces == 1)
        chosen = part or (likely if self.asked == "auto" else self.asked)
        share = float((found > 0).mean())
        sentence = f"{_HOW[source]} covers {share:.0%} of the picture."
        if told is not None and weak > told.limits.weak:
            sentence += f" {_PALE}"
        return GarmentMask(found, chosen, source, share, sentence, told, sure, pieces, weak)

    def _told(self, mask: NDArray[np.uint8]) -> Told | None:
        certainty = self.perception.certainty
        if certainty is None:
            return None
        return certainty.tell(self.perception, self.pixels, mask, self.seen)

    def _one(
        self, mask: NDArray[np.uint8], whole: Told | None
    ) -> tuple[NDArray[np.uint8], Told | None, int]:
        """Of several separate garments the one that was asked for, and how many there are.

        A pair of sleeves or a belt that lies apart is no garment of its own: what is told of
        every piece says so.
        """
        pieces = silhouette.pieces(mask > 0) if whole is not None else []
        if len(pieces) < 2:
            return mask, whole, 1
        masks = [np.where(piece, 255, 0).astype(np.uint8) for piece in pieces]
        each = [told for told in map(self._told, masks) if told is not None]
        garments = [i for i, told in enumerate(each) if not told.strange]
        if len(garments) < 2:
            return mask, whole, 1
        fitting = [i for i in garments if each[i].part == self.asked]
        if len(fitting) == 1:
            return masks[fitting[0]], each[fitting[0]], 1
        return mask, whole, len(garments)


_HOW: dict[Source, str] = {
    "yours": "Your mask",
    "transparency": "The picture's transparency is the mask: it",
    "parser": "The cloth parser's mask",
    "ground": "Cut out from the plain ground: the mask",
    "colours": "Cut out by its colours, so look at the edges: the mask",
}
_PALE = (
    "In places the garment is hardly apart from its ground: look whether shoulders and hems are "
    "in the mask."
)


def _check(share: float, source: Source) -> None:
    """Raises BadInput where what covers so much of the picture cannot be a garment."""
    if share < _LEAST:
        whose = "Your mask is empty" if source == "yours" else "No garment was found"
        raise BadInput(f"{whose}: {_DRAW}.")
    if share > _MOST:
        if source == "yours":
            raise BadInput("Your mask covers the whole picture: leave the ground black.")
        raise BadInput(f"The garment cannot be told from its ground: {_DRAW}.")


def part_of(mask: Mask) -> Part:
    """Which part of the body a garment's outline fits.

    Legs part at the hem; what is long for its width, or long with a waist and a wide hem, is of
    full length; a top has sleeves or narrow shoulders, where a skirt is short with a wide top.
    The limits lie between the synthetic wardrobe's types; a long coat passes for a jacket. It
    stands in where nothing was fixed for a perception, and is never sure.
    """
    left, top, wide, tall = cv2.boundingRect(mask.astype(np.uint8))
    cut = mask[top : top + tall, left : left + wide].astype(np.uint8)
    size = 96
    shape = cv2.resize(cut * 255, (size, size), interpolation=cv2.INTER_AREA) > 127
    body = np.array([silhouette.longest_run(row) for row in shape]) / size
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


def _legs(shape: Mask) -> bool:
    """Whether the outline is parted in the middle at the hem."""
    size = len(shape)
    middle = shape[int(0.8 * size) : int(0.97 * size), int(0.35 * size) : int(0.65 * size)]
    sides = shape[int(0.8 * size) : int(0.97 * size), : int(0.35 * size)].any(1)
    return bool((~middle).any(1).mean() > 0.6 and sides.mean() > 0.6)
