"""Letters on paper: three faces that travel with the program, measured, wrapped and drawn.

A character that the faces lack (a prompt may hold any script) is drawn in a face of the system
that has it. PDF files carry the letters that they use, SVG files hold their outlines, so a sheet
looks the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import skia

from studio.settings import ROOT

Face = Literal["plain", "strong", "display"]

_FILES: dict[Face, str] = {
    "plain": "InstrumentSans-Regular.ttf",
    "strong": "InstrumentSans-SemiBold.ttf",
    "display": "InstrumentSerif-Italic.ttf",
}

INK = 0xFF1B1B1D
MUTED = 0xFF6A6A67
ACCENT = 0xFF2F46B8
LINE = 0xFFCDCDC9
GOOD = 0xFF2C6B45
BAD = 0xFF9A3B1C
"""Colours as 0xAARRGGBB: those of the page."""


@dataclass(frozen=True)
class Type:
    """How a text is set.

    Attributes:
        size: in points. lead: from line to line, in parts of the size.
    """

    size: float
    face: Face = "plain"
    colour: int = INK
    lead: float = 1.4

    @property
    def line(self) -> float:
        """From line to line, in points."""
        return self.size * self.lead


TITLE = Type(30, "display", lead=1.1)
HEAD = Type(9, "strong")
BODY = Type(9)
NOTE = Type(7.5, colour=MUTED)


@cache
def typeface(face: Face) -> skia.Typeface:
    """One of the program's faces."""
    path = ROOT / "assets" / "ui" / "fonts" / _FILES[face]
    found = skia.Typeface.MakeFromFile(str(path))
    if found is None:
        raise RuntimeError(f"{path} cannot be read as a font")
    return found


@cache
def _fallback(character: str) -> skia.Typeface | None:
    """A face of the system that has a character, or None."""
    return skia.FontMgr().matchFamilyStyleCharacter(
        "", skia.FontStyle.Normal(), ["en"], ord(character)
    )


@cache
def _face_for(character: str, face: Face) -> skia.Typeface | None:
    """The face that draws a character; None where no face on this machine has it."""
    for option in (face, "plain"):
        own = typeface(option)
        if own.unicharToGlyph(ord(character)):
            return own
    return _fallback(character)


def _runs(text: str, style: Type) -> list[tuple[str, skia.Font]]:
    """The text cut where its face changes. What no face has becomes a hollow box."""
    runs: list[tuple[str, skia.Typeface]] = []
    for character in text:
        face = _face_for(character, style.face)
        if face is None:
            character, face = "□", _face_for("□", style.face) or typeface(style.face)
        if runs and (runs[-1][1].uniqueID() == face.uniqueID() or character == " "):
            runs[-1] = (runs[-1][0] + character, runs[-1][1])
        else:
            runs.append((character, face))
    return [(piece, _font(face, style.size)) for piece, face in runs]


def _font(face: skia.Typeface, size: float) -> skia.Font:
    font = skia.Font(face, size)
    font.setSubpixel(True)
    font.setLinearMetrics(True)
    font.setHinting(skia.FontHinting.kNone)
    return font


def clean(text: str) -> str:
    """One line of text without control characters, which no face can draw."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def width(text: str, style: Type) -> float:
    """The length of a line, in points."""
    return sum(font.measureText(piece) for piece, font in _runs(text, style))


def write(
    canvas: skia.Canvas,
    text: str,
    x: float,
    y: float,
    style: Type,
    align: Literal["left", "right", "centre"] = "left",
) -> float:
    """Draw one line with its base line at y. Returns its length in points."""
    runs = _runs(text, style)
    length = sum(font.measureText(piece) for piece, font in runs)
    x -= {"left": 0.0, "right": length, "centre": length / 2}[align]
    paint = skia.Paint(Color=style.colour, AntiAlias=True)
    for piece, font in runs:
        canvas.drawString(piece, x, y, font, paint)
        x += font.measureText(piece)
    return length


def wrap(text: str, style: Type, wide: float, most: int | None = None) -> list[str]:
    """Lines of at most `wide` points; the last of `most` lines ends in “…” where more follows."""
    lines: list[str] = []
    for word in clean(text).split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width(joined, style) <= wide:
            lines[-1] = joined
            continue
        while width(word, style) > wide and len(word) > 1:  # no place to break: break anywhere
            cut = _fitting(word, style, wide)
            lines.append(word[:cut])
            word = word[cut:]
        lines.append(word)
    if most is not None and len(lines) > most:
        lines = [*lines[: most - 1], short(" ".join(lines[most - 1 :]), style, wide)]
    return [line for line in lines if line]


def short(text: str, style: Type, wide: float) -> str:
    """As much of a line as fits, with “…” where it was cut."""
    if width(text, style) <= wide:
        return text
    cut = _fitting(text, style, wide - width("…", style))
    return text[:cut].rstrip(" ,;") + "…"


def _fitting(text: str, style: Type, wide: float) -> int:
    """How many of the first characters fit, at least one."""
    low, high = 1, max(len(text), 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(text[:middle], style) <= wide else (low, middle - 1)
    return low


def paragraph(
    canvas: skia.Canvas,
    text: str,
    x: float,
    y: float,
    style: Type,
    wide: float,
    most: int | None = None,
) -> float:
    """Draw wrapped text, the first base line at y. Returns the base line after the last."""
    for line in wrap(text, style, wide, most):
        write(canvas, line, x, y, style)
        y += style.line
    return y
