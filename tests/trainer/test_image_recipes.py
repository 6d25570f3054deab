"""Image encoder, face encoder and image prompts: real recipes on tiny pairs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from studio.conditions.attention import ImageTokens
from studio.conditions.base import Branch, Step
from studio.conditions.face import FaceAdapter
from studio.conditions.image_prompt import (
    ImagePromptAdapter,
    ImagePromptCondition,
    PictureCondition,
)
from studio.errors import BadInput
from studio.request import Control
from studio.vision.face import WardrobeFaceEncoder, overlap
from studio.vision.image_encoder import ImageEncoder
from tests.trainer import tinyparts
from trainer.config import load_config
from trainer.loop import Recipe, train
from trainer.recipes import RECIPES, recipe_class
from trainer.recipes.face import FaceRecipe, finder_losses
from trainer.recipes.face_adapter import FaceAdapterRecipe
from trainer.recipes.image_encoder import ImageEncoderRecipe
from trainer.recipes.image_prompt import ImagePromptRecipe
from trainer.recipes.shared.prompt import PromptRecipe


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs, a tokenizer, untrained modules, and encoders after two steps."""
    root = tinyparts.build(tmp_path_factory.mktemp("parts"), 24)
    for name in ("image_encoder", "face"):
        recipe = make(root, name)
        train(type(recipe), recipe.config, root / f"{name}_run", say=lambda _: None)
    return root


def make(parts: Path, name: str, **changes: Any) -> Recipe:
    """A recipe with tiny values."""
    own: dict[str, dict[str, Any]] = {
        "image_encoder": tinyparts.image_encoder(
            parts, variants=2, held_out_rows=6, round_trips=4
        ),
        "face": {"pairs": parts / "pairs", "held_out_rows": 6, "faces_each": 2},
        "image_prompt": {
            **tinyparts.diffusion(parts), "resampler": tinyparts.RESAMPLER,
            "image_encoder": parts / tinyparts.IMAGE_ENCODER,
        },
        "face_adapter": {
            **tinyparts.diffusion(parts), "face_encoder": parts / "face_run/weights/face",
        },
    }  # fmt: skip
    return tinyparts.recipe(name, 8, own[name], **changes)


def fall(
    recipe: Recipe, steps: int, rate: float, one_batch: bool = False
) -> list[dict[str, float]]:
    """Train without the loop, perhaps always on the same batch; the losses of each step."""
    modules = recipe.build()
    optimiser = torch.optim.AdamW([p for m in modules.values() for p in m.parameters()], rate)
    seen = []
    for step in range(steps):
        torch.manual_seed(step)
        losses = recipe.step(recipe.batch(0 if one_batch else step))
        optimiser.zero_grad()
        losses["loss"].backward()
        optimiser.step()
        seen.append({k: float(v.detach()) for k, v in losses.items()})
    return seen


def mean(seen: list[dict[str, float]], key: str) -> float:
    return float(np.mean([s[key] for s in seen]))


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[k], other[k]) for k in one)


def test_the_image_encoder_learns_words_and_garments(parts: Path) -> None:
    torch.manual_seed(0)
    recipe = make(parts, "image_encoder")
    assert isinstance(recipe, ImageEncoderRecipe)
    seen = fall(recipe, 60, 3e-3, one_batch=True)
    for key in ("text_loss", "questions_loss"):
        assert mean(seen[-8:], key) < 0.7 * mean(seen[:8], key), key
    # Two pairs of plain colours are told apart from the first step on, to rounding; with flat and
    # worn rows of different pairs the loss would stay at ln 2 or above.
    assert mean(seen[-8:], "garment_loss") < 0.1
    batch = recipe.batch(3)
    assert same(batch, recipe.batch(3))
    # Half are singles, then flat and worn rows of the same pairs: their colours agree.
    assert len(batch["pictures"]) == 8 and batch["rows"].max() < 18
    colour = recipe.asked.index("colour")
    flat, worn = batch["answers"][4:, colour].chunk(2)
    assert torch.equal(flat, worn)


