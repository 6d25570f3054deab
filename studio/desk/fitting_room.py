"""What is done in the References panel: each verb a function from the references to new ones."""

import contextlib
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.controls.face import FaceControl
from studio.controls.garment import GarmentControl
from studio.controls.pose import PoseControl
from studio.desk import photos
from studio.desk.abilities import abilities, usual_sg
from studio.desk.compose import Form, number
from studio.desk.easel import uploaded_bytes
from studio.desk.garment import look_of
from studio.desk.memory import given_back
from studio.desk.reference_views import kept, percent, shown, tiles
from studio.desk.references import (
    PERSON,
    Note,
    References,
    dressed,
    merged,
    read_references,
    reference_kinds,
)
from studio.desk.styles import add_style, change_style
from studio.desk.together import page_of
from studio.desk.turns import moment
from studio.desk.updates import Updates
from studio.errors import BadInput, ToileError
from studio.gallery import Store
from studio.garment.parse import Reading, parse_prompt
from studio.pngmeta import png_bytes
from studio.request import Control, Pose
from studio.vision.poses import squared_pose

if TYPE_CHECKING:
    from studio.desk.studio import Studio
    from studio.engine import Engine
    from studio.vision.garment_mask import GarmentMask

_KEEPING = threading.Lock()


@dataclass(frozen=True)
class Step:
    """A verb on its way.

    Attributes:
        event: what the browser sent; nothing in it has been checked.
        now: the references before it.
    """

    studio: "Studio"
    event: Mapping[str, Any]
    now: References
    form: Form

    @property
    def role(self) -> str:
        """Which reference is meant."""
        return str(self.event.get("role"))

    def upload(self) -> bytes:
        """The bytes of the file that came with it."""
        return uploaded_bytes(self.event.get("path"), self.studio.uploads)

    @property
    def engine(self) -> "Engine":
        """The engine, which reads photos."""
        return self.studio.room.engine()

    @property
    def words(self) -> Reading:
        """What the words say."""
        return parse_prompt(self.form.prompt)

    def photo(self, sha: str) -> Image.Image:
        """A kept photo."""
        return photos.kept(self.studio.store, sha)

    def keep(self, picture: Any) -> str:
        """Keep a picture or a mask; its SHA-256."""
        return self.studio.store.keep_picture(png_bytes(picture))


def act(
    studio: "Studio", project_id: str, event: Mapping[str, Any], board: Mapping[str, Any],
    form: Form,
) -> Updates:  # fmt: skip
    """Do one of the verbs and keep what came of it. Raises BadInput on anything impossible.

    What belongs to a photo in whose place the same page has given another one meanwhile is dropped,
    and nothing is said of it: the event's `turn` counts what is given in a role.
    """
    verb = VERBS.get(str(event.get("verb")))
    if verb is None:
        raise BadInput("That cannot be done with a reference.")
    turn = studio.turns.begin((page_of(board), project_id, event.get("role")), event.get("turn"))
    if turn.over:
        return {}
    before = kept(studio.store, project_id)
    try:
        with given_back() if event.get("path") else contextlib.nullcontext():
            after = verb(Step(studio, event, before, form))
    except ToileError:
        if turn.over:
            return {}
        raise
    with _KEEPING:
        if turn.over:
            return {}
        after = merged(before, after, kept(studio.store, project_id))
        studio.store.save_references(project_id, after.board())
        at = moment()
    goes_on = event.get("verb") in ("set", "style_scale")
    told = {
        "refs": after.board().document,
        "at": at,
        "step": "typing" if goes_on else True,
        "n": secrets.token_hex(4),
    }
    return {
        **shown(studio.store, studio.room, project_id, after, form, at, event.get("n")),
        **studio.ready(project_id, form, board),
        "board": {"change": told},
    }


def turned(store: Store, project_id: str, wanted: Any) -> tuple[References, int]:
    """The references after a step back or forth, as they are without one; and the moment of it.

    Args:
        wanted: `{"from": document, "to": document}`, what they were after the step and before it;
            what has changed since stays. Nothing in it is trusted.
    """
    with _KEEPING:
        now = kept(store, project_id)
        if not isinstance(wanted, Mapping):
            return now, moment()
        was, to = (read_references(str(wanted.get(n)), store.has_picture) for n in ("from", "to"))
        after = merged(was, to, now)
        store.save_references(project_id, after.board())
        return after, moment()


# Photos


