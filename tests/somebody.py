"""A person made up: a body painted around its joints, and the networks' own numbers for it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from PIL import Image

from studio.vision.people import People

SIZE = 384, 512
FLESH, CLOTH, GREY = (205, 150, 120), (40, 80, 150), (150, 160, 150)

_STANDING = {
    0: (192, 70), 11: (232, 130), 12: (152, 130), 13: (246, 195), 14: (138, 195), 15: (250, 255),
    16: (134, 255), 23: (216, 255), 24: (168, 255), 25: (218, 355), 26: (166, 355),
    27: (218, 450), 28: (166, 450), 31: (222, 470), 32: (162, 470),
}  # fmt: skip
POSTURES: dict[str, dict[int, tuple[int, int]]] = {
    "standing": {},
    "hand on the hip": {13: (290, 195), 15: (225, 245)},
    "arm raised": {14: (110, 80), 16: (120, 25)},
    "sitting": {25: (250, 300), 26: (134, 300), 27: (255, 400), 28: (129, 400),
                31: (262, 420), 32: (122, 420)},
    "arms crossed": {13: (250, 190), 15: (165, 180), 14: (134, 190), 16: (219, 200)},
}  # fmt: skip
"""Posture -> where joints are that are elsewhere than of somebody who stands, in pixels."""


def points_of(posture: str, down: int = 0) -> np.ndarray:
    """(33, 3) BlazePose's points of a posture; `down` moves all of it."""
    at = {k: np.array(v, float) for k, v in (_STANDING | POSTURES[posture]).items()}
    face = {1: (8, -8), 2: (10, -8), 3: (13, -8), 4: (-8, -8), 5: (-10, -8), 6: (-13, -8),
            7: (20, -4), 8: (-20, -4), 9: (7, 14), 10: (-7, 14)}  # fmt: skip
    at |= {k: at[0] + v for k, v in face.items()}
    for wrist, elbow, fingers in ((15, 13, (17, 19, 21)), (16, 14, (18, 20, 22))):
        way = (at[wrist] - at[elbow]) / np.linalg.norm(at[wrist] - at[elbow])
        at |= {k: at[wrist] + 16 * way for k in fingers}
    at |= {29: at[27] + (0, 15), 30: at[28] + (0, 15)}
    table = np.ones((33, 3), np.float32)
    table[:, :2] = [at[i] for i in range(33)]
    table[:, 1] += down
    return table


def somebody(
    posture: str = "standing", down: int = 0, size: tuple[int, int] = SIZE, **values: Any
) -> tuple[Image.Image, People, dict[str, np.ndarray]]:
    """A body painted around its joints, what the networks say of it, and where its parts are."""
    width, height = size
    points = points_of(posture, down)
    at = points[:, :2].round().astype(int)
    picture = np.full((height, width, 3), GREY, np.uint8)
    where: dict[str, np.ndarray] = {}

    def paint(name: str, colour: tuple[int, int, int], *lines: tuple[int, ...], thick: int) -> None:
        mask = np.zeros((height, width), np.uint8)
        for line in lines:
            cv2.polylines(mask, [at[list(line)]], False, 255, thick)
            if len(line) > 3:
                cv2.fillPoly(mask, [at[list(line)]], 255)
        picture[mask > 0] = colour
        for other in where.values():
            other[mask > 0] = False
        where[name] = mask > 0

    paint("legs", (90, 90, 100), (23, 25, 27), (24, 26, 28), thick=34)
    paint("trunk", CLOTH, (11, 12, 24, 23, 11), thick=14)
    paint("neck", FLESH, (0, 11), (0, 12), thick=14)
    paint("arms", (70, 110, 180), (11, 13, 15), (12, 14, 16), thick=20)
    paint("hands", FLESH, (15, 19), (16, 20), thick=20)
    head = np.zeros((height, width), np.uint8)
    cv2.ellipse(head, at[0].tolist(), (22, 30), 0, 0, 360, 255, -1)
    picture[head > 0] = FLESH
    for other in where.values():
        other[head > 0] = False
    where["head"] = head > 0
    body = np.any(list(where.values()), 0).astype(np.float32)
    told = {"points": points, "score": 0.99, "body": body, "person": body, "faces": ()} | values
    return Image.fromarray(picture), People(**told), where
