"""A ControlNet is taken for what it is; what lies in the adapters folder is offered when whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.controlnets.controlnet import ControlNetModel
from safetensors.torch import save_file

from studio.checkpoints.kinds import reads_of
from studio.conditions.published.whole import recognise
from studio.engine import Engine
from studio.errors import BadInput, ModelMissing
from studio.pngmeta import png_bytes
from studio.request import Pose, sha_of
from tests.flat import replace, request_of
from tests.publishedfiles import (
    dressing_shapes,
    face_parts,
    hollow,
    sd15_shapes,
    write_header,
)
from tests.singlefiles import build, control_name

PLAIN = request_of(prompt="a woman", steps=1, st=2.0, seed=3, width=64, height=64)
_drawn = np.zeros((64, 64), np.uint8)
_drawn[16:48, 20:44] = 255
INK = png_bytes(_drawn)
DRAWN = replace(PLAIN, sketch=sha_of(INK))
POSED = replace(
    PLAIN, pose=Pose(joints=((0.5, 0.1), (0.5, 0.2), (0.4, 0.2), (0.35, 0.4), *(None,) * 14))
)
FILES = {sha_of(INK): INK}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A small model that hears words as wide as Stable Diffusion 1.5's, and a ControlNet for it."""
    folder = tmp_path_factory.mktemp("controls") / "real"
    unet = build("sd15", folder, words=768)["unet"]
    torch.manual_seed(1)
    control: Any = ControlNetModel.from_unet(unet, load_weights_from_unet=True)
    for module in control.modules():  # one that starts at nothing could not be felt
        if isinstance(module, torch.nn.Conv2d) and not module.weight.any():
            torch.nn.init.normal_(module.weight, std=0.3)
    return folder, control


def as_folder(control: Any, place: Path, name: str) -> None:
    control.save_pretrained(place / name)


def as_folder_fp16(control: Any, place: Path, name: str) -> None:
    control.save_pretrained(place / name, variant="fp16")


def as_pth(control: Any, place: Path, name: str) -> None:
    state = {f"control_model.{control_name(n)}": w for n, w in control.state_dict().items()}
    torch.save(state, place / f"{name}.pth")


def as_bare(control: Any, place: Path, name: str) -> None:
    state = {control_name(n): w.clone() for n, w in control.state_dict().items()}
    save_file(state, place / f"{name}.safetensors")


def as_file(control: Any, place: Path, name: str) -> None:
    save_file(
        {n: w.clone() for n, w in control.state_dict().items()}, place / f"{name}.safetensors"
    )


def pixels(engine: Engine, request: Any) -> np.ndarray:
    return np.asarray(engine.generate(request, FILES)[0].image, np.int16)


@pytest.mark.parametrize(
    ("write", "name", "kind", "request_"),
    [
        (as_folder, "control_v11p_sd15_openpose", "pose", POSED),
        (as_folder_fp16, "control_v11p_sd15_scribble", "sketch", DRAWN),
        (as_pth, "control_v11p_sd15_openpose", "pose", POSED),
        (as_bare, "control_openpose-fp16", "pose", POSED),
        (as_file, "control_v11p_sd15_lineart", "sketch", DRAWN),
    ],
)
@pytest.mark.first(2)
def test_a_controlnet_in_the_adapters_folder_is_heard(
    made: tuple[Path, Any],
    tmp_path: Path,
    write: Callable[..., None],
    name: str,
    kind: str,
    request_: Any,
):
    folder, control = made
    write(control, tmp_path, name)
    engine = Engine(folder, dtype="fp32", device="cpu", adapters=tmp_path)
    both = {"pose", "sketch"} & engine.capabilities.conditions
    assert both == {kind}
    assert np.abs(pixels(engine, request_) - pixels(engine, PLAIN)).max() > 3
    loaded = engine.load().adapters.get(kind).network.state_dict()
    assert all(torch.allclose(loaded[n], w) for n, w in control.state_dict().items())
    plain = Engine(folder, dtype="fp32", device="cpu")
    assert plain.load().weights == engine.load().weights
    with pytest.raises(BadInput, match=r"follow a|reads no"):
        plain.generate(request_, FILES)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("control_v11p_sd15_openpose", "controlnet_pose"),
        ("control_openpose-fp16", "controlnet_pose"),
        ("sd-controlnet-openpose", "controlnet_pose"),
        ("dw-openpose", "controlnet_pose"),
        ("control_v11p_sd15_lineart", "controlnet_sketch"),
        ("control_v11p_sd15s2_lineart_anime", "controlnet_sketch"),
        ("control_v11p_sd15_softedge", "controlnet_sketch"),
        ("sd-controlnet-hed", "controlnet_sketch"),
        ("control_v11p_sd15_canny", "controlnet_sketch"),
        ("control_v11f1p_sd15_depth", "unknown"),
        ("control_v11p_sd15_normalbae", "unknown"),
        ("control_v11e_sd15_inpaint", "unknown"),
    ],
)
def test_its_name_tells_what_it_reads(name: str, kind: str):
    found = reads_of(name)
    assert found is not None and found[0] == kind


