"""Garment, pose and face through the whole engine, with tiny adapters of every bundled kind."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.controlnets.controlnet import ControlNetModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from studio.conditions.attention import OwnKeys, self_attentions
from studio.conditions.face import FaceAdapter, FaceProjection
from studio.conditions.image_prompt import ImagePromptAdapter
from studio.conditions.resampler import Resampler
from studio.controls.style import StyleControl
from studio.engine import Engine
from studio.errors import BadInput
from studio.pngmeta import png_bytes
from studio.request import Control, GenerationRequest, Pose, sha_of
from studio.vision.face import FaceNet, FaceShape, WardrobeFaceEncoder
from studio.vision.image_encoder import ImageEncoder, Preparation
from tests.flat import replace, request_of

SIDE = 64
DRAWN = np.random.default_rng(0)
GARMENT = png_bytes(Image.fromarray(DRAWN.integers(0, 256, (64, 64, 3), np.uint8)))
OTHER = png_bytes(Image.fromarray(DRAWN.integers(0, 256, (64, 64, 3), np.uint8)))
_mask = np.zeros((64, 64), np.uint8)
_mask[12:52, 14:50] = 255
MASK = png_bytes(Image.fromarray(_mask))
FILES = {sha_of(f): f for f in (GARMENT, OTHER, MASK)}
PLAIN = request_of(prompt="a woman", steps=3, st=3.0, seed=5, width=SIDE, height=SIDE)
WORN = replace(PLAIN, garment_image=sha_of(GARMENT), garment_mask=sha_of(MASK))
POSE = Pose(joints=((0.5, 0.1), (0.5, 0.2), (0.4, 0.2), (0.35, 0.4), *(None,) * 14))


def _moved(network: Any, seed: int) -> Any:
    """Another network of the same shape, as a training would leave it."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.2 * weight.std().nan_to_num() * torch.randn(
                weight.shape, generator=generator))  # fmt: skip
    return network


