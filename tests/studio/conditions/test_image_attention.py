"""Pictures in cross-attention: IP-Adapter's formula, and a UNet that is left as it was."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor, nn

from studio.conditions.attention import Hearing, ImageTokens, OwnKeys, attentions
from studio.conditions.base import Branch, Condition, Step, attach_all
from studio.conditions.face import FaceAdapter, FaceCondition, FaceProjection
from studio.conditions.image_prompt import PictureCondition
from studio.conditions.lora import Change, fitted, fold
from studio.errors import BadInput, ModelDamaged
from studio.request import Control

BRANCHES = (Branch.UNCONDITIONAL, Branch.GARMENT, Branch.TEXT)


class Seen(PictureCondition):
    seen_by = frozenset({Branch.GARMENT, Branch.TEXT})


@pytest.fixture
def unet() -> Any:
    torch.manual_seed(0)
    return UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, block_out_channels=(16, 32),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), layers_per_block=1,
        cross_attention_dim=12, attention_head_dim=4, norm_num_groups=4,
    ).eval()  # fmt: skip


def random_keys(unet: Any, seed: int) -> OwnKeys:
    keys = OwnKeys.of_unet(unet).requires_grad_(False)
    generator = torch.Generator().manual_seed(seed)
    for weight in keys.parameters():
        weight.normal_(generator=generator)
    return keys


def picture(unet: Any, seed: int, strength: float = 0.7, pictures: int = 1) -> Seen:
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randn(pictures, 4, 12, generator=generator)
    nothing = torch.randn(1, 4, 12, generator=generator)
    return Seen(random_keys(unet, seed), ImageTokens(tokens, nothing), Control(strength=strength))


@torch.inference_mode()
def run(unet: Any, conditions: Sequence[Condition], pictures: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(9)
    rows = len(BRANCHES) * pictures
    x = torch.randn(rows, 4, 8, 8, generator=generator)
    words = torch.randn(rows, 5, 12, generator=generator)
    step = Step(0, 4, torch.tensor(500), BRANCHES, pictures)
    with attach_all(conditions, unet):
        for condition in conditions:
            condition.before_step(step)
        return unet(x, step.timestep, encoder_hidden_states=words, return_dict=False)[0]


def attention(attn: Any, h: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """softmax(Q K^T / sqrt d) V of one row (N, C), head by head."""
    q, d = h @ attn.to_q.weight.T, k.shape[1] // attn.heads
    heads = []
    for i in range(attn.heads):
        here = slice(i * d, i * d + d)
        weights = (q[:, here] @ k[:, here].T / math.sqrt(d)).softmax(1)
        heads.append(weights @ v[:, here])
    return torch.cat(heads, 1)


def test_it_is_the_published_formula(unet: Any) -> None:
    """Row by row in one layer: two pictures, each with its own tokens in each branch."""
    first, second = picture(unet, 1, 0.7, pictures=2), picture(unet, 2, 0.4)
    number, _, attn = next(attentions(unet, "attn2"))
    h, words = torch.randn(6, 10, 32), torch.randn(6, 5, 12)
    step = Step(1, 4, torch.tensor(3), BRANCHES, 2)
    with torch.no_grad(), attach_all([first, second], unet):
        first.before_step(step)
        second.before_step(step)
        out = attn(h, encoder_hidden_states=words)
    wanted = []
    for row in range(6):
        branch, which = divmod(row, 2)
        total = attention(
            attn, h[row], words[row] @ attn.to_k.weight.T, words[row] @ attn.to_v.weight.T
        )
        for source in (first, second):
            seen = source.tokens.seen[which if len(source.tokens.seen) == 2 else 0]
            assert source.tokens.unseen is not None and source.keys is not None
            tokens = source.tokens.unseen[0] if BRANCHES[branch] is BRANCHES[0] else seen
            k = tokens @ source.keys.get_parameter(f"{number}.to_k_ip.weight").T
            v = tokens @ source.keys.get_parameter(f"{number}.to_v_ip.weight").T
            total = total + source.control.strength * attention(attn, h[row], k, v)
        wanted.append(total @ attn.to_out[0].weight.T + attn.to_out[0].bias)
    assert torch.allclose(out, torch.stack(wanted), atol=1e-5)


def test_strength_nothing_is_the_plain_model_bit_for_bit(unet: Any) -> None:
    plain = run(unet, [])
    assert torch.equal(run(unet, [picture(unet, 1, 0.0)]), plain)
    late = Seen(
        random_keys(unet, 1), picture(unet, 1).tokens, Control(strength=1.0, start=0.5, end=1.0)
    )
    assert torch.equal(run(unet, [late]), plain)
    assert not torch.allclose(run(unet, [picture(unet, 1)]), plain, atol=1e-4)


def test_the_unet_is_left_as_it_was(unet: Any) -> None:
    plain, before = run(unet, []), dict(unet.attn_processors)
    with pytest.raises(ZeroDivisionError), attach_all([picture(unet, 1), picture(unet, 2)], unet):
        layers = [attn for *_, attn in attentions(unet, "attn2")]
        assert all(isinstance(a.processor, Hearing) for a in layers)
        assert all(len(a.processor.heard) == 2 for a in layers)
        _ = 1 / 0
    assert all(unet.attn_processors[name] is p for name, p in before.items())
    assert torch.equal(run(unet, []), plain)


def test_self_attentions_are_left_alone(unet: Any) -> None:
    before = dict(unet.attn_processors)
    with attach_all([picture(unet, 1)], unet):
        for name, processor in unet.attn_processors.items():
            assert (processor is before[name]) == name.endswith("attn1.processor")


def test_branches_that_see_nothing(unet: Any) -> None:
    """Without tokens for nothing, the unconditional rows are the plain model's."""
    condition, plain = picture(unet, 1), run(unet, [])
    condition.tokens = ImageTokens(condition.tokens.seen)
    out = run(unet, [condition])
    assert torch.allclose(out[:2], plain[:2], atol=1e-6)
    assert not torch.allclose(out[2:], plain[2:], atol=1e-4)


