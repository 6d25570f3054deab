"""A picture has the size and the shape that suit the model, on the page as on the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from studio.checkpoints.kinds import Found, trained_size
from studio.controls.garment import GarmentControl
from studio.controls.pose import PoseControl
from studio.desk import compose
from studio.desk.compose import Form
from studio.desk.resolve import for_model, resolve
from studio.desk.wish import Held, Wish
from studio.engine.catalogue import CATALOGUE, DEFAULT_MODEL, find_model
from studio.engine.sizes import shapes_of
from studio.errors import BadInput
from studio.pngmeta import png_bytes
from studio.request import Pose, Recorded
from tests.settled import Hearing, bundled

SD_VAE = {"block_out_channels": [128, 256, 512, 512]}
TINY_VAE = {"encoder_block_out_channels": [64] * 4}
SHA = "a" * 64
NONE: Any = None


def drawn(mode: str, ground: str, cloth: str) -> bytes:
    """A shirt, or its mask."""
    picture = Image.new(mode, (96, 96), ground)
    ImageDraw.Draw(picture).polygon(
        [(20, 20), (76, 20), (90, 44), (76, 50), (72, 84), (24, 84), (20, 50), (6, 44)], fill=cloth
    )
    return png_bytes(picture)


FILES = Held()
SHIRT = FILES.keep_picture(drawn("RGB", "white", "navy"))
ITS_MASK = FILES.keep_picture(drawn("L", "black", "white"))


def folder(place: Path, sample: Any, vae: Mapping[str, Any] = SD_VAE) -> Path:
    """A model's folder with the two configurations that tell its size."""
    for part, config in (("unet", {"sample_size": sample}), ("vae", vae)):
        (place / part).mkdir(parents=True)
        (place / part / "config.json").write_text(json.dumps(config))
    (place / "model_index.json").write_text("{}")
    return place


@pytest.mark.parametrize(
    ("sample", "vae", "side"),
    [
        (64, SD_VAE, 512),
        (96, SD_VAE, 768),
        (64, TINY_VAE, 512),
        (32, TINY_VAE, 256),
        ([64, 48], SD_VAE, 512),
        (48, {"block_out_channels": [64, 128, 128]}, 192),
    ],
)
def test_a_folder_tells_the_side_of_its_pictures(tmp_path: Path, sample, vae, side: int):
    assert find_model(folder(tmp_path / "mine", sample, vae)).side == side


@pytest.mark.parametrize("sample", [None, "64", [], 0, 10**6, {"a": 1}, [None]])
def test_a_folder_that_does_not_tell_it_is_no_fault(tmp_path: Path, sample):
    assert 64 <= find_model(folder(tmp_path / "odd", sample)).side <= 1024


@pytest.mark.parametrize(
    ("side", "upright"),
    [(512, (576, 768)), (768, (768, 1024)), (1024, (768, 1024)), (640, (704, 960))],
)
def test_larger_models_make_upright_and_wide_pictures(side: int, upright: tuple[int, int]):
    shapes = shapes_of(side)
    assert shapes == {"square": (side, side), "upright": upright, "wide": upright[::-1]}


@pytest.mark.parametrize("side", [256, 64, 192])
def test_models_for_small_squares_make_squares(side: int):
    assert shapes_of(side) == {"square": (side, side)}


@pytest.mark.parametrize(
    ("name", "kind", "size"),
    [
        ("magic_clothing_768_vitonhd_joint.safetensors", "magic_clothing", (576, 768)),
        ("oms_diffusion_512_100000.safetensors", "magic_clothing", (384, 512)),
        ("oms_diffusion_060000.safetensors", "magic_clothing", (384, 512)),
        ("OMS_1024_VTHD+DressCode_200000.safetensors", "magic_clothing", (768, 1024)),
        ("garment_extractor.safetensors", "decoupled_extractor", (576, 768)),
        ("IMAGDressing-v1_512.pt", "imagdressing", (512, 640)),
        ("cloth_segm.pth", "cloth_segm", None),
    ],
)
def test_a_garments_weights_tell_the_size_that_they_are_for(name: str, kind: Any, size):
    assert trained_size(Found(Path(name), kind)) == size


def real(
    model: str = "real",
    *,
    side: int = 512,
    hears: str = "text pose garment mask",
    sizes: Any = None,
) -> Hearing:
    """A model with published weights."""
    hearing = frozenset(hears.split())
    return Hearing(hearing, False, model, side, 7.5, 2.5, shapes_of(side), sizes or {})