def _put(a: Step) -> References:
    """A photo was given: read it and keep what was found."""
    read = _reader(a.role)
    if read is None:
        raise BadInput("There is no place for this photo: choose a tile of the references.")
    data = a.upload()
    after, remark = read(a, data), photos.remark(data)
    if not remark or after.given(a.role) is None:
        return after
    note = after.note(a.role)
    said = f"{note.said} {remark}".strip()[:300]
    return after.having(a.role, after.given(a.role), note.replaced(said=said))


def _again(a: Step) -> References:
    """A photo that was used before, or a picture of the gallery."""
    read, sha = _reader(a.role), a.event.get("sha")
    if read is None or not isinstance(sha, str) or not a.studio.store.has_picture(sha):
        raise BadInput("This photo is no longer there: give it again.")
    return read(a, a.studio.store.picture(sha))


def _reader(role: str) -> Callable[[Step, bytes], References] | None:
    """What is done with a photo: where nothing is read off it, it is kept as it is."""
    kind = next((k for k in reference_kinds() if k.kind == role), None)
    if role in _READ or kind is None or "picture" not in kind.model_fields:
        return _READ.get(role)
    return lambda a, data: a.now.having_set(
        kind, a.now.note(role), picture=a.keep(photos.read_photo(data))
    )


def _put_garment(a: Step, data: bytes) -> References:
    """The references with another garment; its mask is found, or was cut out by its maker."""
    picture = photos.read_photo(data)
    clear = photos.cut_out(data, picture.size)
    before = a.now.get(GarmentControl)
    values: dict[str, Any] = {"picture": a.keep(picture), "mask": None, "part": "auto"}
    if before is None:
        values["sg"] = usual_sg(a.studio.room)
    methods = (abilities(a.studio.room) or {}).get("methods")
    method = GarmentControl.model_fields["method"].default if before is None else before.method
    if methods and method not in methods:
        values["method"] = methods[0]
    now = a.now.having_set(GarmentControl, Note(), **values)
    if clear is None:
        return _dress(a, _find(a, now, GarmentControl.kind))
    said = f"garment cut out already, {percent(float((clear > 0).mean()))}"
    return _dress(a, _own(a, now, GarmentControl.kind, clear, said))


def _put_person(a: Step, data: bytes) -> References:
    return _find(a, a.now.having(PERSON, photos.take_person(data, a.studio.store)), PERSON)


def _put_pose(a: Step, data: bytes) -> References:
    picture = photos.read_photo(data)
    pose, said = a.engine.read_pose(picture)
    note = Note(name="read from a photo", said=said[:300])
    return a.now.having_set(PoseControl, note, pose=squared_pose(pose, *picture.size))


def _put_face(a: Step, data: bytes) -> References:
    """The references with another face, which is looked for at once; where none is found the
    photo stays, and the face can be marked."""
    picture = photos.read_photo(data)
    try:
        box, said = a.engine.find_face(picture)
        note = Note(said=said[:300])
    except BadInput as error:
        box, note = None, Note(problem=str(error)[:300])
    return a.now.having_set(FaceControl, note, picture=a.keep(picture), box=box)


def _mark_face(a: Step) -> References:
    """The face's box was drawn by hand."""
    face = a.now.get(FaceControl)
    if face is None:
        raise BadInput("Give the photo first, then mark the face.")
    given = face.replaced(box=a.event.get("box"))
    return a.now.having(FaceControl.kind, given, Note(own=True, said="the face was marked by hand"))


_READ: dict[str, Callable[[Step, bytes], References]] = {
    GarmentControl.kind: _put_garment,
    FaceControl.kind: _put_face,
    PERSON: _put_person,
    PoseControl.kind: _put_pose,
}
"""Photos that something is read off."""


# Masks


def _masked(a: Step, now: References, role: str, mask: NDArray[np.uint8], note: Note) -> References:
    """With a mask, and what is said of it."""
    given = now.given(role).replaced(mask=a.keep(mask))
    return now.having(role, given, note.replaced(share=float((mask > 0).mean())))


def _find(a: Step, now: References, role: str) -> References:
    """With the mask that is found; a photo on which there is none says so and stays."""
    try:
        mask, note = _FIND[role](a, now)
    except ToileError as error:
        note = Note(found=now.note(role).found, problem=str(error)[:300])
        return now.having(role, now.given(role).replaced(mask=None), note)
    return _masked(a, now, role, mask, note)


def _own(
    a: Step, now: References, role: str, mask: NDArray[np.uint8], said: str = ""
) -> References:
    """With a mask that is not to be found: painted, given, or cut out by the photo's maker."""
    note = Note(own=True, said=said)
    if role == GarmentControl.kind:
        garment = now.given(role)
        found = a.engine.garment_mask(a.photo(garment.picture), garment.part, mask)
        note = _noted(found).replaced(own=True, said=said)
    else:
        note = note.replaced(found=now.note(role).found)
    return _masked(a, now, role, mask, note)


