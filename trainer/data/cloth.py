"""What cloth looks like: pattern tiles for skia and weave textures as gain maps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from studio.garment.spec import GarmentSpec
from studio.garment.vocabulary import COLOURS

SIZE = 256
RGB = tuple[float, float, float]
_TILE = 64


@dataclass(frozen=True)
class Cloth:
    """The cloth of one garment.

    Attributes:
        base: mean colour, RGB 0..255.
        accent: the pattern's second colour.
        sheen: 0 matt .. 1 glossy; deepens folds and adds highlights.
        stripes_down: True where stripes run along the body.
        pitch: the pattern's repeat in body units.
    """

    base: RGB
    accent: RGB
    third: RGB
    pattern: str
    fabric: str
    sheen: float
    stripes_down: bool
    pitch: float


class Fabric(NamedTuple):
    """How a fabric looks.

    Attributes:
        sheen: as `Cloth` has it. crease: how deep its folds are. weave: how much its weave shows.
    """

    sheen: float
    crease: float
    weave: float


FABRIC = {
    "cotton": Fabric(0.25, 1.0, 0.010),
    "linen": Fabric(0.15, 1.25, 0.026),
    "wool": Fabric(0.1, 0.7, 0.030),
    "denim": Fabric(0.2, 0.9, 0.030),
    "knit": Fabric(0.12, 0.55, 0.042),
    "satin": Fabric(0.95, 1.3, 0.008),
    "leather": Fabric(0.8, 1.1, 0.014),
    "corduroy": Fabric(0.3, 0.8, 0.048),
}


def luma(c: RGB) -> float:
    """Perceived lightness, 0..255 (Rec. 601 weights)."""
    return 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2]


def shade(c: RGB, factor: float) -> RGB:
    """A colour made darker or lighter."""
    return tuple(min(255.0, max(0.0, v * factor)) for v in c)  # type: ignore[return-value]


def blend(a: RGB, b: RGB, t: float) -> RGB:
    """From a to b."""
    return tuple(x + (y - x) * t for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


def dye(spec: GarmentSpec, rng: np.random.Generator) -> Cloth:
    """Choose the cloth of a garment: the named colour, slightly off as real dyes are."""
    base = np.array(COLOURS[spec.colour].rgb, np.float64) + rng.normal(0, 3.0)
    base += rng.normal(0, 1.3, 3)
    base_rgb: RGB = tuple(np.clip(base, 12, 247))  # type: ignore[assignment]
    light = luma(base_rgb) > 128
    cream, ink = (246.0, 243.0, 234.0), (34.0, 34.0, 44.0)
    if spec.colour == "white":
        accent: RGB = [(52.0, 66.0, 110.0), (120.0, 122.0, 128.0), (178.0, 60.0, 62.0), ink][
            int(rng.integers(4))
        ]
    elif spec.colour == "black":
        accent = [cream, (168.0, 168.0, 172.0)][int(rng.integers(2))]
    elif light:
        accent = cream if rng.random() < 0.5 and luma(base_rgb) < 190 else shade(base_rgb, 0.42)
    else:
        accent = blend(base_rgb, cream, float(rng.uniform(0.72, 0.95)))
    third = [(196.0, 70.0, 88.0), (230.0, 178.0, 70.0), (96.0, 140.0, 96.0)][int(rng.integers(3))]
    return Cloth(
        base_rgb,
        accent,
        third,
        spec.pattern,
        spec.fabric,
        FABRIC[spec.fabric].sheen,
        bool(rng.random() < 0.4),
        float(rng.uniform(11.0, 17.0)),
    )


def skia_colour(c: RGB, alpha: float = 255) -> int:
    """A colour as skia wants it."""

    r, g, b = (int(min(255, max(0, v))) for v in c)
    return skia.Color(r, g, b, int(min(255, max(0, alpha))))


def filled(c: RGB, alpha: float = 255) -> Any:
    """A paint that fills."""

    return skia.Paint(Color=skia_colour(c, alpha), AntiAlias=True)


def stroked(c: RGB, width: float, alpha: float, blur: float, **how: Any) -> Any:
    """A paint that draws lines, blurred by so many units."""

    paint = skia.Paint(
        Color=skia_colour(c, alpha),
        AntiAlias=True,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        **how,
    )
    if blur:
        paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    return paint


def pattern_shader(cloth: Cloth, tone: float, grain: float, origin: tuple[float, float]) -> Any:
    """A skia shader that repeats the cloth's pattern, or None where it is plain.

    Args:
        tone: factor on lightness.
        grain: rotation in degrees; origin: where the repeat starts, in body units.
    """

    if cloth.pattern == "plain":
        return None
    tile = _tile(cloth, round(tone, 2))
    matrix = skia.Matrix()
    pitch = cloth.pitch * (1.5 if cloth.pattern == "floral" else 1.0)
    matrix.setScale(pitch / _TILE, pitch / _TILE)
    matrix.postRotate(grain + (90 if cloth.pattern == "striped" and cloth.stripes_down else 0))
    matrix.postTranslate(*origin)
    return tile.makeShader(
        skia.TileMode.kRepeat,
        skia.TileMode.kRepeat,
        skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear),
        matrix,
    )


@lru_cache(maxsize=16)
def _tile(cloth: Cloth, tone: float) -> Any:

    n = _TILE
    surface = skia.Surface(n, n)
    canvas = surface.getCanvas()
    base, accent, third = (shade(c, tone) for c in (cloth.base, cloth.accent, cloth.third))
    canvas.clear(skia_colour(base))

    if cloth.pattern == "striped":
        wide = 0.30 + (cloth.pitch - 11) / 6 * 0.15
        canvas.drawRect(skia.Rect.MakeXYWH(0, n * 0.3, n, n * wide), filled(accent))
    elif cloth.pattern == "checked":
        canvas.drawRect(skia.Rect.MakeXYWH(0, n * 0.2, n, n * 0.46), filled(accent, 135))
        canvas.drawRect(skia.Rect.MakeXYWH(n * 0.2, 0, n * 0.46, n), filled(accent, 135))
    elif cloth.pattern == "dotted":
        for x, y in ((0.25, 0.25), (0.75, 0.75)):
            canvas.drawCircle(n * x, n * y, n * 0.145, filled(accent))
    elif cloth.pattern == "floral":
        spots = ((0.26, 0.28, accent, 0.0), (0.76, 0.74, third, 0.6))
        for x, y, petal, turn in spots:
            for k in range(5):
                angle = turn + k * 2 * np.pi / 5
                px, py = n * (x + 0.105 * np.cos(angle)), n * (y + 0.105 * np.sin(angle))
                canvas.drawCircle(px, py, n * 0.085, filled(petal))
            canvas.drawCircle(n * x, n * y, n * 0.05, filled(blend(petal, (250, 214, 90), 0.75)))
        leaf = filled(blend((70, 118, 72), base, 0.25))
        for x, y in ((0.74, 0.26), (0.24, 0.76)):
            canvas.drawOval(
                skia.Rect.MakeXYWH(n * (x - 0.12), n * (y - 0.045), n * 0.24, n * 0.09), leaf
            )
    return surface.makeImageSnapshot()


def smooth_noise(rng: np.random.Generator, cells: int, size: int = SIZE) -> NDArray[np.float32]:
    """(size, size) normal noise of so many cells a side, smooth between them."""
    coarse = rng.standard_normal((cells, cells)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)


@lru_cache(maxsize=1)
def _light_bank() -> list[NDArray[np.float32]]:
    """Slow unevenness of light on cloth, zero mean and unit deviation."""
    rng = np.random.default_rng(20)
    bank = []
    for _ in range(12):
        field = smooth_noise(rng, 5) + 0.6 * smooth_noise(rng, 10) + 0.3 * smooth_noise(rng, 20)
        bank.append(((field - field.mean()) / field.std()).astype(np.float32))
    return bank


@lru_cache(maxsize=8)
def _weave(fabric: str) -> NDArray[np.float32]:
    """The fabric's fine texture, zero mean and unit deviation, (SIZE, SIZE)."""
    rng = np.random.default_rng(21)
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    noise = rng.standard_normal((SIZE, SIZE)).astype(np.float32)
    if fabric == "denim":
        field = np.sin((x + y) * 2 * np.pi / 3.6) + 0.7 * cv2.GaussianBlur(noise, (3, 3), 0.7)
        field += 1.2 * cv2.blur(noise, (1, 9))
    elif fabric == "knit":
        phase = np.abs((x % 5.0) - 2.5)
        field = np.sin((y + phase * 1.4) * 2 * np.pi / 4.2) + 0.8 * np.cos(x * 2 * np.pi / 5.0)
        field += 0.5 * cv2.GaussianBlur(noise, (3, 3), 0.8)
    elif fabric == "corduroy":
        field = 1.6 * np.cos(x * 2 * np.pi / 4.6) + 0.6 * cv2.GaussianBlur(noise, (3, 3), 0.8)
    elif fabric == "linen":
        field = 1.2 * cv2.blur(noise, (13, 1)) + 1.2 * cv2.blur(noise, (1, 13))
        field += 0.25 * cv2.GaussianBlur(noise, (3, 3), 0.6)
    elif fabric == "wool":
        field = cv2.GaussianBlur(noise, (5, 5), 1.1) + 0.25 * cv2.GaussianBlur(noise, (3, 3), 0.6)
    elif fabric == "leather":
        field = cv2.GaussianBlur(noise, (7, 7), 1.6)
        field = np.abs(field) * 2 + 0.4 * cv2.GaussianBlur(noise, (3, 3), 0.8)
    elif fabric == "satin":
        field = cv2.blur(noise, (1, 21)) + cv2.GaussianBlur(noise, (3, 3), 0.8) * 0.2
    else:
        field = cv2.GaussianBlur(noise, (3, 3), 0.7) + 0.5 * cv2.blur(noise, (7, 1))
    field = field.astype(np.float32)
    return (field - field.mean()) / field.std()


def texture(cloth: Cloth, rng: np.random.Generator) -> NDArray[np.float32]:
    """Gain map of the cloth's weave and of uneven light, (SIZE, SIZE), mean 1."""
    light = _light_bank()[int(rng.integers(12))]
    if rng.random() < 0.5:
        light = light[:, ::-1]
    if rng.random() < 0.5:
        light = light[::-1]
    weave = np.roll(
        _weave(cloth.fabric), (int(rng.integers(SIZE)), int(rng.integers(SIZE))), (0, 1)
    )
    depth = FABRIC[cloth.fabric].weave * (1.6 if luma(cloth.base) < 70 else 1.0)
    gain = 1 + (0.028 + 0.05 * cloth.sheen) * light + depth * weave
    return gain.astype(np.float32, copy=False)
