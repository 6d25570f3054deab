"""The usual shape of what words describe: lines to start from where nothing is drawn."""

from __future__ import annotations

from dataclasses import replace

from studio.garment.figure import Wearer, Worn, worn_by
from studio.garment.flats import Flat, layout
from studio.garment.parse import Reading, parse_prompt
from studio.garment.spec import GarmentSpec
from studio.garment.vocabulary import Region


def worn_region(reading: Reading, part: str = "") -> Region:
    """The part of the body that a picture of a garment shows; all of it by default.

    Args:
        reading: the words, which say it where nothing else does.
        part: what a garment photo is for, one of `studio.request.GARMENT_PARTS`; empty for none.
    """
    if part in ("upper", "lower", "dress"):
        return "full" if part == "dress" else part
    return reading.garment.type.region if "garment" in reading.stated else "full"


def usual_shape(reading: Reading, wearer: Wearer | None = None) -> Flat | Worn | None:
    """The garment as the words mean it, laid out or on somebody in a pose.

    Args:
        wearer: who wears it; None for somebody in the pose that the words name, if they do.

    Returns:
        None where the words name no garment, so that the model is free, and where the wearer's
        joints do not tell enough.
    """
    if "garment" not in reading.stated:
        return None
    garment = reading.garment.with_components(())
    wearer = reading.pose if wearer is None else wearer
    return layout(garment) if wearer is None else worn_by(garment, wearer)


def may_be_shown(reading: Reading, shown: GarmentSpec) -> bool:
    """Whether the words mean a garment like the one on the photo, or leave it to the photo."""
    if "garment" in reading.stated:
        return reading.garment.garment == shown.garment
    return reading.pose is not None


def shape_as_shown(
    prompt: str, shown: GarmentSpec, wearer: Wearer | None = None
) -> Flat | Worn | None:
    """The usual shape of words that leave the garment to a photo.

    Whatever the words state of its cut wins over the photo.

    Args:
        shown: type, neckline and sleeves as the photo shows them.
        wearer: see `usual_shape`.

    Returns:
        None also where the words ask for something that this garment cannot have: then the words,
        or whoever looked at the photo, mean another one.
    """
    told = parse_prompt(prompt, shown.garment)
    if set(told.problems) - set(parse_prompt(prompt).problems):
        return None
    open_cut = {n: getattr(shown, n) for n in ("neckline", "sleeves") if n not in told.stated}
    garment = replace(told.garment, **open_cut)
    return usual_shape(replace(told, garment=garment, stated=told.stated | {"garment"}), wearer)
