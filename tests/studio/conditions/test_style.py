"""Styles: every layout of a LoRA says what peft says, weights come back, wrong files are named."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import torch
from diffusers.loaders.lora_pipeline import StableDiffusionLoraLoaderMixin
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from peft import LoraConfig, inject_adapter_in_model
from safetensors.torch import save
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTextModelWithProjection

import studio.conditions.style as style_module
from studio.conditions.base import attach_all
from studio.conditions.lora import fold, layers_of
from studio.conditions.style import StyleCondition, read_style, styled_text_encoder
from studio.conditions.text import TextEncoder
from studio.errors import BadInput, ModelDamaged, ToileError
from tests.stylefiles import (
    ALPHA,
    ATTENTION,
    CONVOLUTIONS,
    DOWN,
    LAYERS,
    LAYOUTS,
    RANK,
    UP,
    WORDS,
    Pairs,
    heard,
    kohya,
    kohya_name,
    lora,
    peft_says,
    predicted,
    text_model,
)
from tests.tinymodel import build_tokenizer


@pytest.fixture(scope="module")
def unet() -> UNet2DConditionModel:
    torch.manual_seed(0)
    made = UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, block_out_channels=(16, 32),
        layers_per_block=1, cross_attention_dim=24, attention_head_dim=4, norm_num_groups=8,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
    )  # fmt: skip
    return made.eval().requires_grad_(False)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    style_module._kept.clear()
    yield
    style_module._kept.clear()


def test_every_layout_says_what_peft_says(unet: UNet2DConditionModel) -> None:
    pairs = lora(unet, LAYERS)
    plain = predicted(unet)
    for scale in (1.0, -0.7):
        expected = predicted(peft_says(unet, pairs, scales=[scale]))
        assert (expected - plain).abs().max() > 0.1
        for layout in LAYOUTS:
            with read_style(layout(pairs), "a").folded(unet, scale):
                styled = predicted(unet)
            torch.testing.assert_close(
                styled, expected, rtol=1e-4, atol=2e-5, msg=lambda m, f=layout: f"{f.__name__}: {m}"
            )
    assert torch.equal(predicted(unet), plain)


def test_every_layer_changes_as_peft_changes_it(unet: UNet2DConditionModel) -> None:
    pairs = lora(unet, LAYERS)
    merged = dict(peft_merged(unet, pairs).named_parameters())
    with read_style(kohya(pairs), "a").folded(unet, 1.0):
        styled = {n: p.detach().clone() for n, p in unet.named_parameters()}
    for name, weight in unet.named_parameters():
        if name.removesuffix(".weight") in LAYERS:
            assert (merged[name] - weight).abs().max() > 0.01
            torch.testing.assert_close(styled[name], merged[name], rtol=1e-5, atol=1e-6)
        else:
            assert torch.equal(styled[name], weight)


def peft_merged(model: nn.Module, pairs: Pairs) -> nn.Module:
    """peft's own sums in a plain model again."""
    made: Any = peft_says(model, pairs)
    for name, module in list(made.named_modules()):
        if hasattr(module, "lora_A"):
            module.merge()
            made.set_submodule(name, module.get_base_layer())
    return made


