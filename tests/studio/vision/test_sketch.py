"""Ink out of whatever a user sends, or one sentence that says what to send instead."""

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from studio.errors import BadInput
from studio.pngmeta import png_bytes
from studio.vision.pictures import load_picture, read_ink
from studio.vision.sketch import extract_ink, read_sketch


def drawing(width: int = 300, height: int = 300, line: int = 6) -> np.ndarray:
    """Paper with a trapezium and a bar near its top left corner, so that upright can be told."""
    page = np.full((height, width), 255, np.uint8)
    corners = np.array([[90, 60], [210, 60], [250, 260], [50, 260]]) * [width / 300, height / 300]
    cv2.polylines(page, [corners.astype(np.int32)], True, 0, line)
    cv2.line(page, (20, 20), (70, 20), 0, line)
    return page


def encoded(picture: Image.Image, form: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Share of the ink of each that lies within 3 pixels of the other, the smaller of the two."""
    near = np.ones((7, 7), np.uint8)
    a, b = (a > 127).astype(np.uint8), (b > 127).astype(np.uint8)
    return min((cv2.dilate(b, near)[a > 0]).mean(), (cv2.dilate(a, near)[b > 0]).mean())


PAGE = drawing()
GREY = Image.fromarray(PAGE)
PLAIN = read_sketch(encoded(GREY), 128)


def test_ink_is_where_the_lines_are():
    assert PLAIN.shape == (128, 128) and PLAIN.dtype == np.uint8
    assert overlap(PLAIN, 255 - cv2.resize(PAGE, (128, 128), interpolation=cv2.INTER_AREA)) > 0.99


def _exif_rotated() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned a quarter to the right
    return encoded(GREY.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=95)


def _photo_of_the_page() -> bytes:
    """Uneven light, warm paper, noise: what a telephone makes of a drawing."""
    y, x = np.mgrid[0:300, 0:300] / 300
    light = (0.55 + 0.35 * x + 0.1 * y)[..., None] * np.array([1.0, 0.95, 0.85])
    noise = np.random.default_rng(0).normal(0, 3, (300, 300, 1))
    photo = np.clip(light * np.maximum(PAGE, 40)[..., None] + noise, 0, 255)
    return encoded(Image.fromarray(photo.astype(np.uint8)), "JPEG", quality=80)


def _transparent() -> bytes:
    rgba = np.zeros((300, 300, 4), np.uint8)
    rgba[..., 3] = 255 - PAGE
    return encoded(Image.fromarray(rgba))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(encoded(GREY.convert("CMYK"), "JPEG", quality=95), id="cmyk"),
        pytest.param(encoded(Image.fromarray(PAGE.astype(np.uint16) * 257)), id="16 bit"),
        pytest.param(encoded(Image.fromarray(PAGE.astype(np.int32) * 257), "TIFF"), id="32 bit"),
        pytest.param(encoded(GREY.convert("P")), id="palette"),
        pytest.param(encoded(GREY.convert("1")), id="one bit"),
        pytest.param(encoded(GREY.convert("RGB"), "WEBP", quality=90), id="webp"),
        pytest.param(encoded(Image.fromarray(255 - PAGE)), id="white on black"),
        pytest.param(_transparent(), id="ink on nothing"),
        pytest.param(_exif_rotated(), id="exif rotation"),
        pytest.param(_photo_of_the_page(), id="photo of the page"),
    ],
)
def test_every_kind_of_file_gives_the_same_drawing(data):
    assert overlap(read_sketch(data, 128), PLAIN) > 0.95


def test_a_drawing_on_a_tall_page_is_centred():
    tall = np.full((600, 300), 255, np.uint8)
    tall[:300] = PAGE
    ink = read_sketch(encoded(Image.fromarray(tall)), 128)
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    assert abs(rows[0] - (127 - rows[-1])) <= 2 and abs(columns[0] - (127 - columns[-1])) <= 2


def test_thin_lines_survive_a_strong_reduction():
    ink = read_sketch(encoded(Image.fromarray(drawing(2000, 2000, line=2))), 128)
    assert overlap(ink, PLAIN) > 0.9 and ink.max() > 128


def test_a_photograph_of_a_garment_gives_its_outline():
    photo = np.full((256, 256, 3), 235, np.uint8)
    cv2.rectangle(photo, (70, 60), (190, 220), (40, 60, 120), -1)
    ink = extract_ink(photo)
    assert ink[50:70, 130].any() and not ink[130, 130] and not ink[20, 20]


def _bomb() -> bytes:
    """A PNG header that claims 20,000 x 20,000 pixels."""
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
        + struct.pack(">I", zlib.crc32(chunk)) + struct.pack(">I", 0) + b"IDAT"
        + struct.pack(">I", zlib.crc32(b"IDAT"))
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(b"", "empty", id="no bytes"),
        pytest.param(b"hello", "not a picture", id="text"),
        pytest.param(encoded(Image.new("L", (300, 300), 0)), "black", id="all black"),
        pytest.param(encoded(Image.new("L", (300, 300), 255)), "white", id="all white"),
        pytest.param(encoded(Image.new("RGBA", (300, 300))), "white", id="all transparent"),
        pytest.param(encoded(Image.new("L", (1, 1), 0)), "1 x 1", id="1 x 1"),
        pytest.param(encoded(Image.new("L", (2000, 9), 0)), "narrow", id="a ribbon"),
        pytest.param(encoded(GREY)[:-200], "cut off", id="truncated PNG"),
        pytest.param(encoded(GREY, "JPEG")[:2000], "cut off", id="truncated JPEG"),
        pytest.param(_bomb(), "million", id="20,000 x 20,000"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_sentence(data, says):
    with pytest.raises(BadInput) as error:
        read_sketch(data, 128)
    text = str(error.value)
    assert says in text and text.endswith(".") and "\n" not in text


def test_missing_file_and_folder(tmp_path: Path):
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(BadInput):
            read_sketch(path, 128)


def test_a_very_large_picture_is_read():
    big = Image.fromarray(PAGE).resize((5000, 4000), Image.Resampling.NEAREST)
    assert max(load_picture(encoded(big)).size) <= 2048


def test_stored_ink_is_the_ink():
    assert (read_ink(png_bytes(PLAIN)) == PLAIN).all()


def test_colours_of_a_picture_are_kept():
    picture = Image.new("RGB", (64, 48), (10, 200, 30))
    assert load_picture(encoded(picture)).tobytes() == picture.tobytes()
