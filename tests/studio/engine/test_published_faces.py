"""Published face adapters: loaded whole by the engine, or named in one sentence.

The family is tiny but as wide for words as Stable Diffusion 1.5, which published files are for.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel

from studio.conditions.lora import fitted, fold
from studio.conditions.published.base import attention_layers
from studio.controls.face import load_face_id
from studio.engine import Engine
from studio.errors import BadInput, ModelDamaged, ModelMissing
from studio.pngmeta import png_bytes
from studio.request import GenerationRequest, sha_of
from studio.vision.face import FaceNet, FaceShape, WardrobeFaceEncoder
from tests.flat import replace, request_of
from tests.publishedfiles import face_adapter, face_projection
from tests.tinymodel import build_tiny_model

SD15_TEXT = 768
NAME = "ip-adapter-faceid-plus_sd15.bin"
PHOTO = png_bytes(Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)))
WITH_FACE = request_of(
    prompt="a woman", steps=1, st=3.0, width=64, height=64, face_image=sha_of(PHOTO)
)
Parts = dict[str, dict[str, Tensor]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build_tiny_model(tmp_path_factory.mktemp("sd15") / "tiny", controlnet=False)
    config: Any = UNet2DConditionModel.load_config(folder / "unet")
    unet: Any = UNet2DConditionModel.from_config(config, cross_attention_dim=SD15_TEXT)
    unet.half().save_pretrained(folder / "unet")
    words = CLIPTextConfig.from_pretrained(folder / "text_encoder")
    words.hidden_size, words.intermediate_size = SD15_TEXT, 32
    CLIPTextModel(words).half().save_pretrained(folder / "text_encoder")
    return folder


@pytest.fixture(scope="module")
def unet(model: Path) -> UNet2DConditionModel:
    loaded: Any = UNet2DConditionModel.from_pretrained(model / "unet", torch_dtype=torch.float32)
    return loaded


def face(unet: UNet2DConditionModel, plus: bool) -> Parts:
    """A whole file of this family's sizes."""
    draw = torch.Generator().manual_seed(0)
    image = face_projection(8, 4, source=16, depth=1, inner=64, plus=plus)
    sources = [(layer.width, layer.source) for layer in attention_layers(unet)]
    return {
        part: {n: torch.randn(s, generator=draw).half() for n, s in shapes.items()}
        for part, shapes in (("image_proj", image), ("ip_adapter", face_adapter(sources, 3)))
    }


@pytest.fixture(scope="module")
def parts(unet: UNet2DConditionModel) -> Parts:
    return face(unet, plus=True)


def flat(parts: Parts) -> dict[str, Tensor]:
    return {f"{part}.{n}": w for part, some in parts.items() for n, w in some.items()}


@pytest.mark.parametrize("plus", [False, True])
@pytest.mark.parametrize("name", ["ip-adapter-faceid_sd15.bin", "faceid.safetensors"])
def test_every_weight_of_a_file_is_loaded(
    unet: UNet2DConditionModel, tmp_path: Path, plus: bool, name: str
) -> None:
    """Nested in a pickle of torch.save, flat in safetensors."""
    parts, path = face(unet, plus), tmp_path / name
    if name.endswith(".bin"):
        torch.save(parts, path)
    else:
        save_file(flat(parts), path)
    loaded = load_face_id(path, unet)
    path.write_bytes(b"")  # nothing of the file is needed any more
    projection = loaded.projection.state_dict()
    assert set(projection) == set(parts["image_proj"])
    assert all(torch.equal(w, parts["image_proj"][n].float()) for n, w in projection.items())
    assert (loaded.projection.perceiver is not None) is plus and loaded.projection.inputs == 8
    adapter = {n: w.float() for n, w in parts["ip_adapter"].items()}
    keys = loaded.keys.state_dict()
    assert all(torch.equal(w, adapter[n]) for n, w in keys.items())
    assert len(keys) + 2 * len(loaded.lora) == len(adapter)
    for change in loaded.lora.values():
        assert torch.equal(change.down, adapter[f"{change.layer}.down.weight"])
        assert torch.equal(change.up, adapter[f"{change.layer}.up.weight"])


def test_the_base_takes_all_of_it(unet: UNet2DConditionModel, parts: Parts, tmp_path: Path) -> None:
    whole(parts, tmp_path / NAME)
    loaded = load_face_id(tmp_path / NAME, unet)
    loaded.keys.check(unet, "attn2")
    before = {n: w.clone() for n, w in unet.state_dict().items()}
    with fold(fitted(unet, loaded.lora, "face adapter"), 1.0):
        changed = {n for n, w in unet.state_dict().items() if not torch.equal(w, before[n])}
    layers = ("to_q.weight", "to_k.weight", "to_v.weight", "to_out.0.weight")
    assert changed == {f"{at.name}.{layer}" for at in attention_layers(unet) for layer in layers}
    assert all(torch.equal(w, before[n]) for n, w in unet.state_dict().items())


