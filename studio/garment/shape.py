"""The usual shape of what words describe: lines to start from where nothing is drawn."""

from __future__ import annotations

from dataclasses import replace

from studio.garment.figure import Worn, worn_layout
from studio.garment.flats import Flat, layout
from studio.garment.parse import Reading, parse_prompt
from studio.garment.spec import GarmentSpec


def usual_shape(reading: Reading) -> Flat | Worn | None:
    """The garment as the words mean it, laid out or on somebody in a pose.

    None where the words name no garment, so that the model is free.
    """
    if "garment" not in reading.stated:
        return None
    garment = reading.garment.with_components(())
    return layout(garment) if reading.pose is None else worn_layout(garment, reading.pose)


def may_be_shown(reading: Reading, shown: GarmentSpec) -> bool:
    """Whether the words mean a garment like the one on the photo, or leave it to the photo."""
    if "garment" in reading.stated:
        return reading.garment.garment == shown.garment
    return reading.pose is not None


def shape_as_shown(prompt: str, shown: GarmentSpec) -> Flat | Worn | None:
    """The usual shape of words that leave the garment to a photo.

    Whatever the words state of its cut wins over the photo.

    Args:
        shown: type, neckline and sleeves as the photo shows them.

    Returns:
        None where the words ask for something that this garment cannot have: then the words, or
        whoever looked at the photo, mean another one.
    """
    told = parse_prompt(prompt, shown.garment)
    if set(told.problems) - set(parse_prompt(prompt).problems):
        return None
    open_cut = {n: getattr(shown, n) for n in ("neckline", "sleeves") if n not in told.stated}
    garment = replace(told.garment, **open_cut)
    return usual_shape(replace(told, garment=garment, stated=told.stated | {"garment"}))