MAGIC = real(sizes={"garment": (576, 768), "dressing": (512, 640)})
BOTH = real(sizes=MAGIC.sizes, hears="text garment dressing")


def size_of(model: Hearing, **given: Any) -> tuple[int, int]:
    wish = Wish(**{"prompt": "a woman in a park", "shaped": False, **given})
    sampling = resolve(wish, model, bundled(), FILES).request.sampling
    return sampling.width, sampling.height


def worn(method: str = "magic_clothing") -> dict[str, Any]:
    return {
        "controls": (GarmentControl(picture=SHIRT, mask=ITS_MASK, method=method, part="upper"),)
    }


@pytest.mark.parametrize(
    ("model", "given", "size"),
    [
        (real(), {}, (512, 512)),
        (real(), {"shape": "upright"}, (576, 768)),
        (real(), {"shape": "wide"}, (768, 576)),
        (real(), {"shape": "upright", "size": (64, 128)}, (64, 128)),
        (MAGIC, {}, (512, 512)),
        (MAGIC, worn(), (576, 768)),
        (MAGIC, worn() | {"shape": "square"}, (512, 512)),
        (BOTH, worn("imagdressing"), (512, 640)),
        (BOTH, worn("combined"), (576, 768)),
        (MAGIC, worn("imagdressing"), (576, 768)),
        (real(side=256), {"shape": "upright"}, (256, 256)),
    ],
)
def test_a_wish_without_a_size_gets_the_one_that_suits(model: Hearing, given, size):
    assert size_of(model, **given) == size


def test_page_and_command_line_ask_for_the_same_shape():
    for shape in ("", "square", "upright", "wide"):
        wish = compose.compose(Form(prompt="a coat", seed="1", shape=shape), None)
        assert (wish.size, wish.shape) == (None, shape)


@pytest.mark.parametrize("shape", ["round", "Upright", 7, "portrait"])
def test_a_shape_that_is_none_is_one_sentence(shape: Any):
    with pytest.raises(BadInput, match="choose square, upright, wide"):
        compose.compose(Form(prompt="a coat", seed="1", shape=shape), None)


@pytest.mark.parametrize(
    ("made_by", "size", "again"),
    [
        ("real", (576, 768), (576, 768)),
        ("real", (384, 512), (384, 512)),
        (DEFAULT_MODEL, (256, 256), (512, 512)),
        ("other", (192, 256), (576, 768)),
        ("other", (1024, 768), (768, 576)),
    ],
)
def test_a_stored_picture_keeps_its_shape_when_it_is_made_again(made_by: str, size, again):
    request = resolve(Wish(prompt="a coat", shaped=False, size=size), real(made_by), NONE, Held())
    sampling = for_model(Recorded(request=request.request), real()).request.sampling
    assert (sampling.width, sampling.height) == again
    small = real(DEFAULT_MODEL, side=256)
    sampling = for_model(Recorded(request=request.request), small).request.sampling
    assert (sampling.width, sampling.height) == (256, 256)
    shaped = compose.form_of(Recorded(request=request.request), Form()).shape
    assert shaped == (
        "square" if size[0] == size[1] else "upright" if again[0] < again[1] else "wide"
    )


def test_a_pose_of_the_square_board_is_not_stretched_in_an_upright_picture():
    """Two joints as far apart across as down stay so in pixels, whoever gave the pose."""
    pose = Pose(joints=((0.4, 0.4), (0.6, 0.6), *(None,) * 16))
    for size in ((576, 768), (768, 576), (512, 512), (64, 256)):
        wish = Wish(prompt="a woman", shaped=False, size=size, controls=(PoseControl(pose=pose),))
        posed = resolve(wish, real(), NONE, Held()).request.get(PoseControl)
        assert posed is not None
        (x0, y0), (x1, y1) = (j for j in posed.pose.joints if j is not None)
        across, down = (x1 - x0) * size[0], (y1 - y0) * size[1]
        assert across == pytest.approx(down) == pytest.approx(0.2 * min(size))
        assert (x0 + x1) / 2 == pytest.approx(0.5) == pytest.approx((y0 + y1) / 2)


def test_the_bundled_models_page_has_no_shape_to_choose():
    assert list(shapes_of(CATALOGUE[DEFAULT_MODEL].side)) == ["square"]
    assert compose.shape_choices(shapes_of(512))[2] == ("Upright 576 × 768", "upright")