@pytest.mark.parametrize(
    ("name", "shortcut"),
    [(NAME, False), ("ip-adapter-faceid-plusv2_sd15.bin", True), ("FaceID-Plus-V2.bin", True)],
)
def test_version_two_of_face_plus_is_told_by_its_name(
    unet: UNet2DConditionModel, parts: Parts, tmp_path: Path, name: str, shortcut: bool
) -> None:
    whole(parts, tmp_path / name)
    assert load_face_id(tmp_path / name, unet).projection.shortcut is shortcut


@pytest.fixture(autouse=True)
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is about one file takes all that it needs beside it for there."""
    for name in (
        "studio.vision.face.insightface_lacks",
        "studio.controls.garment.no_image_encoder",
    ):
        monkeypatch.setattr(name, lambda *_: "")


def made(model: Path, published: Path) -> Any:
    engine = Engine(model, dtype="fp32", device="cpu", adapters=published)
    return engine.generate(WITH_FACE, {sha_of(PHOTO): PHOTO})


def whole(parts: Parts, path: Path) -> None:
    torch.save(parts, path)


def without(part: str, name: str) -> Callable[[Parts, Path], None]:
    def make(parts: Parts, path: Path) -> None:
        less = {n: w for n, w in parts[part].items() if n != name}
        torch.save(parts | {part: less}, path)

    return make


def other(part: str, **shapes: tuple[int, ...]) -> Callable[[Parts, Path], None]:
    def make(parts: Parts, path: Path) -> None:
        weights = {n.replace("__", "."): torch.ones(s) for n, s in shapes.items()}
        torch.save(parts | {part: parts[part] | weights}, path)

    return make


def for_another_base(parts: Parts, path: Path) -> None:
    narrow = {n: torch.ones(*w.shape[:-1], 24) for n, w in parts["ip_adapter"].items()}
    torch.save(parts | {"ip_adapter": narrow}, path)


def cut(parts: Parts, path: Path) -> None:
    whole(parts, path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_safetensors(parts: Parts, path: Path) -> None:
    save_file(flat(parts), path)
    path.write_bytes(path.read_bytes()[:-100])


def pointer(_: Parts, path: Path) -> None:
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 156558503\n")


def page(_: Parts, path: Path) -> None:
    path.write_text("<!doctype html><html><title>Sign in</title></html>")


def for_pictures(_: Parts, path: Path) -> None:
    torch.save({"image_proj": {"proj.weight": torch.ones(2, 2)},
                "ip_adapter": {"1.to_k_ip.weight": torch.ones(2, 2)}}, path)  # fmt: skip


def a_style(_: Parts, path: Path) -> None:
    at = "unet.mid_block.attentions.0.proj_in"
    torch.save({f"{at}.lora_A.weight": torch.ones(2, 4),
                f"{at}.lora_B.weight": torch.ones(4, 2)}, path)  # fmt: skip


SPOILT: list[tuple[Callable[[Parts, Path], None], str]] = [
    (cut, "is only the beginning of a file of torch.save"),
    (cut_safetensors, "this safetensors file is cut off"),
    (pointer, "this is only a placeholder, a Git LFS pointer"),
    (page, "is a web page"),
    (for_pictures, "(it looks like an IP-Adapter for pictures, not for faces) instead of IP-Ad"),
    (a_style, "is a LoRA style (its layout is as peft writes it) instead of IP-Adapter-FaceID"),
    (without("ip_adapter", "3.to_v_lora.up.weight"),
     "weights is missing (first “3.to_v_lora.up.weight”)"),
    (without("image_proj", "perceiver_resampler.proj_in.bias"),
     "weights is missing (first “perceiver_resampler.proj_in.bias”)"),
    (without("image_proj", "proj.2.weight"), "weights is missing (first “proj.2.weight”)"),
    (for_another_base,
     "have another shape (first “0.to_q_lora.down.weight”, 3×24 instead of 3×16)"),
    (other("image_proj", proj__0__weight=(9, 8)), "(first “proj.0.weight”, 9×8 instead of 16×8)"),
    (other("image_proj", perceiver_resampler__layers__0__0__to_q__weight=(60, 768)),
     "(first “perceiver_resampler.layers.0.0.to_q.weight”, 60×768 instead of 64×768)"),
    (other("ip_adapter", **{"0__to_q_lora__down__weight": ()}),
     "(first “0.to_q_lora.down.weight”, a single number instead of"),
    (other("ip_adapter", surplus=(1,)), "1 is not part of it (first “surplus”)"),
]  # fmt: skip


@pytest.mark.first(5)
@pytest.mark.parametrize(("spoil", "says"), SPOILT, ids=[says for _, says in SPOILT])
def test_a_spoilt_face_file_is_one_sentence(
    model: Path, parts: Parts, tmp_path: Path, spoil: Callable[[Parts, Path], None], says: str
) -> None:
    spoil(parts, tmp_path / NAME)
    with pytest.raises(ModelDamaged) as caught:
        made(model, tmp_path)
    text = str(caught.value)
    assert says in text and f"“{NAME}”" in text and "\n" not in text and text.endswith(".")
    assert "download" in text or "choose a file" in text


def test_a_whole_face_file_is_what_the_engine_uses(
    model: Path, parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A spoilt file beside it does no harm, nor does FaceID's LoRA for other programs."""
    whole(parts, tmp_path / NAME)
    pointer(parts, tmp_path / "ip-adapter-faceid_sd15.bin")
    a_style(parts, tmp_path / "ip-adapter-faceid_sd15_lora.bin")
    engine = Engine(model, dtype="fp32", device="cpu", adapters=tmp_path)
    assert "face" in engine.capabilities.conditions
    face = engine.load().adapters.get("face")
    assert torch.equal(face.projection.norm.weight, parts["image_proj"]["norm.weight"].float())
    assert face.projection.perceiver is not None and face.lora
    monkeypatch.undo()
    if importlib.util.find_spec("insightface") is None:
        with pytest.raises(ModelMissing, match="insightface is not installed"):
            made(model, tmp_path)


