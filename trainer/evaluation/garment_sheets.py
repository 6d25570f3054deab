"""Contact sheets of garments and their wearers, made by the product's own engine."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.controls.garment import GarmentControl
from studio.controls.pose import PoseControl
from studio.desk.wish import Person, Wish
from studio.errors import BadInput, ToileError
from studio.garment.vocabulary import GARMENTS
from studio.garment.writer import article
from studio.request import Control, Pose
from studio.vision.framing import squared
from studio.vision.poses import preset_pose
from studio.vision.skeleton import draw_skeleton, preset
from trainer.data.pairs import Pair, sample_pair
from trainer.data.readers.files import open_picture
from trainer.data.readers.record import category_of_garment
from trainer.data.wardrobe import HELD_OUT, WardrobeSample
from trainer.evaluation.contact import Cell, contact_sheet
from trainer.evaluation.pictures import Pictures, settled
from trainer.evaluation.studio import Studio, pictures_in

TEXT_SCALES: tuple[float, ...] = (1.0, 2.0, 4.0, 7.0)
GARMENT_SCALES: tuple[float, ...] = (1.0, 2.0, 3.0, 4.0, 5.0)
MODELS: tuple[str, ...] = (
    "a woman with long brown hair wearing {garment}, in a park",
    "a dark-skinned man wearing {garment}, hands on hips, in a studio",
    "a woman with a blond bun wearing {garment}, walking, on a city street",
)
"""What is asked of the three generated models."""

POSED = "arms open"
_FIRST = 80_000
"""Offset of the sheets' held-out seeds, which no suite measures."""

_SIDE = 168
_TINT = np.array([255.0, 64.0, 32.0])


def _worn(
    studio: Studio, files: Pictures, prompt: str, picture: str, mask: str,
    pose: Pose | None = None, sg: float | None = None, **wish: Any,
) -> Image.Image:  # fmt: skip
    """One picture of a garment that is worn, with all that the page adds."""
    assert studio.method is not None, "make_garment_sheet asks first"
    told = studio.fields
    strength = told["sg"] if sg is None else sg
    controls: list[Control] = []
    controls.append(GarmentControl(picture=picture, mask=mask, method=studio.method, sg=strength))
    if pose is not None:
        controls.append(PoseControl(pose=pose))
    how = {"steps": told["steps"], "st": told["st"]} | wish
    asked = settled(studio.engine, files, Wish(prompt, controls=tuple(controls), **how))
    return studio.engine.generate(asked, files.held)[0].image


def _given(files: Pictures, picture: Any, mask: Any) -> dict[str, Any]:
    """The garment of a request."""
    return {"picture": files.add(picture), "mask": files.add(mask)}


def _phrase(name: str) -> str:
    """“a shirt”, “an apron”, “trousers”."""
    return name if GARMENTS[name].plural else article(name)


def _different_pairs(studio: Studio) -> list[Pair]:
    """Held-out pairs of different garments, for upper body, lower body and both in turn."""
    order = studio.cut(["upper", "dress", "upper", "lower", "upper", "dress"])
    found: list[Pair] = []
    for i in range(400):
        if len(found) == len(order):
            break
        pair = sample_pair(HELD_OUT + _FIRST + studio.seed + i)
        name = pair.flat.spec.garment.garment
        names = {p.flat.spec.garment.garment for p in found}
        if name not in names and category_of_garment(name) == order[len(found)]:
            found.append(pair)
    return found


def _person_for(part: str, seed: int) -> WardrobeSample:
    """A held-out wearer of another garment for the same part of the body."""
    for i in range(400):
        worn = sample_pair(HELD_OUT + _FIRST + 10_000 + seed + i).worn
        if category_of_garment(worn.spec.garment.garment) == part:
            return worn
    raise ValueError(f"no wearer for {part}")


def _tried_on(
    studio: Studio, files: Pictures, person: Image.Image, part: str,
    asked: dict[str, Any],
) -> tuple[list[Image.Image], str]:  # fmt: skip
    """The person, and the person in the garment; or the person alone and why there is no more."""
    size = (studio.engine.entry.side, studio.engine.entry.side)
    shown = squared(person).resize(size, Image.Resampling.LANCZOS)
    try:
        # On the photo itself, as the page does it: a square's rim is no ground.
        found = Image.fromarray(studio.engine.tryon_mask(person, part).mask)
    except BadInput as error:
        return [shown], f" · try-on: {error}"
    person, mask = shown, squared(found, 0).resize(size, Image.Resampling.NEAREST)
    dressed = Person(picture=files.add(person), mask=files.add(mask))
    return [person, _worn(studio, files, person=dressed, **asked)], ""


