"""The pose of a person: read from a stick figure, or found in a photograph.

A stick figure's joints are read back from their colours. In a photograph OpenPose finds them if
its published weights are on this machine; otherwise the networks that know real people, or the
bundled perception, which knows drawn figures: `readers.chosen_reader` says which. Where neither is
sure the outline is measured, if it is a person's.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.errors import BadInput, ModelDamaged, ModelMissing
from studio.request import JOINTS
from studio.vision import silhouette
from studio.vision.bodyparts import body_by_joints, figure_of
from studio.vision.outline_pose import outline_joints
from studio.vision.readers import chosen_reader, follows, others
from studio.vision.skeleton import BONE_LIGHT, COLOURS, SEEN, from_coco

if TYPE_CHECKING:
    from studio.vision.people import People, PeopleNetworks
    from studio.vision.perception import Perception

Source = Literal["stick figure", "OpenPose", "people", "perception", "outline"]

OPENPOSE_REPOSITORY = "lllyasviel/Annotators"
OPENPOSE_FILE = "body_pose_model.pth"
_DARK, _LIT = 30, (1 + BONE_LIGHT) / 2 * 255
_LEAST_JOINTS = 4
_PERCEIVED = 0.25
_POINTED = 0.3
"""The least score of a joint that the networks for real people see."""

_HALF_SURE = 0.28
"""Perception's least mean score where nothing else tells of a body."""

_ALONE = "toile_controlnet_aux_open_pose"
_PRESET = "choose one of the preset poses, or give a stick figure as the pose picture"


@dataclass(frozen=True)
class Pose:
    """A pose and where it comes from.

    Attributes:
        joints: (18, 3) OpenPose joints: x and y in 0..1 of the picture, score, 0 for missing.
        sentence: what to tell the user.
    """

    joints: NDArray[np.float32]
    source: Source
    sentence: str


def read_pose(
    picture: Image.Image,
    *,
    openpose: Path | None = None,
    perception: Perception | None = None,
    networks: PeopleNetworks | None = None,
) -> Pose:
    """The joints of the person in a picture.

    Args:
        openpose: the body weights of OpenPose or a folder with them; otherwise they are looked
            for in the local Hugging Face cache. Nothing is downloaded.
        perception, networks: the bundled network and those that know real people, used where
            there is no OpenPose.

    Raises:
        BadInput: nobody is found.
        ModelMissing: the picture is a photograph and there is nothing to find a person with, or
            `openpose` is not there.
        ModelDamaged: OpenPose's weights or its package cannot be used.
    """
    pixels = np.array(picture.convert("RGB"), np.uint8)
    drawn = read_skeleton(pixels)
    if drawn is not None:
        count = int((drawn[:, 2] >= SEEN).sum())
        return Pose(
            drawn, "stick figure", f"The picture is a stick figure: {count} joints were read."
        )
    weights = find_openpose(openpose)
    if weights is not None:
        joints = _by_openpose(pixels, weights)
        count = int((joints[:, 2] >= SEEN).sum())
        return Pose(joints, "OpenPose", f"OpenPose found {count} of {len(JOINTS)} joints.")
    if perception is None or not perception.net.config.joints:
        raise ModelMissing(
            f"There is no OpenPose on this machine to read a photograph's pose with: put "
            f"{OPENPOSE_FILE} of {OPENPOSE_REPOSITORY} into the folder of adapters, or {_PRESET}."
        )
    (seen,) = perception.see([picture])
    people = None if networks is None else networks.see(silhouette.reduced(pixels, 512))
    reader = chosen_reader(seen, people)
    if people is not None and reader == "people":
        return _of_real(people)
    nobody = BadInput(f"Nobody is seen in this picture: {_PRESET}.")
    if seen.keypoints is None:
        raise nobody
    joints = from_coco(seen.keypoints)
    unsure = people is not None and reader is None
    told = body_by_joints(joints, *picture.size)
    measured = outline_joints(pixels, seen.mask) if told is None else None
    if measured is not None and people is not None:
        body = figure_of(measured, *picture.size)
        measured = measured if reader or follows(body, people.person) else None
    if measured is not None:
        return Pose(
            measured, "outline",
            "The joints were measured from the figure's outline, so compare the stick figure with "
            "the picture.",
        )  # fmt: skip
    if unsure and float(joints[:, 2].mean()) < _HALF_SURE:
        raise nobody
    joints[joints[:, 2] < _PERCEIVED] = 0
    count = int((joints[:, 2] > 0).sum())
    if count < _LEAST_JOINTS:
        raise BadInput(f"Only {count} joints of a person were found in this picture: {_PRESET}.")
    return Pose(
        joints, "perception",
        f"The bundled perception found {count} of {len(JOINTS)} joints; it learned from drawings, "
        "so compare the stick figure with the picture.",
    )  # fmt: skip