def test_names_of_the_first_code_are_those_diffusers_knows(unet: UNet2DConditionModel) -> None:
    theirs = {
        "input_blocks_1_1_transformer_blocks_0_attn1_to_q": f"{DOWN}.attn1.to_q",
        "input_blocks_1_0_in_layers_2": "down_blocks.0.resnets.0.conv1",
        "input_blocks_2_0_op": "down_blocks.0.downsamplers.0.conv",
        "input_blocks_3_0_skip_connection": "down_blocks.1.resnets.0.conv_shortcut",
        "input_blocks_3_0_emb_layers_1": "down_blocks.1.resnets.0.time_emb_proj",
        "middle_block_1_transformer_blocks_0_attn2_to_out_0":
            "mid_block.attentions.0.transformer_blocks.0.attn2.to_out.0",
        "middle_block_2_out_layers_3": "mid_block.resnets.1.conv2",
        "output_blocks_1_2_conv": "up_blocks.0.upsamplers.0.conv",
        "output_blocks_3_1_transformer_blocks_0_ff_net_2": f"{UP}.ff.net.2",
    }  # fmt: skip
    state: dict[str, Tensor] = {}
    for name, layer in theirs.items():
        (down, up) = lora(unet, [layer])[layer]
        state[f"lora_unet_{name}.lora_down.weight"] = down
        state[f"lora_unet_{name}.lora_up.weight"] = up
        state[f"lora_unet_{name}.alpha"] = torch.tensor(ALPHA)
    layers = layers_of(unet)
    for name, layer in theirs.items():
        assert layers[name] is unet.get_submodule(layer)
    for name, ours in (
        ("input_blocks_0_0", "conv_in"), ("out_2", "conv_out"),
        ("time_embed_0", "time_embedding.linear_1"), ("time_embed_2", "time_embedding.linear_2"),
    ):  # fmt: skip
        assert layers[name] is unet.get_submodule(ours)

    reference = copy.deepcopy(unet)
    loader: Any = StableDiffusionLoraLoaderMixin
    converted, network_alphas = loader.lora_state_dict(dict(state), unet_config=unet.config)
    loader.load_lora_into_unet(converted, network_alphas=network_alphas, unet=reference)
    with read_style(save(state), "a").folded(unet, 1.0):
        torch.testing.assert_close(predicted(unet), predicted(reference), rtol=1e-4, atol=2e-5)


def test_every_layer_of_a_kohya_file_has_its_own_alpha(unet: UNet2DConditionModel) -> None:
    pairs = lora(unet, ATTENTION)
    given = {layer: 1.0 + number for number, layer in enumerate(pairs)}
    state: dict[str, Tensor] = {}
    for layer, (down, up) in pairs.items():
        name = kohya_name(layer)
        state |= {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up}
        state[f"{name}.alpha"] = torch.tensor(given[layer])
    scaled = {layer: (down, up * (given[layer] / ALPHA)) for layer, (down, up) in pairs.items()}
    reference = dict(peft_merged(unet, scaled).named_parameters())
    with read_style(save(state), "a").folded(unet, 1.0):
        for name, weight in unet.named_parameters():
            torch.testing.assert_close(weight, reference[name], rtol=1e-5, atol=1e-5)


def test_alpha_in_the_notes_follows_peft_rules(unet: UNet2DConditionModel) -> None:
    first, second = f"{DOWN}.attn1.to_q", f"{UP}.attn2.to_v"
    pairs = lora(unet, [first, second])
    state = {
        f"unet.{layer}.lora_{half}.weight": tensor
        for layer, pair in pairs.items()
        for half, tensor in zip("AB", pair, strict=True)
    }
    settings = {
        "unet.lora_alpha": 3.0,
        "unet.alpha_pattern": {f"^{second}": 5.0},
        "unet.use_rslora": True,
    }
    config: Any = LoraConfig(
        r=RANK, lora_alpha=3, alpha_pattern={second: 5}, use_rslora=True,
        target_modules=[first, second],
    )  # fmt: skip
    reference: Any = copy.deepcopy(unet)
    inject_adapter_in_model(config, reference)
    for layer, (down, up) in pairs.items():
        reference.get_submodule(layer).lora_A["default"].weight.data.copy_(down)
        reference.get_submodule(layer).lora_B["default"].weight.data.copy_(up)
    data = save(state, {"lora_adapter_metadata": json.dumps(settings)})
    with read_style(data, "a").folded(unet, 1.0):
        torch.testing.assert_close(predicted(unet), predicted(reference), rtol=1e-4, atol=2e-5)
    without = read_style(save(state, {"lora_adapter_metadata": "not JSON"}), "a")
    assert {change.factor for change in without.unet.values()} == {1.0}


