"""Published adapters load into a base of the same kind, whole or not at all.

The bases are tiny, the files are real, and their names are worked out here from the base itself.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from safetensors.torch import save_file
from torch import Tensor

from studio.conditions.attention import attentions
from studio.conditions.published.dressing import load_imagdressing
from studio.conditions.published.garment import load_extractor, load_garment, load_ip_layers
from studio.controls.face import load_face_id
from studio.errors import ModelDamaged, ModelMissing
from tests.publishedfiles import (
    Shapes,
    attention_widths,
    dressing_shapes,
    face_parts,
    hollow,
    pair_weights,
    resampler,
    sd15,
    sd15_shapes,
    write_header,
)

TEXT = 24
MAGIC = "magic_clothing_768_vitonhd_joint.safetensors"
State = dict[str, Tensor]


def tiny(channels: int = 4, width: int = 16, seed: int = 0) -> UNet2DConditionModel:
    """A UNet of SD 1.5's build: the deepest level without attention."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return UNet2DConditionModel(
            sample_size=8,
            in_channels=channels,
            out_channels=4,
            block_out_channels=(width, 2 * width, 2 * width),
            layers_per_block=1,
            down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
            cross_attention_dim=TEXT,
            attention_head_dim=4,
            norm_num_groups=8,
        ).eval()


@pytest.fixture(scope="module")
def base() -> UNet2DConditionModel:
    return tiny()


def layer_widths(base: UNet2DConditionModel) -> dict[str, int]:
    """Self-attentions by name in the order of the published numbers."""
    names = [n.removesuffix(".processor") for n in base.attn_processors]
    return {n: base.get_parameter(f"{n}.to_q.weight").shape[0] for n in names if n.endswith("1")}


def random_like(shapes: Shapes, seed: int = 1, kind: torch.dtype = torch.float16) -> State:
    made = torch.Generator().manual_seed(seed)
    return {n: torch.randn(s, generator=made).to(kind) for n, s in shapes.items()}


def pairs(base: UNet2DConditionModel, ending: str) -> State:
    widths = list(layer_widths(base).values())
    shapes = pair_weights(widths, ending)
    return random_like(shapes, kind=torch.float32)


def dressing(base: UNet2DConditionModel) -> State:
    """IMAGDressing's `module` for a small base, adapters also under their names in the UNet."""
    garment, adapters = tiny(seed=3).half().state_dict(), pairs(base, "ref")
    adapters = {n: w.half() for n, w in adapters.items()}
    inside = {
        f"unet.{layer}.processor.to_{which}_ref.weight": adapters[f"{2 * i}.to_{which}_ref.weight"]
        for i, layer in enumerate(layer_widths(base))
        for which in "kv"
    }
    projection = resampler(queries=4, width=64, source=32, out=TEXT, depth=2, inner=64)
    return OrderedDict(
        {f"unet.{n}": w.half() for n, w in base.state_dict().items()}
        | inside
        | {f"ref_unet.{n}": w for n, w in garment.items()}
        | {f"proj.{n}": w for n, w in random_like(projection).items()}
        | {f"adapter_modules.{n}": w for n, w in adapters.items()}
    )


def test_an_extractor_is_the_files_weights(base: UNet2DConditionModel, tmp_path: Path):
    source = tiny(seed=5)
    save_file(source.state_dict(), tmp_path / MAGIC)
    loaded = load_extractor(tmp_path / MAGIC, base)
    (tmp_path / MAGIC).write_bytes(b"")  # nothing of the file is needed any more
    assert {n: tuple(w.shape) for n, w in loaded.state_dict().items()} == {
        n: tuple(w.shape) for n, w in source.state_dict().items()
    }
    assert loaded.dtype == base.dtype and not loaded.training
    assert not any(w.requires_grad for w in loaded.parameters())
    latents, words = torch.randn(2, 4, 8, 8), torch.randn(2, 5, TEXT)
    with torch.no_grad():
        ours = loaded(latents, 0, words).sample
        theirs = source(latents, 0, words).sample
    assert torch.equal(ours, theirs)


def test_it_takes_the_bases_format_and_plain_latents(tmp_path: Path):
    """The inpainting base reads 9 channels, its extractor 4."""
    save_file(tiny(seed=5).state_dict(), tmp_path / MAGIC)
    nine = tiny(channels=9).bfloat16()
    loaded = load_extractor(tmp_path / MAGIC, nine)
    assert loaded.config["in_channels"] == 4 and loaded.conv_in.weight.shape[1] == 4
    assert loaded.dtype == torch.bfloat16 and nine.conv_in.weight.shape[1] == 9
    save_file(nine.state_dict(), tmp_path / "nine.safetensors")
    with pytest.raises(
        ModelDamaged, match=r"looks like the UNet of an inpainting model \(9 channels"
    ):
        load_extractor(tmp_path / "nine.safetensors", nine)


