"""How a person stands who tries a garment on: read from their own photo.

What is painted anew knows of the person only what is left around it. With the joints of the body
that wears it, arms and legs that the old garment hid are painted where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Protocol

from PIL import Image

from studio.errors import BadInput, ModelMissing
from studio.request import GenerationRequest
from studio.requestparts import Pose
from studio.vision.pictures import load_picture
from studio.vision.poses import squared_pose


class PoseReader(Protocol):
    """What finds a person's joints: an engine whose model has a perception network."""

    def read_pose(self, picture: Image.Image) -> tuple[Pose, str]:
        """The joints, and how they were found. Raises BadInput or ModelMissing."""
        ...


def with_tryon_pose(
    request: GenerationRequest,
    conditions: Collection[str],
    eyes: PoseReader | None,
    read: Callable[[str], bytes],
) -> GenerationRequest:
    """The request with the pose of the person who tries the garment on.

    It stays as it is where a pose is given, where nobody tries a garment on, where the model
    hears no pose, and where no body can be found in the photo.

    Args:
        conditions: what the model hears, see `studio.engine.Capabilities`.
        eyes: what reads the photo, or None.
        read: the bytes of a picture of the request, by its SHA-256.
    """
    tried = request.garment_image is not None and request.mask is not None
    if request.pose is not None or not tried or "pose" not in conditions or eyes is None:
        return request
    assert request.init_image is not None  # a mask has one, see GenerationRequest
    photo = load_picture(read(request.init_image.sha256))
    try:
        pose, _ = eyes.read_pose(photo)
    except (BadInput, ModelMissing):
        return request  # a headless or a foreign figure: the model is left to what is around it
    return replace(request, pose=squared_pose(pose, *photo.size), read_pose=True)
