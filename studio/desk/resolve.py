"""From a wish to a request: the only place that places components, looks at photos, adds the usual
shape, finds a mask or a pose, falls back or leaves out, and says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from studio.controls.components import ComponentsControl
from studio.controls.face import FaceControl
from studio.controls.garment import GarmentControl
from studio.controls.pose import PoseControl
from studio.controls.sketch import SketchControl
from studio.desk import photos, shape
from studio.desk.garment import (
    UNNAMED,
    Decision,
    GarmentUnknown,
    Look,
    Question,
    decide,
    look_of,
)
from studio.desk.references import warnings
from studio.desk.wish import Eyes, Files, Hears, Wish
from studio.engine.sizes import shape_of
from studio.errors import BadInput, ModelMissing
from studio.garment.document import Document, Group
from studio.garment.following import document_of, follow_prompt
from studio.garment.parse import Reading, parse_prompt
from studio.garment.placement import garment_for, place_requests
from studio.garment.requests import ComponentRequest, apply_requests
from studio.garment.shape import worn_region
from studio.garment.spec import Component
from studio.pngmeta import png_bytes
from studio.request import (
    TRYON_STRENGTH,
    Control,
    GenerationRequest,
    Model,
    Pose,
    Recorded,
    Sampling,
    Start,
    Words,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

ControlT = TypeVar("ControlT", bound=Control)

_LET_GO = ((0.0, 0.3), (0.6, 0.6), (1.0, 1.0), (2.0, 1.0))
"""Sketch strength -> the part of the steps in which it is heard: a loose sketch lets go early,
so that the model may finish the drawing in its own way."""


@dataclass(frozen=True)
class Resolved:
    """A wish that has been settled.

    Attributes:
        recorded: the request, and what was found for it.
        notes: one sentence for each thing that was left out or done in another way.
        told: one for each thing that was found; the page has shown them at its tiles.
        asks: which garment is meant, where that is not known and these pictures do not hang on
            it; the page asks above its tiles.
    """

    recorded: Recorded
    notes: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    asks: Question | None = None

    @property
    def said(self) -> tuple[str, ...]:
        """All of it, for whoever has not seen the page."""
        asked = [self.asks.on_command_line] if self.asks else []
        return (*self.notes, *self.told, *asked)

    @property
    def request(self) -> GenerationRequest:
        """What decides the pictures."""
        return self.recorded.request


def resolve(wish: Wish, model: Hears, eyes: Eyes, files: Files) -> Resolved:
    """Settle a wish for a model.

    Args:
        model: what it can hear, and what suits it.
        eyes: what looks at photos.
        files: where the wish's pictures are; what is found is kept there too.

    Raises:
        BadInput: something in the wish cannot be used.
        ModelMissing, ModelDamaged: what has to be looked at cannot be.
    """
    reading = parse_prompt(wish.prompt)
    garment = _first(wish, GarmentControl)
    sketch = _first(wish, SketchControl)
    size = wish.size or _size(wish, model)
    controls: list[Control] = [
        _posed(c, size) if isinstance(c, PoseControl) else c
        for c in wish.controls
        if not isinstance(c, GarmentControl | SketchControl)
    ]
    decision = decide(None, reading)
    told: tuple[str, ...] = ()
    if garment is not None:
        garment, decision, told = _with_mask(garment, wish.look, reading, eyes, files)
        if decision.asks and _matters(wish, reading, model):
            raise GarmentUnknown(decision.asks)
        controls.append(garment)
    part = decision.part
    ink = None
    if sketch is not None:
        from studio.vision.pictures import read_ink

        ink = read_ink(files.picture(sketch.picture))
        controls.append(sketch_heard(sketch))
    placed = _placed(wish, reading, ink, garment is not None)
    if placed:
        boxes = tuple(_on_picture(c, *size) for c in placed)
        controls.append(ComponentsControl(components=boxes, strength=wish.component_strength))
    pose, posed = _pose(wish, reading, part, eyes, files)
    if pose is not None:
        controls.append(_posed(pose, size))
    start, dressed = _start(wish, part, eyes, files)
    request = GenerationRequest(
        words=Words(
            prompt=wish.prompt.strip(),
            negative=wish.negative.strip(),
            st=model.st if wish.st is None else wish.st,
        ),
        sampling=Sampling(
            steps=wish.steps, sampler=wish.sampler, seed=wish.seed, count=wish.count,
            width=size[0], height=size[1],
        ),
        controls=tuple(controls),
        start=start,
    )  # fmt: skip
    fitted = for_model(Recorded(request=request), model, size)
    recorded, face = _with_face(fitted.recorded, eyes, files)
    recorded = with_tryon_pose(recorded, model, eyes, files)
    if wish.shaped:
        recorded = shape.with_usual_shape(recorded, model, eyes, files, exact=wish.exact, part=part)
    notes = (note for note in (posed, dressed, face) if note)
    apart = warnings(request.words.st, request.get(GarmentControl), sketch is not None)
    told = (*told, *([decision.note] if decision.note else []), *apart)
    return Resolved(recorded, (*fitted.notes, *notes), told, decision.asks)


def for_model(recorded: Recorded, model: Hears, size: tuple[int, int] | None = None) -> Resolved:
    """A request without what a model cannot hear, at a size that suits it.

    A garment is heard in another way where the model does not know the one that is asked for.

    Args:
        size: width and height; None for the request's shape as it suits the model.
    """
    request, notes = recorded.request, []
    width, height = size or _suited(request, model)
    request = request.sampled(width=width, height=height)
    request = request.replaced(model=Model(name=model.model, weights=request.model.weights))
    for control in request.controls:
        if control.needs() <= model.conditions:
            continue
        instead = control.heard_by(model.conditions)
        kept = tuple(c for c in request.controls if c is not control)
        request = request.replaced(controls=kept if instead is None else (*kept, instead))
        how = "it is left out" if instead is None else f"it is heard {instead.way}"
        notes.append(f"The model {model.model} cannot {control.unheard}: {how}.")
    return Resolved(recorded.with_request(request), tuple(notes))


def _size(wish: Wish, model: Hears) -> tuple[int, int]:
    """The size of a wish that names none.

    Where no shape is chosen it is that which the garment's weights were trained for; a person's
    photo is framed in a square.
    """
    square = model.side, model.side
    if wish.shape:
        return model.shapes.get(wish.shape, square)
    garment = _first(wish, GarmentControl)
    heard = None if garment is None else garment.heard_by(model.conditions)
    if heard is None or wish.person is not None:
        return square
    # Where both ways hear it, the size is that of Magic Clothing's extractor ("garment").
    needs = sorted(heard.needs(), reverse=True)
    return next((model.sizes[name] for name in needs if name in model.sizes), square)


def _suited(request: GenerationRequest, model: Hears) -> tuple[int, int]:
    """The size of a stored request, as this model can make it: its own where the model has made
    such a size, else the model's for its shape."""
    own = request.sampling.width, request.sampling.height
    if len(model.shapes) > 1 and request.model.name == model.model:
        return own
    return model.shapes.get(shape_of(own), (model.side, model.side))


