"""One request, and the form in which it is stored."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, TypeVar, get_args

from pydantic import BeforeValidator, Field, SerializeAsAny, model_validator

from studio.errors import BadInput
from studio.forms import NotJson, read_json
from studio.request.control import Control, kind_of
from studio.request.parts import Model, Part, Sampling, Start, Words, part_of, text

FORMAT = 2
"""Version of the JSON form; a larger number comes from a newer Toile."""

ControlT = TypeVar("ControlT", bound=Control)

Origin = Literal["usual_shape", "person", "garment"]
"""Where the machine found a control: in the usual shape of what the words name, in the photo of
who tries the garment on, or in the garment's photo."""


def _controls(data: object) -> tuple[Control, ...]:
    if not isinstance(data, list | tuple):
        raise BadInput("The controls must be a list.")
    controls = sorted((kind_of(one) for one in data), key=lambda c: (c.order, c.kind))
    for kind, count in Counter(type(one) for one in controls).items():
        if count > kind.most:
            raise BadInput(
                f"{count} are too many at once of this kind ({kind.title}): choose {kind.most}"
                f"{' or fewer' if kind.most > 1 else ''}."
            )
    return tuple(controls)


def files_of(controls: Iterable[Control]) -> dict[str, str]:
    """Role -> SHA-256 of every file that controls need: "sketch", "garment_mask", "style 1", …"""
    named: dict[str, str] = {}
    met: Counter[str] = Counter()
    for control in controls:
        met[control.kind] += 1
        for role, sha in control.files().items():
            named[f"{role} {met[control.kind]}" if control.most > 1 else role] = sha
    return named


Controls = Annotated[tuple[SerializeAsAny[Control], ...], BeforeValidator(_controls)]
"""Any number of controls in the order of their kinds, no more of a kind than it allows."""


class Controlled(Part):
    """A part with controls."""

    if TYPE_CHECKING:  # a field of each, where its place among the others is
        controls: Controls

    def get(self, kind: type[ControlT]) -> ControlT | None:
        """The control of a kind, or None."""
        return next((c for c in self.controls if isinstance(c, kind)), None)

    def all(self, kind: type[ControlT]) -> tuple[ControlT, ...]:
        """All controls of a kind."""
        return tuple(c for c in self.controls if isinstance(c, kind))

    def with_control(self, control: Control) -> Self:
        """The same with this control in the place of that of its kind."""
        kept = tuple(c for c in self.controls if type(c) is not type(control))
        return self.replaced(controls=(*kept, control))

    def without(self, *kinds: type[Control]) -> Self:
        """The same without the controls of some kinds."""
        return self.replaced(controls=tuple(c for c in self.controls if not isinstance(c, kinds)))