@pytest.fixture(scope="module")
def dressed(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny family with all the adapters that a family can have."""
    folder = tmp_path_factory.mktemp("dressed") / "tiny"
    shutil.copytree(tiny_folder, folder)
    torch.manual_seed(3)
    unet: Any = UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32)
    width = int(unet.config.cross_attention_dim)
    layers = self_attentions(unet)
    pairs = {
        f"adapter_modules.{2 * i}.to_{kind}_ref.weight": torch.randn_like(attn.to_k.weight) * 0.3
        for i, attn in enumerate(layers.values())
        for kind in "kv"
    }
    vision = CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
            image_size=32, patch_size=8, projection_dim=12,
        )
    )  # fmt: skip
    ImageEncoder(vision, Preparation(32, pad=True)).save(folder / "image_encoder")
    resampler = Resampler(16, 1, 1, 16, width, 16, 3)
    dressing = pairs | {f"proj.{k}": v for k, v in resampler.state_dict().items()}
    (folder / "dressing").mkdir()
    save_file(dressing, folder / "dressing" / "model.safetensors")
    (folder / "dressing" / "config.json").write_text(json.dumps({"masked": True}))
    ImagePromptAdapter(Resampler(16, 1, 1, 16, width, 16, 3), OwnKeys.of_unet(unet)).save(
        folder / "image_prompt"
    )
    net = FaceNet(FaceShape())
    WardrobeFaceEncoder(net).save(folder / "face_encoder")
    FaceAdapter(FaceProjection(net.shape.outputs, width), OwnKeys.of_unet(unet)).save(
        folder / "face_adapter"
    )
    control: Any = ControlNetModel.from_unet(
        unet, conditioning_channels=3, conditioning_embedding_out_channels=(8, 8, 8, 8)
    )
    _moved(control, 1)
    for module in (*control.controlnet_down_blocks, control.controlnet_mid_block):
        torch.nn.init.normal_(module.weight, std=0.3)
    torch.nn.init.normal_(control.controlnet_cond_embedding.conv_out.weight, std=1.0)
    control.save_pretrained(folder / "controlnet_garment")
    _moved(unet, 2).save_pretrained(folder / "garment_extractor")
    return folder


@pytest.fixture(scope="module")
def engine(dressed: Path) -> Engine:
    return Engine(dressed, dtype="fp32", device="cpu")


def pixels(engine: Engine, request: GenerationRequest) -> np.ndarray:
    return np.stack([np.asarray(p.image, np.int16) for p in engine.generate(request, FILES)])


def felt(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.abs(a - b).max() > 3)


def test_a_family_tells_what_it_can_hear(engine: Engine) -> None:
    able = engine.capabilities
    assert {
        "garment", "dressing", "image_prompt", "controlnet_garment", "face", "pose", "styles",
    } <= able.conditions  # fmt: skip
    assert able.notices == ()


@pytest.mark.parametrize(
    "method", ["magic_clothing", "imagdressing", "combined", "image_prompt", "controlnet_garment"]
)
def test_every_method_is_felt_repeats_and_leaves_the_unet(engine: Engine, method: str) -> None:
    unet = engine.load().unet
    processors = dict(unet.attn_processors)
    weights = {k: v.clone() for k, v in unet.state_dict().items()}
    plain = pixels(engine, PLAIN)
    request = replace(WORN, garment_method=method)
    worn = pixels(engine, request)
    assert felt(plain, worn)
    assert np.array_equal(worn, pixels(engine, request))
    other = replace(request, garment_image=sha_of(OTHER))
    assert not np.array_equal(worn, pixels(engine, other))
    assert all(unet.attn_processors[k] is v for k, v in processors.items())
    assert all(torch.equal(weights[k], v) for k, v in unet.state_dict().items())
    assert np.array_equal(plain, pixels(engine, PLAIN))


def test_scales_are_heard_and_a_silent_garment_is_plain(engine: Engine) -> None:
    worn = pixels(engine, WORN)
    assert felt(worn, pixels(engine, replace(WORN, sg=6.0)))
    assert felt(worn, pixels(engine, replace(WORN, guidance_form="independent")))
    dressing = replace(WORN, garment_method="imagdressing")
    assert felt(pixels(engine, dressing), pixels(engine, replace(dressing, dressing=0.3)))
    none = pixels(engine, replace(dressing, dressing=0.0))
    assert np.array_equal(none, pixels(engine, PLAIN))


def test_one_extractor_pass_serves_all_pictures_of_a_garment(engine: Engine) -> None:
    engine.forget()
    extractor = engine.load().adapters.get("garment")
    before = extractor.passes
    pixels(engine, replace(WORN, count=2))
    pixels(engine, replace(WORN, seed=77, prompt="a man in a park", sg=4.0))
    assert extractor.passes == before + 1
    pixels(engine, replace(WORN, garment_image=sha_of(OTHER)))
    assert extractor.passes == before + 2


@contextmanager
def runs_of(*modules: torch.nn.Module) -> Iterator[list[torch.nn.Module]]:
    """Which of these networks ran, each time that one did."""
    ran: list[torch.nn.Module] = []
    handles = [m.register_forward_hook(lambda module, *_: ran.append(module)) for m in modules]
    try:
        yield ran
    finally:
        for handle in handles:
            handle.remove()


@pytest.mark.parametrize("kind", ["face", "image_prompt"])
def test_a_picture_is_turned_into_tokens_once(engine: Engine, kind: str) -> None:
    """For all seeds, words and batches, until it is forgotten, and the pictures stay the same."""
    adapters = engine.load().adapters
    encoder: Any = adapters.get("face_encoder")
    if kind == "face":
        field, request = "face_image", replace(PLAIN, face_image=sha_of(GARMENT))
        encoder.net.shape = replace(encoder.net.shape, threshold=0.0)
        networks = (encoder.net.search, encoder.net.look, adapters.get("face").projection)
    else:
        field, request = "garment_image", replace(WORN, garment_method="image_prompt")
        networks = (adapters.get("image_encoder").net, adapters.get("image_prompt").projection)
    engine.forget()
    with runs_of(*networks) as ran:
        first = pixels(engine, request)
        assert set(ran) == set(networks)
        ran.clear()
        assert np.array_equal(pixels(engine, request), first)
        pixels(engine, replace(request, seed=77, prompt="a man in a park", count=2))
        assert ran == []
        other = pixels(engine, replace(request, **{field: sha_of(OTHER)}))
        assert set(ran) == set(networks) and not np.array_equal(other, first)
        ran.clear()
        assert np.array_equal(pixels(engine, request), first) and ran == []
        engine.forget()
        assert np.array_equal(pixels(engine, request), first) and set(ran) == set(networks)


def test_few_faces_are_kept(engine: Engine) -> None:
    adapters = engine.load().adapters
    encoder: Any = adapters.get("face_encoder")
    encoder.net.shape = replace(encoder.net.shape, threshold=0.0)
    faces = [png_bytes(Image.new("RGB", (64, 64), (9 * i, 90, 20))) for i in range(9)]
    files = {sha_of(f): f for f in faces}
    engine.forget()
    with runs_of(encoder.net.look) as ran:
        for face in (*faces, faces[-1], faces[1], faces[0]):
            engine.generate(replace(PLAIN, steps=1, face_image=sha_of(face)), files)
    assert len(ran) == 9 + 1


def test_several_pictures_of_one_garment_are_those_made_alone(engine: Engine) -> None:
    three = pixels(engine, replace(WORN, count=3, garment_method="combined"))
    alone = pixels(engine, replace(WORN, seed=WORN.sampling.seed + 2, garment_method="combined"))
    assert np.abs(three[2] - alone[0]).max() <= 1


def test_pose_and_face_are_felt_alone_and_with_a_garment(engine: Engine) -> None:
    for change in (
        {"pose": POSE},
        {"face_image": sha_of(GARMENT)},
    ):
        if "face_image" in change:
            # An untrained finder finds nothing, or anything: a threshold of 0 takes the surest.
            encoder: Any = engine.load().adapters.get("face_encoder")
            encoder.net.shape = replace(encoder.net.shape, threshold=0.0)
        assert felt(pixels(engine, PLAIN), pixels(engine, replace(PLAIN, **change)))
        assert felt(pixels(engine, WORN), pixels(engine, replace(WORN, **change)))
    silent = replace(PLAIN, face_image=sha_of(GARMENT), face_control=Control(strength=0.0))
    assert np.array_equal(pixels(engine, PLAIN), pixels(engine, silent))


def test_styles_are_felt_in_pictures_and_words(engine: Engine) -> None:
    from safetensors.torch import save

    family = engine.load()
    layer = next(n for n, _ in family.unet.named_modules() if n.endswith("attn2.to_k"))
    weight = family.unet.get_submodule(layer).weight
    generator = torch.Generator().manual_seed(1)
    lora = {
        f"unet.{layer}.lora_A.weight": torch.randn(2, weight.shape[1], generator=generator),
        f"unet.{layer}.lora_B.weight": torch.randn(weight.shape[0], 2, generator=generator),
    }
    data = save(lora)
    style = StyleControl(name="ink.safetensors", sha256=sha_of(data))
    files = FILES | {style.sha256: data}
    styled = replace(WORN, styles=(style,))
    made = np.asarray(engine.generate(styled, files)[0].image, np.int16)
    plain = pixels(engine, WORN)[0]
    assert felt(made, plain)
    silent = replace(styled, styles=(style.replaced(strength=0.0),))
    assert np.array_equal(np.asarray(engine.generate(silent, files)[0].image, np.int16), plain)
    with pytest.raises(BadInput, match="add its file again"):
        engine.generate(styled, FILES)


def test_weights_of_the_adapters_count(engine: Engine) -> None:
    plain = engine.generate(PLAIN, FILES)[0].request.model.weights
    worn = engine.generate(WORN, FILES)[0].request.model.weights
    both = engine.generate(replace(WORN, garment_method="combined"), FILES)[0].request.model.weights
    assert len({plain, worn, both}) == 3 and plain == engine.capabilities.weights
    with pytest.raises(BadInput, match="other weights"):
        engine.generate(replace(WORN, weights=plain), FILES)


def test_try_on_keeps_the_person_to_the_pixel(engine: Engine) -> None:
    request = replace(WORN, init_image=sha_of(OTHER), mask=sha_of(MASK), vary_strength=1)
    made = pixels(engine, request)[0]
    person = np.asarray(Image.fromarray(_array(OTHER)), np.int16)
    outside = _mask == 0
    assert np.array_equal(made[outside], person[outside])
    assert felt(made[~outside], person[~outside])


def _array(data: bytes) -> np.ndarray:
    import io

    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_a_model_without_adapters_says_so(tiny_folder: Path) -> None:
    engine = Engine(tiny_folder, dtype="fp32", device="cpu")
    assert not {"garment", "dressing", "face"} & engine.capabilities.conditions
    with pytest.raises(BadInput, match="a garment by the method “Magic Clothing”: choose"):
        engine.generate(WORN, FILES)
    with pytest.raises(BadInput, match="cannot be given a face"):
        engine.generate(replace(PLAIN, face_image=sha_of(GARMENT)), FILES)


def test_a_garment_is_found_once_for_all_its_pictures(engine: Engine) -> None:
    """The same picture and part give the very same mask; another part is looked for anew."""
    picture = Image.new("RGB", (96, 128), "white")
    picture.paste((20, 40, 120), (24, 20, 72, 110))
    first = engine.garment_mask(picture)
    assert (first.mask > 127).mean() == pytest.approx(0.35, abs=0.05)
    assert engine.garment_mask(picture.copy()) is first
    assert engine.garment_mask(picture, "upper") is not first
    engine.forget()
    assert engine.garment_mask(picture) is not first


def test_a_missing_or_empty_garment_is_a_sentence(engine: Engine) -> None:
    with pytest.raises(BadInput, match="garment image picture is not there"):
        engine.generate(WORN, {})
    empty = png_bytes(Image.fromarray(np.zeros((64, 64), np.uint8)))
    request = replace(WORN, garment_mask=sha_of(empty))
    with pytest.raises(BadInput) as error:
        engine.generate(request, FILES | {sha_of(empty): empty})
    assert str(error.value).endswith(".") and "\n" not in str(error.value)
