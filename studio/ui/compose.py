"""From what is on the page to one `GenerationRequest`."""

import dataclasses
import json
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import BadInput
from studio.garment.parse import parse_prompt
from studio.garment.placement import place_requests
from studio.garment.spec import Component
from studio.request import MAX_SEED, Control, GenerationRequest, ImageRef
from studio.ui.references import References

USUAL_ST = 4.0
"""sT of the bundled model, until the loaded one has told its own."""

_TEXT_WORDS: dict[str, float] = {"Loose": 0.5, "Balanced": 1.0, "Strict": 1.75}

SKETCH_STOPS: dict[str, float] = {"Loose": 0.6, "Balanced": 1.0, "Strict": 1.3}
"""Words for the strength of the sketch."""

VARY_STOPS: dict[str, float] = {"subtle": 0.45, "strong": 0.75}
"""How far a variation goes from the picture it starts from."""

_LET_GO = ((0.0, 0.3), (0.6, 0.6), (1.0, 1.0), (2.0, 1.0))
"""Sketch strength -> the part of the steps in which it is heard: a loose sketch lets go early,
so that the model may finish the drawing in its own way."""

FIX_STRENGTH = 0.9
"""How far a repair goes: almost from nothing, but with the cloth's colour still underneath."""

LONGEST_PROMPT = 600
"""Characters that the page's text fields take; the model reads far fewer."""


@dataclass(frozen=True)
class Form:
    """The page's fields. Numbers may be anything the browser sent until `compose` checks them.

    Attributes:
        exact: place the components that the prompt names at exact places.
        shaped: where nothing is drawn, let the usual shape of the named garment stand in.
        locked: keep the seed; otherwise the next request draws a new one.
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

    def to_json(self) -> str:
        """JSON for the project's draft."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Form":
        """Read a draft; what it does not have, or no longer means anything, keeps its default."""
        data = json.loads(text)
        usual = {f.name: f.default for f in dataclasses.fields(cls)}
        return cls(
            **{
                name: value
                for name, value in data.items()
                if name in usual
                and (not isinstance(usual[name], str | bool) or type(value) is type(usual[name]))
            }
        )


def text_stops(st: float = USUAL_ST) -> dict[str, float]:
    """Words for sT, the text guidance, around what suits the model."""
    return {word: round(part * st, 1) for word, part in _TEXT_WORDS.items()}


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
        raise BadInput(f"The {name} is not a number: type one, such as {such_as}.") from None
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


def new_seed() -> int:
    """A seed short enough to be read out across a table."""
    return random.SystemRandom().randrange(1, 1_000_000)


def sketch_control(strength: float) -> Control:
    """How the sketch is heard at a strength from 0 to 2."""
    end = float(np.interp(strength, [at for at, _ in _LET_GO], [end for _, end in _LET_GO]))
    return Control(strength=strength, start=0.0, end=end)


def compose(
    form: Form,
    ink_sha: str | None,
    ink: NDArray[np.uint8] | None,
    components: tuple[Component, ...] | None = None,
    references: References | None = None,
) -> GenerationRequest:
    """The request of the page's fields and drawing.

    Args:
        ink_sha: the stored ink PNG, or None for an empty board.
        ink: the same ink, (size, size), 255 = ink.
        components: the board's; None takes those that the prompt names, in their usual places.
        references: garment, person, pose, face and styles; None for none.

    Raises:
        BadInput: a field that cannot be used, or nothing was described and nothing drawn.
    """
    prompt = form.prompt.strip()
    references = references or References()
    if not prompt and ink_sha is None and references.garment is None:
        raise BadInput("Describe the garment or draw it first.")
    if references.problem:
        raise BadInput(references.problem)
    if components is None:
        components = place_requests(parse_prompt(prompt), ink)
    return GenerationRequest(
        prompt=prompt,
        negative_prompt=form.negative.strip(),
        components=components if form.exact else (),
        sketch=ImageRef(ink_sha) if ink_sha else None,
        sketch_control=sketch_control(number("sketch strength", form.sketch)),
        st=number("text strength", form.text),
        steps=whole("number of steps", form.steps),
        sampler=form.sampler,
        seed=seed_of(form.seed),
        count=whole("number of variants", form.count),
        **references.fields(),
    )


def form_of(request: GenerationRequest, now: Form) -> Form:
    """The fields that would make a stored picture again; the rest stays as it is now."""
    return replace(
        now,
        prompt=request.prompt,
        negative=request.negative_prompt,
        exact=now.exact or bool(request.components and not request.shown_components),
        shaped=request.usual_shape or (now.shaped if request.sketch else False),
        text=request.st,
        sketch=request.sketch_control.strength,
        seed=str(request.seed),
        locked=True,
        steps=request.steps,
        sampler=request.sampler,
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
    return replace(
        request.unpinned(),
        init_image=ImageRef(picture_sha),
        vary_strength=VARY_STOPS[strength],
        # Whoever tries a garment on stays who it is: only the garment varies.
        mask=request.mask if keeps_person(request) else None,
        seed=seed,
        count=count,
    )


def keeps_person(request: GenerationRequest) -> bool:
    """Whether a picture's mask keeps a person who tries a garment on, and is not that of a
    repair."""
    return request.garment_image is not None and request.vary_strength != FIX_STRENGTH


def checked_form(values: Mapping[str, Any]) -> Form:
    """A form of the page's raw values, texts cut to what a field can hold."""
    form = Form(**values)
    return replace(
        form,
        prompt=(form.prompt or "")[:LONGEST_PROMPT],
        negative=(form.negative or "")[:LONGEST_PROMPT],
    )
