"""The measures of garment fidelity on drawn pictures with known answers, and on the wardrobe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from studio.engine import Engine
from studio.engine.loading import Family
from studio.errors import BadInput, ModelMissing
from tests.trainer.evaluation.published_cami import published_cami_u, published_pose_overlap
from trainer.data.pairs import Pair, sample_pair
from trainer.data.wardrobe import HELD_OUT
from trainer.evaluation.garment_metrics.bundled import bundled_judges, judges_for
from trainer.evaluation.garment_metrics.cami import cami_s, cami_u, corners, pose_overlap
from trainer.evaluation.garment_metrics.mp_lpips import (
    BUNDLED_LAYOUT,
    Layout,
    MpLpipsMeasure,
    grid_points,
    match_points,
    patches,
)
from trainer.evaluation.garment_metrics.published import AlexDistance, OpenClip, published_points
from trainer.evaluation.garment_metrics.similarity import clip_i, clip_t

Pixels = NDArray[np.uint8]


class Colours:
    """Points found by their colour and place: no network, but real features."""

    name = "colours"
    masked = False

    def features(self, pictures: NDArray[np.uint8]) -> Tensor:
        values = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1
        return F.avg_pool2d(values, 2)


class Difference:
    """Mean absolute difference."""

    name = "difference"

    def distances(self, one: NDArray[np.uint8], other: NDArray[np.uint8]) -> Tensor:
        gap = np.abs(one.astype(float) - other.astype(float)).mean((1, 2, 3)) / 255
        return torch.from_numpy(gap).float()


class Means:
    """Pictures by their mean colour, texts by the colour that they name."""

    name = "mean colours"

    def images(self, pictures: Sequence[NDArray[np.uint8]]) -> Tensor:
        means = np.stack([p.mean((0, 1)) for p in pictures])
        return F.normalize(torch.from_numpy(means).float(), dim=1)

    def texts(self, texts: Sequence[str]) -> Tensor:
        known = {"red": (1.0, 0.0, 0.0), "blue": (0.0, 0.0, 1.0)}
        return torch.tensor([known[t] for t in texts])


LAYOUT = Layout(64, 8, 9, 5)


@pytest.fixture(scope="module")
def family(family_folder: Path) -> Family:
    return Engine(family_folder, device="cpu", dtype="fp32").load()


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return [sample_pair(HELD_OUT + i) for i in (3, 8)]


def square(colour: tuple[int, int, int], at: int = 16) -> tuple[Pixels, Pixels]:
    """A square of cloth with a stripe, and its mask."""
    picture = np.full((64, 64, 3), 90, np.uint8)
    mask = np.zeros((64, 64), np.uint8)
    mask[at : at + 32, at : at + 32] = 255
    picture[mask > 0] = colour
    picture[at + 8 : at + 16, at + 4 : at + 28] = 255
    return picture, mask


def test_points_lie_on_the_grid_and_in_the_mask() -> None:
    mask = np.zeros((50, 50), bool)
    mask[5:30, 15:45] = True
    points = grid_points(mask, 10)
    assert sorted(map(tuple, points)) == [(r, c) for r in (10, 20) for c in (20, 30, 40)]
    tiny = np.zeros((50, 50), bool)
    tiny[11:14, 23:26] = True
    assert grid_points(tiny, 10).tolist() == [[12, 24]]


def test_patches_are_centred_on_their_points_and_black_beyond_the_edge() -> None:
    picture = np.random.default_rng(0).integers(1, 255, (20, 20, 3)).astype(np.uint8)
    cut = patches(picture, np.array([[10, 7], [0, 0]]), 5)
    assert cut.shape == (2, 5, 5, 3)
    assert np.array_equal(cut[0], picture[8:13, 5:10])
    assert not cut[1, :2].any() and np.array_equal(cut[1, 2:, 2:], picture[:3, :3])


def test_a_moved_picture_s_points_are_found_where_they_went() -> None:
    noise = torch.randn(8, 16, 16, generator=torch.Generator().manual_seed(0))
    moved = torch.roll(noise, (3, -2), (1, 2))
    points = np.array([[8, 24], [24, 40], [40, 20]])
    found = match_points(points, noise, moved, 64)
    assert np.abs(found - points - np.array([12, -8])).max() <= 2


def test_mp_lpips_is_nothing_for_the_same_picture_and_the_penalty_for_no_garment() -> None:
    measure = MpLpipsMeasure(Colours(), Difference(), LAYOUT)
    picture, mask = square((200, 30, 30))
    assert measure.penalty == 1.0
    same = measure([picture], [mask], [picture], [mask])[0]
    assert same.mean < 0.25 and same.matched == 1 and same.points == 16
    none = measure([picture], [mask], [picture], [np.zeros_like(mask)])[0]
    assert none.mean == measure.penalty and none.matched == 0


def test_mp_lpips_asks_for_pairs_and_for_a_garment() -> None:
    measure = MpLpipsMeasure(Colours(), Difference(), LAYOUT)
    picture, mask = square((200, 30, 30))
    with pytest.raises(BadInput, match="pair by pair"):
        measure([picture], [mask], [], [])
    with pytest.raises(BadInput, match="mark the garment"):
        measure([picture], [np.zeros_like(mask)], [picture], [mask])
    with pytest.raises(BadInput, match="same size"):
        measure([picture], [mask[:32]], [picture], [mask])
    assert measure([], [], [], []) == []


@pytest.mark.slow
def test_bundled_judges_prefer_the_garment_s_own_picture(family: Family, pairs: list[Pair]) -> None:
    judges, layout = judges_for(family)
    assert layout == BUNDLED_LAYOUT and "DIFT of toile-mini" in judges.told()
    measure = MpLpipsMeasure(judges.points, judges.patches, layout)
    flat = [p.flat.picture for p in pairs], [p.flat.garment_mask for p in pairs]
    worn = [p.worn.picture for p in pairs], [p.worn.garment_mask for p in pairs]
    other = tuple(one[1:] + one[:1] for one in worn)
    right, wrong = measure(*flat, *worn), measure(*flat, *other)
    assert all(a.mean < b.mean for a, b in zip(right, wrong, strict=True))
    assert np.mean([a.matched for a in right]) > 0.9
    cami = cami_u(*flat, *worn), cami_u(*flat, *other)
    assert np.mean([a.total for a in cami[0]]) > np.mean([a.total for a in cami[1]]) + 0.2


@pytest.mark.slow
def test_diffusion_features_find_components_from_flat_to_worn(
    family: Family, pairs: list[Pair]
) -> None:
    points = bundled_judges(family).points
    pictures = np.stack([p.flat.picture for p in pairs] + [p.worn.picture for p in pairs])
    features = points.features(pictures)
    assert features.shape == (4, 224, 32, 32)
    gaps: list[float] = []
    for i, pair in enumerate(pairs):
        ours, theirs = (s.spec.garment.components for s in (pair.flat, pair.worn))
        centres = [np.array([c.centre for c in one if c.centre]) for one in (ours, theirs)]
        if not len(centres[0]):
            continue
        asked = np.clip((centres[0][:, ::-1] * 256).astype(int), 0, 255)
        found = match_points(asked, features[i], features[2 + i], 256)
        gaps += np.linalg.norm((found + 0.5) / 256 - centres[1][:, ::-1], axis=1).tolist()
    assert len(gaps) > 5 and np.mean(np.array(gaps) < 0.05) > 0.6


def test_cami_u_is_three_for_the_same_garment_elsewhere() -> None:
    one, mask = square((200, 30, 30))
    moved, moved_mask = square((200, 30, 30), at=25)
    result = cami_u([one], [mask], [moved], [moved_mask])[0]
    assert result.total == pytest.approx(3, abs=1e-6)
    # The published form looks at places in the frame as well.
    assert published_cami_u(one, mask, moved, moved_mask).total < 2.9


def test_cami_u_tells_cloths_apart_and_nothing_from_something() -> None:
    one, mask = square((200, 30, 30))
    rng = np.random.default_rng(0)
    noisy = one.copy()
    noisy[mask > 0] = rng.integers(0, 255, (int((mask > 0).sum()), 3))
    different = cami_u([one], [mask], [noisy], [mask])[0]
    assert different.structure < 0.5 and different.texture < 0.9
    gone = cami_u([one], [mask], [one], [np.zeros_like(mask)])[0]
    assert gone.total == pytest.approx(0.01)
    with pytest.raises(BadInput, match="mark the garment"):
        cami_u([one], [np.zeros_like(mask)], [one], [mask])


def test_a_picture_full_of_corners_wins_only_by_the_published_formula() -> None:
    one, mask = square((200, 30, 30))
    checked = one.copy()
    checked[17:47, 17:47] = np.kron(np.indices((5, 5)).sum(0) % 2, np.ones((6, 6)))[..., None] * 255
    assert len(corners(checked)) > len(corners(one)) > 0
    ours = cami_u([one], [mask], [checked], [mask])[0].keypoints
    published = published_cami_u(one, mask, checked, mask).keypoints
    assert published > 0.99 > ours


def test_pose_overlap_counts_pixels_that_eight_bits_lose() -> None:
    target = np.zeros((20, 20, 3), np.uint8)
    target[5, 2:12, 0] = 16
    seen = np.zeros_like(target)
    seen[5, 2:7, 0] = 16
    assert pose_overlap(target, seen) == 0.5
    assert published_pose_overlap(target, seen) == 0  # 16 times 16 is 0 in eight bits
    with pytest.raises(BadInput, match="choose a pose"):
        pose_overlap(np.zeros_like(target), seen)


def test_cami_s_adds_face_caption_and_pose() -> None:
    one, mask = square((200, 30, 30))
    garments = cami_u([one, one], [mask, mask], [one, one], [mask, mask])
    face = F.normalize(torch.ones(4), dim=0)
    stick = np.full((8, 8, 3), 200, np.uint8)
    faces = [(face, face), (face, None)]
    whole, faceless = cami_s(garments, faces, [0.3, 0.3], [(stick, stick)] * 2)
    assert whole.total == pytest.approx(3 + 1 + 0.3 + 1)
    assert faceless.total == pytest.approx(3 + 0 + 0.3 + 1)
    with pytest.raises(BadInput, match="for each picture"):
        cami_s(garments, [], [], [])


def test_clip_measures_are_cosines_of_pairs() -> None:
    red, blue = (np.full((8, 8, 3), c, np.uint8) for c in ((200, 0, 0), (0, 0, 200)))
    assert clip_t(Means(), [red, red], ["red", "blue"]) == pytest.approx([1, 0])
    assert clip_i(Means(), [red, red], [red, blue]) == pytest.approx([1, 0])
    assert clip_t(Means(), [], []) == clip_i(Means(), [], []) == []
    with pytest.raises(BadInput, match="one text"):
        clip_t(Means(), [red], [])


def test_published_judges_that_are_not_there_are_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    for make in (
        AlexDistance,
        OpenClip,
        published_points,
    ):
        with pytest.raises(ModelMissing) as told:
            make()
        assert str(told.value).endswith((".", "”."))
