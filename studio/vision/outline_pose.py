"""The pose of a figure that no network knows: measured from its outline.

Real people are unlike the drawn ones that the bundled perception learned from. Before a plain
ground their outline still tells where shoulders and hips are, in heads; the skin at the sleeves'
ends tells where the arms go, and the gap between the legs where these stand.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.request import JOINTS
from studio.vision import silhouette
from studio.vision.bodyparts import Body, body_of, hands, skin
from studio.vision.framing import without_bars
from studio.vision.pictures import Mask
from studio.vision.skeleton import preset

_SIDE = 512
_ARM = 2.15
"""From the shoulder to the wrist, in heads."""

_WRIST = 0.15
"""From the middle of a hand up to its wrist, in heads."""

_FOOT = 0.3
"""From the ankle down to the ground, in heads."""

_LEAST_HAND, _LEAST_LEG = 0.02, 0.15
"""In heads squared, and in heads."""

_SIDES = ("left", 1), ("right", -1)
"""The wearer's sides and where they are in the picture."""

_BENT = 0.6
"""How much of an elbow's bend is seen from the front: the rest of it points forwards."""


def outline_joints(
    picture: NDArray[np.uint8], likely: NDArray[np.uint8]
) -> NDArray[np.float32] | None:
    """The joints of somebody who stands upright before a ground that can be told from them.

    Args:
        picture: (H, W, 3) RGB.
        likely: (H, W), 255 where the person's clothes probably are; it helps where the ground is
            not plain.

    Returns:
        (18, 3) OpenPose joints in 0..1 of the picture, score 1, or 0 for those outside of it;
        None where nobody stands out.
    """
    height, width = picture.shape[:2]
    left, top, right, bottom = without_bars(picture)
    small = silhouette.reduced(np.ascontiguousarray(picture[top:bottom, left:right]), _SIDE)
    ground = silhouette.read_ground(small)
    figure = silhouette.plain_figure(ground)
    if figure is None:
        size = small.shape[1], small.shape[0]
        guess = cv2.resize(likely[top:bottom, left:right], size, interpolation=cv2.INTER_AREA)
        share = (guess / np.float32(255)).astype(np.float32)
        figure = silhouette.cut_from_middle(small, ground, share)
        if not silhouette.may_be_figure(figure):
            return None
    joints = _measured(small, figure, body_of(figure, None))
    joints[:, :2] = joints[:, :2] * (right - left, bottom - top) + (left, top)
    joints[:, :2] /= (width, height)
    return joints


def _measured(picture: NDArray[np.uint8], figure: Mask, body: Body) -> NDArray[np.float32]:
    """The standing pose, stretched to the body's measures; hands and legs where they are seen."""
    standing = preset("standing", "full")
    at = {name: row[:2].copy() for name, row in zip(JOINTS, standing, strict=True)}

    def level(part: str) -> float:
        return float(at[f"left {part}"][1] + at[f"right {part}"][1]) / 2

    hips = body.hips - 0.35 * body.head
    rows = [level(part) for part in ("shoulder", "hip", "knee", "ankle")]
    there = [body.shoulders, hips, *_legs_end(figure, body, hips)]
    scale = (hips - body.shoulders) / (rows[1] - rows[0])
    for name, place in at.items():
        leg = name.endswith(("hip", "knee", "ankle"))
        place[0] = (body.hip_axis if leg else body.axis) + (place[0] - 0.5) * scale
        # Above the hips lengths keep their proportions; legs end where they end.
        along = float(np.interp(place[1], rows, there)) if leg else None
        place[1] = body.shoulders + (place[1] - rows[0]) * scale if along is None else along
    _put_arms(at, picture, figure, body)
    _put_legs(at, figure, body, there[2:])
    height, width = figure.shape
    joints = np.ones((len(JOINTS), 3), np.float32)
    joints[:, :2] = [at[name] / (width, height) for name in JOINTS]
    joints[((joints[:, :2] < 0) | (joints[:, :2] > 1)).any(1)] = 0
    return joints


def _legs_end(figure: Mask, body: Body, hips: float) -> tuple[float, float]:
    """The rows of the knees and the ankles: where feet are seen, the legs end above them."""
    bottom = int(np.flatnonzero(figure.any(1))[-1])
    ankles = bottom - _FOOT * body.head
    seen = bottom < len(figure) - 2 and abs(ankles - body.ankles) < body.head
    return ((hips + ankles) / 2, ankles) if seen else (body.knees, body.ankles)


def _put_arms(
    at: dict[str, NDArray[np.float32]], picture: NDArray[np.uint8], figure: Mask, body: Body
) -> None:
    """Wrists at the hands that are seen, elbows beside the line from there to the shoulders."""
    found = hands(skin(picture, figure, body), figure, body)
    count, _, stats, middles = cv2.connectedComponentsWithStats(found.astype(np.uint8))
    for side, outwards in _SIDES:
        seen = [
            middles[i] for i in range(1, count)
            if (middles[i][0] - body.axis) * outwards > 0
            and stats[i, cv2.CC_STAT_AREA] > _LEAST_HAND * body.head**2
        ]  # fmt: skip
        if not seen:
            continue
        shoulder = at[f"{side} shoulder"]
        # Bare legs below a hem are skin too, but nearer to the middle.
        hand = max(seen, key=lambda middle: (middle[0] - body.axis) * outwards)
        wrist = hand - (0, _WRIST * body.head)
        reach = float(np.hypot(*(wrist - shoulder)))
        bend = max((_ARM * body.head / 2) ** 2 - (reach / 2) ** 2, 0) ** 0.5 * _BENT
        elbow = (shoulder + wrist) / 2
        elbow[0] += outwards * bend
        at[f"{side} wrist"], at[f"{side} elbow"] = wrist, elbow


def _put_legs(
    at: dict[str, NDArray[np.float32]], figure: Mask, body: Body, rows: list[float]
) -> None:
    """Knees and ankles in the middle of each leg, where there are two beside each other."""
    for part, row in zip(("knee", "ankle"), map(round, rows), strict=True):
        if not 0 <= row < len(figure):
            continue
        edges = np.flatnonzero(np.diff(np.concatenate([[0], figure[row].astype(np.int8), [0]])))
        near = [
            (a + b) / 2 for a, b in zip(edges[::2], edges[1::2], strict=True)
            if b - a > _LEAST_LEG * body.head and abs((a + b) / 2 - body.hip_axis) < body.head
        ]  # fmt: skip
        if len(near) == 2:
            at[f"right {part}"][0], at[f"left {part}"][0] = near
