"""Photos of people cut as people cut them, and whether what is dressed is still the same.

Nobody has to write down where a shirt is: the region of the whole photo, which a person has looked
at, tells what of it lies in the crop. The crops are cut by the whole photo's joints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance

from studio.engine import Engine
from studio.errors import BadInput
from studio.vision import silhouette
from studio.vision.bodyparts import Body
from studio.vision.bones import body_in_heads, places_of
from studio.vision.garment_mask import PARTS, Part
from studio.vision.people import People, PeopleNetworks
from studio.vision.pictures import Mask
from trainer.evaluation.result import markdown_table

Verdict = Literal["right", "asked", "wrong"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

NOTE = (
    "Of the crops, “right” means the whole photo’s region again, “asked” that nothing was painted."
)

CROPS = (
    "chin down", "head off", "waist up", "hips up", "knees up", "waist down", "legs", "one side",
    "other side", "chest",
)  # fmt: skip
"""What is left of a person in a crop."""

SAME = 0.75
"""The least overlap (IoU) of a crop's region with the whole photo's that is the same region."""

_LEAST_SHOWN = 0.2
"""The least part of a region in the crop that there is any sense in painting."""

_LEAST_CUT = 0.06
"""The least part of the photo that a crop takes away."""

_SHIFT = 0.25
"""How far a crop's edges are shifted by chance, in heads."""

_LARGEST, _LOOKED_AT = 1200, 512
"""The longer side of a photo that is cropped, and that is looked at for where to cut it."""

_SIDE, _TINTS = 320, {"right": (47, 70, 184), "asked": (60, 60, 60), "wrong": (200, 30, 30)}


@dataclass(frozen=True)
class Judged:
    """A part of the body in a crop: what was done, and how far it is what the photo tells."""

    crop: str
    part: Part
    verdict: Verdict
    same: float
    shown: float
    said: str


def boxes(
    people: People, rng: np.random.Generator
) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    """The crops of a photo: name, and left, top, right, bottom in its pixels."""
    height, width = people.person.shape
    at = places_of(people)
    body = body_in_heads(at)
    for name in CROPS:
        left, top, right, bottom = _edges(name, body, at, rng.uniform(-_SHIFT, _SHIFT, 4))
        box = (max(left, 0), max(top, 0), min(right, width), min(bottom, height))
        wide, tall = box[2] - box[0], box[3] - box[1]
        if min(wide, tall) > 0.1 * width and wide * tall < (1 - _LEAST_CUT) * width * height:
            yield name, (round(box[0]), round(box[1]), round(box[2]), round(box[3]))