def test_keys_are_computed_once_a_layer(unet: Any) -> None:
    calls: list[int] = []
    condition = picture(unet, 1)
    assert condition.keys is not None
    for projection in condition.keys.modules():
        if isinstance(projection, nn.Linear):
            projection.register_forward_hook(lambda *_: calls.append(1))
    x, words = torch.randn(3, 4, 8, 8), torch.randn(3, 5, 12)
    with torch.no_grad(), attach_all([condition], unet):
        for index in range(3):
            condition.before_step(Step(index, 3, torch.tensor(9), BRANCHES, 1))
            unet(x, 9, encoder_hidden_states=words)
    assert len(calls) == 4 * len(list(attentions(unet, "attn2")))  # keys, values; seen, unseen


def test_layers_are_numbered_as_published(unet: Any) -> None:
    every = [name for _, name, _ in attentions(unet)]
    numbers = [i for i, *_ in attentions(unet, "attn2")]
    assert numbers == list(range(1, 2 * len(numbers), 2))
    assert every[-1].startswith("mid_block") and every[numbers[-1]].endswith("attn2")
    keys = OwnKeys.of_unet(unet)
    assert set(keys.state_dict()) == {f"{i}.to_{w}_ip.weight" for i in numbers for w in "kv"}
    again = OwnKeys.from_state(keys.state_dict())
    assert all(torch.equal(v, keys.state_dict()[k]) for k, v in again.state_dict().items())
    number, _, attn = next(attentions(unet, "attn2"))
    assert torch.equal(again.get_parameter(f"{number}.to_v_ip.weight"), attn.to_v.weight)


def test_another_models_adapter_is_refused(unet: Any) -> None:
    condition = picture(unet, 1)
    condition.keys = OwnKeys({1: (16, 12)})
    with pytest.raises(ModelDamaged, match="another model"), attach_all([condition], unet):
        pass
    with pytest.raises(ModelDamaged, match="not those of an image adapter"):
        OwnKeys.from_state({"1.to_k_ip.weight": torch.zeros(4, 4)})
    with pytest.raises(ModelDamaged, match="not those of an image adapter"):
        OwnKeys.from_state({})


def test_low_rank_changes_are_folded_and_taken_back(unet: Any) -> None:
    plain, before = run(unet, []), {k: v.clone() for k, v in unet.state_dict().items()}
    lora: dict[str, Change] = {}
    for _, name, attn in attentions(unet):
        for place in ("to_q", "to_k", "to_v", "to_out.0"):
            outputs, inputs = attn.get_submodule(place).weight.shape
            down, up = torch.randn(2, inputs), torch.randn(outputs, 2)
            lora[f"{name}.{place}".replace(".", "_")] = Change(name, down, up, 1.0)
    tokens = ImageTokens(torch.randn(1, 4, 12), torch.randn(1, 4, 12))
    adapter = FaceAdapter(FaceProjection(6, 12), random_keys(unet, 3), lora)
    pointers = {k: v.data_ptr() for k, v in unet.state_dict().items()}
    changed = run(unet, [FaceCondition(adapter, tokens, Control(strength=1.0), 0.5)])
    without = run(unet, [FaceCondition(adapter, tokens, Control(strength=1.0), 0.0)])
    assert not torch.allclose(changed, without, atol=1e-4)
    assert torch.equal(
        run(unet, [FaceCondition(adapter, tokens, Control(strength=0.0), 0.5)]), plain
    )
    assert all(torch.equal(v, before[k]) for k, v in unet.state_dict().items())
    assert pointers == {k: v.data_ptr() for k, v in unet.state_dict().items()}
    _, name, attn = list(attentions(unet))[1]
    weight, change = attn.to_k.weight, lora[f"{name}.to_k".replace(".", "_")]
    with fold(fitted(unet, lora, "face adapter"), 0.5):
        wanted = before_of(before, unet, weight) + 0.5 * change.up @ change.down
        assert torch.allclose(weight, wanted)


def before_of(before: dict[str, Tensor], unet: Any, weight: Tensor) -> Tensor:
    return next(before[k] for k, p in unet.named_parameters() if p is weight)


def test_low_rank_changes_of_another_unet_are_refused(unet: Any) -> None:
    before = {k: v.clone() for k, v in unet.state_dict().items()}
    _, first, attn = next(attentions(unet))
    outputs, inputs = attn.to_q.weight.shape
    fits = Change("0.to_q_lora", torch.ones(2, inputs), torch.ones(outputs, 2), 1.0)
    wide = Change("0.to_k_lora", torch.ones(2, inputs + 1), torch.ones(outputs, 2), 1.0)
    name = first.replace(".", "_")
    for second in ({f"{name}_to_k": wide}, {"elsewhere_to_k": fits}):
        adapter = FaceAdapter(
            FaceProjection(6, 12), random_keys(unet, 3), {f"{name}_to_q": fits} | second
        )
        tokens = ImageTokens(torch.randn(1, 4, 12))
        with pytest.raises(BadInput, match="face adapter was made for another model"):
            run(unet, [FaceCondition(adapter, tokens, Control(strength=1.0))])
        assert all(torch.equal(v, before[k]) for k, v in unet.state_dict().items())
