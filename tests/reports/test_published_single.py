"""A model in one file, as most are shared, makes the picture of the same model as a folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from studio.engine import Engine
from studio.engine.catalogue import find_model
from studio.engine.single_file import layout_of, load_tokenizer
from studio.errors import BadInput, ModelDamaged, ToileError
from tests.flat import request_of
from tests.singlefiles import State, build, vae_state, whole

ASKED = request_of(prompt="a navy coat, (buttons)", steps=2, seed=3, width=64,
                   height=64)  # fmt: skip
Made = dict[str, tuple[Path, dict[str, Any], State]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A folder, its networks, and the state of the same in one file, of each kind."""
    root = tmp_path_factory.mktemp("single")
    found = {}
    for kind in ("sd15", "sd21"):
        parts = build(kind, root / kind)
        found[kind] = (root / kind, parts, whole(parts, kind))
    return found


def pixels(model: Path, **more: Any) -> np.ndarray:
    made = Engine(model, dtype="fp32", device="cpu", **more).generate(ASKED)
    return np.asarray(made[0].image, np.int16)


def _safetensors(state: State, path: Path) -> Path:
    save_file(state, path.with_suffix(".safetensors"))
    return path.with_suffix(".safetensors")


def _ckpt(state: State, path: Path) -> Path:
    torch.save({"state_dict": state, "global_step": 840_000}, path.with_suffix(".ckpt"))
    return path.with_suffix(".ckpt")


def _plain_ckpt(state: State, path: Path) -> Path:
    torch.save(state, path.with_suffix(".ckpt"), _use_new_zipfile_serialization=False)
    return path.with_suffix(".ckpt")


@pytest.mark.parametrize("kind", ["sd15", "sd21"])
@pytest.mark.parametrize("write", [_safetensors, _ckpt, _plain_ckpt])
@pytest.mark.first(2)
def test_one_file_is_the_same_model(
    made: Made, tmp_path: Path, kind: str, write: Callable[[State, Path], Path]
):
    folder, _, state = made[kind]
    file = write(state, tmp_path / "realistic_v4")
    assert np.abs(pixels(folder) - pixels(file)).max() <= 1
    entry = find_model(file)
    assert (entry.name, entry.side) == ("realistic_v4", 512 if kind == "sd15" else 768)


def test_its_hash_is_that_of_its_contents(made: Made, tmp_path: Path):
    _, _, state = made["sd15"]
    file = _safetensors(state, tmp_path / "a")
    copy = Path(shutil.copy(file, tmp_path / "b.safetensors"))
    other = state | {"first_stage_model.decoder.conv_out.bias": torch.ones(3)}
    changed = _safetensors(other, tmp_path / "c")
    engines = [Engine(f, dtype="fp32", device="cpu").load().weights for f in (file, copy, changed)]
    assert engines[0] == engines[1] != engines[2]


@pytest.mark.parametrize(
    ("name", "settings", "predicts"),
    [
        ("v2-1_768-ema-pruned", None, "v_prediction"),
        ("v2-1_512-ema-pruned", None, "epsilon"),
        ("sd2-base", None, "epsilon"),
        ("mine", 'model:\n  params:\n    parameterization: "v"\n', "v_prediction"),
        ("mine", "model:\n  params:\n    linear_start: 0.00085\n", "epsilon"),
    ],
)
def test_what_a_model_of_the_second_kind_predicts(
    made: Made, tmp_path: Path, name: str, settings: str | None, predicts: str
):
    file = _safetensors(made["sd21"][2], tmp_path / name)
    if settings is not None:
        file.with_suffix(".yaml").write_text(settings)
    layout = layout_of(file)
    assert layout["scheduler"]["prediction_type"] == predicts
    assert find_model(file).side == (768 if predicts == "v_prediction" else 512)


def _without(state: State, *begins: str) -> State:
    return {name: weight for name, weight in state.items() if not name.startswith(begins)}


CONV = "model.diffusion_model.input_blocks.0.0.weight"


