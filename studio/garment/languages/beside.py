"""What stands beside a piece: what it is said of, what refuses it, and the colours next to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from studio.garment.coarser import SEWN
from studio.garment.languages.clauses import ADJECTIVES, CLOTH, is_small
from studio.garment.languages.pieces import Piece
from studio.garment.languages.table import Role

_CUT: Final = ("neckline", "sleeves")
_LININGS: Final = frozenset(("lining", "piping", "edging", "topstitching"))
"""In a colour of their own, as a rule."""


def sewn(pieces: Sequence[Piece]) -> list[Piece]:
    """“encaje blanco” is the cloth of the garment where it is said of no part."""
    parts = ("component", "neckline", "sleeves", "place", "side", "number", "detail")
    if sum(p.role in parts for p in pieces) > 1 or any(p.role == "thing" for p in pieces):
        return list(pieces)
    return [
        replace(p, role="fabric", english=cloth)
        if p.role == "detail" and (cloth := p.english.removesuffix("s")) in SEWN
        else p
        for p in pieces
    ]


def of_place(pieces: Sequence[Piece], at: int) -> bool:
    """Whether a cloth is said of a part of the body: “espalda de raso”."""
    before = at - 1
    while before >= 0 and is_small(pieces[before], "of", "in"):
        before -= 1
    first = (before == 0 and pieces[before].role == "place") or (
        before >= 0 and pieces[before].english == "lined"  # “doublée de soie rose”
    )
    return first and before < at - 1 and pieces[at].role in CLOTH


def refused(piece: Piece, by: Piece | None) -> Piece:
    """“nicht rot”: no word of the garment, but one that is told."""
    if piece.role not in ADJECTIVES:
        return piece
    if piece.role == "pattern":
        return replace(piece, english="plain", by=by)  # “ohne Streifen”
    return replace(piece, role="look", english=f"not {piece.english}", by=by)


def refused_on(pieces: Sequence[Piece], by: Piece | None) -> tuple[int | None, range]:
    """The garment that is to be without what a clause refuses: “keine Knöpfe am Mantel”.

    Args:
        by: the word that refuses; what it refuses stands right before it where it comes last.

    Returns:
        Where the garment stands, None where no other thing is refused than one; and which pieces
        are refused.
    """
    last = is_small(by, "after")
    for at, piece in enumerate(pieces):
        if piece.role != "garment":
            continue
        gone = range(at + 1, len(pieces)) if last else range(_on(pieces, at))
        said = [p.role for p in pieces[gone.start : gone.stop]]
        if "garment" not in said and any(role not in _NOTHING for role in said):
            return at, gone
        break
    return None, range(len(pieces))


_NOTHING: Final[frozenset[Role]] = frozenset(("small", "number", "place", "side", "mark"))


def _on(pieces: Sequence[Piece], garment: int) -> int:
    """Where “on” stands before a garment, 0 where nothing is on it."""
    at = garment
    while at and not is_small(pieces[at], "on", "in", "at"):
        at -= 1
    return at


def beside(pieces: Sequence[Piece], at: int, step: int) -> list[int]:
    """The colours that stand next to a piece, before it (-1) or after it (1)."""
    found: list[int] = []
    index = at + step
    while 0 <= index < len(pieces) and (
        pieces[index].role == "colour" or is_small(pieces[index], "and", "drop", "link")
    ):
        if pieces[index].role == "colour":
            found.append(index)
        index += step
    return sorted(found)


def is_plural(colour: Piece, pattern: Piece) -> bool:
    """Whether a colour after a pattern agrees with it: “pois blancs”, “righe rosse”."""
    if colour.said.endswith(("s", "x")) and colour.english != "grey":
        return True
    italian = pattern.said.endswith(("e", "i"))
    return italian and colour.said.endswith(pattern.said[-1]) and colour.english != "green"


def near(pieces: Sequence[Piece], start: int, end: int) -> bool:
    return all(
        is_small(p, "drop", "link") or p.role in ("side", "place") for p in pieces[start + 1 : end]
    )


def next_noun(pieces: Sequence[Piece], following: Sequence[int], at: int, role: Role) -> int | None:
    """The noun after an adjective that it belongs to: cloth is the garment's, not its collar's."""
    for noun, after in zip(following, (*following[1:], None), strict=True):
        kind = pieces[noun].role
        if kind in _CUT:
            mine = role in ("length", "fit", "look") and noun == at + 1
            if mine and (pieces[noun].english in ("sleeves", "collar", "hood") or role == "look"):
                return noun
            if after is not None and any(pieces[i].role == "garment" for i in following):
                continue
            if role in ("length", "fit"):
                return None
        lining = pieces[noun].english in _LININGS and noun <= at + 2
        sewn_on = (kind == "detail" and not lining) or pieces[noun].english == "pleats"
        if (
            sewn_on
            and role in (*CLOTH, "length", "fit")
            and "garment" in (pieces[i].role for i in following)
        ):
            continue  # “白いレースのブラウス”: the blouse is white
        if (
            kind in ("component", "detail") and role in CLOTH and after is not None and not lining
            and after == noun + 1 and pieces[after].role == "garment"
        ):  # fmt: skip
            return after
        return noun
    return following[0]
