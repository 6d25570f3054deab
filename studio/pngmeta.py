"""Pictures as files: which may be opened at all, PNG files, and the request inside one.

A PNG can say how it was made: the JSON lies in a text chunk named `toile`, so that a picture that
left the gallery can be opened again with all its settings. No torch in here.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from PIL import Image, PngImagePlugin

from studio.errors import BadInput
from studio.request import Recorded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHUNK = "toile"
MAX_CHUNK = 1 << 20

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


def read_request(source: bytes | Path) -> Recorded | None:
    """The request inside a PNG, or None where there is none (any other picture).

    Raises:
        BadInput: the file is no picture, or its request cannot be used.
    """
    try:
        with opened(source) as picture:
            if picture.format != "PNG":
                return None
            text = picture.info.get(CHUNK)
            if text is None:
                picture.load()  # a chunk may also stand after the pixels
                text = picture.info.get(CHUNK)
    except FileNotFoundError:
        raise BadInput(f"There is no picture “{source}”: check the path.") from None
    except NOT_OPENED:
        raise BadInput("The picture cannot be read: it is damaged or not a PNG.") from None
    if text is None:
        return None
    if len(text) > MAX_CHUNK:
        raise BadInput("The picture's settings are far too long to be Toile's: open another one.")
    return Recorded.from_json(text)