def test_a_published_face_is_felt_and_leaves_the_unet(
    model: Path, unet: UNet2DConditionModel, tmp_path: Path
) -> None:
    """Described by the house's own encoder: insightface's models cannot be brought along."""
    whole(face(unet, plus=False), tmp_path / "ip-adapter-faceid_sd15.bin")
    engine = Engine(model, dtype="fp32", device="cpu", adapters=tmp_path)
    family = engine.load()
    encoder = WardrobeFaceEncoder(FaceNet(FaceShape(outputs=8, threshold=0.0)))
    family.adapters._loaded["face_encoder"] = encoder
    before = {n: w.clone() for n, w in family.unet.state_dict().items()}

    def pixels(request: GenerationRequest) -> np.ndarray:
        made = engine.generate(request, {sha_of(PHOTO): PHOTO})
        return np.asarray(made[0].image, np.int16)

    plain, seen = pixels(replace(WITH_FACE, face_image=None)), pixels(WITH_FACE)
    assert np.abs(plain - seen).max() > 3 and np.array_equal(seen, pixels(WITH_FACE))
    assert all(torch.equal(w, before[n]) for n, w in family.unet.state_dict().items())
    assert np.array_equal(plain, pixels(replace(WITH_FACE, face_image=None)))


def test_a_folder_without_a_face_file_says_that(model: Path, parts: Parts, tmp_path: Path) -> None:
    a_style(parts, tmp_path / "ip-adapter-faceid_sd15_lora.bin")
    with pytest.raises(BadInput, match="cannot be given a face"):
        made(model, tmp_path)


@pytest.mark.parametrize(
    ("method", "name"),
    [("magic_clothing", "oms_diffusion_768_200000.safetensors"),
     ("imagdressing", "IMAGDressing-v1_512.pt")],
)  # fmt: skip
def test_spoilt_garment_files_are_named_too(
    model: Path, parts: Parts, tmp_path: Path, method: Any, name: str
) -> None:
    pointer(parts, tmp_path / name)
    pixels = np.zeros((64, 64), np.uint8)
    pixels[12:52, 14:50] = 255
    mask = png_bytes(Image.fromarray(pixels))
    request = request_of(
        prompt="a woman", steps=1, width=64, height=64, garment_method=method,
        garment_image=sha_of(PHOTO), garment_mask=sha_of(mask),
    )  # fmt: skip
    engine = Engine(model, dtype="fp32", device="cpu", adapters=tmp_path)
    with pytest.raises(ModelDamaged, match="Git LFS pointer") as caught:
        engine.generate(request, {sha_of(f): f for f in (PHOTO, mask)})
    assert f"“{name}”" in str(caught.value)
