"""Published weight files: each kind is recognised, and what is missing in one is named."""

from __future__ import annotations

import json
from collections import OrderedDict
from math import prod
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from studio.checkpoints import read_header
from studio.checkpoints.kinds import is_joint
from studio.cli import main
from studio.conditions.published.whole import recognise, scan
from tests.publishedfiles import (
    Shapes,
    attention_widths,
    dressing_shapes,
    face_adapter,
    face_parts,
    face_projection,
    hollow,
    pair_weights,
    prefixed,
    resampler,
    sd15_shapes,
    sd15_sources,
    u2net_shapes,
    write_header,
)


def total(shapes: Shapes) -> int:
    return sum(prod(shape) for shape in shapes.values())


def test_published_counts():
    assert len(sd15_shapes()) == 686 and total(sd15_shapes()) == 859_520_964
    pairs = pair_weights(attention_widths(), "ip")
    assert len(pairs) == 32 and total(pairs) == 24_780_800
    assert len(resampler()) == 51 and total(resampler()) == 29_918_208
    assert len(face_projection()) == 6
    plus, adapter = face_projection(plus=True), face_adapter(sd15_sources())
    assert len(plus) == 56 and total(plus) == 33_581_568
    assert len(adapter) == 288 and total(plus) + total(adapter) == 78_260_736
    names = u2net_shapes()
    assert len(names) == 798
    assert sum(name.endswith(".weight") for name in names) == 231
    parts = dressing_shapes()
    begins = ("unet.", "ref_unet.", "proj.", "adapter_modules.")
    assert [sum(n.startswith(b) for n in parts) for b in begins] == [718, 686, 51, 32]
    assert len(parts) == 1487


