"""What a picture shall refer to beside words and drawing: controls with a tile, and a person.

One document for each project, kept as JSON. It names its pictures by their SHA-256; nothing in a
stored document is trusted, since a project file can come from anywhere.
"""

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from studio.controls.face import FaceControl
from studio.controls.garment import GARMENT_PARTS, GUIDED, GarmentControl
from studio.controls.pose import PoseControl
from studio.desk.garment import Decision, Look, decide
from studio.desk.wish import TWO_POSES, Person
from studio.errors import BadInput
from studio.forms import SHAPELESS, read_object
from studio.gallery import ReferenceBoard
from studio.garment.parse import Reading
from studio.request import Control, Controlled, Controls, Part, Recorded, control_kinds, files_of
from studio.request.parts import one_of, part_of

PartT = TypeVar("PartT", bound=Part)

log = logging.getLogger(__name__)

FORMAT = 2
"""Version of the document; the first had everything of a reference in one object."""

USUAL_SG = 2.5
"""sG of Magic Clothing, until the loaded model has told its own."""

_SG_WORDS: dict[str, float] = {"Loose": 0.6, "Balanced": 1.0, "Exact": 1.6}

FAR_APART = 5.5
"""Beyond this difference of sT and sG garment detail suffers; 7.5 and 2.5 go well together."""

PERSON = "person"
"""The role of who tries the garment on; the roles of all others are the kinds of controls."""

_NEEDED = {
    GarmentControl.kind: "The garment photo has no mask: paint one.",
    PERSON: "The person's photo has no region to repaint: paint one.",
}
"""What needs a mask, and what is said where none was even looked for."""

_Sentence = Annotated[str, StringConstraints(max_length=300)]


class Note(Part):
    """What was found or said about one reference; it decides no pixel.

    Attributes:
        own: whether the mask was painted or given, not found.
        found: the part of the body that a garment was found to be for; of a person, the part
            that the region is for.
        sure: whether a garment's photo tells that for sure; None where nobody has looked.
        strange: what it seems to be rather than one garment.
        share: part of the picture that the mask covers.
        name: where a pose comes from. said: what the finder says; of a garment only of its mask,
            since what it is taken for is decided anew with every word.
        problem: why there is no mask, one sentence.
    """

    title: ClassVar[str] = "note"
    own: bool = False
    found: Annotated[str, one_of("garment part", lambda: ("", *GARMENT_PARTS))] = ""
    sure: bool | None = None
    strange: _Sentence = ""
    share: Annotated[float, Field(ge=0, le=1)] = 0.0
    name: _Sentence = ""
    said: _Sentence = ""
    problem: _Sentence = ""

    @field_validator("said")
    @classmethod
    def _nothing_decided(cls, said: str) -> str:
        """Older documents kept what the garment was taken for, too."""
        return re.sub(r" and is taken for [^.]*", "", said)


_NOTHING = Note()


class References(Controlled):
    """All of it.

    Attributes:
        controls: what is heard beside words and drawing.
        person: who tries the garment on.
        notes: role -> what was found or said about it.
    """

    title: ClassVar[str] = "references"
    controls: Controls = ()
    person: Person | None = None
    notes: Mapping[str, Note] = Field(default_factory=dict)

    @field_validator("notes")
    @classmethod
    def _about_something(cls, notes: Mapping[str, Note], info: ValidationInfo) -> dict[str, Note]:
        there = {control.kind for control in info.data.get("controls", ())}
        if info.data.get("person"):
            there.add(PERSON)
        return {role: note for role, note in notes.items() if role in there and note != _NOTHING}

    def given(self, role: str) -> Any:
        """What is given in a role: a control, the person, a tuple where there may be several;
        None for nothing."""
        if role == PERSON:
            return self.person
        given = tuple(control for control in self.controls if control.kind == role)
        several = given and given[0].most > 1
        return given if several else next(iter(given), None)

    def note(self, role: str) -> Note:
        """What was found or said about a reference."""
        return self.notes.get(role, _NOTHING)

    def having(self, role: str, given: Any, note: Note = _NOTHING) -> Self:
        """With something else in a role, in the forms of `given`."""
        notes = {**self.notes, role: note}
        if role == PERSON:
            return self.replaced(person=given, notes=notes)
        new = given if isinstance(given, tuple) else (given,) if given else ()
        others = (control for control in self.controls if control.kind != role)
        return self.replaced(controls=(*others, *new), notes=notes)

    def having_set(self, kind: type[Control], note: Note, **values: Any) -> Self:
        """With a control whose other values stay as they are, or as they usually are."""
        before = self.get(kind)
        return self.having(kind.kind, before.replaced(**values) if before else kind(**values), note)

    @property
    def problem(self) -> str:
        """Why no picture can be made with it now, one sentence; else empty."""
        if self.person is not None and self.get(PoseControl) is not None:
            return TWO_POSES
        for role, need in _NEEDED.items():
            given = self.given(role)
            if given is not None and not given.mask:
                return self.note(role).problem or need
        face = self.get(FaceControl)
        if face is not None and face.box is None and self.note(FaceControl.kind).problem:
            return self.note(FaceControl.kind).problem
        return ""

    def files(self) -> dict[str, str]:
        """Role -> SHA-256 of every file that it names, under the roles of a request."""
        return files_of(self.controls) | (self.person.files() if self.person else {})

    def board(self) -> ReferenceBoard:
        """What the store keeps."""
        data = {"format": FORMAT, **self.model_dump(mode="json", exclude_defaults=True)}
        return ReferenceBoard(
            json.dumps(data, ensure_ascii=False), tuple(sorted(self.files().items()))
        )