def test_one_whose_name_does_not_tell_is_asked_about(tmp_path: Path):
    shapes = {"controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3)}
    for name in ("mine", "model", "control_net"):
        found = recognise(write_header(tmp_path / f"{name}.safetensors", shapes))
        assert found.kind == "unknown" and "say “openpose” or “scribble”" in found.note
    depth = recognise(write_header(tmp_path / "control_depth.safetensors", shapes))
    assert "reads other maps" in depth.note


@pytest.mark.first(1)
@pytest.mark.parametrize(
    ("said", "reads"),
    [
        ("lllyasviel/control_v11p_sd15_openpose", "pose"),
        ("./models/control_v11p_sd15_scribble", "sketch"),
        ("lllyasviel/sd-controlnet-scribble", "sketch"),
    ],
)
def test_the_models_own_folder_is_taken_for_what_it_was_made_from(
    made: tuple[Path, Any], tmp_path: Path, said: str, reads: str
):
    folder = own(made, tmp_path, said)
    engine = Engine(folder, dtype="fp32", device="cpu")
    assert {"pose", "sketch"} & engine.capabilities.conditions == {reads}
    heard = POSED if reads == "pose" else DRAWN
    assert np.abs(pixels(engine, heard) - pixels(engine, PLAIN)).max() > 3


@pytest.mark.first(1)
@pytest.mark.parametrize("said", ["", "control_v11f1p_sd15_depth", "my-controlnet"])
def test_the_models_own_folder_is_asked_about_where_nothing_tells(
    made: tuple[Path, Any], tmp_path: Path, said: str
):
    with pytest.raises(BadInput, match=r"cannot be told: .*“openpose” or “scribble”"):
        Engine(own(made, tmp_path, said), dtype="fp32", device="cpu").load()


def own(made: tuple[Path, Any], place: Path, said: str) -> Path:
    folder = Path(shutil.copytree(made[0], place / "mine"))
    made[1].save_pretrained(folder / "controlnet")
    path = folder / "controlnet" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"_name_or_path": said}))
    return folder


def dressing(place: Path) -> None:
    torch.save({"module": hollow(dressing_shapes())}, place / "IMAGDressing-v1_512.pt")


def decoupled(place: Path) -> None:
    write_header(place / "garment_extractor.safetensors", sd15_shapes())


def plus(place: Path) -> None:
    torch.save(face_parts(True), place / "ip-adapter-faceid-plus_sd15.bin")


@pytest.mark.parametrize(
    ("write", "name", "says"),
    [
        (dressing, "dressing", "needs the folder image_encoder of IP-Adapter"),
        (decoupled, "garment", "is used together with ip_layer.pth"),
        (plus, "face", "insightface"),
    ],
)
def test_what_lacks_a_file_is_not_offered_and_says_so(
    made: tuple[Path, Any], tmp_path: Path, write: Callable[[Path], None], name: str, says: str
):
    write(tmp_path)
    shelf = Engine(made[0], dtype="fp32", device="cpu", adapters=tmp_path).load().adapters
    assert name not in shelf.offers and says in shelf.lacks(name)
    with pytest.raises(ModelMissing, match=says):
        shelf.check(name)


def test_among_several_the_one_that_is_called_as_published_is_used(
    made: tuple[Path, Any], tmp_path: Path
):
    for name in (
        "aaa.safetensors",
        "magic_clothing_768.safetensors",
        "oms_diffusion_768.safetensors",
    ):
        write_header(tmp_path / name, sd15_shapes())
    shelf = Engine(made[0], dtype="fp32", device="cpu", adapters=tmp_path).load().adapters
    used = shelf.file("garment")
    assert used is not None and used.path.name == "magic_clothing_768.safetensors"


@pytest.mark.parametrize("place", ["nowhere", "a/b", "file.txt"])
def test_a_folder_of_adapters_that_is_not_there_is_refused(
    made: tuple[Path, Any], tmp_path: Path, place: str
):
    (tmp_path / "file.txt").write_text("x")
    with pytest.raises(BadInput, match=r"--adapters cannot use .* give a folder"):
        Engine(made[0], dtype="fp32", device="cpu", adapters=tmp_path / place)
