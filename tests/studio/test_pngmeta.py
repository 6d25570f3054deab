"""A picture carries its request."""

import io

import numpy as np
from PIL import Image

from studio.pngmeta import write_png
from tests.flat import recorded_of, request_in

REQUEST = recorded_of(prompt="a coat – «navy» 👗", seed=3)
PICTURE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8))


def test_request_and_pixels_survive(tmp_path):
    data = write_png(PICTURE, REQUEST)
    assert request_in(data) == REQUEST
    assert Image.open(io.BytesIO(data)).tobytes() == PICTURE.tobytes()
    (tmp_path / "a.png").write_bytes(data)
    assert request_in(tmp_path / "a.png") == REQUEST


def test_same_picture_same_bytes():
    assert write_png(PICTURE, REQUEST) == write_png(PICTURE, REQUEST)


def test_other_pictures_have_no_request():
    buffer = io.BytesIO()
    PICTURE.save(buffer, "PNG")
    assert request_in(buffer.getvalue()) is None
    buffer = io.BytesIO()
    PICTURE.save(buffer, "JPEG")
    assert request_in(buffer.getvalue()) is None