def _edges(
    name: str, body: Body, at: NDArray[np.float32], shift: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    head, far = body.head, 1e9
    left, top, right, bottom = -far, -far, far, far
    if name in ("chin down", "head off"):
        top = body.shoulders - (0.55 if name == "chin down" else 0.1) * head
    elif name in ("waist up", "hips up", "knees up"):
        bottom = {"waist up": body.waist, "hips up": body.hips + 0.5 * head,
                  "knees up": body.knees}[name]  # fmt: skip
    elif name in ("waist down", "legs"):
        top = body.waist if name == "waist down" else body.hips + 0.6 * head
    elif name == "one side":
        left = body.axis - 0.2 * head
    elif name == "other side":
        right = body.axis + 0.2 * head
    else:
        left, right = float(at[11:13, 0].min()) - 0.2 * head, float(at[11:13, 0].max()) + 0.2 * head
        top, bottom = body.shoulders - 0.2 * head, body.waist
    moved = np.array((left, top, right, bottom)) + shift * head
    return float(moved[0]), float(moved[1]), float(moved[2]), float(moved[3])


def changed(picture: Image.Image, rng: np.random.Generator) -> tuple[Image.Image, bool]:
    """A photo in other light and another size, perhaps mirrored; and whether it is."""
    mirrored = bool(rng.random() < 0.5)
    if mirrored:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    picture = ImageEnhance.Brightness(picture).enhance(rng.uniform(0.65, 1.2))
    scale = rng.uniform(0.35, 0.8)
    size = max(round(picture.width * scale), 64), max(round(picture.height * scale), 64)
    return picture.resize(size, Image.Resampling.LANCZOS), mirrored


def judge(
    engine: Engine, crop: Image.Image, name: str, part: Part, inside: Mask, person: Mask,
    shown: float,
) -> tuple[Judged, Mask | None]:  # fmt: skip
    """Compare what is dressed of a crop with the whole photo's region, where the person is: how
    much room there is beside the body is a matter of taste.

    Args:
        inside: what of the whole photo's region is in the crop. person: what of the person.
        shown: how much of the whole region that is, 0..1.
    """
    try:
        found = engine.tryon_mask(crop, part)
    except BadInput as error:
        return Judged(name, part, "asked", 0.0, shown, str(error)), None
    mask = cv2.resize(found.mask, inside.shape[::-1], interpolation=cv2.INTER_AREA) > 127
    same = silhouette.overlap(mask & person, inside & person)
    right = same >= SAME and shown >= _LEAST_SHOWN
    return Judged(name, part, "right" if right else "wrong", same, shown, found.sentence), mask


def counted(judged: Sequence[Judged]) -> dict[Verdict, int]:
    """How often each verdict was given."""
    counts = Counter(one.verdict for one in judged)
    return {verdict: counts[verdict] for verdict in VERDICTS}


def table(judged: Sequence[Judged]) -> str:
    """Markdown: the verdicts on each way to cut a photo."""
    rows = [
        [name, *map(str, counted([one for one in judged if one.crop == name]).values())]
        for name in CROPS
    ]
    return markdown_table(
        ["crop", *VERDICTS], [*rows, ["all", *map(str, counted(judged).values())]]
    )


def crops(
    engine: Engine, picture: Image.Image, seed: int, change: bool
) -> tuple[list[Judged], Image.Image | None]:
    """Every crop of a photo and every part of the body that is known of the whole; with a sheet,
    where there are any.

    Args:
        change: also mirror, resize and light the crops by chance.
    """
    rng = np.random.default_rng(seed)
    picture = picture.convert("RGB")
    picture.thumbnail((_LARGEST, _LARGEST), Image.Resampling.LANCZOS)
    people = PeopleNetworks().see(silhouette.reduced(np.asarray(picture), _LOOKED_AT))
    size = people.person.shape[1], people.person.shape[0]
    small = picture.resize(size, Image.Resampling.LANCZOS)
    known: dict[Part, Mask] = {}
    for part in PARTS:
        try:
            mask = engine.tryon_mask(picture, part).mask
        except BadInput:
            continue
        known[part] = cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 127
    scale = picture.width / size[0]
    told, rows = [], []
    for name, (left, top, right, bottom) in boxes(people, rng):
        cut = picture.crop((left * scale, top * scale, right * scale, bottom * scale))
        shown, flipped = changed(cut, rng) if change else (cut, False)
        cells = []
        for part, whole in known.items():
            inside, figure = (
                np.fliplr(m[top:bottom, left:right]) if flipped else m[top:bottom, left:right]
                for m in (whole, people.outline)
            )
            share = float(inside.sum() / max(int(whole.sum()), 1))
            one, mask = judge(engine, shown, name, part, inside, figure, share)
            told.append(one)
            cells.append(_cell(small.crop((left, top, right, bottom)), flipped, one, mask, inside))
        rows.append(cells)
    return told, _sheet(rows) if rows and known else None


def _cell(
    crop: Image.Image, flipped: bool, one: Judged, mask: Mask | None, inside: Mask
) -> Image.Image:
    """A crop with its region, the whole photo's as a line, and the verdict."""
    if flipped:
        crop = crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    pixels = np.asarray(crop.convert("RGB")).copy()
    if mask is not None:
        pixels[mask] = (0.5 * pixels[mask] + 0.5 * np.array(_TINTS[one.verdict])).astype(np.uint8)
    edges, _ = cv2.findContours(inside.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(pixels, edges, -1, (230, 180, 20), 2)
    cell = Image.fromarray(pixels)
    cell.thumbnail((_SIDE, _SIDE - 14))
    framed = Image.new("RGB", (_SIDE, _SIDE), "white")
    framed.paste(cell, (0, 14))
    pen = ImageDraw.Draw(framed)
    pen.text((2, 1), f"{one.crop}, {one.part}: {one.verdict} {one.same:.2f} of {one.shown:.2f}",
             fill=_TINTS[one.verdict])  # fmt: skip
    return framed


def _sheet(rows: list[list[Image.Image]]) -> Image.Image:
    columns = max(len(cells) for cells in rows)
    sheet = Image.new("RGB", (_SIDE * columns, _SIDE * len(rows)), "white")
    for y, cells in enumerate(rows):
        for x, cell in enumerate(cells):
            sheet.paste(cell, (x * _SIDE, y * _SIDE))
    return sheet