def reference_kinds() -> list[type[Control]]:
    """The controls that are given as references, in the order of their tiles."""
    kinds = [(kind.tile.place, kind) for kind in control_kinds().values() if kind.tile]
    return [kind for _, kind in sorted(kinds, key=lambda one: one[0])]


def references_in(document: str) -> References:
    """The inverse of `References.board`, and of its first form, whatever files are kept.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        data = read_object(document)
        read: References = part_of(
            References, data if data.pop("format", 1) == FORMAT else _upgraded(data)
        )
    except SHAPELESS as error:
        raise BadInput("The references cannot be read: give them again.") from error
    return read


def read_references(document: str, stored: Callable[[str], bool]) -> References:
    """What a project refers to; what cannot be read starts anew.

    Args:
        stored: whether a file of this SHA-256 is kept; what names another one is left out.
    """
    try:
        read = references_in(document)
    except BadInput:
        log.warning("a project's references could not be read and start anew")
        return References()

    def whole(part: Control | Person) -> bool:
        return all(map(stored, part.files().values()))

    return read.replaced(
        controls=tuple(control for control in read.controls if control.tile and whole(control)),
        person=read.person if read.person and whole(read.person) else None,
    )


def _upgraded(data: dict[str, Any]) -> dict[str, Any]:
    """A document of the first form: what was found or said stood among a reference's values."""
    controls: list[dict[str, Any]] = []
    person, notes = None, {}
    for style in data.pop("styles", ()):
        values = {"name": style["name"], "sha256": style["sha256"], "strength": style["scale"]}
        controls.append({"kind": "style", **values})
    for name, values in data.items():
        if not values:
            continue
        role = "pose" if name == "stance" else name
        notes[role] = {key: values.pop(key) for key in Note.model_fields if key in values}
        if "dressing" in values:
            values["weight"] = values.pop("dressing")
        if "joints" in values:
            values["pose"] = {"joints": values.pop("joints")}
        if role == PERSON:
            person = values
        else:
            controls.append({"kind": role, **values})
    return {"controls": controls, "person": person, "notes": notes}


def references_of(recorded: Recorded) -> References:
    """What a stored picture referred to."""
    request, notes = recorded.request, {PoseControl.kind: Note(name="as in the picture")}
    start, person = request.start, None
    if start is not None and start.kind == "try-on":
        person = Person(picture=start.picture, mask=start.mask, aspect=start.aspect or 1.0)
        notes[PERSON] = Note(own=True)
    if (garment := request.get(GarmentControl)) and garment.mask:
        notes[GarmentControl.kind] = Note(own=True)
    controls = (c for c in request.controls if c.tile and c.kind not in recorded.found)
    return References(controls=tuple(controls), person=person, notes=notes)


def merged(before: References, after: References, now: References) -> References:
    """What a verb has changed, laid over what the references are by now: while a mask was being
    found, somebody may have moved a slider."""
    for role in (PERSON, *control_kinds()):
        was, new, there = ((r.given(role), r.note(role)) for r in (before, after, now))
        if new == was:
            continue
        if all(isinstance(given, Part) for given, _ in (was, new, there)):
            new = _laid(was[0], new[0], there[0]), _laid(was[1], new[1], there[1])
        now = now.having(role, *new)
    return now


def _laid(before: PartT, after: PartT, now: PartT) -> PartT:
    """What differs between two, laid over a third of their kind."""
    return now.replaced(**{name: v for name, v in after if v != getattr(before, name)})


def decided(now: References, words: Reading) -> Decision:
    """What is decided of the garment, as far as its photo has been looked at."""
    garment = now.get(GarmentControl)
    if garment is None or not garment.mask:
        return decide(None, words)
    seen = looked(now)
    decision = decide(seen or Look(now.note(GarmentControl.kind).found), words, garment.part)
    return decision if seen else replace(decision, asks=None)


def looked(now: References) -> Look | None:
    """What the garment's photo told when it was looked at; None where it was not."""
    note = now.note(GarmentControl.kind)
    return None if note.sure is None else Look(note.found, note.sure, note.strange)


def dressed(now: References, words: Reading) -> str:
    """Which part of a person is dressed: the garment's, or what the words name."""
    return decided(now, words).part or "upper"


def warnings(st: float, garment: GarmentControl | None, drawn: bool) -> list[str]:
    """Sentences where text, drawing and garment do not go well together."""
    apart = far_apart(st, garment)
    return [text for text in (_DRAWN if garment and drawn else "", apart) if text]


_DRAWN = (
    "The drawing on the board decides the shape and how the garment lies: clear the board to let "
    "the photo do so."
)


def sg_stops(usual: float = USUAL_SG) -> dict[str, float]:
    """Words for sG, the garment guidance, around what suits the model."""
    return {word: round(part * usual, 1) for word, part in _SG_WORDS.items()}


def far_apart(st: float, garment: GarmentControl | None) -> str:
    """A sentence where the strengths of text and garment do not go well together; else empty."""
    if garment is None or garment.method not in GUIDED or abs(st - garment.sg) <= FAR_APART:
        return ""
    lower, higher = ("garment", "text") if st > garment.sg else ("text", "garment")
    return (
        f"Text {st:g} and garment {garment.sg:g} lie far apart, which distorts the garment's "
        f"details: raise the {lower} or lower the {higher}."
    )
