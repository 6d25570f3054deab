"""Each recipe learns: its loss falls on a few pictures, and its batches are what they say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny
from diffusers.models.controlnets.controlnet import ControlNetModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from safetensors.torch import load_file

from studio.conditions.board import BOARD_CHANNELS
from studio.errors import BadInput
from studio.forms import read_form
from tests.trainer import tinywardrobe as tiny
from trainer.data.captions import shard_captions
from trainer.data.tokens import save_tokenizer, train_tokenizer
from trainer.loop import Loop, Recipe
from trainer.losses.denoise import denoising_loss, noised, scaled_linear_alphas
from trainer.recipes import RECIPES, recipe_class
from trainer.recipes.base import new_unet, with_pooled_words
from trainer.recipes.controlnet import control_network
from trainer.recipes.shared.diffusion import new_scheduler
from trainer.recipes.text import TextShape, new_text_encoder
from trainer.recipes.vae import VaeConfig, grown, new_vae
from trainer.run import Run

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shards, a tokenizer and untrained modules to start from."""
    root = tmp_path_factory.mktemp("parts")
    shards = tiny.shards(root / "shards", 8)
    tokenizer = train_tokenizer(shard_captions(shards, 0), 400)
    save_tokenizer(tokenizer, root / "tokenizer")
    torch.manual_seed(0)
    config = read_form(
        VaeConfig, {"shards": root / "shards", "loop": tiny.LOOP, **tiny.VAE}, "test"
    )
    new_vae(config).save_pretrained(root / "vae")
    shape = TextShape.model_validate(tiny.TEXT_SHAPE)
    new_text_encoder(shape, tokenizer).save_pretrained(root / "text_encoder")
    from trainer.recipes.base import UnetShape

    unet = new_unet(UnetShape.model_validate(tiny.UNET_SHAPE), 8, 8, shape.width)
    unet.save_pretrained(root / "unet")
    return root


def _values(parts: Path, name: str, loop: dict[str, Any]) -> dict[str, Any]:
    diffusion = {
        "shards": parts / "shards", "vae": parts / "vae", "text_encoder": parts / "text_encoder",
        "tokenizer": parts / "tokenizer", "cache": parts / "cache", "variants": 1,
        "size_pixels": 64, "sample_count": 2, "sample_steps": 2,
    }  # fmt: skip
    own: dict[str, dict[str, Any]] = {
        "vae": {"shards": parts / "shards", **tiny.VAE},
        "text": {
            "shards": parts / "shards", "tokenizer": parts / "tokenizer",
            "cache": parts / "cache", "variants": 1, "shape": tiny.TEXT_SHAPE,
        },
        "base": {**diffusion, "shape": tiny.UNET_SHAPE},
        "controlnet": {**diffusion, "unet": parts / "unet", "embedding": (4, 4, 8, 8)},
    }  # fmt: skip
    return {**own[name], "loop": {**tiny.LOOP, **loop}}


@pytest.fixture
def make(parts: Path) -> Callable[..., Recipe]:
    """Makes a recipe by name with other loop values."""

    def build(name: str, change: dict[str, Any] | None = None, **loop: Any) -> Recipe:
        kind = recipe_class(name)
        values = {**_values(parts, name, loop), **(change or {})}
        return kind(read_form(kind.config_type, values, "test"), CPU)

    return build


@pytest.mark.parametrize(("name", "steps"), [("vae", 40), ("text", 40), ("base", 60)])
def test_loss_falls(make: Callable[..., Recipe], tmp_path: Path, name: str, steps: int) -> None:
    recipe = make(name, steps=steps, batch_size=4, learning_rate=3e-3, ema_decay=0.9)
    Loop(recipe, Run(tmp_path), say=lambda _: None).train()
    losses = [m["loss"] for m in Run(tmp_path).metrics()]
    assert np.mean(losses[-8:]) < 0.8 * np.mean(losses[:8])
    assert any((tmp_path / "weights").rglob("*.safetensors"))


