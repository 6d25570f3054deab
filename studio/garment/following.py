"""The component document follows the words, and the words the document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from studio.errors import BadInput
from studio.garment.document import Document, Group, columns, ends_of, paired, partner
from studio.garment.languages import Translated
from studio.garment.languages.table import language_of
from studio.garment.languages.writing import component_phrase, with_components
from studio.garment.parse import Reading, parse_prompt
from studio.garment.placement import OF_THE_CUT, place_requests, usual_boxes
from studio.garment.reader import read
from studio.garment.requests import counted
from studio.garment.spec import Box, Component
from studio.garment.vocabulary import COMPONENTS
from studio.garment.writer import article

Ink = NDArray[np.uint8]


def follow_prompt(
    document: Document, reading: Reading, ink: Ink | None, before: Reading | None = None
) -> Document:
    """The document after the words, or the drawing under it, have changed.

    Groups that the words placed follow them. Groups that the user placed change their number only
    where the words about their kind have changed, and then keep their places as far as that
    number allows; they go where the words newly ask for none. Locked ones never change.

    Args:
        reading: the words as they are now.
        ink: the drawing, (size, size), 255 = ink, or None.
        before: the words as they were; None where they are not known, and then a number that
            differs from the document's counts as a change.
    """
    placed = place_requests(reading, ink)
    none = {r.kind for r in reading.requests if r.count == 0}
    wanted = Counter(c.kind for c in placed)
    changed = {
        kind
        for kind in COMPONENTS
        if (
            wanted[kind] != document.count(kind) and (wanted[kind] or kind in none)
            if before is None
            else said(reading, kind) != said(before, kind)
        )
    }
    kept: list[Group] = []
    for group in document.groups:
        if group.locked:
            kept.append(group)
        elif group.source == "user":
            followed = group
            if group.kind in changed:
                followed = _renumbered(group, document, placed, group.kind in none, reading, ink)
            if followed is not None:
                kept.append(followed)
    held = Document(tuple(kept))
    fresh: list[Component] = []
    for component in placed:
        kind = component.kind
        if (kind, component.place) in held.taken():
            continue
        mine = any(g.kind == kind for g in kept)
        if mine and kind not in changed and not _placed_by_words(document, component):
            continue
        if held.count(kind) + sum(c.kind == kind for c in fresh) < wanted[kind]:
            fresh.append(component)
    return _in_order(document, (*kept, *grouped(fresh)))


def said(reading: Reading, kind: str) -> Counter[str | None]:
    """What the words say about a kind: how many, and where."""
    return Counter({r.place: r.count + 1 for r in reading.requests if r.kind == kind})


def _placed_by_words(document: Document, component: Component) -> bool:
    return any(
        g.source == "prompt" and g.kind == component.kind and component.place in g.places
        for g in document.groups
    )


def _renumbered(
    group: Group,
    document: Document,
    placed: Sequence[Component],
    none: bool,
    reading: Reading,
    ink: Ink | None,
) -> Group | None:
    """A group of the user's after the words about its kind have changed."""
    if none:
        return None
    here = sum(c.kind == group.kind and c.place in group.places for c in placed)
    total = sum(c.kind == group.kind for c in placed)
    alone = sum(g.kind == group.kind for g in document.groups) == 1
    count = here or (total if alone else 0)
    if not count or count == group.count:
        return group
    if group.kind not in ("button", "pleat"):
        count = min(count, 2 if partner(group.place) else 1)
        if group.boxes:
            return group
    return group.with_count(count, usual_boxes(reading, group.kind, group.place, count, ink))


def grouped(components: Iterable[Component]) -> tuple[Group, ...]:
    """Placed components as groups of the words: rows with their ends, sides as mirrored pairs."""
    boxes: dict[tuple[str, str], list[Box]] = {}
    for component in components:
        if component.box is not None:
            boxes.setdefault((component.kind, component.place), []).append(component.box)
    out: list[Group] = []
    done: set[tuple[str, str]] = set()
    for (kind, place), mine in boxes.items():
        if (kind, place) in done:
            continue
        other = partner(place)
        if place == "double-breasted":
            out.append(columns(mine))
        elif other and paired(mine, boxes.get((kind, other), ())):
            # The wearer's left side is the one that is kept.
            left = place if place.startswith("left") else other
            out.append(Group(kind, left, mirror=True, boxes=tuple(boxes[kind, left])))
            done.add((kind, other))
        else:
            ends = ends_of(mine) if kind == "button" else None
            out.append(Group(kind, place, ends=ends, boxes=tuple(mine)))
    return tuple(out)


