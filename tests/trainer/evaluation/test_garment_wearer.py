"""The specified setting: pose and face beside the garment, and CAMI-S of what comes of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from studio.engine import Engine
from studio.errors import BadInput
from studio.request import JOINTS
from studio.vision.face import WardrobeFaceEncoder
from studio.vision.perception import Perception, Seen
from tests.flat import flat
from tests.settled import Hearing
from trainer import __main__ as trainer
from trainer.evaluation.garment_metrics.bundled import FaceSpace
from trainer.evaluation.garment_metrics.cami import CamiU, pose_overlap
from trainer.evaluation.garment_prompts import (
    METHODS,
    Case,
    Pictures,
    make_cases,
    request_for,
    with_wearers,
)
from trainer.evaluation.garment_wearer import (
    Wearer,
    check_specified,
    score_specified,
    skeletons,
    wearer_of,
)
from trainer.evaluation.measures import Scores
from trainer.evaluation.report import garment_table

COUNT = 6
CAMI = CamiU(1.0, 1.0, 1.0)


class Blind:
    """A judge that finds no face anywhere."""

    name = "nobody"

    def faces(self, pictures: Sequence[NDArray[np.uint8]]) -> list[Tensor | None]:
        return [None] * len(pictures)


def main(arguments: list[str]) -> int:
    return trainer.main(["evaluate", *arguments])


@pytest.fixture(scope="module")
def faces(family_folder: Path) -> FaceSpace:
    return FaceSpace(WardrobeFaceEncoder.load(family_folder / "face_encoder"))


@pytest.fixture(scope="module")
def cases(faces: FaceSpace) -> list[Case]:
    """The second one is a skirt, shown without a head."""
    return with_wearers(make_cases(COUNT), faces)


@pytest.fixture(scope="module")
def wearers(cases: list[Case]) -> list[Wearer]:
    return [case.wearer for case in cases if case.wearer is not None]


@pytest.fixture(scope="module")
def seen(family_folder: Path, cases: list[Case]) -> list[Seen]:
    """What the bundled perception sees in the true pictures."""
    pictures = [Image.fromarray(case.pair.worn.picture) for case in cases]
    return Perception.load(family_folder / "perception").see(pictures)


def true_pictures(cases: Sequence[Case]) -> list[NDArray[np.uint8]]:
    return [case.pair.worn.picture for case in cases]


def test_a_wearer_has_the_joints_in_the_picture_and_a_face_where_there_is_a_head(
    cases: list[Case], wearers: list[Wearer]
) -> None:
    assert len(wearers) == COUNT
    for case, wearer in zip(cases, wearers, strict=True):
        lower = case.pair.worn.face_box is None
        assert (wearer.portrait is None) == (wearer.face is None) == lower
        assert (wearer.pose.joints[JOINTS.index("nose")] is None) == lower
        shown = [joint for joint in wearer.pose.joints if joint is not None]
        assert len(shown) > 4 and all(0 <= v <= 1 for joint in shown for v in joint)
    assert wearers[1].face is None and wearers[0].face is not None
    unseen = wearer_of(cases[0].pair.worn, Blind())
    assert unseen == Wearer(wearers[0].pose)


def test_a_portrait_shows_the_wearer_and_nothing_of_the_garment(
    cases: list[Case], wearers: list[Wearer], faces: FaceSpace
) -> None:
    rows = [i for i, wearer in enumerate(wearers) if wearer.face is not None]
    true = faces.faces([cases[i].pair.worn.picture for i in rows])
    for i, face in zip(rows, true, strict=True):
        asked, worn = wearers[i].face, cases[i].pair.worn
        assert asked is not None and face is not None and float(asked @ face) > 0.8
        # Whatever the figure wears, its portrait stays the same to the pixel.
        other = replace(worn, spec=replace(worn.spec, garment=cases[1].pair.worn.spec.garment))
        first, second = wearers[i].portrait, wearer_of(other, faces).portrait
        assert first is not None and second is not None and np.array_equal(first, second)


def test_every_method_is_given_the_pose_and_the_face(
    cases: list[Case], family_folder: Path
) -> None:
    engine = Engine(family_folder)
    everything = frozenset().union(*(needs for _, needs in METHODS.values())) | {"face"}
    model = Hearing(everything, sees=False)
    for method in METHODS:
        files = Pictures()
        with_head, without = (
            flat(request_for(method, c, files, engine, model=model, steps=3)) for c in cases[:2]
        )
        for case, request in zip(cases[:2], (with_head, without), strict=True):
            assert case.wearer is not None and request.pose == case.wearer.pose
            assert request.prompt == case.prompt
            assert (request.garment_image is None) == (method == "text_only")
        assert with_head.face_image is not None and without.face_image is None
        assert with_head.face_image in files.held
    alone = replace(cases[0], wearer=None)
    plain = flat(request_for("text_only", alone, Pictures(), engine, model=model))
    assert plain.pose is None and plain.face_image is None


def test_true_joints_cover_the_asked_for_pose_and_nobody_covers_nothing(
    cases: list[Case], wearers: list[Wearer], seen: list[Seen]
) -> None:
    for case, wearer, answer in zip(cases, wearers, seen, strict=True):
        true = replace(answer, keypoints=case.pair.worn.keypoints)
        asked, drawn = skeletons(wearer, true, 96, 128)
        assert asked.shape == drawn.shape == (128, 96, 3)
        assert pose_overlap(asked, drawn) == 1
        for nobody in (None, np.zeros((17, 3), np.float32)):
            asked, drawn = skeletons(wearer, replace(answer, keypoints=nobody), 96, 128)
            assert asked.any() and not drawn.any()


def test_true_pictures_score_higher_than_another_wearer_s(
    cases: list[Case], wearers: list[Wearer], seen: list[Seen], faces: FaceSpace
) -> None:
    scores, captions = Scores(), [0.5] * COUNT
    garments = [CAMI] * COUNT
    pictures = true_pictures(cases)
    score_specified(scores, "true", wearers, pictures, seen, faces, garments, captions)
    score_specified(
        scores, "other", wearers, pictures[1:] + pictures[:1], seen[1:] + seen[:1], faces,
        garments, captions,
    )  # fmt: skip
    found = scores.estimates()
    heads = sum(case.pair.worn.face_box is not None for case in cases)
    assert 0 < heads < COUNT
    assert found["true_pose"].n == COUNT
    assert found["true_face"].n == found["true_cami_s"].n == heads
    assert found["true_face"].mean > 0.8 > found["other_face"].mean
    assert found["true_pose"].mean > 0.4 > found["other_pose"].mean
    assert found["true_cami_s"].mean > found["other_cami_s"].mean


def test_a_face_that_was_asked_for_and_is_not_there_counts_nothing(
    cases: list[Case], wearers: list[Wearer], seen: list[Seen]
) -> None:
    scores = Scores()
    score_specified(
        scores, "blind", wearers[:2], true_pictures(cases[:2]), seen[:2], Blind(), [CAMI] * 2,
        [0.5, 0.5],
    )  # fmt: skip
    assert scores.values["blind_face"] == [0.0]
    pose = scores.values["blind_pose"]
    assert len(pose) == 2
    assert scores.values["blind_cami_s"] == [pytest.approx(3 + 0 + 0.5 + pose[0])]


def test_a_model_without_pose_or_face_is_told_what_it_lacks() -> None:
    check_specified(frozenset({"text", "pose", "face"}))
    with pytest.raises(BadInput, match="weights for face and pose are not installed"):
        check_specified(frozenset({"text"}))


def test_the_table_has_the_columns_only_where_they_were_measured() -> None:
    metrics = {f"{m}_{c}": 0.5 for m in ("text_only", "ceiling") for c in ("colour", "clip_t")}
    assert "CAMI-S" not in garment_table(metrics)
    metrics |= {f"{m}_{c}": 0.25 for m in ("text_only", "ceiling")
                for c in ("face", "pose", "cami_s")}  # fmt: skip
    lines = garment_table(metrics).splitlines()
    assert [cell.strip() for cell in lines[0].split("|")[4:7]] == ["face", "pose", "CAMI-S"]
    assert lines[-1].count("0.250") == 3


@pytest.mark.slow
def test_the_bundled_family_is_measured_in_the_specified_setting(
    family_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "garment.json"
    arguments = ["garment", "--model", str(family_folder), "--limit", "2", "--steps", "2"]
    arguments += ["--methods", "magic_clothing", "--specified", "--json", str(out)]
    assert main(arguments) == 0
    metrics = json.loads(out.read_text())
    for name in ("magic_clothing", "ceiling"):
        assert metrics[f"{name}_pose_n"] == 2
        assert metrics[f"{name}_face_n"] == metrics[f"{name}_cami_s_n"] == 1
        assert 0 <= metrics[f"{name}_pose"] <= 1 and -1 <= metrics[f"{name}_face"] <= 1
    assert metrics["ceiling_face"] > 0.9
    assert metrics["ceiling_cami_s"] > metrics["magic_clothing_cami_s"]
    said = capsys.readouterr().out
    assert "CAMI-S" in said and "faces by the bundled face encoder" in said
    assert "all 2 requests also have the true wearer's pose, and 1 a picture" in said
