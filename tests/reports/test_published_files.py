"""Published weight files as their users have them: wrapped, cut into parts, in other formats.

Names and shapes are the published ones, the numbers are small or a hole.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load, save_file
from torch import Tensor

import studio.conditions.style as drawn_with
from studio.checkpoints import read_header, read_weights
from studio.checkpoints.header import header_of
from studio.checkpoints.kinds import Found, recognise_header
from studio.checkpoints.styles import read_style
from studio.conditions.published.dressing import load_imagdressing
from studio.conditions.published.garment import load_extractor, load_ip_layers
from studio.conditions.published.whole import recognise, scan
from studio.controls.face import load_face_id
from studio.errors import BadInput, ModelDamaged, ModelMissing
from studio.vision.u2net import ClothParser, U2Net
from tests.publishedfiles import (
    Shapes,
    attention_widths,
    dressing_shapes,
    face_adapter,
    face_projection,
    hollow,
    pair_weights,
    prefixed,
    sd15_shapes,
    sd15_sources,
    u2net_shapes,
    write_header,
)
from tests.smallunet import small_unet
from tests.stylefiles import LAYOUTS, WORDS, heard, lora, peft_says, text_model

WRAPPERS = [
    "module.", "unet.", "_orig_mod.", "model.", "state_dict.", "module._orig_mod.",
    "state_dict.model.", "state_dict.unet.", "model.module.",
]  # fmt: skip
KINDS: dict[str, Callable[[], Shapes]] = {
    "magic_clothing": sd15_shapes,
    "ip_layer": lambda: pair_weights(attention_widths(), "ip"),
    "cloth_segm": u2net_shapes,
    "imagdressing": dressing_shapes,
    "ip_adapter_faceid": lambda: prefixed(face_projection(), "image_proj.")
    | prefixed(face_adapter(sd15_sources()), "ip_adapter."),
    "lora": lambda: {
        "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_down.weight":
        (4, 320),
        "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_up.weight":
        (320, 4),
    },
}  # fmt: skip


@pytest.mark.first(4)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_what_stands_around_the_weights_does_not_matter(tmp_path: Path, kind: str, wrapper: str):
    """The same tolerance for all kinds."""
    shapes = KINDS[kind]()
    found = recognise(write_header(tmp_path / "w.safetensors", prefixed(shapes, wrapper)))
    assert (found.kind, found.problem) == (kind, None)
    assert read_header(tmp_path / "w.safetensors").shapes == shapes


def test_the_state_of_a_training_beside_the_weights_is_not_read(tmp_path: Path):
    weights = {"state_dict": {"model": hollow(u2net_shapes())}, "ema": {"a": torch.ones(2)},
               "optimizer": {"state": {0: {"exp_avg": torch.ones(3)}}}}  # fmt: skip
    torch.save(weights, tmp_path / "cloth_segm.pth")
    found = recognise(tmp_path / "cloth_segm.pth")
    assert (found.kind, found.problem, found.weights) == ("cloth_segm", None, 798)


@pytest.mark.parametrize("wrapper", ["", "module.", "unet.", "_orig_mod.", "state_dict.model."])
@pytest.mark.first(2)
def test_wrapped_weights_are_loaded_too(tmp_path: Path, wrapper: str):
    base, other = small_unet(), small_unet(4)
    state = {wrapper + name: weight for name, weight in other.state_dict().items()}
    save_file(state, tmp_path / "magic_clothing.safetensors")
    loaded = load_extractor(tmp_path / "magic_clothing.safetensors", base).state_dict()
    assert all(torch.equal(weight, loaded[name]) for name, weight in other.state_dict().items())
    parser = {wrapper + name: weight for name, weight in U2Net().state_dict().items()}
    torch.save(parser, tmp_path / "cloth_segm.pth")
    assert ClothParser.load(tmp_path / "cloth_segm.pth").net


def in_parts(folder: Path, name: str, state: dict[str, Tensor], count: int) -> list[Path]:
    """As diffusers cuts a large file, with its index."""
    names = sorted(state)
    files = []
    for i in range(count):
        file = folder / f"{name}-{i + 1:05}-of-{count:05}.safetensors"
        save_file({n: state[n] for n in names[i::count]}, file)
        files.append(file)
    index = {"metadata": {}, "weight_map": {n: files[i % count].name for i, n in enumerate(names)}}
    (folder / f"{name}.safetensors.index.json").write_text(json.dumps(index))
    return files


@pytest.mark.first(2)
@pytest.mark.parametrize("count", [2, 3, 7])
@pytest.mark.parametrize("which", [0, -1])
def test_a_file_in_parts_is_one(tmp_path: Path, count: int, which: int):
    base, other = small_unet(), small_unet(4)
    files = in_parts(tmp_path, "magic_clothing_768", other.state_dict(), count)
    loaded = load_extractor(files[which], base).state_dict()
    assert all(torch.equal(weight, loaded[name]) for name, weight in other.state_dict().items())
    assert read_weights(files[0]).keys() == other.state_dict().keys()
    (found,) = scan(tmp_path)
    assert found.path == files[0] and found.weights == len(other.state_dict())


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_part_that_is_not_there_is_named(tmp_path: Path, lost: int):
    files = in_parts(tmp_path, "mine", small_unet().state_dict(), 3)
    files[lost].unlink()
    (found,) = scan(tmp_path)
    assert found.problem is not None and files[lost].name in found.problem
    assert "put all of them into the same folder" in found.problem
    with pytest.raises(ModelMissing, match="is one of 3 parts"):
        read_header(next(file for file in files if file.exists()))


def test_a_whole_extractor_in_two_parts_is_whole(tmp_path: Path):
    shapes = list(sd15_shapes().items())
    for i, some in enumerate((shapes[:343], shapes[343:]), 1):
        write_header(tmp_path / f"magic_clothing_768-{i:05}-of-00002.safetensors", dict(some))
    (found,) = scan(tmp_path)
    assert (found.kind, found.problem, found.weights) == ("magic_clothing", None, 686)


@pytest.mark.parametrize("folder", ["magic_clothing_768_vitonhd_joint", "oms_diffusion_768"])
def test_an_extractor_that_a_library_saved_is_called_as_its_folder(tmp_path: Path, folder: str):
    (tmp_path / folder).mkdir()
    path = tmp_path / folder / "diffusion_pytorch_model.safetensors"
    assert recognise(write_header(path, sd15_shapes())).kind == "magic_clothing"


@pytest.mark.parametrize(
    ("channels", "says"),
    [(9, "an inpainting model (9 channels)"), (8, "InstructPix2Pix"), (5, "reads a depth map"),
     (7, "an upscaler")],
)  # fmt: skip
def test_a_whole_unet_of_another_use_is_not_called_a_broken_extractor(
    tmp_path: Path, channels: int, says: str
):
    for name in ("unet", "magic_clothing_768", "oms_diffusion_inpaint_100000"):
        shapes = sd15_shapes() | {"conv_in.weight": (320, channels, 3, 3)}
        found = recognise(write_header(tmp_path / f"{name}.safetensors", shapes))
        assert found.kind == "unknown" and found.problem is None and says in found.note


def portrait(tokens: int) -> dict[str, dict[str, Tensor]]:
    adapter = {n: s for n, s in face_adapter(sd15_sources()).items() if "_lora" not in n}
    return {"image_proj": hollow(face_projection(tokens=tokens)), "ip_adapter": hollow(adapter)}


@pytest.mark.parametrize("name", ["ip-adapter-faceid-portrait_sd15", "…-portrait-v11_sd15"])
def test_a_portrait_adapter_without_low_rank_changes_is_whole(tmp_path: Path, name: str):
    torch.save(portrait(16), tmp_path / f"{name}.bin")
    found = recognise(tmp_path / f"{name}.bin")
    assert (found.kind, found.problem) == ("ip_adapter_faceid", None)
    from tests.publishedfiles import sd15

    adapter = load_face_id(tmp_path / f"{name}.bin", sd15())
    last: Any = adapter.projection.proj[2]
    assert last.weight.shape == (16 * 768, 1024) and not adapter.lora


@pytest.mark.parametrize("lost", ["0.to_q_lora.up.weight", "5.to_k_lora.down.weight"])
def test_half_of_its_changes_is_still_not_whole(tmp_path: Path, lost: str):
    adapter = {n: s for n, s in face_adapter(sd15_sources()).items() if n != lost}
    parts = {"image_proj": hollow(face_projection()), "ip_adapter": hollow(adapter)}
    torch.save(parts, tmp_path / "ip-adapter-faceid_sd15.bin")
    problem = recognise(tmp_path / "ip-adapter-faceid_sd15.bin").problem
    assert problem is not None and lost in problem


@pytest.mark.parametrize(
    ("widths", "base"),
    [(2048, "Stable Diffusion XL"), (1024, "Stable Diffusion 2")],
)
def test_an_adapter_for_another_base_says_so_and_is_not_offered(
    tmp_path: Path, widths: int, base: str
):
    sources = [(w, widths if i % 2 else w) for i, (w, _) in enumerate(sd15_sources())]
    parts = {"image_proj": hollow(face_projection(text=widths)),
             "ip_adapter": hollow(face_adapter(sources))}  # fmt: skip
    torch.save(parts, tmp_path / "ip-adapter-faceid.bin")
    found = recognise(tmp_path / "ip-adapter-faceid.bin")
    assert found.other_base == base and base in found.note and found.problem is None
    from tests.publishedfiles import sd15

    with pytest.raises(ModelDamaged, match=f"for another base model, {base} .words {widths} wide"):
        load_face_id(tmp_path / "ip-adapter-faceid.bin", sd15())


def pair(layer: str, inputs: int, outputs: int = 320, form: str = "kohya") -> Shapes:
    down, up = {
        "kohya": ("lora_down.weight", "lora_up.weight"),
        "peft": ("lora_A.weight", "lora_B.weight"),
        "diffusers": ("lora.down.weight", "lora.up.weight"),
    }[form]
    return {f"{layer}.{down}": (4, inputs), f"{layer}.{up}": (outputs, 4)}


CROSS = "down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
DOTTED = "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2"


@pytest.mark.parametrize(
    ("shapes", "base"),
    [
        (pair(f"lora_unet_{CROSS}", 768), "Stable Diffusion 1.5"),
        (pair(f"lora_unet_{CROSS}", 1024), "Stable Diffusion 2"),
        (pair(f"lora_unet_{CROSS}", 2048), "Stable Diffusion XL"),
        (pair(f"{DOTTED}.to_k", 2048, form="peft"), "Stable Diffusion XL"),
        (pair(f"{DOTTED}.to_v", 2048, form="diffusers"), "Stable Diffusion XL"),
        (pair(f"{DOTTED}.processor.to_k_lora", 768, form="kohya"), "Stable Diffusion 1.5"),
        (pair("lora_te2_text_model_encoder_layers_0_mlp_fc1", 1280), "Stable Diffusion XL"),
        (pair("lora_unet_double_blocks_0_img_attn_proj", 3072), "Flux"),
        (pair("transformer.single_transformer_blocks.0.attn.to_q", 3072, form="peft"), "Flux"),
        (pair("lora_unet_joint_blocks_0_x_block_attn_qkv", 1536), "Stable Diffusion 3"),
    ],
)
def test_the_base_of_a_style_is_named(tmp_path: Path, shapes: Shapes, base: str):
    found = recognise(write_header(tmp_path / "style.safetensors", shapes))
    assert found.kind == "lora" and found.note.endswith(f"It is for {base}.")


AT = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_k"


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ({f"{AT}.weight": (4,), f"{AT}.on_input": ()}, "an IA3 style"),
        ({"base_model.model.a.ia3_l": (4,)}, "an IA3 style"),
        ({f"{AT}.oft_blocks": (2, 4, 4), f"{AT}.alpha": ()}, "an OFT style"),
        ({"base_model.model.a.oft_r.weight": (2, 4, 4)}, "an OFT style"),
        ({f"{AT}.oft_diag": (2, 4, 4)}, "an OFT style"),
        ({f"{AT}.diff": (4, 4), f"{AT}.diff_b": (4,)}, "a style of whole weights (“full”)"),
        ({f"{AT}.a1.weight": (4, 4), f"{AT}.b1.weight": (4, 4)}, "a GLoRA style"),
        ({f"{AT}.hada_w1_a": (4, 4)}, "a LoHa or LoKr style"),
    ],
)
def test_styles_of_other_kinds_are_named(tmp_path: Path, state: Shapes, says: str):
    path = write_header(tmp_path / "style.safetensors", state)
    assert says in recognise(path).note
    with pytest.raises(BadInput, match="is no style") as caught:
        read_style(path)
    assert says in str(caught.value) and "not supported" in str(caught.value)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["mood.pt", "mood.bin", "mood.ckpt", "mood.pth"])
def test_a_style_that_torch_saved_is_taken_in(tmp_path: Path, layout: Any, name: str):
    """`weights` and the styles' own reader agree, and the numbers are the same."""
    unet = small_unet()
    pairs = lora(unet, ["down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"])
    state = load(layout(pairs))
    torch.save(state, tmp_path / name)
    assert recognise(tmp_path / name).kind == "lora"
    data = read_style(tmp_path / name)
    assert recognise_header(header_of(data, name)).kind == "lora"
    assert {n: t.tolist() for n, t in load(data).items()} == {
        n: t.tolist() for n, t in state.items()
    }
    drawn_with.read_style(data, "mood").check(unet)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_style_for_the_words_alone_is_heard(layout: Any):
    encoder, unet = text_model(), small_unet()
    pairs = lora(encoder, WORDS)
    style = drawn_with.read_style(layout(pairs), "words")
    style.check(unet)
    before = heard(encoder)
    with style.folded(unet, 1.0), style.folded_text(encoder, 1.0):
        inside = heard(encoder)
    assert torch.allclose(inside, heard(peft_says(encoder, pairs)), atol=1e-5)
    assert not torch.allclose(inside, before) and torch.equal(heard(encoder), before)


