"""Pictures that people give as references, and their masks, made safe to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.controls.garment import GarmentControl
from studio.desk.wish import Eyes, Files, Person
from studio.errors import BadInput
from studio.pngmeta import png_bytes

if TYPE_CHECKING:
    from studio.vision.garment_mask import GarmentMask

SIDE = 1024
"""Longest side of a kept photo, in pixels."""

_LEAST, _MOST = 0.002, 0.995
"""A mask that covers less or more of its picture than this is none."""

_EDGES = 0.9
"""A mask on more of the picture's edges than this is taken for one that is inverted."""

_CLEAR = (0.03, 0.97)
"""A picture so much of which is transparent is cut out: what is left of it is the garment."""


PERSON_SIDE = 2048
"""Longest side of a kept photo of a person, in pixels: what is tried on comes back at this size."""


def read_photo(data: bytes, side: int = SIDE) -> Image.Image:
    """Any picture as upright RGB on white, `side` pixels at most. Raises BadInput where it is
    none."""
    from studio.vision.pictures import load_picture

    picture = load_picture(data)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return picture


def remark(data: bytes) -> str:
    """What of a picture's file is not read, one sentence; else empty."""
    from studio.vision.pictures import load_layers

    return load_layers(data).remark


def cut_out(data: bytes, size: tuple[int, int]) -> NDArray[np.uint8] | None:
    """What is not transparent in a picture that was cut out, (height, width), 255 there; None
    for any other picture. `read_photo` must have accepted the data."""
    from studio.vision.pictures import load_layers

    layer = load_layers(data).alpha
    if layer is None:
        return None
    alpha = Image.fromarray(layer).resize(size, Image.Resampling.BOX)
    mask = np.where(np.asarray(alpha) > 127, 255, 0).astype(np.uint8)
    share = float((mask > 0).mean())
    return mask if 1 - _CLEAR[1] <= share <= 1 - _CLEAR[0] else None


def read_mask(data: bytes, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A given mask at a picture's size, (height, width), 255 where it is marked.

    Raises:
        BadInput: no picture, one of other proportions, one that marks nothing or everything, or
            one that is painted the other way round.
    """
    from studio.vision.garment_mask import user_mask
    from studio.vision.pictures import load_mask

    return upright(checked(user_mask(load_mask(data), size)))


def kept_mask(files: Files, sha: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A kept mask at a picture's size, (height, width), 255 where it is marked."""
    from studio.vision.garment_mask import user_mask
    from studio.vision.pictures import load_mask

    return user_mask(load_mask(files.picture(sha)), size)


def upright(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A mask of something within a picture. Raises BadInput where it rather marks what is around
    it: nearly all of the edges, and not the middle."""
    on = mask > 127
    edges = np.concatenate([on[0], on[-1], on[:, 0], on[:, -1]])
    if edges.mean() > _EDGES and on.mean() > 0.5:
        raise BadInput(
            "The mask marks the picture's edges and leaves its middle out: paint white what it "
            "shall cover and leave the rest black, or invert it."
        )
    return mask


def checked(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A mask of 0 and 255. Raises BadInput where it marks nothing or everything."""
    on = np.asarray(mask) > (127 if np.max(mask, initial=0) > 1 else 0)
    share = float(on.mean()) if on.size else 0.0
    if share < _LEAST:
        raise BadInput("The mask is empty: paint what it shall cover white.")
    if share > _MOST:
        raise BadInput("The mask covers the whole picture: erase what does not belong to it.")
    return np.where(on, 255, 0).astype(np.uint8)


def kept(files: Files, sha: str) -> Image.Image:
    """A kept photo, RGB."""
    from studio.vision.pictures import load_picture

    return load_picture(files.picture(sha))


def framed(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mask of a person in the square frame of their photo."""
    from studio.vision.framing import squared

    return np.asarray(squared(Image.fromarray(mask), ground=0))


def unframed(files: Files, person: Person) -> Image.Image:
    """The photo of a person without the frame around it."""
    from studio.vision.framing import unsquared

    return unsquared(kept(files, person.picture), person.aspect)


def take(data: bytes, files: Files) -> str:
    """Keep a photo; its SHA-256. Raises BadInput where it is none."""
    return files.keep_picture(png_bytes(read_photo(data)))


def take_person(data: bytes, files: Files) -> Person:
    """Keep the photo of a person in a square frame. Raises BadInput where it is none."""
    from studio.vision.framing import squared

    picture = read_photo(data, PERSON_SIDE)
    aspect = round(picture.width / picture.height, 4)
    return Person(picture=files.keep_picture(png_bytes(squared(picture))), aspect=aspect)


def with_mask(person: Person, data: bytes, files: Files) -> Person:
    """The person with a mask that was given for the photo as it is, without its frame.

    Raises:
        BadInput: no mask, or one of other proportions.
    """
    mask = read_mask(data, unframed(files, person).size)
    return person.replaced(mask=files.keep_picture(png_bytes(framed(mask))))


def take_garment(data: bytes, files: Files) -> tuple[str, str | None]:
    """Keep the photo of a garment; its SHA-256, and that of its mask where it was cut out by its
    maker. Raises BadInput where it is none."""
    picture = read_photo(data)
    clear = cut_out(data, picture.size)
    mask = None if clear is None else files.keep_picture(png_bytes(clear))
    return files.keep_picture(png_bytes(picture)), mask


def look(garment: GarmentControl, eyes: Eyes, files: Files) -> GarmentMask:
    """The garment in its photo, by its own mask where it has one.

    Raises:
        BadInput: there is none.
    """
    photo = kept(files, garment.picture)
    if garment.mask is None:
        return eyes.garment_mask(photo, garment.part)
    return eyes.garment_mask(photo, garment.part, kept_mask(files, garment.mask, photo.size))