def test_weights_are_the_very_same_afterwards(unet: UNet2DConditionModel) -> None:
    half = copy.deepcopy(unet).half()
    before = {n: (p.data_ptr(), p.detach().clone()) for n, p in half.named_parameters()}

    def untouched() -> bool:
        return all(
            p.data_ptr() == before[n][0] and torch.equal(p, before[n][1])
            for n, p in half.named_parameters()
        )

    one, two = (read_style(kohya(lora(unet, LAYERS, seed)), "a") for seed in (1, 2))
    with one.folded(half, 0.0):
        assert untouched()
    with torch.inference_mode(), one.folded(half, 1.0), two.folded(half, 1.0):
        assert not untouched()
    assert untouched() and not any(p.is_inference() for p in half.parameters())
    with pytest.raises(RuntimeError, match="stopped"), one.folded(half, 1.0), two.folded(half, 1.0):
        raise RuntimeError("stopped")
    assert untouched()
    foreign = dict(lora(unet, LAYERS)) | {
        "mid_block.resnets.1.conv2": (torch.zeros(4, 8, 3, 3), torch.zeros(32, 4, 1, 1))
    }
    with pytest.raises(BadInput), read_style(kohya(foreign), "a").folded(half, 1.0):
        pytest.fail("it does not fit")
    assert untouched()


def test_several_styles_add_up_in_any_order(unet: UNet2DConditionModel) -> None:
    loras = [lora(unet, LAYERS, 1), lora(unet, ATTENTION, 2), lora(unet, CONVOLUTIONS, 3)]
    scales = [0.8, -0.5, 1.3]
    data = [layout(pairs) for layout, pairs in zip(LAYOUTS, loras, strict=False)]
    conditions = [
        StyleCondition(f"s{i}", file, scale)
        for i, (file, scale) in enumerate(zip(data, scales, strict=True))
    ]
    expected = predicted(peft_says(unet, *loras, scales=scales))
    for order in ((0, 1, 2), (2, 0, 1)):
        with attach_all([conditions[i] for i in order], unet):
            torch.testing.assert_close(predicted(unet), expected, rtol=1e-4, atol=5e-5)

    half = copy.deepcopy(unet).half()
    exact: dict[str, Tensor] = {}
    with attach_all(conditions, half.float()):
        exact = {n: p.detach().clone() for n, p in half.named_parameters()}
    half.half()
    with attach_all(conditions, half):
        # Rounded once: what the exact sum rounds to, or its neighbour where float32 itself wavers.
        off = [
            (p.float() - exact[n].half().float()).abs().max() for n, p in half.named_parameters()
        ]
        same = sum(int((p == exact[n].half()).sum()) for n, p in half.named_parameters())
    assert max(off) <= 2**-10 and same >= 0.999 * sum(p.numel() for p in half.parameters())


def test_a_style_and_a_faces_changes_add_up_in_any_order(unet: UNet2DConditionModel) -> None:
    """In half precision the sum is rounded once, and each change is taken out by itself."""
    style, face = (read_style(kohya(lora(unet, ATTENTION, seed)), "a").unet for seed in (1, 2))
    half = copy.deepcopy(unet).half()
    weight: Any = half.get_submodule(f"{DOWN}.attn1.to_q").weight
    name = f"{DOWN}.attn1.to_q".replace(".", "_")
    original = weight.data
    with fold([(weight, style[name])], 0.5):
        alone = weight.data.clone()
        with fold([(weight, face[name])], -0.7):
            both = weight.data.clone()
        assert torch.equal(weight.data, alone)
    assert weight.data_ptr() == original.data_ptr()
    with fold([(weight, face[name])], -0.7), fold([(weight, style[name])], 0.5):
        turned = weight.data.clone()
    wanted = original.float()
    wanted = wanted + 0.5 * style[name].difference(wanted) - 0.7 * face[name].difference(wanted)
    for found in (both, turned):
        torch.testing.assert_close(found.float(), wanted, rtol=2**-11, atol=1e-6)
    assert not torch.allclose(both, alone, atol=1e-3)


@pytest.mark.parametrize("kind", [CLIPTextModel, CLIPTextModelWithProjection])
def test_text_encoders(kind: Any) -> None:
    encoder = text_model(kind)
    loras = [lora(encoder, WORDS, 1), lora(encoder, WORDS[:2], 2)]
    expected = heard(peft_says(encoder, *loras, scales=[1.0, -0.5]))
    plain = heard(encoder)
    assert (expected - plain).abs().max() > 0.05
    for layout in LAYOUTS:
        styles = [(read_style(layout(p), "a"), s) for p, s in zip(loras, (1.0, -0.5), strict=True)]
        with styled_text_encoder(encoder, styles):
            torch.testing.assert_close(heard(encoder), expected, rtol=1e-4, atol=2e-5)
        assert torch.equal(heard(encoder), plain)


