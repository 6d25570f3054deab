"""Pictures as PNG files, and the request inside: a PNG can say how it was made.

The JSON lies in a text chunk named `toile`, so that a picture that left the gallery can be opened
again with all its settings. No torch in here.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, PngImagePlugin

from studio.errors import BadInput
from studio.request import Recorded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHUNK = "toile"
MAX_CHUNK = 1 << 20


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
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as picture:
            if picture.format != "PNG":
                return None
            text = picture.info.get(CHUNK)
            if text is None:
                picture.load()  # a chunk may also stand after the pixels
                text = picture.info.get(CHUNK)
    except FileNotFoundError:
        raise BadInput(f"There is no picture “{source}”: check the path.") from None
    except (OSError, SyntaxError, ValueError):
        raise BadInput("The picture cannot be read: it is damaged or not a PNG.") from None
    if text is None:
        return None
    if len(text) > MAX_CHUNK:
        raise BadInput("The picture's settings are far too long to be Toile's: open another one.")
    return Recorded.from_json(text)
