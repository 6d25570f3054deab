"""The usual shape of what words describe: lines to start from where nothing is drawn."""

from __future__ import annotations

from studio.garment.figure import Worn, worn_layout
from studio.garment.flats import Flat, layout
from studio.garment.parse import Reading


def usual_shape(reading: Reading) -> Flat | Worn | None:
    """The garment as the words mean it, laid out or on somebody in a pose.

    None where the words name no garment, so that the model is free.
    """
    if "garment" not in reading.stated:
        return None
    garment = reading.garment.with_components(())
    return layout(garment) if reading.pose is None else worn_layout(garment, reading.pose)