def test_what_a_file_says_of_itself_comes_with_it(tmp_path: Path):
    path = write_header(tmp_path / "w.safetensors", {"state_dict.module.a": (2,)})
    header = read_header(path)
    assert (header.prefix, header.shapes) == ("state_dict.module.", {"a": (2,)})
    assert isinstance(recognise(path), Found)
    state = {f"module.{n}": w for n, w in pairs_of(small_unet()).items()}
    save_file(state, tmp_path / "ip_layer.safetensors")
    assert load_ip_layers(tmp_path / "ip_layer.safetensors", small_unet()).shapes


def pairs_of(unet: Any) -> dict[str, Tensor]:
    from studio.conditions.attention import attentions

    return {
        f"{number}.to_{kind}_ip.weight": torch.ones_like(attention.to_q.weight)
        for number, _, attention in attentions(unet, "attn1")
        for kind in "kv"
    }


@pytest.mark.parametrize("wrapper", ["", "state_dict.", "_orig_mod."])
@pytest.mark.first(1)
def test_imagdressing_of_full_size_wrapped(tmp_path: Path, wrapper: str):
    from tests.publishedfiles import sd15

    torch.save(hollow(prefixed(dressing_shapes(), wrapper)), tmp_path / "IMAGDressing-v1_512.pt")
    assert load_imagdressing(tmp_path / "IMAGDressing-v1_512.pt", sd15()).resampler.queries == 16
