"""What stands in for a drawing that nobody made: the garment's usual lines, and its wearer's pose.

Where a pose is given, or read from the photo of whoever tries a garment on, the lines are drawn on
that body.

The garment is the one that the words name. Where they name a wearer and no garment ("a woman in
the park wearing this"), it is the one on the garment photo, as far as perception is sure of it.
A photo of a garment like that also says how it is cut and what is on it: its neckline and sleeves,
its buttons and pockets, as far as the words and the board leave that open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from PIL import Image

from studio.garment.figure import Wearer, Worn
from studio.garment.flats import Flat
from studio.garment.parse import Reading, parse_prompt
from studio.garment.placement import components_as_shown
from studio.garment.shape import may_be_shown, shape_as_shown, usual_shape
from studio.garment.spec import GarmentSpec
from studio.garment.vocabulary import POSES, GarmentType
from studio.request import JOINTS, GenerationRequest, ImageRef
from studio.requestparts import Pose
from studio.vision.framing import from_board, to_board
from studio.vision.garment_mask import known_type, may_be_for, user_mask
from studio.vision.pictures import ink_png, load_picture
from studio.vision.poses import pose_of
from studio.vision.skeleton import from_coco

if TYPE_CHECKING:
    from studio.vision.garment_mask import GarmentMask
    from studio.vision.perception import Seen

_SIDE = 256
"""The lines are drawn as large as the board keeps its ink."""


class Eyes(Protocol):
    """What reads pictures: an engine whose model has a perception network."""

    def see(self, images: Sequence[Image.Image]) -> list[Seen]:
        """What is in each picture."""
        ...

    def garment_mask(self, picture: Image.Image, part: str = "auto") -> GarmentMask:
        """Where the garment is in its picture. Raises BadInput where there is none."""
        ...


def with_usual_shape(
    request: GenerationRequest,
    conditions: Collection[str],
    eyes: Eyes | None,
    read: Callable[[str], bytes],
) -> tuple[GenerationRequest, dict[str, bytes]]:
    """The request with the usual shape where nothing says how the garment lies.

    A drawing says it, and so does a start picture unless somebody tries the garment on; a face
    without a body in the words does not go with a garment that is laid flat.

    Args:
        conditions: what the model hears, see `studio.engine.Capabilities`.
        eyes: what looks at a garment photo where the words leave the garment to it, or None.
        read: the bytes of a picture of the request, by its SHA-256.

    Returns:
        The request, and the pictures that are new in it by their SHA-256.

    Raises:
        BadInput: the garment photo cannot be read, or shows no garment.
    """
    tried_on = request.mask and request.garment_image and request.pose
    if request.sketch is not None or (request.init_image is not None and not tried_on):
        return request, {}
    helpful = {"sketch"} if request.pose else {"sketch", "pose"}
    if not helpful & set(conditions):
        return request, {}
    wearer = _wearer(request)
    reading = parse_prompt(request.prompt)
    if wearer is not None and reading.pose is None:
        reading = replace(reading, pose=POSES[0])  # somebody wears it, whatever the words say
    shown = _shown(request, reading, wearer, eyes, read)
    if shown is None:
        shape = usual_shape(reading, wearer)
    else:
        shape = shape_as_shown(request.prompt, shown, wearer or reading.pose)
    if shape is None or (isinstance(shape, Flat) and request.face_image is not None):
        return request, {}
    files: dict[str, bytes] = {}
    if "sketch" in conditions:
        ink = ink_png(shape.ink(_SIDE))
        sketch = ImageRef.of(ink)
        files[sketch.sha256] = ink
        own = request.pose is not None and not request.read_pose
        request = replace(request, sketch=sketch, usual_shape=True, own_pose=own)
    if isinstance(shape, Worn) and wearer is None and "pose" in conditions:
        joints = pose_of(from_coco(shape.keypoints)).joints
        size = request.width, request.height
        pose = Pose(tuple(None if j is None else from_board(*j, *size) for j in joints))
        request = replace(request, pose=pose)
    said_so = request.components or reading.requests
    if shown is not None and not said_so and "components" in conditions:
        placed = components_as_shown(shape.spec, shown.components, wearer or reading.pose)
        request = replace(request, components=placed, shown_components=bool(placed))
    return request, files


def _wearer(request: GenerationRequest) -> Wearer | None:
    """The joints of the request's pose by name, on the board."""
    if request.pose is None:
        return None
    size = request.width, request.height
    return {
        name: to_board(*joint, *size)
        for name, joint in zip(JOINTS, request.pose.joints, strict=True)
        if joint is not None
    }


def _shown(
    request: GenerationRequest,
    reading: Reading,
    wearer: Wearer | None,
    eyes: Eyes | None,
    read: Callable[[str], bytes],
) -> GarmentSpec | None:
    """The garment on the photo, if the words mean it or one that is cut as they say."""
    if eyes is None or request.garment_image is None:
        return None
    if reading.pose is None and "garment" not in reading.stated:
        return None
    said = reading.garment.type if "garment" in reading.stated else None
    shown = shown_garment(request, eyes, read, said)
    if shown is None or not may_be_shown(reading, shown):
        return None
    return None if shape_as_shown(request.prompt, shown, wearer) is None else shown


def shown_garment(
    request: GenerationRequest,
    eyes: Eyes,
    read: Callable[[str], bytes],
    said: GarmentType | None = None,
) -> GarmentSpec | None:
    """Type, neckline, sleeves and components of the garment on the request's garment photo.

    Args:
        said: the type that the words name, if any.

    Returns:
        None where perception is not sure of it, see `known_type`, or where the user says that it
        is for another part of the body.

    Raises:
        BadInput: the photo cannot be read, or shows no garment.
    """
    assert request.garment_image is not None
    photo = load_picture(read(request.garment_image.sha256))
    asked = request.garment_part
    if request.garment_mask is None:
        mask = eyes.garment_mask(photo, asked).mask > 127
    else:
        mask = user_mask(load_picture(read(request.garment_mask.sha256)), photo.size) > 127
    (seen,) = eyes.see([photo])
    garment = known_type(seen, mask, said=said)
    if garment is None or not may_be_for(garment, asked):
        return None
    return GarmentSpec(
        garment.name, neckline=seen.neckline.name, sleeves=seen.sleeves.name,
        components=seen.components,
    )  # fmt: skip
