"""Any picture that a user gives, safely, and ink as it is stored.

Nothing here trusts the file: it is checked for size before its pixels are decoded, and every way
in which it can be unusable is one `BadInput` sentence.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from studio.errors import BadInput
from studio.pngmeta import NOT_OPENED, opened, png_bytes

Ink = NDArray[np.uint8]
"""(H, W), 255 where there is ink, 0 where there is paper."""
Mask = NDArray[np.bool_]
"""(H, W), where something is."""

MAX_PIXELS = 100_000_000
MAX_BYTES = 64 * 2**20
MAX_ASPECT = 20
MIN_SIDE = 8
WORKING_SIDE = 2048
"""Larger pictures are reduced to this before anything is computed: ink is needed far smaller."""


def _open(source: bytes | Path | Image.Image) -> Image.Image:
    if isinstance(source, Image.Image):
        return source
    data = source
    if isinstance(source, Path):
        try:
            if source.stat().st_size > MAX_BYTES:
                raise BadInput(
                    f"“{source.name}” is larger than {MAX_BYTES >> 20} MiB: give a smaller picture."
                )
            data = source.read_bytes()
        except FileNotFoundError:
            raise BadInput(f"There is no picture “{source}”: check the path.") from None
        except OSError as error:
            raise BadInput(f"“{source}” cannot be read ({error.strerror}).") from None
    assert isinstance(data, bytes)
    if not data:
        raise BadInput("The picture is empty: it has no bytes; save or send it again.")
    if len(data) > MAX_BYTES:
        raise BadInput(f"The picture is larger than {MAX_BYTES >> 20} MiB: give a smaller one.")
    try:
        return opened(data)
    except UnidentifiedImageError:
        raise BadInput(
            "The file is not a picture that can be read: give a PNG, JPEG or WebP."
        ) from None
    except Image.DecompressionBombError:
        raise _too_large() from None
    except NOT_OPENED:  # such as a text chunk that unpacks to 100 MB
        raise _damaged() from None


def _damaged() -> BadInput:
    return BadInput("The picture is damaged or cut off: save or send it again in full.")


def _too_large() -> BadInput:
    return BadInput(
        f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels: reduce it first."
    )


def _decode(source: bytes | Path | Image.Image) -> Image.Image:
    """Open, check and decode; upright, reduced to the working size, in its own mode."""
    with warnings.catch_warnings():
        # Our own limit below is the one that counts.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        picture = _open(source)
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise _too_large()
        if min(width, height) < MIN_SIDE:
            raise BadInput(
                f"The picture is {width} x {height} pixels: give one of at least "
                f"{MIN_SIDE} x {MIN_SIDE}."
            )
        if max(width, height) > MAX_ASPECT * min(width, height):
            raise BadInput(
                f"The picture is {width} x {height} pixels, far too narrow: crop it to the garment."
            )
        try:
            if picture.format == "JPEG":
                picture.draft(None, (WORKING_SIDE, WORKING_SIDE))
            picture.load()
            picture = ImageOps.exif_transpose(picture)
        except NOT_OPENED:
            raise _damaged() from None
    return picture


def _reduced(picture: Image.Image) -> Image.Image:
    if max(picture.size) <= WORKING_SIDE:
        return picture
    picture = picture.copy()
    picture.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return picture


def _sixteen_bit_to_eight(picture: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits spread over 0..255 (a plain conversion would clip it)."""
    values = np.asarray(picture, dtype=np.float64)
    finite = np.isfinite(values)
    if not finite.all():
        values = np.where(finite, values, 0.0)
    if picture.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
    else:
        low, high = float(values.min()), float(values.max())
        if low >= 0 and high <= 255:
            low, high = 0.0, 255.0
        elif low >= 0 and high <= 65535:
            low, high = 0.0, 65535.0
    scaled = (values - low) * (255.0 / max(high - low, 1e-9))
    return Image.fromarray(np.clip(scaled + 0.5, 0, 255).astype(np.uint8))


def load_picture(source: bytes | Path | Image.Image) -> Image.Image:
    """Any picture, safely, as upright RGB on white of at most 2048 pixels a side.

    EXIF rotation is applied; palettes, CMYK and 16-bit grey are converted; transparency is laid on
    white.

    Raises:
        BadInput: not a picture, empty, cut off, smaller than 8 x 8, more than 100 million pixels.
    """
    picture = _decode(source)
    try:
        if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
            picture = _sixteen_bit_to_eight(picture)
        if picture.has_transparency_data:
            rgba = _reduced(picture.convert("RGBA"))
            white = Image.new("RGBA", rgba.size, "white")
            return Image.alpha_composite(white, rgba).convert("RGB")
        return _reduced(picture.convert("RGB"))
    except (OSError, ValueError, MemoryError):
        raise BadInput(
            "The picture's colours cannot be converted: save it as a plain PNG or JPEG."
        ) from None


def ink_png(ink: Ink) -> bytes:
    """The stored form of a sketch: an 8-bit grey PNG, white where there is ink."""
    return png_bytes(ink)


def read_ink(data: bytes) -> Ink:
    """The inverse of `ink_png`. Raises BadInput where the stored sketch cannot be read."""
    return np.asarray(load_picture(data).convert("L"), np.uint8)
