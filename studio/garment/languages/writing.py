"""Changes of a prompt in another language than English, in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from studio.garment.document import Group
from studio.garment.languages import Translated
from studio.garment.languages.table import Language, language_of
from studio.garment.prose import Ask

_GAP = "\0"
_KEYS = {"zipper": ("zip", "zip")}
"""Components whose words stand in the files under other names than the vocabulary's."""


def component_phrase(language: Language, groups: Sequence[Group], exact: bool) -> str | None:
    """“5 Knöpfe”, or with their places; None where the language's file has no words for it."""
    writing, kind = language.writing, groups[0].kind
    total = sum(group.count for group in groups)
    if writing is None or not total:
        return None
    if not (exact or any(group.place == "double-breasted" for group in groups)):
        noun = _noun(language, kind, total)
        return noun and _filled(writing.phrase, total, noun, "")
    phrases = []
    for group in groups:
        each = group.count // len(group.places) if group.count else 0
        for place in group.places if each else ():
            noun = _noun(language, kind, each)
            if noun is None:
                return None
            if place == "double-breasted":
                phrases.append(_filled(writing.double, group.count, noun, ""))
                break
            phrases.append(_filled(writing.phrase, each, noun, writing.places.get(place, "")))
    return _comma(language).join(phrases) or None


def _noun(language: Language, kind: str, count: int) -> str | None:
    one, many = _KEYS.get(kind, (kind, f"{kind}es" if kind.endswith("ch") else f"{kind}s"))
    for name in (one, many) if count == 1 else (many, one):
        if forms := language.forms.get(("component", name)):
            return forms[0]
    return None


def _filled(phrase: str, count: int, noun: str, place: str) -> str:
    return " ".join(phrase.format(count=count, noun=noun, place=place).split())


def _comma(language: Language) -> str:
    return ", " if language.spaces else "，" if not language.kana else "、"


def with_components(english: Translated, asks: Sequence[Ask], phrases: Mapping[str, str]) -> str:
    """The prompt with one phrase for each kind, where the kind is first named, or at the end.

    Args:
        asks: what the English text asks for. phrases: by kind; a kind without one is taken out.
    """
    language = language_of(english.language)
    if language is None:
        return english.prompt
    cuts: list[tuple[int, int, str]] = []
    told: set[str] = set()
    for ask in asks:
        stretches = english.stretches(ask.text)
        if stretches:
            absent = ask.number is not None and ask.number.value == 0
            new = phrases.get(ask.kind, "") if ask.kind not in told and not absent else ""
            if absent:  # “ohne Kragen und Knöpfe”: the collar stays where it is
                stretches = _run(english.prompt, stretches)
            start = _with_articles(english.prompt, stretches[0][0], language)
            end = stretches[-1][1]
            new = _in_the_same_case(new, english.prompt[start:end], language)
            cuts.append((start, end, new or _GAP))
            if not absent:
                told.add(ask.kind)
    text = english.prompt
    for start, end, new in sorted(cuts, reverse=True):
        text = text[:start] + new + text[end:]
    text = _without_gaps(text, language)
    missing = [phrase for kind, phrase in phrases.items() if kind not in told and phrase]
    if missing:
        listing = language.writing.listing if language.writing else "with"
        joint = f"{_comma(language)}{listing} " if language.spaces else _comma(language) + listing
        text = text.rstrip(" ,.;，、。") + joint + _comma(language).join(missing)
    return text.strip()


def _run(prompt: str, stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The last stretches, as far as nothing stands between them."""
    first = len(stretches) - 1
    while first and not prompt[stretches[first - 1][1] : stretches[first][0]].strip():
        first -= 1
    return stretches[first:]


def _with_articles(prompt: str, start: int, language: Language) -> int:
    """Where a component begins together with its article."""
    if not language.spaces:
        return start
    articles = {form.lower() for form in language.forms.get(("small", "drop"), ())}
    while (before := re.search(r"(\w+)\s+$", prompt[:start])) and before[1].lower() in articles:
        start = before.start()
    return start


def _in_the_same_case(new: str, said: str, language: Language) -> str:
    """The phrase with the noun as the prompt has it: “mit 6 Knöpfen”, where “Knöpfen” stood."""
    for (role, _), forms in language.forms.items():
        if role == "component" and re.search(rf"\b{re.escape(forms[0])}\b", new):
            for form in forms[1:]:
                if form[:4] == forms[0][:4] and said.lower().endswith(form.lower()):
                    return new.replace(forms[0], form, 1)
    return new


def _without_gaps(text: str, language: Language) -> str:
    """The text without what was cut out, and without what joined it to the rest."""
    words = [
        form
        for kind in ("and", "with", "without", "after")
        for form in language.forms.get(("small", kind), ())
        if form not in ("、", "&")
    ]
    listed = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    edge = r"\b" if language.spaces else ""
    before = rf"(?:[\s,，、]|{edge}(?:{listed}){edge})*"
    after = rf"(?:が|に)?(?:{listed})?(?:の|的)?" if not language.spaces else ""
    text = re.sub(rf"{before}{_GAP}{after}", _GAP, text)
    text = re.sub(rf"^{_GAP}[\s,，、]*", "", text)
    text = text.replace(_GAP, " " if language.spaces else "")
    return re.sub(r"\s+([,.;])", r"\1", re.sub(r"[ \t]+", " ", text)).strip(" ,，、")


def recoloured(english: Translated, colour: str) -> Iterator[str]:
    """The prompt with another colour in place of each that it names, and with one added."""
    language = language_of(english.language)
    forms = language.forms.get(("colour", colour)) if language else None
    if language is None or not forms:
        return
    prompt = english.prompt
    for span in english.spans:
        if span.role == "colour":
            said = prompt[span.own_start : span.own_end]
            new = _agreeing(said, forms, language)
            yield prompt[: span.own_start] + new + prompt[span.own_end :]
    yield f"{prompt.rstrip(' .')}{_comma(language)}{forms[0]}"


def _agreeing(said: str, forms: Sequence[str], language: Language) -> str:
    """The new colour in the form of the old one: “rotes” as “blaues”, “roja” as “negra”."""
    endings = {"", *(ending for some in language.endings for ending in some)}
    old = [
        (form, at)
        for (role, _), listed in language.forms.items()
        if role == "colour"
        for at, form in enumerate(listed)
    ]
    for form, at in sorted(old, key=lambda one: -len(one[0])):
        if not said.lower().startswith(form.lower()) or said[len(form) :] not in endings:
            continue
        paired = len(forms) > 1 and forms[0][:3] == forms[1][:3] and " " not in forms[1]
        new = forms[1] if at == 1 and paired else forms[0]
        return new if " " in new else new + said[len(form) :]
    return forms[0]
