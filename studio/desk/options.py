"""Controls as the command line gives them: every control says its options itself."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.checkpoints.given import no_weights, refusal
from studio.desk.wish import Held
from studio.errors import BadInput
from studio.options import Option
from studio.pngmeta import png_bytes
from studio.request import Control, control_kinds


def read_controls(
    given: argparse.Namespace, files: Held, usual: dict[str, Any]
) -> tuple[Control, ...]:
    """The controls that the options give.

    Args:
        files: where what they name is kept.
        usual: values of fields that are not given, such as "sg", for controls that have them.

    Raises:
        BadInput: a file that cannot be used, or an option without the one that it belongs to.
    """
    found: list[Control] = []
    for kind in control_kinds().values():
        if not kind.options:
            continue
        head, *others = kind.options
        values = getattr(given, head.name)
        said = {o: value for o in others if (value := getattr(given, o.name)) is not None}
        if values is None and said:
            flag = next(iter(said)).flag
            raise BadInput(f"{flag} says more of {head.flag}: give that as well.")
        for value in (values if head.several else [values]) if values is not None else ():
            fields = {k: v for k, v in usual.items() if k in kind.model_fields}
            for option, text in {head: value, **said}.items():
                fields |= _READ[option.reads](option, text, files, fields)
            found.append(kind(**fields))
    return tuple(found)


def size_of(text: str | None) -> tuple[int, int] | None:
    """Width and height of a text such as 256x256. Raises BadInput where it is none."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,6})\s*[xX×]\s*(\d{1,6})", text.strip())
    if match is None:
        raise BadInput(f"The size “{text}” is not WIDTHxHEIGHT: write for instance 256x256.")
    return int(match[1]), int(match[2])


Read = Callable[[Option, Any, Held, dict[str, Any]], dict[str, Any]]


def _plain(option: Option, value: Any, _: Held, __: dict[str, Any]) -> dict[str, Any]:
    return {option.field: value}


def read_file(path: Path, files: Held) -> bytes:
    """The bytes of a picture's file; `files` is told what of it is not read. Raises BadInput,
    with a sentence for whatever is wrong."""
    from studio.vision.pictures import file_bytes, load_layers

    data = file_bytes(path)
    if remark := load_layers(data).remark:
        files.remarks.append(f"{path.name}: {remark[0].lower()}{remark[1:]}")
    return data


def _photo(option: Option, value: str, files: Held, _: dict[str, Any]) -> dict[str, Any]:
    from studio.desk import photos

    return {option.field: photos.take(read_file(Path(value), files), files)}


def _garment(option: Option, value: str, files: Held, _: dict[str, Any]) -> dict[str, Any]:
    from studio.desk import photos

    picture, mask = photos.take_garment(read_file(Path(value), files), files)
    return {option.field: picture, "mask": mask}


def _mask(option: Option, value: str, files: Held, so_far: dict[str, Any]) -> dict[str, Any]:
    from studio.desk import photos

    size = photos.kept(files, so_far["picture"]).size
    mask = photos.read_mask(read_file(Path(value), files), size)
    return {option.field: files.keep_picture(png_bytes(mask))}


def _drawing(option: Option, value: str, files: Held, _: dict[str, Any]) -> dict[str, Any]:
    from studio.desk import drawing

    return {option.field: drawing.take(read_file(Path(value), files), files)}


def _style(option: Option, value: str, files: Held, __: dict[str, Any]) -> dict[str, Any]:
    """FILE or FILE:SCALE; a colon may belong to the file's own name."""
    from studio.checkpoints.styles import read_style

    path, scale = value, "1"
    if not Path(value).is_file() and ":" in value:
        path, _, scale = value.rpartition(":")
    try:
        strength = float(scale)
    except ValueError:
        raise BadInput(
            f"The scale of “{value}” is not a number: write for instance {path}:0.8."
        ) from None
    if no_weights(Path(path)):
        raise refusal(option.flag, Path(path), "the .safetensors file of a LoRA")
    sha = files.keep_picture(read_style(Path(path)))
    return {option.field: Path(path).stem, "sha256": sha, "strength": strength}


_READ: dict[str, Read] = {
    "text": _plain,
    "number": _plain,
    "garment": _garment,
    "photo": _photo,
    "mask": _mask,
    "drawing": _drawing,
    "style": _style,
}