def test_resume_of_a_real_recipe_is_bit_equal(make: Callable[..., Recipe], tmp_path: Path) -> None:
    def loop(folder: str) -> Loop:
        return Loop(make("base", steps=4), Run(tmp_path / folder), say=lambda _: None)

    loop("whole").train()
    loop("parts").train(stop_after=2)
    loop("parts").train(resume=True)
    whole = load_file(tmp_path / "whole/state/last.safetensors")
    parts = load_file(tmp_path / "parts/state/last.safetensors")
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[k], parts[k]) for k in whole)


def test_control_trains_only_itself_and_draws_a_sheet(
    make: Callable[..., Recipe], tmp_path: Path
) -> None:
    recipe = make("controlnet", steps=3, sample_minutes=100.0)
    Loop(recipe, Run(tmp_path), say=lambda _: None).train()
    assert not any(p.requires_grad for p in recipe.unet.parameters())  # type: ignore[attr-defined]
    heads = recipe.control.controlnet_mid_block.parameters()  # type: ignore[attr-defined]
    assert any(bool(p.abs().sum() > 0) for p in heads)
    sheets = sorted(p.name for p in (tmp_path / "samples").iterdir())
    assert sheets == ["0000000.png", "0000003.png"]


def test_a_drawn_line_reaches_the_control_network_at_the_start(
    make: Callable[..., Recipe],
) -> None:
    recipe: Any = make("controlnet")
    recipe.build()
    embedding = recipe.control.controlnet_cond_embedding
    board = torch.zeros(1, len(BOARD_CHANNELS), 64, 64)
    empty = embedding(board)
    board[:, 0, 8:56, 30:32] = 1
    assert (embedding(board) - empty).std() > 0.02
    heads = [*recipe.control.controlnet_down_blocks, recipe.control.controlnet_mid_block]
    assert not any(bool(p.any()) for head in heads for p in head.parameters())


def test_boards_leave_parts_out_but_never_lie(make: Callable[..., Recipe]) -> None:
    recipe: Any = make("controlnet")
    recipe.build()
    channel = BOARD_CHANNELS.index("button")
    seen: set[tuple[bool, bool]] = set()
    rng = np.random.default_rng(0)
    whole = recipe.board(0, rng, whole=True)
    assert whole.shape == (64, 64, len(BOARD_CHANNELS)) and whole[..., channel].any()
    for _ in range(60):
        board = recipe.board(0, rng)
        ink, buttons = board[..., 0].any(), board[..., channel].any()
        seen.add((bool(ink), bool(buttons)))
        if buttons:
            assert np.array_equal(board[..., channel], whole[..., channel])
    assert {(True, True), (True, False), (False, True)} <= seen


def test_components_are_unsaid_as_often_as_asked(make: Callable[..., Recipe]) -> None:
    """Never in the place of an empty caption, and the boards are the same."""
    recipe: Any = make("controlnet", {"unsaid_captions": 0.5, "text_dropout": 0.2}, batch_size=200)
    recipe.build()
    plain: Any = make("controlnet", {"text_dropout": 0.2}, batch_size=200)
    plain.build()
    ours, all_said = recipe.batch(0), plain.batch(0)
    rows = all_said["rows"].numpy()
    tokens, before = ours["tokens"].numpy(), all_said["tokens"].numpy()
    assert torch.equal(ours["boards"], all_said["boards"])
    unsaid = (tokens == recipe.unsaid_tokens[0][rows]).all(1)
    kept = (tokens == before).all(1)
    empty = (before == recipe.empty).all(1)
    assert 0.3 < unsaid.mean() < 0.5 and 0.1 < empty.mean() < 0.3
    assert (unsaid | kept).all() and kept[empty].all()


def test_empty_captions_are_as_many_as_asked(make: Callable[..., Recipe]) -> None:
    recipe: Any = make("base", {"text_dropout": 0.5}, batch_size=200)
    recipe.build()
    tokens = recipe.batch(0)["tokens"].numpy()
    empty = (tokens == recipe.empty).all(1).mean()
    assert 0.4 < empty < 0.6
    assert torch.equal(recipe.batch(0)["tokens"], torch.from_numpy(tokens))


