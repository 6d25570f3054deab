"""References on the command line: files become fields, and a bad one is one sentence."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.request import TRYON_STRENGTH
from studio.vision.poses import preset_pose, squared_pose
from tests.settled import composed


@pytest.fixture
def shirt(tmp_path: Path) -> Path:
    pixels = np.full((120, 90, 3), 245, np.uint8)
    pixels[20:100, 20:70] = (180, 30, 40)
    path = tmp_path / "shirt.png"
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    pixels = np.zeros((120, 90), np.uint8)
    pixels[20:100, 20:70] = 255
    path = tmp_path / "mask.png"
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def style(tmp_path: Path) -> Path:
    stem = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q.lora_"
    header = {
        f"{stem}down.weight": {"dtype": "F32", "shape": [1, 4], "data_offsets": [0, 16]},
        f"{stem}up.weight": {"dtype": "F32", "shape": [4, 1], "data_offsets": [16, 32]},
    }
    text = json.dumps(header).encode()
    path = tmp_path / "linen.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"\0" * 32)
    return path


def test_a_garment_its_mask_and_how_it_is_heard(shirt: Path, mask: Path):
    request, files = composed(
        "--garment", str(shirt), "--garment-mask", str(mask), "--garment-part", "upper",
        "--method", "combined", "--lambda", "0.8", "--sg", "3",
    )  # fmt: skip
    kept = Image.open(io.BytesIO(files[request.garment_image]))
    assert np.array_equal(np.asarray(kept), np.asarray(Image.open(shirt)))
    assert request.garment_mask and request.garment_part == "upper"
    assert (request.garment_method, request.dressing, request.sg) == ("combined", 0.8, 3)


def test_a_person_is_framed_whole_and_repainted_only_inside_the_mask(shirt: Path, mask: Path):
    request, files = composed(
        "--prompt", "a coat", "--person", str(shirt), "--person-mask", str(mask)
    )
    assert request.init_image and request.mask and request.vary_strength == TRYON_STRENGTH
    person = Image.open(io.BytesIO(files[request.init_image]))
    region = np.asarray(Image.open(io.BytesIO(files[request.mask])))
    assert person.size == (120, 120) and region.shape == (120, 120)
    assert region[:, :15].max() == 0 and region[60, 60] == 255


def test_poses_by_name_and_styles_with_their_scale(style: Path):
    request, files = composed(
        "--prompt", "a coat", "--pose", "Hands-on-Hips", "--style", f"{style}:0.8"
    )
    assert request.pose == preset_pose("hands on hips")
    posed, _ = composed("--prompt", "linen trousers", "--pose", "walking")
    assert posed.pose == preset_pose("walking", "lower")
    (used,) = request.styles
    assert (used.name, used.strength) == ("linen", 0.8) and files[used.sha256] == style.read_bytes()
    assert composed("--prompt", "x", "--style", str(style))[0].styles[0].strength == 1


def test_a_pose_moves_with_the_frame_around_its_photo():
    pose = squared_pose(preset_pose("standing"), 50, 100)
    nose = preset_pose("standing").joints[0]
    assert nose and pose.joints[0] == pytest.approx((0.25 + nose[0] / 2, nose[1]), abs=1e-3)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--garment", "{nothing}"], "no picture"),
        (["--garment", "{text}"], "not a picture"),
        (["--face", "{tiny}"], "1 x 1"),
        (["--garment-mask", "{shirt}"], "says more of --garment"),
        (["--garment", "{shirt}", "--garment-part", "hat"], "garment part"),
        (["--garment", "{shirt}", "--method", "magic"], "garment method"),
        (["--garment", "{shirt}", "--lambda", "9"], "lambda"),
        (["--person", "{shirt}", "--init", "{shirt}"], "either --person"),
        (["--person-mask", "{shirt}"], "--person as well"),
        (["--pose", "flying"], "hands on hips"),
        (["--style", "{shirt}"], "a PNG picture: give the .safetensors file"),
        (["--style", "{text}:much"], "not a number"),
        (["--style", "{nothing}"], "which is not there"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    options: list[str], says: str, shirt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "text.png").write_text("no picture")
    Image.new("RGB", (1, 1)).save(tmp_path / "tiny.png")
    files = {"shirt": shirt, "text": tmp_path / "text.png", "tiny": tmp_path / "tiny.png",
             "nothing": tmp_path / "nothing.safetensors"}  # fmt: skip
    given = [option.format(**files) for option in options]
    assert main(["generate", "--prompt", "a coat", "--out", str(tmp_path), *given]) == 2
    told = capsys.readouterr().err.strip()
    assert says in told and told.count("\n") == 0 and told.endswith(".")
