"""Perception: what a picture shows, in the vocabulary's words, with boxes.

It judges generated pictures in the studio and in the evaluation, so its own accuracy on held-out
renders is always published beside what it judges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from studio.garment.spec import Component
from studio.vision.certainty import Certainty
from studio.vision.framing import Pictures, from_square, on_square, rgb_pixels
from studio.vision.heatmaps import DOUBT, Peak, decode, moved
from studio.vision.network import ATTRIBUTES, KINDS, PerceptionConfig, PerceptionNet
from studio.vision.places import name_places
from studio.vision.surroundings import FACE_ATTRIBUTES, FLAT, SCENE_ATTRIBUTES, decode_joints

__all__ = [
    "ATTRIBUTES", "KINDS", "SCENE_ATTRIBUTES", "Guess", "Perception", "PerceptionConfig",
    "PerceptionNet", "Seen",
]  # fmt: skip

_JOINT_SEEN = 0.25


@dataclass(frozen=True)
class Guess:
    """An answer and the network's probability for it."""

    name: str
    probability: float


@dataclass(frozen=True)
class Seen:
    """What perception sees in one picture.

    Attributes:
        components: with boxes in 0..1 of the picture, strongest first.
        scores: each component's heatmap score in 0..1, in the components' order.
        mask: (H, W) of the picture, 255 where the garment is.
        scene: "flat lay", or the ground behind a wearer; None if the weights do not know it.
        person, skin, hair, hair_style, pose: of the wearer; None for a flat lay, the first and
            the hair also where no face is seen.
        keypoints: (17, 3) COCO joints: x and y in 0..1 of the picture, score in 0..1; None for a
            flat lay.
        odds: attribute -> word -> probability, all of them.
        counts: kind of component -> how many there are for certain, and how many there may be.
    """

    garment: Guess
    colour: Guess
    pattern: Guess
    neckline: Guess
    sleeves: Guess
    components: tuple[Component, ...]
    scores: tuple[float, ...]
    mask: NDArray[np.uint8]
    scene: Guess | None = None
    person: Guess | None = None
    skin: Guess | None = None
    hair: Guess | None = None
    hair_style: Guess | None = None
    pose: Guess | None = None
    keypoints: NDArray[np.float32] | None = None
    odds: Mapping[str, Mapping[str, float]] = field(default_factory=dict[str, Mapping[str, float]])
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    def count(self, kind: str) -> int:
        """How many components of a kind."""
        return sum(c.kind == kind for c in self.components)

    def sure(self, kind: str) -> bool:
        """Whether nothing speaks for another number of them."""
        fewest, most = self.counts.get(kind, (0, 0))
        return fewest == most

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: each answer with its probability, each component with box and score."""
        result: dict[str, Any] = {
            name: {
                "name": getattr(self, name).name,
                "probability": round(getattr(self, name).probability, 4),
            }
            for name in (*ATTRIBUTES, *SCENE_ATTRIBUTES)
            if getattr(self, name) is not None
        }
        result["components"] = [
            {
                "kind": c.kind,
                "place": c.place,
                "box": [round(v, 4) for v in c.box or ()],
                "score": round(score, 4),
            }
            for c, score in zip(self.components, self.scores, strict=True)
        ]
        if self.keypoints is not None:
            result["keypoints"] = np.round(self.keypoints.astype(float), 4).tolist()
        return result


class Perception:
    """The trained network with everything around it: pictures in, words and boxes out.

    Attributes:
        certainty: what was fixed of how sure one may be of it on photographs; None for nothing.
    """

    def __init__(
        self,
        net: PerceptionNet,
        device: torch.device | str = "cpu",
        certainty: Certainty | None = None,
    ):
        self.certainty = certainty
        self.device = torch.device(device)
        self.net = net.to(self.device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]

    @classmethod
    def load(cls, folder: Path, device: torch.device | str = "cpu") -> Perception:
        """Load a perception folder. Raises ModelMissing or ModelDamaged."""
        return cls(PerceptionNet.from_pretrained(folder), device, Certainty.load(folder))

    def see(self, pictures: Pictures, batch_size: int = 16) -> list[Seen]:
        """Look at pictures.

        Args:
            pictures: PIL pictures of any size, or uint8 (N, H, W, 3).
            batch_size: pictures per pass of the network.

        Raises:
            BadInput: a picture without pixels.
        """
        seen: list[Seen] = []
        for start in range(0, len(pictures), batch_size):
            seen += self._see_batch([rgb_pixels(p) for p in pictures[start : start + batch_size]])
        return seen

    @torch.no_grad()
    def _see_batch(self, pictures: list[NDArray[np.uint8]]) -> list[Seen]:
        squares = np.stack([on_square(p, self.net.config.size) for p in pictures])
        batch = torch.from_numpy(squares).to(self.device)
        batch = (batch.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(
            memory_format=torch.channels_last
        )
        with torch.autocast(self.device.type, torch.bfloat16):
            answers = self.net(batch)
        config = self.net.config
        peaks = decode(
            answers["heatmaps"], answers["sizes"], answers["offsets"],
            config.kinds, [moved(t, -DOUBT) for t in config.thresholds],
        )  # fmt: skip
        limits = dict(zip(config.kinds, config.thresholds, strict=True))
        masks = (answers["mask"].float().sigmoid() * 255).round().byte()[:, 0].cpu().numpy()
        guesses: dict[str, list[Guess]] = {}
        odds: list[dict[str, Mapping[str, float]]] = [{} for _ in pictures]
        for name, words in config.attributes.items():
            shares = answers[name].float().softmax(dim=1).cpu()
            for one, row in zip(odds, shares.tolist(), strict=True):
                one[name] = dict(zip(words, row, strict=True))
            best, index = shares.max(dim=1)
            guesses[name] = [
                Guess(words[int(i)], float(p)) for i, p in zip(index, best, strict=True)
            ]
        joints = None
        if "joints" in answers:
            joints = decode_joints(answers["joints"]).cpu().numpy().astype(np.float32)
        return [
            _seen(
                {k: v[i] for k, v in guesses.items()}, odds[i], peaks[i], limits, masks[i],
                picture.shape[:2], None if joints is None else joints[i],
            )
            for i, picture in enumerate(pictures)
        ]  # fmt: skip


def _counts(peaks: Sequence[Peak], limits: Mapping[str, float]) -> dict[str, tuple[int, int]]:
    """Of each kind how many there are for certain, and how many there may be."""
    return {
        kind: (
            sum(p.kind == kind and p.score >= moved(limit, DOUBT) for p in peaks),
            sum(p.kind == kind for p in peaks),
        )
        for kind, limit in limits.items()
    }


def _seen(
    guesses: Mapping[str, Guess],
    odds: Mapping[str, Mapping[str, float]],
    peaks: Sequence[Peak],
    limits: Mapping[str, float],
    small: NDArray[np.uint8],
    shape: tuple[int, int],
    joints: NDArray[np.float32] | None,
) -> Seen:
    """Bring one picture's answers from the square back to the picture of `shape`; what lies above
    its kind's limit is a component, the other peaks are only doubts."""
    height, width = shape
    side = max(shape)
    left, top = (side - width) // 2, (side - height) // 2
    counts = _counts(peaks, limits)
    peaks = [p for p in peaks if p.score >= limits[p.kind]]
    whole = cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR)
    cut = whole[top : top + height, left : left + width]
    mask = np.where(cut > 127, 255, 0).astype(np.uint8)
    boxes = [from_square(p.box, height, width) for p in peaks]
    centres = [((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in boxes]
    places = name_places([p.kind for p in peaks], centres, guesses["garment"].name, mask)
    components = tuple(
        Component(peak.kind, place, box)
        for peak, place, box in zip(peaks, places, boxes, strict=True)
    )
    told, joints = _asked(guesses, joints)
    if joints is not None:
        joints = joints.copy()
        joints[:, 0] = (joints[:, 0] * side - left) / width
        joints[:, 1] = (joints[:, 1] * side - top) / height
    scores = tuple(p.score for p in peaks)
    return Seen(
        **told, components=components, scores=scores, mask=mask, keypoints=joints, odds=odds,
        counts=counts,
    )  # fmt: skip


def _asked(
    guesses: Mapping[str, Guess], joints: NDArray[np.float32] | None
) -> tuple[dict[str, Guess], NDArray[np.float32] | None]:
    """The guesses and joints that mean something: nobody wears a flat lay."""
    if "scene" not in guesses or guesses["scene"].name != FLAT:
        # The nose stands for the face: what has none was never asked for its hair in training.
        faceless = joints is not None and joints[0, 2] < _JOINT_SEEN
        left_out = FACE_ATTRIBUTES if faceless else ()
    else:
        left_out, joints = tuple(n for n in SCENE_ATTRIBUTES if n != "scene"), None
    return {k: v for k, v in guesses.items() if k not in left_out}, joints