def test_decoder_only_leaves_the_encoder_alone(
    make: Callable[..., Recipe], parts: Path, tmp_path: Path
) -> None:
    recipe = make("vae", {"start": parts / "vae", "decoder_only": True}, steps=2)
    Loop(recipe, Run(tmp_path), say=lambda _: None).train()
    before = load_file(next((parts / "vae").glob("*.safetensors")))
    after = load_file(next((tmp_path / "weights/vae").glob("*.safetensors")))
    same = {k: torch.equal(before[k], after[k]) for k in before}
    assert all(same[k] for k in same if k.startswith("encoder"))
    assert not all(same[k] for k in same if k.startswith("decoder"))
    with pytest.raises(BadInput, match="start"):
        make("vae", {"decoder_only": True}).build()


def test_crops_are_centred_on_what_is_small(make: Callable[..., Recipe]) -> None:
    recipe: Any = make("vae", {"component_fraction": 1.0, "garment_fraction": 0.0}, batch_size=8)
    recipe.build()
    # The wardrobe's buttons are dark dots on cloth, and each crop has one in its middle.
    middles = recipe.batch(0)["crops"][:, 30:34, 30:34].float().mean((1, 2, 3))
    assert (middles < 60).all()
    scattered: Any = make("vae", {"garment_fraction": 0.0}, batch_size=8)
    scattered.build()
    assert (scattered.batch(0)["crops"][:, 30:34, 30:34].float().mean((1, 2, 3)) > 60).any()


def test_crops_say_where_small_things_are(make: Callable[..., Recipe]) -> None:
    values = {"component_weight": 3.0, "component_fraction": 1.0}
    recipe: Any = make("vae", values, batch_size=8)
    recipe.build()
    batch = recipe.batch(0)
    places = batch["places"]
    assert places.shape == batch["crops"].shape[:3] and places[:, 32, 32].all()
    assert 0 < places.float().mean() < 0.5
    assert recipe.step(batch)["loss"].isfinite()
    plain: Any = make("vae", batch_size=8)
    plain.build()
    assert "places" not in plain.batch(0)


def test_latents_stay_where_they_were_if_that_weighs(
    make: Callable[..., Recipe], parts: Path, tmp_path: Path
) -> None:
    def moved(keep: float) -> float:
        values = {"start": parts / "vae", "keep_weight": keep}
        recipe: Any = make("vae", values, steps=30)
        folder = Run(tmp_path / str(keep))
        Loop(recipe, folder, say=lambda _: None).train()
        torch.manual_seed(0)
        losses = recipe.step(recipe.batch(0))
        return float(losses["moved"])

    assert moved(10.0) < 0.6 * moved(1e-6)
    with pytest.raises(BadInput, match="keep_weight needs"):
        make("vae", {"keep_weight": 1.0})


def test_an_autoencoder_grows_without_forgetting(parts: Path) -> None:
    old = AutoencoderTiny.from_pretrained(parts / "vae")
    had = {k: tuple(old.config[f"num_{k}"]) for k in ("encoder_blocks", "decoder_blocks")}
    config: Any = VaeConfig.model_validate(
        {
            "shards": parts,
            "loop": {"steps": 1},
            "channels": old.config["encoder_block_out_channels"][0],
        }
        | {k: tuple(n and n + 1 for n in blocks) for k, blocks in had.items()}
    )
    old.register_to_config(scaling_factor=1.25)
    new = grown(old, config)
    assert new.config["scaling_factor"] == 1.25
    assert sum(p.numel() for p in new.parameters()) > sum(p.numel() for p in old.parameters())
    x = torch.rand(2, 3, 32, 32) * 2 - 1
    latents = new.encoder(x)
    assert torch.allclose(latents, old.encoder(x), atol=1e-5)
    assert torch.allclose(new.decoder(latents), old.decoder(latents), atol=1e-5)
    fewer = config.model_copy(update={"decoder_blocks": (0, 0, 0, 0)})
    with pytest.raises(BadInput, match="blocks"):
        grown(old, fewer)


