"""What is done in the References panel: each verb a function from the references to new ones."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PIL import Image

from studio.controls.garment import GARMENT_METHODS, GARMENT_PARTS, MAX_LAMBDA
from studio.desk import photos, wish
from studio.errors import BadInput, ToileError
from studio.pngmeta import png_bytes
from studio.request import MAX_SCALE, MAX_STRENGTH, Pose
from studio.ui.abilities import abilities, usual_sg
from studio.ui.compose import Form, number
from studio.ui.easel import uploaded_bytes
from studio.ui.reference_views import kept, percent, shown
from studio.ui.references import (
    STRENGTH_STOPS,
    Face,
    Garment,
    Person,
    References,
    Stance,
    merged,
    without,
)
from studio.ui.styles import add_style, change_style
from studio.ui.updates import Updates
from studio.vision.poses import squared_pose

if TYPE_CHECKING:
    from studio.engine import Engine
    from studio.ui.studio import Studio

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
    """Do one of the verbs and keep what came of it. Raises BadInput on anything impossible."""
    verb = VERBS.get(str(event.get("verb")))
    if verb is None:
        raise BadInput("That cannot be done with a reference.")
    before = kept(studio.store, project_id)
    after = verb(Step(studio, event, before, form))
    with _KEEPING:
        after = merged(before, after, kept(studio.store, project_id))
        studio.store.save_references(project_id, after.board())
    return {
        **shown(studio.store, studio.room, project_id, after, form, event.get("n")),
        **studio.ready(project_id, form, board),
    }


# Photos


def _put(a: Step) -> References:
    """A photo was given: read it and keep what was found."""
    read = _PUT.get(a.role)
    if read is None:
        raise BadInput("There is no place for this photo: choose a tile of the references.")
    return read(a, a.upload())


def _again(a: Step) -> References:
    """A photo that was used before, or a picture of the gallery."""
    read, sha = _PUT.get(a.role), a.event.get("sha")
    if read is None or not isinstance(sha, str) or not a.studio.store.has_picture(sha):
        raise BadInput("This photo is no longer there: give it again.")
    return read(a, a.studio.store.picture(sha))


def put_garment(a: Step, data: bytes) -> References:
    """The references with another garment; its mask is found, or was cut out by its maker."""
    picture = photos.read_photo(data)
    before = a.now.garment
    usual = usual_sg(a.studio.room)
    garment = Garment(a.keep(picture), sg=usual) if before is None else replace(
        before, picture=a.keep(picture), mask=None, own=False, part="auto", found="", share=0.0,
        said="", problem="",
    )  # fmt: skip
    methods = [name for name, _ in (abilities(a.studio.room) or {}).get("methods", ())]
    if methods and garment.method not in methods:
        garment = replace(garment, method=methods[0])
    clear = photos.cut_out(data, picture.size)
    if clear is not None:
        share = float((clear > 0).mean())
        said = f"garment cut out already, {percent(share)}"
        garment = replace(garment, mask=a.keep(clear), share=share, said=said)
    else:
        garment = _find(a, garment, picture)
    return _dress(a, replace(a.now, garment=garment))


def _put_person(a: Step, data: bytes) -> References:
    taken = photos.take_person(data, a.studio.store)
    return replace(a.now, person=_find_region(a, Person(taken.picture, aspect=taken.aspect)))


def _put_pose(a: Step, data: bytes) -> References:
    picture = photos.read_photo(data)
    pose, said = a.engine.read_pose(picture)
    pose = squared_pose(pose, *picture.size)
    stance = Stance(pose, "read from a photo", _pose_strength(a), said[:300])
    return replace(a.now, stance=stance)


def _put_face(a: Step, data: bytes) -> References:
    sha = a.keep(photos.read_photo(data))
    face = a.now.face
    return replace(a.now, face=replace(face, picture=sha) if face else Face(sha))


_PUT: dict[str, Callable[[Step, bytes], References]] = {
    "garment": put_garment,
    "person": _put_person,
    "pose": _put_pose,
    "face": _put_face,
}


def _find(a: Step, garment: Garment, picture: Image.Image) -> Garment:
    """With the mask that is found; a picture with no garment on it says so and stays."""
    try:
        found = a.engine.garment_mask(picture, garment.part)
        mask = photos.checked(found.mask)
    except ToileError as error:
        return replace(garment, mask=None, own=False, share=0.0, said="", problem=str(error)[:300])
    return replace(
        garment,
        mask=a.keep(mask),
        own=False,
        found=photos.part_found(found),
        share=float((mask > 0).mean()),
        # What is easily found and was not asked for needs no long words.
        said="" if found.source == "ground" and garment.part == "auto" else found.sentence[:300],
        problem="",
    )


def _find_region(a: Step, person: Person) -> Person:
    """With the region that the garment will cover, found without the frame around the photo."""
    photo = photos.unframed(a.studio.store, wish.Person(person.picture, aspect=person.aspect))
    try:
        found = a.engine.tryon_mask(photo, _part(a.now))
        mask = photos.framed(photos.checked(found.mask))
    except ToileError as error:
        return replace(person, mask=None, own=False, share=0.0, said="", problem=str(error)[:300])
    return replace(
        person,
        mask=a.keep(mask),
        own=False,
        share=float((mask > 0).mean()),
        said=str(found.sentence)[:300],
        problem="",
    )


def _part(now: References) -> str:
    """Which part of a person is dressed: the garment's."""
    if now.garment is None:
        return "upper"
    asked = "upper" if now.garment.part == "auto" else now.garment.part
    return now.garment.found or asked


