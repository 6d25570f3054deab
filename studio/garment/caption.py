"""Captions: what a picture shows, in the words of users and of catalogue writers.

`caption` is varied, for training; `plain_caption` is the one canonical sentence; `scene_caption`
names the garment and tells nothing else about it, for pictures whose garment is given as a
picture. `tell` is `caption` together with the facts that its sentence states, which is what a
reader can recover.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from studio.garment import phrases as p
from studio.garment.features import Feature, describe
from studio.garment.requests import ComponentRequest
from studio.garment.spec import GarmentSpec, Person, PictureSpec
from studio.garment.writer import Writer, article, clean

LONGEST = 50
"""Words. The text encoder reads 64 tokens, and what comes after them is lost."""


@dataclass(frozen=True)
class Telling:
    """A caption, the names of the `GarmentSpec` fields that it states, and its components."""

    text: str
    stated: frozenset[str]
    requests: tuple[ComponentRequest, ...]


@dataclass
class _Noun:
    """The garment's noun phrase as it is put together, without article."""

    front: list[str] = field(default_factory=list)
    cloth: list[str] = field(default_factory=list)
    name: str = ""
    after: list[str] = field(default_factory=list)
    features: list[Feature] = field(default_factory=list)
    stated: set[str] = field(default_factory=lambda: {"garment", "colour"})

    def words(self, name: bool = True) -> str:
        return " ".join((*self.front, *self.cloth, *((self.name, *self.after) if name else ())))


def caption(picture: PictureSpec, rng: np.random.Generator, components: bool = True) -> str:
    """A natural sentence about the picture, of at most 50 words; the same for the same `rng`.

    Args:
        components: tell the garment's components, or what it lacks.
    """
    return tell(picture, rng, components).text


def tell(picture: PictureSpec, rng: np.random.Generator, components: bool = True) -> Telling:
    """A natural sentence and what it states. See `caption`."""
    thrift = 0
    while True:
        writer = Writer(rng, thrift)
        noun = _garment(picture.garment, writer, components)
        text = clean(_sentence(picture, noun, writer), writer)
        thrift += 1
        if len(text.split()) <= LONGEST or thrift == 8:
            break
    requests = tuple(r for feature in noun.features for r in feature.requests)
    return Telling(text, frozenset(noun.stated), requests)


def plain_caption(picture: PictureSpec) -> str:
    """The canonical sentence: every fact that is not the default, always in the same words."""
    writer = Writer(None)
    noun = _garment(picture.garment, writer)
    listed = _and([f.full for f in noun.features])
    garment = noun.words() + (f" with {listed}" if listed else "")
    if not picture.garment.type.plural:
        garment = article(garment)
    person, ground = picture.scene.person, p.GROUND_WORDS[picture.scene.ground][0]
    if person is None:
        return f"{garment}, laid flat, {ground}"
    wearer = f"a {person.person} with {person.skin} skin and {_hair(person, writer)}"
    return f"{wearer} wearing {garment}, {person.pose}, {ground}"


def scene_caption(picture: PictureSpec, rng: np.random.Generator) -> str:
    """Who wears it and where, and only the garment's name; the same for the same `rng`."""
    writer = Writer(rng)
    spec = picture.garment
    names = (spec.garment, *p.GARMENT_WORDS[spec.garment])
    names = tuple(n for n in names if not any(part in n for part in ("button", "hooded", "zip")))
    name = writer.pick(names) if writer.chance(0.3) else spec.garment
    plural = spec.type.plural or name == "overalls"
    garment = name if plural else article(name)
    told = _worn if picture.scene.person else _flat
    return clean(told(garment, picture, writer), writer)


def _garment(spec: GarmentSpec, w: Writer, components: bool = True) -> _Noun:
    """Decide which facts are told, and where in the noun phrase each goes."""
    noun = _Noun()
    _name(spec, noun, w)
    _length_and_fit(spec, noun, w)
    _cut(spec, noun, w)
    for feature in describe(spec, w) if components else ():
        if feature.adjective and w.chance(0.2):
            noun.front.append(feature.adjective)
            noun.features.append(Feature("", "", feature.requests))
        else:
            noun.front += [feature.lead] if feature.lead else []
            noun.features.append(feature)
    if w.chance(0.35):
        w.shuffle(noun.features)
    return noun


