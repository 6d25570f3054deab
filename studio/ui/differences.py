"""What differs between the requests of two pictures, in a designer's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from studio.garment.parse import parse_prompt
from studio.garment.requests import counted
from studio.garment.spec import Component
from studio.garment.vocabulary import COMPONENTS
from studio.request import (
    GARMENT_METHODS,
    GARMENT_PARTS,
    SAMPLER_NAMES,
    GenerationRequest,
)
from studio.ui.references import tried_on

Difference = dict[str, str]
"""`{"what", "from", "to"}`: all three are text to be shown."""

_MOVED = 0.01
"""A component whose box differs by less than this, in parts of the picture, has not moved."""

_READ = ("garment", "colour", "pattern", "fabric", "neckline", "sleeves", "length", "fit")


def differences(a: GenerationRequest, b: GenerationRequest) -> list[Difference]:
    """What changes on the way from `a` to `b`; empty where both ask for the same.

    Components are compared kind by kind. Words are compared as they are read ("Colour", navy to
    red); where the reading is the same and the writing is not, the words themselves differ. How
    many pictures a batch has is no property of a picture and is left out.
    """
    rows = [
        *_prompts(a.prompt, b.prompt),
        *_components(a, b),
        *_pictures(a, b),
        _row("Leave out", a.negative_prompt or "nothing", b.negative_prompt or "nothing"),
        _row("Text strength", _number(a.st), _number(b.st)),
        *_references(a, b),
        _row("Steps", a.steps, b.steps),
        _row(
            "Sampler",
            SAMPLER_NAMES.get(a.sampler, a.sampler),
            SAMPLER_NAMES.get(b.sampler, b.sampler),
        ),
        _row("Size", f"{a.width} × {a.height}", f"{b.width} × {b.height}"),
        _row("Model", a.model, b.model),
        _row("Seed", a.seed, b.seed),
    ]
    if a.model == b.model and a.weights and b.weights:
        rows.append(_row("Weights", a.weights[:8], b.weights[:8]))
    return [row for row in rows if row]


def in_short(rows: Iterable[Mapping[str, str]]) -> str:
    """One line: "Text strength 4 → 7 · +1 button"; empty where nothing differs."""
    return " · ".join(_short(row) for row in rows)


def _short(row: Mapping[str, str]) -> str:
    kind = next((k.name for k in COMPONENTS.values() if _title(k.name) == row["what"]), None)
    before, after = row["from"], row["to"]
    if kind and before.isdigit() and after.isdigit():
        more = int(after) - int(before)
        return f"{'+' if more > 0 else '−'}{counted(abs(more), kind)}"
    if row["what"] == "Words":
        return "Words changed"
    if kind:
        return f"{row['what']} moved"
    return f"{row['what']} {before} → {after}"


def _row(what: str, before: object, after: object) -> Difference:
    return {} if before == after else {"what": what, "from": str(before), "to": str(after)}


def _title(kind: str) -> str:
    return COMPONENTS[kind].plural.capitalize()


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


def _prompts(a: str, b: str) -> list[Difference]:
    if a.split() == b.split():
        return []
    one, other = parse_prompt(a), parse_prompt(b)
    rows = []
    for name in _READ:
        before = getattr(one.garment, name) if name in one.stated else "open"
        after = getattr(other.garment, name) if name in other.stated else "open"
        rows.append(_row(name.capitalize(), before, after))
    found = [row for row in rows if row]
    if found or one.requests != other.requests:
        return found  # components are told kind by kind
    return [_row("Words", a.strip() or "none", b.strip() or "none")]


def _components(a: GenerationRequest, b: GenerationRequest) -> list[Difference]:
    one, other = _counts(a), _counts(b)
    rows = []
    for kind in COMPONENTS:
        if one[kind] != other[kind]:
            rows.append(_row(_title(kind), one[kind], other[kind]))
        elif one[kind] and _moved(_of(a.components, kind), _of(b.components, kind)):
            rows.append(_row(_title(kind), one[kind], f"{other[kind]}, moved"))
    return rows


def _counts(request: GenerationRequest) -> Counter[str]:
    """How many of each kind: those on the board, else those that the words ask for."""
    if request.components:
        return Counter(c.kind for c in request.components)
    asked: Counter[str] = Counter()
    for wish in parse_prompt(request.prompt).requests:
        asked[wish.kind] += wish.count
    return asked


def _of(components: Iterable[Component], kind: str) -> list[Component]:
    return sorted((c for c in components if c.kind == kind), key=lambda c: c.box or ())


def _moved(a: Sequence[Component], b: Sequence[Component]) -> bool:
    if len(a) != len(b):
        return True  # in one of them they are only told in words
    for one, other in zip(a, b, strict=True):
        if (one.box is None) != (other.box is None):
            return True
        edges = zip(one.box or (), other.box or (), strict=True)
        if any(abs(x - y) >= _MOVED for x, y in edges):
            return True
    return False


def _pictures(a: GenerationRequest, b: GenerationRequest) -> list[Difference]:
    rows: list[Difference] = []
    rows.append(_drawing(a, b))
    if a.sketch and b.sketch:
        rows.append(
            _row(
                "Sketch strength",
                _number(a.sketch_control.strength),
                _number(b.sketch_control.strength),
            )
        )
    if a.components and b.components:
        rows.append(
            _row(
                "Component strength",
                _number(a.component_control.strength),
                _number(b.component_control.strength),
            )
        )
    rows.append(_row("Starts from", _start(a), _start(b)))
    if not rows[-1] and a.init_image != b.init_image:
        rows.append(_row("Starts from", _start(a), "another picture"))
    if a.init_image and b.init_image and not (a.mask or b.mask):
        rows.append(_row("Variation", _number(a.vary_strength), _number(b.vary_strength)))
    return rows


def _drawing(a: GenerationRequest, b: GenerationRequest) -> Difference:
    """What was drawn; a usual shape follows from the words, which have their own rows."""
    if not (a.usual_shape or b.usual_shape):
        return _photo("Drawing", a.sketch, b.sketch)
    before, after = (
        "usual shape" if r.usual_shape else "one" if r.sketch else "none" for r in (a, b)
    )
    return _row("Drawing", before, after)


def _references(a: GenerationRequest, b: GenerationRequest) -> list[Difference]:
    """Garment, person, pose, face and styles; how strongly only where both have one."""
    rows = [
        _photo("Garment photo", a.garment_image, b.garment_image),
        _photo("Face photo", a.face_image, b.face_image),
        _photo("Pose", a.given_pose, b.given_pose),
        _row("Styles", _styles(a), _styles(b)),
    ]
    if a.garment_image and b.garment_image:
        if a.garment_image == b.garment_image:
            rows.append(_photo("Garment mask", a.garment_mask, b.garment_mask))
        rows += [
            _row("Garment method", *(GARMENT_METHODS[r.garment_method] for r in (a, b))),
            _row("Garment part", *(GARMENT_PARTS[r.garment_part] for r in (a, b))),
        ]
    if a.garment_image or b.garment_image:
        rows += [
            _row("sG", _number(a.sg), _number(b.sg)),
            _row("lambda", _number(a.dressing), _number(b.dressing)),
            _row("Guidance", a.guidance_form, b.guidance_form),
        ]
    if a.given_pose and b.given_pose:
        one, other = a.pose_control.strength, b.pose_control.strength
        rows.append(_row("Pose strength", _number(one), _number(other)))
    if a.face_image and b.face_image:
        one, other = a.face_control.strength, b.face_control.strength
        rows.append(_row("Face strength", _number(one), _number(other)))
    return rows


def _photo(what: str, before: object, after: object) -> Difference:
    if before == after:
        return {}
    shown = ("another one" if before else "one") if after else "none"
    return _row(what, "this one" if before else "none", shown)


def _styles(request: GenerationRequest) -> str:
    return ", ".join(f"{s.name} {_number(s.scale)}" for s in request.styles) or "none"


def _start(request: GenerationRequest) -> str:
    if request.init_image is None:
        return "nothing"
    if tried_on(request):
        return "a person's photo"
    return "a picture, one part anew" if request.mask else "a picture"
