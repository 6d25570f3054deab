"""Published models as their users have them: what is whole loads, what is not is named truly.

The models are tiny and random; names, layouts and configurations are the published ones.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from studio.checkpoints.folders import family_hash, find_safetensors
from studio.engine import Engine
from studio.engine.catalogue import CATALOGUE, find_model
from studio.errors import BadInput, ModelMissing
from tests.flat import request_of
from tests.tinymodel import build_tiny_model

PARTS = {"unet": "diffusion_pytorch_model", "vae": "diffusion_pytorch_model",
         "text_encoder": "model"}  # fmt: skip
ASKED = request_of(prompt="a navy coat", steps=2, seed=3, width=64, height=64)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("published") / "tiny", controlnet=False)


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny, tmp_path / "mine"))


def pixels(folder: Path) -> np.ndarray:
    made = Engine(folder, dtype="fp32", device="cpu").generate(ASKED)
    return np.asarray(made[0].image)


@pytest.fixture(scope="module")
def expected(tiny: Path) -> np.ndarray:
    return pixels(tiny)


def rename(folder: Path, variant: str, *parts: str) -> None:
    for part in parts or PARTS:
        plain = folder / part / f"{PARTS[part]}.safetensors"
        plain.rename(plain.with_name(f"{PARTS[part]}.{variant}.safetensors"))


def _beside_non_ema(folder: Path) -> None:
    """As repositories have them that keep the weights without moving average as well."""
    rename(folder, "fp16", "unet")
    spoilt = folder / "unet" / "diffusion_pytorch_model.non_ema.safetensors"
    weights = UNet2DConditionModel.from_config(
        json.loads((folder / "unet/config.json").read_text())
    )
    weights.save_pretrained(folder / "other")  # type: ignore[union-attr]
    (folder / "other" / "diffusion_pytorch_model.safetensors").rename(spoilt)
    shutil.rmtree(folder / "other")


def _in_shards(folder: Path) -> None:
    unet: Any = UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float16)
    shutil.rmtree(folder / "unet")
    unet.save_pretrained(folder / "unet", variant="fp16", max_shard_size="100KB")
    assert len(list((folder / "unet").glob("*.safetensors"))) > 2


def _beside_all(folder: Path) -> None:
    for part, name in PARTS.items():
        shutil.copy(folder / part / f"{name}.safetensors",
                    folder / part / f"{name}.fp16.safetensors")  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        lambda f: rename(f, "fp16"),
        lambda f: rename(f, "fp16", "unet"),
        lambda f: rename(f, "fp16", "text_encoder", "vae"),
        lambda f: rename(f, "bf16"),
        lambda f: rename(f, "non_ema", "unet"),
        _beside_non_ema,
        _in_shards,
        _beside_all,
    ],
)
def test_a_folder_loads_whatever_number_format_its_files_are_published_in(
    copy: Path, expected: np.ndarray, change: Callable[[Path], None]
):
    change(copy)
    assert np.array_equal(pixels(copy), expected)


def test_a_wanted_format_wins_and_a_folders_hash_is_that_of_what_is_read(copy: Path, tiny: Path):
    def parts(folder: Path) -> dict[str, Path]:
        return {part: folder / part for part in PARTS}

    _beside_all(copy)
    assert family_hash(parts(copy)) == family_hash(parts(tiny))
    (found,) = find_safetensors(copy / "unet", "fp16")
    assert ".fp16." in found.name
    assert [f.name for f in find_safetensors(copy / "unet", "fp32")] == [
        "diffusion_pytorch_model.safetensors"
    ]


def changed(file: str, **values: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / file
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return change


def _transformer(folder: Path) -> None:
    shutil.rmtree(folder / "unet")
    (folder / "transformer").mkdir()
    changed("model_index.json", _class_name="SanaPipeline")(folder)


FOUR = {"out_channels": 4}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (changed("unet/config.json", in_channels=9, **FOUR), "is one for inpainting alone"),
        (changed("unet/config.json", in_channels=8, **FOUR), "edits a picture (InstructPix2Pix)"),
        (changed("unet/config.json", in_channels=5, **FOUR), "reads a depth map"),
        (changed("unet/config.json", in_channels=7, **FOUR), "is an upscaler"),
        (changed("unet/config.json", addition_embed_type="text_time"), "is Stable Diffusion XL,"),
        (changed("model_index.json", _class_name="StableDiffusionXLPipeline"), "Diffusion XL,"),
        (changed("model_index.json", _class_name="StableDiffusion3Pipeline"), "Diffusion 3,"),
        (changed("model_index.json", _class_name="FluxPipeline"), "is Flux, which"),
        (changed("unet/config.json", time_cond_proj_dim=256), "was distilled (LCM)"),
        (changed("unet/config.json", class_embed_type="timestep"), "wants labels"),
        (changed("unet/config.json", _class_name="UNet3DConditionModel"), "UNet3DConditionModel"),
        (_transformer, "is a transformer (SanaPipeline)"),
    ],
)
def test_a_model_of_another_kind_is_named_and_not_called_broken(
    copy: Path, change: Callable[[Path], None], says: str
):
    change(copy)
    with pytest.raises(BadInput) as caught:
        Engine(copy, dtype="fp32", device="cpu").load()
    text = str(caught.value)
    assert says in text and "“mine”" in text
    assert ": choose" in text or "so choose" in text
    assert "install" not in text and text.endswith(".") and "\n" not in text


def test_pickles_alone_are_told_without_sending_for_the_same_again(copy: Path):
    (copy / "unet" / "diffusion_pytorch_model.safetensors").rename(
        copy / "unet" / "diffusion_pytorch_model.bin"
    )
    with pytest.raises(
        ModelMissing, match=r"pickle files are not opened\): choose a copy"
    ) as caught:
        Engine(copy, dtype="fp32", device="cpu").load()
    assert "again" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["SG161222/Realistic_Vision_V4.0_noVAE", "runwayml/stable-diffusion-v1-5", "me/my.model"],
)
def test_a_repositorys_name_is_told_from_a_word(name: str):
    with pytest.raises(ModelMissing, match="download it, and give the folder"):
        find_model(name)


def test_a_download_is_as_large_as_is_said():
    """Weights come in one number format, of the parts that are used."""
    entry = CATALOGUE["stable-diffusion-1.5"]
    from fnmatch import fnmatch

    def wanted(name: str) -> bool:
        return any(fnmatch(name, pattern) for pattern in entry.patterns)

    for part in ("unet", "vae"):
        assert wanted(f"{part}/diffusion_pytorch_model.fp16.safetensors")
        assert not wanted(f"{part}/diffusion_pytorch_model.safetensors")
        assert wanted(f"{part}/config.json")
    assert wanted("text_encoder/model.fp16.safetensors") and wanted("tokenizer/merges.txt")
    assert not wanted("safety_checker/model.fp16.safetensors")
    assert not wanted("v1-5-pruned.safetensors")
