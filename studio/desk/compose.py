"""From what is on the page to one `Wish`, and from a stored request back to the page."""

import dataclasses
import json
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio.controls.components import ComponentsControl
from studio.controls.garment import GarmentControl
from studio.controls.sketch import SketchControl
from studio.desk.references import PERSON, References, decided, dressed, looked
from studio.desk.wish import Person, Wish
from studio.engine.sizes import SHAPES, Size, shape_of
from studio.errors import BadInput
from studio.forms import read_object
from studio.garment.document import Document
from studio.garment.parse import parse_prompt
from studio.request import MAX_SEED, Control, GenerationRequest, Recorded, Start

USUAL_ST = 4.0
"""sT of the bundled model, until the loaded one has told its own."""

_TEXT_WORDS: dict[str, float] = {"Loose": 0.5, "Balanced": 1.0, "Strict": 1.75}

SKETCH_STOPS: dict[str, float] = {"Loose": 0.6, "Balanced": 1.0, "Strict": 1.3}
"""Words for the strength of the sketch."""

VARY_STOPS: dict[str, float] = {"subtle": 0.45, "strong": 0.75}
"""How far a variation goes from the picture it starts from."""

FIX_STRENGTH = 0.9
"""How far a repair goes: almost from nothing, but with the cloth's colour still underneath."""


@dataclass(frozen=True)
class Form:
    """The page's fields. Numbers may be anything the browser sent until `compose` checks them.

    Attributes:
        exact: place the components that the prompt names at exact places.
        shaped: where nothing is drawn, let the usual shape of the named garment stand in.
        locked: keep the seed; otherwise the next request draws a new one.
        shape: of the picture, one of `studio.engine.sizes.SHAPES`; empty for what suits the model.
    """

    prompt: str = ""
    negative: str = ""
    exact: bool = True
    shaped: bool = True
    text: Any = USUAL_ST
    sketch: Any = SKETCH_STOPS["Balanced"]
    count: Any = 2
    seed: Any = ""
    locked: bool = False
    steps: Any = 20
    sampler: str = "unipc"
    shape: str = ""

    def to_json(self) -> str:
        """JSON for the project's draft."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Form":
        """Read a draft; what it does not have, or no longer means anything, keeps its default.

        Raises:
            BadInput: it is none.
        """
        return cls(**fitting(dataclasses.asdict(cls()), read_object(text)))


def fitting(known: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of some values whose names are known, and which are what stands there where that is a
    text, or true or false."""
    return {
        name: value
        for name, value in values.items()
        if name in known
        and (not isinstance(known[name], str | bool) or type(value) is type(known[name]))
    }


def text_stops(st: float = USUAL_ST) -> dict[str, float]:
    """Words for sT, the text guidance, around what suits the model."""
    return {word: round(part * st, 1) for word, part in _TEXT_WORDS.items()}


def shape_choices(shapes: Mapping[str, Size] | None = None) -> list[tuple[str, str]]:
    """The shapes of a picture as the page offers them, with the sizes that a model has for them."""
    sizes = {name: "{} × {}".format(*size) for name, size in (shapes or {}).items()}
    named = [(f"{title} {sizes.get(name, '')}".rstrip(), name) for name, title in SHAPES.items()]
    return [("What suits the model", ""), *named]


def word_for(stops: Mapping[str, float], value: Any) -> str | None:
    """The word whose stop a number is, or None between two stops."""
    return next((word for word, stop in stops.items() if stop == value), None)


def number(name: str, value: Any, such_as: str = "7.5") -> float:
    """A finite number from a field; a comma is taken for a decimal point.

    Args:
        such_as: what the sentence gives as an example.

    Raises:
        BadInput: it is none.
    """
    try:
        found = float(str(value).strip().replace(",", "."))
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise BadInput(f"The {name} is not a number: type one, such as {such_as}.")
    return found


def whole(name: str, value: Any) -> int:
    """A whole number from a field. Raises BadInput where it is none."""
    text = str(value).strip()
    sign, digits = (text[0], text[1:]) if text.startswith(("+", "-")) else ("", text)
    if digits.isascii() and digits.isdigit() and len(digits) <= 40:
        return int(sign + digits)
    found = number(name, value, such_as="7")
    if found != int(found):
        raise BadInput(f"The {name} must be a whole number, not {text[:20]}.")
    return int(found)


