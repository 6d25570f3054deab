"""The image encoder: pictures in, tokens and vectors out; words beside them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModelWithProjection

from studio.errors import BadInput, ModelDamaged, ModelMissing
from studio.vision.image_encoder import (
    PREPARATION_NAME,
    TEXT_PROJECTION_NAME,
    ImageEncoder,
    Preparation,
    TextProjection,
    real_tokens,
)


def network(size: int = 32) -> CLIPVisionModelWithProjection:
    torch.manual_seed(0)
    return CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=16, intermediate_size=32, num_hidden_layers=3, num_attention_heads=2,
            image_size=size, patch_size=8, projection_dim=12,
        )
    )  # fmt: skip


@pytest.fixture
def encoder() -> ImageEncoder:
    return ImageEncoder(network(), Preparation(32, pad=True), TextProjection(8, 12))


def photo(height: int = 48, width: int = 30) -> Image.Image:
    y, x = np.mgrid[:height, :width]
    pixels = np.stack([x * 5, y * 4, 120 + 60 * np.sin(x / 6)], 2)
    return Image.fromarray(pixels.astype(np.uint8))


def test_it_is_saved_and_loaded(encoder: ImageEncoder, tmp_path: Path) -> None:
    encoder.save(tmp_path / "image_encoder")
    again = ImageEncoder.load(tmp_path / "image_encoder")
    assert again.preparation == encoder.preparation and again.words is not None
    pictures = [photo(), photo(20, 40)]
    assert torch.allclose(again.embed(pictures), encoder.embed(pictures), atol=1e-5)
    hidden = torch.randn(2, 5, 8)
    assert torch.allclose(again.embed_texts(hidden), encoder.embed_texts(hidden), atol=1e-6)
    assert again.width == 16 and again.outputs == 12


def test_tokens_are_the_last_but_one_hidden_states(encoder: ImageEncoder) -> None:
    pixels = encoder.pixels([photo()])
    with torch.no_grad():
        out = encoder.net(pixels, output_hidden_states=True)
        layers = encoder.net.vision_model.encoder.layers
        again = layers[2](out.hidden_states[-2], attention_mask=None)
    again = again[0] if isinstance(again, tuple) else again
    assert torch.equal(encoder.tokens([photo()]), out.hidden_states[2])
    assert torch.allclose(again, out.hidden_states[3], atol=1e-6)
    assert encoder.tokens([photo()]).shape == (1, 17, 16)
    assert torch.equal(encoder.zero_tokens(), encoder.tokens_of(torch.zeros(1, 3, 32, 32)))


def test_vectors_have_unit_length_and_batches_change_nothing(encoder: ImageEncoder) -> None:
    pictures = [photo(40 + i, 30) for i in range(5)]
    whole = encoder.embed(pictures)
    assert torch.allclose(whole.norm(dim=1), torch.ones(5))
    assert torch.allclose(encoder.embed(pictures, batch_size=2), whole, atol=1e-5)


@pytest.mark.parametrize("shape", [(60, 47), (47, 60), (33, 33)])
def test_published_folders_get_clips_own_pixels(shape: tuple[int, int], tmp_path: Path) -> None:
    network().save_pretrained(tmp_path)
    encoder = ImageEncoder.load(tmp_path)
    processor = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=32)
    wanted = processor(photo(*shape), return_tensors="pt").pixel_values
    # A rounded pixel is 1 / 255 / 0.26 = 0.015.
    assert (encoder.pixels([photo(*shape)]) - wanted).abs().max() < 0.04


def test_the_bundled_kind_sees_the_whole_picture(encoder: ImageEncoder) -> None:
    pixels = np.full((20, 60, 3), 200, np.uint8)
    pixels[:, :4] = 0
    square = encoder.preparation.square(pixels)
    assert square.shape == (32, 32, 3)
    assert square[:, 0].max() < 100 and square[:, 8:].min() > 190
    with pytest.raises(BadInput, match="no colour pixels"):
        encoder.pixels([np.zeros((4, 4), np.uint8)])


def test_words_are_gathered_by_attention(encoder: ImageEncoder) -> None:
    hidden, words = torch.randn(1, 5, 8), encoder.words
    assert words is not None
    real = torch.tensor([[True, True, True, False, False]])
    with torch.no_grad():
        values = hidden[0, :3] @ words.value.weight.T
        parts = []
        for h in range(4):
            weights = (hidden[0, :3] @ words.query[h]).softmax(0)
            parts.append(weights @ values[:, 2 * h : 2 * h + 2])
        wanted = F.normalize(torch.cat(parts) @ words.out.weight.T, dim=0)
    assert torch.allclose(encoder.embed_texts(hidden, real)[0], wanted, atol=1e-5)
    other = hidden.clone()
    other[:, 3:] = 9
    assert torch.equal(encoder.embed_texts(other, real), encoder.embed_texts(hidden, real))


def test_padding_is_not_real() -> None:
    ids = torch.tensor([[0, 5, 6, 1, 1, 1], [0, 5, 6, 7, 8, 1]])
    assert real_tokens(ids, 1).tolist() == [[True] * 4 + [False] * 2, [True] * 6]


def test_pictures_only_and_missing_and_damaged(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="train it"):
        ImageEncoder.load(tmp_path)
    encoder = ImageEncoder(network(), Preparation(32, pad=True), TextProjection(8, 12))
    encoder.save(tmp_path)
    (tmp_path / TEXT_PROJECTION_NAME).unlink()
    with pytest.raises(BadInput, match="pictures only"):
        ImageEncoder.load(tmp_path).embed_texts(torch.zeros(1, 2, 8))
    (tmp_path / TEXT_PROJECTION_NAME).write_bytes(b"nothing")
    with pytest.raises(ModelDamaged, match="text_projection"):
        ImageEncoder.load(tmp_path)
    (tmp_path / TEXT_PROJECTION_NAME).unlink()
    (tmp_path / PREPARATION_NAME).write_text(json.dumps({"image_mean": [1]}))
    with pytest.raises(ModelDamaged, match="restore the file"):
        ImageEncoder.load(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelDamaged, match="restore the folder"):
        ImageEncoder.load(tmp_path)
