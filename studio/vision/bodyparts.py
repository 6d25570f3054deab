"""Where things are on an upright figure: measured from joints, or from its outline in heads.

An adult is about seven and a half heads tall and the shoulders two heads wide, the rule of
thumb that drawing teachers give; it is enough to tell a hem's room from a face.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.request import JOINTS
from studio.vision.pictures import Mask
from studio.vision.silhouette import longest_run

CHIN = 0.38
"""From the shoulders up to the chin, in heads."""

LEG = 3.5
"""From the hips down to the ankles, in heads."""

NOSE = 0.78
"""From the nose down to the shoulders, in heads."""

SURE, LIKELY = 0.3, 0.2
"""Least scores of joints: to be relied on, and to be asked where nothing better is there."""

_FACE = 0.5
_SHOULDERS_IN_HEADS, _SHOULDERS_HIGH = 1.9, 6.0


@dataclass(frozen=True)
class Body:
    """Heights in pixels from the picture's top; `head` is a head's height.

    `axis` is the middle of the shoulders, `hip_axis` that of the hips, from the left. Heights may
    lie outside of the picture.
    """

    head: float
    axis: float
    hip_axis: float
    shoulders: float
    waist: float
    hips: float
    knees: float
    ankles: float


def grown(mask: Mask, pixels: float) -> Mask:
    """The mask with a rim of so many pixels."""
    radius = round(pixels)
    if radius < 1:
        return mask
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    return cv2.dilate(mask.astype(np.uint8), kernel) > 0


def body_of(figure: Mask, joints: NDArray[np.float32] | None) -> Body:
    """The measures of a figure.

    Args:
        figure: (h, w) the person's outline.
        joints: (18, 3) OpenPose joints in 0..1; used where enough of them are sure.
    """
    height, width = figure.shape
    found = None if joints is None else body_by_joints(joints, width, height)
    return _from_outline(figure) if found is None else found


def body_by_joints(joints: NDArray[np.float32], width: int, height: int) -> Body | None:
    """The measures that joints tell: by trunk, by shoulders and face, or by legs; else None.

    Args:
        joints: (18, 3) OpenPose joints in 0..1 of a picture of that size.
    """
    at = {name: row for name, row in zip(JOINTS, joints, strict=True) if row[2] >= SURE}
    trunk = [f"{side} {part}" for part in ("shoulder", "hip") for side in ("left", "right")]
    if not all(name in at for name in trunk):
        return _from_shoulders(at, width, height) or _from_legs(joints, width, height)
    x = float(np.mean([at[name][0] for name in trunk]))
    top = float(np.mean([at[n][1] for n in trunk[:2]])) * height
    low = float(np.mean([at[n][1] for n in trunk[2:]])) * height
    head = (low - top) / 2.05
    knees = [at[n][1] * height for n in ("left knee", "right knee") if n in at]
    ankles = [at[n][1] * height for n in ("left ankle", "right ankle") if n in at]
    return Body(
        head, x * width, x * width, top, top + 1.5 * head, low + 0.35 * head,
        float(np.mean(knees)) if knees else low + 1.75 * head,
        float(np.mean(ankles)) if ankles else low + 3.5 * head,
    )  # fmt: skip


def _from_shoulders(at: Mapping[str, NDArray[np.float32]], width: int, height: int) -> Body | None:
    """A body whose hips are hidden or below the picture: the nose tells the head's size."""
    names = ("nose", "left shoulder", "right shoulder")
    if any(name not in at for name in names) or at["nose"][2] < _FACE:
        return None
    nose, left, right = (at[name] for name in names)
    x, top = float(left[0] + right[0]) / 2 * width, float(left[1] + right[1]) / 2 * height
    head = (top - float(nose[1]) * height) / NOSE
    if head < 0.05 * height:
        return None
    return Body(
        head, x, x, top, top + 1.5 * head, top + 2.4 * head, top + 3.8 * head, top + 5.55 * head
    )


