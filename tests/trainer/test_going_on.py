"""Every adapter goes on from where an earlier training left it, or says why it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from studio.errors import BadInput
from tests.trainer import tinyparts
from trainer.family import Family, Profile, Stage
from trainer.loop import Recipe, train
from trainer.state import load_fitting


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What recipes start from, and each adapter after two steps."""
    root = tinyparts.build(tmp_path_factory.mktemp("going_on"), 12, lively=True)
    for name in ("image_encoder", "dressing", "image_prompt", "controlnet_garment"):
        recipe = make(root, name)
        train(type(recipe), recipe.config, root / f"{name}_run", say=lambda _: None)
    return root


def make(parts: Path, name: str, **changes: Any) -> Recipe:
    """A recipe with tiny values."""
    values = tinyparts.diffusion(parts)
    if name in ("dressing", "image_prompt"):
        values |= {"resampler": tinyparts.RESAMPLER,
                   "image_encoder": parts / tinyparts.IMAGE_ENCODER}  # fmt: skip
    if name == "dressing":
        values |= {"extractor": parts / "unet", "trains": "cross-attention"}
    if name == "controlnet_garment":
        values["embedding"] = (4, 4, 8, 8)
    if name == "image_encoder":
        values = tinyparts.image_encoder(parts, variants=1, held_out_rows=2, round_trips=2)
    return tinyparts.recipe(name, 4, values, **changes)


def weights(modules: dict[str, nn.Module], names: tuple[str, ...]) -> Iterator[tuple[str, Tensor]]:
    for name in names:
        for key, value in modules[name].state_dict().items():
            yield f"{name}.{key}", value.clone()


CASES = [
    ("dressing", "dressing", "dressing", ("resampler", "added", "garment_unet")),
    ("image_prompt", "adapter", "image_prompt", ("projection", "keys")),
    ("controlnet_garment", "controlnet", "controlnet_garment", ("controlnet",)),
    ("image_encoder", "start", "image_encoder", ("image_encoder", "words")),
]


@pytest.mark.first(2)
@pytest.mark.parametrize(("name", "key", "folder", "modules"), CASES)
def test_an_adapter_starts_as_the_earlier_one_ended(
    parts: Path, name: str, key: str, folder: str, modules: tuple[str, ...]
) -> None:
    recipe = make(parts, name, **{key: parts / f"{name}_run/weights" / folder})
    ours = dict(weights(recipe.build(), modules))
    torch.manual_seed(5)
    fresh = dict(weights(make(parts, name).build(), modules))
    assert ours.keys() == fresh.keys()
    assert any(not torch.allclose(ours[k], fresh[k], atol=1e-3) for k in ours)
    # One step further it is still the same network: saved, loaded, and trained on.
    again = make(parts, name, **{key: parts / f"{name}_run/weights" / folder})
    torch.manual_seed(6)
    for k, value in weights(again.build(), modules):
        assert torch.equal(value, ours[k]), k


def test_weights_of_another_shape_are_one_sentence(parts: Path) -> None:
    wrong = make(
        parts, "dressing", dressing=parts / "dressing_run/weights/dressing",
        resampler={**tinyparts.RESAMPLER, "queries": 5},
    )  # fmt: skip
    with pytest.raises(BadInput, match="do not fit this network"):
        wrong.build()
    with pytest.raises(BadInput, match="first weight"):
        load_fitting(nn.Linear(2, 2), {"bias": torch.zeros(2)})
    half = nn.Linear(2, 2)
    load_fitting(half, {"bias": torch.ones(2, dtype=torch.float16)}, without=("",))
    assert half.bias.tolist() == [1, 1]


def test_a_stage_reads_what_was_trained_before_it(tmp_path: Path) -> None:
    stages = tuple(
        Stage(name=name, recipe=recipe, share=1, go_on_from=earlier)
        for name, recipe, earlier in (
            ("base", "base", ()),
            ("image_encoder-first", "image_encoder", ()),
            ("garment", "garment", ()),
            ("dressing-first", "dressing", ("garment",)),
            ("image_encoder", "image_encoder", ("image_encoder-first",)),
            ("dressing", "dressing", ("garment", "dressing-first")),
            ("vae-decoder", "vae", ("vae-first",)),
            ("base-more", "base", ()),
            ("vae", "vae", ("vae-decoder",)),
            ("base-last", "base", ()),
        )
    )
    vae = Stage(name="vae-first", recipe="vae", share=1)
    family = Family(tmp_path, 1, profile=Profile(pictures=1, pairs=1, stages=(vae, *stages)))
    by_name = {s.name: family._paths(s) for s in stages}

    def folder(stage: str, key: str) -> str | None:
        found = by_name[stage].get(key)
        return found and str(Path(found).relative_to(tmp_path))

    first = "image_encoder-first/weights/image_encoder"
    assert folder("image_encoder-first", "start") is None
    assert folder("image_encoder", "start") == first
    assert folder("dressing-first", "image_encoder") == first
    assert folder("dressing", "image_encoder") == "image_encoder/weights/image_encoder"
    assert folder("dressing", "extractor") == "garment/weights/extractor"
    assert folder("dressing", "dressing") == "dressing-first/weights/dressing"
    assert folder("vae-decoder", "start") == "vae-first/weights/vae"
    assert folder("vae", "start") == "vae-decoder/weights/vae"
    # Each stage takes the last autoencoder that was trained before it.
    assert folder("base", "vae") == "vae-first/weights/vae"
    assert folder("base-more", "vae") == "vae-decoder/weights/vae"
    assert folder("base-last", "vae") == "vae/weights/vae"
    assert folder("garment", "unet") == "base/weights/unet"


def test_a_stage_goes_on_from_an_earlier_one_alone() -> None:
    stage = Stage(name="base", recipe="base", share=1, start_from="text")
    text = Stage(name="text", recipe="text", share=1)
    with pytest.raises(ValueError, match="stage base names no earlier stage"):
        Profile(pictures=1, stages=(stage, text))