def garments_sheet(studio: Studio) -> Image.Image:
    """Garments x (flat, worn by three generated models, pose, try-on)."""
    side, cells = studio.engine.entry.side, []
    posed = "pose" in studio.engine.capabilities.conditions
    for i, pair in enumerate(_different_pairs(studio)):
        flat, name = pair.flat, pair.flat.spec.garment.garment
        files, garment, part = Pictures(), _phrase(name), category_of_garment(name)
        seed = studio.seed + 10 * i
        given = _given(files, flat.picture, flat.garment_mask)
        shown = [Image.fromarray(flat.picture)]
        for k, model in enumerate(MODELS):
            prompt = model.format(garment=garment)
            shown.append(_worn(studio, files, prompt=prompt, seed=seed + k, **given))
        if posed:
            region: Any = part if part != "dress" else "full"
            shown.append(Image.fromarray(draw_skeleton(preset(POSED, region), side, side)))
            shown.append(
                _worn(
                    studio, files, prompt=MODELS[0].format(garment=garment), seed=seed + 5,
                    pose=preset_pose(POSED, region), **given,
                )
            )  # fmt: skip
        person = Image.fromarray(_person_for(part, studio.seed + 37 * i).picture)
        asked = {"prompt": f"a person wearing {garment}", "seed": seed + 6, **given}
        tried, problem = _tried_on(studio, files, person, part, asked)
        shown += tried
        cells.append(Cell(tuple(shown), _caption(flat) + problem))
        studio.say(f"garments: {i + 1}")
    title = "Garments: laid flat, worn by three generated models, "
    title += "in a pose, and tried on" if posed else "and tried on"
    return contact_sheet(
        title, cells, 1, studio.foot(len(cells), garments=True), side=_SIDE, lines=1
    )


def _caption(flat: WardrobeSample) -> str:
    garment = flat.spec.garment
    counts = {kind: garment.count(kind) for kind in sorted({c.kind for c in garment.components})}
    listed = ", ".join(f"{n} {kind}" for kind, n in counts.items())
    return f"{garment.colour}, {garment.pattern} {garment.garment} ({listed or 'no components'})"


def scales_sheet(studio: Studio) -> Image.Image:
    """One garment and one seed under sT x sG."""
    flat = sample_pair(HELD_OUT + _FIRST + 4 + studio.seed).flat
    files = Pictures()
    given = _given(files, flat.picture, flat.garment_mask)
    prompt = MODELS[0].format(garment=_phrase(flat.spec.garment.garment))
    rows = studio.cut(TEXT_SCALES)
    cells = [Cell((Image.fromarray(flat.picture),), "the garment")]
    cells += [Cell((_blank(),), "") for _ in GARMENT_SCALES[1:]]
    for st in rows:
        for sg in GARMENT_SCALES:
            request = {"prompt": prompt, "seed": studio.seed, "st": st, "sg": sg, **given}
            cells.append(Cell((_worn(studio, files, **request),), f"sT {st:g}, sG {sg:g}"))
        studio.say(f"scales: sT {st:g}")
    foot = f"{studio.command} · one seed ({studio.seed}): {prompt}"
    title = "One garment and one seed under sT and sG"
    return contact_sheet(title, cells, len(GARMENT_SCALES), foot, side=_SIDE, lines=1)


def _blank() -> Image.Image:
    return Image.new("RGB", (8, 8), "#F6F5F2")


def tinted(picture: Image.Image, mask: NDArray[np.uint8]) -> Image.Image:
    """A picture with its mask in red, for people to check."""
    pixels = np.asarray(picture.convert("RGB"), float)
    share = (mask > 127)[..., None] * 0.5
    return Image.fromarray((pixels * (1 - share) + _TINT * share).astype(np.uint8))


def real_sheet(studio: Studio) -> Image.Image:
    """Real garments: photo, automatic mask, two generated models, and try-on on a real person."""
    folder = studio.suite.garments
    assert folder is not None
    otherwise = "give --garments a folder with garments/ and persons/"
    persons = [open_picture(p) for p in pictures_in(folder / "persons", otherwise)]
    cells: list[Cell] = []
    for i, path in enumerate(studio.cut(pictures_in(folder / "garments", otherwise))):
        photo, files = squared(open_picture(path)), Pictures()
        try:
            found = studio.engine.garment_mask(photo)
        except ToileError as error:
            cells.append(Cell((photo,), f"{path.name}: {error}"))
            continue
        garment = {"upper": "a t-shirt", "lower": "trousers", "dress": "a dress"}[found.part]
        given = _given(files, photo, found.mask)
        shown = [photo, tinted(photo, found.mask)]
        for k in range(2):
            prompt = MODELS[k].format(garment=garment)
            shown.append(_worn(studio, files, prompt=prompt, seed=studio.seed + k, **given))
        person = persons[i % len(persons)]
        asked = {"prompt": f"a person wearing {garment}", "seed": studio.seed, **given}
        tried, problem = _tried_on(studio, files, person, found.part, asked)
        shown += tried
        cells.append(Cell(tuple(shown), f"{found.part}: {found.sentence}{problem}"))
        studio.say(f"real garments: {i + 1}")
    title = "Real garments: photo, mask, two generated models, try-on"
    return contact_sheet(
        title, cells, 2, studio.foot(len(cells), garments=True), side=_SIDE, lines=2
    )


def make_garment_sheet(name: str, studio: Studio) -> Image.Image | str:
    """One of these sheets, or what is missing for it.

    Raises:
        BadInput: the folder of real garments cannot be used.
    """
    if studio.method is None:
        return "no weights for garments are installed"
    if name == "scales":
        if studio.method != "magic_clothing":
            return "Magic Clothing's weights are missing"
        return scales_sheet(studio)
    if name == "real_garments":
        if studio.suite.garments is None:
            return "give a folder with garments/ and persons/ with --garments"
        return real_sheet(studio)
    return garments_sheet(studio)
