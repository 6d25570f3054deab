"""Components on the page: board and table are two views of one document, checked here.

A verb is what the table or a handle asks for; what the board drags and the words say arrives
with the document itself. Every answer gives the browser the document and the table's rows anew.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio.controls.components import ComponentsControl
from studio.desk import parts_table
from studio.desk.compose import Form
from studio.desk.easel import board_ink
from studio.desk.together import in_turn, merged, seen_of
from studio.desk.updates import Updates
from studio.errors import BadInput
from studio.forms import is_number, is_whole
from studio.gallery import ComponentRevision, Store, Variant
from studio.garment.document import (
    ROWS,
    Document,
    Group,
    centre,
    ends_of,
    moved_to,
    partner,
    read_document,
)
from studio.garment.following import document_of, follow_prompt, write_words
from studio.garment.parse import Reading, parse_prompt
from studio.garment.placement import usual_boxes
from studio.garment.requests import ComponentRequest, counted, objection
from studio.garment.vocabulary import COMPONENTS, GARMENTS
from studio.request import MAX_PROMPT, Recorded

log = logging.getLogger(__name__)

Board = Mapping[str, Any]

_FIRST = {"button": 3, "pleat": 4}
"""So many are added at once of kinds that come in rows."""


# The document


def stored(store: Store, project_id: str, form: Form, board: Board) -> Document:
    """The kept document of a project; one that was never kept follows from the words."""
    kept = _kept(store, project_id)
    if kept is not None:
        return kept
    return follow_prompt(Document(), parse_prompt(form.prompt), board_ink(store, board))


def placed(store: Store, project_id: str) -> bool:
    """Whether the kept document of a project has a component."""
    kept = _kept(store, project_id)
    return kept is not None and bool(kept.components())


def _kept(store: Store, project_id: str) -> Document | None:
    kept = store.latest_components(project_id)
    try:
        return read_document(kept.document) if kept else None
    except BadInput:
        log.warning("a component document could not be read and starts anew")
        return None


def followed(store: Store, board: Board, form: Form, before: str | None = None) -> Document:
    """The page's document after its words and its drawing; a page without one starts anew.

    Args:
        before: the words before the last change, where they have changed.

    Raises:
        BadInput: the page sent no document that can be.
    """
    reading = parse_prompt(form.prompt)
    ink = board_ink(store, board)
    if "parts" not in board:
        return follow_prompt(Document(), reading, ink)
    was = reading if before is None or before == form.prompt else parse_prompt(before)
    return follow_prompt(sent(board), reading, ink, was)


def joined(store: Store, project_id: str, board: Board) -> tuple[dict[str, Any], int]:
    """The board with its components together with what other pages have placed since it looked,
    and the number of the revision that this is to follow."""
    seen, last = seen_of(board), store.latest_components(project_id)
    number = last.seq if last else 0
    there = _kept(store, project_id)
    if there is None or "parts" not in board or seen.parts in (None, number):
        return dict(board), number
    mine = sent(board)
    base = store.components_at(project_id, seen.parts or 0)
    known = read_document(base.document).groups if base else None if seen.parts else ()
    groups = merged(known, there.groups, mine.groups, lambda group: group.id, seen.gone)
    return dict(board) | {"parts": _fitting(groups, mine).to_json()}, number


def _fitting(groups: tuple[Group, ...], mine: Document) -> Document:
    """As many of the groups as go together: of two at one place the page's own."""
    own = {group.id for group in mine.groups}
    taken = {spot for group in groups if group.id in own for spot in _spots(group)}
    kept = []
    for group in groups:
        if group.id not in own:
            if taken & _spots(group):
                continue
            taken |= _spots(group)
        kept.append(group)
    return read_document(Document(tuple(kept)).to_json())


def _spots(group: Group) -> set[tuple[str, str]]:
    return {(group.kind, place) for place in group.places}


def keep_followed(
    store: Store, project_id: str, board: Board, form: Form, before: str | None = None
) -> tuple[dict[str, Any], ComponentRevision]:
    """Keep the page's components, those of others among them, after its words and its drawing.

    Args:
        before: as in `followed`.

    Returns:
        The board with what is kept, and its revision.
    """

    def write() -> tuple[dict[str, Any], ComponentRevision]:
        together, number = joined(store, project_id, board)
        document = followed(store, together, form, before)
        text = document.to_json()
        return together | {"parts": text}, store.save_components(project_id, text, over=number)

    return in_turn(write)


def sent(board: Board) -> Document:
    """The document that came with the board. Raises BadInput where it is none."""
    text = board.get("parts")
    if not isinstance(text, str):
        raise BadInput("The components cannot be read: reload the page.")
    return read_document(text)


def keep(store: Store, project_id: str, document: Document) -> ComponentRevision:
    """Keep the document in place of whatever stands there."""
    return store.save_components(project_id, document.to_json())


