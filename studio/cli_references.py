"""The references of the command line: a garment, a person, a pose, a face, styles."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import BadInput
from studio.garment.vocabulary import POSES
from studio.request import GARMENT_METHODS, GARMENT_PARTS, GenerationRequest, ImageRef, Style
from studio.requestparts import TRYON_STRENGTH

if TYPE_CHECKING:
    from studio.engine import Engine


def add_references(group: argparse._ArgumentGroup) -> None:
    """The options of `generate` that name references."""
    group.add_argument("--garment", type=Path, metavar="FILE", help="a photo of the garment")
    group.add_argument("--garment-mask", type=Path, metavar="FILE", help="white on the garment")
    group.add_argument(
        "--garment-part", default="auto", metavar="P",
        help=f"{', '.join(GARMENT_PARTS)} (%(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--method", metavar="M", default="magic_clothing",
        help=f"how the garment is heard: {', '.join(GARMENT_METHODS)} (%(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--lambda", dest="dressing", type=float, default=1.0, metavar="F",
        help="weight of IMAGDressing's garment, up to 2 (%(default)s)",
    )  # fmt: skip
    group.add_argument("--person", type=Path, metavar="FILE", help="who tries the garment on")
    group.add_argument("--person-mask", type=Path, metavar="FILE", help="white where to repaint")
    group.add_argument(
        "--pose", metavar="FILE|PRESET", help=f"a photo, a stick figure, or {', '.join(POSES)}"
    )
    group.add_argument("--face", type=Path, metavar="FILE", help="a photo of the wearer's face")
    group.add_argument(
        "--style", action="append", default=[], metavar="FILE[:SCALE]",
        help="a LoRA's .safetensors file; may be repeated",
    )  # fmt: skip


def read_references(given: argparse.Namespace, files: dict[str, bytes]) -> dict[str, Any]:
    """The fields of a request that the references decide; their files join `files` by role.

    Raises:
        BadInput, ModelMissing: a file or an option that cannot be used.
    """
    from studio.checkpoints.styles import read_style
    from studio.garment.parse import parse_prompt
    from studio.garment.shape import worn_region
    from studio.pngmeta import png_bytes
    from studio.vision.framing import squared
    from studio.vision.pictures import load_picture
    from studio.vision.poses import preset_pose

    if given.person is not None and (given.init is not None or given.mask is not None):
        raise BadInput("A person is a start picture: give either --person, or --init and --mask.")
    if given.person_mask is not None and given.person is None:
        raise BadInput("A person's mask needs the photo: give --person as well.")
    for role, path in (
        ("garment_image", given.garment),
        ("garment_mask", given.garment_mask),
        ("face_image", given.face),
    ):
        if path is not None:
            load_picture(path)  # a sentence for whatever is wrong with it
            files[role] = path.read_bytes()
    fields: dict[str, Any] = {
        "vary_strength": 0.6 if given.vary is None else given.vary,
        "garment_part": given.garment_part,
        "garment_method": given.method,
        "dressing": given.dressing,
    }
    if given.person is not None:
        person = load_picture(given.person)
        files["init_image"] = png_bytes(squared(person))
        fields["vary_strength"] = TRYON_STRENGTH
        if given.person_mask is not None:
            from PIL import Image

            from studio.vision.garment_mask import user_mask

            mask = user_mask(load_picture(given.person_mask), person.size)
            files["mask"] = png_bytes(squared(Image.fromarray(mask), ground=0))
    if given.pose is not None:
        name = given.pose.strip().lower().replace("-", " ")
        if name in POSES:
            region = worn_region(parse_prompt(given.prompt), given.garment_part)
            fields["pose"] = preset_pose(name, region)
        elif not Path(given.pose).is_file():
            raise BadInput(
                f"“{given.pose}” is neither a file nor a pose: choose {', '.join(POSES)}."
            )
    styles: list[Style] = []
    for text in given.style:
        path, scale = _style(text)
        data = read_style(path)
        files[f"style {len(styles) + 1}"] = data
        styles.append(Style(path.stem, ImageRef.of(data).sha256, scale))
    return fields | {"styles": tuple(styles)}


def _style(text: str) -> tuple[Path, float]:
    """FILE or FILE:SCALE; a colon may belong to the file's own name."""
    if Path(text).is_file():
        return Path(text), 1.0
    path, colon, scale = text.rpartition(":")
    if not colon:
        return Path(text), 1.0
    try:
        return Path(path), float(scale)
    except ValueError:
        raise BadInput(
            f"The scale of “{text}” is not a number: write for instance {path}:0.8."
        ) from None


def read_by(
    engine: Engine, request: GenerationRequest, images: dict[str, bytes], given: argparse.Namespace
) -> GenerationRequest:
    """The request with what the engine reads out of photos: where a person is dressed, a pose.

    Raises:
        BadInput, ModelMissing: nothing can be read there.
    """
    from PIL import Image

    from studio.pngmeta import png_bytes
    from studio.vision.framing import squared
    from studio.vision.pictures import load_picture
    from studio.vision.poses import squared_pose
    from studio.vision.tryon_pose import with_tryon_pose

    if given.person is not None and request.mask is None and request.init_image is not None:
        part = "upper" if given.garment_part == "auto" else given.garment_part
        found = engine.tryon_mask(load_picture(given.person), part)
        mask = png_bytes(squared(Image.fromarray(found.mask), ground=0))
        images[ImageRef.of(mask).sha256] = mask
        request = replace(request, mask=ImageRef.of(mask))
    if given.pose is not None and request.pose is None:
        photo = load_picture(Path(given.pose))
        pose, _ = engine.read_pose(photo)
        request = replace(request, pose=squared_pose(pose, *photo.size))
    eyes = engine if engine.capabilities.sees else None
    return with_tryon_pose(request, engine.capabilities.conditions, eyes, images.__getitem__)