def document_of(components: Iterable[Component]) -> Document:
    """A document of components that lie where they lie, such as those of a stored request."""
    return Document(tuple(replace(g, source="user") for g in grouped(components)))


def _in_order(document: Document, groups: Iterable[Group]) -> Document:
    """Groups that were there keep their place in the list."""
    order = {g.id: i for i, g in enumerate(document.groups)}
    return Document(tuple(sorted(groups, key=lambda g: order.get(g.id, len(order)))))


# Writing the components into the words


def agree(document: Document, reading: Reading) -> bool:
    """Whether the words ask for exactly the document's components, where words can say them."""
    asked = Counter((c.kind, c.place) for c in place_requests(reading, None))
    there = Counter((c.kind, c.place) for c in document.components() if c.kind not in OF_THE_CUT)
    return asked == there


def write_words(prompt: str, document: Document) -> str:
    """The prompt with the document's components in place of those it names.

    Reading the result gives the document's components; a prompt that already does is unchanged.

    Raises:
        BadInput: the garment of the words cannot have these components.
    """
    reading = parse_prompt(prompt)
    if agree(document, reading):
        return prompt
    english, written = reading.english, prompt
    for written in (
        _written_abroad(english, document)
        if english is not None and english.foreign
        else (_written(prompt, document, exact) for exact in (False, True))
    ):
        if agree(document, parse_prompt(written)):
            return written
    problems = parse_prompt(written).problems
    raise BadInput(
        problems[0]
        if problems
        else "The components cannot be said in words here: they stay on the board."
    )


def _written_abroad(english: Translated, document: Document) -> Iterator[str]:
    """The prompt in its own language, with phrases of that language or else English ones."""
    kinds, asks = _by_kind(document), read(english.text).asks
    language = language_of(english.language)
    for own in (True, False):
        for exact in (False, True):
            yield with_components(
                english,
                asks,
                {
                    kind: (own and language and component_phrase(language, groups, exact))
                    or _phrase(groups, exact)
                    for kind, groups in kinds.items()
                },
            )


def _by_kind(document: Document) -> dict[str, list[Group]]:
    """The groups that words can say, those of a kind together."""
    kinds: dict[str, list[Group]] = {}
    for group in document.groups:
        if group.kind not in OF_THE_CUT:
            kinds.setdefault(group.kind, []).append(group)
    return kinds


def _written(prompt: str, document: Document, exact: bool) -> str:
    """The prompt with one phrase for each kind, where the kind is first named, or at the end."""
    kinds = _by_kind(document)
    phrases = {kind: _phrase(groups, exact) for kind, groups in kinds.items()}
    text, told = prompt, set[str]()
    for ask in read(prompt).asks:
        said_here = re.compile(
            r"\b(?:an?\s+|the\s+)?" + r"\s+".join(map(re.escape, ask.text.split())), re.IGNORECASE
        )
        new = phrases.get(ask.kind, "") if ask.kind not in told else ""
        told.add(ask.kind)
        text = said_here.sub(lambda _, new=new: new or "\0", text, count=1)
    text = _without_gaps(text)
    missing = [phrases[kind] for kind in kinds if kind not in told and phrases[kind]]
    if missing:
        joint = "with " if not re.search(r"\bwith\b", text) else ""
        listed = " and ".join(filter(None, (", ".join(missing[:-1]), missing[-1])))
        text = f"{text.rstrip(' ,.;')}{', ' if not joint and text.strip() else ' '}{joint}{listed}"
    return text.strip()


def _phrase(groups: Sequence[Group], exact: bool) -> str:
    """“5 buttons”, or with their places."""
    kind, total = groups[0].kind, sum(g.count for g in groups)
    if not total:
        return ""
    if exact or any(g.place == "double-breasted" for g in groups):
        return ", ".join(g.words() for g in groups if g.count)
    return article(kind) if total == 1 else counted(total, kind)


def _without_gaps(text: str) -> str:
    """The text without what was cut out, and without the commas and words that joined it."""
    gap = r"\s*\0\s*"
    text = re.sub(rf"(?:,|\band\b|\s)*{gap}(?=,|\.|;|$|\band\b)", " ", text)
    text = re.sub(rf"\bwith{gap}(?:,|\band\b)?", "with ", text)
    text = re.sub(rf"{gap}(?:,|\band\b)?", " ", text)
    text = re.sub(r"\b(with|and)\s+(?:,|and\b)\s*", r"\1 ", text)
    text = re.sub(r"\s*\b(?:with|and)\s*(?=$|[.;])", "", text)
    return re.sub(r"\s+", " ", re.sub(r"\s+([,.;])", r"\1", text)).strip(" ,")