def test_the_bundled_base_takes_extractors_too(family_folder: Path, tmp_path: Path):
    """It differs from SD 1.5 in all its sizes, and its time embedding hears the text."""
    config = json.loads((family_folder / "unet" / "config.json").read_text())
    with torch.device("meta"):
        bundled = UNet2DConditionModel.from_config(config)
    assert isinstance(bundled, UNet2DConditionModel)
    shapes = {n: tuple(w.shape) for n, w in bundled.state_dict().items()}
    loaded = load_extractor(write_header(tmp_path / "mine.safetensors", shapes), bundled)
    assert list(loaded.state_dict()) == list(shapes)


def test_layers_go_where_their_numbers_say(base: UNet2DConditionModel, tmp_path: Path):
    weights = pairs(base, "ip")
    torch.save(weights, tmp_path / "ip_layer.pth")
    loaded = load_ip_layers(tmp_path / "ip_layer.pth", base)
    places = {number: name for number, name, _ in attentions(base, "attn1")}
    names = list(places.values())
    assert names == list(layer_widths(base)) and names[0].startswith("down_blocks.0")
    assert [n.split(".")[0] for n in names] == ["down_blocks"] * 2 + ["up_blocks"] * 4 + [
        "mid_block"
    ]
    assert list(loaded.shapes) == list(places) == list(range(0, 2 * len(names), 2))
    loaded.check(base, "attn1")
    found = loaded.state_dict()
    assert found.keys() == weights.keys()
    assert all(torch.equal(w, weights[name].to(base.dtype)) for name, w in found.items())


def test_the_kind_of_checkpoint_comes_with_it(base: UNet2DConditionModel, tmp_path: Path):
    state = tiny(seed=5).state_dict()
    for name in (MAGIC, "oms_diffusion_512_060000.safetensors", "garment_extractor.safetensors"):
        save_file(state, tmp_path / name)
    joint = load_garment(tmp_path / MAGIC, base)
    assert joint.joint and joint.layers is None
    assert not load_garment(tmp_path / "oms_diffusion_512_060000.safetensors", base).joint
    with pytest.raises(ModelMissing, match=r"ip_layer\.pth, which is not beside it"):
        load_garment(tmp_path / "garment_extractor.safetensors", base)
    torch.save(pairs(base, "ip"), tmp_path / "ip_layer.pth")
    beside = load_garment(tmp_path / "garment_extractor.safetensors", base)
    assert beside.layers is not None and len(beside.layers.shapes) == 7


def _july(state: State) -> dict[str, Any]:
    return {"module": state}


def _december(state: State) -> dict[str, Any]:
    frozen = {n: w for n, w in state.items() if n.startswith("unet.")}
    return {
        "module": state,
        "frozen_param_fragments": frozen,
        "param_shapes": [OrderedDict((n, w.shape) for n, w in state.items())],
        "optimizer": None,
        "ds_config": {"fp16": {"enabled": True}},
        "skipped": {"a"},
    }


def _without_unet(state: State) -> dict[str, Any]:
    return {"module": {n: w for n, w in state.items() if not n.startswith("unet.")}}


def _without_aliases(state: State) -> dict[str, Any]:
    return {"module": {n: w for n, w in state.items() if not n.startswith("adapter_modules.")}}


@pytest.mark.first(2)
@pytest.mark.parametrize("layout", [_july, _december, _without_unet, _without_aliases])
def test_imagdressing_in_every_layout(base: UNet2DConditionModel, tmp_path: Path, layout):
    state = dressing(base)
    torch.save(layout(state), tmp_path / "IMAGDressing-v1_512.pt")
    loaded = load_imagdressing(tmp_path / "IMAGDressing-v1_512.pt", base)
    for name, weight in loaded.garment_unet.state_dict().items():
        assert torch.equal(weight, state[f"ref_unet.{name}"].float())
    assert loaded.garment_unet.dtype == torch.float32
    loaded.layers.check(base, "attn1")
    for number in loaded.layers.shapes:
        for kind, projection in zip("kv", loaded.layers.pair(number), strict=True):
            wanted = state[f"adapter_modules.{number}.to_{kind}_ref.weight"].float()
            assert torch.equal(projection.weight, wanted)
    made = loaded.resampler
    assert (made.queries, made.inputs, made.outputs, len(made.layers)) == (4, 32, TEXT, 2)
    assert all(torch.equal(w, state[f"proj.{n}"].float()) for n, w in made.state_dict().items())
    tokens = made(torch.randn(1, 9, 32))
    assert tokens.shape == (1, 4, TEXT) and bool(tokens.isfinite().all())


def test_the_bases_own_copy_is_not_used(base: UNet2DConditionModel, tmp_path: Path):
    """It may be anything, also of another shape."""
    state = dressing(base)
    state["unet.conv_in.weight"] = torch.zeros(7)
    torch.save(_july(state), tmp_path / "d.pt")
    assert load_imagdressing(tmp_path / "d.pt", base).resampler.queries == 4