def _posed(control: PoseControl, size: tuple[int, int]) -> PoseControl:
    """A pose of the square board in a picture of any shape."""
    from studio.vision.framing import from_board

    if size[0] == size[1]:
        return control
    joints = tuple(None if j is None else from_board(*j, *size) for j in control.pose.joints)
    return control.replaced(pose=Pose(joints=joints))


def sketch_heard(sketch: SketchControl) -> SketchControl:
    """The sketch in the steps that suit its strength, where no others are given."""
    if (sketch.start, sketch.end) != (0, 1):
        return sketch
    at, ends = zip(*_LET_GO, strict=True)
    return sketch.replaced(end=float(np.interp(sketch.strength, at, ends)))


def _first(wish: Wish, kind: type[ControlT]) -> ControlT | None:
    return next((c for c in wish.controls if isinstance(c, kind)), None)


def _with_mask(
    garment: GarmentControl, seen: Look | None, reading: Reading, eyes: Eyes, files: Files
) -> tuple[GarmentControl, Decision, tuple[str, ...]]:
    """The garment with a mask, what is decided of it, and what is told of both.

    Args:
        seen: what the photo told when it was looked at, if it was.
    """
    said_all = garment.part != "auto"  # with a mask the user has: nothing need be looked at
    if garment.mask is not None and (seen is not None or said_all):
        decision = decide(seen or Look(), reading, garment.part)
        return garment, decision, (decision.said,) if decision.said else ()
    found = photos.look(garment, eyes, files)
    decision = decide(look_of(found), reading, garment.part)
    told = (f"{found.sentence} {decision.said}".strip(),)
    if garment.mask is not None:
        return garment, decision, told
    mask = files.keep_picture(png_bytes(photos.checked(found.mask)))
    return garment.replaced(mask=mask), decision, told


def _matters(wish: Wish, reading: Reading, model: Hears) -> bool:
    """Whether the part of the body changes the picture, so that it must be known."""
    if wish.person is not None and wish.person.mask is None:
        return True
    if wish.posed_by == "name":
        return True
    drawn = any(isinstance(control, SketchControl) for control in wish.controls)
    free = not wish.shaped or drawn or wish.start is not None
    if free or not model.sees or not {"sketch", "pose"} & model.conditions:
        return False
    return reading.pose is not None or any(isinstance(c, PoseControl) for c in wish.controls)


