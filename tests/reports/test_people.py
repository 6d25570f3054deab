"""People: whose reading counts, what is painted on whom, and what is asked for instead.

Real people are made up, see `tests.somebody`, so that no photo has to be kept. The networks
themselves run on drawn people.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.controls.pose import PoseControl
from studio.desk import compose
from studio.desk.references import References
from studio.desk.wish import Person, Wish
from studio.errors import BadInput, ModelDamaged, ModelMissing
from studio.garment.vocabulary import GARMENTS
from studio.vision.people import FILES, FOLDER, Face, People, PeopleNetworks
from studio.vision.perception import Perception
from studio.vision.pose import read_pose
from studio.vision.poses import preset_pose
from studio.vision.readers import chosen_reader, others
from studio.vision.tryon_mask import RegionUnknown, tryon_mask
from tests.somebody import POSTURES, SIZE, somebody
from trainer.data.pairs import sample_worn
from trainer.data.wardrobe import HELD_OUT

A = "a" * 64


class Told:
    """Networks that say what a test says: other looks tell nearly the same, or what is given."""

    def __init__(self, people: People, others: Sequence[People] | None = None) -> None:
        self.people = people
        self.others = tuple(nearly(people, seed) for seed in range(6)) if others is None else others

    def see(self, picture: np.ndarray) -> People:
        assert picture.shape[:2] == self.people.person.shape
        return self.people

    def looks(self, picture: np.ndarray, person: np.ndarray) -> tuple[People, ...]:
        assert picture.shape[:2] == person.shape
        return tuple(self.others)


def nearly(people: People, seed: int) -> People:
    """Another look at the same person: the joints a little elsewhere."""
    points = people.points.copy()
    points[:, :2] += np.random.default_rng(seed).normal(0, 0.5, 2)
    return replace(people, points=points, faces=())


def moved(people: People, across: float, down: float, x: float = 0, y: float = 0) -> People:
    """A look that has the body elsewhere: larger or smaller from the picture's middle, shifted."""
    height, width = people.person.shape
    points, middle = people.points.copy(), np.array((width / 2, height / 2))
    points[:, :2] = middle + (points[:, :2] - middle) * (across, down) + (x, y)
    return replace(people, points=points.astype(np.float32), faces=())


def dressed(posture: str, part: Any, **values: Any) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    picture, people, where = somebody(posture, **values)
    networks: Any = Told(people)
    found = tryon_mask(picture, part, networks=networks)
    assert found.source == "joints" and "follows the person's joints" in found.sentence
    return found.mask > 0, where


def covered(mask: np.ndarray, where: np.ndarray) -> float:
    return float(mask[where].mean())


