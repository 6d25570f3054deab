"""Weights are data: missing, damaged and foreign files are sentences, and nothing is unpickled."""

import json
import pickle
import shutil
import struct
from pathlib import Path

import pytest
import torch

from studio.checkpoints.folders import check_safetensors, family_hash
from studio.engine import Engine
from studio.engine.catalogue import CATALOGUE, DEFAULT_MODEL, find_model
from studio.engine.device import choose_device, choose_dtype
from studio.errors import BadInput, ModelDamaged, ModelMissing
from tests.tinymodel import build_tiny_model


@pytest.fixture
def copy(tiny_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_folder, tmp_path / "model"))


UNET = "unet/diffusion_pytorch_model.safetensors"


def _truncate(folder: Path) -> None:
    file = folder / UNET
    file.write_bytes(file.read_bytes()[:-1000])


def _pickle(folder: Path) -> None:
    (folder / UNET).unlink()
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(pickle.dumps(_Bomb()))


class _Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was opened",))


def _other_shape(folder: Path) -> None:
    path = folder / "unet" / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps(config | {"block_out_channels": [24, 32]}))


def _lost_weights(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / UNET)
    weights.pop("conv_out.weight")
    save_file(weights, folder / UNET)


def _foreign_vae(folder: Path) -> None:
    path = folder / "vae" / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps(config | {"_class_name": "VQModel"}))


@pytest.mark.parametrize(
    ("spoil", "error", "says"),
    [
        (lambda f: (f / UNET).unlink(), ModelMissing, "unet has no safetensors"),
        (_pickle, ModelMissing, "pickle files are not opened"),
        (_truncate, ModelDamaged, "bytes instead of"),
        (lambda f: (f / UNET).write_bytes(b""), ModelDamaged, "empty"),
        (lambda f: (f / UNET).write_bytes(b"not weights at all"), ModelDamaged, "safetensors"),
        (lambda f: (f / UNET).write_bytes(b"version 1\noid x\n"), ModelDamaged, "placeholder"),
        (lambda f: shutil.rmtree(f / "vae"), ModelMissing, "vae"),
        (lambda f: (f / "unet/config.json").unlink(), ModelMissing, "config.json"),
        (lambda f: (f / "unet/config.json").write_text("{"), ModelDamaged, "config.json"),
        (lambda f: (f / "unet/config.json").write_text("[]"), ModelDamaged, "configuration"),
        (_other_shape, ModelDamaged, "unet"),
        (_lost_weights, ModelDamaged, "unet"),
        (_foreign_vae, ModelDamaged, "VQModel"),
        (lambda f: shutil.rmtree(f / "tokenizer"), ModelMissing, "tokenizer"),
        (lambda f: (f / "tokenizer/tokenizer.json").write_text("x"), ModelDamaged, "tokenizer"),
        (lambda f: shutil.rmtree(f / "scheduler"), ModelMissing, "scheduler"),
    ],
)
def test_a_spoilt_model_is_one_sentence(copy: Path, spoil, error, says):
    spoil(copy)
    with pytest.raises(error) as caught:
        Engine(copy, dtype="fp32", device="cpu").load()
    text = str(caught.value)
    assert says in text and "\n" not in text and text.endswith(".")


def test_unknown_and_absent_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ModelMissing, match="Unknown model"):
        find_model("no-such-model")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match=r"--model cannot use .*, an empty folder: give a model's"):
        find_model(tmp_path / "empty")
    assert find_model(None).name == find_model(DEFAULT_MODEL).name == DEFAULT_MODEL


def test_a_published_model_that_is_not_here_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    entry = CATALOGUE["stable-diffusion-1.5"]
    with pytest.raises(ModelMissing, match="--download") as caught:
        Engine(entry.name, dtype="fp32", device="cpu").load()
    assert entry.licence in str(caught.value)
    assert find_model(entry.repo) is entry and len(entry.revision or "") == 40


def test_published_weights_load_through_the_same_code(tmp_path: Path, tiny_folder: Path):
    """The local cache's layout, filled with the tiny family in place of the published files."""
    from dataclasses import replace

    from studio.engine.loading import load_family

    snapshot = tmp_path / "models--some--family" / "snapshots" / ("a" * 40)
    shutil.copytree(tiny_folder, snapshot)
    entry = replace(
        CATALOGUE["stable-diffusion-1.5"], repo="some/family", revision="a" * 40, control=None
    )
    import huggingface_hub.constants as constants

    before, constants.HF_HUB_CACHE = constants.HF_HUB_CACHE, str(tmp_path)
    try:
        family = load_family(entry, torch.device("cpu"), torch.float32)
    finally:
        constants.HF_HUB_CACHE = before
    assert family.board is None and family.folder.name == "a" * 40


def test_hash_follows_content_not_place(tiny_folder: Path, copy: Path, tmp_path: Path):
    def parts(folder: Path) -> dict[str, Path]:
        return {p.name: p for p in folder.iterdir() if p.is_dir()}

    original = family_hash(parts(tiny_folder))
    assert family_hash(parts(copy)) == original
    other = build_tiny_model(tmp_path / "other", seed=1)
    assert family_hash(parts(other)) != original
    path = copy / "scheduler" / "scheduler_config.json"
    path.write_text(path.read_text().replace("v_prediction", "epsilon"))
    assert family_hash(parts(copy)) != original


def test_headers_that_lie_are_refused(tmp_path: Path):
    part = tmp_path / "unet"
    part.mkdir()
    file = part / "w.safetensors"
    for content in (
        struct.pack("<Q", 2**60) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 9) + b'{"a": {}}',
        struct.pack("<Q", 2) + b"{}extra",
    ):
        file.write_bytes(content)
        with pytest.raises(ModelDamaged):
            check_safetensors(file)


def test_devices_and_formats():
    assert choose_device("cpu").type == "cpu"
    for name in ("cuda:99", "abacus"):
        with pytest.raises(BadInput):
            choose_device(name)
    with pytest.raises(BadInput):
        choose_dtype(torch.device("cpu"), "fp8")
    assert choose_dtype(torch.device("cpu"), "bf16") is torch.bfloat16
    assert choose_dtype(torch.device("cpu")) in (torch.bfloat16, torch.float32)
