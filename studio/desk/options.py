"""A wish as the command line gives it; every control says its options itself."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.checkpoints.given import no_weights, refusal
from studio.checkpoints.styles import read_style
from studio.desk import drawing, photos
from studio.desk.compose import new_seed
from studio.desk.wish import Held, Person, Wish
from studio.engine.catalogue import find_model
from studio.errors import BadInput
from studio.garment.parse import parse_component
from studio.garment.vocabulary import POSES
from studio.options import Option
from studio.pngmeta import png_bytes
from studio.request import Control, Start, control_kinds
from studio.vision.garment_mask import user_mask
from studio.vision.pictures import file_bytes, load_layers, load_mask, load_picture


def wish_of(given: Namespace, files: Held) -> Wish:
    """The wish of the options; the files that they name join `files`.

    Raises:
        BadInput, ModelMissing: an option that cannot be used.
    """
    entry = find_model(given.model)
    pose, posed_by = _pose(given.pose, files)
    return Wish(
        prompt=given.prompt,
        negative=given.negative,
        controls=read_controls(given, files, {"sg": entry.sg}),
        asked=tuple(parse_component(text) for text in given.component),
        component_strength=given.component_strength,
        exact=given.board_from_prompt,
        shaped=given.usual_shape,
        pose=pose,
        posed_by=posed_by,
        person=_person(given, files),
        start=_start(given, files),
        st=entry.st if given.st is None else given.st,
        steps=given.steps,
        sampler=given.sampler,
        seed=new_seed() if given.seed is None else given.seed,
        count=given.count,
        size=size_of(given.size),
    )


def _pose(text: str | None, files: Held) -> tuple[str, str]:
    """The pose of a wish, and what it is given by."""
    if text is None:
        return "", ""
    name = text.strip().lower().replace("-", " ")
    if name in POSES:
        return name, "name"
    if not Path(text).is_file():
        raise BadInput(f"“{text}” is neither a file nor a pose: choose {', '.join(POSES)}.")
    return photos.take(read_file(Path(text), files), files), "photo"


def _person(given: Namespace, files: Held) -> Person | None:
    if given.person is None:
        if given.person_mask is not None:
            raise BadInput("A person's mask needs the photo: give --person as well.")
        return None
    if given.init is not None or given.mask is not None:
        raise BadInput("A person is a start picture: give either --person, or --init and --mask.")
    person = photos.take_person(read_file(given.person, files), files)
    if given.person_mask is None:
        return person
    return photos.with_mask(person, read_file(given.person_mask, files), files)


def _start(given: Namespace, files: Held) -> Start | None:
    if given.init is None:
        if given.mask is not None:
            raise BadInput("A mask needs a picture to repaint: give --init as well.")
        if given.vary is not None:
            raise BadInput("How far to vary needs a picture to vary: give --init as well.")
        return None
    picture = read_file(given.init, files)
    mask = None if given.mask is None else read_file(given.mask, files)
    if mask is not None:  # its proportions are the picture's, or a sentence says so
        user_mask(load_mask(mask), load_picture(picture).size)
    return Start(
        kind="vary" if mask is None else "repair",
        picture=files.keep_picture(picture),
        mask=None if mask is None else files.keep_picture(mask),
        strength=0.6 if given.vary is None else given.vary,
    )


def read_controls(given: Namespace, files: Held, usual: dict[str, Any]) -> tuple[Control, ...]:
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
    data = file_bytes(path)
    if remark := load_layers(data).remark:
        files.remarks.append(f"{path.name}: {remark[0].lower()}{remark[1:]}")
    return data


def _photo(option: Option, value: str, files: Held, _: dict[str, Any]) -> dict[str, Any]:
    return {option.field: photos.take(read_file(Path(value), files), files)}


def _garment(option: Option, value: str, files: Held, _: dict[str, Any]) -> dict[str, Any]:
    picture, mask = photos.take_garment(read_file(Path(value), files), files)
    return {option.field: picture, "mask": mask}


def _mask(option: Option, value: str, files: Held, so_far: dict[str, Any]) -> dict[str, Any]:
    size = photos.kept(files, so_far["picture"]).size
    mask = photos.read_mask(read_file(Path(value), files), size)
    return {option.field: files.keep_picture(png_bytes(mask))}


def _drawing(option: Option, value: str, files: Held, _: dict[str, Any]) -> dict[str, Any]:
    return {option.field: drawing.take(read_file(Path(value), files), files)}


def _style(option: Option, value: str, files: Held, __: dict[str, Any]) -> dict[str, Any]:
    """FILE or FILE:SCALE; a colon may belong to the file's own name."""
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
