"""Where the picture is taken: paper for a flat lay, a blurred scene behind a wearer."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from trainer.data.cloth import RGB, blend, filled

_SCENE = 96
"""Scenes are painted small and enlarged: that is their depth of field."""


def paint_ground(ground: str, worn: bool, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The empty ground, (size, size, 3) uint8."""
    if ground in ("white", "grey"):
        return _backdrop(ground, worn, size, rng)

    surface = skia.Surface(_SCENE, _SCENE)
    canvas = surface.getCanvas()
    {"park": _park, "street": _street, "beach": _beach, "room": _room}[ground](canvas, rng)
    image = surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType)[..., :3]
    image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(1.3, 2.4)))
    image = cv2.resize(image, (size, size), interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(image)


def _backdrop(ground: str, worn: bool, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    level = rng.uniform(243, 251) if ground == "white" else rng.uniform(186, 206)
    warm = rng.uniform(-3, 2.5)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size - 0.5
    slope = rng.uniform(-5, 5) * x + rng.uniform(-9, -1) * y
    fall = -rng.uniform(6, 16) * (x * x + y * y) * (2.0 if ground == "grey" else 1.0)
    field = level + slope + fall
    if worn:
        field -= 9 * np.clip((y - 0.34) * 6, 0, 1)
    image = np.stack([field, field - 0.2 * abs(warm), field - warm], -1)
    return np.clip(image, 0, 254).astype(np.uint8)


def _rect(x: float, y: float, w: float, h: float) -> Any:

    return skia.Rect.MakeXYWH(x, y, w, h)


def _bands(canvas: Any, colours: list[RGB], edges: list[float]) -> None:
    """Horizontal bands, each shaded a little downwards."""
    for i, colour in enumerate(colours):
        top, bottom = edges[i], edges[i + 1]
        rows = max(int(bottom - top), 1)
        for k in range(rows):
            c = blend(colour, (255, 255, 255), 0.18 * (1 - k / rows))
            canvas.drawRect(_rect(0, top + k, _SCENE, 1.5), filled(c))


def _park(canvas: Any, rng: np.random.Generator) -> None:
    horizon = rng.uniform(50, 64)
    _bands(canvas, [(176, 208, 226), (122, 164, 84)], [0, horizon, _SCENE])
    for _ in range(16):
        x, y = rng.uniform(-6, 102), rng.uniform(8, horizon)
        green = blend((64, 112, 58), (148, 178, 92), float(rng.random()))
        canvas.drawCircle(x, y, float(rng.uniform(8, 18)), filled(green, 215))
    for _ in range(3):
        x = float(rng.uniform(4, 92))
        canvas.drawRect(_rect(x, horizon - 26, 3.5, 30), filled((92, 70, 52)))


def _street(canvas: Any, rng: np.random.Generator) -> None:
    horizon = rng.uniform(62, 72)
    _bands(canvas, [(204, 212, 220), (142, 142, 146)], [0, horizon, _SCENE])
    x = -4.0
    while x < _SCENE:
        w, h = float(rng.uniform(16, 28)), float(rng.uniform(34, 66))
        wall = blend((170, 142, 122), (124, 130, 142), float(rng.random()))
        canvas.drawRect(_rect(x, horizon - h, w, h), filled(wall))
        for row in range(int(h // 9)):
            for column in range(int(w // 7)):
                window = blend((66, 76, 92), (238, 214, 158), float(rng.random() < 0.3))
                canvas.drawRect(
                    _rect(x + 2 + column * 7, horizon - h + 3 + row * 9, 4, 5.5),
                    filled(window, 220),
                )
        x += w + float(rng.uniform(0, 3))
    canvas.drawRect(_rect(0, horizon, _SCENE, 3), filled((178, 176, 172)))


def _beach(canvas: Any, rng: np.random.Generator) -> None:
    horizon, shore = rng.uniform(38, 48), rng.uniform(60, 70)
    _bands(
        canvas,
        [(162, 206, 236), (70, 146, 176), (230, 212, 172)],
        [0, horizon, shore, _SCENE],
    )
    for _ in range(3):
        x, y = float(rng.uniform(0, 80)), float(rng.uniform(4, 26))
        canvas.drawOval(_rect(x, y, float(rng.uniform(16, 34)), 6), filled((250, 250, 252), 190))
    canvas.drawRect(_rect(0, shore - 1.5, _SCENE, 3), filled((244, 248, 248)))


def _room(canvas: Any, rng: np.random.Generator) -> None:
    floor = rng.uniform(74, 82)
    walls: list[RGB] = [(224, 210, 192), (206, 214, 208), (214, 202, 206)]
    _bands(canvas, [walls[int(rng.integers(3))], (164, 126, 92)], [0, floor, _SCENE])
    x = float(rng.choice((6.0, 62.0)))
    canvas.drawRect(_rect(x, 10, 27, 36), filled((250, 250, 248)))
    canvas.drawRect(_rect(x + 2.5, 12.5, 22, 31), filled((190, 216, 234)))
    canvas.drawRect(_rect(x + 12.4, 12.5, 2.2, 31), filled((250, 250, 248)))
    plant = 84.0 - x
    for _ in range(7):
        canvas.drawCircle(
            plant + float(rng.uniform(-8, 8)),
            floor - 26 + float(rng.uniform(-12, 10)),
            6.5,
            filled((86, 126, 82), 220),
        )
    canvas.drawRect(_rect(plant - 5, floor - 12, 10, 14), filled((196, 122, 84)))
    canvas.drawRect(_rect(0, floor - 1.5, _SCENE, 2.5), filled((244, 240, 232)))