def of_variant(store: Store, variant: Variant) -> Document:
    """The document that a picture was made with; without one, what its request placed."""
    kept = store.components(variant.component_rev_id) if variant.component_rev_id else None
    if kept is not None:
        return read_document(kept.document)
    # What a garment's picture shows is read from it again.
    placed = Recorded.from_json(variant.request).given(ComponentsControl)
    return document_of(placed.components if placed else ())


# Verbs


@dataclass(frozen=True)
class Part:
    """A verb on its way: what it is for, and the page as it stands.

    Attributes:
        event: what the browser sent; nothing in it has been checked.
    """

    store: Store
    event: Mapping[str, Any]
    board: Board
    document: Document
    reading: Reading

    @property
    def group(self) -> Group:
        """The group that is meant."""
        return self.document.group(str(self.event.get("id")))

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number of the event. Raises BadInput where it is none between two bounds."""
        value = self.event.get(name)
        if not is_whole(value) or not low <= value <= high:
            raise BadInput(f"The {name} must be a whole number from {low} to {high}.")
        return value

    def usual(self, kind: str, place: str, count: int) -> tuple[Any, ...]:
        """Boxes where components lie by themselves."""
        ink = board_ink(self.store, self.board)
        return usual_boxes(self.reading, kind, place, count, ink)


def act(
    store: Store, project_id: str, event: Mapping[str, Any], board: Board, form: Form
) -> Updates:
    """Do one of the verbs. Raises BadInput on anything that cannot be done."""
    asked = str(event.get("verb"))
    reading = parse_prompt(form.prompt)
    verb = _written if asked == "write" else VERBS.get(asked)
    if verb is None:
        raise BadInput("That cannot be done with components.")

    def write() -> tuple[Document, ComponentRevision]:
        together, number = joined(store, project_id, board)
        part = Part(store, event, together, sent(together), reading)
        document = read_document(verb(part).to_json())
        return document, store.save_components(project_id, document.to_json(), over=number)

    document, kept = in_turn(write)
    return change(document, form, kept)


def change(document: Document, form: Form, kept: ComponentRevision) -> Updates:
    """Board and table with a document, as a step that can be undone."""
    return {
        "board": {
            "change": {
                "parts": document.to_json(),
                "step": True,
                "seen": {"parts": kept.seq},
                "n": secrets.token_hex(4),
            }
        },
        "components": {"value": parts_table.table(document, form)},
    }


def _mine(group: Group, **changes: Any) -> Group:
    return replace(group, source="user", **changes)


def _unlocked(group: Group) -> Group:
    if group.locked:
        raise BadInput(f"The {COMPONENTS[group.kind].plural} are locked: unlock them first.")
    return group


def _add(a: Part) -> Document:
    kind, place = str(a.event.get("kind")), str(a.event.get("place"))
    if kind not in COMPONENTS or place not in COMPONENTS[kind].places:
        raise BadInput("Choose a component and its place to add it.")
    mirror = bool(a.event.get("mirror")) and partner(place) is not None
    count = 4 if place == "double-breasted" else _FIRST.get(kind, 1)
    if kind in ROWS and a.event.get("count") is not None:
        count = a.whole("count", 1, COMPONENTS[kind].maximum)
    _allowed(a, kind, place, count)
    boxes = a.usual(kind, place, count)
    fresh = Group(kind, place, "user").with_count(count, boxes)
    fresh = replace(fresh, mirror=mirror or fresh.mirror)
    # What was taken away may be asked for again.
    kept = tuple(g for g in a.document.groups if g.boxes or g.id != fresh.id)
    if any((kind, p) in Document(kept).taken() for p in fresh.places):
        raise BadInput(f"There is a group of {COMPONENTS[kind].plural} already: change its count.")
    return Document((*kept, fresh))


def _allowed(a: Part, kind: str, place: str, count: int) -> None:
    if "garment" in a.reading.stated:
        garment = GARMENTS[a.reading.garment.garment]
        if problem := objection(garment, ComponentRequest(kind, count, place)):
            raise BadInput(problem)


def _count(a: Part) -> Document:
    group = _unlocked(a.group)
    count = a.whole("count", 0, 99)
    if count > group.count and group.kind in ROWS:
        _allowed(a, group.kind, group.place, count)
        limit = COMPONENTS[group.kind].maximum
        if count > limit:
            raise BadInput(f"The {group.place} holds at most {counted(limit, group.kind)}.")
    elif count > parts_table.most_of(a.document, group, a.reading):
        raise BadInput(f"The {group.place} holds no more {COMPONENTS[group.kind].plural}.")
    if count == 0:
        return _without(a, group)
    usual = a.usual(group.kind, group.place, count) if count > group.count else ()
    changed = _mine(group).with_count(count, usual)
    return a.document.put(group.id, changed)


def _without(a: Part, group: Group) -> Document:
    """Without a group; one that the words name is kept empty, or they would bring it back."""
    named = any(r.kind == group.kind and r.count for r in a.reading.requests)
    return a.document.put(group.id, _mine(group).with_count(0, ()) if named else None)


def _remove(a: Part) -> Document:
    group = _unlocked(a.group)
    if not group.boxes:
        return a.document.put(group.id, None)
    index = a.event.get("index")
    if index is None or group.kind not in ROWS or group.count <= (2 if group.mirror else 1):
        return _without(a, group)
    at = a.whole("index", 0, len(group.boxes) - 1)
    boxes = tuple(box for i, box in enumerate(group.boxes) if i != at)
    return a.document.put(group.id, _mine(group, boxes=boxes))


def _place(a: Part) -> Document:
    group, place = _unlocked(a.group), str(a.event.get("place"))
    if place not in parts_table.open_places(a.document, a.reading, group.kind, group):
        raise BadInput(f"The {group.kind} cannot sit there: choose another place.")
    if place == group.place:
        return a.document
    count = max(group.count, 1)
    mirror = group.mirror and (group.kind, partner(place)) not in a.document.taken()
    usual = a.usual(group.kind, place, count)
    fresh = Group(group.kind, place, "user").with_count(count if group.kind in ROWS else 1, usual)
    if group.kind not in ROWS:
        fresh = replace(fresh, mirror=mirror and partner(place) is not None)
    return a.document.put(group.id, fresh)


def _mirror(a: Part) -> Document:
    group = _unlocked(a.group)
    on = bool(a.event.get("on"))
    if on and not parts_table.can_mirror(a.document, group):
        raise BadInput(f"The {group.place} has no free other side to mirror to.")
    if group.place == "double-breasted":
        boxes = tuple(c.box for c in group.components() if c.box)
        return a.document.put(group.id, _mine(group, mirror=False, ends=None, boxes=boxes))
    return a.document.put(group.id, _mine(group, mirror=on))


def _lock(a: Part) -> Document:
    return a.document.put(a.group.id, replace(a.group, locked=bool(a.event.get("on"))))


def _even(a: Part) -> Document:
    """Evenly spaced again between the first and the last."""
    group = _unlocked(a.group)
    if group.kind not in ROWS or len(group.boxes) < 2:
        raise BadInput("Only several in a row can be spaced evenly: add another first.")
    boxes = sorted(group.boxes, key=lambda b: centre(b)[0 if group.kind == "pleat" else 1])
    ends = ends_of(boxes) or (centre(boxes[0]), centre(boxes[-1]))
    return a.document.put(group.id, _mine(group, boxes=tuple(boxes), ends=ends))


def _copy(a: Part) -> Document:
    """One more, where it was dropped: in the same row, or at the nearest place that is free."""
    group = a.group
    at = a.whole("index", 0, max(len(group.boxes) - 1, 0))
    if not group.boxes:
        raise BadInput("There is nothing to copy.")
    x, y = _spot(a.event.get("x")), _spot(a.event.get("y"))
    box = moved_to(group.boxes[at], x, y)
    if group.kind in ROWS:
        _allowed(a, group.kind, group.place, group.count + (2 if group.mirror else 1))
        boxes = sorted((*group.boxes, box), key=lambda b: centre(b)[0 if _across(group) else 1])
        return a.document.put(group.id, _mine(group, ends=None, boxes=tuple(boxes)))
    free = parts_table.open_places(a.document, a.reading, group.kind)
    if not free:
        raise BadInput(f"Every place for {COMPONENTS[group.kind].plural} is taken already.")

    def far(place: str) -> float:
        px, py = centre(a.usual(group.kind, place, 1)[0])
        return (px - x) ** 2 + (py - y) ** 2

    copied = Group(group.kind, min(free, key=far), "user", boxes=(box,))
    return Document((*a.document.groups, copied))


def _across(group: Group) -> bool:
    return group.kind == "pleat"


def _spot(value: Any) -> float:
    if not is_number(value) or not 0 <= value <= 1:
        raise BadInput("That lies beside the artboard: drop it on the board.")
    return float(value)


def _reset(a: Part) -> Document:
    """What the words say, where it usually lies; locked groups stay."""
    locked = Document(tuple(g for g in a.document.groups if g.locked))
    return follow_prompt(locked, a.reading, board_ink(a.store, a.board))


def in_words(form: Form, board: Board) -> Form:
    """The form with the page's components in the prompt's words. Raises BadInput where they have
    no room."""
    written = write_words(form.prompt, sent(board))
    if len(written) > MAX_PROMPT:
        raise BadInput("The description has no room for the components: shorten it first.")
    return replace(form, prompt=written)


def _written(a: Part) -> Document:
    """The components after words that name them already: they stay where they are."""
    return follow_prompt(a.document, a.reading, board_ink(a.store, a.board), a.reading)


VERBS: dict[str, Callable[[Part], Document]] = {
    "add": _add,
    "count": _count,
    "remove": _remove,
    "place": _place,
    "mirror": _mirror,
    "lock": _lock,
    "even": _even,
    "copy": _copy,
    "reset": _reset,
}
"""Verb as the browser names it -> the document after it."""
