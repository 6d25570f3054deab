"""Networks that know real people: joints, a person's outline, faces.

Three small networks of MediaPipe (Apache-2.0) lie in `assets/models/people/`, whose page tells
where each comes from. OpenCV runs them. They know photographs; the bundled perception knows the
drawn figures that it learned from, and `studio.vision.readers` chooses between the two.

BlazePose (Bazarevsky et al. 2020, arXiv 2006.10204) looks at the whole picture, at the square
around the body that its first answer tells, as its authors do from frame to frame, and at the
square around everything that is a person; the look counts whose answers agree best. BlazeFace
(Bazarevsky et al. 2019, arXiv 1907.05047) knows faces that fill a good part of its input, so it
is shown the picture in windows of several sizes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelDamaged, ModelMissing
from studio.garment.spec import Box
from studio.request import JOINTS
from studio.vision.pictures import Mask
from studio.vision.silhouette import overlap

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "models" / "people"
POSE, PERSON, FACE = (
    "pose_landmark_lite.tflite", "selfie_segmentation.tflite", "face_detection_short_range.tflite",
)  # fmt: skip
FILES: dict[str, str] = {
    POSE: "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61",
    PERSON: "8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27",
    FACE: "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
}
"""The files and their SHA-256."""

POINTS = 33
"""Points of a body, by BlazePose's numbers; odd ones are the person's left."""

_SIDE, _FACE_SIDE = 256, 128
_BODY: tuple[int, ...] = (0, -1, 12, 14, 16, 11, 13, 15, 24, 26, 28, 23, 25, 27, 5, 2, 8, 7)
"""BlazePose's number of each of OpenPose's joints; -1: the neck, the shoulders' middle."""

_MIDDLE, _REACH = 33, 34
"""Beyond the body's points: the hips' middle, and a point of a circle around the whole body."""

_AROUND, _ABOUT = 1.25, 1.2
"""How much larger than that circle, and than the person's outline, a look's square is."""

_CUT, _CUT_BESIDE = 0.02, 0.25
"""How much of an edge above or below, and at a side, is a person whom it cuts off."""

_SCALES, _MORE, _MORE_BESIDE = (1.25, 1.5), (0.25, 0.5, 0.8), 0.5
"""How large looks with room around are, and how much room they have where somebody is cut off
above or below, and at a side; all in sides of the picture."""

_ANY_BODY = 0.3
"""The least score of a look that tells where to look closer."""

_LEAST_FACE, _SAME_FACE = 0.6, 0.3
_WINDOWS = (1.0, 0.55, 0.32)
"""Sides of the windows in which faces are looked for, in parts of the longer side."""

_CELLS = ((16, 2), (8, 6))
"""BlazeFace's maps: cells a side, and answers of each cell."""


@dataclass(frozen=True)
class Face:
    """A face that was found: its box from chin to forehead, and the network's score in 0..1."""

    box: Box
    score: float


@dataclass(frozen=True)
class People:
    """What the networks see in a picture.

    Attributes:
        points: (33, 3) of the foremost person: x and y in pixels, also outside of the picture,
            and how surely the point is there and seen, 0..1.
        score: how sure the pose network is of a body, 0..1.
        body: (H, W) float32, how surely a pixel is this person, by the pose network.
        person: (H, W) float32, how surely it is any person, by the segmentation network.
        faces: the surest first.
    """

    points: NDArray[np.float32]
    score: float
    body: NDArray[np.float32]
    person: NDArray[np.float32]
    faces: tuple[Face, ...]

    @property
    def joints(self) -> NDArray[np.float32]:
        """(18, 3) OpenPose joints in 0..1 of the picture; 0 for what lies outside of it."""
        height, width = self.person.shape
        joints = np.zeros((len(JOINTS), 3), np.float32)
        for i, number in enumerate(_BODY):
            if number >= 0:
                joints[i] = self.points[number]
        right, left = (joints[JOINTS.index(f"{side} shoulder")] for side in ("right", "left"))
        joints[JOINTS.index("neck")] = (*(right[:2] + left[:2]) / 2, min(right[2], left[2]))
        joints[:, :2] /= (width, height)
        joints[((joints[:, :2] < 0) | (joints[:, :2] > 1)).any(1)] = 0
        return joints

    @property
    def agreement(self) -> float:
        """How far the two networks mean the same pixels, 0..1: little where there are several
        people, or none."""
        return overlap(self.body > 0.5, self.person > 0.5)

    @property
    def quality(self) -> float:
        """How far the reading can be believed, 0..1."""
        return self.score * self.agreement * float(self.points[:, 2].mean())

    @property
    def outline(self) -> Mask:
        """(H, W), where this person is: what both networks together rather call so."""
        return (self.body + self.person) / 2 > 0.5