def seed_of(value: Any) -> int:
    """The seed in a field. Raises BadInput, one sentence, on anything but 0..MAX_SEED."""
    seed = whole("seed", value)
    if not 0 <= seed <= MAX_SEED:
        raise BadInput(f"The seed must lie between 0 and {MAX_SEED}: press Shuffle for a new one.")
    return seed


def new_seed(of: str = "") -> int:
    """A seed short enough to be read out across a table; for the same name always the same."""
    numbers = random.Random(of) if of else random.SystemRandom()
    return numbers.randrange(1, 1_000_000)


def compose(
    form: Form,
    ink_sha: str | None,
    parts: Document | None = None,
    references: References | None = None,
) -> Wish:
    """The wish of the page's fields and drawing.

    Args:
        ink_sha: the stored ink PNG, or None for an empty board.
        parts: the board's components; None takes those that the prompt names.
        references: what the project refers to; None for nothing.

    Raises:
        BadInput: a field or a reference that cannot be used.
    """
    references = references or References()
    if references.problem:
        raise BadInput(references.problem)
    # A strength that cannot be is refused over an empty board too.
    strength = Control(strength=number("sketch strength", form.sketch)).strength
    sketch = (SketchControl(picture=ink_sha, strength=strength),) if ink_sha else ()
    return Wish(
        prompt=form.prompt,
        negative=form.negative,
        controls=(*sketch, *references.controls),
        parts=parts if form.exact else None,
        exact=form.exact,
        shaped=form.shaped,
        look=looked(references),
        person=_person(references, form),
        st=number("text strength", form.text),
        steps=whole("number of steps", form.steps),
        sampler=form.sampler,
        seed=seed_of(form.seed),
        count=whole("number of variants", form.count),
        shape=form.shape or "",
    )


def _person(references: References, form: Form) -> Person | None:
    """The person; without the region where that was found for another part of the body than the
    garment and the words mean by now, so that it is found anew."""
    person, note = references.person, references.note(PERSON)
    if person is None or note.own:
        return person
    words = parse_prompt(form.prompt)
    meant = note.found in ("", dressed(references, words))
    return person if meant and not decided(references, words).asks else person.replaced(mask=None)


def form_of(recorded: Recorded, now: Form) -> Form:
    """The fields that would make a stored picture again; the rest stays as it is now."""
    request = recorded.request
    sketch = request.get(SketchControl)
    return replace(
        now,
        prompt=request.words.prompt,
        negative=request.words.negative,
        exact=now.exact or recorded.given(ComponentsControl) is not None,
        shaped="sketch" in recorded.found or (now.shaped if sketch else False),
        text=request.words.st,
        sketch=sketch.strength if sketch else SKETCH_STOPS["Balanced"],
        seed=str(request.sampling.seed),
        locked=True,
        steps=request.sampling.steps,
        sampler=request.sampling.sampler,
        shape=shape_of((request.sampling.width, request.sampling.height)),
    )


def vary(
    request: GenerationRequest, picture_sha: str, strength: str, seed: int, count: int
) -> GenerationRequest:
    """A request for variations of a stored picture.

    Args:
        request: what made the picture.
        picture_sha: the stored picture.
        strength: a key of `VARY_STOPS`.
    """
    if strength not in VARY_STOPS:
        raise BadInput("Choose a subtle or a strong variation.")
    start = Start(
        kind="vary",
        picture=picture_sha,
        # Whoever tries a garment on stays who it is: only the garment varies.
        mask=request.start.mask if request.start and keeps_person(request) else None,
        strength=VARY_STOPS[strength],
        aspect=request.start.aspect if request.start and keeps_person(request) else None,
    )
    return request.unpinned().replaced(start=start).sampled(seed=seed, count=count)


def keeps_person(request: GenerationRequest) -> bool:
    """Whether a picture's mask keeps a person who tries a garment on, and is not that of a
    repair."""
    if request.start is None or request.start.kind == "repair":
        return False
    return request.get(GarmentControl) is not None or request.start.aspect is not None


def checked_form(values: Mapping[str, Any]) -> Form:
    """A form of the page's raw values; a text that is too long is told and kept, not cut.

    Raises:
        BadInput: a text that is none.
    """
    form = Form(**values)
    if not all(isinstance(text, str | None) for text in (form.prompt, form.negative)):
        raise BadInput("The description cannot be read: reload the page.")
    return replace(form, prompt=form.prompt or "", negative=form.negative or "")
