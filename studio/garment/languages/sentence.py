"""Garments and their features as an English sentence, in English word order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from studio.garment.languages.builder import Block, Builder, Feature
from studio.garment.languages.clauses import ADJECTIVES, clauses
from studio.garment.languages.pieces import Piece
from studio.garment.languages.table import Role
from studio.garment.lexicon import LEXICON
from studio.garment.writer import article

Parts = list[tuple[str, Piece | None]]
"""English words in order, each with the piece that it comes from."""


def sentence(pieces: Sequence[Piece], before: bool) -> tuple[Parts, list[Piece]]:
    """The pieces as English, and those that have none."""
    builder = Builder(before)
    for clause in clauses(pieces, before):
        builder.clause(clause)
    parts: Parts = []
    if builder.people:
        parts += [(article(builder.people[0].english), builder.people[0])]
        if any(_told(block) for block in builder.blocks):
            parts.append(("wearing", None))
    blocks = [block for block in builder.blocks if _told(block)]
    for at, block in enumerate(blocks):
        if at:
            parts.append(("and", None))
        parts += _block(block)
    for ground in builder.grounds:
        parts.append((",", None))
        parts += [(p.english, p) for p in (*_sorted(ground.adjectives), ground.noun) if p]
    for scene in builder.scenes:
        if scene.english.startswith(("on ", "in ")) or builder.people:
            parts += [(",", None), (scene.english, scene)]
    return parts, [*builder.unknown, *builder.carried]


def _told(block: Block) -> bool:
    return block.noun is not None or bool(block.adjectives or block.features)


def _sorted(adjectives: Sequence[Piece]) -> list[Piece]:
    order = {id(p): i for i, p in enumerate(adjectives)}
    return sorted(adjectives, key=lambda p: (_rank(p), order[id(p)]))


def _rank(piece: Piece) -> int:
    entry = LEXICON.get(tuple(re.findall(r"[a-z0-9']+", piece.english)))
    garment = piece.role == "look" and entry is not None and entry.kind == "garment"
    return len(ADJECTIVES) if garment else ADJECTIVES.index(piece.role)


def _adjectives(adjectives: Sequence[Piece]) -> Parts:
    """In English order, colours joined by “and”, each said once."""
    parts: Parts = []
    said: set[str] = set()
    last: Role | None = None
    for piece in _sorted(adjectives):
        if piece.english in said:
            continue
        said.add(piece.english)
        if piece.role == last == "colour":
            parts.append(("and", None))
        parts.append((piece.english, piece))
        last = piece.role
    return parts


def _block(block: Block) -> Parts:
    parts: Parts = []
    number = block.number
    if number is not None and number.number not in (None, 1):
        parts.append((_digits(number), number))
    parts += _adjectives(block.adjectives)
    if block.noun is not None:
        parts.append((block.noun.english, block.noun))
        if number is None or number.number in (None, 1):
            parts = _with_article(parts, block.noun.english)
    there = [f for f in block.features if not f.absent]
    for at, feature in enumerate(there):
        joint = "with" if at == 0 else "and" if at == len(there) - 1 and feature.noun else ","
        parts.append((joint, None))
        parts += _feature(feature)
    for feature in block.features:
        if feature.absent:
            parts.append(("without", feature.by))
            parts += _feature(feature)
    return parts


def _with_article(parts: Parts, noun: str) -> Parts:
    if noun.endswith(("s", "leggings")) and not noun.endswith("dress"):
        return parts
    text, piece = parts[0]
    return [(article(text), piece), *parts[1:]]


def _digits(piece: Piece) -> str:
    return f"{piece.number:g}" if piece.number is not None else piece.english


def _feature(feature: Feature) -> Parts:
    """“two gold buttons on the left chest”."""
    parts: Parts = []
    noun, number = feature.noun, feature.number
    if number is not None and not feature.absent:
        parts.append((_digits(number), number))
    parts += _adjectives(feature.adjectives)
    if noun is not None:
        text = noun.english
        if noun.role in ("component", "detail") and number is not None:
            text = _counted(text, number.number)
        parts.append((text, noun))
        if number is None and noun.role in ("component", "neckline") and not feature.absent and (
            not text.endswith("s") or text == "zips"
        ):  # fmt: skip
            text, piece = parts[0]
            parts[0] = (article(text), piece)
    said = noun.area if noun is not None else None
    area = feature.area.english if feature.area else said
    if feature.side is not None or area:
        side = feature.side.english if feature.side else "the"
        side = f"the {side}" if side in ("left", "right") else side
        place = area or "side"
        many = side == "both" and place in ("side", "hip", "knee", "wrist", "shoulder")
        parts.append((f"{'at' if area == 'front' else 'on'} {side}", feature.side))
        parts.append((f"{place}{'s' if many else ''}", feature.area))
    return parts


def _counted(noun: str, number: float | None) -> str:
    """A noun in the singular or plural of its count."""
    if number == 1:
        return noun.removesuffix("es") if noun.endswith("ches") else noun.removesuffix("s")
    if noun.endswith("s"):
        return noun
    return f"{noun}es" if noun.endswith(("ch", "s")) else f"{noun}s"