@pytest.mark.first(3)
@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda s: s | {CONV: torch.ones(32, 9, 3, 3)}, BadInput, "is one for inpainting alone"),
        (lambda s: s | {CONV: torch.ones(32, 8, 3, 3)}, BadInput, "edits a picture"),
        (lambda s: s | {"conditioner.embedders.1.model.ln_final.bias": torch.ones(2)}, BadInput,
         "is Stable Diffusion XL, which is not supported"),
        (lambda s: s | {"model.diffusion_model.label_emb.0.0.weight": torch.ones(2)}, BadInput,
         "is Stable Diffusion XL, which is not supported"),
        (lambda s: {"double_blocks.0.img_attn.proj.weight": torch.ones(2, 2)}, BadInput,
         "is Flux, which is not supported"),
        (lambda s: {"model.diffusion_model.joint_blocks.0.x.weight": torch.ones(2)}, BadInput,
         "is Stable Diffusion 3, which is not supported"),
        (lambda s: _without(s, "cond_stage_model."), BadInput, "a UNet alone and no text encoder"),
        (lambda s: _without(s, "first_stage_model."), BadInput, "give one with --vae"),
        (lambda s: _without(s, "model.diffusion_model.out.2"), ModelDamaged, "is not all of"),
        (lambda s: _without(s, "model.diffusion_model.input_blocks.4"), ModelDamaged, "missing"),
        (lambda s: {"lora_unet_a.lora_down.weight": torch.ones(4, 4),
                    "lora_unet_a.lora_up.weight": torch.ones(4, 4)}, BadInput,
         "is a LoRA style (its layout is as kohya's scripts write it) instead of a whole model"),
        (lambda s: {"emb_params": torch.ones(2, 2)}, BadInput, "textual inversion"),
    ],
)  # fmt: skip
def test_what_is_no_such_model_is_named(
    made: Made, tmp_path: Path, change: Callable[[State], State], error: Any, says: str
):
    file = _safetensors(change(made["sd15"][2]), tmp_path / "mine")
    with pytest.raises(error) as caught:
        Engine(file, dtype="fp32", device="cpu").load()
    text = str(caught.value)
    assert says in text and "“mine.safetensors”" in text and text.endswith(".")
    assert "\n" not in text and isinstance(caught.value, ToileError)


def test_a_ckpt_that_asks_for_more_than_weights_is_not_opened(tmp_path: Path):
    torch.save({"state_dict": {"a": torch.ones(2)}, "callbacks": {ToileError: 1}},
               tmp_path / "m.ckpt")  # fmt: skip
    with pytest.raises(ModelDamaged, match="could run code"):
        find_model(tmp_path / "m.ckpt")


def _bare_vae(parts: dict[str, Any], place: Path) -> Path:
    return _safetensors(vae_state(parts["vae"]), place / "vae-ft-mse-840000-ema-pruned")


def _inside(parts: dict[str, Any], place: Path) -> Path:
    state = {f"first_stage_model.{n}": w for n, w in vae_state(parts["vae"]).items()}
    return _safetensors(state, place / "kl-f8")


def _diffusers_file(parts: dict[str, Any], place: Path) -> Path:
    return _safetensors(parts["vae"].state_dict(), place / "diffusion_pytorch_model")


def _folder(parts: dict[str, Any], place: Path) -> Path:
    parts["vae"].save_pretrained(place / "sd-vae-ft-mse")
    return place / "sd-vae-ft-mse"


def _pickled(parts: dict[str, Any], place: Path) -> Path:
    torch.save({"state_dict": vae_state(parts["vae"])}, place / "kl-f8.pt")
    return place / "kl-f8.pt"


@pytest.mark.parametrize("write", [_bare_vae, _inside, _diffusers_file, _folder, _pickled])
@pytest.mark.first(2)
def test_another_autoencoder_stands_in_for_the_models_own(
    made: Made, tmp_path: Path, write: Callable[[dict[str, Any], Path], Path]
):
    folder, parts, state = made["sd15"]
    bare = _safetensors(_without(state, "first_stage_model."), tmp_path / "noVAE")
    vae = write(parts, tmp_path)
    assert np.abs(pixels(folder) - pixels(bare, vae=vae)).max() <= 1
    own = Engine(folder, dtype="fp32", device="cpu").load()
    other = Engine(folder, dtype="fp32", device="cpu", vae=vae).load()
    assert own.weights != other.weights


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [("none.safetensors", BadInput, "which is not there"), ("sd15", None, ""),
     ("word.safetensors", BadInput, "another kind .*textual inversion")],
)  # fmt: skip
def test_an_autoencoder_that_is_none(made: Made, tmp_path: Path, name: str, error: Any, says: str):
    folder = made["sd15"][0]
    save_file({"emb_params": torch.ones(2)}, tmp_path / "word.safetensors")
    if error is None:  # a whole model's folder has one
        assert Engine(folder, dtype="fp32", device="cpu", vae=folder).load().vae
        return
    with pytest.raises(error, match=says):
        Engine(folder, dtype="fp32", device="cpu", vae=tmp_path / name).load()


def test_the_tokenizer_is_clips():
    """Numbers that CLIP's own tokenizer gives, and the two marks."""
    tokenizer = load_tokenizer("<|endoftext|>")
    assert len(tokenizer) == 49408
    ids = tokenizer("a photo of an astronaut riding a horse").input_ids
    assert ids == [49406, 320, 1125, 539, 550, 18376, 6765, 320, 4558, 49407]
    padded = load_tokenizer("!")("a", padding="max_length", max_length=5).input_ids
    assert padded == [49406, 320, 49407, 0, 0]