def test_files_of_full_size_fit_stable_diffusion(tmp_path: Path):
    """Names and shapes as published; the base is without numbers, hence so is what is loaded."""
    full = sd15()
    write_header(tmp_path / MAGIC, sd15_shapes())
    extractor = load_extractor(tmp_path / MAGIC, full)
    assert sum(w.numel() for w in extractor.parameters()) == 859_520_964
    assert len(extractor.state_dict()) == 686
    widths = attention_widths()
    torch.save(hollow(pair_weights(widths, "ip")), tmp_path / "ip_layer.pth")
    layers = load_ip_layers(tmp_path / "ip_layer.pth", full)
    assert sum(weight.numel() for weight in layers.parameters()) == 24_780_800
    torch.save({"module": hollow(dressing_shapes())}, tmp_path / "d.pt")
    parts = load_imagdressing(tmp_path / "d.pt", full)
    made = parts.resampler
    assert (made.queries, made.inputs, len(made.layers)) == (16, 1280, 4)
    assert len(made.state_dict()) == 51 and len(parts.layers.shapes) == 16
    for plus, tensors in ((False, 6), (True, 56)):
        torch.save(face_parts(plus), tmp_path / "f.bin")
        found = load_face_id(tmp_path / "f.bin", full)
        assert (found.projection.inputs, found.keys.shapes[1][1]) == (512, 768)
        assert len(found.projection.state_dict()) == tensors
        assert len(found.keys.state_dict()) + 2 * len(found.lora) == 288


def _lora() -> State:
    at = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"
    return {f"{at}.lora_A.weight": torch.ones(2, 16), f"{at}.lora_B.weight": torch.ones(16, 2)}


def _less(state: State, *names: str) -> State:
    return {n: w for n, w in state.items() if n not in names}


@pytest.mark.parametrize(
    ("load", "make", "says"),
    [
        (
            load_extractor,
            lambda b: _less(tiny().state_dict(), "conv_in.bias", "conv_out.bias"),
            "weights are missing (first “conv_in.bias”)",
        ),
        (
            load_extractor,
            lambda b: tiny().state_dict() | {"surplus.weight": torch.ones(1)},
            "1 is not part of it (first “surplus.weight”)",
        ),
        (
            load_extractor,
            lambda b: tiny(width=24).state_dict(),
            "(first “conv_in.weight”, 24×4×3×3 instead of 16×4×3×3)",
        ),
        (load_extractor, lambda b: _lora(), "is a LoRA style (its layout is as peft writes it)"),
        (load_extractor, lambda b: pairs(b, "ip"), "is Magic Clothing's layers for decoupled"),
        (load_extractor, lambda b: {"emb_params": torch.ones(2)}, "textual inversion"),
        (load_ip_layers, lambda b: tiny().state_dict(), "is Magic Clothing's garment extractor"),
        (
            load_ip_layers,
            lambda b: _less(pairs(b, "ip"), "12.to_k_ip.weight"),
            "1 of 14 weights is missing (first “12.to_k_ip.weight”)",
        ),
        (
            load_ip_layers,
            lambda b: pairs(b, "ip") | {"1.to_k_ip.weight": torch.ones(16, TEXT)},
            "1 is not part of it (first “1.to_k_ip.weight”)",
        ),
        (load_imagdressing, lambda b: tiny().state_dict(), "instead of IMAGDressing-v1"),
        (
            load_imagdressing,
            lambda b: _less(dressing(b), "ref_unet.conv_in.weight"),
            "IMAGDressing's garment UNet: 1 of",
        ),
        (
            load_imagdressing,
            lambda b: _less(dressing(b), "proj.latents"),
            "resampler: 1 of 29 weights is missing (first “latents”)",
        ),
        (
            load_imagdressing,
            lambda b: _less(dressing(b), "proj.layers.1.0.to_kv.weight"),
            "resampler: 1 of 29 weights is missing (first “layers.1.0.to_kv.weight”)",
        ),
        (
            load_imagdressing,
            lambda b: _less(dressing(b), "adapter_modules.4.to_v_ref.weight"),
            "1 of 14 weights is missing (first “adapter_modules.4.to_v_ref.weight”)",
        ),
        (load_face_id, lambda b: _lora(), "instead of IP-Adapter-FaceID"),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    base: UNet2DConditionModel, tmp_path: Path, load, make, says: str
):
    path = tmp_path / "file.safetensors"
    save_file({n: w.clone() for n, w in make(base).items()}, path)
    with pytest.raises(ModelDamaged) as caught:
        load(path, base)
    text = str(caught.value)
    assert says in text and "“file.safetensors”" in text
    assert ("\n" not in text and text.endswith(".") and "choose" in text) or "download" in text


@pytest.mark.parametrize("load", [load_extractor, load_garment, load_ip_layers, load_face_id])
def test_broken_and_absent_files(base: UNet2DConditionModel, tmp_path: Path, load):
    with pytest.raises(ModelMissing, match="cannot be found"):
        load(tmp_path / "w.safetensors", base)
    whole = tmp_path / "whole.safetensors"
    save_file(tiny().state_dict(), whole)
    (tmp_path / "w.safetensors").write_bytes(whole.read_bytes()[:-5000])
    with pytest.raises(ModelDamaged, match="cut off"):
        load(tmp_path / "w.safetensors", base)
    (tmp_path / "p.pt").write_bytes(b"version https://git-lfs.github.com/spec/v1\nsize 9\n")
    with pytest.raises(ModelDamaged, match="Git LFS"):
        load(tmp_path / "p.pt", base)