def _name(spec: GarmentSpec, noun: _Noun, w: Writer) -> None:
    """Colour, pattern, fabric and the garment's name, in the orders that English allows."""
    noun.name, colour = spec.garment, spec.colour
    if w.chance(0.2):
        noun.name = w.pick((spec.garment, *p.GARMENT_WORDS[spec.garment])[-4:])
    if w.chance(0.2):
        colour = w.pick(p.COLOUR_WORDS.get(colour, (colour,)))
    told_fabric = w.chance(0.6, thrifty=0.25, canonical=True)
    if told_fabric and w.chance(0.3) and (spec.garment, spec.fabric) in p.FABRIC_GARMENTS:
        noun.name, told_fabric = p.FABRIC_GARMENTS[spec.garment, spec.fabric], False
        noun.stated.add("fabric")
    pattern = ""
    if spec.pattern != "plain" or w.chance(0.12):
        noun.stated.add("pattern")
        pattern = w.pick(p.PATTERN_ADJECTIVES[spec.pattern])
        if spec.pattern != "plain" and w.chance(0.2):
            pattern = ""
            words = w.pick(p.PATTERN_NOUNS[spec.pattern])
            noun.features.append(Feature(words, words.removeprefix("a ")))
    fabric = ""
    if told_fabric:
        noun.stated.add("fabric")
        fabric = spec.fabric
        words = p.FABRIC_WORDS[fabric]
        if words and w.chance(0.2):
            fabric = w.pick(words)
    if told_fabric and w.chance(0.15):
        cloth = p.FABRIC_NOUNS.get(spec.fabric, spec.fabric)
        noun.after.append(f"in {colour} {cloth}" if w.chance(0.6) else f"of {colour} {cloth}")
        noun.cloth = [pattern]
    elif told_fabric and w.chance(0.15):
        noun.after.append(f"made of {p.FABRIC_NOUNS.get(spec.fabric, spec.fabric)}")
        noun.cloth = [colour, pattern]
    elif not told_fabric and w.chance(0.08):
        noun.after.append(f"in {colour}")
        noun.cloth = [pattern]
    else:
        first = (pattern, colour) if w.chance(0.35) else (colour, pattern)
        noun.cloth = [*first, fabric]
    noun.cloth = [word for word in noun.cloth if word]


def _length_and_fit(spec: GarmentSpec, noun: _Noun, w: Writer) -> None:
    if spec.fit != "regular" and w.chance(0.6, canonical=True):
        noun.stated.add("fit")
        noun.front.append(w.pick(p.FIT_WORDS[spec.fit]))
    if spec.length != "regular" and w.chance(0.6, canonical=True):
        noun.stated.add("length")
        noun.front.append(w.pick(p.length_words(spec.garment, spec.length)))
    if w.chance(0.3):
        w.shuffle(noun.front)


def _cut(spec: GarmentSpec, noun: _Noun, w: Writer) -> None:
    """Neckline and sleeves: where the garment has a choice, mostly; where it has none, seldom."""
    kind = spec.type
    choice = len(kind.sleeves) > 1
    if (choice and w.chance(0.85, canonical=True)) or (
        spec.sleeves != "none" and not choice and w.chance(0.15)
    ):
        noun.stated.add("sleeves")
        if w.chance(0.5, canonical=True):
            noun.front.append(w.pick(p.SLEEVE_ADJECTIVES[spec.sleeves]))
        else:
            noun.features.append(Feature.same(w.pick(p.SLEEVE_NOUNS[spec.sleeves])))
    if spec.neckline == "none":
        return
    choice = len(kind.necklines) > 1
    if (choice and w.chance(0.85, canonical=True)) or (not choice and w.chance(0.15)):
        noun.stated.add("neckline")
        if spec.neckline in p.NECKLINE_ADJECTIVES and w.chance(0.4):
            noun.front.append(w.pick(p.NECKLINE_ADJECTIVES[spec.neckline]))
        elif spec.neckline == "notched lapel" and w.chance(0.5):
            noun.features.append(Feature.same(w.pick(("notched lapels", "lapels"))))
        else:
            noun.features.append(Feature.one(w.pick(p.NECKLINE_WORDS[spec.neckline])))


