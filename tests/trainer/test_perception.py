"""The perception recipe on a tiny wardrobe: real loop, real autoencoder, real calibration."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny

from studio.errors import BadInput, ModelMissing
from studio.garment.spec import Component, GarmentSpec, Person, PictureSpec, Scene
from studio.vision.heatmaps import Peak
from studio.vision.perception import (
    ATTRIBUTES,
    KINDS,
    SCENE_ATTRIBUTES,
    Guess,
    Perception,
    PerceptionConfig,
    PerceptionNet,
    Seen,
)
from studio.vision.surroundings import FLAT
from tests.trainer import tinywardrobe as tiny
from trainer.config import LoopConfig, load_config
from trainer.data.augment import augment, moved
from trainer.data.latents import load_vae
from trainer.data.pairs import sample_worn
from trainer.data.roundtrips import RoundTrips, round_trip
from trainer.data.shards import Shards
from trainer.data.wardrobe import HELD_OUT
from trainer.evaluation.measures import Scores
from trainer.evaluation.perception import score
from trainer.loop import train
from trainer.losses.perception import NOT_ASKED, asked_entropy, joint_loss
from trainer.recipes import recipe_class
from trainer.recipes.perception import (
    PerceptionRecipe,
    PerceptionRecipeConfig,
    calibrated_thresholds,
    component_table,
    joint_table,
    labels_of,
)
from trainer.state import load_fitting


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Shards:
    return tiny.shards(tmp_path_factory.mktemp("shards"), 12)


@pytest.fixture(scope="module")
def vae_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("vae")
    AutoencoderTiny(
        encoder_block_out_channels=(8,) * 4, decoder_block_out_channels=(8,) * 4,
        num_encoder_blocks=(0, 0, 0, 1), num_decoder_blocks=(1, 0, 0, 0), latent_channels=8,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def config(shards: Shards, vae: Path, tmp_path: Path, steps: int = 2) -> PerceptionRecipeConfig:
    return PerceptionRecipeConfig.model_validate(
        {
            "shards": shards.paths[0].parent, "vae": vae, "cache": tmp_path / "cache",
            "round_trips": 4, "calibration_rows": 3,
            "widths": (8, 8, 16), "depths": (0, 0, 1), "neck": 16,
            "loop": LoopConfig.model_validate(tiny.LOOP | {"steps": steps, "batch_size": 4}),
        }
    )  # fmt: skip


def test_it_trains_saves_and_sees(shards: Shards, vae_folder: Path, tmp_path: Path) -> None:
    report = train(
        PerceptionRecipe, config(shards, vae_folder, tmp_path), tmp_path / "run",
        say=lambda _: None,
    )  # fmt: skip
    assert report["steps"] == 2
    perception = Perception.load(tmp_path / "run/weights/perception")
    assert len(perception.net.config.thresholds) == len(KINDS)
    seen = perception.see(shards.pictures(np.arange(2)))
    assert len(seen) == 2 and seen[0].mask.shape == (256, 256)


def test_it_learns_colours_and_masks(shards: Shards, vae_folder: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    recipe = PerceptionRecipe(config(shards, vae_folder, tmp_path), torch.device("cpu"))
    modules = recipe.build()
    net = modules["perception"].train()
    optimiser = torch.optim.AdamW(net.parameters(), 5e-3)
    losses = []
    for step in range(60):
        terms = recipe.step(recipe.batch(step))
        optimiser.zero_grad()
        terms["loss"].backward()
        optimiser.step()
        losses.append({k: float(v.detach()) for k, v in terms.items()})
    first, last = losses[:5], losses[-5:]
    for part in ("heat", "mask", "classes"):
        before, after = (np.mean([x[part] for x in part_of]) for part_of in (first, last))
        assert after < 0.8 * before, (part, before, after)


def test_batches_are_pure_half_decoded_and_never_calibration_rows(
    shards: Shards, vae_folder: Path, tmp_path: Path
) -> None:
    recipe = PerceptionRecipe(config(shards, vae_folder, tmp_path), torch.device("cpu"))
    recipe.build()
    one, again = recipe.batch(3), recipe.batch(3)
    assert all(torch.equal(one[k], again[k]) for k in one)
    rows = torch.cat([recipe.batch(i)["rows"] for i in range(20)])
    assert set(rows.tolist()) == set(range(9))
    assert all(int(row) in recipe.round_trips for row in one["rows"][2:])
    assert one["components"][:, :, 0].max() >= 0


def test_too_few_pictures_and_no_autoencoder_say_so(
    shards: Shards, vae_folder: Path, tmp_path: Path
) -> None:
    few = config(shards, vae_folder, tmp_path).model_copy(update={"calibration_rows": 12})
    with pytest.raises(BadInput, match="too few"):
        PerceptionRecipe(few, torch.device("cpu")).build()
    with pytest.raises(ModelMissing, match="train it"):
        load_vae(tmp_path)


def test_round_trips_are_kept_and_belong_to_their_weights(
    shards: Shards, vae_folder: Path, tmp_path: Path
) -> None:
    vae, rows, said = load_vae(vae_folder), np.array([0, 5], np.int64), []
    first = RoundTrips.make(tmp_path, shards, rows, vae, 0.1, said.append)
    assert len(said) == 1 and 5 in first and 1 not in first
    again = RoundTrips.make(tmp_path, shards, rows, vae, 0.1, said.append)
    assert len(said) == 1 and np.array_equal(first.picture(5), again.picture(5))
    parameter = next(vae.parameters())
    with torch.no_grad():
        parameter.add_(1)
    RoundTrips.make(tmp_path, shards, rows, vae, 0.1, said.append)
    assert len(said) == 2


def test_a_round_trip_is_the_autoencoders_own(shards: Shards, vae_folder: Path) -> None:
    vae = load_vae(vae_folder)
    picture = shards.pictures(np.array([0]))
    x = torch.from_numpy(picture).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        latents = vae.encode(x, return_dict=False)[0]
        wanted = vae.decode(latents, return_dict=False)[0]
    pixels = ((wanted.clamp(-1, 1) + 1) * 127.5).permute(0, 2, 3, 1).numpy()
    error = np.abs(round_trip(vae, picture).astype(float) - pixels)
    assert error.mean() < 1.5


def test_the_boxes_move_with_the_picture() -> None:
    picture, mask = np.zeros((256, 256, 3), np.uint8), np.zeros((256, 256), np.uint8)
    picture[100:110, 60:80] = 255
    mask[100:110, 60:80] = 255
    table = np.array([[0, 70, 105, 20, 10], [0, 3, 3, 4, 4], [-1] * 5], np.float32)
    example = moved(picture, mask, table, 1.1, (-9.0, 12.0))
    _, x, y, w, h = example.components[0]
    for image in (example.picture[..., 0], example.mask):
        rows, columns = np.nonzero(image > 127)
        assert columns.mean() + 0.5 == pytest.approx(x, abs=0.6)
        assert rows.mean() + 0.5 == pytest.approx(y, abs=0.6)
        assert np.ptp(columns) + 1 == pytest.approx(w, abs=1.1)
        assert np.ptp(rows) + 1 == pytest.approx(h, abs=1.1)
    assert example.components[1, 0] == -1 and example.components[2, 0] == -1


def test_augmentation_keeps_the_colour() -> None:
    rng = np.random.default_rng(0)
    picture = np.full((256, 256, 3), (32, 44, 92), np.uint8)
    mask, table = np.full((256, 256), 255, np.uint8), np.full((1, 5), -1, np.float32)
    for _ in range(30):
        mean = augment(picture, mask, table, rng).picture.reshape(-1, 3).mean(0)
        assert np.abs(mean - (32, 44, 92)).max() < 8


def test_the_threshold_with_the_most_exact_counts_is_chosen() -> None:
    button = Component("button", "centre front", (0.5, 0.5, 0.52, 0.52))
    specs = [PictureSpec(GarmentSpec("shirt", neckline="shirt collar", components=(button,)))] * 2
    box = (0.5, 0.5, 0.52, 0.52)
    peaks = [[Peak("button", 0.62, box), Peak("button", 0.4, box)], [Peak("button", 0.58, box)]]
    chosen = calibrated_thresholds(peaks, specs)[KINDS.index("button")]
    assert 0.4 < chosen <= 0.58


def test_tables_and_labels_come_from_the_specification() -> None:
    pocket = Component("pocket", "left hip", (0.5, 0.25, 0.75, 0.5))
    spec = PictureSpec(
        GarmentSpec("coat", "navy", neckline="notched lapel", sleeves="long",
                    components=(Component("button", "centre front"), pocket))
    )  # fmt: skip
    table = component_table(spec, 256)
    assert (table[:, 0] >= 0).sum() == 1
    assert table[0].tolist() == [KINDS.index("pocket"), 160, 96, 64, 64]
    assert labels_of(spec)[5:] == [0, *[NOT_ASKED] * 5]
    worn = dataclasses.replace(
        spec, scene=Scene("worn", "beach", Person(skin="dark", pose="walking"))
    )
    names = list(ATTRIBUTES | SCENE_ATTRIBUTES)
    told, faceless = (dict(zip(names, labels_of(worn, f), strict=True)) for f in (True, False))
    assert SCENE_ATTRIBUTES["scene"][told["scene"]] == "beach" and told["skin"] == 3
    assert NOT_ASKED not in told.values()
    assert {k for k, v in faceless.items() if v == NOT_ASKED} == {"person", "hair", "hair_style"}


def test_what_a_picture_does_not_say_is_not_learned() -> None:
    logits = torch.randn(4, 3, requires_grad=True)
    truth = torch.tensor([1, NOT_ASKED, 2, NOT_ASKED])
    entropy, right = asked_entropy(logits, truth)
    entropy.backward()
    assert logits.grad is not None
    assert (logits.grad[[1, 3]] == 0).all() and (logits.grad[[0, 2]] != 0).any()
    wanted = torch.nn.functional.cross_entropy(logits[[0, 2]], truth[[0, 2]])
    assert torch.allclose(entropy, wanted)
    assert right == (logits[[0, 2]].argmax(1) == truth[[0, 2]]).float().mean()
    nothing, share = asked_entropy(logits, torch.full((4,), NOT_ASKED))
    assert float(nothing.detach()) == 0 and float(share) == 0


def test_joints_are_learned_where_they_are_and_only_on_the_worn() -> None:
    joints = torch.full((2, 17, 2), -1.0)
    joints[:, 4] = torch.tensor([101.0, 42.0])
    worn = torch.tensor([True, False])
    logits = torch.full((2, 17, 64, 64), -4.6, requires_grad=True)
    loss = joint_loss(logits, joints, worn)
    loss.backward()
    assert logits.grad is not None and (logits.grad[1] == 0).all()
    steepest = int(logits.grad[0, 4].argmin())
    assert (steepest % 64, steepest // 64) == (25, 10)
    assert float(joint_loss(logits, joints, torch.zeros(2, dtype=torch.bool)).detach()) == 0
    right = torch.full((2, 17, 64, 64), -9.0)
    right[0, 4, 10, 25] = 9
    assert joint_loss(right, joints, worn) < 0.1 * loss


def test_the_joints_of_a_record_are_its_keypoints_inside_the_picture() -> None:
    places = [[0.25, 0.5, 1.0]] * 16 + [[0.5, 1.2, 1.0]]
    table = joint_table({"keypoints": places}, 256)
    assert table[0].tolist() == [0, 64, 128, 1, 1] and table[16, 0] == -1
    assert (joint_table({"keypoints": None}, 256)[:, 0] == -1).all()


def test_it_goes_on_from_weights_that_knew_no_scene_and_reads_several_folders(
    shards: Shards, vae_folder: Path, tmp_path: Path
) -> None:
    plain = config(shards, vae_folder, tmp_path)
    shape: dict[str, Any] = {"widths": plain.widths, "depths": plain.depths, "neck": plain.neck}
    earlier = PerceptionNet(PerceptionConfig(**shape, attributes=ATTRIBUTES, joints=()))
    earlier.save_pretrained(tmp_path / "earlier")
    more = tiny.shards(tmp_path / "more", 8)
    going = plain.model_copy(
        update={"perception": tmp_path / "earlier", "more_shards": (more.paths[0].parent,)}
    )
    recipe = PerceptionRecipe(going, torch.device("cpu"))
    net = recipe.build()["perception"]
    assert recipe.shards.count == 20 and recipe.held_out.tolist() == [10, 11, 19]
    state = net.state_dict()
    assert all(torch.equal(state[k], v) for k, v in earlier.state_dict().items())
    assert any(k.startswith("surroundings.") for k in state)
    rows = torch.cat([recipe.batch(i)["rows"] for i in range(30)])
    assert set(rows.tolist()) == set(range(20)) - {10, 11, 19}
    other = going.model_copy(update={"neck": 24})
    with pytest.raises(BadInput, match="do not fit this network"):
        PerceptionRecipe(other, torch.device("cpu")).build()


def test_a_look_at_the_head_is_added_and_changes_nothing_at_first() -> None:
    torch.manual_seed(0)
    shape: dict[str, Any] = {"widths": (8, 8, 8), "depths": (0, 0, 0), "neck": 8}
    earlier = PerceptionNet(PerceptionConfig(**shape, face=0)).eval()
    grown = PerceptionNet(PerceptionConfig(**shape)).eval()
    load_fitting(grown, earlier.state_dict(), without=("surroundings.",))
    picture = torch.rand(1, 3, 256, 256) * 2 - 1
    with torch.no_grad():
        before, after = earlier(picture), grown(picture)
    assert before.keys() == after.keys() and len(grown.state_dict()) > len(earlier.state_dict())
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_the_config_file_is_valid(root: Path) -> None:
    kind = recipe_class("perception")
    loaded = load_config(kind.config_type, root / "trainer/configs/perception.toml")
    assert isinstance(loaded, PerceptionRecipeConfig)


def test_the_wearer_is_judged_where_there_is_one() -> None:
    sample = sample_worn(HELD_OUT)
    person, garment = sample.spec.scene.person, sample.spec.garment
    assert person is not None and sample.keypoints is not None
    garments: dict[str, Any] = {n: Guess(getattr(garment, n), 1.0) for n in ATTRIBUTES}
    wearer: dict[str, Any] = {
        n: Guess(getattr(person, n), 1.0) for n in SCENE_ATTRIBUTES if n != "scene"
    }
    empty: dict[str, Any] = {"components": (), "scores": (), "mask": sample.garment_mask}
    right = Seen(
        **garments, **empty, **wearer,
        scene=Guess(sample.spec.scene.ground, 1.0), keypoints=sample.keypoints,
    )  # fmt: skip
    taken_for_flat = Seen(**garments, **empty, scene=Guess(FLAT, 1.0))
    without = Seen(**garments, **empty)
    scores = Scores()
    for prefix, seen in (("right", right), ("flat", taken_for_flat), ("old", without)):
        score(scores, prefix, [sample], [seen])
    found = {name: np.mean(values) for name, values in scores.values.items()}
    for name in ("scene", "skin", "pose", "joint"):
        assert found[f"right_{name}"] == 1 and found[f"flat_{name}"] == 0
        assert f"old_{name}" not in found
    assert found["right_joint_error"] == 0 and "flat_joint_error" not in found