class PeopleNetworks:
    """The three networks; one thread at a time.

    Raises:
        ModelMissing, ModelDamaged: a file is not there, or not the one that was published.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._pose, self._person, self._face = (
            _network(folder / name, sha) for name, sha in FILES.items()
        )

    def see(self, picture: NDArray[np.uint8]) -> People:
        """Look at an RGB picture (H, W, 3)."""
        height, width = picture.shape[:2]
        whole = _frame(width / 2, height / 2, max(height, width), _SIDE)
        person = self._everybody(picture, whole)
        first = self._look(picture, whole, person)
        looks = [first]
        for frame in (_around_body(first.points, max(height, width)), _around_mask(person > 0.5)):
            if frame is not None:
                looks.append(self._look(picture, frame, person))
        best = max(looks, key=lambda look: look.quality)
        return People(best.points[:POINTS], best.score, best.body, person, self.faces(picture))

    def looks(self, picture: NDArray[np.uint8], person: NDArray[np.float32]) -> tuple[People, ...]:
        """Other looks at the foremost person of a picture, each framed in another way.

        The pose network knows whole people, and draws those that an edge of the picture cuts off
        into what it is shown. So each frame leaves room for what is cut off, another one as much
        room as another.

        Args:
            picture: RGB (H, W, 3). person: (H, W), how surely a pixel is any person; see `People`.
        """
        side = max(picture.shape[:2])
        looks: list[People] = []
        for frame in _roomy(person > 0.5):
            look = self._look(picture, frame, person, cv2.BORDER_REPLICATE)
            around = _around_body(look.points, 3 * side) if look.score > _ANY_BODY else None
            looks.append(look)
            if around is not None:
                looks.append(self._look(picture, around, person, cv2.BORDER_REPLICATE))
        return tuple(
            People(look.points[:POINTS], look.score, look.body, person, ()) for look in looks
        )

    def faces(self, picture: NDArray[np.uint8]) -> tuple[Face, ...]:
        """The faces of an RGB picture (H, W, 3), the surest first."""
        height, width = picture.shape[:2]
        frames = _windows(width, height)
        found = [face for frame in frames for face in self._faces_in(picture, frame)]
        kept: list[Face] = []
        for face in sorted(found, key=lambda face: -face.score):
            if all(_shared(face.box, other.box) < _SAME_FACE for other in kept):
                kept.append(face)
        return tuple(kept)

    def _everybody(
        self, picture: NDArray[np.uint8], frame: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """(H, W) how surely each pixel is a person."""
        # Bars of another colour beside a photo would be taken for somebody's edge.
        square = _cut(picture, frame, _SIDE, cv2.BORDER_REPLICATE)
        self._person.setInput(_tensor(square, 0.0))
        return _put_back(self._person.forward()[0, 0], frame, picture)

    def _look(
        self, picture: NDArray[np.uint8], frame: NDArray[np.float64], person: NDArray[np.float32],
        beside: int = 0,
    ) -> People:  # fmt: skip
        """One look of the pose network at a square; `points` has all 39 that it answers."""
        self._pose.setInput(_tensor(_cut(picture, frame, _SIDE, beside), 0.0))
        names = self._pose.getUnconnectedOutLayersNames()
        answers = dict(zip(names, self._pose.forward(names), strict=True))
        told = np.asarray(answers["Identity"], np.float32).reshape(-1, 5)
        back = cv2.invertAffineTransform(frame)
        points = np.empty((len(told), 3), np.float32)
        points[:, :2] = told[:, :2] @ back[:, :2].T + back[:, 2]
        points[:, 2] = _sigmoid(told[:, 3]) * _sigmoid(told[:, 4])
        logits = np.asarray(answers["Identity_2"], np.float32)[0, 0]
        body = _put_back(_sigmoid(logits), frame, picture)
        return People(points, float(answers["Identity_1"].item()), body, person, ())

    def _faces_in(self, picture: NDArray[np.uint8], frame: NDArray[np.float64]) -> Iterator[Face]:
        """The faces in a window."""
        height, width = picture.shape[:2]
        self._face.setInput(_tensor(_cut(picture, frame, _FACE_SIDE), -1.0))
        logits, boxes = self._face.forward(("classificators", "regressors"))
        scores = _sigmoid(np.asarray(logits, np.float32)[0, :, 0])
        back = cv2.invertAffineTransform(frame)
        for i in np.flatnonzero(scores >= _LEAST_FACE):
            middle = _cells()[i] * _FACE_SIDE + boxes[0, i, :2]
            half = boxes[0, i, 2:4] / 2
            corners = np.stack([middle - half, middle + half]) @ back[:, :2].T + back[:, 2]
            edges = np.clip(corners / (width, height), 0, 1)
            (left, top), (right, bottom) = edges.tolist()
            if right > left and bottom > top:
                yield Face((left, top, right, bottom), float(scores[i]))


def _network(path: Path, sha: str) -> cv2.dnn.Net:
    """A network of a file that is the published one."""
    if not path.is_file():
        raise ModelMissing(
            f"The network {path.name} that reads real people is not there: restore the folder "
            f"assets/models/{path.parent.name}."
        )
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha:
        raise ModelDamaged(
            f"The network {path.name} that reads real people is damaged: restore the folder "
            f"assets/models/{path.parent.name}."
        )
    # The new engine, OpenCV's own choice, gives one of the pose network's five answers; from bytes
    # instead of a file OpenCV 5.0 takes it whatever is asked for.
    return cv2.dnn.readNetFromTFLite(str(path), cv2.dnn.ENGINE_CLASSIC)


def _frame(x: float, y: float, side: float, size: int) -> NDArray[np.float64]:
    """(2, 3), from pixels of the picture to those of a square of it, `size` pixels large."""
    scale = size / side
    return np.array([[scale, 0, size / 2 - scale * x], [0, scale, size / 2 - scale * y]])


def _around_body(points: NDArray[np.float32], side: float) -> NDArray[np.float64] | None:
    """The square around the body that a look tells; None for one of no use."""
    (x, y), reach = points[_MIDDLE, :2].tolist(), points[_REACH, :2]
    size = 2 * _AROUND * float(np.hypot(*(reach - points[_MIDDLE, :2])))
    return _frame(x, y, size, _SIDE) if 0.15 * side < size < 3 * side else None


def _around_mask(person: Mask) -> NDArray[np.float64] | None:
    """The square around everything that is a person; None where there is too little of it."""
    if person.mean() < 0.005:
        return None
    left, top, wide, tall = cv2.boundingRect(person.astype(np.uint8))
    x, y = left + (wide - 1) / 2, top + (tall - 1) / 2
    return _frame(x, y, _ABOUT * max(tall, wide), _SIDE)


def _roomy(person: Mask) -> Iterator[NDArray[np.float64]]:
    """Squares around the picture with room where its edges cut the person off."""
    height, width = person.shape
    side = max(height, width)
    top, bottom, left, right = (
        float(edge.any(across).mean()) for edge, across in (
            (person[:2], 0), (person[-2:], 0), (person[:, :2], 1), (person[:, -2:], 1)
        )
    )  # fmt: skip
    above, below = top > _CUT, bottom > _CUT
    beside, after = left > _CUT_BESIDE, right > _CUT_BESIDE
    for scale in _SCALES:
        yield _frame(width / 2, height / 2, scale * side, _SIDE)
    if not (above or below or beside or after):
        yield _frame(width / 2, height / 2, side, _SIDE)
        around = _around_mask(person)
        if around is not None:
            yield around
        return
    for more in _MORE[1:] if above and below and height >= width else _MORE:
        first, last = -more * height * above, height * (1 + more * below)
        start, end = -_MORE_BESIDE * width * beside, width * (1 + _MORE_BESIDE * after)
        yield _frame(
            (start + end) / 2, (first + last) / 2, max(last - first, end - start), _SIDE
        )  # fmt: skip


def _windows(width: int, height: int) -> Iterator[NDArray[np.float64]]:
    """Squares that cover the picture, half over each other."""
    for part in _WINDOWS:
        side = part * max(width, height)
        for y in _middles(height, side):
            for x in _middles(width, side):
                yield _frame(x, y, side, _FACE_SIDE)


def _middles(length: int, side: float) -> Sequence[float]:
    if side >= length:
        return [length / 2]
    count = int(np.ceil((length - side) / (side / 2))) + 1
    return np.linspace(side / 2, length - side / 2, count).tolist()


@cache
def _cells() -> NDArray[np.float64]:
    """(896, 2) the middles that BlazeFace's answers are told from, in 0..1 of its square."""
    places = [
        ((x + 0.5) / cells, (y + 0.5) / cells)
        for cells, each in _CELLS
        for y in range(cells)
        for x in range(cells)
        for _ in range(each)
    ]
    return np.array(places)


