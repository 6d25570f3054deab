"""A garment in the one denoising loop: joint guidance as published, and no work done twice."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler

from studio.conditions.attention import self_attentions
from studio.conditions.base import Branch, Condition, Step
from studio.conditions.garment import GarmentCondition, GarmentExtractor
from studio.engine.denoise import denoise
from studio.engine.guidance import Guidance, independent_guidance, joint_guidance
from studio.errors import Cancelled
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
    doubled,
    draw,
    garment_features,
    seen_by,
    small_unet,
    written_out,
)

ALL = frozenset({U, G, T})
STEPS = 3


def scheduler() -> Any:
    made: Any = DDIMScheduler(beta_schedule="scaled_linear", clip_sample=False)
    made.set_timesteps(STEPS)
    return made


def walk(
    unet: Any, conditions: list[Condition], guidance: Guidance, seed: int = 1, **options: Any
) -> torch.Tensor:
    plan = scheduler()
    noise = draw(seed, 2, CHANNELS, SIDE, SIDE)
    return denoise(unet, plan, noise, plan.timesteps, [*conditions, Words()], guidance, **options)


def garment(features: dict[str, torch.Tensor], strength: float = 1.0) -> GarmentCondition:
    return GarmentCondition(GarmentExtractor(None), features, Control(strength=strength))


@torch.no_grad()
def by_hand(
    unet: Any, features: dict[str, torch.Tensor], combine: Any, branches: tuple[Branch, ...]
) -> torch.Tensor:
    """The published sampler: 2N attention, one UNet call a branch, the formula as printed."""
    plan = scheduler()
    x = draw(1, 2, CHANNELS, SIDE, SIDE)
    for t in plan.timesteps:
        eps = {}
        for branch in branches:
            words = Words().embeddings(branch).expand(2, -1, -1)
            with written_out(unet, doubled(seen_by(features, (branch,), 2))):
                eps[branch] = unet(x, t, encoder_hidden_states=words, return_dict=False)[0]
        x = plan.step(combine(eps), t, x, return_dict=False)[0]
    return x


def test_joint_guidance_of_a_whole_walk_is_the_published_sampler():
    unet, features = small_unet(), garment_features(7)
    got = walk(unet, [garment(features)], joint_guidance(ALL, 5.0, 2.5))
    want = by_hand(
        unet, features, lambda e: e[U] + 5.0 * (e[T] - e[G]) + 2.5 * (e[G] - e[U]), (U, G, T)
    )
    torch.testing.assert_close(got, want, rtol=1e-3, atol=1e-4)
    unheard = walk(unet, [], joint_guidance(ALL, 5.0, 2.5))
    assert (got - unheard).abs().max() > 0.01


def test_independent_guidance_of_a_whole_walk():
    unet, features = small_unet(), garment_features(7)
    got = walk(unet, [garment(features)], independent_guidance(ALL, 5.0, 2.5))
    want = by_hand(
        unet, features, lambda e: e[U] + 5.0 * (e[W] - e[U]) + 2.5 * (e[G] - e[U]), (U, G, W)
    )
    torch.testing.assert_close(got, want, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("st", "sg", "rows"),
    [(5.0, 2.5, 6), (3.0, 3.0, 4), (5.0, 1.0, 4), (0.0, 2.5, 4), (1.0, 1.0, 2), (0.0, 0.0, 2)],
)
def test_a_shortened_chain_asks_for_fewer_rows_and_gives_the_full_formula(
    st: float, sg: float, rows: int
):
    unet, features = small_unet(), garment_features(7)
    asked: list[int] = []
    handle = unet.register_forward_pre_hook(lambda _m, inputs: asked.append(len(inputs[0])))
    got = walk(unet, [garment(features)], joint_guidance(ALL, st, sg))
    handle.remove()
    assert asked == [rows] * STEPS
    full = Guidance((U, G, T), ((sg, G, U), (st, T, G)))
    want = walk(unet, [garment(features)], full)
    torch.testing.assert_close(got, want, rtol=1e-3, atol=1e-4)


def test_equal_scales_are_classifier_free_guidance():
    unet, features = small_unet(), garment_features(7)
    joint = walk(unet, [garment(features)], joint_guidance(ALL, 3.0, 3.0))
    plain = walk(unet, [garment(features)], Guidance((U, T), ((3.0, T, U),)))
    assert torch.equal(joint, plain)


def test_each_picture_is_the_one_that_it_is_alone():
    unet, features = small_unet(), garment_features(7)
    together = walk(unet, [garment(features)], joint_guidance(ALL, 5.0, 2.5))
    plan = scheduler()
    for i, noise in enumerate(draw(1, 2, CHANNELS, SIDE, SIDE)):
        alone = denoise(
            unet, plan, noise[None], plan.timesteps, [garment(features), Words()],
            joint_guidance(ALL, 5.0, 2.5),
        )  # fmt: skip
        torch.testing.assert_close(together[i], alone[0], rtol=1e-3, atol=1e-4)


def test_several_seeds_and_clicks_share_one_pass_of_the_extractor():
    unet, extractor = small_unet(), GarmentExtractor(small_unet(7))
    latents = draw(7, 1, CHANNELS, SIDE, SIDE)
    made = []
    for seed in (1, 2, 1):
        features = extractor.features(b"coat", lambda: latents, lambda: draw(8, 1, TOKENS, WIDTH))
        heard = GarmentCondition(extractor, features, Control(strength=1.0))
        made.append(walk(unet, [heard], joint_guidance(ALL, 5.0, 2.5), seed))
    assert extractor.passes == 1
    assert torch.equal(made[0], made[2]) and not torch.equal(made[0], made[1])


def test_keys_are_computed_once_for_all_steps():
    unet, features = small_unet(), garment_features(7)
    projected: list[int] = []
    layer: Any = unet.get_submodule("mid_block.attentions.0.transformer_blocks.0.attn1")
    handle = layer.to_k.register_forward_hook(lambda _m, i, _o: projected.append(len(i[0])))
    walk(unet, [garment(features)], joint_guidance(ALL, 5.0, 2.5))
    handle.remove()
    assert projected == [1, *[6] * STEPS]


class OwnChannel(Condition):
    """A channel that differs between the branches, for a UNet that takes one more."""

    def extra_channels(self, step: Step) -> torch.Tensor:
        number = torch.arange(len(step.branches)).repeat_interleave(step.pictures)
        return number[:, None, None, None].expand(-1, 1, SIDE, SIDE)


@pytest.mark.parametrize("more", [0, 1], ids=["the same latents", "channels of their own"])
def test_the_loop_knows_whether_branches_ask_the_same(more: int):
    unet, features = small_unet(in_channels=CHANNELS + more), garment_features(7)
    conditions = [garment(features), *[OwnChannel()] * more]
    asked: list[int] = []
    layer = next(iter(self_attentions(unet).values()))
    handle = layer.to_q.register_forward_hook(lambda _m, i, _o: asked.append(len(i[0])))
    walk(unet, conditions, joint_guidance(ALL, 5.0, 2.5))
    handle.remove()
    assert asked == [6 if more else 2] * STEPS


def test_a_stopped_walk_leaves_the_unet_as_it_was():
    unet = small_unet()
    processors = dict(unet.attn_processors)
    seen: list[int] = []

    def stop() -> bool:
        seen.append(0)
        return len(seen) > 1

    with pytest.raises(Cancelled):
        walk(unet, [garment(garment_features(7))], joint_guidance(ALL, 5.0, 2.5), cancelled=stop)
    assert all(unet.attn_processors[n] is p for n, p in processors.items())


def test_no_strength_leaves_only_the_words():
    unet, features = small_unet(), garment_features(7)
    guidance = Guidance((U, T), ((3.0, T, U),))
    silent = walk(unet, [garment(features, 0.0)], guidance)
    assert torch.equal(silent, walk(unet, [], guidance))
