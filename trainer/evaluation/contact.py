"""Contact sheets: pictures in a grid with small captions and quiet margins."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from trainer.run import write_atomically

_PAPER, _INK, _FAINT, _RULE = "#F6F5F2", "#2A2A2C", "#77767A", "#DAD8D2"
_MARGIN, _GAP, _TITLE, _CAPTION, _FOOT = 36, 14, 23, 13, 11
_FONTS = {"regular": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf"}
_LARGEST = 600_000


def _font(weight: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """DejaVu where it is installed, otherwise the font that comes with Pillow."""
    try:
        return ImageFont.truetype(_FONTS[weight], size)
    except OSError:
        return ImageFont.load_default(size)


@dataclass(frozen=True)
class Cell:
    """One entry: pictures side by side, all of the sheet's cell size, and a caption."""

    pictures: tuple[Image.Image, ...]
    caption: str = ""


def wrapped(text: str, width: float, pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont
            | ImageFont.ImageFont, most: int) -> list[str]:  # fmt: skip
    """Lines no wider than `width`, at most `most`; what does not fit ends in an ellipsis."""
    lines: list[str] = []
    for word in text.split():
        if lines and pen.textlength(f"{lines[-1]} {word}", font=font) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    if len(lines) > most:
        last = lines[most - 1]
        while last and pen.textlength(f"{last}…", font=font) > width:
            last = last[:-1]
        lines = [*lines[: most - 1], f"{last.rstrip()}…"]
    return lines


def contact_sheet(
    title: str,
    cells: Sequence[Cell],
    columns: int,
    foot: str,
    side: int = 224,
    lines: int = 3,
) -> Image.Image:
    """Lay cells out.

    Args:
        columns: cells per row.
        foot: what made the sheet, in small print.
        side: side of each picture in pixels.
        lines: room for the captions.
    """
    if not cells:
        raise ValueError("a contact sheet needs at least one cell")
    per_cell = max(len(cell.pictures) for cell in cells)
    cell_width = per_cell * side + (per_cell - 1) * 2
    band = lines * (_CAPTION + 4) + 8
    rows = -(-len(cells) // columns)
    width = 2 * _MARGIN + columns * cell_width + (columns - 1) * _GAP
    head = _MARGIN + _TITLE + 22
    height = head + rows * (side + band + _GAP) + _FOOT + _MARGIN
    sheet = Image.new("RGB", (width, height), _PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((_MARGIN, _MARGIN - 6), title, font=_font("bold", _TITLE), fill=_INK)
    caption_font = _font("regular", _CAPTION)
    for i, cell in enumerate(cells):
        x = _MARGIN + i % columns * (cell_width + _GAP)
        y = head + i // columns * (side + band + _GAP)
        for k, picture in enumerate(cell.pictures):
            place = (x + k * (side + 2), y)
            small = picture.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)
            sheet.paste(small, place)
            frame = (place[0], y, place[0] + side - 1, y + side - 1)
            pen.rectangle(frame, outline=_RULE)
        for k, line in enumerate(wrapped(cell.caption, cell_width, pen, caption_font, lines)):
            pen.text((x, y + side + 6 + k * (_CAPTION + 4)), line, font=caption_font, fill=_INK)
    small_print = _font("regular", _FOOT)
    foot_line = wrapped(foot, width - 2 * _MARGIN, pen, small_print, 1)[0] if foot else ""
    pen.text((_MARGIN, height - _MARGIN + 4), foot_line, font=small_print, fill=_FAINT)
    return sheet


def save_jpeg(sheet: Image.Image, path: Path) -> None:
    """Write a sheet as JPEG, below 600 kB: quality 88, or as much less as that needs."""
    for quality in (88, 82, 75, 66):
        buffer = io.BytesIO()
        sheet.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() < _LARGEST:
            break
    write_atomically(path, buffer.getvalue())
