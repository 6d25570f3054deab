"""Magic Clothing in a UNet: the published form with half the work, and nothing left behind."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.conditions.attention import self_attentions
from studio.conditions.base import Branch, Step, attach_all
from studio.conditions.garment import GarmentCondition, GarmentExtractor, masked_garment
from studio.request import Control
from tests.smallunet import (
    CHANNELS,
    SIDE,
    TOKENS,
    WIDTH,
    G,
    T,
    U,
    W,
    Words,
    by_head,
    doubled,
    draw,
    garment_features,
    one_head,
    own_keys,
    plain,
    predict,
    seen_by,
    small_unet,
    written_out,
)

BRANCHES = (U, G, T)
CLOSE: Any = {"rtol": 1e-4, "atol": 1e-5}


def condition(
    features: dict[str, torch.Tensor], control: Control | None = None, **options: Any
) -> GarmentCondition:
    return GarmentCondition(
        GarmentExtractor(None, **options), features, control or Control(strength=1.0)
    )


@pytest.mark.parametrize("same", [True, False], ids=["as in the loop", "rows of their own"])
@pytest.mark.parametrize("rows", [1, 2], ids=["one garment", "one for each picture"])
def test_query_only_is_the_published_form(same: bool, rows: int):
    unet, features = small_unet(), garment_features(7, rows)
    got = predict(unet, [condition(features)], same=same)
    with written_out(unet, doubled(seen_by(features, BRANCHES, 2))):
        want = predict(unet, same=same)
    torch.testing.assert_close(got, want, **CLOSE)
    assert (got - predict(unet, same=same)).abs().max() > 100 * (got - want).abs().max()


def test_in_bfloat16_it_is_no_further_from_the_truth_than_the_published_form():
    unet, features = small_unet(), garment_features(7)
    formula = doubled(seen_by(features, BRANCHES, 2))
    with written_out(unet, formula):
        truth = predict(unet)
    unet = unet.to(torch.bfloat16)
    stored = {name: f.to(torch.bfloat16) for name, f in features.items()}
    with written_out(unet, doubled(seen_by(stored, BRANCHES, 2))):
        published = predict(unet).float()
    ours = predict(unet, [condition(features)]).float()
    rounding = (published - truth).abs().mean()
    assert 0 < (ours - truth).abs().mean() < 1.5 * rounding
    assert (ours - published).abs().mean() < 2 * rounding


TEXT_WITH_TIME = {"addition_embed_type": "text", "addition_embed_type_num_heads": 2}
"""As in the bundled family: what a layer is asked depends on the words from the start."""


@pytest.mark.parametrize("config", [{}, TEXT_WITH_TIME], ids=["words later", "words at once"])
def test_branches_that_ask_the_same_are_answered_once(config: dict[str, Any]):
    unet, garment = small_unet(**config), condition(garment_features(7))
    first = next(iter(self_attentions(unet).values()))
    asked: list[int] = []
    handle = first.to_q.register_forward_hook(lambda _m, inputs, _o: asked.append(len(inputs[0])))
    together = predict(unet, [garment])
    predict(unet, [garment], same=False)
    handle.remove()
    assert asked == [6 if config else 2, 6]
    alone = [predict(unet, [garment], branches=(b,)) for b in BRANCHES]
    torch.testing.assert_close(together, torch.cat(alone), **CLOSE)


@pytest.mark.parametrize("added", [False, True], ids=["joined", "added"])
def test_with_gradients_it_is_the_same_and_they_reach_the_garment(added: bool):
    unet, features = small_unet(), garment_features(7, 2)
    own = own_keys(decoupled_layers(unet, 20)).requires_grad_() if added else None
    want = predict(unet, [condition(features, layers=own, zeros=False)], (T,))
    shown = {name: f.clone().requires_grad_() for name, f in features.items()}
    seen = condition(shown, layers=own, zeros=False)
    words = Words().embeddings(T).expand(2, -1, -1)
    with seen.attached(unet):
        seen.before_step(Step(0, 4, torch.tensor(500), (T,), 2))
        x = draw(9, 2, CHANNELS, SIDE, SIDE)
        got = unet(x, 500, encoder_hidden_states=words, return_dict=False)[0]
    torch.testing.assert_close(got.detach(), want, **CLOSE)
    got.square().mean().backward()
    trained = [*shown.values(), *(() if own is None else own.parameters())]
    assert all(t.grad is not None and t.grad.any() for t in trained)
    assert all(w.grad is None for w in unet.parameters())


@pytest.mark.parametrize("strength", [0.3, 2.0])
def test_the_strength_weighs_the_garments_tokens_in_the_softmax(strength: float):
    unet, features = small_unet(), garment_features(7)
    got = predict(unet, [condition(features, Control(strength=strength))])
    garment = seen_by(features, BRANCHES, 2)

    def formula(name: str, attn: Any, row: int, h: torch.Tensor) -> torch.Tensor:
        both = torch.cat([h, garment(name, row)])
        q = by_head(attn.heads, attn.to_q(h))
        k, v = (by_head(attn.heads, p(both)) for p in (attn.to_k, attn.to_v))
        weights = torch.cat([torch.ones(len(h)), torch.full((len(both) - len(h),), strength)])
        return torch.cat([one_head(*x, weights) for x in zip(q, k, v, strict=True)], dim=1)

    with written_out(unet, formula):
        want = predict(unet)
    torch.testing.assert_close(got, want, **CLOSE)


def test_a_strength_of_two_is_the_garment_shown_twice():
    unet, features = small_unet(), garment_features(7)
    twice = {name: f.repeat(1, 2, 1) for name, f in features.items()}
    torch.testing.assert_close(
        predict(unet, [condition(features, Control(strength=2.0))]),
        predict(unet, [condition(twice)]),
        **CLOSE,
    )


def test_without_zero_tokens_the_unconditional_branch_is_the_plain_model():
    unet, features = small_unet(), garment_features(7)
    bare = predict(unet)
    without = predict(unet, [condition(features, zeros=False)])
    with_zeros = predict(unet, [condition(features)])
    torch.testing.assert_close(without[:2], bare[:2], **CLOSE)
    assert (with_zeros[:2] - bare[:2]).abs().max() > 1e-3
    torch.testing.assert_close(without[2:], with_zeros[2:], **CLOSE)


def test_words_alone_see_zero_tokens_too():
    unet, features = small_unet(), garment_features(7)
    branches = (U, G, W)
    got = predict(unet, [condition(features)], branches)
    with written_out(unet, doubled(seen_by(features, branches, 2))):
        torch.testing.assert_close(got, predict(unet, branches=branches), **CLOSE)


def decoupled_layers(unet: Any, seed: int) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    sizes = {name: attn.to_k.weight.shape for name, attn in self_attentions(unet).items()}
    return {
        name: (draw(seed + i, *size) / 4, draw(seed + 100 + i, *size) / 4)
        for i, (name, size) in enumerate(sizes.items())
    }


def test_decoupled_weights_add_an_attention_of_their_own():
    unet, features = small_unet(), garment_features(7)
    layers = decoupled_layers(unet, 20)
    got = predict(unet, [condition(features, layers=own_keys(layers), zeros=False)])

    def formula(name: str, attn: Any, row: int, h: torch.Tensor) -> torch.Tensor:
        out = plain(attn, h)
        if row < 2:
            return out
        q = by_head(attn.heads, attn.to_q(h))
        k, v = (by_head(attn.heads, features[name][0] @ w.T) for w in layers[name])
        return out + torch.cat([one_head(*x) for x in zip(q, k, v, strict=True)], dim=1)

    with written_out(unet, formula):
        want = predict(unet)
    torch.testing.assert_close(got, want, **CLOSE)


def test_two_garments_stand_side_by_side():
    unet, upper, lower = small_unet(), garment_features(7), garment_features(8)
    got = predict(unet, [condition(upper), condition(lower, Control(strength=0.5))])
    first, second = (seen_by(f, BRANCHES, 2) for f in (upper, lower))

    def formula(name: str, attn: Any, row: int, h: torch.Tensor) -> torch.Tensor:
        tokens = [h, first(name, row), second(name, row)]
        q = by_head(attn.heads, attn.to_q(h))
        k, v = (by_head(attn.heads, p(torch.cat(tokens))) for p in (attn.to_k, attn.to_v))
        weights = torch.cat(
            [torch.full((len(t),), w) for t, w in zip(tokens, (1, 1, 0.5), strict=True)]
        )
        return torch.cat([one_head(*x, weights) for x in zip(q, k, v, strict=True)], dim=1)

    with written_out(unet, formula):
        want = predict(unet)
    torch.testing.assert_close(got, want, **CLOSE)


def test_it_is_heard_only_in_its_steps():
    unet, features = small_unet(), garment_features(7)
    bare, always = predict(unet), condition(features)
    heard = predict(unet, [always])
    late = condition(features, Control(strength=1.0, start=0.5))
    early = condition(features, Control(strength=1.0, end=0.5))
    for index, count in enumerate([4] * 4):
        acting = index >= 2
        assert torch.equal(
            predict(unet, [late], index=index, count=count), heard if acting else bare
        )
        assert torch.equal(
            predict(unet, [early], index=index, count=count), bare if acting else heard
        )


def test_no_strength_is_the_plain_model_bit_for_bit():
    unet = small_unet()
    silent = condition(garment_features(7), Control(strength=0.0))
    assert torch.equal(predict(unet, [silent]), predict(unet))


class _Interrupted(Exception):
    pass


def test_the_unet_is_left_as_it_was_also_after_an_error():
    unet = small_unet()
    processors = dict(unet.attn_processors)
    weights = copy.deepcopy(unet.state_dict())
    garments = [condition(garment_features(7)), condition(garment_features(8))]
    predict(unet, garments)
    with pytest.raises(_Interrupted), attach_all(garments, unet):
        assert all(unet.attn_processors[n] is not p for n, p in processors.items() if "attn1" in n)
        assert all(unet.attn_processors[n] is p for n, p in processors.items() if "attn2" in n)
        raise _Interrupted
    foreign = condition({name: f[..., :-1] for name, f in garment_features(7).items()})
    with pytest.raises(RuntimeError), attach_all([garments[0], foreign], unet):
        pass
    assert all(unet.attn_processors[n] is p for n, p in processors.items())
    after = unet.state_dict()
    assert list(after) == list(weights)
    assert all(torch.equal(after[n], w) for n, w in weights.items())


def test_outside_of_a_step_it_says_so():
    unet, garment = small_unet(), condition(garment_features(7))
    x, words = draw(9, 1, CHANNELS, SIDE, SIDE), draw(8, 1, TOKENS, WIDTH)
    with garment.attached(unet), pytest.raises(RuntimeError, match="outside"):
        unet(x, 500, encoder_hidden_states=words)


def test_a_scale_of_its_own_is_a_property_of_the_weights():
    features = garment_features(7)
    assert condition(features, joint=True).branches == {U, G}
    assert condition(features, joint=False).branches == {U}
    assert [condition(features).sees(b) for b in Branch] == [b in (G, T) for b in Branch]


class Asked:
    """How often latents and words were needed."""

    def __init__(self) -> None:
        self.times = 0

    def latents(self) -> torch.Tensor:
        self.times += 1
        return draw(7, 1, CHANNELS, SIDE, SIDE)

    def words(self) -> torch.Tensor:
        return draw(8, 1, TOKENS, WIDTH)


def test_a_garment_is_read_once():
    extractor, asked = GarmentExtractor(small_unet(7)), Asked()
    first = extractor.features(b"coat", asked.latents, asked.words)
    again = extractor.features(b"coat", asked.latents, asked.words)
    assert first is again and extractor.passes == asked.times == 1
    for name, want in garment_features(7).items():
        torch.testing.assert_close(first[name], want, **CLOSE)
    extractor.features(b"skirt", asked.latents, asked.words)
    assert extractor.passes == 2
    extractor.forget()
    extractor.features(b"coat", asked.latents, asked.words)
    assert extractor.passes == asked.times == 3


def test_the_memory_of_garments_is_small_and_keeps_those_in_use():
    extractor, asked = GarmentExtractor(small_unet(7)), Asked()
    for i in range(8):
        extractor.features(bytes([i]), asked.latents, asked.words)
    extractor.features(bytes([0]), asked.latents, asked.words)
    extractor.features(b"new", asked.latents, asked.words)
    assert extractor.passes == 9
    extractor.features(bytes([0]), asked.latents, asked.words)
    assert extractor.passes == 9
    extractor.features(bytes([1]), asked.latents, asked.words)
    assert extractor.passes == 10


def test_outside_its_mask_the_garment_is_mid_grey():
    picture = Image.new("RGB", (30, 50), (255, 0, 51))
    mask = np.zeros((50, 30), np.uint8)
    mask[:25] = 128
    mask[25:, :15] = 127
    pixels = masked_garment(picture, mask, 16, 24)
    assert pixels.shape == (1, 3, 24, 16) and pixels.dtype == torch.float32
    colour = torch.tensor([1.0, -1.0, -0.6])[:, None, None].expand(3, 12, 16)
    torch.testing.assert_close(pixels[0, :, :12], colour)
    assert not pixels[0, :, 12:].any()
    whole = masked_garment(picture, None, 16, 24)
    torch.testing.assert_close(whole[0, :, :12], colour)
    torch.testing.assert_close(whole[0, :, 12:], colour)
