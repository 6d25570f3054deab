"""What the References panel shows: the references of a project in words, and what never changes."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

from studio.controls.garment import GARMENT_METHODS, GARMENT_PARTS, MAX_LAMBDA, GarmentControl
from studio.controls.pose import PoseControl
from studio.controls.style import MAX_STYLES
from studio.desk.abilities import abilities, usual_sg
from studio.desk.compose import USUAL_ST, Form, number
from studio.desk.garment import ANSWERS, region_said
from studio.desk.references import (
    PERSON,
    Note,
    References,
    decided,
    read_references,
    reference_kinds,
    sg_stops,
    warnings,
)
from studio.desk.room import EngineRoom
from studio.desk.styles import on_shelf
from studio.desk.turns import moment
from studio.desk.updates import Updates
from studio.errors import BadInput
from studio.gallery import Store
from studio.garment.parse import parse_prompt
from studio.garment.shape import worn_region
from studio.garment.vocabulary import POSES, Region
from studio.request import JOINTS, MAX_SCALE, MAX_STRENGTH, Control
from studio.tile import Tile
from studio.vision.poses import preset_pose
from studio.vision.skeleton import LIMBS


def kept(store: Store, project_id: str) -> References:
    """What a project refers to."""
    board = store.references(project_id)
    if board is None:
        return References()
    return read_references(board.document, store.has_picture)


def shown(
    store: Store,
    room: EngineRoom,
    project_id: str,
    now: References,
    form: Form,
    at: int,
    n: Any = None,
) -> Updates:
    """The panel with these references.

    Args:
        at: the moment at which they were so. n: the number of the event that is answered.
    """
    value = view(now) | {
        "n": n,
        "at": at,
        "project": project_id,
        "recent": {
            tile["role"]: list(store.recent_references(project_id, tile["photo"]))
            for tile in tiles()
            if tile["photo"]
        },
        "shelf": on_shelf(store.data_dir),
        "sgWords": sg_stops(usual_sg(room)),
    }
    return {
        "references": {
            "value": value,
            "can": abilities(room),
            **changing(store, project_id, form),
            "at": at,
        }
    }


def changing(store: Store, project_id: str, form: Form) -> dict[str, Any]:
    """What of the panel depends on the words, the settings and the drawing too."""
    at = moment()
    now = kept(store, project_id)
    return {
        "at": at,
        "warning": _warning(store, project_id, form, now),
        "framing": framing(form, now),
        "question": _asked(form, now),
        "said": {role: text for role in _DECIDES if (text := _said(now, role, form))},
    }


def _warning(store: Store, project_id: str, form: Form, now: References) -> str:
    """Sentences where text, drawing and garment do not go well together; else empty."""
    garment, drawing = now.get(GarmentControl), store.latest_sketch(project_id)
    drawn = drawing is not None and drawing.ink_sha is not None
    try:
        text = number("text strength", form.text)
    except BadInput:
        text = USUAL_ST  # the field of the text says so itself
    note = decided(now, parse_prompt(form.prompt)).note
    return " ".join([*([note] if note else []), *warnings(text, garment, drawn)])


def _asked(form: Form, now: References) -> dict[str, Any] | None:
    """The question which garment is meant, with an answer for each button; None for none."""
    asks = decided(now, parse_prompt(form.prompt)).asks
    return {"text": asks.on_page, "answers": list(ANSWERS.items())} if asks else None


_DECIDES = (GarmentControl.kind, PERSON)
"""What hangs on the words, too: what is said of it changes with them."""


def _said(now: References, role: str, form: Form) -> str:
    """What is said of a garment or a person by now: of its mask, and what it is taken for."""
    given, note = now.given(role), now.note(role)
    if given is None or not given.mask:
        return ""
    decision = decided(now, parse_prompt(form.prompt))
    more = decision.said
    if role == PERSON:
        more = "" if note.own else region_said(decision, note.found)
    mask = note.said or _masked(role, note)
    return f"{mask.rstrip('.')}. {more}" if more else mask


def view(now: References) -> dict[str, Any]:
    """The references as the page shows them: role -> its values, and what is said of it."""
    return {tile["role"]: _seen(now, tile) for tile in tiles()}


def _seen(now: References, tile: Mapping[str, Any]) -> Any:
    role = tile["role"]
    given, note = now.given(role), now.note(role)
    if given is None:
        return None
    if isinstance(given, tuple):
        return [part.model_dump(mode="json") for part in given]
    said = tile["used"]
    if role == PoseControl.kind:
        said = f"pose: {note.name}" if note.name else "own pose"
    elif getattr(given, "mask", None):
        said = _masked(role, note)
    return given.model_dump(mode="json") | note.model_dump() | {"said": note.said or said}


def percent(share: float) -> str:
    return f"{max(round(100 * share), 1)} % of the picture"


def _masked(role: str, note: Note) -> str:
    """What is said of a mask of which its finder says nothing."""
    covers = percent(note.share) if note.share else "as in the picture"
    if role == PERSON:
        return f"repainted: {covers}; the rest is kept to the pixel"
    if note.own:
        return f"garment masked by hand: {covers}" if note.share else f"mask {covers}"
    return f"garment found: {covers}"


_PERSON = Tile(
    place=20,
    title="Person",
    about="Somebody who tries the garment on. Outside the blue region the person is kept, to the "
    "pixel.",
    drawn="M12 11.5a3.8 3.8 0 1 0 0-7.6 3.8 3.8 0 0 0 0 7.6zM4.8 20.2"
    "c.5-3.9 3.4-6.2 7.2-6.2s6.7 2.3 7.2 6.2",
)


def tiles() -> list[dict[str, Any]]:
    """What never changes of each tile: its words, and `photo`, the role under which the photos
    that are given for it are kept; empty where it is not given as one."""
    person = asdict(_PERSON) | {"role": PERSON, "photo": "init_image"}
    return sorted([*map(_tile, reference_kinds()), person], key=lambda tile: tile["place"])


def _tile(kind: type[Control]) -> dict[str, Any]:
    assert kind.tile
    photo = f"{kind.kind}_image" if "picture" in kind.model_fields else ""
    return asdict(kind.tile) | {"role": kind.kind, "photo": photo, "stops": kind.stops}


PRESETS = {
    name: {region: preset_pose(name, region).joints for region in get_args(Region)}
    for name in POSES
}


def known() -> dict[str, Any]:
    """What of the panel never changes: tiles, words, poses, the figure's bones, bounds."""
    return {
        "tiles": tiles(),
        "weights": {"Loose": 0.6, "Balanced": 1.0, "Exact": 1.4},  # of IMAGDressing's garment
        "parts": [[name, name.capitalize()] for name in GARMENT_PARTS],
        "methods": GARMENT_METHODS,
        "figure": {
            "names": list(JOINTS),
            "bones": [[JOINTS.index(a), JOINTS.index(b)] for a, b in LIMBS],
        },
        "presets": PRESETS,
        "most": {
            "sg": MAX_SCALE / 3, "weight": MAX_LAMBDA, "strength": MAX_STRENGTH,
            "styles": MAX_STYLES,
        },
    }  # fmt: skip


def framing(form: Form, now: References) -> Region:
    """Which part of the body a pose starts with: the one that the garment covers."""
    words = parse_prompt(form.prompt)
    garment = now.get(GarmentControl)
    return worn_region(words, "" if garment is None else decided(now, words).part)