def _placed(
    wish: Wish, reading: Reading, ink: NDArray[np.uint8] | None, photo: bool
) -> tuple[Component, ...]:
    """The components that are asked for at exact places: all of them; where a garment's photo
    shows its own, only those that somebody has placed by hand."""
    document = wish.parts or Document()
    if wish.exact and not photo:
        document = follow_prompt(document, reading, ink, reading)
    else:
        document = Document(tuple(g for g in document.groups if g.source == "user"))
    if wish.asked:
        document = with_asked(document, wish.asked, reading, ink)
    return document.components()


def with_asked(
    document: Document,
    asked: Sequence[ComponentRequest],
    reading: Reading,
    ink: NDArray[np.uint8] | None,
) -> Document:
    """The document with components that were asked for beside the words.

    They stand in for what the words say of their kind; a row that is there already gets their
    number and keeps its ends, as in the page's table.

    Raises:
        BadInput: the garment cannot have them, or not all of them at once.
    """
    kinds = {request.kind for request in asked}
    bare = reading.garment.with_components(
        tuple(c for c in reading.garment.components if c.kind not in kinds)
    )
    reading = replace(reading, requests=(), garment=bare)
    apply_requests(garment_for(reading, asked), asked)
    new: dict[str, Group] = {}
    for request in asked:  # each as the page's table adds it, whatever else is asked for
        fresh = document_of(place_requests(reading, ink, (request,))).groups
        new |= {group.id: group for group in fresh}
    kept: list[Group] = []
    for group in document.groups:
        if one := new.pop(group.id, None):
            boxes = tuple(c.box for c in one.components() if c.box)
            kept.append(replace(group.with_count(one.count, boxes), source="user"))
        elif group.kind not in kinds or group.source == "user":
            kept.append(group)
    return Document((*kept, *new.values()))


def _on_picture(component: Component, width: int, height: int) -> Component:
    """A component of the square board in a picture of any shape."""
    from studio.vision.framing import from_board

    if component.box is None or width == height:
        return component
    left, top, right, bottom = component.box
    box = (*from_board(left, top, width, height), *from_board(right, bottom, width, height))
    return replace(component, box=box)


def _pose(
    wish: Wish, reading: Reading, part: str, eyes: Eyes, files: Files
) -> tuple[PoseControl | None, str]:
    """The pose that is named or shown on a photo, and what is told of the photo's."""
    from studio.vision.poses import preset_pose, squared_pose

    if wish.posed_by == "name":
        return PoseControl(pose=preset_pose(wish.pose, worn_region(reading, part))), ""
    if wish.posed_by == "photo":
        photo = photos.kept(files, wish.pose)
        pose, said = eyes.read_pose(photo)
        return PoseControl(pose=squared_pose(pose, *photo.size)), said
    return None, ""


def _start(wish: Wish, part: str, eyes: Eyes, files: Files) -> tuple[Start | None, str]:
    """What is started from, and what is told of the region that was found."""
    person, said = wish.person, ""
    if person is None:
        return wish.start, said
    mask = person.mask
    if mask is None:
        # Found without the frame around the photo.
        found = eyes.tryon_mask(photos.unframed(files, person), part or "upper")
        mask = files.keep_picture(png_bytes(photos.framed(photos.checked(found.mask))))
        said = found.sentence if part else f"{found.sentence} {UNNAMED}"
    start = Start(
        kind="try-on", picture=person.picture, mask=mask, strength=TRYON_STRENGTH,
        aspect=person.aspect,
    )  # fmt: skip
    return start, said


def _with_face(recorded: Recorded, eyes: Eyes, files: Files) -> tuple[Recorded, str]:
    """With the box of a face that nobody has marked, and what is told of it."""
    face = recorded.request.get(FaceControl)
    if face is None or face.box is not None:
        return recorded, ""
    box, said = eyes.find_face(photos.kept(files, face.picture))
    request = recorded.request.with_control(face.replaced(box=box))
    return recorded.with_request(request), said


def with_tryon_pose(recorded: Recorded, model: Hears, eyes: Eyes, files: Files) -> Recorded:
    """With the pose of the person who tries the garment on, read from their own photo.

    What is painted anew knows of the person only what is left around it. With the joints of the
    body that wears it, arms and legs that the old garment hid are painted where they are. A
    headless or a foreign figure, on which no body is found, is left to what is around it.
    """
    request = recorded.request
    start = request.start
    if (
        start is None or start.kind != "try-on" or request.get(GarmentControl) is None
        or request.get(PoseControl) is not None
        or "pose" not in model.conditions or not model.sees
    ):  # fmt: skip
        return recorded
    from studio.vision.poses import squared_pose

    photo = photos.kept(files, start.picture)
    try:
        pose, _ = eyes.read_pose(photo)
    except (BadInput, ModelMissing):
        return recorded
    found = PoseControl(pose=squared_pose(pose, *photo.size))
    return recorded.having_found(found, "person")
