"""Self-attention that sees garments: the published formulas, row by row and head by head."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.models.unets.unet_motion_model import MotionAdapter, UNetMotionModel

from studio.conditions.attention import record_features, self_attentions
from studio.conditions.softmax import attend, join_heads, merge, merge_zeros, split_heads
from tests.smallunet import CHANNELS, LAYERS, SIDE, TOKENS, WIDTH, draw, small_unet

SD15_WIDTHS = [320] * 2 + [640] * 2 + [1280] * 2 + [1280] * 3 + [640] * 3 + [320] * 3 + [1280]
"""Down, up, middle: the order in which published files number the layers."""


def test_layers_come_in_the_order_of_published_files():
    with torch.device("meta"):
        unet: Any = UNet2DConditionModel(cross_attention_dim=768)
    layers = self_attentions(unet)
    assert [attn.to_k.weight.shape[0] for attn in layers.values()] == SD15_WIDTHS
    places = [name.split("_")[0] for name in layers]
    assert places == ["down"] * 6 + ["up"] * 9 + ["mid"]
    assert next(iter(layers)) == "down_blocks.0.attentions.0.transformer_blocks.0.attn1"
    assert all(unet.get_submodule(name) is attn for name, attn in layers.items())


def test_motion_modules_are_left_alone():
    unet = small_unet()
    adapter = MotionAdapter(
        block_out_channels=(16, 32), motion_layers_per_block=1,
        motion_mid_block_layers_per_block=1, motion_num_attention_heads=2,
        motion_norm_num_groups=4, motion_max_seq_length=4,
    )  # fmt: skip
    moving: Any = UNetMotionModel.from_unet2d(unet, adapter)
    assert sum("attn1" in name for name in moving.attn_processors) > LAYERS
    assert list(self_attentions(moving)) == list(self_attentions(unet))


def inputs(rows: int = 2):
    return (
        draw(3, rows, CHANNELS, SIDE, SIDE),
        0,
        draw(4, rows, TOKENS, WIDTH),
    )


def test_what_is_stored_is_what_norm1_gives():
    unet = small_unet()
    given: dict[str, torch.Tensor] = {}
    handles = []
    for name in self_attentions(unet):
        norm = unet.get_submodule(name.removesuffix("attn1") + "norm1")
        handles.append(
            norm.register_forward_hook(lambda _m, _i, out, name=name: given.update({name: out}))
        )
    x, t, words = inputs()
    unet(x, t, encoder_hidden_states=words)
    for handle in handles:
        handle.remove()
    found = record_features(unet, x, t, words)
    assert set(found) == set(given) and len(found) == LAYERS
    for name, stored in found.items():
        assert torch.equal(stored, given[name]), name
    words_matter = record_features(unet, x, t, draw(5, 2, TOKENS, WIDTH))
    changed = [not torch.equal(found[n], words_matter[n]) for n in found]
    assert changed == [name.split(".")[1] != "0" or name[0] != "d" for name in found]


def test_the_extractor_is_not_run_past_its_last_self_attention():
    unet = small_unet()
    reached: list[str] = []
    names = {"conv_out": unet.conv_out, "conv_in": unet.conv_in}
    last = [n for n in self_attentions(unet) if n.startswith("up")][-1]
    names["last"] = unet.get_submodule(last)
    handles = [
        m.register_forward_hook(lambda *_a, n=n: reached.append(n)) for n, m in names.items()
    ]
    record_features(unet, *inputs())
    assert reached == ["conv_in"]
    unet(*inputs()[:2], encoder_hidden_states=inputs()[2])
    assert reached == ["conv_in", "conv_in", "last", "conv_out"]
    for handle in handles:
        handle.remove()


def test_recording_leaves_no_trace_also_after_an_error():
    unet = small_unet()
    processors = unet.attn_processors
    record_features(unet, *inputs())
    with pytest.raises(RuntimeError):
        record_features(unet, draw(3, 2, CHANNELS, SIDE, SIDE), 0, draw(4, 2, TOKENS, WIDTH + 1))
    assert all(not attn._forward_pre_hooks for attn in self_attentions(unet).values())
    assert all(unet.attn_processors[n] is p for n, p in processors.items())


def test_features_carry_gradients_to_every_weight_before_them():
    unet = small_unet().requires_grad_(True)
    found = record_features(unet, *inputs())
    sum((f * draw(6, *f.shape)).sum() for f in found.values()).backward()  # type: ignore[union-attr]
    moved = {n for n, w in unet.named_parameters() if w.grad is not None and w.grad.any()}
    assert "conv_in.weight" in moved
    assert all(n.removesuffix("attn1") + "norm1.weight" in moved for n in found)
    assert not any(n.startswith("conv_out") for n in moved)


def heads(seed: int, rows: int, length: int) -> torch.Tensor:
    return split_heads(draw(seed, rows, length, 24), 3)


def test_heads_are_split_and_joined():
    x = draw(0, 2, 5, 24)
    assert split_heads(x, 3).shape == (2, 3, 5, 8)
    assert torch.equal(join_heads(split_heads(x, 3)), x)
    assert torch.equal(split_heads(x, 3)[1, 2, 4], x[1, 4, 16:])


@pytest.mark.parametrize("grad", [False, True], ids=["kernel", "written out"])
@pytest.mark.parametrize("shared", [False, True])
def test_attend_gives_the_answer_and_its_normaliser(
    grad: bool, shared: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("studio.conditions.softmax._QUERIES", 3)
    rows = 1 if shared else 4
    q, k, v = heads(1, 4, 7), heads(2, rows, 5), heads(3, rows, 5)
    with torch.set_grad_enabled(grad):
        out, log = attend(q, k, v)
    assert log.dtype == torch.float32
    for row in range(4):
        for head in range(3):
            keys, values = (x[0 if shared else row, head] for x in (k, v))
            logits = q[row, head] @ keys.T / 8**0.5
            want = logits.softmax(1) @ values
            torch.testing.assert_close(out[row, head], want, rtol=1e-5, atol=1e-5)
            torch.testing.assert_close(log[row, head], logits.exp().sum(1).log())


def test_merging_is_one_softmax_over_both():
    q, k, v, k2, v2 = (heads(i, 2, n) for i, n in enumerate((7, 5, 5, 9, 9)))
    k3, v3 = heads(8, 2, 4), heads(9, 2, 4)
    with torch.no_grad():
        merged = merge(*merge(*attend(q, k, v), *attend(q, k2, v2)), *attend(q, k3, v3))[0]
    logits = q @ torch.cat([k, k2, k3], 2).mT / 8**0.5
    want = logits.softmax(-1) @ torch.cat([v, v2, v3], 2)
    torch.testing.assert_close(merged, want, rtol=1e-5, atol=1e-5)


def test_zero_tokens_are_the_same_as_real_ones():
    q, k, v = (heads(i, 2, n) for i, n in enumerate((7, 5, 5)))
    zeros = torch.zeros(2, 3, 11, 8)
    out, log = attend(q, k, v)
    merged, total = merge_zeros(out, log, 11, 1.0)
    want, want_log = attend(q, torch.cat([k, zeros], 2), torch.cat([v, zeros], 2))
    torch.testing.assert_close(merged, want, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(total, want_log)
    # They are not nothing: dropping them is another formula.
    assert (merged - out).abs().max() > 0.1
    # out = attention * Z / (Z + M)
    z = log.exp()[..., None]
    torch.testing.assert_close(merged, out * z / (z + 11), rtol=1e-5, atol=1e-6)