def test_necklines_and_heads_weigh_more_in_the_loss(make: Callable[..., Recipe]) -> None:
    recipe: Any = make("base", {"neckline_weight": 3.0, "head_weight": 2.0}, batch_size=8)
    recipe.build()
    batch = recipe.batch(0)
    records = [recipe.shards.records[int(row)] for row in batch["rows"]]
    for grid, record in zip(batch["heads"], records, strict=True):
        assert bool(grid.any()) == (record["face_box"] is not None)
    for grid, record in zip(batch["necklines"], records, strict=True):
        assert bool(grid.any()) == (record["garment"]["neckline"] != "none")
    target = torch.zeros(8, 8, 8, 8)
    there = batch["necklines"].float()[:, None].expand_as(target)
    assert there.any()
    losses = recipe.losses(there, target, torch.full((8,), 0.5), batch)
    assert losses["neckline_error"] == 1 and losses["loss"] > losses["velocity_error"]


def test_components_weigh_more_in_the_loss(make: Callable[..., Recipe]) -> None:
    recipe: Any = make("base", {"component_weight": 4.0}, batch_size=8)
    recipe.build()
    batch = recipe.batch(0)
    places = batch["places"].float()
    buttons = [recipe.shards.specs[int(row)].garment.count("button") for row in batch["rows"]]
    assert places.sum() >= max(buttons) and 0 < float(places.mean()) < 0.5
    alpha = torch.full((8,), 0.5)
    target = torch.zeros(8, 8, 8, 8)
    there = places[:, None].expand_as(target)
    on, off = (
        recipe.losses(wrong / wrong.sum().sqrt(), target, alpha, batch)
        for wrong in (there, 1 - there)
    )
    assert on["loss"] > 3 * off["loss"]
    assert on["velocity_error"] == pytest.approx(float(off["velocity_error"]))
    assert on["component_error"] > 0 and off["component_error"] == 0
    plain: Any = make("base", batch_size=8)
    plain.build()
    assert "places" not in plain.batch(0)


def test_the_encoder_learns_to_read_beside_denoising(
    make: Callable[..., Recipe], tmp_path: Path
) -> None:
    change = {"reading_weight": 1.0}
    recipe = make("base", change, steps=60, batch_size=4, learning_rate=3e-3, ema_decay=0.9)
    Loop(recipe, Run(tmp_path), say=lambda _: None).train()
    errors = [m["reading_error"] for m in Run(tmp_path).metrics()]
    assert np.mean(errors[-8:]) < 0.7 * np.mean(errors[:8])
    silent = make("base", {**change, "text_dropout": 1.0}, batch_size=8)
    silent.build()
    assert silent.step(silent.batch(0))["reading_error"] == 0  # nothing was said


def test_unknown_recipe_lists_the_known() -> None:
    with pytest.raises(BadInput, match=", ".join(RECIPES)):
        recipe_class("vea")


def test_pooled_words_change_nothing_at_first_and_then_are_heard(
    make: Callable[..., Recipe], parts: Path, tmp_path: Path
) -> None:
    plain: Any = UNet2DConditionModel.from_pretrained(parts / "unet")
    grown: Any = with_pooled_words(plain)
    x, words = torch.randn(2, 8, 8, 8), torch.randn(2, 5, plain.config.cross_attention_dim)
    with torch.no_grad():
        torch.testing.assert_close(
            grown(x, 500, encoder_hidden_states=words).sample,
            plain(x, 500, encoder_hidden_states=words).sample,
        )
    shape = {**tiny.UNET_SHAPE, "pooled_words": True}
    recipe = make("base", {"shape": shape, "unet": parts / "unet"}, steps=3)
    Loop(recipe, Run(tmp_path / "base"), lambda _: None).train()
    trained: Any = UNet2DConditionModel.from_pretrained(tmp_path / "base" / "weights" / "unet")
    assert trained.config.addition_embed_type == "text"
    assert trained.add_embedding.norm2.weight.abs().max() > 0

    control = control_network(trained, (4, 4, 8, 8))
    assert control.add_embedding.pool.num_heads == trained.add_embedding.pool.num_heads
    control.save_pretrained(tmp_path / "control")
    again: Any = ControlNetModel.from_pretrained(tmp_path / "control")
    assert again.add_embedding.pool.num_heads == trained.add_embedding.pool.num_heads