def test_texts_under_a_style_are_remembered_apart(unet: UNet2DConditionModel) -> None:
    encoder = text_model()
    text = TextEncoder(build_tokenizer(300), encoder)
    words = lora(encoder, WORDS)
    spoken = read_style(kohya(words), "a")
    drawn = read_style(kohya(lora(unet, ATTENTION)), "b")
    plain = text.encode("a red coat")
    with text.styled([(spoken, 1.0)]):
        styled = text.encode("a red coat")
        assert text.encode("a red coat") is styled
    with text.styled([(spoken, 0.5)]):
        weaker = text.encode("a red coat")
    assert text.encode("a red coat") is plain
    assert not torch.equal(styled.embeddings, plain.embeddings)
    assert not torch.equal(styled.embeddings, weaker.embeddings)
    with text.styled([(spoken, 1.0)]):
        assert text.encode("a red coat") is styled
    with text.styled([(drawn, 1.0), (spoken, 0.0)]):  # neither is heard in words
        assert text.encode("a red coat") is plain
    with pytest.raises(RuntimeError), text.styled([(spoken, 1.0)]):
        raise RuntimeError
    assert text.encode("a red coat") is plain


def test_the_same_bytes_are_read_once(
    unet: UNet2DConditionModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    real = style_module.load

    def counted(data: bytes) -> dict[str, Tensor]:
        calls.append(len(data))
        return real(data)

    monkeypatch.setattr(style_module, "load", counted)
    files = [kohya(lora(unet, ATTENTION[:1], seed)) for seed in range(9)]
    first, again = read_style(files[0], "one"), read_style(bytes(bytearray(files[0])), "two")
    assert len(calls) == 1 and again.unet is first.unet
    assert (first.name, again.name) == ("one", "two")
    for data in files:
        read_style(data, "other")
    assert len(calls) == 9 and len(style_module._kept) == 8
    read_style(files[0], "one")
    assert len(calls) == 10


def changed(key: str, value: Tensor, *, without: str | None = None) -> Callable[[], bytes]:
    """A good file with one more weight, or one instead of another."""

    def made() -> bytes:
        layer = "lora_unet_mid_block_attentions_0_proj_in"
        state = {
            f"{layer}.lora_down.weight": torch.ones(4, 32, 1, 1),
            f"{layer}.lora_up.weight": torch.ones(32, 4, 1, 1),
        }
        if without is not None:
            del state[f"{layer}.{without}"]
        return save({**state, key: value})

    return made


_LAYER = "lora_unet_mid_block_attentions_0_proj_in"
WRONG: list[tuple[Callable[[], bytes], type[ToileError], str]] = [
    (lambda: b"", ModelDamaged, "“my style” is empty"),
    (lambda: b"<!doctype html><html>", ModelDamaged, "“my style” is a web page"),
    (lambda: b"version https://git-lfs.github.com/spec/v1\nsize 9\n", ModelDamaged, "Git LFS"),
    (lambda: changed("x.alpha", torch.ones(()))()[:-9], ModelDamaged, "is cut off"),
    (lambda: pickle.dumps(print), ModelDamaged, "is a pickle that asks for"),
    (lambda: save({"conv_in.weight": torch.ones(4, 4, 3, 3)}), BadInput,
     "“my style” is a whole model instead of a LoRA: choose the .safetensors file of a LoRA."),
    (lambda: save({"model.diffusion_model.input_blocks.0.0.weight": torch.ones(4, 4, 3, 3)}),
     BadInput, "is a whole model instead of a LoRA"),
    (lambda: save({"lora_unet_x.hada_w1_a": torch.ones(4, 4)}), BadInput,
     "is no style (it looks like a LoHa or LoKr style, which are not supported): choose"),
    (lambda: save({"0.to_k_ip.weight": torch.ones(4, 4)}), BadInput, "and no style: choose"),
    (changed(f"{_LAYER}.dora_scale", torch.ones(1, 32)), BadInput,
     f"not a plain LoRA, “{_LAYER}.dora_scale” in it is not understood"),
    (changed(f"{_LAYER}.lora_up.weight", torch.ones(32, 4, dtype=torch.int8)), BadInput,
     "is not a plain LoRA"),
    (changed("x.lora_down.weight", torch.ones(4, 4)), ModelDamaged,
     "Half of the change of “x” is missing in the style “my style”: download it again."),
    (changed(f"{_LAYER}.lora_up.weight", torch.ones(32, 5)), ModelDamaged,
     "(4×32×1×1 and 32×5) do not belong together"),
    (changed(f"{_LAYER}.lora_up.weight", torch.full((32, 4), torch.nan)), ModelDamaged,
     "holds values that are no numbers"),
    (changed(f"{_LAYER}.alpha", torch.tensor(torch.inf)), ModelDamaged, "that are no numbers"),
    (lambda: save({"unet.a.lora_A.weight": torch.ones(2, 2), "unet.a.lora.up.weight":
                   torch.ones(2, 2), "a.lora_A.weight": torch.ones(2, 2),
                   "a.lora_B.weight": torch.ones(2, 2)}), BadInput, "changes the layer “a” twice"),
    (lambda: save({"lora_te2_x.lora_down.weight": torch.ones(2, 2),
                   "lora_te2_x.lora_up.weight": torch.ones(2, 2)}), BadInput,
     "was made for a model with several text encoders (Stable Diffusion XL or newer), its layer "
     "“lora_te2_x” is not in this one: choose a style made for this model."),
]  # fmt: skip


@pytest.mark.parametrize(("data", "kind", "words"), WRONG, ids=[w for _, _, w in WRONG])
def test_what_is_no_style_is_named(
    data: Callable[[], bytes], kind: type[ToileError], words: str
) -> None:
    with pytest.raises(kind) as caught:
        read_style(data(), "my style")
    assert words in str(caught.value) and str(caught.value).endswith(".")
    assert "style.safetensors" not in str(caught.value) and "\n" not in str(caught.value)


def test_a_saved_pickle_is_named(tmp_path: Any) -> None:
    file = tmp_path / "lora.pt"
    torch.save({"a.lora_A.weight": torch.ones(2, 2), "a.lora_B.weight": torch.ones(2, 2)}, file)
    with pytest.raises(BadInput, match="written by torch"):
        read_style(file.read_bytes(), "my style")


@pytest.mark.parametrize(
    ("layer", "down", "up", "words"),
    [
        ("lora_unet_input_blocks_8_1_transformer_blocks_9_attn2_to_k", (4, 2048), (1280, 4),
         "its layer “lora_unet_input_blocks_8_1_transformer_blocks_9_attn2_to_k” is not in this "
         "one"),
        (f"lora_unet_{DOWN.replace('.', '_')}_attn2_to_k", (4, 768), (320, 4),
         "has 320×768 numbers and here 16×24"),
        ("lora_unet_conv_in", (4, 4), (16, 4), "has 16×4 numbers and here 16×4×3×3"),
        ("unet.transformer_blocks.0.attn.to_q", (4, 8), (8, 4), "is not in this one"),
    ],
)  # fmt: skip
def test_a_style_for_another_model_is_named(
    unet: UNet2DConditionModel, layer: str, down: tuple[int, ...], up: tuple[int, ...], words: str
) -> None:
    data = save({f"{layer}.lora_down.weight": torch.ones(down),
                 f"{layer}.lora_up.weight": torch.ones(up)})  # fmt: skip
    style = read_style(data, "my style")
    with pytest.raises(BadInput) as caught:
        style.check(unet)
    assert words in str(caught.value) and "“my style”" in str(caught.value)
    with pytest.raises(BadInput), ExitStack() as stack:
        stack.enter_context(StyleCondition("my style", data, 1.0).attached(unet))


def test_a_style_for_another_text_encoder_is_named() -> None:
    encoder = text_model()
    pairs = {f"text_model.encoder.layers.{n}.mlp.fc1": (torch.ones(4, 24), torch.ones(48, 4))
             for n in (1, 11)}  # fmt: skip
    style = read_style(kohya(pairs), "my style")
    before = heard(encoder)
    with (
        pytest.raises(BadInput, match="layers_11_mlp_fc1” is not in this one"),
        styled_text_encoder(encoder, [(style, 1.0)]),
    ):
        pytest.fail("it does not fit")
    assert torch.equal(heard(encoder), before)
