"""The resampler: the published layout, and the published formula written out."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from studio.conditions.resampler import FacePerceiver, Resampler
from studio.errors import ModelDamaged

PUBLISHED = {"width": 768, "depth": 4, "heads": 12, "inputs": 1280, "outputs": 768, "inner": 3072}


def small(**changes: int) -> Resampler:
    torch.manual_seed(0)
    sizes = {"width": 24, "depth": 2, "heads": 2, "inputs": 20, "outputs": 12, "inner": 48}
    return Resampler(**(sizes | {"queries": 3} | changes)).eval()


def plain(state: dict[str, Tensor], picture: Tensor, depth: int, heads: int) -> Tensor:
    """IP-Adapter-Plus' perceiver, one picture (T, inputs), head by head."""

    def norm(x: Tensor, name: str) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], state[f"{name}.weight"], state[f"{name}.bias"])

    x = picture @ state["proj_in.weight"].T + state["proj_in.bias"]
    latents = state["latents"][0]
    for i in range(depth):
        place = f"layers.{i}.0"
        seen, asking = norm(x, f"{place}.norm1"), norm(latents, f"{place}.norm2")
        q = asking @ state[f"{place}.to_q.weight"].T
        k, v = (torch.cat([seen, asking]) @ state[f"{place}.to_kv.weight"].T).chunk(2, 1)
        found = []
        for h in range(heads):
            here = slice(64 * h, 64 * h + 64)
            logits = q[:, here] @ k[:, here].T / math.sqrt(64)
            found.append(logits.softmax(1) @ v[:, here])
        latents = latents + torch.cat(found, 1) @ state[f"{place}.to_out.weight"].T
        place = f"layers.{i}.1"
        inner = F.gelu(norm(latents, f"{place}.0") @ state[f"{place}.1.weight"].T)
        latents = latents + inner @ state[f"{place}.3.weight"].T
    return norm(latents @ state["proj_out.weight"].T + state["proj_out.bias"], "norm_out")


def test_the_published_sizes() -> None:
    with torch.device("meta"):
        net = Resampler(**PUBLISHED, queries=16)
    state = net.state_dict()
    assert len(state) == 51
    assert sum(v.numel() for v in state.values()) == 29_918_208
    assert state["latents"].shape == (1, 16, 768)
    assert state["proj_in.weight"].shape == (768, 1280)
    assert state["layers.0.0.to_kv.weight"].shape == (1536, 768)
    assert state["layers.3.1.1.weight"].shape == (3072, 768)
    assert state["layers.3.1.3.weight"].shape == (768, 3072)
    again = Resampler.from_state(state)
    assert again.queries == 16 and again.inputs == 1280 and again.outputs == 768
    with torch.device("meta"):
        assert len(FacePerceiver(**PUBLISHED).state_dict()) == 50


def test_it_is_the_published_formula() -> None:
    net, picture = small(), torch.randn(2, 7, 20)
    state = net.state_dict()
    with torch.no_grad():
        out = net(picture)
    wanted = torch.stack([plain(state, p, 2, 2) for p in picture])
    assert torch.allclose(out, wanted, atol=1e-5)
    assert out.shape == (2, 3, 12)


def test_weights_go_in_and_out() -> None:
    net, picture = small(), torch.randn(1, 7, 20)
    again = Resampler.from_state(net.state_dict())
    assert torch.equal(again(picture), net(picture))
    assert not any(p.requires_grad for p in again.parameters())


def test_half_precision_stays_finite() -> None:
    net = small().half()
    with torch.no_grad():
        out = net(torch.randn(1, 7, 20).half() * 200)
    assert out.dtype == torch.float16 and torch.isfinite(out).all()


@pytest.mark.parametrize("name", ["latents", "proj_in.weight", "layers.1.0.to_out.weight"])
def test_weights_that_do_not_fit_are_named(name: str) -> None:
    state = dict(small().state_dict())
    del state[name]
    with pytest.raises(ModelDamaged, match="not those of a resampler"):
        Resampler.from_state(state)


def test_weights_left_over_are_named() -> None:
    state = dict(small().state_dict()) | {"pos_emb.weight": torch.zeros(3)}
    with pytest.raises(ModelDamaged, match=r"pos_emb\.weight"):
        Resampler.from_state(state)
