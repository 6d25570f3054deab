"""IMAGDressing-v1 in a UNet: the hybrid attention, and the plain model wherever it is not heard."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from studio.conditions.attention import self_attentions
from studio.conditions.base import Step, attach_all
from studio.conditions.garment import GarmentCondition, GarmentExtractor
from studio.request import Control
from tests.smallunet import (
    G,
    T,
    U,
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

CLOSE: Any = {"rtol": 1e-4, "atol": 1e-5}
Layers = dict[str, tuple[torch.Tensor, torch.Tensor]]


def projections(unet: Any, seed: int | None = None) -> Layers:
    """W'_k and W'_v of every layer: the denoiser's own, or random ones."""
    own = {n: (a.to_k.weight, a.to_v.weight) for n, a in self_attentions(unet).items()}
    if seed is None:
        return own
    return {
        n: (draw(seed + i, *k.shape) / 4, draw(seed + 50 + i, *v.shape) / 4)
        for i, (n, (k, v)) in enumerate(own.items())
    }


def dressing(features: dict[str, torch.Tensor], layers: Layers, weight: float) -> GarmentCondition:
    extractor = GarmentExtractor(None, joint=False, zeros=False, layers=own_keys(layers))
    return GarmentCondition(extractor, features, Control(strength=weight))


def hybrid(features: dict[str, torch.Tensor], layers: Layers, weight: float, plain_rows: int):
    """SDPA(Q, K, V) + lambda SDPA(Q, W'_k r, W'_v r), with Q shared (eq. 5)."""

    def formula(name: str, attn: Any, row: int, h: torch.Tensor) -> torch.Tensor:
        out = plain(attn, h)
        if row < plain_rows:
            return out
        stored = features[name]
        r = stored[row % 2 if len(stored) > 1 else 0]
        q = by_head(attn.heads, attn.to_q(h))
        k, v = (by_head(attn.heads, r @ w.T) for w in layers[name])
        return out + weight * torch.cat([one_head(*x) for x in zip(q, k, v, strict=True)], dim=1)

    return formula


@pytest.mark.first(2)
@pytest.mark.parametrize("rows", [1, 2], ids=["one garment", "one for each picture"])
@pytest.mark.parametrize("weight", [0.4, 1.5])
def test_the_hybrid_attention_of_several_pictures_at_once(weight: float, rows: int):
    unet, features = small_unet(), garment_features(7, rows)
    layers = projections(unet, 30)
    got = predict(unet, [dressing(features, layers, weight)], (U, T))
    with written_out(unet, hybrid(features, layers, weight, plain_rows=2)):
        want = predict(unet, branches=(U, T))
    torch.testing.assert_close(got, want, **CLOSE)


def test_lambda_zero_is_the_plain_model_bit_for_bit():
    unet = small_unet()
    silent = dressing(garment_features(7), projections(unet, 30), 0.0)
    assert torch.equal(predict(unet, [silent], (U, T)), predict(unet, branches=(U, T)))


def test_the_unconditional_branch_is_the_plain_model():
    unet = small_unet()
    heard = dressing(garment_features(7), projections(unet, 30), 1.0)
    bare, got = predict(unet, branches=(U, T)), predict(unet, [heard], (U, T))
    assert (got[2:] - bare[2:]).abs().max() > 1e-2
    torch.testing.assert_close(got[:2], bare[:2], **CLOSE)
    alone = predict(unet, [heard], (U,))
    assert torch.equal(alone, predict(unet, branches=(U,)))


def test_at_the_start_of_training_the_garments_own_features_double_the_attention():
    """With W' = W, r = h and lambda = 1, each layer's answer is twice its self-attention."""
    unet = small_unet()
    layers = self_attentions(unet)
    features = {n: draw(60, 1, 16, attn.to_q.weight.shape[1]) for n, attn in layers.items()}
    heard = dressing(features, projections(unet), 1.0)
    for name, attn in layers.items():
        h = features[name]
        want = attn.to_out[0](2 * plain(attn, h[0]))
        with torch.inference_mode(), attach_all([heard], unet):
            heard.before_step(Step(0, 1, torch.tensor(1), (T,), 1))
            got = attn(h)[0]
        torch.testing.assert_close(got, want, **CLOSE)


def test_both_systems_together():
    """Magic Clothing joins the softmax, IMAGDressing adds to its answer; neither disturbs it."""
    unet, joined, added = small_unet(), garment_features(7), garment_features(8)
    layers, branches = projections(unet, 30), (U, G, T)
    magic = GarmentCondition(GarmentExtractor(None), joined, Control(strength=1.0))
    heard = dressing(added, layers, 0.7)
    published = doubled(seen_by(joined, branches, 2))

    def formula(name: str, attn: Any, row: int, h: torch.Tensor) -> torch.Tensor:
        out = published(name, attn, row, h)
        if row < 2:
            return out
        q = by_head(attn.heads, attn.to_q(h))
        k, v = (by_head(attn.heads, added[name][0] @ w.T) for w in layers[name])
        return out + 0.7 * torch.cat([one_head(*x) for x in zip(q, k, v, strict=True)], dim=1)

    with written_out(unet, formula):
        want = predict(unet, branches=branches)
    for order in ([magic, heard], [heard, magic]):
        torch.testing.assert_close(predict(unet, order, branches), want, **CLOSE)


def test_one_scale_steers_both_and_the_plain_model_stands_against_it():
    heard = dressing(garment_features(7), projections(small_unet()), 1.0)
    assert heard.branches == {U} and heard.how == "added" and not heard.zeros
    assert heard.sees(T) and heard.sees(G) and not heard.sees(U)
