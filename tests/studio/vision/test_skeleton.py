"""Stick figures: drawn as the published control knows them, read back, and refused with reasons."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.errors import BadInput, ModelMissing
from studio.garment.landmarks import POSE_ANGLES
from studio.garment.vocabulary import POSES
from studio.request import JOINTS
from studio.vision.pose import find_openpose, read_pose, read_skeleton
from studio.vision.skeleton import (
    BONE_LIGHT,
    COCO_JOINTS,
    COLOURS,
    LIMBS,
    SEEN,
    check_joints,
    draw_skeleton,
    from_coco,
    preset,
)


def test_the_colours_go_once_around_the_wheel() -> None:
    assert COLOURS[0] == (255, 0, 0) and COLOURS[1] == (255, 85, 0) and COLOURS[6] == (0, 255, 0)
    assert COLOURS[12] == (0, 0, 255) and COLOURS[17] == (255, 0, 85)
    assert len(set(COLOURS)) == len(JOINTS) == 18 and len(LIMBS) == 17


def test_joints_are_bright_on_darker_bones() -> None:
    joints = preset("arms open", "full")
    picture = draw_skeleton(joints, 512, 512)
    assert picture.shape == (512, 512, 3) and (picture == 0).all(2).mean() > 0.9
    for i, colour in enumerate(COLOURS):
        x, y = (int(v * 512) for v in joints[i, :2])
        assert tuple(picture[y, x]) == colour, JOINTS[i]
    elbow, wrist = (joints[JOINTS.index(f"right {n}"), :2] * 512 for n in ("elbow", "wrist"))
    x, y = ((elbow + wrist) / 2).astype(int)
    limb = LIMBS.index(("right elbow", "right wrist"))
    assert tuple(picture[y, x]) == tuple(int(c * BONE_LIGHT) for c in COLOURS[limb])


def test_a_missing_joint_takes_its_bones_along() -> None:
    joints = preset("standing", "full")
    whole = draw_skeleton(joints, 256, 256)
    joints[JOINTS.index("left knee"), 2] = 0
    less = draw_skeleton(joints, 256, 256)
    hidden = [LIMBS.index(("left hip", "left knee")), LIMBS.index(("left knee", "left ankle"))]
    for i in range(len(LIMBS)):
        bone = tuple(int(c * BONE_LIGHT) for c in COLOURS[i])
        assert (whole == bone).all(2).any()
        assert (less == bone).all(2).any() == (i not in hidden)


def test_the_figure_is_as_thick_as_the_picture_is_large() -> None:
    joints = preset("standing", "upper")
    small, large = (draw_skeleton(joints, side, side).any(2).mean() for side in (256, 1024))
    assert small == pytest.approx(large, rel=0.25)


@pytest.mark.parametrize("pose", POSES)
def test_every_preset_is_framed_and_reads_back_from_its_colours(pose: str) -> None:
    assert set(POSE_ANGLES) == set(POSES)
    for region in ("upper", "lower", "full"):
        joints = preset(pose, region)
        seen = joints[:, 2] >= SEEN
        assert ((joints[seen, :2] >= 0) & (joints[seen, :2] <= 1)).all()
        assert seen[JOINTS.index("nose")] == (region != "lower")
        assert seen[JOINTS.index("left ankle")] == (region != "upper")
        assert seen[JOINTS.index("right hip")]
        read = read_skeleton(draw_skeleton(joints, 384, 384))
        assert read is not None and ((read[:, 2] > 0) == seen).all()
        assert np.abs(read[seen, :2] - joints[seen, :2]).max() < 0.004


def test_coco_and_openpose_agree_but_for_the_neck() -> None:
    coco = np.arange(51, dtype=np.float32).reshape(17, 3) / 60
    joints = from_coco(coco)
    assert np.allclose(joints[[JOINTS.index(name) for name in COCO_JOINTS]], coco)
    shoulders = [coco[COCO_JOINTS.index(f"{side} shoulder")] for side in ("left", "right")]
    assert np.allclose(joints[JOINTS.index("neck"), :2], np.mean(shoulders, 0)[:2])
    with pytest.raises(BadInput, match="17"):
        from_coco(joints)


def test_tables_of_another_shape_are_refused() -> None:
    with pytest.raises(BadInput, match="17 × 3"):
        check_joints(np.zeros((17, 3)))
    with pytest.raises(BadInput, match="table of numbers"):
        check_joints("standing")
    with pytest.raises(BadInput, match="no joints"):
        check_joints(np.zeros((18, 3)))
    with pytest.raises(BadInput, match="far outside"):
        check_joints(np.full((18, 3), 40.0))
    with pytest.raises(BadInput, match="no pose"):
        preset("flying", "upper")


def test_a_photo_is_no_stick_figure_and_needs_a_finder(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 255, (96, 64, 3), np.uint8)
    assert read_skeleton(photo) is None
    assert read_skeleton(np.zeros((64, 64, 3), np.uint8)) is None
    with pytest.raises(ModelMissing, match="give the folder"):
        find_openpose(tmp_path)
    (tmp_path / "body_pose_model.pth").write_bytes(b"x")
    assert find_openpose(tmp_path) == tmp_path / "body_pose_model.pth"
    if find_openpose() is None:
        with pytest.raises(ModelMissing, match="preset"):
            read_pose(Image.fromarray(photo))


@pytest.mark.skipif("TOILE_REAL_DATA" not in os.environ, reason="needs the real samples")
def test_a_published_stick_figure_is_read_and_drawn_alike() -> None:
    picture = Image.open(Path(os.environ["TOILE_REAL_DATA"]) / "pose/1.jpg").convert("RGB")
    pose = read_pose(picture)
    assert pose.source == "stick figure" and (pose.joints[:, 2] > 0).sum() == 16
    theirs, ours = np.asarray(picture).max(2) > 60, draw_skeleton(pose.joints, *picture.size).any(2)
    assert (theirs & ours).sum() / (theirs | ours).sum() > 0.75