def _and(items: Sequence[str]) -> str:
    items = [item for item in items if item]
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _sentence(picture: PictureSpec, noun: _Noun, w: Writer) -> str:
    """One of the forms: tags, a phrase, component first, or a whole sentence."""
    spec, person = picture.garment, picture.scene.person
    features = [f for f in noun.features if f.full]
    form = w.pick(("tags", "phrase", "phrase", "phrase", "first", "sentence"))
    plural = spec.type.plural or noun.name == "overalls"
    garment = noun.words()
    if plural and w.chance(0.15):
        garment = f"a pair of {garment}"
    elif not plural and not (form == "tags" and person is None):
        garment = article(garment)

    if form == "tags":
        text = ", ".join((garment, *(f.tag if w.chance(0.7) else f.full for f in features)))
        if not person and features and w.chance(0.15):
            text = ", ".join((*(f.tag for f in features), garment))
        return _worn(text, picture, w) if person else _flat(text, picture, w)
    if form == "first" and features:
        rest = features[1:]
        text = f"{features[0].full} on {garment}"
        text += f" with {_and([f.full for f in rest])}" if rest else ""
        return f"{text}, {_worn_by(picture, w)}" if person else _flat(text, picture, w)
    if form == "sentence" and features and not person:
        the = w.pick(("These", "The")) if plural else w.pick(("This", "The"))
        verb = "have" if plural else "has"
        text = f"{the} {noun.words()} {verb} {_and([f.full for f in features])}"
        return _ground_after(text, picture, w)
    joint = w.pick(("with", "with", "with", "featuring"))
    if features:
        comma = "," if w.chance(0.15) else ""
        garment = f"{garment}{comma} {joint} {_and([f.full for f in features])}"
    return _worn(garment, picture, w) if person else _flat(garment, picture, w)


def _flat(text: str, picture: PictureSpec, w: Writer) -> str:
    if w.chance(0.12):
        text = f"{w.pick(p.FLAT_OPENINGS)} {text}"
        return _ground_after(text, picture, w)
    if w.chance(0.3):
        opening = w.pick(p.OPENINGS) if w.chance(0.85) else w.pick(p.ASKING)
        text = f"{opening} {text}"
    if w.chance(0.3):
        text = f"{text}, {w.pick(p.FLAT_ENDINGS)}"
    return _ground_after(text, picture, w)


def _ground_after(text: str, picture: PictureSpec, w: Writer) -> str:
    if not w.chance(0.85 if picture.scene.person else 0.45, thrifty=0.5):
        return text
    return f"{text}, {w.pick(p.GROUND_WORDS[picture.scene.ground])}"


def _wearer(person: Person, w: Writer) -> str:
    """“a dark-skinned woman with curly black hair”."""
    who = w.pick(p.PEOPLE_WORDS[person.person])
    skin = w.pick(p.SKIN_WORDS[person.skin])
    traits: list[str] = []
    if w.chance(0.55, thrifty=0.2):
        if person.skin == "dark" and w.chance(0.2):
            who = f"black {who}"
        elif w.chance(0.5):
            who = f"{skin}-skinned {who}"
        else:
            traits.append(f"{skin} skin")
    if w.chance(0.55, thrifty=0.2):
        traits.append(_hair(person, w))
    w.shuffle(traits)
    return article(who) + (f" with {_and(traits)}" if traits else "")


def _hair(person: Person, w: Writer) -> str:
    colour = w.pick(p.HAIR_WORDS[person.hair])
    if person.hair_style == "bun":
        return w.pick((f"{colour} hair in a bun", f"a {colour} bun"))
    return f"{person.hair_style} {colour} hair"


def _pose(person: Person, w: Writer) -> str:
    pose = w.pick(p.POSE_WORDS[person.pose])
    return pose.replace("her", "his") if person.person == "man" else pose


def _worn(garment: str, picture: PictureSpec, w: Writer) -> str:
    """“a woman wearing …, walking, in a park”, and its other orders."""
    person = picture.scene.person
    assert person is not None
    if w.chance(0.15):
        return f"{garment}, {_worn_by(picture, w)}"
    text = _wearer(person, w)
    posed = w.chance(0.6, thrifty=0.3)
    if posed and w.chance(0.3) and person.pose in ("standing", "walking"):
        text, posed = f"{text} {person.pose} and", False
    elif text.count(" with ") and w.chance(0.1):
        text += ","
    verb = w.pick(("wearing", "wearing", "wearing", "in", "dressed in"))
    text = f"{text} wearing {garment}" if text.endswith("and") else f"{text} {verb} {garment}"
    if w.chance(0.35):
        text = f"{w.pick(p.OPENINGS)} {text}"
    if posed:
        text = f"{text}, {_pose(person, w)}"
    return _ground_after(text, picture, w)


def _worn_by(picture: PictureSpec, w: Writer) -> str:
    person = picture.scene.person
    assert person is not None
    text = f"{w.pick(('worn by', 'worn by', 'on'))} {_wearer(person, w)}"
    if w.chance(0.6, thrifty=0.3):
        text = f"{text}, {_pose(person, w)}"
    return _ground_after(text, picture, w)