def _from_legs(joints: NDArray[np.float32], width: int, height: int) -> Body | None:
    """A body whose shoulders are above the picture; None if they are not, or the legs unsure."""
    at = {name: row for name, row in zip(JOINTS, joints, strict=True) if row[2] >= LIKELY}
    legs = [[at.get(f"{side} {part}") for side in ("left", "right")]
            for part in ("hip", "knee", "ankle")]  # fmt: skip
    if any(row is None for pair in legs for row in pair):
        return None
    hips, knees, ankles = (float(np.mean([row[1] for row in pair if row is not None])) * height
                           for pair in legs)  # fmt: skip
    sure = all(row is not None and row[2] >= SURE for row in legs[2])
    head = (ankles - hips) / LEG
    if not sure or not hips < knees < ankles or hips - 2.05 * head > 0.1 * height:
        return None
    x = float(np.mean([row[0] for row in legs[0] if row is not None])) * width
    return Body(
        head, x, x, hips - 2.05 * head, hips - 0.55 * head, hips + 0.35 * head, knees, ankles
    )


def figure_of(joints: NDArray[np.float32], width: int, height: int, least: float = SURE) -> Mask:
    """A rough outline from joints: trunk, limbs as thick as drawn bodies have them, head.

    For grounds that a figure cannot be cut out of. Empty where neither shoulders and hips nor
    hips and ankles are known.

    Args:
        joints: (18, 3) OpenPose joints in 0..1. least: the least score of those that count.
    """
    at = {n: row[:2] * (width, height) for n, row in zip(JOINTS, joints, strict=True)
          if row[2] >= least}  # fmt: skip
    canvas = np.zeros((height, width), np.uint8)

    def middle(*parts: str) -> NDArray[np.float32] | None:
        names = [f"{side} {part}" for part in parts for side in ("left", "right")]
        return np.mean([at[n] for n in names], 0) if all(n in at for n in names) else None

    shoulders, hips, ankles = middle("shoulder"), middle("hip"), middle("ankle")
    if hips is None or (shoulders is None and ankles is None):
        return canvas > 0
    if shoulders is not None:
        head = float(np.linalg.norm(shoulders - hips)) / 2.05
        trunk = ("left shoulder", "right shoulder", "right hip", "left hip")
        corners = np.array([at[name] for name in trunk])
        cv2.fillPoly(canvas, [corners.round().astype(np.int32)], 255)
    else:
        assert ankles is not None
        head = float(np.linalg.norm(ankles - hips)) / LEG
    for side in ("left", "right"):
        for chain, thick in (
            (("shoulder", "elbow", "wrist"), 0.42),
            (("hip", "knee", "ankle"), 0.75),
        ):
            points = [at[f"{side} {joint}"] for joint in chain if f"{side} {joint}" in at]
            for a, b in itertools.pairwise(points):
                ends = (
                    (round(float(a[0])), round(float(a[1]))),
                    (round(float(b[0])), round(float(b[1]))),
                )
                cv2.line(canvas, *ends, 255, max(round(thick * head), 1))
    if "nose" in at and shoulders is not None:
        x, y = at["nose"]
        cv2.circle(canvas, (round(float(x)), round(float(y))), max(round(0.55 * head), 1), 255, -1)
    return grown(canvas > 0, 0.12 * head)


def _from_outline(figure: Mask) -> Body:
    """Shoulders are where the outline below the head first becomes broad."""
    rows = np.flatnonzero(figure.any(1))
    top, bottom = int(rows[0]), int(rows[-1])
    tall = bottom - top + 1
    widths = np.array([longest_run(figure[y]) for y in range(top, bottom + 1)], float)
    widths = cv2.GaussianBlur(widths[:, None], (1, 0), 0, sigmaY=max(tall / 120, 0.5))[:, 0] \
        if tall > 8 else widths  # fmt: skip
    upper = widths[: max(int(0.5 * tall), 1)]
    shoulders = top + int(np.argmax(upper >= 0.82 * upper.max()))
    breadth = float(np.max(widths[shoulders - top : shoulders - top + max(int(0.08 * tall), 2)]))
    head = breadth / _SHOULDERS_IN_HEADS
    if bottom < len(figure) - 2:
        # Feet are seen: whoever looks broader than tall wears something wide.
        head = min(head, (bottom - shoulders) / _SHOULDERS_HIGH)
    columns = np.flatnonzero(figure[shoulders : shoulders + max(int(head), 1)].any(0))
    axis = float(columns.mean()) if len(columns) else figure.shape[1] / 2
    trunk = figure[int(shoulders + 1.8 * head) : int(shoulders + 3 * head)]
    hip_axis = float(np.median(np.nonzero(trunk)[1])) if trunk.any() else axis
    ankles = min(shoulders + 5.9 * head, bottom - 0.25 * head)
    return Body(
        head, axis, hip_axis, shoulders + 0.12 * head, shoulders + 1.7 * head,
        shoulders + 2.7 * head, shoulders + 4.2 * head, ankles,
    )  # fmt: skip