@pytest.fixture(scope="module")
def wardrobe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One whole file of every kind, of exactly the published names and shapes."""
    folder = tmp_path_factory.mktemp("published")
    write_header(folder / "magic_clothing_768_vitonhd_joint.safetensors", sd15_shapes())
    stable = folder / "stable_ckpt"
    stable.mkdir()
    write_header(stable / "garment_extractor.safetensors", sd15_shapes())
    pairs = pair_weights(attention_widths(), "ip")
    torch.save(hollow(pairs, torch.float32), stable / "ip_layer.pth")
    u2net = OrderedDict(hollow(prefixed(u2net_shapes(), "module.")))
    torch.save(u2net, folder / "cloth_segm.pth", _use_new_zipfile_serialization=False)
    module = OrderedDict(hollow(dressing_shapes()))
    torch.save({"module": module}, folder / "IMAGDressing-v1_512.pt")
    frozen = {n: t for n, t in module.items() if n.startswith("unet.")}
    slim = {n: t for n, t in module.items() if not n.startswith(("unet.", "adapter_modules."))}
    slim |= {n: t for n, t in module.items() if "_ref.weight" in n and n.startswith("unet.")}
    extra = {
        "buffer_names": ["a"],
        "param_shapes": [OrderedDict((n, t.shape) for n, t in module.items())],
        "frozen_param_fragments": frozen,
        "sparse_tensor_module_names": {"b"},
        "ds_config": {"train_batch_size": 5, "fp16": {"enabled": True}},
        "optimizer": None,
        "global_steps": 200_000,
    }
    torch.save({"module": slim, **extra}, folder / "IMAGDressing-later.pt")
    for plus, name in ((False, "ip-adapter-faceid_sd15"), (True, "ip-adapter-faceid-plus_sd15")):
        torch.save(face_parts(plus), folder / f"{name}.bin")
    layer = "down_blocks.0.attentions.0.transformer_blocks.0.attn1"
    for name, low, high, under in (
        ("peft", "to_q.lora_A.weight", "to_q.lora_B.weight", f"base_model.model.{layer}."),
        ("diffusers", "to_q_lora.down.weight", "to_q_lora.up.weight", f"unet.{layer}.processor."),
        (
            "kohya",
            "to_q.lora_down.weight",
            "to_q.lora_up.weight",
            f"lora_unet_{layer.replace('.', '_')}_",
        ),
    ):
        weights = {under + low: torch.ones(4, 320), under + high: torch.ones(320, 4)}
        if name == "kohya":
            low, high = (f"{under}{half}".replace("_to_q.", "_to_q.") for half in (low, high))
            weights[low.replace("lora_down.weight", "alpha")] = torch.tensor(4.0)
        save_file(weights, folder / f"style_{name}.safetensors")
    save_file({"emb_params": torch.ones(2, 768)}, folder / "word.safetensors")
    (folder / "README.md").write_text("not a weight file")
    return folder


def test_every_kind_is_recognised_by_its_header(wardrobe: Path):
    found = {f.path.name: f for f in scan(wardrobe)}
    kinds = {name: f.kind for name, f in found.items()}
    assert kinds == {
        "magic_clothing_768_vitonhd_joint.safetensors": "magic_clothing",
        "garment_extractor.safetensors": "decoupled_extractor",
        "ip_layer.pth": "ip_layer",
        "cloth_segm.pth": "cloth_segm",
        "IMAGDressing-v1_512.pt": "imagdressing",
        "IMAGDressing-later.pt": "imagdressing",
        "ip-adapter-faceid_sd15.bin": "ip_adapter_faceid",
        "ip-adapter-faceid-plus_sd15.bin": "ip_adapter_faceid_plus",
        "style_peft.safetensors": "lora",
        "style_diffusers.safetensors": "lora",
        "style_kohya.safetensors": "lora",
        "word.safetensors": "unknown",
    }
    assert {name: f.problem for name, f in found.items() if f.problem} == {}
    magic = found["magic_clothing_768_vitonhd_joint.safetensors"]
    assert magic.weights == 686 and magic.parameters == 859_520_964
    assert magic.path.stat().st_size > 3_438_083_856
    assert found["IMAGDressing-v1_512.pt"].weights == 1487
    assert found["ip-adapter-faceid-plus_sd15.bin"].parameters == 78_260_736
    assert found["cloth_segm.pth"].weights == 798
    assert "textual inversion" in found["word.safetensors"].note
    for name, licence in (
        ("magic_clothing_768_vitonhd_joint.safetensors", "CC BY-NC-SA 4.0"),
        ("cloth_segm.pth", "non-commercial"),
        ("IMAGDressing-v1_512.pt", "research only"),
        ("ip-adapter-faceid_sd15.bin", "insightface"),
    ):
        assert licence in found[name].licence and found[name].licence.endswith(".")


def test_names_and_formats_of_a_nested_file(wardrobe: Path):
    header = read_header(wardrobe / "IMAGDressing-v1_512.pt")
    assert header.prefix == "module." and len(header.weights) == 1487
    assert header.weights["proj.latents"] == ((1, 16, 768), "F16")


def _without(shapes: Shapes, *names: str) -> Shapes:
    return {n: s for n, s in shapes.items() if n not in names}


@pytest.mark.first(3)
@pytest.mark.parametrize(
    ("shapes", "says"),
    [
        (
            lambda: _without(sd15_shapes(), "conv_in.bias", "conv_out.bias"),
            "2 of 686 weights are missing (first “conv_in.bias”)",
        ),
        (
            lambda: sd15_shapes() | {"conv_in.weight": (320, 6, 3, 3)},
            "320×6×3×3 instead of 320×4×3×3",
        ),
        (lambda: sd15_shapes() | {"extra.weight": (1,)}, "1 is not part of it (first “extra"),
        (
            lambda: _without(pair_weights(attention_widths(), "ip"), "6.to_v_ip.weight"),
            "1 of 32 weights is missing (first “6.to_v_ip.weight”)",
        ),
        (
            lambda: _without(
                prefixed(dressing_shapes(), "module."), "module.proj.layers.2.0.to_kv.weight"
            ),
            "proj: 1 of 51 weights is missing (first “layers.2.0.to_kv.weight”)",
        ),
        (
            lambda: {n: s for n, s in dressing_shapes().items() if "_ref.weight" not in n},
            "adapter_modules: 32 of 32",
        ),
        (
            lambda: u2net_shapes() | {"outconv.weight": (1,)},
            "outconv.weight”, 1 instead of 4×24×1×1",
        ),
        (
            lambda: {
                f"{part}.{n}": tuple(t.shape)
                for part, weights in face_parts(True).items()
                for n, t in weights.items()
                if n != "3.to_k_ip.weight"
            },
            "ip_adapter: 1 of 288 weights is missing (first “3.to_k_ip.weight”)",
        ),
        (
            lambda: {
                f"{part}.{n}": () if n in ("1.to_k_ip.weight", "0.to_q_lora.down.weight") else shape
                for part, weights in face_parts(False).items()
                for n, shape in ((n, tuple(t.shape)) for n, t in weights.items())
            },
            "ip_adapter: 2 of 288 have another shape (first “0.to_q_lora.down.weight”, a single",
        ),
        (lambda: sd15_shapes() | {"conv_in.weight": ()}, "a single number instead of 320×4×3×3"),
        (lambda: {"unet.a.lora_A.weight": (4, 8)}, "“unet.a.lora_B.weight” is missing"),
    ],
)
def test_an_incomplete_file_names_the_first_weight(tmp_path: Path, shapes, says: str):
    found = recognise(write_header(tmp_path / "w.safetensors", shapes()))
    assert found.kind != "unknown" and found.problem is not None
    assert says in found.problem and found.problem.endswith(".")


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["model.diffusion_model.input_blocks.0.0.weight"], "whole model in one file"),
        (["controlnet_cond_embedding.conv_in.weight"], "ControlNet"),
        (["encoder.conv_in.weight"], "autoencoder"),
        (["text_model.embeddings.token_embedding.weight"], "CLIP"),
        (["encoder.layers.0.layer_norm1.bias"], "CLIP"),
        (["add_embedding.linear_1.weight", "up_blocks.0.resnets.0.norm1.weight"], "XL"),
        (["x.hada_w1_a"], "LoHa"),
        (["image_proj.proj.weight", "ip_adapter.1.to_k_ip.weight"], "for pictures"),
        (["something.else"], "“something.else”"),
    ],
)
def test_other_files_are_named_too(tmp_path: Path, names: list[str], says: str):
    found = recognise(write_header(tmp_path / "w.safetensors", dict.fromkeys(names, (2, 2))))
    assert found.kind == "unknown" and says in found.note and found.problem is None


def test_a_base_model_and_an_extractor_differ_only_by_name(tmp_path: Path):
    path = write_header(tmp_path / "diffusion_pytorch_model.safetensors", sd15_shapes())
    assert recognise(path).kind == "unknown" and "base model's UNet" in recognise(path).note


@pytest.mark.parametrize(
    ("name", "joint"),
    [
        ("magic_clothing_768_vitonhd_joint", True),
        ("OMS_1024_VTHD+DressCode_200000", True),
        ("oms_diffusion_768_200000", True),
        ("oms_diffusion_inpaint_100000_notext", True),
        ("mine-115120", True),
        ("oms_diffusion_512_060000", False),
        ("oms_diffusion_100000", False),
    ],
)
def test_names_tell_the_family(name: str, joint: bool):
    assert is_joint(Path(f"{name}.safetensors")) is joint


def test_the_command_tells_what_files_are(wardrobe: Path, tmp_path: Path, capsys):
    assert main(["weights", str(wardrobe / "stable_ckpt" / "ip_layer.pth")]) == 0
    text = capsys.readouterr().out
    assert "ip_layer.pth" in text and "decoupled" in text and "non-commercial" in text
    (tmp_path / "w.pt").write_bytes(b"version https://git-lfs.github.com/spec/v1\nsize 9\n")
    write_header(tmp_path / "x.safetensors", {"emb_params": (2, 2)})
    assert main(["weights", str(tmp_path), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["kind"] for line in lines] == ["unknown", "unknown"]
    assert "Git LFS" in lines[0]["problem"] and lines[1]["problem"] is None
    assert main(["weights", str(tmp_path / "none")]) == 2
    assert "cannot be found" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["weights", str(tmp_path / "empty")]) == 0
    assert "No weight files" in capsys.readouterr().out
