"""Ink from any picture that a user gives: a drawing, a scan, a photograph of a page.

Every way in which it can be unusable is one `BadInput` sentence.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.errors import BadInput
from studio.vision.pictures import Ink, load_picture

_MARGIN = 0.05
_LEAST_INK, _MOST_INK = 2e-4, 0.5
_REFERENCE_SIDE = 256


def extract_ink(picture: NDArray[np.uint8]) -> Ink:
    """Lines of a picture by adaptive thresholding.

    A Gaussian blur of 3 x 3, then the mean of a block of 9 x 9 minus 8 as the threshold, both for
    a side of 256 pixels and scaled with the picture's shorter side.

    Args:
        picture: (H, W, 3) RGB or (H, W) grey, dark lines on a lighter ground.

    Returns:
        (H, W), 255 where a pixel is darker than its surroundings.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture
    scale = max(1.0, min(grey.shape) / _REFERENCE_SIDE)
    blur = 2 * round(scale) + 1
    block = 2 * round(4 * scale) + 1
    soft = cv2.GaussianBlur(np.ascontiguousarray(grey), (blur, blur), 0)
    ink = cv2.adaptiveThreshold(
        soft, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 8
    )
    return np.asarray(ink, np.uint8)


def _ground(grey: NDArray[np.uint8]) -> float:
    """Brightness of the paper: the median of a frame along the edges."""
    rim = max(1, min(grey.shape) // 32)
    edges = (grey[:rim], grey[-rim:], grey[:, :rim], grey[:, -rim:])
    return float(np.median(np.concatenate([e.ravel() for e in edges])))


def _is_line_drawing(grey: NDArray[np.uint8]) -> bool:
    """Whether nearly every pixel is plainly paper or plainly ink (no photograph, no shading)."""
    paper = np.percentile(grey, 90)
    middle = (grey > 64) & (grey < paper - 32)
    return bool(paper > 200 and (grey > paper - 12).mean() > 0.7 and middle.mean() < 0.12)


def _extent(ink: Ink) -> tuple[int, int, int, int]:
    """Top, bottom, left, right of the drawing; stray marks far smaller than it do not count."""
    solid = (ink > 127).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    marks = stats[1:]
    spans = np.maximum(marks[:, cv2.CC_STAT_WIDTH], marks[:, cv2.CC_STAT_HEIGHT])
    marks = marks[spans >= 0.08 * spans.max()]
    left, top = marks[:, cv2.CC_STAT_LEFT], marks[:, cv2.CC_STAT_TOP]
    right, bottom = left + marks[:, cv2.CC_STAT_WIDTH], top + marks[:, cv2.CC_STAT_HEIGHT]
    return int(top.min()), int(bottom.max()), int(left.min()), int(right.max())


def _centred(ink: Ink, size: int) -> Ink:
    """The inked part, enlarged or reduced to fill a square with a small margin."""
    top, bottom, left, right = _extent(ink)
    part = ink[top:bottom, left:right]
    scale = size * (1 - 2 * _MARGIN) / max(part.shape)
    height, width = (max(1, round(s * scale)) for s in part.shape)
    page = np.zeros((size, size), np.uint8)
    y, x = (size - height) // 2, (size - width) // 2
    page[y : y + height, x : x + width] = _resized(part, width, height)
    return page


def _placed(ink: Ink, size: int) -> Ink:
    """The whole page fitted into the square, its drawing left where it was on the page."""
    height, width = ink.shape
    side = max(height, width)
    square = np.zeros((side, side), np.uint8)
    y, x = (side - height) // 2, (side - width) // 2
    square[y : y + height, x : x + width] = ink
    return _resized(square, size, size)


def _resized(ink: Ink, width: int, height: int) -> Ink:
    """Ink at another size. Thin lines would fade when averaged, so they are thickened to nearly
    a pixel of the result first, and what averaging took is given back."""
    scale = width / ink.shape[1]
    if scale >= 1:
        return np.asarray(cv2.resize(ink, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
    reach = round(0.6 / scale)
    if reach > 1:
        ink = np.asarray(cv2.dilate(ink, np.ones((reach, reach), np.uint8)), np.uint8)
    small = cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA)
    return np.clip(small * 1.6, 0, 255).astype(np.uint8)


def read_sketch(source: bytes | Path | Image.Image, size: int) -> Ink:
    """Ink from any user's picture, on a square.

    A clean line drawing keeps its lines; anything else (a photograph of a page, a shaded drawing,
    a photograph of a garment) goes through `extract_ink`. Light lines on dark paper are inverted.
    A drawing is moved and scaled to fill the square, but on a square page, which is taken to be
    composed already, it stays where it is.

    Args:
        source: file contents, a path or an opened picture.
        size: side of the result in pixels.

    Returns:
        (size, size), 255 where there is ink.

    Raises:
        BadInput: see `load_picture`; also a page without lines, or one that is nearly all dark.
    """
    picture = load_picture(source)
    grey = np.asarray(picture.convert("L"), np.uint8)
    if int(grey.max()) - int(grey.min()) < 16:
        tone = "black" if grey.mean() < 64 else "white" if grey.mean() > 192 else "one colour"
        raise BadInput(f"The sketch is all {tone}: draw dark lines on light paper.")
    if _ground(grey) < 96 and np.median(grey) < 96:
        grey = np.asarray(255 - grey, np.uint8)
    ink = 255 - grey if _is_line_drawing(grey) else _cleaned(extract_ink(grey))
    ink = np.where(ink > 48, ink, 0).astype(np.uint8)
    share = float((ink > 127).mean())
    if share < _LEAST_INK:
        raise BadInput("No lines were found in the sketch: draw with a darker or thicker pen.")
    if share > _MOST_INK:
        raise BadInput("The sketch is nearly all dark: draw lines on light paper.")
    return (_placed if picture.width == picture.height else _centred)(ink, size)


def _cleaned(ink: Ink) -> Ink:
    """Without specks: paper grain and sensor noise make islands far smaller than any line."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    least = max(4, round(ink.size * 4e-5))
    keep = np.zeros(count, bool)
    keep[1:] = stats[1:, cv2.CC_STAT_AREA] >= least
    return np.where(keep[np.asarray(labels, np.intp)], ink, 0).astype(np.uint8)
