"""Only pictures are opened as pictures: nothing that somebody else's program would run."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import EpsImagePlugin, Image

from studio.desk.drawing import read_drawn
from studio.desk.photos import cut_out, read_mask, read_photo
from studio.desk.underlays import photo_png
from studio.errors import BadInput
from studio.pngmeta import FORMATS, opened
from studio.vision.pictures import load_picture

ENDLESS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EndComments\n{} loop\nshowpage\n"


def saved(kind: str, mode: str = "RGB") -> bytes:
    """A photo with a shape on it, as a file of this kind."""
    pixels = np.full((96, 96, 3), 230, np.uint8)
    pixels[20:70, 30:60] = (40, 60, 120)
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, kind)
    return out.getvalue()


OTHERS = {
    "endless eps": lambda: ENDLESS,
    "eps with a preview": lambda: (
        b"\xc5\xd0\xd3\xc6" + (30).to_bytes(4, "little") + len(ENDLESS).to_bytes(4, "little")
        + bytes(18) + ENDLESS
    ),
    "drawn eps": lambda: saved("EPS"),
    "pdf": lambda: saved("PDF"),
    "ppm": lambda: saved("PPM"),
    "tga": lambda: saved("TGA"),
    "ico": lambda: saved("ICO", "RGBA"),
    "pcx": lambda: saved("PCX"),
    "jpeg 2000": lambda: saved("JPEG2000"),
    "dds": lambda: saved("DDS"),
    "wmf": lambda: b"\xd7\xcd\xc6\x9a" + bytes(60),
    "fits": lambda: b"SIMPLE  =                    T".ljust(2880),
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_ghostscript(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts it fails the test, whether it is installed here or not."""

    def started(*_: object, **__: object) -> None:
        pytest.fail("Ghostscript was started")

    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", started)


READERS = {
    "board": read_drawn,
    "under the drawing": photo_png,
    "reference": read_photo,
    "mask": lambda data: read_mask(data, (96, 96)),
    "engine": load_picture,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", OTHERS)
def test_a_file_that_is_no_picture_of_ours_is_one_sentence(reader: str, kind: str) -> None:
    with pytest.raises(BadInput, match=r"picture"):
        READERS[reader](OTHERS[kind]())


@pytest.mark.parametrize("kind", ["endless eps", "pcx", "pdf"])
def test_a_name_makes_nothing_a_picture(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "p.png"
    path.write_bytes(OTHERS[kind]())
    with pytest.raises(BadInput, match=r"not a picture|cannot be read as a picture"):
        load_picture(path)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_usual_kinds_are_read_as_before(kind: str) -> None:
    data = saved(kind)
    assert opened(data).format == kind
    assert read_photo(data).size == (96, 96)
    assert cut_out(data, (96, 96)) is None
    assert read_drawn(data).startswith(b"\x89PNG")


def test_a_photo_of_several_pictures_is_a_photo() -> None:
    """Phones put a second, smaller one behind the first."""
    out = io.BytesIO()
    first = Image.new("RGB", (64, 64), "navy")
    first.save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64), "white")])
    assert np.asarray(load_picture(out.getvalue()))[5, 5, 2] > 100
