"""Clauses into garments and their features: each word to the noun that it belongs to.

Adjectives go to the noun that they belong to in their own language (after it in French, before it
in German), counts and places to their components, and what is left to the garment.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from studio.garment.languages.beside import (
    beside,
    is_plural,
    near,
    next_noun,
    of_place,
    refused,
    refused_on,
    sewn,
)
from studio.garment.languages.clauses import (
    ADJECTIVES,
    CLOTH,
    NOUNS,
    Clause,
    is_small,
    one_garment,
    shaded,
)
from studio.garment.languages.pieces import Piece
from studio.garment.lexicon import LEXICON

_PARTS: Final = ("collar", "sleeves")
"""Parts of a cut with a colour of their own."""
_CUT: Final = ("neckline", "sleeves")
_COUNTED: Final = ("component", "detail", "thing", "unknown")


_NOUNS: Final = {
    "striped": "stripes", "checked": "checks", "polka dot": "polka dots", "floral": "flowers",
}  # fmt: skip
"""What has a colour of its own, by the adjective."""


@dataclass
class Feature:
    """A noun that is no garment, with what is said of it; `by` is the word that refuses it."""

    noun: Piece | None
    adjectives: list[Piece] = field(default_factory=list)
    number: Piece | None = None
    side: Piece | None = None
    area: Piece | None = None
    absent: bool = False
    by: Piece | None = None


@dataclass
class Block:
    """A garment, with what is said of it."""

    noun: Piece | None = None
    number: Piece | None = None
    adjectives: list[Piece] = field(default_factory=list)
    features: list[Feature] = field(default_factory=list)


Nouns = dict[int, Feature | Block | None]
"""Where a clause's nouns stand -> what they are; None for a word that is not known."""


