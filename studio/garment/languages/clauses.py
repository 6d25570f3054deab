"""A prompt's pieces in clauses: what stands between two marks, or words such as “with”."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from studio.garment.languages.pieces import Piece
from studio.garment.languages.table import Role

ADJECTIVES: Final[tuple[Role, ...]] = ("look", "length", "fit", "colour", "pattern", "fabric")
"""In the order in which English has them; a kind of garment (“sweater dress”) comes last."""
NOUNS: Final[frozenset[Role]] = frozenset(
    ("garment", "thing", "component", "detail", "neckline", "sleeves", "person", "ground")
)
CLOTH: Final = ("colour", "pattern", "fabric")
_BREAKS: Final = frozenset(("with", "without", "and"))


@dataclass
class Clause:
    """What stands between two marks, or words such as “with”.

    Attributes:
        intro: what it begins with.
        once: only its first noun is meant (“statt eines Kleides ein Rock”).
        by: the word that it begins with, where it says what is not wished.
    """

    intro: str
    pieces: list[Piece] = field(default_factory=list)
    once: bool = False
    by: Piece | None = None

    def nouns(self) -> list[int]:
        return [i for i, piece in enumerate(self.pieces) if piece.role in NOUNS]


def is_small(piece: Piece | None, *kinds: str) -> bool:
    """Whether it is a small word of a kind; beside colours alone “on” and “base” are none."""
    if piece is None or piece.role != "small":
        return False
    return piece.english in kinds or ("drop" in kinds and piece.english in ("on", "base", "at"))


def clauses(pieces: Sequence[Piece], before: bool) -> list[Clause]:
    """Cut at marks and at “with”, “without” and “and”, unless two adjectives are joined there."""
    found = [Clause("")]
    pieces = _both_sides(pieces)
    for at, piece in enumerate(pieces):
        now = found[-1]
        last = next((p for p in reversed(now.pieces) if not is_small(p, "drop")), None)
        after = next((p for p in pieces[at + 1 :] if not is_small(p, "drop", "and")), None)
        joined = last and after and last.role in ADJECTIVES and after.role in ADJECTIVES
        if piece.role == "mark":
            if (
                piece.english in "(:="
                and last
                and last.role == "component"
                and (after and after.role == "number")
            ):
                continue  # “buttons: 5”, “buttons (5)”
            if piece.english in ":=" and last and last.role == "component" and (
                none := _none_alone(pieces[at + 1 :])
            ):  # fmt: skip
                now.pieces.remove(last)
                found.append(Clause("without", [last], by=none))
                continue  # “Knöpfe: keine”
            if piece.english in ",、，" and joined and now.intro == "with" and not now.nouns():
                continue  # “with large, round buttons”
            found.append(Clause(piece.english))
        elif is_small(piece, "and") and joined:
            now.pieces.append(piece)
        elif is_small(piece, "but"):
            found.append(Clause(""))
        elif is_small(piece, "instead"):
            found.append(Clause("without", once=True, by=piece))
        elif now.once and now.nouns() and _begins_garment(pieces[at:], before):
            found.append(Clause("", [piece]))
        elif is_small(piece, "after"):
            now.intro, now.by = "without", piece
            found.append(Clause(""))
        elif is_small(piece, "link") and now.intro in ("with", "without") and now.nouns():
            found.append(Clause(""))  # “没有口袋的白色短裤”: the rest is of the garment
        elif is_small(piece, *_BREAKS):
            intro = piece.english
            by = piece if intro == "without" else None
            if now.pieces or now.intro not in ("with", "without"):
                found.append(Clause(intro, by=by))
            elif intro == "without" or (intro == "with" and now.intro != "without"):
                now.intro, now.by = intro, by or now.by  # “que no lleve” is without
        else:
            now.pieces.append(piece)
    return found


def _none_alone(pieces: Sequence[Piece]) -> Piece | None:
    """The “none” that is all that stands up to the next mark."""
    end = next((i for i, p in enumerate(pieces) if p.role == "mark"), len(pieces))
    alone = end == 1 and is_small(pieces[0], "without", "after")
    return pieces[0] if alone else None


def _begins_garment(pieces: Sequence[Piece], before: bool) -> bool:
    """Whether another garment begins here, with its article."""
    if pieces[0].role == "garment":
        return True
    follows = (
        p for p in pieces[1:]
        if not (is_small(p, "drop") or (before and p.role in (*ADJECTIVES, "shade")))
    )  # fmt: skip
    after = next(follows, None)
    return is_small(pieces[0], "drop") and after is not None and after.role == "garment"


def _both_sides(pieces: Sequence[Piece]) -> list[Piece]:
    """“links und rechts” as one piece."""
    told = [i for i, piece in enumerate(pieces) if not is_small(piece, "drop")]
    found = list(pieces)
    for one, joint, other in zip(told, told[1:], told[2:], strict=False):
        first, last = pieces[one], pieces[other]
        if is_small(pieces[joint], "and") and {first.english, last.english} == {"left", "right"}:
            found[one] = replace(first, english="both", end=last.end)
            found[joint] = replace(pieces[joint], english="drop")
            found[other] = replace(last, role="small", english="drop")
    return found


def one_garment(pieces: Sequence[Piece], before: bool) -> list[Piece]:
    """“Pulloverkleid”, “robe pull”, “falda vaquera”: one garment, of the kind of the other."""
    found = list(pieces)
    for at, piece in enumerate(pieces):
        after = next(
            (i for i in range(at + 1, len(pieces)) if not is_small(pieces[i], "of", "in")), None
        )
        if piece.role != "garment" or after is None or pieces[after].role != "garment":
            continue
        kind = at if before else after
        english = found[kind].english
        if english == "jeans" or english.startswith("denim "):
            found[kind] = replace(found[kind], role="fabric", english="denim")
        elif english == "sweater":
            found[kind] = replace(found[kind], role="fabric", english="knit")
        else:
            found[kind] = replace(found[kind], role="look", english=english)
    return found


def shaded(pieces: Sequence[Piece]) -> list[Piece]:
    """“dunkel” and “grün” side by side are one colour; elsewhere a shade is an adjective."""
    found: list[Piece] = []
    shade: Piece | None = None
    for piece in pieces:
        if piece.role == "shade":
            last = found[-1] if found else None
            if last and last.role == "colour" and not last.english.startswith(_SHADES):
                found[-1] = _merged(last, piece, f"{piece.english} {last.english}")
            else:
                found.append(shade := replace(piece, role="look"))
            continue
        if shade is not None and piece.role == "colour":
            found.remove(shade)
            piece = _merged(shade, piece, f"{shade.english} {piece.english}")
        if not is_small(piece, "drop", "link"):
            shade = None
        found.append(piece)
    return found


_SHADES: Final = ("light ", "dark ", "bright ", "pastel ")


def _merged(one: Piece, other: Piece, english: str) -> Piece:
    start, end = min(one.start, other.start), max(one.end, other.end)
    return Piece("colour", english, start, end, one.words + other.words)
