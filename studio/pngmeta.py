"""Pictures as files: which may be opened at all, PNG files, and the request inside one.

A PNG says how it was made, wherever it goes: the JSON lies in a text chunk named `toile`. No torch
in here.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from PIL import Image, PngImagePlugin

from studio.request import Recorded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHUNK = "toile"

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "AVIF", "BMP")
"""What is read as a picture. Pillow knows forty more, and hands some of them to other programs:
an EPS file is a program of its own, which Ghostscript would run."""

NOT_OPENED = (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError)
"""What opening and decoding a picture can raise that is none, or is damaged or far too large."""


def opened(source: bytes | Path | IO[bytes], formats: tuple[str, ...] = FORMATS) -> Image.Image:
    """A picture of one of the allowed kinds, told by its contents; not decoded yet.

    Nobody else opens pictures, see `tests/test_house.py`.

    Raises:
        OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError: see `NOT_OPENED`.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    return Image.open(file, formats=formats)


def png_bytes(picture: Image.Image | NDArray[np.uint8], **how: Any) -> bytes:
    """A picture, or its pixels, as a PNG file. The same picture gives the same bytes.

    Args:
        how: what Pillow's writer of PNG files may be told besides.
    """
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **how)
    return buffer.getvalue()


def write_png(picture: Image.Image, recorded: Recorded) -> bytes:
    """The picture as PNG bytes with its request inside.

    The same picture and request give the same bytes.
    """
    info = PngImagePlugin.PngInfo()
    info.add_itxt(CHUNK, recorded.to_json(), zip=False)
    return png_bytes(picture, pnginfo=info)
