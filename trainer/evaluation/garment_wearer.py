"""The specified setting: the wearer's pose and face are given beside the garment and the words.

IMAGDressing-v1 (arXiv 2407.12705, section 5.1) measures CAMI-S there. Here everybody is asked for
as the held-out picture shows them. The face comes from a picture of the same figure in a white
T-shirt: on its own picture a collar would tell something of the garment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from studio.controls.face import FaceControl
from studio.controls.pose import PoseControl
from studio.errors import BadInput
from studio.garment.spec import GarmentSpec, PictureSpec
from studio.request import Control, Pose
from studio.vision.perception import Seen
from studio.vision.poses import joint_table, pose_of
from studio.vision.skeleton import SEEN, draw_skeleton, from_coco
from trainer.data.wardrobe import WardrobeSample, render
from trainer.evaluation.garment_metrics.cami import CamiU, cami_s, pose_overlap
from trainer.evaluation.garment_metrics.cutting import Pixels
from trainer.evaluation.garment_metrics.networks import FaceVectors
from trainer.evaluation.measures import Scores
from trainer.evaluation.pictures import Pictures
from trainer.evaluation.suites import SPECIFIED

_TSHIRT = GarmentSpec("t-shirt", "white")
_CUT = 0


@dataclass(frozen=True)
class Wearer:
    """Who is asked for.

    Attributes:
        pose: the true wearer's joints, as far as they lie in the picture.
        portrait: (H, W, 3) a picture of the wearer that the face is to be read from; None where
            no face is asked for.
        face: (D,) unit vector of the face in it.
    """

    pose: Pose
    portrait: Pixels | None = None
    face: Tensor | None = None


def check_specified(conditions: frozenset[str]) -> None:
    """Raises BadInput unless a model hears pose and face."""
    lacking = sorted({control.kind for control in SPECIFIED} - conditions)
    if lacking:
        raise BadInput(
            f"--specified gives a pose and a face, and the weights for {' and '.join(lacking)} "
            "are not installed: measure without it, or use a model that has them."
        )


def controls_for(wearer: Wearer, files: Pictures) -> list[Control]:
    """What a request says of a wearer."""
    controls: list[Control] = [PoseControl(pose=wearer.pose)]
    if wearer.portrait is not None:
        controls.append(FaceControl(picture=files.add(wearer.portrait)))
    return controls


def wearer_of(worn: WardrobeSample, faces: FaceVectors) -> Wearer:
    """The wearer of a picture; without a face where the picture or the judge shows none."""
    assert worn.keypoints is not None, "somebody wears it"
    joints = from_coco(worn.keypoints)
    outside = ((joints[:, :2] < 0) | (joints[:, :2] > 1)).any(1)
    joints[outside] = 0
    pose = pose_of(joints)
    if worn.face_box is None:
        return Wearer(pose)
    alike = PictureSpec(_TSHIRT, worn.spec.scene)
    portrait = render(alike, worn.seed, worn.size, garment_seed=_CUT).picture
    face = faces.faces([portrait])[0]
    return Wearer(pose) if face is None else Wearer(pose, portrait, face)


def skeletons(wearer: Wearer, seen: Seen, width: int, height: int) -> tuple[Pixels, Pixels]:
    """The asked-for and the perceived stick figure, (height, width, 3) each.

    Perceived joints are drawn from `SEEN` on, as the drawing has it: joints under cloth have low
    scores. Where perception sees nobody the second figure is black.
    """
    asked = draw_skeleton(joint_table(wearer.pose), width, height)
    if seen.keypoints is None or (seen.keypoints[:, 2] < SEEN).all():
        return asked, np.zeros_like(asked)
    return asked, draw_skeleton(from_coco(seen.keypoints), width, height)


def score_specified(
    scores: Scores, name: str, wearers: Sequence[Wearer], pictures: Sequence[Pixels],
    seen: Sequence[Seen], faces: FaceVectors, garments: Sequence[CamiU],
    captions: Sequence[float],
) -> None:  # fmt: skip
    """Add `<name>_pose`, and `<name>_face` and `<name>_cami_s` where a face was asked for.

    Args:
        garments, captions: the pictures' CAMI-U, and their cosines with their prompts.
    """
    drawn = [
        skeletons(wearer, answer, picture.shape[1], picture.shape[0])
        for wearer, answer, picture in zip(wearers, seen, pictures, strict=True)
    ]
    for pair in drawn:
        scores.add(f"{name}_pose", pose_overlap(*pair))
    rows = [i for i, wearer in enumerate(wearers) if wearer.face is not None]
    found = faces.faces([pictures[i] for i in rows])
    for one in cami_s(
        [garments[i] for i in rows],
        [(wearers[i].face, face) for i, face in zip(rows, found, strict=True)],
        [captions[i] for i in rows],
        [drawn[i] for i in rows],
    ):
        scores.add(f"{name}_face", one.face)
        scores.add(f"{name}_cami_s", one.total)