def _cut(
    picture: NDArray[np.uint8], frame: NDArray[np.float64], size: int, beside: int = 0
) -> NDArray[np.uint8]:
    """The square of a picture that a frame tells; what lies beside the picture is black, or as
    `beside`, one of OpenCV's borders, says."""
    scale = float(frame[0, 0])
    if scale < 0.5:  # sampling alone would leave out most pixels
        small = (
            max(round(picture.shape[1] * 2 * scale), 1),
            max(round(picture.shape[0] * 2 * scale), 1),
        )
        x, y = small[0] / picture.shape[1], small[1] / picture.shape[0]
        picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA).astype(np.uint8)
        frame = frame @ np.array([[1 / x, 0, 0], [0, 1 / y, 0], [0, 0, 1]])
    return cv2.warpAffine(
        picture, frame, (size, size), flags=cv2.INTER_LINEAR, borderMode=beside
    ).astype(np.uint8)


def _put_back(
    answer: NDArray[np.float32], frame: NDArray[np.float64], picture: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """A square's answer at the picture's places, 0 outside of the square."""
    size = picture.shape[1], picture.shape[0]
    back = cv2.invertAffineTransform(frame)
    return cv2.warpAffine(answer.astype(np.float32), back, size).astype(np.float32)


def _tensor(square: NDArray[np.uint8], lowest: float) -> NDArray[np.float32]:
    """(1, 3, side, side) from `lowest` to 1."""
    values = square.astype(np.float32) / np.float32(255) * np.float32(1 - lowest)
    return np.ascontiguousarray((values + np.float32(lowest)).transpose(2, 0, 1)[None])


def _sigmoid(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return (1 / (1 + np.exp(-np.clip(x, -60, 60)))).astype(np.float32)


def _shared(one: Box, other: Box) -> float:
    """The part of the smaller of two boxes that lies in the other."""
    width = max(min(one[2], other[2]) - max(one[0], other[0]), 0.0)
    height = max(min(one[3], other[3]) - max(one[1], other[1]), 0.0)
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (one, other)]
    return width * height / max(min(areas), 1e-9)
