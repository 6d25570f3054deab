"""What stands in for a drawing that nobody made: the garment's usual lines, and its wearer's pose.

Where a pose is given, or read from the photo of whoever tries a garment on, the lines are drawn on
that body.

The garment is the one that the words name. Where they name a wearer and no garment ("a woman in
the park wearing this"), it is the one on the garment photo, as far as perception is sure of it.
A photo of a garment like that also says how it is cut and what is on it: its neckline and sleeves,
its buttons and pockets, as far as the words and the board leave that open.
"""

from __future__ import annotations

from dataclasses import replace

from studio.controls.components import ComponentsControl
from studio.controls.garment import GarmentControl
from studio.controls.pose import PoseControl
from studio.controls.sketch import SketchControl
from studio.desk import photos
from studio.desk.wish import Eyes, Files, Hears
from studio.garment.figure import Wearer, Worn
from studio.garment.flats import Flat
from studio.garment.parse import Reading, parse_prompt
from studio.garment.placement import components_as_shown
from studio.garment.shape import may_be_shown, shape_as_shown, usual_shape, worn_region
from studio.garment.spec import GarmentSpec
from studio.garment.vocabulary import POSES, GarmentType
from studio.pngmeta import png_bytes
from studio.request import GenerationRequest, Pose, Recorded

_SIDE = 256
"""The lines are drawn as large as the board keeps its ink."""


def with_usual_shape(
    recorded: Recorded,
    model: Hears,
    eyes: Eyes,
    files: Files,
    exact: bool = True,
    part: str = "",
) -> Recorded:
    """With the usual shape where nothing says how the garment lies.

    A drawing says it, and so does a start picture unless somebody tries the garment on; a face
    without a body in the words does not go with a garment that is laid flat.

    Args:
        model: what it hears; one that does not see does not look at the garment's photo either.
        exact: whether the components of a garment's photo are placed.
        part: what the garment's photo was decided to be for, see `studio.desk.garment`.

    Raises:
        BadInput: the garment photo cannot be read, or shows no garment.
    """
    request = recorded.request
    given = request.get(PoseControl)
    tried_on = (
        request.start is not None and request.start.kind == "try-on"
        and request.get(GarmentControl) is not None and given is not None
    )  # fmt: skip
    if request.get(SketchControl) is not None or (request.start is not None and not tried_on):
        return recorded
    if not ({"sketch"} if given else {"sketch", "pose"}) & model.conditions:
        return recorded
    wearer = _wearer(request)
    reading = parse_prompt(request.words.prompt)
    if wearer is not None and reading.pose is None:
        reading = replace(reading, pose=POSES[0])  # somebody wears it, whatever the words say
    shown, like = None, None
    if model.sees:
        shown = _shown(request, reading, wearer, eyes, files)
        like = shown or _plain(request, reading, part, eyes, files)
    if like is None:
        shape = usual_shape(reading, wearer)
    else:
        shape = shape_as_shown(request.words.prompt, like, wearer or reading.pose)
    if shape is None:
        return _posed(recorded, reading, part, model) if wearer is None else recorded
    if isinstance(shape, Flat) and any(c.on_somebody for c in request.controls):
        return recorded
    if "sketch" in model.conditions:
        lines = files.keep_picture(png_bytes(shape.ink(_SIDE)))
        recorded = recorded.having_found(SketchControl(picture=lines), "usual_shape")
    if isinstance(shape, Worn) and wearer is None and "pose" in model.conditions:
        pose = PoseControl(pose=_on_picture(shape, request))
        recorded = recorded.having_found(pose, "usual_shape")
    said_so = request.get(ComponentsControl) is not None or reading.requests
    if shown is not None and not said_so and exact and "components" in model.conditions:
        placed = components_as_shown(shape.spec, shown.components, wearer or reading.pose)
        if placed:
            recorded = recorded.having_found(ComponentsControl(components=placed), "garment")
    return recorded


