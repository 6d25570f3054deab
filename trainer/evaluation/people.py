"""What is read of the people in a folder of photos: joints, try-on regions, the face's box.

Nobody has written down where they truly are, so the numbers only say who read what and what was
asked for; the overlays are there to be looked at.
"""

from __future__ import annotations

import json
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from studio.engine import Engine
from studio.errors import BadInput
from studio.request import JOINTS, Pose
from studio.vision.garment_mask import PARTS
from studio.vision.pictures import load_picture
from studio.vision.skeleton import LIMBS
from trainer.command import Say
from trainer.evaluation import people_crops, suites
from trainer.evaluation.result import Result, markdown_table
from trainer.run import write_atomically

_SIDE = 512
_KINDS = {".jpg", ".jpeg", ".png", ".webp", ".avif"}
_REGION, _BONE, _FACE = (47, 70, 184), (230, 120, 20), (200, 30, 30)


def evaluate(suite: suites.People, say: Say) -> Result:
    """Look at every photo of a folder.

    Raises:
        BadInput: there is no photo in it.
    """
    places = sorted(p for p in suite.folder.iterdir() if p.suffix.lower() in _KINDS) \
        if suite.folder.is_dir() else []  # fmt: skip
    if not places:
        raise BadInput(f"There are no photos in “{suite.folder}”: choose another --folder.")
    engine = Engine(suite.model)
    rows, told, judged = [], {}, list[people_crops.Judged]()
    for i, place in enumerate(places[: suite.limit]):
        picture = load_picture(place)
        one, overlay = read(engine, picture)
        told[place.name] = one
        rows.append([place.name, *(_short(one[name]) for name in ("pose", *PARTS, "face"))])
        if suite.out is not None:
            suite.out.mkdir(parents=True, exist_ok=True)
            overlay.save(suite.out / f"{place.stem}-read.png")
        say(f"{place.name}: {rows[-1][1:]}")
        if suite.crops:
            found, sheet = people_crops.crops(engine, picture, suite.seed + i, suite.changed)
            judged += found
            if suite.out is not None and sheet is not None:
                sheet.save(suite.out / f"{place.stem}-crops.png")
            say(f"{place.name}: {people_crops.counted(found)}")
    if suite.out is not None:
        write_atomically(suite.out / "people.json", json.dumps(told, indent=1) + "\n")
    counts = {
        f"{name}_read": float(np.mean([one[name]["read"] for one in told.values()]))
        for name in ("pose", *PARTS, "face")
    }
    table = markdown_table(["photo", "pose", *PARTS, "face"], rows)
    notes = ("A cell says what was read, or “asked” where somebody has to say it.",)
    if suite.crops:
        table += "\n\n" + people_crops.table(judged)
        notes = (*notes, people_crops.NOTE)
        counts |= {f"crops_{name}": float(n) for name, n in people_crops.counted(judged).items()}
    return Result("people", table, counts | {"photos": float(len(told))}, notes)


def _short(one: dict[str, Any]) -> str:
    return str(one.get("share", "read")) if one["read"] else "asked"


def read(engine: Engine, picture: Image.Image) -> tuple[dict[str, Any], Image.Image]:
    """What is read of a photo, and the photo with it: a copy for each part of the body."""
    small = picture.copy()
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    told: dict[str, Any] = {}
    pose: Pose | None = None
    try:
        pose, said = engine.read_pose(picture)
        joints = {n: j for n, j in zip(JOINTS, pose.joints, strict=True) if j is not None}
        told["pose"] = {"read": True, "said": said, "joints": joints}
    except BadInput as error:
        told["pose"] = {"read": False, "said": str(error)}
    box = None
    try:
        box, said = engine.find_face(picture)
        told["face"] = {"read": True, "said": said, "box": box}
    except BadInput as error:
        told["face"] = {"read": False, "said": str(error)}
    shown: list[NDArray[np.uint8]] = []
    for part in PARTS:
        canvas = np.asarray(small).copy()
        try:
            found = engine.tryon_mask(picture, part)
            mask = cv2.resize(found.mask, small.size, interpolation=cv2.INTER_AREA) > 127
            canvas[mask] = (0.5 * canvas[mask] + 0.5 * np.array(_REGION)).astype(np.uint8)
            told[part] = {"read": True, "said": found.sentence, "share": f"{found.share:.0%}"}
        except BadInput as error:
            canvas = (canvas // 2).astype(np.uint8)
            told[part] = {"read": False, "said": str(error)}
        shown.append(canvas)
    sheet = Image.fromarray(np.hstack(shown))
    _draw(ImageDraw.Draw(sheet), small.size, pose, box)
    return told, sheet


def _draw(
    pen: ImageDraw.ImageDraw, size: tuple[int, int], pose: Pose | None,
    box: tuple[float, float, float, float] | None,
) -> None:  # fmt: skip
    """Bones and the face's box over the first of the copies."""
    width, height = size
    at = {} if pose is None else dict(zip(JOINTS, pose.joints, strict=True))
    for first, second in LIMBS:
        ends = [joint for joint in (at.get(first), at.get(second)) if joint is not None]
        if len(ends) == 2:
            pen.line([(x * width, y * height) for x, y in ends], fill=_BONE, width=3)
    if box is not None:
        left, top, right, bottom = box
        pen.rectangle((left * width, top * height, right * width, bottom * height),
                      outline=_FACE, width=2)  # fmt: skip
