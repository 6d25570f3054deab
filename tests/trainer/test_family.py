"""The whole family in miniature: drawn, trained stage by stage, resumed, published, loaded."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.controlnets.controlnet import ControlNetModel
from diffusers.pipelines.controlnet.pipeline_controlnet import StableDiffusionControlNetPipeline
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from transformers import CLIPTokenizer

from studio.conditions.board import BOARD_CHANNELS
from studio.errors import BadInput, ModelMissing
from tests.conftest import ROOT
from tests.trainer import tinywardrobe as tiny
from trainer import family as family_module
from trainer.data import shards as shards_module
from trainer.family import BUNDLED, CONFIG, Family, Profile, Stage
from trainer.publish import publish
from trainer.recipes import recipe_class


def _profile() -> Profile:
    loop = {k: v for k, v in tiny.LOOP.items() if k != "steps"}
    diffusion: dict[str, Any] = {"loop": loop, "variants": 1, "size_pixels": 64}

    def stage(name: str, recipe: str, start: str | None = None, **config: Any) -> Stage:
        return Stage(name=name, recipe=recipe, share=1, start_from=start, config=config)

    return Profile(
        pictures=4,
        stages=(
            stage("vae", "vae", loop=loop, **tiny.VAE),
            stage("text", "text", loop=loop, variants=1, shape=tiny.TEXT_SHAPE),
            stage("base-small", "base", "text", **diffusion, shape=tiny.UNET_SHAPE),
            stage("base", "base", "base-small", **diffusion),
            stage("controlnet", "controlnet", "base", **diffusion, embedding=(4, 4, 8, 8)),
        ),
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A family folder after a run of a second or so a stage, and what was said."""
    folder, said = tmp_path_factory.mktemp("family"), []
    patch = pytest.MonkeyPatch()
    patch.setattr(shards_module, "SHARD_SIZE", 4)

    def shards(self: Family, count: int) -> None:
        tiny.shards(self.folder / "shards", count)

    patch.setattr(Family, "_shards", shards)
    try:
        Family(folder, 0.1, profile=_profile(), say=said.append).train()
        Family(folder, 0.1, profile=_profile(), say=said.append).train()
    finally:
        patch.undo()
    return folder, said


def test_finished_stages_are_reused(trained: tuple[Path, list[str]]) -> None:
    folder, said = trained
    again = [line for line in said if line.endswith("finished before, reused")]
    assert len(again) == 5
    for name in ("vae", "text", "base-small", "base", "controlnet"):
        report = json.loads((folder / name / "done.json").read_text())
        assert report["steps"] >= 1 and name.startswith(report["recipe"])


def test_published_family_loads_and_draws(trained: tuple[Path, list[str]], tmp_path: Path) -> None:
    out = tmp_path / "family"
    published = publish(trained[0], out)
    assert {"vae", "unet", "text_encoder", "controlnet"} <= set(published.parts)
    index = json.loads((out / "model_index.json").read_text())
    assert index["_class_name"] == "StableDiffusionPipeline"
    assert index["safety_checker"] == [None, None] and not index["requires_safety_checker"]
    scheduler = json.loads((out / "scheduler/scheduler_config.json").read_text())
    assert scheduler["prediction_type"] == "v_prediction"
    assert scheduler["timestep_spacing"] == "trailing"
    assert scheduler["rescale_betas_zero_snr"] is True
    assert "samples seen" in (out / "README.md").read_text()

    pipeline: Any = StableDiffusionPipeline.from_pretrained(out)
    pipeline.set_progress_bar_config(disable=True)
    image = pipeline("a red shirt", num_inference_steps=2, height=64, width=64).images[0]
    assert image.size == (64, 64)

    control = ControlNetModel.from_pretrained(out / "controlnet")
    assert control.config.conditioning_channels == len(BOARD_CHANNELS)  # type: ignore[attr-defined]
    with_board: Any = StableDiffusionControlNetPipeline.from_pretrained(out, controlnet=control)
    with_board.set_progress_bar_config(disable=True)
    board = torch.zeros(1, len(BOARD_CHANNELS), 64, 64)
    result = with_board("a shirt", image=board, num_inference_steps=2, height=64, width=64)
    assert result.images[0].size == (64, 64)


def test_scaling_factor_gives_a_spread_of_one(trained: tuple[Path, list[str]]) -> None:
    folder = trained[0]
    config = json.loads((folder / "vae/weights/vae/config.json").read_text())
    files = sorted((folder / "cache/latents").glob("*-64/*.npy"))
    spread = np.concatenate([np.load(f) for f in files]).astype(np.float32).std()
    assert 0.5 < spread * config["scaling_factor"] < 2


def test_tokenizer_of_the_family(trained: tuple[Path, list[str]]) -> None:
    tokenizer = CLIPTokenizer.from_pretrained(trained[0] / "tokenizer")
    ids = tokenizer("A Red shirt", padding="max_length", max_length=64).input_ids
    assert ids[0] == tokenizer.bos_token_id and ids[-1] == tokenizer.eos_token_id
    assert tokenizer.decode(ids, skip_special_tokens=True).split() == ["a", "red", "shirt"]
    spelled = tokenizer("zyx 97% q&a", add_special_tokens=False).input_ids
    assert tokenizer.unk_token_id not in spelled


def test_publishing_an_unfinished_family_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="vae, text_encoder, unet missing"):
        publish(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_config_that_does_not_fit_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no profile for cuda"):
        family_module.load_profile("cuda", BUNDLED)
    (tmp_path / "vae-ninth").mkdir()
    (tmp_path / "vae-ninth" / "done.json").write_text("{}")
    with pytest.raises(BadInput, match=r"family.toml does not name \(vae-ninth\)"):
        publish(tmp_path, tmp_path / "out")


def test_the_bundled_family_was_trained_as_its_config_says() -> None:
    names = [stage.name for stage in family_module.load_profile("cpu", BUNDLED).stages]
    card = (ROOT / "assets/models/toile-mini/README.md").read_text()
    trained = re.findall(r"^\| ([\w-]+) \| [\d.]+ M \|", card, re.MULTILINE)
    assert trained == names


def test_unknown_key_in_a_stage_is_named(tmp_path: Path) -> None:
    path = tmp_path / "family.toml"
    path.write_text(CONFIG.read_text().replace("pictures =", "picturs =", 1))
    with pytest.raises(BadInput, match="picturs"):
        family_module.load_profile("cpu", path)


@pytest.mark.parametrize(("path", "device"), [(CONFIG, "cpu"), (CONFIG, "cuda"), (BUNDLED, "cpu")])
def test_every_shipped_stage_has_a_valid_config(path: Path, device: str, tmp_path: Path) -> None:
    profile = family_module.load_profile(device, path)
    family = Family(tmp_path, 10, device, profile)
    for stage in profile.stages:
        kind = recipe_class(stage.recipe)
        loop = {**stage.config.get("loop", {}), "minutes": 1.0}
        values = {**stage.config, **family._paths(stage), "loop": loop}
        assert kind.config_type.model_validate(values).loop.minutes == 1.0