def _of_real(people: People) -> Pose:
    """The pose of a real person, and whether there are others."""
    joints = people.joints
    joints[joints[:, 2] < _POINTED] = 0
    count = int((joints[:, 2] > 0).sum())
    reason = others(people)
    beside = f" {reason}: the foremost was read." if reason else ""
    return Pose(
        joints, "people",
        f"{count} of {len(JOINTS)} joints of the person were found.{beside}",
    )  # fmt: skip


def read_skeleton(picture: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """The joints of a stick figure in OpenPose's colours, (18, 3); None for another picture.

    A joint is the largest bright spot of its colour. Bones have the same colours, but darker.
    Only one person can be told apart.
    """
    light = picture.max(2)
    shown = light > _DARK
    if not 0.0005 < shown.mean() < 0.35:
        return None
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV_FULL)
    if np.median(hsv[..., 1][shown]) < 200:
        return None
    bright = (light > _LIT) & (hsv[..., 1] > 150)
    wheel = hsv[..., 0].astype(np.float32) / 256 * len(COLOURS)
    nearest = np.round(wheel).astype(int) % len(COLOURS)
    height, width = light.shape
    joints = np.zeros((len(JOINTS), 3), np.float32)
    for i in range(len(JOINTS)):
        count, _, stats, middles = cv2.connectedComponentsWithStats(
            (bright & (nearest == i)).astype(np.uint8)
        )
        if count < 2:
            continue
        largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
        # A joint's disc has a radius of 1/128 of the shorter side: specks are no joints.
        if stats[largest, cv2.CC_STAT_AREA] < max(
            2.0, 0.3 * 3.14 * (min(width, height) / 128) ** 2
        ):
            continue
        x, y = middles[largest]
        joints[i] = (x + 0.5) / width, (y + 0.5) / height, 1.0
    return joints if (joints[:, 2] > 0).sum() >= _LEAST_JOINTS else None


def find_openpose(where: Path | None = None) -> Path | None:
    """The body weights of OpenPose on this machine, if they are there.

    Args:
        where: the file, or a folder with it; ModelMissing if it is given and not there.
    """
    if where is not None:
        for path in (where, where / OPENPOSE_FILE, where / "annotator/ckpts" / OPENPOSE_FILE):
            if path.is_file():
                return path
        raise ModelMissing(
            f"There is no {OPENPOSE_FILE} in {where}: give the folder of OpenPose's weights."
        )
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(OPENPOSE_REPOSITORY, OPENPOSE_FILE)
    return Path(found) if isinstance(found, str) else None


def _openpose_type() -> Any:
    """OpenPose's body network from controlnet-aux.

    Its folder is imported alone: the package as a whole asks for every detector's libraries, of
    which some no longer have what it looks for.
    """
    try:
        package = importlib.util.find_spec("controlnet_aux")
        if package is None or not package.submodule_search_locations:
            raise ImportError("it is not installed")
        if _ALONE not in sys.modules:
            alone = types.ModuleType(_ALONE)
            alone.__path__ = [str(Path(package.submodule_search_locations[0]) / "open_pose")]
            sys.modules[_ALONE] = alone
        # Its modules import each other; this order is the one that works.
        importlib.import_module(f"{_ALONE}.util")
        return importlib.import_module(f"{_ALONE}.body").Body
    except (ImportError, AttributeError) as error:
        raise ModelDamaged(
            f"OpenPose needs the package controlnet-aux ({error}): install the studio's vision "
            f"extras, or {_PRESET}."
        ) from error


def _by_openpose(picture: NDArray[np.uint8], weights: Path) -> NDArray[np.float32]:
    """The joints of the largest person that OpenPose finds."""
    body_type = _openpose_type()
    from studio.checkpoints.reading import read_weights

    # The package reads its file itself, so the file is first read as plain data here.
    read_weights(weights)
    try:
        body = body_type(str(weights))
        # The package expects blue first.
        candidate, subset = body(np.ascontiguousarray(picture[..., ::-1]))
        people = body.format_body_result(candidate, subset)
    except (RuntimeError, KeyError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ModelDamaged(
            f"OpenPose cannot be run with {weights.name} ({reason}): restore the file."
        ) from error
    if not people:
        raise BadInput(f"OpenPose finds nobody in this picture: {_PRESET}.")
    chosen = max(people, key=lambda person: person.total_score)
    height, width = picture.shape[:2]
    joints = np.zeros((len(JOINTS), 3), np.float32)
    for i, point in enumerate(chosen.keypoints):
        if point is not None:
            joints[i] = point.x / width, point.y / height, max(float(point.score), SEEN)
    return joints