def skin(picture: NDArray[np.uint8], figure: Mask, body: Body) -> Mask:
    """Pixels of the figure that have the colour of its face and neck.

    The usual box in YCrCb (Chai and Ngan 1999) finds the face's colour above the shoulders; the
    rest is what is near to it in hue. Where there is no face the box decides alone.
    """
    ycrcb = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
    box = (
        (ycrcb[..., 1] > 133) & (ycrcb[..., 1] < 175) & (ycrcb[..., 2] > 77)
        & (ycrcb[..., 2] < 128) & (ycrcb[..., 0] > 40) & figure
    )  # fmt: skip
    above = box.copy()
    above[max(int(body.shoulders), 0) :] = False
    if above.sum() < 0.02 * body.head**2:
        return box
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    face = np.median(lab[above], 0)
    hue = np.hypot(lab[..., 1] - face[1], lab[..., 2] - face[2])
    return figure & (hue < 11) & (np.abs(lab[..., 0] - face[0]) < 32)


def hands(flesh: Mask, figure: Mask, body: Body) -> Mask:
    """The ends of the arms: of each patch of skin beside the body, what is farthest from it."""
    height, width = flesh.shape
    kernel = np.ones((3, 3), np.uint8)
    clean = cv2.morphologyEx(flesh.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    count, labels, stats, middles = cv2.connectedComponentsWithStats(clean)
    y, x = np.mgrid[0:height, 0:width]
    found = np.zeros(flesh.shape, bool)
    for i in range(1, count):
        area, middle = stats[i, cv2.CC_STAT_AREA], middles[i]
        low = stats[i, cv2.CC_STAT_TOP] + stats[i, cv2.CC_STAT_HEIGHT]
        beside = abs(middle[0] - body.axis) > 0.5 * body.head
        if area < 0.03 * body.head**2 or not beside or low < body.shoulders + 0.4 * body.head:
            continue
        if middle[1] > body.hips + 1.1 * body.head:
            continue
        side = 1 if middle[0] > body.axis else -1
        shoulder = body.axis + side * 0.8 * body.head, body.shoulders
        here = labels == i
        away = np.hypot(x - shoulder[0], y - shoulder[1])
        end = np.unravel_index(np.where(here, away, -1).argmax(), here.shape)
        found |= here & (np.hypot(x - end[1], y - end[0]) < 0.75 * body.head)
    return found


def face_and_hair(picture: NDArray[np.uint8], figure: Mask, body: Body) -> Mask:
    """All of the figure above the chin, and hair that falls from there."""
    rows = np.arange(figure.shape[0])[:, None]
    columns = np.abs(np.arange(figure.shape[1])[None, :] - body.axis)
    above = rows < body.shoulders - CHIN * body.head
    # A raised arm is above the chin too, but beside the head.
    head = figure & above & (columns < 0.75 * body.head)
    if not head.any():
        return head
    hair = head & ~skin(picture, figure, body)
    if hair.sum() < 0.05 * body.head**2:
        return head
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    colour = np.median(lab[hair], 0)
    alike = figure & (np.linalg.norm(lab - colour, axis=2) < 14)
    alike &= rows < body.shoulders + 1.3 * body.head
    _, labels = cv2.connectedComponents((alike | head).astype(np.uint8))
    falling = alike & np.isin(labels, np.unique(labels[head & (labels > 0)])) & ~head
    # Cloth of the hair's colour that touches it is no hair.
    if falling.sum() > 0.8 * body.head**2:
        return head
    return head | grown(falling, 0.02 * body.head)
