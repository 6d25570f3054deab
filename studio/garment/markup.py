"""Signs that other programs give a meaning to, taken out of a prompt and told.

Weights “(word:1.3)” and brackets, settings “--ar 2:3”, choices “{a|b}”, lists “__colour__”, styles
“<lora:…>” and pasted “Negative prompt: … Steps: …” blocks are found in public prompts. Toile hears
words alone: what a sign stands for is used where words can say it, and one sentence says what is
not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_NEGATIVE: Final = re.compile(r"(?:^|[\s,.;])negative[ _]?prompts?\s*:", re.IGNORECASE)
_SETTINGS: Final = re.compile(
    r"(?:^|[\s,.;])(?:steps|sampler|cfg[ _]scale|seed|model[ _]hash|clip[ _]skip)\s*:\s*[\w.+-]+"
    r"(?:\s*,\s*[\w /-]{1,40}\s*:\s*[^,\n]{1,80})*",
    re.IGNORECASE,
)
_WEIGHT: Final = re.compile(r":\s*[-+]?[0-9.]{1,12}\s*(?=[)\]])")
_STYLE: Final = re.compile(r"<\s*(?:lora|lyco|hypernet|embedding)\s*:[^<>]{0,120}>", re.IGNORECASE)
_CHOICE: Final = re.compile(r"\{([^{}|]{0,200}(?:\|[^{}|]{0,200})+)\}")
_LIST: Final = re.compile(r"__[\w/*-]{1,60}?__")
_STRONGER: Final = re.compile(r"\(\(|\[\[|\)\)|\]\]|(?<=\w)[+]{2,}(?=[\s,.)]|$)")
_FLAG: Final = re.compile(
    r"(?<![\w-])(?:--|—|–)(?:ar|aspect|v|version|s|stylize|q|quality|niji|style|seed|chaos|c|iw|weird|w"
    r"|tile|stop|fast|relax|turbo|hd|test|creative|uplight|upbeta|cref|sref|cw|sw|p|repeat|r|video"
    r"|raw|profile|ow|oref|exp|draft)\b(?:[ \t]+(?!--|—|–)[\w.:/-]+(?=\s|,|$))?",
    re.IGNORECASE,
)
"""Settings as Midjourney writes them: “--ar 2:3 --v 6”."""
_WITHOUT: Final = re.compile(r"(?<![\w-])(?:--|—)no\b[ \t]*((?:(?!--|—).)*)", re.IGNORECASE)
_IMAGINE: Final = re.compile(r"^\s*/?imagine(?:\s+prompt)?\s*:?\s+(?=\S)", re.IGNORECASE)
_PARTED: Final = re.compile(r"::\s*-?[0-9.]*(?=[\s,.;]|$)")
_ADDRESS: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_BREAK: Final = re.compile(r"\b(?:BREAK|AND)\b(?=\s|$)")
_CHOSEN: Final = re.compile(r"^\s*(?:\d+(?:\.\d+)?::)")


@dataclass(frozen=True)
class Plain:
    """A prompt in plain words.

    Attributes:
        text: what is to be shown.
        negative: what a pasted block asks to leave out; empty where there is none.
        notes: one sentence for each sign that was taken out.
    """

    text: str
    negative: str = ""
    notes: tuple[str, ...] = ()


@lru_cache(maxsize=256)
def plain(text: str) -> Plain:
    """A prompt without the signs; one that has none comes back as it is."""
    notes: list[str] = []
    text = _IMAGINE.sub("", text)
    text, negative = _without_block(text, notes)
    text, left_out = _without_flags(text, notes)
    negative = ", ".join(filter(None, (negative, left_out)))
    text = _without_signs(text, notes)
    if negative:
        negative = _without_signs(negative, [])
    return Plain(text, negative, tuple(notes))


def _without_block(text: str, notes: list[str]) -> tuple[str, str]:
    """The words before a pasted “Negative prompt: …” block, and what that asks to leave out."""
    negative = ""
    if found := _NEGATIVE.search(text):
        text, negative = text[: found.start()], text[found.end() :]
        settings = _SETTINGS.search(negative)
        left_out = " ".join(_SETTINGS.sub(" ", negative).split()).strip(" ,.;")
        if settings:
            negative = negative[: settings.start()]
        negative = " ".join(negative.split()).strip(" ,.;")
        if left_out:
            notes.append(f"What follows “Negative prompt:” is left out: {_short(negative)}.")
    else:
        settings = _SETTINGS.search(text)
        if settings:
            text = _SETTINGS.sub(" ", text)
    if settings:
        notes.append(
            f"Settings in the words are not used ({_short(settings.group())}): set them under More."
        )
    return text, negative


def _without_flags(text: str, notes: list[str]) -> tuple[str, str]:
    """The words before “--ar 2:3 --no hats”, and what these ask to leave out."""
    negative = ""
    if found := _ADDRESS.search(text):
        notes.append(
            f"Addresses in the words are not opened ({_short(found.group())}): add the picture as "
            "a reference."
        )
        text = _ADDRESS.sub(" ", text)
    if found := _WITHOUT.search(text):
        negative = " ".join(found.group(1).split()).strip(" ,.;")
        text = _WITHOUT.sub(" ", text)
        notes.append(f"What follows “--no” is left out: {_short(negative)}.")
    if found := _FLAG.findall(text):
        told = _short(" ".join(flag.strip() for flag in found))
        notes.append(f"Settings in the words are not used ({told}): set them under More.")
        text = _FLAG.sub(" ", text)
    return text, negative


def _without_signs(text: str, notes: list[str]) -> str:
    if found := _STYLE.search(text):
        notes.append(f"Styles are added as files, not in the words: {_short(found.group())}.")
        text = _STYLE.sub(" ", text)
    if found := _CHOICE.search(text):
        first = _first(found.group(1))
        used = f"“{_short(first)}”" if first else "nothing"
        notes.append(f"Of a choice such as {_short(found.group())} the first is used: {used}.")
        for _ in range(8):  # choices within choices
            text, count = _CHOICE.subn(lambda match: _first(match.group(1)), text)
            if not count:
                break
    if found := _LIST.search(text):
        notes.append(
            f"Toile has no lists of words: write a word in place of {_short(found.group())}."
        )
        text = _LIST.sub(" ", text)
    text, parted = _PARTED.subn(",", text)
    if parted or _WEIGHT.search(text) or _STRONGER.search(text):
        notes.append("Weights and double brackets are not used: all words count alike.")
        text = _STRONGER.sub(lambda match: match.group()[0] if match.group()[0] in "()[]" else "",
                             _WEIGHT.sub("", text))  # fmt: skip
    return _BREAK.sub(lambda match: "," if match.group() == "BREAK" else match.group(), text)


def _first(choices: str) -> str:
    return _CHOSEN.sub("", choices.split("|")[0]).strip()


def _short(text: str) -> str:
    words = " ".join(text.split()).strip(" ,.;")
    return words if len(words) <= 60 else f"{words[:57]}…"