def test_a_control_network_goes_on_where_an_earlier_one_stopped(
    make: Callable[..., Recipe], parts: Path, tmp_path: Path
) -> None:
    first = make("controlnet", steps=2)
    Loop(first, Run(tmp_path / "first"), lambda _: None).train()
    start = tmp_path / "first" / "weights" / "controlnet"
    second: Any = make("controlnet", {"controlnet": start}, steps=1)
    weights = second.build()["controlnet"].state_dict()
    saved = load_file(start / "diffusion_pytorch_model.safetensors")
    assert all(torch.equal(weights[key], saved[key]) for key in saved)
    wrong = make("controlnet", {"controlnet": start, "embedding": (4, 4, 4, 8)}, steps=1)
    with pytest.raises(BadInput, match="do not fit this network"):
        wrong.build()


def test_every_timestep_weighs_alike_unless_min_snr_is_asked_for() -> None:
    alpha = scaled_linear_alphas()[[999, 500, 20]]
    wanted = torch.zeros(3, 2, 4, 4)
    answer = torch.tensor([1.0, 2.0, 3.0]).view(3, 1, 1, 1).expand_as(wanted)
    loss, error = denoising_loss(answer, wanted, alpha)
    assert loss == error == pytest.approx((1 + 4 + 9) / 3)
    snr = alpha / (1 - alpha)
    for prediction, weight in (
        ("v_prediction", snr.clamp(max=5) / (snr + 1)),
        ("epsilon", snr.clamp(max=5) / snr),
    ):
        loss, error = denoising_loss(answer, wanted, alpha, "min_snr", prediction)  # type: ignore[arg-type]
        assert float(loss) == pytest.approx(float((weight * torch.tensor([1.0, 4, 9])).mean()))
        assert float(error) == pytest.approx((1 + 4 + 9) / 3)


def test_min_snr_gives_the_noisiest_fifth_about_a_hundredth_of_the_weight() -> None:
    alpha = scaled_linear_alphas()
    ones, nothing = torch.ones(1000, 1, 1, 1), torch.zeros(1000, 1, 1, 1)
    noisy = torch.where(torch.arange(1000).view(-1, 1, 1, 1) >= 800, ones, nothing)
    parts = [denoising_loss(x, nothing, alpha, "min_snr")[0] for x in (noisy, ones)]
    assert float(parts[0] / parts[1]) == pytest.approx(0.011, abs=0.001)


def test_the_last_timestep_is_pure_noise_and_the_sampler_knows() -> None:
    plain, rescaled = scaled_linear_alphas(), scaled_linear_alphas(zero_terminal_snr=True)
    assert rescaled[-1] == 0 and rescaled[0] == pytest.approx(float(plain[0]))
    assert bool((rescaled.diff() < 0).all())
    # diffusers' samplers leave 2**-24 at the end, so as not to divide by zero.
    torch.testing.assert_close(new_scheduler().alphas_cumprod[:-1], rescaled[:-1])
    old = new_scheduler(zero_terminal_snr=False)
    torch.testing.assert_close(old.alphas_cumprod, plain)

    clean, noise = torch.randn(2, 1, 4, 4, 4)
    x, velocity = noised(clean, noise, rescaled[[-1]])
    assert torch.equal(x, noise) and torch.equal(velocity, -clean)
    for weighting in ("uniform", "min_snr"):
        loss, _ = denoising_loss(torch.zeros_like(clean), velocity, rescaled[[-1]], weighting)
        assert bool(loss.isfinite())


def test_noise_is_never_predicted_from_pure_noise(make: Callable[..., Any]) -> None:
    recipe: Any = make("base", {"prediction": "epsilon"}, steps=1)
    assert recipe.config.scheduler().config["prediction_type"] == "epsilon"
    assert not recipe.config.scheduler().config["rescale_betas_zero_snr"]
    with pytest.raises(BadInput, match="zero_terminal_snr needs prediction"):
        make("base", {"prediction": "epsilon", "zero_terminal_snr": True}, steps=1)