def test_the_image_encoder_is_saved_with_its_words(parts: Path) -> None:
    encoder = ImageEncoder.load(parts / tinyparts.IMAGE_ENCODER)
    assert encoder.preparation.pad and encoder.preparation.size == 32
    text_encoder = CLIPTextModel.from_pretrained(parts / "text_encoder")
    tokenizer = CLIPTokenizer.from_pretrained(parts / "tokenizer")
    words = encoder.embed_words(["a red shirt", "a man in a park"], tokenizer, text_encoder)
    assert words.shape == (2, 12) and torch.allclose(words.norm(dim=1), torch.ones(2))
    measured = json.loads((parts / "image_encoder_run/weights/measured.json").read_text())
    assert measured["rows"] == 6 and 0 <= measured["garment_recall_1"] <= 1
    assert measured["garment_recall_1"] <= measured["garment_recall_5"]


def test_padding_that_a_batch_shares_changes_nothing(parts: Path) -> None:
    recipe = make(parts, "image_encoder")
    assert isinstance(recipe, ImageEncoderRecipe)
    recipe.build()
    ids = torch.from_numpy(recipe.single.tokens[0, :3].astype(np.int64))
    short = ids[:, : int((ids == recipe.end).long().argmax(1).max()) + 1]
    whole, cut = (recipe.text_encoder(input_ids=x).last_hidden_state for x in (ids, short))
    assert short.shape[1] < ids.shape[1]
    assert torch.allclose(whole[:, : short.shape[1]], cut, atol=1e-5)


def test_the_face_encoder_learns_people_and_finds_faces(parts: Path) -> None:
    torch.manual_seed(0)
    recipe = make(parts, "face", loop={"batch_size": 16})
    assert isinstance(recipe, FaceRecipe)
    seen = fall(recipe, 60, 3e-3)
    assert mean(seen[-8:], "same_person") < 0.8 * mean(seen[:8], "same_person")
    assert mean(seen[-8:], "heat") < 0.6 * mean(seen[:8], "heat")
    measured = recipe.measure()
    assert 0 <= measured["verification"] <= 1 and measured["cosine_same"] > 0.3
    assert measured["cosine_same"] > measured["cosine_other"]
    reader = WardrobeFaceEncoder(recipe.net)
    box, _ = reader.surest(recipe.pairs.worn.pictures(np.array([0]))[0], 256)
    truth = recipe.boxes[0]
    assert truth is not None and overlap(box, truth) > 0.3


def test_face_batches_are_pure_and_never_held_out(parts: Path) -> None:
    recipe = make(parts, "face")
    assert isinstance(recipe, FaceRecipe)
    recipe.build()
    assert same(recipe.batch(2), recipe.batch(2))
    rows = torch.cat([recipe.batch(i)["rows"] for i in range(10)]).tolist()
    assert max(rows) < 18
    for row in rows:
        assert recipe.boxes[row] is not None and recipe.people[row] not in recipe.apart
    few = make(parts, "face", held_out_rows=24)
    with pytest.raises(BadInput, match="fewer than two people"):
        few.build()


def test_finder_losses_know_where_a_face_is() -> None:
    faces = torch.tensor([[100.0, 60.0, 32.0, 40.0], [-1.0, -1, -1, -1]])
    logits, answers = torch.full((2, 1, 32, 32), -9.0), torch.zeros(2, 4, 32, 32)
    # Cell (12, 7): its corner is (96, 56); offsets are half a cell.
    logits[0, 0, 7, 12] = 9.0
    answers[0, :, 7, 12] = torch.tensor([0.5, 0.5, 0.0, np.log(40 / 32)])
    heat, edges = finder_losses(logits, answers, faces)
    assert heat < 0.01 and edges < 1e-6
    elsewhere, _ = finder_losses(logits.roll(8, 3), answers, faces)
    assert elsewhere > 5
    nothing, zero = finder_losses(logits, answers, torch.full((2, 4), -1.0))
    assert nothing > 5 and zero == 0


