"""The networks that judge, as protocols, and which of them judge a model's pictures.

The bundled family is judged by bundled networks, so that everybody can measure again without a
network connection. Published models are judged by published networks where their weights are on
the machine. Every network says its name, and reports repeat it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


class PointFeatures(Protocol):
    """Finds corresponding points of two pictures.

    Attributes:
        name: for reports.
        masked: whether the network wants what is outside the garment's mask black.
    """

    name: str
    masked: bool

    def features(self, pictures: NDArray[np.uint8]) -> Tensor:
        """(n, C, h, w) float32 for pictures (n, H, W, 3), to be compared by their cosine."""
        ...


class PatchDistance(Protocol):
    """How different two small pictures look; 0 for equal ones."""

    name: str

    def distances(self, one: NDArray[np.uint8], other: NDArray[np.uint8]) -> Tensor:
        """(n,) float32 for patches (n, S, S, 3) in pairs."""
        ...


class ImageText(Protocol):
    """Brings pictures and texts into one space."""

    name: str

    def images(self, pictures: Sequence[NDArray[np.uint8]]) -> Tensor:
        """(n, D) unit vectors of RGB pictures (H, W, 3)."""
        ...

    def texts(self, texts: Sequence[str]) -> Tensor:
        """(n, D) unit vectors."""
        ...


class FaceVectors(Protocol):
    """Brings faces into a space where a person's pictures lie together."""

    name: str

    def faces(self, pictures: Sequence[NDArray[np.uint8]]) -> Sequence[Tensor | None]:
        """A unit vector (D,) for each RGB picture (H, W, 3), None where no face is seen."""
        ...


@dataclass(frozen=True)
class Judges:
    """Networks that judge together.

    Attributes:
        points, patches: for MP-LPIPS.
        words: for CLIP-T and CLIP-I, and the caption's part of CAMI-S; None where there is none.
        faces: for the face's part of CAMI-S; None where there is none.
        missing: a sentence for each judge that is not there.
    """

    points: PointFeatures
    patches: PatchDistance
    words: ImageText | None = None
    faces: FaceVectors | None = None
    missing: tuple[str, ...] = ()

    def told(self) -> str:
        """Who judged, as a sentence for reports."""
        told = [f"MP-LPIPS: points by {self.points.name}, patches by {self.patches.name}"]
        if self.words is not None:
            told.append(f"CLIP-T and CLIP-I by {self.words.name}")
        if self.faces is not None:
            told.append(f"faces by {self.faces.name}")
        return " ".join(("; ".join(told) + ".", *self.missing))
