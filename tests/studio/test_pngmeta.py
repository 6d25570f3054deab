"""A picture carries its request."""

import io

import numpy as np
import pytest
from PIL import Image

from studio.errors import BadInput
from studio.pngmeta import CHUNK, read_request, write_png
from tests.flat import recorded_of

REQUEST = recorded_of(prompt="a coat – «navy» 👗", seed=3)
PICTURE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8))


def test_request_and_pixels_survive(tmp_path):
    data = write_png(PICTURE, REQUEST)
    assert read_request(data) == REQUEST
    assert Image.open(io.BytesIO(data)).tobytes() == PICTURE.tobytes()
    (tmp_path / "a.png").write_bytes(data)
    assert read_request(tmp_path / "a.png") == REQUEST


def test_same_picture_same_bytes():
    assert write_png(PICTURE, REQUEST) == write_png(PICTURE, REQUEST)


def test_other_pictures_have_no_request():
    buffer = io.BytesIO()
    PICTURE.save(buffer, "PNG")
    assert read_request(buffer.getvalue()) is None
    buffer = io.BytesIO()
    PICTURE.save(buffer, "JPEG")
    assert read_request(buffer.getvalue()) is None


@pytest.mark.parametrize("data", [b"", b"nonsense", write_png(PICTURE, REQUEST)[:60]])
def test_broken_files_say_so(data):
    with pytest.raises(BadInput):
        read_request(data)


def test_a_foreign_text_in_our_chunk_is_refused():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text(CHUNK, "not json")
    buffer = io.BytesIO()
    PICTURE.save(buffer, "PNG", pnginfo=info)
    with pytest.raises(BadInput):
        read_request(buffer.getvalue())
