"""The stored drawing: layers on two sides, in one form that old drawings are read into as well.

A drawing is JSON: `{"v": 2, "sides": {"front": [LAYER, …], "back": []}}`, its layers from the
lowest to the highest. A layer is `{"id": "ink", "kind": "ink", "strokes": [STROKE, …]}`, a stroke
`{"id": "k3f9", "t": "pen", "w": 6, "m": 1, "p": [x, y, force, …]}`. Coordinates run from 0 to
`SIDE` over the artboard, `w` is the pen's width in the same units, `m` says that the stroke has a
twin mirrored about the centre front, `force` is the pen's pressure from 0 to 1. Names of strokes
are unique in a drawing and never given twice, so that two pages' drawings can be put together.

Version 1 was `{"v": 1, "strokes": [STROKE, …]}` without names; each gets one of its content, the
same wherever it is read.
"""

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.errors import BadInput
from studio.forms import read_json

SIDE = 1024
"""Units along one side of the artboard."""

FORMAT = 2
SIDES = ("front", "back")
INK = "ink"

MAX_STROKES = 4000
MAX_POINTS = 200_000
MAX_BYTES = 8_000_000
MAX_WIDTH = 200
MAX_LAYERS = 32
_OUTSIDE = 2 * SIDE
"""How far beyond the artboard a pointer may run before its position is cut."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")


@dataclass(frozen=True)
class Stroke:
    """One line of the pen or the eraser; `points` are (x, y, force)."""

    eraser: bool
    width: float
    mirrored: bool
    points: tuple[tuple[float, float, float], ...]
    id: str = ""


@dataclass(frozen=True)
class Layer:
    """Some strokes, in the order in which they were drawn."""

    id: str = INK
    kind: str = INK
    strokes: tuple[Stroke, ...] = ()


@dataclass(frozen=True)
class Drawing:
    """What is drawn: the layers of each side, from the lowest to the highest."""

    sides: Mapping[str, tuple[Layer, ...]] = field(
        default_factory=lambda: {"front": (Layer(),), "back": ()}
    )

    def strokes(self, side: str = "front") -> tuple[Stroke, ...]:
        """All strokes of a side, in the order in which they are painted."""
        return tuple(stroke for layer in self.sides[side] for stroke in layer.strokes)

    def to_json(self) -> str:
        """The form that is stored."""
        sides = {
            side: [
                {"id": one.id, "kind": one.kind, "strokes": list(map(_written, one.strokes))}
                for one in layers
            ]
            for side, layers in self.sides.items()
        }
        return json.dumps({"v": FORMAT, "sides": sides}, separators=(",", ":"))


def read_drawing(text: str) -> Drawing:
    """Read a drawing of any version, trusting nothing in it.

    Raises:
        BadInput: not a drawing, or far larger than a hand can draw.
    """
    if len(text) > MAX_BYTES:
        raise BadInput("The drawing is too large to keep: clear the board and draw less densely.")
    try:
        document = read_json(text)
        version = document["v"]
        if version == 1:
            document = {"sides": {"front": [{"strokes": document["strokes"]}]}}
        elif version != FORMAT:
            raise BadInput("The drawing comes from a newer version of Toile: reload the page.")
        read = _Reading()
        sides = {side: tuple(read.layers(document["sides"].get(side, ()))) for side in SIDES}
    except (
        ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError,
    ) as error:  # fmt: skip
        raise BadInput("The drawing cannot be read: reload the page.") from error
    return Drawing(sides | {"front": sides["front"] or (Layer(),)})


def read_strokes(text: str) -> tuple[Stroke, ...]:
    """The strokes of a drawing's front. Errors as in `read_drawing`."""
    return read_drawing(text).strokes()


class _Reading:
    """One drawing on its way in: no two of its strokes have the same name."""

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self.nameless: Counter[str] = Counter()
        self.points = 0

    def layers(self, data: Any) -> Iterator[Layer]:
        if not isinstance(data, list | tuple) or len(data) > MAX_LAYERS:
            raise ValueError("layers")
        names: set[str] = set()
        for layer in data:
            kind, name = layer.get("kind", INK), layer.get("id", INK)
            if kind != INK:
                raise BadInput("The drawing comes from a newer version of Toile: update Toile.")
            if not _is_name(name) or name in names:
                raise ValueError("name of a layer")
            names.add(name)
            yield Layer(name, kind, tuple(map(self.stroke, layer["strokes"])))

    def stroke(self, data: dict[str, Any]) -> Stroke:
        if data["t"] not in ("pen", "eraser"):
            raise ValueError(data["t"])
        flat = [_within(v, -_OUTSIDE, _OUTSIDE) for v in data["p"]]
        if len(flat) % 3 or not flat:
            raise ValueError("points come in threes")
        stroke = Stroke(
            eraser=data["t"] == "eraser",
            width=_within(data["w"], 1, MAX_WIDTH),
            mirrored=bool(data.get("m")),
            points=tuple(
                (flat[i], flat[i + 1], min(max(flat[i + 2], 0.0), 1.0))
                for i in range(0, len(flat), 3)
            ),
            id=str(data.get("id", "")),
        )
        self.points += len(stroke.points)
        if len(self.taken) == MAX_STROKES or self.points > MAX_POINTS:
            raise BadInput(
                f"The drawing has more than {MAX_STROKES} strokes or {MAX_POINTS} points: "
                "clear the board and start anew, or drop a picture of the sketch."
            )
        name, content = stroke.id, ""
        while not _is_name(name) or name in self.taken:
            content = content or repr((stroke.eraser, stroke.width, stroke.mirrored, stroke.points))
            name = _named(content, self.nameless[content])
            self.nameless[content] += 1
        self.taken.add(name)
        return Stroke(stroke.eraser, stroke.width, stroke.mirrored, stroke.points, name)


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def _named(content: str, times: int) -> str:
    """A name for a stroke that has none; `times` tells equal ones apart."""
    numbered = f"{content[:-1]}, {times})"
    return "v" + hashlib.sha256(numbered.encode()).hexdigest()[:15]


def _written(stroke: Stroke) -> dict[str, Any]:
    return {
        "id": stroke.id,
        "t": "eraser" if stroke.eraser else "pen",
        "w": _short(stroke.width),
        "m": int(stroke.mirrored),
        "p": [_short(value) for point in stroke.points for value in point],
    }


def _short(value: float) -> float | int:
    """Whole numbers without a point, as a browser writes them."""
    return int(value) if value.is_integer() else value


def _within(value: Any, low: float, high: float) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return min(max(number, low), high)