class Builder:
    """The walk through the clauses.

    Args:
        before: adjectives stand before their noun.
    """

    def __init__(self, before: bool) -> None:
        self.before = before
        self.blocks = [Block()]
        self.people: list[Piece] = []
        self.scenes: list[Piece] = []
        self.grounds: list[Feature] = []
        self.unknown: list[Piece] = []
        self.carried: list[Piece] = []
        self.negated = self.within = self.refusing = False
        self.by: Piece | None = None

    @property
    def block(self) -> Block:
        return self.blocks[-1]

    def clause(self, clause: Clause) -> None:
        pieces = one_garment(shaded(clause.pieces), self.before)
        if all(is_small(p, "drop") for p in pieces):
            return
        due, self.carried = self.carried, []
        absent = clause.intro == "without"
        self.within, self.refusing = clause.intro == "with", absent
        self.by = clause.by if absent else self.by
        if not (absent or self.within):
            pieces = sewn(pieces)
        nouns: Nouns = {}
        bearer, gone = refused_on(pieces, clause.by) if absent else (None, range(len(pieces)))
        worn = None if bearer is None else self._garment(pieces[bearer], False)
        for at, piece in enumerate(pieces):
            if at == bearer:
                nouns[at] = worn
            elif piece.role == "garment":
                nouns[at] = self._garment(piece, absent)
            elif piece.role in NOUNS:
                feature = self._feature(piece, absent or (
                    clause.intro == "and" and self.negated and piece.role == "component"
                ))  # fmt: skip
                if isinstance(feature, Feature) and piece.role in ("component", "detail"):
                    due = [said for said in due if not _put(feature, said)]
                nouns[at] = feature
        if absent and nouns.keys() <= {bearer}:
            pieces = [refused(p, self.by) if at in gone else p for at, p in enumerate(pieces)]
        of_patterns = self._patterns(pieces, nouns, clause)
        strange = [i for i, p in enumerate(pieces) if p.role == "unknown"]
        if strange and not nouns and clause.intro in ("with", "without", "and"):
            for at in strange:
                nouns[at] = None  # it keeps its adjectives and its number to itself
        for at, piece in enumerate(pieces):
            if at in of_patterns:
                continue
            if piece.role in ADJECTIVES:
                self._adjective(pieces, nouns, at, clause)
            elif piece.role == "number":
                self._number(pieces, nouns, at)
            elif piece.role == "scene":
                self.scenes.append(piece)
            elif piece.role == "unknown":
                part = absent and nouns.get(at + 1)
                if isinstance(part, Feature) and self.before:
                    # “keine eckigen Taschen” is not without any
                    part.adjectives.append(replace(piece, role="look", english=piece.said))
                else:
                    self.unknown.append(piece)
        for at, piece in enumerate(pieces):
            if piece.role in ("side", "place"):
                self._place(pieces, nouns, at)
        self.unknown += due  # a place of nothing
        ended = bearer is not None and bearer == max(nouns)
        self.negated = (absent and not ended) or (self.negated and clause.intro == "and")

    def _garment(self, piece: Piece, absent: bool) -> Block | Feature:
        if absent:
            feature = Feature(piece, absent=True, by=self.by)
            self.block.features.append(feature)
            return feature
        named = self.block.noun
        if named is not None and not (self.refusing and named.english == piece.english):
            self.blocks.append(Block())  # “ein Mantel, keine Knöpfe am Mantel” is one
        self.block.noun = piece
        return self.block

    def _feature(self, piece: Piece, absent: bool) -> Feature | Block:
        feature = Feature(piece, absent=absent, by=self.by if absent else None)
        if piece.english == "sleeveless":
            self.block.adjectives.append(replace(piece, role="look"))
            return feature
        if piece.role == "person":
            self.people.append(piece)
            return feature
        if piece.role == "ground":
            self.grounds.append(feature)
            return feature
        if piece.role == "thing" and self.block.noun is None and not absent and not self.within:
            self.block.noun = piece
            return self.block
        self.block.features.append(feature)
        return feature

    def _patterns(self, pieces: Sequence[Piece], nouns: Nouns, clause: Clause) -> set[int]:
        """Patterns with a colour of their own become features: “mit weißen Punkten”.

        Returns:
            The places of the pieces that are of such a pattern.
        """
        taken = self._laid_on(pieces)
        grounds = set(taken)
        for at, piece in enumerate(pieces):
            if piece.role != "pattern" or piece.english in ("plain", "printed"):
                continue
            colours = beside(pieces, at, -1 if self.before else 1)
            if grounds:
                colours = [i for i in colours or beside(pieces, at, -1) if i not in grounds]
            garments = [i for i in nouns if pieces[i].role == "garment"]
            others = [i for i, p in enumerate(pieces) if p.role == "colour" and i not in colours]
            coloured = any(p.role == "colour" for p in self.block.adjectives)
            entry = LEXICON.get(tuple(piece.english.split()))
            both = entry is not None and entry.value in ("striped", "checked") and len(colours) > 1
            if not colours or (both and not (coloured or others)):
                continue  # “à carreaux rouges et noirs”: nothing else is said of the colour
            if self.before:
                after = [i for i in others if i > at and any(i < g for g in garments)]
                ground = any(p.role == "scene" and p.said.endswith("底") for p in pieces)
                mine = bool(after) or ground or (clause.intro == "with" and not garments)
            else:
                first = bool(garments) and min(garments) > at and self.block.noun is not None
                many = is_plural(pieces[colours[0]], piece) and not (
                    self.block.noun is not None and self.block.noun.said.endswith("s")
                )
                mine = coloured or any(i < at for i in others) or first or many
            if mine or grounds:
                own = [pieces[i] for i in colours]
                taken |= self._ground(pieces, at)
                noun = replace(piece, english=_NOUNS.get(piece.english, piece.english))
                self.block.features.append(Feature(noun, adjectives=own))
                taken |= {at, *colours}
        return taken

    def _laid_on(self, pieces: Sequence[Piece]) -> set[int]:
        """“weiß gepunktet auf Rot”, “赤地に白の水玉”: red is the garment, and where it stands."""
        if not any(p.role == "pattern" and p.english not in ("plain", "printed") for p in pieces):
            return set()
        found: set[int] = set()
        for at, piece in enumerate(pieces):
            if is_small(piece, "base"):
                found |= set(beside(pieces, at, -1)[-1:])
            elif is_small(piece, "on"):
                last = at + 1
                while last < len(pieces) and (
                    pieces[last].role in ("colour", "ground") or is_small(pieces[last], "drop")
                ):
                    last += 1
                if last == len(pieces) or pieces[last].role != "garment":
                    found |= {
                        i for i in range(at + 1, last)
                        if pieces[i].role == "colour" or pieces[i].english == "background"
                    }  # fmt: skip
        laid = [pieces[i] for i in sorted(found) if pieces[i].role == "colour"]
        if not laid:
            return set()
        self.block.adjectives += laid
        self.grounds = [g for g in self.grounds if all(g.noun is not pieces[i] for i in found)]
        return found

    def _ground(self, pieces: Sequence[Piece], pattern: int) -> set[int]:
        """The ground of a pattern is the garment's colour: “sur fond rouge”, “白底红花”."""
        for at, piece in enumerate(pieces):
            white = re.fullmatch(r"on a (white|grey) background", piece.english)
            if piece.role == "scene" and white:
                ground = replace(piece, role="colour", english=white[1])
                self.block.adjectives.append(ground)
                return {at}
            if piece.role == "ground" and piece.english == "background" and at > pattern:
                colours = beside(pieces, at, 1) or beside(pieces, at, -1)
                self.block.adjectives += [pieces[i] for i in colours]
                self.grounds = [g for g in self.grounds if g.noun is not piece]
                return {at, *colours}
        return set()

    # -- where things go ---------------------------------------------------------------------

    def _adjective(self, pieces: Sequence[Piece], nouns: Nouns, at: int, clause: Clause) -> None:
        if not self.before and of_place(pieces, at):
            self.unknown.append(pieces[at])  # “espalda de raso”
            return
        target = self._described(pieces, nouns, at, clause)
        if target is None and clause.intro == "(" and not nouns and self.block.features:
            self.block.features[-1].adjectives.append(pieces[at])  # “3 buttons (wooden)”
        elif target is None:
            self.block.adjectives.append(pieces[at])
        elif (owner := nouns[target]) is None:
            self.unknown.append(pieces[at])
        else:
            owner.adjectives.append(pieces[at])

    def _described(
        self, pieces: Sequence[Piece], nouns: Nouns, at: int, clause: Clause
    ) -> int | None:
        """The noun of an adjective, None for the garment at large."""
        role = pieces[at].role
        last = max((i for i in nouns if i < at), default=None)
        following = [i for i in nouns if i > at]
        first = at
        while first and (
            pieces[first - 1].role in ADJECTIVES or is_small(pieces[first - 1], "and")
        ):
            first -= 1
        told = first > 0 and is_small(pieces[first - 1], "of", "in")
        if self.before and following and not (told and last is not None):
            if (
                self.block.noun is None
                and role in CLOTH
                and all(pieces[i].role in _CUT for i in following)
                and all(pieces[i].english not in _PARTS for i in following)
            ):
                return None  # “赤いフード付きパーカー”: the garment is still to come
            return next_noun(pieces, following, at, role)
        if last is None:
            return next_noun(pieces, following, at, role) if following else None
        noun, owner = pieces[last], nouns[last]
        block = self.block
        taken = any(p.role == role for p in block.adjectives)
        if (
            noun.role in ("detail", "thing")
            and role in CLOTH
            and not taken
            and any(pieces[i].role == "garment" for i in nouns if i < last)
        ):
            return None  # “top en dentelle blanche”: the top is white
        if (
            first > 0 and pieces[first - 1].english == "in" and role == "colour"
            and not taken and noun.role != "garment"
        ):  # fmt: skip
            return None  # “Hose mit Bügelfalte in Schwarz”: the trousers are black
        if isinstance(owner, Feature) and owner.absent and noun.role != "garment":
            return None  # “sin bolsillos celeste”
        if noun.role in _CUT:
            collar = noun.english.endswith(("collar", "lapel", "lapels", "hood", "sleeves"))
            mine = role in ("length", "fit") and (noun.english == "sleeves" or last == at - 1)
            mine = (mine and collar) or (role == "look" and last == at - 1)
            of = last + 1
            while is_small(pieces[of], "of"):
                of += 1  # “cuello de borreguito”
            joined = clause.intro == "with" or of > last + 1
            close = of == at and joined and collar and role in CLOTH
            if not (mine or close or (role in CLOTH and taken and collar)):
                return None
        return last

    def _number(self, pieces: Sequence[Piece], nouns: Nouns, at: int) -> None:
        following = [i for i in nouns if i > at]
        last = max((i for i in nouns if i < at), default=None)
        target = following[0] if following else None
        counted = last is not None and pieces[last].role in _COUNTED
        if counted and last is not None and near(pieces, last, at):
            owner = nouns[last]
            first = next((i for i, p in enumerate(pieces) if p.role == "number"), at)
            # Where words are not kept apart, counts stand after their nouns.
            if (
                isinstance(owner, Feature)
                and owner.number is None
                and (target is None or (last < first and pieces[at].bound))
            ):
                target = last
        if target is None:
            if any(p.role in ("side", "place") for p in pieces) and pieces[at].number is not None:
                # “four pockets, two on the chest”
                feature = Feature(None, number=pieces[at])
                self.block.features.append(feature)
                nouns[at] = feature
            return
        owner = nouns[target]
        if owner is None:
            self.unknown.append(pieces[at])
        elif owner.number is None:
            owner.number = pieces[at]

    def _place(self, pieces: Sequence[Piece], nouns: Nouns, at: int) -> None:
        takes = [
            i for i, owner in nouns.items()
            if isinstance(owner, Feature) and (owner.noun is None or owner.noun.role in (
                "component", "detail", "thing", "neckline", "sleeves"
            ))
        ]  # fmt: skip
        last = max((i for i in takes if i < at), default=None)
        following = min((i for i in takes if i > at), default=None)
        bound = pieces[at].bound and following is not None and following - at <= 2
        target = following if (last is None or bound) else last
        if target is None and self.within and not nouns and not self.before:
            self.unknown.append(pieces[at])  # “con dobladillo y bolsillos”
            return
        if target is None:
            self.carried.append(pieces[at])
            return
        owner = nouns[target]
        assert isinstance(owner, Feature)
        if not _put(owner, pieces[at]) and following is not None:
            other = nouns[following]
            assert isinstance(other, Feature)
            _put(other, pieces[at])


def _put(feature: Feature, piece: Piece) -> bool:
    """A side or an area of a feature; False where it has one."""
    name = "side" if piece.role == "side" else "area"
    there = getattr(feature, name)
    if there is not None and not (name == "area" and there.english in ("front", "side")):
        return False
    setattr(feature, name, piece)
    return True
