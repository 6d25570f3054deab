"""What the References panel shows: the references of a project in words, and what never changes."""

import secrets
from typing import Any, get_args

from studio.controls.garment import GARMENT_METHODS, GARMENT_PARTS
from studio.errors import BadInput
from studio.gallery import Store
from studio.garment.parse import parse_prompt
from studio.garment.shape import worn_region
from studio.garment.vocabulary import POSES, Region
from studio.request import JOINTS
from studio.ui.abilities import abilities, usual_sg
from studio.ui.compose import Form, number
from studio.ui.references import (
    LAMBDA_STOPS,
    STRENGTH_STOPS,
    Garment,
    Person,
    References,
    far_apart,
    read_references,
    sg_stops,
)
from studio.ui.room import EngineRoom
from studio.ui.styles import on_shelf
from studio.ui.updates import Updates
from studio.vision.poses import preset_pose
from studio.vision.skeleton import LIMBS

_RECENT = {"garment": "garment_image", "person": "init_image", "face": "face_image"}
"""The photos that can be taken up again, and their role in a request."""


def kept(store: Store, project_id: str) -> References:
    """What a project refers to."""
    board = store.references(project_id)
    if board is None:
        return References()
    return read_references(board.document, store.has_picture)


_DRAWN = (
    "The drawing on the board decides the shape and how the garment lies: clear the board to let "
    "the photo do so."
)


def shown(
    store: Store, room: EngineRoom, project_id: str, now: References, form: Form, n: Any = None
) -> Updates:
    """The panel with these references; `n` is the number of the event that is answered."""
    value = view(now) | {
        "n": n,
        "project": project_id,
        "recent": {
            role: list(store.recent_references(project_id, name)) for role, name in _RECENT.items()
        },
        "shelf": on_shelf(store.data_dir),
        "sgWords": sg_stops(usual_sg(room)),
        "fresh": secrets.token_hex(4),
    }
    return {
        "references": {
            "value": value,
            "can": abilities(room),
            **changing(store, project_id, form),
        }
    }


def changing(store: Store, project_id: str, form: Form) -> dict[str, Any]:
    """What of the panel depends on the words, the settings and the drawing too."""
    now = kept(store, project_id)
    return {"warning": _warning(store, project_id, form, now), "framing": framing(form, now)}


def _warning(store: Store, project_id: str, form: Form, now: References) -> str:
    """Sentences where text, drawing and garment do not go well together; else empty."""
    garment = now.garment
    try:
        apart = far_apart(number("text strength", form.text), garment)
    except BadInput:
        apart = ""  # the field of the text says so itself
    drawing = store.latest_sketch(project_id)
    drawn = "" if garment is None or drawing is None or drawing.ink_sha is None else _DRAWN
    return " ".join(text for text in (drawn, apart) if text)


def view(now: References) -> dict[str, Any]:
    """The references as the page shows them."""
    garment, person, face, figure = now.garment, now.person, now.face, now.stance
    return {
        "garment": garment and {
            "picture": garment.picture,
            "mask": garment.mask,
            "own": garment.own,
            "part": garment.part,
            "method": garment.method,
            "methodTitle": GARMENT_METHODS[garment.method],
            "sg": garment.sg,
            "dressing": garment.dressing,
            "said": _garment_said(garment),
            "problem": garment.problem,
        },
        "person": person and {
            "picture": person.picture,
            "mask": person.mask,
            "own": person.own,
            "said": _person_said(person),
            "problem": person.problem,
        },
        "pose": figure and {
            "joints": figure.pose.joints,
            "name": figure.name,
            "said": figure.said or (f"pose: {figure.name}" if figure.name else "own pose"),
            "strength": figure.strength,
        },
        "face": face and {
            "picture": face.picture,
            "strength": face.strength,
            "said": "the face is taken from this photo",
        },
        "styles": [
            {"name": s.name, "sha": s.sha256, "scale": s.strength} for s in now.styles
        ],
    }  # fmt: skip


WORDS = {"dressing": LAMBDA_STOPS, "strength": STRENGTH_STOPS}
"""The words beside the numbers that are the same for every model."""

PARTS = [[name, title] for name, title in GARMENT_PARTS.items()]
FIGURE = {
    "names": list(JOINTS),
    "bones": [[JOINTS.index(a), JOINTS.index(b)] for a, b in LIMBS],
}
PRESETS = {
    name: {region: preset_pose(name, region).joints for region in get_args(Region)}
    for name in POSES
}


def percent(share: float) -> str:
    return f"{max(round(100 * share), 1)} % of the picture"


def _garment_said(garment: Garment) -> str:
    if not garment.mask:
        return ""
    if garment.said and not garment.own:
        return garment.said
    covers = percent(garment.share) if garment.share else "as in the picture"
    if garment.own:
        return f"garment masked by hand: {covers}" if garment.share else f"mask {covers}"
    return f"garment found: {GARMENT_PARTS.get(garment.found, 'one piece')}, {covers}"


def _person_said(person: Person) -> str:
    if not person.mask:
        return ""
    if person.said and not person.own:
        return person.said
    covers = percent(person.share) if person.share else "as in the picture"
    return f"repainted: {covers}; the rest is kept to the pixel"


def framing(form: Form, now: References) -> Region:
    """Which part of the body a pose starts with: the one that the garment covers."""
    return worn_region(parse_prompt(form.prompt), now.garment.found if now.garment else "")
