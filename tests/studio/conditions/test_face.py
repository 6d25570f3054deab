"""Faces and picture prompts: published layouts load, formulas hold, wrong files are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from studio.conditions.attention import OwnKeys
from studio.conditions.base import Branch
from studio.conditions.face import FaceAdapter, FaceCondition, FaceProjection, read_face
from studio.conditions.image_prompt import (
    ImagePromptAdapter,
    ImagePromptCondition,
    PooledProjection,
)
from studio.conditions.resampler import FacePerceiver, Resampler
from studio.errors import BadInput, ModelDamaged, ModelMissing
from studio.garment.spec import Box
from studio.request import Control
from studio.vision.image_encoder import ImageEncoder


class MeanColour:
    """A face encoder without weights: the mean colours of the four quarters of a face."""

    def __init__(self, box: Box | None = (0.25, 0.25, 0.75, 0.75)) -> None:
        self.box = box

    def find(self, picture: NDArray[np.uint8]) -> Box | None:
        return self.box

    def embed(self, picture: NDArray[np.uint8], box: Box) -> Tensor:
        height, width = picture.shape[:2]
        left, top, right, bottom = box
        face = picture[int(top * height) : int(bottom * height),
                       int(left * width) : int(right * width)]  # fmt: skip
        halves = [half for part in np.array_split(face, 2) for half in np.array_split(part, 2, 1)]
        vector = torch.tensor(np.concatenate([h.reshape(-1, 3).mean(0) for h in halves]))
        return F.normalize(vector.float(), dim=0)


@pytest.fixture(scope="module")
def encoder() -> ImageEncoder:
    torch.manual_seed(0)
    config = CLIPVisionConfig(
        hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
        image_size=16, patch_size=8, projection_dim=10,
    )  # fmt: skip
    return ImageEncoder(CLIPVisionModelWithProjection(config))


def pictures(count: int = 1) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 255, (count, 20, 24, 3)).astype(np.uint8)


def perceiver() -> FacePerceiver:
    return FacePerceiver(width=8, depth=1, heads=1, inputs=16, outputs=8, inner=16)


def test_published_sizes_of_faceid_and_plus() -> None:
    with torch.device("meta"):
        faceid = FaceProjection(512, 768).state_dict()
        plus = FaceProjection(512, 768, 4, FacePerceiver(768, 4, 12, 1280, 768, 3072)).state_dict()
    assert {k: tuple(v.shape) for k, v in faceid.items()} == {
        "proj.0.weight": (1024, 512), "proj.0.bias": (1024,),
        "proj.2.weight": (3072, 1024), "proj.2.bias": (3072,),
        "norm.weight": (768,), "norm.bias": (768,),
    }  # fmt: skip
    assert len(plus) == 56 and sum(v.numel() for v in plus.values()) == 33_581_568
    again = FaceProjection.from_state(plus, shortcut=True)
    assert again.inputs == 512 and again.perceiver is not None and again.perceiver.inputs == 1280


def test_the_face_projection_is_the_published_formula() -> None:
    torch.manual_seed(0)
    net, plus = FaceProjection(6, 8), FaceProjection(6, 8, 4, perceiver(), shortcut=True)
    vectors, view = torch.randn(2, 6), torch.randn(2, 5, 16)
    s = net.state_dict()
    inner = F.gelu(vectors @ s["proj.0.weight"].T + s["proj.0.bias"])
    tokens = (inner @ s["proj.2.weight"].T + s["proj.2.bias"]).reshape(2, 4, 8)
    wanted = F.layer_norm(tokens, (8,), s["norm.weight"], s["norm.bias"])
    assert torch.allclose(net(vectors), wanted, atol=1e-6)
    plus.load_state_dict(s, strict=False)
    assert plus.perceiver is not None
    answer = plus.perceiver.ask(wanted, view)
    assert torch.allclose(plus(vectors, view, 0.3), wanted + 0.3 * answer, atol=1e-6)
    plus.shortcut = False
    assert torch.allclose(plus(vectors, view, 0.3), answer, atol=1e-6)


def test_wrong_adapters_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "face_adapter"
    FaceAdapter(FaceProjection(12, 8), OwnKeys({1: (16, 8)})).save(folder)
    state = load_file(folder / "model.safetensors")
    for left_out, match in (("image_proj.norm.weight", "face adapter"),
                            ("ip_adapter.1.to_k_ip.weight", "image adapter")):  # fmt: skip
        save_file({k: v for k, v in state.items() if k != left_out}, folder / "model.safetensors")
        with pytest.raises(ModelDamaged, match=match):
            FaceAdapter.load(folder)
    with pytest.raises(ModelDamaged, match="not an image adapter"):
        ImagePromptAdapter.load(_with_more(tmp_path, state))
    with pytest.raises(ModelMissing):
        FaceAdapter.load(tmp_path / "nothing")


def _with_more(tmp_path: Path, state: dict[str, Tensor]) -> Path:
    path = tmp_path / "b.safetensors"
    save_file(state | {"something.else": torch.zeros(1)}, path)
    return path


def test_a_photo_becomes_tokens(encoder: ImageEncoder, tmp_path: Path) -> None:
    torch.manual_seed(0)
    adapter = FaceAdapter(FaceProjection(12, 8), OwnKeys({1: (16, 8)}))
    adapter.save(tmp_path / "face_adapter")
    adapter = FaceAdapter.load(tmp_path / "face_adapter")
    photo, eyes = pictures()[0], MeanColour()
    tokens = read_face(adapter, eyes, photo)
    vector = eyes.embed(photo, (0.25, 0.25, 0.75, 0.75))
    assert torch.equal(tokens.seen, adapter.projection(vector[None]))
    assert tokens.unseen is not None
    assert torch.equal(tokens.unseen, adapter.projection(torch.zeros(1, 12)))
    with pytest.raises(BadInput, match="No face"):
        read_face(adapter, MeanColour(None), photo)
    whole = read_face(adapter, MeanColour(None), photo, box=(0, 0, 1, 1))
    assert not torch.allclose(whole.seen, tokens.seen)
    with pytest.raises(ModelDamaged, match="another face encoder"):
        adapter.tokens(torch.zeros(5))
    plus = FaceAdapter(FaceProjection(12, 8, 4, perceiver()), OwnKeys({1: (16, 8)}))
    with pytest.raises(BadInput, match="image encoder"):
        read_face(plus, eyes, photo)
    seen = read_face(plus, eyes, photo, image_encoder=encoder)
    cut = encoder.tokens([photo[5:15, 6:18]])
    assert torch.equal(seen.seen, plus.projection(vector[None], cut))


@pytest.mark.parametrize("pooled", [False, True])
def test_a_picture_prompt_is_saved_and_heard(
    encoder: ImageEncoder, tmp_path: Path, pooled: bool
) -> None:
    torch.manual_seed(0)
    projection: Any = (
        PooledProjection(10, 8)
        if pooled
        else Resampler(width=8, depth=1, heads=1, inputs=16, outputs=8, inner=16, queries=3)
    )
    made = ImagePromptAdapter(projection, OwnKeys({1: (16, 8)}))
    made.save(tmp_path / "image_prompt")
    adapter = ImagePromptAdapter.load(tmp_path / "image_prompt")
    two = pictures(2)
    tokens = adapter.tokens(encoder, two)
    zeros = torch.zeros(1, 3, 16, 16)
    if pooled:
        wanted, nothing = encoder.vectors(two), torch.zeros(1, 10)
    else:
        wanted, nothing = encoder.tokens(two), encoder.tokens_of(zeros)
    assert tokens.unseen is not None
    assert torch.allclose(tokens.seen, projection(wanted), atol=1e-6)
    assert torch.allclose(tokens.unseen, projection(nothing), atol=1e-6)
    silent = ImagePromptAdapter(projection, made.keys, answers_nothing=False)
    assert silent.tokens(encoder, two).unseen is None
    condition = ImagePromptCondition(adapter, tokens, Control(strength=0.5))
    assert condition.sees(Branch.GARMENT) and condition.sees(Branch.TEXT)
    assert not condition.sees(Branch.UNCONDITIONAL) and not condition.sees(Branch.WORDS)
    face = FaceCondition(FaceAdapter(FaceProjection(12, 8), made.keys), tokens, Control())
    assert face.sees(Branch.WORDS) and face.sees(Branch.TEXT)
    assert not face.sees(Branch.GARMENT) and not face.sees(Branch.UNCONDITIONAL)


def test_another_image_encoder_is_refused(encoder: ImageEncoder) -> None:
    projection = PooledProjection(7, 8)
    with pytest.raises(ModelDamaged, match="another image encoder"):
        ImagePromptAdapter(projection, OwnKeys({1: (16, 8)})).tokens(encoder, pictures())
