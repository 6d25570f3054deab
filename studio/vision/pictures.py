"""Any picture that a user gives, safely, and ink as it is stored.

Nothing here trusts the file: it is checked for size before its pixels are decoded, and every way
in which it can be unusable is one `BadInput` sentence.
"""

from __future__ import annotations

import stat
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from studio.errors import BadInput
from studio.pngmeta import NOT_OPENED, opened

Ink = NDArray[np.uint8]
"""(H, W), 255 where there is ink, 0 where there is paper."""
Mask = NDArray[np.bool_]
"""(H, W), where something is."""

MAX_PIXELS = 100_000_000
MAX_BYTES = 64 * 2**20
MAX_ASPECT = 20
MIN_SIDE = 8
_SEVERAL = ("GIF", "WEBP", "PNG", "AVIF", "TIFF")
_GREY, _BOTH, _FULL = 24.0, 0.02, 200
"""Of a mask on a clear layer: the most colour of black and white paint, the least part of either
that is no soft edge, and the least opacity of paint whose brightness can be told."""

WORKING_SIDE = 2048
"""Larger pictures are reduced to this before anything is computed: ink is needed far smaller."""


def file_bytes(path: Path) -> bytes:
    """The bytes of a picture's file. Raises BadInput, with a sentence for whatever is wrong."""
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise BadInput(
                f"“{path}” is a folder: give one picture of it, such as {path.name}/photo.png."
            )
        if not stat.S_ISREG(found.st_mode):  # a device or a pipe may never end
            raise BadInput(f"“{path}” is no file of a picture: give a PNG, JPEG or WebP.")
        if found.st_size > MAX_BYTES:
            raise BadInput(
                f"“{path.name}” is larger than {MAX_BYTES >> 20} MiB: give a smaller picture."
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"There is no picture “{path}”: check the path.") from None
    except OSError as error:
        raise BadInput(
            f"“{path}” cannot be read ({error.strerror}): give a file that you may read."
        ) from None


def _open(source: bytes | Path | Image.Image) -> Image.Image:
    if isinstance(source, Image.Image):
        return source
    data = file_bytes(source) if isinstance(source, Path) else source
    if not data:
        raise BadInput("The picture is empty: it has no bytes; save or send it again.")
    if len(data) > MAX_BYTES:
        raise BadInput(f"The picture is larger than {MAX_BYTES >> 20} MiB: give a smaller one.")
    try:
        return opened(data)
    except UnidentifiedImageError:
        what = _unread(data)
        if what:
            raise BadInput(
                f"{what} cannot be read as a picture: save or send it as a JPEG or PNG."
            ) from None
        raise BadInput(
            "The file is not a picture that can be read: give a PNG, JPEG or WebP."
        ) from None
    except Image.DecompressionBombError:
        raise _too_large() from None
    except NOT_OPENED:  # such as a text chunk that unpacks to 100 MB
        raise _damaged() from None


def _unread(data: bytes) -> str:
    """What people often give that is a picture and cannot be read; empty for anything else."""
    brands = data[8:32] if data[4:8] == b"ftyp" else b""
    if any(brand in brands for brand in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1")):
        return "HEIC, the photos of an iPhone,"
    if data[:4] == b"%PDF":
        return "A PDF"
    head = data[:512].lstrip().lower()
    if head.startswith(b"<svg") or (head.startswith(b"<?xml") and b"<svg" in head):
        return "An SVG drawing"
    if data[4:8] == b"ftyp" or data[:4] == b"\x1aE\xdf\xa3":
        return "A film"
    if data[:4] in (b"II*\0", b"MM\0*") or data[:4] == b"8BPS":
        return "A camera's raw file or a layered document"
    return ""


def _damaged() -> BadInput:
    return BadInput("The picture is damaged or cut off: save or send it again in full.")


def _too_large() -> BadInput:
    return BadInput(
        f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels: reduce it first."
    )


def _decode(source: bytes | Path | Image.Image) -> tuple[Image.Image, str]:
    """Open, check and decode: upright, in its own mode; and what of the file is not read."""
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
            remark = _remark(picture)
            upright = ImageOps.exif_transpose(picture)
        except NOT_OPENED:
            raise _damaged() from None
    return upright, remark


def _remark(picture: Image.Image) -> str:
    """A sentence where a file holds more pictures than the one that is read."""
    if picture.format not in _SEVERAL or getattr(picture, "n_frames", 1) < 2:
        return ""
    what = "page" if picture.format == "TIFF" else "frame"
    return f"Of a {picture.format} with {picture.n_frames} {what}s only the first one is read."  # type: ignore[attr-defined]


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


@dataclass(frozen=True)
class Layers:
    """A picture and what its file says of its transparency.

    Attributes:
        picture: upright RGB on white.
        alpha: (H, W) the opacity, where any part of the picture is transparent; else None.
        remark: what of the file was not read, one sentence; else empty.
    """

    picture: Image.Image
    alpha: NDArray[np.uint8] | None = None
    remark: str = ""


def load_layers(source: bytes | Path | Image.Image) -> Layers:
    """Any picture, safely, as upright RGB of at most 2048 pixels a side, its opacity beside it.

    EXIF rotation is applied; palettes, CMYK and 16-bit grey are converted.

    Raises:
        BadInput: not a picture, empty, cut off, smaller than 8 x 8, more than 100 million pixels.
    """
    picture, remark = _decode(source)
    try:
        if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
            picture = _sixteen_bit_to_eight(picture)
        if not picture.has_transparency_data:
            return Layers(_reduced(picture.convert("RGB")), None, remark)
        rgba = _reduced(picture.convert("RGBA"))
        alpha = np.array(rgba.getchannel("A"), np.uint8)
        return Layers(on_white(rgba), alpha if alpha.min() < 255 else None, remark)
    except (OSError, ValueError, MemoryError):
        raise BadInput(
            "The picture's colours cannot be converted: save it as a plain PNG or JPEG."
        ) from None


def on_white(picture: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white."""
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return picture.convert("RGB")


def load_picture(source: bytes | Path | Image.Image) -> Image.Image:
    """The picture of `load_layers`, for whoever has no use for its transparency."""
    return load_layers(source).picture


def load_mask(source: bytes | Path | Image.Image) -> NDArray[np.uint8]:
    """A painted mask, (H, W), above 127 where it is marked, in either convention.

    Brightness counts: white is marked. Of what was painted on a clear layer, in whatever colour,
    the paint is marked; where a layer holds white and black paint, only the white.

    Raises:
        BadInput: see `load_layers`.
    """
    layers = load_layers(source)
    grey = np.asarray(layers.picture.convert("L"), np.uint8)
    if layers.alpha is None:
        return grey
    paint = layers.alpha > max(int(layers.alpha.max()) // 2, 1)
    colours = np.asarray(layers.picture, np.int16)[paint]
    plain = bool(len(colours)) and float(np.ptp(colours, axis=1).mean()) < _GREY
    bright = float((grey[paint] > 127).mean()) if len(colours) else 0.0
    # A brush that covers half is laid on white here: only full paint tells its brightness.
    full = plain and int(layers.alpha.max()) > _FULL
    if full and _BOTH < bright < 1 - _BOTH:
        paint &= grey > 127
    return np.where(paint, 255, 0).astype(np.uint8)


def read_ink(data: bytes) -> Ink:
    """The ink of a stored sketch, an 8-bit grey PNG, white where there is ink. Raises BadInput."""
    return np.asarray(load_picture(data).convert("L"), np.uint8)
