"""How well a picture follows its drawing: the garment that is seen against the drawn outline."""

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.vision.pictures import Ink

_INK = 96
_REFERENCE_SIDE = 256
_GAPS = (0, 1, 2, 3, 5, 8)
"""Half widths of the gaps in an outline that are bridged, in pixels at 256."""
_ENOUGH = 0.9
"""Bridging wider gaps must gain more than a tenth of the area, or the narrower bridge is taken."""
_LEAST = 0.3
"""A drawing that encloses less of its own convex hull than this is no outline."""


def enclosed(ink: Ink) -> NDArray[np.uint8] | None:
    """The region that a drawing encloses, lines included.

    What cannot be reached from the edge of the page without crossing a line is inside. Hands
    leave gaps: the lines are grown until they enclose (nearly) all that they can, and the region
    is shrunk back by as much. A hole between an arm and the body that is closed by lines all
    around counts as inside.

    Args:
        ink: (H, W), 255 where there is ink.

    Returns:
        (H, W), 255 inside, or None where the lines do not enclose a garment.
    """
    lines = (ink > _INK).astype(np.uint8)
    if not lines.any():
        return None
    scale = max(ink.shape) / _REFERENCE_SIDE
    regions = [_filled(lines, round(gap * scale)) for gap in _GAPS]
    areas = [int(region.sum()) for region in regions]
    chosen = next(i for i, area in enumerate(areas) if area >= _ENOUGH * max(areas))
    points = cv2.findNonZero(lines)
    hull = cv2.contourArea(cv2.convexHull(points))
    if areas[chosen] < _LEAST * max(hull, 1.0):
        return None
    return regions[chosen] * np.uint8(255)


def sketch_match(ink: Ink, garment: NDArray[np.uint8]) -> int | None:
    """How closely the garment in a picture fills the drawn outline.

    100 * |R ∩ G| / |R ∪ G|, rounded, with R the region that the drawing encloses and G the
    garment's mask: the intersection over union (Jaccard 1901) of the two silhouettes. 100 is the
    drawn silhouette to the pixel, 0 is a garment beside it. Lines inside the outline, such as a
    seam or a pocket, do not count.

    Args:
        ink: (H, W), 255 where there is ink.
        garment: a mask of any size over the same square, above 127 where it is.

    Returns:
        0..100, or None where the drawing encloses nothing that could be compared.
    """
    region = enclosed(ink)
    if region is None:
        return None
    height, width = garment.shape
    if region.shape != garment.shape:
        region = cv2.resize(region, (width, height), interpolation=cv2.INTER_LINEAR)
    drawn, seen = region > 127, garment > 127
    union = int(np.logical_or(drawn, seen).sum())
    return round(100 * int(np.logical_and(drawn, seen).sum()) / union) if union else None


def _filled(lines: Ink, reach: int) -> NDArray[np.uint8]:
    """0 or 1 for each pixel: inside lines that were grown by `reach` pixels, shrunk back."""
    margin = reach + 1
    page = np.pad(lines, margin)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    grown = cv2.dilate(page, kernel) if reach else page.copy()
    cv2.floodFill(grown, None, (0, 0), 2)  # what the edge of the page can reach
    inside = (grown != 2).astype(np.uint8)
    if reach:
        inside = cv2.erode(inside, kernel)
    inside = np.maximum(inside, page)
    return np.ascontiguousarray(inside[margin:-margin, margin:-margin])