def _on_picture(shape: Worn, request: GenerationRequest) -> Pose:
    """The joints of a drawn wearer in a picture of any shape."""
    from studio.vision.framing import from_board
    from studio.vision.poses import pose_of
    from studio.vision.skeleton import from_coco

    size = request.sampling.width, request.sampling.height
    joints = pose_of(from_coco(shape.keypoints)).joints
    return Pose(joints=tuple(None if j is None else from_board(*j, *size) for j in joints))


def _wearer(request: GenerationRequest) -> Wearer | None:
    """The joints of the request's pose by name, on the board."""
    from studio.request import JOINTS
    from studio.vision.framing import to_board

    control = request.get(PoseControl)
    if control is None:
        return None
    size = request.sampling.width, request.sampling.height
    return {
        name: to_board(*joint, *size)
        for name, joint in zip(JOINTS, control.pose.joints, strict=True)
        if joint is not None
    }


def _posed(recorded: Recorded, reading: Reading, part: str, model: Hears) -> Recorded:
    """With the pose that the words name, where a garment's photo says what it is for and no lines
    are drawn on it: whoever wears it stands as the words say."""
    from studio.vision.poses import preset_pose

    request = recorded.request
    free = request.start is None and request.get(PoseControl) is None
    if reading.pose is None or not part or not free or request.get(GarmentControl) is None:
        return recorded
    if "pose" not in model.conditions:
        return recorded
    pose = preset_pose(reading.pose, worn_region(reading, part))
    return recorded.having_found(PoseControl(pose=pose), "usual_shape")


def _plain(
    request: GenerationRequest, reading: Reading, part: str, eyes: Eyes, files: Files
) -> GarmentSpec | None:
    """The plainest garment like the one on a photo, where words name none.

    A dress or trousers of which only the outline is known are drawn so: without lines the model
    makes a top of them. A top of unknown cut is left to the model, which makes one anyway.
    """
    garment = request.get(GarmentControl)
    if garment is None or reading.pose is None or "garment" in reading.stated:
        return None
    if part not in ("lower", "dress"):
        return None
    told = photos.look(garment, eyes, files).told
    if told is None:
        return None
    kind = told.kind(part)
    sleeves = max(kind.sleeves, key=lambda word: told.sleeves.get(word, 0.0))
    neckline = max(kind.necklines, key=lambda word: told.necklines.get(word, 0.0))
    return GarmentSpec(kind.name, neckline=neckline, sleeves=sleeves)


def _shown(
    request: GenerationRequest, reading: Reading, wearer: Wearer | None, eyes: Eyes, files: Files
) -> GarmentSpec | None:
    """The garment on the photo, if the words mean it or one that is cut as they say."""
    garment = request.get(GarmentControl)
    if garment is None or (reading.pose is None and "garment" not in reading.stated):
        return None
    said = reading.garment.type if "garment" in reading.stated else None
    shown = shown_garment(garment, eyes, files, said)
    if shown is None or not may_be_shown(reading, shown):
        return None
    return None if shape_as_shown(request.words.prompt, shown, wearer) is None else shown


def shown_garment(
    garment: GarmentControl, eyes: Eyes, files: Files, said: GarmentType | None = None
) -> GarmentSpec | None:
    """Type, neckline, sleeves and components of the garment on a photo.

    Args:
        said: the type that the words name, if any.

    Returns:
        None where its photo does not tell it for sure, see `known_type`, or where the user says
        that it is for another part of the body. Without components where perception, which finds
        them, sees the garment in another place than its mask.

    Raises:
        BadInput: the photo cannot be read, or shows no garment.
    """
    from studio.vision.garment_mask import known_type, may_be_for, same_place

    found = photos.look(garment, eyes, files)
    known = known_type(found.told, said)
    if known is None or not may_be_for(known, garment.part):
        return None
    assert found.told is not None
    neckline, sleeves = found.told.agreed.neckline, found.told.agreed.sleeves
    (seen,) = eyes.see([photos.kept(files, garment.picture)])
    there = same_place(seen.mask, found.mask)
    components = seen.components if there else ()
    return GarmentSpec(known.name, neckline=neckline, sleeves=sleeves, components=components)