class GenerationRequest(Controlled):
    """What is asked for, settled: all that decides a picture, and nothing else.

    Attributes:
        words: what to show and to avoid. sampling: how the way is walked.
        controls: what is heard beside the words, in the order of their kinds.
        start: the picture that is started from, if any.
        model: which one, and which weights.

    Raises:
        BadInput: a value that cannot be used; the sentence says what to give instead.
    """

    words: Annotated[Words, BeforeValidator(lambda v: part_of(Words, v))] = Words()
    sampling: Annotated[Sampling, BeforeValidator(lambda v: part_of(Sampling, v))] = Sampling()
    controls: Controls = ()
    start: Start | None = None
    model: Annotated[Model, BeforeValidator(lambda v: part_of(Model, v))] = Model()

    title: ClassVar[str] = "request"

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        said = self.words.prompt.strip() or self.words.garment or self.start
        if not said and not any(control.says_what for control in self.controls):
            raise BadInput("Describe the garment, draw it, or place a component first.")
        return self

    def picture(self, index: int) -> GenerationRequest:
        """The request of picture `index` (from 0) alone: one picture, its own seed."""
        if not 0 <= index < self.sampling.count:
            raise ValueError(f"picture {index} of {self.sampling.count}")
        return self.sampled(seed=self.sampling.seed + index, count=1)

    def sampled(self, **changes: Any) -> GenerationRequest:
        """The same with another sampling."""
        return self.replaced(sampling=self.sampling.replaced(**changes))

    def unpinned(self) -> GenerationRequest:
        """The same request for whatever weights are installed."""
        return self.replaced(model=self.model.replaced(weights=""))

    def files(self) -> dict[str, str]:
        """Role -> SHA-256 of every file that it needs: "sketch", "init_image", "style 1", …"""
        named = files_of(self.controls)
        if self.start is not None:
            named["init_image"] = self.start.picture
            if self.start.mask is not None:
                named["mask"] = self.start.mask
        return named

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dictionary without the fields that have their default value."""
        return self.model_dump(mode="json", exclude_defaults=True)


def _origins(data: object) -> dict[str, str]:
    if not isinstance(data, Mapping):
        raise BadInput("What was found must be a JSON object with named fields.")
    for kind, origin in data.items():
        if origin not in get_args(Origin):
            raise BadInput(f"The {kind} was found in an unknown place: leave the mark out.")
    return dict(data)


class Recorded(Part):
    """A request as it is kept with a picture, and beside it what the machine found for it.

    Attributes:
        request: what decides the picture.
        found: where the controls come from that nobody gave, by their kind. It decides no pixel,
            but what was found is not judged, and it is found again rather than brought back.
        heard: the words as the model was told them, empty where that is how they were written or
            where no picture has been made yet.

    Raises:
        BadInput: a mark without its control.
    """

    title: ClassVar[str] = "request"
    request: Annotated[GenerationRequest, BeforeValidator(lambda v: part_of(GenerationRequest, v))]
    found: Annotated[Mapping[str, Origin], BeforeValidator(_origins)] = Field(default_factory=dict)
    heard: Annotated[str, text("words that were heard")] = ""

    @model_validator(mode="after")
    def _has_what_was_found(self) -> Self:
        there = {control.kind for control in self.request.controls}
        if missing := sorted(set(self.found) - there):
            raise BadInput(
                f"The {missing[0]} is marked as found, and there is none: leave the mark out."
            )
        return self

    def given(self, kind: type[ControlT]) -> ControlT | None:
        """The control of a kind if somebody gave it; None where it was found or is not there."""
        return None if kind.kind in self.found else self.request.get(kind)

    def with_request(self, request: GenerationRequest, heard: str = "") -> Recorded:
        """What was found, for a request made out of this one.

        Args:
            heard: the words as the model was told them, where a picture has been made.
        """
        there = {control.kind for control in request.controls}
        found: dict[str, Origin] = {k: v for k, v in self.found.items() if k in there}
        return Recorded(request=request, found=found, heard=heard)

    def having_found(self, control: Control, origin: Origin) -> Recorded:
        """With a control that the machine has found, for a picture that is still to be made."""
        found: dict[str, Origin] = {**self.found, control.kind: origin}
        return Recorded(request=self.request.with_control(control), found=found)

    def to_json(self) -> str:
        """One line of JSON; the inverse of `from_json`."""
        data: dict[str, Any] = {"format": FORMAT, "request": self.request.to_dict()}
        if self.found:
            data["found"] = dict(self.found)
        if self.heard:
            data["heard"] = self.heard
        return json.dumps(data, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Recorded:
        """Read the stored form, of this version or an older one.

        Raises:
            BadInput: it is none, or one of a newer Toile.
        """
        try:
            data = read_json(text)
        except NotJson:
            raise BadInput("The request is not valid JSON: copy it again in full.") from None
        if not isinstance(data, dict):
            raise BadInput("The request must be a JSON object with named fields.")
        version = data.pop("format", 1)
        if isinstance(version, int) and version > FORMAT:
            raise BadInput("The request was written by a newer Toile: update this one first.")
        if version != FORMAT:
            from studio.request.format1 import upgraded

            data = upgraded(data)
        return cls(**data)