def _dress(a: Step, now: References) -> References:
    """The person's region follows the garment's part, unless it was painted by hand."""
    person = now.person
    if person is None or person.own or _part(now) == _part(a.now):
        return now
    return replace(now, person=_find_region(replace(a, now=now), person))


# Masks


def _mask(a: Step) -> References:
    """A mask that was painted or given."""
    part = a.now.garment if a.role == "garment" else a.now.person if a.role == "person" else None
    if part is None:
        raise BadInput("Give the photo first, then its mask.")
    mask = photos.read_mask(a.upload(), a.photo(part.picture).size)
    changed = replace(
        part, mask=a.keep(mask), own=True, share=float((mask > 0).mean()), said="", problem=""
    )
    return replace(a.now, **{a.role: changed})


def _find_again(a: Step) -> References:
    """The automatic mask instead of a painted one."""
    if a.role == "garment" and (garment := a.now.garment):
        return replace(a.now, garment=_find(a, garment, a.photo(garment.picture)))
    if a.role == "person" and (person := a.now.person):
        return replace(a.now, person=_find_region(a, person))
    raise BadInput("Give the photo first, then its mask.")


# Settings


def _set(a: Step) -> References:
    """One setting of one reference."""
    setting = _SETTINGS.get((a.role, str(a.event.get("what"))))
    part = getattr(a.now, "stance" if a.role == "pose" else a.role, None)
    if setting is None or part is None:
        raise BadInput("That cannot be set: give the photo first.")
    return setting(a, part)


def _between(a: Step, low: float, high: float) -> float:
    value = round(number("strength", a.event.get("value"), such_as="1"), 3)
    if not low <= value <= high:
        raise BadInput(f"The strength is {value:g}: choose a number from {low:g} to {high:g}.")
    return value


def _set_part(a: Step, garment: Garment) -> References:
    part = str(a.event.get("value"))
    if part not in GARMENT_PARTS:
        raise BadInput("Choose which garment of the photo is meant.")
    garment = replace(garment, part=part)
    if not garment.own:
        garment = _find(a, garment, a.photo(garment.picture))
    return _dress(a, replace(a.now, garment=garment))


def _set_method(a: Step, garment: Garment) -> References:
    method = str(a.event.get("value"))
    if method not in GARMENT_METHODS:
        raise BadInput("Choose how the garment's photo is heard.")
    return replace(a.now, garment=replace(garment, method=method))


_SETTINGS: dict[tuple[str, str], Callable[[Step, Any], References]] = {
    ("garment", "part"): _set_part,
    ("garment", "method"): _set_method,
    ("garment", "sg"): lambda a, g: replace(
        a.now, garment=replace(g, sg=_between(a, 0, MAX_SCALE))
    ),
    ("garment", "dressing"): lambda a, g: replace(
        a.now, garment=replace(g, dressing=_between(a, 0, MAX_LAMBDA))
    ),
    ("pose", "strength"): lambda a, p: replace(
        a.now, stance=replace(p, strength=_between(a, 0, MAX_STRENGTH))
    ),
    ("face", "strength"): lambda a, f: replace(
        a.now, face=replace(f, strength=_between(a, 0, MAX_STRENGTH))
    ),
}


def _joints(a: Step) -> References:
    """The stick figure was moved, or a preset was chosen."""
    joints = a.event.get("joints")
    if not isinstance(joints, list):
        raise BadInput("The pose cannot be read: choose one of the poses again.")
    pose = Pose(joints=tuple(joints))
    name = str(a.event.get("name") or "")[:60]
    return replace(a.now, stance=Stance(pose, name, _pose_strength(a)))


def _pose_strength(a: Step) -> float:
    return a.now.stance.strength if a.now.stance else STRENGTH_STOPS["Balanced"]


def _clear(a: Step) -> References:
    if a.role == "styles":
        return replace(a.now, styles=())
    return without(a.now, "stance" if a.role == "pose" else a.role)


VERBS: dict[str, Callable[[Step], References]] = {
    "put": _put,
    "again": _again,
    "clear": _clear,
    "mask": _mask,
    "find": _find_again,
    "set": _set,
    "joints": _joints,
    "style": lambda a: add_style(a.studio.store, a.studio.uploads, a.now, a.event),
    "style_scale": lambda a: change_style(a.now, a.event),
}
"""Verb as the browser names it -> the references after it."""
