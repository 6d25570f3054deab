"""Shards, tokens and latents: deterministic, reused, read back as they were drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import CLIPTokenizer

from studio.errors import ModelDamaged
from studio.forms import read_form
from studio.garment.caption import caption
from tests.trainer import tinywardrobe as tiny
from trainer.data.captions import shard_tokens
from trainer.data.latents import Latents, encode_shards
from trainer.data.shards import Shards, make_shards, picture_from_dict, picture_to_dict
from trainer.data.tokens import save_tokenizer, to_tokens, train_tokenizer
from trainer.data.wardrobe import sample_picture_spec
from trainer.recipes.text import answers, questions
from trainer.recipes.vae import VaeConfig, new_vae


def test_shards_give_back_what_was_drawn(tmp_path: Path) -> None:
    shards = tiny.shards(tmp_path, 6)
    assert shards.count == 6
    rows = np.array([5, 0])
    for i, row in enumerate(rows):
        drawn = tiny.draw(int(row))
        assert np.array_equal(shards.pictures(rows)[i], drawn.picture)
        assert np.array_equal(shards.garment_masks(rows)[i], drawn.garment)
        assert np.array_equal(shards.inks("shaky", rows)[i], drawn.inks["shaky"])
        assert picture_to_dict(shards.specs[row]) == picture_to_dict(
            picture_from_dict(drawn.record)
        )


def test_parallel_drawing_equals_drawing_here(tmp_path: Path) -> None:
    here = tiny.shards(tmp_path / "here", 4)
    apart = Shards(
        make_shards(tmp_path / "apart", 4, draw=tiny.draw, workers=1, shard_size=2,
                    say=lambda _: None)
    )  # fmt: skip
    rows = np.arange(4)
    assert np.array_equal(here.pictures(rows), apart.pictures(rows))
    assert here.records == apart.records


def test_a_finished_shard_is_reused_and_a_stale_one_is_not(tmp_path: Path) -> None:
    paths = tiny.shards(tmp_path, 4).paths
    before = [p.stat().st_mtime_ns for p in paths]
    assert [p.stat().st_mtime_ns for p in tiny.shards(tmp_path, 4).paths] == before

    def other(seed: int):
        drawn = tiny.draw(seed)
        drawn.picture[:10] = 0
        return drawn

    again = make_shards(tmp_path, 4, draw=other, workers=0, shard_size=2, say=lambda _: None)
    assert not set(again) & set(paths)
    assert Shards.of(tmp_path).paths == tuple(again)


def test_specifications_survive_json() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        spec = sample_picture_spec(rng)
        assert picture_from_dict(picture_to_dict(spec)) == spec


def test_tokenizer_loads_and_knows_the_trade(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    lines = [caption(sample_picture_spec(rng), rng) for _ in range(300)]
    save_tokenizer(train_tokenizer(lines, 700), tmp_path / "tokenizer")
    tokenizer = CLIPTokenizer.from_pretrained(tmp_path / "tokenizer")
    assert len(tokenizer) <= 700 and tokenizer.model_max_length == 64
    assert tokenizer.tokenize("a shirt with buttons") == [
        "a</w>", "shirt</w>", "with</w>", "buttons</w>"
    ]  # fmt: skip
    ids = to_tokens(tokenizer, lines)
    assert ids.shape == (300, 64) and (ids[:, 0] == tokenizer.bos_token_id).all()
    assert ids.max() < len(tokenizer)


def test_caption_tokens_are_cached_by_content(tmp_path: Path) -> None:
    shards = tiny.shards(tmp_path / "shards", 4)
    tokenizer = train_tokenizer(["a red shirt"], 250)
    first = shard_tokens(tmp_path, shards, tokenizer, 2)
    assert first.shape == (2, 4, 64) and not np.array_equal(first[0], first[1])
    files = sorted(tmp_path.glob("tokens-*.npy"))
    assert np.array_equal(shard_tokens(tmp_path, shards, tokenizer, 2), first)
    assert sorted(tmp_path.glob("tokens-*.npy")) == files
    shard_tokens(tmp_path, shards, tokenizer, 1, said="scene")
    assert len(list(tmp_path.glob("tokens-*.npy"))) == 3


def test_right_answers_match_the_questions(tmp_path: Path) -> None:
    shards = tiny.shards(tmp_path, 4)
    table, asked = answers(shards.specs), questions()
    assert table.shape == (4, len(asked))
    assert (table >= 0).all() and (table < np.array(list(asked.values()))).all()
    column = list(asked).index("button at centre front")
    assert [s.garment.count("button") for s in shards.specs] == table[:, column].tolist()


def _vae(folder: Path, shards: Path) -> Path:
    config = read_form(VaeConfig, {"shards": shards, "loop": tiny.LOOP, **tiny.VAE}, "test")
    torch.manual_seed(0)
    new_vae(config).save_pretrained(folder)
    return folder


def test_latents_are_those_of_the_encoder(tmp_path: Path) -> None:
    shards = tiny.shards(tmp_path / "shards", 4)
    vae = _vae(tmp_path / "vae", tmp_path / "shards")
    say: list[str] = []
    latents = Latents(encode_shards(tmp_path / "cache", shards, vae, 128, say=say.append))
    assert latents.rows(np.array([3, 1])).shape == (2, 8, 16, 16) and len(say) == 2
    encode_shards(tmp_path / "cache", shards, vae, 128, say=say.append)
    assert len(say) == 2
    from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny

    model: Any = AutoencoderTiny.from_pretrained(vae)
    picture = torch.from_numpy(shards.pictures(np.array([3]))).permute(0, 3, 1, 2) / 127.5 - 1
    half = torch.nn.functional.avg_pool2d(picture, 2)
    expected: NDArray[np.float32] = model.encode(half).latents.detach().numpy()
    assert np.abs(latents.rows(np.array([3])) - expected).max() < 0.05


def test_a_decoder_that_was_trained_on_leaves_the_latents(tmp_path: Path) -> None:
    shards = tiny.shards(tmp_path / "shards", 4)
    vae = _vae(tmp_path / "vae", tmp_path / "shards")
    from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny

    def encoded() -> list[Path]:
        return encode_shards(tmp_path / "cache", shards, vae, 128, say=lambda _: None)

    before = encoded()
    model: Any = AutoencoderTiny.from_pretrained(vae)
    model.decoder.layers[0].weight.data.add_(1)
    model.save_pretrained(vae)
    assert encoded() == before
    model.encoder.layers[0].weight.data.add_(1)
    model.save_pretrained(vae)
    assert encoded() != before


def test_latents_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    shards = tiny.shards(tmp_path / "shards", 4)
    vae = _vae(tmp_path / "vae", tmp_path / "shards")
    from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny

    broken: Any = AutoencoderTiny.from_pretrained(vae)
    broken.encoder.layers[0].weight.data.fill_(float("nan"))
    broken.save_pretrained(vae)
    with pytest.raises(ModelDamaged, match="not numbers"):
        encode_shards(tmp_path / "cache", shards, vae, say=lambda _: None)
    assert not list((tmp_path / "cache").rglob("*.npy"))