# The files


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", ["a changed byte", "cut off", "missing"])
def test_a_damaged_network_is_one_sentence(tmp_path: Path, name: str, harm: str):
    folder = tmp_path / "people"
    shutil.copytree(FOLDER, folder)
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    if harm == "missing":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(data if harm == "a changed byte" else data[: len(data) // 2])
    expected = ModelMissing if harm == "missing" else ModelDamaged
    with pytest.raises(expected, match=f"{name}.*restore the folder assets/models/people") as error:
        PeopleNetworks(folder)
    assert str(error.value).count(".") == name.count(".") + 1


def test_the_page_beside_the_networks_names_each_with_its_hash():
    page = (FOLDER / "README.md").read_text("utf-8")
    assert "Apache-2.0" in page
    for name, sha in FILES.items():
        (row,) = (line for line in page.splitlines() if f"`{name}`" in line)
        assert sha in row and "@mediapipe/" in row
        assert f"{(FOLDER / name).stat().st_size:,}" in row
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 4_000_000


# Who reads


@pytest.fixture(scope="module")
def networks() -> PeopleNetworks:
    return PeopleNetworks()


@pytest.fixture(scope="module")
def perception(family_folder: Path) -> Perception:
    return Perception.load(family_folder / "perception")


@pytest.mark.parametrize("seed", [91_000, 91_014, 91_028, 91_042, 91_070, 91_084])
@pytest.mark.first(3)
def test_drawn_people_are_read_by_what_knows_drawings(
    seed: int, networks: PeopleNetworks, perception: Perception
):
    sample = sample_worn(HELD_OUT + seed)
    picture = Image.fromarray(sample.picture)
    (seen,), people = perception.see([picture]), networks.see(sample.picture)
    assert chosen_reader(seen, people) == "perception"
    alone = read_pose(picture, perception=perception)
    both = read_pose(picture, perception=perception, networks=networks)
    np.testing.assert_array_equal(alone.joints, both.joints)
    part = GARMENTS[sample.spec.garment.type.name].region
    part = "dress" if part == "full" else part
    before = tryon_mask(picture, part, perception=perception).mask
    assert np.array_equal(
        before, tryon_mask(picture, part, perception=perception, networks=networks).mask
    )


@pytest.mark.parametrize("posture", POSTURES)
def test_real_people_are_read_by_what_knows_people(posture: str):
    _, people, _ = somebody(posture)
    assert chosen_reader(None, people) == "people"


@pytest.mark.parametrize(
    "said", [{"score": 0.3}, {"body": np.zeros(SIZE[::-1], np.float32)}, {"seen": 0.4}]
)
def test_nobody_reads_where_nobody_is_sure(said: dict[str, Any]):
    _, people, _ = somebody()
    if "seen" in said:
        people.points[:, 2] = said.pop("seen")
    people = People(**({name: getattr(people, name) for name in people.__annotations__} | said))
    assert chosen_reader(None, people) is None


# The region


@pytest.mark.parametrize("posture", POSTURES)
def test_the_region_follows_the_body(posture: str):
    upper, where = dressed(posture, "upper")
    assert covered(upper, where["trunk"]) > 0.97
    assert covered(upper, where["arms"]) > 0.85
    assert covered(upper, where["hands"]) < 0.25
    assert covered(upper, where["head"]) < 0.02
    feet = where["legs"] & (np.arange(SIZE[1])[:, None] > 400)
    assert covered(upper, feet) == 0
    lower, where = dressed(posture, "lower")
    assert covered(lower, where["legs"]) > 0.85
    assert covered(lower, where["hands"]) < 0.1 and covered(lower, where["head"]) == 0
    chest = where["trunk"] & (np.arange(SIZE[1])[:, None] < 190)
    assert covered(lower, chest) == 0 and covered(lower, where["arms"]) < 0.15
    dress, where = dressed(posture, "dress")
    assert covered(dress, where["trunk"]) > 0.97 and covered(dress, where["legs"]) > 0.6
    assert covered(dress, where["head"]) < 0.02


@pytest.mark.parametrize("below", [215, 250, 280])
def test_of_somebody_cut_off_what_is_seen_is_dressed(below: int):
    """From the knees, the thighs or the hips on, legs lie outside of the picture."""
    _, whole, _ = somebody(down=60)
    height = 60 + 475 - below
    picture, people, where = somebody(down=60, size=(SIZE[0], height))
    # What a network says of legs below the edge is a guess with legs drawn in.
    for knee, ankle, hip in ((25, 27, 23), (26, 28, 24)):
        people.points[knee] = (*(people.points[hip, :2] + (3, 30)), 0.4)
        people.points[ankle] = (*(people.points[hip, :2] + (5, 10)), 0.1)
    networks: Any = Told(people)
    mask = tryon_mask(picture, "upper", networks=networks).mask > 0
    assert covered(mask, where["trunk"]) > 0.95 and covered(mask, where["head"]) < 0.02
    assert whole.score == people.score


@pytest.mark.parametrize("part", ["lower", "dress"])
@pytest.mark.parametrize("height", [300, 280, 260])
def test_a_part_that_is_not_in_the_photo_is_asked_for(part: Any, height: int):
    picture, people, _ = somebody(down=60, size=(SIZE[0], height))
    networks: Any = Told(people)
    with pytest.raises(RegionUnknown, match="cannot be seen in this photo"):
        tryon_mask(picture, part, networks=networks)


def two(apart: int, faces: bool) -> tuple[Image.Image, People]:
    """Two people beside each other, of whom the pose network sees one."""
    picture, people, _ = somebody()
    other = np.roll(people.body, apart, 1)
    left, right = (np.array([170 + d, 45, 214 + d, 95]) for d in (0, apart))
    found = [Face(tuple((box / (*SIZE, *SIZE)).tolist()), 0.95) for box in (left, right)]
    pixels = np.asarray(picture).copy()
    pixels[other > 0.5] = (90, 60, 60)
    return Image.fromarray(pixels), People(
        people.points, 0.99, people.body, np.maximum(people.body, other),
        tuple(found) if faces else (),
    )  # fmt: skip


@pytest.mark.parametrize("faces", [True, False])
@pytest.mark.parametrize("apart", [130, -130, 150])
def test_two_people_are_asked_about(apart: int, faces: bool):
    picture, people = two(apart, faces)
    networks: Any = Told(people)
    with pytest.raises(RegionUnknown, match=r"people|person") as error:
        tryon_mask(picture, "upper", networks=networks)
    assert "crop it to one, or paint over the garment yourself" in str(error.value)
    assert others(people) and not others(somebody()[1])


@pytest.mark.parametrize("kind", ["noise", "vase", "stripes", "gradient"])
def test_nobody_is_refused_before_anything_is_painted(
    kind: str, networks: PeopleNetworks, perception: Perception
):
    rng = np.random.default_rng(1)
    pixels = np.full((256, 192, 3), 235, np.uint8)
    if kind == "noise":
        pixels = rng.integers(0, 255, pixels.shape, np.uint8)
    elif kind == "vase":
        cv2.ellipse(pixels, (96, 150), (50, 80), 0, 0, 360, (40, 120, 60), -1)
    elif kind == "stripes":
        pixels[::8] = (20, 40, 120)
    else:
        pixels[:] = np.linspace(40, 220, 256).astype(np.uint8)[:, None, None]
    with pytest.raises(BadInput):
        tryon_mask(Image.fromarray(pixels), "upper", perception=perception, networks=networks)


def test_the_command_line_names_the_option_that_helps(tmp_path: Path, capsys: Any):
    vase = np.full((256, 192, 3), 235, np.uint8)
    cv2.ellipse(vase, (96, 150), (50, 80), 0, 0, 360, (40, 120, 60), -1)
    path = tmp_path / "vase.png"
    Image.fromarray(vase).save(path)
    assert main(["generate", "--prompt", "a red dress", "--person", str(path),
                 "--steps", "1", "--out", str(tmp_path)]) == 2  # fmt: skip
    assert "--person-mask" in capsys.readouterr().err
    assert not list(tmp_path.glob("toile-*.png"))


# Looks that do not agree, or do not mean all of somebody


SQUEEZED, SHIFTED, LARGER = (1, 0.6, 0, -90), (1, 1, 0, 90), (1.6, 1.6, 0, 0)


@pytest.mark.parametrize("part", ["upper", "lower", "dress"])
@pytest.mark.parametrize("posture", ["standing", "sitting", "arms crossed"])
def test_looks_that_disagree_are_asked_about(posture: str, part: Any):
    picture, people, _ = somebody(posture)
    others = [nearly(moved(people, *how), 1) for how in (SQUEEZED, SHIFTED, LARGER)] * 2
    networks: Any = Told(people, [*others, nearly(people, 2), nearly(people, 3)])
    with pytest.raises(RegionUnknown, match=r"told for sure|cannot be seen") as error:
        tryon_mask(picture, part, networks=networks)
    assert "paint over the garment yourself" in str(error.value)


@pytest.mark.parametrize("wrong", [SQUEEZED, SHIFTED, LARGER])
@pytest.mark.parametrize("part", ["upper", "lower", "dress"])
def test_the_look_that_most_agree_with_counts(part: Any, wrong: Any):
    picture, people, _ = somebody()
    looks = [nearly(people, seed) for seed in range(7)]
    right: Any = Told(people, looks)
    networks: Any = Told(moved(people, *wrong), [moved(people, *wrong), *looks])
    expected, found = (tryon_mask(picture, part, networks=n).mask > 0 for n in (right, networks))
    assert (expected & found).sum() > 0.95 * (expected | found).sum()


@pytest.mark.parametrize("part", ["upper", "lower", "dress"])
@pytest.mark.parametrize("how", [(0.7, 0.5, 0, -100), (0.4, 1, -25, 0), (0.6, 0.6, 0, 60)])
def test_bones_that_leave_much_of_somebody_unexplained_are_asked_about(part: Any, how: Any):
    """All looks agree, but on somebody who is smaller than the person in the photo."""
    picture, people, _ = somebody()
    small = moved(people, *how)
    networks: Any = Told(small)
    with pytest.raises(RegionUnknown, match=r"told for sure|cannot be seen"):
        tryon_mask(picture, part, networks=networks)


@pytest.mark.parametrize("part", ["upper", "dress"])
@pytest.mark.parametrize("cut", [170, 190, 210])
def test_a_chest_at_the_upper_edge_is_no_neck(part: Any, cut: int):
    """Of somebody without head and shoulders a network likes to draw shoulders into the chest."""
    picture, people, _ = somebody(down=-cut + 20, size=(SIZE[0], SIZE[1] - cut))
    points = people.points.copy()
    points[:11, 1] = 15
    points[[11, 12], 1] = 55
    networks: Any = Told(replace(people, points=points))
    with pytest.raises(RegionUnknown, match=r"told for sure|cannot be seen"):
        tryon_mask(picture, part, networks=networks)


@pytest.mark.parametrize("part", ["upper", "dress"])
@pytest.mark.parametrize("cut", [190, 220, 250])
def test_a_part_whose_upper_end_is_cut_off_is_not_painted(part: Any, cut: int):
    picture, people, _ = somebody(down=-cut, size=(SIZE[0], SIZE[1] - cut))
    networks: Any = Told(people)
    with pytest.raises(RegionUnknown, match="cannot be seen in this photo"):
        tryon_mask(picture, part, networks=networks)


@pytest.mark.parametrize("part", ["upper", "lower", "dress"])
@pytest.mark.parametrize("rows", [(0, 300), (150, 512), (90, 400)])
@pytest.mark.first(4)
def test_half_an_outline_is_not_measured_in_heads(part: Any, rows: tuple[int, int]):
    """Nobody knows the body, and an edge cuts the figure off."""
    picture, people, _ = somebody()
    half = picture.crop((0, rows[0], SIZE[0], rows[1]))
    seen = people.person[rows[0] : rows[1]]
    networks: Any = Told(People(people.points, 0.1, 0 * seen, seen, ()), [])
    with pytest.raises(RegionUnknown, match=r"told for sure"):
        tryon_mask(half, part, networks=networks)
    everybody: Any = Told(People(people.points, 0.1, 0 * people.body, people.person, ()), [])
    assert tryon_mask(picture, part, networks=everybody).source == "outline"


class Sees:
    """A perception that is as sure of a drawn figure, somewhere else, as a test says."""

    def __init__(self, score: float) -> None:
        keypoints = np.full((17, 3), score, np.float32)
        keypoints[:, :2] = np.random.default_rng(0).uniform(0.05, 0.3, (17, 2))
        garment = SimpleNamespace(name="tank top", probability=0.9)
        self.seen = SimpleNamespace(
            keypoints=keypoints, garment=garment, mask=np.zeros(SIZE[::-1], np.uint8)
        )

    def see(self, pictures: np.ndarray) -> list[Any]:
        return [self.seen]


@pytest.mark.parametrize("score", [0.46, 0.5, 0.54])
@pytest.mark.parametrize("part", ["upper", "lower", "dress"])
@pytest.mark.first(4)
def test_somebody_half_taken_for_a_drawing_is_read_by_looks_that_agree(part: Any, score: float):
    picture, people, _ = somebody(score=0.8)
    eyes: Any = Sees(score)
    looks = [nearly(replace(people, score=0.99), seed) for seed in range(6)]
    networks: Any = Told(people, looks)
    assert chosen_reader(eyes.seen, people) == "perception"
    expected = tryon_mask(picture, part, networks=networks).mask
    found = tryon_mask(picture, part, perception=eyes, networks=networks)
    assert np.array_equal(found.mask, expected)
    clear: Any = Sees(0.7)
    other = tryon_mask(picture, "upper", perception=clear, networks=networks).mask
    assert not np.array_equal(other, tryon_mask(picture, "upper", networks=networks).mask)


@pytest.mark.parametrize("seed", [91_000, 91_028, 91_070])
@pytest.mark.parametrize("rows", [(0.0, 1.0), (0.0, 0.55), (0.3, 1.0)])
@pytest.mark.first(4)
def test_looks_leave_room_where_somebody_is_cut_off(
    seed: int, rows: tuple[float, float], networks: PeopleNetworks
):
    whole = sample_worn(HELD_OUT + seed).picture
    picture = whole[int(rows[0] * len(whole)) : int(rows[1] * len(whole))]
    looks = networks.looks(picture, networks.see(picture).person)
    assert len(looks) >= 6
    for look in looks:
        assert look.points.shape == (33, 3) and look.person.shape == picture.shape[:2]
    points = np.stack([look.points[:, :2] for look in looks])
    assert len(np.unique(points.round(1).reshape(len(looks), -1), axis=0)) == len(looks)


# Person and pose


@pytest.mark.parametrize(
    "given",
    [
        {"pose": "walking", "posed_by": "name"},
        {"pose": A, "posed_by": "photo"},
        {"controls": (PoseControl(pose=preset_pose("standing")),)},
    ],
)
def test_a_person_and_a_pose_are_told_before_anything_is_made(given: dict[str, Any]):
    with pytest.raises(BadInput, match="second head"):
        Wish(prompt="a coat", person=Person(picture=A, mask=A), **given)


@pytest.mark.parametrize("pose", ["standing", "walking", "arms open"])
def test_the_page_says_so_too(pose: str):
    control = PoseControl(pose=preset_pose(pose))
    both = References(controls=(control,), person=Person(picture=A, mask=A))
    assert "second head" in both.problem
    assert References(controls=(control,)).problem == ""
    with pytest.raises(BadInput, match="second head"):
        compose.compose(compose.Form(prompt="a coat"), None, references=both)