@pytest.mark.parametrize("name", ["image_prompt", "face_adapter"])
def test_image_prompts_train_save_and_leave_the_base_alone(
    parts: Path, tmp_path: Path, name: str
) -> None:
    recipe = make(parts, name)
    assert isinstance(recipe, PromptRecipe)
    report = train(type(recipe), recipe.config, tmp_path, say=lambda _: None)
    assert report["steps"] == 2
    kind = ImagePromptAdapter if name == "image_prompt" else FaceAdapter
    loaded = kind.load(tmp_path / "weights" / name)
    recipe.build()
    loaded.keys.check(recipe.unet, "attn2")
    start = recipe.keys.state_dict()
    assert any(not torch.equal(v, start[k]) for k, v in loaded.keys.state_dict().items())
    before = {k: v.clone() for k, v in recipe.unet.state_dict().items()}
    losses = recipe.step(recipe.batch(0))
    losses["loss"].backward()
    assert all(p.grad is None for p in recipe.unet.parameters())
    assert all(torch.equal(v, before[k]) for k, v in recipe.unet.state_dict().items())
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in recipe.keys.parameters())
    assert any(p.grad is not None for p in recipe.projection.parameters())
    assert same(recipe.batch(1), recipe.batch(1))


def test_what_is_trained_is_what_the_studio_runs(parts: Path) -> None:
    """With gradients and without, the same prediction."""
    recipe = make(parts, "image_prompt")
    assert isinstance(recipe, ImagePromptRecipe)
    recipe.build()
    picture = recipe.pairs.flat.pictures(np.array([0]))
    x, words = torch.randn(2, 8, 8, 8), torch.randn(2, 5, 32)
    seen = torch.tensor([False, True])
    pixels = recipe.encoder.pixels(picture).expand(2, -1, -1, -1)
    prompt = PictureCondition(
        recipe.keys, ImageTokens(recipe.image_tokens(pixels, seen)), Control()
    )
    with prompt.attached(recipe.unet):
        prompt.before_step(Step(0, 1, torch.tensor(10), (Branch.TEXT,), 2))
        trained = recipe.unet(x, 10, encoder_hidden_states=words, return_dict=False)[0]
    assert trained.requires_grad
    with torch.no_grad():
        adapter = recipe.adapter(recipe.projection, recipe.keys)
        tokens = adapter.tokens(recipe.encoder, picture)
        condition = ImagePromptCondition(adapter, tokens, Control(strength=1.0))
        branches = (Branch.UNCONDITIONAL, Branch.TEXT)
        with condition.attached(recipe.unet):
            condition.before_step(Step(0, 1, torch.tensor(10), branches, 1))
            run = recipe.unet(x, 10, encoder_hidden_states=words, return_dict=False)[0]
    assert torch.allclose(trained, run, atol=1e-5)


def test_a_face_comes_from_another_picture_of_the_same_person(parts: Path) -> None:
    recipe = make(parts, "face_adapter")
    assert isinstance(recipe, FaceAdapterRecipe)
    recipe.build()
    rng = np.random.default_rng(0)
    row = next(rows[0] for rows in recipe.rows_of.values() if len(rows) > 1)
    others = [r for r in recipe.rows_of[recipe.people[row]] if r != row]  # type: ignore[index]
    for _ in range(8):
        face = recipe._face(row, rng)
        assert any((recipe.faces[r] == face).all(1).any() for r in others)
    headless = next(r for r, box in enumerate(recipe.pairs.worn.records) if not box["face_box"])
    assert not recipe._face(headless, rng).any()


def test_a_prompt_without_its_encoder_says_so(parts: Path) -> None:
    for name, key in (("image_prompt", "image_encoder"), ("face_adapter", "face_encoder")):
        with pytest.raises(BadInput, match=key):
            make(parts, name, **{key: None})


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_has_a_valid_config_and_says_what_it_writes(root: Path, name: str) -> None:
    kind = recipe_class(name)
    assert kind.name == name and kind.writes
    load_config(kind.config_type, root / f"trainer/configs/{name}.toml")