def _noted(found: "GarmentMask") -> Note:
    """What is kept of a look at a garment."""
    look = look_of(found)
    return Note(found=look.part, sure=look.sure, strange=look.strange, said=found.sentence[:300])


def _find_garment(a: Step, now: References) -> tuple[NDArray[np.uint8], Note]:
    garment = now.given(GarmentControl.kind)
    found = a.engine.garment_mask(a.photo(garment.picture), garment.part)
    note = _noted(found)
    # What is easily found and was not asked for needs no long words.
    if found.source == "ground" and garment.part == "auto" and found.sure and not found.pale:
        note = note.replaced(said="")
    return photos.checked(found.mask), note


def _find_region(a: Step, now: References) -> tuple[NDArray[np.uint8], Note]:
    """The region that the garment will cover, found without the frame around the photo."""
    photo = photos.unframed(a.studio.store, now.given(PERSON))
    part = dressed(now, a.words)
    found = a.engine.tryon_mask(photo, part)
    return photos.framed(photos.checked(found.mask)), Note(found=part, said=found.sentence[:300])


_FIND: dict[str, Callable[[Step, References], tuple[NDArray[np.uint8], Note]]] = {
    GarmentControl.kind: _find_garment,
    PERSON: _find_region,
}
"""What has a mask -> how it is found, and what is said of it."""


def _dress(a: Step, now: References) -> References:
    """The person's region follows the garment's part, unless it was painted by hand."""
    if (
        now.person is None
        or now.note(PERSON).own
        or dressed(now, a.words) == dressed(a.now, a.words)
    ):
        return now
    return _find(a, now, PERSON)


def _mask(a: Step) -> References:
    """A mask that was painted or given."""
    given = _with_mask(a)
    mask = photos.read_mask(a.upload(), a.photo(given.picture).size)
    return _dress(a, _own(a, a.now, a.role, mask))


def _with_mask(a: Step) -> Any:
    """What a mask is meant for."""
    given = a.now.given(a.role) if a.role in _FIND else None
    if given is None:
        raise BadInput("Give the photo first, then its mask.")
    return given


def _find_again(a: Step) -> References:
    """The automatic mask instead of a painted one."""
    _with_mask(a)
    return _find(a, a.now, a.role)


# Settings

_SETTINGS = ("part", "method", "sg", "weight", "strength")
"""What can be set, of the controls that have it."""


def _set(a: Step) -> References:
    """One setting of one reference."""
    control, what = a.now.given(a.role), str(a.event.get("what"))
    if not isinstance(control, Control) or what not in _SETTINGS or not hasattr(control, what):
        raise BadInput("That cannot be set: give the photo first.")
    value, note = a.event.get("value"), a.now.note(a.role)
    if isinstance(getattr(control, what), float):
        value = round(number("strength", value, such_as="1"), 3)
    now = a.now.having(a.role, control.replaced(**{what: value}), note)
    if what == "part" and not note.own:
        now = _find(a, now, a.role)
    elif (
        isinstance(control, GarmentControl) and control.mask and what == "part"
    ):  # the mask stays, what is told of it may change
        mask = photos.kept_mask(a.studio.store, control.mask, a.photo(control.picture).size)
        now = _own(a, now, a.role, mask, note.said)
    return _dress(a, now)


def _joints(a: Step) -> References:
    """The stick figure was moved, or a preset was chosen."""
    joints = a.event.get("joints")
    if not isinstance(joints, list):
        raise BadInput("The pose cannot be read: choose one of the poses again.")
    note = Note(name=str(a.event.get("name") or "")[:60])
    return a.now.having_set(PoseControl, note, pose=Pose(joints=tuple(joints)))


def _clear(a: Step) -> References:
    if a.role not in {tile["role"] for tile in tiles()}:
        raise BadInput("There is no such reference.")
    return a.now.having(a.role, None)


VERBS: dict[str, Callable[[Step], References]] = {
    "put": _put,
    "again": _again,
    "clear": _clear,
    "mask": _mask,
    "find": _find_again,
    "set": _set,
    "joints": _joints,
    "mark": _mark_face,
    "style": lambda a: add_style(a.studio.store, a.studio.uploads, a.now, a.event),
    "style_scale": lambda a: change_style(a.now, a.event),
}
"""Verb as the browser names it -> the references after it."""
