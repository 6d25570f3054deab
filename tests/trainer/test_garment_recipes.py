"""Garment extractor, dressing and ControlNet-Garment: real recipes on tiny pairs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from safetensors.torch import load_file

from studio.conditions.attention import record_features, self_attentions
from studio.conditions.dressing import load_own_dressing
from studio.vision.image_encoder import ImageEncoder
from tests.trainer import tinyparts
from trainer.loop import Recipe, train
from trainer.recipes.dressing import DressingRecipe
from trainer.recipes.garment import GarmentRecipe
from trainer.recipes.shared.pairs import PairRecipe

NAMES = ("garment", "dressing", "controlnet_garment")


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs, a tokenizer, untrained modules and a barely trained image encoder."""
    root = tinyparts.build(tmp_path_factory.mktemp("garment"), 12, lively=True)
    encoder = make(root, "image_encoder")
    train(type(encoder), encoder.config, root / "image_encoder_run", say=lambda _: None)
    return root


def make(parts: Path, name: str, **changes: Any) -> Recipe:
    """A recipe with tiny values."""
    values = tinyparts.diffusion(parts)
    if name == "dressing":
        values |= {
            "extractor": parts / "unet", "resampler": tinyparts.RESAMPLER,
            "image_encoder": parts / tinyparts.IMAGE_ENCODER,
        }  # fmt: skip
    if name == "image_encoder":
        values = tinyparts.image_encoder(parts, variants=1, held_out_rows=2, round_trips=2)
    return tinyparts.recipe(name, 4, values, **changes)


def _step(recipe: Recipe, number: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(number)
    return recipe.step(recipe.batch(number))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_trained_learns_and_the_base_stays(parts: Path, name: str) -> None:
    torch.manual_seed(0)
    recipe = make(parts, name)
    assert isinstance(recipe, PairRecipe)
    modules = recipe.build()
    frozen = {k: v.clone() for k, v in recipe.unet.state_dict().items()}
    parameters = [p for m in modules.values() for p in m.parameters()]
    optimiser = torch.optim.AdamW(parameters, 3e-3)
    before = {id(p): p.detach().clone() for p in parameters}
    held = [float(_step(recipe, 100 + i)["loss"].detach()) for i in range(6)]
    for number in range(25):
        optimiser.zero_grad()
        _step(recipe, number)["loss"].backward()
        optimiser.step()
    after = [float(_step(recipe, 100 + i)["loss"].detach()) for i in range(6)]
    assert np.mean(after) < np.mean(held)
    assert any(not torch.equal(before[id(p)], p) for p in parameters)
    left = recipe.unet.state_dict()
    assert all(torch.equal(frozen[k], left[k]) for k in frozen)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_saved_and_drawn(parts: Path, tmp_path: Path, name: str) -> None:
    recipe = make(parts, name, loop={"steps": 2, "sample_minutes": 60.0})
    train(type(recipe), recipe.config, tmp_path, say=lambda _: None)
    assert (tmp_path / "samples" / "0000002.png").is_file()
    folder = {"garment": "extractor"}.get(name, name)
    assert (tmp_path / "weights" / folder / "config.json").is_file()


def test_dropouts_are_as_many_as_asked(parts: Path) -> None:
    recipe = make(parts, "garment", loop={"batch_size": 2000}, text_dropout=0.2,
                  garment_dropout=0.3, both_dropout=0.1, scene_captions=0.5)  # fmt: skip
    assert isinstance(recipe, GarmentRecipe)
    recipe.build()
    batch = recipe.batch(0)
    silent = (batch["tokens"].numpy() == recipe.empty).all(1)
    blind = ~batch["sees_garment"].numpy()
    assert abs(silent.mean() - 0.3) < 0.04 and abs(blind.mean() - 0.4) < 0.04
    assert abs((silent & blind).mean() - 0.1) < 0.03


def test_the_loss_can_look_at_the_garment(parts: Path) -> None:
    plain, weighed = (make(parts, "garment", garment_weight=w) for w in (1.0, 3.0))
    for recipe in (plain, weighed):
        recipe.build()
    assert "worn_mask" not in plain.batch(0)
    batch = weighed.batch(0)
    assert batch["worn_mask"].shape == batch["latents"].shape[:1] + batch["latents"].shape[2:]
    one, other = _step(plain, 0), _step(weighed, 0)
    assert torch.allclose(one["velocity_error"], other["velocity_error"])
    assert not torch.allclose(one["loss"], other["loss"])


@pytest.mark.parametrize("trains", ["all", "cross-attention"])
def test_a_saved_dressing_loads_into_the_studio(parts: Path, tmp_path: Path, trains: str) -> None:
    recipe = make(parts, "dressing", trains=trains, loop={"steps": 3, "learning_rate": 1e-2})
    train(type(recipe), recipe.config, tmp_path, say=lambda _: None)
    folder = tmp_path / "weights" / "dressing"
    state = load_file(folder / "model.safetensors")
    unet = UNet2DConditionModel.from_pretrained(parts / "unet")
    layers = self_attentions(unet)
    assert len([k for k in state if k.startswith("adapter_modules.")]) == 2 * len(layers)
    whole = len(unet.state_dict())
    assert (len([k for k in state if k.startswith("ref_unet.")]) == whole) == (trains == "all")
    assert json.loads((folder / "config.json").read_text())["masked"] is True

    encoder = ImageEncoder.load(parts / tinyparts.IMAGE_ENCODER)

    def load(_: str) -> Any:
        return UNet2DConditionModel.from_pretrained(parts / "unet").eval()

    loaded = load_own_dressing(folder, load, encoder)
    picture = np.full((64, 64, 3), 90, np.uint8)
    latents = torch.randn(1, 8, 8, 8, generator=torch.Generator().manual_seed(1))
    found = loaded.features(b"a", lambda: latents, lambda: loaded.tokens(picture))
    with torch.inference_mode():
        plain = record_features(load(""), latents, 0, loaded.tokens(picture))
    assert found.keys() == layers.keys()
    assert any(not torch.allclose(found[k], plain[k], atol=1e-6) for k in found)


def test_a_batch_is_a_pure_function_of_the_step(parts: Path) -> None:
    recipe = make(parts, "dressing")
    assert isinstance(recipe, DressingRecipe)
    recipe.build()
    one, other = recipe.batch(3), recipe.batch(3)
    assert one.keys() == other.keys() and all(torch.equal(one[k], other[k]) for k in one)
