"""A garment that somebody tries on comes back in their photo, at its own size and shape."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.desk import compose, photos
from studio.desk.resolve import resolve
from studio.desk.wish import Held, Wish
from studio.engine.latents import put_back
from studio.errors import BadInput
from studio.request import Recorded, Start
from studio.vision.framing import on_photo, squared
from tests.settled import bundled
from tests.somebody import SIZE, somebody

A = "a" * 64


@pytest.mark.parametrize("size", [(300, 400), (640, 480), (401, 401), (97, 222)])
@pytest.mark.parametrize("made", [(64, 64), (64, 48), (48, 64)])
def test_what_is_made_comes_back_in_the_photo(size: tuple[int, int], made: tuple[int, int]):
    """Its size and shape, its own pixels outside the region, a soft seam inside."""
    rng = np.random.default_rng(2)
    photo = Image.fromarray(rng.integers(0, 120, (size[1], size[0], 3), np.uint8))
    mask = np.zeros((size[1], size[0]), np.uint8)
    mask[size[1] // 3 : 2 * size[1] // 3, size[0] // 3 : 2 * size[0] // 3] = 255
    bright = np.full((made[1], made[0], 3), 250, np.uint8)
    aspect = round(size[0] / size[1], 4)
    framed = np.asarray(squared(Image.fromarray(mask), ground=0))
    whole = put_back(bright, squared(photo), framed, aspect)
    assert whole.shape == (size[1], size[0], 3)
    known = np.asarray(photo)
    assert np.array_equal(whole[mask == 0], known[mask == 0])
    assert (whole[size[1] // 2, size[0] // 2] > 140).all()
    edge = np.argwhere(mask > 0)[0]
    assert abs(int(whole[tuple(edge)].max()) - 250) > 60


@pytest.fixture(scope="module")
def tried_on(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A photo of a standing person, a mask for it, and a photo in landscape."""
    folder = tmp_path_factory.mktemp("people")
    picture, _, where = somebody()
    paths = folder / "person.png", folder / "mask.png", folder / "wide.png"
    picture.save(paths[0])
    Image.fromarray((where["trunk"] * 255).astype(np.uint8)).save(paths[1])
    picture.crop((0, 0, 384, 300)).save(paths[2])
    return paths


def test_a_tried_on_garment_comes_back_at_the_photos_own_size(tried_on: tuple[Path, Path, Path]):
    person, mask, _ = tried_on
    files = Held()
    engine = bundled()
    kept = photos.with_mask(
        photos.take_person(person.read_bytes(), files), mask.read_bytes(), files
    )
    wish = Wish(prompt="a red shirt", person=kept, steps=1, size=(64, 64), shaped=False)
    request = resolve(wish, engine.capabilities, engine, files).request
    assert request.start is not None and request.start.aspect == 0.75
    (made,) = engine.generate(request, files.held)
    assert made.image.size == SIZE
    outside = np.asarray(Image.open(mask)) == 0
    own, pixels = np.asarray(Image.open(person)), np.asarray(made.image)
    assert np.array_equal(pixels[outside], own[outside])
    assert (pixels[~outside] != own[~outside]).any()
    # As it was stored before: the frame, at the size that is made.
    old = request.replaced(start=request.start.replaced(aspect=None))
    (framed,) = engine.generate(old, files.held)
    assert framed.image.size == (64, 64)
    assert "aspect" not in Recorded(request=old).to_json()
    # A variation of what came back keeps the photo as well, and so does a repair.
    data = io.BytesIO()
    made.image.save(data, "PNG")
    sha = files.keep_picture(data.getvalue())
    again = compose.vary(made.request, sha, "subtle", 3, 1)
    (varied,) = engine.generate(again, files.held)
    assert varied.image.size == SIZE
    assert np.array_equal(np.asarray(varied.image)[outside], own[outside])


@pytest.mark.parametrize("aspect", [0.75, 1.5, 1.0])
@pytest.mark.parametrize("size", [(256, 256), (192, 256), (256, 192)])
def test_places_are_judged_where_they_are_on_the_photo(aspect: float, size: tuple[int, int]):
    middle = on_photo(0.5, 0.5, aspect, size)
    assert middle == pytest.approx((0.5, 0.5))
    right, low = on_photo(1, 1, aspect, size)
    wide, tall = (1, 1 / aspect) if aspect > 1 else (aspect, 1)
    assert right - 0.5 == pytest.approx(0.5 * size[0] / max(size) / wide)
    assert low - 0.5 == pytest.approx(0.5 * size[1] / max(size) / tall)


def test_a_start_that_is_put_back_needs_a_mask():
    with pytest.raises(BadInput, match="mask"):
        Start(kind="vary", picture=A, aspect=0.75)
    for aspect in (0.0, 30.0, float("nan")):
        with pytest.raises(BadInput, match="aspect"):
            Start(kind="try-on", picture=A, mask=A, aspect=aspect)
